# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A config for people, without its secrets."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import typing as t

import pytest
from hypothesis import given

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import contents
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.describe import describe, digest
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.fingerprint import fingerprint
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.schema import Config
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.ignition.ignition_configs import configs

SECRET = "correct horse battery staple"
HIDDEN = {"sha256": hashlib.sha256(SECRET.encode()).hexdigest(), "length": len(SECRET)}


def config(**members: t.Any) -> Config:
    return {"ignition": {"version": "3.4.0", **members.pop("ignition", {})}, **members}


def in_base64(data: bytes) -> str:
    return "data:;base64," + base64.b64encode(data).decode()


def file(**members: t.Any) -> t.Any:
    return describe(config(storage={"files": [{"path": "/a", **members}]}))["files"][0]


def plain(text: str) -> dict[str, t.Any]:
    return {"text": text, "size": len(text.encode()), "sha256": hashlib.sha256(text.encode()).hexdigest()}


@pytest.mark.parametrize(
    "resource",
    [
        {"source": "data:,hello%20w%C3%B6rld"},
        {"source": in_base64("hello wörld".encode()), "compression": ""},
        {"source": in_base64(gzip.compress("hello wörld".encode())), "compression": "gzip"},
        {"source": in_base64(gzip.compress(b"hello ") + gzip.compress("wörld".encode())), "compression": "gzip"},
    ],
)
def test_text_is_decoded(resource: Config) -> None:
    assert file(contents=resource) == {"path": "/a", "contents": plain("hello wörld")}


def test_bytes_that_are_no_text() -> None:
    data = b"\xff\xfe\x00"
    wanted = {"size": 3, "sha256": hashlib.sha256(data).hexdigest()}
    assert file(contents={"source": in_base64(data)})["contents"] == wanted


def test_what_cannot_be_decompressed(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {"text": "x", "size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    assert file(contents={"source": "data:,x", "compression": "gzip"})["contents"] == wanted
    monkeypatch.setattr(contents, "BODY_MAX", 10)
    bomb = gzip.compress(b"0" * 11)
    assert file(contents={"source": in_base64(bomb), "compression": "gzip"})["contents"]["size"] == len(bomb)
    assert (
        file(contents={"source": in_base64(gzip.compress(b"0" * 10)), "compression": "gzip"})["contents"]["size"] == 10
    )


@pytest.mark.parametrize(
    ("node", "secret"),
    [
        ({"mode": 0o644}, False),
        ({"mode": 0o604}, False),
        ({"mode": 0o640}, True),
        ({"mode": 0o600}, True),
        ({"mode": 0o4711}, True),
        ({"mode": 0}, True),
        ({}, False),
    ],
)
def test_files_that_others_may_not_read(node: Config, secret: bool) -> None:
    resource = {"source": "data:," + SECRET.replace(" ", "%20")}
    described = file(**node, contents=resource, append=[resource])
    assert described["contents"] == described["append"][0] == (HIDDEN if secret else plain(SECRET))


def test_an_append_to_a_file_of_unknown_mode_is_secret() -> None:
    resource = {"source": "data:," + SECRET.replace(" ", "%20")}
    assert file(append=[resource])["append"] == [HIDDEN]
    assert file(append=[resource], mode=0o644)["append"] == [plain(SECRET)]


def test_no_secret_is_shown() -> None:
    inline = {"source": "data:," + SECRET.replace(" ", "%20")}
    remote = {
        "source": "https://user:correct@host/path?horse=battery#staple",
        "httpHeaders": [{"name": "Authorization", "value": SECRET}],
    }
    described = describe(
        config(
            ignition={
                "version": "3.6.0",
                "config": {"merge": [inline, remote], "replace": inline},
                "proxy": {"httpProxy": "http://correct:horse@proxy:80"},
                "security": {"tls": {"certificateAuthorities": [remote]}},
            },
            storage={
                "files": [{"path": "/a", "mode": 0o600, "contents": inline}, {"path": "/b", "contents": remote}],
                "luks": [
                    {"name": "l", "keyFile": inline, "clevis": {"custom": {"pin": "tang", "config": SECRET}}},
                    {"name": "m", "keyFile": remote},
                ],
            },
            passwd={
                "users": [{"name": "core", "passwordHash": SECRET}],
                "groups": [{"name": "g", "passwordHash": SECRET}],
            },
        )
    )
    shown = json.dumps(described)
    for word in SECRET.split():
        assert word not in shown
    assert described["files"][1]["contents"] == {
        "source": "https://host/path",
        "hidden": digest("user:correct?horse=battery#staple"),
        "http_headers": [{"name": "Authorization", "value": HIDDEN}],
    }
    assert described["users"] == [{"name": "core", "password_hash": HIDDEN}]
    assert described["luks"][0]["key_file"] == HIDDEN
    assert described["replace"] == HIDDEN
    assert described["proxy"] == {"http_proxy": {"source": "http://proxy:80", "hidden": digest("correct:horse")}}


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://host/a", {"source": "https://host/a"}),
        ("https://a@b@host/x", {"source": "https://host/x", "hidden": digest("a@b")}),
        ("https://host/a@b", {"source": "https://host/a@b"}),
        ("s3://bucket/key?versionId=1", {"source": "s3://bucket/key", "hidden": digest("?versionId=1")}),
        ("arn:aws:s3:::b/k?versionId=1", {"source": "arn:aws:s3:::b/k", "hidden": digest("?versionId=1")}),
        ("relative?x", {"hidden": digest("relative?x")}),
        ("data:bad", {"hidden": digest("data:bad")}),
    ],
)
def test_places(url: str, place: dict[str, t.Any]) -> None:
    assert file(contents={"source": url})["contents"] == place


