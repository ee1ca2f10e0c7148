# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every role says of itself is whole, and is what it does."""

from __future__ import annotations

import functools
import pathlib
import re
import typing as t

import jinja2
import pytest
import yaml

from ansible_collections.flatops.flatcar.plugins.plugin_utils import _args

ROLES = pathlib.Path(__file__).resolve().parents[3] / "roles"
NAMES = sorted(folder.name for folder in ROLES.iterdir())
#: Names of options that may hold a secret; each says whether it does.
SECRET = re.compile("key|password|secret|token")
Options = dict[str, dict[str, t.Any]]


@functools.cache
def read(role: str, file: str) -> dict[str, t.Any]:
    path = ROLES / role / file
    found: dict[str, t.Any] = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found or {}


def entry_points(role: str) -> dict[str, dict[str, t.Any]]:
    found: dict[str, dict[str, t.Any]] = read(role, "meta/argument_specs.yml")["argument_specs"]
    return found


def options(role: str) -> list[tuple[str, str, dict[str, t.Any]]]:
    """Entry point, name and specification of each option."""
    points = entry_points(role).items()
    return [(point, name, option) for point, spec in points for name, option in spec.get("options", {}).items()]


def tasks(role: str) -> list[dict[str, t.Any]]:
    files = (ROLES / role / "tasks").glob("*.yml")
    return [task for file in files for task in flat(yaml.safe_load(file.read_text(encoding="utf-8")))]


def flat(found: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Tasks, and those in their blocks."""
    return [
        one
        for task in found
        for one in (task, *(inner for part in ("block", "rescue", "always") for inner in flat(task.get(part, []))))
    ]


def used(role: str) -> set[str]:
    """The variables in all Jinja of a role."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"], trim_blocks=True)
    files = [file for folder in ("defaults", "tasks", "templates", "vars") for file in ROLES.glob(f"{role}/{folder}/*")]
    texts = [file.read_text(encoding="utf-8") for file in files if file.suffix in (".j2", ".yml")]
    # Conditions are Jinja without braces.
    texts += ["{{ " + condition + " }}" for task in tasks(role) for condition in listed(task.get("when"))]
    return {name.name for text in texts for name in environment.parse(text).find_all(jinja2.nodes.Name)}


def made(role: str) -> set[str]:
    """The variables that the tasks of a role make."""
    found = {task["register"] for task in tasks(role) if "register" in task}
    return found.union(*(task.get(key, {}) for task in tasks(role) for key in ("vars", "ansible.builtin.set_fact")))


def listed(value: t.Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


@pytest.mark.parametrize("role", NAMES)
def test_every_option_is_prefixed_and_described(role: str) -> None:
    for point, name, option in options(role):
        assert name.startswith((f"{role}_", "flatcar_")), (point, name)
        assert option.get("description") and option.get("type"), (point, name)
        assert "elements" in option or option["type"] != "list", (point, name)
        assert "no_log" in option or not SECRET.search(name.removeprefix(f"{role}_")), f"{name}: say whether to log it"


@pytest.mark.parametrize("role", NAMES)
def test_defaults_are_as_documented(role: str) -> None:
    defaults = read(role, "defaults/main.yml")
    documented = {name for dummy, name, dummy2 in options(role)}
    assert not defaults.keys() - documented, "without documentation"
    for point, name, option in options(role):
        assert not (option.get("required") and name in defaults), (point, name)
        # What is long to compute is told in words.
        told = "{{" in str(defaults.get(name)) and "By default" in str(option["description"])
        assert defaults.get(name) == option.get("default") or ("default" not in option and told), (point, name)


@pytest.mark.parametrize("role", NAMES)
def test_every_entry_point_is_there_and_described(role: str) -> None:
    points = entry_points(role)
    assert {"main", "verify", "remove"} <= points.keys()
    for name, spec in points.items():
        assert spec["short_description"] and spec["description"] and spec["version_added"], name
        assert (ROLES / role / "tasks" / f"{name}.yml").is_file(), name
    assert (ROLES / role / "README.md").is_file()


@pytest.mark.parametrize("role", NAMES)
def test_every_variable_that_is_used_is_known(role: str) -> None:
    known = {name for dummy, name, dummy2 in options(role)} | made(role) | read(role, "vars/main.yml").keys()
    assert {name for name in used(role) if name.startswith(f"{role}_")} - known == set()


@pytest.mark.parametrize("role", NAMES)
def test_the_fragment_says_nothing_unknown(role: str) -> None:
    _args.validated(_args.FRAGMENT, read(role, "meta/fragment.yml"))


@pytest.mark.parametrize("role", NAMES)
def test_every_task_has_the_tags_of_its_role(role: str) -> None:
    for point in entry_points(role):
        for task in yaml.safe_load((ROLES / role / "tasks" / f"{point}.yml").read_text(encoding="utf-8")):
            assert role in task.get("tags", []), (point, task["name"])
