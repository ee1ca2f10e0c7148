# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of a valid config, by area. The golden cases hold most of them; here are the differences of versions and
releases, and the order of findings."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import rules, schema
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import dotted

ALL = range(8)
NO_INSTALL = 'unit "a.service" is enabled, but has no install section so enable does nothing'


def found(version: str, release: str = rules.IGNITION_2_26, **members: t.Any) -> list[str]:
    config = {"ignition": {"version": version, **members.pop("ignition", {})}, **members}
    entries = rules.check(config, version, release=release)
    return [f"{entry.kind[0].upper()} {dotted(entry.path)[2:]}: {entry.message}" for entry in entries]


def minors(message: str, **members: t.Any) -> list[int]:
    """The minor versions in which a config is said to be wrong so."""
    return [minor for minor in ALL if any(message in line for line in found(schema.VERSIONS[minor], **members))]


def contents(**members: t.Any) -> dict[str, t.Any]:
    return {"storage": {"files": [{"path": "/a", "contents": members}]}}


def storage(**members: t.Any) -> dict[str, t.Any]:
    return {"storage": members}


@pytest.mark.parametrize(
    ("message", "versions", "members"),
    [
        ("invalid url scheme", range(2), contents(source="gs://a/b")),
        ("invalid url scheme", range(4), contents(source="arn:aws:s3:::a/b")),
        ("invalid S3 ARN format", range(4, 8), contents(source="arn:aws:s3:::a")),
        ("invalid S3 object VersionId", ALL, contents(source="s3://a/b?versionId=")),
        ("unrecognized hash", range(1), contents(source="", verification={"hash": "sha256-" + "0" * 64})),
        ("incorrect size", ALL, contents(source="", verification={"hash": "sha512-" + "0" * 127})),
        ("source must be specified", ALL, contents(verification={"hash": "sha512-" + "0" * 128})),
        ("invalid compression", ALL, contents(source="", compression="xz")),
        ("setuid/setgid/sticky", range(6), storage(directories=[{"path": "/a", "mode": 0o1777}])),
        ("illegal file mode", ALL, storage(directories=[{"path": "/a", "mode": 0o10000}])),
        ("link target is required", range(3, 8), storage(links=[{"path": "/a", "target": ""}])),
        ("invalid filesystem format", range(3), storage(filesystems=[{"device": "/a", "format": "none"}])),
        ("format cannot be empty", ALL, storage(filesystems=[{"device": "/a", "label": "x"}])),
        ("raid level is required", range(3, 8), storage(raid=[{"name": "a", "devices": ["/a"]}])),
        ("unrecognized raid level", range(3), storage(raid=[{"name": "a", "devices": ["/a"]}])),
        ("source is required", range(1, 8), {"ignition": {"config": {"merge": [{}]}}}),
        ("invalid url scheme", range(1), {"ignition": {"security": {"tls": {"certificateAuthorities": [{}]}}}}),
        ("path not absolute", ALL, storage(files=[{"path": "a"}])),
        ("path is not fully simplified", ALL, storage(files=[{"path": "/a/"}])),
    ],
)
def test_versions_in_which_a_rule_holds(message: str, versions: t.Iterable[int], members: dict[str, t.Any]) -> None:
    assert minors(message, **members) == list(versions)


@pytest.mark.parametrize(
    ("message", "versions", "clevis"),
    [
        ("missing required custom clevis pin", range(3, 8), {"custom": {"config": "x"}}),
        ("unsupported clevis pin", range(2, 3), {"custom": {"config": "x"}}),
        ("unsupported clevis pin", range(2, 6), {"custom": {"config": "x", "pin": "y"}}),
        ("missing required custom clevis config", range(3, 8), {"custom": {"needsNetwork": True}}),
        ("cannot use custom clevis config", range(2, 3), {"custom": {}, "tpm2": True}),
        ("cannot use custom clevis config", range(2, 8), {"custom": {"pin": "tang"}, "threshold": 1}),
        ("thumbprint is required", range(2, 8), {"tang": [{"url": "http://a"}]}),
        ("invalid url scheme", range(2, 8), {"tang": [{"url": "s3://a", "thumbprint": "x"}]}),
        ("unable to parse url", range(2, 8), {"tang": [{"url": "http://[", "thumbprint": "x"}]}),
    ],
)
def test_clevis(message: str, versions: t.Iterable[int], clevis: dict[str, t.Any]) -> None:
    luks = [{"name": "a", "device": "/a", "clevis": clevis}]
    # Before 3.2 there is no luks: a decoded config of those versions never has it.
    assert [minor for minor in minors(message, storage={"luks": luks}) if minor > 1] == list(versions)


def disk(*partitions: dict[str, t.Any]) -> dict[str, t.Any]:
    return {"storage": {"disks": [{"device": "/d", "partitions": list(partitions)}]}}


