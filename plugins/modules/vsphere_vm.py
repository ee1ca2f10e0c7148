#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: vsphere_vm
short_description: Make Flatcar VMs on vSphere and ESXi
version_added: 1.2.0
author: The flatops.flatcar developers (@flatops)
description:
  - Makes VMs of the OVA of Flatcar, or as clones of a template or VM, with their hardware, their Ignition config and
    their network before they boot for the first time. Keeps them as described, replaces and removes them.
  - An OVA passes through the controller as one stream to the host that stores it. Its manifest, and where they are
    given its checksum and its signature, are verified on the way, and before the VM counts as made.
  - A VM is looked for by its name, and in O(folder) or O(datacenter) where they are given. It keeps in settings of its
    own, which the guest cannot read, a digest of its Ignition config, its source, and whether its import has ended.
    VMs without these are reported and left alone; see O(adopt).
  - An import that was interrupted is known for what it is; see O(force).
  - One task makes many VMs with O(instances), by one login and with several at a time.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.action
  - flatops.flatcar.vsphere
  - flatops.flatcar.ova
  - flatops.flatcar.guestinfo
  - flatops.flatcar.guestinfo.ignition
attributes:
  check_mode:
    support: full
    details: >-
      Looks up everything on the server, reads the descriptor of the OVA, and has the server check it. Nothing is
      uploaded.
  diff_mode:
    support: full
    details: Shows hardware, power and the SHA-256 digest of the Ignition config before and after.
  idempotent:
    support: partial
    details: With O(recreate) each run makes the VM anew.
  action:
    details: While the module uploads on the controller, the action shows every 5 seconds how far it is.
  action_group:
    version_added: 1.2.0
