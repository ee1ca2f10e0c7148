# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two clouds, and the environment that leads jobs there as credentials of AWX do."""

from __future__ import annotations

import collections.abc
import json
import os
import pathlib
import sys

import pytest

from ansible_collections.flatops.flatcar.tests.awx import credentials
from ansible_collections.flatops.flatcar.tests.awx.inventory import Variables
from ansible_collections.flatops.flatcar.tests.standins.arm import client, models
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import COLLECTIONS
from ansible_collections.flatops.flatcar.tests.standins.vsphere import ova, vcsim
from ansible_collections.flatops.flatcar.tests.vsphere.conftest import started

#: What every job has.
ENV = {
    "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
    "PATH": os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ["PATH"]]),
}


class Clouds:
    """Both stand-ins. env is what their credentials give; variables what the inventory has to say of them."""

    def __init__(self, arm: client.Server, vsphere: vcsim.Server, image: pathlib.Path) -> None:
        self.arm = arm
        self.vsphere = vsphere
        azure = {
            "subscription": arm.subscription_id,
            "client": arm.client_id,
            "tenant": arm.tenant,
            "secret": arm.secret,
            "cloud_environment": arm.url,
        }
        vmware = {"host": vsphere.host, "username": vsphere.username, "password": vsphere.password}
        self.azure_env = {**ENV, **credentials.azure_rm(azure), "REQUESTS_CA_BUNDLE": arm.ca_path}
        self.vmware_env = {**ENV, **credentials.vmware(vmware)}
        self.env = {**self.azure_env, **self.vmware_env}
        self.variables: dict[str, Variables] = {
            "all": {"flatcar_wait": False},
            "vsphere": {
                "flatcar_vsphere__95_simulator": {"port": vsphere.port, **vcsim.PLACE},
                # As a survey would give it.
                "flatcar_vsphere_template": json.dumps({"name": "flatcar-template", "ova": str(image)}),
            },
        }


@pytest.fixture
def clouds(tmp_path: pathlib.Path) -> collections.abc.Iterator[Clouds]:
    """With nothing in them. What went over the wire to Azure is held against its models."""
    image = tmp_path / "flatcar.ova"
    ova.write(image)
    with client.arm() as arm, started() as vsphere:
        yield Clouds(arm, vsphere, image)
        assert models.problems(arm.log()) == []
