# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The script that carries a plan out: the order of its calls, its members, and what its answer says."""

from __future__ import annotations

import io
import subprocess
import tarfile

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._node import apply
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.observe import Questions
from ansible_collections.flatops.flatcar.plugins.module_utils._node.plan import Plan, Staged
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import UNFINISHED, load, saved_name

QUESTIONS = Questions(paths=["/etc/motd"])
CLEAN = apply.Outcome([], [], [], "")


def _plan() -> Plan:
    """A plan with a call in each phase."""
    plan = Plan()
    temporary = plan.temporary("/etc/motd")
    plan.staged.append(Staged(temporary, b"ours\n", 0o640, 500, 0))
    plan.records["path /etc/motd"] = {"owner": "base", "kind": "file"}
    plan.records["user a"] = {"owner": "base", "kind": "user"}
    plan.earlier["path /etc/gone"] = {"owner": "base", "kind": "file"}
    plan.call("fetch", "fetch", "/etc/b from https://x", "blobs/0", 0, "plain", "")
    plan.call("save", "save", "/etc/motd", "abc")
    plan.call("accounts", "alter", "user a", "useradd", "--", "a")
    plan.folders.update({"/opt/a/b": ("0700", "0:0"), "/opt/a": None})
    plan.call("commit", "commit", temporary, "/etc/motd")
    plan.call("remove", "remove", "/etc/gone", "/etc/.flatops.x")
    plan.emptied.update({"/opt/c": False, "/opt/c/d": True})
    plan.call("reload", "reload")
    plan.call("units", "unit", "start", "a.service")
    return plan


def _calls(plan: Plan) -> list[str]:
    """The lines behind the definitions of functions."""
    text, dummy = apply.script(plan, QUESTIONS, "digest", "me & you")
    lines = text.splitlines()
    return lines[lines.index("lock 'me & you'") :]


def test_the_order_of_the_calls() -> None:
    plan = _plan()
    temporary = plan.temporaries[0]
    assert _calls(plan) == [
        "lock 'me & you'",
        "unchanged digest",
        'try "$state" cp pending.new "$state/pending"',
        "fetch '/etc/b from https://x' blobs/0 0 plain ''",
        "save /etc/motd abc",
        # An account that a killed run has made is known to be ours.
        "record accounts",
        "alter 'user a' useradd -- a",
        "folder /opt/a",
        "folder /opt/a/b",
        "dress /opt/a/b 0700 0:0",
        "unpack",
        "settle",
        "record begun",
        f"commit {temporary} /etc/motd",
        "remove /etc/gone /etc/.flatops.x",
        "rid /opt/c/d tell",
        "rid /opt/c hush",
        "reload",
        "unit start a.service",
        # Who reads that the run has ended has nothing to sweep.
        "clean",
        "forget",
        "[ -e out/units ] || record manifest",
    ]


def test_a_plan_that_only_learns_something() -> None:
    plan = Plan()
    plan.records["path /etc/motd"] = {"owner": "base", "kind": "file"}
    assert _calls(plan)[3:] == ["settle", "record begun", "clean", "forget", "[ -e out/units ] || record manifest"]
    dummy, members = apply.script(plan, QUESTIONS, "digest", "me")
    assert load(members["begun"].decode()) == load(members["manifest"].decode()) == plan.records


def test_the_members() -> None:
    plan = _plan()
    dummy, members = apply.script(plan, QUESTIONS, "digest", "me")
    begun, manifest, accounts = (load(members[name].decode()) for name in ("begun", "manifest", "accounts"))
    assert set(manifest) == {"path /etc/motd", "user a"}
    assert set(begun) == {*manifest, "path /etc/gone", UNFINISHED} and begun[UNFINISHED]["reload"]
    assert set(accounts) == {"path /etc/gone", "user a"}
    assert members["pending.new"] == plan.temporaries[0].encode() + b"\0"
    assert members["saved"].decode().split() == [saved_name("/etc/motd"), saved_name("user a")]
    with tarfile.open(fileobj=io.BytesIO(members["files.tar"])) as archive:
        (entry,) = archive
        stream = archive.extractfile(entry)
        assert stream and stream.read() == b"ours\n"
    assert (f"/{entry.name}", entry.mode, entry.uid, entry.gid) == (plan.temporaries[0], 0o640, 500, 0)


def test_a_name_that_is_no_text_is_swept_as_it_is() -> None:
    plan = Plan()
    plan.temporary("/etc/\udcff/x")
    dummy, members = apply.script(plan, QUESTIONS, "digest", "me")
    assert members["pending.new"].startswith(b"/etc/\xff/.flatops.")


def test_a_shell_reads_the_script() -> None:
    text, dummy = apply.script(_plan(), QUESTIONS, "digest", "it's me")
    done = subprocess.run(["sh", "-n"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("files", "outcome"),
    [
        ({}, CLEAN),
        ({"done": b"/a b\0/c\nd\0"}, CLEAN._replace(done=["/a b", "/c\nd"])),
        ({"backups": b"/a~\0", "left": b"/b: why\0"}, CLEAN._replace(backups=["/a~"], left=["/b: why"])),
        ({"done": b"/\xff\0"}, CLEAN._replace(done=["/\udcff"])),
        ({"units": b"start of a failed\n"}, CLEAN._replace(units="start of a failed\n")),
    ],
)
def test_an_answer(files: dict[str, bytes], outcome: apply.Outcome) -> None:
    assert apply.outcome(0, files) == outcome


@pytest.mark.parametrize(
    ("files", "code", "message", "done"),
    [
        ({"code": b"no_space", "message": b"/a: full"}, "no_space", "/a: full", []),
        ({"code": b"read_only", "message": b"/\xff", "done": b"/a\0"}, "read_only", "/\ufffd", ["/a"]),
        ({}, "write_failed", "", []),
    ],
)
def test_a_failure_tells_what_was_done(files: dict[str, bytes], code: str, message: str, done: list[str]) -> None:
    with pytest.raises(NodeError) as caught:
        apply.outcome(apply.FAILED, files)
    assert (caught.value.code, str(caught.value)) == (code, message)
    assert caught.value.details == {"done": done, "changed": bool(done)}


def test_what_systemd_refused() -> None:
    assert apply.unit_error(CLEAN) is None
    error = apply.unit_error(CLEAN._replace(done=["/a"], units="start of a.service failed: Job failed\nno key\n"))
    assert error and error.code == "unit_failed" and error.details == {"done": ["/a"], "changed": True}
    assert "start of a.service failed: Job failed; no key" in str(error) and str(error).endswith("and run again")
