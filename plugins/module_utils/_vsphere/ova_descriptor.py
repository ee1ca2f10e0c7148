# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The descriptor of an OVA: what DSP0243 (OVF 1.x) and VMware's additions to it say of one virtual machine.

Elements are known by their local names, as OVF 0.9, 1 and 2 differ in their namespaces. What depends on a deployment
option is that of the default one.
"""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET
from xml.parsers import expat

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

#: The largest descriptor that is read, in bytes; that of Flatcar has 16 KiB.
LARGEST = 1 << 20
_DEEPEST = 100

_CPU, _MEMORY, _ETHERNET, _DISK = "3", "4", "10", "17"
#: CIM resource type -> controller
_CONTROLLERS = {"5": "ide", "6": "scsi", "20": "sata", "32": "nvme"}
#: DSP0004, annex C ("byte * 2^20"), and the words of older tools.
_UNITS = re.compile(r"bytes?(?: *\* *(\d{1,4}(?: *\^ *\d{1,3})?))?", re.IGNORECASE)
_WORDS = {"kb": 10, "kilobytes": 10, "mb": 20, "megabytes": 20, "gb": 30, "gigabytes": 30, "tb": 40, "terabytes": 40}
_NUMBER = re.compile(r"[0-9]{1,18}")


class File(t.NamedTuple):
    """A file that belongs to the OVA. size is in bytes, None where the descriptor does not say."""

    href: str
    size: int | None


class Disk(t.NamedTuple):
    """A disk. href is its file, None for one that is empty; capacity is in bytes.

    controller is what it hangs on ("scsi", "ide", "sata", "nvme"; "" where the descriptor does not say), subtype which
    kind of that ("VirtualSCSI"), unit its place there.
    """

    id: str
    href: str | None
    capacity: int
    format: str
    controller: str
    subtype: str
    unit: int | None


class Nic(t.NamedTuple):
    name: str
    subtype: str
    network: str


class Hardware(t.NamedTuple):
    """guest_id is that of vSphere ("other3xLinux64Guest"), hardware_version as in "vmx-13"; "" where not said."""

    cpus: int | None
    memory_mb: int | None
    hardware_version: str
    guest_id: str
    firmware: str
    nics: tuple[Nic, ...]


class Network(t.NamedTuple):
    name: str
    description: str


class Property(t.NamedTuple):
    """A property; key is as vSphere names it: class.key.instance, where there is a class or an instance."""

    key: str
    type: str
    default: str
    configurable: bool
    label: str
    description: str


class Product(t.NamedTuple):
    name: str
    vendor: str
    version: str
    full_version: str


class Option(t.NamedTuple):
    """A deployment option ("configuration")."""

    id: str
    label: str
    description: str
    default: bool


class Descriptor(t.NamedTuple):
    id: str
    name: str
    product: Product
    annotation: str
    files: tuple[File, ...]
    disks: tuple[Disk, ...]
    networks: tuple[Network, ...]
    hardware: Hardware
    transports: tuple[str, ...]
    properties: tuple[Property, ...]
    options: tuple[Option, ...]


def decode(content: bytes, name: str) -> str:
    """The text of a descriptor, which must be UTF-8; name is what messages call it."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _invalid(name, f"its text is not UTF-8 (byte {error.start})") from error


def parse(text: str, name: str) -> Descriptor:
    """What a descriptor says; VsphereError ovf_invalid for what is none, or cannot be imported from a stream."""
    try:
        return _Reader(_tree(text, name), name).descriptor()
    except expat.ExpatError as error:
        raise _invalid(name, f"it is no XML ({error})") from error


def _tree(text: str, name: str) -> ET.Element:
    """The elements. A document type is refused before anything in it counts, and with it all entities."""
    builder = ET.TreeBuilder()
    parser = expat.ParserCreate("utf-8", namespace_separator="}")
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise _invalid(name, f"its elements are nested more than {_DEEPEST} deep")
        others = {_local(key): value for key, value in attributes.items() if not _is_ovf(key)}
        builder.start(_local(tag), {**others, **{_local(k): v for k, v in attributes.items() if _is_ovf(k)}})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_local(tag))

    def doctype(*dummy: t.Any) -> None:
        raise _invalid(name, "it has a document type (<!DOCTYPE), which may hold entities, and no OVF needs one")

    def declaration(dummy_version: str, encoding: str | None, dummy_standalone: int) -> None:
        if encoding and encoding.lower() not in ("utf-8", "us-ascii"):
            raise _invalid(name, f"it says that its encoding is {encoding}; only UTF-8 is taken")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = doctype
    parser.XmlDeclHandler = declaration
    parser.Parse(text.encode(), True)
    return builder.close()


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _is_ovf(key: str) -> bool:
    """Whether an attribute is one of OVF itself: such a one wins over a namesake of somebody else."""
    return "}" not in key or "/ovf/envelope" in key


