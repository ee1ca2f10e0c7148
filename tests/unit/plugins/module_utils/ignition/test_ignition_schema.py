# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The field table."""

from __future__ import annotations

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema


def field(version: str, path: str) -> schema.Field | None:
    struct: schema.Struct | None = schema.root(version)
    found = None
    for name in path.split("."):
        found = struct.by_name.get(name) if struct else None
        struct = found.struct if found else None
    return found


@pytest.mark.parametrize(
    ("path", "since"),
    [
        ("storage.files", 0),
        ("ignition.proxy", 1),
        ("storage.files.contents.httpHeaders", 1),
        ("ignition.config.merge.compression", 1),
        ("storage.filesystems.mountOptions", 1),
        ("storage.luks.keyFile", 2),
        ("storage.disks.partitions.resize", 2),
        ("passwd.users.shouldExist", 2),
        ("passwd.groups.shouldExist", 2),
        ("kernelArguments.shouldExist", 3),
        ("storage.luks.discard", 4),
        ("storage.luks.openOptions", 4),
        ("storage.luks.clevis.tang.advertisement", 4),
        ("storage.luks.cex.enabled", 5),
        ("storage.nothing", 8),
    ],
)
def test_the_version_that_brought_a_field(path: str, since: int) -> None:
    assert [field(version, path) is not None for version in schema.VERSIONS] == [minor >= since for minor in range(8)]


@pytest.mark.parametrize(
    ("path", "since"), [("storage.links.target", 3), ("storage.raid.level", 3), ("storage.luks.clevis.custom.pin", 3)]
)
def test_the_version_that_made_a_string_optional(path: str, since: int) -> None:
    for minor, version in enumerate(schema.VERSIONS):
        found = field(version, path)
        assert found is None or found.pointer == (minor >= since)


def test_clevis_is_a_pointer_in_one_version_only() -> None:
    pointers = [
        version for version in schema.VERSIONS if (found := field(version, "storage.luks.clevis")) and found.pointer
    ]
    assert pointers == ["3.2.0"]


def test_fields_are_in_the_order_of_output() -> None:
    files = field("3.6.0", "storage.files")
    assert files and files.struct
    names = [field.name for field in files.struct.fields]
    assert names == ["group", "overwrite", "path", "user", "append", "contents", "mode"]


@pytest.mark.parametrize(
    ("partition", "key"),
    [
        ({"number": 1, "label": "a"}, "number:1"),
        ({"number": 0, "label": "a"}, "label:a"),
        ({"label": ""}, "label:"),
        ({}, ""),
    ],
)
def test_keys_of_partitions(partition: schema.Config, key: str) -> None:
    assert schema.partition_key(partition) == key


@pytest.mark.parametrize(
    ("contents", "zero"),
    [
        ({}, True),
        ({"httpHeaders": []}, True),
        ({"verification": {}}, True),
        ({"source": ""}, False),
        ({"httpHeaders": [{}]}, False),
        ({"verification": {"hash": ""}}, False),
    ],
)
def test_what_is_nothing(contents: schema.Config, zero: bool) -> None:
    found = field("3.6.0", "storage.files.contents")
    assert found and found.struct
    assert schema.is_zero(found.struct.fields, contents) is zero


def test_a_pointer_to_an_empty_object_is_something() -> None:
    luks = field("3.2.0", "storage.luks")
    assert luks and luks.struct
    assert not schema.is_zero(luks.struct.fields, {"clevis": {}})


@pytest.mark.parametrize("version", ["", "3.4", "3.8.0", "2.3.0"])
def test_no_known_version(version: str) -> None:
    with pytest.raises(ValueError, match=r"3\.0\.0"):
        schema.version_of({"ignition": {"version": version}})
