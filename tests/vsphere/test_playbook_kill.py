# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook vsphere_vms is killed, with all its processes, and run again."""

from __future__ import annotations

import collections.abc
import contextlib
import http.server
import pathlib
import time

import pytest

from ansible_collections.flatops.flatcar.tests.fleets import ended, failure
from ansible_collections.flatops.flatcar.tests.standins.background import in_background
from ansible_collections.flatops.flatcar.tests.standins.vsphere import vcsim
from ansible_collections.flatops.flatcar.tests.vsphere.fleet import TEMPLATE, Fleet

pytestmark = pytest.mark.one_core
PLAYBOOK = "flatops.flatcar.vsphere_vms"
HOSTS = ("web1", "web2", "web3")


@contextlib.contextmanager
def slowly(folder: pathlib.Path, seconds: float) -> collections.abc.Iterator[str]:
    """An address below which the files of a folder are; the second half of each comes after that time."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = (folder / self.path.lstrip("/")).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            half = len(content) // 2
            with contextlib.suppress(OSError):
                self.wfile.write(content[:half])
                time.sleep(seconds)
                self.wfile.write(content[half:])

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with in_background(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield f"http://127.0.0.1:{server.server_port}"


def test_in_the_import_of_the_template(server: vcsim.Server, tmp_path: pathlib.Path) -> None:
    with slowly(tmp_path, 30) as address:
        template = {"name": TEMPLATE, "url": f"{address}/flatcar.ova"}
        fleet = Fleet(tmp_path, server, {name: {} for name in HOSTS}, flatcar_vsphere_template=template)
        fleet.play.killed_when(lambda: TEMPLATE in fleet.vms(), PLAYBOOK)
    # A server removes what is left when the lease is over, and a rerun waits for that; vcsim keeps it.
    usual = {"name": TEMPLATE, "ova": str(tmp_path / "flatcar.ova"), "import_timeout": 1}
    refused = fleet.run(flatcar_vsphere_template=usual)
    assert refused.rc != 0
    for name in HOSTS:
        assert "(import_unfinished" in failure(refused, name)
    usual["import_timeout"] = 600
    mended = fleet.run(flatcar_vsphere_template=usual, flatcar_force=True)
    assert mended.rc == 0 and set(fleet.vms()) == set(HOSTS), mended.output


@pytest.mark.parametrize("number", [1, 3])
def test_among_the_clones(server: vcsim.Server, tmp_path: pathlib.Path, number: int) -> None:
    fleet = Fleet(tmp_path, server, {name: {} for name in HOSTS})
    fleet.play.killed_when(lambda: len(fleet.vms().keys() - {TEMPLATE}) >= number, PLAYBOOK)
    mended = fleet.run(flatcar_force=True)
    assert mended.rc == 0, mended.output
    made = fleet.vms()
    assert set(made) == set(HOSTS)
    assert all(vm.power == "poweredOn" and vm.ignition for vm in made.values())
    again = fleet.run()
    assert again.rc == 0 and ended(again) == {name: [0, 0] for name in HOSTS}, again.output
