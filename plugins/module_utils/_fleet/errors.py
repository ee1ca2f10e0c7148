# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What goes wrong with a cloud: one exception, of which each cloud has its own kind."""

from __future__ import annotations

import typing as t


class FleetError(Exception):
    """Something in a cloud, on the way to it, or in what is asked of it, did not work.

    code is a stable word for programs, of the CODES of the cloud; the message says what is wrong, where, and what to
    do. about holds what the result of a module says besides.
    """

    def __init__(self, code: str, message: str, **about: t.Any) -> None:
        super().__init__(message)
        self.code = code
        self.about = about
