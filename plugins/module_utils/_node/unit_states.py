# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Units: whether they are enabled, masked and running as wanted, and the presets from which the next boot learns it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ansible_collections.flatops.flatcar.plugins.module_utils._node.desired import (
    UNITS,
    VENDOR_UNITS,
    Desired,
    Unit,
    node_key,
    unit_key,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._node.observe import Observed, UnitState
from ansible_collections.flatops.flatcar.plugins.module_utils._node.plan import WAITING, Change, Plan
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import UNFINISHED, Record, Records, claim

#: Where Ignition writes what a unit's `enabled` says. Source: Ignition 2.26, internal/exec/util/unit.go.
PRESET = "/etc/systemd/system-preset/20-ignition.preset"

_ENABLED = ("enabled", "enabled-runtime")
#: States in which a unit is wanted by others, or has nothing to enable.
_AS_GOOD = (*_ENABLED, "static", "alias", "indirect", "generated", "transient")
_MASKED = ("masked", "masked-runtime")
_ACTIVE = ("active", "activating", "reloading", "refreshing")
_UNKNOWN = UnitState("not-found", "inactive", "")
_SUFFIXES = "automount|mount|path|scope|service|slice|socket|swap|target|timer"
_OF_UNIT = re.compile(rf"{UNITS}/([\w:.\\@-]+\.(?:{_SUFFIXES}))(?:\.d/[^/]+)?", re.ASCII)


def compare_units(plan: Plan, want: Desired, seen: Observed, records: Records, owners: frozenset[str]) -> str | None:
    """Add to the plan what the units need after their files are in place.

    Gives the new text of PRESET, if it has to change.
    """
    waiting = records.get(UNFINISHED, {})
    ours = [key for key, record in records.items() if record["kind"] == "unit" and record["owner"] in owners]
    unwanted = [key.partition(" ")[2] for key in ours if key not in want.owners]
    others = sorted(units_of([*plan.paths, *want.nodes]) - {*want.units, *unwanted})
    for name, unit in {**want.units, **{name: Unit(name) for name in others}}.items():
        state = seen.units.get(name, _UNKNOWN)
        if unit.says_something:
            record = records.get(unit_key(name))
            plan.records[unit_key(name)] = _record(unit, want.owners[unit_key(name)], record, state, owners)
        if name not in unwanted:
            # Of a run that was killed systemd may not know the files yet.
            if state.load == "not-found" and _has_file(name, seen):
                state = state._replace(load="loaded")
            goes = _goes(plan, name, want, seen, records)
            has_file = not want.nodes.keys().isdisjoint([f"{UNITS}/{name}", f"{UNITS}/{template_of(name)}"])
            _compare(plan, unit, state, has_file, _waiting(waiting, name, state), goes)
    for name in unwanted:
        record, state = records[unit_key(name)], seen.units.get(name, _UNKNOWN)
        is_unknown = state.load == "not-found" or record["before"]["file"] in ("", "not-found")
        goes = _goes(plan, name, want, seen, records) or (is_unknown and not _has_file(name, seen))
        _undo(plan, name, record, state, _waiting(waiting, name, state), goes)
    _keep_waiting(plan, waiting, {*want.units, *unwanted, *others})
    wanted = {name: unit.enabled for name, unit in want.units.items() if unit.enabled is not None}
    text = seen.texts.get(PRESET, "")
    merged = presets(text, wanted, unwanted)
    return merged if merged != text else None


def units_of(paths: Iterable[str]) -> set[str]:
    """The units that have files, or drop-ins, among paths."""
    return {found[1] for found in map(_OF_UNIT.fullmatch, paths) if found}


def _record(unit: Unit, owner: str, record: Record | None, state: UnitState, owners: frozenset[str]) -> Record:
    claim(unit.name, owner, record, owners)
    before = record["before"] if record else {"file": state.file, "active": state.active in _ACTIVE}
    return {"owner": owner, "kind": "unit", "enabled": unit.enabled, "masked": unit.masked, "before": before}


def _has_changed(plan: Plan, name: str) -> bool:
    """Whether files of a unit change, or of the template of which it is an instance."""
    return not {name, template_of(name)}.isdisjoint(units_of(plan.paths))


def template_of(name: str) -> str:
    """The template of an instance; of another unit its own name."""
    stem, at, rest = name.partition("@")
    return f"{stem}@.{rest.rpartition('.')[2]}" if at else name


def _goes(plan: Plan, name: str, want: Desired, seen: Observed, records: Records) -> bool:
    """Whether a unit's file is removed, and nothing is in its place, neither an earlier one nor one of Flatcar.

    An instance goes with its template. What a killed run has removed systemd may still know.
    """
    if name != template_of(name) and f"{UNITS}/{name}" not in seen.nodes:
        return _goes(plan, template_of(name), want, seen, records)
    path = f"{UNITS}/{name}"
    record = records.get(node_key(path))
    is_removed = path not in want.nodes and (path in plan.paths or path not in seen.nodes)
    return bool(record and is_removed and not record["before"] and f"{VENDOR_UNITS}/{name}" not in seen.nodes)


def _has_file(name: str, seen: Observed) -> bool:
    """Whether a unit has a file of its own or of its template, ours or Flatcar's."""
    paths = [f"{folder}/{unit}" for folder in (UNITS, VENDOR_UNITS) for unit in (name, template_of(name))]
    return any(path in seen.nodes for path in paths)


def _waiting(unfinished: Record, name: str, state: UnitState) -> set[str]:
    """What a killed run has not done with a unit, and whether it still runs as it was before an earlier one."""
    waiting = {verb for verb in WAITING if name in unfinished.get(verb, ())}
    invocation = unfinished.get("restart", {}).get(name)
    return {*waiting, "restart"} if invocation and invocation == state.invocation else waiting


