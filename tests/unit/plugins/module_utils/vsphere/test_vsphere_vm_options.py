# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of vsphere_vm: as documented, merged for each machine, checked, and without secrets in a result."""

from __future__ import annotations

import json
import typing as t

import pytest
import yaml

from ansible_collections.flatops.flatcar.plugins.doc_fragments import guestinfo, ova, vsphere
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import desired, hardware, options
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import CODES, VsphereError
from ansible_collections.flatops.flatcar.plugins.modules import vsphere_vm
from ansible_collections.flatops.flatcar.tests.options import of_documentation, of_spec

FRAGMENTS = (
    vsphere.ModuleDocFragment.DOCUMENTATION,
    ova.ModuleDocFragment.DOCUMENTATION,
    guestinfo.ModuleDocFragment.DOCUMENTATION,
    guestinfo.ModuleDocFragment.IGNITION,
)


def defaults(**given: t.Any) -> dict[str, t.Any]:
    full = {name: spec.get("default") for name, spec in vsphere_vm.SPEC.items()}
    return {**full, "instances": None, **given}


def instance(**given: t.Any) -> dict[str, t.Any]:
    return {**dict.fromkeys(options.INSTANCE), **given}


def test_options_are_as_documented() -> None:
    documented = {}
    for text in (*FRAGMENTS, vsphere_vm.DOCUMENTATION):
        documented.update(yaml.safe_load(text)["options"])
    assert of_documentation(documented) == of_spec(vsphere_vm.SPEC)


def test_each_error_is_documented() -> None:
    (text,) = yaml.safe_load(vsphere_vm.RETURN)["error_code"]["description"]
    assert {word[2:-1] for word in text.replace(",", " ").replace(".", " ").split() if word.startswith("V(")} == set(
        CODES
    )


def test_what_an_instance_leaves_out_is_the_tasks() -> None:
    task = defaults(
        template="base",
        cpus=2,
        force=True,
        ignition_file="/a",
        instances=[
            instance(name="one", cpus=4, force=False),
            instance(name="two", ova="/x.ova", ignition_url="http://a"),
        ],
    )
    one, two = options.each(task)
    assert (one["name"], one["template"], one["cpus"], one["force"]) == ("one", "base", 4, False)
    assert (one["ignition_file"], one["encoding"]) == ("/a", "gz+base64")
    assert (two["ova"], two["template"], two["ignition_file"], two["ignition_url"]) == (
        "/x.ova",
        None,
        None,
        "http://a",
    )
    assert (two["cpus"], two["force"]) == (2, True)


def test_results_have_no_secrets() -> None:
    given = defaults(
        password="p-secret",
        ignition="i-secret",
        url="https://u:u-secret@example.com/x.ova",
        checksum="sha256:abc",
        url_headers={"X-Token": "h-secret"},
        extra_config={"guestinfo.token": "e-secret", "n": 1},
        instances=[
            instance(name="one", extra_config={"a": "f-secret"}, ignition_url="https://example.com/?token=g-secret"),
            instance(name="two", url_password="w-secret"),
        ],
    )
    masked = options.secrets(given)
    assert masked == {
        "p-secret",
        "i-secret",
        "https://u:u-secret@example.com/x.ova",
        "https://example.com/?token=g-secret",
        "w-secret",
    }
    text = json.dumps(options.shown(given))
    for secret in masked:
        text = text.replace(secret, "***")
    assert "secret" not in text
    assert "sha256:abc" in text


@pytest.mark.parametrize(
    "given, said",
    [
        ({"name": "x" * 81}, "1 to 80 characters"),
        ({"name": ""}, "1 to 80 characters"),
        ({"linked": True, "ova": "/a"}, "linked has no meaning without template"),
        ({"snapshot": "a", "ova": "/a"}, "snapshot has no meaning without template"),
        ({"url_password": "a", "url": "http://a"}, "without url_username"),
        ({"template": "a", "checksum": "sha256:a"}, "checksum is for an OVA"),
        ({"template": "a", "deployment_option": "a"}, "deployment_option is for an OVA"),
        ({"cpus": 0}, "cpus is 0; it is at least 1"),
        ({"cpus": 3, "cores_per_socket": 2}, "no multiple of cores_per_socket"),
        ({"memory_mb": 1023}, "no multiple of 4"),
        ({"disk_gb": -1}, "disk_gb is -1"),
        ({"disks": [{"size_gb": 0}]}, r"disks\[0\].size_gb is 0"),
        ({"disks": [{"size_gb": 1, "name": "disk2"}, {"size_gb": 1}]}, "the same name"),
        ({"macs": ["nonsense"]}, r"macs\[0\]: 'nonsense'"),
        ({"macs": ["01:00:5e:00:00:01"]}, "no MAC address of a NIC"),
        ({"nics": [{"network": "a", "mac": "0"}]}, r"nics\[0\].mac"),
        ({"hardware_version": "vmx"}, "hardware_version 'vmx'"),
        ({"wait_for_ip": True, "ip_cidr": "10.0.0.0/40"}, "is no network"),
        ({"wait_for_ip": True, "ip_cidr": "10.0.0.0/8", "ip_version": "ipv6"}, "holds no ipv6 address"),
        ({"wait_for_ip": True, "wait_timeout": 0}, "wait_timeout is 0"),
        ({"ignition_file": "/none.ign"}, "ignition_file /none.ign cannot be read"),
    ],
)
def test_what_cannot_be_meant(given: dict[str, t.Any], said: str) -> None:
    full = defaults(**{"name": "node1", **given})
    for name, table in (("disks", options.MACHINE["disks"]), ("nics", options.MACHINE["nics"])):
        rows = [
            {key: spec.get("default") for key, spec in table["options"].items()} | row for row in given.get(name, ())
        ]
        full[name] = rows
    with pytest.raises(VsphereError, match=said) as caught:
        desired.desired(full)
    assert caught.value.code == "bad_option"


def test_what_is_meant() -> None:
    full = defaults(name="node1", macs=["00-50-56-AB-CD-EF"], hardware_version="vmx-019", disk_gb=20)
    wanted = desired.desired(full)
    assert wanted.hardware == hardware.Hardware(disk_size=20 << 30, macs=("00:50:56:ab:cd:ef",), version=19)
    assert (wanted.has_ignition, wanted.waiting) == (False, None)


@pytest.mark.parametrize(
    "cidr, version, accepted",
    [
        (None, "any", ["10.0.0.1", "192.168.1.1", "fd00::1"]),
        (None, "ipv4", ["10.0.0.1", "192.168.1.1"]),
        (None, "ipv6", ["fd00::1"]),
        ("10.0.0.0/8", "any", ["10.0.0.1"]),
        ("fd00::/8", "any", ["fd00::1"]),
    ],
)
def test_addresses_that_count(cidr: str | None, version: str, accepted: list[str]) -> None:
    waiting = desired.desired(defaults(name="a", wait_for_ip=True, ip_cidr=cidr, ip_version=version)).waiting
    assert waiting is not None
    never = ["127.0.0.1", "169.254.0.1", "fe80::1%ens192", "::1", "0.0.0.0", "", "nonsense"]
    assert [ip for ip in ["10.0.0.1", "192.168.1.1", "fd00::1", *never] if waiting.accepts(ip)] == accepted
