# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of VMs, at a simulated vCenter."""

from __future__ import annotations

import hashlib

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
    connection,
    inventory,
    sdk,
    tasks,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.vm_info import Known, Selection, known
from ansible_collections.flatops.flatcar.tests.standins.vsphere import vcsim
from ansible_collections.flatops.flatcar.tests.vsphere.conftest import settings

SECRET = "c2VjcmV0"


def names(found: Known) -> list[str]:
    assert found.warnings == []
    return [vm["name"] for vm in found.vms]


def configure(session: connection.Session, name: str, **extra: str) -> sdk.Ref:
    """Sets extraConfig of a VM; a double underscore stands for a dot."""
    objects = inventory.Inventory.load(session)
    (ref,) = inventory.machines(session, objects, [inventory.Identity(name)])
    values = [sdk.vim.option.OptionValue(key=key.replace("__", "."), value=value) for key, value in extra.items()]
    tasks.wait(session, ref.ReconfigVM_Task(sdk.vim.vm.ConfigSpec(extraConfig=values)))
    return ref


def test_all_in_the_order_of_their_names(session: connection.Session) -> None:
    assert names(known(session, Selection())) == ["DC0_C0_RP0_VM0", "DC0_C0_RP0_VM1", "DC0_H0_VM0", "DC0_H0_VM1"]


def test_one(session: connection.Session) -> None:
    (vm,) = known(session, Selection(names=["DC0_C0_RP0_VM0", "nobody"])).vms
    assert vm["folder"] == "/DC0/vm"
    assert vm["host"].startswith("DC0_C0_H")
    assert vm["datastore"] == "LocalDS_0"
    assert vm["power_state"] == "powered_on"
    assert vm["state"] == "present"
    assert vm["stamp"] is None
    assert vm["guestinfo"] == []
    assert vm["hardware"]["cpus"] == 1
    assert vm["hardware"]["nics"][0]["network"] == "DC0_DVPG0"
    assert vm["hardware"]["disks"][0]["file"].startswith("[LocalDS_0]")
    assert names(known(session, Selection(moids=[vm["moid"], "vm-999999"]))) == ["DC0_C0_RP0_VM0"]
    for uuid in (vm["instance_uuid"], vm["bios_uuid"]):
        assert names(known(session, Selection(uuids=[uuid], datacenter="DC0"))) == ["DC0_C0_RP0_VM0"]


def test_folders(session: connection.Session) -> None:
    objects = inventory.Inventory.load(session)
    root = objects.value(objects.datacenter("DC0"), "vmFolder")
    inner = root.CreateFolder("a/b").CreateFolder("deeper")
    ref = configure(session, "DC0_H0_VM0")
    tasks.wait(session, inner.MoveIntoFolder_Task([ref]))
    assert names(known(session, Selection(folder="a%2fb/deeper"))) == ["DC0_H0_VM0"]
    assert names(known(session, Selection(folder="/DC0/vm/a%2fb"))) == []
    assert names(known(session, Selection(folder="/DC0/vm/a%2fb", recurse=True))) == ["DC0_H0_VM0"]
    assert len(names(known(session, Selection(folder="/DC0/vm")))) == 3
    assert names(known(session, Selection(folder="nowhere"))) == []
    assert known(session, Selection(folder="a%2fb/deeper")).vms[0]["folder"] == "/DC0/vm/a%2fb/deeper"
    assert len(names(known(session, Selection(datacenter="/DC0")))) == 4
    with pytest.raises(VsphereError, match="DC9"):
        known(session, Selection(datacenter="DC9"))


def test_ours_and_their_stamps(session: connection.Session) -> None:
    configure(session, "DC0_H0_VM1", flatcar__ansible__state="importing", flatcar__ansible__source="https://x/y.ova")
    (vm,) = known(session, Selection(ours=True)).vms
    assert vm["name"] == "DC0_H0_VM1"
    assert vm["stamp"] == {
        "state": "importing",
        "ignition_sha256": "",
        "source": "https://x/y.ova",
        "settings_sha256": "",
        "imported": "",
    }


def test_no_value_of_user_data_is_told(session: connection.Session) -> None:
    configure(
        session,
        "DC0_H0_VM0",
        guestinfo__ignition__config__data=SECRET,
        guestinfo__ignition__config__data__encoding="base64",
        guestinfo__ovfEnv=SECRET,
        guestinfo__hostname="web1",
        other="x",
    )
    keys = ["guestinfo.hostname", "guestinfo.ignition.config.data", "guestinfo.ignition.config.data.encoding"]
    (vm,) = known(session, Selection(names=["DC0_H0_VM0"])).vms
    assert vm["guestinfo"] == [{"key": key} for key in [*keys, "guestinfo.ovfEnv"]]
    (vm,) = known(session, Selection(names=["DC0_H0_VM0"]), values=True).vms
    digest = {"sha256": hashlib.sha256(SECRET.encode()).hexdigest(), "bytes": len(SECRET)}
    assert vm["guestinfo"] == [
        {"key": keys[0], "value": "web1"},
        {"key": keys[1], **digest},
        {"key": keys[2], "value": "base64"},
        {"key": "guestinfo.ovfEnv", **digest},
    ]
    assert SECRET not in str(vm)


def test_a_template(session: connection.Session) -> None:
    ref = configure(session, "DC0_H0_VM0")
    tasks.wait(session, ref.PowerOffVM_Task())
    ref.MarkAsTemplate()
    (vm,) = known(session, Selection(names=["DC0_H0_VM0"])).vms
    assert (vm["state"], vm["power_state"]) == ("template", "powered_off")


def test_the_addresses_that_the_guest_reports(session: connection.Session) -> None:
    configure(session, "DC0_H0_VM0", SET__guest__ipAddress="192.0.2.10")
    assert known(session, Selection(names=["DC0_H0_VM0"])).vms[0]["ips"] == ["192.0.2.10"]


def test_a_host_without_vcenter(esx: vcsim.Server) -> None:
    with connection.connect(settings(esx)) as session:
        found = known(session, Selection(folder="/ha-datacenter/vm"))
        assert len(found.vms) == 2
        assert found.vms[0]["hardware"]["nics"][0]["network"] == "VM Network"


def test_all_are_read_by_few_requests(session: connection.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """One read each of the inventory, of the names and of the VMs."""
    calls: list[str] = []
    invoke = session._invoke

    def counted(mo: sdk.Ref, info: object, *rest: object) -> object:
        calls.append(type(mo).__name__)
        return invoke(mo, info, *rest)

    monkeypatch.setattr(session, "_invoke", counted)
    known(session, Selection())
    assert calls.count("vmodl.query.PropertyCollector") == 3
    assert len(calls) == 7
