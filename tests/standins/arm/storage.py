# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Storage accounts, whose blobs are elsewhere: at the blob service that the test names."""

from __future__ import annotations

import re
import typing as t
import urllib.parse

from ansible_collections.flatops.flatcar.tests.standins.arm import operations
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Json, Request, Route
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import Kind, Put
from ansible_collections.flatops.flatcar.tests.standins.arm.vm_profile import invalid
from ansible_collections.flatops.flatcar.tests.standins.arm.world import World

TYPE = "Microsoft.Storage/storageAccounts"
_NAME = re.compile("[a-z0-9]{3,24}")


def _account(put: Put) -> None:
    name = put.path.names[-1]
    if not _NAME.fullmatch(name):
        raise ArmError(
            400,
            "AccountNameInvalid",
            f"{name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in "
            "length and use numbers and lower-case letters only.",
        )
    if put.old is None and _taken(put.world, name):
        raise ArmError(409, "StorageAccountAlreadyTaken", f"The storage account named {name} is already taken.")
    put.new.setdefault("kind", "StorageV2")
    put.new.setdefault("sku", {"name": "Standard_LRS"})
    put.new["sku"]["tier"] = put.new["sku"]["name"].partition("_")[0]
    service = put.world.control.blob
    put.properties["primaryEndpoints"] = {
        "blob": f"{service}/{name}/" if service else f"https://{name}.blob.core.windows.net/"
    }
    put.properties.setdefault("accessTier", "Hot")
    put.properties.setdefault("allowBlobPublicAccess", False)
    put.properties.setdefault("allowSharedKeyAccess", True)
    put.properties.setdefault("minimumTlsVersion", "TLS1_2")
    put.properties.setdefault("supportsHttpsTrafficOnly", True)
    put.properties["primaryLocation"] = put.new["location"]
    put.properties["statusOfPrimary"] = "available"
    put.properties["creationTime"] = (put.old or {}).get("properties", {}).get("creationTime") or operations.stamp()


def _taken(world: World, name: str) -> bool:
    """Names are those of the whole world: one is somebody else's."""
    return name == "taken" or any(each["name"] == name for each in world.within("", TYPE))


def _name(world: World, request: Request, subscription: str) -> Answer:
    name = (request.body or {}).get("name", "")
    if not _NAME.fullmatch(name):
        reason, message = "AccountNameInvalid", f"{name} is not a valid storage account name."
    elif _taken(world, name):
        reason, message = "AlreadyExists", f"The storage account named {name} is already taken."
    else:
        return Answer(200, {"nameAvailable": True})
    return Answer(200, {"nameAvailable": False, "reason": reason, "message": message})


def _keys(world: World, request: Request, account: Json) -> Answer:
    if account["properties"]["allowSharedKeyAccess"] is False:
        raise ArmError(
            403,
            "KeyBasedAuthenticationNotPermitted",
            "Key based authentication is not permitted on this storage account.",
        )
    value = world.control.storage_key or "bm90IGEga2V5"
    names = ("key1", "key2")
    return Answer(200, {"keys": [{"keyName": name, "value": value, "permissions": "FULL"} for name in names]})


def check_blob(put: Put, uri: str) -> None:
    """ArmError where an address is not that of a blob in an account of the same location."""
    path = urllib.parse.urlsplit(uri)
    if path.query or not path.scheme:
        raise invalid(f"Disk blob uri '{path.scheme}://{path.netloc}{path.path}' is invalid.", "blobUri")
    account = account_of(put.world, uri)
    if account is None:
        raise ArmError(
            404,
            "StorageAccountNotFound",
            f"Storage account of {uri} not found. Ensure storage account is not deleted and belongs to the same Azure "
            "location as the VM.",
        )
    if account["location"] != put.new["location"]:
        raise ArmError(
            409,
            "StorageAccountLocationMismatch",
            f"Could not get storage details from storage account {account['name']}. Ensure storage account is not "
            "deleted and belongs to the same Azure location as the VM.",
        )


def account_of(world: World, uri: str) -> Json | None:
    found = (each for each in world.within("", TYPE) if uri.startswith(each["properties"]["primaryEndpoints"]["blob"]))
    return next(found, None)


ACCOUNT = Kind(
    TYPE,
    prepare=_account,
    writes=(operations.RESULT,),
    deletes=(),
    actions=t.cast("t.Mapping[str, t.Callable[[World, Request, Json], Answer]]", {"listkeys": _keys}),
)
ROUTES: tuple[Route, ...] = ((r"/subscriptions/([^/]+)/providers/Microsoft\.Storage/checkNameAvailability", _name),)
