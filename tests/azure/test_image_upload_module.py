# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""azure_image as Ansible runs it, against the stand-in of Azure and Azurite."""

from __future__ import annotations

import pathlib
import sys
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.azure.uploads import Given, Site
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.standins import azurite, vhd
from ansible_collections.flatops.flatcar.tests.standins.arm import client

MODULE = "flatops.flatcar.azure_image"


@pytest.fixture
def given(own_image: Given, tmp_path: pathlib.Path) -> Given:
    """16 pieces, as the uploads of some of them shall take longer than the interval at which progress is shown."""
    return {**own_image, "vhd": str(vhd.disk(tmp_path / "node.vhd", size=32 * vhd.MIB, parts=16, part=vhd.MIB))}


def run(
    play: Player, *calls: dict[str, t.Any], secrets: t.Sequence[str], check: bool = False
) -> list[dict[str, t.Any]]:
    """What each task returned; failures are no end. The secrets are nowhere in the output."""
    played = play(
        [{MODULE: call, "ignore_errors": True} for call in calls],
        hosts="localhost",
        variables={"ansible_python_interpreter": sys.executable},
        arguments=["-vvv"],
        check=check,
        diff=True,
    )
    assert len(played.results) == len(calls), played.output
    assert not [secret for secret in secrets if secret in played.output]
    shows = [line for line in played.output.splitlines() if "azure_image: uploads" in line]
    return [{"failed": each.failed, "shows": shows, **each.result} for each in played.results]


def test_states(play: Player, arm: client.Server, site: Site, given: Given) -> None:
    secrets = (arm.secret, azurite.KEY)
    (foretold,) = run(play, given, secrets=secrets, check=True)
    assert site.way.log == []
    site.way.seconds = 3
    made, again = run(play, {**given, "threads": 4}, given, secrets=secrets)
    site.way.seconds = 0
    (gone,) = run(play, {**given, "state": "absent"}, secrets=secrets)
    assert (foretold["changed"], made["changed"], again["changed"], gone["changed"]) == (True, True, False, True)
    assert foretold["image"] is None
    assert made["image"]["digest"] == foretold["diff"]["after"]["digest"] == again["image"]["digest"]
    assert made["image"]["id"].endswith("/resourceGroups/images/providers/Microsoft.Compute/images/node")
    assert (made["image"]["generation"], made["image"]["architecture"]) == ("V2", "x64")
    assert made["upload"]["bytes"] == made["upload"]["read_back"] == 16 * vhd.MIB + 512
    assert made["shows"]
    assert again["upload"] is None
    assert gone["diff"]["before"]["digest"] == made["image"]["digest"]


def test_failures(play: Player, arm: client.Server, site: Site, given: Given) -> None:
    arm.control(deny=["Microsoft.Storage/storageAccounts/listKeys/action"])
    denied, missing, both, login = run(
        play,
        given,
        {**given, "vhd": "/none"},
        {**given, "channel": "stable"},
        {**given, "secret": "wrong-and-secret"},
        secrets=(arm.secret, "wrong-and-secret"),
    )
    assert denied["error_code"] == "no_permission"
    assert denied["azure_code"] == "AuthorizationFailed"
    assert len(denied["left_behind"]) == 2
    assert missing["error_code"] == "source_unreadable"
    assert "mutually exclusive" in both["msg"]
    assert login["error_code"] == "authentication"
