# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told to a machine of its own first boot."""

from __future__ import annotations

import hashlib
import json
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.fragments import Fragment, rendered, resolve
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.contents import body
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.validate import validate
from ansible_collections.flatops.flatcar.plugins.module_utils._node.desired import ssh_key_key
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.first_boot import PATH, add, records
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import Records, load

HELLO = hashlib.sha256(b"hello").hexdigest()
SHA256, SHA512 = f"sha256-{HELLO}", "sha512-" + hashlib.sha512(b"hello").hexdigest()


def fragment(name: str = "web", **members: t.Any) -> Fragment:
    return Fragment({"ignition": {"version": "3.4.0"}, **members}, name)


def recorded(*fragments: Fragment) -> Records:
    resolved = resolve(fragments)
    return records(resolved.config, resolved.parts)


def file(**members: t.Any) -> dict[str, t.Any]:
    """The record of a file."""
    found = recorded(fragment(storage={"files": [{"path": "/a", **members}]}))
    assert list(found) == ["path /a"]
    return found["path /a"]


CONTENTS: list[tuple[dict[str, t.Any], dict[str, t.Any]]] = [
    ({"contents": {"source": "data:,hello"}}, {"sha256": HELLO, "mode": 0o644}),
    ({"contents": {"source": "data:,hello"}, "mode": 0o600}, {"sha256": HELLO, "mode": 0o600}),
    ({"contents": {"source": "data:,hel"}, "append": [{"source": "data:,lo"}]}, {"sha256": HELLO}),
    ({"contents": {"source": ""}}, {"sha256": hashlib.sha256().hexdigest()}),
    ({"contents": {"source": "https://h/a", "verification": {"hash": SHA256}}}, {"sha256": HELLO}),
    ({"contents": {"source": "https://h/a", "verification": {"hash": SHA512}}}, {"sha256": "", "recipe": "?"}),
    ({"contents": {"source": "https://h/a"}}, {"sha256": "", "recipe": "?"}),
    ({"contents": {"source": "s3://bucket/a"}}, {"sha256": "", "recipe": "?"}),
    ({"append": [{"source": "data:,hello"}]}, {"sha256": "", "recipe": "?", "keeps": True, "mode": None}),
    ({"mode": 0o600}, {"sha256": "", "recipe": "?", "keeps": True, "mode": 0o600}),
]


@pytest.mark.parametrize("members, expected", CONTENTS)
def test_a_file(members: dict[str, t.Any], expected: dict[str, t.Any]) -> None:
    found = file(**members)
    recipe = found.get("recipe", "")
    assert len(recipe) in (0, 64)
    if recipe:
        found["recipe"] = "?"
    assert found == {
        "owner": "web",
        "kind": "file",
        "mode": 0o644,
        "uid": 0,
        "gid": 0,
        "before": None,
        **expected,
    }


@pytest.mark.parametrize(
    "members, expected",
    [
        ({"user": {"id": 500}, "group": {"id": 0}}, (500, 0)),
        ({"user": {"name": "core"}, "group": {"name": "root"}}, (None, None)),
        ({}, (0, 0)),
    ],
)
def test_an_owner_by_name_is_not_known(members: dict[str, t.Any], expected: tuple[int | None, int | None]) -> None:
    found = file(**members)
    assert (found["uid"], found["gid"]) == expected


def test_directories_and_links() -> None:
    storage = {
        "directories": [{"path": "/d"}, {"path": "/e", "mode": 0o700, "user": {"id": 1}}],
        "links": [{"path": "/l", "target": "/x"}, {"path": "/h", "target": "x", "hard": True}],
    }
    directory = {"owner": "web", "kind": "directory", "mode": 0o755, "uid": 0, "gid": 0, "made": True, "before": None}
    link = {"owner": "web", "kind": "link", "before": None}
    assert recorded(fragment(storage=storage)) == {
        "path /d": directory,
        "path /e": {**directory, "mode": 0o700, "uid": 1},
        "path /l": {**link, "target": "/x", "hard": False},
        "path /h": {**link, "target": "/x", "hard": True},
    }


def test_units_are_files_and_a_state() -> None:
    dropins = [{"name": "a.conf", "contents": "[Unit]\n"}, {"name": "b.conf"}]
    units = [
        {"name": "a.service", "enabled": True, "contents": "[Unit]\n", "dropins": dropins},
        {"name": "b.service", "mask": True},
    ]
    found = recorded(fragment(systemd={"units": units}))
    kinds = {key.replace("/etc/systemd/system/", ""): record["kind"] for key, record in found.items()}
    assert kinds == {
        "unit a.service": "unit",
        "path a.service": "file",
        "path a.service.d/a.conf": "file",
        "path a.service.d": "parent",
        "unit b.service": "unit",
        "path b.service": "link",
    }
    unknown = {"file": "", "active": False}
    states = [found[f"unit {name}"] for name in ("a.service", "b.service")]
    assert states == [
        {"owner": "web", "kind": "unit", "enabled": True, "masked": None, "before": unknown},
        {"owner": "web", "kind": "unit", "enabled": None, "masked": True, "before": unknown},
    ]
    assert found["path /etc/systemd/system/a.service.d"] == {"kind": "parent"}


def test_kernel_arguments() -> None:
    found = recorded(fragment(kernelArguments={"shouldExist": ["a=b"], "shouldNotExist": ["quiet"]}))
    assert {key: (record["value"], record["before"]) for key, record in found.items()} == {
        "argument a=b": (True, False),
        "argument quiet": (False, False),
    }


