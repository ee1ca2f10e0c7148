# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a server has besides VMs, read at once, and where in it a VM goes.

Wherever an object is named, that is its name, its inventory path (/datacenter/vm/folder, or the end of one), or its
managed object id. Names and paths may hold vSphere's escapes for a slash (%2f), a backslash (%5c) and
% (%25).
"""

from __future__ import annotations

import collections
import re
import typing as t
import urllib.parse

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import faults, properties, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

#: Kind -> what is read of it, and of those derived from it: a cluster is a compute resource as well, a datastore
#: cluster a folder, a vApp a resource pool, a distributed port group a network.
_READ = {
    "Folder": (),
    "Datacenter": ("vmFolder",),
    "ComputeResource": ("resourcePool", "network", "datastore"),
    "ClusterComputeResource": ("configuration.drsConfig.enabled",),
    "HostSystem": (
        "runtime.connectionState",
        "runtime.inMaintenanceMode",
        "hardware.memorySize",
        "summary.quickStats.overallMemoryUsage",
        "network",
        "datastore",
    ),
    "ResourcePool": (),
    "Datastore": ("summary.accessible", "summary.maintenanceMode", "summary.freeSpace"),
    "Network": (),
    "DistributedVirtualSwitch": ("uuid",),
    "dvs.DistributedVirtualPortgroup": ("key", "config.uplink", "config.distributedVirtualSwitch"),
}
#: How many candidates a message names; the result has them all.
_NAMED = 20


class Wanted(t.NamedTuple):
    """Where a VM shall go, as the options say it."""

    datacenter: str | None = None
    cluster: str | None = None
    host: str | None = None
    resource_pool: str | None = None
    folder: str | None = None
    create_folder: bool = False
    datastore: str | None = None
    datastore_cluster: str | None = None


class Place(t.NamedTuple):
    """Where a VM goes; all are references. host is None where the cluster chooses it, pod the datastore cluster.

    folder is the last one that exists, missing_folders the names of those to be made below it.
    """

    datacenter: sdk.Ref
    compute: sdk.Ref
    pool: sdk.Ref
    folder: sdk.Ref
    host: sdk.Ref = None
    datastore: sdk.Ref = None
    pod: sdk.Ref = None
    missing_folders: tuple[str, ...] = ()


class Inventory:
    """The objects of a server: reference -> properties."""

    def __init__(
        self, objects: t.Iterable[properties.Found], need_vcenter: t.Callable[[str], None] = lambda what: None
    ) -> None:
        self._need_vcenter = need_vcenter
        self.objects = {found.ref: found.values for found in objects}
        self._paths: dict[sdk.Ref, tuple[str, ...]] = {}
        #: How often a host was chosen for a VM here.
        self._chosen: dict[sdk.Ref, int] = collections.Counter()

    @classmethod
    def load(cls, session: Session) -> Inventory:
        """Everything that the user may see, in one read."""
        kinds = {_kind(name): ("name", "parent", *paths) for name, paths in _READ.items()}
        return cls(properties.views(session, kinds), session.need_vcenter)

    def value(self, ref: sdk.Ref, path: str) -> t.Any:
        """A property that was read; None where it is unset or not to be seen."""
        return self.objects.get(ref, {}).get(path)

    def name_of(self, ref: sdk.Ref) -> str:
        """The name as people see it, "" of what the user may not see."""
        parts = self.parts_of(ref)
        return parts[-1] if parts else ""

    def path_of(self, ref: sdk.Ref) -> str:
        """The inventory path, such as /DC0/vm/prod; a slash in a name is %2f in it."""
        return "".join(f"/{escaped(part)}" for part in self.parts_of(ref))

    def parts_of(self, ref: sdk.Ref) -> tuple[str, ...]:
        """The names from the datacenter, or a folder above it, down to an object."""
        if ref not in self.objects:
            return ()
        if ref not in self._paths:
            values = self.objects[ref]
            self._paths[ref] = (*self.parts_of(values.get("parent")), plain(values["name"]))
        return self._paths[ref]

    def above(self, ref: sdk.Ref, kind: str) -> sdk.Ref:
        """The object itself or the nearest above it that is of a kind; None where there is none."""
        while ref is not None and not isinstance(ref, _kind(kind)):
            ref = self.value(ref, "parent")
        return ref

    def all(self, kind: str) -> list[sdk.Ref]:
        """The objects of a kind, in the order of their paths."""
        return sorted((ref for ref in self.objects if isinstance(ref, _kind(kind))), key=self.parts_of)

    def pick(self, option: str, value: str, among: t.Sequence[sdk.Ref], where: str = "") -> sdk.Ref:
        """The one of these objects that a value names; VsphereError not_found or ambiguous with the candidates."""
        found = [ref for ref in among if self.is_named(ref, value)]
        if len(found) == 1:
            return found[0]
        if found:
            raise self.choice("ambiguous", f"{option} {value!r}{where} fits several.", found)
        raise self.choice("not_found", f"There is no {option} {value!r}{where}.", among)

    def is_named(self, ref: sdk.Ref, value: str) -> bool:
        """Whether a value is the name, the path or its end, or the id of an object."""
        parts = self.parts_of(ref)
        if not parts:
            return False
        if value in (ref._moId, parts[-1]):
            return True
        named = tuple(plain(part) for part in value.strip("/").split("/"))
        return named == (parts if value.startswith("/") else parts[-len(named) :])

    def choice(self, code: str, said: str, candidates: t.Sequence[sdk.Ref]) -> VsphereError:
        """An error that lists what could have been meant."""
        told = [f"{self.path_of(ref)} ({ref._moId}{self._free(ref)})" for ref in candidates[:_NAMED]]
        if len(candidates) > _NAMED:
            told.append(f"and {len(candidates) - _NAMED} more")
        said += f" There {'is' if len(candidates) == 1 else 'are'}: {', '.join(told) or 'none'}."
        return VsphereError(
            code, said, candidates=[{"path": self.path_of(ref), "moid": ref._moId} for ref in candidates]
        )

    def place(self, wanted: Wanted) -> Place:
        """Where a VM goes; VsphereError when that does not exist, or can be more than one place."""
        if wanted.datastore and wanted.datastore_cluster:
            raise VsphereError("bad_option", "datastore and datastore_cluster exclude each other; give one of them.")
        if wanted.datastore_cluster:
            self._need_vcenter("A datastore cluster")
        compute, pool, host = self._compute(wanted)
        datacenter = self.above(compute, "Datacenter")
        folder, missing = self._folder(wanted, datacenter)
        datastore, pod = self._storage(wanted, datacenter, host or compute)
        if host is None and self.value(compute, "configuration.drsConfig.enabled") is False:
            host = self._host_of(compute, datastore)
        return Place(datacenter, compute, pool, folder, host, datastore, pod, missing)

    def network(self, value: str, place: Place) -> sdk.Ref:
        """The network that the chosen host, or else the cluster, sees under a name, a path or an id."""
        where = place.host or place.compute
        seen = [ref for ref in self.value(where, "network") or () if ref in self.objects and not self._is_uplink(ref)]
        return self.pick("network", value, sorted(seen, key=self.parts_of), f" at {self.path_of(where)}")

    def members(self, place: Place) -> list[sdk.Ref]:
        """The datastores of the place's datastore cluster that can be used there, the emptiest first."""
        seen = self.value(place.host or place.compute, "datastore") or ()
        usable = [ref for ref in seen if self.value(ref, "parent") == place.pod and self._has_room(ref)]
        return sorted(usable, key=lambda ref: self.value(ref, "summary.freeSpace") or 0, reverse=True)

    def folder(self, value: str, datacenter: sdk.Ref) -> tuple[sdk.Ref, tuple[str, ...]]:
        """The last existing folder of VMs on a path, and the names that are missing below it.

        The path begins with / and the datacenter, or below the datacenter's folder of VMs.
        """
        folder = self.value(datacenter, "vmFolder")
        for ref in self.all("Folder"):
            if ref._moId == value and self._is_below(ref, folder):
                return ref, ()
        names = [plain(part) for part in value.split("/") if part]
        root = list(self.parts_of(folder))
        if value.startswith("/"):
            if names[: len(root)] != root:
                raise VsphereError("bad_option", f"folder {value!r} is not below {self.path_of(folder)}.")
            names = names[len(root) :]
        children = {(self.value(ref, "parent"), self.name_of(ref)): ref for ref in self.all("Folder")}
        while names and (folder, names[0]) in children:
            folder = children[folder, names.pop(0)]
        return folder, tuple(names)

    def datacenter(self, value: str | None) -> sdk.Ref:
        """The datacenter of a name, or the only one."""
        found = self.all("Datacenter")
        if value:
            return self.pick("datacenter", value, found)
        if len(found) == 1:
            return found[0]
        raise self.choice("ambiguous", "Which datacenter is meant? Give the option datacenter.", found)

    def datacenter_of(self, wanted: Wanted) -> sdk.Ref:
        """The datacenter that is named, that the path of the folder begins with, or that is the only one."""
        if wanted.datacenter or not (wanted.folder or "").startswith("/"):
            return self.datacenter(wanted.datacenter)
        names = tuple(plain(part) for part in str(wanted.folder).strip("/").split("/"))
        among = self.all("Datacenter")
        for ref in among:
            if names[: len(self.parts_of(ref))] == self.parts_of(ref):
                return ref
        raise self.choice("not_found", f"There is no datacenter of folder {wanted.folder!r}.", among)

    def _compute(self, wanted: Wanted) -> tuple[sdk.Ref, sdk.Ref, sdk.Ref]:
        """The cluster or lone host, the resource pool, and the host if one is named."""
        computes, where = self._computes(wanted)
        host = pool = compute = None
        if wanted.cluster:
            compute = self.pick("cluster", wanted.cluster, computes, where)
            computes, where = [compute], f" in {self.path_of(compute)}"
        if wanted.host:
            among = [ref for ref in self.all("HostSystem") if self.above(ref, "ComputeResource") in computes]
            host = self.pick("host", wanted.host, among, where)
            compute = self.above(host, "ComputeResource")
            computes, where = [compute], f" in {self.path_of(compute)}"
            if (state := self._unusable(host)) is not None:
                raise VsphereError("bad_option", f"host {wanted.host!r} cannot take a VM: it is {state}.")
        if wanted.resource_pool:
            among = [ref for ref in self.all("ResourcePool") if self.above(ref, "ComputeResource") in computes]
            pool = self.pick("resource_pool", wanted.resource_pool, among, where)
            compute = self.above(pool, "ComputeResource")
        if compute is None:
            if len(computes) != 1:
                raise self.choice(
                    "ambiguous" if computes else "not_found",
                    f"Where shall the VM run{where}? Give cluster, host or resource_pool.",
                    computes,
                )
            compute = computes[0]
        return compute, pool or self.value(compute, "resourcePool"), host

    def _computes(self, wanted: Wanted) -> tuple[list[sdk.Ref], str]:
        """The clusters and lone hosts that can be meant, and the words for where they are."""
        computes = self.all("ComputeResource")
        if not (wanted.datacenter or (wanted.folder or "").startswith("/")):
            return computes, ""
        datacenter = self.datacenter_of(wanted)
        inside = [ref for ref in computes if self.above(ref, "Datacenter") == datacenter]
        return inside, f" in datacenter {self.name_of(datacenter)}"

    def _folder(self, wanted: Wanted, datacenter: sdk.Ref) -> tuple[sdk.Ref, tuple[str, ...]]:
        if not wanted.folder:
            return self.value(datacenter, "vmFolder"), ()
        folder, missing = self.folder(wanted.folder, datacenter)
        if missing:
            self._need_vcenter("A folder of VMs")
        if missing and not wanted.create_folder:
            said = f"There is no folder {missing[0]!r} in {self.path_of(folder)}; create_folder makes it."
            raise self.choice(
                "not_found", said, [ref for ref in self.all("Folder") if self.value(ref, "parent") == folder]
            )
        return folder, missing

    def _storage(self, wanted: Wanted, datacenter: sdk.Ref, where: sdk.Ref) -> tuple[sdk.Ref, sdk.Ref]:
        """The datastore, or the datastore cluster, that a host or cluster sees."""
        seen = sorted((ref for ref in self.value(where, "datastore") or () if ref in self.objects), key=self.parts_of)
        usable = [ref for ref in seen if self._has_room(ref)]
        at = f" at {self.path_of(where)}"
        if wanted.datastore:
            return self.pick("datastore", wanted.datastore, usable, at), None
        if wanted.datastore_cluster:
            pods = [ref for ref in self.all("StoragePod") if self.above(ref, "Datacenter") == datacenter]
            pod = self.pick("datastore_cluster", wanted.datastore_cluster, pods)
            if not any(self.value(ref, "parent") == pod for ref in usable):
                said = f"No datastore of datastore_cluster {wanted.datastore_cluster!r} can be used{at}."
                raise self.choice("not_found", said, usable)
            return None, pod
        if len(usable) == 1:
            return usable[0], None
        if usable:
            said = f"Which datastore{at} shall it be? Give datastore or datastore_cluster."
            raise self.choice("ambiguous", said, usable)
        raise self.choice("not_found", f"No datastore can be used{at}.", seen)

    def _host_of(self, cluster: sdk.Ref, datastore: sdk.Ref) -> sdk.Ref:
        """A host for a VM in a cluster without DRS, where the server asks for one: that with most memory left."""
        hosts = [ref for ref in self.all("HostSystem") if self.value(ref, "parent") == cluster]
        usable = [
            ref
            for ref in hosts
            if self._unusable(ref) is None and (datastore is None or datastore in (self.value(ref, "datastore") or ()))
        ]
        if not usable:
            raise self.choice("not_found", f"No host of {self.path_of(cluster)} can take a VM.", hosts)
        found = min(usable, key=lambda ref: (self._chosen[ref], -self._memory_left(ref)))
        self._chosen[found] += 1
        return found

    def _memory_left(self, host: sdk.Ref) -> int:
        """MiB; other VMs may have been started since it was read."""
        used = self.value(host, "summary.quickStats.overallMemoryUsage") or 0
        return int((self.value(host, "hardware.memorySize") or 0) // (1 << 20) - used)

    def _unusable(self, host: sdk.Ref) -> str | None:
        """Why a host cannot take VMs; None when it can."""
        state = self.value(host, "runtime.connectionState")
        if state not in (None, "connected"):
            return str(state)
        return "in maintenance mode" if self.value(host, "runtime.inMaintenanceMode") else None

    def _has_room(self, datastore: sdk.Ref) -> bool:
        mode = self.value(datastore, "summary.maintenanceMode")
        return bool(self.value(datastore, "summary.accessible")) and mode in (None, "normal")

    def _free(self, ref: sdk.Ref) -> str:
        free = self.value(ref, "summary.freeSpace")
        return "" if free is None else f", {free / (1 << 30):.1f} GiB free"

    def _is_uplink(self, network: sdk.Ref) -> bool:
        """Whether a port group is that of a switch's own uplinks. Servers before 6.7 do not say so."""
        told = self.value(network, "config.uplink")
        is_port_group = isinstance(network, _kind("dvs.DistributedVirtualPortgroup"))
        return is_port_group and (told if told is not None else "-DVUplinks-" in self.name_of(network))

    def _is_below(self, ref: sdk.Ref, root: sdk.Ref) -> bool:
        while ref is not None and ref != root:
            ref = self.value(ref, "parent")
        return ref is not None


class Identity(t.NamedTuple):
    """Which VM is meant: a name in a folder, or anywhere in a datacenter or on the server; or a UUID, or an id."""

    name: str | None = None
    datacenter: str | None = None
    folder: str | None = None
    uuid: str | None = None
    moid: str | None = None


def identity(value: str, datacenter: str | None = None) -> Identity:
    """What a VM's name, inventory path or managed object id says."""
    if re.fullmatch(r"vm-\d+", value):
        return Identity(moid=value)
    if value.startswith("/"):
        folder, dummy, name = value.rpartition("/")
        return Identity(name, datacenter, folder)
    return Identity(value, datacenter)


def machines(session: Session, inventory: Inventory, wanted: t.Sequence[Identity]) -> list[sdk.Ref]:
    """The VM of each identity, None where there is none; VsphereError ambiguous where there are several.

    The names are read once for each folder or datacenter, however many VMs are looked for there.
    """
    named: dict[tuple[str | None, str | None], dict[str, list[sdk.Ref]]] = {}
    found = []
    for each in wanted:
        if each.moid:
            refs = by_moid(session, each.moid)
        elif each.uuid:
            refs = of_uuid(session, each.uuid, inventory.datacenter(each.datacenter) if each.datacenter else None)
        else:
            where = (each.datacenter, each.folder)
            if where not in named:
                named[where] = names(session, inventory, *where)
            refs = named[where].get(plain(each.name or ""), [])
        if len(refs) > 1:
            raise _several(session, inventory, each, refs)
        found.append(refs[0] if refs else None)
    return found


def names(
    session: Session, inventory: Inventory, datacenter: str | None, folder: str | None, recurse: bool = False
) -> dict[str, list[sdk.Ref]]:
    """Name -> VMs, of a folder and with recurse of those in it, or else of a datacenter, or else of all."""
    root, recursive = None, True
    if folder:
        root, missing = inventory.folder(folder, inventory.datacenter_of(Wanted(datacenter=datacenter, folder=folder)))
        recursive = recurse
        if missing:
            return {}
    elif datacenter:
        root = inventory.value(inventory.datacenter(datacenter), "vmFolder")
    found = collections.defaultdict(list)
    for entry in properties.view(session, sdk.vim.VirtualMachine, ["name"], root, recursive):
        found[plain(entry.values["name"])].append(entry.ref)
    return dict(found)


def of_uuid(session: Session, uuid: str, datacenter: sdk.Ref = None) -> list[sdk.Ref]:
    """The VMs of an instance UUID or, where there is none, of a BIOS UUID."""
    search = session.content.searchIndex
    with faults.translated(f"Looking for the VM {uuid}"):
        return list(
            search.FindAllByUuid(datacenter, uuid, True, True) or search.FindAllByUuid(datacenter, uuid, True, False)
        )


def by_moid(session: Session, moid: str) -> list[sdk.Ref]:
    """The VM of a managed object id, if there is one."""
    ref = sdk.vim.VirtualMachine(moid, session.stub)
    return [entry.ref for entry in properties.read(session, [ref], ["name"])]


def _several(session: Session, inventory: Inventory, wanted: Identity, refs: t.Sequence[sdk.Ref]) -> VsphereError:
    candidates = [
        {
            "path": f"{inventory.path_of(entry.values.get('parent'))}/{entry.values['name']}",
            "moid": entry.ref._moId,
        }
        for entry in properties.read(session, refs, ["name", "parent"])
    ]
    told = ", ".join(f"{each['path']} ({each['moid']})" for each in candidates)
    named = wanted.name or wanted.uuid
    return VsphereError(
        "ambiguous",
        f"{named!r} fits several VMs: {told}. Give folder, uuid or moid.",
        candidates=candidates,
    )


def make_folders(session: Session, place: Place) -> Place:
    """The same place with its missing folders made, which another run may do at the same time.

    The server escapes their names.
    """
    folder = place.folder
    for name in place.missing_folders:
        with faults.translated(f"Making the folder {name!r}"):
            try:
                folder = folder.CreateFolder(name)
            except sdk.vim.fault.DuplicateName as fault:
                folder = fault.object
        if not isinstance(folder, sdk.vim.Folder):
            raise VsphereError("bad_option", f"The folder {name!r} cannot be made: a VM there has this name.")
    return place._replace(folder=folder, missing_folders=())


def plain(name: str) -> str:
    """A name without the escapes of vSphere."""
    return urllib.parse.unquote(name)


def escaped(name: str) -> str:
    """A name as vSphere keeps and shows it."""
    return name.replace("%", "%25").replace("/", "%2f").replace("\\", "%5c")


def _kind(name: str) -> t.Any:
    """A class of pyvmomi below vim."""
    found = sdk.vim
    for part in name.split("."):
        found = getattr(found, part)
    return found
