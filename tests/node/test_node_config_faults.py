# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""node_config when something goes wrong: a clear error, nothing half made, and the next run makes it good."""

from __future__ import annotations

import collections.abc
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node import trap
from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.processes import processes
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import ADMIN, Nodes

UNIT = """[Unit]
StartLimitIntervalSec=0
[Service]
Type=oneshot
RemainAfterExit=true
ExecStart=/bin/sh -c 'test -e /run/faults-key || { echo there is no key >&2; exit 3; }'
[Install]
WantedBy=multi-user.target
"""
#: What no run leaves, however it ends.
LEFT = r"""
find / /etc -xdev -name '.flatops*'
find /var/lib/flatops -name '*.new' -o -name pieces -o -name pending -o -name made
ls -d /run/flatops.???????? /var/lib/flatops-staging.* 2>/dev/null || true
"""
DIES = "-o ControlMaster=no -o ServerAliveInterval=1 -o ServerAliveCountMax=2"


def butane(files: dict[str, str], unit: str = "") -> dict[str, t.Any]:
    units = [{"name": "faults.service", "enabled": True, "contents": unit}] if unit else []
    storage = {"files": [{"path": path, "contents": {"inline": text}} for path, text in files.items()]}
    return {"variant": "flatcar", "version": "1.1.0", "storage": storage, "systemd": {"units": units}}


APP = butane({"/etc/faults/one": "one\n", "/opt/faults/two": "two\n"}, UNIT.replace("test -e /run/faults-key", "true"))


def config(described: dict[str, t.Any] | None, **task: t.Any) -> dict[str, t.Any]:
    state = "present" if described else "absent"
    options = {"name": "faults", "butane": described or "", "state": state}
    return {"name": "config", "flatops.flatcar.node_config": options, "ignore_errors": True, **task}


def shell(command: str) -> dict[str, t.Any]:
    return {"name": "shell", "ansible.builtin.raw": f"exec 2>/dev/null\n{command}\ntrue"}


def configs(played: Played) -> list[dict[str, t.Any]]:
    """What the tasks of node_config gave."""
    found = [{**result.result, "failed": result.failed} for result in played.results if result.task == "config"]
    assert found, played.output
    return found


def shells(played: Played) -> list[list[str]]:
    return [result.result["stdout"].splitlines() for result in played.results if result.task == "shell"]


def test_a_full_disk(play: Player) -> None:
    described = butane({"/opt/small/big": "x" * 900_000, "/etc/faults/one": "one\n"})
    look = shell(f"ls -A /opt/small; ls -d /etc/faults; {LEFT}")
    played = play(
        [
            shell("mkdir -p /opt/small; mount -t tmpfs -o size=256k tmpfs /opt/small"),
            config(described),
            look,
            shell("mount -o remount,size=4m /opt/small"),
            config(described),
            config(described),
            # And what the node keeps for itself.
            shell(
                "umount /opt/small; mount -t tmpfs -o size=64k tmpfs /var/lib/flatops;"
                "fallocate -l 60k /var/lib/flatops/x"
            ),
            config(APP),
            shell(f"ls -d /etc/faults /opt/faults; {LEFT}"),
            shell("umount /var/lib/flatops"),
            config(None),
            config(None),
            shell("rmdir /opt/small; ls -d /opt/small /etc/faults"),
        ],
        hosts="node1",
    )
    full, mended, again, ours_full, *gone = configs(played)
    assert full["error_code"] == "no_space" and "/opt/small" in full["msg"] and not full["changed"], full
    assert not mended["failed"] and mended["changed"] and not again["changed"], mended
    assert ours_full["error_code"] == "no_space" and "/var/lib/flatops" in ours_full["msg"], ours_full
    assert [one["changed"] for one in gone] == [True, False], gone
    assert [shells(played)[number] for number in (1, 4, 6)] == [[], ["/etc/faults"], []], shells(played)


def test_what_is_read_only(play: Player) -> None:
    usr, mounted = (butane({"/etc/faults/one": "one\n", path: "two\n"}) for path in ("/usr/share/x", "/opt/ro/deep/x"))
    played = play(
        [
            shell("mkdir -p /opt/ro; mount -t tmpfs -o ro tmpfs /opt/ro"),
            config(usr),
            config(mounted),
            shell(f"ls -d /etc/faults; {LEFT}"),
            shell("mount -o remount,rw /opt/ro"),
            config(mounted),
            config(None),
            shell(f"umount /opt/ro && rmdir /opt/ro; ls -d /etc/faults; {LEFT}"),
        ],
        hosts="node1",
    )
    refused, other, mended, gone = configs(played)
    assert refused["error_code"] == other["error_code"] == "read_only", (refused, other)
    assert "/usr/share/x: /usr/share of the node" in refused["msg"] and "/opt/ro/deep/x" in other["msg"]
    assert mended["changed"] and gone["changed"] and not mended["failed"]
    assert shells(played)[1] == shells(played)[3] == []


