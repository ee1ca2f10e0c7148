# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mistakes with machines on Azure, each made once: the guide to errors shows what is said then."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.azure.fleet import MACHINE, Fleet
from ansible_collections.flatops.flatcar.tests.fleets import failure
from ansible_collections.flatops.flatcar.tests.guide import messages, told
from ansible_collections.flatops.flatcar.tests.standins.arm import client

SHOWN = messages("Machines on Azure")


def test_no_mistake_is_left_out() -> None:
    assert len(SHOWN) == 4


@pytest.mark.parametrize(
    "shown, changed",
    [(0, {"secret": "the-id-of-the-secret"}), (1, {"accept_terms": False}), (2, {"vm_size": "Standard_D2ps_v5"})],
    ids=["secret", "terms", "size"],
)
def test_a_mistake(shown: int, changed: dict[str, t.Any], arm: client.Server, tmp_path: pathlib.Path) -> None:
    fleet = Fleet(tmp_path, arm, {"web1": {}}, flatcar_azure={**arm.options(), **MACHINE, **changed})
    said = failure(fleet.run(), "web1")
    assert told(SHOWN[shown], said), said


def test_another_description(arm: client.Server, tmp_path: pathlib.Path) -> None:
    fleet = Fleet(tmp_path, arm, {"web1": {}})
    assert fleet.run().rc == 0
    said = failure(fleet.run(motd="other", flatcar_on_ignition_change="fail"), "web1")
    assert told(SHOWN[3], said), said
