# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflow of the project, from two empty clouds to machines that are verified and reported on.

The clouds have no guests: their machines have the addresses of test nodes, which were booted with what was rendered.
"""

from __future__ import annotations

import collections.abc
import json
import pathlib

import pytest

from ansible_collections.flatops.flatcar.tests.awx import workflow
from ansible_collections.flatops.flatcar.tests.awx.conftest import ENV, Clouds
from ansible_collections.flatops.flatcar.tests.awx.data import TEMPLATES, Item
from ansible_collections.flatops.flatcar.tests.awx.inventory import Exported, Variables, exported, given
from ansible_collections.flatops.flatcar.tests.awx.jobs import Job, Site, launch
from ansible_collections.flatops.flatcar.tests.azure.fleet import vms as azure_vms
from ansible_collections.flatops.flatcar.tests.node.booted import booted_with
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes
from ansible_collections.flatops.flatcar.tests.vsphere.fleet import vms as vsphere_vms

SECRET = "correct-horse"
#: The description is the same for each host, and leaves the login to the nodes. Of a disk only a first boot can tell.
DESCRIPTION: Variables = {
    "flatcar_hostname": "",
    "flatcar_files_dir": str(pathlib.Path(__file__).parent),
    "flatcar_butane__10_users": f"""
variant: flatcar
version: 1.0.0
storage:
  filesystems:
    - device: /dev/vdb
      format: ext4
  files:
    - path: /etc/secret
      mode: 0600
      contents:
        inline: {SECRET}
    - path: /etc/local
      contents:
        local: data.py
""",
}
HOSTS = ("web1", "web2", "app1", "app2")


class Fleet:
    """The hosts of the project's inventory, each on a node, and where jobs for them run."""

    def __init__(self, clouds: Clouds, nodes: Nodes, folder: pathlib.Path) -> None:
        self.clouds, self.nodes, self.folder = clouds, nodes, folder
        self.addresses = dict(zip(HOSTS, (node.address for node in nodes.nodes), strict=True))
        network = nodes.nodes[0].address.rpartition(".")[0] + ".0/24"
        for group, more in self._groups(network).items():
            clouds.variables.setdefault(group, {}).update(more)
        self.inventory: Exported = given(exported(ENV), clouds.variables)

    def _groups(self, network: str) -> dict[str, Variables]:
        address = {host: {"private_ip": ip} for host, ip in self.addresses.items()}
        guest = {host: {"extra_config": {"SET.guest.ipAddress": ip}} for host, ip in self.addresses.items()}
        return {
            "all": {**DESCRIPTION, "flatcar_wait": True, "flatcar_wait_timeout": 120},
            "azure": {"flatcar_azure__95_network": {"address_prefixes": [network], "subnet_prefix": network}},
            **{host: {"flatcar_azure__96_address": address[host]} for host in HOSTS[:2]},
            **{host: {"flatcar_vsphere__96_address": guest[host]} for host in HOSTS[2:]},
        }

    def launched(self, template: Item, variables: Variables) -> list[Job]:
        """The jobs of a template, with its credentials and no others."""
        named = {"Flatcar: Azure": self.clouds.azure_env, "Flatcar: vSphere": self.clouds.vmware_env}
        env = {**ENV, "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.nodes.folder / "ssh")}
        for name in template.get("credentials", []):
            env.update(named.get(name, {}))
        key = self.nodes.key.read_text() if "Flatcar: nodes" in template.get("credentials", []) else None
        return launch(Site(self.folder, self.inventory, env, key), template, variables)


@pytest.fixture
def fleet(clouds: Clouds, tmp_path: pathlib.Path) -> collections.abc.Iterator[Fleet]:
    site = Site(tmp_path, given(exported(ENV), {"all": DESCRIPTION}), ENV)
    (job,) = launch(site, TEMPLATES["Flatcar: render"], {})
    assert job.successful, job.output
    rendered = json.loads((job.folder / "project" / "ignition" / "web1.ign").read_text())
    # Test nodes have no other disk.
    del rendered["storage"]["filesystems"]
    with booted_with(json.dumps(rendered), len(HOSTS)) as nodes:
        yield Fleet(clouds, nodes, tmp_path)


def test_the_workflow(fleet: Fleet) -> None:
    ran = workflow.run(fleet.launched, {"azure_options": "{vm_size: Standard_D4s_v5}"})
    jobs = [job for each in ran.values() for job in each]
    assert all(job.successful for job in jobs), "".join(job.output for job in jobs if not job.successful)
    assert {name: len(each) for name, each in ran.items()} == {
        "render": 1,
        "azure": 2,
        "vsphere": 2,
        "verify": 2,
        "report": 1,
    }
    assert [job.hosts for name in ("azure", "vsphere") for job in ran[name]] == [[host] for host in HOSTS]
    sizes = {name: vm.size for name, vm in azure_vms(fleet.clouds.arm).items()}
    assert sizes == dict.fromkeys(HOSTS[:2], "Standard_D4s_v5")
    assert set(vsphere_vms(fleet.clouds.vsphere)) == set(HOSTS[2:])
    # Of what was rendered only fingerprints go further; each job that makes machines renders again.
    assert set(ran["render"][0].artifacts) == {"flatcar_ignition_files", "flatcar_ignition_fingerprints"}
    for secret in (SECRET, fleet.clouds.arm.secret, fleet.clouds.vsphere.password):
        assert [job.folder for job in jobs if secret in job.events] == []