class _Reader:
    def __init__(self, root: ET.Element, name: str) -> None:
        self.root = root
        self.name = name
        if root.tag != "Envelope":
            raise self.invalid(f"it is no OVF: its outermost element is {root.tag}")
        if root.find("VirtualSystemCollection") is not None:
            raise self.invalid("it describes a vApp (VirtualSystemCollection); only single virtual machines are taken")
        systems = root.findall("VirtualSystem")
        if len(systems) != 1:
            raise self.invalid(f"it describes {len(systems)} virtual machines, and one is wanted")
        self.system = systems[0]
        self.options = self._options()
        self.chosen = next((option.id for option in self.options if option.default), "")

    def invalid(self, what: str) -> VsphereError:
        return _invalid(self.name, what)

    def descriptor(self) -> Descriptor:
        files = self._files()
        hardware = self.system.find("VirtualHardwareSection")
        items = self._items(hardware)
        return Descriptor(
            id=self.system.get("id", ""),
            name=_text(self.system, "Name"),
            product=self._product(),
            annotation=_text(self.system, "AnnotationSection/Annotation"),
            files=tuple(files.values()),
            disks=tuple(self._disks(files, items)),
            networks=tuple(
                Network(network.get("name", ""), _text(network, "Description"))
                for network in self.root.findall("NetworkSection/Network")
            ),
            hardware=self._hardware(hardware, items),
            transports=tuple(hardware.get("transport", "").split()) if hardware is not None else (),
            properties=tuple(self._properties()),
            options=self.options,
        )

    def _options(self) -> tuple[Option, ...]:
        found = self.root.findall("DeploymentOptionSection/Configuration")
        stated = [option for option in found if _true(option.get("default", ""))]
        default = next(iter(stated or found), None)
        return tuple(
            Option(option.get("id", ""), _text(option, "Label"), _text(option, "Description"), option is default)
            for option in found
        )

    def _files(self) -> dict[str, File]:
        """By their identifiers."""
        files: dict[str, File] = {}
        for element in self.root.findall("References/File"):
            href, id = element.get("href", ""), element.get("id", "")
            if "://" in href:
                raise self.invalid("a file of it lies at an address of its own; only files in the OVA are taken")
            if not href or "/" in href or "\\" in href:
                raise self.invalid(f"the file {href!r} is no name of a file in the OVA")
            if element.get("compression", "identity") not in ("identity", ""):
                raise self.invalid(
                    f"the file {href} is compressed ({element.get('compression')}), which servers that import a stream "
                    "do not take. Export the OVA without compression"
                )
            if element.get("chunkSize"):
                raise self.invalid(f"the file {href} is split in chunks. Export the OVA without chunks")
            if id in files or href in [file.href for file in files.values()]:
                raise self.invalid(f"it names the file {href} or the identifier {id!r} twice")
            size = element.get("size")
            files[id] = File(href, None if size is None else self._number(size, f"the size of {href}"))
        return files

    def _items(self, hardware: ET.Element | None) -> list[ET.Element]:
        """The devices of the default deployment option."""
        if hardware is None:
            return []
        return [
            item
            for item in hardware
            if item.tag in ("Item", "StorageItem", "EthernetPortItem")
            and (not item.get("configuration") or self.chosen in item.get("configuration", "").split())
        ]

    def _disks(self, files: dict[str, File], items: list[ET.Element]) -> t.Iterator[Disk]:
        devices = {_text(item, "InstanceID"): item for item in items}
        places = {
            _text(item, "HostResource").rpartition("/")[2]: item
            for item in items
            if _text(item, "ResourceType") == _DISK
        }
        for element in self.root.findall("DiskSection/Disk"):
            id, reference = element.get("diskId", ""), element.get("fileRef")
            if reference is not None and reference not in files:
                raise self.invalid(f"the disk {id} lies in a file {reference!r} that it does not name")
            what = f"the capacity of the disk {id}"
            scale = self._scale(element.get("capacityAllocationUnits", "byte"), what)
            item = places.get(id)
            controller = devices.get(_text(item, "Parent")) if item is not None else None
            yield Disk(
                id=id,
                href=files[reference].href if reference is not None else None,
                capacity=self._number(element.get("capacity", ""), what) * scale,
                format=element.get("format", ""),
                controller=_CONTROLLERS.get(_text(controller, "ResourceType"), ""),
                subtype=_text(controller, "ResourceSubType"),
                unit=self._optional(_text(item, "AddressOnParent"), f"the place of the disk {id}"),
            )

    def _hardware(self, section: ET.Element | None, items: list[ET.Element]) -> Hardware:
        firmware = [
            config.get("value", "")
            for config in (section.findall("Config") if section is not None else [])
            if config.get("key") == "firmware"
        ]
        guest = self.system.find("OperatingSystemSection")
        cpus, memory = self._quantity(items, _CPU), None
        for item in items:
            if _text(item, "ResourceType") == _MEMORY:
                scale = self._scale(_text(item, "AllocationUnits") or "byte * 2^20", "the memory")
                memory = self._number(_text(item, "VirtualQuantity"), "the memory") * scale >> 20
        return Hardware(
            cpus=cpus,
            memory_mb=memory,
            hardware_version=_text(section, "System/VirtualSystemType"),
            guest_id=guest.get("osType", "") if guest is not None else "",
            firmware=firmware[0] if firmware else "",
            nics=tuple(
                Nic(_text(item, "ElementName"), _text(item, "ResourceSubType"), _text(item, "Connection"))
                for item in items
                if _text(item, "ResourceType") == _ETHERNET
            ),
        )

    def _quantity(self, items: list[ET.Element], kind: str) -> int | None:
        for item in items:
            if _text(item, "ResourceType") == kind:
                return self._number(_text(item, "VirtualQuantity"), "the number of CPUs")
        return None

    def _product(self) -> Product:
        section = self.system.find("ProductSection")
        names = ("Product", "Vendor", "Version", "FullVersion")
        return Product(*(_text(section, name) for name in names))

    def _properties(self) -> t.Iterator[Property]:
        for section in self.system.findall("ProductSection"):
            for element in section.findall("Property"):
                parts = (section.get("class", ""), element.get("key", ""), section.get("instance", ""))
                values = {value.get("configuration", ""): value.get("value", "") for value in element.findall("Value")}
                yield Property(
                    key=".".join(part for part in parts if part),
                    type=element.get("type", "string"),
                    default=values.get(self.chosen, element.get("value", values.get("", ""))),
                    configurable=_true(element.get("userConfigurable", "")),
                    label=_text(element, "Label"),
                    description=_text(element, "Description"),
                )

    def _scale(self, units: str, what: str) -> int:
        """How many bytes a unit has."""
        plain = units.strip()
        if plain.lower() in _WORDS:
            return 1 << _WORDS[plain.lower()]
        match = _UNITS.fullmatch(plain)
        if not match:
            raise self.invalid(f"{what} is in {units!r}, and not in bytes")
        base, dummy_caret, power = (match[1] or "1").replace(" ", "").partition("^")
        if int(base) not in (1, 2, 10, 1000, 1024) or int(power or "1") > 60:
            raise self.invalid(f"{what} is in {units!r}, which is no unit")
        scale: int = int(base) ** int(power or "1")
        return scale

    def _number(self, value: str, what: str) -> int:
        if not _NUMBER.fullmatch(value.strip()):
            raise self.invalid(f"{what} is {value!r}, and no number")
        return int(value)

    def _optional(self, value: str, what: str) -> int | None:
        return self._number(value, what) if value else None


def _text(element: ET.Element | None, path: str) -> str:
    return (element.findtext(path) or "").strip() if element is not None else ""


def _true(value: str) -> bool:
    return value.strip().lower() in ("true", "1")


def _invalid(name: str, what: str) -> VsphereError:
    return VsphereError("ovf_invalid", f"The descriptor {name} cannot be used: {what}.")
