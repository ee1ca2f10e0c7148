# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node remembers of runs: written and read again, and refused when it is damaged."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import (
    VERSION,
    Records,
    dump,
    load,
    saved_name,
)

TEXTS = st.text() | st.binary().map(lambda data: data.decode("utf-8", "surrogateescape"))
VALUES = st.none() | st.booleans() | st.integers() | TEXTS | st.dictionaries(TEXTS, TEXTS, max_size=3)
RECORDS = st.dictionaries(
    TEXTS,
    st.builds(lambda kind, more: {**more, "kind": kind}, TEXTS, st.dictionaries(TEXTS, VALUES, max_size=4)),
    max_size=4,
)
MOTD: Records = {"path /etc/motd": {"kind": "file", "owner": "base", "sha256": "aa", "before": None}}
OTHER: Records = {"path /etc/issue": {"kind": "parent"}}


@given(RECORDS)
def test_what_is_written_is_read_again(records: Records) -> None:
    assert load(dump(records).decode()) == records


def test_the_order_of_records_does_not_matter() -> None:
    assert dump({**MOTD, **OTHER}) == dump({**OTHER, **MOTD})
    assert dump(MOTD).endswith(b"}\n")


@pytest.mark.parametrize(
    ("manifest", "first_boot", "records"),
    [
        ({}, {}, {}),
        (MOTD, {}, MOTD),
        ({}, MOTD, MOTD),
        (MOTD, OTHER, MOTD),
    ],
)
def test_a_first_boot_counts_until_there_is_a_manifest(
    manifest: Records, first_boot: Records, records: Records
) -> None:
    assert load(*(dump(found).decode() if found else "" for found in (manifest, first_boot))) == records


def test_a_manifest_without_records_ends_what_the_first_boot_said() -> None:
    assert load(dump({}).decode(), dump(MOTD).decode()) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        ("null", "damaged"),
        ('"text"', "damaged"),
        ('{"version": 1}', "damaged"),
        ('{"records": {}}', "damaged"),
        ('{"version": 1, "records": null}', "damaged"),
        ('{"version": 1, "records": []}', "damaged"),
        ('{"version": 1, "records": {"path /a": null}}', "damaged"),
        ('{"version": 1, "records": {"path /a": {"owner": "base"}}}', "damaged"),
        ("[" * 100_000, "damaged"),
        (dump(MOTD).decode()[:-3], "damaged"),
        (json.dumps({"version": VERSION + 1, "records": {}}), f"of version {VERSION + 1}"),
        (json.dumps({"version": VERSION + 1}), f"of version {VERSION + 1}"),
    ],
)
@pytest.mark.parametrize(("name", "is_manifest"), [("manifest.json", True), ("first-boot.json", False)])
def test_what_cannot_be_read_is_refused(text: str, words: str, name: str, is_manifest: bool) -> None:
    with pytest.raises(NodeError, match=f"/var/lib/flatops/{name} .*{words}") as caught:
        load(*((text, "") if is_manifest else ("", text)))
    assert caught.value.code == "bad_manifest"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/etc/motd", "a5017c23a9f6ed2d1b4e08408fedf24e39aab24bacd1d1597c1432e80497614b"),
        ("/etc/\udcff", "9ba2c1b1b83d7731ac2050b216229974a9e22ef4e4cf1c22636c626bf412079a"),
    ],
)
def test_the_name_of_saved_contents(path: str, name: str) -> None:
    assert saved_name(path) == name
