# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files, directories and links: what is refused, what is left alone, and how a run treats what is there."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.schema import Config
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.observe import STATE, VENDOR
from ansible_collections.flatops.flatcar.plugins.module_utils._node.plan import Plan
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.node.model import (
    Model,
    Thing,
    file,
    folder,
    link,
    request,
)

URL = "https://user:hidden@example.org/a?token=hidden"


def _file(path: str, text: str = "ours", **more: t.Any) -> Config:
    return {"storage": {"files": [{"path": path, "contents": {"source": f"data:,{text}"}, **more}]}}


def _link(path: str, target: str, **more: t.Any) -> Config:
    return {"storage": {"links": [{"path": path, "target": target, **more}]}}


def _folder(path: str, **more: t.Any) -> Config:
    return {"storage": {"directories": [{"path": path, **more}]}}


def _apply(node: Model, config: Config, **options: t.Any) -> Plan:
    return node.apply(request(("base", config), **options))


@pytest.mark.parametrize(
    ("things", "config", "code", "words"),
    [
        (
            {"/etc/a": folder()},
            _file("/etc/a", overwrite=True),
            "in_the_way",
            "directory .* wants a file; remove it first",
        ),
        ({"/etc/a": file("x")}, _folder("/etc/a", overwrite=True), "in_the_way", "file .* wants a directory"),
        ({"/etc/a": folder()}, _link("/etc/a", "b", overwrite=True), "in_the_way", "directory .* wants a link"),
        ({"/etc/a": link("x")}, _file("/etc/a"), "in_the_way", "link .* wants a file; .*say overwrite: true"),
        ({"/etc/a": file("x")}, _link("/etc/a", "b"), "in_the_way", "file .* wants a link"),
        ({"/etc/a": Thing("p")}, _file("/etc/a"), "in_the_way", "special file .* wants a file"),
        (
            {"/etc/a": file("x")},
            _file("/etc/a/b"),
            "in_the_way",
            "/etc/a/b: /etc/a is a file on the node, no directory",
        ),
        ({}, _file("/usr/lib/systemd/a"), "read_only", "/usr/lib/systemd of the node cannot be written to"),
        ({}, _folder("/usr/lib/a/b"), "read_only", "/usr/lib of the node cannot be written to"),
    ],
)
def test_what_is_refused(things: dict[str, Thing], config: Config, code: str, words: str) -> None:
    node = Model(things)
    with pytest.raises(NodeError, match=words) as caught:
        node.plan(request(("base", config)))
    assert caught.value.code == code


def test_a_hard_link_does_not_lead_to_another_filesystem() -> None:
    node, wanted = Model({"/etc/a": file("x")}), request(("base", _link("/opt/a", "/etc/a", hard=True)))
    node.mounted = "/etc"
    with pytest.raises(NodeError, match=r"^/opt/a: /etc/a is on another filesystem") as caught:
        node.plan(wanted)
    assert caught.value.code == "bad_option"


def test_what_two_descriptions_claim_is_refused_unless_they_are_applied_together() -> None:
    node, parts = Model({}), [(owner, _file("/etc/a", owner)) for owner in ("one", "two")]
    node.apply(request(parts[0]))
    with pytest.raises(NodeError, match="/etc/a is claimed by two, but belongs to one") as caught:
        node.plan(request(parts[1]))
    assert caught.value.code == "claimed_twice"
    both = request(("one", {}), parts[1])
    node.apply(both)
    assert node.records["path /etc/a"]["owner"] == "two"
    assert not node.plan(request(("one", {}))).does_something


def test_what_somebody_changed_is_written_anew_and_left_in_the_end() -> None:
    node = Model({})
    _apply(node, _file("/etc/a"))
    node.put("/etc/a", file("theirs"))
    plan = _apply(node, _file("/etc/a"))
    assert plan.warnings == ["/etc/a was edited on the node since the last run; it is written anew"]
    assert node.things["/etc/a"].data == b"ours"
    node.put("/etc/a", file("theirs"))
    plan = _apply(node, {})
    assert plan.left == ["/etc/a: it is not as the last run left it"]
    assert (node.things["/etc/a"].data, node.records) == (b"theirs", {})


def test_a_folder_that_others_use_stays() -> None:
    node = Model({})
    _apply(node, _folder("/opt/a"))
    node.put("/opt/a/theirs", file("x"))
    _apply(node, {})
    assert node.things["/opt/a/theirs"].data == b"x"


@pytest.mark.parametrize("pattern", ["/etc/a", "/etc/*", "/e*"])
def test_a_seed_is_made_once(pattern: str) -> None:
    node = Model({})
    assert _apply(node, _file("/etc/a"), seed=(pattern,)).paths == ["/etc/a"]
    for change in (lambda: node.put("/etc/a", file("theirs")), lambda: node.things.pop("/etc/a")):
        change()
        assert not _apply(node, _file("/etc/a", "other"), seed=(pattern,)).does_something
    assert node.records["path /etc/a"]["seed"] is True


