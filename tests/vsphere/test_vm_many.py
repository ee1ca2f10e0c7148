# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vsphere_vm against a simulated vCenter: many machines, addresses, lost sessions and killed runs."""

from __future__ import annotations

import collections
import concurrent.futures
import pathlib
import threading
import time
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
    connection,
    deploy,
    desired,
    options,
    plan,
    power,
    properties,
    stamp,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Inventory
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.job import Job, Outcome, Task
from ansible_collections.flatops.flatcar.tests.options import defaults, ignition
from ansible_collections.flatops.flatcar.tests.standins.vsphere import ova, vcsim
from ansible_collections.flatops.flatcar.tests.vsphere.conftest import settings
from ansible_collections.flatops.flatcar.tests.vsphere.lab import TEMPLATE, Lab, no_program

pytestmark = pytest.mark.one_core


@pytest.fixture
def lab(session: connection.Session) -> Lab:
    return Lab(session)


@pytest.fixture
def files(tmp_path: pathlib.Path) -> list[str]:
    """Six configs."""
    found = []
    for number in range(6):
        path = tmp_path / f"node{number}.ign"
        path.write_text(ignition(f"node{number}"))
        found.append(str(path))
    return found


@pytest.fixture
def archive(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "flatcar.ova"
    ova.write(path)
    return path


def nodes(files: list[str]) -> list[dict[str, str]]:
    return [{"name": f"node{number}", "ignition_file": file} for number, file in enumerate(files)]


def test_many_machines_of_one_template(lab: Lab, files: list[str]) -> None:
    given = {**TEMPLATE, "instances": nodes(files), "folder": "new", "create_folder": True}
    assert all(row["changed"] for row in lab.vms(check=True, **given))
    rows = lab.vms(**given)
    assert [row["name"] for row in rows] == [f"node{number}" for number in range(6)]
    assert all(row["actions"] == ["cloned", "powered_on"] and row["folder"] == "/DC0/vm/new" for row in rows), rows
    assert len({row["ignition"]["sha256"] for row in rows}) == 6
    assert not any(row["changed"] for row in lab.vms(**given))
    pathlib.Path(files[3]).write_text(ignition("changed"))
    rows = lab.vms(**given, on_ignition_change="replace")
    assert [row["changed"] for row in rows] == [number == 3 for number in range(6)]


def test_one_read_is_enough_for_machines_that_are_as_described(
    lab: Lab, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {**TEMPLATE, "instances": nodes(files)}
    lab.vms(**given)
    calls: list[str] = []
    stub = type(lab.session.stub)
    serialize = stub.SerializeRequest

    def counted(this: object, mo: object, info: t.Any, args: object) -> object:
        calls.append(info.wsdlName)
        return serialize(this, mo, info, args)

    monkeypatch.setattr(stub, "SerializeRequest", counted)
    lab.vms(**given)
    assert collections.Counter(calls)["RetrievePropertiesEx"] == 3
    assert len(calls) <= 7, calls


def test_replacements_are_limited(lab: Lab, files: list[str]) -> None:
    given = {**TEMPLATE, "instances": nodes(files)}
    before = [row["moid"] for row in lab.vms(**given)]
    for file in files[2:5]:
        pathlib.Path(file).write_text(ignition("changed"))
    for check in (True, False):
        rows = lab.vms(check=check, **given, on_ignition_change="replace", max_replacements=2)
        assert [row["changed"] for row in rows] == [False, False, True, True, False, False]
        assert [row.get("error_code") for row in rows] == [None] * 4 + ["replacement_limit", None]
        assert "the Ignition config" in rows[4]["msg"]
    assert [old == row["moid"] for old, row in zip(before, rows)] == [True, True, False, False, True, True]


def test_a_failure_does_not_stop_the_others(lab: Lab, files: list[str]) -> None:
    instances: list[dict[str, object]] = [
        {"name": "good"},
        {"name": "bad", "ignition_file": files[0] + ".none"},
        {"name": "worse", "template": "none"},
        {"name": "good"},
        {"name": "lost", "host": "nowhere", "cluster": "DC0_C0"},
        {"name": "other", "nics": [{"network": "none"}]},
        {"name": "last", "ova": "/none.ova"},
    ]
    rows = lab.vms(**TEMPLATE, instances=instances)
    codes = [None, "bad_option", "not_found", "bad_option", "not_found", "not_found", "source_unreadable"]
    assert [row.get("error_code") for row in rows] == codes
    assert rows[0]["actions"] == ["cloned", "powered_on"]
    assert {"good"} == {name for name in lab.names() if not name.startswith("DC0_")}


def test_an_ambiguous_machine_does_not_stop_the_others(lab: Lab) -> None:
    for folder in ("a", "b"):
        lab.vm(name="twin", folder=folder, create_folder=True, **TEMPLATE)
    rows = lab.vms(instances=[{"name": "twin"}, {"name": "twin", "folder": "a"}, {"name": "DC0_H0_VM0"}])
    assert [row.get("error_code") for row in rows] == ["ambiguous", None, None]
    assert len(rows[0]["candidates"]) == 2


def test_many_machines_of_one_ova(lab: Lab, tmp_path: pathlib.Path, files: list[str]) -> None:
    ova.write(tmp_path / "flatcar.ova", ova.Shape(random=1 << 20))
    given = {"ova": str(tmp_path / "flatcar.ova"), "cluster": "DC0_C0", "instances": nodes(files), "disk_gb": 20}
    rows = lab.vms(**given)
    assert all(row["actions"] == ["created", "powered_on"] for row in rows), rows
    assert not any(row["changed"] for row in lab.vms(**given))


def test_addresses_are_waited_for(lab: Lab) -> None:
    instances = [
        {"name": "four", "ip_version": "ipv4"},
        {"name": "net", "ip_cidr": "10.9.0.0/16"},
        {"name": "link", "wait_timeout": 2},
        {"name": "none", "wait_timeout": 1},
        {"name": "off", "power_state": "powered_off"},
        {"name": "any", "wait_for_ip": False},
    ]
    given = {**TEMPLATE, "instances": instances}
    lab.vms(**given, power_state="powered_on")
    lab.set("link", ipAddress="169.254.1.1")

    def boot() -> None:
        time.sleep(0.5)
        lab.set("four", ipAddress="10.0.0.4")
        lab.set("net", ipAddress="10.8.0.1")
        time.sleep(0.5)
        lab.set("net", ipAddress="10.9.0.1")

    thread = threading.Thread(target=boot)
    thread.start()
    start = time.monotonic()
    rows = lab.vms(**given, wait_for_ip=True, wait_timeout=600)
    thread.join()
    assert 1.9 < time.monotonic() - start < 300
    assert [row.get("error_code") for row in rows] == [None, None, "timeout", "timeout", None, None]
    assert (rows[0]["ips"], rows[1]["ips"][0]) == (["10.0.0.4"], "10.9.0.1")
    assert "169.254.1.1" in rows[2]["msg"]
    assert "tools do not run" in rows[3]["msg"]
    assert not any(row["changed"] for row in rows)


def test_a_machine_that_goes_while_it_is_waited_for(lab: Lab) -> None:
    given = {**TEMPLATE, "instances": [{"name": "gone"}, {"name": "stays"}], "power_state": "unmanaged"}
    lab.vms(**given)

    def remove() -> None:
        time.sleep(0.5)
        lab.set("stays", ipAddress="10.0.0.4")
        lab.names()["gone"].Destroy_Task()

    thread = threading.Thread(target=remove)
    thread.start()
    start = time.monotonic()
    rows = lab.vms(**given, wait_for_ip=True, wait_timeout=600)
    thread.join()
    assert time.monotonic() - start < 300
    assert [row.get("error_code") for row in rows] == ["not_found", None]
    assert rows[1]["ips"] == ["10.0.0.4"]


def test_a_session_that_is_lost_meanwhile(lab: Lab, server: vcsim.Server) -> None:
    given = {"name": "node1", **TEMPLATE, "ignition": ignition()}
    with connection.connect(settings(server)) as other:
        for step in ("make", "look", "remove"):
            sessions = properties.read(other, [other.content.sessionManager], ["sessionList", "currentSession"])
            values = sessions[0].values
            mine = values["currentSession"].key
            keys = [each.key for each in values["sessionList"] if each.key != mine]
            other.content.sessionManager.TerminateSession(keys)
            row = lab.vm(**given) if step != "remove" else lab.vm(name="node1", state="absent", force=True)
            assert (row["failed"], row["changed"]) == (False, step != "look"), row


def four_runs(server: vcsim.Server, **given: t.Any) -> list[dict[str, t.Any]]:
    """What came of the same task in four runs at the same time."""

    def make(dummy: int) -> dict[str, t.Any]:
        with connection.connect(settings(server)) as session:
            return Lab(session).vm(cluster="DC0_C0", **given)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return list(pool.map(make, range(4)))


def test_four_runs_make_one_machine(server: vcsim.Server, archive: pathlib.Path) -> None:
    rows = four_runs(server, name="node1", ova=str(archive))
    assert sum(not row["failed"] for row in rows) == 1
    # A run that came too late is refused by the server, or has already seen what the winner imports.
    assert {row["error_code"] for row in rows if row["failed"]} <= {"name_exists", "import_unfinished"}
    with connection.connect(settings(server)) as session:
        assert Lab(session).seen("node1").stamp.state == "complete"


def test_four_runs_make_one_template(server: vcsim.Server, archive: pathlib.Path) -> None:
    """As slices of a job of AWX do that begin with an empty cloud."""
    rows = four_runs(server, name="base", ova=str(archive), state="template")
    assert not any(row["failed"] for row in rows), rows
    assert len({row["moid"] for row in rows}) == 1
    assert sum("created" in row["actions"] for row in rows) == 1
    with connection.connect(settings(server)) as session:
        assert Lab(session).seen("base").template


def unfinished(lab: Lab, began: int) -> dict[str, t.Any]:
    """A template whose import began then, and has not ended; returns what its task says."""
    lab.vm(name="base", **TEMPLATE, power_state="powered_off")
    lab.write("base", stamp.stamp(state=stamp.IMPORTING, imported=str(began)))
    return {"name": "base", **TEMPLATE, "state": "template"}


def test_the_import_of_another_run_is_waited_for(lab: Lab) -> None:
    given = unfinished(lab, lab.session.now())
    assert lab.vm(check=True, **given)["error_code"] == "import_unfinished"

    def end() -> None:
        time.sleep(1)
        lab.write("base", stamp.stamp(state=stamp.COMPLETE))

    thread = threading.Thread(target=end)
    thread.start()
    row = lab.vm(**given)
    thread.join()
    assert (row["failed"], row["actions"]) == (False, ["marked_as_template"])


def test_the_import_of_another_run_that_fails_is_made_up_for(lab: Lab) -> None:
    given = unfinished(lab, lab.session.now())
    left = lab.names()["base"]

    def fail() -> None:
        time.sleep(1)
        left.Destroy_Task()

    thread = threading.Thread(target=fail)
    thread.start()
    row = lab.vm(**given)
    thread.join()
    assert (row["failed"], row["actions"]) == (False, ["cloned", "marked_as_template"])


@pytest.mark.parametrize("seconds", [0, 10**6])
def test_an_import_that_was_interrupted_is_not_waited_for_without_an_end(lab: Lab, seconds: int) -> None:
    given = unfinished(lab, lab.session.now() - seconds)
    start = time.monotonic()
    row = lab.vm(**given, import_timeout=2 if seconds == 0 else 10**6)
    assert (row["error_code"], row["left_behind"]) == ("import_unfinished", lab.names()["base"]._moId)
    assert time.monotonic() - start < 300


def test_another_run_was_quicker(lab: Lab) -> None:
    """Between what this run saw and what it did."""
    lab.vm(name="node1", **TEMPLATE, power_state="powered_off")
    seen = lab.seen("node1")
    for dummy in range(2):
        power.on(lab.session, seen.ref, "node1")
    assert lab.seen("node1").power == "powered_on"
    assert lab.vm(name="node1", state="present", power_state="powered_off", force=True)["changed"]
    wanted = desired.desired(defaults({"name": "node1", "state": "template"}, options.MACHINE))
    seen.ref.MarkAsTemplate()
    task = Task(lab.session, Inventory([]), False, no_program, Interrupt(), threading.Lock())
    deploy.carry_out(task, Job(wanted, seen, plan.Plan("mark")), Outcome(seen.ref))
    with pytest.raises(VsphereError) as caught:
        power.on(lab.session, seen.ref, "node1")
    assert caught.value.code == "fault"
