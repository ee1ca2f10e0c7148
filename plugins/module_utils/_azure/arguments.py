# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options that say who works in which subscription of which cloud."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import clouds

#: option -> its environment variables, as in azure.azcollection. credentials.py reads them where the login comes from
#: the environment; those of DIRECT count whatever the source of the login is.
ENVIRONMENT = {
    "profile": ("AZURE_PROFILE",),
    "subscription_id": ("AZURE_SUBSCRIPTION_ID",),
    "client_id": ("AZURE_CLIENT_ID",),
    "secret": ("AZURE_SECRET",),
    # The second is what the webhook of Azure workload identity sets in a pod.
    "tenant": ("AZURE_TENANT", "AZURE_TENANT_ID"),
    "ad_user": ("AZURE_AD_USER",),
    "password": ("AZURE_PASSWORD",),
    "cloud_environment": ("AZURE_CLOUD_ENVIRONMENT",),
    "adfs_authority_url": ("AZURE_ADFS_AUTHORITY_URL",),
    "x509_certificate_path": ("AZURE_X509_CERTIFICATE_PATH",),
    "thumbprint": ("AZURE_THUMBPRINT",),
    "oidc_token": ("AZURE_FEDERATED_TOKEN",),
    "oidc_token_file_path": ("AZURE_FEDERATED_TOKEN_FILE",),
}
DIRECT = {
    "auth_source": ("ANSIBLE_AZURE_AUTH_SOURCE",),
    "profile": ENVIRONMENT["profile"],
    "cert_validation_mode": ("AZURE_CERT_VALIDATION_MODE",),
    "disable_instance_discovery": ("AZURE_DISABLE_INSTANCE_DISCOVERY",),
}
AUTO, CLI, ENV, FILE, MSI = "auto", "cli", "env", "credential_file", "msi"
VALIDATE, IGNORE = "validate", "ignore"
_OPTIONS: dict[str, dict[str, t.Any]] = {
    "auth_source": {"type": "str", "choices": [AUTO, CLI, ENV, FILE, MSI], "default": AUTO},
    "profile": {"type": "str"},
    "subscription_id": {"type": "str"},
    "client_id": {"type": "str"},
    "secret": {"type": "str", "no_log": True},
    "tenant": {"type": "str"},
    "ad_user": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "x509_certificate_path": {"type": "path"},
    "thumbprint": {"type": "str"},
    "oidc_token": {"type": "str", "no_log": True},
    "oidc_token_file_path": {"type": "path", "no_log": False},
    "cloud_environment": {"type": "str", "default": clouds.DEFAULT},
    "adfs_authority_url": {"type": "str"},
    "cert_validation_mode": {"type": "str", "choices": [VALIDATE, IGNORE]},
    "disable_instance_discovery": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 3600},
    "register_providers": {"type": "bool", "default": False},
}


def auth_spec(env_fallback: t.Callable[..., t.Any]) -> dict[str, dict[str, t.Any]]:
    """The argument spec of these options; env_fallback is that of ansible.module_utils.basic."""
    return {
        name: {**option, "fallback": (env_fallback, list(DIRECT[name]))} if name in DIRECT else dict(option)
        for name, option in _OPTIONS.items()
    }
