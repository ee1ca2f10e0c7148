# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A description against a node: what is asked, what a run does, and that nothing is left to do after it."""

from __future__ import annotations

import posixpath
import typing as t

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.schema import Config
from ansible_collections.flatops.flatcar.plugins.module_utils._node import compare
from ansible_collections.flatops.flatcar.plugins.module_utils._node.compare import GRUB, Request
from ansible_collections.flatops.flatcar.plugins.module_utils._node.desired import NOTHING
from ansible_collections.flatops.flatcar.plugins.module_utils._node.observe import VENDOR, Questions
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import UNFINISHED, Records, dump
from ansible_collections.flatops.flatcar.plugins.module_utils._node.unit_states import PRESET
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.node.model import (
    SYSTEM,
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
@example([_config({"/etc/motd": ("links", LINKS[1])}, {}, {}), _config({"/etc/motd": ("files", {})}, {}, {})])
@given(st.lists(_configs(), min_size=1, max_size=3))
def test_nothing_is_left_to_do_after_a_run_and_nothing_is_left_of_the_last(configs: list[Config]) -> None:
    node = _node()
    first = _state(node)
    for config in configs:
        plan = node.apply(request(("base", config)))
        again = node.plan(request(("base", config)))
        assert not again.does_something, again.calls
        assert (again.changes, again.paths) == ([], [])
        assert again.restart.items() <= plan.restart.items()
        assert dump(again.records) == dump(node.records)
        node.restart(plan.restart)
        assert node.plan(request(("base", config))).restart == {}
    node.restart(node.apply(request(("base", {}))).restart)
    assert node.records.keys() <= {UNFINISHED}
    assert _state(node) == first


def test_what_is_asked_of_a_node() -> None:
    config: Config = {
        "storage": {
            "files": [
                {"path": "/etc/a/b", "append": [{"source": "data:,xy"}], "user": {"name": "core"}},
                {"path": "/opt/c", "contents": {"source": URL, "verification": {"hash": "sha512-aa"}}},
                {"path": "/opt/d", "contents": {"source": URL, "verification": {"hash": "sha256-aa"}}},
                {"path": "/etc/values", "contents": {"source": "data:,A=1"}},
            ],
            "links": [{"path": "/opt/l", "target": "/var/t/x", "hard": True}, {"path": "/opt/s", "target": "/no"}],
        },
        "systemd": {"units": [{"name": "d.mount", "enabled": True, "contents": "What=/dev/sdx\n"}]},
        "kernelArguments": {"shouldExist": ["quiet"]},
    }
    gone: Records = {
        "path /etc/old": {"kind": "values", "owner": "base"},
        "unit old.service": {"kind": "unit", "owner": "base"},
    }
    asked = compare.ask(request(("base", config), merge=frozenset(["/etc/values", "/etc/none"])), gone)
    named = ["/etc/a/b", "/opt/c", "/etc/values", "/opt/l", "/opt/s", "/var/t/x", "/etc/old", PRESET, *GRUB]
    units = [f"{SYSTEM}/d.mount", f"{VENDORS}/d.mount", f"{VENDORS}/old.service"]
    folders = ["/", "/etc", "/etc/a", "/opt", "/var", "/var/t", SYSTEM, f"{VENDOR}/etc/a/b", f"{VENDOR}/etc/old"]
    assert {*named, *units, *folders} <= set(asked.paths)
    assert "/no" not in asked.paths
    assert asked.sha512 == ["/opt/c"]
    assert asked.endings == {"/etc/a/b": 2}
    assert asked.texts == sorted(["/etc/old", "/etc/values", PRESET, *GRUB])
    assert asked.units == ["d.mount", "old.service"]
    assert asked.devices == ["/dev/sdx"]
    assert asked.users == ["core"]
    assert asked.tools == ()


def test_little_is_asked_for_little() -> None:
    asked = compare.ask(request(("base", {"storage": {"files": [{"path": "/opt/a"}]}})), {})
    assert asked == Questions(["/", "/opt", "/opt/a"], [], [], {}, ["/opt"], [], [], [], [], [], [], tools=())


def test_a_mount_unit_without_its_device_stays_as_it_is() -> None:
    mount = {
        "name": "d.mount",
        "enabled": True,
        "contents": "What=/dev/sdx\n",
        "dropins": [{"name": "x", "contents": "y"}],
    }
    config: Config = {"systemd": {"units": [mount, {"name": "e.mount", "contents": "What=/dev/sdy\n"}]}}
    wanted, node = request(("base", config)), Model({})
    seen = node.observe(compare.ask(wanted, {}))._replace(devices=frozenset(["/dev/sdy"]))
    possible, missing = compare.without_devices(wanted, seen)
    assert missing == ["d.mount: the node has no /dev/sdx"]
    assert (list(possible.want.units), list(possible.want.nodes)) == (["e.mount"], [f"{SYSTEM}/e.mount"])
    record = {"kind": "file", "owner": "base", "sha256": "aa", "before": None}
    plan = compare.plan(possible, seen, {f"path {SYSTEM}/d.mount": record})
    assert plan.records[f"path {SYSTEM}/d.mount"] == record
    assert plan.calls["remove"] == []


@pytest.mark.parametrize(
    ("paths", "unfinished", "reloads"),
    [
        (["/etc/a"], {}, False),
        ([f"{SYSTEM}/a.service"], {}, True),
        (["/etc/containers/systemd/a.container"], {}, True),
        ([], {"reload": True}, True),
        ([], {"reload": False}, False),
    ],
)
def test_systemd_is_told_of_its_files(paths: list[str], unfinished: dict[str, bool], reloads: bool) -> None:
    files = [{"path": path, "contents": {"source": "data:,x"}} for path in paths]
    node, wanted = Model({}), request(("base", {"storage": {"files": files}}))
    records: Records = {UNFINISHED: {"kind": "unfinished", **unfinished}} if unfinished else {}
    plan = compare.plan(wanted, node.observe(compare.ask(wanted, {})), records)
    assert plan.calls["reload"] == (["reload"] if reloads else [])


def test_kernel_arguments_are_written_to_the_file_that_is_there() -> None:
    config: Config = {"kernelArguments": {"shouldExist": ["quiet"]}}
    for path in GRUB:
        node = Model({path: file("set x=1\n")})
        assert node.apply(request(("base", config))).reboot
        assert b"quiet" in node.things[path].data
        again = node.plan(request(("base", config)))
        assert (again.does_something, again.reboot) == (False, True)
        node.boot_id = "another"
        assert not node.plan(request(("base", config))).reboot


def test_a_preset_file_that_says_nothing_goes() -> None:
    node = Model({f"{VENDORS}/a.service": file("x")})
    node.apply(request(("base", {"systemd": {"units": [{"name": "a.service", "enabled": True}]}})))
    assert node.things[PRESET].data == b"enable a.service\n"
    node.apply(request(("base", {})))
    assert PRESET not in node.things
    assert posixpath.dirname(PRESET) not in node.things


def test_the_records_of_others_stay() -> None:
    node = Model({})
    node.apply(request(("one", {"storage": {"files": [{"path": "/opt/a/one", "contents": {"source": "data:,1"}}]}})))
    node.apply(request(("two", {"storage": {"files": [{"path": "/opt/a/two", "contents": {"source": "data:,2"}}]}})))
    node.apply(request(("one", {})))
    assert set(node.records) == {"path /opt", "path /opt/a", "path /opt/a/two"}
    assert "/opt/a/one" not in node.things
    node.apply(request(("two", {})))
    assert "/opt" not in node.things
    assert compare.gone(Request(NOTHING, frozenset(["one"])), {"path /a": {"kind": "parent"}}) == {}
