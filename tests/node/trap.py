# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node on which a run of node_config ends, or waits, at a call of its script.

The programs that the script calls to change something are covered by one that counts these calls, and then does what
/run/trap/at says in two lines: `kill` has everything of the run killed instead of a call, as a power cut would; `hold`
makes /run/trap/held, and has the call wait until /run/trap/go is there. The call is the third for `:3:`, and each that
begins so for `:mv -fT`. The calls are in /run/trap/calls.
"""

from __future__ import annotations

import collections.abc
import contextlib
import time

from ansible_collections.flatops.flatcar.tests.standins.node.nodes import PATIENCE, Nodes

PROGRAMS = "cp chpasswd ln mkdir mv rm rmdir sync systemctl tar touch update-ssh-keys useradd userdel"

# Only the script that carries out a plan has a file `begun` beside it. What it has started has its folder; above it
# are the shell that waits for it, and sudo.
_TRAP = r"""#!/bin/sh
program=${0##*/}
if [ -e begun ] && [ -e /run/trap/at ]; then
  { read -r at; read -r what; } </run/trap/at
  echo "$program $*" >>/run/trap/calls
  case ":$(wc -l </run/trap/calls):$program $*" in
    *"$at"*)
      if [ "$what" = hold ]; then
        : >/run/trap/held
        until [ -e /run/trap/go ]; do sleep 0.05; done
      else
        folder=$(readlink /proc/$$/cwd) pid=$$
        while [ "$(cat /proc/$pid/comm)" != sudo ]; do
          above="$pid $above"
          pid=$(sed -n 's/^PPid:\t//p' /proc/$pid/status)
        done
        for process in /proc/[0-9]*; do
          [ "$(readlink "$process/cwd")" != "$folder" ] || above="$above ${process#/proc/}"
        done
        kill -9 $above
      fi;;
  esac
fi
exec "/run/trap/$program" "$@"
"""


@contextlib.contextmanager
def trapped(nodes: Nodes, *names: str) -> collections.abc.Iterator[None]:
    """Nodes with traps, none of which is set yet."""
    set_up = f"""
        mkdir -p /run/trap
        cat >/run/trap/trap <<'END'
{_TRAP}
END
        chmod +x /run/trap/trap
        for program in {PROGRAMS}; do
          cp "$(command -v $program)" /run/trap/
          mount --bind /run/trap/trap "$(command -v $program)"
        done
    """
    take_down = f"""
        touch /run/trap/go
        for program in {PROGRAMS}; do umount "$(command -v $program)"; done
        rm -rf /run/trap
    """
    for name in names:
        done = nodes.run(name, _as_root(set_up))
        assert done.returncode == 0, done.stderr
    try:
        yield
    finally:
        for name in names:
            nodes.run(name, _as_root(take_down))


def setting(at: str, what: str) -> str:
    """The shell command that sets a trap at a call, by its number and a colon, or by how it begins."""
    return f"rm -f /run/trap/calls /run/trap/held /run/trap/go; printf '%s\\n' ':{at}' {what} >/run/trap/at"


def wait(nodes: Nodes, name: str, condition: str) -> None:
    """Wait until a shell condition is true on a node."""
    deadline = time.monotonic() + PATIENCE
    while nodes.run(name, _as_root(condition)).returncode:
        assert time.monotonic() < deadline, f"not within {PATIENCE} s: {condition}"
        time.sleep(0.05)


def run(nodes: Nodes, name: str, script: str) -> str:
    done = nodes.run(name, _as_root(script))
    assert done.returncode == 0, done.stderr
    return done.stdout


def _as_root(script: str) -> str:
    return f"exec sudo -n sh <<'ROOT'\n{script}\nROOT\n"
