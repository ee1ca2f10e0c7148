# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OVAs in the shape of Flatcar's, without Flatcar in them: an own descriptor with the same properties and hardware
(build_library/template_vmware.ovf in flatcar/scripts has them), and disks that hold zeros and random bytes.

As a program it writes one and prints its size in bytes.
"""

from __future__ import annotations

import argparse
import collections.abc
import hashlib
import io
import os
import pathlib
import random
import struct
import tarfile
import tempfile
import typing as t
import zlib
from xml.sax.saxutils import escape, quoteattr

MIB = 1 << 20
MANIFESTS = ("sha1", "sha256", "sha512", "none", "bad")
#: The kinds of members, in Flatcar's order.
ORDER = ("ovf", "mf", "disks")

_SECTOR = 512
#: Sectors of a grain, and grains of a grain table.
_GRAIN, _TABLE = 128, 512
_GRAIN_BYTES = _GRAIN * _SECTOR
_GRAIN_TABLE, _DIRECTORY, _FOOTER = 1, 2, 3
_AT_END = 0xFFFFFFFFFFFFFFFF

_NAMESPACES = {
    "xmlns": "http://schemas.dmtf.org/ovf/envelope/1",
    "xmlns:ovf": "http://schemas.dmtf.org/ovf/envelope/1",
    "xmlns:rasd": "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData",
    "xmlns:vmw": "http://www.vmware.com/schema/ovf",
    "xmlns:vssd": "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData",
}
_FORMAT = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"
_ROUTES = ("route.0.gateway", "route.0.destination")

Edit = collections.abc.Callable[[str], str]


class Shape(t.NamedTuple):
    """What an OVA is like. Sizes are in bytes, random is how much of each disk is filled with random bytes.

    order holds each of ORDER once; manifest is one of MANIFESTS; cut is how many bytes the file lacks at its end.
    edit is applied to the text of the descriptor before the manifest is made.
    """

    name: str = "flatcar_production_vmware_ova"
    disks: int = 1
    capacity: int = 12600 * MIB
    random: int = 0
    seed: int = 1
    manifest: str = "sha1"
    order: tuple[str, ...] = ORDER
    cpus: int = 2
    memory_mb: int = 2048
    hardware_version: str = "vmx-13"
    networks: tuple[str, ...] = ("VM Network",)
    format: int = tarfile.GNU_FORMAT
    cut: int = 0
    edit: Edit | None = None


def write(path: str | os.PathLike[str], shape: Shape | None = None) -> int:
    """Writes an OVA, and returns its size in bytes."""
    shape = shape or Shape()
    with tempfile.TemporaryDirectory() as folder:
        disks = [pathlib.Path(folder, name) for name in disk_names(shape)]
        for number, disk in enumerate(disks):
            with disk.open("wb") as stream:
                write_disk(stream, shape.capacity, _grains(shape, shape.seed + number))
        text = descriptor(shape, [disk.stat().st_size for disk in disks])
        members: dict[str, list[tuple[str, bytes | pathlib.Path]]] = {
            "ovf": [(f"{shape.name}.ovf", (shape.edit(text) if shape.edit else text).encode())],
            "disks": [(disk.name, disk) for disk in disks],
        }
        members["mf"] = (
            []
            if shape.manifest == "none"
            else [(f"{shape.name}.mf", manifest([*members["disks"], *members["ovf"]], shape.manifest))]
        )
        pack(path, [member for kind in shape.order for member in members[kind]], shape.format)
    size = os.path.getsize(path) - shape.cut
    os.truncate(path, size)
    return size


def pack(
    path: str | os.PathLike[str],
    members: collections.abc.Iterable[tuple[str, bytes | pathlib.Path]],
    format: int = tarfile.GNU_FORMAT,
) -> None:
    """Writes a tar archive of members: name and content, or name and a file that has the content."""
    with tarfile.open(path, "w", format=format) as archive:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as stream:
                entry.size = stream.seek(0, os.SEEK_END)
                stream.seek(0)
                archive.addfile(entry, stream)


def manifest(members: collections.abc.Iterable[tuple[str, bytes | pathlib.Path]], kind: str) -> bytes:
    """A manifest of members by a kind of digest; "bad" is SHA-256 with a wrong digest for the first of them."""
    algorithm = "sha256" if kind == "bad" else kind
    lines = []
    for number, (name, content) in enumerate(members):
        digest = _digest(algorithm, content)
        if kind == "bad" and not number:
            digest = "0" * len(digest)
        lines.append(f"{algorithm.upper()}({name})= {digest}\n")
    return "".join(lines).encode()


def _digest(algorithm: str, content: bytes | pathlib.Path) -> str:
    digest = hashlib.new(algorithm)
    with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as stream:
        while chunk := stream.read(MIB):
            digest.update(chunk)
    return digest.hexdigest()


def disk_names(shape: Shape) -> list[str]:
    return [f"{shape.name}_image{'' if not number else f'_{number}'}.vmdk" for number in range(shape.disks)]


def _grains(shape: Shape, seed: int) -> t.Iterator[tuple[int, bytes]]:
    """Number and content of grains: a mark in the first, and random ones spread over the disk."""
    make = random.Random(seed)
    count = shape.random // _GRAIN_BYTES
    step = max(1, shape.capacity // _GRAIN_BYTES // (count + 2))
    yield 0, b"no Flatcar".ljust(_GRAIN_BYTES, b"\0")
    for number in range(count):
        yield 1 + number * step, make.randbytes(_GRAIN_BYTES)


def write_disk(out: t.BinaryIO, capacity: int, grains: collections.abc.Iterable[tuple[int, bytes]]) -> None:
    """A streamOptimized VMDK of capacity bytes; grains are number and 64 KiB in rising order, all others are holes.

    Layout (VMware's "Virtual Disk Format 5.0"): header, text, the grains that are there, each behind a marker, each
    grain table behind a marker, the directory of the tables, the header once more with the place of the directory, and
    the end-of-stream marker.
    """
    sectors = capacity // _SECTOR
    text = _disk_text(sectors)
    text_sectors = -(-len(text) // _SECTOR)
    at = 0

    def put(content: bytes) -> int:
        """Writes whole sectors, and returns the sector where they begin."""
        nonlocal at
        padded = content.ljust(-(-len(content) // _SECTOR) * _SECTOR, b"\0")
        out.write(padded)
        before, at = at, at + len(padded) // _SECTOR
        return before

    def header(directory: int) -> bytes:
        fields = (b"KDMV", 3, 0x30001, sectors, _GRAIN, 1, text_sectors, _TABLE, 0, directory, 1 + text_sectors)
        return struct.pack("<4sIIQQQQIQQQB4sH", *fields, 0, b"\n \r\n", 1)

    put(header(_AT_END))
    put(text)
    tables: dict[int, list[int]] = {}
    for number, content in grains:
        # Level 0 where compression is in vain: random bytes are only there to make a disk large.
        packed = zlib.compress(content, 1 if number == 0 else 0)
        table = tables.setdefault(number // _TABLE, [0] * _TABLE)
        table[number % _TABLE] = put(struct.pack("<QI", number * _GRAIN, len(packed)) + packed)
    directory = [0] * -(-sectors // (_GRAIN * _TABLE))
    for number, table in tables.items():
        put(struct.pack("<QII", _TABLE * 4 // _SECTOR, 0, _GRAIN_TABLE))
        directory[number] = put(struct.pack(f"<{_TABLE}I", *table))
    put(struct.pack("<QII", -(-len(directory) * 4 // _SECTOR), 0, _DIRECTORY))
    place = put(struct.pack(f"<{len(directory)}I", *directory))
    put(struct.pack("<QII", 1, 0, _FOOTER))
    put(header(place))
    out.write(bytes(_SECTOR))


def _disk_text(sectors: int) -> bytes:
    return (
        '# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\ncreateType="streamOptimized"\n\n'
        f'# Extent description\nRW {sectors} SPARSE "disk.vmdk"\n\n#DDB\n\nddb.adapterType = "lsilogic"\n'
        f'ddb.geometry.cylinders = "{max(1, sectors // (255 * 63))}"\nddb.geometry.heads = "255"\n'
        'ddb.geometry.sectors = "63"\nddb.virtualHWVersion = "4"\n'
    ).encode()


def properties() -> list[tuple[str, str]]:
    """The 23 properties of Flatcar's OVA, with their defaults."""
    found = {"guestinfo.hostname": ""}
    found.update({f"guestinfo.ignition.config.{key}": "" for key in ("data", "data.encoding", "url")})
    found.update({f"guestinfo.dns.server.{number}": "" for number in range(2)})
    for number, role in enumerate(("public", "private")):
        addresses = ("ip.0.address", "ip.1.address", *_ROUTES, "route.1.gateway", "route.1.destination")
        settings = {"name": "", "mac": "", "dhcp": "no", "role": role}
        settings.update(dict.fromkeys(addresses if not number else ("ip.0.address", *_ROUTES), ""))
        found.update({f"guestinfo.interface.{number}.{key}": value for key, value in settings.items()})
    return list(found.items())


def descriptor(shape: Shape, sizes: collections.abc.Sequence[int]) -> str:
    """The descriptor of an OVA whose disks have these sizes as files."""
    disks = list(enumerate(zip(disk_names(shape), sizes), 1))
    return _element(
        "Envelope",
        _NAMESPACES,
        _element(
            "References",
            {},
            *(_element("File", {"href": name, "id": f"file{at}", "size": size}) for at, (name, size) in disks),
        ),
        _element("DiskSection", {}, _info("Disks"), *(_disk(at, shape.capacity) for at, dummy in disks)),
        _element(
            "NetworkSection",
            {},
            _info("Networks"),
            *(
                _element("Network", {"name": network}, _leaf("Description", f"The network {network}"))
                for network in shape.networks
            ),
        ),
        _element(
            "VirtualSystem",
            {"id": shape.name},
            _info("A virtual machine"),
            _leaf("Name", shape.name),
            _element(
                "ProductSection",
                {"required": "false"},
                _info("A stand-in"),
                _leaf("Product", "Flatcar stand-in"),
                _leaf("Vendor", "flatops"),
                _leaf("Version", "4593.2.5"),
                *(_property(key, value) for key, value in properties()),
            ),
            _element(
                "OperatingSystemSection",
                {"id": 100, "vmw:osType": "other3xLinux64Guest"},
                _info("The operating system"),
            ),
            _hardware(shape),
        ),
    )


def _disk(at: int, capacity: int) -> str:
    attributes = {
        "capacity": capacity,
        "capacityAllocationUnits": "byte",
        "diskId": f"vmdisk{at}",
        "fileRef": f"file{at}",
        "format": _FORMAT,
        "populatedSize": 0,
    }
    return _element("Disk", attributes)


def _property(key: str, value: str) -> str:
    attributes = {"key": key, "type": "string", "userConfigurable": "true", "value": value}
    return _element("Property", attributes, _leaf("Label", key), _leaf("Description", f"Sets {key}"))


def _hardware(shape: Shape) -> str:
    system = {
        "ElementName": "Virtual Hardware Family",
        "InstanceID": 0,
        "VirtualSystemIdentifier": shape.name,
        "VirtualSystemType": shape.hardware_version,
    }
    settings = {
        "cpuHotAddEnabled": "true",
        "firmware": "bios",
        "memoryHotAddEnabled": "true",
        "tools.syncTimeWithHost": "false",
        "tools.toolsUpgradePolicy": "manual",
    }
    return _element(
        "VirtualHardwareSection",
        {"transport": "com.vmware.guestInfo"},
        _info("Virtual hardware"),
        _element("System", {}, *(_leaf(f"vssd:{key}", value) for key, value in system.items())),
        *_items(shape),
        *(_setting(key, value) for key, value in settings.items()),
    )


def _items(shape: Shape) -> t.Iterator[str]:
    yield _item(1, 3, f"{shape.cpus} virtual CPUs", AllocationUnits="hertz * 10^6", VirtualQuantity=shape.cpus)
    memory = shape.memory_mb
    yield _item(2, 4, f"{memory} MB of memory", AllocationUnits="byte * 2^20", VirtualQuantity=memory)
    yield _item(3, 6, "SCSI Controller 0", Address=0, ResourceSubType="VirtualSCSI")
    yield _item(4, 5, "VirtualIDEController 1", Address=1)
    yield _item(5, 5, "VirtualIDEController 0", Address=0)
    yield _optional(6, 24, "VirtualVideoCard", setting=_setting("videoRamSizeInKB", "4096"))
    yield _optional(7, 1, "VirtualVMCIDevice", ResourceSubType="vmware.vmci")
    yield _optional(8, 15, "CD-ROM 1", AddressOnParent=0, Parent=4, ResourceSubType="vmware.cdrom.remotepassthrough")
    yield _optional(9, 14, "Floppy 1", AddressOnParent=0, ResourceSubType="vmware.floppy.remotedevice")
    for number in range(shape.disks):
        disk = f"ovf:/disk/vmdisk{number + 1}"
        name = f"Hard Disk {number + 1}"
        yield _item(20 + number, 17, name, AddressOnParent=number, HostResource=disk, Parent=3)
    for number, network in enumerate(shape.networks):
        yield _item(
            40 + number,
            10,
            f"Ethernet {number + 1}",
            AddressOnParent=7 + number,
            AutomaticAllocation="true",
            Connection=network,
            ResourceSubType="VmxNet3",
        )


def _item(id: int, kind: int, name: str, *, required: bool = True, setting: str = "", **more: object) -> str:
    fields: dict[str, object] = {"ElementName": name, "InstanceID": id, "ResourceType": kind, **more}
    # The schema of DSP0243 wants the alphabet.
    leaves = [_leaf(f"rasd:{key}", fields[key]) for key in sorted(fields)]
    return _element("Item", {} if required else {"required": "false"}, *leaves, setting)


def _optional(id: int, kind: int, name: str, *, setting: str = "", **more: object) -> str:
    return _item(id, kind, name, required=False, setting=setting, AutomaticAllocation="false", **more)


def _setting(key: str, value: str) -> str:
    return _element("vmw:Config", {"required": "false", "vmw:key": key, "vmw:value": value})


def _info(text: str) -> str:
    return _leaf("Info", text)


def _leaf(tag: str, text: object) -> str:
    return f"<{tag}>{escape(str(text))}</{tag}>\n"


def _element(tag: str, attributes: collections.abc.Mapping[str, object], *children: str) -> str:
    """Attributes without a prefix are OVF's own."""
    named = {key if ":" in key or key == "xmlns" else f"ovf:{key}": value for key, value in attributes.items()}
    opened = "".join(f" {key}={quoteattr(str(value))}" for key, value in named.items())
    return f"<{tag}{opened}>\n{''.join(children)}</{tag}>\n" if children else f"<{tag}{opened}/>\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes an OVA in the shape of Flatcar's.")
    parser.add_argument("path", type=pathlib.Path)
    parser.add_argument("--name", default=Shape().name)
    parser.add_argument("--disks", type=int, default=1)
    parser.add_argument("--capacity", type=int, default=12600, help="of each disk, in MiB")
    parser.add_argument("--random", type=int, default=0, help="MiB of random bytes on each disk")
    parser.add_argument("--manifest", choices=MANIFESTS, default="sha1")
    parser.add_argument("--order", default=",".join(ORDER), help="of the members")
    parser.add_argument("--cut", type=int, default=0, help="bytes that the file lacks at its end")
    options = parser.parse_args()
    shape = Shape(
        name=options.name,
        disks=options.disks,
        capacity=options.capacity * MIB,
        random=options.random * MIB,
        manifest=options.manifest,
        order=tuple(options.order.split(",")),
        cut=options.cut,
    )
    print(write(options.path, shape))


if __name__ == "__main__":
    main()
