# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The companion of a module with a long transfer: it runs the module, and shows how far the transfer is."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.flatops.flatcar.plugins.plugin_utils._progress import follow

_display = Display()


class Companion(ActionBase):
    """Lines begin with the host and the name of the module."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        del tmp
        if self._follows():
            label = f"[{(task_vars or {}).get('inventory_hostname')}] {self._task.action.rpartition('.')[2]}"
            with follow(label, _display.display) as path:
                arguments = dict(self._task.args, progress_file=path)
                result.update(self._execute_module(module_args=arguments, task_vars=task_vars))
        else:
            result.update(self._execute_module(task_vars=task_vars))
        return result

    def _follows(self) -> bool:
        """Whether the module runs here, as this user, and somebody may see it."""
        return (
            self._connection.transport == "local"
            and not self._connection.become
            and not self._task.check_mode
            and not self._task.no_log
            and "progress_file" not in self._task.args
        )
