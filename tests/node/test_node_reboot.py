# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""node_reboot on nodes."""

from __future__ import annotations

import collections.abc
import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import ADMIN, PASSWORD, Nodes


def reboot(play: Player, hosts: str = "node1", **options: t.Any) -> Played:
    given = {name: options.pop(name) for name in ("check", "variables") if name in options}
    tasks = [{"flatops.flatcar.node_reboot": options}, {"flatops.flatcar.node_facts": {"gather_subset": "min"}}]
    return play(tasks, hosts=hosts, **given)


@pytest.fixture
def bad_unit(nodes: Nodes) -> collections.abc.Iterator[None]:
    """Node1 has a unit that fails at boot, from its next boot on."""
    unit = "[Service]\\nExecStart=/bin/false\\n[Install]\\nWantedBy=multi-user.target\\n"
    nodes.run("node1", f"printf '{unit}' | sudo tee /etc/systemd/system/bad.service; sudo systemctl enable bad")
    yield
    nodes.run(
        "node1", "sudo systemctl disable bad; sudo rm /etc/systemd/system/bad.service; sudo systemctl reset-failed"
    )


def test_all_nodes_at_once(play: Player, nodes: Nodes) -> None:
    before = {node.name: nodes.boot_id(node.name) for node in nodes.nodes}
    played = reboot(play, "nodes", message="it's $(time)")
    assert played.rc == 0, played.output
    assert len(played.results) == 6
    for result in played.results[:3]:
        found = result.result
        assert result.changed and found["rebooted"] and found["system_state"] == "running"
        assert found["boot_id_before"] == before[result.host] != found["boot_id_after"] == nodes.boot_id(result.host)
        assert found["elapsed"] < 60 and found["failed_units"] == []


def test_check_mode(play: Player, nodes: Nodes) -> None:
    before = nodes.boot_id("node1")
    played = reboot(play, check=True, pre_commands=["touch /var/pre"])
    assert played.results[0].changed and not played.results[0].result["rebooted"]
    assert played.results[0].result["boot_id_before"] == before == nodes.boot_id("node1")
    assert nodes.run("node1", "ls -d /var/pre /run/systemd/transient/flatops*").stdout == ""


@pytest.mark.parametrize(
    "variables",
    [
        {"ansible_user": ADMIN, "ansible_become_password": PASSWORD, "ansible_ssh_pipelining": True},
        {"ansible_ssh_extra_args": "-o RequestTTY=force"},
        {"ansible_ssh_args": "-o ControlMaster=no"},
    ],
    ids=["password", "tty", "no-persist"],
)
def test_kinds_of_connections(play: Player, variables: dict[str, t.Any]) -> None:
    played = reboot(play, variables=variables)
    assert played.rc == 0, played.output
    assert played.results[0].result["rebooted"]


#: An ssh that loses the connection to the first script that reboots the node, when the node has gone down.
LOSING = """\
#!/bin/sh
tee {folder}/stdin | ssh "$@"
rc=$?
if grep -q 'systemctl reboot' {folder}/stdin && mkdir {folder}/lost; then
  sleep 3
  exit 255
fi
exit $rc
"""


def test_an_answer_that_is_lost(play: Player, nodes: Nodes, tmp_path: pathlib.Path) -> None:
    before = nodes.boot_id("node1")
    program = tmp_path / "ssh"
    program.write_text(LOSING.format(folder=tmp_path))
    program.chmod(0o755)
    played = reboot(play, variables={"ansible_ssh_executable": str(program)})
    assert played.rc == 0, played.output
    assert (tmp_path / "lost").exists()
    found = played.results[0].result
    assert found["boot_id_before"] == before != found["boot_id_after"] == nodes.boot_id("node1")


def test_commands(play: Player, nodes: Nodes) -> None:
    script = "[ $(wc -l </run/count) -ge 2 ]"
    played = reboot(
        play,
        pre_commands=["echo it\\'s >/var/pre"],
        post_commands=["cat /var/pre && ! test -e /run/pre", f"echo >>/run/count; {script}"],
    )
    assert played.rc == 0, played.output
    assert nodes.run("node1", "cat /var/pre; sudo rm /var/pre").stdout == "it's\n"


