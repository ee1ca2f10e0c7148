# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""node_update on nodes."""

from __future__ import annotations

import collections.abc
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.play import Player, Result
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import ADMIN, PASSWORD, VERSION, Nodes

CONF = "/etc/flatcar/update.conf"
NEWER = "4790.2.0"
NEWEST = "4801.2.0"
ALONE = "REBOOT_STRATEGY=off"
STATUS = "update_engine_client -status 2>/dev/null"


class Machine:
    """A node whose version is VERSION, and the module on it."""

    def __init__(self, play: Player, nodes: Nodes, name: str) -> None:
        self.play = play
        self.nodes = nodes
        self.name = name

    def sh(self, script: str) -> str:
        return self.nodes.run(self.name, f"sudo sh <<'END'\n{script}\nEND\n").stdout

    def update(self, **options: t.Any) -> Result:
        given = {name: options.pop(name) for name in ("check", "diff", "variables") if name in options}
        played = self.play([{"flatops.flatcar.node_update": options}], hosts=self.name, **given)
        assert len(played.results) == 1, played.output
        self.output = played.output
        return played.results[0]

    def offer(self, *lines: str) -> None:
        self.sh("printf '%s\\n' " + " ".join(lines) + " >/boot/standin/offer")

    @property
    def conf(self) -> list[str]:
        return self.sh(f"cat {CONF}").splitlines()

    @property
    def version(self) -> str:
        return self.sh('. /etc/os-release; echo "$VERSION"').strip()

    def clean(self) -> None:
        """Nothing staged, nothing offered, VERSION in the first partition, and booted."""
        self.sh("systemctl unmask update-engine; systemctl start update-engine; systemctl reset-failed")
        self.sh("until [ -p /run/standin/requests ]; do sleep 0.05; done; update_engine_client -reset_status")
        self.sh("rm -f /boot/standin/offer /boot/standin/unavailable /boot/standin/broken* /run/reboot-required")
        self.sh(f"rm -rf /var/lib/update_engine /etc/flatcar/.flatops*; echo {ALONE} >{CONF}")
        self.sh(
            f"echo 2 0 1 >/boot/standin/part3; echo 1 0 0 >/boot/standin/part4; echo {VERSION} >/boot/standin/version3"
        )
        if self.version != VERSION:
            before = self.nodes.boot_id(self.name)
            self.sh("systemctl reboot")
            self.nodes.wait_for_boot(self.name, before)


@pytest.fixture
def node(play: Player, nodes: Nodes) -> collections.abc.Iterator[Machine]:
    machine = Machine(play, nodes, "node1")
    machine.clean()
    yield machine
    machine.clean()


def expect(result: Result, **values: t.Any) -> None:
    assert not result.failed, result.result
    assert {name: result.result.get(name) for name in values} == values


def code(result: Result) -> str:
    assert result.failed
    return str(result.result["error_code"])


def test_no_update(node: Machine) -> None:
    expect(node.update(), changed=False, actions=[], version=VERSION, version_staged=None, slot="USR-A")


def test_latest_is_staged(node: Machine) -> None:
    node.offer(f"VERSION={NEWER}")
    expect(
        node.update(),
        changed=True,
        actions=["update"],
        version_before=VERSION,
        version=VERSION,
        version_staged=NEWER,
        slot="USR-A",
        reboot_required=True,
    )
    expect(node.update(), changed=False, actions=[], version_staged=NEWER, reboot_required=True)


@pytest.mark.one_core
@pytest.mark.parametrize(
    "variables",
    [{}, {"ansible_user": ADMIN, "ansible_become_password": PASSWORD, "ansible_ssh_pipelining": True}],
    ids=["core", "password"],
)
def test_latest_is_booted(node: Machine, variables: dict[str, t.Any]) -> None:
    node.offer(f"VERSION={NEWER}")
    done = node.update(state="booted", variables=variables)
    expect(done, changed=True, actions=["update", "reboot"], version=NEWER, slot="USR-B", rebooted=True)
    expect(done, version_staged=None, reboot_required=False, version_before=VERSION)
    assert node.version == NEWER
    assert "successful=1" in node.sh("cgpt show /dev/sda4")
    expect(node.update(state="booted", variables=variables), changed=False, actions=[], version=NEWER)


def test_a_staged_update_is_booted(node: Machine) -> None:
    node.offer(f"VERSION={NEWER}")
    node.update()
    expect(node.update(state="booted", check=True), changed=True, actions=["reboot"], version=NEWER)
    expect(node.update(state="booted"), changed=True, actions=["reboot"], version=NEWER)


