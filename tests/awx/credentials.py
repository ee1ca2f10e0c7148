# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What credentials of AWX put into the environment of a job.

As awx_plugins/credentials/injectors.py of awx-plugins has it at commit 06ad148, with AWX's setting for certificates.
"""

from __future__ import annotations

Inputs = dict[str, str]


def azure_rm(inputs: Inputs) -> dict[str, str]:
    """Microsoft Azure Resource Manager. What is not given is there, and empty."""
    env = {"AZURE_SUBSCRIPTION_ID": inputs.get("subscription", "")}
    if inputs.get("client") and inputs.get("tenant"):
        login = {"AZURE_CLIENT_ID": "client", "AZURE_TENANT": "tenant", "AZURE_SECRET": "secret"}
    else:
        login = {"AZURE_AD_USER": "username", "AZURE_PASSWORD": "password"}
    env.update({name: inputs.get(given, "") for name, given in login.items()})
    if "cloud_environment" in inputs:
        env["AZURE_CLOUD_ENVIRONMENT"] = inputs["cloud_environment"]
    return env


def vmware(inputs: Inputs) -> dict[str, str]:
    """VMware vCenter. There is no field for a port, nor for certificates: AWX checks none."""
    names = {"VMWARE_HOST": "host", "VMWARE_USER": "username", "VMWARE_PASSWORD": "password"}
    return {**{name: inputs.get(given, "") for name, given in names.items()}, "VMWARE_VALIDATE_CERTS": "False"}
