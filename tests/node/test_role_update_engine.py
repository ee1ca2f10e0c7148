# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role update_engine on a node."""

from __future__ import annotations

import collections.abc
import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.booted import started
from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.node.roles import booted_with_role
from ansible_collections.flatops.flatcar.tests.node.same_tree import same_tree
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes

ROLE = "flatops.flatcar.update_engine"
CONF = "/etc/flatcar/update.conf"
FOUND = "# ours\nDOWNLOAD_USER=me\nGROUP=stable\n"
WANTED = {
    "flatcar_reboot_authority": "none",
    "update_engine_group": "beta",
    "update_engine_server": "disabled",
    "update_engine_machine_alias": "rack 1",
}
LOCKSMITHD = {
    "flatcar_reboot_authority": "locksmithd",
    "update_engine_reboot_window_start": "Sat 23:00",
    "update_engine_reboot_window_length": "1h30m",
}


class Role:
    """The role on node1, and what the node then has."""

    def __init__(self, play: Player, nodes: Nodes) -> None:
        self.play = play
        self.nodes = nodes

    def __call__(self, entry: str = "main", *, check: bool = False, **variables: t.Any) -> Played:
        task = {"ansible.builtin.include_role": {"name": ROLE, "tasks_from": entry}}
        return self.play([task], variables=variables, check=check, diff=True)

    def changes(self, entry: str = "main", **options: t.Any) -> bool:
        played = self(entry, **options)
        assert played.rc == 0, played.output
        return any(result.changed for result in played.results)

    def refuses(self, entry: str = "main", **options: t.Any) -> str:
        played = self(entry, **options)
        assert played.rc == 2, played.output
        assert not any(result.changed for result in played.results)
        return str(next(result.result["msg"] for result in played.results if result.failed))

    def sh(self, script: str) -> str:
        return self.nodes.run("node1", f"sudo sh <<'END'\n{script}\nEND\n").stdout

    @property
    def conf(self) -> str:
        return self.sh(f"cat {CONF}")

    @property
    def locksmithd(self) -> list[str]:
        """Whether it runs, and whether it is masked."""
        return self.sh("systemctl is-active locksmithd; systemctl is-enabled locksmithd").split()


@pytest.fixture(scope="module")
def nodes() -> collections.abc.Iterator[Nodes]:
    with started(1) as found:
        yield found


@pytest.fixture
def role(play: Player, nodes: Nodes) -> collections.abc.Iterator[Role]:
    found = Role(play, nodes)
    found.sh(f"printf '{FOUND}' >{CONF}; systemctl start locksmithd")
    yield found
    found.changes("remove")


def test_from_first_to_last(role: Role) -> None:
    assert role.changes(check=True, **WANTED)
    assert role.conf == FOUND and role.locksmithd[0] == "active"
    assert role.changes(**WANTED)
    kept = FOUND.replace("GROUP=stable", "GROUP=beta")
    assert role.conf == f"{kept}SERVER=disabled\nMACHINE_ALIAS=rack 1\nREBOOT_STRATEGY=off\n"
    assert role.locksmithd == ["inactive", "masked"]
    assert not role.changes(**WANTED)
    assert not role.changes(check=True, **WANTED)
    assert not role.changes("verify", **WANTED)
    assert role.changes(**LOCKSMITHD)
    assert role.conf == (
        f"{FOUND}REBOOT_STRATEGY=reboot\nLOCKSMITHD_REBOOT_WINDOW_START=Sat 23:00\n"
        "LOCKSMITHD_REBOOT_WINDOW_LENGTH=1h30m\n"
    )
    assert role.locksmithd[0] == "active"
    environment = role.sh("cat /proc/$(systemctl show -P MainPID locksmithd)/environ")
    assert "LOCKSMITHD_REBOOT_WINDOW_START=Sat 23:00" in environment
    assert not role.changes(**LOCKSMITHD)
    assert not role.changes("verify", **LOCKSMITHD)
    assert role.changes("remove", **LOCKSMITHD)
    assert role.conf == FOUND and role.locksmithd[0] == "active"
    assert not role.changes("remove", **LOCKSMITHD)


