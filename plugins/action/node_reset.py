# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module node_reset, whose documentation stands in modules/node_reset.py."""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.fingerprint import fingerprint
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.validate import is_legacy
from ansible_collections.flatops.flatcar.plugins.module_utils._node import reboot, reset
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.plugin_utils import _args
from ansible_collections.flatops.flatcar.plugins.plugin_utils._config import config
from ansible_collections.flatops.flatcar.plugins.plugin_utils._fragments import Inventory
from ansible_collections.flatops.flatcar.plugins.plugin_utils._node_action import NodeAction
from ansible_collections.flatops.flatcar.plugins.plugin_utils._reboot import reboot_node, refuse_controller
from ansible_collections.flatops.flatcar.plugins.plugin_utils._render import prepare

# Ansible loads this file once for a task and forks a process for each host.
prepare()


class ActionModule(NodeAction):
    SPEC = _args.NODE_RESET
    RULES = _args.NODE_RESET_RULES

    def perform(self, options: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        refuse_controller(self)
        reset.check_paths(options["keep_paths"])
        inventory = Inventory(self._loader, self._templar, task_vars)
        text, warnings = config({**options, "first_boot_record": True}, inventory)
        answer = self.shell.run(reboot.look_script() + reset.look_script(options["keep_paths"]))
        seen = reset.parse(answer.files)
        error = reset.refused(seen)
        if error:
            raise error
        about: dict[str, t.Any] = {"changed": True}
        parsed = json.loads(text)
        if not is_legacy(parsed):
            about["fingerprint"] = fingerprint(parsed)
        if warnings:
            about["warnings"] = warnings
        if self._task.diff:
            about["diff"] = _diff(seen.config, text.encode())
        if self._task.check_mode:
            return {**about, "rebooted": False, "boot_id_before": reboot.parse(answer.files).id}
        try:
            return {**about, **self._reset(text.encode(), options)}
        except NodeError as problem:
            problem.details = {**about, "changed": False, **problem.details}
            raise

    def _reset(self, data: bytes, options: dict[str, t.Any]) -> dict[str, t.Any]:
        """Reset the node and wait for it. Raises NodeError."""
        stage = reset.stage_script(options["keep_paths"], keep_machine_id=options["keep_machine_id"])
        given = {**options, "pre_commands": [stage], "post_commands": []}
        problem: NodeError | None = None
        try:
            result = reboot_node(self, given, {reset.MEMBER: data}, reset.not_staged)
        except NodeError as error:
            if error.code in ("reboot_refused", "command_failed"):
                self.shell.run(reset.undo_script())
                error.details["changed"] = False
            if not error.details.get("rebooted"):
                raise reset.not_back(error) if error.code == "not_back" else error from None
            result, problem = error.details, error
        report = reset.ignition(self.shell.run(reset.result_script()).files)
        result["ignition"] = report
        wrong = reset.not_provisioned(report, result["boot_id_after"]) or problem
        if wrong:
            wrong.details = {**result, **wrong.details}
            raise wrong
        return result


def _diff(before: str | None, after: bytes) -> list[dict[str, str]]:
    """The digests of the config before and after: all of a config is secret."""
    return [
        {
            "before_header": reset.CONFIG,
            "after_header": reset.CONFIG,
            "before": f"sha256:{before}\n" if before else "",
            "after": f"sha256:{hashlib.sha256(after).hexdigest()}\n",
        }
    ]
