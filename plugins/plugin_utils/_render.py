# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Fragments to Ignition with the options that the filter, the tests and the actions share."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane import fragments as core
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.errors import FragmentError
from ansible_collections.flatops.flatcar.plugins.plugin_utils import _args
from ansible_collections.flatops.flatcar.plugins.plugin_utils._errors import BadFragmentError
from ansible_collections.flatops.flatcar.plugins.plugin_utils._fragments import fragments
from ansible_collections.flatops.flatcar.plugins.plugin_utils._plain import PlainError, kind, plain

_MAKE = {**_args.RENDER, **_args.RECORD}


def render(found: list[core.Fragment], options: dict[str, t.Any]) -> core.Rendered:
    """options are those of _args.RENDER and perhaps _args.RECORD, validated. Raises FragmentError and NodeError."""
    record = options.get("first_boot_record", False)
    options = {name: options[name] for name in _args.RENDER}
    follow = options.pop("files_dir_symlinks") == "follow"
    if not record:
        return core.render(found, follow_symlinks=follow, **options)
    # Imported where it is needed: a filter loads everything anew for each host.
    from ansible_collections.flatops.flatcar.plugins.module_utils._node.first_boot import add

    resolved = core.resolve(found, follow_symlinks=follow, **options)
    return core.rendered(resolved, add(resolved.config, resolved.parts), pretty=options["pretty"])


def prepare() -> None:
    """Compile what every rendering needs, which processes that are forked from this one then have."""
    core.prepare()
    unit = "variant: flatcar\nversion: 1.0.0\nsystemd: {units: [{name: a.service}]}\n"
    render([core.Fragment(unit, "a")], _args.validated(_MAKE, {"first_boot_record": True}))


def render_value(value: t.Any, options: dict[str, t.Any]) -> core.Rendered:
    """What a filter was given, with options of _args.RENDER and _args.RECORD. Raises what raised_as takes."""
    options = _args.validated(_MAKE, options)
    return render(fragments(plain(value), core.Fragment("")), options)


def is_valid(value: t.Any, options: dict[str, t.Any], *, ignition: bool) -> bool:
    """Whether every fragment is a valid Ignition config, or else valid Butane, under options of _args.RENDER.

    Raises PlainError for a value that can be neither, and OptionsError.
    """
    value, options = plain(value), _args.validated(_args.RENDER, options)
    if not isinstance(value, (str, dict, list)):
        raise PlainError(f"{kind(value)} where text, a mapping or a list of them is wanted")
    try:
        found = fragments(value, core.Fragment(""))
        kinds = {core.is_ignition(fragment.content) for fragment in found}
        for fragment in found:
            render([fragment], options)
    except (BadFragmentError, FragmentError):
        return False
    return kinds == {ignition}
