# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""One program on a node: the script that runs it, and what came of it."""

from __future__ import annotations

import re
import shlex
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._node.bootstrap import tail
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError

#: The member of the payload that becomes the program's standard input.
STDIN = "stdin"
#: Seconds that a program has to end by itself when its time is over.
GRACE = 10

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: The exit statuses of timeout(1) when the time is over: the program has ended, or was killed.
_OVER = (124, 137)


class Outcome(t.NamedTuple):
    """rc is None where the program was not run, since what it creates is there. seconds are how long it ran."""

    rc: int | None
    stdout: bytes
    stderr: bytes
    seconds: int


def look_script(creates: str) -> str:
    """Looks only whether what the program creates is there."""
    return f"{_unless(creates)}echo 0 >out/rc\n"


def script(argv: t.Sequence[str], environment: t.Mapping[str, str], timeout: int, creates: str = "") -> str:
    """Runs the program, unless creates is a path that is there. Raises NodeError for a name that is no variable's."""
    wrong = [name for name in environment if not _NAME.fullmatch(name)]
    if wrong:
        raise NodeError("bad_option", f"environment: {wrong[0]!r} is no name of a variable")
    # Not among the arguments of a program: values may be secret.
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
    return f"""
{_unless(creates)}folder=$PWD
[ -e "$folder/{STDIN}" ] || : >"$folder/{STDIN}"
begun=$(cut -d . -f 1 /proc/uptime)
{exports}cd /
timeout -k {GRACE} {timeout} {shlex.join(argv)} <"$folder/{STDIN}" >"$folder/out/stdout" 2>"$folder/out/stderr"
echo "$?" >"$folder/out/rc"
echo "$(($(cut -d . -f 1 /proc/uptime) - begun))" >"$folder/out/seconds"
"""


def _unless(creates: str) -> str:
    path = shlex.quote(creates)
    return f"if [ -e {path} ] || [ -L {path} ]; then exit 0; fi\n" if creates else ""


def parse(files: t.Mapping[str, bytes]) -> Outcome:
    """What the script has written."""
    rc = int(files["rc"]) if "rc" in files else None
    return Outcome(rc, files.get("stdout", b""), files.get("stderr", b""), int(files.get("seconds", b"0")))


def failure(
    outcome: Outcome, program: str, timeout: int, success: t.Collection[int], *, secret: bool
) -> NodeError | None:
    """What is wrong with the outcome, if anything; secret: without a word of what the program wrote."""
    if outcome.rc is None or outcome.rc in success:
        return None
    said = "; secret_output hides what it said" if secret else tail(outcome.stderr.decode(errors="replace"))
    if outcome.rc in _OVER and outcome.seconds >= timeout:
        return NodeError("timeout", f"{program} has not ended within {timeout} s and was stopped{said}")
    return NodeError("command_failed", f"{program} failed with the exit status {outcome.rc}{said}")
