# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a machine remembers of itself: its source, and which of its disks and NICs came from where."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import layout, options, origin


def given(**some: t.Any) -> dict[str, t.Any]:
    return {**{name: spec.get("default") for name, spec in options.MACHINE.items()}, **some}


@pytest.mark.parametrize(
    "some, text",
    [
        ({"ova": "/images/flatcar.ova"}, "ova flatcar.ova"),
        ({"ova": "/images/flatcar.ova", "checksum": "sha256:AB12"}, "ova flatcar.ova sha256:ab12"),
        ({"ova": "flatcar.ova", "checksum": "sha512:flatcar.ova.DIGESTS"}, "ova flatcar.ova"),
        ({"url": "https://me:secret@example.com:8443/a/b.ova?token=secret#x"}, "url https://example.com:8443/a/b.ova"),
        ({"channel": "stable"}, "release stable current"),
        ({"channel": "lts", "version": "4081.3.10"}, "release lts 4081.3.10"),
        ({"template": "/DC0/vm/a b/flatcar"}, "template flatcar"),
        ({"template": "vm-42"}, ""),
        ({}, ""),
    ],
)
def test_sources_in_words(some: dict[str, t.Any], text: str) -> None:
    assert origin.text(given(**some)) == text


@pytest.mark.parametrize(
    "noted, wanted, same",
    [
        ("ova a.ova", "ova a.ova", True),
        ("ova a.ova", "ova b.ova", False),
        ("ova a.ova sha256:ab", "ova a.ova", True),
        ("ova a.ova", "ova a.ova sha256:ab", True),
        ("ova a.ova sha256:ab", "ova a.ova sha256:cd", False),
        ("release stable 4593.2.5", "release stable current", True),
        ("release lts 4081.3.10", "release lts current-2024", True),
        ("release stable 4593.2.5", "release beta current", False),
        ("release stable 4593.2.5", "release stable 4593.2.5", True),
        ("release stable 4593.2.5", "release stable 4593.2.6", False),
        ("template flatcar", "template flatcar old", False),
        ("template flatcar old", "template flatcar", False),
        ("ova flatcar", "template flatcar", False),
    ],
)
def test_sources_that_are_the_same(noted: str, wanted: str, same: bool) -> None:
    assert origin.same(noted, wanted) is same


def test_a_layout_is_read_as_it_was_noted() -> None:
    noted = layout.Layout(("scsi0:0",), ("VM Network", ""), {"data": "scsi0:1"}, ("data",))
    assert layout.read(layout.note(noted)) == noted
    kept = (layout.Kept("data", "[ds 1] a/b.vmdk", "scsi0:1"),)
    assert layout.read_kept(layout.note_kept(kept)) == kept
    assert layout.note_kept(()) == {layout.KEPT_KEY: ""}


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "[]", "{}", "1", '{"own": [], "networks": 1, "disks": {}, "keep": []}', '[{"name": "a"}]', "[1]"],
)
def test_what_was_noted_by_somebody_else(text: str) -> None:
    assert layout.read({layout.KEY: text}) is None
    assert layout.read_kept({layout.KEPT_KEY: text}) == ()
