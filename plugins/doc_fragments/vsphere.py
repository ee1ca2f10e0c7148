# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options that lead to a vSphere server."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
attributes:
  action_group:
    description: Belongs to action groups, for which C(module_defaults) can be set.
    support: full
    membership: [flatops.flatcar.vsphere]
options:
  hostname:
    description:
      - The name or address of the vCenter, or of the ESXi host where there is none.
      - It must be given here or in the environment variable E(VMWARE_HOST).
    type: str
  username:
    description:
      - Who logs in, such as V(administrator@vsphere.local).
      - It must be given here or in the environment variable E(VMWARE_USER).
    type: str
  password:
    description:
      - The password of O(username).
      - It must be given here or in the environment variable E(VMWARE_PASSWORD).
    type: str
  port:
    description:
      - The port of the server. The environment variable E(VMWARE_PORT) can give it.
    type: int
    default: 443
  validate_certs:
    description:
      - Whether the TLS certificate of the server must be trusted. The environment variable E(VMWARE_VALIDATE_CERTS)
        can give it.
    type: bool
    default: true
  ca_path:
    description:
      - A PEM file, or a folder of hashed ones, with the certificates that may have signed the server's. The default
        is what the system trusts.
      - A vCenter offers its own at C(https://<server>/certs/download.zip).
    type: path
  proxy_host:
    description:
      - The HTTP proxy on the way to the server. The environment variable E(VMWARE_PROXY_HOST) can give it.
    type: str
  proxy_port:
    description:
      - Its port. The environment variable E(VMWARE_PROXY_PORT) can give it.
    type: int
  timeout:
    description:
      - The longest wait in seconds for a connection, and for the answer to a single request.
    type: int
    default: 60
requirements:
  - pyvmomi >= 9.0.0.0 (a Python package)
"""
