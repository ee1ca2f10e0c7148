# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What goes wrong with a running node, one exception for all of it."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping


class NodeError(Exception):
    """Something could not be read from a node or done on it.

    code is a stable word; those of the transport are in CODES, a module's own are in its documentation. The message
    says what is wrong, where, and what to do. details are further members of the result.
    """

    def __init__(self, code: str, message: str, details: Mapping[str, t.Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.details = dict(details or {})


#: code -> what it means. Every module of a node documents this table.
CODES = {
    "become_refused": "the user of the connection may not become root, or the password is wrong",
    "not_root": "the task does not run as root",
    "missing_tool": "a program that every Flatcar node has is not there",
    "no_space": "the node has no space left for what was sent",
    "upload_cut": "not everything that was sent has arrived; nothing was done",
    "no_answer": "the command ended without an answer",
    "bad_answer": "the answer is damaged",
    "command_failed": "a command on the node failed",
}
