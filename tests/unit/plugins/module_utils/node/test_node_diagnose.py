# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The archive of what a node has told."""

from __future__ import annotations

import io
import tarfile

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._node.diagnose import archive
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError

BOOT_ID = "0c8a5b1e-7b9f-4f0c-9d0e-4a1f1f1d8f11"


def test_contents() -> None:
    files = {"boot_id": f"{BOOT_ID}\n".encode(), "a/journal": b"token: canary\n\xc3\xbc \xff\n"}
    made = archive("node1.example.org", files, 1e9)
    assert made.name == f"node1.example.org-{BOOT_ID}.tar.gz"
    assert made.redacted == 1
    with tarfile.open(fileobj=io.BytesIO(made.data)) as opened:
        entries = {entry.name: (entry.mode, entry.size) for entry in opened}
        journal = opened.extractfile(f"node1.example.org-{BOOT_ID}/a/journal")
        assert journal
        assert journal.read().decode() == "token: [redacted]\nü \ufffd\n"
    assert list(entries) == [f"node1.example.org-{BOOT_ID}/{name}" for name in ("a/journal", "boot_id")]
    assert made.sizes == {"a/journal": 25, "boot_id": 37}
    assert {mode for mode, dummy in entries.values()} == {0o600}


@pytest.mark.parametrize(
    "host, name", [("../a b", "_._a_b"), (".hidden", "_hidden"), ("fd00::1", "fd00__1"), ("nöde", "nöde")]
)
def test_names_of_hosts(host: str, name: str) -> None:
    assert archive(host, {"boot_id": BOOT_ID.encode()}, 0).name == f"{name}-{BOOT_ID}.tar.gz"


@pytest.mark.parametrize("told", [b"", b"../../x", b"\xff"])
def test_no_boot_id(told: bytes) -> None:
    with pytest.raises(NodeError, match="boot id") as caught:
        archive("node1", {"boot_id": told}, 0)
    assert caught.value.code == "bad_answer"
