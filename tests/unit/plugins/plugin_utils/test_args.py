# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specifications: those of the documentation are those that are checked."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from ansible_collections.flatops.flatcar.plugins.doc_fragments.render import ModuleDocFragment
from ansible_collections.flatops.flatcar.plugins.filter import to_ignition
from ansible_collections.flatops.flatcar.plugins.modules import (
    ignition,
    node_command,
    node_config,
    node_diagnose,
    node_facts,
    node_first_boot,
    node_reboot,
    node_reset,
    node_unit,
    node_update,
)
from ansible_collections.flatops.flatcar.plugins.plugin_utils import _args
from ansible_collections.flatops.flatcar.plugins.test import valid_ignition

SHARED = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
RECORD = yaml.safe_load(ModuleDocFragment.RECORD)["options"]
DOCUMENTED = [
    (SHARED, _args.RENDER),
    (RECORD, _args.RECORD),
    ({**yaml.safe_load(ignition.DOCUMENTATION)["options"], **SHARED, **RECORD}, _args.IGNITION),
    (yaml.safe_load(node_command.DOCUMENTATION)["options"], _args.NODE_COMMAND),
    (yaml.safe_load(node_config.DOCUMENTATION)["options"], _args.NODE_CONFIG),
    (yaml.safe_load(node_diagnose.DOCUMENTATION)["options"], _args.NODE_DIAGNOSE),
    (yaml.safe_load(node_facts.DOCUMENTATION)["options"], _args.NODE_FACTS),
    (yaml.safe_load(node_first_boot.DOCUMENTATION)["options"], _args.NODE_FIRST_BOOT),
    (yaml.safe_load(node_reboot.DOCUMENTATION)["options"], _args.NODE_REBOOT),
    ({**yaml.safe_load(node_reset.DOCUMENTATION)["options"], **SHARED}, _args.NODE_RESET),
    (yaml.safe_load(node_unit.DOCUMENTATION)["options"], _args.NODE_UNIT),
    (yaml.safe_load(node_update.DOCUMENTATION)["options"], _args.NODE_UPDATE),
]
KEYS = ("type", "elements", "default", "choices", "required")


def spec_of(options: dict[str, t.Any]) -> _args.Spec:
    return {name: {key: value for key, value in option.items() if key in KEYS} for name, option in options.items()}


@pytest.mark.parametrize("documented, spec", DOCUMENTED)
def test_options_are_as_documented(documented: dict[str, t.Any], spec: _args.Spec) -> None:
    assert spec_of(documented) == spec


def test_the_options_of_a_test_are_among_them() -> None:
    options = yaml.safe_load(valid_ignition.DOCUMENTATION)["options"]
    del options["_input"]
    assert spec_of(options).items() <= _args.RENDER.items()


def test_the_filter_has_them_all() -> None:
    documentation = yaml.safe_load(to_ignition.DOCUMENTATION)
    assert list(documentation["options"]) == ["_input"]
    assert documentation["extends_documentation_fragment"] == [
        "flatops.flatcar.render",
        "flatops.flatcar.render.record",
    ]


def test_defaults_and_types() -> None:
    options = _args.validated(_args.RENDER, {"strict": "no", "max_bytes": "5"})
    assert options == {
        "files_dir": None,
        "files_dir_symlinks": "refuse",
        "strict": False,
        "pretty": False,
        "allow_experimental": False,
        "max_bytes": 5,
    }


@pytest.mark.parametrize(
    "options, message",
    [
        ({"strict": "maybe"}, "strict"),
        ({"files_dir_symlinks": "x"}, "value of files_dir_symlinks must be one of: refuse, follow, got: x"),
        ({"x": 1}, "unsupported option: x"),
    ],
)
def test_bad_options(options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(_args.OptionsError, match=message):
        _args.validated(_args.RENDER, options)


@pytest.mark.parametrize(
    "options, message",
    [
        ({}, "one of the following is required: butane, ignition"),
        ({"butane": "", "ignition": "{}"}, "mutually exclusive"),
    ],
)
def test_rules_among_options(options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(_args.OptionsError, match=message):
        _args.validated(_args.IGNITION, options, **_args.IGNITION_RULES)
