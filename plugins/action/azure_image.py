# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The companion of the module azure_image: it runs the module, and shows how far download and upload are."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.plugins.plugin_utils._companion import Companion


class ActionModule(Companion):
    """Ansible looks for this name."""
