# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The terms of an image, however it is named: what azure_image_terms does."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    catalog,
    flatcar,
    image,
    marketplace,
    terms,
    urn,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.urn import Urn
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.version import LATEST

_LINKS = {
    "license_text_link": "licenseTextLink",
    "privacy_policy_link": "privacyPolicyLink",
    "marketplace_terms_link": "marketplaceTermsLink",
}


class Result(t.NamedTuple):
    """terms are as the module returns them, after what was done; before is their state until then."""

    changed: bool
    before: str
    terms: dict[str, t.Any]


def ensure(session: Session, options: t.Mapping[str, t.Any], check: bool) -> Result:
    """Accepts or cancels the terms that the options of the module name."""
    accepted = options["state"] == "accepted"
    found = _agreement(session, options)
    if found is None:
        return Result(False, terms.NOT_REQUIRED, _described(None, {}, terms.NOT_REQUIRED))
    plan, agreement = found
    before = terms.ACCEPTED if terms.is_accepted(agreement) else terms.NEEDED
    changed = terms.write(session, plan, agreement, accepted, check)
    return Result(changed, before, _described(plan, agreement, terms.ACCEPTED if accepted else terms.NEEDED))


def _agreement(session: Session, options: t.Mapping[str, t.Any]) -> tuple[terms.Plan, t.Mapping[str, t.Any]] | None:
    """A plan and its agreement; None for an image without a plan.

    With a location the image itself says whether it has one, and which.
    """
    location = catalog.region(options["location"] or "")
    plan: terms.Plan | None
    if options["channel"]:
        given = {name: options[name] for name in ("channel", "arch", "generation", "offer", "publisher")}
        plan = marketplace.resolve_channel(session, location, image.channel(**given)).plan
    elif options["urn"] and location:
        plan = _of_image(session, location, urn.parse(options["urn"]))
    else:
        plan = _named(options)
    if plan is None:
        return None
    agreement = terms.read(session, plan)
    if agreement is not None:
        return plan, agreement
    name = Urn(plan["publisher"], plan["product"], plan["name"], LATEST)
    if location and options["plan"] and _of_image(session, location, name) is None:
        return None
    raise AzureError(
        "not_found",
        f"The marketplace has no terms for {terms.label(plan)}: a name is wrong, or the image has no plan. "
        "With the option location the module looks the image up and tells which.",
    )


def _of_image(session: Session, location: str, name: Urn) -> terms.Plan | None:
    """The plan of a SKU, which all its versions share."""
    return marketplace.resolve_urn(session, location, name._replace(version=LATEST)).plan


def _named(options: t.Mapping[str, t.Any]) -> terms.Plan:
    """By names alone: the plan of a SKU of Flatcar is called like it."""
    if options["urn"]:
        name = urn.parse(options["urn"])
        return {"name": name.sku, "publisher": name.publisher, "product": name.offer}
    return {
        "name": options["plan"],
        "publisher": options["publisher"],
        "product": options["offer"] or flatcar.OFFERS["amd64"],
    }


def _described(plan: terms.Plan | None, agreement: t.Mapping[str, t.Any], state: str) -> dict[str, t.Any]:
    about = agreement.get("properties") or {}
    return {
        "state": state,
        "plan": dict(plan) if plan else None,
        **{name: about.get(field) for name, field in _LINKS.items()},
        "retrieved": about.get("retrieveDatetime"),
    }
