# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a resource of an Ignition config stands for, fetched by the controller instead of the machine."""

from __future__ import annotations

import http.client
import ssl
import typing as t
import urllib.error

from ansible.module_utils.urls import ConnectionError as UrlsConnectionError
from ansible.module_utils.urls import SSLValidationError, open_url

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.errors import FetchError
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.contents import (
    BODY_MAX,
    body,
    decompressed,
    verified,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.describe import place

#: Seconds for the connection, and for each wait for data.
TIMEOUT = 30
#: Not sent on to where a redirect leads.
_CREDENTIALS = ("Authorization", "Cookie", "Proxy-Authorization")
_FAILURES = (OSError, ValueError, http.client.HTTPException, UrlsConnectionError)


def fetch(resource: schema.Config) -> bytes:
    """The bytes that a resource stands for, decompressed and verified. Raises FetchError.

    Taken are data URLs, and http and https by the proxies of the environment, with the headers of the resource.
    """
    source = resource.get("source") or ""
    shown = place(source).get("source", "the URL")
    if source.startswith("data:") or not source:
        shown = "the data URL"
        carried = body(resource)
        if carried is None or carried.compressed:
            raise FetchError(f"{shown} cannot be decoded; it holds a wrong character, or no gzip where it says so")
        data = carried.data
    elif source.lower().startswith(("http:", "https:")):
        data = _read(source, shown, resource)
    else:
        scheme = source.partition(":")[0]
        raise FetchError(f"{shown} is of the scheme {scheme}, which only a first boot can fetch; use https")
    if not verified(resource, data):
        raise FetchError(f"{shown} does not have the contents that its verification hash is of")
    return data


def _read(url: str, shown: str, resource: schema.Config) -> bytes:
    headers = {header["name"]: header["value"] for header in resource.get("httpHeaders") or () if header.get("value")}
    try:
        with open_url(
            url,
            headers=headers,
            timeout=TIMEOUT,
            http_agent="flatops.flatcar",
            unredirected_headers=_CREDENTIALS,
            use_netrc=False,
        ) as response:
            data: bytes = response.read(BODY_MAX + 1)
            if url.lower().startswith("https:") and not response.geturl().lower().startswith("https:"):
                raise FetchError(f"{shown} leads on to an unprotected address")
    except _FAILURES as error:
        # Not "from error", and not its text, which may be the URL with all that is secret in it.
        raise FetchError(f"{shown} {_reason(error)}") from None
    packed = resource.get("compression") == "gzip"
    plain = decompressed(data) if packed else data
    if plain is None or len(plain) > BODY_MAX:
        raise FetchError(f"{shown} is {'no gzip, or ' if packed else ''}larger than {BODY_MAX >> 20} MiB")
    return plain


def _reason(error: Exception) -> str:
    """Why it could not be read, in words that hold nothing of the request."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return f"was answered with HTTP {error.code}"
    cause: t.Any = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, (ssl.SSLCertVerificationError, SSLValidationError)):
        return "has a certificate that this controller does not trust; give its CA to the controller (SSL_CERT_FILE)"
    if isinstance(cause, TimeoutError):
        return f"was not answered within {TIMEOUT} s"
    if isinstance(cause, (http.client.InvalidURL, ValueError)):
        return "is no address that can be fetched"
    if isinstance(cause, OSError) and cause.strerror:
        return f"cannot be reached: {cause.strerror}"
    return f"cannot be read ({type(cause).__name__}); look at the server and at http_proxy, https_proxy and no_proxy"