options:
  name:
    description:
      - The name of the VM.
      - Exactly one of O(name), O(uuid), O(moid) and O(instances) is required. A VM that is not there can only be made
        by its name.
    type: str
  uuid:
    description: The instance UUID or the BIOS UUID of a VM that is there.
    type: str
  moid:
    description: The managed object id of a VM that is there, such as V(vm-42).
    type: str
  datacenter:
    description: The datacenter, needed where there are several and O(folder) does not begin with one.
    type: str
  folder:
    description:
      - The folder of the VM, as a path such as V(/DC0/vm/prod), or below the datacenter such as V(prod).
      - Without it a VM is looked for in all folders, and a new one goes to the topmost.
    type: str
  create_folder:
    description: Whether folders that are missing are made.
    type: bool
    default: false
  state:
    description:
      - V(present) makes the VM, or puts right what differs.
      - V(template) is a template, which takes a vCenter. An existing VM that is off becomes one. Hardware and Ignition
        of a template that is there are not compared, its source is. One that another task is importing is waited for,
        until O(import_timeout) seconds after that has begun.
      - V(absent) removes the VM or template with its disks, but for those that are to be kept (O(disks[].keep)) and
        those that others have attached, like storage drivers of Kubernetes. The guest is shut down, or see O(force).
    type: str
    choices: [present, absent, template]
    default: present
  power_state:
    description:
      - Whether the VM runs with O(state=present). V(unmanaged) leaves it as it is, and a new VM off.
      - V(powered_off) shuts the guest down, or see O(force).
    type: str
    choices: [powered_on, powered_off, unmanaged]
    default: powered_on
  template:
    description:
      - The template or VM to clone, by its name, path or managed object id. It takes a vCenter.
      - Exactly one of O(ova), O(url), O(channel) and this says what a VM is made of. None is needed for VMs that are
        there.
    type: str
  linked:
    description: Whether the clone shares the disks of a snapshot of O(template), O(snapshot) or else the current one.
    type: bool
    default: false
  snapshot:
    description: The name of the snapshot of O(template) to clone. Without it that is its current state.
    type: str
  import_timeout:
    description: How many seconds an import or a clone may take.
    type: int
    default: 3600
  cluster:
    description:
      - The cluster where a new VM runs. One of this, O(host) and O(resource_pool) is needed where several exist.
    type: str
  host:
    description: The host where a new VM starts. Without it the cluster chooses one.
    type: str
  resource_pool:
    description: The resource pool of a new VM, by its name or path. Without it that is the topmost.
    type: str
  datastore:
    description: The datastore of a new VM, needed where the cluster or host has several.
    type: str
  datastore_cluster:
    description: A datastore cluster in place of O(datastore). Storage DRS chooses in it, or else free space does.
    type: str
  networks:
    description:
      - The networks of the NICs that come from the source, as a mapping of the name of the network there (C(VM Network)
        in the OVA of Flatcar) to the name, path or managed object id of a network here.
      - A network of an OVA that is not mapped goes to the one of its own name, which must be there. NICs of a clone
        that are not mapped stay where they are.
    type: dict
  disk_provisioning:
    description: How the disks of an OVA are stored.
    type: str
    choices: [thin, thick, eagerZeroedThick]
    default: thin
  deployment_option:
    description: The id of a configuration of the OVA, where it has several.
    type: str
  ovf_properties:
    description:
      - Properties of the OVA. Only a vCenter hands them on to the guest, which finds them in its OVF environment. What
        Flatcar reads is set by the options for Ignition and the network.
    type: dict
  cpus:
    description: How many processors the VM has.
    type: int
  cores_per_socket:
    description: How many of them are in one socket.
    type: int
  memory_mb:
    description: The memory in MiB.
    type: int
  disk_gb:
    description:
      - The size of the system disk in GiB. It only grows; the root file system of Flatcar follows at the next boot.
    type: int
  disks:
    description: Further disks. Those that others attach, like storage drivers of Kubernetes, are left alone.
    type: list
    elements: dict
    suboptions: &disks
      name:
        description: What tells the disk from others. The default is V(disk1), V(disk2) and so on by its place here.
        type: str
      size_gb:
        description: Its size in GiB. It only grows.
        type: int
        required: true
      datastore:
        description: The datastore of its file. Without it the disk lies with the VM.
        type: str
      provisioning:
        description: How it is stored.
        type: str
        choices: [thin, thick, eagerZeroedThick]
        default: thin
      keep:
        description:
          - Whether the disk outlives its VM. It is detached before a VM is replaced and comes back to the same place of
            the new one. When a VM is removed, it stays on its datastore, and a warning says where.
        type: bool
        default: false
  nics:
    description: Further NICs, after those of the source.
    type: list
    elements: dict
    suboptions: &nics
      network:
        description: The name, path or managed object id of its network.
        type: str
        required: true
      mac:
        description: Its MAC address. Without it the server makes one.
        type: str
      type:
        description: What it is.
        type: str
        choices: [vmxnet3, e1000e, e1000]
        default: vmxnet3
  macs:
    description: The MAC addresses of the NICs that come from the source, in their order.
    type: list
    elements: str
  hardware_version:
    description: The version of the virtual hardware, such as V(19) or V(vmx-19). It only rises.
    type: str
  annotation:
    description: The notes on the VM.
    type: str
  extra_config:
    description: Further settings of the VM, as a mapping of keys to values. The values are shown nowhere.
    type: dict
  on_ignition_change:
    description:
      - What to do where a VM was made with another Ignition config, or with other values of the options that become
        guestinfo keys. Ignition runs at the first boot only.
      - V(fail) fails. V(ignore) only says so in RV(vms[].ignition.changed). V(accept) takes the new config for the one
        that the VM was made with.
      - V(update) sets the new keys, which takes a VM that is off, or O(force). They count when Ignition runs again.
      - V(replace) removes the VM and makes it anew; see O(max_replacements).
    type: str
    choices: [fail, ignore, accept, update, replace]
    default: fail
  on_immutable_change:
    description:
      - What to do where something differs that only a new VM can have, as its source, or a smaller disk. Where a VM
        runs and on which datastore it lies is not compared.
      - A release that is named by O(version=current) is any of its channel, since the machine updates itself.
    type: str
    choices: [fail, replace]
    default: fail
  recreate:
    description: Whether a VM that is there is replaced in any case.
    type: bool
    default: false
  adopt:
    description:
      - Whether a VM that this collection did not make is taken over. It counts as made with what is described from then
        on, is kept so, and may be replaced by later runs.
    type: bool
    default: false
  force:
    description:
      - Whether a VM is shut down, and turned off where it does not shut down, for a change that takes a VM that is off,
        for O(power_state=powered_off) and for O(state=absent).
      - Whether what an interrupted import left is removed, and the VM made anew.
    type: bool
    default: false
  wait_for_ip:
    description: Whether to wait until VMware Tools in the guest report an address. Link-local ones do not count.
    type: bool
    default: false
  wait_timeout:
    description: How many seconds to wait for it.
    type: int
    default: 300
  ip_cidr:
    description: The network that the address must be in, such as V(10.0.0.0/8).
    type: str
  ip_version:
    description: The version that the address must be of.
    type: str
    choices: [any, ipv4, ipv6]
    default: any
  instances:
    description:
      - Several VMs, each with options of its own. What one leaves out is as in the task.
      - One that gives O(ova), O(url), O(channel) or O(template) has none of the others from the task. So have
        O(ignition_file) and O(ignition_url).
    type: list
    elements: dict
    suboptions:
      name:
        description: Like O(name). One of this, O(instances[].uuid) and O(instances[].moid) is required.
        type: str
      uuid:
        description: Like O(uuid).
        type: str
      moid:
        description: Like O(moid).
        type: str
      datacenter:
        description: Like O(datacenter).
        type: str
      folder:
        description: Like O(folder).
        type: str
      create_folder:
        description: Like O(create_folder).
        type: bool
      state:
        description: Like O(state).
        type: str
        choices: [present, absent, template]
      power_state:
        description: Like O(power_state).
        type: str
        choices: [powered_on, powered_off, unmanaged]
      ova:
        description: Like O(ova).
        type: path
      url:
        description: Like O(url).
        type: str
      channel:
        description: Like O(channel).
        type: str
        choices: [stable, beta, alpha, lts]
      version:
        description: Like O(version).
        type: str
      arch:
        description: Like O(arch).
        type: str
        choices: [amd64, arm64]
      base_url:
        description: Like O(base_url).
        type: str
      url_headers:
        description: Like O(url_headers).
        type: dict
      url_username:
        description: Like O(url_username).
        type: str
      url_password:
        description: Like O(url_password).
        type: str
      url_ca_path:
        description: Like O(url_ca_path).
        type: path
      url_validate_certs:
        description: Like O(url_validate_certs).
        type: bool
      checksum:
        description: Like O(checksum).
        type: str
      signature:
        description: Like O(signature).
        type: str
      keyring:
        description: Like O(keyring).
        type: str
      manifest:
        description: Like O(manifest).
        type: str
        choices: [verify, require, ignore]
      template:
        description: Like O(template).
        type: str
      linked:
        description: Like O(linked).
        type: bool
      snapshot:
        description: Like O(snapshot).
        type: str
      import_timeout:
        description: Like O(import_timeout).
        type: int
      cluster:
        description: Like O(cluster).
        type: str
      host:
        description: Like O(host).
        type: str
      resource_pool:
        description: Like O(resource_pool).
        type: str
      datastore:
        description: Like O(datastore).
        type: str
      datastore_cluster:
        description: Like O(datastore_cluster).
        type: str
      networks:
        description: Like O(networks).
        type: dict
      disk_provisioning:
        description: Like O(disk_provisioning).
        type: str
        choices: [thin, thick, eagerZeroedThick]
      deployment_option:
        description: Like O(deployment_option).
        type: str
      ovf_properties:
        description: Like O(ovf_properties).
        type: dict
      cpus:
        description: Like O(cpus).
        type: int
      cores_per_socket:
        description: Like O(cores_per_socket).
        type: int
      memory_mb:
        description: Like O(memory_mb).
        type: int
      disk_gb:
        description: Like O(disk_gb).
        type: int
      disks:
        description: Like O(disks).
        type: list
        elements: dict
        suboptions: *disks
      nics:
        description: Like O(nics).
        type: list
        elements: dict
        suboptions: *nics
      macs:
        description: Like O(macs).
        type: list
        elements: str
      hardware_version:
        description: Like O(hardware_version).
        type: str
      annotation:
        description: Like O(annotation).
        type: str
      ignition_file:
        description: Like O(ignition_file).
        type: path
      ignition_url:
        description: Like O(ignition_url).
        type: str
      guest_hostname:
        description: Like O(guest_hostname).
        type: str
      encoding:
        description: Like O(encoding).
        type: str
        choices: [gz+base64, base64, plain]
      force_plain:
        description: Like O(force_plain).
        type: bool
      network_kargs:
        description: Like O(network_kargs).
        type: raw
      interfaces:
        description: Like O(interfaces).
        type: list
        elements: dict
        suboptions:
          name:
            description: Like O(interfaces[].name).
            type: str
          mac:
            description: Like O(interfaces[].mac).
            type: str
          role:
            description: Like O(interfaces[].role).
            type: str
            choices: [public, private]
            default: private
          dhcp:
            description: Like O(interfaces[].dhcp).
            type: bool
            default: false
          addresses:
            description: Like O(interfaces[].addresses).
            type: list
            elements: str
            default: []
          routes:
            description: Like O(interfaces[].routes).
            type: list
            elements: dict
            default: []
            suboptions:
              gateway:
                description: Like O(interfaces[].routes[].gateway).
                type: str
                required: true
              destination:
                description: Like O(interfaces[].routes[].destination).
                type: str
      dns:
        description: Like O(dns).
        type: dict
        suboptions:
          servers:
            description: Like O(dns.servers).
            type: list
            elements: str
            default: []
          domains:
            description: Like O(dns.domains).
            type: list
            elements: str
            default: []
      max_guestinfo:
        description: Like O(max_guestinfo).
        type: int
      extra_config:
        description: Like O(extra_config).
        type: dict
      on_ignition_change:
        description: Like O(on_ignition_change).
        type: str
        choices: [fail, ignore, accept, update, replace]
      on_immutable_change:
        description: Like O(on_immutable_change).
        type: str
        choices: [fail, replace]
      recreate:
        description: Like O(recreate).
        type: bool
      adopt:
        description: Like O(adopt).
        type: bool
      force:
        description: Like O(force).
        type: bool
      wait_for_ip:
        description: Like O(wait_for_ip).
        type: bool
      wait_timeout:
        description: Like O(wait_timeout).
        type: int
      ip_cidr:
        description: Like O(ip_cidr).
        type: str
      ip_version:
        description: Like O(ip_version).
        type: str
        choices: [any, ipv4, ipv6]
  threads:
    description: How many of O(instances) are worked on at once.
    type: int
    default: 8
  max_replacements:
    description: How many VMs the task may replace. The ones above that fail and stay as they are.
    type: int
    default: 1
  on_error:
    description:
      - V(fail) fails the task when a VM has failed, after the work on all others. V(report) only says so in RV(vms).
    type: str
    choices: [fail, report]
    default: fail
  progress_file:
    description:
      - A file to which is appended how far the upload is, one line at most a second; phase, bytes, bytes in all.
      - The action plugin sets it when the module runs on the controller itself without C(become).
    type: path
