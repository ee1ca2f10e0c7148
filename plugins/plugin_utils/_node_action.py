# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What the actions of a running node have in common."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.errors import FragmentError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.plugin_utils import _args
from ansible_collections.flatops.flatcar.plugins.plugin_utils._errors import BadFragmentError
from ansible_collections.flatops.flatcar.plugins.plugin_utils._plain import PlainError, plain
from ansible_collections.flatops.flatcar.plugins.plugin_utils._shell import Shell


class NodeAction(ActionBase):
    """An action that works through the shell of its node. A subclass gives its options and its work."""

    SPEC: t.ClassVar[_args.Spec] = {}
    RULES: t.ClassVar[dict[str, t.Any]] = {}
    shell: Shell

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        del tmp
        try:
            options = _args.validated(self.SPEC, plain(self._task.args), **self.RULES)
            self.shell = Shell(self)
            result.update(self.perform(options, task_vars or {}))
        except NodeError as error:
            return {**result, **error.details, "failed": True, "msg": str(error), "error_code": error.code}
        except (_args.OptionsError, BadFragmentError, FragmentError, PlainError) as error:
            return {**result, "failed": True, "msg": str(error), "error_code": error.code}
        return result

    def perform(self, options: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        """Do the work and return the members of the result. What it raises of the cores' errors becomes a result."""
        raise NotImplementedError
