# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook azure_vms up to machines that can be logged in to.

The stand-in has no guests: its VMs have the addresses of test nodes in their network.
"""

from __future__ import annotations

import collections.abc
import json
import os
import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.azure.fleet import MACHINE, Fleet
from ansible_collections.flatops.flatcar.tests.fleets import (
    OTHER_KEY,
    SHORT,
    Variables,
    ended,
    failure,
    keys,
    logins,
    stats,
)
from ansible_collections.flatops.flatcar.tests.node.booted import started
from ansible_collections.flatops.flatcar.tests.node.play import Played
from ansible_collections.flatops.flatcar.tests.standins.arm import client
from ansible_collections.flatops.flatcar.tests.standins.kubernetes import kubectl
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes


@pytest.fixture(scope="module")
def nodes() -> collections.abc.Iterator[Nodes]:
    with started(2) as found:
        yield found


def at(address: str) -> Variables:
    """A host whose VM has an address."""
    return {"flatcar_azure__80_address": {"private_ip": address}}


class Reachable:
    """A fleet with web1 and web2 on the nodes, and runs for it."""

    def __init__(self, folder: pathlib.Path, server: client.Server, nodes: Nodes, **more: Variables) -> None:
        self.nodes = nodes
        self.known_hosts = folder / "known_hosts"
        network = nodes.nodes[0].address.rpartition(".")[0] + ".0/24"
        private = {
            "outbound": "none",
            "public_ip": "none",
            "address_prefixes": [network],
            "subnet_prefix": network,
        }
        hosts = {f"web{number}": at(node.address) for number, node in enumerate(nodes.nodes, 1)}
        self.fleet = Fleet(
            folder,
            server,
            {**hosts, **more},
            flatcar_azure={**server.options(), **MACHINE, **private},
            **logins(nodes, self.known_hosts),
        )

    def run(self, *arguments: str, env: dict[str, str] | None = None, **variables: t.Any) -> Played:
        # A socket's path is short.
        found = {"ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.nodes.folder / "ssh"), **(env or {})}
        return self.fleet.run(*arguments, env=found, **variables)


def test_until_ignition_has_finished(arm: client.Server, nodes: Nodes, tmp_path: pathlib.Path) -> None:
    reachable = Reachable(tmp_path, arm, nodes)
    after = tmp_path / "site.json"
    look = {"hosts": "machines", "gather_facts": False, "tasks": [{"flatops.flatcar.node_facts": {}, "become": True}]}
    after.write_text(json.dumps([{"import_playbook": "flatops.flatcar.azure_vms"}, look]))
    played = reachable.run(playbook=str(after))
    assert played.rc == 0, played.output
    addresses = {f"web{number}": node.address for number, node in enumerate(nodes.nodes, 1)}
    assert stats(played)["flatcar_addresses"] == addresses
    for number, node in enumerate(nodes.nodes, 1):
        facts = played.of(f"web{number}")[-1].result["ansible_facts"]["flatcar"]
        assert facts["boot_id"] == nodes.boot_id(node.name)
    network = nodes.nodes[0].address.rpartition(".")[0] + ".0/24"
    again = reachable.run(flatcar_address=network)
    assert again.rc == 0 and ended(again) == {"web1": [0, 0], "web2": [0, 0]}, again.output
    other = reachable.run(flatcar_address="public")
    assert "none of these is public" in failure(other, "web1"), other.output


def test_the_probable_cause(arm: client.Server, nodes: Nodes, tmp_path: pathlib.Path) -> None:
    nobody = nodes.nodes[0].address.rpartition(".")[0] + ".250"
    reachable = Reachable(tmp_path, arm, nodes, away={**at(nobody), **SHORT})
    played = reachable.run()
    assert played.rc != 0
    said = [str(result.result["msg"]) for result in played.of("away") if result.failed][-1]
    assert "nothing answers at this address" in said and "(no_route)" in said, played.output
    assert "serial log" in said and "Ignition 2" in said, said
    assert set(stats(played)["flatcar_vms"]) == {"web1", "web2"}


def test_replaced_one_after_the_other(arm: client.Server, nodes: Nodes, tmp_path: pathlib.Path) -> None:
    reachable = Reachable(tmp_path, arm, nodes)
    assert reachable.run().rc == 0
    known = keys(reachable.known_hosts)
    first, second = (node.address for node in nodes.nodes)
    before = {first: OTHER_KEY, second: known[second], "192.0.2.9": OTHER_KEY}
    reachable.known_hosts.write_text("".join(f"{address} {key}\n" for address, key in before.items()))
    made = reachable.fleet.vms()
    # The drain of the second one does not succeed: it stays, as a node of the cluster.
    cluster = tmp_path / "cluster.json"
    cluster.write_text(json.dumps(kubectl.cluster("web1", "web2", "worker9", stuck=["web2"])))
    kubectl.install(tmp_path / "bin")
    (tmp_path / "kubeconfig").touch()
    env = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "FLATOPS_CLUSTER": str(cluster)}
    new = {"motd": "new", "flatcar_on_ignition_change": "replace", "flatcar_kubeconfig": str(tmp_path / "kubeconfig")}
    # ssh refuses the key of another machine for web1 unless it has been forgotten.
    played = reachable.run(env=env, flatcar_wait=False, **new)
    assert played.rc != 0
    after = reachable.fleet.vms()
    assert {name for name in after if after[name] != made[name]} == {"web1"}, played.output
    assert set(json.loads(cluster.read_text())["nodes"]) == {"web2", "worker9"}
    assert keys(reachable.known_hosts) == {address: key for address, key in before.items() if address != first}
