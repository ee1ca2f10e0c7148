# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is made is what was rendered before: only fingerprints go from one job to the next."""

from __future__ import annotations

import pathlib

from ansible_collections.flatops.flatcar.tests.awx.conftest import ENV, Clouds
from ansible_collections.flatops.flatcar.tests.awx.data import TEMPLATES
from ansible_collections.flatops.flatcar.tests.awx.inventory import exported, given
from ansible_collections.flatops.flatcar.tests.awx.jobs import Site, launch
from ansible_collections.flatops.flatcar.tests.azure.fleet import vms


def test_a_description_that_has_changed(clouds: Clouds, tmp_path: pathlib.Path) -> None:
    """web1 is described as when it was rendered, web2 is not."""
    inventory = given(exported(ENV), clouds.variables)
    (rendered,) = launch(Site(tmp_path, inventory, ENV), TEMPLATES["Flatcar: render"], {})
    changed = given(inventory, {"web2": {"flatcar_hostname": "other"}})
    template = {**TEMPLATES["Flatcar: deploy on Azure"], "slices": 1}
    (job,) = launch(Site(tmp_path, changed, clouds.azure_env), template, rendered.artifacts)
    assert not job.successful
    assert "web2 is not described as when render ran" in job.output
    assert set(vms(clouds.arm)) == {"web1"}, job.output