notes:
  - A host without vCenter has no templates, clones, folders and datastore clusters. They are refused with
    RV(error_code=needs_vcenter).
  - The user needs the privileges C(VApp.Import), C(VirtualMachine.Inventory.CreateFromExisting),
    C(Datastore.AllocateSpace), C(Network.Assign), C(Resource.AssignVMToPool), and those below
    C(VirtualMachine.Config) and C(VirtualMachine.Interact) for what is asked for. What is missing is in RV(privilege).
  - Anything that runs in the guest can read its guestinfo keys. Flatcar takes the Ignition config away after the first
    boot.
seealso:
  - module: flatops.flatcar.vsphere_vm_info
  - module: flatops.flatcar.vsphere_guestinfo
  - module: flatops.flatcar.ova_info
  - name: Running Flatcar on VMware
    description: The documentation of the Flatcar project.
    link: https://www.flatcar.org/docs/latest/installing/vms/vmware/
"""

EXAMPLES = r"""
---
- name: Make a VM of the newest stable release
  flatops.flatcar.vsphere_vm:
    name: node1
    cluster: prod
    datastore: ssd1
    channel: stable
    networks:
      VM Network: servers
    cpus: 4
    memory_mb: 8192
    disk_gb: 40
    ignition: "{{ query('flatops.flatcar.fragments') | flatops.flatcar.to_ignition }}"
    guest_hostname: node1
    wait_for_ip: true
  delegate_to: localhost

