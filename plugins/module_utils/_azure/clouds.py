# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The clouds that speak Azure's API, and where each has what."""

from __future__ import annotations

import typing as t
import urllib.parse

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError

DEFAULT = "AzureCloud"
#: The newest form of the metadata: a list of clouds (https://management.azure.com/metadata/endpoints).
_METADATA = "/metadata/endpoints?api-version=2022-09-01"
#: Seconds for a connection to the metadata, and for its answer.
_WAIT = 30


class Cloud(t.NamedTuple):
    """resource_manager is the address of the API, without a slash at its end; audience what tokens for it are for.

    authority is the host that gives tokens, storage the end of the names of storage accounts' hosts. known is whether
    the authority is one that azure-identity may ask Microsoft about.
    """

    name: str
    resource_manager: str
    audience: str
    authority: str
    storage: str
    known: bool = True

    @property
    def scope(self) -> str:
        return self.audience.rstrip("/") + "/.default"


#: The addresses are those of the documentation of national clouds and of azure-mgmt-core (get_arm_endpoints).
CLOUDS = (
    Cloud(
        DEFAULT,
        "https://management.azure.com",
        "https://management.azure.com",
        "login.microsoftonline.com",
        "core.windows.net",
    ),
    Cloud(
        "AzureChinaCloud",
        "https://management.chinacloudapi.cn",
        "https://management.chinacloudapi.cn",
        "login.chinacloudapi.cn",
        "core.chinacloudapi.cn",
    ),
    Cloud(
        "AzureUSGovernment",
        "https://management.usgovcloudapi.net",
        "https://management.core.usgovcloudapi.net",
        "login.microsoftonline.us",
        "core.usgovcloudapi.net",
    ),
)


def cloud(name: str, transport: sdk.Sdk) -> Cloud:
    """The cloud of that name, or that the metadata of an address describes. AzureError where there is none."""
    if "://" in name:
        return described(name, _metadata(name, transport))
    for each in CLOUDS:
        if each.name.lower() == name.lower():
            return each
    names = ", ".join(each.name for each in CLOUDS)
    raise AzureError(
        "bad_option", f"cloud_environment {name!r} is not known. Give one of {names}, or the URL of the cloud's API."
    )


def described(url: str, metadata: object) -> Cloud:
    """The cloud in what an address answers: a list of clouds, or one, as Azure Stack gives it."""
    listed = [each for each in (metadata if isinstance(metadata, list) else [metadata]) if isinstance(each, dict)]
    host = urllib.parse.urlsplit(url).netloc.lower()
    fitting = [each for each in listed if _host(each.get("resourceManager")) == host] or listed[:1]
    if not fitting:
        raise _unusable(url, "it names no cloud")
    found = fitting[0]
    login = found.get("authentication") or {}
    authority = _host(login.get("loginEndpoint"))
    if not authority or not login.get("audiences"):
        raise _unusable(url, "it has no authentication.loginEndpoint and authentication.audiences")
    manager = (found.get("resourceManager") or f"https://{host}").rstrip("/")
    if not manager.startswith("https://"):
        raise _unusable(url, f"its resourceManager {manager} has no TLS")
    return Cloud(
        name=found.get("name") or host,
        resource_manager=manager,
        audience=login["audiences"][0],
        authority=authority,
        storage=(found.get("suffixes") or {}).get("storage") or host.partition(".")[2],
        known=False,
    )


def _host(url: str | None) -> str:
    return urllib.parse.urlsplit(url or "").netloc.lower()


def _metadata(url: str, transport: sdk.Sdk) -> object:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" or not parts.netloc:
        raise AzureError("bad_option", f"cloud_environment {url} cannot be used: it must begin with https://.")
    address = url if "/metadata/endpoints" in parts.path else f"https://{parts.netloc}{_METADATA}"
    request = sdk.load("azure.core.rest").HttpRequest("GET", address)
    response = transport.send(request, connection_timeout=_WAIT, read_timeout=_WAIT)
    if response.status_code != 200:
        raise _unusable(url, f"its metadata are not there (HTTP {response.status_code})")
    try:
        found: object = response.json()
    except ValueError as error:
        raise _unusable(url, "its metadata are no JSON") from error
    return found


def _unusable(url: str, why: str) -> AzureError:
    return AzureError("connect", f"cloud_environment {url} is not the address of an Azure cloud's API: {why}.")
