# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the guides to Azure and to moving there, as they stand there, and of the README; the least role."""

from __future__ import annotations

import ipaddress
import json
import pathlib
import re
import typing as t

import pytest
import yaml

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import arguments, errors, vm_options
from ansible_collections.flatops.flatcar.plugins.module_utils._node import provisioned
from ansible_collections.flatops.flatcar.tests.azure.fleet import PLAYBOOK, vms
from ansible_collections.flatops.flatcar.tests.azure.lab import Lab
from ansible_collections.flatops.flatcar.tests.fleets import ended, stats
from ansible_collections.flatops.flatcar.tests.guide import FOLDER, examples, of_readme
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.standins.arm import client

GUIDE = (FOLDER / "guide_azure.rst").read_text(encoding="utf-8")
BLOCKS: list[t.Any] = [yaml.safe_load(text) for text in examples("guide_azure")]
#: The variables of the guide, by what they are about.
VARIABLES: dict[str, t.Any] = {
    name: block for block in BLOCKS if isinstance(block, dict) and "all" not in block for name in block
}


def role() -> list[str]:
    """The actions of the least role."""
    text = GUIDE.split(".. code-block:: json\n\n")[1].split("\n\n")[0]
    actions: list[str] = json.loads(text)["Actions"]
    return actions


@pytest.fixture
def play(arm: client.Server, tmp_path: pathlib.Path) -> Player:
    """With the inventory of the guide; its user may do what the least role lets do."""
    arm.control(allow=role())
    inventory = tmp_path / "hosts.json"
    inventory.write_text(json.dumps(next(block for block in BLOCKS if isinstance(block, dict) and "all" in block)))
    return Player(inventory, tmp_path)


def test_the_playbook(arm: client.Server, play: Player, tmp_path: pathlib.Path) -> None:
    env = arm.environment()
    given: dict[str, t.Any] = {"flatcar_wait": False, "flatcar_known_hosts": str(tmp_path / "known_hosts")}
    made = play.run(PLAYBOOK, variables=given, env=env)
    assert made.rc == 0 and set(vms(arm)) == {"web1", "web2"}, made.output
    before = vms(arm)
    given.update(VARIABLES["flatcar_azure__70_data"])
    added = play.run(PLAYBOOK, variables=given, env=env)
    assert added.rc == 0 and ended(added) == {"web1": [1, 0], "web2": [1, 0]}, added.output
    kept = [id for id in arm.resources() if "/disks/" in id and id.endswith("data")]
    changed = {**given, "flatcar_hostname": "{{ inventory_hostname }}.example.com"}
    replaced = play.run(PLAYBOOK, variables={**changed, "flatcar_on_ignition_change": "replace"}, env=env)
    assert replaced.rc == 0, replaced.output
    assert len({vm.ignition for vm in [*before.values(), *vms(arm).values()]}) == 4
    assert set(kept) <= set(arm.resources())
    for state in ("deallocated", "running"):
        played = play.run(PLAYBOOK, variables={**changed, "flatcar_state": state}, env=env)
        assert played.rc == 0 and ended(played) == {"web1": [1, 0], "web2": [1, 0]}, played.output
    gone = play.run(PLAYBOOK, variables={**given, "flatcar_state": "absent"}, arguments=["--limit", "web2"], env=env)
    assert gone.rc == 0 and set(vms(arm)) == {"web1"}, gone.output


def test_on_arm64(arm: client.Server, play: Player) -> None:
    variables = {"flatcar_wait": False, **VARIABLES["flatcar_azure__50_image"]}
    played = play.run(PLAYBOOK, variables=variables, arguments=["--limit", "web1"], env=arm.environment())
    assert played.rc == 0 and set(vms(arm)) == {"web1"}, played.output


def test_in_a_network_that_is_there(arm: client.Server, play: Player) -> None:
    network = VARIABLES["flatcar_azure__60_network"]["flatcar_azure__60_network"]
    maker = {
        **{name: network[name] for name in ("virtual_network_name", "subnet_name")},
        "resource_group": network["virtual_network_resource_group"],
        "virtual_network_resource_group": network["virtual_network_resource_group"],
    }
    common = {"flatcar_wait": False}
    first = {**common, "flatcar_azure__99": {**maker, "name": "jump"}}
    env = arm.environment()
    assert play.run(PLAYBOOK, variables=first, arguments=["--limit", "web1"], env=env).rc == 0
    second = {**common, **VARIABLES["flatcar_azure__60_network"]}
    played = play.run(PLAYBOOK, variables=second, arguments=["--limit", "web1"], env=env)
    assert played.rc == 0 and set(vms(arm)) == {"jump", "web1"}, played.output
    assert stats(played)["flatcar_addresses"]["web1"].startswith("10."), played.output