@pytest.mark.parametrize(
    ("partitions", "wanted"),
    [
        ([{"number": 1}, {"number": 1}], ["E storage.disks.0.partitions.1: partition numbers collide"]),
        (
            [{"number": 1, "label": ""}, {"number": 2, "label": ""}],
            ["E storage.disks.0.partitions.1: cannot use the same partition label twice"],
        ),
        ([{"label": "ż" * 18}], []),
        (
            [{"label": "ż" * 18 + "x"}],
            ["E storage.disks.0.partitions.0.label: partition labels may not exceed 36 characters"],
        ),
        ([{"number": 1, "startMiB": 10, "sizeMiB": 5}, {"number": 2, "startMiB": 15, "sizeMiB": 1}], []),
        (
            [{"number": 1, "startMiB": 10, "sizeMiB": 5}, {"number": 2, "startMiB": 14, "sizeMiB": 0}],
            ["E storage.disks.0.partitions.1: partitions overlap"],
        ),
        (
            [{"number": 1, "startMiB": 12, "sizeMiB": 1}, {"number": 2, "startMiB": 10, "sizeMiB": 5}],
            ["E storage.disks.0.partitions.1: partitions overlap"],
        ),
        ([{"number": 1, "startMiB": 0, "sizeMiB": 5}, {"number": 2, "startMiB": 1, "sizeMiB": 5}], []),
        ([{"number": -1, "shouldExist": False, "guid": "", "wipePartitionEntry": True}], []),
    ],
)
def test_partitions(partitions: list[dict[str, t.Any]], wanted: list[str]) -> None:
    assert found("3.4.0", **disk(*partitions)) == wanted


def test_releases_differ_about_deletion_beside_number_zero() -> None:
    members = disk({"number": 1, "shouldExist": False}, {"label": "a"})
    message = "shouldExist is false for a partition and other partition(s) has start or size 0"
    for version in schema.VERSIONS:
        assert found(version, **members) == [f"E storage.disks.0.partitions: {message}"]
        assert found(version, rules.IGNITION_NEXT, **members) == []


@pytest.mark.parametrize(
    ("filesystem", "wanted"),
    [
        ({"device": "tag"}, []),
        ({"device": ""}, ["device: device not specified"]),
        ({"device": "x" * 37}, ["device: virtiofs device tag cannot be longer than 36 bytes"]),
        (
            {"device": "t", "path": "a", "label": "l", "uuid": "u", "wipeFilesystem": True, "options": ["o"]},
            [
                "path: path not absolute",
                "label: filesystem labels cannot be set when using virtiofs",
                "uuid: filesystem uuid cannot be set for non-block-device filesystems",
                "wipeFilesystem: wipeFilesystem cannot be set for non-block-device filesystems",
                "options: filesystem options (mkfs) cannot be set for non-block-device filesystems",
            ],
        ),
    ],
)
def test_virtiofs(filesystem: dict[str, t.Any], wanted: list[str]) -> None:
    members = storage(filesystems=[{"format": "virtiofs", **filesystem}])
    lines = [f"E storage.filesystems.0.{line}" for line in wanted]
    assert found("3.7.0-experimental", rules.IGNITION_NEXT, **members) == lines
    for version, release in (("3.7.0-experimental", rules.IGNITION_2_26), ("3.6.0", rules.IGNITION_NEXT)):
        assert "E storage.filesystems.0.format: invalid filesystem format" in found(version, release, **members)


@pytest.mark.parametrize(
    ("kind", "size"), [("ext4", 16), ("btrfs", 256), ("xfs", 12), ("swap", 15), ("vfat", 11), ("none", None)]
)
def test_labels_are_measured_in_bytes(kind: str, size: int | None) -> None:
    def lines(label: str) -> list[str]:
        return found("3.4.0", **storage(filesystems=[{"device": "/a", "format": kind, "label": label}]))

    assert lines("é" * ((size or 2000) // 2)) == []
    if size:
        message = f"filesystem labels cannot be longer than {size} characters when using {kind}"
        assert lines("x" * (size - 1) + "é") == [f"E storage.filesystems.0.label: {message}"]


def test_cex_excludes_clevis_and_key_file() -> None:
    volume = {"name": "a", "device": "/a", "cex": {"enabled": True}}
    clevis = {**volume, "clevis": {"tpm2": True}, "keyFile": {"source": "data:,x"}}
    assert found("3.5.0", **storage(luks=[volume])) == []
    assert found("3.5.0", **storage(luks=[clevis])) == [
        "E storage.luks.0.cex: cannot use cex with clevis",
        "E storage.luks.0.cex: cannot use key file with cex",
    ]


@pytest.mark.parametrize(
    ("target", "path", "said"),
    [
        ("/d", "/l", True),
        ("/x/../d/", "/l", True),
        # A relative target starts at the link itself.
        ("../d", "/l", True),
        ("d", "/l", False),
    ],
)
def test_hard_links_to_directories(target: str, path: str, said: bool) -> None:
    link = {"path": path, "target": target, "hard": True}
    lines = found("3.4.0", **storage(directories=[{"path": "/d"}], links=[link]))
    assert lines == (["E storage.links.0: hard link target is a directory"] if said else [])


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://a", ["W ignition.proxy.httpsProxy: insecure plaintext HTTP proxy specified for HTTPS resources"]),
        ("https://a", []),
        (
            "",
            [
                "E ignition.proxy.httpProxy: proxies must be http(s)",
                "E ignition.proxy.httpsProxy: proxies must be http(s)",
            ],
        ),
        ("::", ["E ignition.proxy.httpProxy: unable to parse url", "E ignition.proxy.httpsProxy: unable to parse url"]),
    ],
)
def test_proxies(url: str, wanted: list[str]) -> None:
    assert found("3.4.0", ignition={"proxy": {"httpProxy": url, "httpsProxy": url}}) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("https://a", []),
        ("data:,x", ["E storage.files.0.contents.httpHeaders: cannot use HTTP headers with this source scheme"]),
        (None, ["E storage.files.0.contents.httpHeaders: unable to parse url"]),
        ("", ["E storage.files.0.contents.httpHeaders: unable to parse url"]),
    ],
)
def test_headers_need_http(source: str | None, wanted: list[str]) -> None:
    members = {"source": source} if source is not None else {}
    assert found("3.4.0", **contents(httpHeaders=[{"name": "A", "value": "b"}], **members)) == wanted


