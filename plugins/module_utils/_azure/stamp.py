# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What the collection writes down on resources, in tags that everybody with a look at the subscription can read."""

from __future__ import annotations

import typing as t

PREFIX = "flatcar-ansible-"
CREATING = "creating"
COMPLETE = "complete"
#: The owner of what all VMs of a network share.
SHARED = "network"
#: Azure's limit for the value of a tag.
LONGEST = 256


class Stamp(t.NamedTuple):
    """state is CREATING until all of a VM is there, then COMPLETE; "" says that somebody else has made it.

    ignition stands for the user data (sha256), source is the image that was asked for, owner whose part a resource is
    (owner_of, or SHARED), digest what an own image was made of. "" is unknown.
    """

    state: str = ""
    ignition: str = ""
    source: str = ""
    owner: str = ""
    digest: str = ""

    @property
    def is_unfinished(self) -> bool:
        return self.state == CREATING

    @property
    def is_ours(self) -> bool:
        return bool(self.state or self.owner)


def tags(**fields: str) -> dict[str, str]:
    """The tags for some of the fields of a Stamp."""
    return {PREFIX + name: value[:LONGEST] for name, value in Stamp(**fields)._asdict().items() if name in fields}


def read(resource: t.Mapping[str, t.Any]) -> Stamp:
    """The stamp on a resource. Azure does not tell upper from lower case in the names of tags."""
    found = {name.lower(): value for name, value in (resource.get("tags") or {}).items()}
    return Stamp(**{name: found.get(PREFIX + name) or "" for name in Stamp._fields})


def others(all_tags: t.Mapping[str, str] | None) -> dict[str, str]:
    """The tags that are not ours."""
    return {name: value for name, value in (all_tags or {}).items() if not name.lower().startswith(PREFIX)}


def owner_of(group: str, name: str) -> str:
    """The owner of what belongs to one VM. It is compared without regard to case, as Azure compares names."""
    return f"{group}/{name}".lower()
