# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stays of a VM that another one replaces, and why one could not be made."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    vm_desired,
    vm_options,
    vm_release,
    vm_seen,
    vm_settle,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Desired, Seen
from ansible_collections.flatops.flatcar.tests.options import defaults

GROUP = "/subscriptions/s/resourceGroups/g/providers"
NIC = f"{GROUP}/Microsoft.Network/networkInterfaces/node1-nic"


def desired(*disks: dict[str, t.Any]) -> Desired:
    given = {"name": "node1", "resource_group": "g", "data_disks": list(disks)}
    return vm_desired.desired(defaults(given, vm_options.MACHINE))


def seen(nic: str, **disks: str) -> Seen:
    """A VM with what becomes of its interface and of its disks when it goes."""
    entries = [
        {
            "lun": lun,
            "name": f"node1-{name}",
            "createOption": "Attach",
            "deleteOption": option,
            "managedDisk": {"id": f"{GROUP}/Microsoft.Compute/disks/node1-{name}", "storageAccountType": "Premium_LRS"},
            "diskSizeGB": 8,
        }
        for lun, (name, option) in enumerate(disks.items())
    ]
    interface = {"id": NIC, "properties": {"primary": True, "deleteOption": nic}}
    vm = {
        "id": f"{GROUP}/Microsoft.Compute/virtualMachines/node1",
        "name": "node1",
        "properties": {
            "storageProfile": {"dataDisks": entries},
            "networkProfile": {"networkInterfaces": [interface]},
        },
    }
    return vm_seen.seen(vm)


def test_nothing_has_to_be_done_for_what_stays_anyway() -> None:
    assert vm_release.release(desired(), seen("Detach", a="Detach", b="Delete")) == {}
    assert vm_release.release(desired({"name": "a", "disk_size_gb": 8, "keep": True}), seen("Detach", a="Detach")) == {}


def test_the_interface_stays() -> None:
    nics = vm_release.release(desired(), seen("Delete"))["properties"]["networkProfile"]["networkInterfaces"]
    assert nics == [{"id": NIC, "properties": {"primary": True, "deleteOption": "Detach"}}]


def test_disks_are_kept_as_described_and_those_of_others_as_they_are() -> None:
    described = desired(
        {"name": "a", "disk_size_gb": 8, "keep": True},
        {"name": "b", "disk_size_gb": 8, "keep": False},
    )
    there = seen("Detach", a="Delete", b="Detach", pvc="Detach", other="Delete")
    disks = vm_release.release(described, there)["properties"]["storageProfile"]["dataDisks"]
    assert [(disk["name"], disk["deleteOption"]) for disk in disks] == [
        ("node1-a", "Detach"),
        ("node1-b", "Delete"),
        ("node1-pvc", "Detach"),
        ("node1-other", "Delete"),
    ]
    assert all("diskSizeGB" not in disk and set(disk["managedDisk"]) == {"id"} for disk in disks)
    assert [disk.name for disk in vm_release.kept(described, there)] == ["node1-a", "node1-pvc"]


@pytest.mark.parametrize(
    ("statuses", "code", "said"),
    [
        (
            [{"code": "ProvisioningState/failed/OSProvisioningTimedOut", "message": "It took too long."}],
            "os_timeout",
            "It took too long",
        ),
        ([{"code": "ProvisioningState/failed", "message": "Something."}], "fault", "Something"),
        ([{"code": "PowerState/running"}], "fault", "does not say why"),
        ([], "fault", "does not say why"),
    ],
)
def test_why_a_vm_could_not_be_made(statuses: list[dict[str, str]], code: str, said: str) -> None:
    error = vm_settle.why_failed({"properties": {"instanceView": {"statuses": statuses}}}, "Creating the VM node1")
    assert error.code == code
    assert said in str(error)
