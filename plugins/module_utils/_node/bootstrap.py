# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The command that takes a payload on the node and runs its script, and what the command prints.

The node needs sh, coreutils, tar, gzip and util-linux. Nothing runs before all of the payload has arrived. From then
on neither a lost connection nor a signal to the command's processes stops the script, which has a session of its own.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import shlex
import tarfile
import typing as t
import zlib

from .errors import NodeError

RUNTIME = "/run"
STATE = "/var/lib"
#: Bytes from which a payload goes to STATE: RUNTIME lies in memory.
LARGE = 100 << 20

# It goes through one or two levels of single quotes, which is why it has none.
#
# A folder belongs to a run while somebody holds the lock in it, so what nobody holds is left from a run that was
# killed. Folders are made and swept under one lock, lest a folder be swept that has no lock yet.
#
# A terminal has no end, so that it is read until nothing has come for 2 s. sudo 1.9.16 with use_pty, the default since
# 1.9.14, spins for ever when its command ends while so much of the input is unread that the terminal's buffer is full.
#
# The traps are handlers, which children do not inherit: `timeout` works in a script.
_COMMAND = """
flatops() {
  umask 077;
  export LC_ALL=C PATH="${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin";
  echo flatops-begin;
  if [ "$from" = - ] && [ -t 0 ]; then
    stty raw -echo min 0 time 20;
    cat >/dev/null;
    echo flatops-failed terminal;
    return;
  fi;
  for t in base64 cat flock gzip mkdir mktemp rm setsid stat tar; do
    command -v "$t" >/dev/null || { flatops_failed missing_tool "$t"; return; };
  done;
  [ -w "$runtime" ] || { flatops_failed not_root; return; };
  exec 8>"$runtime/flatops.lock";
  flock 8;
  for o in "$runtime"/flatops.???????? "$state"/flatops-staging.????????; do
    [ ! -d "$o" ] || flock -n "$o/.lock" rm -rf "$o";
  done;
  d="$runtime/flatops.XXXXXXXX";
  set -- $(stat -f -c "%a %S" "$runtime");
  if [ "$size" -gt "$large" ] || [ $(($1 * $2)) -lt $((2 * size)) ]; then d="$state/flatops-staging.XXXXXXXX"; fi;
  e=$(mktemp -d "$d" 2>&1) || { echo "$e" >&2; flatops_failed no_space "${d%/*}"; return; };
  d=$e;
  trap "rm -rf $d; exit 1" HUP INT TERM PIPE;
  exec 9>"$d/.lock";
  flock 9;
  exec 8>&-;
  if e=$(tar -xmf "$from" --no-same-owner -C "$d" 2>&1) && [ -e "$d/END" ]; then
    trap : HUP INT TERM PIPE;
  else
    rm -rf "$d";
    echo "$e" >&2;
    case "$e" in
      *"No space left"* | *"Wrote only"* | *"quota exceeded"*) flatops_failed no_space "${d%/*}";;
      *) flatops_failed upload_cut;;
    esac;
    return;
  fi;
  [ "$from" = - ] || rm -f "$from";
  mkdir "$d/out";
  (umask 022; cd "$d" && exec setsid -w sh run </dev/null >out/.stdout 2>out/.stderr);
  e=$?;
  echo flatops-answer;
  tar -cf - -C "$d/out" . | gzip -1 | base64 -w 0;
  echo;
  rm -rf "$d";
  echo "flatops-end $e";
};
flatops_failed() {
  [ "$from" != - ] || cat >/dev/null;
  echo "flatops-failed $*";
};
flatops
"""
_COMMAND = " ".join(line.strip() for line in _COMMAND.splitlines() if line)


class Answer(t.NamedTuple):
    """What a script gave back: its exit status, the files it wrote to `out`, and what it printed."""

    rc: int
    files: dict[str, bytes]
    stdout: str
    stderr: str


def command(size: int, archive: str = "-", *, runtime: str = RUNTIME, state: str = STATE) -> str:
    """The shell command for a payload of size bytes, which comes on stdin or lies in the file archive.

    runtime and state are the folders below which the payload is unpacked, the latter if it is large.
    """
    values = {"from": archive, "size": size, "large": LARGE, "runtime": runtime, "state": state}
    given = " ".join(f"{name}={shlex.quote(str(value))};" for name, value in values.items())
    return f"{given} {_COMMAND}"


def began(stdout: str) -> bool:
    """Whether the command was run at all."""
    return "flatops-begin" in stdout


def on_terminal(stdout: str) -> bool:
    """Whether the command's stdin was a terminal, which damages a payload, so that it did nothing."""
    return "flatops-failed terminal" in stdout


def parse(stdout: str, stderr: str) -> Answer:
    """The answer in what the command printed, wherever other programs printed something. Raises NodeError."""
    lines = [line.strip() for line in stdout.splitlines()]
    failed = next((line.split()[1:] for line in lines if line.startswith("flatops-failed ")), None)
    if failed:
        raise _failure(failed[0], " ".join(failed[1:]), stderr)
    try:
        at = lines.index("flatops-answer")
        end = next(line for line in lines[at:] if line.startswith("flatops-end "))
    except (ValueError, StopIteration):
        raise NodeError(
            "no_answer",
            f"the command ended before it answered, so it is unknown how much of it was done{tail(stderr or stdout)}",
        ) from None
    try:
        files = _unpack(gzip.decompress(base64.b64decode(lines[at + 1], validate=True)))
        rc = int(end.split()[1])
    except (binascii.Error, EOFError, OSError, ValueError, tarfile.TarError, zlib.error) as error:
        raise NodeError("bad_answer", f"the answer of the node is damaged: {error}{tail(stderr)}") from None
    texts = [files.pop(name, b"").decode(errors="replace") for name in (".stdout", ".stderr")]
    return Answer(rc, files, *texts)


def tail(text: str, lines: int = 5) -> str:
    """The last lines of a text as the end of a message, or nothing."""
    found = [line.strip() for line in text.splitlines() if line.strip()][-lines:]
    return ": " + "; ".join(found) if found else ""


def _unpack(data: bytes) -> dict[str, bytes]:
    files = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for entry in archive:
            stream = archive.extractfile(entry) if entry.isreg() else None
            if stream:
                files[entry.name.removeprefix("./")] = stream.read()
    return files


def _failure(code: str, about: str, stderr: str) -> NodeError:
    return NodeError(
        code,
        {
            "missing_tool": f"the node has no program {about}, which every Flatcar node has",
            "not_root": "this works as root only; use `become: true`",
            "no_space": f"{about} of the node has no space for what was sent; make room there{tail(stderr)}",
            "upload_cut": f"the upload was cut, and nothing was done; run it again{tail(stderr)}",
        }.get(code, f"{code} {about}{tail(stderr)}"),
    )
