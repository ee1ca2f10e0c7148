# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON as Go reads it into Ignition's types."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import decode
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.decode import Document, is_json
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.jsonscan import JSONError, tokens
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.schema import Config
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.ignition.ignition_configs import configs


def read(text: str | bytes, version: str = "3.4.0") -> Config:
    return Document(text).config(version)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('{"storage":{"files":[{"path":"/a","mode":420}]}}', {"storage": {"files": [{"path": "/a", "mode": 420}]}}),
        # Unknown members, and those of later versions.
        ('{"x":[{"y":1e999}],"storage":{"luks":[{"cex":{}}]}}', {"storage": {"luks": [{}]}}),
        # Any letter case, with the letters beyond ASCII that fold to ASCII ones.
        ('{"STORAGE":{"linKs":[{"PATH":"/a"}]}}', {"storage": {"links": [{"path": "/a"}]}}),
        ('{"\u017ftorage":{"lin\u212as":[]}}', {"storage": {"links": []}}),
        ('{"storage\u0307":{}}', {}),
        # null takes back what is optional, and leaves the rest.
        (
            '{"storage":{"files":[{"path":"/a","path":null,"mode":1,"mode":null}]}}',
            {"storage": {"files": [{"path": "/a"}]}},
        ),
        ('{"storage":{"files":[null]},"passwd":null}', {"storage": {"files": [{}]}}),
        ('{"storage":{"files":[{}],"files":null}}', {"storage": {}}),
        ('{"passwd":{"users":[{"groups":[null,"a"]}]}}', {"passwd": {"users": [{"groups": ["", "a"]}]}}),
        # Objects merge, scalars are replaced, lists start again on top of what was there.
        ('{"passwd":{"users":[]},"passwd":{"groups":[]}}', {"passwd": {"users": [], "groups": []}}),
        (
            '{"storage":{"files":[{"path":"/a","mode":1},{"mode":2}],"files":[{"path":"/b"}]}}',
            {"storage": {"files": [{"path": "/b", "mode": 1}]}},
        ),
        (
            '{"storage":{"files":[{"mode":1},{"mode":2}],"files":[{}],"files":[{},{},{}]}}',
            {"storage": {"files": [{"mode": 1}, {"mode": 2}, {}]}},
        ),
        ('{"storage":{"files":[{"mode":1}],"files":[],"files":[{}]}}', {"storage": {"files": [{}]}}),
        ('{"passwd":{"users":[{"groups":["a","b"],"groups":[null]}]}}', {"passwd": {"users": [{"groups": ["a"]}]}}),
        ('{"storage":{"files":[{"mode":-0}]}}', {"storage": {"files": [{"mode": 0}]}}),
        (
            '{"passwd":{"users":[{"name":"\\ud83d\\ude00\\ud800x\\u0041\\/"}]}}',
            {"passwd": {"users": [{"name": "😀\ufffdxA/"}]}},
        ),
        (b'{"passwd":{"users":[{"name":"\xff\xe2\x82"}]}}', {"passwd": {"users": [{"name": "\ufffd\ufffd\ufffd"}]}}),
        ("null", {}),
    ],
)
def test_config(text: str | bytes, wanted: Config) -> None:
    assert read(text) == wanted


