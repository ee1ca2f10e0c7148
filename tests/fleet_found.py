# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What modules have found of hosts, as the filter fleet_report takes it: a small fleet, or a large one."""

from __future__ import annotations

import typing as t

Found = dict[str, t.Any]
AT = "2026-11-22T08:00:00Z"


def facts(**other: t.Any) -> Found:
    """The facts of a node with which nothing is wrong."""
    chosen = {"name": "PHC0", "kind": "reference_clock", "state": "selected", "stratum": 2, "reach": 255}
    return {
        "gathered_at": AT,
        "version": "4593.2.5",
        "channel": "stable",
        "architecture": "amd64",
        "kernel": "Linux 6.12.50-flatcar",
        "platform": "azure",
        "uptime_seconds": 86400.5,
        "update_engine": {
            "operation": "IDLE",
            "new_version": None,
            "last_checked": 1795255872,
            "masked": False,
            "server": None,
        },
        "reboot": {"required": False, "reasons": [], "authorities": [{"name": "locksmithd", "strategy": "reboot"}]},
        "sysexts": [{"name": "kubernetes", "merged": True, "staged": True, "current": True, "image": "k.raw"}],
        "kubelet": {"version": "1.34.2", "service": "active", "joined": True, "control_plane": False},
        "time": {
            "source": "chronyd",
            "server": "PHC0",
            "offset_seconds": 0.000003,
            "leap": "Normal",
            "synchronized": True,
            "active": ["chronyd"],
            "sources": [chosen],
            "ptp_clocks": ["/dev/ptp_hyperv"],
        },
        "failed_units": [],
        **other,
    }


def machine(**other: t.Any) -> Found:
    """A machine as azure_vm_info has it."""
    stamp = {"state": "complete", "ignition_sha256": "a" * 64, "source": "stable"}
    return {"name": "web", "power_state": "running", "image": {"exact_version": "4593.2.4"}, "stamp": stamp, **other}


def fleet(size: int) -> list[Found]:
    """Hosts of which one cannot be reached, and others have this or that."""
    hosts = [_host(number) for number in range(size)]
    hosts[1] = {"name": "node1", "unreachable": "ssh: connect to host node1 port 22: No route to host"}
    return hosts


def _host(number: int) -> Found:
    waits = number % 7 == 3
    behind = number % 11 == 5
    told = facts(
        version=("4593.2.5", "4593.2.5", "4593.2.4", "4459.2.1")[number % 4],
        channel=("stable", "stable", "stable", "beta", "lts")[number % 5],
        reboot={
            "required": waits,
            "reasons": ["os_update"] if waits else [],
            "authorities": [{"name": "kured"}, *([{"name": "locksmithd"}] if number % 50 == 2 else [])],
        },
        kubelet={
            "version": "1.30.9" if behind else "1.34.2",
            "service": "active",
            "joined": True,
            "control_plane": number == 0,
        },
        failed_units=["docker.service", "a-<b>bold</b>.service"] if number % 13 == 2 else [],
    )
    told["time"]["offset_seconds"] = (3e-6, 2e-4, None, 0.02)[number % 4]
    return {
        "name": f"node{number}",
        "facts": told,
        "drift": {"paths": ["/etc/motd"] if number % 10 == 2 else [], "units": []},
        "cloud": "azure",
        "vm": machine(name=f"node{number}"),
        "fingerprint": "a" * 64,
        "reboot_authority": "kured",
        "cluster": "prod",
    }