@pytest.mark.one_core
@pytest.mark.parametrize("fault", ["check", "download", "postinstall"])
def test_an_update_fails(node: Machine, fault: str) -> None:
    node.offer(f"VERSION={NEWER}", f"FAULT={fault}")
    failed = node.update(state="booted")
    assert code(failed) == "update_failed"
    assert node.version == VERSION
    if fault == "check":
        assert "network transfer failed" in failed.result["msg"]


def test_check_mode_of_latest_is_a_guess(node: Machine) -> None:
    node.offer(f"VERSION={NEWER}")
    checked = node.update(check=True)
    expect(checked, changed=True, actions=["update"], version_staged=None)
    assert "guess" in checked.result["warnings"][0]
    assert "STATUS_IDLE" in node.sh(STATUS)


def test_a_version(node: Machine) -> None:
    node.sh(f"echo SERVER=disabled >>{CONF}; echo PASSWORD=x >>{CONF}")
    checked = node.update(version=NEWER, state="booted", check=True)
    expect(checked, changed=True, actions=["install", "reboot"], version=NEWER)
    assert "STATUS_IDLE" in node.sh(STATUS)
    expect(node.update(version=NEWER), changed=True, actions=["install"], version_staged=NEWER)
    assert node.conf == [ALONE, "SERVER=disabled", "PASSWORD=x"]
    expect(node.update(version=NEWER), changed=False, actions=[])
    # Another one, and then none.
    expect(node.update(version=NEWEST), changed=True, actions=["reset", "install"], version_staged=NEWEST)
    expect(node.update(version=VERSION), changed=True, actions=["reset"], version_staged=None)
    expect(node.update(version=VERSION), changed=False, actions=[])
    assert node.sh("systemctl list-units --all --no-legend 'flatops*'; ls -A /etc/flatcar") == "update.conf\n"


@pytest.mark.one_core
def test_a_version_that_is_not_there(node: Machine) -> None:
    node.sh(f"echo 9999.9.9 >/boot/standin/unavailable; echo SERVER=https://example.com/ >>{CONF}")
    failed = node.update(version="9999.9.9")
    assert code(failed) == "version_not_found"
    assert node.conf == [ALONE, "SERVER=https://example.com/"]
    assert node.sh("systemctl --failed --no-legend; ls -A /etc/flatcar") == "update.conf\n"


@pytest.mark.one_core
def test_a_version_that_does_not_start(node: Machine) -> None:
    node.sh("touch /boot/standin/broken4")
    failed = node.update(version=NEWER, state="booted")
    assert code(failed) == "rolled_back"
    assert failed.changed and failed.result["version"] == VERSION and failed.result["rebooted"]
    assert NEWER in failed.result["msg"]


@pytest.mark.one_core
def test_back_and_forth(node: Machine) -> None:
    assert code(node.update(version="previous")) == "no_previous"
    expect(node.update(version=NEWER, state="booted"), version=NEWER)
    assert code(node.update(version=VERSION)) == "downgrade"
    checked = node.update(version="previous", state="booted", check=True, diff=True)
    expect(checked, changed=True, actions=["configure", "rollback", "reboot"], version=VERSION)
    assert [(change["before"], change["after"]) for change in checked.result["diff"]] == [
        ("", "SERVER=disabled\n"),
        (f"{NEWER}\n", f"{VERSION}\n"),
    ]
    staged = node.update(version="previous")
    expect(staged, changed=True, actions=["configure", "rollback"], version_staged=VERSION, reboot_required=True)
    assert "UPDATED_NEED_REBOOT" in node.sh(STATUS)
    expect(node.update(version="previous"), changed=False, actions=[])
    expect(node.update(version="previous", state="booted"), changed=True, actions=["reboot"], version=VERSION)
    assert node.conf == [ALONE, "SERVER=disabled"]
    expect(node.update(version="previous", state="booted"), changed=False, actions=[], slot="USR-A")
    assert code(node.update()) == "updates_disabled"
    expect(node.update(automatic_updates=True), changed=True, actions=["configure"])
    assert node.conf == [ALONE]


@pytest.mark.one_core
def test_the_other_partition_does_not_boot(node: Machine) -> None:
    expect(node.update(version=NEWER, state="booted"), version=NEWER)
    node.sh("echo 1 0 0 >/boot/standin/part3")
    assert code(node.update(version="previous")) == "unbootable"


