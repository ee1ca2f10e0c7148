# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module node_first_boot, whose documentation stands in modules/node_first_boot.py."""

from __future__ import annotations

import time
import typing as t

from ansible.errors import AnsibleConnectionFailure

from ansible_collections.flatops.flatcar.plugins.module_utils._node import provisioned
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.plugin_utils import _args
from ansible_collections.flatops.flatcar.plugins.plugin_utils._node_action import NodeAction
from ansible_collections.flatops.flatcar.plugins.plugin_utils._patience import patient, reset

#: Seconds between two attempts.
PAUSE = 2.0
#: Seconds after which a node that refuses the login is believed: sshd may be that of the machine before.
REFUSAL = 30.0
#: What a connection ends with that is lost while the node boots.
LOST = ("no_answer", "upload_cut", "bad_answer")


class ActionModule(NodeAction):
    SPEC = _args.NODE_FIRST_BOOT

    def perform(self, options: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        began = time.monotonic()
        refused_since: float | None = None
        with patient(self._connection, options["connect_timeout"]):
            while True:
                try:
                    found = self._found()
                    if found.finished:
                        break
                    problem = provisioned.unfinished(found)
                except AnsibleConnectionFailure as error:
                    problem = provisioned.refused(str(error).strip())
                except NodeError as error:
                    if error.code not in LOST:
                        raise
                    problem = error
                now = time.monotonic()
                refused_since = (refused_since or now) if problem.code == "login_refused" else None
                if (
                    problem.code in provisioned.FINAL
                    or (refused_since and now - refused_since > REFUSAL)
                    or now + PAUSE - began > options["timeout"]
                ):
                    raise NodeError(problem.code, f"{problem} (waited for {now - began:.0f} s)")
                time.sleep(PAUSE)
                reset(self._connection)
        elapsed = round(time.monotonic() - began)
        return {"changed": False, "boot_id": found.boot_id, "ignition": found.ignition, "elapsed": elapsed}

    def _found(self) -> provisioned.Found:
        return provisioned.parse(self.shell.run(provisioned.SCRIPT).files)
