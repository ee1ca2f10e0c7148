# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook vsphere_vms up to machines that can be logged in to.

The simulator has no guests: its VMs report the addresses of test nodes.
"""

from __future__ import annotations

import collections.abc
import json
import pathlib
import typing as t

import pytest

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
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes
from ansible_collections.flatops.flatcar.tests.standins.vsphere import vcsim
from ansible_collections.flatops.flatcar.tests.vsphere.fleet import Fleet

pytestmark = pytest.mark.one_core


@pytest.fixture(scope="module")
def nodes() -> collections.abc.Iterator[Nodes]:
    with started(2) as found:
        yield found


def at(address: str) -> Variables:
    """A host whose VM reports an address."""
    return {"flatcar_vsphere__80_guest": {"extra_config": {"SET.guest.ipAddress": address}}}


class Reachable:
    """A fleet with web1 and web2 on the nodes, an own file of known hosts, and runs for it."""

    def __init__(self, folder: pathlib.Path, server: vcsim.Server, nodes: Nodes, **more: Variables) -> None:
        self.nodes = nodes
        self.known_hosts = folder / "known_hosts"
        hosts = {f"web{number}": at(node.address) for number, node in enumerate(nodes.nodes, 1)}
        self.fleet = Fleet(
            folder,
            server,
            {**hosts, **more},
            **logins(nodes, self.known_hosts),
        )

    def run(self, *arguments: str, **variables: t.Any) -> Played:
        # A socket's path is short.
        return self.fleet.run(
            *arguments, env={"ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.nodes.folder / "ssh")}, **variables
        )


def test_until_ignition_has_finished(server: vcsim.Server, nodes: Nodes, tmp_path: pathlib.Path) -> None:
    reachable = Reachable(tmp_path, server, nodes)
    after = tmp_path / "site.json"
    look = {"hosts": "machines", "gather_facts": False, "tasks": [{"flatops.flatcar.node_facts": {}, "become": True}]}
    after.write_text(json.dumps([{"import_playbook": "flatops.flatcar.vsphere_vms"}, look]))
    played = reachable.fleet.play.run(str(after), env={"ANSIBLE_SSH_CONTROL_PATH_DIR": str(nodes.folder / "ssh")})
    assert played.rc == 0, played.output
    addresses = {f"web{number}": node.address for number, node in enumerate(nodes.nodes, 1)}
    assert stats(played)["flatcar_addresses"] == addresses
    for number, node in enumerate(nodes.nodes, 1):
        facts = played.of(f"web{number}")[-1].result["ansible_facts"]["flatcar"]
        assert facts["boot_id"] == nodes.boot_id(node.name)
    again = reachable.run()
    assert again.rc == 0 and ended(again) == {"web1": [0, 0], "web2": [0, 0]}, again.output


def test_host_keys_of_replaced_machines(server: vcsim.Server, nodes: Nodes, tmp_path: pathlib.Path) -> None:
    reachable = Reachable(tmp_path, server, nodes)
    assert reachable.run().rc == 0
    known = keys(reachable.known_hosts)
    first, second = (node.address for node in nodes.nodes)
    before = {first: OTHER_KEY, second: known[second], "192.0.2.9": OTHER_KEY}
    reachable.known_hosts.write_text("".join(f"{address} {key}\n" for address, key in before.items()))
    new = {"motd": "{{ 'new' if inventory_hostname == 'web1' else 'correct-horse' }}"}
    changed = reachable.run(**new)
    assert "REMOTE HOST IDENTIFICATION" in failure(changed, "web1") and "web2" in stats(changed)["flatcar_vms"]
    replaced = reachable.run(flatcar_on_ignition_change="replace", **new)
    assert replaced.rc == 0, replaced.output
    assert keys(reachable.known_hosts) == {**before, first: known[first]}


def test_the_probable_cause(server: vcsim.Server, nodes: Nodes, tmp_path: pathlib.Path) -> None:
    nobody = f"198.19.{nodes.number}.250"
    silent = {"flatcar_vsphere__80_guest": {"extra_config": {"answer": "none"}}, **SHORT}
    stranger = {**at(nodes.nodes[0].address), "ansible_user": "nobody", **SHORT}
    reachable = Reachable(tmp_path, server, nodes, silent=silent, away={**at(nobody), **SHORT}, stranger=stranger)
    played = reachable.run()
    assert played.rc != 0
    assert "no address" in failure(played, "silent") and "(timeout)" in failure(played, "silent")
    assert "nothing answers at this address" in failure(played, "away")
    assert "ssh_authorized_keys" in failure(played, "stranger")
    assert set(stats(played)["flatcar_vms"]) == {"web1", "web2"}


def test_the_address_that_is_wanted(server: vcsim.Server, nodes: Nodes, tmp_path: pathlib.Path) -> None:
    reachable = Reachable(tmp_path, server, nodes)
    other = reachable.run("--limit", "web1", flatcar_address="192.0.2.0/24", **SHORT)
    assert "ip_cidr" in failure(other, "web1"), other.output
    wanted = reachable.run("--limit", "web1", flatcar_address=f"198.19.{nodes.number}.0/24")
    assert wanted.rc == 0, wanted.output
