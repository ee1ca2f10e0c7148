# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options that lead to a vSphere server."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Settings
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

#: option -> its environment variable, as in community.vmware.
ENVIRONMENT = {
    "hostname": "VMWARE_HOST",
    "username": "VMWARE_USER",
    "password": "VMWARE_PASSWORD",
    "port": "VMWARE_PORT",
    "validate_certs": "VMWARE_VALIDATE_CERTS",
    "proxy_host": "VMWARE_PROXY_HOST",
    "proxy_port": "VMWARE_PROXY_PORT",
}
#: The options of a login.
AUTH: dict[str, dict[str, t.Any]] = {
    "hostname": {"type": "str"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "port": {"type": "int", "default": 443},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "proxy_host": {"type": "str"},
    "proxy_port": {"type": "int"},
    "timeout": {"type": "int", "default": 60},
}
REQUIRED_BY = {"proxy_host": ["proxy_port"], "proxy_port": ["proxy_host"]}


def auth_spec(env_fallback: t.Callable[..., t.Any]) -> dict[str, dict[str, t.Any]]:
    """The argument spec of these options; env_fallback is that of ansible.module_utils.basic."""
    return {
        name: {**option, "fallback": (env_fallback, [ENVIRONMENT[name]])} if name in ENVIRONMENT else dict(option)
        for name, option in AUTH.items()
    }


def settings(options: t.Mapping[str, t.Any]) -> Settings:
    """VsphereError when one is missing or cannot be meant."""
    for name in ("hostname", "username", "password"):
        if not options[name]:
            raise VsphereError("bad_option", f"{name} is missing: give the option, or set {ENVIRONMENT[name]}.")
    if "/" in options["hostname"]:
        raise VsphereError("bad_option", f"hostname {options['hostname']!r} is no name or address; give no scheme.")
    for name in ("port", "proxy_port"):
        if options[name] is not None and not 0 < options[name] < 65536:
            raise VsphereError("bad_option", f"{name} {options[name]} is no port.")
    if options["timeout"] < 2:
        raise VsphereError("bad_option", f"timeout is {options['timeout']}; it is at least 2 seconds.")
    return Settings(**{name: options[name] for name in Settings._fields})
