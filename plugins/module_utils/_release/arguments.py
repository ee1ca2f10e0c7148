# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options that release_info and release_image share, and what they lead to."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._release import keyring, layout, openpgp
from ansible_collections.flatops.flatcar.plugins.module_utils._release.client import Client
from ansible_collections.flatops.flatcar.plugins.module_utils._release.release import Release, resolve

#: Which release of a channel, and where it is, also where it is but one of several sources.
RELEASE: dict[str, dict[str, t.Any]] = {
    "channel": {"type": "str", "choices": list(layout.CHANNELS)},
    "version": {"type": "str", "default": "current"},
    "arch": {"type": "str", "choices": list(layout.ARCHES), "default": "amd64"},
    "base_url": {"type": "str", "default": layout.BASE_URL},
    "keyring": {"type": "str", "no_log": False},
    "url_username": {"type": "str"},
    "url_password": {"type": "str", "no_log": True},
}
SPEC: dict[str, dict[str, t.Any]] = {
    **RELEASE,
    "channel": {**RELEASE["channel"], "default": "stable"},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "int", "default": 30},
    "retries": {"type": "int", "default": 4},
}
REQUIRED_BY = {"url_password": "url_username"}


class Opened(t.NamedTuple):
    """What the options lead to; warnings are about the keys."""

    client: Client
    release: Release
    verifier: openpgp.Verifier
    warnings: list[str]


def connect(options: t.Mapping[str, t.Any], run_command: t.Callable[..., t.Any], prefix: str = "") -> Opened:
    """Reads the keys and asks the server which release is meant; ReleaseError when either fails.

    run_command is that of AnsibleModule, or one like it; prefix is that of Client.
    """
    verifier, warnings = trust(options["keyring"], run_command)
    client = Client(
        validate_certs=options["validate_certs"],
        ca_path=options["ca_path"],
        timeout=options["timeout"],
        retries=options["retries"],
        username=options["url_username"],
        password=options["url_password"],
        prefix=prefix,
    )
    names = ("base_url", "channel", "version", "arch")
    return Opened(client, resolve(client, **{name: options[name] for name in names}), verifier, warnings)


def trust(further: str | None, run_command: t.Callable[..., t.Any]) -> tuple[openpgp.Verifier, list[str]]:
    """What verifies by the Flatcar image signing key and further ones, and warnings about these keys."""
    keys = keyring.load(further)
    notice = keys.notice(datetime.datetime.now(datetime.timezone.utc))
    verifier = openpgp.Verifier(keys, lambda command: run_command(command, expand_user_and_vars=False))
    return verifier, [notice] if notice else []
