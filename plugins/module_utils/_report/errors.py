# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What goes wrong with a report."""

from __future__ import annotations


class ReportError(ValueError):
    """What was handed over cannot be reported; the message says of which host, and what was wanted."""

    code = "bad_value"
