# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verification by both verifiers: the same judgement, whatever they say themselves."""

from __future__ import annotations

import collections.abc
import pathlib
import sys
import types

import pysequoia
import pytest
from pysequoia import packet

from ansible_collections.flatops.flatcar.plugins.module_utils._release import keyring, openpgp, signing_key
from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError
from ansible_collections.flatops.flatcar.tests.standins.release import server as standin
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.release import gnupg_samples as samples

TEXT = b"# SHA512 HASH\nabc  file\n- dashes\n"


Verifiers = collections.abc.Callable[[keyring.Keyring], openpgp.Verifier]


@pytest.fixture(params=["pysequoia", "gpgv"])
def verifier_of(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, verifier_of: Verifiers) -> Verifiers:
    """Verifiers of one kind, as where the other is not installed."""
    if request.param == "gpgv":
        monkeypatch.setitem(sys.modules, "pysequoia", None)
    else:
        monkeypatch.setenv("PATH", "")
    kind = {"gpgv": openpgp.Gpgv, "pysequoia": openpgp.Sequoia}[request.param]
    assert isinstance(verifier_of(keyring.load()).backend, kind)
    return verifier_of


def code_of(name: str, data: bytes, signature: bytes, verifier: openpgp.Verifier) -> str:
    with pytest.raises(ReleaseError) as caught:
        verifier.detached(name, data, signature)
    assert name in str(caught.value)
    assert "Stack backtrace" not in str(caught.value)
    return caught.value.code


def test_good_signature(keys: standin.Keys, verifier: openpgp.Verifier, tmp_path: pathlib.Path) -> None:
    signature = standin.detached(keys.good, b"content")
    path = tmp_path / "file"
    path.write_bytes(b"content")
    by_bytes = verifier.detached("file", b"content", signature)
    assert by_bytes == verifier.detached("file", path, signature)
    assert by_bytes.primary == keys.good.extract_certificate().fingerprint.upper()
    assert by_bytes.made == pysequoia.Sig.from_bytes(signature).created


def test_armoured_signature(keys: standin.Keys, verifier: openpgp.Verifier) -> None:
    signature = pysequoia.sign(keys.good.signer(), b"content", mode=pysequoia.SignatureMode.DETACHED)
    assert verifier.detached("file", b"content", signature)


def test_signature_made_before_its_key_expired(keys: standin.Keys, verifier: openpgp.Verifier) -> None:
    assert verifier.detached("file", b"in time", keys.early)


def test_key_that_is_there_twice(keys: standin.Keys, verifier_of: Verifiers) -> None:
    verifier = verifier_of(keyring.load(keys.public() * 2))
    assert verifier.detached("file", b"content", standin.detached(keys.good, b"content"))


@pytest.mark.parametrize(
    ("data", "signed", "signer", "code"),
    [
        (b"content", b"other", "good", "bad_signature"),
        (b"", b"other", "good", "bad_signature"),
        (b"content", b"content", "foreign", "unknown_key"),
        (b"content", b"other", "foreign", "unknown_key"),
        (b"content", b"content", "late", "key_expired"),
    ],
)
def test_signatures_that_are_not_good(
    data: bytes, signed: bytes, signer: str, code: str, keys: standin.Keys, verifier: openpgp.Verifier
) -> None:
    assert code_of("the-file", data, standin.detached(getattr(keys, signer), signed), verifier) == code


@pytest.mark.parametrize("signature", [b"", b"content", b"\x00" * 100, signing_key.ARMOURED.encode()])
def test_what_is_no_signature(signature: bytes, verifier: openpgp.Verifier) -> None:
    assert code_of("the-file", b"content", signature, verifier) == "bad_signature"


def test_unknown_key_is_named(keys: standin.Keys, verifier: openpgp.Verifier) -> None:
    signature = standin.detached(keys.foreign, b"content")
    signer = str(pysequoia.Sig.from_bytes(signature).issuer_fingerprint).upper()
    with pytest.raises(ReleaseError, match=signer):
        verifier.detached("file", b"content", signature)


