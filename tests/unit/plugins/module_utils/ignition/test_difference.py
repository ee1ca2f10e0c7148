# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two descriptions side by side."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.describe import describe
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.difference import Change, difference, names


def described(version: str = "3.3.0", **members: t.Any) -> dict[str, t.Any]:
    return describe({"ignition": {"version": version}, **members})


def files(*paths: str, source: str = "data:,a%0Ab%0A", **members: t.Any) -> dict[str, t.Any]:
    return {"files": [{"path": path, "mode": 420, "contents": {"source": source}, **members} for path in paths]}


def test_nothing_differs() -> None:
    assert difference({}, {}) == []
    assert difference(described(storage=files("/a")), described(storage=files("/a"))) == []


def test_the_order_of_members_is_no_difference() -> None:
    array = {"name": "r", "level": "1", "devices": ["/a", "/b"]}
    turned = dict(reversed(array.items()))
    assert difference(described(storage={"raid": [array]}), described(storage={"raid": [turned]})) == []


def test_a_new_file_is_shown_whole() -> None:
    (change,) = difference(described(), described(storage=files("/a")))
    assert change.thing == "file /a"
    assert change.before == ""
    assert change.after.startswith("path: /a\nmode: 0644\ncontents:\n  text: |\n    a\n    b\n  size: 4\n  sha256: ")


def test_things_stand_in_the_order_of_the_second_and_removed_ones_last() -> None:
    before = described(storage=files("/gone", "/same", "/other"))
    after = described("3.4.0", storage=files("/new", "/same"), passwd={"users": [{"name": "core"}]})
    assert [(change.thing, bool(change.before), bool(change.after)) for change in difference(before, after)] == [
        ("version", True, True),
        ("file /new", False, True),
        ("user core", False, True),
        ("file /gone", True, False),
        ("file /other", True, False),
    ]


def test_only_the_line_that_changed_differs() -> None:
    (change,) = difference(described(storage=files("/a")), described(storage=files("/a", source="data:,a%0Ac%0A")))
    before, after = change.before.splitlines(), change.after.splitlines()
    assert next(old for old, new in zip(before, after, strict=True) if old != new) == "    b"
    assert len(before) == len(after)


@pytest.mark.parametrize(
    "config, change",
    [
        (
            {"kernelArguments": {"shouldExist": ["quiet"]}},
            ("kernel arguments", "kernel_arguments:\n  should_exist:\n    - quiet\n"),
        ),
        (
            {"systemd": {"units": [{"name": "a.service", "enabled": True, "contents": "[Service]\nType=simple"}]}},
            ("unit a.service", "name: a.service\nenabled: true\ncontents: |-\n  [Service]\n  Type=simple\n"),
        ),
        ({"storage": {"links": [{"path": "/l", "target": "/t"}]}}, ("link /l", "path: /l\ntarget: /t\n")),
        (
            {"storage": {"raid": [{"name": "r", "level": "1", "devices": ["/a", "/b"]}]}},
            ("raid r", "name: r\nlevel: 1\ndevices:\n  - /a\n  - /b\n"),
        ),
    ],
)
def test_how_things_read(config: dict[str, t.Any], change: tuple[str, str]) -> None:
    assert difference(described(), described(**config)) == [Change(change[0], "", change[1])]


def test_a_secret_is_a_digest() -> None:
    before = described(storage=files("/a", mode=0o600))
    after = described(storage=files("/a", mode=0o600, source="data:,hunter2"))
    (change,) = difference(before, after)
    assert "hunter2" not in str(change)
    assert "length: 7" in change.after


def test_names() -> None:
    assert names(described(storage=files("/b", "/a"), passwd={"users": [{"name": "core"}]})) == {
        "files": ["/a", "/b"],
        "directories": [],
        "links": [],
        "units": [],
        "users": ["core"],
        "groups": [],
        "disks": [],
        "filesystems": [],
        "raid": [],
        "luks": [],
    }
