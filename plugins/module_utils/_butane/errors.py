# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What goes wrong with fragments."""

from __future__ import annotations


class FetchError(Exception):
    """A resource that cannot be had. The message holds nothing secret of its URL and headers."""


class FragmentError(Exception):
    """Fragments of which no Ignition config can be made.

    code is no_fragments, butane_invalid, ignition_invalid, unused_key, experimental_spec, merge_invalid or
    fetch_failed. The message names the fragment, the line and the column of everything that is wrong.
    """

    def __init__(self, code: str, findings: list[str]) -> None:
        self.code = code
        super().__init__("\n".join(findings))
