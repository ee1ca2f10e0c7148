# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options that say who works in which subscription of which cloud."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
attributes:
  action_group:
    description: Belongs to action groups, for which C(module_defaults) can be set.
    support: full
    membership: [flatops.flatcar.azure]
options:
  auth_source:
    description:
      - Where the login comes from. The environment variable E(ANSIBLE_AZURE_AUTH_SOURCE) can give it.
      - V(auto) takes the first that is there of the options, the environment variables, the file
        C(~/.azure/credentials), and the Azure CLI.
      - V(env) takes the environment variables that are named with the options.
      - V(credential_file) takes O(profile) of the file C(~/.azure/credentials).
      - V(cli) takes the login of C(az login), with its default subscription unless O(subscription_id) names another.
      - V(msi) takes the managed identity of the machine in Azure on which the module runs; O(client_id) chooses one of
        several.
      - An option that is given counts more than what its source says.
    type: str
    choices: [auto, cli, env, credential_file, msi]
    default: auto
  profile:
    description:
      - The section of the file C(~/.azure/credentials) to take, C(default) where none is named. The keys in it are
        named like these options.
      - The environment variable E(AZURE_PROFILE) can give it.
    type: str
  subscription_id:
    description:
      - The subscription to work in (E(AZURE_SUBSCRIPTION_ID)).
      - Without it the account must see exactly one.
    type: str
  client_id:
    description:
      - The application (service principal) that logs in (E(AZURE_CLIENT_ID)). With it goes one of O(secret),
        O(x509_certificate_path), O(oidc_token) and O(oidc_token_file_path).
      - With O(auth_source=msi) the client ID of a user-assigned identity.
    type: str
  secret:
    description: The secret of the application (E(AZURE_SECRET)).
    type: str
  tenant:
    description: The ID or the domain of the tenant (E(AZURE_TENANT), or E(AZURE_TENANT_ID)).
    type: str
  ad_user:
    description:
      - A user that logs in with O(password) (E(AZURE_AD_USER)).
      - Users who need a second factor cannot log in so.
    type: str
  password:
    description: The password of O(ad_user) (E(AZURE_PASSWORD)).
    type: str
  x509_certificate_path:
    description:
      - A PEM file with the certificate of the application and its private key (E(AZURE_X509_CERTIFICATE_PATH)).
    type: path
  thumbprint:
    description:
      - The SHA-1 fingerprint of the certificate in O(x509_certificate_path) (E(AZURE_THUMBPRINT)). It is reckoned where
        it is not given; one that is given must fit.
    type: str
  oidc_token:
    description:
      - A token of another identity provider, which the application trusts by a federated credential
        (E(AZURE_FEDERATED_TOKEN)).
    type: str
  oidc_token_file_path:
    description:
      - A file with such a token, which is read again when it is needed again (E(AZURE_FEDERATED_TOKEN_FILE)). It is
        what workload identity gives to a pod.
    type: path
  cloud_environment:
    description:
      - The cloud, V(AzureCloud), V(AzureChinaCloud) or V(AzureUSGovernment) (E(AZURE_CLOUD_ENVIRONMENT)).
      - Or the address of the API of another one, beginning with V(https://), which describes itself below
        C(/metadata/endpoints), or that description's own address.
    type: str
    default: AzureCloud
  adfs_authority_url:
    description:
      - The address of an AD FS that gives the tokens in place of Microsoft Entra ID, such as
        V(https://adfs.example.com/adfs) (E(AZURE_ADFS_AUTHORITY_URL)).
    type: str
  cert_validation_mode:
    description:
      - Whether the TLS certificates of the servers must be trusted, which is so unless V(ignore) says otherwise
        (E(AZURE_CERT_VALIDATION_MODE)).
      - A file with further certificates to trust is named by the environment variable E(REQUESTS_CA_BUNDLE).
    type: str
    choices: [validate, ignore]
  disable_instance_discovery:
    description:
      - Do not ask Microsoft whether the address that gives the tokens is one of its own
        (E(AZURE_DISABLE_INSTANCE_DISCOVERY)). A cloud that O(cloud_environment) gives by its address is never asked
        about.
    type: bool
    default: false
  timeout:
    description:
      - The longest time in seconds for one operation, such as making a VM, with all its waits and retries.
      - Answers that ask to wait (429), failures of a server (408, 500, 502, 503, 504) and broken connections are tried
        again for so long, after as many seconds as Azure asks for, or after 0.5, 1, 2 and so on up to 30. A server that
        has not answered once is tried four times.
    type: int
    default: 3600
  register_providers:
    description:
      - Register a resource provider, such as C(Microsoft.Compute), in the subscription when Azure says that it is not.
        Never in check mode.
    type: bool
    default: false
requirements:
  - The Python packages azure-identity, azure-mgmt-compute, azure-mgmt-network, azure-mgmt-resource,
    azure-mgmt-marketplaceordering, azure-mgmt-storage and azure-storage-blob, those of them that the task needs, as
    C(requirements.txt) of this collection names them
notes:
  - The environment variables E(HTTPS_PROXY) and E(NO_PROXY) are respected.
seealso:
  - name: Sign in with the Azure CLI
    description: How C(az login) works.
    link: https://learn.microsoft.com/cli/azure/authenticate-azure-cli
"""