def test_nodes_units_and_accounts() -> None:
    directories = [{"path": "/b", "mode": 0o755, "user": {"id": 0}}, {"path": "/a", "group": {"name": "g"}}]
    disk = {"device": "/d", "wipeTable": True, "partitions": [{"sizeMiB": 0, "typeGuid": "t"}]}
    link = {"path": "/l", "target": "", "hard": False, "overwrite": True}
    unit = {"name": "a.service", "contents": "[A]\n", "dropins": [{"name": "x.conf", "contents": "[B]"}]}
    user = {"name": "core", "sshAuthorizedKeys": ["k1", "k2"], "groups": ["docker"], "homeDir": "/h"}
    described = describe(
        config(
            storage={"directories": directories, "links": [link], "disks": [disk]},
            systemd={"units": [{"name": "b.service", "enabled": False}, unit]},
            passwd={"users": [user]},
            kernelArguments={"shouldExist": ["b", "a"]},
        )
    )
    assert described == {
        "version": "3.4.0",
        "directories": [{"path": "/a", "group": "g"}, {"path": "/b", "mode": "0755", "user": 0}],
        "links": [{"path": "/l", "overwrite": True, "target": "", "hard": False}],
        "units": [
            {"name": "a.service", "contents": "[A]\n", "dropins": [{"name": "x.conf", "contents": "[B]"}]},
            {"name": "b.service", "enabled": False},
        ],
        "users": [
            {
                "name": "core",
                "ssh_authorized_keys": {"count": 2, "sha256": hashlib.sha256(b"k1\nk2").hexdigest()},
                "groups": ["docker"],
                "home_dir": "/h",
            }
        ],
        "kernel_arguments": {"should_exist": ["b", "a"]},
        "disks": [{"device": "/d", "wipe_table": True, "partitions": [{"size_mib": 0, "type_guid": "t"}]}],
    }


@given(configs())
def test_any_config_is_described_as_json(any_config: Config) -> None:
    described = describe(any_config)
    assert json.loads(json.dumps(described)) == described
    assert described["version"] == any_config["ignition"]["version"]


def source(data: bytes, compressed: bool = False) -> Config:
    return (
        {"source": in_base64(gzip.compress(data)), "compression": "gzip"} if compressed else {"source": in_base64(data)}
    )


def test_fingerprint_is_of_what_is_said() -> None:
    def one(**resource: t.Any) -> str:
        return fingerprint(config(storage={"files": [{"path": "/a", "contents": resource}], "links": []}, passwd={}))

    wanted = one(source="data:,hello%20world")
    assert one(compression="", source="data:,%68ello%20world") == wanted
    assert one(**source(b"hello world")) == wanted
    assert one(**source(b"hello world", compressed=True)) == wanted
    assert one(source="data:text/plain;charset=utf-8,hello%20world", httpHeaders=[], verification={}) == wanted
    assert one(source="data:,hello%20World") != wanted
    assert one(source="https://hello") != one(source="https://hello", compression="gzip")
    assert one(source="https://hello") == one(source="https://hello", compression="")


def test_fingerprint_tells_apart() -> None:
    def one(**members: t.Any) -> str:
        return fingerprint(config(storage={"files": [{"path": "/a", **members}]}))

    others: list[dict[str, t.Any]] = [
        {},
        {"mode": 0},
        {"overwrite": False},
        {"contents": {"source": ""}},
        {"append": [{}]},
        {"user": {"id": 0}},
    ]
    assert len({one(**members) for members in others}) == len(others)
    assert fingerprint({"ignition": {"version": "3.4.0"}}) != fingerprint({"ignition": {"version": "3.5.0"}})
    assert fingerprint({"ignition": {"version": "3.4.0"}}) == fingerprint({"ignition": {"version": "3.04.0"}, "x": 1})


@given(configs())
def test_fingerprint_is_stable(any_config: Config) -> None:
    def turned(value: t.Any) -> t.Any:
        if isinstance(value, dict):
            return {name: turned(value[name]) for name in reversed(value)}
        return [turned(item) for item in value] if isinstance(value, list) else value

    def without_empty(value: t.Any) -> t.Any:
        if isinstance(value, dict):
            return {name: without_empty(member) for name, member in value.items() if member != []}
        return [without_empty(item) for item in value] if isinstance(value, list) else value

    assert fingerprint(turned(any_config)) == fingerprint(any_config) == fingerprint(without_empty(any_config))
