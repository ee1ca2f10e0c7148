# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A systemd unit of a node: how it is, what has to be done to it, and how that went."""

from __future__ import annotations

import re
import shlex
import typing as t
from collections.abc import Mapping, Sequence

from .bootstrap import tail
from .errors import NodeError

_SUFFIXES = ["service", "socket", "device", "mount", "automount", "swap", "target", "path", "timer", "slice", "scope"]
_NAME = re.compile(r"[A-Za-z0-9:_.\\@-]{1,255}")
_RUNNING = ("active", "reloading", "refreshing")
_MASKED = ("masked", "masked-runtime")
_NO_INSTALL = ("static", "generated", "transient")
_NEVER = {"started", "restarted", "reloaded"}

#: What systemd prints of a unit.
_PROPERTIES = {
    "Id": "id",
    "LoadState": "load_state",
    "ActiveState": "active_state",
    "SubState": "sub_state",
    "UnitFileState": "unit_file_state",
    "FragmentPath": "path",
    "Result": "result",
    "ExecMainStatus": "main_status",
    "ConditionResult": "condition",
    "CanReload": "can_reload",
    "NeedDaemonReload": "stale",
    "InvocationID": "invocation",
    "TriggeredBy": "triggered_by",
}

# systemd does not show a template, but knows whether it is enabled.
_LOOK = f"""\
look() {{
  case $unit in
    *@.*) echo "Id=$unit"; echo LoadState=loaded; echo "UnitFileState=$(systemctl is-enabled -- "$unit" 2>/dev/null)";;
    *) systemctl show --no-pager -p {",".join(_PROPERTIES)} -- "$unit";;
  esac
  for trigger in $(systemctl show --no-pager --value -p TriggeredBy -- "$unit" 2>/dev/null); do
    ! systemctl -q is-active -- "$trigger" || echo "ActiveTrigger=$trigger"
  done
}}
"""
# A service that ends at once does so a moment after systemd has started it.
_ACT = """\
began=$(date +%s)
step() {
  left=$((began + limit - $(date +%s)))
  [ "$left" -gt 0 ] || left=1
  timeout -s KILL "$left" systemctl --no-ask-password --no-pager "$@" >>out/log 2>&1 && return
  status=$?
  echo "$1 $status" >out/failed
  finish
}
finish() {
  look >out/after
  journalctl --sync 2>/dev/null
  journalctl --no-pager -q -o cat -u "$unit" --since "@$began" -n "$lines" >out/journal 2>/dev/null
  exit 0
}
settle() {
  sleep 0.5
  while [ $(($(date +%s) - began)) -lt "$limit" ]; do
    case $(systemctl show -p ActiveState -p SubState -- "$unit") in
      *SubState=auto-restart*) return;;
      *ActiveState=activating* | *ActiveState=deactivating* | *ActiveState=reloading*) sleep 0.2;;
      *) return;;
    esac
  done
}
"""


class Wanted(t.NamedTuple):
    """What a unit should be; what is None stays as it is."""

    state: str | None = None
    enabled: bool | None = None
    masked: bool | None = None
    reload: bool = True


class Unit(t.NamedTuple):
    """A unit in the words of systemd (systemctl(1), org.freedesktop.systemd1(5))."""

    id: str = ""
    load_state: str = ""
    active_state: str = ""
    sub_state: str = ""
    unit_file_state: str = ""
    path: str = ""
    result: str = ""
    main_status: str = ""
    condition: str = ""
    can_reload: str = ""
    stale: str = ""
    invocation: str = ""
    triggered_by: str = ""
    active_triggers: tuple[str, ...] = ()


class Outcome(t.NamedTuple):
    """What came of the steps: the unit, the step that failed, with its exit status, and what was said meanwhile."""

    unit: Unit
    failed: tuple[str, int] | None
    log: str
    journal: list[str]


def full_name(name: str) -> str:
    """The name with its suffix, which is .service if there is none. Raises NodeError for what is no name of a unit."""
    if name.rpartition(".")[2] not in _SUFFIXES:
        name += ".service"
    if not _NAME.fullmatch(name) or name.startswith(("-", ".", "@")):
        raise NodeError("bad_option", f"name: {name!r} is no name of a systemd unit")
    return name


