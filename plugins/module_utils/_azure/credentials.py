# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Who logs in: found in the options, the environment, a file or the Azure CLI, and made into a credential."""

from __future__ import annotations

import configparser
import json
import os
import shutil
import typing as t
import urllib.parse

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import arguments, clouds, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.clouds import Cloud
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError

#: The application that the Azure CLI is, as which users log in where no other is named.
CLI_APPLICATION = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
FILE = "~/.azure/credentials"
#: Any of them says that an option is where the login comes from.
_TELLING = ("client_id", "ad_user", "oidc_token", "oidc_token_file_path", "x509_certificate_path", "secret")


class Login(t.NamedTuple):
    """Who logs in where. source is one of the values of auth_source, and "parameters" for the options themselves."""

    source: str
    cloud_environment: str = clouds.DEFAULT
    subscription_id: str | None = None
    client_id: str | None = None
    secret: str | None = None
    tenant: str | None = None
    ad_user: str | None = None
    password: str | None = None
    x509_certificate_path: str | None = None
    thumbprint: str | None = None
    oidc_token: str | None = None
    oidc_token_file_path: str | None = None
    adfs_authority_url: str | None = None

    def __repr__(self) -> str:
        return f"Login({self.source})"


def find(options: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> Login:
    """The login that the options mean; what they say themselves counts more than what their source says."""
    source = options["auth_source"]
    given = {name: options[name] for name in Login._fields if options.get(name)}
    if given.get("cloud_environment") == clouds.DEFAULT:
        del given["cloud_environment"]
    if source == arguments.AUTO:
        source, found = _automatic(options, given, environ)
    else:
        found = _FOUND[source](options, environ)
    around = {
        name: value
        for name, value in _environment(environ).items()
        if name in ("subscription_id", "cloud_environment", "adfs_authority_url")
    }
    return Login(source, **{**around, **found, **given})


def credential(login: Login, cloud: Cloud, transport: sdk.Sdk, discover: bool) -> sdk.Sdk:
    """What asks for tokens, of azure-identity; discover is whether Microsoft may be asked about the authority."""
    identity = sdk.load("azure.identity")
    host = _host(login.adfs_authority_url) if login.adfs_authority_url else cloud.authority
    # As a URL: on Python 3.10 azure-identity takes the host of one with a port for a scheme.
    where = {
        "authority": f"https://{host}",
        "disable_instance_discovery": not discover or bool(login.adfs_authority_url),
    }
    # Its own requests are few and small: their retries end after some seconds.
    plain = {"transport": transport, "retry_total": 4, "retry_connect": 1, "retry_backoff_factor": 0.5}
    try:
        return _made(identity, login, {**plain, **where}, plain)
    except (OSError, ValueError) as error:
        raise AzureError("authentication", f"The login cannot be used: {error}") from error


def _made(identity: sdk.Sdk, login: Login, common: dict[str, t.Any], plain: dict[str, t.Any]) -> sdk.Sdk:
    if login.source == arguments.CLI:
        return identity.AzureCliCredential(tenant_id=login.tenant or "", process_timeout=60)
    if login.source == arguments.MSI:
        return identity.ManagedIdentityCredential(client_id=login.client_id, **plain)
    if login.ad_user:
        return identity.UsernamePasswordCredential(
            login.client_id or CLI_APPLICATION,
            login.ad_user,
            _needed(login, "password"),
            tenant_id=_tenant(login) or "organizations",
            _silence_deprecation_warning=True,
            **common,
        )
    tenant, client = _tenant(login) or _needed(login, "tenant"), _needed(login, "client_id")
    if login.secret:
        return identity.ClientSecretCredential(tenant, client, login.secret, **common)
    if login.x509_certificate_path:
        path = os.path.expanduser(login.x509_certificate_path)
        _check_thumbprint(path, login.thumbprint)
        return identity.CertificateCredential(tenant, client, path, **common)
    if login.oidc_token:
        token = login.oidc_token
        return identity.ClientAssertionCredential(tenant, client, lambda: token, **common)
    if login.oidc_token_file_path:
        return identity.WorkloadIdentityCredential(
            tenant_id=tenant, client_id=client, token_file_path=login.oidc_token_file_path, **common
        )
    raise AzureError(
        "authentication",
        f"client_id {client} has nothing to log in with: give secret, x509_certificate_path, oidc_token or "
        "oidc_token_file_path.",
    )


def _automatic(
    options: t.Mapping[str, t.Any], given: t.Mapping[str, str], environ: t.Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """The first source that has a login: the options, the environment, the file, the Azure CLI."""
    if options["profile"]:
        return arguments.FILE, _file(options, environ)
    around = _environment(environ)
    if any(name in given for name in _TELLING):
        return "parameters", {name: around[name] for name in ("tenant",) if name in around}
    if any(name in around for name in _TELLING):
        return arguments.ENV, around
    if os.path.exists(_path(environ)):
        return arguments.FILE, _file(options, environ)
    if shutil.which("az", path=environ.get("PATH")):
        return arguments.CLI, _cli(options, environ)
    raise AzureError(
        "authentication",
        "Nobody to log in as: there are no options (client_id with secret, and so on), no environment variables "
        f"(AZURE_CLIENT_ID, AZURE_SECRET, AZURE_TENANT), no {FILE}, and no program az. On a machine in Azure, "
        "auth_source=msi takes its identity.",
    )


def _environment(environ: t.Mapping[str, str]) -> dict[str, str]:
    found = {}
    for option, names in arguments.ENVIRONMENT.items():
        value = next((environ[name] for name in names if environ.get(name)), None)
        if value and option in Login._fields:
            found[option] = value
    return found


def _env(options: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> dict[str, str]:
    return _environment(environ)


def _path(environ: t.Mapping[str, str]) -> str:
    return FILE.replace("~", environ.get("HOME") or os.path.expanduser("~"))


def _file(options: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> dict[str, str]:
    path, profile = _path(environ), options["profile"] or "default"
    reader = configparser.ConfigParser(interpolation=None)
    try:
        with open(path, encoding="utf-8") as file:
            reader.read_file(file)
        found = dict(reader.items(profile))
    except OSError as error:
        raise AzureError("authentication", f"{path} cannot be read: {error.strerror}.") from error
    except configparser.NoSectionError as error:
        known = ", ".join(reader.sections()) or "none"
        raise AzureError("authentication", f"{path} has no profile {profile!r}; there are: {known}.") from error
    except (configparser.Error, UnicodeDecodeError) as error:
        raise AzureError("authentication", f"{path} is no INI file of profiles.") from error
    return {name: value for name, value in found.items() if value and name in Login._fields and name != "source"}


def _cli(options: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> dict[str, str]:
    """Subscription, tenant and cloud of the Azure CLI: its default, or the one that subscription_id names."""
    folder = environ.get("AZURE_CONFIG_DIR") or os.path.dirname(_path(environ))
    path = os.path.join(folder, "azureProfile.json")
    try:
        with open(path, encoding="utf-8-sig") as file:
            listed = json.load(file).get("subscriptions") or []
    except (OSError, ValueError, AttributeError) as error:
        raise AzureError("authentication", f"The Azure CLI is not logged in ({path}): run az login.") from error
    wanted = options["subscription_id"] or environ.get("AZURE_SUBSCRIPTION_ID")
    for each in listed:
        if each.get("id") == wanted if wanted else each.get("isDefault"):
            found = {
                "subscription_id": each.get("id"),
                "tenant": each.get("tenantId"),
                "cloud_environment": each.get("environmentName"),
            }
            return {name: value for name, value in found.items() if value}
    return {}


def _msi(options: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> dict[str, str]:
    return {}


_FOUND = {arguments.ENV: _env, arguments.FILE: _file, arguments.CLI: _cli, arguments.MSI: _msi}


def _needed(login: Login, option: str) -> str:
    value: str | None = getattr(login, option)
    if not value:
        names = " or ".join(arguments.ENVIRONMENT[option])
        raise AzureError(
            "authentication", f"{option} is missing in the login (from {login.source}): give it, or set {names}."
        )
    return value


def _tenant(login: Login) -> str | None:
    """With AD FS the tenant is the first part of the path, as in https://adfs.example.com/adfs."""
    if login.adfs_authority_url:
        return urllib.parse.urlsplit(login.adfs_authority_url).path.strip("/").partition("/")[0] or "adfs"
    return login.tenant


def _host(url: str) -> str:
    host = urllib.parse.urlsplit(url).netloc
    if not host:
        raise AzureError("bad_option", f"adfs_authority_url {url!r} is no URL.")
    return host


def _check_thumbprint(path: str, thumbprint: str | None) -> None:
    """azure-identity reckons it; one that is given must be that of the certificate."""
    if not thumbprint:
        return
    x509, hashes = sdk.load("cryptography.x509"), sdk.load("cryptography.hazmat.primitives.hashes")
    with open(path, "rb") as file:
        found = x509.load_pem_x509_certificate(file.read()).fingerprint(hashes.SHA1()).hex()
    if found.lower() != thumbprint.replace(":", "").lower():
        raise AzureError("authentication", f"thumbprint is not that of the certificate {path}, which is {found}.")
