# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Descriptors: what is read of them, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import ova_descriptor as core
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.tests.standins.vsphere import ova as fixtures

TEXT = fixtures.descriptor(fixtures.Shape(disks=2, networks=("VM Network", "Storage")), [1000, 2000])
FILE, OTHER = fixtures.disk_names(fixtures.Shape(disks=2))


def edited(*changes: tuple[str, str], text: str = TEXT) -> str:
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return text


def parse(*changes: tuple[str, str]) -> core.Descriptor:
    return core.parse(edited(*changes), "x.ovf")


def failure(*changes: tuple[str, str]) -> str:
    with pytest.raises(VsphereError) as caught:
        parse(*changes)
    assert caught.value.code == "ovf_invalid"
    return str(caught.value)


def test_what_it_says() -> None:
    found = parse()
    assert (found.id, found.name) == (fixtures.Shape().name,) * 2
    assert found.product == ("Flatcar stand-in", "flatops", "4593.2.5", "")
    assert found.files == ((FILE, 1000), (OTHER, 2000))
    assert [(disk.id, disk.href, disk.capacity) for disk in found.disks] == [
        ("vmdisk1", FILE, 12600 << 20),
        ("vmdisk2", OTHER, 12600 << 20),
    ]
    assert [disk[4:] for disk in found.disks] == [("scsi", "VirtualSCSI", 0), ("scsi", "VirtualSCSI", 1)]
    assert [network.name for network in found.networks] == ["VM Network", "Storage"]
    assert found.hardware == core.Hardware(
        cpus=2,
        memory_mb=2048,
        hardware_version="vmx-13",
        guest_id="other3xLinux64Guest",
        firmware="bios",
        nics=(core.Nic("Ethernet 1", "VmxNet3", "VM Network"), core.Nic("Ethernet 2", "VmxNet3", "Storage")),
    )
    assert found.transports == ("com.vmware.guestInfo",)
    assert found.options == ()


def test_properties_of_flatcar() -> None:
    found = parse().properties
    assert [(entry.key, entry.default) for entry in found] == fixtures.properties()
    assert len(found) == 23
    assert {(entry.type, entry.configurable) for entry in found} == {("string", True)}


def test_least() -> None:
    text = '<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"><VirtualSystem id="x"/></Envelope>'
    found = core.parse(text, "x.ovf")
    assert (found.id, found.disks, found.networks, found.properties) == ("x", (), (), ())
    assert found.hardware == core.Hardware(None, None, "", "", "", ())


def test_other_namespaces() -> None:
    text = TEXT.replace("http://schemas.dmtf.org/ovf/envelope/1", "http://schemas.dmtf.org/ovf/envelope/2")
    assert core.parse(text, "x.ovf") == parse()


def test_foreign_attributes_do_not_count() -> None:
    foreign = ("<File ", '<File xmlns:x="urn:x" x:href="other.vmdk" x:size="7" ')
    assert parse(foreign, ("<VirtualSystem ", '<VirtualSystem vmw:id="x" ')) == parse()


def test_class_and_instance_of_properties() -> None:
    found = parse(("<ProductSection ", '<ProductSection ovf:class="net" ovf:instance="1" '))
    assert found.properties[0].key == "net.guestinfo.hostname.1"


@pytest.mark.parametrize(
    ("units", "capacity", "expected"),
    [
        ("byte", 7, 7),
        ("byte * 2^10", 3, 3 << 10),
        ("byte * 2^20", 3, 3 << 20),
        ("byte*2^30", 3, 3 << 30),
        ("byte * 2 ^ 40", 3, 3 << 40),
        ("byte * 10^9", 2, 2 * 10**9),
        ("MegaBytes", 3, 3 << 20),
        ("GB", 3, 3 << 30),
    ],
)
def test_units(units: str, capacity: int, expected: int) -> None:
    found = parse(
        (f'ovf:capacity="{12600 << 20}"', f'ovf:capacity="{capacity}"'),
        ('capacityAllocationUnits="byte"', f'capacityAllocationUnits="{units}"'),
    )
    assert found.disks[0].capacity == expected


def test_capacity_without_units_is_in_bytes() -> None:
    assert parse((' ovf:capacityAllocationUnits="byte"', "")).disks[0].capacity == 12600 << 20


@pytest.mark.parametrize("units", ["hertz", "byte * 2^64", "byte * 3^2", "byte * 2^", "byte * 9999999", "2^20"])
def test_units_that_are_none(units: str) -> None:
    assert "the capacity of the disk vmdisk1" in failure(('AllocationUnits="byte"', f'AllocationUnits="{units}"'))


@pytest.mark.parametrize("capacity", ["", "${disk}", "-1", "1e9", "9" * 30, "٣"])
def test_capacity_that_is_none(capacity: str) -> None:
    assert "no number" in failure((f'ovf:capacity="{12600 << 20}"', f'ovf:capacity="{capacity}"'))


def test_disk_without_a_file() -> None:
    found = parse(
        (f'<File ovf:href="{FILE}" ovf:id="file1" ovf:size="1000"/>', ""),
        (' ovf:fileRef="file1"', ""),
    )
    assert [disk.href for disk in found.disks] == [None, OTHER]