def _keep_waiting(plan: Plan, unfinished: Record, handled: set[str]) -> None:
    """Keep what other descriptions have left to do, and what this one leaves to the user."""
    for verb in WAITING:
        plan.waiting[verb] = [name for name in unfinished.get(verb, ()) if name not in handled]
    restart = {name: word for name, word in unfinished.get("restart", {}).items() if name not in handled}
    plan.waiting["restart"] = {**restart, **plan.restart}


def _compare(plan: Plan, unit: Unit, state: UnitState, has_file: bool, waiting: set[str], goes: bool) -> None:
    name, changed = unit.name, _has_changed(plan, unit.name)
    active = state.active in _ACTIVE
    started = False
    if unit.masked is False and state.file in _MASKED and f"{UNITS}/{name}" not in plan.paths:
        _do(plan, name, "unmask", state.file, "unmasked")
    if unit.masked:
        if active:
            _do(plan, name, "stop", "running", "stopped")
    elif unit.enabled:
        exists = (state.load != "not-found" and not goes) or has_file
        if not exists:
            plan.warnings.append(f"{name} shall be enabled, but there is no such unit on the node")
        elif state.file not in _AS_GOOD or state.load == "not-found":
            _do(plan, name, "enable", state.file or "disabled", "enabled")
            started = True
        if exists and "@." not in name and not active and (started or state.active == "failed" or "start" in waiting):
            started = True
            _do(plan, name, "start", state.active, "started")
    elif unit.enabled is False and not goes:
        # What a mask hid that goes in this run, nobody knows.
        is_unmasked = state.file in _MASKED and (unit.masked is False or f"{UNITS}/{name}" in plan.paths)
        if state.file in _ENABLED or is_unmasked:
            _do(plan, name, "disable", state.file, "disabled")
        if active and (state.file in _ENABLED or "stop" in waiting):
            _do(plan, name, "stop", "running", "stopped")
    if changed and name not in plan.units:
        plan.units.append(name)
    if not goes:
        _restart(plan, name, state, changed or "restart" in waiting)


def _undo(plan: Plan, name: str, record: Record, state: UnitState, waiting: set[str], goes: bool) -> None:
    """Back to how the unit was; one whose file goes, or is gone, is stopped and disabled with it."""
    before, changed = record["before"], _has_changed(plan, name)
    if changed:
        plan.units.append(name)
    if goes:
        return
    active = state.active in _ACTIVE
    if record["enabled"] and before["file"] not in _AS_GOOD:
        if state.file in _ENABLED:
            _do(plan, name, "disable", state.file, "disabled")
        if active and not before["active"]:
            _do(plan, name, "stop", "running", "stopped")
    elif record["masked"] is False and before["file"] in _MASKED:
        _do(plan, name, "mask", state.file, "masked")
    elif record["enabled"] is False or record["masked"]:
        if before["file"] in _ENABLED and state.file not in _ENABLED:
            _do(plan, name, "enable", state.file, "enabled")
        if before["active"] and not active:
            _do(plan, name, "start", state.active, "started")
    _restart(plan, name, state, changed or "restart" in waiting)


def _restart(plan: Plan, name: str, state: UnitState, is_old: bool) -> None:
    """Have the user restart a unit that runs as it was before its files changed, unless this run stops it."""
    if is_old and state.active in _ACTIVE and ("stop", name) not in plan.verbs:
        plan.restart[name] = state.invocation


def _do(plan: Plan, name: str, verb: str, before: str, after: str) -> None:
    plan.call("units", "unit", verb, name)
    plan.verbs.append((verb, name))
    plan.changes.append(Change(f"unit {name}", f"{before}\n", f"{after}\n"))
    if name not in plan.units:
        plan.units.append(name)


def presets(text: str, wanted: dict[str, bool], unwanted: list[str]) -> str:
    """The text of a preset file in which the wanted units are enabled or disabled, and the unwanted are not named.

    An instance is enabled by a line with its template and, behind it, the instances: systemd reads the first such line
    only. Other lines stay as they are.
    """
    first = text.removesuffix("\n").split("\n") if text else []
    lines, missing = [], dict(wanted)
    for line in first:
        verb, named = _preset(line)
        kept = {
            name: word
            for name, word in named.items()
            if name not in unwanted and wanted.get(name, verb == "enable") == (verb == "enable")
        }
        missing = {name: enabled for name, enabled in missing.items() if name not in kept}
        if kept == named:
            lines.append(line)
        elif kept:
            lines.append(" ".join([*line.split()[:2], *kept.values()]))
    for name, enabled in missing.items():
        verb, template = "enable" if enabled else "disable", template_of(name)
        places = [at for at, line in enumerate(lines) if template != name and _lists(line, verb, template)]
        if places:
            lines[places[0]] += f" {_instance(name)}"
        else:
            lines.append(f"{verb} {template} {_instance(name)}".rstrip())
    return text if lines == first else "".join(f"{line}\n" for line in lines)


def _preset(line: str) -> tuple[str, dict[str, str]]:
    """The verb of a line of presets, and the units that it names, instances with their word."""
    verb, *units = line.split() or [""]
    if verb not in ("enable", "disable") or not units:
        return "", {}
    template, *instances = units
    stem, at, suffix = template.partition("@.")
    if not at or not instances:
        return verb, {template: ""}
    return verb, {f"{stem}@{instance}.{suffix}": instance for instance in instances}


def _lists(line: str, verb: str, template: str) -> bool:
    """Whether a line names instances of a template."""
    words = line.split()
    return words[:2] == [verb, template] and len(words) > 2


def _instance(name: str) -> str:
    return name.partition("@")[2].rpartition(".")[0]
