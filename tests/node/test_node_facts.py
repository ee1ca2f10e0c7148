# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""node_facts on nodes."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import ADMIN, PASSWORD, VERSION, Nodes

ALWAYS = {
    "gathered_at",
    "version",
    "channel",
    "architecture",
    "kernel",
    "os_release",
    "hostname",
    "boot_id",
    "uptime_seconds",
    "platform",
    "virtualization",
    "system_state",
    "failed_units",
    "disks",
    "guestinfo_keys",
    "update_engine",
    "sysexts",
    "reboot",
    "time",
}


def gather(play: Player, hosts: str = "node1", **options: t.Any) -> list[dict[str, t.Any]]:
    variables = options.pop("variables", {})
    played = play([{"flatops.flatcar.node_facts": options}], hosts=hosts, variables=variables)
    assert played.rc == 0, played.output
    assert not any(result.changed for result in played.results)
    return [result.result["ansible_facts"]["flatcar"] for result in played.results]


def test_all_nodes(play: Player, nodes: Nodes) -> None:
    found = {facts["hostname"]: facts for facts in gather(play, "nodes")}
    assert sorted(found) == ["node1", "node2", "node3"]
    for name, facts in found.items():
        assert set(facts) == {*ALWAYS, "container_runtimes", "network", "kubelet", "ignition"}
        assert facts["boot_id"] == nodes.boot_id(name) == facts["ignition"]["boot_id"]
        assert facts["network"]["interfaces"]["eth0"]["addresses"][0]["address"] == nodes[name].address
        assert (facts["version"], facts["channel"], facts["architecture"]) == (VERSION, "stable", "amd64")
        assert facts["os_release"]["id"] == "flatcar"
        assert facts["system_state"] == "running" and facts["failed_units"] == []
        assert facts["ignition"]["config_provided"] and facts["kubelet"] is None
        assert {"/", "/usr", "/var", "/oem"} == set(facts["disks"])
        assert facts["update_engine"]["operation"] == "IDLE" and facts["update_engine"]["service"] == "active"
        assert facts["time"]["source"] is None and facts["guestinfo_keys"] is None
        assert not facts["reboot"]["required"]
        assert facts["reboot"]["authorities"] == [{"name": "locksmithd", "strategy": "reboot"}]


@pytest.mark.parametrize(
    ("subset", "more"),
    [(["min"], set()), (["journal", "network"], {"journal", "network"}), (["min", "kubelet"], {"kubelet"})],
)
def test_subsets(play: Player, subset: list[str], more: set[str]) -> None:
    assert set(gather(play, gather_subset=subset)[0]) == ALWAYS | more


@pytest.mark.parametrize("pipelining", [True, False])
def test_with_a_password(play: Player, pipelining: bool) -> None:
    variables = {
        "ansible_user": ADMIN,
        "ansible_become_password": PASSWORD,
        "ansible_ssh_pipelining": pipelining,
    }
    assert gather(play, variables=variables)[0]["version"] == VERSION


def test_what_has_happened_to_a_node(play: Player, nodes: Nodes) -> None:
    script = """\
        sudo touch /run/reboot-required
        sudo systemctl stop locksmithd
        sudo mkdir -p /etc/extensions/tools/usr/lib/extension-release.d
        echo ID=_any | sudo tee /etc/extensions/tools/usr/lib/extension-release.d/extension-release.tools
        sudo systemd-run --unit=bad --wait false
        mkdir /tmp/bin; cp /bin/sleep /tmp/bin/kured; nohup /tmp/bin/kured 600 >/dev/null 2>&1 &
        sudo mkdir -p /var/lib/update_engine/prefs
        printf 4593.2.0 | sudo tee /var/lib/update_engine/prefs/aleph-version
        echo GROUP=beta | sudo tee -a /etc/flatcar/update.conf
        printf 'kubelet\\nsecond line' | logger -p user.err
        sleep 0.5
    """
    nodes.run("node3", script)
    try:
        facts = gather(play, "node3", gather_subset=["all"])[0]
    finally:
        nodes.run(
            "node3",
            "pkill -x kured; sudo rm -rf /etc/extensions/tools /run/reboot-required /tmp/bin;"
            "sudo systemctl reset-failed;"
            "sudo sed -i /GROUP=beta/d /etc/flatcar/update.conf; sudo systemctl start locksmithd;"
            "sudo rm -f /var/lib/update_engine/prefs/aleph-version",
        )
    assert facts["reboot"] == {
        "required": True,
        "reasons": ["sysext", "flag"],
        "authorities": [{"name": "kured", "strategy": "drain"}],
    }
    assert [(entry["name"], entry["merged"], entry["staged"]) for entry in facts["sysexts"]] == [("tools", False, True)]
    assert facts["failed_units"] == ["bad.service"] and facts["system_state"] == "degraded"
    assert facts["channel"] == "beta" and facts["update_engine"]["first_version"] == "4593.2.0"


def test_programs_that_hang_or_lie(play: Player, nodes: Nodes) -> None:
    """They cost their section, and nothing else."""
    program = "printf '#!/bin/sh\\n%s\\n' | sudo tee {0}; sudo chmod +x {0};"
    script = "sudo mkdir -p /opt/bin;" + program.format("/opt/bin/kubelet") % "exec sleep 600"
    script += program.format("/opt/chronyc") % "echo lies,a,b,c,d,e,f,g,h,i,j,k,l,m"
    nodes.run("node2", f"{script} sudo mount --bind /opt/chronyc /usr/bin/chronyc")
    try:
        facts = gather(play, "node2")[0]
    finally:
        nodes.run("node2", "sudo umount /usr/bin/chronyc; sudo rm -r /opt/bin /opt/chronyc")
    assert facts["kubelet"] is None and facts["time"] is None
    assert facts["version"] == VERSION


def test_the_real_chronyd(play: Player, nodes: Nodes) -> None:
    nodes.run(
        "node2",
        "sudo systemd-run --unit=chronyd --property=RuntimeDirectory=chrony chronyd -n -x 'local stratum 5' "
        "'pidfile /run/chronyd.pid'; for i in $(seq 300); do sudo chronyc -c tracking && break; sleep 0.3; done",
    )
    try:
        found = gather(play, "node2")[0]["time"]
    finally:
        nodes.run("node2", "sudo systemctl stop chronyd")
    assert (found["source"], found["active"], found["leap"]) == ("chronyd", ["chronyd"], "Normal")
    assert found["stratum"] == 5 and found["offset_seconds"] < 1


def test_check_mode_makes_no_difference(play: Player) -> None:
    played = play([{"flatops.flatcar.node_facts": {}}], hosts="node1", check=True)
    assert played.results[0].result["ansible_facts"]["flatcar"]["version"] == VERSION
