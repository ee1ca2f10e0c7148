# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of azure_vm's core in this process, and looks at what came of them."""

from __future__ import annotations

import concurrent.futures
import contextlib
import time
import typing as t
import urllib.parse

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    arguments,
    request,
    session,
    vm_instances,
    vm_options,
)
from ansible_collections.flatops.flatcar.tests.options import defaults
from ansible_collections.flatops.flatcar.tests.standins.arm.client import Server

Json = dict[str, t.Any]
#: Where VMs of the tests are, and what they are made of.
GROUP = "fleet"
PLACE = {"resource_group": GROUP, "location": "westeurope", "create_resource_group": True}
NETWORK = {"create_network": True, "outbound": "nat_gateway"}
MACHINE = {**PLACE, **NETWORK, "vm_size": "Standard_D2s_v5", "image": "stable", "accept_terms": True}


class Lab:
    """A login to a stand-in, and the VMs there."""

    def __init__(self, server: Server, timeout: int = 300) -> None:
        self.server = server
        self.login = {
            **{name: spec.get("default") for name, spec in arguments.auth_spec(lambda *dummy: None).items()},
            "auth_source": "auto",
            "subscription_id": server.subscription_id,
            "tenant": server.tenant,
            "client_id": server.client_id,
            "secret": server.secret,
            "cloud_environment": server.url,
            "timeout": timeout,
        }
        self.diff: tuple[Json, Json] = ({}, {})

    def vms(self, *, check: bool = False, **given: t.Any) -> list[Json]:
        full = defaults({**MACHINE, **given}, vm_options.SPEC)
        with session.open_session(self.login, check) as opened:
            done = vm_instances.run(opened, full, check=check)
        self.diff = done.before, done.after
        return done.vms

    def vm(self, *, check: bool = False, **given: t.Any) -> Json:
        (row,) = self.vms(check=check, **{"name": "node1", **given})
        return row

    def twice(self, **given: t.Any) -> Json:
        """In check mode, in earnest, and both again: the first two agree, and the last two only look."""
        with self.looking():
            told = self.vm(check=True, **given)
        row = self.vm(**given)
        assert not row["failed"], row
        assert told["actions"] == row["actions"]
        with self.looking():
            again = self.vm(**given)
            assert not again["failed"], again
            assert (again["changed"], again["actions"]) == (False, [])
            assert self.vm(check=True, **given)["actions"] == []
        assert self.diff[0] == self.diff[1]
        return row

    @contextlib.contextmanager
    def started(self, **given: t.Any) -> t.Iterator[concurrent.futures.Future[Json]]:
        """A run in another thread, which has ended when the context has."""
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            yield pool.submit(self.vm, **given)

    def until(self, condition: t.Callable[[], bool], seconds: float = 300) -> None:
        """Waits for a condition."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it does not come to that"
            time.sleep(0.05)

    @contextlib.contextmanager
    def looking(self) -> t.Iterator[None]:
        """Nothing is written within."""
        before = len(self.server.writes())
        yield
        assert self.server.writes()[before:] == []

    def there(self, kind: str = "virtualMachines") -> dict[str, Json]:
        """Resources of a kind by name."""
        found = self.server.resources().values()
        return {each["name"]: each for each in found if str(each["type"]).lower().endswith(f"/{kind.lower()}")}

    def tags(self, name: str) -> dict[str, str]:
        """Those of the collection, without its prefix."""
        tags = self.there()[name].get("tags") or {}
        prefix = "flatcar-ansible-"
        return {key.removeprefix(prefix): value for key, value in tags.items() if key.startswith(prefix)}

    def made(self) -> list[str]:
        """The names of all that was made and asked for: disks of systems and subnets come with what holds them."""
        found = self.server.resources().values()
        return sorted(
            each["name"] for each in found if "_OsDisk_" not in each["name"] and "/subnets/" not in each["id"]
        )

    def disown(self, name: str, group: str = GROUP) -> None:
        """Takes the tags of the collection from a VM."""
        with self._opened() as opened:
            vms = opened.compute.virtual_machines
            request.begin(opened, "Disowning", vms.begin_update, group, name, {"tags": {"owner": "somebody"}})

    def delete(self, name: str, release: bool = False) -> None:
        """Deletes a VM by hand; with release its interface stays."""
        with self._opened() as opened:
            vms = opened.compute.virtual_machines
            if release:
                nics = [{"id": each["id"], "properties": {"deleteOption": "Detach"}} for each in self.nics(name)]
                body = {"properties": {"networkProfile": {"networkInterfaces": nics}}}
                request.begin(opened, "Releasing", vms.begin_update, GROUP, name, body)
            request.begin(opened, "Deleting", vms.begin_delete, GROUP, name)

    def untag_disk(self, name: str) -> None:
        with self._opened() as opened:
            request.begin(opened, "Untagging", opened.compute.disks.begin_update, GROUP, name, {"tags": {}})

    def attach(self, name: str, disk: str) -> None:
        """Gives a VM a disk by hand."""
        body = {
            "location": "westeurope",
            "sku": {"name": "Premium_LRS"},
            "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 1},
        }
        with self._opened() as opened:
            disks, vms = opened.compute.disks, opened.compute.virtual_machines
            made = request.begin(opened, "Making", disks.begin_create_or_update, GROUP, disk, body)
            entry = {"lun": 9, "createOption": "Attach", "managedDisk": {"id": made["id"]}}
            change = {"properties": {"storageProfile": {"dataDisks": [entry]}}}
            request.begin(opened, "Attaching", vms.begin_update, GROUP, name, change)

    def nics(self, name: str) -> list[Json]:
        return t.cast("list[Json]", self.there()[name]["properties"]["networkProfile"]["networkInterfaces"])

    def _opened(self) -> contextlib.AbstractContextManager[session.Session]:
        return session.open_session(self.login)

    def asked(self, method: str = "", part: str = "") -> list[str]:
        """Requests so far, such as "GET /subscriptions/..."; those of a method that have a part in their path."""
        log = self.server.log()
        found = [each for each in log if each["method"].startswith(method) and part.lower() in each["path"].lower()]
        return [f"{each['method']} {urllib.parse.unquote(each['path'])} {each['status']}" for each in found]
