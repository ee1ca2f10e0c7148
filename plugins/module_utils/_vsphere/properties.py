# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Reading properties: always through the PropertyCollector, many objects in one call.

Attribute by attribute each would be a call of its own, and some attributes that a server leaves unset make pyvmomi
fail (https://github.com/vmware/govmomi/issues/4084).
"""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import faults, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session


class Found(t.NamedTuple):
    """An object, and those of the asked properties that it has: path -> value."""

    ref: sdk.Ref
    values: dict[str, t.Any]


def read(session: Session, refs: t.Iterable[sdk.Ref], paths: t.Sequence[str]) -> list[Found]:
    """These properties of each object, in the order of refs, but for those that are gone."""
    wanted = list(dict.fromkeys(refs))
    if not wanted:
        return []
    collector = sdk.vmodl.query.PropertyCollector
    spec = collector.FilterSpec(
        objectSet=[collector.ObjectSpec(obj=ref) for ref in wanted],
        propSet=[_of(kind, paths) for kind in dict.fromkeys(type(ref) for ref in wanted)],
        reportMissingObjectsInResults=True,
    )
    found = {entry.ref: entry for entry in _retrieve(session, spec) if entry.values}
    return [found[ref] for ref in wanted if ref in found]


def view(
    session: Session, kind: type, paths: t.Sequence[str], root: sdk.Ref = None, recursive: bool = True
) -> list[Found]:
    """These properties of all objects of a kind and of those derived from it, below root or all that there are."""
    return views(session, {kind: paths}, root, recursive)


def views(
    session: Session, wanted: t.Mapping[type, t.Sequence[str]], root: sdk.Ref = None, recursive: bool = True
) -> list[Found]:
    """The same for several kinds at once, each with its paths."""
    collector = sdk.vmodl.query.PropertyCollector
    with faults.translated("Reading the inventory"):
        container = session.content.viewManager.CreateContainerView(
            root or session.content.rootFolder, list(wanted), recursive
        )
    members = collector.TraversalSpec(name="view", path="view", skip=False, type=sdk.vim.view.ContainerView)
    spec = collector.FilterSpec(
        objectSet=[collector.ObjectSpec(obj=container, skip=True, selectSet=[members])],
        propSet=[_of(kind, paths) for kind, paths in wanted.items()],
    )
    try:
        return _retrieve(session, spec)
    finally:
        with faults.translated("Reading the inventory"):
            container.DestroyView()


def _of(kind: type, paths: t.Sequence[str]) -> t.Any:
    return sdk.vmodl.query.PropertyCollector.PropertySpec(type=kind, pathSet=list(paths), all=False)


def _retrieve(session: Session, spec: t.Any) -> list[Found]:
    collector = session.content.propertyCollector
    options = sdk.vmodl.query.PropertyCollector.RetrieveOptions()
    with faults.translated("Reading the inventory"):
        logins = session.logins
        result = collector.RetrievePropertiesEx([spec], options)
        if _refusal(result):
            session.renew(logins)
            result = collector.RetrievePropertiesEx([spec], options)
            if fault := _refusal(result):
                raise faults.failure(fault, "Reading the inventory")
        found: list[Found] = []
        while result:
            found += [Found(entry.obj, {each.name: each.val for each in entry.propSet}) for entry in result.objects]
            result = collector.ContinueRetrievePropertiesEx(result.token) if result.token else None
    return found


def _refusal(result: t.Any) -> t.Any:
    """The fault of a missing session. Without one this call is answered as well, with every property missing."""
    for entry in result.objects if result else ():
        for missing in entry.missingSet:
            if isinstance(missing.fault, sdk.vim.fault.NotAuthenticated):
                return missing.fault
    return None