_OPTIONS = (
    '<DeploymentOptionSection><Info/><Configuration ovf:id="small"><Label>S</Label><Description>Little</Description>'
    '</Configuration><Configuration ovf:id="large" ovf:default="true"><Label>L</Label></Configuration>'
    "</DeploymentOptionSection><VirtualSystem "
)
_CPUS = (
    '<Item ovf:configuration="large"><rasd:ResourceType>3</rasd:ResourceType>'
    "<rasd:VirtualQuantity>16</rasd:VirtualQuantity></Item>"
    '<Item ovf:configuration="small other">\n<rasd:AllocationUnits>hertz'
)
OPTIONS = ("<VirtualSystem ", _OPTIONS)
CPUS = ("<Item>\n<rasd:AllocationUnits>hertz", _CPUS)


def test_deployment_options() -> None:
    found = parse(OPTIONS, CPUS)
    assert found.options == (core.Option("small", "S", "Little", False), core.Option("large", "L", "", True))
    assert found.hardware.cpus == 16


def test_first_deployment_option_is_the_default() -> None:
    found = parse((OPTIONS[0], OPTIONS[1].replace(' ovf:default="true"', "")), CPUS)
    assert [option.default for option in found.options] == [True, False]
    assert found.hardware.cpus == 2


def test_value_of_a_deployment_option() -> None:
    value = ("<Label>guestinfo.hostname</Label>", '<Label/><Value ovf:value="big" ovf:configuration="large"/>')
    assert parse(OPTIONS, value).properties[0].default == "big"
    assert parse(value).properties[0].default == ""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((f'href="{FILE}"', 'href="https://example.com/disk.vmdk"'), "an address of its own"),
        ((f'href="{FILE}"', 'href="../disk.vmdk"'), "no name of a file"),
        ((f'href="{FILE}"', 'href=""'), "no name of a file"),
        ((f'href="{FILE}"', f'href="{OTHER}"'), "twice"),
        (('id="file2"', 'id="file1"'), "twice"),
        (("<File ", '<File ovf:compression="gzip" '), "compressed (gzip)"),
        (("<File ", '<File ovf:chunkSize="2147483648" '), "chunks"),
        (('size="1000"', 'size="much"'), "no number"),
        (('fileRef="file1"', 'fileRef="file9"'), "does not name"),
        (("<Envelope", "<Other"), "no XML"),
        (("<VirtualSystem ", '<VirtualSystem ovf:id="first"/><VirtualSystem '), "2 virtual machines"),
        (("<VirtualSystem ", "<VirtualSystemCollection/><VirtualSystem "), "vApp"),
        (("<Envelope", "\0<Envelope"), "no XML"),
        (("<Envelope", '<?xml version="1.0" encoding="UTF-16"?><Envelope'), "its encoding is UTF-16"),
    ],
)
def test_refused(change: tuple[str, str], message: str) -> None:
    assert message in failure(change)


def test_another_document() -> None:
    with pytest.raises(VsphereError, match="outermost element is html"):
        core.parse("<html/>", "x.ovf")


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE Envelope>",
        '<!DOCTYPE Envelope [<!ENTITY a "b">]>',
        '<!DOCTYPE Envelope SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE Envelope [<!ENTITY % a SYSTEM "http://127.0.0.1/"> %a;]>',
    ],
)
def test_document_type(doctype: str) -> None:
    assert "document type" in failure(("<Envelope", f"{doctype}<Envelope"))


def test_a_billion_laughs() -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE Envelope [<!ENTITY l0 "laugh">{entities}]>'
    assert "document type" in failure(("<Envelope", f"{bomb}<Envelope"), ("A virtual machine", "&l9;"))


def test_entity_that_is_not_declared() -> None:
    assert "no XML" in failure(("A virtual machine", "&secret;"))


def test_deep_nesting() -> None:
    assert "100 deep" in failure(("<Info>A", "<a>" * 100_000 + "<Info>A"))


def test_text() -> None:
    assert core.decode(b"\xef\xbb\xbf<Envelope/>", "x.ovf") == "<Envelope/>"
    with pytest.raises(VsphereError, match=r"not UTF-8 \(byte 0\)"):
        core.decode("<Envelope/>".encode("utf-16"), "x.ovf")


@given(place=st.integers(0, len(TEXT)), length=st.integers(0, 40), patch=st.text(max_size=40))
def test_mutations_are_refused_or_read(place: int, length: int, patch: str) -> None:
    parse_or_refuse(TEXT[:place] + patch + TEXT[place + length :])


@given(value=st.text(max_size=30), attribute=st.sampled_from(["capacity", "size", "href", "fileRef", "diskId"]))
def test_values_are_refused_or_read(value: str, attribute: str) -> None:
    head, dummy, tail = TEXT.partition(f'ovf:{attribute}="')
    parse_or_refuse(f'{head}ovf:{attribute}="{value}"{tail.partition(chr(34))[2]}')


def parse_or_refuse(text: str) -> None:
    try:
        found = core.parse(text, "x.ovf")
    except VsphereError as error:
        assert error.code == "ovf_invalid"
    else:
        assert isinstance(found, core.Descriptor)