def test_gnupg_signature_made_before_its_key_expired(verifier_of: Verifiers) -> None:
    verifier = verifier_of(keyring.load(samples.KEY))
    signature = verifier.detached("file", samples.TEXT, samples.GOOD)
    assert str(signature.made) == "2019-06-01 00:00:00+00:00"
    same, signed = verifier.cleartext("file", samples.GOOD_CLEARTEXT)
    assert (same, signed.strip()) == (signature, samples.TEXT.strip())


@pytest.mark.parametrize(
    ("signature", "code", "says"),
    [(samples.REVOKED, "bad_signature", "revoked"), (samples.LATE, "key_expired", "2023-06-01 .* 2022-06-01")],
)
def test_gnupg_signatures_that_gpgv_lets_pass(signature: bytes, code: str, says: str, verifier_of: Verifiers) -> None:
    with pytest.raises(ReleaseError, match=says) as caught:
        verifier_of(keyring.load(samples.KEY)).detached("file", samples.TEXT, signature)
    assert caught.value.code == code


def test_revoked_key(verifier_of: Verifiers) -> None:
    secret = pysequoia.Tsk.generate("x <x@example.com>")
    signature = standin.detached(secret, b"content")
    public = secret.extract_certificate()
    first_packet = bytes(next(iter(packet.PacketPile.from_bytes(bytes(public)))))
    revoked = first_packet + bytes(public.revoke(secret.certifier())) + bytes(public)[len(first_packet) :]
    text = pysequoia.armor(revoked, pysequoia.ArmorKind.PublicKey)
    assert verifier_of(keyring.load(str(public))).detached("file", b"content", signature)
    assert code_of("the-file", b"content", signature, verifier_of(keyring.load(text))) == "bad_signature"


def test_cleartext(keys: standin.Keys, verifier: openpgp.Verifier) -> None:
    signature, signed = verifier.cleartext("digests", standin.cleartext(keys.good, TEXT))
    assert signed.strip() == TEXT.strip()
    assert signature.primary == keys.good.extract_certificate().fingerprint.upper()


@pytest.mark.parametrize(
    ("signer", "change", "code"),
    [
        ("good", (b"abc", b"abd"), "bad_signature"),
        ("good", (b"- dashes\n", b""), "bad_signature"),
        ("good", (b"-----BEGIN PGP SIGNATURE-----", b""), "bad_signature"),
        ("foreign", (b"", b""), "unknown_key"),
        ("late", (b"", b""), "key_expired"),
    ],
)
def test_cleartext_that_is_not_good(
    signer: str, change: tuple[bytes, bytes], code: str, keys: standin.Keys, verifier: openpgp.Verifier
) -> None:
    text = standin.cleartext(getattr(keys, signer), TEXT).replace(*change)
    with pytest.raises(ReleaseError) as caught:
        verifier.cleartext("digests", text)
    assert caught.value.code == code


def test_text_outside_of_a_cleartext_message_is_not_signed(keys: standin.Keys, verifier: openpgp.Verifier) -> None:
    text = b"evil  file\n" + standin.cleartext(keys.good, TEXT) + b"\nevil  file\n"
    try:
        dummy, signed = verifier.cleartext("digests", text)
    except ReleaseError as error:
        assert error.code == "bad_signature"
    else:
        assert b"evil" not in signed


def test_neither_verifier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pysequoia", None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ReleaseError, match=r"install pysequoia.* or the program gpgv") as caught:
        openpgp.Verifier(keyring.load(), lambda dummy: (0, "", ""))
    assert caught.value.code == "no_verifier"


def test_older_pysequoia_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before 0.1.32 its signatures did not say by which key they were made."""
    monkeypatch.setitem(sys.modules, "pysequoia", types.SimpleNamespace(Sig=object))
    assert isinstance(openpgp.Verifier(keyring.load(), lambda dummy: (0, "", "")).backend, openpgp.Gpgv)
