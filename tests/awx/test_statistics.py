# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What playbooks tell workflows: AWX hands it on as extra variables, which would hide variables of the same name."""

from __future__ import annotations

import collections.abc
import pathlib
import re
import typing as t

import yaml

from ansible_collections.flatops.flatcar.tests.awx.data import COLLECTION
from ansible_collections.flatops.flatcar.tests.guide import FOLDER

SOURCES = sorted(path for name in ("playbooks", "roles") for path in (COLLECTION / name).rglob("*.yml"))
CLOUDS = ("azure", "vsphere")
DEPRECATED = {"flatcar_vms", "flatcar_addresses", "flatcar_drift"}
#: What a later playbook takes from an earlier one.
TAKEN = {"flatcar_ignition_fingerprints"}


def mappings(value: t.Any) -> collections.abc.Iterator[dict[str, t.Any]]:
    """All mappings in a value, however nested."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from mappings(inner)


def told(path: pathlib.Path) -> set[str]:
    """The statistics that a file of tasks sets."""
    tasks = mappings(yaml.safe_load(path.read_text(encoding="utf-8")))
    names = {name for task in tasks for name in task.get("ansible.builtin.set_stats", {}).get("data", {})}
    return {name.replace("{{ _cloud }}", cloud) for name in names for cloud in CLOUDS}


def known(path: pathlib.Path) -> set[str]:
    """The variables that a file sets, or names in an expression."""
    text = path.read_text(encoding="utf-8")
    found: set[str] = set()
    for task in mappings(yaml.safe_load(text)):
        found.update(task.get("ansible.builtin.set_fact", {}), task.get("vars", {}))
        found.update(value for key, value in task.items() if key == "register")
    without_comments = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    told_here = re.sub(r"^\s*\"?flatcar_\w+\"?: \"\{\{ .*$", "", without_comments, flags=re.MULTILINE)
    return found | set(re.findall(r"\bflatcar_\w+", told_here))


TOLD = {str(path.relative_to(COLLECTION)): told(path) for path in SOURCES}
STATISTICS = {name: found for name, found in TOLD.items() if found}
ALL = set().union(*STATISTICS.values())


def test_each_is_told_by_one_playbook() -> None:
    assert sum(map(len, STATISTICS.values())) == len(ALL) > 10
    assert {name for name in ALL if not name.startswith("flatcar_")} == set()


def test_none_hides_a_variable() -> None:
    hidden = {name for path in SOURCES for name in known(path) & ALL}
    assert hidden == TAKEN


def test_the_guide_names_them() -> None:
    text = (FOLDER / "guide_awx.rst").read_text(encoding="utf-8")
    table = text.split("What playbooks tell workflows\n")[1].split("Slices\n")[0]
    assert set(re.findall(r"``(flatcar_\w+)``", table)) == ALL
    of_a_cloud = {cloud: {name for name in ALL if f"_{cloud}_" in name} for cloud in CLOUDS}
    for playbook, names in re.findall(r"\* - ``(\w+)``\n +- (.*)", table):
        if playbook[:-4] in CLOUDS:
            assert set(re.findall(r"``(\w+)``", names)) == of_a_cloud[playbook[:-4]]
    assert {name for name in ALL if name in text.split("are deprecated")[0].rpartition("\n\n")[2]} == DEPRECATED
