#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: azure_vm_info
short_description: What is known of the VMs of an Azure subscription
version_added: 1.3.0
author: The flatops.flatcar developers (@flatops)
description:
  - Returns place, size, power and provisioning state, addresses, disks and the exact version of the image of VMs, and
    what this collection has noted on those that it made.
  - All VMs are read at once, so that many cost little more than one.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.info
  - flatops.flatcar.azure
options:
  name:
    description: The names of VMs. A name that no VM has is left out.
    type: list
    elements: str
  resource_group:
    description: The resource groups to look in. Without them that are all of the subscription.
    type: list
    elements: str
  tags:
    description: Only VMs with all of these tags, each as V(name), or as V(name:value).
    type: list
    elements: str
  ours:
    description: Only VMs that M(flatops.flatcar.azure_vm) has made or adopted.
    type: bool
    default: false
  serial_log:
    description:
      - Whether the end of the serial log is returned, where boot diagnostics are on. It can hold what units of the VM
        have logged at their start.
    type: bool
    default: false
notes:
  - The permissions that are needed are to read virtual machines, disks, network interfaces and public IP addresses, and
    with O(serial_log) C(Microsoft.Compute/virtualMachines/retrieveBootDiagnosticsData/action).
seealso:
  - module: flatops.flatcar.azure_vm
"""

EXAMPLES = r"""
---
- name: Look up two VMs
  flatops.flatcar.azure_vm_info:
    resource_group: flatcar
    name: [node1, node2]
  delegate_to: localhost
  register: nodes

- name: Show their addresses
  ansible.builtin.debug:
    msg: "{{ nodes.vms | items2dict(key_name='name', value_name='ips') }}"

- name: List all VMs of the subscription that this collection has made and that are tagged for production
  flatops.flatcar.azure_vm_info:
    ours: true
    tags: ["env:prod"]
  delegate_to: localhost
  register: ours

- name: Name those that were not made to the end
  ansible.builtin.debug:
    msg: "{{ ours.vms | selectattr('stamp.state', 'eq', 'creating') | map(attribute='name') }}"

- name: See why a machine does not come up
  flatops.flatcar.azure_vm_info:
    resource_group: flatcar
    name: [node3]
    serial_log: true
  delegate_to: localhost
  register: node3
