# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options and Ignition configs for runs of cores in the process of a test, and options as documentation has them."""

from __future__ import annotations

import importlib
import json
import pathlib
import re
import typing as t

import yaml

_PLUGINS = pathlib.Path(__file__).resolve().parents[1] / "plugins"
_FRAGMENTS = "ansible_collections.flatops.flatcar.plugins.doc_fragments"
_KEYS = ("type", "elements", "default", "choices", "required", "aliases")


def ignition(word: str = "a") -> str:
    """A config that differs by a word."""
    file = {"path": "/etc/word", "mode": 0o644, "contents": {"source": f"data:,{word}"}}
    return json.dumps({"ignition": {"version": "3.4.0"}, "storage": {"files": [file]}})


def defaults(given: t.Mapping[str, t.Any], table: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Options with what Ansible adds to them."""
    assert given.keys() <= table.keys(), given.keys() - table.keys()
    full = {name: spec.get("default") for name, spec in table.items()} | dict(given)
    for name, spec in table.items():
        if "options" in spec and isinstance(full[name], list):
            full[name] = [defaults(each, spec["options"]) for each in full[name]]
        elif "options" in spec and full[name] is not None:
            full[name] = defaults(full[name], spec["options"])
    return full


def modules() -> list[str]:
    return sorted(path.stem for path in (_PLUGINS / "modules").glob("*.py"))


def documentation(module: str) -> dict[str, t.Any]:
    """What a module says of itself, with the options of its fragments."""
    text = (_PLUGINS / "modules" / f"{module}.py").read_text("utf-8")
    own = re.search(r'^DOCUMENTATION = r"""\n(.*?)^"""', text, re.DOTALL | re.MULTILINE)
    if own is None:
        raise ValueError(f"{module} has no DOCUMENTATION")
    found: dict[str, t.Any] = yaml.safe_load(own[1])
    for fragment in found.get("extends_documentation_fragment", []):
        file, dummy, part = fragment.removeprefix("flatops.flatcar.").partition(".")
        shared = importlib.import_module(f"{_FRAGMENTS}.{file}").ModuleDocFragment
        options = yaml.safe_load(getattr(shared, (part or "documentation").upper())).get("options", {})
        found["options"] = options | found.get("options", {})
    return found


def of_documentation(documented: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What an argument spec says as well; the same as `of_spec` of that."""
    return _options(documented, "suboptions")


def of_spec(spec: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return _options(spec, "options")


def _options(table: t.Mapping[str, t.Any], inner: str) -> dict[str, t.Any]:
    return {
        name: {
            **{key: option[key] for key in _KEYS if key in option},
            **({"options": _options(option[inner], inner)} if inner in option else {}),
        }
        for name, option in table.items()
    }
