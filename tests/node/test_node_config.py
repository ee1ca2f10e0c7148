# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""node_config on running nodes: each state twice and in check mode."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.tests.node.play import Played, Player

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


def config(**options: t.Any) -> dict[str, t.Any]:
    return {
        "name": "config",
        "become": True,
        "flatops.flatcar.node_config": {"name": "app", "butane": BUTANE, **options},
    }


def look(command: str) -> dict[str, t.Any]:
    return {"name": "look", "become": True, "ansible.builtin.raw": command, "changed_when": False}


def of(played: Played, task: str = "config") -> dict[str, t.Any]:
    found = [result for result in played.results if result.task == task]
    assert found, played.output
    return found[-1].result


def test_present_and_absent(play: Player) -> None:
    before = of(play([look("cat /etc/motd /etc/issue; ls -A /etc /opt /etc/systemd/system")], hosts="node1"), "look")
    checked = play([config()], hosts="node1", check=True, diff=True)
    assert of(checked)["changed"] and checked.rc == 0, checked.output
    first = play([config()], hosts="node1")
    assert first.rc == 0, first.output
    assert of(first)["paths"] == of(checked)["paths"]
    second = play([config()], hosts="node1", diff=True)
    assert not of(second)["changed"], __import__("json").dumps(of(second))
    seen = of(
        play([look("cat /run/hello /etc/motd; tail -n 1 /etc/issue; systemctl is-enabled hello")], hosts="node1"),
        "look",
    )
    assert seen["stdout"].split() == ["hello", "ours", "appended", "enabled"]
    gone = play([config(state="absent")], hosts="node1")
    assert gone.rc == 0 and of(gone)["changed"] and not of(gone)["left"], gone.output
    after = of(play([look("cat /etc/motd /etc/issue; ls -A /etc /opt /etc/systemd/system")], hosts="node1"), "look")
    assert after["stdout"] == before["stdout"]
    again = play([config(state="absent")], hosts="node1")
    assert not of(again)["changed"], again.output


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
    options = {"butane": ACCOUNTS, "name": "accounts", "merge": ["/etc/flatcar/update.conf"]}
    state = look(
        "cat /etc/passwd /etc/group /etc/shadow /oem/grub.cfg /etc/flatcar/update.conf ~core/.ssh/authorized_keys; ls -ln /etc/app.conf"
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
    assert of(gone, "look")["stdout"].splitlines()[:-1] == before.splitlines()[:-1]
