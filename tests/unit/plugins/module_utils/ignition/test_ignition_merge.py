# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Merging, and the translation to newer specs that comes before."""

from __future__ import annotations

import copy
import json
import typing as t

import pytest
from hypothesis import given

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import emit, rules
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.merge import (
    Mapping,
    MergeError,
    merge,
    merge_pair,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Path
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.schema import Config
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.upgrade import upgrade
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.ignition.ignition_configs import configs, pairs


def config(version: str = "3.4.0", **members: t.Any) -> Config:
    return {"ignition": {"version": version}, **members}


def pair(parent: dict[str, t.Any], child: dict[str, t.Any], version: str = "3.4.0") -> Config:
    merged = merge_pair(config(version, **parent), config(version, **child))
    assert merged.pop("ignition") == {"version": version}
    return merged


@pytest.mark.parametrize(
    ("parent", "child", "wanted"),
    [
        # Keyed lists: the parent's places, then what is new.
        (
            {"passwd": {"users": [{"name": "a", "uid": 1}, {"name": "b"}]}},
            {"passwd": {"users": [{"name": "c"}, {"name": "b", "uid": 0}]}},
            {"passwd": {"users": [{"name": "a", "uid": 1}, {"name": "b", "uid": 0}, {"name": "c"}]}},
        ),
        (
            {"kernelArguments": {"shouldExist": ["a", "b"], "shouldNotExist": ["c"]}},
            {"kernelArguments": {"shouldExist": ["c", "d"], "shouldNotExist": ["a"]}},
            {"kernelArguments": {"shouldExist": ["b", "c", "d"], "shouldNotExist": ["a"]}},
        ),
        (
            {"storage": {"files": [{"path": "/a", "mode": 1}, {"path": "/b"}]}},
            {"storage": {"links": [{"path": "/a", "target": "/b"}]}},
            {"storage": {"files": [{"path": "/b"}], "links": [{"path": "/a", "target": "/b"}]}},
        ),
        (
            {"storage": {"disks": [{"device": "/d", "partitions": [{"number": 4, "label": "x"}]}]}},
            {"storage": {"disks": [{"device": "/d", "partitions": [{"label": "x"}]}]}},
            {"storage": {"disks": [{"device": "/d", "partitions": [{"number": 4, "label": "x"}, {"label": "x"}]}]}},
        ),
        # Concatenated lists.
        (
            {"storage": {"files": [{"path": "/a", "append": [{"source": "data:,x"}]}]}},
            {"storage": {"files": [{"path": "/a", "append": [{"source": "data:,x"}]}]}},
            {"storage": {"files": [{"path": "/a", "append": [{"source": "data:,x"}, {"source": "data:,x"}]}]}},
        ),
        # Optional values: the child's if it has one, be it empty.
        (
            {"systemd": {"units": [{"name": "a", "enabled": True, "contents": "x", "mask": True}]}},
            {"systemd": {"units": [{"name": "a", "enabled": False, "contents": ""}]}},
            {"systemd": {"units": [{"name": "a", "enabled": False, "contents": "", "mask": True}]}},
        ),
        # Objects of both, member by member.
        (
            {"storage": {"files": [{"path": "/a", "user": {"name": "x"}, "contents": {"compression": "gzip"}}]}},
            {"storage": {"files": [{"path": "/a", "user": {"id": 0}, "contents": {"source": ""}}]}},
            {
                "storage": {
                    "files": [
                        {
                            "path": "/a",
                            "user": {"id": 0, "name": "x"},
                            "contents": {"compression": "gzip", "source": ""},
                        }
                    ]
                }
            },
        ),
        ({"passwd": {"users": [{"name": "a"}]}}, {"passwd": {"users": []}}, {"passwd": {"users": [{"name": "a"}]}}),
    ],
)
def test_rules(parent: dict[str, t.Any], child: dict[str, t.Any], wanted: dict[str, t.Any]) -> None:
    assert pair(parent, child) == wanted


@pytest.mark.parametrize(
    ("parent", "child", "wanted"),
    [
        (
            {"source": "x", "httpHeaders": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
            {"httpHeaders": [{"name": "A"}, {"name": "C"}]},
            {"source": "x", "httpHeaders": [{"name": "B", "value": "2"}, {"name": "C"}]},
        ),
        (
            {"httpHeaders": [{"name": "a", "value": "1"}]},
            {"httpHeaders": [{"name": "A"}]},
            {"httpHeaders": [{"name": "a", "value": "1"}, {"name": "A"}]},
        ),
        # Where the parent has nothing, nothing is removed.
        ({}, {"httpHeaders": [{"name": "A"}]}, {"httpHeaders": [{"name": "A"}]}),
    ],
)
def test_headers(parent: Config, child: Config, wanted: Config) -> None:
    def file(contents: Config) -> Config:
        return {"storage": {"files": [{"path": "/a", "contents": contents}]}}

    assert emit.ordered(config(**pair(file(parent), file(child)))) == emit.ordered(config(**file(wanted)))


def test_a_link_without_target_before_3_3() -> None:
    parent = {"storage": {"links": [{"path": "/a", "target": "/b"}]}}
    for child, target in (({"overwrite": True}, "/b"), ({"hard": True}, "")):
        merged = pair(parent, {"storage": {"links": [{"path": "/a", **child}]}}, "3.2.0")
        assert merged["storage"]["links"][0].get("target", "") == target


def test_pointers_to_objects() -> None:
    def luks(clevis: t.Any) -> dict[str, t.Any]:
        return {"storage": {"luks": [{"name": "a", "clevis": clevis}]}}

    assert pair(luks({}), luks({"tpm2": True}), "3.2.0") == luks({"tpm2": True})
    assert pair(luks({"custom": {}}), luks({}), "3.2.0") == luks({"custom": {}})


def test_transcript() -> None:
    transcript: list[Mapping] = []
    parent = config(passwd={"users": [{"name": "a", "uid": 1}, {"name": "b"}]})
    child = config(passwd={"users": [{"name": "c", "groups": ["g"]}, {"name": "b", "uid": 0}]})
    merge_pair(parent, child, transcript)
    users: Path = ("passwd", "users")
    assert transcript == [
        ("child", ("ignition", "version"), ("ignition", "version")),
        ("parent", ("ignition",), ("ignition",)),
        ("child", ("ignition",), ("ignition",)),
        ("parent", (*users, 0, "name"), (*users, 0, "name")),
        ("parent", (*users, 0, "uid"), (*users, 0, "uid")),
        ("parent", (*users, 0), (*users, 0)),
        ("child", (*users, 1, "name"), (*users, 1, "name")),
        ("child", (*users, 1, "uid"), (*users, 1, "uid")),
        ("parent", (*users, 1), (*users, 1)),
        ("child", (*users, 1), (*users, 1)),
        ("child", (*users, 0, "groups", 0), (*users, 2, "groups", 0)),
        ("child", (*users, 0, "groups"), (*users, 2, "groups")),
        ("child", (*users, 0, "name"), (*users, 2, "name")),
        ("child", (*users, 0), (*users, 2)),
        ("parent", users, users),
        ("child", users, users),
        ("parent", ("passwd",), ("passwd",)),
        ("child", ("passwd",), ("passwd",)),
    ]


def at(value: t.Any, path: Path) -> t.Any:
    for step in path:
        value = value[step]
    return value


@given(pairs())
def test_transcripts_lead_somewhere(both: tuple[Config, Config]) -> None:
    transcript: list[Mapping] = []
    merged = merge_pair(*both, transcript)
    for side, before, after in transcript:
        value = at(both[side == "child"], before)
        result = at(merged, after) if after[-1] != "httpHeaders" else {}
        assert isinstance(value, (dict, list)) or value == result


@given(configs())
def test_an_empty_config_changes_nothing(full: Config) -> None:
    empty = config(full["ignition"]["version"])
    wanted = emit.ordered(full)
    assert emit.ordered(merge_pair(full, empty)) == wanted
    assert emit.ordered(merge_pair(empty, full)) == wanted


@given(pairs(concat=False))
def test_merging_twice_is_merging_once(both: tuple[Config, Config]) -> None:
    parent, child = both
    once = merge_pair(parent, child)
    assert emit.ordered(merge_pair(child, child)) == emit.ordered(child) or _removes_headers(child)
    assert emit.ordered(merge_pair(once, child)) == emit.ordered(once) or _removes_headers(child)


def _removes_headers(child: Config) -> bool:
    """A header without a value is there after the first merge and gone after the second."""
    return '"httpHeaders"' in json.dumps(child)


@given(pairs())
def test_merging_leaves_its_inputs_alone(both: tuple[Config, Config]) -> None:
    before = copy.deepcopy(both)
    merge_pair(*both)
    assert both == before


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        ("3.5.0", "3.6.0", {"files": [{"mode": 0o1777}]}, {"files": [{"mode": 0o777}]}),
        ("3.5.0", "3.6.0", {"directories": [{"mode": 0o1000}]}, {"directories": [{"mode": 0}]}),
        ("3.6.0", "3.7.0-experimental", {"files": [{"mode": 0o1777}]}, {"files": [{"mode": 0o1777}]}),
        ("3.2.0", "3.3.0", {"links": [{}]}, {"links": [{"target": ""}]}),
        ("3.3.0", "3.4.0", {"links": [{}]}, {"links": [{}]}),
        ("3.1.0", "3.6.0", {"raid": [{}]}, {"raid": [{"level": ""}]}),
        (
            "3.2.0",
            "3.3.0",
            {"luks": [{"clevis": {"custom": {}}}]},
            {"luks": [{"clevis": {"custom": {"config": "", "pin": ""}}}]},
        ),
        ("3.2.0", "3.3.0", {"luks": [{"clevis": {}}]}, {"luks": [{"clevis": {}}]}),
        (
            "3.4.0",
            "3.5.0",
            {"luks": [{"clevis": {"tang": [{"url": "a", "advertisement": "x"}]}}]},
            {"luks": [{"clevis": {"tang": [{"url": "a"}]}}]},
        ),
        (
            "3.5.0",
            "3.6.0",
            {"luks": [{"clevis": {"tang": [{"advertisement": "x"}]}}]},
            {"luks": [{"clevis": {"tang": [{"advertisement": "x"}]}}]},
        ),
    ],
)
def test_upgrade(old: str, new: str, before: dict[str, t.Any], after: dict[str, t.Any]) -> None:
    given_config = config(old, storage=before)
    unchanged = copy.deepcopy(given_config)
    assert upgrade(given_config, new) == config(new, storage=after)
    assert given_config == unchanged


