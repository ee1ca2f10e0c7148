# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what a user writes to fragments."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.fragments import Fragment, render
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.describe import describe
from ansible_collections.flatops.flatcar.plugins.plugin_utils._fragments import (
    BadFragmentError,
    Inventory,
    fragments,
    item,
)

BUTANE = {"variant": "flatcar", "version": "1.1.0"}


def inventory(folder: pathlib.Path, **variables: t.Any) -> Inventory:
    loader = DataLoader()
    loader.set_basedir(str(folder))
    return Inventory(loader, Templar(loader, variables), variables)


@pytest.mark.parametrize("value", [None, "", " \n", {}, [], [[], "", None, {}]])
def test_nothing_is_no_fragment(value: t.Any) -> None:
    assert fragments(value, Fragment("")) == []


@pytest.mark.parametrize(
    "value, origins",
    [
        ("x", [""]),
        (["x"], ["fragment 1"]),
        (["", "x"], ["fragment 2"]),
        (["x", ["y", BUTANE]], ["fragment 1", "fragment 2[0]", "fragment 2[1]"]),
        ({"ignition": {"version": "3.0.0"}}, [""]),
    ],
)
def test_origins(value: t.Any, origins: list[str]) -> None:
    assert [fragment.origin for fragment in fragments(value, Fragment(""))] == origins


def test_what_the_lookup_gives_comes_back() -> None:
    given = Fragment("x", "role", "role x", "/a/b", 3, True, ("/a/*",), ("/b", "/c"))
    assert fragments([item(given), "y"], Fragment("")) == [given, Fragment("y", origin="fragment 2")]


@pytest.mark.parametrize(
    "value, message",
    [
        (5, "a number is no fragment"),
        (True, "a bool is no fragment"),
        ({"a": 1, "b": 2}, "a mapping with the keys a, b is no fragment"),
        ({"file": "x"}, "is resolved only by the lookup flatops.flatcar.fragments"),
        ({"file": "x", "role": "y"}, "takes one text, and no other key beside it"),
        ({"template": 5}, "takes one text, and no other key beside it"),
        ({"content": "x", "colour": "red"}, "is not what the lookup fragments gives"),
        ({"content": 5}, "is not what the lookup fragments gives"),
        ({"content": "x", "seed": "/a"}, "is not what the lookup fragments gives"),
    ],
)
def test_what_is_no_fragment(value: t.Any, message: str) -> None:
    with pytest.raises(BadFragmentError, match=f"v.0. .*{message}|v.0.: .*{message}"):
        fragments([value], Fragment("", origin="v"))


@pytest.mark.parametrize("name", ["web1", "web-1.example.com", "1", "10.0.0.1", "null", "a--b", "x" * 64])
def test_a_host_name_is_a_file(name: str, tmp_path: pathlib.Path) -> None:
    found = inventory(tmp_path, inventory_hostname="other", flatcar_hostname=name).host()
    assert [fragment.name for fragment in found] == ["flatcar_hostname"]
    rendered = render(found)
    described = describe(json.loads(rendered.text))
    assert described["version"] == "3.3.0"
    assert described["files"][0]["contents"]["text"] == name
    assert rendered.warnings == []


@pytest.mark.parametrize("name", ["web_1", "-a", "a-", "a..b", ".a", "a.", "x" * 65, "a b", "a\n", 5, ["a"]])
def test_a_bad_host_name_is_refused(name: t.Any, tmp_path: pathlib.Path) -> None:
    with pytest.raises(BadFragmentError, match="is not a host name"):
        inventory(tmp_path, flatcar_hostname=name).host()


def test_variables_in_the_order_of_their_names(tmp_path: pathlib.Path) -> None:
    variables = dict.fromkeys(
        ["flatcar_butane__b", "flatcar_butane", "flatcar_butane__10", "flatcar_butanes", "flatcar_butane_", "x"], "text"
    )
    found = inventory(tmp_path, flatcar_hostname="", **variables).host()
    assert [fragment.name for fragment in found] == ["flatcar_butane", "flatcar_butane__10", "flatcar_butane__b"]


def test_files_follow_the_search_path_and_then_the_files_directory(tmp_path: pathlib.Path) -> None:
    play, more = tmp_path / "play", tmp_path / "more"
    for path in (play / "files" / "a.bu", more / "files" / "a.bu", more / "b.bu"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(path))
    here = inventory(play, flatcar_files_dir=str(more))
    found = here.named([{"file": "a.bu"}, {"file": "b.bu"}, {"file": str(more / "files" / "a.bu")}], Fragment(""))
    assert [fragment.content for fragment in found] == [
        str(play / "files" / "a.bu"),
        str(more / "b.bu"),
        str(more / "files" / "a.bu"),
    ]
    with pytest.raises(BadFragmentError, match="not found in"):
        here.named({"file": "c.bu"}, Fragment(""))


def role(folder: pathlib.Path, meta: str) -> str:
    for name, text in (("templates/fragment.bu.j2", "variant: flatcar\n"), ("meta/fragment.yml", meta)):
        file = folder / "roles" / "sown" / name
        file.parent.mkdir(parents=True)
        file.write_text(text)
    return "sown"


def test_a_role_says_how_running_nodes_treat_its_paths(tmp_path: pathlib.Path) -> None:
    name = role(tmp_path, "seed: [/etc/*.raw, /opt/a]\nmerge: [/etc/b]\n")
    (found,) = inventory(tmp_path).named({"role": name}, Fragment(""))
    assert (found.seed, found.merge) == (("/etc/*.raw", "/opt/a"), ("/etc/b",))


@pytest.mark.parametrize(
    "meta, message",
    [
        ("seeds: []", "the role sown, meta/fragment.yml: unsupported option: seeds"),
        ("merge: {a: b}", "the role sown, meta/fragment.yml: .*merge"),
    ],
)
def test_a_role_that_says_something_else(meta: str, message: str, tmp_path: pathlib.Path) -> None:
    name = role(tmp_path, meta)
    with pytest.raises(BadFragmentError, match=message):
        inventory(tmp_path).named({"role": name}, Fragment(""))
