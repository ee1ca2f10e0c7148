# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module node_update, whose documentation stands in modules/node_update.py."""

from __future__ import annotations

import time
import typing as t

from ansible.utils.display import Display

from ansible_collections.flatops.flatcar.plugins.module_utils._node import update, update_conf, update_plan
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.update_plan import Plan, Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._node.update_state import LOOK, Seen, parse
from ansible_collections.flatops.flatcar.plugins.plugin_utils import _args
from ansible_collections.flatops.flatcar.plugins.plugin_utils._node_action import NodeAction
from ansible_collections.flatops.flatcar.plugins.plugin_utils._progress import INTERVAL
from ansible_collections.flatops.flatcar.plugins.plugin_utils._reboot import reboot_node, refuse_controller

_display = Display()

UNCERTAIN = "whether the server has an update, it says only when one is begun; so `changed` is a guess in check mode"
UNCONFIRMED = (
    "update-engine does not run on this node, so nothing marks this boot as good, and the next one goes back to the "
    "version of before; start update-engine.service"
)


class ActionModule(NodeAction):
    SPEC = _args.NODE_UPDATE

    def perform(self, options: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        want = update_plan.wanted(options)
        if want.booted:
            refuse_controller(self)
        self._host = task_vars.get("inventory_hostname")
        before = parse(self.shell.run(LOOK).files)
        if before.under_way and not self._task.check_mode:
            before = self._after_another(want, before, options["timeout"])
        plan = update_plan.plan(want, before)
        result = {
            "changed": bool(plan.steps),
            "actions": plan.steps,
            "version_before": before.version,
            **_about(before),
        }
        if self._task.diff:
            result["diff"] = _diff(before, plan)
        if self._task.check_mode:
            result.update(self._predicted(want, before, plan))
            return result
        try:
            result.update(self._act(plan, before, options))
        except NodeError as error:
            error.details = {**result, **error.details}
            raise
        return result

    def _after_another(self, want: Wanted, seen: Seen, timeout: int) -> Seen:
        """The node when the update has ended that is under way. Raises NodeError if another version is wanted."""
        if seen.busy_with not in (None, want.version):
            raise NodeError(
                "busy", f"flatcar-update is installing {seen.busy_with} on this node; run this again when it has ended"
            )
        self._wait(0, timeout)
        return parse(self.shell.run(LOOK).files)

    def _predicted(self, want: Wanted, before: Seen, plan: Plan) -> dict[str, t.Any]:
        """What the result would be."""
        steps, target = list(plan.steps), plan.target
        found: dict[str, t.Any] = {}
        if "update" in steps:
            address = update.newest_address(before, want.channel, want.server)
            target = update.newest(self.shell.run(update.newest_script(address)).files) if address else None
            if target is None:
                found["warnings"] = [UNCERTAIN]
            elif not update_plan.older(before.version, target):
                steps = [step for step in steps if step not in ("update", "reboot")]
                target = None
        elif not {"install", "rollback"} & set(steps):
            target = before.staged_version if "reset" not in steps else None
        found.update(changed=bool(steps), actions=steps)
        if "reboot" in steps:
            return {**found, "version": target, "version_staged": None, "reboot_required": False}
        staged = {"update", "install", "rollback"} & set(steps)
        return {**found, "version_staged": target, "reboot_required": bool(staged) or before.reboot["required"]}

    def _act(self, plan: Plan, before: Seen, options: dict[str, t.Any]) -> dict[str, t.Any]:
        seen, steps = before, list(plan.steps)
        began = 0
        if set(steps) - {"reboot"}:
            began = update.began(self.shell.run(*update.start_script(plan, before)).files)
        for step in ("update", "install"):
            if step in steps:
                now = self._wait(began, options["timeout"])
                error = update.verdict(now, step, plan.target)
                if error:
                    raise error
        if set(steps) - {"reboot"}:
            seen = parse(self.shell.run(LOOK).files)
        if "update" in steps and not seen.staged:
            steps = [step for step in steps if step not in ("update", "reboot")]
        found = {"actions": steps, "changed": bool(steps), **_about(seen)}
        if "reboot" in steps:
            found.update(self._boot(seen, plan.target or seen.staged_version, options))
        return found

    def _boot(self, before: Seen, target: str | None, options: dict[str, t.Any]) -> dict[str, t.Any]:
        """Reboot into the version that is staged. Raises NodeError if the node comes back with another one."""
        problem: NodeError | None = None
        try:
            result = reboot_node(self, {**options, "pre_commands": [], "post_commands": []})
        except NodeError as error:
            if not error.details.get("rebooted"):
                raise
            result, problem = error.details, error
        after = parse(self.shell.run(LOOK).files)
        wrong = update.not_booted(after, target, before) or problem
        result = {**result, **_about(after)}
        if wrong:
            wrong.details = {**result, **wrong.details}
            raise wrong
        if not after.engine_active:
            return {**result, "warnings": [UNCONFIRMED]}
        answer = self.shell.run(update.confirm_script(options["post_timeout"]))
        if "confirmed" not in answer.files:
            raise NodeError(
                "not_confirmed",
                f"the node runs {after.version}, but update-engine has not marked this boot as good within "
                f"{options['post_timeout']} s, so the next boot goes back; see the journal of update-engine.service",
                result,
            )
        return result

    def _wait(self, began: int, timeout: int) -> update.Progress:
        """How an update ended; a line every few seconds says how far it is. Raises NodeError when time is up."""
        deadline = time.monotonic() + timeout
        while True:
            left = deadline - time.monotonic()
            now = update.progress(self.shell.run(update.wait_script(began, max(1, int(min(left, INTERVAL))))).files)
            if now.ended:
                return now
            if left <= INTERVAL:
                raise update.timed_out(now, timeout)
            if not self._task.no_log:
                _display.display(f"[{self._host}] node_update: {update.line(now)}")


def _about(seen: Seen) -> dict[str, t.Any]:
    """What a result says of a node."""
    return {
        "version": seen.version,
        "version_staged": seen.staged_version,
        "slot": seen.current.label if seen.current else None,
        "reboot_required": seen.staged or seen.reboot["required"],
    }


def _diff(seen: Seen, plan: Plan) -> list[dict[str, str]]:
    changes = []
    if plan.conf is not None:
        before, after = update_conf.shown(seen.conf_now), update_conf.shown(plan.conf)
        header = update_conf.PATH
        changes.append({"before_header": header, "after_header": header, "before": before, "after": after})
    if {"reset", "install", "rollback"} & set(plan.steps):
        header, before = "version of the next boot", f"{seen.staged_version or seen.version}\n"
        after = f"{plan.target or seen.version}\n"
        changes.append({"before_header": header, "after_header": header, "before": before, "after": after})
    return changes
