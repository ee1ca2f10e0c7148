# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options of one machine and of several: what a task says for all, and each of its instances for itself."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.errors import FleetError

Options = t.Mapping[str, t.Any]
#: Argument specs.
Table = dict[str, dict[str, t.Any]]
#: Names of options of which one takes the place of the others.
Groups = t.Sequence[t.Sequence[str]]

#: What to do with a machine that is there.
CHANGES: Table = {
    "on_ignition_change": {
        "type": "str",
        "choices": ["fail", "ignore", "accept", "update", "replace"],
        "default": "fail",
    },
    "on_immutable_change": {"type": "str", "choices": ["fail", "replace"], "default": "fail"},
    "recreate": {"type": "bool", "default": False},
    "adopt": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
}
_HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def instance(machine: Table) -> Table:
    """The options of one of several machines, without defaults: what one leaves out is the task's.

    The Ignition of an instance is a file: masking secrets in a list takes long and hides innocent words.
    """
    return {
        name: {key: value for key, value in spec.items() if key != "default"}
        for name, spec in machine.items()
        if name != "ignition"
    }


def task(of_instance: Table, identity: t.Sequence[str], groups: Groups) -> Table:
    """The options of a whole task.

    Of each of groups an instance gives one at most, of identity, where it has several names, one at least.
    """
    return {
        "instances": {
            "type": "list",
            "elements": "dict",
            "options": of_instance,
            "mutually_exclusive": [list(group) for group in groups],
            "required_one_of": [list(identity)] if len(identity) > 1 else [],
        },
        "threads": {"type": "int", "default": 8},
        "max_replacements": {"type": "int", "default": 1},
        "on_error": {"type": "str", "choices": ["fail", "report"], "default": "fail"},
    }


def check(given: Options) -> None:
    """FleetError for numbers of the task that mean nothing."""
    if given["threads"] < 1 or given["max_replacements"] < 0:
        raise FleetError("bad_option", "threads is at least 1, and max_replacements at least 0.")


def each(given: Options, names: t.Iterable[str], groups: Groups) -> list[dict[str, t.Any]]:
    """The options of each machine: those of an instance, and the task's (names) for what it leaves out.

    An instance that gives one of a group takes none of that group from the task.
    """
    shared = {name: given[name] for name in names}
    if given["instances"] is None:
        return [shared]
    return [_merged(shared, instance, groups) for instance in given["instances"]]


def _merged(shared: dict[str, t.Any], instance: Options, groups: Groups) -> dict[str, t.Any]:
    own = {name: value for name, value in instance.items() if value is not None}
    hidden = {name for group in groups if own.keys() & set(group) for name in group}
    return {**shared, **dict.fromkeys(hidden), **own}


def secrets(given: Options, table: Table, harmless: t.Callable[[Options], set[str]] = lambda given: set()) -> set[str]:
    """What is masked wherever it stands in a result: secret options as a whole, not the values of mappings.

    A setting of "1" would turn every digest into asterisks, so mappings are left out of results instead (`shown`).
    harmless finds values of secret options that hold no secret.
    """
    names = [name for name, spec in table.items() if spec.get("no_log") and spec["type"] not in ("dict", "list")]
    found: set[str] = set()
    for options in (given, *(given.get("instances") or ())):
        innocent = harmless(options)
        found.update(str(options[name]) for name in names if options.get(name) and str(options[name]) not in innocent)
    return found


def shown(given: Options, table: Table) -> dict[str, t.Any]:
    """The options as a result may show them."""
    hidden = {name for name, spec in table.items() if spec.get("no_log") and spec["type"] in ("dict", "list")}
    told = {name: _HIDDEN if name in hidden and value else value for name, value in given.items()}
    if given.get("instances"):
        told["instances"] = [shown(options, table) for options in given["instances"]]
    return told