- name: Make a template once
  flatops.flatcar.vsphere_vm:
    name: flatcar-4593.2.5
    folder: /DC0/vm/templates
    create_folder: true
    state: template
    cluster: prod
    datastore: ssd1
    channel: stable
    version: 4593.2.5
  delegate_to: localhost

- name: Make two VMs of it with static addresses
  flatops.flatcar.vsphere_vm:
    template: /DC0/vm/templates/flatcar-4593.2.5
    cluster: prod
    datastore: ssd1
    on_ignition_change: replace
    instances:
      - name: node1
        ignition_file: /run/user/1000/node1.ign
        network_kargs:
          address: 10.0.0.11/24
          gateway: 10.0.0.1
          interface: ens192
        disks:
          - name: data
            size_gb: 100
            keep: true
      - name: node2
        ignition_file: /run/user/1000/node2.ign
        network_kargs:
          address: 10.0.0.12/24
          gateway: 10.0.0.1
          interface: ens192
  delegate_to: localhost

- name: Import an OVA on a host without vCenter
  flatops.flatcar.vsphere_vm:
    hostname: esxi1.example.com
    username: root
    password: "{{ esxi_password }}"
    name: node1
    ova: /var/lib/images/flatcar_production_vmware_ova.ova
    ignition_file: node1.ign
  delegate_to: localhost

