# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo as its user runs it, but that the playbooks say all that they can."""

from __future__ import annotations

import collections.abc
import os
import pathlib
import re
import signal
import time

import pytest

from ansible_collections.flatops.flatcar.tests.demo import demo, leaks
from ansible_collections.flatops.flatcar.tests.demo.guests import HOSTS
from ansible_collections.flatops.flatcar.tests.demo.started import Demo, started

AZURE = ("web1", "web2", "web3")
LINE = re.compile(r"^  (\S+) .* changed=(\d+) ", re.MULTILINE)
#: Nothing listens there.
PROXY = "http://127.0.0.1:9"
#: One is not root as another user of a namespace of one's own, and has one's files nevertheless.
NOT_ROOT = () if os.geteuid() else ("unshare", "--user", "--map-user=65534", "--map-group=65534")
#: Files that a machine has of its roles, of its groups, and for itself alone.
SHARED = {"/etc/flatcar/update.conf", "/etc/ssh/sshd_config.d/10-hardening.conf", "/root/.docker/config.json"}
ON_VSPHERE = {"/opt/extensions/chrony/chrony-4.8-x86-64.raw", "/etc/systemd/network/00-ens192.network"}
WEB = {"/etc/chrony/conf.d/flatops.conf", "/etc/nginx/conf.d/default.conf"}
KUBERNETES = {"/opt/extensions/kubernetes/kubernetes-v1.34.2-x86-64.raw", "/etc/modules-load.d/kubernetes.conf"}
FILES = {
    "web1": SHARED | WEB | {"/var/lib/www/robots.txt"},
    "web2": SHARED | WEB,
    "app2": SHARED | ON_VSPHERE,
    "worker1": SHARED | ON_VSPHERE | KUBERNETES | {"/etc/sysctl.d/90-memory.conf"},
}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> collections.abc.Iterator[Demo]:
    """The whole, of which the playbooks say all that they can."""
    with started(tmp_path_factory.mktemp("demo"), ANSIBLE_VERBOSITY="3") as run:
        status = run.process.wait()
        with_nodes(run)
        assert status == 0, run.printed
        yield run


def with_nodes(run: Demo) -> None:
    """Skips where test nodes cannot run, which CI does not allow."""
    if "Left out are" in run.printed:
        pytest.skip(run.printed)


def changes(printed: str) -> list[list[tuple[str, int]]]:
    """The playbooks of both runs, and how many tasks of each have changed something."""
    return [[(name, int(count)) for name, count in LINE.findall(part)] for part in printed.split("The second run:")]


def states(run: Demo) -> dict[str, tuple[str, list[str]]]:
    """host -> its state and its problems, as the report has them"""
    hosts = run.json("fleet_report/fleet_report.json")["hosts"]
    return {host["name"]: (host["state"], [problem["code"] for problem in host["problems"]]) for host in hosts}


def test_the_second_run_changes_nothing(done: Demo) -> None:
    first, second = changes(done.printed)
    names = ["render", "azure_vms", "vsphere_vms", "day_two", "kubernetes_patch", "fleet_report"]
    assert [name for name, dummy in first] == names
    assert [name for name, changed in first if not changed] == ["fleet_report"], done.printed
    assert second == [(name, 0) for name in names]


def test_it_ends_with_the_report(done: Demo) -> None:
    report = done.folder / "fleet_report"
    assert (report / "fleet_report.html").stat().st_size > 1000
    assert (report / "fleet_report.txt").read_text() in done.printed
    assert f"Kubernetes: {demo.PATCH}" in done.printed
    assert states(done) == {
        **dict.fromkeys(AZURE, ("not_asked", [])),
        **dict.fromkeys(HOSTS, ("ok", [])),
    }


def test_each_machine_has_what_it_is(done: Demo) -> None:
    known = set().union(*FILES.values())
    for host, wanted in FILES.items():
        paths = {file["path"] for file in done.json(f"ignition/{host}.ign")["storage"]["files"]}
        assert paths & known == wanted, host


def test_nothing_is_left(done: Demo) -> None:
    assert done.left() == []


def test_nothing_tells_a_secret(done: Demo) -> None:
    common, azure, vsphere = (done.variables(group) for group in ("all", "azure", "vsphere"))
    secrets = [
        common["registry_password"],
        common["core_password_hash"],
        azure["flatcar_azure__95_standin"]["secret"],
        vsphere["flatcar_vsphere__95_simulator"]["password"],
    ]
    logs = sorted((done.folder / "log").iterdir())
    assert len(logs) == 12 and all(b"ansible-playbook [core " in log.read_bytes() for log in logs)
    for file in [*logs, done.output, *(done.folder / "fleet_report").iterdir()]:
        assert not leaks.found(file.read_bytes(), secrets), file
    # They are where they belong.
    assert leaks.found((done.folder / "ignition" / "app1.ign").read_bytes(), secrets) == set(secrets[:2])


def test_without_root(tmp_path: pathlib.Path) -> None:
    """What needs test nodes is left out by name, and the rest runs; no proxy leads to the stand-ins."""
    # The user of that number has no home.
    env = {"HOME": str(tmp_path), "ANSIBLE_REMOTE_TEMP": str(tmp_path / "remote")}
    with started(tmp_path, *NOT_ROOT, **env, HTTPS_PROXY=PROXY, https_proxy=PROXY) as run:
        assert run.process.wait() == 0, run.printed
    assert "\nLeft out are day_two.yml and kubernetes_patch.yml, since test nodes need root.\n" in run.printed
    first, second = changes(run.printed)
    made = ["render", "azure_vms", "vsphere_vms"]
    assert [name for name, changed in first if changed] == made
    assert second == [(name, 0) for name in [*made, "fleet_report"]]
    assert states(run) == dict.fromkeys([*AZURE, *HOSTS], ("not_asked", []))
    assert run.left() == []


def test_ended_amid_a_playbook(tmp_path: pathlib.Path) -> None:
    """Its terminal is closed, and what comes then does not keep it from cleaning up."""
    log = tmp_path / "made" / "log" / "04-day_two.log"
    with started(tmp_path) as run:
        while not log.exists() or "TASK [" not in log.read_text():
            with_nodes(run)
            assert run.process.poll() is None, run.printed
            time.sleep(0.1)
        run.process.send_signal(signal.SIGHUP)
        while run.process.poll() is None:
            run.process.send_signal(signal.SIGTERM)
            time.sleep(0.1)
    assert run.process.returncode == 1, run.printed
    assert run.left() == []
