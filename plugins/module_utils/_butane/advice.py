# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What to do about errors in Butane, where butane's own words do not say it."""

from __future__ import annotations

import re

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.variants import VARIANTS

_VERSIONS = ", ".join(version for variant, version in VARIANTS if variant == "flatcar")
#: What a line says, and what to do.
_ADVICE = [
    (
        r"cannot unmarshal !!str .*into config\.commonFields",
        "this text is no Butane; a file is named as {file: base.bu}",
    ),
    (r"error parsing (variant|version); must be", "Butane begins with variant: flatcar and version: 1.1.0"),
    (r"No translator exists for variant flatcar", f"the versions of flatcar are {_VERSIONS}"),
    (r"did not find expected|mapping values are not allowed", "look at the indentation there, and in the line above"),
    (r"found character that cannot start any token", "indent with spaces, not with tabs, and quote other characters"),
    (r"relative to a files directory", "that is the option files_dir, or flatcar_files_dir for the playbooks"),
]
_KNOWN = [(re.compile(pattern), advice) for pattern, advice in _ADVICE]


def advised(line: str) -> str:
    """A line of a report, with what to do about it where that is known."""
    return next((f"{line}; {advice}" for pattern, advice in _KNOWN if pattern.search(line)), line)
