# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A first boot by the real Ignition and node_config make the same of one description."""

from __future__ import annotations

import pathlib
import re

from ansible_collections.flatops.flatcar.tests.node.booted import booted
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.standins.node import ignition_tree
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin

# Instances of templates are not in it: to enable one Ignition asks systemd, which does not run yet when the test nodes
# have their first boot.
NOTHING = "variant: flatcar\nversion: 1.0.0\n"
BUTANE = """
variant: flatcar
version: 1.0.0
passwd:
  groups:
    - name: appers
      gid: 4711
    - name: system
      system: true
  users:
    - name: app
      uid: 4712
      primary_group: appers
      groups: [sudo]
      gecos: The app
      home_dir: /opt/home
      shell: /bin/sh
      password_hash: $6$x$y
      ssh_authorized_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOvFNNtmHbFPKZ0rB9R4bA3nNUmbtVkhHhOTRsbJKRtG app]
    - name: daemon-user
      system: true
      no_create_home: true
    - name: core
      groups: [sudo, appers]
storage:
  directories:
    - path: /opt/app
      mode: 0750
      user: {id: 4712}
      group: {name: appers}
    - path: /opt/plain
    - path: /srv/sticky
      mode: 01777
  files:
    - path: /opt/app/plain
      contents: {inline: "plain\\n"}
    - path: "/opt/app/o'd d ü"
      mode: 0400
      user: {name: app}
      contents: {inline: "odd\\n"}
    - path: /opt/setuid
      mode: 04755
      contents: {inline: ""}
    - path: /opt/new/way/file
      contents: {inline: "deep\\n"}
    - path: /opt/gzip
      contents: {source: "data:;base64,H4sIAAAAAAACA0uvyizgAgD/fF5hBQAAAA==", compression: gzip}
    - path: /etc/issue
      append:
        - inline: "one\\n"
        - inline: "two\\n"
    - path: /etc/motd
      overwrite: true
      contents: {inline: "ours\\n"}
    - path: /etc/untouched-contents
      mode: 0600
  links:
    - path: /etc/soft
      target: ../opt/app/plain
      user: {id: 4712}
    - path: /opt/hard
      target: /opt/app/plain
      hard: true
systemd:
  units:
    - name: on.service
      enabled: true
      contents: &service |
        [Service]
        Type=oneshot
        RemainAfterExit=true
        ExecStart=/bin/true
        [Install]
        WantedBy=multi-user.target
    - name: off.service
      enabled: false
      contents: *service
    - name: plain.service
      contents: *service
    - name: systemd-timesyncd.service
      mask: true
    - name: emptied.service
      contents: ""
    - name: sshd.service
      dropins:
        - name: 10-x.conf
          contents: |
            [Service]
            Environment=A=1
        - name: 20-y.conf
          contents: "# nothing\\n"
"""
PLACES = ("etc", "opt", "srv", "home")
#: Ignition writes its lines in any order: it takes them from a map of Go.
PRESET = "etc/systemd/system-preset/20-ignition.preset"
#: What every boot writes anew, among it the keys of the session's users, and where each way keeps its own books.
OWN = re.compile(
    r"etc/(\.ignition-result\.json|\.pwd\.lock|machine-id|hostname|resolv\.conf|mtab|ssh/ssh_host_.*|\.updated"
    r"|(passwd|group|shadow|gshadow|subuid|subgid)-?)|home/(core|admin)/\.ssh/authorized_keys(\.d/ignition)?"
)
NAMES = "getent passwd; getent group; sudo getent shadow | cut -d : -f 1,2; sudo cat /etc/subuid /etc/subgid"
UNITS = "systemctl list-unit-files --no-legend --plain"


def found(nodes: standin.Nodes, name: str) -> dict[str, object]:
    script = f"sudo sh -s / {' '.join(PLACES)} <<'END'\n{ignition_tree.LISTING}\nEND\n"
    listed = ignition_tree.entries(nodes.run(name, script).stdout.encode())
    entries = {path: entry for path, entry in listed.items() if not OWN.fullmatch(path)}
    units = [line.split()[:2] for line in nodes.run(name, UNITS).stdout.splitlines()]
    accounts = sorted(nodes.run(name, NAMES).stdout.splitlines())
    presets = sorted(nodes.run(name, f"cat /{PRESET}").stdout.splitlines())
    digests = {PRESET: entries[PRESET]._replace(sha256="")} if PRESET in entries else {}
    return {**entries, **digests, "presets": presets, "units": units, "accounts": accounts}


def test_files_units_and_accounts(tmp_path: pathlib.Path) -> None:
    with booted(BUTANE) as first:
        made_by_ignition = found(first, "node1")
        task = {"flatops.flatcar.node_config": {"name": "app", "butane": BUTANE}}
        (again,) = Player(first.inventory, tmp_path)([task], diff=True).results
        assert not again.failed and not again.changed, again.result
    with booted(NOTHING) as second:
        before = found(second, "node1")
        (applied,) = Player(second.inventory, tmp_path)([task]).results
        assert applied.changed, applied.result
        made_by_node_config = found(second, "node1")
    assert len(made_by_ignition.keys() - before.keys()) > 25
    different = {
        path: (made_by_ignition.get(path), made_by_node_config.get(path))
        for path in sorted({*made_by_ignition, *made_by_node_config})
        if made_by_ignition.get(path) != made_by_node_config.get(path)
    }
    assert different == {}
