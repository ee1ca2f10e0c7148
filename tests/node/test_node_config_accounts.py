# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users, groups, keys, kernel arguments and KEY=value files on a running node."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.node.steps import config, look, of

ACCOUNTS = """
variant: flatcar
version: 1.1.0
kernel_arguments:
  should_exist: [flatcar.autologin=off, quiet]
passwd:
  groups:
    - name: appers
      gid: 4711
  users:
    - name: app
      uid: 4712
      groups: [appers, sudo]
      shell: /bin/sh
      password_hash: $6$x$y
      ssh_authorized_keys: [ssh-ed25519 AAAA app]
    - name: core
      ssh_authorized_keys: [ssh-ed25519 AAAB more]
storage:
  files:
    - path: /etc/flatcar/update.conf
      contents: {inline: "REBOOT_STRATEGY=off\\n"}
    - path: /etc/app.conf
      user: {name: app}
      group: {name: appers}
      contents: {inline: "x\\n"}
"""


def test_accounts_arguments_and_values(play: Player) -> None:
    options: dict[str, t.Any] = {"butane": ACCOUNTS, "name": "accounts", "merge": ["/etc/flatcar/update.conf"]}
    state = look(
        "cat /etc/passwd /etc/group /etc/shadow ~core/.ssh/authorized_keys;"
        "cat /oem/grub.cfg /etc/flatcar/update.conf; ls -ln /etc/app.conf; true"
    )
    before = of(play([state], hosts="node1"), "look")["stdout"]
    checked = play([config(**options)], hosts="node1", check=True)
    assert checked.rc == 0 and of(checked)["changed"] and of(checked)["reboot_required"], checked.output
    first = play([config(**options), state, config(**options)], hosts="node1", diff=True)
    assert first.rc == 0, first.output
    assert not of(first)["changed"], of(first)
    assert "$6$x$y" not in first.output.partition("TASK [look]")[0]
    shown = of(first, "look")["stdout"]
    assert "4712 4711" in shown and "AAAB" in shown and "REBOOT_STRATEGY=off" in shown and "quiet" in shown
    gone = play([config(**options, state="absent"), state], hosts="node1")
    assert gone.rc == 0, gone.output
    assert of(gone, "look")["stdout"].split() == before.split()
