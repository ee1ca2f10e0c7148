# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The storage account through which a VHD becomes an image, and the container for blobs in it."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import blobs, patience, request, sdk, stamp
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.own_image_options import (
    ACCOUNT_TYPES,
    KEY,
    Storage,
    plain,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session

#: Kinds of accounts that hold page blobs; the others are for block blobs or files alone.
_KINDS = ("StorageV2", "Storage")


class Account(t.NamedTuple):
    """A storage account. endpoint is the address of its blobs, with a slash at its end."""

    id: str
    name: str
    location: str
    endpoint: str


def find(session: Session, wanted: Storage, location: str) -> Account | None:
    """The account, None when it has to be made. AzureError when it cannot be used, or may not be made."""
    found = request.get(
        session,
        f"Looking at the storage account {wanted.account}",
        session.storage.storage_accounts.get_properties,
        wanted.group,
        wanted.account,
        missing_ok=True,
    )
    if found is None:
        _may_be_made(session, wanted)
        return None
    if found.get("kind") not in _KINDS or found["sku"]["name"] not in ACCOUNT_TYPES:
        raise AzureError(
            "bad_option",
            f"storage_account {wanted.account} is a {found.get('kind')} of {found['sku']['name']}, which holds no page "
            f"blobs. Take a StorageV2 of one of {', '.join(ACCOUNT_TYPES)}.",
        )
    if plain(found["location"]) != location:
        raise AzureError(
            "bad_option",
            f"storage_account {wanted.account} is in {plain(found['location'])}, and the image is to be in {location}: "
            "an image is made of a blob in its own region. Take another account.",
        )
    return _account(found)


def _may_be_made(session: Session, wanted: Storage) -> None:
    if not wanted.create:
        raise AzureError(
            "not_found",
            f"There is no storage account {wanted.account} in the resource group {wanted.group}. Check both, or set "
            "create_storage_account=true.",
        )
    try:
        said = request.get(
            session,
            f"Asking for the name {wanted.account} of a storage account",
            session.storage.storage_accounts.check_name_availability,
            {"name": wanted.account, "type": "Microsoft.Storage/storageAccounts"},
        )
    except AzureError as error:
        if error.code != "no_permission":
            raise
        # A login of a group may not ask, and may make the account there.
        return
    if not said["nameAvailable"]:
        raise AzureError(
            "name_exists",
            f"storage_account {wanted.account} cannot be made: {said.get('message', '').strip()} Names of storage "
            "accounts are unique in all of Azure: take another one, or name its group in "
            "storage_account_resource_group.",
            azure_code=said.get("reason"),
        )


def create(session: Session, wanted: Storage, location: str) -> Account:
    body = {
        "location": location,
        "kind": "StorageV2",
        "sku": {"name": wanted.type},
        "tags": stamp.tags(state=stamp.COMPLETE),
        "properties": {
            "allowBlobPublicAccess": False,
            "allowSharedKeyAccess": wanted.auth == KEY,
            "minimumTlsVersion": "TLS1_2",
            "supportsHttpsTrafficOnly": True,
        },
    }
    made = request.begin(
        session,
        f"Creating the storage account {wanted.account}",
        session.storage.storage_accounts.begin_create,
        wanted.group,
        wanted.account,
        body,
    )
    return _account(made)


def _account(found: dict[str, t.Any]) -> Account:
    endpoint = found["properties"]["primaryEndpoints"]["blob"]
    return Account(found["id"], found["name"], plain(found["location"]), endpoint.rstrip("/") + "/")


def container(session: Session, wanted: Storage, account: Account) -> sdk.Sdk:
    """The client for the container, which need not be there."""
    return session.container(account.endpoint + wanted.container, _key(session, wanted))


def _key(session: Session, wanted: Storage) -> str | None:
    if wanted.auth != KEY:
        return None
    listed = request.get(
        session,
        f"Reading the keys of the storage account {wanted.account}",
        session.storage.storage_accounts.list_keys,
        wanted.group,
        wanted.account,
    )
    return str(next(key["value"] for key in listed["keys"] if key["permissions"].lower() == "full"))


def ensure_container(client: sdk.Sdk, account: Account, patient: float) -> bool:
    """Makes the container where it is missing, with so many seconds of patience for a new account; whether it did."""
    exists = sdk.load("azure.core.exceptions").ResourceExistsError

    def make() -> bool:
        try:
            client.create_container()
        except exists:
            return False
        return True

    what = f"Making the container {client.container_name} in the storage account {account.name}"
    with patience.lasting(what, patient * 2):
        return blobs.settled(what, make, patient)
