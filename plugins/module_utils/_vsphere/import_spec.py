# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a server makes of an OVF descriptor, and what is added to it before the VM is made."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.faults import described, translated
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Inventory, Place
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_descriptor import Descriptor


class Wanted(t.NamedTuple):
    """How an OVF becomes a VM.

    networks is name in the OVF -> name, path or id of a network; properties are those of the OVF; deployment_option is
    the id of one of its configurations, empty for its default.
    """

    name: str
    networks: t.Mapping[str, str] = {}
    provisioning: str = "thin"
    properties: t.Mapping[str, str] = {}
    deployment_option: str = ""


class File(t.NamedTuple):
    """A file to upload: device is what the lease calls its target, path the name of the member, size in bytes or 0."""

    device: str
    path: str
    create: bool
    size: int


class Made(t.NamedTuple):
    """spec is the server's ImportSpec for one VM."""

    spec: t.Any
    files: tuple[File, ...]
    warnings: tuple[str, ...]

    @property
    def config(self) -> t.Any:
        """The ConfigSpec of the VM that comes, which may be changed."""
        return self.spec.configSpec


def create(
    session: Session, place: Place, datastore: sdk.Ref, text: str, wanted: Wanted, networks: t.Mapping[str, sdk.Ref]
) -> Made:
    """The server's import spec for a descriptor on a datastore; VsphereError spec_error with all that it refuses."""
    params = sdk.vim.OvfManager.CreateImportSpecParams(
        locale="",
        deploymentOption=wanted.deployment_option,
        entityName=wanted.name,
        hostSystem=place.host,
        networkMapping=[
            sdk.vim.OvfManager.NetworkMapping(name=name, network=network) for name, network in networks.items()
        ],
        propertyMapping=[sdk.vim.KeyValue(key=key, value=str(value)) for key, value in wanted.properties.items()],
        diskProvisioning=wanted.provisioning,
    )
    with translated(f"The OVF descriptor for {wanted.name}"):
        result = session.content.ovfManager.CreateImportSpec(text, place.pool, datastore, params)
    if result.error or not isinstance(result.importSpec, sdk.vim.vm.VmImportSpec):
        said = [described(fault) for fault in result.error] or ["It describes something else than one VM."]
        raise VsphereError("spec_error", f"The server cannot make {wanted.name} of this OVF: {' '.join(said)}")
    files = tuple(File(item.deviceId, item.path, bool(item.create), item.size or 0) for item in result.fileItem)
    return Made(result.importSpec, files, tuple(described(fault) for fault in result.warning))


def networks(inventory: Inventory, place: Place, about: Descriptor, wanted: Wanted) -> dict[str, sdk.Ref]:
    """The network for each of the OVF's: the one that is named for it, else that of its own name."""
    names = [network.name for network in about.networks]
    known = ", ".join(names) or "none"
    unknown = [name for name in wanted.networks if name not in names]
    if unknown:
        raise VsphereError(
            "network_unknown", f"networks: the OVF has no {', '.join(unknown)}. Its networks are: {known}."
        )
    found = {}
    for name in names:
        try:
            found[name] = inventory.network(wanted.networks.get(name, name), place)
        except VsphereError as error:
            if name in wanted.networks or error.code != "not_found":
                raise
            raise VsphereError(
                "network_unknown",
                f"networks names no network for {name!r} of the OVF, and there is none of that name. The OVF's "
                f"networks are: {known}.",
                **error.about,
            ) from None
    return found


def check(about: Descriptor, wanted: Wanted, is_vcenter: bool) -> list[str]:
    """Warnings; VsphereError bad_option for a deployment option or properties that the OVF does not have."""
    if wanted.deployment_option:
        _known("deployment_option", [wanted.deployment_option], {option.id for option in about.options})
    _known("ovf_properties", wanted.properties, {prop.key for prop in about.properties})
    if wanted.properties and not is_vcenter:
        return ["ovf_properties: a host without vCenter does not keep them, and the guest does not see them."]
    return []


def _known(option: str, values: t.Iterable[str], known: set[str]) -> None:
    unknown = [value for value in values if value not in known]
    if unknown:
        has = ", ".join(sorted(known)) or "none"
        raise VsphereError("bad_option", f"{option}: the OVF has no {', '.join(unknown)}. It has: {has}.")


def merge(config: t.Any, more: t.Any) -> None:
    """Puts what is set in one ConfigSpec into another: devices are added, extraConfig is replaced key by key."""
    for info in more._GetPropertyList():
        value = getattr(more, info.name)
        if info.name == "extraConfig":
            keys = {option.key for option in value}
            config.extraConfig = [*(option for option in config.extraConfig if option.key not in keys), *value]
        elif info.name == "deviceChange":
            config.deviceChange = [*config.deviceChange, *_keyed(config.deviceChange, value)]
        elif value is not None and value != []:
            setattr(config, info.name, value)


def _keyed(known: t.Sequence[t.Any], added: t.Sequence[t.Any]) -> t.Iterator[t.Any]:
    """Changes whose new devices have keys of their own: which ones does not matter, as the server gives others."""
    keys = {change.device.key for change in known}
    for change in added:
        if change.operation == "add" and change.device.key in keys:
            change.device.key = min(0, *keys) - 1
        keys.add(change.device.key)
        yield change
