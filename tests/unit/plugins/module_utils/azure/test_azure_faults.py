# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors of Azure: what they become, and what is said to do."""

from __future__ import annotations

import re
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import faults
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import CODES, AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.faults import Fault

#: code of Azure, message, HTTP status -> our code, what the message says to do.
TABLE = [
    (
        "ResourcePurchaseValidationFailed",
        "User failed validation to purchase resources.",
        400,
        "terms_required",
        "Accept the terms",
    ),
    ("VMMarketplaceInvalidInput", "requires Plan information in the request.", 400, "plan_required", "give it in plan"),
    (
        "MissingSubscriptionRegistration",
        "The subscription is not registered to use namespace 'Microsoft.Compute'.",
        409,
        "not_registered",
        "az provider register -n Microsoft.Compute",
    ),
    ("RequestDisallowedByPolicy", "Resource 'node1' was disallowed by policy.", 403, "policy", "wrote the policy"),
    (
        "SkuNotAvailable",
        "The requested size is currently not available.",
        409,
        "capacity",
        "another size, zone or region",
    ),
    ("AllocationFailed", "Allocation failed.", 200, "capacity", "another size"),
    ("ZonalAllocationFailed", "Allocation failed.", 200, "capacity", "zone"),
    ("OverconstrainedAllocationRequest", "Allocation failed.", 200, "capacity", "region"),
    (
        "OperationNotAllowed",
        "Operation could not be completed as it results in exceeding approved Total Regional Cores quota.",
        409,
        "quota",
        "Quotas",
    ),
    ("QuotaExceeded", "Exceeding approved standardDSv3Family Cores quota.", 409, "quota", "Ask for more"),
    ("PublicIPCountLimitReached", "Cannot create more than 10 public IP addresses.", 400, "quota", "Ask for more"),
    (
        "OperationNotAllowed",
        "The server rejected the request because too many requests have been received (limit).",
        429,
        "throttled",
        "",
    ),
    ("TooManyRequests", "Slow down.", 429, "throttled", "more time in timeout"),
    ("InvalidParameter", "The value Standard_X is not a valid VM size.", 400, "size_unfit", "Check vm_size"),
    (
        "BadRequest",
        "The selected VM size 'Standard_B1' cannot boot Hypervisor Generation '2'.",
        400,
        "size_unfit",
        "one generation",
    ),
    (
        "InvalidParameter",
        "Cannot create a VM because this VM size only supports a CPU Architecture of 'x64'.",
        400,
        "size_unfit",
        "one architecture",
    ),
    (
        "BadRequest",
        "Use of TrustedLaunch setting is not supported for the provided image.",
        400,
        "unsupported",
        "Leave security_type out",
    ),
    (
        "PropertyChangeNotAllowed",
        "Changing property 'osProfile.customData' is not allowed.",
        409,
        "immutable_changed",
        "Only a new one",
    ),
    ("InvalidResourceGroupLocation", "Invalid resource group location.", 409, "immutable_changed", ""),
    ("NicInUse", "Network Interface is used by existing resource.", 400, "in_use", ""),
    ("InUseSubnetCannotBeDeleted", "Subnet is in use.", 400, "in_use", ""),
    ("PublicIPAddressCannotBeDeleted", "still allocated.", 400, "in_use", ""),
    ("AnotherOperationInProgress", "Another operation is in progress.", 409, "conflict", "run it again"),
    ("PreconditionFailed", "The etag does not match.", 412, "conflict", ""),
    ("ResourceGroupBeingDeleted", "is in deprovisioning state.", 409, "conflict", ""),
    ("Canceled", "Operation was canceled.", 200, "conflict", ""),
    ("PlatformImageNotFound", "The platform image is not available.", 404, "not_found", "azure_image_info"),
    ("ResourceGroupNotFound", "Resource group 'rg1' could not be found.", 404, "not_found", ""),
    ("SubscriptionNotFound", "The subscription could not be found.", 404, "not_found", "Check subscription_id"),
    ("ImageVersionDeprecated", "deprecated", 404, "not_found", ""),
    ("StorageAccountAlreadyTaken", "The storage account is already taken.", 409, "name_exists", ""),
    ("OSProvisioningTimedOut", "OS Provisioning did not finish in the allotted time.", 200, "os_timeout", ""),
    (
        "InvalidAuthenticationTokenTenant",
        "The access token is from the wrong issuer.",
        401,
        "authentication",
        "Check that tenant",
    ),
    ("ExpiredAuthenticationToken", "The access token has expired.", 401, "authentication", "the clock of this machine"),
    ("InvalidRequestFormat", "Cannot parse the request.", 400, "bad_option", ""),
    ("LocationNotAvailableForResourceType", "not available in 'moon'.", 400, "unsupported", "Check location"),
    ("ScopeLocked", "The scope is locked.", 409, "no_permission", "remove the lock"),
    ("Unheard", "Something else.", 409, "fault", ""),
    ("", "", 404, "not_found", ""),
]


