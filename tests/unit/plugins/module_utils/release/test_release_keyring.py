# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading public keys, and until when they are good."""

from __future__ import annotations

import datetime
import pathlib
import time
import typing as t

import pysequoia
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pysequoia import packet

from ansible_collections.flatops.flatcar.plugins.module_utils._release import keyring, signing_key
from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError

SHIPPED = keyring.dearmour(signing_key.ARMOURED.encode())
UTC = datetime.timezone.utc


def at(day: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(day).replace(tzinfo=UTC)


def certificate(name: str = "x", seconds: int | None = None) -> pysequoia.Cert:
    return pysequoia.Tsk.generate(f"{name} <x@example.com>", validity_seconds=seconds).extract_certificate()


def test_shipped_key_is_what_its_constants_say() -> None:
    keys = keyring.signing_keys(SHIPPED)
    assert {key.primary for key in keys} == {signing_key.PRIMARY}
    found = {key.fingerprint: key.expires.date() if key.expires and not key.revoked else None for key in keys}
    assert found == signing_key.SUBKEYS


def test_shipped_key_as_another_parser_reads_it() -> None:
    """pysequoia's packets: each subkey, then its revocation if there is one, then its binding signature."""
    found: dict[str, datetime.date | None] = {}
    each: t.Any
    for each in packet.PacketPile.from_bytes(SHIPPED):
        if each.tag == packet.Tag.PublicSubkey:
            name, born = each.fingerprint.upper(), each.key_created
        elif each.tag == packet.Tag.Signature and each.signature_type == packet.SignatureType.SubkeyRevocation:
            found[name] = None
        elif each.tag == packet.Tag.Signature and each.signature_type == packet.SignatureType.SubkeyBinding:
            found.setdefault(name, (born + each.key_validity_period).date())
    assert found == signing_key.SUBKEYS
    assert pysequoia.Cert.from_bytes(SHIPPED).fingerprint.upper() == signing_key.PRIMARY


@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        ("2027-01-07", None),
        ("2027-01-08", "expires on 2027-03-08"),
        ("2027-03-08", "expires on 2027-03-08"),
        ("2027-03-09", "expired on 2027-03-08"),
    ],
)
def test_notice_of_the_shipped_key(day: str, outcome: str | None) -> None:
    known = keyring.load()
    if outcome and outcome.startswith("expired"):
        with pytest.raises(ReleaseError, match=outcome) as caught:
            known.notice(at(day))
        assert caught.value.code == "key_expired"
        assert "option keyring" in str(caught.value)
    else:
        notice = known.notice(at(day))
        assert notice is None if outcome is None else notice and outcome in notice and "option keyring" in notice


def test_no_notice_while_a_further_key_is_valid() -> None:
    known = keyring.load(str(certificate()))
    assert known.notice(at("2035-01-01")) is None


def test_further_key_that_has_expired_does_not_help() -> None:
    known = keyring.load(str(certificate(seconds=60)))
    with pytest.raises(ReleaseError, match="expired on 2027-03-08"):
        known.notice(at("2035-01-01"))


@pytest.mark.parametrize("form", ["text", "armoured file", "binary file", "two blocks", "with words around"])
def test_forms_of_a_keyring(form: str, tmp_path: pathlib.Path) -> None:
    first, second = certificate("first"), certificate("second")
    path = tmp_path / "keys"
    source = str(path)
    wanted = {first.fingerprint.upper()}
    if form == "text":
        source = str(first)
    elif form == "armoured file":
        path.write_text(str(first))
    elif form == "binary file":
        path.write_bytes(bytes(first))
    elif form == "two blocks":
        source, wanted = f"{first}\n{second}", wanted | {second.fingerprint.upper()}
    else:
        source = f"The key of the mirror:\r\n\r\n{str(first).replace(chr(10), chr(13) + chr(10))}\r\nThat was it."
    assert {key.primary for key in keyring.load(source).keys} == wanted | {signing_key.PRIMARY}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file"),
        (b"", "no public key that may sign"),
        (b"not a key", "no OpenPGP key"),
        (SHIPPED[:-100], "in the middle of a packet"),
        (b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!!!!\n-----END PGP PUBLIC KEY BLOCK-----\n", "damaged"),
        (b"-----BEGIN PGP SIGNATURE-----\n\nabcd\n-----END PGP SIGNATURE-----\n", "no public key block"),
    ],
)
def test_keyrings_that_are_none(content: bytes | None, reason: str, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "keys"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ReleaseError, match=reason) as caught:
        keyring.load(str(path))
    assert caught.value.code == "bad_keyring"
    assert str(path) in str(caught.value)


def test_newer_copy_of_a_key_extends_the_older_one() -> None:
    secret = pysequoia.Tsk.generate("x <x@example.com>")
    now = datetime.datetime.now(UTC).replace(microsecond=0)
    older = secret.extract_certificate().set_expiration(now + datetime.timedelta(days=1), secret.certifier())
    time.sleep(1.1)  # The newer signature is known by its time, in whole seconds.
    later = now + datetime.timedelta(days=1000)
    newer = secret.extract_certificate().set_expiration(later, secret.certifier())
    for copies in (bytes(older) + bytes(newer), bytes(newer) + bytes(older)):
        (key,) = keyring.signing_keys(copies)
        assert key.expires is not None
        assert abs(key.expires - later) < datetime.timedelta(seconds=2)


def test_revocation_in_any_copy_revokes() -> None:
    secret = pysequoia.Tsk.generate("x <x@example.com>")
    whole = bytes(secret.extract_certificate())
    revocation = bytes(secret.extract_certificate().revoke(secret.certifier()))
    first_packet = bytes(next(iter(packet.PacketPile.from_bytes(whole))))
    assert [key.revoked for key in keyring.signing_keys(whole)] == [False]
    revoked = first_packet + revocation + whole[len(first_packet) :]
    assert [key.revoked for key in keyring.signing_keys(whole + revoked)] == [True]


def test_signatures_of_others_do_not_count() -> None:
    """A revocation that somebody else has made leaves a key alone."""
    secret, other = (pysequoia.Tsk.generate(f"{name} <x@example.com>") for name in "ab")
    whole = bytes(secret.extract_certificate())
    revocation = bytes(other.extract_certificate().revoke(other.certifier()))
    first_packet = bytes(next(iter(packet.PacketPile.from_bytes(whole))))
    assert [key.revoked for key in keyring.signing_keys(first_packet + revocation + whole[len(first_packet) :])] == [
        False
    ]


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: SHIPPED[:1200] + tail))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        keys = keyring.signing_keys(data)
    except (ValueError, IndexError):
        return
    assert all(len(key.fingerprint) == 40 for key in keys)


@given(st.integers(0, len(SHIPPED) - 1), st.integers(1, 255))
@example(634, 192)  # a lifetime of 196 octets
def test_no_damage_breaks_the_reader(place: int, change: int) -> None:
    damaged = bytearray(SHIPPED)
    damaged[place] ^= change
    try:
        keyring.signing_keys(bytes(damaged))
    except (ValueError, IndexError):
        return
