# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Data URLs."""

from __future__ import annotations

import base64
import urllib.parse

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import dataurl


@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("data:,", b""),
        ("data:,a%20b", b"a b"),
        ("data:,%e2%82%ac+", b"\xe2\x82\xac+"),
        ("data:;base64,aGk=", b"hi"),
        ("data:;base64,aG\nk=\n", b"hi"),
        ("data:;base64,ab==", b"\x69"),
        ("data:text/plain;charset=utf-8;base64,aGk=", b"hi"),
        ("data:textual/,x", b"x"),
        ("data:X-a/b,x", b"x"),
        ('data:;a="b;,";c=d,x', b"x"),
        # An empty quoted value is no value: the next one is read as a quoted one.
        ('data:;a="";b=c,x', b"x"),
    ],
)
def test_decode(url: str, body: bytes) -> None:
    assert dataurl.decode(url) == body
    assert dataurl.check(url) is None


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("DATA:,x", "missing data prefix"),
        ("data:", "missing comma before data"),
        ("data:<", "invalid character after data prefix"),
        ("data:x", "missing media type slash"),
        ("data:x,", "missing media type slash"),
        ("data:text", "missing media type slash"),
        ("data:te<", "invalid character for media type"),
        ("data:foo/bar,", "invalid media type"),
        ("data:text/plain", "incomplete media type"),
        ("data:text/pl ain,", "invalid character for media subtype"),
        ("data:;", "unterminated parameter sequence"),
        ("data:;a", "unterminated parameter sequence"),
        ("data:;,x", "unterminated parameter sequence"),
        ("data:;;", "invalid character for parameter attribute"),
        ("data:;base32,x", "expected base64, got base32"),
        ("data:;a=,x", "invalid character for parameter value"),
        ("data:;a=b", "missing comma before data"),
        ('data:;a="b', "unclosed quoted string"),
        ('data:;a="b\\', "unclosed quoted string"),
        ('data:;a="\\é",x', "invalid escaped character"),
        ('data:;a="é",x', "invalid character for parameter value"),
        ('data:;a="\\q",x', "invalid syntax"),
        ('data:;a="b"c', "expected semicolon or comma"),
        ("data:;a=%zz,x", "rfc2396: invalid char 0x25 in unescape sequence"),
        ("data:,a b", "invalid data character"),
        ("data:,é", "invalid data character"),
        ("data:,%", "rfc2396: unexpected end of unescape sequence"),
        ("data:,%4", "rfc2396: unexpected end of unescape sequence"),
        ("data:,%4g", "rfc2396: invalid char 0x25 in unescape sequence"),
        ("data:,%g", "rfc2396: invalid char 0x25 in unescape sequence"),
        ("data:;base64,a-bc", "invalid data character"),
        ("data:;base64,a", "illegal base64 data at input byte 0"),
        ("data:;base64,aaaaa", "illegal base64 data at input byte 4"),
        ("data:;base64,aa=", "illegal base64 data at input byte 3"),
        ("data:;base64,aa=a", "illegal base64 data at input byte 2"),
        ("data:;base64,aaa==", "illegal base64 data at input byte 4"),
        ("data:;base64,=aaa", "illegal base64 data at input byte 0"),
        ("data:;base64,aa==aa==", "illegal base64 data at input byte 4"),
    ],
)
def test_errors(url: str, message: str) -> None:
    assert dataurl.check(url) == message
    with pytest.raises(dataurl.DataURLError) as raised:
        dataurl.decode(url)
    assert (str(raised.value), raised.value.code) == (message, "invalid_data_url")


@given(st.binary())
def test_what_is_encoded_decodes(body: bytes) -> None:
    assert dataurl.decode("data:;base64," + base64.b64encode(body).decode()) == body
    assert dataurl.decode("data:," + urllib.parse.quote(body, safe="")) == body


@given(st.text('data:;,=base64/x-"\\%4 é\n', max_size=20).map(lambda rest: "data:" + rest))
@example('data:;a="')
def test_check_and_decode_agree(url: str) -> None:
    error = dataurl.check(url)
    try:
        dataurl.decode(url)
    except dataurl.DataURLError as raised:
        assert str(raised) == error
    else:
        assert error is None
