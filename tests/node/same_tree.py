# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fragment of a role on a new machine by the real Ignition, and on a running node by node_config: one tree."""

from __future__ import annotations

import base64
import json
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.fragments import Fragment, render
from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.node.roles import Variables, fragment, rendered
from ansible_collections.flatops.flatcar.tests.node.steps import Task, look, of, succeeded
from ansible_collections.flatops.flatcar.tests.standins.node import first_boot, ignition_tree
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin
from ansible_collections.flatops.flatcar.tests.standins.node.first_boot import PLACES, PRESETS, Made

#: What every boot writes anew, or node_config for itself.
OWN = re.compile(
    r"etc/(\.ignition-result\.json|\.pwd\.lock|machine-id|hostname|resolv\.conf|mtab|ssh/ssh_host_.*|\.updated"
    r"|(passwd|group|shadow|gshadow|subuid|subgid)-?)|home/(core|admin)/\.ssh/authorized_keys(\.d/ignition)?"
    r"|var/lib/flatops|" + re.escape(PRESETS)
)
_LIST = f"{{ sh -s / {' '.join(PLACES)} <<'END'\n{ignition_tree.LISTING}\nEND\n}} | base64 -w 0"
#: What was at a path before and after, or None.
Changes = dict[str, tuple[t.Optional[ignition_tree.Entry], t.Optional[ignition_tree.Entry]]]


def same_tree(
    nodes: standin.Nodes,
    play: Player,
    role: str,
    variables: Variables,
    *,
    host: str = "node1",
    written: str = r"(?!)",
) -> Played:
    """Apply the role's fragment to a node twice and take it back, beside a first boot with it.

    Asserts that both make the same, that the second time changes nothing, and that nothing is left in the end. written
    is a pattern for paths (without / at their beginning) that the role's units write when they run. Returns the run,
    of which the tasks are `config`, `again` and `absent`.
    """
    butane = fragment(role)
    played = play(
        [
            rendered(role),
            *_looks("before"),
            _config("config", butane),
            _config("again", butane),
            *_looks("after"),
            _config("absent", butane, state="absent"),
            *_looks("end"),
        ],
        hosts=host,
        variables=variables,
    )
    succeeded(played)
    login = standin.config(nodes.key.with_suffix(".pub").read_text().strip())
    config = render([Fragment(login), Fragment(of(played, "rendered")["content"])]).text
    bare, made = (first_boot.made(nodes.layers, given) for given in (login, json.loads(config)))
    booted = _changes(bare, made)
    before, after, end = (_made(played, label) for label in ("before", "after", "end"))
    assert booted, "the fragment makes nothing"
    # Much writes to /var; there only what the fragment names counts.
    others = re.compile(rf"var/.*|{written}")
    applied, left = (_counting(_changes(before, later), booted, others) for later in (after, end))
    wanted = {path: booted[path][1] if path in booted else before.entries.get(path) for path in {*booted, *applied}}
    got = {path: after.entries.get(path) for path in wanted}
    different = {path: (wanted[path], got[path]) for path in sorted(wanted) if wanted[path] != got[path]}
    assert not different, f"at a first boot and on a node: {different}"
    assert {*after.presets} - {*before.presets} == {*made.presets} - {*bare.presets}, (after.presets, made.presets)
    assert not of(played, "again")["changed"], of(played, "again")
    assert not of(played, "absent")["left"], of(played, "absent")
    assert not left and end.presets == before.presets, (left, end.presets)
    return played


def _config(label: str, butane: str, **options: t.Any) -> Task:
    return {"name": label, "become": True, "flatops.flatcar.node_config": {"butane": butane, **options}}


def _looks(label: str) -> list[Task]:
    return [look(_LIST, label), look(f"cat /{PRESETS} 2>/dev/null || true", f"{label}, presets")]


def _made(played: Played, label: str) -> Made:
    entries = ignition_tree.entries(base64.b64decode(of(played, label)["stdout"]))
    return Made(entries, sorted(of(played, f"{label}, presets")["stdout"].splitlines()))


def _changes(before: Made, after: Made) -> Changes:
    paths = {*before.entries, *after.entries}
    pairs = {path: (before.entries.get(path), after.entries.get(path)) for path in paths if not OWN.fullmatch(path)}
    return {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}


def _counting(changes: Changes, named: Changes, others: re.Pattern[str]) -> Changes:
    return {path: pair for path, pair in changes.items() if path in named or not others.fullmatch(path)}
