# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The script that carries a plan out on the node, and what it answers."""

from __future__ import annotations

import io
import tarfile
import typing as t
from collections.abc import Mapping

from ansible_collections.flatops.flatcar.plugins.module_utils._node import observe
from ansible_collections.flatops.flatcar.plugins.module_utils._node.bootstrap import tail
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.plan import PHASES, Plan, call
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import dump

#: Exit statuses of the script.
FAILED, CHANGED_MEANWHILE = 70, 75
#: Seconds to wait for another run on the node.
PATIENCE = 60

# Names are made first, then things: `pending` has the temporary names of a run until it ends, so that the next one can
# sweep what a run left that was killed. The manifest is written before the first thing is replaced, and says what will
# be: of a run that was killed in between, the next one finds some things as they shall be, and does the others.
_SCRIPT = rf"""
set -u
umask 022
state={observe.STATE}
fail() {{
  printf '%s' "$1" >out/code
  shift
  printf '%s' "$*" >out/message
  clean
  exit {FAILED}
}}
clean() {{
  [ ! -f "$state/pending" ] || xargs -0 -r rm -f -- <"$state/pending"
  rm -f "$state/pending" "$state/manifest.new"
  [ ! -f made ] || sort -rz made | xargs -0 -r rmdir -- 2>/dev/null
}}
did() {{
  printf '%s\0' "$1" >>out/done
}}
try() {{
  what=$1
  shift
  "$@" 2>trouble && return
  case $(cat trouble) in
    *"No space left"* | *"quota exceeded"*) fail no_space "$what: the node has no space left there; make room and run again";;
    *"Read-only file system"*) fail read_only "$what: it is on a read-only filesystem of the node";;
    *) fail write_failed "$what: $(tail -n 1 trouble)";;
  esac
}}
lock() {{
  mkdir -p -m 0700 "$state" "$state/saved" || fail write_failed "$state cannot be made"
  exec 7>>"$state/lock"
  flock -w {PATIENCE} 7 || fail locked "another run holds the node since {PATIENCE} seconds: $(cat "$state/lock")"
  printf '%s' "$1" >"$state/lock"
  clean
}}
unchanged() {{
  observe now
  [ "$(sha256sum <now/state | cut -c 1-64)" = "$1" ] || exit {CHANGED_MEANWHILE}
}}
fetch() {{
  rm -f answer
  curl --config "$2" --output answer 2>trouble || fail fetch_failed "$1: $(tail -n 1 trouble)"
  [ -f answer ] || : >answer
  case $4 in
    gzip) gzip -dc <answer >"pieces.$3" 2>trouble || fail fetch_failed "$1: what was fetched is no whole gzip";;
    *) mv answer "pieces.$3";;
  esac
  [ -z "$5" ] || [ "$("${{5%%-*}}sum" <"pieces.$3" | cut -d ' ' -f 1)" = "${{5#*-}}" ] ||
    fail hash_mismatch "$1: what was fetched does not have the verification hash"
}}
folder() {{
  printf '%s\0' "$1" >>made
  try "$1" mkdir -- "$1"
}}
dress() {{
  try "$1" chown -h -- "$3" "$1"
  try "$1" chmod -- "$2" "$1"
}}
save() {{
  try "$1" cp -- "$1" "$state/saved/$2.new"
  try "$1" mv -f -- "$state/saved/$2.new" "$state/saved/$2"
}}
save_head() {{
  try "$1" head -c "-$3" -- "$1" >"$state/saved/$2"
}}
backup() {{
  name="$1.$(date +%Y-%m-%d@%H:%M:%S~)"
  try "$1" cp -p -- "$1" "$name"
  printf '%s\0' "$name" >>out/backups
}}
unpack() {{
  try "the files" tar -C / -xmpf files.tar --numeric-owner
}}
compose() {{
  path=$1 number=$2 temporary=$3 mode=$4 owner=$5
  shift 5
  : >composed
  for part; do
    try "$path" cat -- "$part" >>composed
  done
  try "$path" cp -- composed "$temporary"
  dress "$temporary" "$mode" "$owner"
  sed -i "s/computed:$number:/$(sha256sum <composed | cut -c 1-64)/" manifest
}}
soft() {{
  try "$1" ln -s -- "$3" "$2"
  try "$1" chown -h -- "$4" "$2"
}}
hard() {{
  try "$1" ln -- "$3" "$2"
}}
settle() {{
  xargs -0 -r sh -c 'find "$@" -maxdepth 0 -type f -print0' sh <"$state/pending" 2>/dev/null | xargs -0 -r sync -- 2>/dev/null
}}
record() {{
  try "the manifest" cp manifest "$state/manifest.new"
  try "the manifest" sync "$state/manifest.new"
  try "the manifest" mv -f "$state/manifest.new" "$state/manifest.json"
  rm -f made
}}
commit() {{
  try "$2" mv -fT -- "$1" "$2"
  did "$2"
}}
remove() {{
  vendor={observe.VENDOR}$1
  case $1 in
    /etc/*)
      if [ -e "$vendor" ] || [ -L "$vendor" ]; then
        try "$1" cp -a -- "$vendor" "$2"
        commit "$2" "$1"
        return
      fi;;
  esac
  try "$1" rm -f -- "$1"
  did "$1"
}}
restore() {{
  try "$1" cp -- "$state/saved/$3" "$2"
  dress "$2" "$4" "$5"
  commit "$2" "$1"
  rm -f "$state/saved/$3"
}}
rid() {{
  rmdir -- "$1" 2>/dev/null && did "$1"
}}
retire() {{
  systemctl disable --now --no-reload -- "$1" >/dev/null 2>trouble || systemctl stop -- "$1" >/dev/null 2>&1
}}
reload() {{
  try "systemd" systemctl daemon-reload
}}
unit() {{
  verb=$1 unit=$2
  systemctl --no-ask-password "$verb" -- "$unit" >/dev/null 2>trouble && {{ did "$verb $unit"; return; }}
  {{
    printf '%s of %s failed: %s\n' "$verb" "$unit" "$(head -n 1 trouble)"
    [ "$verb" != start ] || journalctl --no-pager -q -o cat -n 10 -u "$unit" 2>/dev/null
  }} >>out/units
}}
"""


