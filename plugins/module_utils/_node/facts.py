# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The facts of a node: one script that asks, and what its answers say. What a node does not have is None."""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Mapping

from . import facts_services, facts_system, facts_time, facts_update

T = t.TypeVar("T")

#: What can be left out; the rest is always gathered.
SUBSETS = ("runtime", "network", "kubelet", "ignition", "journal")

# A program that hangs costs ten seconds, and its section. What it prints counts, whatever its exit status is.
_PUT = r"""
put() {
  name=$1
  shift
  command -v "$1" >/dev/null || return 0
  timeout -s KILL 10 "$@" >"out/$name" 2>/dev/null
  [ -s "out/$name" ] || rm -f "out/$name"
}
"""
_ALWAYS = (facts_system.SCRIPT, facts_update.SCRIPT, facts_time.SCRIPT)
_SCRIPTS = {
    "runtime": facts_services.RUNTIME,
    "network": facts_services.NETWORK,
    "kubelet": facts_services.KUBELET,
    "ignition": facts_system.IGNITION,
    "journal": "put journal journalctl -q -b -p err --no-pager -o short-iso -n {lines}\n",
}


def chosen(subsets: Collection[str]) -> list[str]:
    """The subsets that words of an option name: "all" is all of them, "min" none."""
    return [name for name in SUBSETS if name in subsets or "all" in subsets]


def script(subsets: Collection[str], journal_lines: int) -> str:
    """The script for some of SUBSETS. journal_lines is how many lines of the journal come at most."""
    parts = [_SCRIPTS[name].replace("{lines}", str(journal_lines)) for name in SUBSETS if name in subsets]
    return "".join([_PUT, *_ALWAYS, *parts, "exit 0\n"])


def facts(files: Mapping[str, bytes], subsets: Collection[str], gathered_at: str) -> dict[str, t.Any]:
    """What the script's answers say."""
    texts = {name: data.decode(errors="replace") for name, data in files.items()}
    extensions = _told(facts_update.sysexts, texts)
    changed = [entry["name"] for entry in extensions or [] if not entry["current"]]
    found: dict[str, t.Any] = {
        "gathered_at": gathered_at,
        **facts_system.system(texts),
        "disks": _told(facts_system.disks, texts),
        "update_engine": _told(facts_update.update, texts),
        "sysexts": extensions,
        "reboot": facts_update.reboot(texts, changed),
        "time": _told(facts_time.time_source, texts),
    }
    sections = {
        "runtime": ("container_runtimes", facts_services.runtime),
        "network": ("network", facts_services.network),
        "kubelet": ("kubelet", facts_services.kubelet),
        "ignition": ("ignition", facts_system.ignition),
        "journal": ("journal", facts_system.journal),
    }
    return {**found, **{name: _told(read, texts) for subset, (name, read) in sections.items() if subset in subsets}}


def _told(read: t.Callable[[facts_system.Texts], T], texts: facts_system.Texts) -> T | None:
    """What a program told; None where it told something else than it does in any version we know."""
    try:
        return read(texts)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None
