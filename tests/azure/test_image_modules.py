# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""azure_image_info and azure_image_terms as Ansible runs them, against the stand-in of Azure."""

from __future__ import annotations

import sys
import typing as t

from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.standins.arm import client

FREE = "flatcar-container-linux-free"
NEWEST = "latest"
INFO, TERMS = "flatops.flatcar.azure_image_info", "flatops.flatcar.azure_image_terms"


def run(play: Player, *calls: dict[str, t.Any], secret: str, check: bool = False) -> list[dict[str, t.Any]]:
    """What each task returned; failures are no end. The secret is nowhere in the output."""
    played = play(
        [{**call, "ignore_errors": True} for call in calls],
        hosts="localhost",
        variables={"ansible_python_interpreter": sys.executable},
        arguments=["-vvv"],
        check=check,
        diff=True,
    )
    assert len(played.results) == len(calls), played.output
    assert secret not in played.output
    return [{"failed": result.failed, **result.result} for result in played.results]


def test_terms(play: Player, arm: client.Server) -> None:
    accept = {TERMS: {"channel": "stable", "location": "westeurope"}}
    (foretold,) = run(play, accept, secret=arm.secret, check=True)
    assert arm.writes() == []
    done, again, unneeded = run(
        play, accept, accept, {TERMS: {**accept[TERMS], "arch": "arm64", "state": "cancelled"}}, secret=arm.secret
    )
    assert (foretold["changed"], done["changed"], again["changed"], unneeded["changed"]) == (True, True, False, False)
    assert done["diff"] == {"before": {"terms": "needed"}, "after": {"terms": "accepted"}}
    assert done["terms"]["state"] == foretold["terms"]["state"] == "accepted"
    assert unneeded["before"] == unneeded["terms"]["state"] == "not_required"
    assert len(arm.writes()) == 1


def test_failures(play: Player, arm: client.Server) -> None:
    arm.control(deny=["*/agreements/write"])
    denied, wrong, missing, nowhere, login = run(
        play,
        {TERMS: {"plan": "stable-gen2"}},
        {INFO: {"location": "westeurope", "offer": FREE, "sku": "edge"}},
        {TERMS: {"channel": "stable"}},
        {INFO: {"location": "atlantis", "channel": "stable"}},
        {TERMS: {"plan": "stable-gen2", "secret": "wrong-and-secret"}},
        secret=arm.secret,
    )
    assert denied["error_code"] == "no_permission"
    assert denied["action"].endswith("/agreements/write")
    assert wrong["error_code"] == "not_found"
    assert "stable-gen2" in wrong["candidates"]
    assert "location" in missing["msg"]
    assert nowhere["error_code"] == "unsupported"
    assert login["error_code"] == "authentication"
    assert all(each["failed"] for each in (denied, wrong, missing, nowhere, login))


def test_images(play: Player, arm: client.Server) -> None:
    newest, arm64, capi = run(
        play,
        {
            INFO: {
                "location": "westeurope",
                "channel": "stable",
                "arch": "amd64",
                "generation": "V2",
                "version": "latest",
            }
        },
        {INFO: {"location": "westeurope", "channel": "stable", "arch": "arm64", "vm_size": "Standard_B2s"}},
        {INFO: {"location": "westeurope", "community_gallery": "flatcar4capi", "kubernetes_version": "1.34"}},
        secret=arm.secret,
    )
    assert [each["image"] for each in newest["images"]] == [f"kinvolk:{FREE}:stable-gen2:4593.2.2"]
    assert newest["images"][0]["terms"] == "needed"
    assert {each["fits"] for each in arm64["images"]} == {False}
    assert [each["production"] for each in capi["images"]] == [False]
    assert arm.writes() == []
