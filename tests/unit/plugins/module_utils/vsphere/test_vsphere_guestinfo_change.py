# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changes on a VM that is there already."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import guestinfo, stamp
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import guestinfo_change as change
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.guestinfo import (
    DATA,
    ENCODING,
    KARGS,
    OLD_DATA,
    OVERWRITTEN,
    URL,
)

SECRET = "hunter2-correcthorse"
STAMP = stamp.PREFIX + "ignition_sha256"
OTHERS = {"disk.EnableUUID": "TRUE", stamp.PREFIX + "state": "complete", "guestinfo.vmtools.buildNumber": "5"}


def config(word: str) -> bytes:
    file = {"path": "/a", "contents": {"source": f"data:,{word}"}}
    return json.dumps({"ignition": {"version": "3.4.0"}, "storage": {"files": [file]}}).encode()


ONE = guestinfo.guestinfo(config(SECRET))
OTHER = guestinfo.guestinfo(config("x"))
FROM_URL = guestinfo.guestinfo(None, url="https://a/b")


def after(current: dict[str, str], made: change.Change) -> dict[str, str]:
    """What the server has then: empty values are gone."""
    return {key: value for key, value in {**current, **made.values}.items() if value}


def booted(current: dict[str, str]) -> dict[str, str]:
    return {**current, DATA: OVERWRITTEN, ENCODING: "base64"}


SETTINGS = st.dictionaries(st.sampled_from(["guestinfo.a", "guestinfo.b", KARGS, "x"]), st.text("ab", max_size=2))
WANTED = st.sampled_from([ONE, OTHER, FROM_URL, guestinfo.guestinfo(None, extra_config={"guestinfo.a": "a"})])


@given(current=SETTINGS, first=WANTED, second=WANTED, purge=st.sampled_from([[], ["guestinfo."], ["guestinfo.b"]]))
def test_the_second_run_changes_nothing(
    current: dict[str, str], first: guestinfo.Guestinfo, second: guestinfo.Guestinfo, purge: list[str]
) -> None:
    seen = {**OTHERS, **{key: value for key, value in current.items() if value}}
    for wanted in (first, second):
        seen = after(seen, change.present(seen, wanted, purge))
        assert change.present(seen, wanted, purge).values == {}
        assert wanted.keys.items() <= seen.items()
        assert OTHERS.items() <= seen.items()
    if second.ignition_sha256:
        seen = booted(seen)
        assert change.present(seen, second, purge).values == {}
        assert change.present(seen, second, purge).has_booted


def test_new_user_data() -> None:
    made = change.present(OTHERS, ONE)
    assert made.names == [STAMP, DATA, ENCODING]
    assert made.values[STAMP] == ONE.ignition_sha256
    assert made.user_data
    assert not made.has_booted
    assert made.removed == []
    assert made.sizes[DATA] == ONE.encoded_bytes
    assert made.of_guest == [DATA, ENCODING]


def test_the_same_in_another_encoding_is_adopted() -> None:
    current = guestinfo.guestinfo(config(SECRET), encoding="base64").keys
    made = change.present(current, ONE)
    assert made.values == {STAMP: ONE.ignition_sha256}
    assert not made.user_data
    assert made.of_guest == []


def test_the_same_under_the_old_name_is_adopted() -> None:
    current = {OLD_DATA: ONE.keys[DATA], OLD_DATA + ".encoding": "gzip+base64"}
    assert change.present(current, ONE).names == [STAMP]


def test_after_the_first_boot() -> None:
    current = booted(after({}, change.present({}, ONE)))
    made = change.present(current, OTHER)
    assert made.names == [STAMP, DATA, ENCODING]
    assert made.user_data
    assert made.has_booted


def test_after_the_first_boot_without_a_stamp() -> None:
    current = booted({})
    assert change.present(current, ONE).names == [STAMP, DATA, ENCODING]


def test_the_stamp_of_data_that_somebody_replaced_does_not_count() -> None:
    current = {**after({}, change.present({}, ONE)), **OTHER.keys}
    assert change.present(current, ONE).names == [DATA]
    current = {**after({}, change.present({}, ONE)), DATA: "!"}
    assert change.present(current, ONE).names == [DATA]
    del current[DATA]
    assert change.present(current, ONE).names == [DATA]


def test_a_url_is_read_only_where_there_are_no_data() -> None:
    current = after({}, change.present({}, ONE))
    made = change.present(current, FROM_URL)
    assert made.removed == [DATA, ENCODING]
    assert made.values[URL] == "https://a/b"
    back = change.present(after(current, made), ONE)
    assert back.removed == [URL]
    other = change.present({URL: "https://a/b", OLD_DATA: "x"}, FROM_URL)
    assert other.removed == [OLD_DATA]


