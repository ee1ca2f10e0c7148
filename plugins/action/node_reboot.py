# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module node_reboot, whose documentation stands in modules/node_reboot.py."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._node import reboot
from ansible_collections.flatops.flatcar.plugins.plugin_utils import _args
from ansible_collections.flatops.flatcar.plugins.plugin_utils._node_action import NodeAction
from ansible_collections.flatops.flatcar.plugins.plugin_utils._reboot import reboot_node, refuse_controller


class ActionModule(NodeAction):
    SPEC = _args.NODE_REBOOT

    def perform(self, options: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        refuse_controller(self)
        if self._task.check_mode:
            before = reboot.parse(self.shell.run(reboot.look_script()).files)
            return {"changed": True, "rebooted": False, "boot_id_before": before.id}
        return reboot_node(self, options)