def test_accounts_and_keys() -> None:
    users = [
        {"name": "core", "sshAuthorizedKeys": ["ssh-ed25519 A"]},
        {"name": "root", "passwordHash": "$6$hunter2"},
        {"name": "new", "sshAuthorizedKeys": ["ssh-ed25519 A", "ssh-ed25519 B"]},
        {"name": "old", "shouldExist": False, "sshAuthorizedKeys": ["ssh-ed25519 A"]},
    ]
    groups = [{"name": "docker", "gid": 233}, {"name": "web"}]
    found = recorded(fragment(passwd={"users": users, "groups": groups}))
    made = {"owner": "web", "made": True, "exists": True, "before": {}}
    a, b = ssh_key_key("new", "ssh-ed25519 A"), ssh_key_key("new", "ssh-ed25519 B")
    assert found == {
        ssh_key_key("core", "ssh-ed25519 A"): {"owner": "web", "kind": "key"},
        "user root": {**made, "kind": "user", "made": False},
        a: {"owner": "web", "kind": "key"},
        b: {"owner": "web", "kind": "key"},
        "user new": {**made, "kind": "user"},
        "user old": {**made, "kind": "user", "made": False, "exists": False},
        "group docker": {**made, "kind": "group", "made": False},
        "group web": {**made, "kind": "group"},
    }
    assert "hunter2" not in json.dumps(found)


def test_a_key_belongs_to_the_fragment_that_gives_it() -> None:
    base = fragment("base", passwd={"users": [{"name": "new", "shell": "/bin/sh", "sshAuthorizedKeys": ["ssh-rsa A"]}]})
    host = fragment("host", passwd={"users": [{"name": "new", "sshAuthorizedKeys": ["ssh-rsa B"]}]})
    assert {key: record["owner"] for key, record in recorded(base, host).items()} == {
        "user new": "base",
        ssh_key_key("new", "ssh-rsa A"): "base",
        ssh_key_key("new", "ssh-rsa B"): "host",
    }


def test_the_last_fragment_owns_what_the_merge_makes() -> None:
    found = recorded(
        fragment("base", storage={"files": [{"path": "/a"}, {"path": "/b"}]}),
        fragment("host", storage={"files": [{"path": "/a", "contents": {"source": "data:,hello"}}]}),
    )
    assert [(key, record["owner"], record["sha256"]) for key, record in found.items()] == [
        ("path /a", "host", HELLO),
        ("path /b", "base", ""),
    ]


def test_what_a_merge_removes_has_no_record() -> None:
    unit = {"name": "a.service", "contents": "[Unit]\n"}
    found = recorded(
        fragment("base", storage={"files": [{"path": "/a"}]}, systemd={"units": [unit]}),
        fragment(
            "host", storage={"links": [{"path": "/a", "target": "/b"}]}, systemd={"units": [{**unit, "mask": True}]}
        ),
    )
    assert {key: record["kind"] for key, record in found.items()} == {
        "path /a": "link",
        "unit a.service": "unit",
        "path /etc/systemd/system/a.service": "link",
    }


def test_what_nobody_owns_has_no_record() -> None:
    resolved = resolve([fragment("", storage={"files": [{"path": "/a"}]})])
    assert records(resolved.config, resolved.parts) == {}
    assert add(resolved.config, resolved.parts) is resolved.config


@pytest.mark.parametrize(
    "contents, code",
    [
        ({"source": "data:,hunter2", "verification": {"hash": SHA256}}, "hash_mismatch"),
        ({"source": "data:,hunter2", "compression": "gzip"}, "bad_contents"),
    ],
)
def test_contents_that_cannot_boot_are_refused(contents: dict[str, t.Any], code: str) -> None:
    with pytest.raises(NodeError) as caught:
        file(contents=contents)
    assert caught.value.code == code
    assert "hunter2" not in str(caught.value)


def test_the_file_holds_the_records() -> None:
    resolved = resolve([fragment(storage={"files": [{"path": "/a", "contents": {"source": "data:,hunter2"}}]})])
    before = json.dumps(resolved.config)
    config = add(resolved.config, resolved.parts)
    assert json.dumps(resolved.config) == before
    own = config["storage"]["files"][-1]
    assert {member: own[member] for member in own if member != "contents"} == {
        "path": PATH,
        "overwrite": True,
        "mode": 0o600,
        "user": {"id": 0},
        "group": {"id": 0},
    }
    carried = body(own["contents"])
    assert carried is not None
    assert load("", carried.data.decode()) == records(resolved.config, resolved.parts)
    assert b"hunter2" not in carried.data


@pytest.mark.parametrize("version", ["3.0.0", "3.2.0", "3.6.0"])
def test_the_config_is_valid_in_each_version(version: str) -> None:
    storage = {"directories": [{"path": f"/{number:40}".replace(" ", "x")} for number in range(200)]}
    resolved = resolve([Fragment({"ignition": {"version": version}, "storage": storage}, "web")])
    text = rendered(resolved, add(resolved.config, resolved.parts), pretty=True).text
    assert validate(text) == (False, [])
    assert json.loads(text)["storage"]["files"][0]["contents"]["compression"] == "gzip"


def test_a_second_time_replaces_the_file() -> None:
    storage = {"files": [{"path": "/a"}]}
    resolved = resolve([fragment(storage=storage)])
    again = add(add(resolved.config, resolved.parts), resolved.parts)
    assert [item["path"] for item in again["storage"]["files"]] == ["/a", PATH]