def test_a_url_that_is_there_is_adopted() -> None:
    assert change.present({URL: "https://a/b"}, FROM_URL).names == [STAMP]
    assert change.present(booted({URL: "https://a/b"}), FROM_URL).names == [STAMP]


def test_plain_data_leave_no_encoding() -> None:
    plain = guestinfo.guestinfo(config("x"), encoding="plain", force_plain=True)
    made = change.present(after({}, change.present({}, ONE)), plain)
    assert made.values[ENCODING] == ""


def test_settings_by_value() -> None:
    wanted = guestinfo.guestinfo(None, network="ip=dhcp", extra_config={"guestinfo.a": "1", "guestinfo.b": ""})
    made = change.present({"guestinfo.a": "0", "guestinfo.b": "x", DATA: "x", STAMP: "y"}, wanted)
    assert made.values == {KARGS: "ip=dhcp", "guestinfo.a": "1", "guestinfo.b": ""}
    assert made.removed == ["guestinfo.b"]
    assert not made.user_data


def test_purge() -> None:
    current = {
        **OTHERS,
        **booted(after({}, change.present({}, ONE))),
        "guestinfo.interface.0.name": "a",
        "guestinfo.interface.1.name": "b",
        "guestinfo.ovfEnv": "x",
    }
    wanted = guestinfo.guestinfo(config(SECRET), extra_config={"guestinfo.interface.1.name": "b"})
    assert change.present(current, wanted, ["guestinfo.interface."]).removed == ["guestinfo.interface.0.name"]
    assert change.present(current, wanted, ["guestinfo."]).removed == ["guestinfo.interface.0.name"]
    assert change.present(current, wanted, ["guestinfo.vmtools."]).removed == ["guestinfo.vmtools.buildNumber"]
    everything = change.present(current, guestinfo.guestinfo(None), ["guestinfo."])
    assert everything.removed == [STAMP, DATA, ENCODING, "guestinfo.interface.0.name", "guestinfo.interface.1.name"]
    assert everything.user_data


def test_absent() -> None:
    current = {
        **OTHERS,
        **after({}, change.present({}, ONE)),
        KARGS: "ip=dhcp",
        "guestinfo.hostname": "a",
        "guestinfo.interface.0.name": "a",
        "guestinfo.dns.server.0": "a",
        "guestinfo.mine": "a",
        "guestinfo.foreign": "a",
        "guestinfo.p.q": "a",
    }
    made = change.absent(current, ["guestinfo.mine", "guestinfo.not_there"], ["guestinfo.p."])
    assert after(current, made) == {**OTHERS, "guestinfo.foreign": "a"}
    assert change.absent(after(current, made), ["guestinfo.mine"]).values == {}
    assert made.user_data
    assert made.removed == made.names


def test_no_value_is_shown() -> None:
    current = {"guestinfo.a": SECRET, "guestinfo.c": SECRET}
    wanted = guestinfo.guestinfo(config(SECRET), extra_config={"guestinfo.a": SECRET + "2", "guestinfo.b": SECRET})
    made = change.present(current, wanted, ["guestinfo."])
    assert SECRET not in str((made.diff, made.names, made.sizes))
    assert made.diff["before"]["guestinfo.b"] is None
    assert made.diff["after"]["guestinfo.c"] is None
    assert str(made.diff["after"]["guestinfo.b"]).endswith(f", {len(SECRET)} bytes>")


@pytest.mark.parametrize(
    ("names", "purge", "allow", "message"),
    [
        (["disk.EnableUUID"], [], False, "settings: 'disk.EnableUUID' does not begin with guestinfo"),
        ([], ["disk."], False, "purge: 'disk.' does not begin with"),
        ([], [""], True, "name a prefix"),
        ([stamp.PREFIX + "state"], [], True, "keeps for itself"),
        ([], [stamp.PREFIX], True, "keeps for itself"),
    ],
)
def test_keys_that_are_refused(names: list[str], purge: list[str], allow: bool, message: str) -> None:
    with pytest.raises(VsphereError, match=message) as raised:
        change.check_keys(names, purge, allow)
    assert raised.value.code == "bad_option"


def test_keys_that_are_allowed() -> None:
    change.check_keys(["guestinfo.a"], ["guestinfo."], False)
    change.check_keys(["disk.EnableUUID"], ["disk."], True)
    made = change.present(OTHERS, guestinfo.guestinfo(None), ["f", "disk."])
    assert made.removed == ["disk.EnableUUID"]
