# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An option has one name and one type in all modules, and CONTRIBUTING.md says what those names mean."""

from __future__ import annotations

import collections
import pathlib
import re
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests import options

COLLECTION = pathlib.Path(__file__).resolve().parents[3]
#: What several modules have, by name: the module and the option.
SHARED: dict[str, dict[str, dict[str, t.Any]]] = collections.defaultdict(dict)
for module in options.modules():
    for name, option in options.documentation(module).get("options", {}).items():
        SHARED[name][module] = option
SHARED = {name: found for name, found in SHARED.items() if len(found) > 1}

Kind = tuple[str, t.Optional[str]]
#: The plan of a VM has parts, the terms are asked for by its name: both as in Azure's own tools.
PLAN: set[Kind] = {("str", None), ("dict", None)}


def kind(option: dict[str, t.Any]) -> Kind:
    return option["type"], option.get("elements")


@pytest.mark.parametrize("name", SHARED)
def test_one_name_has_one_type(name: str) -> None:
    kinds = {kind(option) for module, option in SHARED[name].items()}
    several = {("list", "str")} if any(module.endswith("_info") for module in SHARED[name]) else set()
    assert len(kinds - several) <= 1 or (name == "plan" and kinds == PLAN), SHARED[name]


@pytest.mark.parametrize("name", SHARED)
def test_what_several_can_choose_is_the_same(name: str) -> None:
    """A state is what the thing of the module can be; nodes take the channels of a server of one's own as well."""
    choices = {module: option["choices"] for module, option in SHARED[name].items() if "choices" in option}
    assert name == "state" or len({tuple(each) for each in choices.values()}) <= 1, choices


@pytest.mark.parametrize("module", [module for module in options.modules() if module in SHARED["instances"]])
def test_an_instance_takes_what_the_task_does(module: str) -> None:
    whole = options.documentation(module)["options"]
    for name, option in whole["instances"]["suboptions"].items():
        assert (kind(option), option.get("choices")) == (kind(whole[name]), whole[name].get("choices")), name


def test_the_names_are_listed() -> None:
    text = (COLLECTION / "CONTRIBUTING.md").read_text("utf-8")
    (table,) = re.findall(r"^\| options \| what they are \|\n(.*?)\n\n", text, re.DOTALL | re.MULTILINE)
    listed = [name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split(" | ")[0])]
    assert sorted(listed) == sorted(SHARED)