def test_a_command_before_fails(play: Player, nodes: Nodes) -> None:
    before = nodes.boot_id("node1")
    failed = reboot(play, pre_commands=["true", "echo no >&2; exit 3"]).results[0]
    assert failed.failed and failed.result["error_code"] == "pre_command_failed"
    assert "command 2" in failed.result["msg"] and "no" in failed.result["msg"]
    assert nodes.boot_id("node1") == before


@pytest.mark.one_core
def test_a_command_afterwards_fails(play: Player) -> None:
    failed = reboot(play, post_commands=["exit 3"], post_timeout=20).results[0]
    assert failed.failed and failed.result["error_code"] == "post_command_failed"
    assert failed.changed and failed.result["rebooted"]


@pytest.mark.one_core
def test_a_unit_that_fails(play: Player, bad_unit: None) -> None:
    failed = reboot(play).results[0]
    assert failed.failed and failed.result["error_code"] == "degraded"
    assert failed.result["failed_units"] == ["bad.service"] and failed.result["rebooted"]
    # It had failed before.
    again = reboot(play)
    assert again.rc == 0 and again.results[0].result["failed_units"] == ["bad.service"], again.output


@pytest.mark.one_core
def test_a_unit_that_may_fail(play: Player, bad_unit: None) -> None:
    played = reboot(play, fail_on_degraded=False)
    assert played.rc == 0 and played.results[0].result["system_state"] == "degraded", played.output


@pytest.mark.one_core
def test_a_start_that_does_not_end(play: Player, nodes: Nodes) -> None:
    unit = "[Service]\\nType=oneshot\\nExecStart=/bin/sleep 60\\n[Install]\\nWantedBy=multi-user.target\\n"
    nodes.run("node1", f"printf '{unit}' | sudo tee /etc/systemd/system/slow.service; sudo systemctl enable slow")
    try:
        failed = reboot(play, post_timeout=3).results[0]
    finally:
        nodes.run("node1", "sudo systemctl disable --now slow; sudo rm /etc/systemd/system/slow.service")
    assert failed.failed and failed.result["error_code"] == "not_settled"
    assert "slow.service start" in failed.result["msg"]


@pytest.mark.one_core
def test_a_node_that_refuses(play: Player, nodes: Nodes) -> None:
    nodes.run(
        "node1",
        "printf '#!/bin/sh\\nexit 1\\n' | sudo tee /run/no; sudo chmod +x /run/no;"
        "sudo mount --bind /run/no /usr/bin/systemctl",
    )
    try:
        failed = reboot(play, reboot_timeout=20).results[0]
    finally:
        nodes.run("node1", "sudo umount /usr/bin/systemctl; sudo rm /run/no")
    assert failed.failed and failed.result["error_code"] in ("reboot_refused", "not_back"), failed


@pytest.mark.one_core
def test_a_node_that_does_not_come_back(play: Player, nodes: Nodes) -> None:
    folder = "/run/systemd/system/systemd-reboot.service.d"
    off = f"mkdir -p {folder}; printf '[Unit]\\nSuccessAction=poweroff-force\\n' >{folder}/off.conf"
    options = {"reboot_timeout": 8, "connect_timeout": 2, "pre_commands": [off, "systemctl daemon-reload"]}
    played = play([{"flatops.flatcar.node_reboot": options}], hosts="node2")
    nodes.power_on("node2")
    failed = played.results[0]
    assert failed.failed and failed.result["error_code"] == "not_back", played.output
    assert "not back after 8 s" in failed.result["msg"]
    assert failed.changed and not failed.result["rebooted"]


def test_the_controller_is_not_rebooted(play: Player) -> None:
    played = play([{"flatops.flatcar.node_reboot": {}}], hosts="node1", variables={"ansible_connection": "local"})
    assert played.results[0].result["error_code"] == "bad_option"
