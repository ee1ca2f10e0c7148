# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A file of this machine as a block blob, which is replaced when its contents or its type are others."""

from __future__ import annotations

import contextlib
import hashlib
import typing as t
import urllib.parse

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import arguments, blobs, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import open_session


class Wanted(t.NamedTuple):
    """data are the bytes of the blob at url; without sas_token the login of the options counts."""

    url: str
    data: bytes
    content_type: str
    sas_token: str | None

    @property
    def md5(self) -> bytes:
        """What the service notes of a blob, and compares with what arrives."""
        return hashlib.md5(self.data, usedforsecurity=False).digest()


def wanted(options: t.Mapping[str, t.Any]) -> Wanted:
    """What the options of azure_blob say. AzureError for an address that is none, and where no file can be read."""
    parts = urllib.parse.urlsplit(options["url"])
    if parts.scheme not in ("https", "http") or not parts.netloc or parts.path.strip("/").count("/") < 1:
        raise AzureError("bad_option", "url is no https://ACCOUNT.blob.core.windows.net/CONTAINER/BLOB.")
    if parts.query or parts.fragment:
        raise AzureError("bad_option", "url has a query; give it as sas_token, which nobody sees.")
    try:
        with open(options["src"], "rb") as file:
            data = file.read()
    except OSError as error:
        raise AzureError("source_unreadable", f"src {options['src']} cannot be read: {error.strerror}.") from error
    sas = (options["sas_token"] or "").lstrip("?")
    return Wanted(options["url"], data, options["content_type"], sas or None)


def put(given: Wanted, options: t.Mapping[str, t.Any], check: bool) -> bool:
    """Whether the blob is another one than wanted; it is then replaced, but not in check mode."""
    with _opened(given, options, check) as blob:
        if _is_there(blob, given):
            return False
        if not check:
            _upload(blob, given)
        return True


@contextlib.contextmanager
def _opened(given: Wanted, options: t.Mapping[str, t.Any], check: bool) -> t.Iterator[sdk.Sdk]:
    """The client for the blob. A SAS needs no login."""
    if given.sas_token:
        verify = options["cert_validation_mode"] != arguments.IGNORE
        client = sdk.load("azure.storage.blob").BlobClient
        yield client.from_blob_url(f"{given.url}?{given.sas_token}", connection_verify=verify)
        return
    container, dummy, name = given.url.rpartition("/")
    with open_session(options, check) as session:
        yield session.container(container).get_blob_client(urllib.parse.unquote(name))


def _is_there(blob: sdk.Sdk, given: Wanted) -> bool:
    """A SAS that may only write does not tell."""
    missing = sdk.load("azure.core.exceptions").ResourceNotFoundError
    try:
        with blobs.translated(f"Looking at {given.url}"):
            try:
                found = blob.get_blob_properties().content_settings
            except missing:
                return False
    except AzureError as error:
        if error.code != "no_permission":
            raise
        return False
    return bytes(found.content_md5 or b"") == given.md5 and found.content_type == given.content_type


def _upload(blob: sdk.Sdk, given: Wanted) -> None:
    settings = sdk.load("azure.storage.blob").ContentSettings(
        content_type=given.content_type, content_md5=bytearray(given.md5)
    )
    try:
        with blobs.translated(f"Writing {given.url}"):
            blob.upload_blob(given.data, overwrite=True, content_settings=settings)
    except AzureError as error:
        if error.code != "no_permission" or not given.sas_token:
            raise
        advice = "Check sas_token: whether it is whole, its time, and that it may create and write."
        raise AzureError(error.code, f"{error} {advice}", **error.about) from error
