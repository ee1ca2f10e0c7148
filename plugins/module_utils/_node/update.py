# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""An update of a node: what starts it, how far it is, and how it ended."""

from __future__ import annotations

import re
import shlex
import typing as t
from collections.abc import Mapping, Sequence

from . import update_conf
from .errors import NodeError
from .update_conf import PATH, SAVED
from .update_plan import Plan
from .update_state import IDLE, NEED_REBOOT, UNIT, Seen, Status, parse_status

#: What update-engine leaves when it has staged an update, so that it neither looks for another nor marks the partition
#: that runs as the one to boot (kUpdateCompletedMarker of flatcar/update_engine).
_MARKER = "/run/update_engine_autoupdate_completed"
_PAYLOAD = "/var/tmp/flatcar-update/flatcar_production_update.gz"
_MIB = 1 << 20
#: The server that Flatcar's own releases come from by default, and what names the newest of a channel.
_PUBLIC = "https://public.update.flatcar-linux.net/"
_NEWEST = "https://{channel}.release.flatcar-linux.net/{board}/current/version.txt"
_CHANNELS = ("stable", "beta", "alpha", "lts")

# Each part ends the script when it fails.
_RESET = """\
if [ "$operation" = UPDATED_NEED_REBOOT ]; then timeout -s KILL 60 update_engine_client -reset_status || exit 1; fi
[ -z "$current" ] || cgpt prioritize "$current" || exit 1
"""
_UPDATE = """\
systemctl start update-engine.service || exit 1
timeout -s KILL 60 update_engine_client -check_for_update || exit 1
"""
# It leaves update.conf without the server of before when it fails. systemd puts the file back, however it ends.
_INSTALL = f"""\
command -v flatcar-update >/dev/null || {{ echo "this node has no flatcar-update" >&2; exit 1; }}
systemctl reset-failed {UNIT} 2>/dev/null
[ -e {PATH} ] || : >>{PATH}
cp -p {PATH} {SAVED} || exit 1
systemd-run --quiet --unit={UNIT} --description="Update to Flatcar $version" \\
  --property="ExecStopPost=/usr/bin/mv -f {SAVED} {PATH}" flatcar-update --to-version "$version" || exit 1
"""
# With one try, GRUB goes back to what runs now if the other does not start. That needs somebody who marks it as good.
_ROLLBACK = f"""\
systemctl stop update-engine.service || exit 1
[ -z "$try" ] || cgpt add -S 0 -T 1 "$other" || exit 1
cgpt prioritize "$other" || exit 1
touch {_MARKER} /run/reboot-required
[ -z "$engine" ] || systemctl start update-engine.service
"""
_PARTS = {
    "configure": update_conf.WRITE,
    "reset": _RESET,
    "update": _UPDATE,
    "install": _INSTALL,
    "rollback": _ROLLBACK,
}

_WAIT = rf"""
end=$(($(date +%s) + seconds))
while :; do
  timeout -s KILL 60 update_engine_client -status >out/update_status 2>/dev/null
  systemctl show --no-pager -p ActiveState --value -- {UNIT} >out/unit
  case $(cat out/unit):$(sed -n s/^CURRENT_OP=UPDATE_STATUS_//p out/update_status) in
    inactive:{IDLE} | inactive:{NEED_REBOOT} | failed:{IDLE} | failed:{NEED_REBOOT})
      journalctl --sync
      journalctl -q -o cat --no-pager -n 300 --since "@$began" -u update-engine.service -u {UNIT} >out/journal
      systemctl reset-failed {UNIT} 2>/dev/null
      exit 0;;
  esac
  [ "$(date +%s)" -lt "$end" ] || break
  sleep 0.5
done
[ ! -e {_PAYLOAD} ] || stat -c %s {_PAYLOAD} >out/fetched
exit 0
"""
_CONFIRM = """\
end=$(($(date +%s) + seconds))
until cgpt show "$(rootdev -s /usr)" | grep -q successful=1; do
  [ "$(date +%s)" -lt "$end" ] || exit 0
  sleep 1
done
echo yes >out/confirmed
"""

_FAILED = "Update failed."
_TELLING = re.compile(r"(?i)fail|error|unable|mismatch|cannot|could not|no such|not found|aborting")
_GLOG = re.compile(r"^[IWEF]?\d{8} .*?\] |^\[[^\]]*\] ")


class Progress(t.NamedTuple):
    """How far an update is; fetched is how many bytes flatcar-update has."""

    status: Status
    unit: str
    fetched: int
    journal: list[str]
    ended: bool


