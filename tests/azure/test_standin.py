# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in's own rules, asked by the SDK: logins, errors, and what Azure refuses."""

from __future__ import annotations

import base64
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import request
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.tests.azure import bodies
from ansible_collections.flatops.flatcar.tests.azure.bodies import GROUP, LOCATION, PAID, PLAN, Json, vm_body

REMOTE = {"ignition": {"version": "3.4.0", "config": {"merge": [{"source": "https://example.com/a.ign"}]}}}


def refused(session: Session, body: Json, name: str = "node1") -> tuple[str | None, str | None]:
    """Azure's code and target for a VM that it does not make."""
    with pytest.raises(AzureError) as caught:
        bodies.vm(session, name, body)
    return caught.value.about.get("azure_code"), caught.value.about.get("target")


@pytest.fixture
def nic(session: Session) -> str:
    bodies.group(session)
    return str(bodies.nic(session)["id"])


def changed(body: Json, path: str, value: t.Any) -> Json:
    """A body with another value below its properties, or without it."""
    *outer, last = path.split(".")
    place = body["properties"]
    for name in outer:
        place = place[name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return body


LINUX = "osProfile.linuxConfiguration"


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("osProfile.adminUsername", None, ("InvalidParameter", "adminUsername")),
        ("osProfile.adminUsername", "root", ("InvalidParameter", "adminUsername")),
        ("osProfile.computerName", "a_b", ("InvalidParameter", "computerName")),
        ("osProfile.customData", "no base64!", ("InvalidParameter", "customData")),
        ("osProfile.customData", base64.b64encode(bytes(65536)).decode(), ("InvalidParameter", "customData")),
        ("userData", base64.b64encode(bytes(65536)).decode(), ("InvalidParameter", "userData")),
        (f"{LINUX}.ssh", None, ("InvalidParameter", "linuxConfiguration")),
        (f"{LINUX}.disablePasswordAuthentication", False, ("InvalidParameter", "adminPassword")),
        (
            f"{LINUX}.ssh.publicKeys",
            [{**bodies.KEY, "path": "/root/.ssh/authorized_keys"}],
            ("InvalidParameter", "linuxConfiguration.ssh.publicKeys.path"),
        ),
        (
            f"{LINUX}.ssh.publicKeys",
            [{**bodies.KEY, "keyData": "ssh-dss AAAA"}],
            ("InvalidParameter", "linuxConfiguration.ssh.publicKeys.keyData"),
        ),
        ("hardwareProfile.vmSize", "Standard_X1", ("InvalidParameter", "vmSize")),
        ("hardwareProfile.vmSize", "Standard_A2_v2", ("BadRequest", None)),
        ("hardwareProfile.vmSize", "Standard_D2ps_v5", ("InvalidParameter", "vmSize")),
        ("hardwareProfile.vmSize", "Standard_E2s_v5", ("SkuNotAvailable", None)),
        ("storageProfile.imageReference.sku", "nightly", ("PlatformImageNotFound", "imageReference")),
        ("storageProfile.imageReference.version", "1.2.3", ("PlatformImageNotFound", "imageReference")),
        ("storageProfile.imageReference.version", "975.1.0", ("ImageVersionDeprecated", "imageReference")),
        ("storageProfile.imageReference", {"id": "/CommunityGalleries/x"}, ("LinkedInvalidPropertyId", None)),
        (
            "storageProfile.imageReference",
            {"communityGalleryImageId": "/CommunityGalleries/x/Images/y/Versions/latest"},
            ("CommunityGalleryImageNotFound", "imageReference"),
        ),
        ("storageProfile.osDisk", {"createOption": "FromImage", "diskSizeGB": 8}, ("InvalidParameter", None)),
        (
            "storageProfile.osDisk",
            {"createOption": "FromImage", "diffDiskSettings": {"option": "Local"}},
            ("NotSupported", None),
        ),
        ("securityProfile", {"securityType": "TrustedLaunch"}, ("BadRequest", None)),
        ("evictionPolicy", "Delete", ("InvalidParameter", "evictionPolicy")),
        ("networkProfile.networkInterfaces", [], ("InvalidParameter", "networkProfile")),
    ],
)
def test_what_a_new_vm_may_not_ask_for(arm, session, nic, path, value, expected):
    code, target = refused(session, changed(vm_body(nic), path, value))
    assert (code, target if expected[1] else None) == expected
    assert not [each for each in arm.resources() if "/virtualMachines/" in each or "/disks/" in each]


