# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet that is too large for one machine: AWX spreads a job by slices, which run at the same time elsewhere."""

from __future__ import annotations

import pathlib

from ansible_collections.flatops.flatcar.tests.awx.conftest import ENV
from ansible_collections.flatops.flatcar.tests.awx.data import TEMPLATES
from ansible_collections.flatops.flatcar.tests.awx.inventory import exported, names, sliced
from ansible_collections.flatops.flatcar.tests.awx.jobs import Site, launch


def test_how_an_inventory_is_sliced() -> None:
    inventory = exported(ENV)
    assert names(inventory) == ["app1", "app2", "web1", "web2"]
    first, second = (sliced(inventory, number, 2) for number in (1, 2))
    assert (names(first), names(second)) == (["app1", "web1"], ["app2", "web2"])
    assert first["azure"]["vars"] == second["azure"]["vars"] == inventory["azure"]["vars"]
    assert set(first["_meta"]["hostvars"]) == {"app1", "web1"}


def test_rendering(tmp_path: pathlib.Path) -> None:
    site = Site(tmp_path, exported(ENV), ENV)
    template = TEMPLATES["Flatcar: render"]
    (whole,) = launch(site, template, {})
    assert whole.successful, whole.output
    told = [job.artifacts["flatcar_ignition_fingerprints"] for job in launch(site, {**template, "slices": 2}, {})]
    assert [set(each) for each in told] == [{"app1", "web1"}, {"app2", "web2"}]
    assert {**told[0], **told[1]} == whole.artifacts["flatcar_ignition_fingerprints"]
