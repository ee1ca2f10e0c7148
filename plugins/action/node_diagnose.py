# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module node_diagnose, whose documentation stands in modules/node_diagnose.py."""

from __future__ import annotations

import os
import time
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._node import diagnose
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.plugin_utils import _args
from ansible_collections.flatops.flatcar.plugins.plugin_utils._node_action import NodeAction
from ansible_collections.flatops.flatcar.plugins.plugin_utils._write import write


class ActionModule(NodeAction):
    SPEC = _args.NODE_DIAGNOSE

    def perform(self, options: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        host = self._task.delegate_to or task_vars["inventory_hostname"]
        archive = diagnose.archive(host, self.shell.run(diagnose.SCRIPT).files, time.time())
        dest = os.path.join(os.path.abspath(options["dest"]), archive.name)
        if not self._task.check_mode:
            try:
                write(dest, archive.data, 0o600)
            except OSError as error:
                raise NodeError("write_failed", f"{dest}: {error.strerror}") from None
        return {
            "changed": True,
            "dest": dest,
            "size": len(archive.data),
            "files": archive.sizes,
            "redacted": archive.redacted,
        }
