# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power states of VMs, and what a VM says of itself while it runs."""

from __future__ import annotations

import functools

from ansible_collections.flatops.flatcar.tests.standins.arm import catalog, operations, sizes
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
    if verb == "restart" and secret["power"] != "running":
        raise ArmError(
            409,
            "OperationNotAllowed",
            f"Cannot restart VM '{vm['name']}' that is not running.",
        )
    secret["power"] = during or secret["power"]

    def finish() -> None:
        secret["power"] = after or secret["power"]
        secret["starts"] = secret.get("starts", 0) + (after == "running")

    place = f"Microsoft.Compute/locations/{vm['location']}"
    return Answer(202, None, operations.start(world, request, place, finish))


def _boot_data(world: World, request: Request, vm: Json) -> Answer:
    """Addresses of the screenshot and of the serial log, that hold a signature of their own."""
    if not _boot_diagnostics(vm):
        raise ArmError(
            409,
            "OperationNotAllowed",
            f"Boot diagnostics is not enabled for VM '{vm['name']}'.",
        )
    place = f"{request.base}/blobs/{vm['properties']['vmId']}"
    signed = "sv=2024-11-04&sr=b&sp=r&sig=c2lnbmF0dXJl"
    body = {
        "consoleScreenshotBlobUri": f"{place}/screenshot.bmp?{signed}",
        "serialConsoleLogBlobUri": f"{place}/serialconsole.log?{signed}",
    }
    return Answer(200, body)


def _boot_diagnostics(vm: Json) -> bool:
    return bool(((vm["properties"].get("diagnosticsProfile") or {}).get("bootDiagnostics") or {}).get("enabled"))


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
    """ArmError where a VM that is there cannot have a size, or a disk of it grow."""
    assert put.old
    before = put.old["properties"]
    power = put.world.secret(put.path.id)["power"]
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
    old, new = (each["storageProfile"]["osDisk"] for each in (before, put.properties))
    if new.get("diskSizeGB") != old.get("diskSizeGB"):
        if new["diskSizeGB"] < old["diskSizeGB"]:
            raise ArmError(
                409,
                "ResourceNotAllowed",
                f"Changing property 'osDisk.diskSizeGB' from {old['diskSizeGB']} to {new['diskSizeGB']} is not "
                "allowed.",
                target="osDisk.diskSizeGB",
            )
        if power != "deallocated":
            raise ArmError(
                409,
                "OperationNotAllowed",
                f"Cannot resize disk '{new['name']}' while it is attached to running VM '{put.path.id}'. Resizing a "
                "disk of an Azure Virtual Machine requires the virtual machine to be deallocated. Please stop your VM "
                "and retry the operation.",
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
    if _boot_diagnostics(vm):
        view["bootDiagnostics"] = {}
    return view


ACTIONS = {verb: functools.partial(_act, verb=verb) for verb in _STATES} | {
    "retrievebootdiagnosticsdata": _boot_data,
    "simulateeviction": _simulate_eviction,
}
