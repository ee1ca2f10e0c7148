# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The terms of an image, however it is named: what azure_image_terms does."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import flatcar, image, marketplace, terms, urn
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
    plan, agreement = _agreement(session, options)
    if plan is None or agreement is None:
        return Result(False, terms.NOT_REQUIRED, _described(None, None, terms.NOT_REQUIRED))
    before = terms.ACCEPTED if terms.is_accepted(agreement) else terms.NEEDED
    changed = terms.write(session, plan, agreement, accepted, check)
    return Result(changed, before, _described(plan, agreement, terms.ACCEPTED if accepted else terms.NEEDED))


def _agreement(
    session: Session, options: t.Mapping[str, t.Any]
) -> tuple[terms.Plan | None, t.Mapping[str, t.Any] | None]:
    """A plan and its agreement, or None twice for an image without a plan.

    With a location the image itself says which plan it has. Without one the plan must be known to the marketplace.
    """
    location = options["location"]
    if options["channel"]:
        if not location:
            raise AzureError("bad_option", "location is missing: the images of a channel are looked up in a region.")
        wanted = image.channel(options["channel"], options["arch"], options["generation"], offer=options["offer"])
        plan: terms.Plan | None = marketplace.resolve_channel(session, location, wanted).plan
    else:
        name = urn.parse(options["urn"]) if options["urn"] else _named(options)
        plan = {"name": name.sku, "publisher": name.publisher, "product": name.offer}
        agreement = None if location and options["urn"] else terms.read(session, plan)
        if agreement is not None:
            return plan, agreement
        if not location:
            raise AzureError(
                "not_found",
                f"The marketplace has no terms for {terms.label(plan)}: a name is wrong, or the image has no plan. "
                "With the option location the module looks the image up and tells which.",
            )
        plan = marketplace.resolve_urn(session, location, name).plan
    if plan is None:
        return None, None
    agreement = terms.read(session, plan)
    if agreement is None:
        raise AzureError("not_found", f"The marketplace has no terms for {terms.label(plan)}, which the image names.")
    return plan, agreement


def _named(options: t.Mapping[str, t.Any]) -> Urn:
    """The plan of an offer is called what its SKU is."""
    return Urn(options["publisher"], options["offer"] or flatcar.OFFERS["amd64"], options["plan"], LATEST)


def _described(plan: terms.Plan | None, agreement: t.Mapping[str, t.Any] | None, state: str) -> dict[str, t.Any]:
    about = (agreement or {}).get("properties") or {}
    return {
        "state": state,
        "plan": dict(plan) if plan else None,
        **{name: about.get(field) for name, field in _LINKS.items()},
        "retrieved": about.get("retrieveDatetime"),
    }
