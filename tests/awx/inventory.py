# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory of the project as AWX gives it to jobs, and to slices of them."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import typing as t

from ansible_collections.flatops.flatcar.tests.awx.data import PROJECT

Variables = dict[str, t.Any]
Exported = dict[str, t.Any]


def exported(env: dict[str, str]) -> Exported:
    """What an inventory source of AWX reads: groups with their own variables, and _meta with those of hosts."""
    program = pathlib.Path(sys.executable).with_name("ansible-inventory")
    command = [str(program), "-i", str(PROJECT / "inventory" / "hosts.ini"), "--list", "--export"]
    done = subprocess.run(command, env={**os.environ, **env}, stdout=subprocess.PIPE, check=True)
    found: Exported = json.loads(done.stdout)
    return found


def given(inventory: Exported, more: dict[str, Variables]) -> Exported:
    """The inventory with variables of groups and hosts above its own, by their names."""
    known = inventory["_meta"]["hostvars"]
    hosts = {name: {**known.get(name, {}), **more.get(name, {})} for name in names(inventory)}
    groups = {
        name: {**group, "vars": {**group.get("vars", {}), **more.get(name, {})}} for name, group in _groups(inventory)
    }
    return {**groups, "_meta": {"hostvars": hosts}}


def names(inventory: Exported) -> list[str]:
    """All hosts, in AWX's order."""
    return sorted({host for dummy, group in _groups(inventory) for host in group.get("hosts", [])})


def sliced(inventory: Exported, number: int, count: int) -> Exported:
    """The slice of that number, from 1, of so many: every count-th host, and all groups with their variables."""
    kept = names(inventory)[number - 1 :: count]
    groups = {
        name: {**group, "hosts": [host for host in group.get("hosts", []) if host in kept]}
        for name, group in _groups(inventory)
    }
    return {**groups, "_meta": {"hostvars": {host: inventory["_meta"]["hostvars"].get(host, {}) for host in kept}}}


def _groups(inventory: Exported) -> list[tuple[str, dict[str, t.Any]]]:
    return [(name, group) for name, group in inventory.items() if name != "_meta"]
