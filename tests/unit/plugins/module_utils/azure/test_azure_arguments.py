# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a login, where each comes from, and what has to be installed."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
import yaml

from ansible_collections.flatops.flatcar.plugins.doc_fragments.azure import ModuleDocFragment
from ansible_collections.flatops.flatcar.plugins.module_utils._azure import arguments, credentials, errors, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError

ROOT = pathlib.Path(__file__).parents[5]
NOTHING = {name: spec.get("default") for name, spec in arguments.auth_spec(tuple).items()}


def test_the_documentation_fits() -> None:
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    spec = arguments.auth_spec(tuple)
    assert list(documented) == list(spec)
    for name, option in spec.items():
        for key in ("type", "default", "choices"):
            assert documented[name].get(key) == option.get(key), name
        text = " ".join(
            [documented[name]["description"]]
            if isinstance(documented[name]["description"], str)
            else documented[name]["description"]
        )
        for variable in arguments.ENVIRONMENT.get(name, arguments.DIRECT.get(name, ())):
            assert f"E({variable})" in text, name


def test_the_names_are_those_of_azure_azcollection() -> None:
    """Of its plugins/module_utils/azure_rm_common.py (AZURE_COMMON_ARGS, AZURE_CREDENTIAL_ENV_MAPPING)."""
    assert {name: names[0] for name, names in arguments.ENVIRONMENT.items()} == {
        "profile": "AZURE_PROFILE",
        "subscription_id": "AZURE_SUBSCRIPTION_ID",
        "client_id": "AZURE_CLIENT_ID",
        "secret": "AZURE_SECRET",
        "tenant": "AZURE_TENANT",
        "ad_user": "AZURE_AD_USER",
        "password": "AZURE_PASSWORD",
        "cloud_environment": "AZURE_CLOUD_ENVIRONMENT",
        "adfs_authority_url": "AZURE_ADFS_AUTHORITY_URL",
        "x509_certificate_path": "AZURE_X509_CERTIFICATE_PATH",
        "thumbprint": "AZURE_THUMBPRINT",
        "oidc_token": "AZURE_FEDERATED_TOKEN",
        "oidc_token_file_path": "AZURE_FEDERATED_TOKEN_FILE",
    }
    spec = arguments.auth_spec(tuple)
    assert [name for name, option in spec.items() if option.get("no_log")] == ["secret", "password", "oidc_token"]
    assert spec["auth_source"]["fallback"] == (tuple, ["ANSIBLE_AZURE_AUTH_SOURCE"])


def find(environ: t.Mapping[str, str] | None = None, **given: t.Any) -> credentials.Login:
    return credentials.find({**NOTHING, **given}, {"HOME": "/nowhere", "PATH": "/nowhere", **(environ or {})})


def test_options_count_more_than_their_source() -> None:
    environ = {"AZURE_CLIENT_ID": "env", "AZURE_SECRET": "env", "AZURE_TENANT": "env", "AZURE_SUBSCRIPTION_ID": "env"}
    login = find(environ, auth_source="env", client_id="mine")
    assert (login.source, login.client_id, login.secret, login.tenant) == ("env", "mine", "env", "env")
    login = find(environ, client_id="mine", secret="mine")
    assert (login.source, login.secret, login.tenant, login.subscription_id) == ("parameters", "mine", "env", "env")


def test_the_cloud_of_the_environment_counts_unless_one_is_given() -> None:
    environ = {"AZURE_CLIENT_ID": "x", "AZURE_CLOUD_ENVIRONMENT": "AzureChinaCloud"}
    assert find(environ).cloud_environment == "AzureChinaCloud"
    assert find(environ, auth_source="msi").cloud_environment == "AzureChinaCloud"
    assert find(environ, cloud_environment="AzureUSGovernment").cloud_environment == "AzureUSGovernment"
    assert find({"AZURE_CLIENT_ID": "x"}).cloud_environment == "AzureCloud"


def test_nobody() -> None:
    with pytest.raises(AzureError, match="Nobody to log in as") as caught:
        find()
    assert caught.value.code == "authentication"


def test_a_login_shows_no_secret() -> None:
    assert "hidden" not in repr(find(client_id="x", secret="hidden"))


def test_a_missing_package_is_named() -> None:
    with pytest.raises(AzureError, match=r"package azure-mgmt-compute cannot be imported .* pip install") as caught:
        sdk.load("azure.mgmt.compute.nosuch")
    assert caught.value.code == "missing_library"


def test_every_code_is_explained() -> None:
    folder = ROOT / "plugins/module_utils/_azure"
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    used = set(re.findall(r"AzureError\(\s*\"(\w+)\"", text))
    known = set(re.findall(r"Known\(\s*\"(\w+)\"", text))
    assert used | known <= set(errors.CODES)


def test_the_requirements_are_the_same_everywhere() -> None:
    def packages(name: str) -> list[str]:
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        return [line for line in lines if line and not line.startswith("#")]

    assert packages("requirements.txt") == packages("meta/ee-requirements.txt")
    pinned = packages("tests/requirements.txt") + packages("tests/requirements-azure.txt")
    tested = {line.partition("==")[0]: line.partition("==")[2] for line in pinned}
    for line in packages("requirements.txt"):
        name, dummy, least = line.partition(">=")
        assert _numbers(tested[name]) >= _numbers(least), line


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part)
