# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is seen on a node: the script run by the shells that are here, on folders of this machine, and its answer."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import typing as t
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._node.observe import (
    PREVIEW,
    STATE,
    Account,
    Observed,
    Questions,
    Seen,
    UnitState,
    digest,
    parents,
    parse,
    preview,
    script,
)

SHELLS = [[name] for name in ("sh", "dash") if shutil.which(name)] + [["bash", "--posix"]]
SYSTEMCTL = """#!/bin/sh
case "$1 $3" in
  "is-enabled on@.service") echo enabled;;
  "is-enabled off@.service") echo disabled; exit 1;;
  is-enabled*) echo "Failed to get unit file state" >&2; exit 1;;
  *) cat "$ANSWER";;
esac
"""
NAMES = st.binary(min_size=1, max_size=12).filter(lambda name: not {0, 47} & set(name) and name not in (b".", b".."))
THINGS = st.tuples(st.sampled_from("fdl"), st.binary(max_size=40), st.integers(0, 0o777).map(lambda mode: mode | 0o400))


class Node:
    """A folder in place of a node's, and a shell."""

    def __init__(self, folder: Path, shell: list[str]) -> None:
        self.folder, self.state, self._tools, self._shell = folder / "node", folder / "state", folder / "bin", shell
        self._work, self._runs = folder / "work", 0
        for path in (self.folder, self.state, self._tools):
            path.mkdir()
        (self._tools / "systemctl").write_text(SYSTEMCTL)
        (self._tools / "systemctl").chmod(0o755)

    def run(self, text: str, members: t.Mapping[str, bytes], units: bytes = b"") -> dict[str, bytes]:
        work = self._work / str(self._runs)
        self._runs += 1
        (work / "out").mkdir(parents=True)
        for name, data in members.items():
            (work / name).write_bytes(data)
        (work / "answer").write_bytes(units)
        path = f"{self._tools}:{os.environ['PATH']}"
        environment = {"PATH": path, "LC_ALL": "C", "ANSWER": str(work / "answer")}
        command: list[str | bytes] = [*self._shell, "-c", os.fsencode(text.replace(STATE, str(self.state)))]
        subprocess.run(command, cwd=work, env=environment, check=True)
        return {file.name: file.read_bytes() for file in (work / "out").iterdir()}

    def observe(self, questions: Questions, units: bytes = b"") -> Observed:
        text, members = script(questions)
        return parse(questions, self.run(f"{text}observe out", members, units))


@pytest.fixture(params=SHELLS, ids="-".join)
def node(tmp_path: Path, request: pytest.FixtureRequest) -> Node:
    return Node(tmp_path, request.param)


def _make(path: str, kind: str, data: bytes, mode: int) -> Seen:
    """A file, directory or link, and how it looks."""
    if kind == "f":
        Path(path).write_bytes(data)
    elif kind == "d":
        os.mkdir(path)
    else:
        target = data.replace(b"\0", b"") or b"x"
        os.symlink(target, os.fsencode(path))
    if kind != "l":
        os.chmod(path, mode)
    found = os.lstat(path)
    return Seen(
        kind,
        found.st_mode & 0o7777,
        found.st_uid,
        found.st_gid,
        f"{found.st_dev}:{found.st_ino}",
        os.readlink(path) if kind == "l" else "",
        hashlib.sha256(data).hexdigest() if kind == "f" else "",
    )