@pytest.mark.one_core
def test_a_previous_version_that_does_not_start(node: Machine) -> None:
    expect(node.update(version=NEWER, state="booted"), version=NEWER)
    node.sh("touch /boot/standin/broken3")
    failed = node.update(version="previous", state="booted")
    assert code(failed) == "rolled_back"
    assert failed.result["version"] == NEWER


@pytest.mark.one_core
def test_an_older_version(node: Machine) -> None:
    older = "4593.2.1"
    done = node.update(version=older, allow_downgrade=True, state="booted")
    expect(done, actions=["configure", "install", "reboot"], version=older)
    assert node.conf == [ALONE, "SERVER=disabled"]


@pytest.mark.one_core
def test_channel_and_server(node: Machine) -> None:
    node.sh(f"printf 'GROUP=stable\\n# note\\nMACHINE_ALIAS=a b\\n' >>{CONF}; chmod 640 {CONF}")
    options = {"channel": "beta", "server": "https://me:secret@example.com/v1/update/?token=hidden"}
    checked = node.update(**options, check=True, diff=True)
    expect(checked, changed=True, actions=["configure", "update"])
    done = node.update(**options, diff=True)
    expect(done, changed=True, actions=["configure"])
    for text in (str(done.result.get("diff")), str(checked.result.get("diff"))):
        assert "GROUP=beta" in text and "SERVER=https://example.com/v1/update/" in text
        assert "secret" not in text and "hidden" not in text
    assert node.conf == [ALONE, "# note", "MACHINE_ALIAS=a b", "GROUP=beta", f"SERVER={options['server']}"]
    assert node.sh(f"stat -c %a {CONF}") == "640\n"
    expect(node.update(**options), changed=False, actions=[])


@pytest.mark.one_core
def test_another_reboot_authority(node: Machine) -> None:
    node.sh(f"echo REBOOT_STRATEGY=reboot >{CONF}")
    node.offer(f"VERSION={NEWER}")
    for check in (True, False):
        failed = node.update(state="booted", check=check)
        assert code(failed) == "reboot_authority" and failed.result["reboot_authorities"] == ["locksmithd"]
    assert "STATUS_IDLE" in node.sh(STATUS)
    expect(node.update(), changed=True, version_staged=NEWER)
    expect(node.update(state="booted", on_reboot_authority="ignore"), version=NEWER)


@pytest.mark.one_core
def test_masked(node: Machine) -> None:
    node.sh("systemctl mask --now update-engine")
    assert code(node.update()) == "engine_masked"


@pytest.mark.one_core
def test_an_update_is_under_way(node: Machine) -> None:
    node.offer(f"VERSION={NEWER}")
    node.sh("update_engine_client -check_for_update")
    expect(node.update(), changed=False, version_staged=NEWER)


@pytest.mark.one_core
def test_an_install_is_under_way(node: Machine) -> None:
    slow = "sh -c 'until [ -e /run/go ]; do sleep 0.1; done; sleep 6'"
    node.sh(f"systemd-run --unit=flatops-update --description='Update to Flatcar 4790.2.0' {slow}")
    assert code(node.update(version=NEWEST)) == "busy"
    node.sh("touch /run/go")
    expect(node.update(version=NEWER), actions=["install"], version_staged=NEWER)


@pytest.mark.one_core
def test_what_a_dead_run_has_left_is_mended(node: Machine) -> None:
    node.sh(f"cp {CONF} /etc/flatcar/.flatops-update.conf; echo SERVER=http://localhost:9090/update >>{CONF}")
    expect(node.update(), changed=True, actions=["configure"])
    assert node.conf == [ALONE]
    assert node.sh("ls -A /etc/flatcar") == "update.conf\n"


def test_it_takes_too_long(node: Machine) -> None:
    node.sh("systemd-run --unit=flatops-update --description='Update to Flatcar 4790.2.0' sleep 600")
    failed = node.update(version=NEWER, timeout=2)
    node.sh("systemctl stop flatops-update")
    assert code(failed) == "timeout"


@pytest.mark.parametrize(
    "options",
    [
        {"version": "newest"},
        {"version": "1.2.3; reboot"},
        {"channel": "a b"},
        {"server": "https://a\nGROUP=x"},
        {"server": "ftp://a"},
        {"server": "https://a/", "automatic_updates": False},
    ],
)
def test_bad_options(node: Machine, options: dict[str, t.Any]) -> None:
    assert code(node.update(**options)) == "bad_option"
