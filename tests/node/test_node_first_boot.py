# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""node_first_boot on nodes."""

from __future__ import annotations

import os
import threading
import time
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.processes import processes
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes

FLAG = "/boot/flatcar/first_boot"


def wait(play: Player, *, variables: dict[str, t.Any] | None = None, **options: t.Any) -> Played:
    task = {"flatops.flatcar.node_first_boot": {"connect_timeout": 10, **options}}
    return play([task], hosts="node1", variables=variables)


def test_it_is_over(play: Player, nodes: Nodes) -> None:
    played = wait(play)
    assert played.rc == 0, played.output
    found = played.results[0].result
    assert not found["changed"] and found["elapsed"] < 100
    assert found["boot_id"] == nodes.boot_id("node1") == found["ignition"]["boot_id"]


def test_it_is_waited_for(play: Player, nodes: Nodes) -> None:
    def boot() -> None:
        """Once it is tried to log in, and a while later."""
        nodes.until(lambda: "ssh" in processes(os.getpid()).values(), nodes["node1"])
        time.sleep(4)
        nodes.power_on("node1")

    nodes.cut_power("node1")
    booting = threading.Thread(target=boot)
    booting.start()
    try:
        played = wait(play, timeout=300)
    finally:
        booting.join()
    assert played.rc == 0, played.output
    assert played.results[0].result["elapsed"] >= 3


def test_ignition_has_not_finished(play: Player, nodes: Nodes) -> None:
    nodes.run("node1", f"sudo touch {FLAG}").check_returncode()
    clear = threading.Timer(6, nodes.run, ["node1", f"sudo rm {FLAG}"])
    failed = wait(play, timeout=10).results[0]
    assert failed.failed and failed.result["error_code"] == "ignition_unfinished", failed
    clear.start()
    try:
        assert wait(play, timeout=300).rc == 0
    finally:
        clear.join()


@pytest.mark.parametrize(
    "variables, code",
    [
        ({"ansible_host": "node.invalid"}, "no_address"),
        ({"ansible_host": "198.19.{number}.250"}, "no_route"),
        ({"ansible_port": 23}, "no_ssh"),
        ({"ansible_ssh_common_args": "-o UserKnownHostsFile=/dev/null"}, "host_key_unknown"),
    ],
)
def test_it_does_not_come(play: Player, nodes: Nodes, variables: dict[str, t.Any], code: str) -> None:
    given = {name: str(value).replace("{number}", str(nodes.number)) for name, value in variables.items()}
    began = time.monotonic()
    played = wait(play, timeout=10, variables=given)
    failed = played.results[0]
    assert failed.failed and failed.result["error_code"] == code, played.output
    assert time.monotonic() - began < 300


def test_a_login_that_is_refused(play: Player) -> None:
    played = wait(play, timeout=10, variables={"ansible_user": "nobody"})
    failed = played.results[0]
    assert failed.failed and failed.result["error_code"] == "login_refused", played.output
    assert "ssh_authorized_keys" in failed.result["msg"]
