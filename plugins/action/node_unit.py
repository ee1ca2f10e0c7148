# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module node_unit, whose documentation stands in modules/node_unit.py."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._node import unit as units
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.plugin_utils import _args
from ansible_collections.flatops.flatcar.plugins.plugin_utils._node_action import NodeAction


class ActionModule(NodeAction):
    SPEC = _args.NODE_UNIT

    def perform(self, options: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        name = units.full_name(options["name"])
        wanted = units.Wanted(options["state"], options["enabled"], options["masked"], options["daemon_reload"])
        wrong = units.contradiction(name, wanted)
        if wrong:
            raise NodeError("bad_option", wrong)
        before = units.parse_unit(self.shell.run(units.look_script(name)).stdout)
        steps = units.plan(before, wanted)
        result: dict[str, t.Any] = {
            "name": name,
            "actions": steps,
            "changed": not all(units.waits_only(before, step) for step in steps),
            "status": units.predicted(before, steps),
        }
        triggers = before.active_triggers if wanted.state == "stopped" else ()
        if steps and not self._task.check_mode:
            # An alias cannot be enabled or masked, only what it stands for.
            result.update(self._act(before.id or name, before, wanted, options, steps))
        if triggers:
            result["warnings"] = [*result.get("warnings", []), f"{name} is started again by {', '.join(triggers)}"]
        if self._task.diff:
            result["diff"] = _diff(name, units.status(before), result["status"])
        return result

    def _act(
        self, name: str, before: units.Unit, wanted: units.Wanted, options: dict[str, t.Any], steps: list[str]
    ) -> dict[str, t.Any]:
        timeout = options["timeout"]
        script = units.act_script(name, steps, timeout=timeout, lines=options["journal_lines"])
        outcome = units.parse_outcome(self.shell.run(script).files)
        error = units.verdict(name, outcome, wanted, timeout)
        if error:
            error.details.update(name=name, actions=steps, changed=True)
            raise error
        result: dict[str, t.Any] = {"status": units.status(outcome.unit)}
        if steps == ["start"] and units.skipped(before, outcome.unit):
            result["changed"] = False
            result["warnings"] = [f"{name} was not started: a condition in its unit file does not hold on this node"]
        return result


def _diff(name: str, before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    texts = ["".join(f"{key}: {value}\n" for key, value in state.items()) for state in (before, after)]
    return {"before_header": name, "after_header": name, "before": texts[0], "after": texts[1]}
