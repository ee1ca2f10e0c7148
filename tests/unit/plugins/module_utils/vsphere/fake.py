# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A vSphere server in memory, below pyvmomi's managed objects: what no simulator does can be made to happen here.

Calls go through pyvmomi, which checks the types of their arguments, and end at the objects of a Server. Each is a
plain class with state, its properties by their paths in `values`, its methods by their names in the API.
"""

from __future__ import annotations

import datetime
import itertools
import ssl
import typing as t

from pyVmomi import vim, vmodl
from pyVmomi.SoapAdapter import StubAdapterBase

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import API, Session, Settings

Ref = t.Any
_collector = vmodl.query.PropertyCollector


class Thing:
    """An object of a server. kind is its class in pyvmomi."""

    kind: type = vim.ManagedEntity

    def __init__(self, server: Server, **values: t.Any) -> None:
        self.server = server
        self.values = values
        self.ref = server.keep(self)

    def read(self, path: str) -> t.Any:
        """A property, None when it is unset."""
        return self.values.get(path)


class Server(StubAdapterBase):  # type: ignore[misc]
    """Objects by their ids, and the log of what was called. refuses is method -> fault that it raises."""

    cookie = 'vmware_soap_session="1"; Path=/'

    def __init__(self) -> None:
        super().__init__(API)
        self.objects: dict[str, Thing] = {}
        self.calls: list[str] = []
        self.refuses: dict[str, Exception] = {}
        self._numbers = itertools.count(1)

    def keep(self, thing: Thing) -> Ref:
        id = f"{type(thing).__name__.lower()}-{next(self._numbers)}"
        self.objects[id] = thing
        return thing.kind(id, self)

    def remove(self, ref: Ref) -> None:
        del self.objects[ref._GetMoId()]

    def at(self, ref: Ref) -> Thing:
        try:
            return self.objects[ref._GetMoId()]
        except KeyError:
            raise vmodl.fault.ManagedObjectNotFound(obj=ref) from None

    def of(self, kind: type) -> list[Ref]:
        return [thing.ref for thing in list(self.objects.values()) if isinstance(thing.ref, kind)]

    def InvokeMethod(self, mo: t.Any, info: t.Any, args: t.Any) -> t.Any:
        self.calls.append(info.wsdlName)
        if info.wsdlName in self.refuses:
            raise self.refuses[info.wsdlName]
        method = getattr(self.at(mo), info.wsdlName, None)
        if method is None:
            raise vmodl.fault.MethodNotFound(receiver=mo, method=info.wsdlName)
        return method(*args)

    def DropConnections(self) -> None:
        """There are none."""


class PropertyCollector(Thing):
    kind = _collector

    def CreatePropertyCollector(self) -> Ref:
        return PropertyCollector(self.server).ref

    def DestroyPropertyCollector(self) -> None:
        self.server.remove(self.ref)

    def CreateFilter(self, spec: t.Any, partialUpdates: bool) -> Ref:
        self.values["spec"] = spec
        return vmodl.query.PropertyCollector.Filter("filter", self.server)

    def WaitForUpdatesEx(self, version: str, options: t.Any) -> t.Any:
        """The present state at once."""
        updates = [
            _collector.ObjectUpdate(
                kind="modify",
                obj=found.obj,
                changeSet=[_collector.Change(name=each.name, op="assign", val=each.val) for each in found.propSet],
            )
            for found in self._found(self.values["spec"])
        ]
        return _collector.UpdateSet(version="1", filterSet=[_collector.FilterUpdate(objectSet=updates)])

    def RetrievePropertiesEx(self, specSet: t.Any, options: t.Any) -> t.Any:
        found = [entry for spec in specSet for entry in self._found(spec)]
        return _collector.RetrieveResult(objects=found) if found else None

    def _found(self, spec: t.Any) -> t.Iterator[t.Any]:
        for each in spec.objectSet:
            thing = self.server.at(each.obj)
            for ref in thing.values["view"] if each.skip else [each.obj]:
                paths = next((wanted.pathSet for wanted in spec.propSet if isinstance(ref, wanted.type)), None)
                if paths is not None:
                    read = {path: self.server.at(ref).read(path) for path in paths}
                    set_ = [
                        vmodl.DynamicProperty(name=path, val=read[path]) for path in paths if read[path] is not None
                    ]
                    yield _collector.ObjectContent(obj=ref, propSet=set_)


class ViewManager(Thing):
    kind = vim.view.ViewManager

    def CreateContainerView(self, container: Ref, type: t.Any, recursive: bool) -> Ref:
        members = [ref for ref in self.server.of(object) if isinstance(ref, tuple(type))]
        return View(self.server, view=members).ref


class View(Thing):
    kind = vim.view.ContainerView

    def DestroyView(self) -> None:
        self.server.remove(self.ref)


class Task(Thing):
    """A task that has ended: with a result, or with a fault."""

    kind = vim.Task

    def __init__(self, server: Server, result: t.Any = None, error: t.Any = None) -> None:
        super().__init__(server)
        state = "error" if error else "success"
        self.values.update({"info.state": state, "info.result": result, "info.error": error})


class Machine(Thing):
    """A VM; its extraConfig follows what it is reconfigured with."""

    kind = vim.VirtualMachine

    def __init__(self, server: Server, name: str, config: t.Any = None) -> None:
        super().__init__(server, name=name)
        self.undestroyable: t.Any = None
        self._configure(config or vim.vm.ConfigSpec())

    @property
    def extra(self) -> dict[str, str]:
        return {option.key: option.value for option in self.values["config.extraConfig"]}

    def _configure(self, spec: t.Any) -> None:
        options = self.extra if "config.extraConfig" in self.values else {}
        options.update({option.key: option.value for option in spec.extraConfig})
        self.values["config.extraConfig"] = [
            vim.option.OptionValue(key=key, value=value) for key, value in options.items() if value
        ]

    def ReconfigVM_Task(self, spec: t.Any) -> Ref:
        self._configure(spec)
        return Task(self.server).ref

    def Destroy_Task(self) -> Ref:
        if self.undestroyable:
            return Task(self.server, error=self.undestroyable).ref
        self.server.remove(self.ref)
        return Task(self.server).ref


class Lease(Thing):
    """A lease. states are those that one look after another finds, the last one for good.

    As on a real server an abort removes the VM, unless keeps_vm says otherwise; manifest is what the server got.
    """

    kind = vim.HttpNfcLease

    def __init__(self, server: Server, entity: Ref, urls: t.Sequence[t.Any], states: t.Sequence[str]) -> None:
        super().__init__(server)
        self.entity = entity
        self.urls = urls
        self.states = list(states)
        self.state = ""
        self.error: t.Any = None
        self.gone: list[Exception] = []
        self.timeout = 300
        self.percents: list[int] = []
        self.manifest: list[t.Any] | None = None
        self.keeps_vm = False

    def read(self, path: str) -> t.Any:
        if path == "state":
            self.state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
            return vim.HttpNfcLease.State(self.state)
        if path == "info" and self.state == "ready":
            return vim.HttpNfcLease.Info(
                lease=self.ref,
                entity=self.entity,
                deviceUrl=list(self.urls),
                totalDiskCapacityInKB=1,
                leaseTimeout=self.timeout,
            )
        return self.error if path == "error" else None

    def HttpNfcLeaseProgress(self, percent: int) -> None:
        if self.gone:
            raise self.gone[0]
        self.percents.append(percent)

    def HttpNfcLeaseGetManifest(self) -> t.Any:
        if self.manifest is None:
            raise vmodl.fault.MethodNotFound(receiver=self.ref, method="HttpNfcLeaseGetManifest")
        return self.manifest

    def HttpNfcLeaseComplete(self) -> None:
        self.states = ["done"]

    def HttpNfcLeaseAbort(self, fault: t.Any) -> None:
        self.states = ["error"]
        if not self.keeps_vm and self.entity._GetMoId() in self.server.objects:
            self.server.remove(self.entity)


class Pool(Thing):
    """A resource pool: ImportVApp makes a Machine as the import spec says, and gives a Lease for it.

    states and url are those of the lease; leased may change it further.
    """

    kind = vim.ResourcePool

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.states = ["initializing", "ready"]
        self.url = "https://*/nfc/1/disk-0.vmdk"
        self.leased: t.Callable[[Lease], None] = lambda lease: None
        self.machine: Machine | None = None

    def ImportVApp(self, spec: t.Any, folder: Ref, host: Ref) -> Ref:
        self.spec = spec
        self.machine = Machine(self.server, spec.configSpec.name, spec.configSpec)
        urls = [vim.HttpNfcLease.DeviceUrl(key="disk-0", importKey="/disk", url=self.url, sslThumbprint="")]
        self.lease = Lease(self.server, self.machine.ref, urls, self.states)
        self.leased(self.lease)
        return self.lease.ref


class OvfManager(Thing):
    """Makes an import spec with one disk whose file has the given name and size; errors and warnings are faults."""

    kind = vim.OvfManager

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.file, self.size = "disk.vmdk", 0
        self.errors: list[t.Any] = []
        self.warnings: list[t.Any] = []
        self.asked: list[t.Any] = []

    def CreateImportSpec(self, ovfDescriptor: str, resourcePool: Ref, datastore: Ref, cisp: t.Any) -> t.Any:
        self.asked.append((datastore, cisp))
        item = vim.OvfManager.FileItem(deviceId="/disk", path=self.file, size=self.size, cimType=17, create=False)
        disk = vim.vm.device.VirtualDisk(key=-1, controllerKey=-2, capacityInKB=1 << 20)
        change = vim.vm.device.VirtualDeviceSpec(operation="add", device=disk)
        config = vim.vm.ConfigSpec(name=cisp.entityName, numCPUs=2, deviceChange=[change])
        return vim.OvfManager.CreateImportSpecResult(
            importSpec=None if self.errors else vim.vm.VmImportSpec(configSpec=config),
            fileItem=[item],
            error=self.errors,
            warning=self.warnings,
        )


class Datastore(Thing):
    kind = vim.Datastore

    def __init__(self, server: Server, name: str, free: int, accessible: bool = True, mode: str = "normal") -> None:
        super().__init__(server, name=name)
        self.values["summary.freeSpace"] = free
        self.values["summary.accessible"] = accessible
        self.values["summary.maintenanceMode"] = mode


class Pod(Thing):
    """A datastore cluster."""

    kind = vim.StoragePod


class StorageResourceManager(Thing):
    kind = vim.StorageResourceManager

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.recommends: list[Ref] = []
        self.asked: list[t.Any] = []

    def RecommendDatastores(self, storageSpec: t.Any) -> t.Any:
        self.asked.append(storageSpec)
        found = [
            vim.cluster.Recommendation(
                key=str(number),
                type="V1",
                time=datetime.datetime.now(),
                rating=1,
                reason="placement",
                reasonText="",
                action=[vim.storageDrs.StoragePlacementAction(type="StoragePlacementV1", destination=ref)],
            )
            for number, ref in enumerate(self.recommends)
        ]
        return vim.storageDrs.StoragePlacementResult(recommendations=found)


class FakeSession(Session):
    """A login at a Server, with the managers that its content names."""

    def __init__(self, vcenter: bool = True, context: ssl.SSLContext | None = None) -> None:
        self.server = self.stub = Server()
        self.settings = Settings("127.0.0.1", "user", "password", timeout=60)
        self.host, self.port = self.settings.hostname, self.settings.port
        self.context = context or ssl.create_default_context()
        self.is_vcenter = vcenter
        self.logins = 1
        self.ovf = OvfManager(self.server)
        self.storage = StorageResourceManager(self.server)
        self.content = vim.ServiceInstanceContent(
            propertyCollector=PropertyCollector(self.server).ref,
            viewManager=ViewManager(self.server).ref,
            ovfManager=self.ovf.ref,
            storageResourceManager=self.storage.ref,
            rootFolder=Folder(self.server).ref,
        )

    def now(self) -> int:
        return 1_800_000_000

    def renew(self, logins: int) -> None:
        self.logins += 1


class Folder(Thing):
    kind = vim.Folder
