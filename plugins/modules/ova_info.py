#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ova_info
short_description: What an OVA describes
version_added: 1.2.0
author: The flatops.flatcar developers (@flatops)
description:
  - Returns what an OVA says of the virtual machine in it, namely its networks, disks, hardware and properties, and
    which files and what manifest it has.
  - No server is needed, and no more is read than that takes. Of an OVA at an address it is the first few KB when the
    descriptor comes first, as in the OVA of Flatcar.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.info
  - flatops.flatcar.ova
options:
  verify:
    description:
      - Read the whole OVA, and verify its manifest, O(checksum) and O(signature), or for a release the signed digest.
        The task fails when one of them is not good.
    type: bool
    default: false
  timeout:
    description: The longest wait in seconds for a connection, and for each piece of data.
    type: int
    default: 60
notes:
  - Exactly one of O(ova), O(url) and O(channel) is given.
seealso:
  - module: flatops.flatcar.release_image
  - name: Open Virtualization Format
    description: The specification DSP0243.
    link: https://www.dmtf.org/standards/ovf
"""

EXAMPLES = r"""
---
- name: Look into the OVA of the newest stable release
  flatops.flatcar.ova_info:
    channel: stable
  delegate_to: localhost
  register: flatcar

- name: Show the networks that have to be mapped
  ansible.builtin.debug:
    msg: "{{ flatcar.ova.networks | map(attribute='name') | list }}"

- name: Verify an OVA on the controller by the digests beside it
  flatops.flatcar.ova_info:
    ova: /var/lib/images/flatcar_production_vmware_ova.ova
    checksum: sha512:/var/lib/images/flatcar_production_vmware_ova.ova.DIGESTS
    signature: /var/lib/images/flatcar_production_vmware_ova.ova.sig
    manifest: require
    verify: true
  delegate_to: localhost

- name: Look into an OVA on a server that asks for a token
  flatops.flatcar.ova_info:
    url: https://artifacts.example.com/images/appliance.ova
    url_headers:
      X-JFrog-Art-Api: "{{ artifacts_token }}"
    url_ca_path: /etc/ssl/example-ca.pem
  delegate_to: localhost
  register: appliance
"""

RETURN = r"""
ova:
  description: The OVA. What it does not say is an empty string, or V(null) for numbers.
  returned: success
  type: dict
  contains:
    source:
      description: Where it comes from, without user and query.
      returned: always
      type: str
      sample: /var/lib/images/flatcar_production_vmware_ova.ova
    descriptor:
      description: The name of its descriptor.
      returned: always
      type: str
      sample: flatcar_production_vmware_ova.ovf
    id:
      description: The identifier of the virtual machine.
      returned: always
      type: str
      sample: Flatcar
    name:
      description: The name of the virtual machine.
      returned: always
      type: str
      sample: Flatcar
    product:
      description: Its C(name), C(vendor), C(version) and C(full_version).
      returned: always
      type: dict
      sample: {name: Flatcar Container Linux, vendor: Flatcar, version: "4593.2.5", full_version: ""}
    annotation:
      description: What is noted on it.
      returned: always
      type: str
      sample: ""
    networks:
      description: The networks that it has to be connected to, each with C(name) and C(description).
      returned: always
      type: list
      elements: dict
      sample:
        - name: VM Network
          description: The VM Network network
    disks:
      description: Its disks.
      returned: always
      type: list
      elements: dict
      contains:
        id:
          description: The identifier.
          returned: always
          type: str
          sample: vmdisk1
        file:
          description: The file that holds it, V(null) when it is empty.
          returned: always
          type: str
          sample: flatcar_production_vmware_ova_image.vmdk
        capacity:
          description: How much it can hold, in bytes.
          returned: always
          type: int
          sample: 13212057600
        format:
          description: The address that stands for the format of the file.
          returned: always
          type: str
          sample: http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized
        controller:
          description: What it hangs on, V(ide), V(scsi), V(sata) or V(nvme).
          returned: always
          type: str
          sample: scsi
        subtype:
          description: Which controller that is.
          returned: always
          type: str
          sample: VirtualSCSI
        unit:
          description: Its place on the controller.
          returned: always
          type: int
          sample: 0
    hardware:
      description: The hardware.
      returned: always
      type: dict
      contains:
        cpus:
          description: The number of CPUs.
          returned: always
          type: int
          sample: 2
        memory_mb:
          description: The memory in MiB.
          returned: always
          type: int
          sample: 2048
        hardware_version:
          description: The version of the virtual hardware.
          returned: always
          type: str
          sample: vmx-13
        guest_id:
          description: The operating system, by the identifier of vSphere.
          returned: always
          type: str
          sample: other3xLinux64Guest
        firmware:
          description: V(bios) or V(efi).
          returned: always
          type: str
          sample: bios
        nics:
          description: The network cards, each with C(name), C(subtype) and C(network).
          returned: always
          type: list
          elements: dict
          sample:
            - name: Ethernet 1
              subtype: VmxNet3
              network: VM Network
    transports:
      description: How properties reach the guest.
      returned: always
      type: list
      elements: str
      sample: [com.vmware.guestInfo]
    properties:
      description: The properties that can be set.
      returned: always
      type: list
      elements: dict
      contains:
        key:
          description: The key, with class and instance where it has them.
          returned: always
          type: str
          sample: guestinfo.interface.0.dhcp
        type:
          description: The type of the value.
          returned: always
          type: str
          sample: string
        default:
          description: The default, that of the default deployment option where they differ.
          returned: always
          type: str
          sample: "no"
        configurable:
          description: Whether users are to set it.
          returned: always
          type: bool
          sample: true
        label:
          description: What a form calls it.
          returned: always
          type: str
          sample: DHCP support
        description:
          description: What it is for.
          returned: always
          type: str
          sample: DHCP support for interface 0
    options:
      description: The deployment options, each with C(id), C(label), C(description) and C(default).
      returned: always
      type: list
      elements: dict
      sample: []
    files:
      description: The files that belong to it, each with C(name) and with C(size) in bytes.
      returned: always
      type: list
      elements: dict
      sample:
        - name: flatcar_production_vmware_ova_image.vmdk
          size: 463470592
    manifest:
      description: The manifest.
      returned: always
      type: dict
      contains:
        state:
          description:
            - V(present) or V(absent), or V(unknown) when it does not stand where the descriptor is and the OVA was not
              read further.
          returned: always
          type: str
          sample: present
        algorithms:
          description: The digests in it; empty with O(manifest=ignore).
          returned: always
          type: list
          elements: str
          sample: [sha1]
    verdict:
      description: What was verified.
      returned: with O(verify=true)
      type: dict
      contains:
        manifest:
          description: V(verified), V(absent) or V(ignored).
          returned: always
          type: str
          sample: verified
        checksum:
          description: The checksum that was demanded and found, V(null) when none was demanded.
          returned: always
          type: str
          sample: "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709"
        signature:
          description: The fingerprint of the key that has signed the OVA or its digest, V(null) without one.
          returned: always
          type: str
          sample: 52F145DFD00BBDCD928CBB5A32DA80F91EF52974
        bytes:
          description: The size of the OVA in bytes.
          returned: always
          type: int
          sample: 463503360