@settings(max_examples=25)
@given(st.dictionaries(NAMES, THINGS, max_size=6))
@example(
    {
        b"a b": ("f", b"1", 0o400),
        b"a\nb\n": ("d", b"", 0o700),
        b'it\'s "$x" `y` \\': ("l", b"../a\n 'b' ", 0),
        b"\xff\xfe": ("f", b"\0", 0o600),
        b"-rf": ("l", b"-\xff", 0),
        "ü\u2028".encode(): ("f", b"", 0o444),
        b"  two  blanks  ": ("f", b"2", 0o777),
    }
)
def test_names_and_targets_come_as_they_are(things: dict[bytes, tuple[str, bytes, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        node = Node(Path(folder), SHELLS[0])
        paths = {os.path.join(str(node.folder), os.fsdecode(name)): thing for name, thing in things.items()}
        made = {path: _make(path, *thing) for path, thing in paths.items()}
        files = [path for path, seen in made.items() if seen.kind == "f"]
        seen = node.observe(Questions(paths=paths, sha512=files, texts=files, endings=dict.fromkeys(files, 1)))
    assert seen.nodes == made
    data = {path: paths[path][1] for path in files}
    assert seen.sha512 == {path: hashlib.sha512(text).hexdigest() for path, text in data.items()}
    assert seen.texts == {path: text.decode("utf-8", "surrogateescape") for path, text in data.items()}
    assert seen.endings == {
        path: (hashlib.sha256(text[-1:]).hexdigest(), hashlib.sha256(text[:-1]).hexdigest())
        for path, text in data.items()
    }


def test_nothing_is_asked(node: Node) -> None:
    seen = node.observe(Questions(()))
    nothing: t.Any = {}
    assert seen._replace(state="") == Observed(
        "",
        {},
        {},
        {},
        {},
        frozenset(),
        {},
        frozenset(),
        nothing,
        nothing,
        "",
        "",
        seen.boot_id,
        {},
        {},
        {},
        frozenset(),
    )


def test_what_is_asked_of_a_node(node: Node) -> None:
    odd = str(node.folder / "it's\n a $(name)")
    Path(odd).touch()
    (node.state / "manifest.json").write_text("the manifest")
    (node.state / "first-boot.json").write_text("the first boot")
    seen = node.observe(
        Questions(
            paths=(),
            texts=(odd, str(node.folder), f"{odd}-no"),
            endings={f"{odd}-no": 3},
            folders=(str(node.folder), f"{odd}-no"),
            devices=(odd, f"{odd}-no"),
            users=("root", "nobody-has-this"),
            groups=("root", "nor this"),
            tools=("sh", "no-such-tool", "sh ls"),
        )
    )
    assert seen.texts == {odd: ""}
    assert seen.endings == {}
    assert seen.sealed == {f"{odd}-no"}
    assert seen.devices == {odd}
    assert seen.missing == {"no-such-tool", "sh ls"}
    assert (list(seen.users), seen.users["root"][2]) == (["root"], "0")
    assert (list(seen.groups), seen.groups["root"][2]) == (["root"], "0")
    assert (seen.manifest, seen.first_boot) == ("the manifest", "the first boot")
    assert seen.boot_id == Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def test_units(node: Node) -> None:
    units = (
        b"LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nInvocationID=0a1b\n"
        b"\nLoadState=not-found\nActiveState=inactive\nInvocationID=\n"
    )
    names = ("a.service", "on@.service", "off@.service", "no@.service", "on@1.service")
    seen = node.observe(Questions((), units=names), units)
    assert seen.units == {
        "a.service": UnitState("loaded", "active", "enabled", "0a1b"),
        "on@1.service": UnitState("not-found", "inactive", ""),
        "on@.service": UnitState("loaded", "", "enabled"),
        "off@.service": UnitState("loaded", "", "disabled"),
        "no@.service": UnitState("not-found", "", ""),
    }


def test_the_state_is_that_of_everything_but_units(node: Node) -> None:
    path = node.folder / "file"
    path.write_text("1")
    questions = Questions([str(path)], texts=[str(path)], units=["a.service"])
    states = [node.observe(questions, b"ActiveState=active\n").state]
    assert node.observe(questions, b"ActiveState=failed\n").state == states[0]
    (node.state / "manifest.json").write_text("{}")
    states.append(node.observe(questions).state)
    path.write_text("2")
    states.append(node.observe(questions).state)
    path.chmod(0o600)
    states.append(node.observe(questions).state)
    path.unlink()
    states.append(node.observe(questions).state)
    assert len(set(states)) == len(states)


def test_previews_are_the_beginnings_of_files(node: Node) -> None:
    small, large, odd = (node.folder / name for name in ("small", "large", "it's\n$(odd)"))
    small.write_bytes(b"\0\n")
    large.write_bytes(b"x" * (PREVIEW + 9))
    odd.write_bytes(b"odd")
    asked = [str(path) for path in (small, node.folder, large, node.folder / "no", odd)]
    assert node.run(preview(asked), {}) == {"0": b"\0\n", "2": b"x" * (PREVIEW + 1), "4": b"odd"}


def test_accounts_are_read() -> None:
    gecos = "Ümit\u2028\x0c"
    seen = parse(
        Questions((), users=["core"], accounts=["core", "new"]),
        {
            "passwd": f"core:x:500:500:{gecos}:/home/core:/bin/bash\n".encode(),
            "group": b"wheel:x:10:core,admin\nempty:x:9:\n",
            "members": b"wheel:x:10:core,admin\nempty:x:9:\n",
            "account": b"core\0core wheel\0aa\0new\0\0bb\0",
            "account.keys": b"core\0authorized_keys\0ssh-rsa A\n\0core\0authorized_keys.d/x y\0\xff\n\0",
            "group_password": b"wheel\0cc\0",
        },
    )
    assert seen.users == {"core": ["core", "x", "500", "500", gecos, "/home/core", "/bin/bash"]}
    assert seen.groups["empty"] == ["empty", "x", "9", ""]
    assert seen.members == {"wheel": ["core", "admin"], "empty": []}
    assert seen.accounts == {
        "core": Account(
            frozenset(["core", "wheel"]), "aa", {"authorized_keys": "ssh-rsa A\n", "authorized_keys.d/x y": "\udcff\n"}
        ),
        "new": Account(frozenset(), "bb", {}),
    }
    assert seen.group_passwords == {"wheel": "cc"}


def test_the_digest_of_a_password_is_that_of_the_node(node: Node) -> None:
    files = node.run(
        "getent() { echo \"core:$hash:1\"; }; hash='$6$a'; " + script(Questions(()))[0] + "digest x y >out/a", {}
    )
    assert files["a"].decode() == digest("$6$a") + "\n"


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        ([], set()),
        (["/"], set()),
        (["/etc"], set()),
        (["/etc/a/b", "/etc/c"], {"/etc", "/etc/a"}),
        (["/a/b/c/d", "/a/b"], {"/a", "/a/b", "/a/b/c"}),
    ],
)
def test_the_folders_above_paths(paths: list[str], found: set[str]) -> None:
    assert parents(paths) == found