- name: Remove a VM
  flatops.flatcar.vsphere_vm:
    name: node1
    folder: /DC0/vm
    state: absent
    force: true
  delegate_to: localhost
"""

RETURN = r"""
vms:
  description: The VMs in the order of O(instances), or the one VM.
  returned: always, unless the server cannot be reached at all
  type: list
  elements: dict
  contains:
    name:
      description: Its name, or what it was looked for by.
      returned: always
      type: str
      sample: node1
    changed:
      description: Whether something was done on it, also by work that failed later.
      returned: always
      type: bool
      sample: true
    state:
      description: The value of O(state).
      returned: always
      type: str
      sample: present
    actions:
      description:
        - What was done, or in check mode would be, in this order. Each is one of V(created), V(cloned), V(updated),
          V(stamped), V(shut_down), V(powered_off), V(powered_on), V(disks_detached), V(disks_attached), V(deleted) and
          V(marked_as_template).
      returned: always
      type: list
      elements: str
      sample: [cloned, powered_on]
    moid:
      description: Its managed object id; V(null), as the following, where it is not there.
      returned: always
      type: str
      sample: vm-42
    instance_uuid:
      description: The UUID by which the vCenter knows it.
      returned: always
      type: str
      sample: 503c1f22-2a6e-4b7a-8f0e-1c0ffee00001
    bios_uuid:
      description: The UUID that the guest sees.
      returned: always
      type: str
      sample: 423c1f22-2a6e-4b7a-8f0e-1c0ffee00001
    folder:
      description: The path of its folder.
      returned: always
      type: str
      sample: /DC0/vm/prod
    host:
      description: The host where it is.
      returned: always
      type: str
      sample: esxi1.example.com
    datastore:
      description: The datastore where its settings are.
      returned: always
      type: str
      sample: ssd1
    power_state:
      description: V(powered_on), V(powered_off) or V(suspended).
      returned: always
      type: str
      sample: powered_on
    ips:
      description: The addresses that its tools report, those first that were waited for.
      returned: always
      type: list
      elements: str
      sample: [10.0.0.11]
    hardware:
      description: Its hardware. Of the disks C(name) is that of O(disks), and C(place) where they are attached.
      returned: always
      type: dict
      sample:
        cpus: 4
        cores_per_socket: 1
        memory_mb: 8192
        hardware_version: 13
        firmware: bios
        annotation: ""
        disks:
          - {name: null, size_gb: 40, place: "scsi0:0", file: "[ssd1] node1/disk-0.vmdk"}
          - {name: data, size_gb: 100, place: "scsi0:1", file: "[ssd1] node1/node1_1.vmdk"}
        nics:
          - {mac: "00:50:56:00:00:01", type: vmxnet3, network: servers}
    ignition:
      description: The user data that are described.
      returned: always
      type: dict
      contains:
        sha256:
          description: A digest of what they say; V(null) where none are given.
          returned: always
          type: str
          sample: d8636f1e83cff0947ca63c1149600f6c29d7a3564a8ca44601748268c0ffddc3
        encoded_bytes:
          description: Their size as a guestinfo value.
          returned: always
          type: int
          sample: 1896
        encoding:
          description: How they are encoded; V(null) for O(ignition_url).
          returned: always
          type: str
          sample: gz+base64
        changed:
          description:
            - Whether they, or other guestinfo keys, differ from those that the VM was made with. V(null) where there
              was no VM, or where it does not say.
          returned: always
          type: bool
          sample: false
    import:
      description: The import of an OVA; V(null) where there was none.
      returned: always
      type: dict
      contains:
        bytes:
          description: How many bytes of disks were uploaded.
          returned: always
          type: int
          sample: 468713421
        seconds:
          description: How long it took.
          returned: always
          type: float
          sample: 21.4
        manifest:
          description: V(verified), V(absent) or V(ignored).
          returned: always
          type: str
          sample: verified
        checksum:
          description: The digest that was verified; V(null) where none was given.
          returned: always
          type: str
          sample: null
        source:
          description: What the VM remembers as its source.
          returned: always
          type: str
          sample: release stable 4593.2.5
    drift:
      description:
        - In what its hardware and source differed from what is described, with C(field), C(before), C(after) and
          C(needs), which is V(live), V(off) or V(rebuild).
      returned: always
      type: list
      elements: dict
      sample:
        - {field: memory_mb, before: 4096, after: 8192, needs: "off"}
    warnings:
      description: What should be known about it. The warnings of all VMs are shown as those of the task as well.
      returned: always
      type: list
      elements: str
      sample: []
    failed:
      description: Whether the work on it failed.
      returned: always
      type: bool
      sample: false
    error_code:
      description: As RV(error_code).
      returned: when it failed
      type: str
      sample: ignition_changed
    msg:
      description: What went wrong.
      returned: when it failed
      type: str
      sample: The VM node1 (vm-42) was made with another Ignition config.
    left_behind:
      description: The managed object id of what a failed import or clone left, or V(false) where that is nothing.
      returned: when an import or a clone failed
      type: raw
      sample: false
