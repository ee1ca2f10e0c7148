# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What goes wrong with Azure, one exception for all of it."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.errors import FleetError


class AzureError(FleetError):
    """Something in Azure, or on the way to it, did not work.

    code is one of CODES; about may hold azure_code, target and details ([{code, message, target}]) as Azure gave them,
    request_id, action and scope (of a missing permission), namespace (of a provider), candidates, left_behind.
    """


#: code -> what it means. Modules return it as `error_code`.
CODES = {
    "ambiguous": "a name fits more than one thing",
    "authentication": "nobody could be logged in, or the login was refused",
    "bad_option": "an option has a value that cannot be used",
    "capacity": "Azure has no room for this size in this region or zone at the moment",
    "conflict": "something else changed the same thing at the same time",
    "connect": "no connection, or an answer that Azure does not give",
    "digest_mismatch": "a file does not have the digest that it should have",
    "fault": "Azure reported another fault",
    "ignition_changed": "the VM was made with another Ignition config",
    "ignition_invalid": "what was given as Ignition is none, or not a valid one",
    "immutable_changed": "a setting differs that only a new VM can have",
    "in_use": "something else still uses it",
    "missing_library": "a Python package or program is not there",
    "name_exists": "something of this name exists already",
    "no_egress": "the VM would have no way out, and its Ignition config needs one",
    "no_permission": "the account lacks a permission",
    "not_found": "there is no such thing",
    "not_ours": "it was not made by this collection",
    "not_registered": "a resource provider is not registered in the subscription",
    "os_timeout": "Azure gave up waiting for the system in the VM to say that it is there",
    "plan_required": "the image has a plan, and the request named none or another one",
    "policy": "a policy of the organisation forbids it",
    "power_state": "the VM would have to be in another power state",
    "quota": "a quota of the subscription is used up",
    "replacement_limit": "the VM would have to be replaced, and the task has replaced as many as it may",
    "signature_bad": "the signature does not fit, or is none",
    "size_unfit": "the VM size does not fit the image, the region or the options",
    "source_unreadable": "a file cannot be read to its end",
    "terms_required": "the terms of the image have not been accepted",
    "throttled": "Azure turns requests away, because there were too many",
    "timeout": "something took longer than its limit",
    "tls_untrusted": "the certificate of the server is not trusted",
    "unsupported": "this cloud, region or image cannot do it",
    "upload_failed": "an upload broke off",
    "userdata_too_large": "the Ignition config is larger than a VM can hold",
    "vhd_invalid": "the disk image is not one that Azure takes",
}