def test_upgrade_of_certificate_authorities() -> None:
    old: Config = {"ignition": {"version": "3.0.0", "security": {"tls": {"certificateAuthorities": [{}]}}}}
    tls = upgrade(old, "3.1.0")["ignition"]["security"]["tls"]
    assert tls == {"certificateAuthorities": [{"source": ""}]}


def test_the_result_has_the_highest_version() -> None:
    assert merge([config("3.1.0"), config("3.4.0"), config("3.0.0")]) == config("3.4.0")
    assert merge([config("3.1.0")], version="3.6.0") == config("3.6.0")


def test_texts_and_configs_mix() -> None:
    text = '{"ignition":{"version":"3.03.0"},"x":1,"storage":{"files":[{"PATH":"/a"}]}}'
    assert merge([text, config("3.3.0")]) == config("3.3.0", storage={"files": [{"path": "/a"}]})


@pytest.mark.parametrize(
    ("configs_", "version", "code", "message"),
    [
        ([], None, "nothing_to_merge", "config 0: give at least one config"),
        (["{"], None, "invalid_json", "config 0: unexpected end of JSON input"),
        ([config(), ""], None, "unsupported_spec", "config 1: not a config (empty)"),
        ([config("2.3.0")], None, "unsupported_spec", "config 0: unsupported config version"),
        ([{"ignition": {"version": 3}}], None, "invalid_json", "config 0: json: cannot unmarshal number into"),
        (
            [config(), '{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"a"}]}}'],
            None,
            "invalid_config",
            "config 1: error at $.storage.files.0.path, line 1 col 61: path not absolute",
        ),
        (
            [config(storage={"files": [{"path": "a"}, {}]})],
            None,
            "invalid_config",
            "config 0: error at $.storage.files.0.path: path not absolute\nconfig 0: error at $.storage.files.1.path",
        ),
        (
            [config("3.6.0"), config("3.7.0-experimental")],
            "3.6.0",
            "newer_spec",
            "config 1: its spec version 3.7.0-experimental is newer than 3.6.0",
        ),
    ],
)
def test_errors(configs_: list[Config | str], version: str | None, code: str, message: str) -> None:
    with pytest.raises(MergeError) as raised:
        merge(configs_, version=version)
    assert raised.value.code == code
    assert str(raised.value).startswith(message)
    assert raised.value.index == int(message.split()[1].rstrip(":"))


def test_an_unknown_version_for_the_result() -> None:
    with pytest.raises(ValueError, match=r"'3\.9\.0' is not one of 3\.0\.0"):
        merge([config()], version="3.9.0")


def test_release() -> None:
    disk = {"device": "/d", "partitions": [{"number": 1, "shouldExist": False}, {"label": "a"}]}
    configs_ = [config(storage={"disks": [disk]})]
    assert merge(configs_) == configs_[0]
    with pytest.raises(MergeError):
        merge(configs_, release=rules.IGNITION_2_26)
