# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""node_config killed on the node at one step after the other: the next run makes good what it left."""

from __future__ import annotations

import os
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node import trap
from ansible_collections.flatops.flatcar.tests.node.play import Player, Result
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes

#: Every how many-th step of a run is killed. CRASH_STEP=1 takes all, in five minutes.
STEP = int(os.environ.get("CRASH_STEP", "5"))

ONE = """
variant: flatcar
version: 1.1.0
storage:
  directories:
    - path: /opt/crash
      mode: 0750
  files:
    - path: /opt/crash/kept
      contents: {inline: "one\\n"}
    - path: /opt/crash/deep/er/gone
      mode: 0600
      user: {name: crash}
      contents: {inline: "gone\\n"}
    - path: /etc/motd
      overwrite: true
      contents: {inline: "ours\\n"}
    - path: /etc/issue
      append: [{inline: "one\\n"}]
    - path: /var/theirs
      overwrite: true
      contents: {inline: "ours\\n"}
  links:
    - path: /opt/crash/link
      target: kept
    - path: /opt/crash/hard
      target: kept
      hard: true
passwd:
  users:
    - name: crash
      ssh_authorized_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJfZ0o1E1z3m0bQjzj0pZ1W8yqTqk3mXG3mN8l3y5Y1a one]
systemd:
  units:
    - name: crash1.service
      enabled: true
      contents: |
        [Service]
        Type=oneshot
        RemainAfterExit=true
        ExecStart=/bin/true
        [Install]
        WantedBy=multi-user.target
      dropins:
        - name: 10-x.conf
          contents: |
            [Service]
            Environment=A=1
    - name: crash3.service
      mask: true
"""
TWO = """
variant: flatcar
version: 1.1.0
storage:
  directories:
    - path: /opt/crash
      mode: 0700
  files:
    - path: /opt/crash/kept
      contents: {inline: "two\\n"}
    - path: /opt/crash/new/one
      contents: {inline: "new\\n"}
    - path: /etc/issue
      append: [{inline: "two\\n"}]
  links:
    - path: /opt/crash/link
      target: new/one
systemd:
  units:
    - name: crash1.service
      enabled: true
      contents: |
        [Service]
        Type=oneshot
        RemainAfterExit=true
        ExecStart=/bin/echo two
        [Install]
        WantedBy=multi-user.target
    - name: crash2.service
      enabled: true
      contents: |
        [Service]
        Type=oneshot
        RemainAfterExit=true
        ExecStart=/bin/true
        [Install]
        WantedBy=multi-user.target
"""
TURNS = {"one": {"butane": ONE}, "two": {"butane": TWO}, "none": {"butane": "", "state": "absent"}}

#: Everything that the descriptions reach, and what a run that was killed may leave.
LOOK = r"""
  set -- /opt /etc/motd /etc/issue /etc/systemd /var/theirs /home/crash /var/lib/flatops /var/lib/flatops-staging.*
  set -- "$@" /run/flatops.????????
  find "$@" -not -path /var/lib/flatops/lock -not -name manifest.json \( \
    -type f -printf '%p %m %U:%G %n ' -exec sha256sum {} \; -o -printf '%p %m %U:%G %l\n' \) 2>/dev/null | sort
  find / /etc -xdev -name '.flatops*'
  getent passwd crash; getent shadow crash | cut -d : -f 1,2
  for unit in crash1 crash2 crash3; do
    systemctl show -p Id -p LoadState -p ActiveState -p UnitFileState -p NeedDaemonReload $unit
  done
  # An invocation is another one each time.
  sed 's/\("crash[0-9].service": \)"[0-9a-f]*"/\1/' /var/lib/flatops/manifest.json
"""


def round_of(number: int) -> list[dict[str, t.Any]]:
    """One turn after the other, each killed at the step in `at` and then run twice."""
    found: list[dict[str, t.Any]] = []
    for turn, options in TURNS.items():
        setting = trap.setting(f"{{{{ at[inventory_hostname][{number}] }}}}:", "kill")
        # The home of a user who is removed stays.
        start = f"{setting}; getent passwd crash >/dev/null || rm -rf /home/crash"
        config = {"flatops.flatcar.node_config": {"name": "crash", **options}}
        found += [
            {"name": f"{turn} start", "ansible.builtin.raw": start},
            {"name": f"{turn} killed", **config, "ignore_errors": True},
            {"name": f"{turn} mended", **config},
            {"name": f"{turn} again", **config},
            {"name": f"{turn} look", "ansible.builtin.raw": f"wc -l </run/trap/calls\n{LOOK}"},
        ]
    return found


class Turn(t.NamedTuple):
    """What the tasks of a turn gave. calls are those of all runs, looked what is there in the end."""

    killed: Result
    mended: Result
    again: Result
    calls: int
    looked: list[str]


def turns(results: list[Result]) -> list[Turn]:
    found = []
    for start in range(0, len(results), 5):
        calls, *looked = results[start + 4].result["stdout_lines"]
        killed, mended, again = results[start + 1 : start + 4]
        found.append(Turn(killed, mended, again, int(calls), looked))
    return found


@pytest.mark.one_core
def test_killed_at_each_step(play: Player, nodes: Nodes) -> None:
    names = [node.name for node in nodes.nodes]
    with trap.trapped(nodes, *names):
        for name in names:
            trap.run(nodes, name, "echo theirs >/var/theirs; chmod 0640 /var/theirs")
        clean = play(round_of(0), variables={"at": {"node1": [0]}}, hosts="node1")
        assert clean.rc == 0, clean.output
        expected = turns(clean.of("node1"))
        every = range(1, max(turn.calls for turn in expected) + 1, STEP)
        at = {name: [*every[index :: len(names)], 0] for index, name in enumerate(names)}
        tasks = [task for number in range(len(at[names[-1]])) for task in round_of(number)]
        played = play(tasks, variables={"at": at}, env={"ANSIBLE_STRATEGY": "free"})
    assert played.rc == 0, played.output
    for name in names:
        for number, turn in enumerate(turns(played.of(name))):
            wanted = expected[number % len(TURNS)]
            where = f"{name} {turn.killed.task} at {at[name][number // len(TURNS)]}: {turn}"
            assert turn.looked == wanted.looked, (where, set(turn.looked) ^ set(wanted.looked))
            assert not turn.again.changed, where
            if turn.killed.failed:
                assert turn.killed.result["error_code"] == "no_answer", where
                assert turn.mended.result["restart"] == wanted.killed.result["restart"], where
            else:
                assert not turn.mended.changed, where
