#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: azure_blob
short_description: Write a file to a container of blobs
version_added: 1.5.0
author: The flatops.flatcar developers (@flatops)
description:
  - Writes a file of the machine on which the module runs to a block blob, which is made, or replaced when its contents
    or its type are others.
  - The login needs the role Storage Blob Data Contributor on the container. With O(sas_token) nobody logs in.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.azure
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
    details: Not with O(sas_token) for writing alone, which does not tell what is there.
options:
  url:
    description:
      - The address of the blob, as V(https://ACCOUNT.blob.core.windows.net/CONTAINER/BLOB), without a query.
      - The container must be there.
    type: str
    required: true
  src:
    description: The file.
    type: path
    required: true
  content_type:
    description: What a browser is told that it is.
    type: str
    default: application/octet-stream
  sas_token:
    description:
      - A shared access signature for the blob or its container, which is the part of such an address behind the
        question mark. It needs the permissions to create and to write, and to read if nothing is to be written twice.
    type: str
seealso:
  - module: flatops.flatcar.azure_image
"""

EXAMPLES = r"""
---
- name: Keep a report, with the login from the environment
  flatops.flatcar.azure_blob:
    url: https://reports.blob.core.windows.net/fleet/fleet_report.html
    src: fleet_report/fleet_report.html
    content_type: text/html; charset=utf-8
  delegate_to: localhost

- name: The same with a shared access signature
  flatops.flatcar.azure_blob:
    url: https://reports.blob.core.windows.net/fleet/fleet_report.html
    src: fleet_report/fleet_report.html
    content_type: text/html; charset=utf-8
    sas_token: "{{ fleet_sas_token }}"
  delegate_to: localhost
"""

RETURN = r"""
url:
  description: The address of the blob.
  returned: success
  type: str
  sample: https://reports.blob.core.windows.net/fleet/fleet_report.html
size:
  description: The size of the file in bytes.
  returned: success
  type: int
  sample: 12117
error_code:
  description:
    - What went wrong, in a word for programs. It is one of V(authentication), V(bad_option), V(connect), V(fault),
      V(missing_library), V(no_permission), V(not_found), V(source_unreadable), V(throttled), V(timeout),
      V(tls_untrusted) and V(upload_failed).
  returned: failure
  type: str
  sample: no_permission
azure_code:
  description: The code of the error as Azure gives it.
  returned: when Azure gave one
  type: str
  sample: AuthorizationPermissionMismatch
"""

from ansible.module_utils.basic import AnsibleModule, env_fallback

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import arguments, blob_file
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError

SPEC = {
    **arguments.auth_spec(env_fallback),
    "url": {"type": "str", "required": True},
    "src": {"type": "path", "required": True},
    "content_type": {"type": "str", "default": "application/octet-stream"},
    "sas_token": {"type": "str", "no_log": True},
}


def run(module: AnsibleModule) -> dict[str, object]:
    wanted = blob_file.wanted(module.params)
    changed = blob_file.put(wanted, module.params, module.check_mode)
    return {"changed": changed, "url": wanted.url, "size": len(wanted.data)}


def main() -> None:
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except AzureError as error:
        module.fail_json(msg=str(error), error_code=error.code, **error.about)


if __name__ == "__main__":
    main()
