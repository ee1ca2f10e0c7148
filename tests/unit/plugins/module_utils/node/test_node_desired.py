# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a description wants of a running node, and who owns it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.schema import Config
from ansible_collections.flatops.flatcar.plugins.module_utils._node.desired import (
    NOTHING,
    Desired,
    Directory,
    File,
    Link,
    Node,
    Piece,
    Unit,
    desired,
    ssh_key_key,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError

SYSTEM = "/etc/systemd/system"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB a"
SHA256, SHA512 = hashlib.sha256(b"hi").hexdigest(), hashlib.sha512(b"hi").hexdigest()
URL = "https://example.org/a"


def _desired(config: Config, *parts: tuple[str, Config], first_boot: bool = False) -> Desired:
    return desired({"ignition": {"version": "3.6.0"}, **config}, parts or [("base", config)], first_boot=first_boot)


def _node(member: str, item: Config) -> Node:
    return _desired({"storage": {member: [{"path": "/etc/a", **item}]}}).nodes["/etc/a"]


def _file(**item: t.Any) -> File:
    node = _node("files", item)
    assert isinstance(node, File)
    return node


def _packed(data: bytes) -> str:
    return "data:;base64," + base64.b64encode(gzip.compress(data)).decode()


@pytest.mark.parametrize(
    ("item", "file"),
    [
        ({}, File("/etc/a", (), keeps=True)),
        ({"contents": {}}, File("/etc/a", (), keeps=True)),
        ({"contents": {"source": ""}}, File("/etc/a", (Piece(b""),), mode=0o644)),
        ({"contents": {"source": "data:,h%69%0A"}}, File("/etc/a", (Piece(b"hi\n"),), mode=0o644)),
        ({"contents": {"source": "data:,"}, "mode": 0}, File("/etc/a", (Piece(b""),), mode=0)),
        (
            {"contents": {"source": _packed(b"hi"), "compression": "gzip"}, "mode": 0o4755, "overwrite": True},
            File("/etc/a", (Piece(b"hi"),), mode=0o4755, overwrite=True),
        ),
        (
            {"contents": {"source": "data:,hi", "verification": {"hash": f"sha512-{SHA512}"}}},
            File("/etc/a", (Piece(b"hi"),), mode=0o644),
        ),
        (
            {"append": [{"source": "data:,a"}, {"source": "data:,b"}], "user": {"name": "core"}, "group": {"id": 5}},
            File("/etc/a", (Piece(b"a"), Piece(b"b")), keeps=True, user="core", group=5),
        ),
        (
            {"contents": {"source": "data:,a"}, "append": [{"source": URL}], "user": {"id": 0}, "group": {"name": "x"}},
            File("/etc/a", (Piece(b"a"), Piece(None, URL)), mode=0o644, group="x"),
        ),
        (
            {
                "contents": {
                    "source": "HTTP://h/a.gz",
                    "compression": "gzip",
                    "httpHeaders": [{"name": "X", "value": "1"}, {"name": "Y"}],
                    "verification": {"hash": "sha256-AB"},
                }
            },
            File("/etc/a", (Piece(None, "HTTP://h/a.gz", (("X", "1"), ("Y", "")), "sha256-AB", True),), mode=0o644),
        ),
    ],
)
def test_files(item: Config, file: File) -> None:
    assert _node("files", item) == file


@pytest.mark.parametrize(
    ("member", "item", "node"),
    [
        ("directories", {}, Directory("/etc/a")),
        (
            "directories",
            {"mode": 0o1777, "user": {"id": 0}, "group": {"name": "x"}, "overwrite": True},
            Directory("/etc/a", 0o1777, 0, "x", True),
        ),
        ("links", {"target": "../b c"}, Link("/etc/a", "../b c")),
        (
            "links",
            {"target": "/b", "user": {"id": 5}, "group": {"name": "x"}, "overwrite": True},
            Link("/etc/a", "/b", False, 5, "x", True),
        ),
        ("links", {"target": "/opt//b/", "hard": True}, Link("/etc/a", "/opt/b", True)),
        ("links", {"target": "../opt/./b", "hard": True}, Link("/etc/a", "/opt/b", True)),
        ("links", {"target": "b", "hard": True}, Link("/etc/a", "/etc/b", True)),
    ],
)
def test_directories_and_links(member: str, item: Config, node: Node) -> None:
    assert _node(member, item) == node


def test_bits_of_modes_have_no_effect_before_3_6_0() -> None:
    storage = {"files": [{"path": "/a", "contents": {"source": ""}, "mode": 0o4755}]}
    config: Config = {"ignition": {"version": "3.5.0"}, "storage": storage}
    assert desired(config, [("base", config)]).nodes == {"/a": File("/a", (Piece(b""),), mode=0o755)}


@pytest.mark.parametrize(
    ("contents", "code"),
    [
        ({"source": "s3://bucket/a"}, "unsupported_source"),
        ({"source": "oem:///a"}, "unsupported_source"),
        ({"source": "data:,no", "compression": "gzip"}, "bad_contents"),
        ({"source": "data:,no", "verification": {"hash": f"sha512-{SHA512}"}}, "hash_mismatch"),
    ],
)
def test_contents_that_a_node_cannot_have(contents: Config, code: str) -> None:
    with pytest.raises(NodeError, match=r"^/etc/a: ") as caught:
        _file(contents=contents)
    assert caught.value.code == code


def test_ignition_fetches_at_a_first_boot_what_a_node_cannot() -> None:
    config = {"storage": {"files": [{"path": "/etc/a", "contents": {"source": "s3://bucket/a"}}]}}
    file = _desired(config, first_boot=True).nodes["/etc/a"]
    assert file == File("/etc/a", (Piece(None, "s3://bucket/a"),), mode=0o644)


@pytest.mark.parametrize(
    ("file", "content", "carried", "sha256"),
    [
        (File("/a", (Piece(b"h"), Piece(b"i"))), b"hi", b"hi", SHA256),
        (File("/a", (Piece(b"hi"),), keeps=True), None, b"hi", None),
        (File("/a", (), keeps=True), None, b"", None),
        (File("/a", (Piece(b"h"), Piece(None, URL))), None, None, None),
        (File("/a", (Piece(None, URL, hash=f"sha256-{SHA256.upper()}"),)), None, None, SHA256),
        (File("/a", (Piece(None, URL, hash=f"sha256-{SHA256}"),), keeps=True), None, None, None),
        (File("/a", (Piece(None, URL, hash=f"sha256-{SHA256}"), Piece(b"i"))), None, None, None),
        (File("/a", (Piece(None, URL, hash=f"sha512-{SHA512}"),)), None, None, None),
    ],
)
def test_what_is_known_of_contents(file: File, content: bytes | None, carried: bytes | None, sha256: str) -> None:
    assert (file.content, file.carried, file.sha256) == (content, carried, sha256)


def test_a_recipe_is_of_contents_alone_and_of_all_that_makes_them() -> None:
    kinds = [
        File("/a", (Piece(b"hi"), Piece(None, URL))),
        File("/a", (Piece(None, URL), Piece(b"hi"))),
        File("/a", (Piece(b"ho"), Piece(None, URL))),
        File("/a", (Piece(b"hi"), Piece(None, f"{URL}b"))),
        File("/a", (Piece(b"hi"), Piece(None, URL, gzip=True))),
        File("/a", (Piece(b"hi"), Piece(None, URL, hash="sha256-a"))),
        File("/a", (Piece(b"hi"), Piece(None, URL, (("X", "1"),)))),
        File("/a", (Piece(b"hi"), Piece(None, URL)), keeps=True),
        File("/a", (Piece(b""), Piece(b"hi"), Piece(None, URL))),
        File("/a", (), keeps=True),
    ]
    assert len({file.recipe for file in kinds}) == len(kinds)
    assert kinds[0]._replace(path="/b", mode=0, user=1, overwrite=True).recipe == kinds[0].recipe


@pytest.mark.parametrize(
    ("item", "unit", "nodes"),
    [
        ({}, Unit("a.service"), []),
        ({"contents": "", "dropins": [{"name": "x.conf"}]}, Unit("a.service"), []),
        (
            {"enabled": True, "contents": "[Unit]ü\n"},
            Unit("a.service", True),
            [File(f"{SYSTEM}/a.service", (Piece("[Unit]ü\n".encode()),), mode=0o644, overwrite=True)],
        ),
        (
            {"mask": True, "contents": "[Unit]\n", "dropins": [{"name": "x.conf", "contents": "x"}]},
            Unit("a.service", None, True),
            [
                Link(f"{SYSTEM}/a.service", "/dev/null", overwrite=True),
                File(f"{SYSTEM}/a.service.d/x.conf", (Piece(b"x"),), mode=0o644, overwrite=True),
            ],
        ),
        ({"mask": False, "enabled": False}, Unit("a.service", False, False), []),
        (
            {"contents": "[Mount]\nWhat=/dev/sda1\n"},
            Unit("a.service"),
            [File(f"{SYSTEM}/a.service", (Piece(b"[Mount]\nWhat=/dev/sda1\n"),), mode=0o644, overwrite=True)],
        ),
    ],
)
def test_units(item: Config, unit: Unit, nodes: list[Node]) -> None:
    want = _desired({"systemd": {"units": [{"name": "a.service", **item}]}})
    assert want.units == {"a.service": unit}
    assert list(want.nodes.values()) == nodes
    said = {"unit a.service"} if unit.says_something else set()
    assert set(want.owners) == said | {f"path {node.path}" for node in nodes}


@pytest.mark.parametrize(
    ("contents", "device"),
    [
        ("[Mount]\nWhat=/dev/disk/by-label/DATA\nWhere=/data\n", "/dev/disk/by-label/DATA"),
        ("[Mount]\n What =  /dev/sda1 \n", "/dev/sda1"),
        ("[Mount]\nWhat=server:/share\n", ""),
        ("[Mount]\n#What=/dev/sda1\n", ""),
        ("[Mount]\nWhatever=/dev/sda1\n", ""),
        (None, ""),
    ],
)
def test_the_device_of_a_mount_unit(contents: str | None, device: str) -> None:
    want = _desired({"systemd": {"units": [{"name": "data.mount", "contents": contents}]}})
    assert want.units["data.mount"].device == device


def test_accounts_arguments_and_what_only_a_first_boot_makes() -> None:
    core, wheel = {"name": "core", "uid": 500}, {"name": "wheel"}
    want = _desired(
        {
            "passwd": {"users": [core], "groups": [wheel]},
            "kernelArguments": {"shouldExist": ["a", "both"], "shouldNotExist": ["b", "both"]},
            "storage": {"disks": [{"device": "/dev/a"}], "raid": [], "filesystems": [{"device": "/dev/a"}]},
        }
    )
    assert (want.users, want.groups) == ({"core": core}, {"wheel": wheel})
    assert want.arguments == {"a": True, "b": False, "both": True}
    assert want.skipped == ["storage.disks", "storage.filesystems"]
    assert set(want.owners) == {"user core", "group wheel", "argument a", "argument b", "argument both"}


def test_an_empty_description_wants_nothing() -> None:
    assert _desired({}) == NOTHING
    assert _desired({"storage": None, "systemd": {"units": None}, "passwd": {}}) == NOTHING


def test_the_last_fragment_that_names_a_thing_owns_it() -> None:
    unit = {"name": "a.service", "contents": "x"}
    first: Config = {"storage": {"files": [{"path": "/a"}, {"path": "/b"}]}, "systemd": {"units": [unit]}}
    second: Config = {
        "storage": {"directories": [{"path": "/b"}], "links": [{"path": "/c"}]},
        "systemd": {"units": [{"name": "a.service", "enabled": True, "dropins": [{"name": "x", "contents": "y"}]}]},
    }
    assert _desired({}, ("first", first), ("second", second)).owners == {
        "path /a": "first",
        "path /b": "second",
        "path /c": "second",
        "unit a.service": "second",
        f"path {SYSTEM}/a.service": "first",
        f"path {SYSTEM}/a.service.d/x": "second",
    }


SAYING: Config = {"name": "core", "shell": "/bin/sh", "sshAuthorizedKeys": []}
KEYED: Config = {"name": "core", "sshAuthorizedKeys": [KEY], "groups": [], "gecos": None}


@pytest.mark.parametrize("users", [[("saying", SAYING), ("keyed", KEYED)], [("keyed", KEYED), ("saying", SAYING)]])
def test_who_says_more_of_a_user_than_keys_owns_it(users: list[tuple[str, Config]]) -> None:
    parts = [(owner, {"passwd": {"users": [user]}}) for owner, user in users]
    assert _desired({}, *parts).owners == {"user core": "saying", ssh_key_key("core", KEY): "keyed"}


def test_who_first_gives_a_user_keys_owns_it_otherwise() -> None:
    parts = [(owner, {"passwd": {"users": [KEYED]}}) for owner in ("first", "second")]
    assert _desired({}, *parts).owners == {"user core": "first", ssh_key_key("core", KEY): "second"}
