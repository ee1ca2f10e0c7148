# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A first boot by the real Ignition and node_config make the same of one description."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.flatops.flatcar.tests.node.booted import booted
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.node.same_tree import OWN, same_tree
from ansible_collections.flatops.flatcar.tests.standins.node import ignition_tree
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin
from ansible_collections.flatops.flatcar.tests.standins.node.first_boot import PRESETS

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
NAMES = "getent passwd; getent group; sudo getent shadow | cut -d : -f 1,2; sudo cat /etc/subuid /etc/subgid"
UNITS = "systemctl list-unit-files --no-legend --plain"


def found(nodes: standin.Nodes, name: str) -> dict[str, object]:
    script = f"sudo sh -s / {' '.join(PLACES)} <<'END'\n{ignition_tree.LISTING}\nEND\n"
    listed = ignition_tree.entries(nodes.run(name, script).stdout.encode())
    entries = {path: entry for path, entry in listed.items() if not OWN.fullmatch(path)}
    units = [line.split()[:2] for line in nodes.run(name, UNITS).stdout.splitlines()]
    accounts = sorted(nodes.run(name, NAMES).stdout.splitlines())
    presets = sorted(nodes.run(name, f"cat /{PRESETS}").stdout.splitlines())
    return {**entries, "presets": presets, "units": units, "accounts": accounts}


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


ROLE = """
variant: flatcar
version: 1.0.0
storage:
  directories:
    - path: /var/lib/flatops/app
      mode: 0700
  files:
    - path: /opt/app/settings
      contents: {inline: "{{ app_settings }}"}
    - path: /etc/flatcar/update.conf
      overwrite: true
      contents: {inline: "REBOOT_STRATEGY=off\\n"}
  links:
    - path: /etc/app
      target: /opt/app/settings
systemd:
  units:
    - name: app.service
      enabled: true
      contents: |
        [Service]
        ExecStart=/bin/sh -c 'echo >/opt/written; exec sleep infinity'
        [Install]
        WantedBy=multi-user.target
    - name: systemd-timesyncd.service
      mask: true
"""


@pytest.mark.one_core
def test_the_comparison_for_roles(nodes: standin.Nodes, play: Player) -> None:
    for name, text in (
        ("templates/fragment.bu.j2", ROLE),
        ("meta/fragment.yml", "merge: [/etc/flatcar/update.conf]\n"),
    ):
        file = play.folder / "roles" / "app" / name
        file.parent.mkdir(parents=True)
        file.write_text(text)
    try:
        same_tree(nodes, play, "app", {"app_settings": "port=1"}, written="opt/written")
        with pytest.raises(AssertionError, match=r"at a first boot and on a node: .*opt/app/settings"):
            same_tree(nodes, play, "app", {"app_settings": "{{ lookup('pipe', 'date +%N') }}"}, written="opt/written")
    finally:
        nodes.run("node1", "sudo rm /opt/written")