class Outcome(t.NamedTuple):
    """What a run did: the things in their order, the names of backups, and what systemd refused, as lines."""

    done: list[str]
    backups: list[str]
    units: str


def script(
    plan: Plan, questions: observe.Questions, state: str, who: str, functions: str = ""
) -> tuple[str, dict[str, bytes]]:
    """The script and its members. state is that of the observation on which the plan stands; who is for other runs."""
    text, members = observe.script(questions)
    start = [call("lock", who), call("unchanged", state), 'cp pending.new "$state/pending"']
    lines = [_SCRIPT, functions, text, *start]
    for phase in PHASES:
        if phase == "folders":
            lines += _folders(plan)
        if phase == "stage" and plan.staged:
            lines.append("unpack")
        if phase == "record":
            lines += ["settle", "record"]
        lines += plan.calls[phase]
    lines += ['rm -f "$state/pending"', ""]
    members |= plan.members
    members["manifest"] = dump(plan.records)
    members["pending.new"] = b"".join(name.encode("utf-8", "surrogateescape") + b"\0" for name in plan.temporaries)
    if plan.staged:
        members["files.tar"] = _tar(plan)
    return "\n".join(lines), members


def outcome(rc: int, files: Mapping[str, bytes]) -> Outcome:
    """What the answer of the script says. Raises NodeError with what was done until it failed."""
    done, backups = (
        files.get(name, b"").decode("utf-8", "surrogateescape").split("\0")[:-1] for name in ("done", "backups")
    )
    if rc == FAILED:
        message = files.get("message", b"").decode("utf-8", "replace")
        code = files.get("code", b"write_failed").decode()
        raise NodeError(code, message, {"done": done, "changed": bool(done)})
    return Outcome(done, backups, files.get("units", b"").decode("utf-8", "replace"))


def unit_error(found: Outcome) -> NodeError | None:
    """What systemd refused, as an error; everything else of the run was done."""
    if not found.units:
        return None
    what = f"the description is in place, but systemd refused a part{tail(found.units, 12)}"
    return NodeError("unit_failed", f"{what}. Mend the unit, and run again", {"done": found.done, "changed": True})


def _folders(plan: Plan) -> list[str]:
    lines = []
    for path, dress in sorted(plan.folders.items()):
        lines.append(call("folder", path))
        if dress:
            lines.append(call("dress", path, *dress))
    return lines


def _tar(plan: Plan) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for staged in plan.staged:
            entry = tarfile.TarInfo(staged.path.lstrip("/"))
            entry.size, entry.mode, entry.uid, entry.gid = len(staged.data), staged.mode, staged.uid, staged.gid
            archive.addfile(entry, io.BytesIO(staged.data))
    return buffer.getvalue()
