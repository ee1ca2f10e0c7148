# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a new VM says of its operating system: names, keys, custom data."""

from __future__ import annotations

import base64
import binascii
import re

from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import ArmError, Json

#: 65,535 bytes as base64; user data has the same limit.
LIMIT = 87380
_RESERVED = ("administrator", "admin", "root", "user", "test", "guest", "console", "sys", "a", "1", "123")
_KEY = re.compile(r"(ssh-rsa|ssh-ed25519) [A-Za-z0-9+/=]+( .*)?\s*")


def invalid(message: str, target: str) -> ArmError:
    return ArmError(400, "InvalidParameter", message, target=target)


def missing(name: str) -> ArmError:
    return invalid(f"Required parameter '{name}' is missing (null).", name)


def check_data(value: str, what: str, target: str) -> None:
    """ArmError where custom or user data is no base64, or too long."""
    try:
        base64.b64decode(value, validate=True)
        bad = len(value) > LIMIT
    except (binascii.Error, ValueError):
        bad = True
    if bad:
        raise invalid(f"{what} must be in Base64 encoding and with a maximum length of {LIMIT} characters.", target)


def check_os(profile: Json) -> None:
    """ArmError for what a new VM may not say, or lacks."""
    if profile.get("customData") is not None:
        check_data(profile["customData"], "Custom data in OSProfile", "customData")
    name, user = profile.get("computerName"), profile.get("adminUsername")
    if not name:
        raise missing("osProfile.computerName")
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*", name) or len(name) > 64:
        raise invalid(
            "Linux host name cannot exceed 64 characters in length or contain the following characters: "
            "` ~ ! @ # $ % ^ & * ( ) = + _ [ ] { } \\ | ; : ' \" , < > / ?.",
            target="computerName",
        )
    if not user:
        raise missing("adminUsername")
    if user.lower() in _RESERVED:
        raise invalid("The Admin Username specified is not allowed.", "adminUsername")
    _check_keys(profile, user)


def _check_keys(profile: Json, user: str) -> None:
    linux = profile.get("linuxConfiguration") or {}
    keys = (linux.get("ssh") or {}).get("publicKeys") or []
    if linux.get("disablePasswordAuthentication") and not keys:
        raise invalid(
            "Authentication using either SSH or by user name and password must be enabled in Linux profile.",
            "linuxConfiguration",
        )
    if not linux.get("disablePasswordAuthentication") and not profile.get("adminPassword"):
        raise missing("adminPassword")
    home = f"/home/{user}/.ssh/authorized_keys"
    for each in keys:
        if each.get("path") != home:
            raise invalid(
                f"Destination path for SSH public keys is currently limited to its default value {home} due to a known "
                "issue in Linux provisioning agent.",
                "linuxConfiguration.ssh.publicKeys.path",
            )
        if not _KEY.fullmatch(each.get("keyData") or ""):
            raise invalid(
                "The value of parameter linuxConfiguration.ssh.publicKeys.keyData is invalid.",
                "linuxConfiguration.ssh.publicKeys.keyData",
            )


def complete(profile: Json) -> None:
    """What is there without being asked for."""
    linux = profile.setdefault("linuxConfiguration", {})
    linux.setdefault("provisionVMAgent", True)
    linux.setdefault("patchSettings", {"patchMode": "ImageDefault", "assessmentMode": "ImageDefault"})
    profile.setdefault("secrets", [])
    profile.setdefault("allowExtensionOperations", True)
    profile.setdefault("requireGuestProvisionSignal", True)
