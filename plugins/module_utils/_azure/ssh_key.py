# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Public ssh keys: those that Azure takes, and one that nobody has the other half of."""

from __future__ import annotations

import base64
import binascii
import functools

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError

#: Azure refuses all other types, and RSA below 2048 bits.
TYPES = ("ssh-rsa", "ssh-ed25519")
_SHORTEST_RSA = 2048


def checked(text: str, option: str) -> str:
    """A key in one line. AzureError, which names the option, for what Azure would refuse."""
    words = text.split()
    if len(words) < 2 or words[0] not in TYPES:
        raise AzureError("bad_option", f"{option}: Azure takes public keys that begin with {' or '.join(TYPES)}.")
    try:
        fields = _fields(base64.b64decode(words[1], validate=True))
    except (binascii.Error, ValueError):
        raise AzureError("bad_option", f"{option}: the text of the {words[0]} key is damaged.") from None
    if fields[0] != words[0].encode():
        raise AzureError("bad_option", f"{option}: the text of the key is not of the type {words[0]}.")
    if words[0] == "ssh-rsa" and int.from_bytes(fields[-1], "big").bit_length() < _SHORTEST_RSA:
        raise AzureError("bad_option", f"{option}: Azure takes RSA keys of {_SHORTEST_RSA} bits and more.")
    return " ".join(words)


def identity(text: str) -> tuple[str, ...]:
    """What of a key counts: its type and its text, without the comment."""
    return tuple(text.split()[:2])


@functools.lru_cache(1)
def decoy() -> str:
    """A key whose private half is thrown away, for VMs whose keys are in the Ignition config alone.

    Azure makes no VM for which neither a password nor a key is given. It is RSA, since not all of its clouds take
    Ed25519, and the same for all VMs of a task, since it takes a tenth of a second.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    public = rsa.generate_private_key(public_exponent=65537, key_size=_SHORTEST_RSA).public_key()
    text = public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return f"{text.decode()} no-private-half"


def _fields(blob: bytes) -> list[bytes]:
    """The fields of the SSH wire format; ValueError where it ends too early."""
    fields: list[bytes] = []
    at = 0
    while at < len(blob):
        size = int.from_bytes(blob[at : at + 4], "big")
        if at + 4 + size > len(blob) or len(blob) - at < 4:
            raise ValueError("the key ends within a field")
        fields.append(blob[at + 4 : at + 4 + size])
        at += 4 + size
    if len(fields) < 2:
        raise ValueError("the key has too few fields")
    return fields
