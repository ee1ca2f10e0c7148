# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A reset of a node by flatcar-reset: what is asked before, what stages it, and how it ended."""

from __future__ import annotations

import re
import shlex
import typing as t
from collections.abc import Mapping, Sequence

from . import facts_system
from .bootstrap import tail
from .errors import NodeError
from .observe import STATE
from .reboot import Boot

#: The name of the member that holds the config.
MEMBER = "config.ign"
#: Where flatcar-reset puts it.
CONFIG = "/oem/config.ign"
# Older releases have the OEM partition elsewhere.
_OEM = "oem=/oem\n[ -d $oem ] || oem=/usr/share/oem\n"
# What flatcar-reset changes on that partition.
_FILES = "config.ign grub.cfg"
#: What to put back if the node refuses to reboot. It is gone after a reboot.
_HOLD = "/run/flatops-reset"
# What flatcar-reset takes for a path or a pattern of one. It builds commands of them, in single quotes.
_KEEPABLE = re.compile(r"[/\\({\[$^][^'\x00-\x1f\x7f]*")

_LOOK = f"""\
{_OEM}command -v flatcar-reset >out/tool || exit 0
sha256sum <$oem/config.ign >out/config 2>/dev/null
for path; do
  find / -maxdepth 0 -regextype egrep -regex "$path" >/dev/null 2>out/problem && continue
  printf %s "$path" >out/path
  break
done
exit 0
"""
# flatcar-reset --stop removes these two files, and leaves the partition as it is.
_UNDO = f"""\
{_OEM}undo() {{
  rm -f /selective-os-reset /boot/flatcar/first_boot
  for file in {_FILES}; do
    if [ -e {_HOLD}/$file ]; then cp -p {_HOLD}/$file $oem/$file; else rm -f $oem/$file; fi
  done
  [ ! -d {_HOLD}/state ] || mv {_HOLD}/state {STATE}
  rm -rf {_HOLD}
}}
"""
# What belongs to whom is forgotten, wherever it lies: the new config says that anew.
_STAGE = f"""\
[ ! -d {_HOLD} ] || undo
mkdir -m 700 {_HOLD} || exit 1
for file in {_FILES}; do
  [ ! -e $oem/$file ] || cp -p $oem/$file {_HOLD}/$file || {{ rm -rf {_HOLD}; exit 1; }}
done
stage() {{
  flatcar-reset --ignition-file {MEMBER} "$@" && chmod 600 $oem/config.ign || return
  [ ! -d {STATE} ] || mv {STATE} {_HOLD}/state
}}
"""


class Seen(t.NamedTuple):
    """What a node said before: the sha256 of the config that its OEM partition has, and the problem with a path."""

    tool: bool
    config: str | None
    path: str | None
    problem: str


def check_paths(paths: Sequence[str]) -> None:
    """Raise NodeError for what cannot be a path to keep."""
    for path in paths:
        if not _KEEPABLE.fullmatch(path):
            what = "is no absolute path, nor a regular expression of one without quotes"
            raise NodeError("bad_option", f"keep_paths: {path!r} {what}")


def look_script(paths: Sequence[str]) -> str:
    return _given(paths) + _LOOK


def parse(files: Mapping[str, bytes]) -> Seen:
    texts = {name: data.decode(errors="replace") for name, data in files.items()}
    config = texts.get("config", "").partition(" ")[0] or None
    return Seen(bool(texts.get("tool")), config, texts.get("path"), tail(texts.get("problem", "")))


def refused(seen: Seen) -> NodeError | None:
    """Why a node cannot be reset, if it cannot be."""
    if not seen.tool:
        what = "this node has no flatcar-reset, which Flatcar has since 3535.0.0"
        return NodeError("no_reset", f"{what}; update the node, or deploy it anew")
    if seen.path is not None:
        what = "is no regular expression that the node's find knows"
        return NodeError("bad_option", f"keep_paths: {seen.path!r} {what}{seen.problem}")
    return None


def stage_script(paths: Sequence[str], *, keep_machine_id: bool) -> str:
    """A script, beside which lies MEMBER, that makes the next boot a reset; or nothing, with an exit status."""
    words = ["--keep-machine-id"] * keep_machine_id + ["--keep-paths", "--", *paths] * bool(paths)
    call = " ".join(["stage", *map(shlex.quote, words)])
    return f"{_UNDO}{_STAGE}{call}\nstatus=$?\n[ $status = 0 ] || undo\nexit $status\n"


def undo_script() -> str:
    """A script that makes the next boot an ordinary one again."""
    return f"{_UNDO}undo\n"


def not_staged(boot: Boot) -> NodeError | None:
    """The error for a stage_script that failed, if it did."""
    if not boot.failed:
        return None
    message = f"flatcar-reset failed with the exit status {boot.failed[1]}; the node is as it was{tail(boot.log)}"
    return NodeError("reset_failed", message)


def not_back(error: NodeError) -> NodeError:
    """The error for a node that does not come back, with what a reset adds to the reasons."""
    return NodeError(
        error.code,
        f"{error}. After a reset it can also be that Ignition failed, which only the console shows, that the new "
        "config does not let this user in, or that keep_paths has not kept the host keys",
        error.details,
    )


def result_script() -> str:
    """A script that fetches Ignition's report."""
    return "cat /etc/.ignition-result.json >out/ignition 2>/dev/null\nexit 0\n"


def ignition(files: Mapping[str, bytes]) -> dict[str, t.Any] | None:
    """Ignition's report as node_facts has it; None where there is none that can be read."""
    return facts_system.ignition({name: data.decode(errors="replace") for name, data in files.items()})


def not_provisioned(report: Mapping[str, t.Any] | None, boot_id: str) -> NodeError | None:
    """What is wrong with Ignition's report in the boot after a reset, if anything is."""
    if report is None:
        what = "Ignition has left no report in /etc/.ignition-result.json"
    elif report["boot_id"] != boot_id:
        what = f"Ignition has not run in this boot, but in {report['boot_id']} at {report['date']}"
    elif not report["config_provided"]:
        what = f"Ignition has not found the config in {CONFIG}"
    else:
        return None
    message = f"the node is back, but {what}; see `journalctl -b -t ignition` there"
    return NodeError("not_provisioned", message)


def _given(paths: Sequence[str]) -> str:
    return "".join(["set --", *(f" {shlex.quote(path)}" for path in paths), "\n"])
