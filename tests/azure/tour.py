# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every kind of request that the stand-in answers, made once by the SDK."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import request
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.tests.azure import bodies
from ansible_collections.flatops.flatcar.tests.azure.bodies import GROUP, IMAGE, LOCATION, PLAN, Json
from ansible_collections.flatops.flatcar.tests.standins.arm import catalog

RULE = {
    "name": "ssh",
    "properties": {
        "access": "Allow",
        "direction": "Inbound",
        "priority": 100,
        "protocol": "Tcp",
        "sourceAddressPrefix": "192.0.2.1",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "22",
    },
}


class Tour:
    """Short names for one request, a list, and a long operation."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def get(self, function: t.Callable[..., t.Any], *args: t.Any, **kwargs: t.Any) -> t.Any:
        return request.get(self.session, "tour", function, *args, **kwargs)

    def listed(self, function: t.Callable[..., t.Any], *args: t.Any, **kwargs: t.Any) -> list[Json]:
        return request.listed(self.session, "tour", function, *args, **kwargs)

    def begin(self, function: t.Callable[..., t.Any], *args: t.Any, **kwargs: t.Any) -> t.Any:
        return request.begin(self.session, "tour", function, *args, **kwargs)

    def all(self) -> None:
        self.groups()
        self.marketplace()
        subnet = self.network()
        self.vms(subnet)
        self.disks()
        self.images()
        self.storage()
        self.ends()

    def groups(self) -> None:
        resources = self.session.resources
        bodies.group(self.session)
        self.get(resources.resource_groups.get, GROUP)
        self.get(resources.resource_groups.update, GROUP, {"tags": {"a": "b"}})
        self.listed(resources.resource_groups.list)
        self.get(resources.providers.get, "Microsoft.Compute")
        self.get(resources.providers.register, "Microsoft.Compute")

    def marketplace(self) -> None:
        images, compute = self.session.compute.virtual_machine_images, self.session.compute
        offer, sku = IMAGE["offer"], IMAGE["sku"]
        self.listed(images.list_publishers, LOCATION)
        self.listed(images.list_offers, LOCATION, "kinvolk")
        self.listed(images.list_skus, LOCATION, "kinvolk", offer)
        self.listed(images.list, LOCATION, "kinvolk", offer, sku)
        self.listed(images.list_with_properties, LOCATION, "kinvolk", PLAN["product"], sku, expand="Properties")
        self.get(images.get, LOCATION, "kinvolk", offer, sku, "latest")
        self.listed(compute.resource_skus.list, filter=f"location eq '{LOCATION}'")
        self.listed(compute.usage.list, LOCATION)
        self.get(compute.community_galleries.get, LOCATION, catalog.FLATCAR)
        self.listed(compute.community_gallery_images.list, LOCATION, catalog.FLATCAR)
        image = (LOCATION, catalog.FLATCAR, "flatcar-stable-amd64")
        self.get(compute.community_gallery_images.get, *image)
        self.listed(compute.community_gallery_image_versions.list, *image)
        self.get(compute.community_gallery_image_versions.get, *image, "4593.2.2")
        terms, plan = self.session.marketplace.marketplace_agreements, list(PLAN.values())
        found = terms.get("virtualmachine", *plan)
        found.accepted = True
        self.get(terms.create, "virtualmachine", *plan, found)

    def network(self) -> str:
        """All of a network, and the id of its subnet."""
        network = self.session.network
        groups = network.network_security_groups
        nsg = {"location": LOCATION, "properties": {"securityRules": [RULE]}}
        made = self.begin(groups.begin_create_or_update, GROUP, "nsg", nsg)
        bodies.address(self.session, "nat-ip")
        outward = bodies.address(self.session)
        nat = {
            "location": LOCATION,
            "sku": {"name": "Standard"},
            "properties": {"publicIpAddresses": [{"id": outward["id"].replace("/ip", "/nat-ip")}]},
        }
        gateway = self.begin(network.nat_gateways.begin_create_or_update, GROUP, "nat", nat)
        vnet = bodies.network(self.session, natGateway={"id": gateway["id"]}, networkSecurityGroup={"id": made["id"]})
        more = {"properties": {"addressPrefix": "10.0.1.0/24"}}
        self.begin(network.subnets.begin_create_or_update, GROUP, "vnet", "more", more)
        self.get(network.subnets.get, GROUP, "vnet", "nodes")
        self.listed(network.subnets.list, GROUP, "vnet")
        subnet: str = vnet["properties"]["subnets"][0]["id"]
        bodies.nic(self.session, "nic", subnet, outward["id"])
        tags = {"tags": {"a": "b"}}
        for kind, name in (
            (network.virtual_networks, "vnet"),
            (network.network_interfaces, "nic"),
            (network.public_ip_addresses, "ip"),
            (network.nat_gateways, "nat"),
            (groups, "nsg"),
        ):
            self.get(kind.update_tags, GROUP, name, tags)
            self.get(kind.get, GROUP, name)
            self.listed(kind.list, GROUP)
            self.listed(kind.list_all)
        return subnet

    def vms(self, subnet: str) -> None:
        compute = self.session.compute
        group = {"location": LOCATION, "properties": {}}
        self.get(compute.proximity_placement_groups.create_or_update, GROUP, "near", group)
        self.listed(compute.proximity_placement_groups.list_by_resource_group, GROUP)
        self.get(compute.availability_sets.create_or_update, GROUP, "set", {**group, "sku": {"name": "Aligned"}})
        self.listed(compute.availability_sets.list, GROUP)
        place = f"/subscriptions/{self.session.subscription_id}/resourceGroups/{GROUP}/providers/Microsoft.Compute"
        disk = {"lun": 0, "createOption": "Empty", "diskSizeGB": 8}
        body = bodies.vm_body(
            f"{place.removesuffix('Compute')}Network/networkInterfaces/nic",
            image=bodies.PAID,
            plan=PLAN,
            userData=bodies.encoded(),
            diagnosticsProfile={"bootDiagnostics": {"enabled": True}},
            availabilitySet={"id": f"{place}/availabilitySets/set"},
            proximityPlacementGroup={"id": f"{place}/proximityPlacementGroups/near"},
        )
        body["properties"]["storageProfile"]["dataDisks"] = [disk]
        bodies.vm(self.session, "node1", body)
        vms, vm = compute.virtual_machines, (GROUP, "node1")
        self.begin(vms.begin_update, *vm, {"tags": {"a": "b"}})
        self.get(vms.get, *vm, expand="instanceView")
        self.get(vms.get, *vm, expand="userData")
        self.get(vms.instance_view, *vm)
        self.get(vms.retrieve_boot_diagnostics_data, *vm)
        for verb in ("restart", "power_off", "start", "redeploy", "reapply", "deallocate"):
            self.begin(getattr(vms, f"begin_{verb}"), *vm)
        self.listed(vms.list, GROUP)
        self.listed(vms.list_all)
        with contextlib.suppress(AzureError):
            self.get(vms.simulate_eviction, *vm)
        spot = bodies.vm_body(bodies.nic(self.session, "spot-nic", subnet)["id"], priority="Spot")
        bodies.vm(self.session, "spot", spot)
        self.get(vms.simulate_eviction, GROUP, "spot")

    def disks(self) -> None:
        compute = self.session.compute
        empty = {"location": LOCATION, "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}}
        disk = self.begin(compute.disks.begin_create_or_update, GROUP, "data", empty)
        self.begin(compute.disks.begin_update, GROUP, "data", {"properties": {"diskSizeGB": 8}})
        access = {"access": "Read", "durationInSeconds": 60}
        self.begin(compute.disks.begin_grant_access, GROUP, "data", access)
        self.begin(compute.disks.begin_revoke_access, GROUP, "data")
        self.listed(compute.disks.list_by_resource_group, GROUP)
        copy = {"creationData": {"createOption": "Copy", "sourceResourceId": disk["id"]}}
        snapshot = {"location": LOCATION, "properties": copy}
        self.begin(compute.snapshots.begin_create_or_update, GROUP, "snapshot", snapshot)
        self.listed(compute.snapshots.list_by_resource_group, GROUP)

    def images(self) -> None:
        compute = self.session.compute
        place = f"/subscriptions/{self.session.subscription_id}/resourceGroups/{GROUP}/providers/Microsoft.Compute"
        disk = {"osType": "Linux", "osState": "Generalized", "managedDisk": {"id": f"{place}/disks/data"}}
        image = {
            "location": LOCATION,
            "properties": {"hyperVGeneration": "V2", "storageProfile": {"osDisk": disk}},
        }
        made = self.begin(compute.images.begin_create_or_update, GROUP, "image", image)
        self.listed(compute.images.list_by_resource_group, GROUP)
        self.begin(compute.galleries.begin_create_or_update, GROUP, "gallery", {"location": LOCATION, "properties": {}})
        self.listed(compute.galleries.list_by_resource_group, GROUP)
        definition = {
            "location": LOCATION,
            "properties": {
                "osType": "Linux",
                "osState": "Generalized",
                "hyperVGeneration": "V2",
                "architecture": "x64",
                "identifier": {"publisher": "ours", "offer": "flatcar", "sku": "stable"},
                "features": [{"name": "DiskControllerTypes", "value": "SCSI, NVMe"}],
            },
        }
        self.begin(compute.gallery_images.begin_create_or_update, GROUP, "gallery", "flatcar", definition)
        self.listed(compute.gallery_images.list_by_gallery, GROUP, "gallery")
        version = {
            "location": LOCATION,
            "properties": {
                "storageProfile": {"source": {"id": made["id"]}},
                "publishingProfile": {"targetRegions": [{"name": LOCATION}, {"name": "northeurope"}]},
            },
        }
        versions, name = compute.gallery_image_versions, (GROUP, "gallery", "flatcar", "1.0.0")
        self.begin(versions.begin_create_or_update, *name, version)
        self.get(versions.get, *name, expand="ReplicationStatus")
        self.listed(versions.list_by_gallery_image, *name[:3])

    def storage(self) -> None:
        accounts = self.session.storage.storage_accounts
        name = {"name": "flatopstour", "type": "Microsoft.Storage/storageAccounts"}
        self.get(accounts.check_name_availability, name)
        account = {"location": LOCATION, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}
        self.begin(accounts.begin_create, GROUP, "flatopstour", account)
        self.get(accounts.update, GROUP, "flatopstour", {"tags": {"a": "b"}})
        self.listed(accounts.list_by_resource_group, GROUP)
        self.get(accounts.list_keys, GROUP, "flatopstour")

    def ends(self) -> None:
        """What is left is deleted, one by one and as a group."""
        self.listed(self.session.resources.resources.list_by_resource_group, GROUP)
        self.begin(self.session.compute.virtual_machines.begin_delete, GROUP, "node1")
        self.begin(self.session.network.subnets.begin_delete, GROUP, "vnet", "more")
        self.get(self.session.storage.storage_accounts.delete, GROUP, "flatopstour")
        self.begin(self.session.resources.resource_groups.begin_delete, GROUP)
