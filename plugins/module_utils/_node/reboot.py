# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A reboot of a node, seen by the id of its boot."""

from __future__ import annotations

import re
import shlex
import typing as t
from collections.abc import Mapping, Sequence

from .bootstrap import tail
from .errors import NodeError

# The numbers of the commands are those that a user counts. What they print is no part of a result.
_COMMANDS = """\
run() {
  sh -c "$2" >>out/log 2>&1 && return
  echo "$1 $?" >out/failed
  return 1
}
"""
_LOOK = """\
cat /proc/sys/kernel/random/boot_id >out/boot_id
systemctl list-units --state=failed --plain --no-legend --no-pager --full >out/failed_units 2>/dev/null || :
"""
# The reboot is scheduled once, by whichever call comes first, so that the answer may be lost on its way. A second is
# mostly time enough for it. Who blocks reboots is asked by `systemctl reboot`, not overruled. The old boot is then
# either on its way down or stays, and systemctl has told why.
_REBOOT = """\
if [ "$(cat out/boot_id)" = "$before" ]; then
  if mkdir "/run/$unit" 2>/dev/null; then
    systemd-run --quiet --unit="$unit" --on-active=1 --timer-property=AccuracySec=100ms \\
      systemctl reboot --message="$message" >out/log 2>&1 || echo refused >out/result
  else
    systemctl show -p Result --value "$unit.service" >out/result
    journalctl -q -o cat --no-pager -u "$unit.service" -n 5 >out/log
    systemctl reset-failed "$unit.service" 2>/dev/null
  fi
  case $(cat out/result 2>/dev/null) in '' | success) ;; *) rmdir "/run/$unit" ;; esac
  exit 0
fi
timeout -s KILL "$limit" systemctl is-system-running --wait >out/state 2>/dev/null
systemctl list-units --state=failed --plain --no-legend --no-pager --full >out/failed_units 2>/dev/null
systemctl list-jobs --plain --no-legend --no-pager --full >out/jobs 2>/dev/null
"""


class Boot(t.NamedTuple):
    """A boot as a script found it; what the script did not ask is empty."""

    id: str
    state: str
    failed_units: list[str]
    jobs: list[str]
    refused: str | None
    failed: tuple[int, int] | None
    log: str


def look_script() -> str:
    """A script that says which boot this is."""
    return _LOOK


def prepare_script(commands: Sequence[str]) -> str:
    """A script that runs commands and says which boot this is."""
    calls = [f"run {number} {shlex.quote(command)} || exit 0" for number, command in enumerate(commands, 1)]
    return "\n".join([_COMMANDS + _LOOK, *calls])


def reboot_script(unit: str, message: str, before: str, limit: int) -> str:
    """A script that reboots, a second later, from the boot before, and that waits at most limit seconds for another.

    unit is the name, without a suffix, of the transient unit that reboots. The script is for many calls.
    """
    given = f"unit={shlex.quote(unit)} message={shlex.quote(message)} before={shlex.quote(before)} limit={limit}"
    return f"{given}\n{_LOOK}{_REBOOT}"


def post_script(commands: Sequence[str], limit: int) -> str:
    """A script that runs commands, each again and again until it succeeds, for at most limit seconds in all."""
    calls = [
        f'until run {number} {shlex.quote(command)}; do [ "$(date +%s)" -lt "$end" ] || exit 0; sleep 1; done\n'
        "rm -f out/failed"
        for number, command in enumerate(commands, 1)
    ]
    return "\n".join([f"end=$(($(date +%s) + {limit}))", _COMMANDS, *calls])


def parse(files: Mapping[str, bytes]) -> Boot:
    """A boot from the files that one of the scripts wrote."""
    texts = {name: data.decode(errors="replace") for name, data in files.items()}
    result = texts.get("result", "").strip()
    number, dummy, status = texts.get("failed", "").strip().partition(" ")
    return Boot(
        texts.get("boot_id", "").strip(),
        texts.get("state", "").strip(),
        _first_words(texts.get("failed_units", "")),
        [" ".join(line.split()[1:3]) for line in texts.get("jobs", "").splitlines() if line.split()],
        tail(texts.get("log", "")) if result not in ("", "success") else None,
        (int(number), int(status)) if number else None,
        texts.get("log", ""),
    )


def command_failed(boot: Boot, option: str, then: str) -> NodeError | None:
    """The error for a command of an option that failed, if one did."""
    if not boot.failed:
        return None
    number, status = boot.failed
    return NodeError(
        f"{option.removesuffix('s')}_failed",
        f"command {number} of {option} failed with the exit status {status}; {then}{tail(boot.log)}",
    )


def settled(boot: Boot, failed_before: Sequence[str], seconds: int, *, strict: bool) -> NodeError | None:
    """What is wrong with a boot that was waited for.

    failed_before are the units that had failed before the reboot: they are not held against it.
    """
    details = {"system_state": boot.state or None, "failed_units": boot.failed_units}
    if boot.state in ("", "initializing", "starting", "stopping"):
        jobs = f"; it still waits for {', '.join(boot.jobs[:5])}" if boot.jobs else ""
        message = f"the node is back, but has not finished its start {seconds} s later{jobs}"
        return NodeError("not_settled", message, details)
    if boot.state in ("maintenance", "offline"):
        return NodeError("not_settled", f"the node is back, but its system is in the state {boot.state}", details)
    new = [unit for unit in boot.failed_units if unit not in failed_before]
    if strict and new:
        message = f"the node is back, but these units failed: {', '.join(new)}; see their journals"
        return NodeError("degraded", message, details)
    return None


def _first_words(text: str) -> list[str]:
    return re.findall(r"(?m)^\s*(\S+)", text)
