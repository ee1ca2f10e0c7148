# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items that a config lists twice."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import duplicates
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import dotted


def found(version: str = "3.6.0", **members: t.Any) -> list[str]:
    ignition = {"version": version, **members.pop("ignition", {})}
    return [dotted(entry.path)[2:] for entry in duplicates.check({"ignition": ignition, **members})]


@pytest.mark.parametrize(
    ("members", "wanted"),
    [
        ({"storage": {"files": [{"path": "/a"}, {"path": "/b"}, {"path": "/a"}]}}, ["storage.files.2"]),
        ({"storage": {"files": [{"path": "/a"}], "links": [{"path": "/a"}]}}, ["storage.links.0"]),
        ({"storage": {"files": [{"path": "/a"}], "directories": [{"path": "/a"}]}}, ["storage.files.0"]),
        ({"storage": {"disks": [{"device": "/a"}, {"device": "/a"}]}}, ["storage.disks.1"]),
        ({"storage": {"raid": [{"devices": ["/a", "/a"], "options": ["x", "x"]}]}}, ["storage.raid.0.devices.1"]),
        ({"storage": {"filesystems": [{"options": ["x", "x"], "mountOptions": ["x", "x"]}]}}, []),
        ({"storage": {"files": [{"append": [{"source": "a"}, {"source": "a"}]}]}}, []),
        ({"storage": {"luks": [{"options": ["x", "x"], "openOptions": ["x", "x"]}]}}, ["storage.luks.0.openOptions.1"]),
        ({"ignition": {"config": {"merge": [{}, {"source": ""}]}}}, ["ignition.config.merge.1"]),
        ({"kernelArguments": {"shouldExist": ["a"], "shouldNotExist": ["a"]}}, ["kernelArguments.shouldNotExist.0"]),
        (
            {"passwd": {"users": [{"sshAuthorizedKeys": ["k", "k", "k"]}]}},
            [f"passwd.users.0.sshAuthorizedKeys.{i}" for i in (1, 2)],
        ),
        (
            {"storage": {"disks": [{"partitions": [{"number": 1}, {"label": "a"}, {"number": 1, "label": "a"}]}]}},
            ["storage.disks.0.partitions.2"],
        ),
        # The lists of an object come before what is below them.
        (
            {"systemd": {"units": [{"name": "a", "dropins": [{"name": "b"}, {"name": "b"}]}, {"name": "a"}]}},
            ["systemd.units.1", "systemd.units.0.dropins.1"],
        ),
    ],
)
def test_duplicates(members: dict[str, t.Any], wanted: list[str]) -> None:
    assert found(**members) == wanted


def test_only_what_the_version_knows() -> None:
    luks = {"luks": [{"name": "a"}, {"name": "a"}]}
    assert found("3.1.0", storage=luks) == []
    assert found("3.2.0", storage=luks) == ["storage.luks.1"]
