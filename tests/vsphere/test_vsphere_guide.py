# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the guides to vSphere and to moving there, and of the README, with the simulator's names."""

from __future__ import annotations

import json
import pathlib
import re
import typing as t

import pytest
import yaml

from ansible_collections.flatops.flatcar.plugins.module_utils._node import provisioned
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import errors
from ansible_collections.flatops.flatcar.tests.fleets import ended
from ansible_collections.flatops.flatcar.tests.guide import FOLDER, examples, of_readme
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.standins.vsphere import ova, vcsim
from ansible_collections.flatops.flatcar.tests.vsphere.fleet import vms

pytestmark = pytest.mark.one_core

#: The guide's names -> the simulator's.
NAMES = {"dc1": "DC0", "cluster1": "DC0_C0", "datastore1": "LocalDS_0", "servers": "VM Network"}
IMAGE = "flatcar_production_vmware_ova.ova"
PLAYBOOK = "flatops.flatcar.vsphere_vms"


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """What a reader has beside the examples."""
    ova.write(tmp_path / IMAGE)
    for name in ("build1", "web1"):
        (tmp_path / f"{name}.ign").write_text('{"ignition": {"version": "3.4.0"}}')
    (tmp_path / "build1.vmx").write_text('displayName = "build1"\n')
    program = tmp_path / "bin" / "ovftool"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@" >"${0%/bin/ovftool}/given"\n')
    program.chmod(0o755)
    return tmp_path


def here(text: str) -> t.Any:
    """YAML with the simulator's names."""
    words = re.compile(rf"(?<=: )({'|'.join(NAMES)})$", re.MULTILINE)
    return yaml.safe_load(words.sub(lambda word: NAMES[word[0]], text))


def blocks() -> list[t.Any]:
    """The YAML of the guide."""
    return [here(text) for text in examples("guide_vsphere")]


def environment(server: vcsim.Server, folder: pathlib.Path) -> dict[str, str]:
    """What the reader has exported, but for the certificate."""
    return {
        "VMWARE_HOST": server.host,
        "VMWARE_PORT": str(server.port),
        "VMWARE_USER": server.username,
        "VMWARE_PASSWORD": server.password,
        "VMWARE_VALIDATE_CERTS": "false",
        "PATH": f"{folder / 'bin'}:/usr/bin:/bin",
    }


def of_playbook(found: list[t.Any], group: str) -> dict[str, t.Any]:
    return next(
        block for block in found if isinstance(block, dict) and group in block.get("all", {}).get("children", {})
    )


def test_the_playbook(server: vcsim.Server, folder: pathlib.Path) -> None:
    found = blocks()
    inventory = folder / "hosts.json"
    inventory.write_text(json.dumps(of_playbook(found, "web")))
    play, env = Player(inventory, folder), environment(server, folder)
    given: dict[str, t.Any] = {
        "flatcar_vsphere_template": {"name": "flatcar-template", "ova": str(folder / IMAGE)},
        "flatcar_wait": False,
        "flatcar_known_hosts": str(folder / "known_hosts"),
        "address": "192.0.2.{{ ansible_play_hosts_all.index(inventory_hostname) + 11 }}",
    }
    made = play.run(PLAYBOOK, variables=given, env=env)
    assert made.rc == 0 and set(vms(server)) == {"web1", "web2"}, made.output
    before = vms(server)
    network, disks = (block for block in found if isinstance(block, dict) and "all" not in block)
    given.update(network)
    replaced = play.run(PLAYBOOK, variables={**given, "flatcar_on_ignition_change": "replace"}, env=env)
    assert replaced.rc == 0, replaced.output
    assert len({vm.ignition for vm in [*before.values(), *vms(server).values()]}) == 4
    given.update(disks)
    added = play.run(PLAYBOOK, variables=given, env=env)
    assert added.rc == 0 and ended(added) == {"web1": [1, 0], "web2": [1, 0]}, added.output
    gone = play.run(PLAYBOOK, variables={**given, "flatcar_state": "absent"}, arguments=["--limit", "web2"], env=env)
    assert gone.rc == 0 and set(vms(server)) == {"web1"}, gone.output


def test_without_vcenter(esx: vcsim.Server, folder: pathlib.Path) -> None:
    inventory = folder / "hosts.json"
    inventory.write_text(json.dumps(of_playbook(blocks(), "edge")))
    variables = {
        "flatcar_vsphere_template": {"name": "flatcar-template", "ova": str(folder / IMAGE)},
        "flatcar_vsphere__90_simulator": esx.options(),
        "flatcar_wait": False,
        "esxi_password": esx.password,
    }
    played = Player(inventory, folder).run(PLAYBOOK, variables=variables, env=environment(esx, folder))
    assert played.rc == 0 and set(vms(esx)) == {"edge1", "edge2"}, played.output


def test_tasks_of_your_own(server: vcsim.Server, folder: pathlib.Path) -> None:
    plays = [play for block in blocks() if isinstance(block, list) for play in block]
    assert len(plays) == 4
    inventory = folder / "hosts.json"
    inventory.write_text("{}")
    (folder / "play.json").write_text(json.dumps(plays))
    played = Player(inventory, folder).run(str(folder / "play.json"), env=environment(server, folder))
    assert played.rc == 0, played.output
    assert set(vms(server)) == {"build1", "clone1", "clone2"}
    assert "guestinfo.ignition.config.data" in (folder / "build1.vmx").read_text()
    assert "guestinfo.ignition.config.data" in (folder / "build1.auto.tfvars.json").read_text()
    assert "guestinfo.ignition.config.data" in (folder / "given").read_text()


def test_each_error_is_explained() -> None:
    table = (FOLDER / "guide_vsphere.rst").read_text().split("When something is wrong")[1]
    explained = set(re.findall(r"``([a-z_]+)``", table))
    assert set(errors.CODES) - explained == set()
    assert set(provisioned.CAUSES) - explained == set()


def test_the_readme(server: vcsim.Server, folder: pathlib.Path) -> None:
    inventory = folder / "hosts.json"
    inventory.write_text(json.dumps(here(of_readme("vsphere.yml"))))
    template = {"flatcar_vsphere_template": {"name": "flatcar-template", "ova": str(folder / IMAGE)}}
    variables = {**template, "flatcar_wait": False}
    played = Player(inventory, folder).run(PLAYBOOK, variables=variables, env=environment(server, folder))
    assert played.rc == 0 and set(vms(server)) == {"app1", "app2"}, played.output


def test_from_vmware_deploy_ovf(server: vcsim.Server, folder: pathlib.Path) -> None:
    """The second example takes over a machine of the simulator's own."""
    text = [example.replace("name: old1", "name: DC0_H0_VM0") for example in examples("guide_vmware_deploy_ovf")]
    inventory = folder / "hosts.json"
    inventory.write_text("{}")
    (folder / "play.json").write_text(json.dumps([play for example in text for play in here(example)]))
    player, env = Player(inventory, folder), environment(server, folder)
    for changes in (2, 0):
        played = player.run(str(folder / "play.json"), env=env)
        assert played.rc == 0 and set(vms(server)) == {"web1"}, played.output
        assert sum(result.changed for result in played.results) == changes, played.output
