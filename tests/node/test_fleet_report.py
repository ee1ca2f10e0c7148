# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook fleet_report on two nodes, and on one that is not there."""

from __future__ import annotations

import collections.abc
import hashlib
import json
import os
import pathlib
import subprocess
import typing as t

import pytest
import yaml

from ansible_collections.flatops.flatcar.tests.guide import examples
from ansible_collections.flatops.flatcar.tests.node.booted import started
from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes

PLAYBOOK = "flatops.flatcar.fleet_report"
FORMS = ("html", "json", "prom", "txt")
ONE = ("--limit", "node1")
#: What must not be run on the controller, nor by a browser, nor by a terminal.
HOSTILE = "<img src=x onerror=alert(1)>{{ lookup('pipe', 'touch TRAP') }}\x1b[31m"
FAILING = r"""
sudo tee /run/systemd/system/failing.service >/dev/null <<'end'
[Service]
Type=oneshot
ExecStart=/bin/false
end
sudo systemctl daemon-reload
sudo systemctl start failing.service
sudo touch /run/reboot-required
"""
MOTD = """
variant: flatcar
version: 1.1.0
storage:
  files:
    - path: /etc/motd
      contents:
        inline: the fleet
"""


@pytest.fixture(scope="module")
def trap(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return tmp_path_factory.mktemp("trap") / "sprung"


@pytest.fixture(scope="module")
def nodes(trap: pathlib.Path) -> collections.abc.Iterator[Nodes]:
    with started(2) as found:
        found.run("node2", FAILING)
        group = f'GROUP="{HOSTILE.replace("TRAP", str(trap))}"'
        found.run("node2", f"sudo tee /etc/flatcar/update.conf >/dev/null <<'end'\n{group}\nend\n")
        yield found


@pytest.fixture
def play(nodes: Nodes, tmp_path: pathlib.Path) -> Player:
    """With a third host where nothing answers."""
    inventory = json.loads(nodes.inventory.read_text())
    inventory["nodes"]["hosts"]["away"] = {"ansible_host": "127.0.0.9", "ansible_port": 9}
    path = tmp_path / "inventory.json"
    path.write_text(json.dumps(inventory))
    return Player(path, tmp_path)


def report(play: Player, *arguments: str, **variables: t.Any) -> tuple[Played, dict[str, t.Any]]:
    """A run that succeeds and changes nothing, and the hosts of its report by name."""
    given = {"flatcar_butane__10_motd": MOTD, "fleet_report_dir": str(play.folder / "out"), **variables}
    played = play.run(PLAYBOOK, variables=given, arguments=arguments)
    assert played.rc == 0, played.output
    assert not any(result.changed for result in played.results)
    document = json.loads((play.folder / "out" / "fleet_report.json").read_text())
    return played, {host["name"]: host for host in document["hosts"]}


def codes(hosts: dict[str, t.Any]) -> dict[str, set[str]]:
    return {name: {each["code"] for each in host["problems"]} for name, host in hosts.items()}


def test_what_is_found(play: Player, trap: pathlib.Path) -> None:
    played, hosts = report(play, chrony_max_offset=0.5, flatcar_reboot_authority="kured")
    same = {"clock_not_synchronized", "authority_differs", "drift"}
    assert codes(hosts) == {"node1": same, "node2": same | {"units_failed", "reboot_required"}, "away": {"unreachable"}}
    node2 = hosts["node2"]
    assert node2["failed_units"] == ["failing.service"]
    assert node2["reboot"]["reasons"] == ["flag"] and node2["reboot"]["authorities"] == ["locksmithd"]
    assert node2["drift"]["paths"] == ["/etc/hostname", "/etc/motd"]
    assert node2["clock"]["max_offset_seconds"] == 0.5
    assert "127.0.0.9" in hosts["away"]["problems"][0]["message"]
    written = {form: (play.folder / "out" / f"fleet_report.{form}").read_text() for form in FORMS}
    assert '<td data-label="Host"><span>node2</span></td>' in written["html"]
    assert 'flatcar_node_reboot_required{fleet="Flatcar fleet",host="node2"} 1\n' in written["prom"]
    # What a node says is text, wherever it goes.
    assert node2["channel"].startswith("<img") and "{{ lookup(" in node2["channel"], node2
    assert "&lt;img src=x" in written["html"] and "<img" not in written["html"]
    assert "\x1b" not in "".join(written.values())
    assert not trap.exists()
    assert all(json.dumps(line, ensure_ascii=False)[1:-1] in played.output for line in written["txt"].splitlines())


@pytest.mark.one_core
def test_what_is_not_asked_for(play: Player) -> None:
    dummy, hosts = report(play, *ONE, fleet_report_drift=False)
    assert hosts["node1"]["drift"] is None and hosts["node1"]["version"]
    dummy, hosts = report(play, fleet_report_nodes=False)
    assert codes(hosts) == {"node1": set(), "node2": set(), "away": set()}


@pytest.mark.one_core
def test_a_description_that_is_wrong(play: Player) -> None:
    dummy, hosts = report(play, *ONE, flatcar_butane__90_bad="variant: flatcar\nversion: 9.9.9\n")
    assert hosts["node1"]["version"]
    (said,) = [each["message"] for each in hosts["node1"]["problems"] if each["code"] == "not_looked_up"]
    assert "flatcar_butane__90_bad" in said


def test_publishing_to_a_host(play: Player, nodes: Nodes) -> None:
    for name in ("fleet_report", "second"):
        report(play, *ONE, fleet_report_name=name, fleet_report_publish="node1:/srv/www/reports/")
    names = [f"{name}.{form}" for name in ("fleet_report", "second") for form in FORMS]
    listed = nodes.run("node1", "cd /srv/www/reports && stat -c '%n %a' *").stdout.splitlines()
    assert listed == [f"{name} 644" for name in sorted(names)]
    there = nodes.run("node1", "cd /srv/www/reports && sha256sum *").stdout.split()[::2]
    here = [hashlib.sha256((play.folder / "out" / name).read_bytes()).hexdigest() for name in sorted(names)]
    assert there == here


@pytest.mark.one_core
def test_a_node_that_goes_away_meanwhile(play: Player) -> None:
    inventory = json.loads(play.inventory.read_text())
    node = inventory["nodes"]["hosts"]["node1"]
    node["ansible_host"] = f"{{{{ '127.0.0.9' if flatcar_report_asked is defined else '{node['ansible_host']}' }}}}"
    node["ansible_port"] = "{{ 9 if flatcar_report_asked is defined else 22 }}"
    play.inventory.write_text(json.dumps(inventory))
    dummy, hosts = report(play, *ONE)
    assert hosts["node1"]["version"]
    (said,) = [each["message"] for each in hosts["node1"]["problems"] if each["code"] == "not_looked_up"]
    assert "127.0.0.9" in said


@pytest.mark.one_core
def test_a_place_that_is_none(play: Player) -> None:
    for place in ("node1", "elsewhere:/srv", "node1:srv", "https://example.com/fleet?sig=x"):
        played = play.run(PLAYBOOK, variables={"fleet_report_publish": place})
        assert played.rc != 0 and "is HOST:/FOLDER" in played.output, played.output
        assert [result.task for result in played.results] == ["Check where it goes"]


@pytest.mark.one_core
def test_the_guide(play: Player) -> None:
    (example,) = [each for each in map(yaml.safe_load, examples("guide_fleet_report")) if isinstance(each, list)]
    played = play([{"become": True, **task} for task in example[0]["tasks"]], hosts="node1:node2")
    assert played.rc != 0
    assert "node1: kured is to reboot it, and locksmithd would" in played.output, played.output


def test_the_working_directory(play: Player, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    settings = {**os.environ, **play.settings(tmp_path / "results")}
    for arguments, names in ((["--check"], []), ([], ["fleet_report"]), ([], ["fleet_report"])):
        command = [*play.command(PLAYBOOK, {"fleet_report_nodes": False}), *arguments]
        done = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert os.listdir(folder) == names
