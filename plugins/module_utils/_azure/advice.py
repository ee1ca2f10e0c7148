# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The errors of Azure that are known: what they mean, and what to do about them.

Codes and wordings are those of learn.microsoft.com (azure-resource-manager/troubleshooting/common-deployment-errors,
virtual-machines/error-codes-spot and troubleshooting pages of Compute and Network), and of the threads named in
tests/standins/arm.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import pipeline


class Known(t.NamedTuple):
    """codes and message are regular expressions, message for some of what codes fits; code is one of errors.CODES."""

    code: str
    codes: str
    hint: str = ""
    message: str = ""


class Told(t.Protocol):
    """An error of Azure: faults.Fault."""

    @property
    def code(self) -> str:
        """The word of Azure for what went wrong."""

    @property
    def message(self) -> str:
        """What Azure says."""


_TERMS = "Accept the terms of the image, with accept_terms=true or with azure_image_terms."
#: Codes of the service that gives tokens, and what to do (learn.microsoft.com, "Microsoft Entra authentication and
#: authorization error codes").
_LOGINS = {
    "AADSTS7000215": "Check secret: it is the value of a client secret, not its id.",
    "AADSTS7000222": "The secret has expired: make a new one for the application.",
    "AADSTS700016": "Check client_id and tenant: the tenant has no such application.",
    "AADSTS90002": "Check tenant, and that cloud_environment is its cloud.",
    "AADSTS900023": "Check tenant: it is neither a name nor an id.",
    "AADSTS50034": "Check ad_user.",
    "AADSTS50126": "Check ad_user and password.",
    "AADSTS5007[69]": "The user must use a second factor: take a service principal.",
    "AADSTS700027": "Check x509_certificate_path: the application has no such certificate.",
    "AADSTS700024": "The federated token is no longer valid: take a new one.",
    "AADSTS70021[13]?": "The application has no federated credential for the issuer and subject of this token.",
    "AADSTS(70043|700082)": "Log in anew: az login.",
    "AADSTS": "",
}
#: The first that fits counts.
_KNOWN = (
    *(Known("authentication", ".*", hint, rf"{code}(?!\d)" if hint else code) for code, hint in _LOGINS.items()),
    Known("terms_required", "ResourcePurchaseValidationFailed|MarketplacePurchaseEligibilityFailed", _TERMS),
    Known("terms_required", ".*", _TERMS, "(?i)accept(ed)? the legal terms"),
    Known(
        "plan_required",
        "VMMarketplaceInvalidInput",
        "An image of the Marketplace, and one made of it, needs its plan: give it in plan.",
    ),
    Known(
        "unsupported",
        ".*",
        "Leave security_type out: images of Flatcar have no Trusted Launch.",
        "(?i)TrustedLaunch.*not supported",
    ),
    Known("no_permission", "(Linked)?AuthorizationFailed|Forbidden|RoleAssignment.*Forbidden"),
    Known(
        "no_permission",
        "ReadOnlyDisabledSubscription|DisabledSubscription|SubscriptionDisabled",
        "The subscription is disabled; its owner must enable it again.",
    ),
    Known("no_permission", "ScopeLocked", "A lock forbids it; remove the lock, or leave the resource alone."),
    Known(
        "authentication",
        "(Invalid|Expired|Missing)?Authentication(Token.*|Failed.*)",
        "Check that tenant is the tenant of the subscription, and the clock of this machine.",
    ),
    Known(
        "not_found",
        "SubscriptionNotFound|InvalidSubscriptionId",
        "Check subscription_id, cloud_environment, and that the account may see the subscription.",
    ),
    Known(
        "not_registered",
        "MissingSubscriptionRegistration|SubscriptionNotRegistered.*|NotRegistered",
        "Register it once for the subscription (az provider register -n {namespace}), or set register_providers=true.",
    ),
    Known(
        "unsupported",
        "NoRegisteredProviderFound|LocationNotAvailableFor.*|InvalidResourceType",
        "Check location: this cloud or region does not have it.",
    ),
    Known("policy", "RequestDisallowedBy.*", "Ask those who wrote the policy, or change what it asks for."),
    Known(
        "throttled", "TooManyRequests|SubscriptionRequestsThrottled", "Give it more time in timeout, or fewer threads."
    ),
    Known(
        "size_unfit",
        "BadRequest|InvalidParameter",
        "Take a size and an image of one generation; sizes ending in v6 have only 2, and azure_image_info names sizes.",
        "(?i)cannot boot Hypervisor Generation",
    ),
    Known(
        "size_unfit",
        "BadRequest|InvalidParameter",
        "Take a size and an image of one architecture; azure_image_info with vm_size checks it.",
        "(?i)CPU Architecture",
    ),
    Known("size_unfit", "InvalidParameter", "Check vm_size and location.", "(?i)VM size"),
    Known("size_unfit", "VMSizeNotSupported|InvalidVMSize|VMSizeDoesntSupport.*", "Check vm_size and its options."),
    Known(
        "capacity",
        ".*AllocationFailed|SkuNotAvailable|Overconstrained.*|AllocationTimedOut",
        "Try another size, zone or region, or later.",
    ),
    Known(
        "quota",
        ".*QuotaExceeded.*|.*LimitReached.*|.*CountLimit.*|MaxStorageAccountsCountPerSubscriptionExceeded",
        "Ask for more quota in the portal (Quotas), or take another region or size.",
    ),
    Known(
        "quota",
        "OperationNotAllowed|InvalidTemplateDeployment",
        "Ask for more quota in the portal (Quotas), or take another region or size.",
        "(?i)quota|limit",
    ),
    Known(
        "immutable_changed",
        "PropertyChangeNotAllowed|.*CannotBeChanged|CannotChange.*|InvalidResourceGroupLocation|InvalidResourceLocation",
        "Only a new one can have it.",
    ),
    Known("in_use", "NicInUse|.*InUse.*|.*CannotBeDeleted.*|NicReservedForAnotherVm|DiskInUse.*|AttachDiskWhile.*"),
    Known("os_timeout", "OSProvisioning.*|VMAgentStatusCommunicationError"),
    Known(
        "conflict",
        "AnotherOperationInProgress|RetryableError|ReferencedResourceNotProvisioned|Canceled.*|Cancelled.*"
        "|OperationPreempted.*|PreconditionFailed|ConditionNotMet|ConflictingConcurrentWrite.*|ConcurrentOperation.*"
        "|ResourceGroupBeingDeleted|ResourceGroupDeletionBlocked|Conflict(ingUserInput|ingServerOperation)?"
        "|ResourceNotYetSynced|StorageAccountOperationInProgress|InUseWithOngoingOperation",
        "Something else changes it at the same time: run it again.",
    ),
    Known(
        "not_found",
        "PlatformImageNotFound|GalleryImageNotFound|ImageNotFound",
        "Check the image with azure_image_info: publisher, offer, sku, version and location.",
    ),
    Known("not_found", ".*NotFound|InvalidResourceReference|ParentResourceNotFound|NotFound"),
    Known("name_exists", ".*AlreadyExists.*|StorageAccountAlreadyTaken|.*AlreadyTaken"),
    Known(
        "bad_option",
        "Invalid.*|BadRequest|LinkedInvalidPropertyId|MissingRequiredParameter|.*NotValid.*|NetcfgInvalid.*"
        "|SubnetIsFull|PrivateIPAddress.*|.*NotInAddressRange|NetcfgSubnet.*",
    ),
)
_BY_STATUS = {
    401: "authentication",
    403: "no_permission",
    404: "not_found",
    412: "conflict",
    429: "throttled",
}
_ACTION = re.compile(r"perform action '([^']+)'(?:.{0,40}?over scope '([^']+)')?", re.DOTALL)


def advice(told: t.Iterable[Told], status: int = 0) -> tuple[str, str, dict[str, str]]:
    """Our code for an error, what to do, and what to say besides. told is the error and all its details.

    A code that only says that something failed has its reason in the details, so one of these may count more.
    """
    faults = list(told)
    for known in _KNOWN:
        for fault in faults:
            if re.fullmatch(known.codes, fault.code) and re.search(known.message, fault.message):
                if status == 429 and known.code == "quota":
                    continue
                return _advised(known, fault)
    return _BY_STATUS.get(status, "fault"), "", {}


def _advised(known: Known, fault: Told) -> tuple[str, str, dict[str, str]]:
    about = {}
    hint = known.hint
    denied = _ACTION.search(fault.message) if known.code == "no_permission" else None
    if denied:
        about = {"action": denied[1], "scope": denied[2] or ""}
        where = f" on {denied[2]}" if denied[2] else ""
        hint = f"Give the account a role with the action {denied[1]}{where}; a new role takes minutes to count."
    if known.code == "not_registered":
        namespace = pipeline.unregistered("MissingSubscriptionRegistration", fault.message) or "its name"
        about = {"namespace": namespace}
        hint = hint.format(namespace=namespace)
    return known.code, hint, about
