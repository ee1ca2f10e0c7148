# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clouds by name, and by what their metadata say."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import clouds
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError

STACK = {
    "galleryEndpoint": "https://providers.local.azurestack.external:30016/",
    "authentication": {
        "loginEndpoint": "https://adfs.local.azurestack.external/adfs",
        "audiences": ["https://management.adfs.azurestack.local/1234"],
    },
}


def listed(name: str, host: str) -> dict[str, t.Any]:
    return {
        "name": name,
        "resourceManager": f"https://{host}/",
        "authentication": {"loginEndpoint": f"https://login.{host}/", "audiences": [f"https://{host}"]},
        "suffixes": {"storage": f"core.{host}"},
    }


@pytest.mark.parametrize("name", ["AzureCloud", "azurechinacloud", "AzureUSGovernment"])
def test_by_name(name: str) -> None:
    found = clouds.cloud(name, None)
    assert found.name.lower() == name.lower()
    assert found.known
    assert found.scope.endswith("/.default")
    assert not found.resource_manager.endswith("/")


def test_of_a_list_the_one_with_the_address() -> None:
    metadata = [listed("One", "one.example"), listed("Two", "two.example")]
    found = clouds.described("https://two.example", metadata)
    assert found == clouds.Cloud(
        "Two", "https://two.example", "https://two.example", "login.two.example", "core.two.example", known=False
    )


def test_azure_stack() -> None:
    found = clouds.described("https://management.local.azurestack.external", STACK)
    assert found.authority == "adfs.local.azurestack.external"
    assert found.scope == "https://management.adfs.azurestack.local/1234/.default"
    assert found.storage == "local.azurestack.external"
    assert found.resource_manager == "https://management.local.azurestack.external"


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ([], "it names no cloud"),
        ("nonsense", "it names no cloud"),
        ({"authentication": {}}, "it has no authentication.loginEndpoint"),
        ([{**listed("One", "one.example"), "resourceManager": "http://one.example"}], "has no TLS"),
    ],
)
def test_unusable(metadata: object, said: str) -> None:
    with pytest.raises(AzureError, match=said) as caught:
        clouds.described("https://one.example", metadata)
    assert caught.value.code == "connect"
