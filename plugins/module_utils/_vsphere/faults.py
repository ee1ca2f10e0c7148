# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The faults of a server, and broken connections, as VsphereError."""

from __future__ import annotations

import contextlib
import http.client
import ssl
import typing as t
import xml.parsers.expat

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

#: What pyvmomi lets through when a connection breaks, or when what answers is no vSphere server.
BROKEN = (OSError, http.client.HTTPException, xml.parsers.expat.ExpatError)
#: Names of faults, each with the code that stands for it and for those derived from it.
_CODES = (
    ("vim.fault.NotAuthenticated", "session_lost"),
    ("vim.fault.NoPermission", "no_permission"),
    ("vim.fault.RestrictedVersion", "restricted_license"),
    ("vim.fault.InvalidLogin", "login"),
    ("vim.fault.DuplicateName", "name_exists"),
    ("vim.fault.FileAlreadyExists", "name_exists"),
    ("vim.fault.AlreadyExists", "name_exists"),
    ("vim.fault.InvalidPowerState", "power_state"),
    ("vim.fault.NotFound", "not_found"),
    ("vmodl.fault.ManagedObjectNotFound", "not_found"),
    ("vim.fault.Timedout", "timeout"),
)
_HINTS = {
    "login": "Check username and password, and whether the account is locked or its password has expired.",
    "no_permission": "Give the user a role with this privilege there.",
    "restricted_license": "The free licence of ESXi only lets its API read; give the host another licence, or add it "
    "to a vCenter.",
    "session_lost": "Run it again.",
}


@contextlib.contextmanager
def translated(what: str) -> t.Iterator[None]:
    """Faults and broken connections within are raised as VsphereError; what says in the message what was tried."""
    try:
        yield
    except VsphereError:
        raise
    except sdk.MethodFault as fault:
        raise failure(fault, what) from fault
    except BROKEN as error:
        raise _broken(error, what) from error


def failure(fault: t.Any, what: str) -> VsphereError:
    """The error that a fault means, be it raised or the `error` of a task."""
    code = next((code for name, code in _CODES if _is(fault, name)), "fault")
    said = [f"{what}: {described(fault)}"]
    about = {}
    if code == "no_permission":
        missing = _privileges(fault)
        said.append("The user lacks " + ", ".join(f"{name} on {where}" for name, where in missing) + ".")
        about["privilege"] = ", ".join(name for name, where in missing)
    if code in _HINTS:
        said.append(_HINTS[code])
    return VsphereError(code, " ".join(said), **about)


def described(fault: t.Any) -> str:
    """What a fault says, with its name and the messages of what caused it."""
    said = [fault.msg or "", *(message.message or "" for message in fault.faultMessage)]
    if _is(fault, "vmodl.fault.InvalidArgument") and fault.invalidProperty:
        said.append(f"not usable is {fault.invalidProperty}")
    if fault.faultCause:
        said.append(described(fault.faultCause))
    told = "; ".join(dict.fromkeys(part.rstrip(". ") for part in said if part))
    return f"{told} ({fault._wsdlName})." if told else f"{fault._wsdlName}."


def _is(fault: t.Any, name: str) -> bool:
    """Whether a fault is of that class or derived from it."""
    return any(kind.__name__ == name for kind in type(fault).__mro__)


def _privileges(fault: t.Any) -> list[tuple[str, str]]:
    """The missing privileges and the object of each. vCenter 7.0.3 and newer list them, older servers name one."""
    listed = [
        (name, _named(entry.entity))
        for entry in getattr(fault, "missingPrivileges", None) or ()
        for name in entry.privilegeIds
    ]
    return listed or [(fault.privilegeId or "a privilege", _named(fault.object))]


def _named(ref: sdk.Ref) -> str:
    return f"{ref._wsdlName} {ref._moId}" if ref is not None else "the server"


def _broken(error: Exception, what: str) -> VsphereError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return VsphereError(
            "tls_untrusted",
            f"{what}: the certificate of the server is not trusted ({error.verify_message}). Give the CA that signed "
            "it in ca_path (a vCenter offers its own at https://<server>/certs/download.zip), or, where the network "
            "is trusted, set validate_certs to false.",
        )
    if isinstance(error, TimeoutError):
        said = "the server did not answer in time (option timeout)"
    elif isinstance(error, (http.client.RemoteDisconnected, http.client.IncompleteRead, ConnectionResetError)):
        said = "the connection was cut"
    elif isinstance(error, (http.client.HTTPException, xml.parsers.expat.ExpatError)):
        said = f"what answers is no vSphere server ({error})"
    else:
        said = f"no connection ({error})"
    return VsphereError("connect", f"{what}: {said}. Check hostname, port, proxy_host and proxy_port.")
