# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Terms of images, at the stand-in of Azure: accepted, cancelled, looked up, and not needed."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import terms
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.image_terms import Result, ensure
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.tests.standins.arm import client

FREE = "flatcar-container-linux-free"
COREVM = "flatcar-container-linux-corevm-amd64"
PLAN = {"name": "stable-gen2", "publisher": "kinvolk", "product": FREE}
NOT_REQUIRED = Result(
    False,
    "not_required",
    {
        "state": "not_required",
        "plan": None,
        "license_text_link": None,
        "privacy_policy_link": None,
        "marketplace_terms_link": None,
        "retrieved": None,
    },
)


def given(**some: t.Any) -> dict[str, t.Any]:
    return {
        "state": "accepted",
        "channel": None,
        "arch": "amd64",
        "generation": "V2",
        "urn": None,
        "plan": None,
        "offer": None,
        "publisher": "kinvolk",
        "location": None,
        **some,
    }


@pytest.mark.parametrize(
    "named",
    [
        {"channel": "stable", "location": "westeurope"},
        {"channel": "stable", "location": "westeurope", "offer": FREE},
        {"urn": f"kinvolk:{FREE}:stable-gen2:latest"},
        {"urn": f"kinvolk:{FREE}:stable-gen2:4593.2.2", "location": "westeurope"},
        {"plan": "stable-gen2"},
        {"plan": "stable-gen2", "offer": FREE, "location": "westeurope"},
    ],
)
def test_terms_are_accepted_once_and_cancelled_once(
    session: Session, arm: client.Server, named: dict[str, t.Any]
) -> None:
    foretold = ensure(session, given(**named), check=True)
    assert arm.writes() == []
    done = ensure(session, given(**named), check=False)
    assert (done.changed, done.before, done.terms["state"]) == (True, "needed", "accepted")
    assert foretold[:2] == done[:2]
    assert done.terms["plan"] == PLAN
    assert done.terms["license_text_link"].startswith("https://mpcprodsa.blob.core.windows.net/legalterms/")
    assert done.terms["privacy_policy_link"] == "https://kinvolk.io/legal/"
    assert done.terms["marketplace_terms_link"] and done.terms["retrieved"]
    assert len(arm.writes()) == 1

    again = ensure(session, given(**named), check=False)
    assert (again.changed, again.before, again.terms["state"]) == (False, "accepted", "accepted")
    assert len(arm.writes()) == 1

    cancelled = ensure(session, given(**named, state="cancelled"), check=False)
    assert (cancelled.changed, cancelled.before, cancelled.terms["state"]) == (True, "accepted", "needed")
    assert ensure(session, given(**named, state="cancelled"), check=False).changed is False
    assert len(arm.writes()) == 2
    assert terms.state(session, PLAN) == "needed"


@pytest.mark.parametrize(
    "named",
    [
        {"channel": "stable", "arch": "arm64", "location": "westeurope"},
        {"channel": "beta", "offer": COREVM, "location": "westeurope"},
        {"urn": f"kinvolk:{COREVM}:stable-gen2:latest", "location": "westeurope"},
        {"plan": "stable-gen2", "offer": COREVM, "location": "westeurope"},
    ],
)
@pytest.mark.parametrize("state", ["accepted", "cancelled"])
def test_an_image_without_a_plan_needs_no_terms(
    session: Session, arm: client.Server, named: dict[str, t.Any], state: str
) -> None:
    assert ensure(session, given(**named, state=state), check=False) == NOT_REQUIRED
    assert arm.writes() == []


def test_each_generation_has_terms_of_its_own(session: Session) -> None:
    named = {"channel": "stable", "location": "westeurope"}
    assert ensure(session, given(**named), check=False).changed is True
    assert ensure(session, given(**named, generation="V1"), check=True).changed is True


@pytest.mark.parametrize(
    "named, says",
    [
        ({"plan": "edge"}, f"no terms for kinvolk:{FREE}:edge: a name is wrong, or the image has no plan"),
        ({"plan": "stable-gen2", "offer": COREVM}, "With the option location the module looks the image up"),
        ({"plan": "edge", "location": "westeurope"}, "has no SKU edge in westeurope"),
        ({"urn": "kinvolk:nothing:stable:latest", "location": "westeurope"}, "has no offer nothing"),
    ],
)
def test_terms_that_are_not_there(session: Session, named: dict[str, t.Any], says: str) -> None:
    with pytest.raises(AzureError, match=says) as raised:
        ensure(session, given(**named), check=False)
    assert raised.value.code == "not_found"


@pytest.mark.parametrize(
    "denied, check",
    [
        ("Microsoft.MarketplaceOrdering/offerTypes/publishers/offers/plans/agreements/write", False),
        ("Microsoft.MarketplaceOrdering/offerTypes/publishers/offers/plans/agreements/read", True),
    ],
)
def test_a_missing_permission_is_named(session: Session, arm: client.Server, denied: str, check: bool) -> None:
    arm.control(deny=[denied])
    with pytest.raises(AzureError, match=denied) as raised:
        ensure(session, given(plan="stable-gen2"), check=check)
    assert raised.value.code == "no_permission"
    assert raised.value.about["action"] == denied
    assert arm.subscription_id in raised.value.about["scope"]


def test_a_throttled_service_is_asked_again(session: Session, arm: client.Server) -> None:
    arm.control(throttle=5, retry_after=0.01)
    assert terms.accept(session, PLAN, check=False) is True
    assert terms.state(session, PLAN) == "accepted"
    assert terms.state(session, None) == "not_required"
    assert terms.accept(session, PLAN, check=False) is False


def test_the_text_that_was_read_is_what_is_accepted(session: Session, arm: client.Server) -> None:
    terms.accept(session, PLAN, check=False)
    (sent,) = (each["body"] for each in arm.log() if each["method"] == "PUT")
    read = terms.read(session, PLAN)
    assert read is not None
    assert sent["properties"]["signature"] == read["properties"]["signature"]
    assert sent["properties"]["accepted"] is True
