# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options and Ignition configs for runs of cores in the process of a test."""

from __future__ import annotations

import json
import typing as t


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
