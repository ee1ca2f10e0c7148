# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is found of a first boot, and what is said where it is not."""

from __future__ import annotations

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._node import provisioned

REPORT = b'{"provisioningBootID": "abc", "provisioningDate": "2026-11-20T09:08:07Z", "userConfigProvided": true}'


def test_finished() -> None:
    found = provisioned.parse({"boot_id": b"abc\n", "ignition": REPORT})
    assert found.finished and found.boot_id == "abc"
    assert found.ignition and found.ignition["config_provided"]


@pytest.mark.parametrize(
    "files, what",
    [
        ({"boot_id": b"abc\n"}, "left no report"),
        ({"boot_id": b"abc\n", "ignition": b"{"}, "left no report"),
        ({"boot_id": b"abc\n", "ignition": REPORT, "first_boot": b"yes\n"}, "the flag of the first boot"),
    ],
)
def test_unfinished(files: dict[str, bytes], what: str) -> None:
    found = provisioned.parse(files)
    assert not found.finished
    error = provisioned.unfinished(found)
    assert error.code == "ignition_unfinished" and what in str(error)


@pytest.mark.parametrize(
    "said, code",
    [
        ("ssh: connect to host 192.0.2.1 port 22: Connection timed out", "no_route"),
        ("ssh: connect to host 192.0.2.1 port 22: No route to host", "no_route"),
        ("ssh: connect to host 192.0.2.1 port 22: Connection refused", "no_ssh"),
        ("kex_exchange_identification: Connection closed by remote host", "no_ssh"),
        ("ssh: Could not resolve hostname web1: Name or service not known", "no_address"),
        ("core@192.0.2.1: Permission denied (publickey).", "login_refused"),
        ("Host key verification failed.", "host_key_unknown"),
        ("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @ Host key verification failed.", "host_key_changed"),
        ("something new", "no_login"),
    ],
)
def test_causes(said: str, code: str) -> None:
    error = provisioned.refused(said)
    assert error.code == code and said in str(error)
