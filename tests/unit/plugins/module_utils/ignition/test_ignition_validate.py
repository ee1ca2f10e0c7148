# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ignition-validate says: positions, unused members, and input that is no config."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import rules
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.context import Context, Key, Lines
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.jsonscan import JSONError
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Path, dotted
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.schema import VERSIONS, Config
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.validate import entries, is_legacy, validate
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.ignition.ignition_configs import configs

NO_TREE = (
    "context tree does not match content tree at $.storage.files.0. "
    "Line and column reporting may be inconsistent. Unused keys may not be reported"
)
HEAD = '{"ignition":{"version":"3.4.0"}'


@pytest.mark.parametrize(
    ("text", "report"),
    [
        (HEAD + "}", []),
        ("", ["couldn't parse config: not a config (empty)"]),
        ("{}", ["couldn't parse config: invalid config version (couldn't parse)"]),
        ('{"ignition":{"version":"2.3.0"}}', ["couldn't parse config: unsupported config version"]),
        (HEAD + ',\n"x":}', ["error at line 0 col 0: invalid character '}' looking for beginning of value"]),
        (
            HEAD + ',\n"x": 1,\n "y":2}',
            ["warning at $.x, line 2 col 1: unused key x", "warning at $.y, line 3 col 2: unused key y"],
        ),
        (
            HEAD + ',"storage":{"files":[{"path":"a"}]}}',
            ["error at $.storage.files.0.path, line 1 col 61: path not absolute"],
        ),
        # What is not there is placed at what it would be in, behind the bracket.
        (HEAD + ',"storage":{"files":[{}]}}', ["error at $.storage.files.0.path, line 1 col 54: path not specified"]),
        (
            HEAD + ',"storage":{"files":[null]}}',
            [
                "error at $.storage.files.0.path, line 1 col 53: path not specified",
                f"warning at $.storage.files.0, line 1 col 53: {NO_TREE}",
            ],
        ),
        # Columns are bytes.
        (
            HEAD + ',"é":1,"passwd":{"x":2}}',
            ["warning at $.é, line 1 col 33: unused key é", "warning at $.passwd.x, line 1 col 50: unused key x"],
        ),
        # With a number beyond a float there are no positions and no unused members.
        (HEAD + ',"x":1e999,"storage":{"files":[{}]}}', ["error at $.storage.files.0.path: path not specified"]),
        # The report is the format of a printf.
        (HEAD + ',"%s":1}', ["warning at $.%!s(MISSING), line 1 col 33: unused key %!s(MISSING)"]),
        (HEAD + ',"100%":1}', ["warning at $.100%!,(MISSING) line 1 col 33: unused key 100%!", "(MISSING)"]),
        (HEAD + ',"x  ":1}', ["warning at $.x  , line 1 col 33: unused key x"]),
        (HEAD + ',"a\\nb":1}', ["warning at $.a", "b, line 1 col 33: unused key a", "b"]),
    ],
)
def test_report(text: str, report: list[str]) -> None:
    failed = any(line.startswith(("error", "couldn't")) for line in report)
    assert validate(text) == (failed, report)
    assert validate(text.encode()) == (failed, report)


def test_release() -> None:
    disk = {"device": "/d", "partitions": [{"number": 1, "shouldExist": False}, {"label": "a"}]}
    text = json.dumps({"ignition": {"version": "3.4.0"}, "storage": {"disks": [disk]}})
    assert not validate(text).failed
    assert validate(text, release=rules.IGNITION_2_26).failed


@pytest.mark.parametrize(
    "source",
    [
        b"\x00",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf" + HEAD.encode() + b"}",
        b"\x1f\x8b\x08",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 1_000_000,
        "\ud800",
        "\udcff",
        '{"ignition":{"version":"\ud800"}}',
        "ignition:\n  version: 3.4.0\n",
    ],
    ids=lambda source: repr(source[:12]),
)
def test_what_is_no_config_is_refused(source: bytes | str) -> None:
    validated = validate(source)
    assert validated.failed
    assert len(validated.report) == 1
    assert validated.report[0].startswith(("error at line ", "couldn't parse config: "))


def test_deep_nesting_in_an_unknown_member() -> None:
    deep = "[" * 9_999 + "]" * 9_999
    assert validate(HEAD + f',"x":{deep}}}').report == ["warning at $.x, line 1 col 33: unused key x"]


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_never_raises(data: bytes) -> None:
    assert validate(data).failed


