# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that are whole or not there."""

from __future__ import annotations

import pathlib
import stat

import pytest

from ansible_collections.flatops.flatcar.plugins.plugin_utils._write import write


def mode(path: pathlib.Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_writes_and_replaces(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "new" / "a.ign"
    write(str(path), b"one", 0o600)
    assert (path.read_bytes(), mode(path), mode(path.parent)) == (b"one", 0o600, 0o700)
    write(str(path), b"two", 0o644)
    assert (path.read_bytes(), mode(path)) == (b"two", 0o644)
    assert list(path.parent.iterdir()) == [path]


def test_removes_what_a_killed_run_has_left(tmp_path: pathlib.Path) -> None:
    left, other = tmp_path / ".a[1].ign.flatops-x1y2", tmp_path / ".b.ign.flatops-x1y2"
    left.touch()
    other.touch()
    write(str(tmp_path / "a[1].ign"), b"one", 0o600)
    assert not left.exists()
    assert other.exists()


def test_a_link_stays_a_link(tmp_path: pathlib.Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "a.ign"
    link.symlink_to("real/a.ign")
    write(str(link), b"one", 0o600)
    assert link.is_symlink()
    assert (tmp_path / "real" / "a.ign").read_bytes() == b"one"


def test_a_failure_leaves_nothing(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a.ign").mkdir()
    with pytest.raises(OSError):
        write(str(tmp_path / "a.ign"), b"one", 0o600)
    assert [path.name for path in tmp_path.iterdir()] == ["a.ign"]
