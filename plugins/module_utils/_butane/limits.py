# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""How much input is taken, apart from the code that reads it: options of plugins name it without loading that."""

from __future__ import annotations

#: Of a document of Butane or Ignition, unless an option says otherwise.
MAX_BYTES = 16 * 1024 * 1024