def contradiction(name: str, wanted: Wanted) -> str | None:
    """Why the wishes cannot all come true."""
    if wanted.masked and (wanted.state in _NEVER or wanted.enabled):
        return f"{name}: a masked unit can neither run nor be enabled"
    if "@." in name and wanted.state:
        return f"{name} is a template: only an instance of it, such as {name.replace('@.', '@1.')}, has a state"
    return None


def look_script(name: str) -> str:
    """A script that prints what parse_unit reads."""
    return f"unit={shlex.quote(name)}\n{_LOOK}look"


def parse_unit(text: str) -> Unit:
    """A unit from what look prints."""
    found: dict[str, str] = {}
    triggers = []
    for line in text.splitlines():
        name, dummy, value = line.partition("=")
        if name in _PROPERTIES:
            found[_PROPERTIES[name]] = value
        elif name == "ActiveTrigger":
            triggers.append(value)
    return Unit(**found, active_triggers=tuple(triggers))


def plan(unit: Unit, wanted: Wanted) -> list[str]:
    """The commands of systemctl that make a unit as wanted, each with its options. Raises NodeError if none can."""
    _possible(unit, wanted)
    steps = []
    if wanted.reload and unit.stale == "yes":
        steps.append("daemon-reload")
    steps += _file_steps(unit, wanted)
    if wanted.masked and unit.active_state not in ("", "inactive", "failed"):
        steps.insert(steps.index("mask") if "mask" in steps else len(steps), "stop")
    elif not wanted.masked:
        steps += _state_steps(unit, wanted.state)
    return steps


def _possible(unit: Unit, wanted: Wanted) -> None:
    masked = unit.unit_file_state in _MASKED and wanted.masked is None
    if wanted.masked and unit.path.startswith("/etc/systemd/system/") and unit.unit_file_state not in _MASKED:
        raise NodeError(
            "cannot_mask",
            f"{unit.id} cannot be masked, because its unit file {unit.path} is where the mask would be; "
            "stop and disable it, or remove the file",
        )
    if masked and (wanted.state in _NEVER or wanted.enabled):
        raise NodeError("masked", f"{unit.id} is masked, so it can neither run nor be enabled; add `masked: false`")
    if unit.load_state == "not-found" and (wanted.state or wanted.enabled is not None) and not wanted.masked:
        raise NodeError("not_found", f"the node has no unit {unit.id}")
    if unit.load_state in ("bad-setting", "error") and wanted.state in _NEVER and unit.stale != "yes":
        raise NodeError(
            "bad_unit", f"systemd cannot use {unit.id} ({unit.load_state}); see `systemd-analyze verify {unit.id}`"
        )
    if wanted.enabled and unit.unit_file_state in _NO_INSTALL:
        raise NodeError(
            "cannot_enable",
            f"{unit.id} is {unit.unit_file_state}: it has no [Install] section, so other units start it, not an "
            "enablement; leave `enabled` out",
        )
    if wanted.state == "reloaded" and unit.active_state in _RUNNING and unit.can_reload == "no":
        raise NodeError("cannot_reload", f"{unit.id} cannot reload its configuration; use `state: restarted`")


def _file_steps(unit: Unit, wanted: Wanted) -> list[str]:
    """What changes the unit's files: its enablement and its mask."""
    state, steps = unit.unit_file_state, []
    if wanted.masked is False and state in _MASKED:
        steps.append("unmask" if state == "masked" else "unmask --runtime")
        # Whether it is enabled, one sees only then.
        if wanted.enabled is not None:
            steps.append("enable" if wanted.enabled else "disable")
    elif wanted.enabled and state not in ("enabled", "indirect", "alias"):
        steps.append("enable")
    elif wanted.enabled is False and state in ("enabled", "enabled-runtime"):
        steps.append("disable" if state == "enabled" else "disable --runtime")
    if wanted.masked and state != "masked":
        steps.append("mask")
    return steps


