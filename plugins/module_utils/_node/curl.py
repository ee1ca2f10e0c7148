# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What the node's curl is told."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.plugins.module_utils._node.desired import Piece


def configuration(piece: Piece) -> bytes:
    """The configuration of the node's curl: what may be secret is in no argument list."""
    lines = ["silent", "show-error", "fail", "location", "globoff", "retry = 3", "connect-timeout = 20"]
    # A server that says nothing for a minute.
    lines += ["speed-limit = 1", "speed-time = 60"]
    lines += ['proto = "=http,https,tftp"', f"url = {_quoted(piece.url)}"]
    lines += [f"header = {_quoted(f'{name}: {value}')}" for name, value in piece.headers]
    return "".join(f"{line}\n" for line in lines).encode()


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
