# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power states of VMs, and what a VM says of itself while it runs."""

from __future__ import annotations

import functools

from ansible_collections.flatops.flatcar.tests.standins.arm import catalog, operations, sizes, vm_boot
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import Put
from ansible_collections.flatops.flatcar.tests.standins.arm.world import World

#: What an action does: the state on the way, and the one at the end.
_STATES = {
    "start": ("starting", "running"),
    "restart": ("running", "running"),
    "poweroff": ("stopping", "stopped"),
    "deallocate": ("deallocating", "deallocated"),
    "redeploy": ("starting", "running"),
    "reapply": ("", ""),
}


def _act(world: World, request: Request, vm: Json, *, verb: str) -> Answer:
    secret = world.secret(vm["id"])
    during, after = _STATES[verb]
    _check_act(vm, secret, verb)
    secret["power"] = during or secret["power"]

    def finish() -> None:
        secret["power"] = after or secret["power"]
        secret["starts"] = secret.get("starts", 0) + (after == "running")

    place = f"Microsoft.Compute/locations/{vm['location']}"
    return Answer(202, None, operations.start(world, request, place, finish))


def _check_act(vm: Json, secret: Json, verb: str) -> None:
    if vm["properties"]["provisioningState"] == "Deleting":
        raise ArmError(
            409,
            "OperationNotAllowed",
            f"Operation '{verb}' is not allowed on VM '{vm['name']}' since the VM is marked for deletion. You can only "
            "retry the Delete operation (or wait for an ongoing one to complete).",
        )
    if verb in ("restart", "poweroff") and secret["power"] == "deallocated":
        word = "powerOff" if verb == "poweroff" else verb
        raise ArmError(
            409,
            "OperationNotAllowed",
            f"Operation '{word}' is not allowed on VM '{vm['name']}' since the VM is either deallocated or marked to "
            "be deallocated.",
        )
    if verb == "deallocate" and vm["properties"]["storageProfile"]["osDisk"].get("diffDiskSettings"):
        raise ArmError(
            409,
            "OperationNotAllowed",
            f"Operation 'deallocate' is not supported for VM '{vm['name']}' with an ephemeral OS disk.",
        )


def _simulate_eviction(world: World, request: Request, vm: Json) -> Answer:
    """A spot VM is evicted at once: it is deallocated, or gone."""
    if vm["properties"].get("priority") != "Spot":
        raise ArmError(409, "OperationNotAllowed", "Simulate eviction is only allowed for spot VMs.")
    if vm["properties"].get("evictionPolicy") == "Delete":
        world.drop(vm["id"])
    else:
        world.secret(vm["id"])["power"] = "deallocated"
    return Answer(204)


def check_resize(put: Put, size: catalog.Size) -> None:
    """ArmError where a VM that is there cannot have a size."""
    assert put.old
    before = put.old["properties"]
    was = catalog.SIZES[before["hardwareProfile"]["vmSize"]]
    if size != was:
        sizes.check_quota(put.world, put.new["location"], size, was)
        if (size.architecture, size.ephemeral_gb > 0) != (was.architecture, was.ephemeral_gb > 0):
            raise ArmError(
                409,
                "OperationNotAllowed",
                f"Unable to resize the VM '{put.path.names[-1]}' because changing from resource disk to non-resource "
                "disk VM size and vice-versa is not allowed. Please refer to https://aka.ms/AAah4sj for more details.",
            )
        if size.controllers != was.controllers:
            raise ArmError(
                409, "OperationNotAllowed", "The disk controller type of the VM does not fit the requested VM size."
            )


def instance_view(world: World, vm: Json) -> Json:
    secret = world.secret(vm["id"])
    state, power = vm["properties"]["provisioningState"].lower(), secret["power"]
    view: Json = {
        "hyperVGeneration": secret["generation"],
        "statuses": [
            {
                "code": f"ProvisioningState/{state}",
                "level": "Info",
                "displayStatus": f"Provisioning {state}",
                "time": vm["properties"]["timeCreated"],
            },
            {"code": f"PowerState/{power}", "level": "Info", "displayStatus": f"VM {power}"},
        ],
        "disks": [
            {"name": each["name"], "statuses": [{"code": "ProvisioningState/succeeded", "level": "Info"}]}
            for each in (vm["properties"]["storageProfile"]["osDisk"], *vm["properties"]["storageProfile"]["dataDisks"])
        ],
    }
    if power == "running" and state == "succeeded":
        view["computerName"] = vm["properties"]["osProfile"]["computerName"]
        view["osName"] = "flatcar"
        view["vmAgent"] = {
            "vmAgentVersion": "2.12.0.4",
            "statuses": [{"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Ready"}],
        }
    if vm_boot.enabled(vm):
        view["bootDiagnostics"] = {}
    return view


ACTIONS = {verb: functools.partial(_act, verb=verb) for verb in _STATES} | {
    "retrievebootdiagnosticsdata": vm_boot.boot_data,
    "simulateeviction": _simulate_eviction,
}
