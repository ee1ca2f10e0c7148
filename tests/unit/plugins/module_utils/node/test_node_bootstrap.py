# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command that runs a payload, run by the shells that are here."""

from __future__ import annotations

import base64
import os
import pty
import select
import shutil
import signal
import subprocess
import time
import tty
from pathlib import Path

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._node import bootstrap
from ansible_collections.flatops.flatcar.plugins.module_utils._node.bootstrap import Answer
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import CODES, NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.payload import pack

SHELLS = [[name] for name in ("sh", "dash") if shutil.which(name)] + [["bash", "--posix"]]
ODD = bytes(range(256)) + b"\r\n\0\n" + "ü\u2028".encode()


class Node:
    """Two folders in place of /run and /var/lib, and a shell."""

    def __init__(self, folder: Path, shell: list[str]) -> None:
        self.runtime, self.state, self._shell = folder / "run", folder / "lib", shell
        self.runtime.mkdir()
        self.state.mkdir()

    def command(self, size: int, archive: str = "-") -> list[str]:
        text = bootstrap.command(size, archive, runtime=str(self.runtime), state=str(self.state))
        return [*self._shell, "-c", f"{text} && sleep 0"]

    def start(self, size: int = 0) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(size),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def send(self, payload: bytes, size: int | None = None) -> Answer:
        done = subprocess.run(
            self.command(len(payload) if size is None else size), input=payload, capture_output=True, check=True
        )
        return bootstrap.parse(done.stdout.decode(), done.stderr.decode())

    def run(self, script: str, **members: bytes) -> Answer:
        return self.send(pack(script, members))

    def left(self) -> list[str]:
        return [path.name for path in (*self.runtime.iterdir(), *self.state.iterdir()) if path.is_dir()]


@pytest.fixture(params=SHELLS, ids="-".join)
def node(tmp_path: Path, request: pytest.FixtureRequest) -> Node:
    return Node(tmp_path, request.param)


def _assert_swept(node: Node) -> None:
    """Runs sweep what a killed one left, as soon as the last of its processes has died."""
    deadline = time.monotonic() + 300
    node.run("true")
    while node.left() and time.monotonic() < deadline:
        node.run("true")
    assert node.left() == []


def _wait(path: Path) -> None:
    deadline = time.monotonic() + 300
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} does not appear"
        time.sleep(0.01)


def test_an_answer(node: Node) -> None:
    script = 'echo "said ü"; echo warned >&2; umask; cat member deep/er >out/both; mkdir out/x; echo 1 >out/x/y; exit 7'
    answer = node.send(pack(script, {"member": ODD, "deep/er": b"\0"}))
    assert answer == Answer(7, {"both": ODD + b"\0", "x/y": b"1\n"}, "said ü\n0022\n", "warned\n")
    assert node.left() == []


def test_the_place_of_a_script(node: Node) -> None:
    answer = node.run("pwd; stat -c %a . run member; echo $LC_ALL; cat; readlink /proc/self/fd/0", member=b"")
    where, *modes, locale, stdin = answer.stdout.splitlines()
    assert Path(where).parent == node.runtime
    assert (modes, locale, stdin) == (["700", "600", "600"], "C", "/dev/null")


def test_a_large_payload_goes_to_the_disk(node: Node) -> None:
    answer = node.send(pack("pwd", {}), bootstrap.LARGE + 1)
    assert Path(answer.stdout.strip()).parent == node.state
    assert node.left() == []


def test_megabytes(node: Node) -> None:
    data = os.urandom(5 << 20)
    answer = node.run("cat data >out/data; cat data data data; cat data >&2", data=data)
    assert answer.files["data"] == data


@pytest.mark.parametrize("size", [0, 1, 511, 512, 1000, 1024, 2000, 2560])
def test_a_cut_upload_does_nothing(node: Node, size: int, tmp_path: Path) -> None:
    payload = pack(f"touch {tmp_path}/done", {"member": b"x" * 1000})
    with pytest.raises(NodeError) as caught:
        node.send(payload[:size])
    assert caught.value.code == "upload_cut"
    assert node.left() == [] and not (tmp_path / "done").exists()


def test_each_cut_payload_is_noticed(tmp_path: Path) -> None:
    """Also between two members, where tar itself sees no error."""
    payload = pack("exit 0", {"a": b"x" * 512, "b": b"y"})
    end = payload.index(b"END\0")
    node = Node(tmp_path, ["sh"])
    for size in range(0, end + 1, 512):
        with pytest.raises(NodeError):
            node.send(payload[:size])


def test_an_archive_in_a_file(node: Node, tmp_path: Path) -> None:
    archive = tmp_path / "it's.tar"
    archive.write_bytes(pack("echo done", {}))
    done = subprocess.run(node.command(1, str(archive)), stdin=subprocess.DEVNULL, capture_output=True, check=True)
    assert bootstrap.parse(done.stdout.decode(), "").stdout == "done\n"
    assert not archive.exists()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE])