def test_plans_and_terms(session, nic):
    assert refused(session, vm_body(nic, image=PAID))[0] == "VMMarketplaceInvalidInput"
    assert refused(session, vm_body(nic, plan=PLAN))[0] == "VMMarketplaceInvalidInput"
    wrong = vm_body(nic, image=PAID, plan={**PLAN, "name": "beta"})
    assert refused(session, wrong)[0] == "VMMarketplaceInvalidInput"
    assert refused(session, vm_body(nic, image=PAID, plan=PLAN))[0] == "MarketplacePurchaseEligibilityFailed"
    terms = session.marketplace.marketplace_agreements
    found = terms.get("virtualmachine", *PLAN.values())
    found.accepted, signature, found.signature = True, found.signature, "another"
    with pytest.raises(AzureError, match="signature"):
        request.get(session, "terms", terms.create, "virtualmachine", *PLAN.values(), found)
    found.signature = signature
    terms.create("virtualmachine", *PLAN.values(), found)
    made = bodies.vm(session, "node1", vm_body(nic, image=PAID, plan=PLAN))
    assert made["properties"]["storageProfile"]["imageReference"]["exactVersion"] == "4593.2.2"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("osProfile.customData", bodies.encoded({"ignition": {"version": "3.5.0"}})),
        ("osProfile.computerName", "other"),
        ("storageProfile.imageReference.sku", "beta-gen2"),
        ("storageProfile.imageReference.version", "3975.2.10"),
        ("priority", "Spot"),
    ],
)
def test_what_cannot_be_changed(session, nic, path, value):
    bodies.vm(session, "node1", vm_body(nic))
    assert bodies.vm(session, "node1", vm_body(nic))["properties"]["provisioningState"] == "Succeeded"
    assert refused(session, changed(vm_body(nic), path, value))[0] == "PropertyChangeNotAllowed"


def test_what_is_never_told(arm, session, nic):
    made = bodies.vm(session, "node1", vm_body(nic, userData=bodies.encoded()))
    vms = session.compute.virtual_machines
    told = request.get(session, "VM", vms.get, GROUP, "node1", expand="userData")
    assert "customData" not in made["properties"]["osProfile"]
    assert "userData" not in made["properties"]
    assert told["properties"]["userData"] == bodies.encoded()
    request.begin(session, "VM", vms.begin_deallocate, GROUP, "node1")
    disk = request.get(session, "VM", vms.get, GROUP, "node1")["properties"]["storageProfile"]["osDisk"]
    assert "diskSizeGB" not in disk
    assert "storageAccountType" not in disk["managedDisk"]


def test_disks_are_resized_by_themselves(session, nic):
    body = vm_body(nic)
    body["properties"]["storageProfile"]["dataDisks"] = [{"lun": 0, "createOption": "Empty", "diskSizeGB": 8}]
    profile = bodies.vm(session, "node1", body)["properties"]["storageProfile"]
    names = [each["name"] for each in (profile["osDisk"], *profile["dataDisks"])]
    body["properties"]["storageProfile"]["dataDisks"] = [{**profile["dataDisks"][0], "diskSizeGB": 16}]
    assert refused(session, body)[0] == "ResizeDiskError"
    disks = session.compute.disks
    grow = {"properties": {"diskSizeGB": 64}}
    with pytest.raises(AzureError, match="deallocated"):
        request.begin(session, "disk", disks.begin_update, GROUP, names[0], grow)
    request.begin(session, "disk", disks.begin_update, GROUP, names[1], grow)
    with pytest.raises(AzureError, match="attached"):
        request.begin(session, "disk", disks.begin_delete, GROUP, names[1])
    vms = session.compute.virtual_machines
    told = request.get(session, "VM", vms.get, GROUP, "node1")["properties"]["storageProfile"]
    assert told["dataDisks"][0]["diskSizeGB"] == 64


def test_rights_over_what_is_used(arm, session, nic):
    for action in ("Microsoft.Network/networkInterfaces/join/action", "*/virtualMachines/write"):
        arm.control(deny=[action])
        linked = "Linked" if "join" in action else ""
        assert refused(session, vm_body(nic))[0] == f"{linked}AuthorizationFailed"


