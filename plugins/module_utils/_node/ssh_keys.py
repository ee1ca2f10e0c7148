# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""SSH keys of a user as Flatcar keeps them: fragments below ~/.ssh, which update-ssh-keys joins to authorized_keys.

Ignition writes the fragment authorized_keys.d/ignition, one key a line. update-ssh-keys drops from authorized_keys
whatever is in no fragment, and refuses to run when there is no fragment; one that is empty counts.
Sources: Ignition 2.26, internal/exec/util/passwd.go; flatcar/update-ssh-keys, src/lib.rs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import typing as t
from collections.abc import Collection, Iterable, Mapping, Sequence

JOINED = "authorized_keys"
FRAGMENT = "authorized_keys.d/ignition"
#: Where update-ssh-keys itself puts the keys that it finds before there is any fragment.
KEPT = "authorized_keys.d/old_authorized_keys"

_BLOB = re.compile(r"(?:^|\s)(ssh-\S+|ecdsa-\S+|sk-\S+)\s+(AAAA[A-Za-z0-9+/]+=*)(?=\s|$)")


class Edit(t.NamedTuple):
    """The new texts of FRAGMENT and, where it has to change, of KEPT."""

    fragment: str
    kept: str | None


def digest(key: str) -> str:
    """What a key is known by, whatever its options and its comment are."""
    match = _BLOB.search(key)
    return hashlib.sha256((match[2] if match else " ".join(key.split())).encode()).hexdigest()[:32]


def described(key: str) -> str:
    """Type, fingerprint and comment of a key, as ssh-keygen shows them."""
    match = _BLOB.search(key)
    data = _decoded(match[2]) if match else None
    if not match or data is None:
        return "an unknown kind of key"
    fingerprint = base64.b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    return f"{match[1]} SHA256:{fingerprint} {key[match.end() :].strip()}".rstrip()


def lines(text: str) -> list[str]:
    """The keys of a file."""
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def edit(files: Mapping[str, str], wanted: Iterable[str], unwanted: Collection[str]) -> Edit | None:
    """What to write so that the fragment has the wanted keys and not those with the unwanted digests; None for nothing.

    files are the texts by their paths below ~/.ssh. What else is in the fragment stays, and what is in authorized_keys
    alone goes to KEPT, because update-ssh-keys would drop it.
    """
    ours = {digest(line): line for key in wanted for line in lines(key)}
    present = lines(files.get(FRAGMENT, ""))
    fragment = _edited(present, ours, unwanted)
    joined = lines(files.get(JOINED, ""))
    others = {digest(line) for path, text in files.items() if path not in (JOINED, FRAGMENT) for line in lines(text)}
    if fragment == present and _is_joined(joined, ours, {key for key in unwanted if key not in others}):
        return None
    known = {*others, *ours, *unwanted, *map(digest, present)}
    alone = [line for line in joined if digest(line) not in known]
    kept = _text([*lines(files.get(KEPT, "")), *alone]) if alone else None
    return Edit(_text(fragment), kept)


def has_others(files: Mapping[str, str]) -> bool:
    """Whether there are fragments beside FRAGMENT."""
    return any(path not in (JOINED, FRAGMENT) for path in files)


def _edited(present: Sequence[str], ours: Mapping[str, str], unwanted: Collection[str]) -> list[str]:
    left = dict(ours)
    found = []
    for line in present:
        key = digest(line)
        if key in left:
            wanted = left.pop(key)
            # update-ssh-keys writes fragments anew, with single spaces.
            found.append(line if line.split() == wanted.split() else wanted)
        elif key not in ours and key not in unwanted:
            found.append(line)
    return [*found, *left.values()]


def _is_joined(joined: Sequence[str], ours: Mapping[str, str], gone: Collection[str]) -> bool:
    """Whether authorized_keys has the wanted keys, of those that update-ssh-keys takes, and none that is gone."""
    there = set(map(digest, joined))
    return not there.intersection(gone) and all(key in there for key, line in ours.items() if _is_known(line))


def _is_known(line: str) -> bool:
    match = _BLOB.search(line)
    data = _decoded(match[2]) if match else None
    return match is not None and data is not None and data[4 : 4 + data[3]] == match[1].encode()


def _decoded(blob: str) -> bytes | None:
    try:
        return base64.b64decode(blob, validate=True)
    except binascii.Error:
        return None


def _text(keys: Iterable[str]) -> str:
    return "".join(f"{key}\n" for key in keys)