def test_a_script_survives_signals(node: Node, number: signal.Signals, tmp_path: Path) -> None:
    payload = pack(f"touch {tmp_path}/began; sleep 0.5; touch {tmp_path}/done; echo 1", {})
    process = node.start(len(payload))
    assert process.stdin
    process.stdin.write(payload)
    process.stdin.flush()
    _wait(tmp_path / "began")
    os.killpg(process.pid, number)
    stdout, stderr = process.communicate()
    assert bootstrap.parse(stdout.decode(), stderr.decode()).stdout == "1\n"
    assert (tmp_path / "done").exists() and node.left() == []


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_killed_while_it_receives(node: Node, number: signal.Signals) -> None:
    process = node.start()
    assert process.stdin
    process.stdin.write(pack("exit", {"a": b"x" * 100_000})[:50_000])
    process.stdin.flush()
    while not node.left():
        time.sleep(0.01)
    time.sleep(0.1)
    os.killpg(process.pid, number)
    process.communicate()
    _assert_swept(node)


def test_a_script_outlives_its_killed_command(node: Node, tmp_path: Path) -> None:
    wait = f"until [ -e {tmp_path}/go ]; do sleep 0.05; done"
    payload = pack(f"touch {tmp_path}/began; {wait}; touch {tmp_path}/done", {})
    process = node.start(len(payload))
    assert process.stdin
    process.stdin.write(payload)
    process.stdin.flush()
    _wait(tmp_path / "began")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    node.run("true")
    assert len(node.left()) == 1, "the folder of a script that still runs is not swept"
    (tmp_path / "go").touch()
    _wait(tmp_path / "done")
    _assert_swept(node)


def test_nobody_reads_the_answer(node: Node, tmp_path: Path) -> None:
    payload = pack("head -c 1000000 /dev/urandom >out/data", {})
    process = node.start(len(payload))
    assert process.stdin and process.stdout and process.stderr
    process.stdout.close()
    process.stderr.close()
    process.stdin.write(payload)
    process.stdin.close()
    process.wait()
    assert node.left() == []


def test_timeout_works_in_a_script(node: Node) -> None:
    assert node.run("timeout 0.1 sleep 9; echo $?").stdout == "124\n"


def test_a_missing_tool(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    text = bootstrap.command(1).replace("for t in ", "for t in no-such-tool ")
    monkeypatch.setattr(bootstrap, "command", lambda *dummy, **dummies: text)
    with pytest.raises(NodeError, match="no program no-such-tool") as caught:
        node.run("true", member=b"x" * 1_000_000)
    assert caught.value.code == "missing_tool"


def test_a_folder_that_cannot_be_written(node: Node) -> None:
    shutil.rmtree(node.runtime)
    with pytest.raises(NodeError, match="become: true") as caught:
        node.run("true", member=b"x" * 1_000_000)
    assert caught.value.code == "not_root"
    node.runtime.mkdir()


@pytest.mark.parametrize("name", ["run", "END", "out", "out/x", "/x", "a/../b", "../x", "", ".lock", "a//b"])
def test_names_that_no_member_can_have(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name"):
        pack("", {name: b""})


GOOD = base64.b64encode(b"").decode()


@pytest.mark.parametrize(
    ("stdout", "code"),
    [
        ("", "no_answer"),
        ("flatops-begin\n", "no_answer"),
        ("flatops-begin\nflatops-answer\nH4sI\n", "no_answer"),
        ("flatops-begin\nflatops-answer\nH4sI\nflatops-end 0\n", "bad_answer"),
        ("flatops-begin\nflatops-answer\n!\nflatops-end 0\n", "bad_answer"),
        ("flatops-begin\nflatops-answer\n\nflatops-end 0\n", "bad_answer"),
        ("flatops-begin\nflatops-answer\nflatops-end 0\n", "bad_answer"),
        ("flatops-begin\nflatops-failed missing_tool tar\n", "missing_tool"),
        ("flatops-begin\nflatops-failed no_space /run\n", "no_space"),
    ],
)
def test_damaged_answers(stdout: str, code: str) -> None:
    with pytest.raises(NodeError) as caught:
        bootstrap.parse(stdout, "")
    assert caught.value.code == code and code in CODES


def test_a_terminal_is_read_to_its_end(node: Node) -> None:
    """Else sudo, which gives the command this terminal, spins for ever."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(node.command(1), stdin=theirs, stdout=subprocess.PIPE, start_new_session=True)
    for dummy in range(100):
        assert select.select([], [ours], [], 300)[1], "the command reads no more"
        os.write(ours, b"0123456789abcde\n" * 64)
    assert process.stdout
    assert process.stdout.read().split() == [b"flatops-begin", b"flatops-failed", b"terminal"]
    process.wait()
    tty.setraw(theirs)
    os.set_blocking(theirs, False)
    with pytest.raises(BlockingIOError):
        os.read(theirs, 1)
    os.close(ours)
    os.close(theirs)


def test_what_a_terminal_does_to_an_answer(node: Node) -> None:
    payload = pack("echo 1", {})
    done = subprocess.run(node.command(1), input=payload, capture_output=True, check=True)
    text = "Last login: today\r\n" + done.stdout.decode().replace("\n", "\r\n") + "Connection closed\r\n"
    assert bootstrap.parse(text, "").stdout == "1\n"
