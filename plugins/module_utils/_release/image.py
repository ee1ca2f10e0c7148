# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""An image of a release on this machine: downloaded with resume, verified, put in place at once or not at all."""

from __future__ import annotations

import hashlib
import os
import pathlib
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._release import layout, openpgp, partial, progress
from ansible_collections.flatops.flatcar.plugins.module_utils._release.client import Client
from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError
from ansible_collections.flatops.flatcar.plugins.module_utils._release.release import Release

_SHA512 = re.compile(r"^([0-9a-f]{128}) [ *](\S+)[ \t\r]*$", re.MULTILINE)


class Image(t.NamedTuple):
    """An image at its place, or in a dry run the image that would come there.

    replaced is the SHA-512 of the file that stood there before, None when there was none. size is in bytes; received
    is how many of them came over the network now.
    """

    name: str
    url: str
    path: str
    sha512: str
    changed: bool
    replaced: str | None
    size: int | None
    received: int
    signature: openpgp.Signature


def obtain(
    client: Client,
    release: Release,
    names: t.Sequence[str],
    dest: str,
    verifier: openpgp.Verifier,
    *,
    report: progress.Report = progress.silent,
    dry: bool = False,
) -> Image:
    """The first of names that the release has, at dest: a file, or a folder that gets it under its own name.

    A file there that has the signed digest is left alone. dry reads the small files only and writes nothing.
    """
    name, signature, sha512 = signed_digest(client, release, names, verifier)
    url, path = release.url + name, _target(dest, name)
    while True:
        image = Image(name, url, path, sha512, False, _sha512(path, report), None, 0, signature)
        if image.replaced == sha512:
            return image._replace(size=os.path.getsize(path))
        if dry:
            found = client.head(url)
            return image._replace(changed=True, size=found and found.size)
        with partial.claim(path, sha512, report) as mine:
            if mine:
                return _fill(client, image, mine, verifier, report)


def _fill(
    client: Client, image: Image, mine: partial.Partial, verifier: openpgp.Verifier, report: progress.Report
) -> Image:
    signature_url = image.url + layout.SIGNATURE
    # Asked for before the long transfer: without it that would be in vain.
    detached = client.read(signature_url)
    if detached is None:
        raise ReleaseError("not_found", f"The server has no {signature_url}: nothing is taken without its signature.")
    resumed = mine.take_up(report)
    received = partial.transfer(client, image.url, mine, report)
    if resumed and mine.sha512 != image.sha512:
        # What an earlier run left may be damaged, by a power cut for one.
        mine.restart()
        received += partial.transfer(client, image.url, mine, report)
    mine.resumable = False
    report("verify", mine.size, mine.size)
    if mine.sha512 != image.sha512:
        raise ReleaseError(
            "digest_mismatch",
            f"{image.url} does not have the SHA-512 digest that was signed for it: it has been altered or damaged on "
            "its way. Nothing was kept; try again, or take another base_url.",
        )
    signature = verifier.detached(image.url, pathlib.Path(mine.path), detached)
    mine.install()
    return image._replace(changed=True, size=mine.size, received=received, signature=signature)


def signed_digest(
    client: Client, release: Release, names: t.Sequence[str], verifier: openpgp.Verifier
) -> tuple[str, openpgp.Signature, str]:
    """The first name that the release has, with the SHA-512 that was signed for it."""
    for name in names:
        url = release.url + name + layout.SIGNED_DIGESTS
        text = client.read(url)
        if text is not None:
            signature, signed = verifier.cleartext(url, text)
            digests = {file: digest for digest, file in _SHA512.findall(signed.decode("utf-8", "replace"))}
            if name not in digests:
                raise ReleaseError("unexpected_content", f"{url} names no SHA-512 digest of {name}.")
            return name, signature, digests[name]
    raise ReleaseError(
        "not_found",
        f"Release {release.version} of the channel {release.channel} for {release.arch} has no signed digests "
        f"({layout.SIGNED_DIGESTS}) of {' or '.join(names)} at {release.url}. Every file has them since July 2022.",
    )


def _target(dest: str, name: str) -> str:
    path = os.path.realpath(os.path.expanduser(dest))
    if os.path.isdir(path) or dest.endswith(os.sep):
        path = os.path.join(path, name)
    if not os.path.isdir(os.path.dirname(path)):
        raise ReleaseError("bad_option", f"dest: there is no folder {os.path.dirname(path)}. Make it first.")
    if os.path.lexists(path) and not os.path.isfile(path):
        raise ReleaseError("bad_option", f"dest: {path} is there and is no regular file.")
    return path


def _sha512(path: str, report: progress.Report) -> str | None:
    """The digest of a file, None when there is none."""
    digest = hashlib.sha512()
    try:
        with open(path, "rb") as stream:
            partial.hash_whole(stream, digest, report)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ReleaseError("write_failed", f"{path} is there and cannot be read: {error.strerror}.") from error
    return digest.hexdigest()