def test_tasks_of_your_own(arm: client.Server, play: Player, tmp_path: pathlib.Path) -> None:
    """All but the one that downloads a release."""
    env = arm.environment()
    made = play.run(PLAYBOOK, variables={"flatcar_wait": False}, arguments=["--limit", "web1"], env=env)
    assert made.rc == 0, made.output
    plays = [each for block in BLOCKS if isinstance(block, list) for each in block]
    chosen = [each for each in plays if "azure_image:" not in yaml.safe_dump(each)]
    assert len(chosen) == len(plays) - 1 == 2
    (tmp_path / "play.json").write_text(json.dumps(chosen))
    played = play.run(str(tmp_path / "play.json"), env=env)
    assert played.rc == 0, played.output
    assert "Ignition" in played.output


def test_each_error_is_explained() -> None:
    table = GUIDE.split("When something is wrong")[1]
    explained = set(re.findall(r"``([a-z_]+)``", table))
    assert set(errors.CODES) - explained == set()
    assert set(provisioned.CAUSES) - explained == set()


def test_each_variable_of_terraform_has_one_here() -> None:
    table = GUIDE.split("From Terraform\n")[1].split("Limits\n")[0]
    known = {
        name for source in (arguments.ENVIRONMENT, arguments.DIRECT) for names in source.values() for name in names
    }
    assert set(re.findall(r"``((?:ANSIBLE_)?AZURE_\w+)", table)) <= known
    assert set(re.findall(r"^     - ``([a-z]\w+)", table, re.MULTILINE)) <= set(arguments.auth_spec(tuple))


def test_the_readme(arm: client.Server, play: Player) -> None:
    play.inventory.write_text(of_readme("azure.yml"))
    played = play.run(PLAYBOOK, variables={"flatcar_wait": False}, env=arm.environment())
    assert played.rc == 0 and set(vms(arm)) == {"web1", "web2"}, played.output
    # What comes after it in one command reaches the machines that it has found.
    after = [{"hosts": "all", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"var": "ansible_host"}}]}]
    (play.folder / "after.json").write_text(json.dumps(after))
    second = [str(play.folder / "after.json"), "--check"]
    played = play.run(PLAYBOOK, variables={"flatcar_wait": False}, arguments=second, env=arm.environment())
    hosts = {result.host: result.result["ansible_host"] for result in played.results if "ansible_host" in result.result}
    assert hosts.keys() == {"web1", "web2"} and all(map(ipaddress.ip_address, hosts.values())), played.output


def test_from_azure_rm_virtualmachine(arm: client.Server, azure_env: dict[str, str], play: Player) -> None:
    """The second example takes over what the first has made, under the name of the second and for somebody else."""
    (play.folder / "web1.ign").write_text('{"ignition": {"version": "3.4.0"}}')
    make, adopt = examples("guide_azure_rm_virtualmachine")
    (play.folder / "make.yml").write_text(make.replace("name: web1", "name: old1"))
    (play.folder / "adopt.yml").write_text(adopt)
    assert play.run(str(play.folder / "make.yml"), env=azure_env).rc == 0
    before = vms(arm)["old1"]
    Lab(arm).disown("old1", "web")
    taken = play.run(str(play.folder / "adopt.yml"), env=azure_env)
    assert taken.rc == 0 and ended(taken) == {"localhost": [1, 0]}, taken.output
    assert vms(arm)["old1"] == before


def test_from_terraform(arm: client.Server, azure_env: dict[str, str], play: Player) -> None:
    """What somebody else has made: a network, and in it a machine that is taken over and stays."""
    (place,) = (yaml.safe_load(text) for text in examples("guide_terraform") if "adopt:" in text)
    hosts = {"all": {"vars": {**place, "flatcar_wait": False}, "hosts": {"web1": None}}}
    play.inventory.write_text(json.dumps(hosts))
    network = {"create_network": True, "create_resource_group": True, "outbound": "none", "accept_terms": True}
    first = {"flatcar_azure__90_first": {**network, "adopt": False}}
    assert play.run(PLAYBOOK, variables=first, env=azure_env).rc == 0
    before = vms(arm)["web1"]
    Lab(arm).disown("web1", "web")
    taken = play.run(PLAYBOOK, env=azure_env)
    assert taken.rc == 0 and ended(taken) == {"web1": [1, 0]}, taken.output
    assert vms(arm)["web1"] == before


def test_each_option_of_azure_vm_exists() -> None:
    text = (FOLDER / "guide_azure_rm_virtualmachine.rst").read_text()
    same = text.split("So are these options:\n")[1].split(".. list-table::")[0]
    named = set(re.findall(r"``(\w+)``", same))
    assert len(named) > 20 and named <= vm_options.SPEC.keys()
