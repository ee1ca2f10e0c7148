# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Where an OVA comes from, and what is demanded of it: a manifest, a checksum, a signature."""

from __future__ import annotations

import os
import re
import typing as t
import urllib.parse

from ansible_collections.flatops.flatcar.plugins.module_utils._release.client import Client, shown
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_stream import (
    Local,
    Remote,
    Stream,
    translated,
    unreadable,
)

# What verifies signatures is imported where there are some.
if t.TYPE_CHECKING:
    from ansible_collections.flatops.flatcar.plugins.module_utils._release import openpgp

#: What is made of the manifest: verified where there is one, demanded, or not looked at.
POLICIES = ("verify", "require", "ignore")
#: Algorithm -> the number of its hexadecimal digits.
CHECKSUMS = {"sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}

#: Files of digests and signatures are far smaller.
_SMALL = 1 << 20
#: sha512sum and the .DIGESTS of Flatcar; BSD and OpenSSL; a digest alone.
_GNU = re.compile(r"([0-9a-f]+) [ *](\S.*)", re.IGNORECASE)
_BSD = re.compile(r"SHA-?([0-9]+) ?\((.+)\) ?= ?([0-9a-f]+)", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]+", re.IGNORECASE)
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OURS = ("range", "if-range", "accept-encoding", "content-length", "transfer-encoding", "host")

Run = t.Callable[..., t.Any]


class Checksum(t.NamedTuple):
    algorithm: str
    digest: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.digest}"


class Detached(t.NamedTuple):
    """A detached signature, and what verifies it."""

    signature: bytes
    verifier: openpgp.Verifier


class Source(t.NamedTuple):
    """An OVA that can be read from its beginning any number of times.

    label is what messages and results call it, without user, password and query. seekable says that its headers can be
    walked for next to nothing. manifest is one of POLICIES. signer is the fingerprint of the key that has signed the
    checksum, where one has.
    """

    label: str
    open: t.Callable[[], Stream]
    seekable: bool
    manifest: str
    checksum: Checksum | None = None
    signature: Detached | None = None
    signer: str | None = None
    warnings: tuple[str, ...] = ()

    def invalid(self, what: str) -> VsphereError:
        return VsphereError("ovf_invalid", f"{self.label} cannot be used: {what}.")


def source(
    *,
    path: str | None = None,
    url: str | None = None,
    headers: t.Mapping[str, str] | None = None,
    username: str | None = None,
    password: str | None = None,
    ca_path: str | None = None,
    validate_certs: bool = True,
    timeout: float = 60,
    retries: int = 4,
    checksum: str | None = None,
    signature: str | None = None,
    keyring: str | None = None,
    manifest: str = "verify",
    run: Run | None = None,
) -> Source:
    """The OVA at a path or a URL. A checksum or signature that lies in a file of its own is read at once.

    checksum is "ALGORITHM:DIGEST", or the URL or path of a file of digests in place of the digest; signature is the URL
    or path of a detached OpenPGP signature. run is AnsibleModule.run_command or one like it, and is needed where gpgv
    verifies. headers, username and password go only to the server of url. VsphereError when something cannot be had.
    """
    address = None
    if url is not None:
        address, username, password = _address(url, username, password)
    with translated():
        client = Client(
            validate_certs=validate_certs,
            ca_path=ca_path,
            timeout=timeout,
            retries=retries,
            username=username,
            password=password,
            headers=_checked(headers or {}),
            only_to=address,
            prefix="url_",
        )
    place = os.path.abspath(os.path.expanduser(path or ""))
    name = os.path.basename(place) if address is None else _last(address)
    detached, warnings = _detached(client, signature, keyring, run) if signature else (None, [])
    return Source(
        label=place if address is None else shown(address),
        open=(lambda: Local(place)) if address is None else (lambda: Remote(client, address)),
        seekable=address is None,
        manifest=manifest,
        checksum=_checksum(client, checksum, name) if checksum else None,
        signature=detached,
        warnings=tuple(warnings),
    )


def released(options: t.Mapping[str, t.Any], run: Run, manifest: str = "verify") -> Source:
    """The OVA of a release, with the SHA-512 digest that was signed for it; options are those of _release.arguments."""
    from ansible_collections.flatops.flatcar.plugins.module_utils._release import arguments, image, layout

    with translated():
        opened = arguments.connect(options, run, "url_")
        names = layout.IMAGES["vmware"]
        name, signature, digest = image.signed_digest(opened.client, opened.release, names, opened.verifier)
    url = opened.release.url + name
    return Source(
        label=url,
        open=lambda: Remote(opened.client, url),
        seekable=False,
        manifest=manifest,
        checksum=Checksum("sha512", digest),
        signer=signature.signer,
        warnings=tuple(opened.warnings),
    )


