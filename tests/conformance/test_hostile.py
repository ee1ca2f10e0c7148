# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Input made to hurt: the engine gives a clear error or a result, in bounded time and memory, and nothing else."""

from __future__ import annotations

import os
import re
import typing as t
from pathlib import Path

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.transpile import transpile
from ansible_collections.flatops.flatcar.tests.conformance.bounded import Outcome, outcome
from ansible_collections.flatops.flatcar.tests.conformance.hostile_documents import FILE, HEAD, HOSTILE

MEGABYTE = 1024 * 1024
MEMORY = 300 * MEGABYTE
CPU_SECONDS = 10.0


def bounded(source: str | bytes, files_dir: Path | None = None) -> Outcome:
    """What became of a document, of which time and memory are held to the bounds."""
    done = outcome(source.encode() if isinstance(source, str) else source, files_dir)
    assert done.seconds < CPU_SECONDS
    assert done.memory < MEMORY, f"{done.memory // MEGABYTE} MB"
    assert done.text is not done.failed
    return done


@pytest.mark.parametrize("name", HOSTILE)
def test_document(name: str) -> None:
    hostile = HOSTILE[name]
    done = bounded(hostile.make())
    if hostile.ends:
        assert done.failed
        assert re.search(hostile.ends, done.last)


def contents(local: str) -> str:
    return f"{HEAD}{FILE}contents: {{local: {local}}}\n"


def tree(local: str) -> str:
    return f"{HEAD}storage:\n  trees:\n    - local: {local}\n"


def a_loop(folder: Path) -> None:
    (folder / "x").symlink_to("y")
    (folder / "y").symlink_to("x")


def a_fifo(folder: Path) -> None:
    os.mkfifo(folder / "x")


def a_link_to_a_device(folder: Path) -> None:
    (folder / "x").symlink_to("/dev/zero")


def a_link_to_a_fifo(folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    (folder / "x").symlink_to("fifo")


def a_folder(folder: Path) -> None:
    (folder / "x").mkdir()


def a_huge_file(folder: Path) -> None:
    with (folder / "x").open("wb") as file:
        file.truncate(2**40)


def a_folder_of_it(make: t.Callable[[Path], None]) -> t.Callable[[Path], None]:
    def inside(folder: Path) -> None:
        (folder / "tree").mkdir()
        make(folder / "tree")

    return inside


def a_folder_that_links_to_itself(folder: Path) -> None:
    (folder / "tree").mkdir()
    (folder / "tree" / "x").symlink_to(".", target_is_directory=True)


def deep_folders(folder: Path) -> None:
    path = folder / "tree"
    for dummy in range(400):
        path /= "deeper"
    path.mkdir(parents=True)
    (path / "x").write_text("x")


#: What lies in the files directory, the document that reads it, and a pattern of the first line of the report, or ""
#: where it is no error.
FILES: dict[str, tuple[t.Callable[[Path], None], str, str]] = {
    "a loop of links": (a_loop, contents("x"), "too many levels of symbolic links"),
    "a fifo": (a_fifo, contents("x"), "not a regular file"),
    "a link to a fifo": (a_link_to_a_fifo, contents("x"), "not a regular file"),
    "a link to a device": (a_link_to_a_device, contents("x"), "not a regular file"),
    "a device by way of folders": (a_folder, contents("../../../../dev/zero"), "traverses outside"),
    "a folder": (a_folder, contents("x"), "is a directory"),
    "a terabyte": (a_huge_file, contents("x"), "max_bytes"),
    "a tree with a fifo": (a_folder_of_it(a_fifo), tree("tree"), "trees may only contain"),
    "a tree with a loop of links": (a_folder_of_it(a_loop), tree("tree"), ""),
    "a tree with a link to a device": (a_folder_of_it(a_link_to_a_device), tree("tree"), ""),
    "a tree with a terabyte": (a_folder_of_it(a_huge_file), tree("tree"), "max_bytes"),
    "a tree that links to itself": (a_folder_that_links_to_itself, tree("tree"), ""),
    "a tree of 400 levels": (deep_folders, tree("tree"), ""),
    "a tree that is missing": (a_folder, tree("tree"), "no such file or directory"),
}


@pytest.mark.parametrize("name", FILES)
def test_files(name: str, tmp_path: Path) -> None:
    make, source, begins = FILES[name]
    make(tmp_path)
    done = bounded(source, tmp_path)
    assert done.failed is bool(begins), done
    assert re.search(begins, done.first)


def test_bytes_are_bounded_by_an_option() -> None:
    done = transpile(HEAD, max_bytes=len(HEAD) - 1)
    assert done.failed
    assert done.text is None
    assert "max_bytes" in done.report[-1]
    assert not transpile(HEAD, max_bytes=len(HEAD)).failed
