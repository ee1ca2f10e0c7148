# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An action of the tests: runs a script through the shell of a node, and tells what came back."""

from __future__ import annotations

import base64
import typing as t

from ansible_collections.flatops.flatcar.plugins.plugin_utils._node_action import NodeAction


class ActionModule(NodeAction):
    SPEC: t.ClassVar[dict[str, dict[str, t.Any]]] = {
        "script": {"type": "str", "required": True},
        "data": {"type": "str", "default": ""},
        "zeros": {"type": "int", "default": 0},
        "times": {"type": "int", "default": 1},
    }

    def perform(self, options: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        members = {"data": base64.b64decode(options["data"]), "zeros": bytes(options["zeros"])}
        for dummy in range(options["times"]):
            answer = self.shell.run(options["script"], members)
        files = {name: base64.b64encode(data).decode() for name, data in answer.files.items()}
        return {"trips": self.shell.trips, "files": files, "stdout": answer.stdout, "stderr": answer.stderr}
