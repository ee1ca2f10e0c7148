# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook fleet_report on machines of the stand-in, which are not asked, and its way to a container of blobs."""

from __future__ import annotations

import datetime
import json
import pathlib
import typing as t

import pytest
from azure.storage.blob import ContainerClient, generate_container_sas

from ansible_collections.flatops.flatcar.tests.azure.fleet import Fleet
from ansible_collections.flatops.flatcar.tests.azure.uploads import Site
from ansible_collections.flatops.flatcar.tests.fleets import SECRET, Variables, ended, stats
from ansible_collections.flatops.flatcar.tests.node.play import Played
from ansible_collections.flatops.flatcar.tests.standins import azurite
from ansible_collections.flatops.flatcar.tests.standins.arm import client

PLAYBOOK = "flatops.flatcar.fleet_report"
TYPO = "variant: flatcar\nversion: 1.0.0\nfile: []\n"
# Networks have no brackets in their names, which are else made of that of the group.
NAMES = {"virtual_network_name": "two", "security_group_name": "two"}
HOSTS: dict[str, Variables] = {
    "web1": {},
    "web2": {"flatcar_azure__90_host": {**NAMES, "resource_group": "fleet(2)"}},
    # Has another login, though it leads to the same subscription.
    "web3": {"flatcar_azure__90_host": {"cert_validation_mode": "validate"}},
    "later": {},
    "typo": {"flatcar_butane__90_host": "{{ typo | default('variant: flatcar\nversion: 1.0.0\n') }}"},
    "wrong": {"flatcar_azure__90_host": {"on_ignition_change": "replace"}},
    "denied": {"flatcar_azure__90_host": {"client_id": "22222222-2222-2222-2222-222222222222"}},
    "elsewhere": {"flatcar_azure": "", "flatcar_azure__80_survey": "# none given"},
}


@pytest.fixture
def fleet(arm: client.Server, tmp_path: pathlib.Path) -> Fleet:
    made = Fleet(tmp_path, arm, HOSTS, fleet_report_nodes=False, fleet_report_dir=str(tmp_path / "out"))
    assert made.run("--limit", "web1:web2:web3:typo").rc == 0
    return made


def document(fleet: Fleet) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", json.loads((fleet.play.folder / "out" / "fleet_report.json").read_text()))


def codes(fleet: Fleet) -> dict[str, list[str]]:
    return {host["name"]: [each["code"] for each in host["problems"]] for host in document(fleet)["hosts"]}


def numbers(played: Played) -> dict[str, t.Any]:
    """What the playbook tells workflows."""
    return t.cast("dict[str, t.Any]", stats(played)["flatcar_fleet_report"])


def test_machines(fleet: Fleet) -> None:
    before = fleet.server.writes()
    changed: Variables = {
        "motd": "{{ 'new' if inventory_hostname == 'web2' else 'correct-horse' }}",
        "typo": TYPO,
        # What render has told of other descriptions.
        "flatcar_ignition_fingerprints": {"web2": "0" * 64},
    }
    played = fleet.run("-vvv", "--diff", playbook=PLAYBOOK, **changed)
    assert played.rc == 0, played.output
    assert SECRET not in played.output and fleet.server.secret not in played.output
    assert fleet.server.writes() == before
    assert codes(fleet) == {
        "web1": [],
        "web2": ["description_changed"],
        "web3": [],
        "later": ["vm_missing"],
        "typo": ["not_looked_up"],
        "wrong": ["not_looked_up"],
        "denied": ["not_looked_up"],
        "elsewhere": [],
    }
    assert numbers(played) == document(fleet)["summary"]
    web1, typo = (next(host for host in document(fleet)["hosts"] if host["name"] == name) for name in ("web1", "typo"))
    assert web1["vm"]["power_state"] == "running" and web1["vm"]["image_version"], web1
    assert "unused key file" in typo["problems"][0]["message"]
    assert typo["vm"]["running"] and typo["vm"]["description_changed"] is None, typo
    assert not any(result.changed for result in played.results)


def test_a_machine_that_is_off(fleet: Fleet) -> None:
    off = ("--limit", "web1")
    assert fleet.run(*off, flatcar_state="deallocated").rc == 0
    assert fleet.run(*off, playbook=PLAYBOOK, fleet_report_nodes=True).rc == 0
    assert codes(fleet) == {"web1": ["vm_not_running"]}
    assert fleet.run(*off, playbook=PLAYBOOK, fleet_report_nodes=True, flatcar_state="deallocated").rc == 0
    assert codes(fleet) == {"web1": []}


def test_publishing_by_a_shared_access_signature(site: Site, arm: client.Server, tmp_path: pathlib.Path) -> None:
    fleet = Fleet(tmp_path, arm, {"web1": {}}, fleet_report_nodes=False, fleet_report_clouds=False)
    container = f"{site.way.url}/{azurite.ACCOUNTS[0]}/reports"
    ContainerClient.from_container_url(container, credential=azurite.KEY).create_container()
    token = generate_container_sas(
        azurite.ACCOUNTS[0],
        "reports",
        account_key=azurite.KEY,
        permission="rcw",
        expiry=datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1),
    )
    given: Variables = {
        "fleet_report_dir": str(tmp_path / "out"),
        "fleet_report_publish": container,
        "fleet_report_sas": token,
    }
    checked = fleet.run("--check", playbook=PLAYBOOK, **given)
    assert checked.rc == 0 and not (tmp_path / "out").exists(), checked.output
    for name in ("first", "second"):
        played = fleet.run("-vvv", "--diff", playbook=PLAYBOOK, fleet_report_name=name, **given)
        assert played.rc == 0, played.output
        assert token not in played.output and token.rpartition("sig=")[2] not in played.output
        assert ended(played) == {"web1": [0, 0]}
    names = [f"{name}.{form}" for name in ("first", "second") for form in ("html", "json", "prom", "txt")]
    assert site.blobs(container="reports") == names
    page = site.blob("second.html", container="reports").download_blob()
    assert page.readall() == (tmp_path / "out" / "second.html").read_bytes()
    assert page.properties.content_settings.content_type == "text/html; charset=utf-8"
    refused = fleet.run(playbook=PLAYBOOK, **{**given, "fleet_report_sas": token.replace("sp=rcw", "sp=rcwd")})
    assert refused.rc != 0 and "Check sas_token" in refused.output, refused.output
