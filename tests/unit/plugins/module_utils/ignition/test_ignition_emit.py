# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Output as butane prints it."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import emit
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.decode import Document
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.schema import Config
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.ignition.ignition_configs import configs


def printed(version: str, **members: t.Any) -> str:
    text = emit.dumps({**members, "ignition": {"version": version}})
    return text.replace(f'"ignition":{{"version":"{version}"}}', "")


@pytest.mark.parametrize(
    ("version", "members", "wanted"),
    [
        ("3.4.0", {"storage": {"files": []}, "passwd": {}, "systemd": {"units": None}}, "{}"),
        ("3.4.0", {"passwd": {"users": [{}]}}, '{,"passwd":{"users":[{"name":""}]}}'),
        (
            "3.4.0",
            {"storage": {"files": [{"mode": 0, "contents": {"source": ""}, "user": {}, "path": "/a"}]}},
            '{,"storage":{"files":[{"path":"/a","contents":{"source":""},"mode":0}]}}',
        ),
        (
            "3.4.0",
            {"storage": {"disks": [{"device": "/d", "partitions": [{"number": 0, "label": ""}]}]}},
            '{,"storage":{"disks":[{"device":"/d","partitions":[{"label":""}]}]}}',
        ),
        (
            "3.4.0",
            {"storage": {"files": [{"path": "/a", "append": [{}]}]}},
            '{,"storage":{"files":[{"path":"/a","append":[{}]}]}}',
        ),
        ("3.2.0", {"storage": {"links": [{"path": "/a"}]}}, '{,"storage":{"links":[{"path":"/a","target":""}]}}'),
        ("3.2.0", {"storage": {"raid": [{}]}}, '{,"storage":{"raid":[{"devices":null,"level":"","name":""}]}}'),
        (
            "3.2.0",
            {"storage": {"raid": [{"devices": []}]}},
            '{,"storage":{"raid":[{"devices":[],"level":"","name":""}]}}',
        ),
        (
            "3.2.0",
            {"storage": {"luks": [{"name": "a", "clevis": {}}]}},
            '{,"storage":{"luks":[{"clevis":{},"name":"a"}]}}',
        ),
        (
            "3.2.0",
            {"storage": {"luks": [{"name": "a", "clevis": {"custom": {}}}]}},
            '{,"storage":{"luks":[{"clevis":{"custom":{"config":"","pin":""}},"name":"a"}]}}',
        ),
        (
            "3.3.0",
            {"storage": {"luks": [{"name": "a", "clevis": {"custom": {}}}]}},
            '{,"storage":{"luks":[{"name":"a"}]}}',
        ),
        ("3.3.0", {"storage": {"raid": [{}]}}, '{,"storage":{"raid":[{"name":""}]}}'),
        (
            "3.3.0",
            {"storage": {"luks": [{"name": "a", "discard": True}]}, "x": 1},
            '{,"storage":{"luks":[{"name":"a"}]}}',
        ),
    ],
)
def test_what_is_printed(version: str, members: Config, wanted: str) -> None:
    assert printed(version, **members) == wanted


def test_a_reference_without_source_in_the_first_version() -> None:
    config = {"ignition": {"version": "3.0.0", "config": {"merge": [{}]}}}
    assert emit.dumps(config) == '{"ignition":{"config":{"merge":[{"source":null}]},"version":"3.0.0"}}'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("<>&", "\\u003c\\u003e\\u0026"),
        ("\u2028\u2029é\x7f", "\\u2028\\u2029é\x7f"),
        ("\b\f\n\r\t\x00\x1f", "\\u0008\\u000c\\n\\r\\t\\u0000\\u001f"),
        ('"\\b/\\', '\\"\\\\b/\\\\'),
        ("\udcff\udc80", "\\ufffd\\ufffd"),
    ],
)
def test_escapes(text: str, wanted: str) -> None:
    config = {"ignition": {"version": "3.4.0"}, "passwd": {"users": [{"name": text}]}}
    assert emit.dumps(config).partition('"name":')[2] == f'"{wanted}"}}]}}}}'


def test_pretty() -> None:
    config = {"ignition": {"version": "3.4.0"}, "passwd": {"users": [{"name": "a"}]}}
    assert emit.dumps(config, pretty=True).splitlines()[1:3] == ['  "ignition": {', '    "version": "3.4.0"']


@given(configs())
def test_what_is_printed_reads_the_same(config: Config) -> None:
    wanted = emit.ordered(config)
    for pretty in (False, True):
        text = emit.dumps(config, pretty=pretty)
        assert json.loads(text) == wanted
        read = Document(text).config(config["ignition"]["version"])
        assert emit.dumps(read, pretty=pretty) == text


@given(configs())
def test_the_order_of_members_does_not_matter(config: Config) -> None:
    def turned(value: t.Any) -> t.Any:
        if isinstance(value, dict):
            return {name: turned(value[name]) for name in reversed(value)}
        return [turned(item) for item in value] if isinstance(value, list) else value

    assert emit.dumps(turned(config)) == emit.dumps(config)