error_code:
  description:
    - What went wrong, in a word for programs. It is one of V(bad_option), V(checksum_mismatch), V(manifest_mismatch),
      V(missing_library), V(ovf_invalid), V(signature_bad), V(source_unreadable) and V(tls_untrusted).
  returned: failure
  type: str
  sample: ovf_invalid
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import ova_arguments
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova import Ova, open_ova
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_manifest import algorithms

SPEC = {
    **ova_arguments.SPEC,
    "verify": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 60},
}


def run(module: AnsibleModule) -> dict[str, object]:
    source = ova_arguments.source(module.params, module.run_command)
    for warning in source.warnings:
        module.warn(warning)
    ova = open_ova(source)
    if not module.params["verify"]:
        return described(ova)
    for dummy in ova.disks():
        pass
    verdict = ova.verdict()
    if verdict.manifest == "absent":
        module.warn(f"{source.label} has no manifest.")
    return {**described(ova), "verdict": verdict._asdict()}


def described(ova: Ova) -> dict[str, object]:
    about = ova.about
    sizes = {member.name: member.size for member in ova.members}
    state = "present" if ova.manifest_name else "absent" if ova.whole else "unknown"
    return {
        "source": ova.source.label,
        "descriptor": ova.name,
        "id": about.id,
        "name": about.name,
        "product": about.product._asdict(),
        "annotation": about.annotation,
        "networks": [network._asdict() for network in about.networks],
        "disks": [
            {**{name: value for name, value in disk._asdict().items() if name != "href"}, "file": disk.href}
            for disk in about.disks
        ],
        "hardware": {**about.hardware._asdict(), "nics": [nic._asdict() for nic in about.hardware.nics]},
        "transports": list(about.transports),
        "properties": [entry._asdict() for entry in about.properties],
        "options": [option._asdict() for option in about.options],
        "files": [{"name": file.href, "size": sizes.get(file.href, file.size)} for file in about.files],
        "manifest": {"state": state, "algorithms": algorithms(ova.manifest or {})},
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec=SPEC,
        mutually_exclusive=[ova_arguments.ORIGINS],
        required_one_of=[ova_arguments.ORIGINS],
        required_by=ova_arguments.REQUIRED_BY,
        supports_check_mode=True,
    )
    module.no_log_values -= ova_arguments.harmless(module.params)
    try:
        module.exit_json(changed=False, ova=run(module))
    except VsphereError as error:
        module.fail_json(msg=str(error), error_code=error.code)


if __name__ == "__main__":
    main()
