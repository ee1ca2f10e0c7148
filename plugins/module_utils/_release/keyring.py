# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Public OpenPGP keys: reading them, and which of them may sign when.

Verification itself is the business of pysequoia or gpgv (openpgp.py). What is read here from the packets (RFC 4880)
says until when a key is good: gpgv reports a signature that was made after its key had expired, or by a revoked key
that has expired too, in the same words as one from the key's good days (measured with GnuPG 2.2.40).
"""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import os
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._release import signing_key
from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError

#: From this many days before the newest key expires, a warning.
NOTICE = datetime.timedelta(days=60)

_ARMOUR = re.compile(
    rb"-----BEGIN PGP PUBLIC KEY BLOCK-----[ \t\r]*\n(?:[^\n]*:[^\n]*\n)*[ \t\r]*\n(.*?)"
    rb"(?:\n=[A-Za-z0-9+/]{4}[ \t\r]*)?\n-----END PGP PUBLIC KEY BLOCK-----",
    re.DOTALL,
)
_PRIMARY, _SUBKEY, _SIGNATURE = 6, 14, 2
_CREATED, _KEY_LIFETIME, _ISSUER, _FLAGS, _ISSUER_FINGERPRINT = 2, 9, 16, 27, 33
_MAY_SIGN = 0x02
_SELF_SIGNATURES = (0x10, 0x11, 0x12, 0x13, 0x1F)
_BINDING, _KEY_REVOKED, _SUBKEY_REVOKED = 0x18, 0x20, 0x28


class Key(t.NamedTuple):
    """A key that may sign. Fingerprints are upper-case hex; expires is None when the key does not expire."""

    fingerprint: str
    primary: str
    expires: datetime.datetime | None
    revoked: bool

    def good_at(self, moment: datetime.datetime) -> bool:
        return not self.revoked and (self.expires is None or moment < self.expires)


class Keyring(t.NamedTuple):
    """Public keys: their packets, as both verifiers take them, and those among them that may sign."""

    packets: bytes
    keys: tuple[Key, ...]

    def find(self, fingerprint: str) -> Key | None:
        return next((key for key in self.keys if key.fingerprint == fingerprint), None)

    def notice(self, now: datetime.datetime) -> str | None:
        """A warning when the newest key expires soon; ReleaseError "key_expired" when it already has."""
        usable = [key for key in self.keys if not key.revoked]
        if any(key.good_at(now + NOTICE) for key in usable):
            return None
        day = max((key.expires for key in usable if key.expires), default=now).date()
        advice = "update the collection flatops.flatcar, or give the newer key in the option keyring"
        if any(key.good_at(now) for key in usable):
            return f"The newest image signing key that is known here expires on {day} (UTC): {advice}."
        raise ReleaseError("key_expired", f"The newest image signing key known here expired on {day} (UTC): {advice}.")


def load(further: str | None = None) -> Keyring:
    """The Flatcar image signing key, and those of further: armoured text, or the path of an armoured or binary file."""
    packets = dearmour(signing_key.ARMOURED.encode())
    if further:
        packets += _further(further)
    return Keyring(packets, tuple(signing_keys(packets)))


def _further(source: str) -> bytes:
    if "-----BEGIN PGP" in source:
        where, data = "the text in the option keyring", source.encode()
    else:
        where = f"the keyring {source}"
        try:
            with open(os.path.expanduser(source), "rb") as stream:
                data = stream.read()
        except OSError as error:
            raise ReleaseError(
                "bad_keyring",
                f"{where} cannot be read: {error.strerror}. Give the path of a file with public keys, or their "
                "armoured text.",
            ) from error
    try:
        packets = dearmour(data) if b"-----BEGIN PGP" in data else data
        if signing_keys(packets):
            return packets
        reason = "it holds no public key that may sign"
    except (ValueError, IndexError) as error:
        reason = f"it is no OpenPGP key ({error})"
    raise ReleaseError("bad_keyring", f"{where} cannot be used: {reason}. Export one with `gpg --armor --export KEY`.")


def dearmour(text: bytes) -> bytes:
    """The packets of every public key block in text; ValueError when there is none or one is damaged."""
    blocks = _ARMOUR.findall(text)
    if not blocks:
        raise ValueError("no public key block")
    try:
        return b"".join(base64.b64decode(b"".join(block.split()), validate=True) for block in blocks)
    except binascii.Error as error:
        raise ValueError(f"a damaged key block: {error}") from error


def signing_keys(packets: bytes) -> list[Key]:
    """The keys that may sign: the signing subkeys of each key, or the key itself when it has none.

    Several copies of a key count as one, so that a newer copy extends or revokes what an older one says. ValueError or
    IndexError when the bytes are no OpenPGP packets. Keys of other versions than 4 are left out.
    """
    certificates: dict[str, dict[str, _Member]] = {}
    members: dict[str, _Member] = {}
    member = None
    for tag, body in _packets(packets):
        if tag in (_PRIMARY, _SUBKEY):
            fingerprint = _fingerprint(body)
            if tag == _PRIMARY:
                members = certificates.setdefault(fingerprint, {})
            member = members.setdefault(fingerprint, _Member(fingerprint, body, []))
        elif tag == _SIGNATURE and member:
            member.signatures.append(body)
    return [key for group in certificates.values() for key in _of_certificate(list(group.values()))]


class _Member(t.NamedTuple):
    """A primary key or a subkey: its packet and the signatures that stand behind it."""

    fingerprint: str
    body: bytes
    signatures: list[bytes]


class _State(t.NamedTuple):
    signs: bool
    expires: datetime.datetime | None
    revoked: bool


def _of_certificate(members: list[_Member]) -> list[Key]:
    main, *subkeys = members
    if main.body[0] != 4:
        return []
    above = _state(main, main.fingerprint, _SELF_SIGNATURES)
    keys = []
    for subkey in subkeys:
        state = _state(subkey, main.fingerprint, (_BINDING,))
        if state.signs:
            expires = min((day for day in (state.expires, above.expires) if day), default=None)
            keys.append(Key(subkey.fingerprint, main.fingerprint, expires, state.revoked or above.revoked))
    if not keys and above.signs:
        keys.append(Key(main.fingerprint, main.fingerprint, above.expires, above.revoked))
    return keys


def _state(member: _Member, primary: str, kinds: tuple[int, ...]) -> _State:
    """What the newest signature of one of these kinds says, made by the primary key."""
    newest: dict[int, bytes] = {}
    revoked = False
    for signature in member.signatures:
        parts = _subpackets(signature) if signature[0] == 4 else {}
        issuer = parts.get(_ISSUER) or parts.get(_ISSUER_FINGERPRINT, b"")[-8:]
        if issuer != bytes.fromhex(primary)[-8:]:
            continue
        revoked = revoked or signature[1] in (_KEY_REVOKED, _SUBKEY_REVOKED)
        if signature[1] in kinds and parts.get(_CREATED, b"") >= newest.get(_CREATED, b""):
            newest = parts
    seconds = newest.get(_KEY_LIFETIME, bytes(4))
    if len(seconds) != 4:
        raise ValueError("the lifetime of a key is not of four octets (RFC 4880, 5.2.3.6)")
    lifetime = int.from_bytes(seconds, "big")
    born = int.from_bytes(member.body[1:5], "big")
    expires = datetime.datetime.fromtimestamp(born + lifetime, datetime.timezone.utc) if lifetime else None
    return _State(bool(newest.get(_FLAGS, b"\0")[0] & _MAY_SIGN), expires, revoked)


def _fingerprint(body: bytes) -> str:
    framed = b"\x99" + len(body).to_bytes(2, "big") + body
    return hashlib.sha1(framed, usedforsecurity=False).hexdigest().upper()


def _packets(data: bytes) -> t.Iterator[tuple[int, bytes]]:
    """Tag and body of each packet (RFC 4880, 4.2)."""
    at = 0
    while at < len(data):
        header = data[at]
        at += 1
        if not header & 0x80:
            raise ValueError(f"byte {at - 1} begins no packet")
        if header & 0x40:
            tag = header & 0x3F
            length, at = _length(data, at)
        else:
            tag, size = header >> 2 & 0x0F, 1 << (header & 3)
            if size == 8:
                raise ValueError("a packet without a length")
            length, at = int.from_bytes(data[at : at + size], "big"), at + size
        if at + length > len(data) or length == 0:
            raise ValueError("it ends in the middle of a packet")
        yield tag, data[at : at + length]
        at += length


def _length(data: bytes, at: int) -> tuple[int, int]:
    """A length in the new form (RFC 4880, 4.2.2 and 5.2.3.1) and the place after it."""
    first = data[at]
    if first < 192:
        return first, at + 1
    if first < 224:
        return (first - 192 << 8) + data[at + 1] + 192, at + 2
    if first == 255:
        return int.from_bytes(data[at + 1 : at + 5], "big"), at + 5
    raise ValueError("a packet in pieces")


def _subpackets(signature: bytes) -> dict[int, bytes]:
    """The hashed and unhashed subpackets of a version 4 signature, the hashed ones winning."""
    found: dict[int, bytes] = {}
    at = 4
    for dummy in range(2):
        end = at + 2 + int.from_bytes(signature[at : at + 2], "big")
        at += 2
        while at < end:
            length, at = _length(signature, at)
            found.setdefault(signature[at] & 0x7F, signature[at + 1 : at + length])
            at += length
    return found
