#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: vsphere_vm_info
short_description: What is known of the VMs of a vCenter or ESXi host
version_added: 1.2.0
author: The flatops.flatcar developers (@flatops)
description:
  - Returns identity, place, power state, addresses and hardware of VMs and templates, what this collection has noted on
    those that it made, and the names of their guestinfo keys.
  - All VMs are read at once, so that many cost little more than one.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.info
  - flatops.flatcar.vsphere
options:
  name:
    description:
      - The names of VMs. All that have one of them are returned; a name that no VM has is left out.
    type: list
    elements: str
  uuid:
    description: Instance UUIDs or BIOS UUIDs of VMs.
    type: list
    elements: str
  moid:
    description: Managed object ids of VMs, such as V(vm-42).
    type: list
    elements: str
  datacenter:
    description: Only VMs of this datacenter; a name or an inventory path.
    type: str
  folder:
    description:
      - Only VMs of this folder. A path that begins with a slash and the datacenter, such as V(/DC0/vm/prod), or one
        below the datacenter's folder of VMs, such as V(prod).
    type: str
  recurse:
    description: Whether the folders in O(folder) count as well.
    type: bool
    default: false
  ours:
    description: Only VMs that M(flatops.flatcar.vsphere_vm) has made or adopted.
    type: bool
    default: false
  include_values:
    description:
      - Whether the values of guestinfo keys are returned. For keys that hold user data of any kind, which may be
        secret, or an address of them, the digest and length are returned instead.
    type: bool
    default: false
seealso:
  - module: flatops.flatcar.vsphere_vm
  - module: flatops.flatcar.vsphere_guestinfo
"""

EXAMPLES = r"""
---
- name: Look up two VMs in a folder
  flatops.flatcar.vsphere_vm_info:
    hostname: vcenter.example.com
    username: reader@vsphere.local
    password: "{{ vcenter_password }}"
    ca_path: /etc/ssl/vcenter.pem
    folder: /DC0/vm/prod
    name: [web1, web2]
  delegate_to: localhost
  register: web

- name: Show their addresses
  ansible.builtin.debug:
    msg: "{{ web.vms | items2dict(key_name='name', value_name='ips') }}"

- name: List all VMs that this collection has made, with the connection from the environment
  flatops.flatcar.vsphere_vm_info:
    ours: true
  delegate_to: localhost
  register: ours

- name: Name those whose import was interrupted
  ansible.builtin.debug:
    msg: "{{ ours.vms | selectattr('stamp.state', 'eq', 'importing') | map(attribute='name') }}"
