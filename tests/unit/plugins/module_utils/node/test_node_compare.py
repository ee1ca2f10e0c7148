# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A description against a node: what is asked, what a run does, and that nothing is left to do after it."""

from __future__ import annotations

import typing as t

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.schema import Config
from ansible_collections.flatops.flatcar.plugins.module_utils._node.observe import VENDOR
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import dump
from ansible_collections.flatops.flatcar.plugins.module_utils._node.unit_states import PRESET
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.node.model import (
    VENDORS,
    Model,
    file,
    folder,
    link,
    request,
)

URL = "https://example.org/a"
CONTENTS: list[Config] = [
    {"contents": {"source": "data:,one"}},
    {"contents": {"source": "data:,two"}, "mode": 0o600, "user": {"name": "core"}},
    {"append": [{"source": "data:,more"}]},
    {"append": [{"source": "data:,x"}, {"source": URL}], "mode": 0o755},
    {"contents": {"source": URL}, "group": {"id": 7}},
    {},
]
LINKS: list[Config] = [
    {"target": "../x"},
    {"target": "/etc/theirs", "hard": True},
    {"target": "/opt/new/a", "hard": True},
]
FOLDERS: list[Config] = [{}, {"mode": 0o700}, {"user": {"name": "core"}}]
UNITS: list[Config] = [
    {"contents": "[Service]\n"},
    {"contents": "[Service]\n", "enabled": True},
    {"enabled": False},
    {"enabled": True},
    {"mask": True},
    {"mask": False, "dropins": [{"name": "x.conf", "contents": "y"}]},
]
PATHS = [
    "/etc/theirs",
    "/etc/core's",
    "/etc/motd",
    "/etc/linked",
    "/opt/new/a",
    "/opt/new/deep/b",
    "/etc/their folder/c",
]
FOLDER_PATHS = ["/etc/their folder", "/opt/new/deep", "/opt/other"]


def _node() -> Model:
    node = Model(
        {
            "/etc/theirs": file("theirs", 0o640),
            "/etc/core's": file("core's", 0o600, 500, 500),
            "/etc/motd": file("vendor's"),
            f"{VENDOR}/etc/motd": file("vendor's"),
            "/etc/linked": link("theirs"),
            "/etc/their folder": folder(0o711),
            f"{VENDORS}/vendor.service": file("[Service]\n"),
            PRESET: file("# theirs\nenable other.service\n"),
        },
        {URL: b"fetched"},
    )
    node.enabled.add("vendor.service")
    node.active.add("vendor.service")
    return node


def _configs() -> st.SearchStrategy[Config]:
    files = st.sampled_from(CONTENTS).map(lambda item: ("files", item))
    links = st.sampled_from(LINKS).map(lambda item: ("links", item))
    leaves = st.dictionaries(st.sampled_from(PATHS), files | links, max_size=4)
    folders = st.dictionaries(st.sampled_from(FOLDER_PATHS), st.sampled_from(FOLDERS), max_size=2)
    units = st.dictionaries(st.sampled_from(["vendor.service", "ours.service"]), st.sampled_from(UNITS))
    return st.builds(_config, leaves, folders, units)


def _config(leaves: dict[str, tuple[str, Config]], folders: dict[str, Config], units: dict[str, Config]) -> Config:
    storage: dict[str, list[Config]] = {"files": [], "links": [], "directories": []}
    files = {"/etc/theirs": "files"} | {path: member for path, (member, dummy) in leaves.items()}
    for path, (member, item) in leaves.items():
        # A hard link leads to a file that there is.
        if not item.get("hard") or files.get(item["target"]) == "files":
            storage[member].append({"path": path, "overwrite": True, **item})
    storage["directories"] += [{"path": path, **item} for path, item in folders.items()]
    return {"storage": storage, "systemd": {"units": [{"name": name, **item} for name, item in units.items()]}}


def _state(node: Model) -> t.Any:
    things = {path: thing._replace(inode=0) for path, thing in node.things.items()}
    return things, node.enabled, node.active


@settings(max_examples=150)
@given(st.lists(_configs(), min_size=1, max_size=3))
def test_nothing_is_left_to_do_after_a_run_and_nothing_is_left_of_the_last(configs: list[Config]) -> None:
    node = _node()
    first = _state(node)
    for config in configs:
        node.apply(request(("base", config)))
        again = node.plan(request(("base", config)))
        assert not again.does_something, again.calls
        assert (again.changes, again.paths, again.restart) == ([], [], [])
        assert dump(again.records) == dump(node.records)
    node.apply(request(("base", {})))
    assert node.records == {}
    assert _state(node) == first
