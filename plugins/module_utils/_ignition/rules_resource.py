# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The rules of resources: sources, hashes, compression and HTTP headers."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import dataurl, gourl, schema
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.gotext import size
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Entry, Path

BAD_URL = "unable to parse url"
BAD_SCHEME = "invalid url scheme"
_BAD_ARN = "invalid S3 ARN format"
_HEX_LENGTHS = {"sha512": 128, "sha256": 64}


def check_resource(resource: schema.Config, path: Path, minor: int, found: list[Entry]) -> None:
    """A Resource, or before 3.1 a FileContents, which has no headers."""
    if not resource:
        return
    source = resource.get("source")
    if resource.get("compression") not in (None, "", "gzip"):
        found.append(Entry("error", (*path, "compression"), "invalid compression method"))
    verification = resource.get("verification")
    if source is None and verification and verification.get("hash") is not None:
        message = "source must be specified if verification is specified"
        found.append(Entry("error", (*path, "verification", "hash"), message))
    if source:
        problem = url_error(source, minor)
        if problem:
            found.append(Entry("error", (*path, "source"), problem))
    headers = resource.get("httpHeaders")
    if headers:
        _check_headers(headers, source, path, found)
    if verification:
        check_verification(resource, path, minor, found)


def check_reference(reference: schema.Config, path: Path, minor: int, found: list[Entry]) -> None:
    """A ConfigReference of 3.0: its source may be absent or empty."""
    source = reference.get("source")
    message = url_error(source, minor) if source else None
    if message:
        found.append(Entry("error", (*path, "source"), message))
    check_verification(reference, path, minor, found)


def check_verification(resource: schema.Config, path: Path, minor: int, found: list[Entry]) -> None:
    text = (resource.get("verification") or {}).get("hash")
    message = None if text is None else _hash_error(text, minor)
    if message:
        found.append(Entry("error", (*path, "verification", "hash"), message))


def url_error(source: str, minor: int) -> str | None:
    """What is wrong with the URL of a source, or None."""
    if source.startswith("data:") and not ('"' in source or "\n" in source) and dataurl.check(source) is None:
        # Most URLs are these, and then one that decodes is one that parses.
        return None
    url = gourl.parse(source)
    if url is None:
        return BAD_URL
    if url.scheme == "data":
        return dataurl.check(source)
    if url.scheme in ("http", "https", "tftp") or (url.scheme == "gs" and minor >= 2):
        return None
    if url.scheme == "arn" and minor >= 4:
        message = _arn_error("arn:" + url.opaque)
        if message:
            return message
    elif url.scheme != "s3":
        return BAD_SCHEME
    return "invalid S3 object VersionId" if gourl.first_query_value(url.query, "versionId") == "" else None


def _arn_error(arn: str) -> str | None:
    """arn:partition:service:region:account:resource, where the service is s3 and the resource has a key."""
    sections = arn.split(":", 5)
    if len(sections) < 6 or sections[2] != "s3":
        return _BAD_ARN
    slashes = 2 if sections[5].startswith("accesspoint/") else 1
    return _BAD_ARN if arn.count("/") < slashes else None


def _hash_error(text: str, minor: int) -> str | None:
    """A hash is its function, "-" and the sum; only the length of the sum is looked at."""
    function, dash, total = text.partition("-")
    if not dash:
        return "malformed hash specifier"
    if function not in _HEX_LENGTHS or (function == "sha256" and minor == 0):
        return "unrecognized hash function"
    return "incorrect size for hash sum" if size(total) != _HEX_LENGTHS[function] else None


def _check_headers(headers: list[schema.Config], source: str | None, path: Path, found: list[Entry]) -> None:
    path = (*path, "httpHeaders")
    url = gourl.parse(source) if source else None
    if url is None:
        found.append(Entry("error", path, BAD_URL))
    elif url.scheme not in ("http", "https"):
        found.append(Entry("error", path, "cannot use HTTP headers with this source scheme"))
    for index, header in enumerate(headers):
        if not header.get("name"):
            found.append(Entry("error", (*path, index, "name"), "HTTP header name can't be empty"))
        if header.get("value") == "":
            found.append(Entry("error", (*path, index, "value"), "unable to parse HTTP header"))