@pytest.mark.parametrize(
    ("unit", "wanted"),
    [
        ({"name": "a.service", "enabled": True, "contents": "[Install]\nA=b\n"}, []),
        ({"name": "a.service", "enabled": True, "mask": True}, []),
        ({"name": "a.conf"}, ["E systemd.units.0.name: invalid systemd unit extension"]),
        (
            {"name": "a.service", "enabled": True, "contents": "[Install]\n"},
            [f"W systemd.units.0.contents: {NO_INSTALL}"],
        ),
        (
            {"name": "a.service", "enabled": True, "contents": "[Install"},
            ["E systemd.units.0.contents: invalid unit content: unable to find end of section"],
        ),
        (
            {"name": "a.service", "dropins": [{"name": "b", "contents": "[A]\nx"}]},
            [
                "E systemd.units.0.dropins.0.contents: invalid unit content: EOF",
                "E systemd.units.0.dropins.0.name: invalid systemd drop-in extension",
            ],
        ),
    ],
)
def test_units(unit: dict[str, t.Any], wanted: list[str]) -> None:
    assert found("3.4.0", systemd={"units": [unit]}) == wanted


def test_instances_are_said_before_units() -> None:
    units = [{"name": "a@1.service", "enabled": True}, {"name": "a@.service", "contents": "[A]\n"}, {"name": "x"}]
    assert found("3.4.0", systemd={"units": units}) == [
        'W systemd.units.0.contents: template unit "a@.service" for "a@1.service" doesn\'t have Install section',
        "E systemd.units.2.name: invalid systemd unit extension",
    ]


def test_order_of_one_file() -> None:
    file = {
        "path": "a",
        "mode": 0o17777,
        "overwrite": True,
        "user": {"id": 0, "name": "a"},
        "group": {"id": 0, "name": "a"},
        "append": [{"source": "x:"}],
        "contents": {"compression": "x", "verification": {"hash": "x"}},
    }
    members: dict[str, t.Any] = {"storage": {"files": [file], "links": [{"path": "", "target": "/t"}]}}
    assert [line.partition(": ")[0] for line in found("3.4.0", **members)] == [
        "E storage.files.0.path",
        "E storage.files.0.mode",
        "W storage.files.0.mode",
        "E storage.files.0.overwrite",
        "E storage.files.0.group",
        "E storage.files.0.user",
        "E storage.files.0.append.0.source",
        "E storage.files.0.contents.compression",
        "E storage.files.0.contents.verification.hash",
        "E storage.files.0.contents.verification.hash",
        "E storage.links.0.path",
    ]


@pytest.mark.parametrize(
    ("version", "wanted"),
    [
        ("3.04.0", []),
        ("3.5.0", ["E ignition.version: unsupported config version"]),
        ("", ["E ignition.version: invalid config version (couldn't parse)"]),
    ],
)
def test_the_version_itself(version: str, wanted: list[str]) -> None:
    entries = rules.check({"ignition": {"version": version}}, "3.4.0")
    assert [f"E {dotted(entry.path)[2:]}: {entry.message}" for entry in entries] == wanted


def test_empty_members_are_as_good_as_none() -> None:
    empty: dict[str, t.Any] = {
        "storage": {"files": [], "links": [], "disks": [{"device": "/d", "partitions": []}]},
        "systemd": {},
    }
    for version in schema.VERSIONS:
        assert found(version, **empty, passwd={}) == []
