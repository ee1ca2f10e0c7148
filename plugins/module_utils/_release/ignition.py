# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Which Ignition a Flatcar release ships, and the newest spec that this Ignition boots."""

from __future__ import annotations

#: From this Flatcar version on -> the Ignition that it ships, up to the next entry. Source: `image_packages` of the
#: release data in flatcar/flatcar-website (data/releases, state of August 2026); the last entry from the ebuilds in
#: flatcar/scripts, where Ignition 2.26.0 came in after 4797.0.0 and before 4799.0.0. Stable 3033.2.3, and so LTS 2022,
#: has a newer Ignition than alpha 3046. The first LTS (2605) begins the table.
SHIPPED = (
    ((2605, 0, 0), "0.34.0"),
    ((3033, 2, 3), "0.36.1"),
    ((3046, 0, 0), "0.34.0"),
    ((3066, 0, 0), "0.36.1"),
    ((3185, 0, 0), "2.13.0"),
    ((3277, 0, 0), "2.14.0"),
    ((3535, 0, 0), "2.15.0"),
    ((3913, 0, 0), "2.18.0"),
    ((4012, 0, 0), "2.19.0"),
    ((4152, 0, 0), "2.20.0"),
    ((4344, 0, 0), "2.21.0"),
    ((4459, 0, 0), "2.22.0"),
    ((4547, 0, 0), "2.24.0"),
    ((4799, 0, 0), "2.26.0"),
)

#: From this Ignition on -> the newest stable spec that it accepts; experimental specs do not count. Source: its release
#: notes (docs/release-notes.md in coreos/ignition, NEWS in the branch spec2x).
SPECS = (
    ((0, 29, 0), "2.3.0"),
    ((0, 35, 0), "2.4.0"),
    ((2, 0, 0), "3.0.0"),
    ((2, 3, 0), "3.1.0"),
    ((2, 7, 0), "3.2.0"),
    ((2, 11, 0), "3.3.0"),
    ((2, 15, 0), "3.4.0"),
    ((2, 20, 0), "3.5.0"),
    ((2, 26, 0), "3.6.0"),
)


def shipped(version: str) -> str | None:
    """The Ignition of a Flatcar version such as "4593.2.5"; None before the table, its last entry after it."""
    return _last(SHIPPED, version)


def newest_spec(version: str) -> str | None:
    """The newest Ignition spec that a Flatcar version boots, such as "3.5.0"; None where its Ignition is not known."""
    ignition = shipped(version)
    return ignition and _last(SPECS, ignition)


def _last(table: tuple[tuple[tuple[int, int, int], str], ...], version: str) -> str | None:
    numbers = tuple(map(int, version.split(".")))
    return max((row for row in table if row[0] <= numbers), default=(numbers, None))[1]
