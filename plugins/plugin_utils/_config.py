# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The config that a task names by its options `butane` or `ignition`."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.errors import FragmentError
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.fragments import Fragment, is_ignition
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.validate import LEGACY, is_legacy, validate
from ansible_collections.flatops.flatcar.plugins.plugin_utils._fragments import Inventory
from ansible_collections.flatops.flatcar.plugins.plugin_utils._render import render


def config(options: dict[str, t.Any], inventory: Inventory) -> tuple[str, list[str]]:
    """The config as text, and what to warn of. options are also those of render, which says what it raises."""
    if options["butane"] is not None:
        found = inventory.named(options["butane"], Fragment("", origin="butane"))
    else:
        given = options["ignition"]
        if is_legacy(given):
            return given, [LEGACY]
        if not is_ignition(given):
            raise FragmentError("ignition_invalid", [f"ignition: {line}" for line in validate(given).report])
        found = [Fragment(given, origin="ignition")]
    rendered = render(found, options)
    return rendered.text, rendered.warnings
