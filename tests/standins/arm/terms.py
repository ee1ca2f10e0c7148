# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Legal terms of plans: in the form that is accepted by sending it back, and in the older one of signing."""

from __future__ import annotations

import hashlib

from ansible_collections.flatops.flatcar.tests.standins.arm import catalog
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.images import sku
from ansible_collections.flatops.flatcar.tests.standins.arm.operations import stamp
from ansible_collections.flatops.flatcar.tests.standins.arm.world import World


def _signature(offer: str, plan: str) -> str:
    return hashlib.sha512(f"{offer}/{plan}".lower().encode()).hexdigest().upper()[:103]


def _key(publisher: str, offer: str, plan: str) -> tuple[str, str, str]:
    """What the terms are kept under. ArmError where a plan is not sold."""
    found = sku(publisher, offer, plan)
    if found is None or not found.plan:
        raise ArmError(
            400,
            "BadRequest",
            f"Unable to find offer terms for publisher {publisher}, offer {offer}, plan {plan}.",
        )
    return publisher.lower(), offer.lower(), plan.lower()


def accepted(world: World, publisher: str, offer: str, plan: str) -> bool:
    return (publisher.lower(), offer.lower(), plan.lower()) in world.accepted


def _terms(world: World, request: Request, subscription: str, publisher: str, offer: str, plan: str) -> Answer:
    key = _key(publisher, offer, plan)
    if request.method == "PUT":
        sent = (request.body or {}).get("properties", {})
        if sent.get("accepted") and sent.get("signature") != _signature(offer, plan):
            raise ArmError(400, "BadRequest", "The signature of the terms does not match.")
        (world.accepted.add if sent.get("accepted") else world.accepted.discard)(key)
    body = {
        "id": f"/subscriptions/{subscription}/providers/Microsoft.MarketplaceOrdering/offerTypes/Microsoft."
        f"MarketplaceOrdering/offertypes/publishers/{publisher}/offers/{offer}/plans/{plan}/agreements/current",
        "name": plan,
        "type": "Microsoft.MarketplaceOrdering/offertypes",
        "properties": {
            "publisher": publisher,
            "product": offer,
            "plan": plan,
            "licenseTextLink": f"https://mpcprodsa.blob.core.windows.net/legalterms/{offer}.txt",
            "privacyPolicyLink": "https://kinvolk.io/legal/",
            "marketplaceTermsLink": "https://mpcprodsa.blob.core.windows.net/marketplaceterms/terms.txt",
            "retrieveDatetime": stamp(),
            "signature": _signature(offer, plan),
            "accepted": key in world.accepted,
        },
    }
    return Answer(200, body)


def _agreement(
    world: World, request: Request, subscription: str, publisher: str, offer: str, plan: str, verb: str = ""
) -> Answer:
    key = _key(publisher, offer, plan)
    if verb:
        (world.accepted.add if verb == "sign" else world.accepted.discard)(key)
    body: Json = {
        "id": f"/subscriptions/{subscription}/providers/Microsoft.MarketplaceOrdering/agreements/{publisher}"
        f"/offers/{offer}/plans/{plan}",
        "name": plan,
        "type": "Microsoft.MarketplaceOrdering/agreements",
        "properties": {
            "id": _signature(offer, plan)[:32],
            "publisher": publisher,
            "offer": offer,
            "state": "Active" if key in world.accepted else "Canceled",
            "signDate": stamp(),
        },
    }
    return Answer(200, body)


def check(world: World, subscription: str, offer: str, plan: str) -> None:
    """ArmError (MarketplacePurchaseEligibilityFailed) while the terms of a plan are not accepted."""
    if accepted(world, catalog.PUBLISHER, offer, plan):
        return
    message = (
        f"Offer with PublisherId: '{catalog.PUBLISHER}', OfferId: '{offer}' cannot be purchased due to validation "
        "errors. For more information see details. Correlation Id: '55555555-5555-5555-5555-555555555555'. You have "
        f"not accepted the legal terms on this subscription: '{subscription}' for this plan. Before the subscription "
        "can be used, you need to accept the legal terms of the image. To read and accept legal terms, use the Azure "
        "CLI "
        'commands described at https://go.microsoft.com/fwlink/?linkid=2110637.[{"You have not accepted the legal '
        f'terms on this subscription: \'{subscription}\' for this plan.":"StoreApi"}}]'
    )
    raise ArmError(
        400,
        "MarketplacePurchaseEligibilityFailed",
        "Marketplace purchase eligibilty check returned errors. See inner errors for details. ",
        details=[{"code": "BadRequest", "message": message}],
    )


_PLAN = r"publishers/([^/]+)/offers/([^/]+)/plans/([^/]+)"
_ORDERING = r"/subscriptions/([^/]+)/providers/Microsoft\.MarketplaceOrdering"
ROUTES = (
    (rf"{_ORDERING}/offerTypes/virtualmachine/{_PLAN}/agreements/current", _terms),
    (rf"{_ORDERING}/agreements/([^/]+)/offers/([^/]+)/plans/([^/]+)(?:/(sign|cancel))?", _agreement),
)
