# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names by which credentials of AWX give a login are those that the modules know."""

from __future__ import annotations

import re

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import arguments as azure
from ansible_collections.flatops.flatcar.plugins.module_utils._azure import credentials as logins
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import arguments as vsphere
from ansible_collections.flatops.flatcar.tests.awx import credentials
from ansible_collections.flatops.flatcar.tests.awx.data import CREDENTIALS, PROJECT

OPTIONS = {name: spec.get("default") for name, spec in azure.auth_spec(tuple).items()}
SERVICE = {"subscription": "s", "client": "c", "tenant": "t", "secret": "x"}
USER = {"subscription": "s", "username": "u", "password": "p"}


@pytest.mark.parametrize(
    "inputs, login",
    [
        (SERVICE, {"subscription_id": "s", "client_id": "c", "tenant": "t", "secret": "x"}),
        (USER, {"subscription_id": "s", "ad_user": "u", "password": "p"}),
        ({**SERVICE, "cloud_environment": "AzureUSGovernment"}, {"cloud_environment": "AzureUSGovernment"}),
    ],
)
def test_a_login_to_azure(inputs: dict[str, str], login: dict[str, str]) -> None:
    found = logins.find(OPTIONS, credentials.azure_rm(inputs))
    assert {name: getattr(found, name) for name in login} == login


def test_the_names_are_known() -> None:
    of_azure = {name for names in azure.ENVIRONMENT.values() for name in names}
    assert set(credentials.azure_rm(SERVICE)) | set(credentials.azure_rm(USER)) <= of_azure
    assert set(credentials.vmware({})) <= set(vsphere.ENVIRONMENT.values())


def test_the_fields_of_the_credentials_are_those_that_count() -> None:
    inputs = {each["credential_type"]: each["inputs"] for each in CREDENTIALS["awx_credentials"]}
    for name, injected in (
        ("Microsoft Azure Resource Manager", credentials.azure_rm),
        ("VMware vCenter", credentials.vmware),
    ):
        marked = injected({field: f"{field}!" for field in inputs[name]})
        assert {f"{field}!" for field in inputs[name]} <= set(marked.values())


def test_what_the_credentials_tell_is_used() -> None:
    injected = {name for each in CREDENTIALS["awx_credential_types"] for name in each["injectors"]["extra_vars"]}
    inventory = "".join(path.read_text("utf-8") for path in (PROJECT / "inventory").rglob("*.yml"))
    assert {name for name in injected if not re.search(rf"\b{name}\b", inventory)} == set() != injected
