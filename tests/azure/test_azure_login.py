# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins of every kind at the stand-in, and what becomes of one that is refused."""

from __future__ import annotations

import datetime
import json
import pathlib
import re
import typing as t
import urllib.parse

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import arguments, request
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import open_session
from ansible_collections.flatops.flatcar.tests.azure.conftest import SPEC
from ansible_collections.flatops.flatcar.tests.standins.arm import login
from ansible_collections.flatops.flatcar.tests.standins.arm.client import Server

OPTIONS = {**{name: spec.get("default") for name, spec in SPEC.items()}, "timeout": 20}


@pytest.fixture(autouse=True)
def realm(monkeypatch: pytest.MonkeyPatch) -> None:
    """msal asks for the realm of a user at the authority's host without its port, where no stand-in can be."""
    monkeypatch.setattr("msal.authority.Authority.user_realm_discovery", lambda *given, **more: {})


@pytest.fixture
def place(arm: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> dict[str, t.Any]:
    """Options that lead to the stand-in and say nobody; nothing in the environment or at home says more."""
    for names in arguments.ENVIRONMENT.values():
        for name in names:
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", arm.ca_path)
    return {**OPTIONS, "cloud_environment": arm.url, "subscription_id": arm.subscription_id}


def look(options: t.Mapping[str, t.Any]) -> str:
    """Makes one request; the subscription that it was for."""
    with open_session(options) as session:
        assert request.listed(session, "Listing groups", session.resources.resource_groups.list) == []
        return session.subscription_id


def refused(options: t.Mapping[str, t.Any]) -> AzureError:
    with pytest.raises(AzureError) as caught:
        look(options)
    return caught.value


@pytest.fixture
def application(arm: Server, place: dict[str, t.Any]) -> dict[str, t.Any]:
    return {**place, "client_id": arm.client_id, "tenant": arm.tenant}


def test_secret(application: dict[str, t.Any], arm: Server) -> None:
    assert look({**application, "secret": arm.secret}) == arm.subscription_id


def test_the_only_subscription(application: dict[str, t.Any], arm: Server) -> None:
    assert look({**application, "secret": arm.secret, "subscription_id": None}) == arm.subscription_id


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"secret": "wrong"}, "AADSTS7000215.* Check secret: it is the value"),
        (
            {"secret": "x", "client_id": "44444444-4444-4444-4444-444444444444"},
            "AADSTS700016.* Check client_id and tenant",
        ),
        ({"secret": "x", "tenant": "nowhere"}, "Check tenant"),
        ({"secret": "x", "tenant": None}, "tenant is missing .*AZURE_TENANT"),
        ({"secret": "x", "client_id": None}, "client_id is missing .*AZURE_CLIENT_ID"),
        ({}, "has nothing to log in with: give secret"),
        ({"oidc_token": "x"}, "AADSTS70021.* has no federated credential"),
        ({"oidc_token_file_path": "/nowhere"}, "No such file"),
        ({"x509_certificate_path": "/nowhere"}, "No such file"),
        ({"ad_user": "somebody", "password": "x"}, "AADSTS50126.* Check ad_user and password"),
        ({"ad_user": "somebody"}, "password is missing .*AZURE_PASSWORD"),
    ],
)
def test_refused(application: dict[str, t.Any], given: dict[str, t.Any], said: str) -> None:
    error = refused({**application, **given})
    assert error.code == "authentication"
    assert re.search(said, str(error)), str(error)


def test_user(place: dict[str, t.Any]) -> None:
    look({**place, "ad_user": login.USERNAME, "password": login.PASSWORD})


def test_adfs(application: dict[str, t.Any], arm: Server) -> None:
    look({**application, "secret": arm.secret, "tenant": None, "adfs_authority_url": f"{arm.url}/adfs"})
    assert any(each["path"] == "/adfs/.well-known/openid-configuration" for each in arm.log())
    error = refused({**application, "secret": arm.secret, "adfs_authority_url": "adfs.example.com"})
    assert "is no URL" in str(error)


def test_federated_token(application: dict[str, t.Any], tmp_path: pathlib.Path) -> None:
    look({**application, "oidc_token": login.FEDERATED})
    (tmp_path / "token").write_text(login.FEDERATED, encoding="utf-8")
    look({**application, "oidc_token_file_path": str(tmp_path / "token")})


def test_workload_identity(arm: Server, place: dict[str, t.Any], tmp_path: pathlib.Path, monkeypatch: t.Any) -> None:
    (tmp_path / "token").write_text(login.FEDERATED, encoding="utf-8")
    monkeypatch.setenv("AZURE_CLIENT_ID", arm.client_id)
    monkeypatch.setenv("AZURE_TENANT_ID", arm.tenant)
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", str(tmp_path / "token"))
    look(place)


def test_certificate(application: dict[str, t.Any], tmp_path: pathlib.Path) -> None:
    path, thumbprint = certificate(tmp_path)
    look({**application, "x509_certificate_path": path})
    look({**application, "x509_certificate_path": path, "thumbprint": thumbprint.upper()})
    error = refused({**application, "x509_certificate_path": path, "thumbprint": "00"})
    assert "thumbprint is not that of the certificate" in str(error)


