# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""node_reset on a node."""

from __future__ import annotations

import collections.abc
import json
import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.booted import started
from ansible_collections.flatops.flatcar.tests.node.play import Player, Result
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin

SECRET = "correct horse battery"
ONE = f"    - path: /etc/one\n      mode: 0600\n      contents: {{inline: {SECRET}}}\n"
BUTANE = f"""
variant: flatcar
version: 1.0.0
storage:
  files:
{ONE}    - path: /etc/two
      mode: 0640
      contents: {{inline: two}}
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
"""
STAGED = "ls -d /selective-os-reset /boot/flatcar/first_boot /run/flatops* 2>/dev/null | grep -v flatops.lock"
PROGRAM = "/usr/bin/flatcar-reset"


class Machine:
    """A node of its own, and the module on it."""

    def __init__(self, nodes: standin.Nodes, folder: pathlib.Path) -> None:
        self.nodes = nodes
        self.play = Player(nodes.inventory, folder)
        key = nodes.key.with_suffix(".pub").read_text().strip()
        self.login = standin.config(key)

    def sh(self, script: str) -> str:
        return self.nodes.run("node1", f"sudo sh <<'END'\n{script}\nEND\n").stdout

    @property
    def boot(self) -> str:
        return self.nodes.boot_id("node1")

    def described(self, butane: str = BUTANE) -> list[dict[str, t.Any]]:
        """Fragments: who may log in, and a description with a name."""
        return [
            {"name": "login", "content": json.dumps(self.login)},
            {"name": "app", "content": butane},
        ]

    def run(self, module: str, **options: t.Any) -> Result:
        given = {name: options.pop(name) for name in ("check", "variables") if name in options}
        task = {f"flatops.flatcar.{module}": options}
        played = self.play([task], hosts="node1", diff=True, arguments=["-vvvvv"], **given)
        assert SECRET not in played.output
        assert len(played.results) == 1, played.output
        return played.results[0]

    def reset(self, **options: t.Any) -> Result:
        return self.run("node_reset", **options)

    def replaced(self, script: str, program: str = PROGRAM) -> None:
        """Another program in the place of one, until the next boot."""
        self.sh(f"cat >/run/instead <<'X'\n{script}\nX\nchmod +x /run/instead; mount --bind /run/instead {program}")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> collections.abc.Iterator[Machine]:
    with started(1) as nodes:
        yield Machine(nodes, tmp_path_factory.mktemp("reset"))


def code(result: Result) -> str:
    assert result.failed, result
    return str(result.result["error_code"])


def good(result: Result) -> dict[str, t.Any]:
    assert not result.failed and result.changed, result
    assert result.result["rebooted"]
    assert result.result["ignition"]["boot_id"] == result.result["boot_id_after"]
    return result.result


def test_with_fragments(node: Machine) -> None:
    old = BUTANE.replace("/etc/one", "/etc/old")
    node.run("node_config", name="old", butane=old)
    node.sh("touch /opt/lost")
    before, keys = node.boot, node.sh("cat /etc/ssh/ssh_host_*_key.pub")
    machine_id = node.sh("cat /etc/machine-id")
    checked = node.reset(butane=node.described(), check=True)
    assert checked.changed and not checked.result["rebooted"] and checked.result["boot_id_before"] == before
    assert node.sh(STAGED) == "" and node.boot == before
    done = good(node.reset(butane=node.described()))
    assert done["ignition"]["config_provided"] and done["system_state"] == "running"
    assert done["boot_id_before"] == before != done["boot_id_after"] == node.boot
    assert {name: done[name] for name in ("fingerprint", "diff")} == {
        name: checked.result[name] for name in ("fingerprint", "diff")
    }
    digest = node.sh("sha256sum </oem/config.ign").split()[0]
    assert done["diff"][0]["after"] == f"sha256:{digest}\n"
    assert node.sh("stat -c %a /oem/config.ign") == "600\n"
    assert node.sh("ls -d /etc/old /opt/lost /var/lib/flatops/manifest.json") == ""
    assert node.sh("cat /etc/one; systemctl is-active hello") == f"{SECRET}active\n"
    assert node.sh("cat /etc/ssh/ssh_host_*_key.pub") == keys
    assert node.sh("cat /etc/machine-id") != machine_id
    for dummy in range(2):
        config = node.run("node_config", butane=node.described())
        assert not config.failed and not config.changed, config
    config = node.run("node_config", butane=node.described(BUTANE.replace(ONE, "")))
    assert config.result["paths"] == ["/etc/one"] and node.sh("ls /etc/one") == ""


@pytest.mark.one_core
def test_what_is_kept(node: Machine) -> None:
    node.run("node_config", name="old", butane=BUTANE.replace("/etc/one", "/etc/old"))
    node.sh("mkdir /opt/kept; touch /opt/kept/file /opt/other; touch /var/lib/kept")
    machine_id, key = node.sh("cat /etc/machine-id"), node.sh("cat /etc/ssh/ssh_host_ed25519_key.pub")
    good(
        node.reset(
            butane=node.described(),
            keep_paths=["/opt/(kept)", "/opt/kep[t]/.*", "/var/lib/"],
            keep_machine_id=True,
            variables={"ansible_user": standin.ADMIN, "ansible_become_password": standin.PASSWORD},
        )
    )
    assert node.sh("ls /opt/kept /opt/other /var/lib/kept") == "/var/lib/kept\n\n/opt/kept:\nfile\n"
    assert node.sh("cat /etc/machine-id") == machine_id
    assert node.sh("cat /etc/ssh/ssh_host_ed25519_key.pub") != key
    # Its records were in a folder that is kept.
    assert node.sh("ls -A /var/lib/flatops") == "first-boot.json\n"
    config = node.run("node_config", butane=node.described(BUTANE.replace(ONE, "")))
    assert config.result["paths"] == ["/etc/one"], config


