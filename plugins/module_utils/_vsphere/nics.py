# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""NICs: how those of a machine differ from what is wanted."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.hardware import (
    LIVE,
    OFF,
    REBUILD,
    Change,
    ExtraNic,
    Hardware,
    Networks,
    Spec,
    Target,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.layout import Layout
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine, Nic
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.sdk import vim


def differences(wanted: Hardware, seen: Machine, layout: Layout, networks: Networks) -> t.Iterator[Change]:
    """NICs of the source come first, then those of the option nics; further ones are none of ours."""
    own = len(layout.networks)
    if len(wanted.macs) > own:
        raise VsphereError(
            "bad_option",
            f"macs has {len(wanted.macs)} addresses, and {own} NICs came from the source. Those in nics have a mac of "
            "their own.",
        )
    for place, name in enumerate(layout.networks[: len(seen.nics)]):
        nic, field = seen.nics[place], f"nics[{place}]"
        mac = wanted.macs[place] if place < len(wanted.macs) else None
        yield from _nic(field, nic, networks.source.get(name), mac)
    for place, (extra, target) in enumerate(zip(wanted.nics, networks.extra), own):
        field = f"nics[{place}]"
        if place >= len(seen.nics):
            after = f"{extra.type} on {target.name}"
            yield Change(field, None, after, LIVE, "nic", _new_nic(extra, target))
            continue
        nic = seen.nics[place]
        if nic.type != extra.type:
            yield Change(f"{field}.type", nic.type, extra.type, REBUILD, "nic")
        yield from _nic(field, nic, target, extra.mac)


def _nic(field: str, nic: Nic, target: Target | None, mac: str | None) -> t.Iterator[Change]:
    if target is not None and target.id != nic.network:
        yield Change(f"{field}.network", nic.network, target.id, LIVE, "nic", _to_network(nic, target))
    if mac is not None and mac != nic.mac:
        yield Change(f"{field}.mac", nic.mac, mac, OFF, "nic", _to_mac(nic, mac))


def _to_network(nic: Nic, target: Target) -> t.Callable[[Spec], None]:
    def apply(spec: Spec) -> None:
        spec.edit(nic.device).backing = target.backing

    return apply


def _to_mac(nic: Nic, mac: str) -> t.Callable[[Spec], None]:
    def apply(spec: Spec) -> None:
        device = spec.edit(nic.device)
        device.addressType, device.macAddress = "manual", mac

    return apply


def _new_nic(extra: ExtraNic, target: Target) -> t.Callable[[Spec], None]:
    def apply(spec: Spec) -> None:
        card = getattr(vim.vm.device, "Virtual" + extra.type.capitalize())()
        card.backing = target.backing
        card.addressType = "manual" if extra.mac else "generated"
        card.macAddress = extra.mac
        card.connectable = vim.vm.device.VirtualDevice.ConnectInfo(
            startConnected=True, allowGuestControl=True, connected=True
        )
        spec.add(card)

    return apply
