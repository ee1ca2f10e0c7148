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
from ansible_collections.flatops.flatcar.plugins.module_utils._node.nodes import PIECES
from ansible_collections.flatops.flatcar.plugins.module_utils._node.plan import PHASES, Plan, call
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import dump, saved_name

#: Exit statuses of the script.
FAILED, CHANGED_MEANWHILE = 70, 75
#: Seconds to wait for another run on the node.
PATIENCE = 60

# Names are made first, then things: `pending` has the temporary names of a run until it ends, `made` the folders of
# which there is no record yet, so that the next run can sweep what one left that was killed. The manifest is written
# before the first thing is replaced, and says what will be and what there is still to do: of a run that was killed in
# between, the next one finds some things as they shall be, and does the others. With the last thing done, and nothing
# left to sweep, the manifest is written again.
_SCRIPT = rf"""
set -u
umask 022
state={observe.STATE}
pieces={PIECES}
held=
fail() {{
  printf '%s' "$1" >out/code
  shift
  printf '%s' "$*" >out/message
  clean
  exit {FAILED}
}}
clean() {{
  [ "$held" ] || return
  [ ! -f "$state/pending" ] || xargs -0 -r rm -f -- <"$state/pending"
  [ ! -f "$state/made" ] || sort -rz "$state/made" | xargs -0 -r rmdir -- 2>/dev/null
  rm -rf "$state/pending" "$state/made" "$pieces" "$state"/*.new "$state"/saved/*.new
}}
forget() {{
  find "$state/saved" -type f -printf '%f\n' | grep -vxFf saved | (cd "$state/saved" && xargs -r rm -f --)
}}
did() {{
  printf '%s\0' "$1" >>out/done
}}
try() {{
  what=$1
  shift
  "$@" 2>trouble || refuse write_failed "$what"
}}
refuse() {{
  case $(cat trouble) in
    *"No space left"* | *"Wrote only"* | *"quota exceeded"* | *"curl: (23)"*)
      fail no_space "$2: the node has no space left there; make room and run again";;
    *"Read-only file system"*) fail read_only "$2: it is on a read-only filesystem of the node";;
    *) fail "$1" "$2: $(tail -n 1 trouble)";;
  esac
}}
lock() {{
  try "$state" mkdir -p "$state/saved"
  try "$state" chmod 0700 "$state"
  try "$state" touch "$state/lock"
  exec 7>>"$state/lock"
  flock -w {PATIENCE} 7 || fail locked "after {PATIENCE} seconds another run still holds the node: $(cat "$state/lock")"
  held=1
  printf '%s' "$1" >"$state/lock"
  clean
}}
unchanged() {{
  observe now
  [ "$(sha256sum <now/state | cut -c 1-64)" = "$1" ] || exit {CHANGED_MEANWHILE}
}}
fetch() {{
  try "$pieces" mkdir -p "$pieces"
  curl --config "$2" --output "$pieces/answer" 2>trouble || refuse fetch_failed "$1"
  try "$pieces" touch "$pieces/answer"
  case $4 in
    gzip)
      (gzip -dc <"$pieces/answer" >"$pieces/$3") 2>trouble || refuse fetch_failed "$1, which is no whole gzip"
      rm -f "$pieces/answer";;
    *) try "$pieces" mv "$pieces/answer" "$pieces/$3";;
  esac
  [ -z "$5" ] || [ "$("${{5%%-*}}sum" <"$pieces/$3" | cut -d ' ' -f 1)" = "${{5#*-}}" ] ||
    fail hash_mismatch "$1: what was fetched does not have the verification hash"
}}
folder() {{
  printf '%s\0' "$1" >>"$state/made"
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
  try "$1" sh -c 'head -c "-$2" -- "$1" >"$3"' sh "$1" "$3" "$state/saved/$2"
}}
backup() {{
  name="$1.$(date +%Y-%m-%d@%H:%M:%S~)"
  try "$1" cp -p -- "$1" "$name"
  printf '%s\0' "$name" >>out/backups
}}
unpack() {{
  tar -C / -xmpf files.tar --numeric-owner 2>trouble && return
  where=$(sed -n 's,^tar: \(.*\)/\.flatops\..*,/\1,p;q' trouble)
  refuse write_failed "${{where:-the files}}"
}}
compose() {{
  path=$1 digest=$2 temporary=$3 mode=$4 owner=$5
  shift 5
  umask 077
  case $#:${{1-}} in
    1:"$pieces"/*) try "$path" mv -- "$1" "$temporary";;
    *) try "$path" sh -c 'cat -- "$@" >"$0"' "$temporary" /dev/null "$@";;
  esac
  umask 022
  dress "$temporary" "$mode" "$owner"
  sed -i "s/$digest/$(sha256sum <"$temporary" | cut -c 1-64)/" begun manifest
}}
soft() {{
  try "$1" ln -s -- "$3" "$2"
  try "$1" chown -h -- "$4" "$2"
}}
hard() {{
  try "$1" ln -- "$3" "$2"
}}
settle() {{
  xargs -0 -r sh -c 'find "$@" -maxdepth 0 -type f -print0' sh <"$state/pending" 2>/dev/null |
    xargs -0 -r sync -- 2>/dev/null
}}
record() {{
  try "$state" cp -- "$1" "$state/manifest.new"
  try "$state" sync "$state/manifest.new"
  try "$state" mv -f "$state/manifest.new" "$state/manifest.json"
  rm -f "$state/made"
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
}}
rid() {{
  if rmdir -- "$1" 2>/dev/null; then
    did "$1"
  elif [ "$2" = tell ] && [ -d "$1" ]; then
    printf '%s\0' "$1: there is something in it" >>out/left
  fi
}}
retire() {{
  systemctl disable --now --no-reload -- "$1" >/dev/null 2>trouble || systemctl stop -- "$1" >/dev/null 2>&1
  case $1 in *@.*) systemctl stop -- "${{1%%@.*}}@*.${{1##*.}}" >/dev/null 2>&1;; esac
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
    """What a run did: the things in their order, the names of backups, what systemd refused, as lines.

    left is what could not be removed, each with the reason.
    """

    done: list[str]
    backups: list[str]
    left: list[str]
    units: str


def script(
    plan: Plan, questions: observe.Questions, state: str, who: str, functions: str = ""
) -> tuple[str, dict[str, bytes]]:
    """The script and its members. state is that of the observation on which the plan stands; who is for other runs."""
    text, members = observe.script(questions)
    start = [call("lock", who), call("unchanged", state), 'try "$state" cp pending.new "$state/pending"']
    lines = [_SCRIPT, functions, text, *start]
    begun = plan.unfinished() if plan.does_something else plan.records
    for phase in PHASES:
        if phase == "accounts" and plan.calls["accounts"]:
            lines.append("record accounts")
            members["accounts"] = dump(plan.accounts())
        if phase == "folders":
            lines += _folders(plan)
        if phase == "stage" and plan.staged:
            lines.append("unpack")
        if phase == "record":
            lines += ["settle", "record begun"]
        lines += plan.calls[phase]
        if phase == "remove":
            lines += [call("rid", path, tell) for path, tell in _emptied(plan)]
    lines += ["clean", "forget", "[ -e out/units ] || record manifest", ""]
    members |= plan.members
    members["saved"] = "".join(f"{saved_name(key.removeprefix('path '))}\n" for key in plan.records).encode()
    members |= {"begun": dump(begun), "manifest": dump(plan.records)}
    members["pending.new"] = b"".join(name.encode("utf-8", "surrogateescape") + b"\0" for name in plan.temporaries)
    if plan.staged:
        members["files.tar"] = _tar(plan)
    return "\n".join(lines), members


def outcome(rc: int, files: Mapping[str, bytes]) -> Outcome:
    """What the answer of the script says. Raises NodeError with what was done until it failed."""
    done, backups, left = (
        files.get(name, b"").decode("utf-8", "surrogateescape").split("\0")[:-1] for name in ("done", "backups", "left")
    )
    if rc == FAILED:
        message = files.get("message", b"").decode("utf-8", "replace")
        code = files.get("code", b"write_failed").decode()
        raise NodeError(code, message, {"done": done, "changed": bool(done)})
    return Outcome(done, backups, left, files.get("units", b"").decode("utf-8", "replace"))


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


def _emptied(plan: Plan) -> list[tuple[str, str]]:
    """The folders to remove, inner ones first, and what to do about one that is not empty."""
    return [(path, "tell" if tell else "hush") for path, tell in sorted(plan.emptied.items(), reverse=True)]


def _tar(plan: Plan) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for staged in plan.staged:
            entry = tarfile.TarInfo(staged.path.lstrip("/"))
            entry.size, entry.mode, entry.uid, entry.gid = len(staged.data), staged.mode, staged.uid, staged.gid
            archive.addfile(entry, io.BytesIO(staged.data))
    return buffer.getvalue()
