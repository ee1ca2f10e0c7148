# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""node_config on running nodes: each state twice and in check mode."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.tests.node import steps
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.node.steps import look, of

BUTANE = """
variant: flatcar
version: 1.1.0
storage:
  directories:
    - path: /etc/app
      mode: 0750
      user: {name: core}
  files:
    - path: "/etc/app/a b'ü\\nc.conf"
      mode: 0640
      group: {name: core}
      contents: {inline: "one\\ntwo\\n"}
    - path: /opt/deep/er/motd
      contents: {inline: "hello\\n"}
    - path: /etc/motd
      overwrite: true
      contents: {inline: "ours\\n"}
    - path: /etc/issue
      append: [{inline: "appended\\n"}]
  links:
    - path: /etc/app/link
      target: "a b'ü\\nc.conf"
    - path: /opt/hard
      target: /opt/deep/er/motd
      hard: true
systemd:
  units:
    - name: hello.service
      enabled: true
      contents: |
        [Service]
        Type=oneshot
        RemainAfterExit=true
        ExecStart=/bin/sh -c 'echo hello >/run/hello'
        [Install]
        WantedBy=multi-user.target
      dropins:
        - name: 10-x.conf
          contents: |
            [Service]
            Environment=A=1
    - name: systemd-timesyncd.service
      mask: true
"""


def config(**options: t.Any) -> steps.Task:
    return steps.config(**{"name": "app", "butane": BUTANE, **options})


LISTED = "cat /etc/motd /etc/issue; ls -A /etc /opt /etc/systemd /etc/systemd/system"


def test_present_and_absent(play: Player) -> None:
    before = of(play([look(LISTED)], hosts="node1"), "look")
    checked = play([config()], hosts="node1", check=True, diff=True)
    assert of(checked)["changed"] and checked.rc == 0, checked.output
    first = play([config()], hosts="node1")
    assert first.rc == 0, first.output
    assert of(first)["paths"] == of(checked)["paths"]
    second = play([config()], hosts="node1", diff=True)
    assert not of(second)["changed"], of(second)
    seen = of(
        play([look("cat /run/hello /etc/motd; tail -n 1 /etc/issue; systemctl is-enabled hello")], hosts="node1"),
        "look",
    )
    assert seen["stdout"].split() == ["hello", "ours", "appended", "enabled"]
    gone = play([config(state="absent")], hosts="node1")
    assert gone.rc == 0 and of(gone)["changed"] and not of(gone)["left"], gone.output
    after = of(play([look(LISTED)], hosts="node1"), "look")
    assert after["stdout"] == before["stdout"]
    again = play([config(state="absent")], hosts="node1")
    assert not of(again)["changed"], again.output
