# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module node_facts, whose documentation stands in modules/node_facts.py."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._node import facts
from ansible_collections.flatops.flatcar.plugins.plugin_utils import _args
from ansible_collections.flatops.flatcar.plugins.plugin_utils._node_action import NodeAction


class ActionModule(NodeAction):
    SPEC = _args.NODE_FACTS

    def perform(self, options: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        subsets = facts.chosen(options["gather_subset"])
        answer = self.shell.run(facts.script(subsets, options["journal_lines"]))
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"changed": False, "ansible_facts": {"flatcar": facts.facts(answer.files, subsets, now)}}
