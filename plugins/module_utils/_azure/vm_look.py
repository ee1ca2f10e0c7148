# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""VMs with their power, disks and addresses, by as few requests as Azure allows."""

from __future__ import annotations

import concurrent.futures
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import request, resource_id, vm_seen
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Json, Seen

#: So many VMs are asked for their power one by one; of more, all VMs of the subscription are asked at once.
_FEW = 3
_THREADS = 8

Asked = t.Callable[[], list[Json]]
Reader = t.Callable[[str], t.Optional[Json]]


class Looked(t.NamedTuple):
    """What there is. nics, ips and disks are JSON by resource_id.key, also those that no VM has."""

    vms: list[Seen]
    nics: dict[str, Json]
    ips: dict[str, Json]
    disks: dict[str, Json]


def look(session: Session, groups: t.Collection[str] | None, names: t.Collection[str] | None = None) -> Looked:
    """What is in some resource groups, or in all. Those that are not there hold nothing.

    Of VMs only those of these names count, where names are given.
    """
    wanted = None if names is None else {name.lower() for name in names}
    # The clients are made one after the other: the threads only ask.
    compute, network = session.compute, session.network
    kinds = (
        ("VMs", compute.virtual_machines.list, compute.virtual_machines.list_all),
        ("network interfaces", network.network_interfaces.list, network.network_interfaces.list_all),
        ("public IP addresses", network.public_ip_addresses.list, network.public_ip_addresses.list_all),
        ("disks", compute.disks.list_by_resource_group, compute.disks.list),
    )
    asked = [_asked(session, kind, groups) for kind in kinds]
    with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
        found = [_by_id(each) for each in pool.map(lambda each: each(), asked)]
        vms = [vm for vm in found[0].values() if wanted is None or vm["name"].lower() in wanted]
        views = _views(session, vms, pool)
        seen = [vm_seen.seen(vm, views.get(resource_id.key(vm["id"])), found[3]) for vm in vms]
        nics = _with_others(pool, found[1], (id for vm in seen for id in vm.nics), _nic(session))
        ours = (nics[resource_id.key(id)] for vm in seen for id in vm.nics if resource_id.key(id) in nics)
        ips = _with_others(pool, found[2], (id for nic in ours for id in public_ips(nic)), _ip(session))
    return Looked(seen, nics, ips, found[3])


def public_ips(nic: Json) -> list[str]:
    """The ids of the public addresses of a network interface."""
    configurations = (nic.get("properties") or {}).get("ipConfigurations") or ()
    found = ((each.get("properties") or {}).get("publicIPAddress") or {} for each in configurations)
    return [each["id"] for each in found if each.get("id")]


def _with_others(
    pool: concurrent.futures.Executor, listed: dict[str, Json], ids: t.Iterable[str], read: Reader
) -> dict[str, Json]:
    """What was listed, and what VMs have in other resource groups, each by a request of its own."""
    missing = dict.fromkeys(id for id in ids if resource_id.key(id) not in listed)
    return {**listed, **_by_id(found for found in pool.map(read, missing) if found)}


def _nic(session: Session) -> Reader:
    return _reader(session, "network interface", session.network.network_interfaces.get)


def _ip(session: Session) -> Reader:
    return _reader(session, "public IP address", session.network.public_ip_addresses.get)


def _reader(session: Session, what: str, function: t.Callable[..., t.Any]) -> Reader:
    """What reads one thing by its id; None where it is gone, or in a place where the account may not read it."""

    def read(id: str) -> Json | None:
        where = resource_id.parse(id)
        if where.subscription.lower() != session.subscription_id.lower():
            return None
        try:
            found: Json | None = request.get(
                session, f"Reading the {what} {where.name}", function, where.group, where.name, missing_ok=True
            )
        except AzureError as error:
            if error.code != "no_permission":
                raise
            return None
        return found

    return read


def _asked(session: Session, kind: tuple[str, t.Any, t.Any], groups: t.Collection[str] | None) -> Asked:
    """The question for all of a kind; it is asked when the result is called."""
    what, of_group, of_all = kind

    def ask() -> list[Json]:
        if groups is None:
            return request.listed(session, f"Listing the {what}", of_all)
        return [
            found
            for group in dict.fromkeys(group.lower() for group in groups)
            for found in request.listed(session, f"Listing the {what} of {group}", of_group, group, missing_ok=True)
        ]

    return ask


def _views(session: Session, vms: t.Sequence[Json], pool: concurrent.futures.Executor) -> dict[str, Json]:
    """resource_id.key -> instance view, of VMs that have one."""
    found: dict[str, Json] = {}
    if len(vms) > _FEW:
        found = _all_views(session)
    missing = [vm for vm in vms if resource_id.key(vm["id"]) not in found]
    views = pool.map(lambda vm: _view(session, vm), missing)
    found.update((resource_id.key(vm["id"]), view) for vm, view in zip(missing, views) if view)
    return found


def _all_views(session: Session) -> dict[str, Json]:
    """Of all VMs of the subscription; none where the account may not ask for all."""
    function = session.compute.virtual_machines.list_all
    try:
        told = request.listed(session, "Listing the states of the VMs", function, status_only="true")
    except AzureError as error:
        if error.code != "no_permission":
            raise
        return {}
    return {
        resource_id.key(vm["id"]): vm["properties"]["instanceView"]
        for vm in told
        if (vm.get("properties") or {}).get("instanceView")
    }


def _view(session: Session, vm: Json) -> Json | None:
    group = resource_id.parse(vm["id"]).group
    function = session.compute.virtual_machines.instance_view
    what = f"Reading the state of the VM {vm['name']}"
    view: Json | None = request.get(session, what, function, group, vm["name"], missing_ok=True)
    return view


def _by_id(found: t.Iterable[Json]) -> dict[str, Json]:
    return {resource_id.key(each["id"]): each for each in found}
