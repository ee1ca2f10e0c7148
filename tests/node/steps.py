# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks of node_config, and what came of them."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.tests.node.play import Played

Task = dict[str, t.Any]
#: What check mode tells as it will be.
TOLD = ("changed", "paths", "units", "restart", "omitted", "reboot_required", "diff")


def config(butane: t.Any, *, task: str = "config", **options: t.Any) -> Task:
    given = {"name": "test", "butane": butane, **options}
    return {"name": task, "become": True, "flatops.flatcar.node_config": given}


def look(command: str, task: str = "look") -> Task:
    """Run a command as root; what it prints is `stdout`."""
    return {"name": task, "become": True, "ansible.builtin.raw": command, "changed_when": False}


def of(played: Played, task: str = "config") -> dict[str, t.Any]:
    """The last result of a task."""
    found = [result for result in played.results if result.task == task]
    assert found, played.output
    return found[-1].result


def steps(label: str, butane: t.Any, **options: t.Any) -> list[Task]:
    """A description in check mode, in earnest, and once more."""
    checked, done, again = (config(butane, task=f"{label}{more}", **options) for more in ("?", "", " again"))
    return [{**checked, "check_mode": True, "diff": True}, {**done, "diff": True}, again]


def took(played: Played, label: str) -> dict[str, t.Any]:
    """The result of steps, of which check mode has told the truth, and the last has done nothing."""
    checked, done, again = (of(played, f"{label}{more}") for more in ("?", "", " again"))
    assert {name: checked[name] for name in TOLD} == {name: done[name] for name in TOLD}
    assert not again["changed"] and not again["paths"] and not again["units"], again
    return done


def succeeded(played: Played) -> None:
    failures = [result for result in played.results if result.failed]
    assert played.rc == 0, failures or played.output


def refused(label: str, butane: t.Any, **options: t.Any) -> Task:
    """A description that is an error; the play goes on."""
    return {**config(butane, task=label, **options), "ignore_errors": True}


def described(*, units: t.Sequence[Task] = (), **storage: t.Sequence[Task]) -> Task:
    """A description in Butane."""
    return {"variant": "flatcar", "version": "1.1.0", "storage": storage, "systemd": {"units": list(units)}}


def file(path: str, text: str, **more: t.Any) -> Task:
    return {"path": path, "contents": {"inline": text}, **more}


def link(path: str, target: str, **more: t.Any) -> Task:
    return {"path": path, "target": target, **more}


def part(name: str, description: Task) -> Task:
    """A fragment with its owner's name, as the lookup gives it."""
    return {"content": description, "name": name}
