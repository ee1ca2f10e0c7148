# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What kind of user data there is, what stands for it, and what is written down on a VM."""

from __future__ import annotations

import hashlib

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import stamp, user_data
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

LEGACY = b'{"ignition":{"version":"2.3.0"},"x":1}'


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"#cloud-config\nhostname: a", "cloud-config"),
        (b"#cloud-config \t\r\n", "cloud-config"),
        (b"#!/bin/bash\n", "script"),
        (b"#!", "script"),
        (b"#cloud-configs", "ignition"),
        (b" #cloud-config", "ignition"),
        (b"\n#!/bin/bash", "ignition"),
        (b"", "ignition"),
        (b"{}", "ignition"),
    ],
)
def test_kind(data: bytes, kind: str) -> None:
    assert user_data.user_data_kind(data) == kind


def test_the_form_of_a_config_does_not_matter() -> None:
    one = user_data.read(
        b'{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"/a","contents":{"source":"data:,a"}}]}}'
    )
    other = user_data.read(
        b'{ "storage": {"files": [{"contents": {"source": "data:;base64,YQ=="}, "path": "/a"}]},\n'
        b'"ignition": {"version": "3.4.0", "config": {}} }\n'
    )
    assert one.sha256 == other.sha256
    assert one.config is not None
    assert one.is_ignition
    assert user_data.same(other.data, one.sha256)
    assert not user_data.same(b"{", one.sha256)
    assert not user_data.same(b'{"ignition":{"version":"3.4.0"}}', one.sha256)


def test_other_user_data_by_their_bytes() -> None:
    script = user_data.read(b"#!/bin/sh\necho\n")
    assert script.sha256 == hashlib.sha256(b"#!/bin/sh\necho").hexdigest()
    assert script.sha256 == user_data.read(b"#!/bin/sh\necho").sha256
    assert script.config is None
    assert not script.is_ignition
    legacy = user_data.read(LEGACY)
    assert legacy.sha256 == hashlib.sha256(LEGACY).hexdigest()
    assert legacy.is_ignition
    assert "specification 2" in legacy.warnings[0]


def test_warnings_of_a_config() -> None:
    (warning,) = user_data.read(b'{"ignition":{"version":"3.4.0"},"storrage":{}}').warnings
    assert "unused key storrage" in warning


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a config .empty"),
        (b"hostname: a", "invalid character"),
        (b"{}", "config version"),
        (b'{"ignition":{"version":"4.0.0"}}', "unsupported config version"),
        (b'{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"x"}]}}', r"\$\.storage\.files\.0\.path"),
        (b"\x1f\x8b", "invalid character"),
    ],
)
def test_what_is_no_user_data(data: bytes, message: str) -> None:
    with pytest.raises(VsphereError, match=message) as raised:
        user_data.read(data)
    assert raised.value.code == "ignition_invalid"
    assert "#cloud-config" in str(raised.value)


def test_urls_have_digests_of_their_own() -> None:
    assert user_data.url_digest("https://a") == user_data.url_digest("https://a")
    assert user_data.url_digest("https://a") != user_data.url_digest("https://b")


def test_stamp() -> None:
    keys = stamp.stamp(state=stamp.IMPORTING, ignition_sha256="ab", source="")
    assert keys == {
        "flatcar.ansible.state": "importing",
        "flatcar.ansible.ignition_sha256": "ab",
        "flatcar.ansible.source": "",
    }
    read = stamp.read({**keys, "guestinfo.x": "y"})
    assert read == stamp.Stamp(state="importing", ignition_sha256="ab")
    assert read.is_unfinished
    assert read.is_ours
    done = stamp.read({**keys, **stamp.stamp(state=stamp.COMPLETE)})
    assert done.is_ours
    assert not done.is_unfinished
    assert not stamp.read({"guestinfo.x": "y"}).is_ours
