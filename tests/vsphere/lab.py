# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of vsphere_vm's core in this process, and looks at what came of them."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
    connection,
    instances,
    machine,
    options,
    properties,
    sdk,
    tasks,
)
from ansible_collections.flatops.flatcar.tests.options import defaults

#: A VM of the simulator that is cloned, and where clones go.
TEMPLATE = {"template": "DC0_C0_RP0_VM0", "cluster": "DC0_C0"}


class Lab:
    """A login, and the machines at its server."""

    def __init__(self, session: connection.Session) -> None:
        self.session = session
        self.diff: tuple[dict[str, t.Any], dict[str, t.Any]] = ({}, {})

    def vms(self, *, check: t.Any = False, **given: t.Any) -> list[dict[str, t.Any]]:
        full = {"timeout": 60, **defaults(given, options.SPEC)}
        done = instances.run(self.session, full, check=check, run_command=no_program)
        self.diff = done.before, done.after
        return done.vms

    def vm(self, *, check: t.Any = False, **given: t.Any) -> dict[str, t.Any]:
        (row,) = self.vms(check=check, **given)
        return row

    def twice(self, **given: t.Any) -> dict[str, t.Any]:
        """In check mode, in earnest, and both again: the first two agree, and the last two change nothing."""
        told = self.vm(check=True, **given)
        row = self.vm(**given)
        assert not row["failed"], row
        assert told["actions"] == row["actions"]
        again = self.vm(**given)
        assert not again["failed"], again
        assert (again["changed"], again["actions"]) == (False, [])
        assert self.vm(check=True, **given)["actions"] == []
        assert self.diff[0] == self.diff[1]
        return row

    def names(self) -> dict[str, sdk.Ref]:
        found = properties.view(self.session, sdk.vim.VirtualMachine, ["name"])
        return {each.values["name"]: each.ref for each in found}

    def seen(self, name: str) -> machine.Machine:
        return machine.observe_one(self.session, self.names()[name])

    def facts(self, name: str) -> machine.Machine:
        """The same without devices, which cannot be compared."""
        return self.seen(name)._replace(devices=(), disks=(), nics=())

    def set(self, name: str, **values: str) -> None:
        """extraConfig by hand; the keys are those of a mapping `keys`, or of the simulator's SET.guest."""
        self.write(name, {f"SET.guest.{key}": value for key, value in values.items()})

    def write(self, name: str, values: t.Mapping[str, str]) -> None:
        spec = sdk.vim.vm.ConfigSpec(
            extraConfig=[sdk.vim.option.OptionValue(key=key, value=value) for key, value in values.items()]
        )
        tasks.wait(self.session, self.names()[name].ReconfigVM_Task(spec))


def no_program(*dummy: object, **dummy_named: object) -> t.NoReturn:
    raise AssertionError("no program is to be run")