@pytest.mark.one_core
@pytest.mark.parametrize("variables", [WANTED, LOCKSMITHD])
def test_first_boot_makes_the_same(role: Role, play: Player, nodes: Nodes, variables: dict[str, str]) -> None:
    # What else is in the file a first boot does not know.
    role.sh(f": >{CONF}")
    same_tree(nodes, play, ROLE, variables)


@pytest.mark.one_core
def test_after_the_first_boot(tmp_path: pathlib.Path) -> None:
    with booted_with_role(ROLE, WANTED, tmp_path) as nodes:
        booted = Role(Player(nodes.inventory, tmp_path), nodes)
        assert booted.locksmithd == ["inactive", "masked"]
        assert not booted.changes(**WANTED)
        assert not booted.changes("verify", **WANTED)
        assert booted.changes("remove", **WANTED)


@pytest.mark.one_core
def test_verify_finds_what_differs(role: Role) -> None:
    assert CONF in role.refuses("verify", **WANTED)
    assert role.changes(**WANTED)
    role.sh(f"sed -i s/beta/alpha/ {CONF}")
    assert CONF in role.refuses("verify", **WANTED)
    assert role.changes(**WANTED)
    role.sh("systemctl mask --now update-engine")
    assert "update-engine.service is inactive" in role.refuses("verify", **WANTED)
    assert role.changes(**WANTED)
    assert not role.changes("verify", **WANTED)


@pytest.mark.one_core
def test_locksmithd_with_older_settings(role: Role) -> None:
    """As after a run that was killed before it restarted locksmithd."""
    assert role.changes(**LOCKSMITHD)
    started = role.sh("systemctl show -P MainPID locksmithd")
    role.sh(f"touch -d '1 minute' {CONF}")
    assert "locksmithd runs with settings that are older" in role.refuses("verify", **LOCKSMITHD)
    assert role.changes(check=True, **LOCKSMITHD)
    assert role.sh("systemctl show -P MainPID locksmithd") == started
    role.sh(f"touch {CONF}; sleep 1.1")
    assert role.changes(**LOCKSMITHD)
    assert role.sh("systemctl show -P MainPID locksmithd") != started
    assert not role.changes(**LOCKSMITHD)
    assert not role.changes("verify", **LOCKSMITHD)


@pytest.mark.one_core
def test_audit(role: Role) -> None:
    assert not role.changes("audit")
    assert "declared as none, but locksmithd runs" in role.refuses("audit", flatcar_reboot_authority="none")
    role.sh("systemctl stop locksmithd")
    assert "declared as locksmithd, but nothing runs" in role.refuses("audit")
    assert not role.changes("audit", flatcar_reboot_authority="playbook")
    role.sh("cp /bin/sleep /run/kured; systemd-run --unit=kured /run/kured infinity")
    role.sh("until [ -e /proc/$(pidof kured)/comm ]; do sleep 0.05; done")
    try:
        assert "but kured runs" in role.refuses("audit", flatcar_reboot_authority="none")
        assert not role.changes("audit", flatcar_reboot_authority="kured")
        role.sh("systemctl start locksmithd")
        assert "but locksmithd and kured runs" in role.refuses("audit", flatcar_reboot_authority="kured")
    finally:
        role.sh("systemctl stop kured")


@pytest.mark.one_core
@pytest.mark.parametrize(
    "variables",
    [
        {"update_engine_group": "beta\nSERVER=x"},
        {"update_engine_server": "https://me:word@example.com/"},
        {"update_engine_machine_alias": 'a"b\nX=1'},
        {"update_engine_reboot_window_start": "23:00"},
        {"update_engine_reboot_window_start": "Someday 23:00", "update_engine_reboot_window_length": "1h"},
        {"flatcar_reboot_authority": "me"},
    ],
)
def test_bad_values(role: Role, variables: dict[str, str]) -> None:
    message = role.refuses(**variables)
    assert "update_engine_" in message and "word" not in message
