# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each plugin for the controller has an integration target, which runs in check mode, in earnest, and again."""

from __future__ import annotations

import collections
import re
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.flatops.flatcar.tests import options

COLLECTION = Path(__file__).resolve().parents[2]
TARGETS = COLLECTION / "tests" / "integration" / "targets"
PLUGINS = COLLECTION / "plugins"
#: Modules for running nodes are tested on test nodes, by tests/node.
MODULES = [name for name in options.modules() if not name.startswith("node_")]
#: Other plugins, and playbooks on the controller: their targets run as a whole in check mode as well.
OTHERS = sorted({folder.name for folder in TARGETS.glob("[!.]*") if not folder.name.startswith("setup_")} - {*MODULES})
#: States that do something each time.
ACTING = {"booted", "restarted"}
IN_CHECK_MODE = {"file": "tests.yml", "apply": {"check_mode": True}}
PARTS = ("block", "rescue", "always")

Task = dict[str, t.Any]


def files(target: str) -> list[t.Any]:
    """What the files of a target's tasks hold."""
    return [yaml.safe_load(path.read_text("utf-8")) for path in sorted(TARGETS.glob(f"{target}/tasks/*.yml"))]


def flat(tasks: list[Task]) -> list[Task]:
    """Tasks, and those in their blocks."""
    return [one for task in tasks for one in (task, *(each for part in PARTS for each in flat(task.get(part, []))))]


def calls(module: str) -> dict[str, list[Task]]:
    """The tasks of a target that call its module, by the options that they give it."""
    found: dict[str, list[Task]] = collections.defaultdict(list)
    for task in (task for tasks in files(module) for task in flat(tasks)):
        if f"flatops.flatcar.{module}" in task:
            found[yaml.safe_dump(task[f"flatops.flatcar.{module}"] or {}, sort_keys=True)].append(task)
    return found


def in_check_mode(tasks: list[Task]) -> list[Task]:
    return [task for task in tasks if task.get("check_mode")]


def in_earnest(tasks: list[Task]) -> list[Task]:
    return [task for task in tasks if not task.get("check_mode")]


def unchanged(module: str) -> set[str]:
    """The registered results of which a target asserts that nothing was changed."""
    texts = "".join(path.read_text("utf-8") for path in TARGETS.glob(f"{module}/tasks/*.yml"))
    return set(re.findall(r"\bnot (\w+)\.changed\b", texts)) | set(re.findall(r"\b(\w+) is not changed\b", texts))


def values(name: str, within: t.Any) -> set[str]:
    """All values of a key, however deep."""
    if isinstance(within, list):
        return {value for each in within for value in values(name, each)}
    if isinstance(within, dict):
        own = {within[name]} if isinstance(within.get(name), str) else set()
        return own | values(name, list(within.values()))
    return set()


def states(module: str, given: str) -> set[str]:
    """The states of a call, be it one for each item of a loop."""
    documented = options.documentation(module)["options"].get("state", {})
    state = yaml.safe_load(given).get("state", documented.get("default", ""))
    variable = re.fullmatch(r"\{\{ (\w+) \}\}", state)
    return values(variable[1], files(module)) if variable else {state}


def test_each_plugin_has_a_target() -> None:
    texts = "".join(path.read_text("utf-8") for path in TARGETS.rglob("*.yml"))
    plugins = {path.stem for kind in ("filter", "lookup", "test") for path in PLUGINS.glob(f"{kind}/*.py")}
    assert {name for name in plugins if f"flatops.flatcar.{name}" not in texts} == set()
    assert {name for name in MODULES if not (TARGETS / name).is_dir()} == set()


@pytest.mark.parametrize("module", [name for name in MODULES if name.endswith("_info")])
def test_what_only_reads_runs_in_check_mode_as_well(module: str) -> None:
    assert [given for given, tasks in calls(module).items() if in_earnest(tasks) and in_check_mode(tasks)]


@pytest.mark.parametrize("module", [name for name in MODULES if not name.endswith("_info")])
def test_each_state_runs_in_check_mode_and_twice(module: str) -> None:
    """The second time nothing is changed, but by states that act."""
    twice = {given: tasks for given, tasks in calls(module).items() if len(in_earnest(tasks)) > 1}
    assert [given for given, tasks in twice.items() if not in_check_mode(tasks)] == [], "run twice, not in check mode"
    wanted = set(options.documentation(module)["options"].get("state", {}).get("choices", [""]))
    for given, tasks in twice.items():
        held = states(module, given)
        assert held <= ACTING or unchanged(module) & {task.get("register") for task in in_earnest(tasks)[1:]}, given
        wanted -= held
    assert wanted == set()


@pytest.mark.parametrize("target", OTHERS)
def test_what_changes_nothing_runs_in_check_mode_as_well(target: str) -> None:
    script = TARGETS / target / "runme.sh"
    included = [task.get("ansible.builtin.include_tasks") for tasks in files(target) for task in flat(tasks)]
    assert "--check" in script.read_text("utf-8") if script.exists() else IN_CHECK_MODE in included