"""

RETURN = r"""
vms:
  description: The VMs, in the order of their folders and names.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name.
      returned: always
      type: str
      sample: web1
    moid:
      description: The managed object id.
      returned: always
      type: str
      sample: vm-42
    instance_uuid:
      description: The instance UUID, by which a vCenter knows the VM.
      returned: always
      type: str
      sample: 5005c2a7-3a1d-4b6b-9d0f-2f3c1f0c8f11
    bios_uuid:
      description: The BIOS UUID, which the machine itself sees.
      returned: always
      type: str
      sample: 4205c2a7-3a1d-4b6b-9d0f-2f3c1f0c8f11
    state:
      description: V(template), or V(present) for a VM.
      returned: always
      type: str
      sample: present
    folder:
      description: The inventory path of the folder; V(null) for a VM in a vApp.
      returned: always
      type: str
      sample: /DC0/vm/prod
    host:
      description: The host.
      returned: always
      type: str
      sample: esx1.example.com
    datastore:
      description: The datastore with the files of the VM.
      returned: always
      type: str
      sample: nvme1
    power_state:
      description: One of V(powered_on), V(powered_off) and V(suspended).
      returned: always
      type: str
      sample: powered_on
    ips:
      description: The addresses that the guest reports, the one that it prefers first.
      returned: always
      type: list
      elements: str
      sample: ["192.0.2.10", "fe80::250:56ff:fe85:1"]
    hardware:
      description: The hardware.
      returned: always
      type: dict
      contains:
        cpus:
          description: Number of virtual processors.
          returned: always
          type: int
          sample: 2
        cores_per_socket:
          description: How many of them are cores of one socket.
          returned: always
          type: int
          sample: 1
        memory_mb:
          description: Memory in MiB.
          returned: always
          type: int
          sample: 4096
        hardware_version:
          description: The number of the virtual hardware version.
          returned: always
          type: int
          sample: 13
        firmware:
          description: V(bios) or V(efi).
          returned: always
          type: str
          sample: bios
        annotation:
          description: The notes on the VM.
          returned: always
          type: str
          sample: Web server
        disks:
          description:
            - The disks, the system disk first. C(size_gb) is in GiB, C(place) the controller and unit, C(name) what
              M(flatops.flatcar.vsphere_vm) calls a disk that it has made.
          returned: always
          type: list
          elements: dict
          sample: [{"name": null, "size_gb": 20, "place": "scsi0:0", "file": "[nvme1] web1/disk-0.vmdk"}]
        nics:
          description: The network interfaces.
          returned: always
          type: list
          elements: dict
          sample: [{"mac": "00:50:56:85:00:01", "type": "vmxnet3", "network": "VM Network"}]
    stamp:
      description:
        - What this collection has noted on the VM; V(null) where it has noted nothing.
      returned: always
      type: dict
      contains:
        state:
          description: V(complete), or V(importing) where an import has not ended.
          returned: always
          type: str
          sample: complete
        ignition_sha256:
          description: The digest of the user data that it was made with, or an empty string.
          returned: always
          type: str
          sample: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        settings_sha256:
          description: The digest of the other guestinfo keys that it was made with, or an empty string.
          returned: always
          type: str
          sample: ""
        imported:
          description:
            - When an import began that has not ended, in seconds since 1970 by the server's clock; else empty.
          returned: always
          type: str
          sample: ""
        source:
          description: Where it comes from.
          returned: always
          type: str
          sample: https://stable.release.flatcar-linux.net/amd64-usr/4593.2.5/flatcar_production_vmware_ova.ova
    guestinfo:
      description:
        - The guestinfo keys that are set. With O(include_values) each has its C(value), or its C(sha256) and C(bytes).
      returned: always
      type: list
      elements: dict
      sample: [{"key": "guestinfo.ignition.config.data"}, {"key": "guestinfo.ignition.config.data.encoding"}]
error_code:
  description:
    - What went wrong, in a word for programs. It is one of V(ambiguous), V(bad_option), V(connect), V(fault), V(login),
      V(missing_library), V(no_permission), V(not_found), V(session_lost), V(timeout) and V(tls_untrusted).
  returned: failure
  type: str
  sample: login
candidates:
  description: What could have been meant, where a name fits nothing or more than one object.
  returned: when RV(error_code) is V(ambiguous) or V(not_found)
  type: list
  elements: dict
  sample: [{"path": "/DC0", "moid": "datacenter-2"}]
privilege:
  description: What the user is not allowed to do, as vSphere names it.
  returned: when RV(error_code) is V(no_permission)
  type: str
  sample: System.Read
"""

from ansible.module_utils.basic import AnsibleModule, env_fallback

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import arguments
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import connect
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.vm_info import Selection, known

SPEC = {
    **arguments.auth_spec(env_fallback),
    "name": {"type": "list", "elements": "str"},
    "uuid": {"type": "list", "elements": "str"},
    "moid": {"type": "list", "elements": "str"},
    "datacenter": {"type": "str"},
    "folder": {"type": "str"},
    "recurse": {"type": "bool", "default": False},
    "ours": {"type": "bool", "default": False},
    "include_values": {"type": "bool", "default": False},
}


def run(module: AnsibleModule) -> dict[str, object]:
    options = module.params
    wanted = Selection(
        names=options["name"] or (),
        uuids=options["uuid"] or (),
        moids=options["moid"] or (),
        **{name: options[name] for name in ("datacenter", "folder", "recurse", "ours")},
    )
    with connect(arguments.settings(options)) as session:
        found = known(session, wanted, options["include_values"])
    for warning in found.warnings:
        module.warn(warning)
    return {"changed": False, "vms": found.vms}


def main() -> None:
    module = AnsibleModule(
        argument_spec=SPEC,
        mutually_exclusive=[("name", "uuid", "moid")],
        required_by=arguments.REQUIRED_BY,
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except VsphereError as error:
        module.fail_json(msg=str(error), error_code=error.code, **error.about)


if __name__ == "__main__":
    main()