def _state_steps(unit: Unit, state: str | None) -> list[str]:
    running = unit.active_state in _RUNNING
    if state == "restarted":
        return ["restart"]
    if state == "reloaded":
        return ["reload" if running else "start"]
    if state == "started" and not running:
        return ["start"]
    if state == "stopped" and unit.active_state not in ("inactive", "failed"):
        return ["stop"]
    return []


def waits_only(unit: Unit, step: str) -> bool:
    """Whether a step only waits for what is under way already."""
    starts = unit.active_state == "activating" and unit.sub_state != "auto-restart"
    return (step == "start" and starts) or (step == "stop" and unit.active_state == "deactivating")


def act_script(name: str, steps: Sequence[str], *, timeout: int, lines: int) -> str:
    """A script that takes the steps, waits for the unit and writes what parse_outcome reads.

    timeout is in seconds; lines is how many lines of the journal come back.
    """
    commands = [f"step {step}" if step == "daemon-reload" else f'step {step} -- "$unit"' for step in steps]
    if steps and steps[-1] in ("start", "restart", "reload"):
        commands.append("settle")
    given = f"unit={shlex.quote(name)} limit={timeout} lines={lines}"
    return "\n".join([given, _LOOK + _ACT, *commands, "finish"])


def parse_outcome(files: Mapping[str, bytes]) -> Outcome:
    """An outcome from the files that the script of act_script wrote."""
    texts = {name: data.decode(errors="replace") for name, data in files.items()}
    verb, dummy, status = texts.get("failed", "").strip().rpartition(" ")
    failed = (verb, int(status)) if verb else None
    return Outcome(
        parse_unit(texts.get("after", "")), failed, texts.get("log", ""), texts.get("journal", "").splitlines()
    )


def verdict(name: str, outcome: Outcome, wanted: Wanted, timeout: int) -> NodeError | None:
    """What is wrong with an outcome, if anything is."""
    unit = outcome.unit
    details = {"journal": outcome.journal, "status": status(unit)}
    now = f"it is {unit.active_state} ({unit.sub_state})"
    if outcome.failed and outcome.failed[1] == 137:
        message = (
            f"{name}: `systemctl {outcome.failed[0]}` took longer than {timeout} s; systemd goes on with it, {now}"
        )
        return NodeError("timeout", message, details)
    if outcome.failed:
        message = f"{name}: `systemctl {outcome.failed[0]}` failed, {now}{tail(outcome.log)}"
        return NodeError("unit_failed", message, details)
    if wanted.state in _NEVER and (unit.active_state == "failed" or unit.sub_state == "auto-restart"):
        message = f"{name} was started and ended at once: {now}, result {unit.result}, exit status {unit.main_status}"
        return NodeError("unit_failed", message, details)
    if wanted.state in _NEVER and unit.active_state not in (*_RUNNING, "inactive"):
        return NodeError("timeout", f"{name} does not run {timeout} s after its start: {now}", details)
    return None


def skipped(before: Unit, after: Unit) -> bool:
    """Whether systemd did not start the unit because a condition of it does not hold."""
    return after.condition == "no" and after.active_state == "inactive" and before.invocation == after.invocation


def status(unit: Unit) -> dict[str, str]:
    """What a result says of a unit."""
    return {name: getattr(unit, name) for name in ("load_state", "active_state", "sub_state", "unit_file_state")}


def predicted(unit: Unit, steps: Sequence[str]) -> dict[str, str]:
    """What status would say after the steps."""
    after = status(unit)
    for step in steps:
        verb = step.split()[0]
        if verb in ("start", "restart", "reload"):
            after.update(active_state="active", sub_state="running")
        elif verb == "stop":
            after.update(active_state="inactive", sub_state="dead")
        elif verb in ("enable", "disable"):
            after.update(unit_file_state=f"{verb}d")
        elif verb == "mask":
            after.update(load_state="masked", unit_file_state="masked")
        elif verb == "unmask":
            after.update(load_state="loaded", unit_file_state="disabled")
    if unit.active_state in _RUNNING and after["active_state"] == "active":
        after["sub_state"] = unit.sub_state
    return after
