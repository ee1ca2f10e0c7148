# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What the collection writes down on a VM itself, in settings that the guest cannot read."""

from __future__ import annotations

import typing as t

PREFIX = "flatcar.ansible."
IMPORTING = "importing"
COMPLETE = "complete"


class Stamp(t.NamedTuple):
    """state is IMPORTING until the disks have come, then COMPLETE; "" says that the VM was made by somebody else.

    imported is when an import began that has not ended, in seconds since 1970 by the server's clock.

    ignition_sha256 stands for the user data (user_data.UserData.sha256, user_data.url_digest), settings_sha256 for the
    other guestinfo keys (guestinfo.Guestinfo), source is where the VM comes from, without credentials. "" is unknown.
    """

    state: str = ""
    ignition_sha256: str = ""
    source: str = ""
    settings_sha256: str = ""
    imported: str = ""

    @property
    def is_unfinished(self) -> bool:
        return self.state == IMPORTING

    @property
    def began(self) -> int:
        """imported as a number, 0 where it is not known."""
        return int(self.imported) if self.imported.isdecimal() else 0

    @property
    def is_ours(self) -> bool:
        return bool(self.state)


def stamp(**fields: str) -> dict[str, str]:
    """The settings for some of the fields of a Stamp."""
    return {PREFIX + name: value for name, value in Stamp(**fields)._asdict().items() if name in fields}


def read(extra_config: t.Mapping[str, str]) -> Stamp:
    """The stamp among the settings of a VM."""
    return Stamp(**{name: extra_config.get(PREFIX + name) or "" for name in Stamp._fields})
