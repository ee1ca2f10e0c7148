# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a task says of its machines together."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.errors import FleetError


class Done(t.NamedTuple):
    """vms has one entry for each machine, in their order; before and after are by name, for a diff."""

    vms: list[dict[str, t.Any]]
    before: dict[str, t.Any]
    after: dict[str, t.Any]

    def told(self) -> dict[str, t.Any]:
        """The result of the module."""
        return {
            "changed": any(vm["changed"] for vm in self.vms),
            "vms": self.vms,
            "diff": {"before": self.before, "after": self.after},
        }

    @property
    def warnings(self) -> list[str]:
        return [warning for vm in self.vms for warning in vm["warnings"]]

    def failure(self, about: t.Sequence[str]) -> dict[str, t.Any]:
        """What the task says where some failed: the first of them with these keys, and how many there are.

        Empty where none did.
        """
        failed = [vm for vm in self.vms if vm["failed"]]
        if not failed:
            return {}
        first = failed[0]
        said = {name: first[name] for name in ("msg", "error_code", *about) if name in first}
        if len(self.vms) > 1:
            said["msg"] = f"{len(failed)} of {len(self.vms)} VMs failed. {first['name']}: {said['msg']}"
        return said


def of_machine(error: FleetError) -> dict[str, t.Any]:
    """What is said of a machine on which the work failed."""
    return {"failed": True, "error_code": error.code, "msg": str(error), **error.about}
