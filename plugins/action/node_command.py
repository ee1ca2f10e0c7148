# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module node_command, whose documentation stands in modules/node_command.py."""

from __future__ import annotations

import hashlib
import os
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._node import command
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.plugin_utils import _args
from ansible_collections.flatops.flatcar.plugins.plugin_utils._node_action import NodeAction
from ansible_collections.flatops.flatcar.plugins.plugin_utils._plain import plain
from ansible_collections.flatops.flatcar.plugins.plugin_utils._write import is_written, write


class ActionModule(NodeAction):
    SPEC = _args.NODE_COMMAND
    RULES = _args.NODE_COMMAND_RULES

    def perform(self, options: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        if not options["argv"] or options["timeout"] < 1:
            raise NodeError("bad_option", "argv has at least the program, and timeout at least one second")
        if self._task.check_mode and not options["read_only"]:
            created = options["creates"] and self._is_created(options["creates"])
            return {**_output(b"", b""), "changed": not created, "failed": False}
        outcome = self._run(options)
        changed = outcome.rc is not None and not options["read_only"]
        # Said, since ansible-core takes every rc but 0 for a failure.
        result: dict[str, t.Any] = {"changed": changed, "failed": False}
        if outcome.rc is not None:
            result["rc"] = outcome.rc
        if not options["secret_output"]:
            result.update(_output(b"" if options["stdout_file"] else outcome.stdout, outcome.stderr))
        error = command.failure(
            outcome,
            options["argv"][0],
            options["timeout"],
            options["success_codes"],
            secret=options["secret_output"],
        )
        if error:
            error.details.update(result)
            raise error
        if options["stdout_file"] and outcome.rc is not None:
            kept = self._keep(os.path.abspath(options["stdout_file"]), outcome.stdout)
            result.update(kept, changed=changed or kept["changed"])
        return result

    def _is_created(self, path: str) -> bool:
        return command.parse(self.shell.run(command.look_script(path)).files).rc is None

    def _run(self, options: dict[str, t.Any]) -> command.Outcome:
        environment: dict[str, t.Any] = {}
        self._compute_environment_string(environment)
        values = {name: str(value) for name, value in plain(environment).items()}
        script = command.script(options["argv"], values, options["timeout"], options["creates"] or "")
        members = {} if options["stdin"] is None else {command.STDIN: options["stdin"].encode()}
        return command.parse(self.shell.run(script, members).files)

    def _keep(self, path: str, data: bytes) -> dict[str, t.Any]:
        """Have what the program wrote in a file of the controller, which only its owner can read."""
        about = {"stdout_file": path, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        try:
            changed = not is_written(path, data, 0o600)
            if changed and not self._task.check_mode:
                write(path, data, 0o600)
        except OSError as error:
            raise NodeError("write_failed", f"{path}: {error.strerror}") from None
        return {**about, "changed": changed}


def _output(stdout: bytes, stderr: bytes) -> dict[str, t.Any]:
    """What a program wrote, in the form of ansible.builtin.command."""
    result: dict[str, t.Any] = {}
    for name, data in (("stdout", stdout), ("stderr", stderr)):
        result[name] = data.decode(errors="replace").rstrip("\r\n")
        result[f"{name}_lines"] = result[name].splitlines()
    return result
