# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module vsphere_vm as Ansible runs it, against a simulated vCenter."""

from __future__ import annotations

import contextlib
import http.server
import os
import pathlib
import signal
import sys
import threading
import time
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import connection
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.guestinfo import decode
from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.options import ignition
from ansible_collections.flatops.flatcar.tests.processes import processes
from ansible_collections.flatops.flatcar.tests.standins.background import in_background
from ansible_collections.flatops.flatcar.tests.standins.vsphere import ova, vcsim
from ansible_collections.flatops.flatcar.tests.vsphere.lab import TEMPLATE, Lab

SECRET = "hunter2-correcthorse"


class Runner:
    """Runs tasks of the module, with -vvv, where no secret may be seen."""

    def __init__(self, server: vcsim.Server, play: Player) -> None:
        self.server, self.play = server, play

    def played(self, *calls: dict[str, t.Any], check: bool = False, **options: t.Any) -> Played:
        found = [
            {"flatops.flatcar.vsphere_vm": {**self.server.options(), **call}, "ignore_errors": True} for call in calls
        ]
        played = self.play(
            found,
            hosts="localhost",
            variables={"ansible_python_interpreter": sys.executable},
            arguments=["-vvv"],
            check=check,
            diff=True,
            **options,
        )
        assert SECRET not in played.output
        return played

    def __call__(self, *calls: dict[str, t.Any], check: bool = False) -> list[dict[str, t.Any]]:
        played = self.played(*calls, check=check)
        assert len(played.results) == len(calls), played.output
        return [{"failed": result.failed, **result.result} for result in played.results]


@pytest.fixture
def run(server: vcsim.Server, play: Player) -> Runner:
    return Runner(server, play)


@pytest.fixture
def lab(session: connection.Session) -> Lab:
    return Lab(session)


@pytest.fixture
def archive(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "flatcar.ova"
    ova.write(path, ova.Shape(random=8 << 20))
    return path


@pytest.mark.one_core
def test_states(run: Runner, lab: Lab, archive: pathlib.Path) -> None:
    made = {
        "name": "node1",
        "ova": str(archive),
        "cluster": "DC0_C0",
        "ignition": ignition(SECRET),
        "extra_config": {"guestinfo.token": SECRET, "guestinfo.one": 1},
        "ovf_properties": {"guestinfo.hostname": SECRET},
        "cpus": 1,
    }
    gone = {"name": "node1", "state": "absent", "force": True}
    (told,) = run(made, check=True)
    assert told["changed"]
    assert "node1" not in lab.names()
    first, again, removed, absent = run(made, made, gone, gone)
    assert [each["changed"] for each in (first, again, removed, absent)] == [True, False, True, False]
    assert first["vms"][0]["actions"] == told["vms"][0]["actions"] == ["created", "powered_on"]
    assert first["vms"][0]["hardware"]["cpus"] == 1
    assert first["diff"] == told["diff"]
    assert first["diff"]["after"]["node1"]["ignition"] == first["vms"][0]["ignition"]["sha256"]


@pytest.mark.one_core
def test_errors(run: Runner, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "node.ign"
    path.write_text(ignition(SECRET))
    instances = [{"name": "good"}, {"name": "bad", "template": "none"}, {"name": "url", "ignition_url": "?" + SECRET}]
    given = {**TEMPLATE, "instances": instances, "ignition_file": str(path)}
    failed, reported, wrong, untrusted = run(
        given,
        {**given, "on_error": "report"},
        {"name": "good", "password": "wrong"},
        {"name": "good", "ca_path": "{{ omit }}"},
    )
    assert (failed["failed"], failed["changed"], failed["error_code"]) == (True, True, "not_found")
    assert failed["msg"].startswith("2 of 3 VMs failed. bad: ")
    assert (reported["failed"], reported["changed"]) == (False, False)
    assert [vm.get("error_code") for vm in reported["vms"]] == [None, "not_found", "bad_option"]
    assert (wrong["error_code"], untrusted["error_code"]) == ("login", "tls_untrusted")


class _Half(http.server.BaseHTTPRequestHandler):
    """Sends half of a file, and waits."""

    content: t.ClassVar[bytes]
    reached: t.ClassVar[threading.Event]
    leave: t.ClassVar[threading.Event]

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(self.content[: len(self.content) // 2])
            self.wfile.flush()
            self.reached.set()
            self.leave.wait(300)

    def log_message(self, format: str, *args: t.Any) -> None:
        """Says nothing."""


@pytest.mark.one_core
def test_a_run_that_is_killed_in_its_upload(run: Runner, lab: Lab, archive: pathlib.Path) -> None:
    _Half.content, _Half.reached, _Half.leave = archive.read_bytes(), threading.Event(), threading.Event()
    made = {"name": "node1", "cluster": "DC0_C0", "ignition": ignition()}
    output: list[Played] = []
    with in_background(http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Half)) as server:
        url = f"http://user:{SECRET}@127.0.0.1:{server.server_address[1]}/flatcar.ova"
        thread = threading.Thread(target=lambda: output.append(run.played({**made, "url": url})))
        thread.start()
        try:
            assert _Half.reached.wait(300)
            while "node1" not in lab.names():
                time.sleep(0.05)
            for pid, name in processes(os.getpid()).items():
                if pid != os.getpid() and not name.startswith("vcsim"):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            thread.join(300)
        finally:
            _Half.leave.set()
    left = lab.seen("node1")
    assert left.stamp.state == "importing"
    assert left.power == "powered_off"
    assert b"/etc/word" in (decode(left.extra) or b"")
    given = {**made, "ova": str(archive)}
    told, mended, again = run(given, {**given, "force": True}, given)
    assert (told["error_code"], told["vms"][0]["left_behind"]) == ("import_unfinished", left.moid)
    assert mended["vms"][0]["actions"] == ["deleted", "created", "powered_on"]
    assert (again["failed"], again["changed"]) == (False, False)


def test_the_companion_shows_how_far_it_is(run: Runner, archive: pathlib.Path) -> None:
    content = archive.read_bytes()

    class Slow(_Half):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):
                for start in range(0, len(content), 1 << 20):
                    self.wfile.write(content[start : start + (1 << 20)])
                    self.leave.wait(0.8)

    Slow.leave = threading.Event()
    with in_background(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}/flatcar.ova"
        played = run.played({"name": "node1", "cluster": "DC0_C0", "url": url})
    assert played.results[0].changed, played.output
    assert "[localhost] vsphere_vm: uploads, " in played.output
