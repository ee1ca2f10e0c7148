# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several machines of one task: one that fails does not stop the others, and whatever ends the task ends all."""

from __future__ import annotations

import threading
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._fleet import entry, options, results
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt, Interrupted

TABLE: options.Table = {
    "name": {"type": "str"},
    "size": {"type": "int", "default": 1},
    "ignition": {"type": "json", "no_log": True},
    "settings": {"type": "dict", "no_log": True},
    "one": {"type": "str"},
    "other": {"type": "str", "no_log": True},
}


def refuse(this: entry.Entry) -> None:
    if this.label == "b":
        raise FleetError("quota", "no more", target="x")


def test_the_others_go_on() -> None:
    entries = [entry.Entry(label) for label in "abc"]
    seen: list[str] = []
    entry.work(entries, 2, Interrupt(), refuse)
    entry.work(entries, 2, Interrupt(), lambda this: seen.append(this.label))
    assert [str(each.error) for each in entries] == ["None", "no more", "None"]
    assert sorted(seen) == ["a", "c"]


def test_what_ends_one_ends_all() -> None:
    started, ended = threading.Event(), threading.Event()
    interrupt = Interrupt()

    def step(this: entry.Entry) -> None:
        if this.label == "a":
            assert started.wait(10)
            raise KeyboardInterrupt
        with interrupt.ends(lambda error: ended.set()):
            started.set()
            assert ended.wait(10)

    with pytest.raises(KeyboardInterrupt):
        entry.work([entry.Entry("a"), entry.Entry("b")], 2, interrupt, step)
    with pytest.raises(Interrupted), interrupt.ends(lambda error: None):
        pass


def test_nobody_is_there_twice() -> None:
    named: set[t.Any] = set()
    entry.once(entry.Entry("a"), "a", named)
    with pytest.raises(FleetError, match="a is there twice"):
        entry.once(entry.Entry("a"), "a", named)


@pytest.mark.parametrize("numbers", [(0, 1), (1, -1)])
def test_numbers_of_a_task(numbers: tuple[int, int]) -> None:
    with pytest.raises(FleetError, match="at least"):
        options.check({"threads": numbers[0], "max_replacements": numbers[1]})
    options.check({"threads": 1, "max_replacements": 0})


def test_what_an_instance_leaves_out_is_the_tasks() -> None:
    given = {"size": 2, "one": "task", "other": None, "instances": [{"name": "a"}, {"name": "b", "other": "own"}]}
    first, second = options.each(given, ("size", "one", "other"), (("one", "other"),))
    assert first == {"name": "a", "size": 2, "one": "task", "other": None}
    assert second == {"name": "b", "size": 2, "one": None, "other": "own"}
    assert "default" not in options.instance(TABLE)["size"]
    assert "ignition" not in options.instance(TABLE)


def test_secrets() -> None:
    given = {"ignition": "{}", "settings": {"a": "1"}, "other": "s", "instances": [{"other": "u"}, {"other": "v"}]}
    assert options.secrets(given, TABLE) == {"{}", "s", "u", "v"}
    assert options.secrets(given, TABLE, lambda each: {"v"}) == {"{}", "s", "u"}
    shown = options.shown({"settings": {"a": "1"}, "instances": [{"settings": {"b": "2"}}, {"settings": None}]}, TABLE)
    assert "1" not in str(shown)
    assert "2" not in str(shown)
    assert shown["instances"][1] == {"settings": None}


def test_what_a_task_says_of_its_machines() -> None:
    fine = {"name": "a", "changed": True, "failed": False, "warnings": ["w"]}
    bad = {
        "name": "b",
        "changed": False,
        "warnings": [],
        **results.of_machine(FleetError("quota", "Full.", target="x")),
    }
    done = results.Done([fine, bad], {"a": 1}, {"a": 2})
    assert done.told() == {"changed": True, "vms": [fine, bad], "diff": {"before": {"a": 1}, "after": {"a": 2}}}
    assert done.warnings == ["w"]
    assert done.failure(("target",)) == {"msg": "1 of 2 VMs failed. b: Full.", "error_code": "quota", "target": "x"}
    assert results.Done([bad], {}, {}).failure(())["msg"] == "Full."
    assert results.Done([fine], {}, {}).failure(()) == {}