def _address(url: str, username: str | None, password: str | None) -> tuple[str, str | None, str | None]:
    """A URL without user and password, and these."""
    try:
        parts = urllib.parse.urlsplit(url)
        dummy_port = parts.port
    except ValueError as error:
        raise VsphereError("bad_option", "url is no address: its server or port cannot be read.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise VsphereError("bad_option", "url must begin with http:// or https:// and name a server.")
    if username is None and parts.username is not None:
        username, password = urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password or "")
    server = parts.netloc.rpartition("@")[2]
    return urllib.parse.urlunsplit((parts.scheme, server, parts.path, parts.query, "")), username, password


def _checked(headers: t.Mapping[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _HEADER.fullmatch(name) or name.lower() in _OURS:
            raise VsphereError("bad_option", f"url_headers: {name!r} cannot be set.")
        if not str(value).isprintable() or not str(value).isascii():
            raise VsphereError(
                "bad_option", f"url_headers: the value of {name} has characters that no header may have."
            )
    return {name: str(value) for name, value in headers.items()}


def _last(url: str) -> str:
    """The name of the file at the end of an address."""
    return urllib.parse.unquote(urllib.parse.urlsplit(url).path).rpartition("/")[2]


def _small(client: Client, place: str, option: str) -> bytes:
    """The content of the small file that an option names, by its URL or path."""
    if place.lower().startswith(("http://", "https://")):
        address, username, dummy_password = _address(place, None, None)
        if username is not None:
            raise VsphereError("bad_option", f"{option}: give user and password in url_username and url_password.")
        with translated():
            content = client.read(address)
        if content is None:
            raise VsphereError("source_unreadable", f"{option}: the server has no {shown(address)}.")
        return content
    path = os.path.expanduser(place)
    try:
        with open(path, "rb") as stream:
            content = stream.read(_SMALL + 1)
    except OSError as error:
        raise VsphereError("source_unreadable", f"{option}: {unreadable(path, error)}") from error
    if len(content) > _SMALL:
        raise VsphereError("bad_option", f"{option}: {path} is larger than {_SMALL} bytes.")
    return content


def _detached(client: Client, place: str, keyring: str | None, run: Run | None) -> tuple[Detached, list[str]]:
    from ansible_collections.flatops.flatcar.plugins.module_utils._release import arguments

    content = _small(client, place, "signature")
    with translated():
        verifier, warnings = arguments.trust(keyring, run or _no_run)
    return Detached(content, verifier), warnings


def _no_run(*dummy: t.Any, **dummy_named: t.Any) -> t.Any:
    raise VsphereError("missing_library", "Signatures cannot be verified here without pysequoia, 0.1.32 or newer.")


def _checksum(client: Client, text: str, name: str) -> Checksum:
    algorithm, dummy_colon, rest = text.partition(":")
    algorithm = algorithm.strip().lower()
    rest = rest.strip()
    if algorithm not in CHECKSUMS or not rest:
        raise VsphereError(
            "bad_option",
            f"checksum must be of the form ALGORITHM:DIGEST, or ALGORITHM: with the URL or path of a file of digests; "
            f"the algorithms are {', '.join(CHECKSUMS)}.",
        )
    digits = CHECKSUMS[algorithm]
    if not _HEX.fullmatch(rest):
        content = _small(client, rest, "checksum").decode("utf-8", "replace")
        where = shown(rest) if "://" in rest else rest
        return Checksum(algorithm, _named(content, algorithm, name, where))
    if len(rest) != digits:
        raise VsphereError("bad_option", f"checksum has {len(rest)} digits; {algorithm} has {digits}.")
    return Checksum(algorithm, rest.lower())


def _named(content: str, algorithm: str, name: str, where: str) -> str:
    """The digest of a file in a file of digests; a file with nothing but one digest means any file."""
    found: set[str] = set()
    lines = [line.strip() for line in content.splitlines() if line.strip()]
    for line in lines:
        gnu, bsd = _GNU.fullmatch(line), _BSD.fullmatch(line)
        digest, file = (gnu[1], gnu[2]) if gnu else (bsd[3], bsd[2]) if bsd else ("", "")
        if os.path.basename(file) == name and len(digest) == CHECKSUMS[algorithm]:
            found.add(digest.lower())
    if len(lines) == 1 and _HEX.fullmatch(lines[0]) and len(lines[0]) == CHECKSUMS[algorithm]:
        found.add(lines[0].lower())
    if len(found) != 1:
        number = "no" if not found else f"{len(found)} different"
        raise VsphereError("bad_option", f"checksum: {where} names {number} {algorithm} digests of {name}.")
    return found.pop()
