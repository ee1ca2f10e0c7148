# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Containers of blobs: their errors, and the first minutes of a new storage account."""

from __future__ import annotations

import contextlib
import re
import socket
import time
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import faults, patience, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.faults import Fault

#: Seconds that a new account may take to be known by its name, and a new role to count. The documentation of Flatcar
#: says to try again in both cases.
SETTLING = 120.0
_PAUSE = 5.0
#: Refusals that pass once an account, a key, a role or a rule of the firewall has got around.
_PASSING = ("AuthenticationFailed", "AuthorizationFailure", "AuthorizationPermissionMismatch")
#: Refusal -> what to do ("Blob service error codes").
_HINTS = {
    "AuthenticationFailed": "Check the clock of this machine; or the keys of the account were made anew meanwhile.",
    "AuthorizationFailure": "Check the network rules of the account: they must let this machine in.",
    "AuthorizationPermissionMismatch": (
        "With storage_auth=login the account needs the role Storage Blob Data Contributor on the storage account."
    ),
    "KeyBasedAuthenticationNotPermitted": "The account allows no keys: set storage_auth=login.",
}
_RESOLVER = re.compile("NameResolutionError|getaddrinfo|Name or service not known|name resolution", re.IGNORECASE)

T = t.TypeVar("T")


@contextlib.contextmanager
def translated(what: str) -> t.Iterator[None]:
    """Failures of the SDK about blobs are raised as AzureError; about.azure_code is the code of the service."""
    errors = sdk.load("azure.core.exceptions")
    with faults.translated(what):
        try:
            yield
        except errors.HttpResponseError as error:
            given = getattr(error, "error_code", None)
            code = str(getattr(given, "value", given) or "")
            if not code or error.response is None:
                raise
            fault = Fault(code, str(error.message).partition("\n")[0])
            raise _failure(what, fault, error.response) from error


def _wait(seconds: float) -> None:
    patience.current(2 * seconds).wait(seconds)


def _failure(what: str, fault: Fault, response: sdk.Sdk) -> AzureError:
    about = {"azure_code": fault.code, "request_id": response.headers.get("x-ms-request-id")}
    if response.status_code == 403:
        said = f"{what}: {fault.message.rstrip('. ')} ({fault.code}). {_HINTS.get(fault.code, '')}"
        return AzureError("no_permission", said.strip(), **about)
    if fault.code == "Md5Mismatch":
        return AzureError("upload_failed", f"{what}: what arrived was not what was sent. Run it again.", **about)
    return faults.failure(what, fault, response.status_code, response.headers.get("x-ms-request-id"))


def settled(what: str, work: t.Callable[[], T], seconds: float = SETTLING) -> T:
    """What work returns. While a new account is not known yet, or lets nobody in, it is tried again so long."""
    end = time.monotonic() + seconds
    while True:
        try:
            with translated(what):
                return work()
        except AzureError as error:
            unknown, refused = _is_unresolved(error), error.about.get("azure_code") in _PASSING
            if not unknown and not refused:
                raise
            if time.monotonic() + _PAUSE > end:
                raise _never(error, unknown, seconds) from error
        _wait(_PAUSE)


def _never(error: AzureError, unknown: bool, seconds: float) -> AzureError:
    if unknown:
        advice = (
            f"For {seconds:g} seconds the name of the storage account could not be resolved. A new account is known by "
            "name after some minutes: run it again. If it is an older one, check storage_account and the name servers "
            "of this machine."
        )
    else:
        advice = (
            f"It was refused for {seconds:g} seconds. A new account, key or role counts after some minutes: run it "
            "again."
        )
    return AzureError(error.code, f"{error} {advice}", **error.about)


def _is_unresolved(error: BaseException) -> bool:
    """Whether a name could not be resolved, or the connection was to be made to one that the account does not have."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror) or _RESOLVER.search(str(cause)):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
