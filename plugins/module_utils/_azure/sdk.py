# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The packages of the Azure SDK, imported when they are used and not before."""

from __future__ import annotations

import importlib
import sys
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError

#: What comes out of the SDK: it has no stubs that fit all its versions.
Sdk = t.Any
#: module -> the distribution that holds it. The longest name that begins an import counts.
_PACKAGES = {
    "azure.core": "azure-core",
    "azure.identity": "azure-identity",
    "azure.mgmt.compute": "azure-mgmt-compute",
    "azure.mgmt.core": "azure-mgmt-core",
    "azure.mgmt.marketplaceordering": "azure-mgmt-marketplaceordering",
    "azure.mgmt.network": "azure-mgmt-network",
    "azure.mgmt.resource": "azure-mgmt-resource",
    "azure.mgmt.storage": "azure-mgmt-storage",
    "azure.storage.blob": "azure-storage-blob",
    "cryptography": "cryptography",
    "requests": "requests",
}


def load(module: str) -> Sdk:
    """A module of the SDK. AzureError where it cannot be imported, with the package to install."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = next(name for prefix, name in _PACKAGES.items() if f"{module}.".startswith(f"{prefix}."))
        raise AzureError(
            "missing_library",
            f"The Python package {package} cannot be imported by {sys.executable} ({error}). Install what the Azure "
            f"modules need there: pip install {package}, or all of it with the requirements.txt of flatops.flatcar.",
        ) from error
