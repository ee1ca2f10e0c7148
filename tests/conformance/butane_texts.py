# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts put together at random from the pieces of their own languages: URLs, units, paths, embedded configs."""

from __future__ import annotations

import random
import typing as t

from ansible_collections.flatops.flatcar.tests.conformance import ignition_documents

_WORDS = (
    *("alpha", "beta", "gamma", "[Unit]", "After=network.target", "ExecStart=/usr/bin/true", "a", "b", "c", "0", "22"),
    *("<é>", "&&", "'", '"', ";", "#", "%"),
)

#: What a data URL consists of, part after part, and what may stand in the place of any of them.
_DATA_PARTS = (
    ("data:", "data:", "data:", "data", "Data:", ""),
    ("", "", "text/plain", "text/", "/plain", "text", "a+b/c.d-e", "te xt/plain", "text/plain/x", "*/*", "ż/x"),
    (
        "",
        "",
        "",
        ";charset=utf-8",
        ";a=b;c=d",
        ";a",
        ";=b",
        ";a=",
        ';a="b c"',
        ';a="b',
        ";a=b\\",
        ";ż=1",
        ";a=%41",
        ';a="\\""',
    ),
    ("", "", ";base64", ";base64", ";base65", ";base64;a=b", ";base", ";BASE64"),
    (",", ",", ",", ",,", ""),
    (
        "",
        "hi",
        "aGk=",
        "aGkK",
        "aGk",
        "aG k=",
        "a%20b",
        "%zz",
        "%4",
        "%",
        "a+b",
        "<>",
        "ż",
        "\x01",
        "@@@",
        "a\nb",
        "===",
        "a/b?c#d",
    ),
)
_URL_PARTS = (
    (
        "https://",
        "http://",
        "HTTPS://",
        "tftp://",
        "s3://",
        "gs://",
        "ftp://",
        "file://",
        "//",
        "",
        "ht+tp://",
        "1a://",
        ":",
    ),
    ("", "", "", "user@", "user:pass@", "u%40:p@", "u@x@", "ü@", "u:%zz@", "u\x7f@"),
    (
        "host",
        "192.0.2.1",
        "[::1]",
        "[2001:db8::1]",
        "[fe80::1%25en0]",
        "[fe80::1%en0]",
        "[::1",
        "[::g]",
        "[v1.a]",
        "h%41",
        "h%zz",
        "",
    ),
    ("", "", "", ":80", ":", ":port", ":-1", ":80:80", ":999999"),
    ("", "/", "/path", "/a%20b", "/%zz", "/a b", "/ż", "/a?b", "//", "/\x7f", "/;x", "*"),
    (
        "",
        "",
        "?",
        "?versionId=1",
        "?versionId=",
        "?a=b&versionId=&versionId=2",
        "?%zz",
        "?versionId=1;x",
        "?versionId",
        "?ż",
    ),
    ("", "", "", "#", "#fragment", "#%zz", "#a#b"),
)
_ARN_PARTS = (
    ("arn:", "arn:", "ARN:", "arn"),
    ("aws:", "aws-cn:", ":"),
    ("s3:", "s3:", "ec2:", ":"),
    (":", "us-east-1:", ""),
    (":", "123456789012:", ""),
    ("bucket/key", "bucket", "accesspoint/name/object/key", "accesspoint/name", "accesspoint", "bucket/%zz", ""),
    ("", "", "?versionId=1", "?versionId="),
)
_UNIT_LINES = (
    *(
        "[Unit]",
        "[Service]",
        "[Install]",
        "[Install]",
        "[Un it]",
        "[]",
        "[Unit",
        "Unit]",
        "[[Unit]]",
        "[Unit] x",
        "[Unit]  ",
    ),
    *(
        "Description=x",
        "WantedBy=multi-user.target",
        "A = b",
        "=b",
        "A=",
        "A",
        " A=b",
        "A=b=c",
        "Ä=ö",
        "A=\x00",
        "A=b\\",
        "A=b \\ ",
    ),
    *(
        "",
        "",
        " ",
        "# remark",
        "; remark",
        "# remark\\",
        " # remark",
        "#",
        "\\",
        "\\\\",
        "\t",
        "\r",
        "A=b\r",
        "x" * 2047,
        "x" * 2048,
    ),
    *(
        "A=" + "y" * 2045,
        "A=" + "y" * 2046,
        "A=" + "ż" * 1023,
        "# " + "z" * 4100,
        "[" + "s" * 2100 + "]",
        "A=" + "b" * 4090 + "\\",
    ),
)
_SEGMENTS = (
    "a",
    "etc",
    "b.conf",
    "..",
    ".",
    "",
    "ż",
    " ",
    "a\\b",
    "%41",
    "\x01",
    "-x",
    ".hidden",
    "a:b",
    "dev",
    "sda1",
)


def _joined(rng: random.Random, parts: tuple[tuple[str, ...], ...]) -> str:
    chosen = [rng.choice(part) for part in parts]
    if rng.random() < 0.1:
        at = rng.randrange(len(chosen))
        chosen[at] = rng.choice(rng.choice(parts))
    return "".join(chosen)


def prose(rng: random.Random) -> str:
    """Text of any length that compresses better or worse."""
    words = rng.sample(_WORDS, rng.randrange(2, len(_WORDS)))
    ends = rng.choice((" ", "\n", "", "\r\n"))
    return ends.join(rng.choice(words) for dummy in range(int(2 ** rng.uniform(2, 10))))


def url(rng: random.Random) -> str:
    return _joined(rng, rng.choice((_DATA_PARTS, _DATA_PARTS, _URL_PARTS, _URL_PARTS, _ARN_PARTS)))


def unit(rng: random.Random) -> str:
    lines = [rng.choice(_UNIT_LINES) for dummy in range(rng.randrange(12))]
    return rng.choice(("\n", "\n", "\n", "\r\n")).join(lines) + rng.choice(("", "\n"))


def path(rng: random.Random) -> str:
    return rng.choice(("/", "/", "/", "")) + "/".join(rng.choice(_SEGMENTS) for dummy in range(rng.randrange(5)))


def config(rng: random.Random) -> str:
    return ignition_documents.document(rng).decode("utf-8", "replace")


def mode(rng: random.Random) -> str:
    return rng.choice(("0", "", "0o")) + "".join(rng.choice("01234567") for dummy in range(rng.randint(1, 4)))


#: Kinds of fields that take such texts besides the values of their pool.
COMPOSED: dict[str, t.Callable[[random.Random], str]] = {
    "config_text": config,
    "contents": prose,
    "path": path,
    "unit_text": unit,
    "url": url,
}
