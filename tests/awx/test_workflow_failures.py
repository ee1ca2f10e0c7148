# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs when a node of the workflow fails, and whether AWX then says that the workflow has failed."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.flatops.flatcar.tests.awx import workflow
from ansible_collections.flatops.flatcar.tests.awx.data import Item
from ansible_collections.flatops.flatcar.tests.awx.inventory import Variables
from ansible_collections.flatops.flatcar.tests.awx.jobs import Job

WHOLE = {"render", "azure", "vsphere", "verify", "report"}


@pytest.mark.parametrize(
    ("failing", "nodes", "failed"),
    [
        ("", WHOLE, False),
        ("render.yml", {"render"}, True),
        # The machines may be as described all the same.
        ("azure_vms.yml", WHOLE, False),
        ("verify.yml", WHOLE | {"failed"}, True),
    ],
)
def test_a_failure(failing: str, nodes: set[str], failed: bool) -> None:
    def launched(template: Item, dummy: Variables) -> list[Job]:
        successful = template["playbook"] not in (failing, "failed.yml")
        return [Job(pathlib.Path(), successful, {}, [], "", "")]

    ran = workflow.run(launched, {})
    assert set(ran) == nodes
    assert workflow.failed(ran) == failed