"""

RETURN = r"""
vms:
  description: The VMs, in the order of their resource groups and names.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name.
      returned: always
      type: str
      sample: node1
    id:
      description: Its ID.
      returned: always
      type: str
      sample: /subscriptions/<id>/resourceGroups/flatcar/providers/Microsoft.Compute/virtualMachines/node1
    resource_group:
      description: Its resource group.
      returned: always
      type: str
      sample: flatcar
    location:
      description: Its region.
      returned: always
      type: str
      sample: westeurope
    vm_size:
      description: Its size.
      returned: always
      type: str
      sample: Standard_D2s_v5
    power_state:
      description:
        - V(running), V(stopped), V(deallocated), or V(starting), V(stopping) and V(deallocating) on the way there;
          V(unknown) where Azure does not say.
      returned: always
      type: str
      sample: running
    provisioning_state:
      description: How the last operation on it ended, as Azure has it, such as V(Succeeded) or V(Failed).
      returned: always
      type: str
      sample: Succeeded
    public_ips:
      description: Its public addresses, that of its primary interface first.
      returned: always
      type: list
      elements: str
      sample: [203.0.113.10]
    private_ips:
      description: Its private addresses.
      returned: always
      type: list
      elements: str
      sample: [10.10.0.4]
    ips:
      description: The public addresses and then the private ones.
      returned: always
      type: list
      elements: str
      sample: [203.0.113.10, 10.10.0.4]
    image:
      description:
        - What it was made of, as Azure has it. Of C(publisher), C(offer), C(sku), C(version), C(exact_version), C(id)
          and C(community_gallery_image_id) those are V(null) that do not apply. Flatcar updates itself, so the system
          that runs may be newer.
      returned: always
      type: dict
      sample:
        publisher: kinvolk
        offer: flatcar-container-linux-free
        sku: stable-gen2
        version: 4593.2.5
        exact_version: 4593.2.5
        id: null
        community_gallery_image_id: null
    zones:
      description: Its zone, if it is in one.
      returned: always
      type: list
      elements: str
      sample: ["1"]
    disks:
      description: Its disks, the OS disk first. C(size_gb) is in GiB, C(keep) says that the disk outlives the VM.
      returned: always
      type: list
      elements: dict
      sample:
        - name: node1-data
          id: /subscriptions/<id>/resourceGroups/flatcar/providers/Microsoft.Compute/disks/node1-data
          os: false
          lun: 0
          size_gb: 128
          type: Premium_LRS
          caching: None
          keep: true
    network_interfaces:
      description: The IDs of its network interfaces, the primary one first.
      returned: always
      type: list
      elements: str
      sample:
        - /subscriptions/<id>/resourceGroups/flatcar/providers/Microsoft.Network/networkInterfaces/node1-nic
    tags:
      description: Its tags, but for those of this collection.
      returned: always
      type: dict
      sample: {env: prod}
    stamp:
      description: What this collection has noted on it; V(null) where it has noted nothing.
      returned: always
      type: dict
      contains:
        state:
          description: V(complete), or V(creating) where it was not made to the end.
          returned: always
          type: str
          sample: complete
        ignition_sha256:
          description: The digest of the Ignition config that it was made with, or an empty string.
          returned: always
          type: str
          sample: d8636f1e83cff0947ca63c1149600f6c29d7a3564a8ca44601748268c0ffddc3
        source:
          description: The image that was asked for, without a version where that was the latest.
          returned: always
          type: str
          sample: kinvolk:flatcar-container-linux-free:stable-gen2
    serial_log:
      description: The last lines of the serial log; empty where there is none.
      returned: with O(serial_log)
      type: list
      elements: str
      sample: ["ignition[612]: fetching config from azure"]
    serial_cause:
      description: What in the log may keep the machine from coming up; V(null) where nothing does.
      returned: with O(serial_log)
      type: str
      sample: null
error_code:
  description:
    - What went wrong, in a word for programs. It is one of V(authentication), V(bad_option), V(connect), V(fault),
      V(missing_library), V(no_permission), V(not_found), V(not_registered), V(throttled), V(timeout) and
      V(tls_untrusted).
  returned: failure
  type: str
  sample: authentication
azure_code:
  description: The code of the error as Azure gives it.
  returned: when Azure gave one
  type: str
  sample: AuthorizationFailed
action:
  description: The permission that the account lacks.
  returned: when RV(error_code) is V(no_permission)
  type: str
  sample: Microsoft.Compute/virtualMachines/read
scope:
  description: Where it lacks it.
  returned: when RV(error_code) is V(no_permission)
  type: str
  sample: /subscriptions/<id>/resourceGroups/flatcar
"""

from ansible.module_utils.basic import AnsibleModule, env_fallback

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import arguments
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import open_session
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_info import Selection, known

SPEC = {
    **arguments.auth_spec(env_fallback),
    "name": {"type": "list", "elements": "str"},
    "resource_group": {"type": "list", "elements": "str"},
    "tags": {"type": "list", "elements": "str"},
    "ours": {"type": "bool", "default": False},
    "serial_log": {"type": "bool", "default": False},
}


def run(module: AnsibleModule) -> dict[str, object]:
    options = module.params
    wanted = Selection(options["resource_group"], options["name"], options["tags"] or (), options["ours"])
    with open_session(options, module.check_mode) as session:
        vms = known(session, wanted, options["serial_log"])
    return {"changed": False, "vms": vms}


def main() -> None:
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except AzureError as error:
        module.fail_json(msg=str(error), error_code=error.code, **error.about)


if __name__ == "__main__":
    main()
