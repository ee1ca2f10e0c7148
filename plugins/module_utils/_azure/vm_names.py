# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What Azure takes for names of VMs, resource groups, users and tags."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import stamp
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError

_VM = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_])?")
_GROUP = re.compile(r"[\w().-]{0,89}[\w()-]")
_DISK = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_TAG = re.compile(r"[^<>%&\\?/]{1,512}")
#: Source: the description of OSProfile.adminUsername in the specification of Azure's compute API.
_RESERVED_USERS = re.compile(
    r"administrator|admin[12]?|user[1-5]?|test[1-3]?|1|123|a|actuser|adm|aspnet|backup|console|david|guest|john|owner"
    r"|root|server|sql|support(_388945a0)?|sys"
)
_MOST_TAGS = 50


def check_vm(name: str) -> str:
    if not _VM.fullmatch(name):
        raise AzureError(
            "bad_option",
            f"name {name!r}: a VM has a name of 1 to 64 letters, digits, dots, underscores and hyphens, which begins "
            "with a letter or digit and ends with one or an underscore.",
        )
    return name


def computer_name(vm: str) -> str:
    """The host name that Azure hands to a VM: it takes no underscores, and no name of digits alone."""
    name = vm.replace("_", "-").strip("-.")
    return f"vm-{name}" if name.isdigit() else name


def check_group(name: str) -> str:
    if not _GROUP.fullmatch(name):
        raise AzureError(
            "bad_option",
            f"resource_group {name!r}: a resource group has a name of 1 to 90 letters, digits, underscores, hyphens, "
            "parentheses and dots, and the last is no dot.",
        )
    return name


def check_disk(name: str, option: str) -> str:
    if not _DISK.fullmatch(name):
        raise AzureError(
            "bad_option",
            f"{option}: {name!r} would be the name of the managed disk; it has 1 to 80 letters, digits, dots, "
            "underscores and hyphens.",
        )
    return name


def check_user(name: str) -> str:
    if _RESERVED_USERS.fullmatch(name.lower()):
        raise AzureError("bad_option", f"admin_username {name!r}: Azure reserves this name; core is what Flatcar uses.")
    if not _USER.fullmatch(name):
        raise AzureError(
            "bad_option",
            f"admin_username {name!r}: it has 1 to 32 small letters, digits, underscores and hyphens, and begins with "
            "a letter or underscore.",
        )
    return name


def check_tags(given: t.Mapping[str, t.Any] | None) -> dict[str, str] | None:
    """The tags as Azure keeps them: texts."""
    if given is None:
        return None
    tags = {str(name): _text(value) for name, value in given.items()}
    for name, value in tags.items():
        if not _TAG.fullmatch(name) or name.lower().startswith(("microsoft", "azure", "windows")):
            raise AzureError(
                "bad_option",
                f"tags: {name!r} cannot be the name of a tag; it has 1 to 512 characters without < > % & \\ ? /, and "
                "does not begin with microsoft, azure or windows.",
            )
        if name.lower().startswith(stamp.PREFIX):
            raise AzureError("bad_option", f"tags: names that begin with {stamp.PREFIX} are for this collection.")
        if len(value) > stamp.LONGEST:
            raise AzureError("bad_option", f"tags: {name} has {len(value)} characters; {stamp.LONGEST} are possible.")
    if len({name.lower() for name in tags}) < len(tags):
        raise AzureError("bad_option", "tags: two names differ in nothing but upper and lower case.")
    if len(tags) > _MOST_TAGS - len(stamp.Stamp._fields):
        raise AzureError("bad_option", f"tags: a VM has at most {_MOST_TAGS}, those of this collection included.")
    return tags


def _text(value: t.Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