def test_a_unit_that_does_not_start(play: Player) -> None:
    described = butane({"/etc/faults/one": "one\n"}, UNIT)
    played = play(
        [
            config(described),
            shell(f"cat /etc/faults/one; systemctl is-enabled faults; {LEFT}"),
            config(described),
            shell("touch /run/faults-key"),
            config(described),
            config(described),
            shell(f"systemctl is-active faults; systemctl show -P NeedDaemonReload faults; {LEFT}"),
            config(None),
            config(None),
            shell("rm /run/faults-key; systemctl reset-failed faults; systemctl is-active faults"),
        ],
        hosts="node1",
    )
    failed, still, mended, again, *gone = configs(played)
    for one in (failed, still):
        assert one["failed"] and one["error_code"] == "unit_failed" and one["changed"], one
        assert "start of faults.service failed" in one["msg"] and "there is no key" in one["msg"], one["msg"]
    assert "/etc/faults/one" in failed["paths"] and "/etc/faults/one" in failed["done"] and not still["paths"]
    assert not mended["failed"] and mended["units"] == ["faults.service"] and mended["changed"], mended
    assert not again["changed"] and [one["changed"] for one in gone] == [True, False]
    assert shells(played)[0] == ["one", "enabled"] and shells(played)[2] == ["active", "no"]
    assert shells(played)[3] == ["inactive"]


@pytest.mark.parametrize("password", [{"ansible_become_password": "not this one"}, {}], ids=["wrong", "none"])
def test_no_way_to_become_root(play: Player, nodes: Nodes, password: dict[str, str]) -> None:
    started = time.monotonic()
    played = play([config(APP)], hosts="node1", variables={"ansible_user": ADMIN, **password})
    assert time.monotonic() - started < 300
    (refused,) = configs(played)
    assert refused["error_code"] == "become_refused" and "cannot become root" in refused["msg"], refused
    assert "not this one" not in played.output
    assert trap.run(nodes, "node1", f"ls -d /etc/faults; {LEFT}") == ""


def test_nobody_listens(play: Player) -> None:
    tasks = [config(APP), {"flatops.flatcar.node_unit": {"name": "sshd.service"}}, {"flatops.flatcar.node_facts": {}}]
    for task in tasks:
        task["ignore_unreachable"] = True
    played = play(tasks, hosts="node1", variables={"ansible_port": 1})
    assert len(played.results) == 3
    for result in played.results:
        assert result.result["unreachable"] and "Connection refused" in result.result["msg"], result


@pytest.fixture
def held(nodes: Nodes) -> collections.abc.Iterator[None]:
    with trap.trapped(nodes, "node1"):
        yield


class Started:
    """A playbook of one task that runs by itself while its script is held."""

    def __init__(self, play: Player, described: dict[str, t.Any] | None, ssh: str = "-o ControlMaster=no") -> None:
        self.folder = play.folder / "started"
        self.folder.mkdir(exist_ok=True)
        playbook, self.written = self.folder / "play.json", self.folder / "results"
        playbook.write_text(json.dumps([{"hosts": "node1", "gather_facts": False, "tasks": [config(described)]}]))
        self.written.write_text("")
        program = pathlib.Path(sys.executable).with_name("ansible-playbook")
        settings = {**Player(play.inventory, self.folder).settings(self.written), "ANSIBLE_SSH_ARGS": ssh}
        self.process = subprocess.Popen(
            [program, "-i", play.inventory, playbook],
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self, program: str = "") -> None:
        """kill -9 of all of it, or of its processes of one program."""
        for pid, name in processes(self.process.pid).items():
            if name.startswith(program):
                os.kill(pid, signal.SIGKILL)

    def result(self) -> dict[str, t.Any]:
        self.process.wait()
        (line,) = self.written.read_text().splitlines()
        found: dict[str, t.Any] = json.loads(line)["result"]
        return found


def start_held(nodes: Nodes, play: Player, described: dict[str, t.Any] | None, at: str, ssh: str = "") -> Started:
    """Start a run, and wait until it is held at a call."""
    trap.run(nodes, "node1", trap.setting(at, "hold"))
    started = Started(play, described, f"-o ControlMaster=no {ssh}")
    trap.wait(nodes, "node1", "[ -e /run/trap/held ]")
    return started


