# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines that the companion action of a long transfer shows."""

from __future__ import annotations

import os
import time

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._release import progress
from ansible_collections.flatops.flatcar.plugins.plugin_utils import _progress

MIB = 1 << 20


def test_follow() -> None:
    shown: list[str] = []
    with _progress.follow("[host] task", shown.append, interval=0.02) as path:
        time.sleep(0.1)
        assert not shown, "nothing to tell yet"
        progress.Writer(path)("download", 3 * MIB, 4 * MIB)
        while not shown:
            time.sleep(0.01)
    assert shown[0].startswith("[host] task: downloads, 3.0 of 4.0 MiB (75 %), ")
    assert not os.path.exists(path)


def test_follow_ends_with_an_error() -> None:
    with pytest.raises(ZeroDivisionError), _progress.follow("task", print, interval=60) as path:
        raise ZeroDivisionError
    assert not os.path.exists(path)


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (progress.State("download", MIB, 2 * MIB), "t: downloads, 1.0 of 2.0 MiB (50 %), 0.5 MiB/s"),
        (progress.State("download", MIB, None), "t: downloads, 1.0 MiB, 0.5 MiB/s"),
        (progress.State("check", MIB, 4 * MIB), "t: checks what is there, 1.0 of 4.0 MiB (25 %), 0.5 MiB/s"),
        (progress.State("verify", MIB, MIB), "t: verifies the signature"),
        (progress.State("upload", MIB, 2 * MIB), "t: uploads, 1.0 of 2.0 MiB (50 %), 0.5 MiB/s"),
        (progress.State("unpack", MIB, 2 * MIB), "t: unpacks, 1.0 of 2.0 MiB (50 %), 0.5 MiB/s"),
        (progress.State("address", 0, None), "t: waits for addresses"),
        (progress.State("create", 0, None), "t: waits for the image"),
        (progress.State("wait", 0, None), "t: waits for another task that downloads the same file"),
    ],
)
def test_line(state: progress.State, text: str) -> None:
    assert _progress.line("t", state, MIB / 2) == text
