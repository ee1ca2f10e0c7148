# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""User data and other options as guestinfo keys, and back."""

from __future__ import annotations

import base64
import gzip
import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import guestinfo, stamp, user_data
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.guestinfo import DATA, ENCODING, KARGS, URL

IGNITION = b'{"ignition":{"version":"3.4.0"}}'
CLOUD_CONFIG = b"#cloud-config\nhostname: a\n"
SECRET = "hunter2-correcthorse"

# What XML can carry.
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))


@given(data=st.binary(), encoding=st.sampled_from(["gz+base64", "base64"]))
def test_round_trip(data: bytes, encoding: str) -> None:
    keys = guestinfo.encode(data, encoding)
    assert keys == guestinfo.encode(data, encoding)
    assert keys[ENCODING] == encoding
    assert guestinfo.decode(keys) == (data if keys[DATA] else None)


@given(text=TEXTS)
def test_round_trip_of_plain_text(text: str) -> None:
    keys = guestinfo.encode(text.encode(), "plain", force_plain=True)
    assert ENCODING not in keys
    assert '"' not in keys[DATA]
    assert guestinfo.decode(keys) == (text.encode() or None)


def test_the_documented_escaping() -> None:
    keys = guestinfo.encode(b'{"a": "100%"}', "plain", force_plain=True)
    assert keys == {DATA: "{%22a%22: %22100%%%22}"}