@given(configs())
def test_positions_lie_in_the_text(config: Config) -> None:
    text = json.dumps(config, indent=1)
    lines = text.splitlines()
    for line in validate(text).report:
        if ", line " not in line:
            continue
        place = line.split(", line ")[-1].split(":")[0].split(" col ")
        assert 1 <= int(place[0]) <= len(lines)
        assert 1 <= int(place[1]) <= len(lines[int(place[0]) - 1].encode()) + 1


@pytest.mark.parametrize(
    ("path", "position"),
    [
        ((), (1, 2)),
        (("ignition",), (2, 14)),
        (("ignition", "version"), (2, 24)),
        (("storage", "files"), (3, 22)),
        (("storage", "files", 0, "path"), (3, 30)),
        (("storage", "files", 1), (4, 2)),
        (("storage", "files", 2, "path"), (3, 22)),
        (("storage", "luks", 0), (3, 13)),
        (("x",), (5, 6)),
        ((Key("x"),), (5, 2)),
    ],
)
def test_positions(path: Path, position: tuple[int, int]) -> None:
    text = '{\n "ignition":{"version":"3.4.0"},\n "storage":{"files":[{"path":"/a"},\n{}]},\n "x":1}'
    assert Context(text.encode(), "3.4.0").position(path) == position


def test_the_last_of_repeated_members_counts() -> None:
    text = HEAD + ',"storage":{"files":[{"path":"/a"}]},"storage":{}}'
    assert Context(text.encode(), "3.4.0").position(("storage", "files", 0, "path")) == (1, 80)


@given(st.binary(max_size=40), st.integers(0, 50))
def test_lines(data: bytes, offset: int) -> None:
    before = data[:offset]
    wanted = (before.count(b"\n") + 1, offset - before.rfind(b"\n")) if offset < len(data) else (0, 0)
    assert Lines(data).position(offset) == wanted


def test_entries_of_a_config_within_a_config() -> None:
    text = HEAD + ',"storage":{"files":[{"path":"a"},{"path":"a"}],"x":1}}'
    found = [(entry.kind, dotted(entry.path), entry.message) for entry in entries(text, "3.4.0")]
    assert found == [
        ("error", "$.storage.files.0.path", "path not absolute"),
        ("error", "$.storage.files.1.path", "path not absolute"),
        ("error", "$.storage.files.1", "duplicate entry defined"),
        ("warning", "$.storage.x", "unused key x"),
    ]


def test_entries_of_another_version() -> None:
    found = entries('{"ignition":{"version":"3.3.0"},"x":1,"storage":{"files":[{}]}}', "3.4.0")
    assert [(dotted(entry.path), entry.message) for entry in found] == [("$.ignition.version", rules.UNKNOWN_VERSION)]


def test_entries_without_a_version() -> None:
    found = entries('{"storage":{"files":[{"path":"/a"}]}}', "3.4.0")
    assert [(dotted(entry.path), entry.message) for entry in found] == [("$.ignition.version", rules.INVALID_VERSION)]


@pytest.mark.parametrize("text", ["", "variant: flatcar\n", '{"ignition":1}'])
def test_entries_of_what_is_no_config(text: str) -> None:
    with pytest.raises(JSONError):
        entries(text, "3.4.0")


@pytest.mark.parametrize(
    ("config", "legacy"),
    [
        ({"ignition": {"version": "2.3.0"}}, True),
        ({"ignition": {"version": "2.0.0"}}, True),
        ({"ignition": {"version": "2.5.0-experimental"}}, True),
        ({"ignitionVersion": 1}, True),
        ({"ignition": {"version": "3.4.0"}}, False),
        ({"ignition": {"version": "2.x"}}, False),
        ({"ignition": {"version": 2}}, False),
        ({"ignition": []}, False),
        ({}, False),
        ([], False),
    ],
)
def test_is_legacy(config: t.Any, legacy: bool) -> None:
    assert is_legacy(json.dumps(config)) is legacy
    assert is_legacy(json.dumps(config).encode()) is legacy
    if isinstance(config, dict):
        assert is_legacy(config) is legacy


@pytest.mark.parametrize("text", ["", "x", "\ud800", "[" * 100_000])
def test_what_is_no_json_is_not_legacy(text: str) -> None:
    assert not is_legacy(text)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_is_known(version: str) -> None:
    assert validate(json.dumps({"ignition": {"version": version}})) == (False, [])