def test_a_seed_that_is_named_no_longer_stays_as_long_as_its_fragment() -> None:
    node, seed = Model({}), ("/opt/*",)
    _apply(node, _file("/opt/1"), seed=seed)
    del node.records["path /opt/1"]["seed"]  # As the record of a first boot has it.
    assert _apply(node, _file("/opt/2"), seed=seed).paths == ["/opt/2"]
    assert node.things["/opt/1"].data == node.things["/opt/2"].data == b"ours"
    _apply(node, {}, seed=seed)
    assert "/opt/1" not in node.things and "/opt/2" not in node.things
    assert node.records == {}


def test_a_seed_that_is_there_belongs_to_others() -> None:
    node = Model({"/etc/a": file("theirs")})
    assert not _apply(node, _file("/etc/a"), seed=("/etc/a",)).does_something
    assert node.records == {}


def test_only_named_values_are_ours_of_a_file_to_merge() -> None:
    first = "# theirs\nA=0\nB=0"
    node = Model({"/etc/a": file(first, 0o640, 500, 500)})
    config, merge = _file("/etc/a", "A=1%0AC=1%0A"), frozenset(["/etc/a"])
    _apply(node, config, merge=merge)
    assert node.things["/etc/a"]._replace(inode=0) == file("# theirs\nA=1\nB=0\nC=1", 0o640, 500, 500)
    assert not node.plan(request(("base", config), merge=merge)).does_something
    _apply(node, {})
    assert node.things["/etc/a"]._replace(inode=0) == file(first, 0o640, 500, 500)
    node = Model({})
    _apply(node, config, merge=merge)
    _apply(node, {})
    assert "/etc/a" not in node.things


def test_a_file_to_merge_that_was_made_whole_goes_with_its_last_key() -> None:
    node = Model({})
    config, merge = _file("/etc/a", "A=1%0AB=1%0A"), frozenset(["/etc/a"])
    _apply(node, config)
    assert not _apply(node, config, merge=merge).does_something
    _apply(node, _file("/etc/a", "B=1%0A"), merge=merge)
    assert node.things["/etc/a"].data == b"B=1\n"
    node.put("/etc/a", file("B=1\nTHEIRS=1\n"))
    _apply(node, {})
    assert node.things["/etc/a"].data == b"THEIRS=1\n"


def test_a_backup_is_of_what_is_replaced() -> None:
    node = Model({"/etc/a": file("theirs")})
    _apply(node, _file("/etc/a", overwrite=True), backup=True)
    assert node.things["/etc/a.backup"].data == b"theirs"
    node = Model({})
    _apply(node, _file("/etc/a"), backup=True)
    assert "/etc/a.backup" not in node.things


@pytest.mark.parametrize(
    ("before", "mode", "shown"),
    [(None, 0o644, True), (None, 0o640, False), (0o644, 0o644, True), (0o600, 0o644, False), (0o644, 0o600, False)],
)
def test_only_what_others_may_read_is_shown(before: int | None, mode: int, shown: bool) -> None:
    node = Model({} if before is None else {"/etc/a": file("theirs", before)})
    plan = node.plan(request(("base", _file("/etc/a", "secret", mode=mode))))
    assert plan.shown == ({"/etc/a": b"secret"} if shown else {})
    told = repr((plan.changes, plan.calls, plan.records))
    assert "secret" not in told and "theirs" not in told


def test_what_is_secret_of_a_source_is_in_no_argument() -> None:
    contents = {"source": URL, "httpHeaders": [{"name": "X", "value": 'a "hidden" \\ one'}], "compression": "gzip"}
    plan = Model({}).plan(request(("base", {"storage": {"files": [{"path": "/etc/a", "contents": contents}]}})))
    assert "hidden" not in repr((plan.calls, plan.changes, plan.records))
    (call,) = plan.calls["fetch"]
    assert call == "fetch '/etc/a from https://example.org/a' blobs/0 0 gzip ''"
    lines = plan.members["blobs/0"].decode().splitlines()
    assert f'url = "{URL}"' in lines
    assert 'header = "X: a \\"hidden\\" \\\\ one"' in lines
    assert plan.calls["stage"][0].endswith(f"{STATE}/pieces/0")


def test_a_vendors_file_comes_back_and_an_edited_one_as_it_was() -> None:
    for there, back in ((file("vendor's"), b"new vendor's"), (file("edited"), b"edited")):
        node = Model({"/etc/a": there, f"{VENDOR}/etc/a": file("vendor's")})
        _apply(node, _file("/etc/a", overwrite=True))
        node.put(f"{VENDOR}/etc/a", file("new vendor's"))
        _apply(node, {})
        assert node.things["/etc/a"].data == back


def test_owners_are_found_by_name_or_left_to_the_run_that_makes_them() -> None:
    node = Model({})
    plan = _apply(node, _file("/etc/a", user={"name": "core"}, group={"id": 7}))
    assert (node.things["/etc/a"].uid, node.things["/etc/a"].gid) == (500, 7)
    plan = node.plan(request(("base", _file("/etc/a", user={"name": "new"}, group={"name": "core"}))))
    assert [line.partition(" ")[2].split()[-1] for line in plan.calls["commit"] if line.startswith("dress")] == [
        "new:500"
    ]