def test_gzip_has_neither_time_nor_name() -> None:
    member = base64.b64decode(guestinfo.encode(IGNITION)[DATA])
    assert member[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    assert gzip.decompress(member) == IGNITION


@pytest.mark.parametrize("encoding", ["gz+base64", "gzip+base64", "gz+b64", "gzip+b64"])
def test_names_of_gzip(encoding: str) -> None:
    value = base64.encodebytes(gzip.compress(IGNITION)).decode()
    assert guestinfo.decode({DATA: value, ENCODING: encoding}) == IGNITION


@pytest.mark.parametrize(
    ("keys", "data"),
    [
        ({}, None),
        ({DATA: ""}, None),
        ({URL: "https://x/y"}, None),
        ({DATA: "e30K", ENCODING: "base64"}, b"{}\n"),
        ({DATA: "e30K", ENCODING: "b64"}, b"{}\n"),
        ({DATA: "x"}, b"x"),
        ({guestinfo.OLD_DATA: "eA==", guestinfo.OLD_ENCODING: "base64"}, b"x"),
        ({guestinfo.OLD_DATA: "eA==", guestinfo.OLD_ENCODING: "base64", DATA: "y"}, b"y"),
    ],
)
def test_where_the_machine_reads(keys: dict[str, str], data: bytes | None) -> None:
    assert guestinfo.decode(keys) == data


@pytest.mark.parametrize(
    ("value", "encoding", "message"),
    [
        (SECRET, "base65", "none of"),
        (SECRET + "!", "base64", "no base64"),
        (SECRET, "gz", "none of"),
        (base64.b64encode(SECRET.encode()).decode(), "gz+base64", "no gzip"),
    ],
)
def test_what_cannot_be_decoded(value: str, encoding: str, message: str) -> None:
    with pytest.raises(VsphereError, match=message) as raised:
        guestinfo.decode({DATA: value, ENCODING: encoding})
    assert raised.value.code == "bad_option"
    assert SECRET not in str(raised.value)


def test_keys_of_all_options() -> None:
    made = guestinfo.guestinfo(
        IGNITION,
        encoding="base64",
        hostname="node-1.example.com",
        network={"address": "10.0.0.2/24", "gateway": "10.0.0.1", "interface": "ens192"},
        extra_config={"disk.EnableUUID": True, "sched.mem.pin": None, "x": 5},
    )
    assert list(made.keys) == [DATA, ENCODING, KARGS, "disk.EnableUUID", "sched.mem.pin", "x"]
    assert made.keys[KARGS] == "ip=10.0.0.2::10.0.0.1:255.255.255.0::ens192:none"
    assert made.settings == {key: value for key, value in made.keys.items() if key not in (DATA, ENCODING)}
    assert made.keys["disk.EnableUUID"] == "TRUE"
    assert made.keys["sched.mem.pin"] == ""
    assert made.keys["x"] == "5"
    assert made.encoding == "base64"
    assert made.encoded_bytes == len(made.keys[DATA])
    assert made.warnings == []
    config = json.loads(guestinfo.decode(made.keys) or b"")
    (file,) = config["storage"]["files"]
    assert file["path"] == "/etc/hostname"
    assert file["contents"]["source"] == "data:,node-1.example.com"
    assert config["ignition"]["version"] == "3.4.0"


def test_a_host_name_is_merged_once() -> None:
    once = user_data.with_hostname(user_data.read(IGNITION), "a")
    assert user_data.with_hostname(once, "a") == once
    assert user_data.with_hostname(once, "b").sha256 != once.sha256


def test_url() -> None:
    made = guestinfo.guestinfo(None, url="https://user:" + SECRET + "@config/x?token=" + SECRET)
    assert list(made.keys) == [URL]
    assert made.encoding == ""
    assert made.encoded_bytes == 0
    assert len(made.ignition_sha256) == 64


def test_nothing() -> None:
    assert guestinfo.guestinfo(None) == guestinfo.Guestinfo({}, "", "", "", 0, [])


def test_cloudinit() -> None:
    made = guestinfo.guestinfo(
        CLOUD_CONFIG,
        encoding="base64",
        hostname="node1",
        interfaces=[
            {
                "name": "ens*",
                "role": "public",
                "addresses": ["10.0.0.2/24", "2001:db8::2/64"],
                "routes": [
                    {"gateway": "10.0.0.1"},
                    {"gateway": "2001:db8::1"},
                    {"gateway": "::2", "destination": "2001:db8::/32"},
                ],
            },
            {"mac": "00:50:56:AB:cd:ef", "dhcp": True},
        ],
        dns={"servers": ["1.1.1.1", "2001:db8::53"], "domains": ["example.com"]},
    )
    assert made.settings == {
        "guestinfo.hostname": "node1",
        "guestinfo.interface.0.name": "ens*",
        "guestinfo.interface.0.role": "public",
        "guestinfo.interface.0.dhcp": "no",
        "guestinfo.interface.0.ip.0.address": "10.0.0.2/24",
        "guestinfo.interface.0.ip.1.address": "2001:db8::2/64",
        "guestinfo.interface.0.route.0.gateway": "10.0.0.1",
        "guestinfo.interface.0.route.0.destination": "0.0.0.0/0",
        "guestinfo.interface.0.route.1.gateway": "2001:db8::1",
        "guestinfo.interface.0.route.1.destination": "::/0",
        "guestinfo.interface.0.route.2.gateway": "::2",
        "guestinfo.interface.0.route.2.destination": "2001:db8::/32",
        "guestinfo.interface.1.mac": "00:50:56:AB:cd:ef",
        "guestinfo.interface.1.role": "private",
        "guestinfo.interface.1.dhcp": "yes",
        "guestinfo.dns.server.0": "1.1.1.1",
        "guestinfo.dns.server.1": "2001:db8::53",
        "guestinfo.dns.domain.0": "example.com",
    }
    assert guestinfo.decode(made.keys) == CLOUD_CONFIG


REFUSED: list[tuple[bytes | None, dict[str, t.Any], str]] = [
    (IGNITION, {"url": "https://x"}, "exclude each other"),
    (IGNITION, {"encoding": "rot13"}, "none of"),
    (IGNITION, {"encoding": "plain"}, "force_plain"),
    (b"#!/bin/sh\n\xff", {"encoding": "plain", "force_plain": True}, "is for text"),
    (b"#!/bin/sh\n\x00", {"encoding": "plain", "force_plain": True}, "is for text"),
    (None, {"url": ""}, "ignition_url: is empty"),
    (None, {"url": "ftp://" + SECRET + "@x/y"}, "invalid url scheme"),
    (None, {"url": "data:," + SECRET}, "a URL of http"),
    (None, {"hostname": "a"}, "hostname needs the text"),
    (None, {"url": "https://x", "hostname": "a"}, "hostname needs the text"),
    (IGNITION, {"hostname": "a b"}, "is not a host name"),
    (IGNITION, {"hostname": "a\nb"}, "is not a host name"),
    (b'{"ignition":{"version":"2.3.0"}}', {"hostname": "a"}, "specification 2"),
    (IGNITION, {"interfaces": [{"name": "ens192"}]}, "coreos-cloudinit only"),
    (IGNITION, {"dns": {"servers": ["1.1.1.1"]}}, "coreos-cloudinit only"),
    (None, {"url": "https://x", "dns": {"servers": ["1.1.1.1"]}}, "coreos-cloudinit only"),
    (CLOUD_CONFIG, {"interfaces": [{}]}, "name or mac is wanted"),
    (CLOUD_CONFIG, {"interfaces": [{"name": "a b"}]}, "no name of an interface"),
    (CLOUD_CONFIG, {"interfaces": [{"mac": "00-50-56-ab-cd-ef"}]}, "no MAC address"),
    (CLOUD_CONFIG, {"interfaces": [{"name": "a", "role": "x"}]}, "neither public nor private"),
    (CLOUD_CONFIG, {"interfaces": [{"name": "a", "addresses": ["10.0.0.2"]}]}, r"addresses\[0\]"),
    (CLOUD_CONFIG, {"interfaces": [{"name": "a", "addresses": ["10.0.0.2/33"]}]}, r"addresses\[0\]"),
    (CLOUD_CONFIG, {"interfaces": [{"name": "a", "routes": [{"gateway": "x"}]}]}, r"routes\[0\].gateway"),
    (
        CLOUD_CONFIG,
        {"interfaces": [{"name": "a", "routes": [{"gateway": "10.0.0.1", "destination": "10.0.0.1/8"}]}]},
        r"routes\[0\].destination",
    ),
    (CLOUD_CONFIG, {"dns": {"servers": ["x"]}}, r"dns.servers\[0\]"),
    (CLOUD_CONFIG, {"dns": {"domains": ["a b"]}}, r"dns.domains\[0\]"),
    (IGNITION, {"extra_config": {"a b": "x"}}, "no name of a setting"),
    (IGNITION, {"extra_config": {'a"': "x"}}, "no name of a setting"),
    (IGNITION, {"extra_config": {"a\n": "x"}}, "no name of a setting"),
    (IGNITION, {"extra_config": {DATA: "x"}}, "option of its own"),
    (IGNITION, {"extra_config": {URL: "x"}}, "option of its own"),
    (IGNITION, {"extra_config": {KARGS: "x"}, "network": "ip=dhcp"}, "option of its own"),
    (IGNITION, {"extra_config": {stamp.PREFIX + "state": "x"}}, "keeps for itself"),
    (IGNITION, {"extra_config": {"a": SECRET + "\0"}}, "control characters"),
    (IGNITION, {"extra_config": {"a": [SECRET]}}, "text, a number or a bool"),
    (IGNITION, {"network": {"address": "x"}}, "network_kargs"),
]


@pytest.mark.parametrize(("data", "options", "message"), REFUSED)
def test_refused(data: bytes | None, options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(VsphereError, match=message) as raised:
        guestinfo.guestinfo(data, **options)
    assert raised.value.code == "bad_option"
    assert SECRET not in str(raised.value)


def test_what_needs_no_option_of_its_own_can_be_a_setting() -> None:
    made = guestinfo.guestinfo(IGNITION, extra_config={KARGS: "ip=dhcp"})
    assert made.settings == {KARGS: "ip=dhcp"}


def test_sizes() -> None:
    assert guestinfo.check_sizes({"a": "x" * guestinfo.LARGE}) == []
    (warning,) = guestinfo.check_sizes({"a": "x" * (guestinfo.LARGE + 1), "b": "x"})
    assert warning.startswith("a has 65 KiB")
    assert "ignition_url" in warning
    with pytest.raises(VsphereError, match=r"max_guestinfo.*b .600 KiB.*ignition_url") as raised:
        guestinfo.check_sizes({"a": "x" * (400 << 10), "b": "x" * (600 << 10)})
    assert raised.value.code == "guestinfo_too_large"
    assert guestinfo.check_sizes({"b": "x" * 100}, 1) == []
    with pytest.raises(VsphereError):
        guestinfo.check_sizes({"b": "ä" * 600}, 1)


def test_digest_of_settings() -> None:
    one = guestinfo.guestinfo(IGNITION, extra_config={"a": "1", "b": "2"})
    assert one.settings_sha256 == guestinfo.guestinfo(None, extra_config={"b": "2", "a": "1"}).settings_sha256
    assert one.settings_sha256 != guestinfo.guestinfo(IGNITION, extra_config={"a": "1", "b": "3"}).settings_sha256
    assert guestinfo.guestinfo(IGNITION).settings_sha256 == ""


def test_plain_is_warned_of() -> None:
    (warning,) = guestinfo.guestinfo(IGNITION, encoding="plain", force_plain=True).warnings
    assert "corrupt" in warning