def test_a_vm_goes_with_what_it_shall_take_along(arm, session):
    bodies.group(session)
    address = bodies.address(session)
    nic = bodies.nic(session, address=address["id"])
    with pytest.raises(AzureError) as caught:
        request.begin(session, "x", session.network.public_ip_addresses.begin_delete, GROUP, "ip")
    assert caught.value.about["azure_code"] == "PublicIPAddressCannotBeDeleted"
    bodies.vm(session, "node1", vm_body(nic["id"]))
    with pytest.raises(AzureError) as caught:
        request.begin(session, "x", session.network.network_interfaces.begin_delete, GROUP, "nic")
    assert caught.value.about["azure_code"] == "NicInUse"
    request.begin(session, "x", session.compute.virtual_machines.begin_delete, GROUP, "node1")
    left = [each.rpartition("/providers/")[2].partition("_")[0] for each in arm.resources()]
    assert "Microsoft.Network/networkInterfaces/nic" not in left
    assert "Microsoft.Network/publicIPAddresses/ip" in left
    assert "Microsoft.Compute/disks/node1" in left


@pytest.mark.parametrize(("way", "boots"), [("none", False), ("default", True), ("nat", True), ("address", True)])
def test_remote_sources_need_a_way_out(arm, session, way, boots):
    bodies.group(session)
    subnet: Json = {"defaultOutboundAccess": True} if way == "default" else {}
    if way == "nat":
        bodies.address(session, "nat-ip")
        place = f"/subscriptions/{session.subscription_id}/resourceGroups/{GROUP}/providers/Microsoft.Network"
        nat = {
            "location": LOCATION,
            "sku": {"name": "Standard"},
            "properties": {"publicIpAddresses": [{"id": f"{place}/publicIPAddresses/nat-ip"}]},
        }
        made = request.begin(session, "x", session.network.nat_gateways.begin_create_or_update, GROUP, "nat", nat)
        subnet = {"natGateway": {"id": made["id"]}}
    network = bodies.network(session, **subnet)
    address = bodies.address(session)["id"] if way == "address" else ""
    nic = bodies.nic(session, "nic", network["properties"]["subnets"][0]["id"], address)
    body = changed(vm_body(nic["id"]), "osProfile.customData", bodies.encoded(REMOTE))
    body["properties"]["diagnosticsProfile"] = {"bootDiagnostics": {"enabled": True}}
    if boots:
        bodies.vm(session, "node1", body)
        return
    assert refused(session, body)[0] == "OSProvisioningTimedOut"
    vms = session.compute.virtual_machines
    assert request.get(session, "x", vms.get, GROUP, "node1")["properties"]["provisioningState"] == "Failed"
    data = request.get(session, "x", vms.retrieve_boot_diagnostics_data, GROUP, "node1")
    log = session.blob(data["serialConsoleLogBlobUri"]).download_blob().readall()
    assert b"https://example.com/a.ign" in log
    assert b"i/o timeout" in log


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        (
            "public_ip_addresses",
            {**bodies.address_body(), "sku": {"name": "Basic"}},
            "IPv4BasicSkuPublicIpCountLimitReached",
        ),
        (
            "public_ip_addresses",
            {**bodies.address_body(), "properties": {"publicIPAllocationMethod": "Dynamic"}},
            "StandardSkuPublicIPAddressesMustBeStatic",
        ),
        ("network_interfaces", bodies.nic_body("/subscriptions/x/y"), "InvalidResourceReference"),
        (
            "virtual_networks",
            {
                "location": LOCATION,
                "properties": {
                    "addressSpace": {"addressPrefixes": ["10.0.0.0/24"]},
                    "subnets": [{"name": "a", "properties": {"addressPrefix": "10.1.0.0/24"}}],
                },
            },
            "NetcfgSubnetRangeOutsideVnet",
        ),
        ("virtual_networks", {"location": "atlantis", "properties": {}}, "LocationNotAvailableForResourceType"),
    ],
)
def test_what_a_network_may_not_be(session, kind, body, code):
    bodies.group(session)
    with pytest.raises(AzureError) as caught:
        request.begin(session, "x", getattr(session.network, kind).begin_create_or_update, GROUP, "new", body)
    assert caught.value.about["azure_code"] == code
