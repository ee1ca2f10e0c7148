# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options that say where an OVA comes from and what is demanded of it."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._release import arguments
from ansible_collections.flatops.flatcar.plugins.module_utils._release.client import shown
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import ova_source
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

#: Addresses are no_log for what they may hold besides server and path; `harmless` finds those that hold nothing.
SPEC: dict[str, dict[str, t.Any]] = {
    "ova": {"type": "path"},
    "url": {"type": "str", "no_log": True},
    **arguments.RELEASE,
    "url_headers": {"type": "dict", "no_log": True},
    "url_ca_path": {"type": "path"},
    "url_validate_certs": {"type": "bool", "default": True},
    "checksum": {"type": "str", "no_log": True},
    "signature": {"type": "str", "no_log": True},
    "manifest": {"type": "str", "choices": list(ova_source.POLICIES), "default": "verify"},
}
#: Of these at most one is given.
ORIGINS = ("ova", "url", "channel")
REQUIRED_BY = {"url_password": "url_username"}

_RETRIES = 4


def source(options: t.Mapping[str, t.Any], run_command: ova_source.Run) -> ova_source.Source:
    """The source that the options of SPEC and timeout (in seconds, for each wait) mean; VsphereError.

    One of ORIGINS is set. run_command is that of AnsibleModule, or one like it.
    """
    if not options["channel"]:
        return ova_source.source(
            path=options["ova"],
            url=options["url"],
            headers=options["url_headers"],
            username=options["url_username"],
            password=options["url_password"],
            ca_path=options["url_ca_path"],
            validate_certs=options["url_validate_certs"],
            timeout=options["timeout"],
            retries=_RETRIES,
            checksum=options["checksum"],
            signature=options["signature"],
            keyring=options["keyring"],
            manifest=options["manifest"],
            run=run_command,
        )
    for name in ("checksum", "signature", "url_headers"):
        if options[name]:
            raise VsphereError("bad_option", f"{name} is not for a release (channel), whose own digest is taken.")
    release = {name: options[name] for name in ("channel", "version", "arch", "base_url", "keyring", "timeout")}
    release.update({name: options[name] for name in ("url_username", "url_password")})
    release.update(ca_path=options["url_ca_path"], validate_certs=options["url_validate_certs"], retries=_RETRIES)
    return ova_source.released(release, run_command, options["manifest"])


def harmless(options: t.Mapping[str, t.Any]) -> set[str]:
    """Values of no_log options of SPEC that hold no secret, and may be shown."""
    values = [str(options[name]) for name in ("url", "checksum", "signature") if options[name]]
    return {value for value in values if _is_harmless(value)}


def _is_harmless(value: str) -> bool:
    at = value.lower().find("http")
    return "://" not in value or (at >= 0 and shown(value[at:]) == value[at:])