def start_script(plan: Plan, seen: Seen) -> tuple[str, dict[str, bytes]]:
    """A script with its members that takes the steps up to the reboot. It ends when the update has begun."""
    steps = [step for step in plan.steps if step in _PARTS]
    single = seen.current and seen.current.successful and not seen.engine_masked
    given = {
        "operation": seen.status.operation,
        "current": seen.current.device if seen.current else "",
        "other": seen.other.device if seen.other else "",
        "version": plan.target or "",
        "try": "1" if single else "",
        "engine": "1" if seen.engine_active or single else "",
    }
    assigned = "".join(f"{name}={shlex.quote(value)}\n" for name, value in given.items())
    members = {"update.conf": plan.conf.encode()} if plan.conf is not None else {}
    return "".join([assigned, "date +%s >out/began\n", *(_PARTS[step] for step in steps), "exit 0\n"]), members


def began(files: Mapping[str, bytes]) -> int:
    """When a script of start_script began, by the clock of the node."""
    return int(files["began"])


def wait_script(began: int, seconds: int) -> str:
    """A script that waits at most some seconds for the end of an update and tells how far it is."""
    return f"began={began} seconds={seconds}\n{_WAIT}"


def confirm_script(seconds: int) -> str:
    """A script that waits at most some seconds until update-engine holds the boot to be good."""
    return f"seconds={seconds}\n{_CONFIRM}"


def newest_script(address: str) -> str:
    return f"curl -fsSL --max-time 20 {shlex.quote(address)} >out/newest\nexit 0\n"


def newest_address(seen: Seen, channel: str | None, server: str | None) -> str | None:
    """Where Flatcar names the newest release of the channel; None where another server decides."""
    channel = channel or seen.group
    if not (server or seen.server).startswith(_PUBLIC) or channel not in _CHANNELS or not seen.board:
        return None
    return _NEWEST.format(channel=channel, board=seen.board)


def newest(files: Mapping[str, bytes]) -> str | None:
    """The version in what newest_script fetched."""
    match = re.search(rb"(?m)^FLATCAR_VERSION=([0-9][0-9.]*)", files.get("newest", b""))
    return match[1].decode() if match else None


def progress(files: Mapping[str, bytes]) -> Progress:
    """How far the update is, from the files that a script of wait_script wrote."""
    texts = {name: data.decode(errors="replace") for name, data in files.items()}
    return Progress(
        parse_status(texts.get("update_status", "")),
        texts.get("unit", "").strip(),
        int(texts.get("fetched") or 0),
        texts.get("journal", "").splitlines(),
        "journal" in texts,
    )


def line(now: Progress) -> str:
    """How far it is, for people."""
    status = now.status
    if status.operation == "DOWNLOADING":
        done = status.progress * status.size / _MIB
        return f"downloads {status.version}, {done:.1f} of {status.size / _MIB:.1f} MiB ({100 * status.progress:.0f} %)"
    if status.operation in ("", IDLE) and now.fetched:
        return f"fetches the payload, {now.fetched / _MIB:.1f} MiB"
    return (status.operation or "waits for update-engine").replace("_", " ").lower()


def verdict(now: Progress, step: str, version: str | None) -> NodeError | None:
    """What is wrong with an update that has ended, if anything is. step is update or install."""
    if now.status.operation == NEED_REBOOT:
        return None
    what = f"the update to {version}" if version else "the update"
    if step == "install" and any("404" in line for line in now.journal):
        return NodeError("version_not_found", f"there is no release {version} for this node on Flatcar's server")
    if step == "install" or any(_FAILED in line for line in now.journal):
        message = f"{what} failed{_reason(now.journal)}; see the journal of update-engine.service"
        return NodeError("update_failed", message)
    return None


def timed_out(now: Progress, seconds: int) -> NodeError:
    return NodeError(
        "timeout",
        f"the update has not ended after {seconds} s ({line(now)}); the node goes on with it, so run this again later, "
        "or raise `timeout`",
    )


def not_booted(seen: Seen, target: str | None, before: Seen) -> NodeError | None:
    """The error for a node that came back with another version than the one that it should run."""
    if target is None:
        same = seen.current and before.current and seen.current.device == before.current.device
        if not same and (seen.version != before.version or seen.current):
            return None
        target = "the new version"
    elif seen.version == target:
        return None
    return NodeError(
        "rolled_back",
        f"{target} was staged, but the node runs {seen.version}: {target} did not start, and the boot loader took the "
        "other partition; see the console of its first boot",
    )


def _reason(journal: Sequence[str]) -> str:
    """The last lines that tell what was wrong, as the end of a message."""
    found = [_GLOG.sub("", line.strip()) for line in journal if _TELLING.search(line) and _FAILED not in line]
    lines = list(dict.fromkeys(update_conf.without_user(text)[:300] for text in found))[-3:]
    return ": " + "; ".join(lines) if lines else ""