def certificate(folder: pathlib.Path) -> tuple[str, str]:
    """A self-signed one with its key, and its thumbprint."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "application")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "application.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return str(path), made.fingerprint(hashes.SHA1()).hex()


def test_environment(arm: Server, place: dict[str, t.Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in arm.environment().items():
        monkeypatch.setenv(name, value)
    nothing = {**place, "cloud_environment": "AzureCloud", "subscription_id": None}
    look(nothing)
    look({**nothing, "auth_source": "env"})
    monkeypatch.setenv("AZURE_SECRET", "wrong")
    assert refused({**nothing, "auth_source": "env"}).code == "authentication"
    look({**nothing, "secret": arm.secret, "client_id": arm.client_id})


def test_credential_file(arm: Server, place: dict[str, t.Any], tmp_path: pathlib.Path) -> None:
    nothing = {**place, "cloud_environment": "AzureCloud", "subscription_id": None}
    assert "cannot be read" in str(refused({**nothing, "auth_source": "credential_file"}))
    profile = {"subscription_id": arm.subscription_id, "client_id": arm.client_id, "tenant": arm.tenant}
    good = {**profile, "secret": arm.secret, "cloud_environment": arm.url}
    text = "".join(
        f"[{name}]\n" + "".join(f"{option}={value}\n" for option, value in each.items())
        for name, each in {"default": {**good, "secret": "50%wrong"}, "good": good}.items()
    )
    (tmp_path / ".azure").mkdir()
    (tmp_path / ".azure/credentials").write_text(text, encoding="utf-8")
    look({**nothing, "profile": "good"})
    look({**nothing, "profile": "good", "auth_source": "credential_file"})
    assert "AADSTS7000215" in str(refused(nothing))
    assert "no profile 'bad'; there are: default, good" in str(refused({**nothing, "profile": "bad"}))


def test_managed_identity(arm: Server, place: dict[str, t.Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", arm.url)
    look({**place, "auth_source": "msi"})
    look({**place, "auth_source": "msi", "client_id": arm.client_id, "subscription_id": None})


def test_cli(arm: Server, place: dict[str, t.Any], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    assert "Nobody to log in as" in str(refused(place))
    program = tmp_path / "bin/az"
    program.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    assert "run az login" in str(refused(place))
    folder = tmp_path / "cli"
    folder.mkdir()
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(folder))
    known = [
        {"id": "0", "isDefault": False, "tenantId": "t", "environmentName": "AzureCloud"},
        {"id": arm.subscription_id, "isDefault": True, "tenantId": arm.tenant, "environmentName": arm.url},
    ]
    (folder / "azureProfile.json").write_text(json.dumps({"subscriptions": known}), encoding="utf-8-sig")
    token = {"accessToken": token_of(arm), "expires_on": 4102444800, "subscription": "", "tenant": ""}
    program.write_text(f"#!/bin/sh\n/bin/cat <<END\n{json.dumps(token)}\nEND\n", encoding="utf-8")
    nothing = {**place, "cloud_environment": "AzureCloud", "subscription_id": None}
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    assert look(nothing) == arm.subscription_id
    assert look({**nothing, "auth_source": "cli"}) == arm.subscription_id


def token_of(arm: Server) -> str:
    answer = requests.post(
        f"{arm.url}/{arm.tenant}/oauth2/v2.0/token",
        urllib.parse.urlencode({"client_id": arm.client_id, "client_secret": arm.secret}),
        verify=arm.ca_path,
        timeout=30,
    )
    return t.cast(str, answer.json()["access_token"])


def test_untrusted(application: dict[str, t.Any], arm: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    error = refused({**application, "secret": arm.secret})
    assert error.code == "tls_untrusted"
    assert "REQUESTS_CA_BUNDLE" in str(error)
    look({**application, "secret": arm.secret, "cert_validation_mode": "ignore"})


@pytest.mark.parametrize(
    ("cloud", "code", "said"),
    [
        ("AzureMoonCloud", "bad_option", "is not known. Give one of AzureCloud, AzureChinaCloud, AzureUSGovernment"),
        ("http://127.0.0.1", "bad_option", "it must begin with https://"),
        ("https://127.0.0.1:9", "connect", "no connection"),
    ],
)
def test_unusable_clouds(application: dict[str, t.Any], cloud: str, code: str, said: str) -> None:
    error = refused({**application, "secret": "x", "cloud_environment": cloud})
    assert (error.code, said in str(error)) == (code, True), str(error)


def test_metadata_by_their_own_address(application: dict[str, t.Any], arm: Server) -> None:
    url = f"{arm.url}/metadata/endpoints?api-version=2022-09-01"
    look({**application, "secret": arm.secret, "cloud_environment": url})


def test_unknown_subscription(application: dict[str, t.Any], arm: Server) -> None:
    error = refused({**application, "secret": arm.secret, "subscription_id": "99999999-9999-9999-9999-999999999999"})
    assert error.code == "not_found"
    assert "Check subscription_id" in str(error)


def test_nothing_secret_is_told(application: dict[str, t.Any], arm: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    look({**application, "secret": arm.secret})
    error = refused({**application, "secret": "not-the-secret"})
    for secret in (arm.secret, "not-the-secret", "standin."):
        assert secret not in f"{error} {error.about} {caplog.text}"
