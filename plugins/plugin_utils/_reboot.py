# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A reboot of the node of an action."""

from __future__ import annotations

import secrets
import time
import typing as t
from collections.abc import Mapping

from ansible.errors import AnsibleConnectionFailure

from ansible_collections.flatops.flatcar.plugins.module_utils._node import reboot
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.plugin_utils._node_action import NodeAction
from ansible_collections.flatops.flatcar.plugins.plugin_utils._patience import patient, reset

#: Seconds between two looks whether the node is back.
PAUSE = 1.0


def refuse_controller(action: NodeAction) -> None:
    """Raise NodeError where the node is the machine on which Ansible runs."""
    if action._connection.transport == "local":
        raise NodeError("bad_option", "this would reboot the controller: the connection of the host is local")


def _pre_command_failed(boot: reboot.Boot) -> NodeError | None:
    return reboot.command_failed(boot, "pre_commands", "the node was not rebooted")


def reboot_node(
    action: NodeAction,
    options: dict[str, t.Any],
    members: Mapping[str, bytes] | None = None,
    failed: t.Callable[[reboot.Boot], NodeError | None] = _pre_command_failed,
) -> dict[str, t.Any]:
    """Reboot the node of an action and wait for it, with the options of node_reboot. Raises NodeError.

    members are files beside which the pre_commands run; failed makes the error for one of these that failed.
    """
    before = reboot.parse(action.shell.run(reboot.prepare_script(options["pre_commands"]), members).files)
    error = failed(before)
    if error:
        raise error
    began = time.monotonic()
    result: dict[str, t.Any] = {"changed": True, "rebooted": False, "boot_id_before": before.id}
    try:
        with patient(action._connection, options["connect_timeout"]):
            after = _rebooted(action, before.id, options)
            result.update(rebooted=True, boot_id_after=after.id, elapsed=round(time.monotonic() - began))
            error = reboot.settled(
                after, before.failed_units, options["post_timeout"], strict=options["fail_on_degraded"]
            )
            if error:
                raise error
            result.update(system_state=after.state, failed_units=after.failed_units)
            if options["post_commands"]:
                post = reboot.post_script(options["post_commands"], options["post_timeout"])
                error = reboot.command_failed(
                    reboot.parse(action.shell.run(post).files),
                    "post_commands",
                    f"it did so for {options['post_timeout']} s after the reboot",
                )
                if error:
                    raise error
    except NodeError as problem:
        problem.details = {**result, **problem.details}
        raise
    return result


def _rebooted(action: NodeAction, before: str, options: dict[str, t.Any]) -> reboot.Boot:
    """Reboot; the boot that follows the one before, once the node has settled. Raises NodeError."""
    timeout = options["reboot_timeout"]
    deadline = time.monotonic() + timeout
    unit = f"flatops-reboot-{secrets.token_hex(4)}"
    script = reboot.reboot_script(unit, options["message"], before, options["post_timeout"])
    last = "the node did not go down"
    while time.monotonic() < deadline:
        try:
            # A connection that is kept open would not notice that the node has gone.
            reset(action._connection)
            now = reboot.parse(action.shell.run(script).files)
        except (AnsibleConnectionFailure, NodeError) as error:
            last = str(error).strip()
        else:
            if now.id != before:
                return now
            if now.refused is not None:
                raise NodeError("reboot_refused", f"the node refused to reboot{now.refused}")
        time.sleep(PAUSE)
    raise NodeError(
        "not_back",
        f"the node is not back after {timeout} s; look at its console, or raise reboot_timeout if it needs longer. "
        f"The last attempt: {last}",
    )
