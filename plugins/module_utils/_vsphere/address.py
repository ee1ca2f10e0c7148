# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Waiting for the IP addresses of machines, as their tools report them."""

from __future__ import annotations

import functools
import time
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import watch
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.desired import Waiting
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import ips
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.sdk import Ref

_PATHS = ("guest.ipAddress", "guest.net", "guest.toolsRunningStatus", "runtime.powerState")


class Waiter(t.NamedTuple):
    ref: Ref
    name: str
    waiting: Waiting


#: The addresses that count, those that match first, or why there are none.
Found = t.Union[tuple[str, ...], VsphereError]


def wait(session: Session, waiters: t.Sequence[Waiter]) -> dict[str, Found]:
    """moid -> what was found. Each machine has its own time, and all are watched at once."""
    started = time.monotonic()
    left = list(waiters)
    found: dict[str, Found] = {}
    seen: watch.Seen = {}
    while left:
        longest = min(waiter.waiting.timeout for waiter in left) - (time.monotonic() - started)
        seen, dummy = watch.until(
            session,
            [waiter.ref for waiter in left],
            _PATHS,
            functools.partial(_all_settled, left),
            max(0, longest),
        )
        passed = time.monotonic() - started
        for waiter in tuple(left):
            matching = _matching(seen, waiter)
            if matching:
                found[waiter.ref._moId] = matching
            elif waiter.ref._moId not in seen:
                found[waiter.ref._moId] = VsphereError("not_found", f"The VM {waiter.name} has gone meanwhile.")
            elif passed >= waiter.waiting.timeout:
                found[waiter.ref._moId] = _failure(waiter, seen[waiter.ref._moId])
        left = [waiter for waiter in left if waiter.ref._moId not in found]
    return found


def _all_settled(waiters: t.Sequence[Waiter], seen: watch.Seen) -> bool:
    return all(waiter.ref._moId not in seen or _matching(seen, waiter) for waiter in waiters)


def _matching(seen: watch.Seen, waiter: Waiter) -> tuple[str, ...]:
    return tuple(ip for ip in ips(seen.get(waiter.ref._moId, {})) if waiter.waiting.accepts(ip))


def _failure(waiter: Waiter, values: t.Mapping[str, t.Any]) -> VsphereError:
    power = str(values.get("runtime.powerState") or "poweredOff")
    reported = ips(values)
    if power != "poweredOn":
        cause = f"It is {power}."
    elif reported:
        cause = f"It reports {', '.join(reported)}, which ip_cidr, ip_version or the kind of the address exclude."
    elif values.get("guest.toolsRunningStatus") != "guestToolsRunning":
        cause = "Its tools do not run: look at its console whether it has booted, and whether Ignition has failed."
    else:
        cause = "Its tools run and report no address: look whether its network has DHCP, or give network_kargs."
    return VsphereError(
        "timeout", f"The VM {waiter.name} has had no address within {waiter.waiting.timeout} seconds. {cause}"
    )
