# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node that booted with a description, and node_config with the same one and with less."""

from __future__ import annotations

import collections.abc
import json
import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._node.first_boot import PATH
from ansible_collections.flatops.flatcar.tests.node.booted import booted
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin

BUTANE = """
variant: flatcar
version: 1.0.0
passwd:
  groups:
    - name: web
  users:
    - name: web
      primary_group: web
      ssh_authorized_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOvFNNtmHbFPKZ0rB9R4bA3nNUmbtVkhHhOTRsbJKRtG web]
    - name: core
      ssh_authorized_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOvFNNtmHbFPKZ0rB9R4bA3nNUmbtVkhHhOTRsbJKRtG web]
storage:
  directories:
    - path: /opt/app
      mode: 0750
  files:
    - path: /opt/app/one
      mode: 0640
      user: {name: core}
      contents: {inline: "one\\n"}
    - path: /opt/app/two
      contents: {inline: "two\\n"}
    - path: /etc/secret
      mode: 0600
      contents: {inline: hunter2}
  links:
    - path: /etc/link
      target: /opt/app/one
systemd:
  units:
    - name: hello.service
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
"""
PATHS = "/opt/app/one /opt/app/two /opt/app /etc/secret /etc/link /etc/systemd/system/hello.service"
LOOK = f"for path in {PATHS}; do [ ! -e $path ] && [ ! -L $path ] || echo $path; done"


@pytest.fixture
def node() -> collections.abc.Iterator[standin.Nodes]:
    with booted(BUTANE) as started:
        yield started


def test_the_first_run_knows_what_the_first_boot_made(node: standin.Nodes, tmp_path: pathlib.Path) -> None:
    play = Player(node.inventory, tmp_path)

    def run(butane: str, **options: t.Any) -> dict[str, t.Any]:
        task = {"flatops.flatcar.node_config": {"name": "app", "butane": butane, **options}}
        (result,) = play([task], arguments=["--diff"]).results
        assert not result.failed, result.result
        assert "hunter2" not in json.dumps(result.result)
        return result.result

    def there() -> list[str]:
        return node.run("node1", f"sudo sh -c '{LOOK}'").stdout.split()

    assert node.run("node1", f"sudo stat -c '%a %U' {PATH}").stdout == "600 root\n"
    assert there() == PATHS.split()
    assert not run(BUTANE)["changed"]
    assert not run(BUTANE)["changed"]
    less = BUTANE.replace('    - path: /opt/app/two\n      contents: {inline: "two\\n"}\n', "")
    assert less != BUTANE
    assert run(less)["paths"] == ["/opt/app/two"]
    assert there() == [path for path in PATHS.split() if path != "/opt/app/two"]
    assert run("", state="absent")["changed"]
    assert there() == []
    assert node.run("node1", "getent passwd web; getent group web; grep -c web .ssh/authorized_keys").stdout == "0\n"
    assert node.run("node1", "id -un").stdout == "core\n"
    assert node.run("node1", "ls -d /etc/systemd/system/hello.service.d").stdout == ""
    assert node.run("node1", "systemctl is-active hello.service").stdout == "inactive\n"
    assert not run("", state="absent")["changed"]


def test_without_a_run_between_it_is_known_too(node: standin.Nodes, tmp_path: pathlib.Path) -> None:
    play = Player(node.inventory, tmp_path)
    task = {"flatops.flatcar.node_config": {"name": "app", "butane": "", "state": "absent"}}
    checked = play([task], check=True).results
    (result,) = play([task]).results
    assert [one.result["paths"] for one in checked] == [result.result["paths"]]
    assert result.changed, result.result
    assert node.run("node1", f"sudo sh -c '{LOOK}'").stdout == ""
