# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module node_config, whose documentation stands in modules/node_config.py."""

from __future__ import annotations

import getpass
import itertools
import os
import platform
import time
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.fragments import Fragment, prepare, resolve
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.fingerprint import fingerprint
from ansible_collections.flatops.flatcar.plugins.module_utils._node import apply, compare, observe, records
from ansible_collections.flatops.flatcar.plugins.module_utils._node.accounts import ACCOUNTS
from ansible_collections.flatops.flatcar.plugins.module_utils._node.desired import NOTHING, desired
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.plan import Change, Plan
from ansible_collections.flatops.flatcar.plugins.plugin_utils import _args
from ansible_collections.flatops.flatcar.plugins.plugin_utils._fragments import Inventory
from ansible_collections.flatops.flatcar.plugins.plugin_utils._node_action import NodeAction

# Ansible loads this file once for a task and forks a process for each host.
prepare()

#: How often a plan is made anew because somebody else changed the node meanwhile.
_ATTEMPTS = 10


class ActionModule(NodeAction):
    SPEC = _args.NODE_CONFIG
    RULES = _args.NODE_CONFIG_RULES

    def perform(self, options: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        found = self._fragments(options, task_vars)
        request, about = self._request(found, options)
        for dummy in range(_ATTEMPTS):
            questions, seen, recorded = self._observe(request)
            possible, missing = compare.without_devices(request, seen)
            plan = compare.plan(possible, seen, recorded)
            result = {**about, **self._result(plan, seen), "omitted": [*about["omitted"], *missing]}
            if self._task.check_mode or not (plan.does_something or plan.records != records.load(seen.manifest)):
                return result
            answer = self.shell.run(
                *apply.script(plan, questions, seen.state, _who(), ACCOUNTS),
                accept=(0, apply.FAILED, apply.CHANGED_MEANWHILE),
            )
            if answer.rc != apply.CHANGED_MEANWHILE:
                return self._finish(result, apply.outcome(answer.rc, answer.files))
        what = f"something else on the node changes what is described, {_ATTEMPTS} times in a row"
        raise NodeError("changed_meanwhile", f"{what}; run again when it has ended")

    def _fragments(self, options: dict[str, t.Any], task_vars: dict[str, t.Any]) -> list[Fragment]:
        """The fragments, each with the name of what owns its things."""
        name = options["name"] or ""
        if options["butane"] is not None:
            inventory = Inventory(self._loader, self._templar, task_vars)
            found = inventory.named(options["butane"], Fragment("", name, "butane"))
        else:
            found = [Fragment(options["ignition"], name, "ignition")]
        if not all(fragment.name for fragment in found):
            what = "name: a text needs a name, under which the node remembers what belongs to it"
            raise NodeError("bad_option", what)
        return found

    def _request(self, found: list[Fragment], options: dict[str, t.Any]) -> tuple[compare.Request, dict[str, t.Any]]:
        """What is asked for, and what the result says of it."""
        owners = frozenset([fragment.name for fragment in found] or [options["name"] or ""])
        seed = tuple(itertools.chain(options["seed"], *(fragment.seed for fragment in found)))
        merge = frozenset(itertools.chain(options["merge"], *(fragment.merge for fragment in found)))
        if options["state"] == "absent" or not found:
            return compare.Request(NOTHING, owners, seed, merge, options["backup"]), {"omitted": []}
        resolved = resolve(
            found,
            files_dir=options["files_dir"],
            strict=options["strict"],
            follow_symlinks=options["files_dir_symlinks"] == "follow",
            fetch=_fetch,
        )
        want = desired(resolved.config, resolved.parts)
        if want.skipped and options["first_boot_only"] == "fail":
            what = f"{', '.join(want.skipped)}: only a first boot makes these"
            raise NodeError("first_boot_only", f"{what}; first_boot_only: ignore leaves them out")
        about = {"omitted": want.skipped, "fingerprint": fingerprint(resolved.config)}
        if resolved.warnings:
            about["warnings"] = resolved.warnings
        return compare.Request(want, owners, seed, merge, options["backup"]), about

    def _observe(self, request: compare.Request) -> tuple[observe.Questions, observe.Observed, records.Records]:
        """Look at what the request names, and once more at what of its owners' it names no longer."""
        questions = compare.ask(request, {})
        seen = self._look(questions)
        recorded = records.load(seen.manifest, seen.first_boot)
        more = compare.gone(request, recorded)
        if more:
            questions = compare.ask(request, more)
            seen = self._look(questions)
            recorded = records.load(seen.manifest, seen.first_boot)
        return questions, seen, recorded

    def _look(self, questions: observe.Questions) -> observe.Observed:
        text, members = observe.script(questions)
        files = self.shell.run(f"{text}observe out", members).files
        return observe.parse(questions, files)

    def _result(self, plan: Plan, seen: observe.Observed) -> dict[str, t.Any]:
        result: dict[str, t.Any] = {
            "changed": plan.does_something,
            "paths": plan.paths,
            "units": plan.units,
            "restart": list(plan.restart),
            "left": plan.left,
            "reboot_required": plan.reboot,
        }
        if plan.warnings:
            result["warnings"] = plan.warnings
        if self._task.diff:
            result["diff"] = [_diff(change) for change in self._with_texts(plan, seen)]
        return result

    def _with_texts(self, plan: Plan, seen: observe.Observed) -> list[Change]:
        """The changes, with the texts of files that others may read in the place of digests."""
        paths = [path for path, data in plan.shown.items() if _is_text(data)]
        files = self.shell.run(observe.preview(paths)).files if any(path in seen.nodes for path in paths) else {}
        texts = {f"file {path}": (files.get(str(index), b""), plan.shown[path]) for index, path in enumerate(paths)}
        changes = []
        for change in plan.changes:
            before, after = texts.get(change.thing, (b"", b""))
            if change.thing in texts and _is_text(before):
                change = Change(change.thing, _merged(change.before, before), _merged(change.after, after))
            changes.append(change)
        return changes

    def _finish(self, result: dict[str, t.Any], outcome: apply.Outcome) -> dict[str, t.Any]:
        result["left"] += outcome.left
        error = apply.unit_error(outcome)
        if error:
            error.details.update({key: value for key, value in result.items() if key != "warnings"})
            raise error
        if outcome.backups:
            result["backup_files"] = outcome.backups
        return result


def _who() -> str:
    """How another run names this one while it waits for it."""
    since = time.strftime("%Y-%m-%d %H:%M:%S %Z")
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        # A container's user need not be in its passwd.
        user = str(os.getuid())
    return f"{user}@{platform.node()}, process {os.getppid()}, {since}"


def _fetch(resource: schema.Config) -> bytes:
    """What a resource stands for. What is imported for it takes long, and few descriptions refer to others."""
    from ansible_collections.flatops.flatcar.plugins.plugin_utils._fetch import fetch

    return fetch(resource)


def _is_text(data: bytes) -> bool:
    if len(data) > observe.PREVIEW or b"\0" in data:
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _merged(about: str, data: bytes) -> str:
    """The permissions of a file and its text."""
    lines = "".join(line for line in about.splitlines(keepends=True) if not line.startswith("sha256:"))
    return lines + data.decode() if about else ""


def _diff(change: Change) -> dict[str, str]:
    return {
        "before_header": change.thing,
        "after_header": change.thing,
        "before": change.before,
        "after": change.after,
    }