error_code:
  description:
    - What went wrong with the first VM that failed, in a word for programs. It is one of V(ambiguous), V(bad_option),
      V(checksum_mismatch), V(connect), V(fault), V(guestinfo_too_large), V(ignition_changed), V(ignition_invalid),
      V(immutable_changed), V(import_unfinished), V(lease_error), V(login), V(manifest_mismatch), V(missing_library),
      V(name_exists), V(needs_vcenter), V(network_unknown), V(no_permission), V(not_found), V(not_ours),
      V(ovf_invalid), V(power_state), V(replacement_limit), V(restricted_license), V(session_lost), V(signature_bad),
      V(source_unreadable), V(spec_error), V(timeout), V(tls_untrusted) and V(upload_failed).
  returned: failure
  type: str
  sample: ignition_changed
privilege:
  description: The privileges that the user lacks.
  returned: when a privilege is missing
  type: str
  sample: VApp.Import
candidates:
  description: What could have been meant, each with C(path) and C(moid).
  returned: when something is ambiguous or not found
  type: list
  elements: dict
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule, env_fallback

from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.results import Done
from ansible_collections.flatops.flatcar.plugins.module_utils._release import progress
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import arguments, instances, options
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import connect

SPEC = {**arguments.auth_spec(env_fallback), **options.SPEC}


#: What the task says of the first VM that failed, besides the message and the code.
ABOUT = ("privilege", "candidates")


def run(module: AnsibleModule) -> Done:
    given = module.params
    report = progress.Writer(given["progress_file"]) if given["progress_file"] else progress.silent
    with connect(arguments.settings(given)) as session:
        return instances.run(session, given, check=module.check_mode, run_command=module.run_command, report=report)


def main() -> None:
    module = AnsibleModule(
        argument_spec=SPEC,
        mutually_exclusive=options.MUTUALLY_EXCLUSIVE,
        required_one_of=options.REQUIRED_ONE_OF,
        required_by=arguments.REQUIRED_BY,
        supports_check_mode=True,
    )
    module.no_log_values.clear()
    module.no_log_values.update(options.secrets(module.params))
    invocation = {"module_args": options.shown(module.params)}
    try:
        done = run(module)
    except FleetError as error:
        module.fail_json(msg=str(error), error_code=error.code, invocation=invocation, **error.about)
    for warning in done.warnings:
        module.warn(warning)
    failure = done.failure(ABOUT)
    if failure and module.params["on_error"] == "fail":
        module.fail_json(invocation=invocation, **done.told(), **failure)
    module.exit_json(invocation=invocation, **done.told())


if __name__ == "__main__":
    main()