@pytest.mark.parametrize(("azure", "message", "status", "code", "hint"), TABLE)
def test_what_is_known(azure: str, message: str, status: int, code: str, hint: str) -> None:
    error = faults.failure("Making node1", Fault(azure, message), status)
    assert error.code == code
    assert hint in str(error)
    assert str(error).startswith("Making node1: ")
    assert error.about.get("azure_code", "") == azure


def test_the_reason_is_in_the_details() -> None:
    body = {
        "error": {
            "code": "MarketplacePurchaseEligibilityFailed",
            "message": "Marketplace purchase eligibilty check returned errors. See inner errors for details. ",
            "details": [
                {"code": "BadRequest", "message": "You have not accepted the legal terms on this subscription."}
            ],
        }
    }
    error = faults.failure("Making node1", t.cast(Fault, faults.parsed(body)), 400)
    assert error.code == "terms_required"
    assert "You have not accepted the legal terms on this subscription (BadRequest)." in str(error)
    assert error.about["details"][0]["code"] == "BadRequest"


def test_an_error_in_the_text_of_another() -> None:
    inner = '{"error": {"code": "SkuNotAvailable", "message": "The size is not available.", "target": "vmSize"}}'
    error = faults.failure("x", t.cast(Fault, faults.parsed({"error": {"code": "DeploymentFailed", "message": inner}})))
    assert error.code == "capacity"
    assert error.about["details"] == [
        {"code": "SkuNotAvailable", "message": "The size is not available.", "target": "vmSize"}
    ]


def test_a_missing_permission() -> None:
    message = (
        "The client 'app' with object id '1' does not have authorization to perform action "
        "'Microsoft.Compute/virtualMachines/write' over scope '/subscriptions/s/resourceGroups/rg1' or the scope "
        "is invalid."
    )
    error = faults.failure("Making node1", Fault("AuthorizationFailed", message), 403)
    assert error.code == "no_permission"
    assert error.about["action"] == "Microsoft.Compute/virtualMachines/write"
    assert error.about["scope"] == "/subscriptions/s/resourceGroups/rg1"
    assert (
        "a role with the action Microsoft.Compute/virtualMachines/write on /subscriptions/s/resourceGroups/rg1"
        in str(error)
    )


@pytest.mark.parametrize(
    "body",
    [
        {"code": "NotFound", "message": "Nothing."},
        {"error": {"code": "NotFound", "message": "Nothing."}},
        {"status": "Failed", "error": {"code": "NotFound", "message": "Nothing."}},
    ],
)
def test_shapes(body: object) -> None:
    assert faults.parsed(body) == Fault("NotFound", "Nothing.")


def test_an_operation_that_only_says_that_it_ended() -> None:
    assert faults.parsed({"status": "Canceled"}) == Fault("Canceled", "The operation has ended as Canceled.")
    assert faults.parsed({"properties": {}}) is None


def test_no_query_of_a_url_is_told() -> None:
    fault = faults.parsed({"code": "X", "message": "Cannot read https://a.example/b.vhd?sig=secret&se=1 now."})
    assert fault == Fault("X", "Cannot read https://a.example/b.vhd now.")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda each: (
        st.lists(each, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "code", "message", "target", "details", "innererror", "status"]), each
        )
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from([0, 200, 400, 401, 403, 404, 409, 412, 429, 500]))
def test_no_answer_breaks_it(body: object, status: int) -> None:
    fault = faults.parsed(body)
    if fault is not None:
        error = faults.failure("Trying", fault, status)
        assert isinstance(error, AzureError)
        assert error.code in CODES
        assert re.match("Trying: ", str(error))