@pytest.mark.one_core
def test_with_ignition_alone(node: Machine) -> None:
    file = {"path": "/etc/three", "contents": {"source": "data:,three"}}
    good(node.reset(ignition={**node.login, "storage": {"files": [file]}}, keep_paths=[]))
    assert node.sh("cat /etc/three; ls -d /var/lib/flatops /etc/two") == "three"


def test_what_is_refused(node: Machine) -> None:
    before = node.boot
    listed = "ls -lR --time-style=full-iso /oem; cat /oem/*"
    seen = node.sh(listed)
    wrong = BUTANE.replace("mode: 0600", "mode: none")
    assert code(node.reset(butane=node.described(wrong))) == "butane_invalid"
    assert code(node.reset(butane=[])) == "no_fragments"
    assert code(node.reset()) == "bad_option"
    paths = ["etc/x", "", "-R", "/it's", "/a\nb", "/a|(b"]
    tasks = [
        {"flatops.flatcar.node_reset": {"butane": node.described(), "keep_paths": [path]}, "ignore_errors": True}
        for path in paths
    ]
    played = node.play(tasks, hosts="node1")
    assert len(played.results) == len(paths), played.output
    for path, failed in zip(paths, played.results, strict=True):
        assert code(failed) == "bad_option" and repr(path) in failed.result["msg"]
    assert code(node.reset(butane=node.described(), variables={"ansible_connection": "local"})) == "bad_option"
    assert node.sh(STAGED) == "" and node.sh(listed) == seen and node.boot == before


@pytest.mark.one_core
@pytest.mark.parametrize("check", [True, False])
def test_the_tool_is_absent(node: Machine, check: bool) -> None:
    before = node.boot
    node.sh(f"touch /run/none; mount --bind /run/none {PROGRAM}")
    failed = node.reset(butane=node.described(), check=check)
    node.sh(f"umount {PROGRAM}")
    assert code(failed) == "no_reset" and not failed.changed and "3535.0.0" in failed.result["msg"]
    assert node.sh(STAGED) == "" and node.boot == before


@pytest.mark.one_core
@pytest.mark.parametrize("refusing", ["flatcar-reset", "systemctl"])
def test_what_failed_is_undone(node: Machine, refusing: str) -> None:
    node.run("node_config", name="old", butane=BUTANE)
    before = node.boot
    listed = "cat /oem/grub.cfg /oem/config.ign; stat -c %a /oem/*; ls -A /var/lib/flatops /run/flatops-reset"
    seen = node.sh(f"echo >>/oem/grub.cfg; {listed}")
    node.sh(f"cp /usr/bin/{refusing} /run/real")
    if refusing == "flatcar-reset":
        node.replaced('#!/bin/sh\n/run/real "$@"\necho no space >&2\nexit 7')
    else:
        real = '[ "$1" != reboot ] || { echo blocked >&2; exit 1; }\nexec /run/real "$@"'
        node.replaced(f"#!/bin/sh\n{real}", "/usr/bin/systemctl")
    failed = node.reset(butane=node.described(), keep_machine_id=True)
    node.sh(f"umount /usr/bin/{refusing}; rm /run/instead")
    assert not failed.changed
    if refusing == "flatcar-reset":
        assert code(failed) == "reset_failed" and "status 7" in failed.result["msg"]
        assert "no space" in failed.result["msg"]
    else:
        assert code(failed) == "reboot_refused" and "blocked" in failed.result["msg"]
    assert node.sh(STAGED) == "" and node.sh(listed) == seen and node.boot == before


@pytest.mark.one_core
def test_ignition_does_not_run(node: Machine) -> None:
    node.replaced("#!/bin/sh\nexit 0")
    failed = node.reset(butane=node.described())
    assert code(failed) == "not_provisioned" and failed.result["rebooted"] and failed.changed
    assert "has not run in this boot" in failed.result["msg"]


@pytest.mark.one_core
def test_a_unit_fails(node: Machine) -> None:
    failed = node.reset(butane=node.described(BUTANE.replace("/bin/true", "/bin/false")))
    assert code(failed) == "degraded" and failed.result["failed_units"] == ["hello.service"]
    assert failed.result["ignition"]["boot_id"] == node.boot


@pytest.mark.one_core
def test_ignition_fails(node: Machine) -> None:
    """The last test: the node does not come back. Its Ignition does not know this specification."""
    failed = node.reset(ignition={"ignition": {"version": "3.4.0"}}, reboot_timeout=15, connect_timeout=2)
    assert code(failed) == "not_back" and failed.changed and not failed.result["rebooted"]
    assert "not back after 15 s" in failed.result["msg"] and "Ignition failed" in failed.result["msg"]
    node.nodes.until(lambda: node.nodes["node1"].state.startswith("emergency"), node.nodes["node1"])
