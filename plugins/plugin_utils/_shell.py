# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The shell of a node: an action's way to run a script there with nothing but what Flatcar ships."""

from __future__ import annotations

import os
import re
import tempfile
import typing as t
from collections.abc import Collection, Mapping

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.flatops.flatcar.plugins.module_utils._node import bootstrap
from ansible_collections.flatops.flatcar.plugins.module_utils._node.bootstrap import Answer
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.payload import pack
from ansible_collections.flatops.flatcar.plugins.plugin_utils._patience import reset

__all__ = ["Answer", "Shell"]

# What makes ssh ask for a terminal.
_TTY = re.compile(r"(?:^|\s)-t+(?:\s|$)|(?i:RequestTTY[\s=]+[\"']?(?:yes|force))")
_NEEDS_TTY = "must have a tty to run sudo"
# What the ssh plugin says when nothing comes back, not even of sudo.
_SILENT = "waiting for privilege escalation prompt"


class Shell:
    """Runs scripts on the node of an action, as the user that the task becomes.

    trips counts the round trips: one for a script, three where stdin cannot be used.
    """

    def __init__(self, action: ActionBase) -> None:
        self.trips = 0
        self._action = action
        self._stdin = _takes_stdin(action._connection)

    def run(self, script: str, members: Mapping[str, bytes] | None = None, *, accept: Collection[int] = (0,)) -> Answer:
        """Run a script, in a folder with the members, and give back what it wrote to `out`.

        Raises NodeError, also for an exit status that is not in accept. AnsibleConnectionFailure passes through.
        """
        payload = pack(script, members or {})
        raw = self._by_stdin(payload) if self._stdin else self._by_file(payload)
        if self._stdin and (bootstrap.on_terminal(raw["stdout"]) or _NEEDS_TTY in raw["stderr"]):
            self._stdin = False
            raw = self._by_file(payload)
        if not bootstrap.began(raw["stdout"]):
            raise self._refused(raw)
        answer = bootstrap.parse(raw["stdout"], raw["stderr"])
        if answer.rc not in accept:
            raise NodeError(
                "command_failed",
                f"a command on the node failed with the exit status {answer.rc}{bootstrap.tail(answer.stderr)}",
            )
        return answer

    def _by_stdin(self, payload: bytes) -> dict[str, t.Any]:
        command = bootstrap.command(len(payload))
        try:
            return self._execute(command, payload)
        except AnsibleConnectionFailure as failure:
            if _SILENT not in str(failure):
                raise
        # ssh keeps a connection for further tasks, also one to a node that has lost its power since. The script goes
        # over after sudo only, so that nothing has begun.
        reset(self._action._connection)
        return self._execute(command, payload)

    def _by_file(self, payload: bytes) -> dict[str, t.Any]:
        shell = self._action._connection._shell
        if not shell.tmpdir:
            self.trips += 1
            self._action._make_tmp_path()
        path = shell.join_path(shell.tmpdir, "flatops.tar")
        handle, local = tempfile.mkstemp(prefix="flatops-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(payload)
            self.trips += 1
            self._action._transfer_file(local, path)
        finally:
            os.unlink(local)
        self._action._fixup_perms2((shell.tmpdir, path), execute=False)
        return self._execute(bootstrap.command(len(payload), path), None)

    def _execute(self, command: str, payload: bytes | None) -> dict[str, t.Any]:
        self.trips += 1
        try:
            return self._action._low_level_execute_command(command, sudoable=True, in_data=payload)
        except AnsibleConnectionFailure:
            raise
        except AnsibleError as error:
            if _SILENT in str(error):
                # As ansible-core 2.19 and newer have it.
                raise AnsibleConnectionFailure(str(error)) from None
            # The connection plugins of ansible-core say so when the password is wrong or missing.
            if not self._action._connection.become:
                raise
            raise NodeError("become_refused", f"cannot become root on the node: {error}") from None

    def _refused(self, raw: Mapping[str, t.Any]) -> NodeError:
        said = bootstrap.tail(raw["stderr"] or raw["stdout"])
        if self._action._connection.become:
            return NodeError("become_refused", f"cannot become root on the node{said}")
        return NodeError("no_answer", f"the node ran nothing and ended with the exit status {raw['rc']}{said}")


def _takes_stdin(connection: t.Any) -> bool:
    """Whether what is written to a command's stdin reaches it, byte for byte."""
    become = connection.become
    if not connection.has_pipelining or (become and become.name == "su"):
        return False
    if any(_TTY.search(_option(connection, name) or "") for name in ("ssh_args", "ssh_common_args", "ssh_extra_args")):
        return False
    # This connection gives a program that asks for a password a terminal, and the program's stdin is that.
    asks = connection.transport == "local" and become and become.expect_prompt()
    return not asks or bool(_option(connection, "pipelining"))


def _option(connection: t.Any, name: str) -> t.Any:
    try:
        return connection.get_option(name)
    except KeyError:
        return None
