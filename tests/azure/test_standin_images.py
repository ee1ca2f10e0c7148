# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in's own images and galleries, storage accounts, quota, and VMs that are made of what is one's own."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import request
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.tests.azure import bodies
from ansible_collections.flatops.flatcar.tests.azure.bodies import GROUP, LOCATION, PAID, PLAN, Json, vm_body

ACCOUNT: Json = {"location": LOCATION, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}
PURCHASE = {"publisher": "kinvolk", "product": PLAN["product"], "name": PLAN["name"]}


class Shop:
    """Makes what images are made of, and them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        bodies.group(session)

    def put(self, kind: t.Any, *names: t.Any) -> Json:
        """The last of the names is the body."""
        return t.cast(Json, request.begin(self.session, "x", kind.begin_create_or_update, GROUP, *names))

    def code(self, kind: t.Any, *names: t.Any) -> str:
        with pytest.raises(AzureError) as caught:
            self.put(kind, *names)
        return str(caught.value.about["azure_code"])

    def account(self, name: str = "ours") -> str:
        """The address of its blobs."""
        accounts = self.session.storage.storage_accounts
        made = request.begin(self.session, "x", accounts.begin_create, GROUP, name, ACCOUNT)
        return str(made["properties"]["primaryEndpoints"]["blob"])

    def image_body(self, uri: str, generation: str = "V2") -> Json:
        disk = {"osType": "Linux", "osState": "Generalized", "blobUri": uri}
        return {
            "location": LOCATION,
            "properties": {"hyperVGeneration": generation, "storageProfile": {"osDisk": disk}},
        }

    def definition(self, **more: t.Any) -> Json:
        properties = {
            "osType": "Linux",
            "osState": "Generalized",
            "hyperVGeneration": "V2",
            "identifier": {"publisher": "a", "offer": "b", "sku": "c"},
            **more,
        }
        return {"location": LOCATION, "properties": properties}

    def version(self, source: str, *regions: str) -> Json:
        targets = [{"name": each} for each in regions or (LOCATION,)]
        properties = {"storageProfile": {"source": {"id": source}}, "publishingProfile": {"targetRegions": targets}}
        return {"location": LOCATION, "properties": properties}

    def gallery(self, *versions: str, **definition: t.Any) -> str:
        """A gallery with an image in these versions; the id of the image."""
        compute = self.session.compute
        made = self.put(compute.images, "source", self.image_body(f"{self.account()}vhds/a.vhd"))
        self.put(compute.galleries, "gallery", {"location": LOCATION, "properties": {}})
        image = self.put(compute.gallery_images, "gallery", "flatcar", self.definition(**definition))
        for each in versions:
            self.put(compute.gallery_image_versions, "gallery", "flatcar", each, self.version(made["id"]))
        return str(image["id"])

    def vm(self, image: Json, name: str = "node1", plan: Json | None = None) -> Json:
        nic = bodies.nic(self.session, f"{name}-nic")
        return bodies.vm(self.session, name, vm_body(nic["id"], image=image, plan=plan))


@pytest.fixture
def shop(session: Session) -> Shop:
    return Shop(session)


def test_names_of_accounts(shop, session):
    accounts = session.storage.storage_accounts
    assert shop.account() == "https://ours.blob.core.windows.net/"
    for name, available in (("ours", False), ("taken", False), ("No", False), ("free1", True)):
        body = {"name": name, "type": "Microsoft.Storage/storageAccounts"}
        assert request.get(session, "x", accounts.check_name_availability, body)["nameAvailable"] == available
    with pytest.raises(AzureError, match="already taken"):
        request.begin(session, "x", accounts.begin_create, GROUP, "taken", ACCOUNT)


def test_an_image_of_a_blob(shop, session):
    uri = f"{shop.account()}vhds/a.vhd"
    images = session.compute.images
    assert (
        shop.code(images, "a", shop.image_body("https://other.blob.core.windows.net/a.vhd")) == "StorageAccountNotFound"
    )
    made = shop.put(images, "a", shop.image_body(uri))
    assert shop.put(images, "a", shop.image_body(uri))["properties"]["hyperVGeneration"] == "V2"
    assert shop.code(images, "a", shop.image_body(uri, "V1")) == "PropertyChangeNotAllowed"
    assert shop.code(images, "a", shop.image_body(f"{uri}2")) == "PropertyChangeNotAllowed"
    assert shop.vm({"id": made["id"]})["properties"]["provisioningState"] == "Succeeded"


def test_a_gallery(shop, session):
    image = shop.gallery("1.9.0", "1.10.0", "1.2.0")
    compute = session.compute
    assert shop.vm({"id": image})["properties"]["storageProfile"]["imageReference"]["exactVersion"] == "1.10.0"
    assert shop.code(compute.gallery_images, "gallery", "other", shop.definition()) == "Conflict"
    changed = shop.definition(hyperVGeneration="V1")
    assert shop.code(compute.gallery_images, "gallery", "flatcar", changed) == "PropertyChangeNotAllowed"
    versions = compute.gallery_image_versions
    source = request.get(session, "x", compute.images.get, GROUP, "source")["id"]
    assert shop.code(versions, "gallery", "flatcar", "v1", shop.version(source)) == "InvalidParameter"
    away = shop.version(source, "northeurope")
    assert shop.code(versions, "gallery", "flatcar", "2.0.0", away) == "InvalidParameter"
    shop.put(versions, "gallery", "flatcar", "2.0.0", shop.version(source, LOCATION, "North Europe"))
    told = request.get(session, "x", versions.get, GROUP, "gallery", "flatcar", "2.0.0", expand="ReplicationStatus")
    assert [each["region"] for each in told["properties"]["replicationStatus"]["summary"]] == [
        "West Europe",
        "North Europe",
    ]
    for kind, names in ((compute.galleries, ("gallery",)), (compute.gallery_images, ("gallery", "flatcar"))):
        with pytest.raises(AzureError, match="nested"):
            request.begin(session, "x", kind.begin_delete, GROUP, *names)


def test_a_gallery_image_keeps_its_plan(shop, session):
    image = shop.gallery("1.0.0", purchasePlan=PURCHASE)
    with pytest.raises(AzureError, match="Plan information"):
        shop.vm({"id": image})
    with pytest.raises(AzureError) as caught:
        shop.vm({"id": image}, plan=PLAN)
    assert caught.value.about["azure_code"] == "MarketplacePurchaseEligibilityFailed"


def test_an_image_of_a_vm_keeps_its_plan(shop, session):
    terms = session.marketplace.marketplace_agreements
    found = terms.get("virtualmachine", *PLAN.values())
    found.accepted = True
    terms.create("virtualmachine", *PLAN.values(), found)
    vm = shop.vm(PAID, "first", PLAN)
    body = {"location": LOCATION, "properties": {"sourceVirtualMachine": {"id": vm["id"]}}}
    image = shop.put(session.compute.images, "copy", body)
    with pytest.raises(AzureError, match="Plan information"):
        shop.vm({"id": image["id"]}, "second")
    assert shop.vm({"id": image["id"]}, "third", PLAN)["plan"] == PLAN


def test_quota_of_cores(arm, shop):
    arm.control(quota={"standardDSv5Family": 5})
    shop.vm(bodies.IMAGE, "a")
    shop.vm(bodies.IMAGE, "b")
    with pytest.raises(AzureError) as caught:
        shop.vm(bodies.IMAGE, "c")
    assert caught.value.about["azure_code"] == "OperationNotAllowed"
    assert "Current Limit: 5, Current Usage: 4, Additional Required: 2" in str(caught.value)


def test_a_nic_is_kept_for_a_vm_that_was_refused(arm, shop, session):
    arm.control(quota={"cores": 1}, nic_reserved=60)
    with pytest.raises(AzureError):
        shop.vm(bodies.IMAGE)
    with pytest.raises(AzureError) as caught:
        request.begin(session, "x", session.network.network_interfaces.begin_delete, GROUP, "node1-nic")
    assert caught.value.about["azure_code"] == "NicReservedForAnotherVm"
