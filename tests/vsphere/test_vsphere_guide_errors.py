# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mistakes with machines on vSphere, each made once: the guide to errors shows what is said then."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.fleets import failure
from ansible_collections.flatops.flatcar.tests.guide import messages, told
from ansible_collections.flatops.flatcar.tests.standins.vsphere import vcsim
from ansible_collections.flatops.flatcar.tests.vsphere.fleet import PLACE, Fleet

SHOWN = messages("Machines on vSphere")


def test_no_mistake_is_left_out() -> None:
    assert len(SHOWN) == 3


@pytest.mark.parametrize(
    "shown, changed",
    [(0, {"ca_path": None}), (1, {"password": "wrong"}), (2, {"networks": {"VM Network": "servers"}})],
    ids=["certificate", "password", "network"],
)
def test_a_mistake(shown: int, changed: dict[str, t.Any], server: vcsim.Server, tmp_path: pathlib.Path) -> None:
    options = {key: value for key, value in {**server.options(), **PLACE, **changed}.items() if value is not None}
    fleet = Fleet(tmp_path, server, {"app1": {}}, flatcar_vsphere=options)
    said = failure(fleet.run(), "app1")
    assert told(SHOWN[shown], said), said
