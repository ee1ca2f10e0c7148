# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What goes wrong with vSphere, one exception for all of it."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.errors import FleetError


class VsphereError(FleetError):
    """Something on a vSphere server, or on the way to it, did not work.

    code is one of CODES; about may hold privilege, candidates, left_behind.
    """


#: code -> what it means. Modules return it as `error_code`.
CODES = {
    "ambiguous": "a name fits more than one object",
    "bad_option": "an option has a value that cannot be used",
    "checksum_mismatch": "the OVA does not have the checksum that was asked for",
    "connect": "no connection, a time-out, or an answer that no vSphere server gives",
    "fault": "the server reported another fault",
    "guestinfo_too_large": "the guestinfo values are larger than a VM can hold",
    "ignition_changed": "the VM was made with another Ignition config",
    "ignition_invalid": "what was given as Ignition is none, or not a valid one",
    "immutable_changed": "a setting differs that only a new VM can have",
    "import_unfinished": "a VM of this name is what an interrupted import left",
    "lease_error": "the server ended the import",
    "login": "the server refused the user or the password",
    "manifest_mismatch": "a member of the OVA does not have the digest of its manifest",
    "missing_library": "a Python package or program is not there",
    "name_exists": "something of this name exists already",
    "needs_vcenter": "a host without vCenter cannot do this",
    "network_unknown": "a network of the OVA has no network to go to",
    "no_permission": "the user lacks a privilege",
    "not_found": "there is no such object",
    "not_ours": "the VM was not made by this collection",
    "ovf_invalid": "the OVA, or the descriptor in it, cannot be used",
    "power_state": "the VM would have to be on, or off",
    "replacement_limit": "the VM would have to be replaced, and the task has replaced as many as it may",
    "restricted_license": "the licence of the host forbids changes through the API",
    "session_lost": "the server ended the session, also after a new login",
    "signature_bad": "the signature does not fit the OVA, or is none",
    "source_unreadable": "the OVA cannot be read to its end",
    "spec_error": "the server cannot make a VM of this OVA",
    "timeout": "something took longer than its limit",
    "tls_untrusted": "the certificate of the server is not trusted",
    "upload_failed": "the upload of a disk broke off",
}
