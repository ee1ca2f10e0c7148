# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for the tests of this folder."""

from __future__ import annotations

from hypothesis import settings

# A busy machine takes its time; the properties here say nothing of time.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