def test_a_pointer_to_an_object() -> None:
    text = '{"storage":{"luks":[{"clevis":{"custom":{"pin":"a"},"custom":null}},{"clevis":null}]}}'
    assert read(text, "3.2.0") == {"storage": {"luks": [{"clevis": {}}, {}]}}
    assert read(text, "3.3.0") == {"storage": {"luks": [{"clevis": {"custom": {"pin": "a"}}}, {}]}}


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("", "unexpected end of JSON input", 0),
        (" \n", "unexpected end of JSON input", 2),
        ('{"a":"\\', "unexpected end of JSON input", 7),
        ('{"a":"\\u00', "unexpected end of JSON input", 10),
        ('{"a":-', "unexpected end of JSON input", 6),
        ('{"a":1.', "unexpected end of JSON input", 7),
        ('{"a":tr', "unexpected end of JSON input", 7),
        ("x", "invalid character 'x' looking for beginning of value", 1),
        ("\ufeff{}", "invalid character '\\ufeff' looking for beginning of value", 3),
        ("[1,]", "invalid character ']' looking for beginning of value", 4),
        ("{1:2}", "invalid character '1' looking for beginning of object key string", 2),
        ('{"a" 1}', "invalid character '1' after object key", 6),
        ('{"a":1 "b"}', "invalid character '\"' after object key:value pair", 8),
        ("[1 2]", "invalid character '2' after array element", 4),
        ("{}é", "invalid character 'é' after top-level value", 4),
        ("-x", "invalid character 'x' in numeric literal", 2),
        ("[01]", "invalid character '1' after array element", 3),
        ("1.x", "invalid character 'x' in numeric literal", 3),
        ("1e+x", "invalid character 'x' in numeric literal", 4),
        ("1.5.2", "invalid character '.' after top-level value", 4),
        ("nulx", "invalid character 'x' in literal null (expecting 'l')", 4),
        ('"\x01"', "invalid character '\\x01' in string", 2),
        ('"\\q"', "invalid escape sequence `\\q` in string", 3),
        ('"\\u12g4"', "invalid escape sequence `\\u12g4` in string", 7),
        ('"\\ "', 'invalid escape sequence "\\\\ " in string', 3),
        ("[" * 10_001, "exceeded max depth", 10_001),
    ],
)
def test_syntax_errors(text: str, message: str, offset: int) -> None:
    with pytest.raises(JSONError) as raised:
        read(text)
    assert (str(raised.value), raised.value.offset, raised.value.code) == (message, offset, "invalid_json")
    assert not is_json(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "array into Go value of type types.Config"),
        ('{"storage":1}', "number into Go struct field Config.storage of type types.Storage"),
        ('{"storage":{"files":{}}}', "object into Go struct field Config.storage.files of type []types.File"),
        ('{"storage":{"files":[1]}}', "number into Config.storage.files.0 of type types.File"),
        ('{"storage":{"files":[{"mode":"1"}]}}', "string into Go struct field Config.storage.files.0.mode of type int"),
        (
            '{"storage":{"files":[{"mode":1.0}]}}',
            "number 1.0 into Go struct field Config.storage.files.0.mode of type int",
        ),
        ('{"storage":{"files":[{"MODE":[]}]}}', "array into Go struct field Config.storage.files.0.MODE of type int"),
        (
            '{"storage":{"files":[{"mode":9223372036854775808}]}}',
            "number 9223372036854775808 into Go struct field Config.storage.files.0.mode of type int",
        ),
        ('{"systemd":{"units":[{"mask":1}]}}', "number into Go struct field Config.systemd.units.0.mask of type bool"),
        (
            '{"storage":{"files":[{"contents":{"httpHeaders":0}}]}}',
            "number into Go struct field Config.storage.files.0.contents.httpHeaders of type types.HTTPHeaders",
        ),
        (
            '{"kernelArguments":{"shouldExist":[true]}}',
            "bool into Config.kernelArguments.shouldExist.0 of type types.KernelArgument",
        ),
        # The first one counts.
        ('{"storage":1,"passwd":"x"}', "number into Go struct field Config.storage of type types.Storage"),
    ],
)
def test_type_errors(text: str, message: str) -> None:
    with pytest.raises(JSONError) as raised:
        read(text)
    assert str(raised.value) == f"json: cannot unmarshal {message}"


def test_syntax_errors_come_before_type_errors() -> None:
    with pytest.raises(JSONError, match="after top-level value"):
        read('{"storage":1}}')


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("{}", ""),
        ("null", ""),
        ('{"ignition":{"version":null}}', ""),
        ('{"ignition":null}', ""),
        ('{"IGNITION":{"Version":"3.1.0"},"storage":1}', "3.1.0"),
        ('{"ignition":{"version":"3.1.0","VERSION":"3.2.0"}}', "3.2.0"),
        ('{"ignition":{"version":"3.1.0"},"Ignition":{"version":"3.2.0"}}', "3.2.0"),
    ],
)
def test_spec_version(text: str, version: str) -> None:
    assert Document(text).spec_version() == version


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1", "number into Go value of type util.versionStub"),
        ('{"ignition":[]}', "array into Go struct field versionStub.ignition of type struct { Version string }"),
        ('{"ignition":{"version":3}}', "number into Go struct field versionStub.ignition.version of type string"),
    ],
)
def test_spec_version_of_a_wrong_type(text: str, message: str) -> None:
    with pytest.raises(JSONError) as raised:
        Document(text).spec_version()
    assert str(raised.value) == f"json: cannot unmarshal {message}"


@given(configs())
def test_the_slow_way_reads_the_same(config: Config) -> None:
    version = config["ignition"]["version"]
    document = Document(json.dumps(config))
    fast = document.config(version)
    assert document.is_plain(fast)
    document.plain = None
    assert document.config(version) == fast == config


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON, st.sampled_from((None, 1)))
def test_json_is_json(value: t.Any, indent: int | None) -> None:
    assert is_json(json.dumps(value, indent=indent))
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    kinds = [kind for kind, dummy, dummy_end in tokens(text.encode())]
    assert kinds.count("[") == kinds.count("]")
    assert kinds.count("{") == kinds.count("}")


@given(JSON.map(json.dumps), st.integers(0, 60), st.sampled_from(',:"\\[]{}0x\n-.e'))
def test_both_parsers_refuse_the_same(text: str, position: int, character: str) -> None:
    damaged = text[:position] + character + text[position + 1 :]
    try:
        json.loads(damaged, parse_constant=decode._refuse)
    except ValueError:
        good = False
    else:
        good = True
    try:
        for dummy in tokens(damaged.encode()):
            continue
    except JSONError:
        assert not good
    else:
        assert good


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("1e308", True),
        ("1e309", False),
        ("1" * 309, True),
        ("9" * 310, False),
        ("NaN", False),
        ('"\udc80"', True),
        ("[" * 10_000 + "]" * 10_000, True),
        ("[" * 3000 + "1e999" + "]" * 3000, False),
        ("[" * 10_001 + "]" * 10_001, False),
    ],
)
def test_is_json(text: str, good: bool) -> None:
    assert is_json(text) is good
