# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""How a machine differs from what is desired of it."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import disks, nics, origin
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.desired import Desired
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.hardware import (
    LIVE,
    OFF,
    REBUILD,
    Change,
    Hardware,
    Networks,
    Spec,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.layout import Layout, read
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine


class Drift(t.NamedTuple):
    """hardware has all changes that would put a machine right, source too; ignition is None where it is not known.

    ignition says whether the user data or the other guestinfo keys differ from those that the machine was made with,
    as far as they are given.
    """

    hardware: tuple[Change, ...]
    ignition: bool | None

    def needing(self, *needs: str) -> tuple[Change, ...]:
        return tuple(change for change in self.hardware if change.needs in needs)

    def described(self) -> list[dict[str, object]]:
        """What a result says of it."""
        rows: list[dict[str, object]] = [
            {"field": change.field, "before": change.before, "after": change.after, "needs": change.needs}
            for change in self.hardware
        ]
        return rows


def drift(desired: Desired, seen: Machine, layout: Layout, networks: Networks) -> Drift:
    """The whole comparison of a machine that shall be there; of a template only its source counts."""
    if desired.state == "template":
        return Drift(tuple(_source(desired, seen)), None)
    return Drift(
        (*_source(desired, seen), *hardware(desired.hardware, seen, layout, networks)), ignition(desired, seen)
    )


def hardware(wanted: Hardware, seen: Machine, layout: Layout, networks: Networks) -> tuple[Change, ...]:
    """What of the hardware differs."""
    return (
        *_settings(wanted, seen),
        *nics.differences(wanted, seen, layout, networks),
        *disks.differences(wanted, seen, layout),
    )


def ignition(desired: Desired, seen: Machine) -> bool | None:
    """None where none is given, and where the machine does not say what it was made with."""
    wanted = desired.guestinfo
    if not (desired.has_ignition or wanted.settings_sha256) or not seen.stamp.is_ours:
        return None
    differs = desired.has_ignition and wanted.ignition_sha256 != seen.stamp.ignition_sha256
    return differs or wanted.settings_sha256 != seen.stamp.settings_sha256


def layout_of(desired: Desired, seen: Machine) -> Layout:
    """What the machine notes of itself.

    One that notes nothing has its first disk, and all its NICs but those in nics, from its source. Where the option
    networks has one entry, that is about all of those.
    """
    noted = read(seen.extra)
    if noted is not None:
        return noted
    own = max(len(seen.nics) - len(desired.hardware.nics), 0)
    name = next(iter(desired.networks)) if len(desired.networks) == 1 else ""
    return Layout(tuple(disk.place for disk in seen.disks[:1]), (name,) * own)


def _source(desired: Desired, seen: Machine) -> t.Iterator[Change]:
    """A template that is named by its id says nothing that could be compared."""
    wanted = origin.text(desired.options)
    if wanted and seen.stamp.source and not origin.same(seen.stamp.source, wanted):
        yield Change("source", seen.stamp.source, wanted, REBUILD, "machine")


def _settings(wanted: Hardware, seen: Machine) -> t.Iterator[Change]:
    rows = (
        ("cpus", seen.cpus, wanted.cpus, OFF, "numCPUs"),
        ("cores_per_socket", seen.cores, wanted.cores, OFF, "numCoresPerSocket"),
        ("memory_mb", seen.memory_mb, wanted.memory_mb, OFF, "memoryMB"),
        ("annotation", seen.annotation, wanted.annotation, LIVE, "annotation"),
    )
    for field, before, after, needs, name in rows:
        if after is not None and after != before:
            yield Change(field, before, after, needs, "machine", _setter(name, after))
    if wanted.version is not None and wanted.version != seen.version:
        needs = OFF if wanted.version > seen.version else REBUILD
        yield Change("hardware_version", seen.version, wanted.version, needs, "version")


def _setter(name: str, value: object) -> t.Callable[[Spec], None]:
    return lambda spec: setattr(spec.config, name, value)
