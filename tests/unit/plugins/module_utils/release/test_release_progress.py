# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file by which a module says how far it is."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._release import progress


def test_what_is_written_is_read(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "progress")
    write = progress.Writer(path)
    for done in range(100):
        write("download", done, 100)
    assert progress.last(path) == ("download", 0, 100), "one line a second"
    write("verify", 100, None)
    assert progress.last(path) == ("verify", 100, None)
    assert len(pathlib.Path(path).read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("", None),
        ("download 1 2", None),
        ("download 1 2\ndown", ("download", 1, 2)),
        ("download 1 2\ndownload 5 \n", ("download", 5, None)),
        ("nonsense\n", None),
        ("a b c\n", None),
    ],
)
def test_last(text: str, state: progress.State | None, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "progress"
    path.write_text(text)
    assert progress.last(str(path)) == state