def release(nodes: Nodes) -> None:
    """Let a run go on, and wait until the node is done with it."""
    trap.run(nodes, "node1", "touch /run/trap/go")
    trap.wait(nodes, "node1", "! ls -d /run/flatops.????????")


def test_a_killed_controller(play: Player, nodes: Nodes, held: None) -> None:
    """Once the script has begun the node does all of it, alone."""
    for described, at, there in (
        (APP, "tar", "one\nactive\n"),
        (None, "rm -f -- /opt", "inactive\n"),
        (APP, "systemctl --no-ask-password start", "one\nactive\n"),
        (None, "mv -f", "inactive\n"),
    ):
        start_held(nodes, play, described, at).kill()
        release(nodes)
        look = "cat /etc/faults/one /opt/faults/two | grep one; systemctl is-active faults; true"
        assert trap.run(nodes, "node1", f"{look}\n{LEFT}") == there, at
        (again,) = configs(play([config(described)], hosts="node1"))
        assert not again["failed"] and not again["changed"], (at, again)


def test_a_lost_connection(play: Player, nodes: Nodes, held: None) -> None:
    started = start_held(nodes, play, APP, "mv -fT")
    started.kill("ssh")
    lost = started.result()
    assert lost.get("error_code") == "no_answer" or lost.get("unreachable"), lost
    release(nodes)
    started = start_held(nodes, play, None, "rm -f -- /opt", "-o ServerAliveInterval=1 -o ServerAliveCountMax=2")
    with cut(nodes):
        lost = started.result()
    assert lost["unreachable"], lost
    release(nodes)
    assert trap.run(nodes, "node1", f"ls -d /etc/faults /opt/faults\n{LEFT}") == ""
    assert [one["changed"] for one in configs(play([config(None), config(APP), config(None)], hosts="node1"))] == [
        False,
        True,
        True,
    ]


@contextlib.contextmanager
def cut(nodes: Nodes) -> collections.abc.Iterator[None]:
    """The cable of node1 is out."""
    port = f"{nodes.bridge}n1"
    subprocess.run(["ip", "link", "set", port, "down"], check=True)
    try:
        yield
    finally:
        subprocess.run(["ip", "link", "set", port, "up"], check=True)


def test_two_runs_at_once(play: Player, nodes: Nodes, held: None) -> None:
    waits = "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -q 'floc[k] -w'"
    first = start_held(nodes, play, APP, "mv -fT")
    found: list[Played] = []
    second = threading.Thread(target=lambda: found.append(play([config(APP)], hosts="node1")))
    second.start()
    trap.wait(nodes, "node1", waits)
    release(nodes)
    second.join()
    assert first.result()["changed"]
    (waited,) = configs(found[0])
    assert not waited["failed"] and not waited["changed"], waited
    # One that is less patient than ours says who it is that it waits for.
    first = start_held(nodes, play, None, "rm -f -- /opt")
    impatient = 'printf \'#!/bin/sh\\n[ "$1" != -w ] || { shift 2; set -- -w 1 "$@"; }\\nexec /run/trap/flock "$@"\\n\''
    trap.run(
        nodes,
        "node1",
        f"cp /usr/bin/flock /run/trap/; {impatient} >/run/trap/impatient; chmod +x /run/trap/impatient\n"
        "mount --bind /run/trap/impatient /usr/bin/flock",
    )
    try:
        (refused,) = configs(play([config(APP)], hosts="node1"))
    finally:
        trap.run(nodes, "node1", "umount /usr/bin/flock")
    assert refused["error_code"] == "locked" and f"@{os.uname().nodename}, process" in refused["msg"], refused
    release(nodes)
    assert first.result()["changed"]
    assert trap.run(nodes, "node1", f"ls -d /etc/faults /opt/faults\n{LEFT}") == ""


def test_a_power_cut(play: Player, nodes: Nodes, held: None) -> None:
    started = start_held(nodes, play, APP, "mv -fT", "-o ServerAliveInterval=1 -o ServerAliveCountMax=2")
    nodes.cut_power("node1")
    lost = started.result()
    assert lost["unreachable"], lost
    nodes.power_on("node1")
    mended, again, gone = configs(play([config(APP), config(APP), config(None)], hosts="node1"))
    assert mended["changed"] and not mended["failed"] and mended["units"] == ["faults.service"], mended
    assert not again["changed"] and gone["changed"], (again, gone)
    assert trap.run(nodes, "node1", f"ls -d /etc/faults /opt/faults\n{LEFT}") == ""
