# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Which disks and NICs of a machine are whose, noted in the machine itself.

A disk that a storage driver of Kubernetes attaches, or a NIC that somebody adds, is none of ours.
"""

from __future__ import annotations

import json
import typing as t

KEY = "flatcar.ansible.layout"
#: Disks that were detached from a machine and are to come to the one that takes its place.
KEPT_KEY = "flatcar.ansible.kept_disks"


class Layout(t.NamedTuple):
    """own: the places (Disk.place) of the disks that came from the source, networks: the name at the source of the
    network of each NIC that came from there. disks: name -> place of further disks, keep: those that outlive the
    machine.
    """

    own: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    disks: t.Mapping[str, str] = {}
    keep: tuple[str, ...] = ()


class Kept(t.NamedTuple):
    """A disk without a machine: file is "[datastore] path", place where it was."""

    name: str
    file: str
    place: str


def note(layout: Layout) -> dict[str, str]:
    """extraConfig of a layout."""
    return {KEY: _json({**layout._asdict(), "disks": dict(sorted(layout.disks.items()))})}


def read(extra: t.Mapping[str, str]) -> Layout | None:
    """None where nothing, or nothing that can be used, is noted."""
    found = _parsed(extra.get(KEY))
    if not isinstance(found, dict):
        return None
    own, networks, disks, keep = (found.get(name) for name in Layout._fields)
    if not isinstance(disks, dict) or not all(isinstance(each, list) for each in (own, networks, keep)):
        return None
    places = {str(name): str(place) for name, place in disks.items()}
    return Layout(_texts(own), _texts(networks), places, _texts(keep))


def note_kept(disks: t.Sequence[Kept]) -> dict[str, str]:
    """extraConfig of detached disks; an empty value removes the note."""
    return {KEPT_KEY: _json([disk._asdict() for disk in disks]) if disks else ""}


def read_kept(extra: t.Mapping[str, str]) -> tuple[Kept, ...]:
    found = _parsed(extra.get(KEPT_KEY))
    rows = found if isinstance(found, list) else []
    return tuple(
        Kept(*(str(row[name]) for name in Kept._fields))
        for row in rows
        if isinstance(row, dict) and set(row) == set(Kept._fields)
    )


def _texts(values: t.Any) -> tuple[str, ...]:
    return tuple(map(str, values))


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _parsed(text: str | None) -> object:
    try:
        return json.loads(text or "")
    except ValueError:
        return None
