# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The terms of the marketplace: one agreement for each plan in a subscription.

Source: Agreements.json of Microsoft.MarketplaceOrdering, 2021-01-01. An agreement is accepted by sending back what was
read, signature included, with `accepted`; there is no ETag, and nothing to wait for.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import request
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session

NOT_REQUIRED, ACCEPTED, NEEDED = "not_required", "accepted", "needed"

_OFFER_TYPE = "virtualmachine"
#: How the service answers for a plan that it does not know; of an image without a plan there are no terms either.
_NO_SUCH = ("BadRequest", "NotFound", "ResourceNotFound")

Plan = t.Mapping[str, str]


def read(session: Session, plan: Plan) -> dict[str, t.Any] | None:
    """The agreement as the service gives it; None where there is none for this plan."""
    function = session.marketplace.marketplace_agreements.get
    try:
        agreement: dict[str, t.Any] = request.get(
            session, f"Reading the terms of {label(plan)}", function, *_address(plan)
        )
    except AzureError as error:
        if error.code in ("not_found", "bad_option") and error.about.get("azure_code") in _NO_SUCH:
            return None
        raise
    return agreement


def state(session: Session, plan: Plan | None) -> str:
    """`not_required`, `accepted` or `needed`."""
    if plan is None:
        return NOT_REQUIRED
    return ACCEPTED if is_accepted(_found(session, plan)) else NEEDED


def accept(session: Session, plan: Plan, check: bool) -> bool:
    """Whether something changed, or would have."""
    return write(session, plan, _found(session, plan), True, check)


def write(session: Session, plan: Plan, agreement: t.Mapping[str, t.Any], accepted: bool, check: bool) -> bool:
    """Accepts or cancels an agreement that was read; whether something changed, or would have."""
    if is_accepted(agreement) == accepted:
        return False
    if not check:
        what = f"{'Accepting' if accepted else 'Cancelling'} the terms of {label(plan)}"
        body = {**agreement, "properties": {**agreement["properties"], "accepted": accepted}}
        function = session.marketplace.marketplace_agreements.create
        answer = request.get(session, what, function, *_address(plan), json.dumps(body).encode())
        if is_accepted(answer) != accepted:
            raise AzureError("fault", f"{what}: Azure took the request, and the agreement is as it was.")
    return True


def is_accepted(agreement: t.Mapping[str, t.Any]) -> bool:
    return bool((agreement.get("properties") or {}).get("accepted"))


def label(plan: Plan) -> str:
    """What messages call a plan."""
    return f"{plan['publisher']}:{plan['product']}:{plan['name']}"


def _found(session: Session, plan: Plan) -> dict[str, t.Any]:
    agreement = read(session, plan)
    if agreement is None:
        raise AzureError(
            "not_found",
            f"The marketplace has no terms for {label(plan)}: a name is wrong, or the image has no plan at all.",
        )
    return agreement


def _address(plan: Plan) -> tuple[str, str, str, str]:
    return _OFFER_TYPE, plan["publisher"], plan["product"], plan["name"]
