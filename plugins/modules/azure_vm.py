#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: azure_vm
short_description: Make Flatcar VMs on Azure
version_added: 1.3.0
author: The flatops.flatcar developers (@flatops)
description:
  - Makes VMs of Flatcar with their disks, their addresses and their Ignition config, and the network around them where
    that is asked for. Keeps them as described, replaces and removes them.
  - A VM is looked for by its name in its resource group. It keeps in tags a digest of its Ignition config, the image
    that was asked for, and whether it was made to the end. VMs without these are reported and left alone; see O(adopt).
  - What a run that was interrupted has left is taken up or removed by the next one.
  - One task makes many VMs with O(instances), by one login and with several at a time. One that fails, for instance
    because a quota is used up, is told in RV(vms) and holds up none of the others.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.azure
attributes:
  check_mode:
    support: full
    details: >-
      Makes all checks that a real run makes before it writes, of the image and its terms, the size, the zone, the
      network and the Ignition config. Nothing is written.
  diff_mode:
    support: full
    details: Shows settings, power and the SHA-256 digest of the Ignition config before and after.
  idempotent:
    support: partial
    details: With O(recreate) each run makes the VM anew, and with O(state=restarted) each run restarts it.
  action_group:
    version_added: 1.3.0
options:
  name:
    description:
      - The name of the VM, which becomes its host name as well. Where the Ignition config describes C(/etc/hostname),
        that counts.
      - Exactly one of O(name) and O(instances) is required.
    type: str
  resource_group:
    description:
      - The resource group of the VM and of what is made for it. It is required, here or in each of O(instances); see
        O(create_resource_group).
    type: str
  location:
    description: The region, such as V(westeurope). Without it that is the region of O(resource_group).
    type: str
  state:
    description:
      - V(present) makes the VM, or puts right what differs. A new VM runs, the power of one that is there stays.
      - V(running), V(stopped) and V(deallocated) do so too, and start or stop it. One that is only V(stopped) is still
        billed. V(deallocated) gives its processors back, and its local disks are lost.
      - V(restarted) restarts a VM that runs, and starts one that does not.
      - V(absent) removes the VM and what was made for it, but for the disks that are to be kept
        (O(data_disks[].keep)). What was not made by this collection stays.
    type: str
    choices: [present, absent, running, stopped, deallocated, restarted]
    default: present
  vm_size:
    description:
      - The size, such as V(Standard_D2s_v5). It is needed to make a VM.
      - Before a VM is made it is checked that the size is offered in the region and zone, and fits the generation, the
        architecture and the disk controllers of the image. The error names sizes that do.
      - A VM that is there is deallocated to get another size; see O(force).
    type: str
  image:
    description:
      - What the VM is made of. It is needed to make a VM.
      - A channel of Flatcar, V(stable), V(beta), V(alpha) or V(lts); a URN, C(publisher:offer:sku:version); the ID of a
        managed image, of a gallery's image or of a version of it; or the ID of a community gallery's,
        C(/CommunityGalleries/<name>/Images/<name>/Versions/<version>).
      - Or a mapping. With C(channel) it may have C(arch) (V(amd64) or V(arm64)), C(generation) (V(V1) or V(V2), the
        default), C(version), C(offer) and C(publisher). With C(publisher), C(offer) and C(sku) it may have C(version).
        With C(gallery) and C(definition), or with C(name) for a managed image, it may have C(resource_group), and
        C(version) of a gallery. With C(community_gallery), V(flatcar) or a public name, and C(definition) it may have
        C(version). With C(id) it has that.
      - Without a version, or with V(latest), it is the newest by number. A VM that is there does not differ because
        there is a newer one since then, for Flatcar updates itself.
    type: raw
  plan:
    description:
      - The plan of an image of one's own that was made from a marketplace image, where it does not say that itself. The
        plan of a marketplace image is known.
    type: dict
    suboptions: &plan
      name:
        description: The name of the plan.
        type: str
        required: true
      product:
        description: The offer.
        type: str
        required: true
      publisher:
        description: The publisher.
        type: str
        required: true
      promotion_code:
        description: A promotion code.
        type: str
  accept_terms:
    description:
      - Whether the legal terms of the image are accepted in the subscription where that has not been done. See
        M(flatops.flatcar.azure_image_terms).
    type: bool
    default: false
  ignition:
    description:
      - The Ignition config, as JSON text or as a mapping. At most one of this and O(ignition_file) is possible.
      - It must be valid, of a specification that the image knows, and have at most 65535 bytes.
      - A config of the specification 2, which Flatcar translates when it boots, passes with a warning and unchecked.
    type: json
  ignition_file:
    description: A file with the Ignition config, on the machine on which the module runs.
    type: path
  ignition_in:
    description:
      - V(custom_data) lies on a DVD of the VM, where only root can read it, and the API does not return it. It cannot
        be changed later.
      - V(user_data) can be changed, but everything that runs in the VM can read it from the metadata service, and so
        can everybody who may read the VM in the API. Azure Stack does not have it.
    type: str
    choices: [custom_data, user_data]
    default: custom_data
  admin_username:
    description: The user for O(ssh_public_keys), which the Azure agent makes. Without it that is C(core).
    type: str
  ssh_public_keys:
    description:
      - Public keys for O(admin_username), each as its text, or as a mapping with C(key_data). They are RSA or Ed25519.
      - None are needed where the Ignition config has some. Azure makes no VM without a key, so one is generated then
        whose private half is thrown away.
    type: list
    elements: raw
  zones:
    description: The availability zone, V(1), V(2) or V(3). A VM is in one, so the list has one entry.
    type: list
    elements: str
  availability_set:
    description:
      - The availability set of the VM, by its name in O(resource_group) or by its ID. It goes with no zone and no spot
        VM.
    type: str
  proximity_placement_group:
    description: The proximity placement group, by its name in O(resource_group) or by its ID.
    type: str
  priority:
    description: V(Spot) is cheaper, and Azure may take the VM away at any time.
    type: str
    choices: [Regular, Spot]
  eviction_policy:
    description: What becomes of a spot VM that is taken away. Without it V(Deallocate).
    type: str
    choices: [Deallocate, Delete]
  max_price:
    description:
      - The most that a spot VM may cost in US dollars per hour. V(-1), which is so without it, is the price of a
        regular VM.
    type: float
  vm_identity:
    description: The managed identities of the VM.
    type: dict
    suboptions: &identity
      type:
        description: Which kinds it has.
        type: str
        choices: ["None", SystemAssigned, UserAssigned, "SystemAssigned, UserAssigned"]
        required: true
      user_assigned_identities:
        description: The identities of the kind C(UserAssigned).
        type: dict
        suboptions:
          id:
            description: Their IDs.
            type: list
            elements: str
            required: true
          append:
            description: Whether others that the VM has stay.
            type: bool
            default: true
  boot_diagnostics:
    description:
      - The serial log and the screenshots that Azure keeps of the VM. A new VM has them without this option, in storage
        of Azure's own.
      - When a VM does not come up, the end of its serial log is in RV(vms[].serial_log).
    type: dict
    suboptions: &diagnostics
      enabled:
        description: Whether they are on.
        type: bool
        default: true
      storage_account:
        description: A storage account to keep them, by its name or its blob endpoint. Without it Azure keeps them.
        type: str
  managed_disk_type:
    description:
      - The type of the OS disk. Without it Azure takes C(Premium_LRS) where the size can.
      - A VM that is there is deallocated to get another type; see O(force).
    type: str
    choices: [Standard_LRS, StandardSSD_LRS, StandardSSD_ZRS, Premium_LRS, Premium_ZRS]
  os_disk_size_gb:
    description:
      - The size of the OS disk in GiB, at least that of the image, which is 30. It only grows, for which the VM is
        deallocated (O(force)); the root file system of Flatcar follows at the next boot.
    type: int
  os_disk_caching:
    description: How the host caches the OS disk. Azure takes V(ReadWrite) where nothing is said.
    type: str
    choices: ["None", ReadOnly, ReadWrite]
  ephemeral_os_disk:
    description:
      - Whether the OS disk lies on the host of the VM. It costs nothing and is fast, and is lost when the VM moves to
        another host. Such a VM cannot be deallocated, so what would need that needs a new VM.
    type: bool
  data_disks:
    description: Data disks. Those that others attach, like storage drivers of Kubernetes, are left alone.
    type: list
    elements: dict
    suboptions: &disks
      name:
        description:
          - What tells the disk from others of the VM. The default is V(disk1), V(disk2) and so on by its place here.
          - The managed disk is called like the VM and this, with a hyphen between.
        type: str
      lun:
        description:
          - Its number at the VM, by which the guest finds it as C(/dev/disk/azure/scsi1/lun<number>). Without it that
            is its place here, from 0, or the next one that is free at a VM that is there.
        type: int
      disk_size_gb:
        description: Its size in GiB. It only grows.
        type: int
        required: true
      managed_disk_type:
        description:
          - Its type. Without it Azure takes C(Premium_LRS) where the size can. A VM that is there and has no disk of
            V(UltraSSD_LRS) is deallocated to get one; see O(force).
        type: str
        choices:
          - Standard_LRS
          - StandardSSD_LRS
          - StandardSSD_ZRS
          - Premium_LRS
          - Premium_ZRS
          - PremiumV2_LRS
          - UltraSSD_LRS
      caching:
        description: How the host caches it.
        type: str
        choices: ["None", ReadOnly, ReadWrite]
      keep:
        description:
          - Whether the disk outlives its VM. It is detached before a VM is replaced and comes back to the new one. When
            a VM is removed it stays in the resource group, and a VM that is made under the same name gets it back.
        type: bool
        default: false
  security_profile:
    description:
      - What Azure calls the security profile. Nothing of it is sent that is not asked for, so a VM is of the type that
        the API takes by itself, C(Standard).
    type: dict
    suboptions: &security
      security_type:
        description:
          - The security type. The images of Flatcar in the marketplace take V(Standard) alone.
        type: str
        choices: [Standard, TrustedLaunch, ConfidentialVM]
      encryption_at_host:
        description: Whether the host encrypts caches and local disks. The subscription must be registered for it.
        type: bool
      uefi_settings:
        description: The firmware of O(security_profile.security_type=TrustedLaunch) and V(ConfidentialVM).
        type: dict
        suboptions:
          secure_boot_enabled:
            description: Secure boot.
            type: bool
          v_tpm_enabled:
            description: A virtual TPM.
            type: bool
  network_interface_names:
    description:
      - Network interfaces that are there, by name (in O(resource_group)) or by ID, the primary one first. They are
        neither changed nor deleted.
      - It cannot stand beside the options that make an interface, such as O(subnet_name) and O(public_ip).
    type: list
    elements: str
    aliases: [network_interfaces]
  virtual_network_name:
    description:
      - The virtual network, by name or by ID. With O(create_network) the default is the name of its resource group with
        C(-vnet).
    type: str
    aliases: [virtual_network]
  virtual_network_resource_group:
    description: The resource group of the virtual network, where it is not O(resource_group).
    type: str
  subnet_name:
    description:
      - The subnet, by name or by ID. An ID says all of the network. With O(create_network) the default is C(default);
        otherwise the only subnet of the virtual network is the default.
    type: str
    aliases: [subnet]
  create_resource_group:
    description:
      - Make O(resource_group), and that of the network, where they are missing. It needs O(location).
      - One that was made so is deleted with O(state=absent) when nothing is left in it.
    type: bool
    default: false
  create_network:
    description:
      - Make the virtual network and the subnet where they are missing. Made once, they serve all VMs.
      - A virtual network of this name that this collection has not made is refused; without O(create_network) it is
        used as it is.
      - With O(state=absent) the network goes when no VM uses it any more.
    type: bool
    default: false
  address_prefixes:
    description:
      - The address ranges of a virtual network that is made. The default is V(10.10.0.0/16).
    type: list
    elements: str
  subnet_prefix:
    description:
      - The address range of a subnet that is made. The default are the first 256 addresses of O(address_prefixes).
    type: str
  outbound:
    description:
      - How VMs in a subnet that is made reach the Internet. It must be given with O(create_network).
      - V(nat_gateway) makes a NAT gateway with a public IP address for the subnet, which cost money.
      - V(public_ip) leaves it to the VM's own address, which O(public_ip) must name.
      - V(none) makes a private subnet without a way out. A VM whose Ignition config fetches something from elsewhere
        could not boot there, and is refused.
    type: str
    choices: [nat_gateway, public_ip, none]
  public_ip:
    description:
      - V(create) makes a public IP address for the VM, of the SKU Standard and static, which costs money, and deletes
        it with the VM.
      - V(none) gives it none. Anything else is the name or the ID of one that is there.
      - Nothing from outside reaches an address unless a security group lets it, so V(create) needs
        O(security_group_name) or O(ssh_sources).
    type: str
    default: none
  security_group_name:
    description:
      - The network security group of the interface, by name or by ID.
      - With O(ssh_sources) or O(open_ports) it is one that this collection makes and keeps up to date; its default is
        then the name of the virtual network with C(-nsg). Without them it is one that is there, and is not changed.
    type: str
    aliases: [security_group]
  ssh_sources:
    description:
      - From where ssh (port 22) is let in, as addresses, ranges such as V(203.0.113.0/24), or service tags. V([]) is
        from nowhere.
    type: list
    elements: str
  open_ports:
    description:
      - Ports that are open to everybody, such as V(443), V(30000-32767) or V(53/udp); TCP where nothing is said.
    type: list
    elements: str
  accelerated_networking:
    description:
      - Whether the interface bypasses the virtual switch. The size must be able to; a VM that is there must be
        deallocated for a change (O(force)).
    type: bool
  private_ip:
    description: A fixed private address from the subnet. Without it Azure chooses one.
    type: str
  tags:
    description:
      - Tags of the VM and of what is made for it. Names that begin with C(flatcar-ansible-) are for this collection.
    type: dict
  append_tags:
    description: Whether other tags of the VM stay.
    type: bool
    default: true
  on_ignition_change:
    description:
      - What to do where a VM was made with another Ignition config. Ignition runs at the first boot only.
      - V(fail) fails. V(ignore) only says so in RV(vms[].ignition.changed). V(accept) takes the new config for the one
        that the VM was made with.
      - V(update) writes the new config, which takes O(ignition_in=user_data). It counts when Ignition runs again.
      - V(replace) removes the VM and makes it anew; see O(max_replacements).
    type: str
    choices: [fail, ignore, accept, update, replace]
    default: fail
  on_immutable_change:
    description:
      - What to do where something differs that only a new VM can have, such as the image, the zone, the user, the keys,
        or a smaller disk.
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
    description: Whether a VM that runs is deallocated for a change that takes that, and started again.
    type: bool
    default: false
  instances:
    description:
      - Several VMs, each with options of its own. What one leaves out is as in the task.
      - One that gives O(ignition_file) has no O(ignition) from the task, and one that gives O(zones) or
        O(availability_set) not the other of the two.
    type: list
    elements: dict
    suboptions:
      name:
        description: Like O(name).
        type: str
        required: true
      resource_group:
        description: Like O(resource_group).
        type: str
      location:
        description: Like O(location).
        type: str
      state:
        description: Like O(state).
        type: str
        choices: [present, absent, running, stopped, deallocated, restarted]
      vm_size:
        description: Like O(vm_size).
        type: str
      image:
        description: Like O(image).
        type: raw
      plan:
        description: Like O(plan).
        type: dict
        suboptions: *plan
      accept_terms:
        description: Like O(accept_terms).
        type: bool
      ignition_file:
        description: Like O(ignition_file).
        type: path
      ignition_in:
        description: Like O(ignition_in).
        type: str
        choices: [custom_data, user_data]
      admin_username:
        description: Like O(admin_username).
        type: str
      ssh_public_keys:
        description: Like O(ssh_public_keys).
        type: list
        elements: raw
      zones:
        description: Like O(zones).
        type: list
        elements: str
      availability_set:
        description: Like O(availability_set).
        type: str
      proximity_placement_group:
        description: Like O(proximity_placement_group).
        type: str
      priority:
        description: Like O(priority).
        type: str
        choices: [Regular, Spot]
      eviction_policy:
        description: Like O(eviction_policy).
        type: str
        choices: [Deallocate, Delete]
      max_price:
        description: Like O(max_price).
        type: float
      vm_identity:
        description: Like O(vm_identity).
        type: dict
        suboptions: *identity
      boot_diagnostics:
        description: Like O(boot_diagnostics).
        type: dict
        suboptions: *diagnostics
      managed_disk_type:
        description: Like O(managed_disk_type).
        type: str
        choices: [Standard_LRS, StandardSSD_LRS, StandardSSD_ZRS, Premium_LRS, Premium_ZRS]
      os_disk_size_gb:
        description: Like O(os_disk_size_gb).
        type: int
      os_disk_caching:
        description: Like O(os_disk_caching).
        type: str
        choices: ["None", ReadOnly, ReadWrite]
      ephemeral_os_disk:
        description: Like O(ephemeral_os_disk).
        type: bool
      data_disks:
        description: Like O(data_disks).
        type: list
        elements: dict
        suboptions: *disks
      security_profile:
        description: Like O(security_profile).
        type: dict
        suboptions: *security
      network_interface_names:
        description: Like O(network_interface_names).
        type: list
        elements: str
        aliases: [network_interfaces]
      virtual_network_name:
        description: Like O(virtual_network_name).
        type: str
        aliases: [virtual_network]
      virtual_network_resource_group:
        description: Like O(virtual_network_resource_group).
        type: str
      subnet_name:
        description: Like O(subnet_name).
        type: str
        aliases: [subnet]
      create_resource_group:
        description: Like O(create_resource_group).
        type: bool
      create_network:
        description: Like O(create_network).
        type: bool
      address_prefixes:
        description: Like O(address_prefixes).
        type: list
        elements: str
      subnet_prefix:
        description: Like O(subnet_prefix).
        type: str
      outbound:
        description: Like O(outbound).
        type: str
        choices: [nat_gateway, public_ip, none]
      public_ip:
        description: Like O(public_ip).
        type: str
      security_group_name:
        description: Like O(security_group_name).
        type: str
        aliases: [security_group]
      ssh_sources:
        description: Like O(ssh_sources).
        type: list
        elements: str
      open_ports:
        description: Like O(open_ports).
        type: list
        elements: str
      accelerated_networking:
        description: Like O(accelerated_networking).
        type: bool
      private_ip:
        description: Like O(private_ip).
        type: str
      tags:
        description: Like O(tags).
        type: dict
      append_tags:
        description: Like O(append_tags).
        type: bool
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
notes:
  - Public IP addresses and NAT gateways cost money also while a VM is deallocated, and so do disks. What a task makes
    of these is in RV(vms[].costs).
  - Anything in the VM that can be root can read its custom data again. Secrets that must not stay there do not belong
    into an Ignition config.
seealso:
  - module: flatops.flatcar.azure_vm_info
  - module: flatops.flatcar.azure_image_info
  - module: flatops.flatcar.azure_image_terms
  - module: flatops.flatcar.azure_image
  - name: Running Flatcar on Microsoft Azure
    description: The documentation of the Flatcar project.
    link: https://www.flatcar.org/docs/latest/installing/cloud/azure/
"""

EXAMPLES = r"""
---
- name: Make a VM in a subscription with nothing in it
  flatops.flatcar.azure_vm:
    name: node1
    resource_group: flatcar
    location: westeurope
    create_resource_group: true
    create_network: true
    outbound: public_ip
    public_ip: create
    ssh_sources: [198.51.100.0/24]
    vm_size: Standard_D2s_v5
    image: stable
    accept_terms: true
    ignition: "{{ query('flatops.flatcar.fragments') | flatops.flatcar.to_ignition }}"
  delegate_to: localhost
  register: made

- name: Show its address and what it costs besides
  ansible.builtin.debug:
    msg: "{{ made.vms[0].public_ips }} {{ made.vms[0].costs }}"

- name: Make a group of Arm64 VMs in a network that is there, with disks that outlive them
  flatops.flatcar.azure_vm:
    resource_group: flatcar
    virtual_network_name: prod
    virtual_network_resource_group: network
    subnet_name: nodes
    vm_size: Standard_D4ps_v5
    image: {channel: stable, arch: arm64}
    on_ignition_change: replace
    data_disks:
      - name: data
        disk_size_gb: 128
        managed_disk_type: Premium_LRS
        keep: true
    instances:
      - name: node1
        zones: ["1"]
        ignition_file: /run/user/1000/node1.ign
      - name: node2
        zones: ["2"]
        ignition_file: /run/user/1000/node2.ign
  delegate_to: localhost

- name: Make a spot VM of an image in a gallery, with an identity
  flatops.flatcar.azure_vm:
    name: worker
    resource_group: flatcar
    virtual_network_name: prod
    vm_size: Standard_D2ds_v5
    image: {gallery: images, definition: flatcar, version: 4593.2.5}
    priority: Spot
    eviction_policy: Delete
    ephemeral_os_disk: true
    vm_identity:
      type: SystemAssigned
    ignition_file: worker.ign
  delegate_to: localhost

- name: Deallocate a VM
  flatops.flatcar.azure_vm:
    name: node1
    resource_group: flatcar
    state: deallocated
  delegate_to: localhost

- name: Remove it, and the network that was made with it
  flatops.flatcar.azure_vm:
    name: node1
    resource_group: flatcar
    create_resource_group: true
    create_network: true
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
vms:
  description: The VMs in the order of O(instances), or the one VM.
  returned: always, unless nobody could log in
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      returned: always
      type: str
      sample: node1
    changed:
      description: Whether something was done for it, also by work that failed later.
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
        - What was done, or in check mode would be, in this order. Each is one of V(terms_accepted),
          V(network_created), V(network_updated), V(created), V(updated), V(stamped), V(started), V(stopped),
          V(deallocated), V(restarted), V(deleted) and V(network_deleted). What is done once for several VMs is told
          with the first of them.
      returned: always
      type: list
      elements: str
      sample: [network_created, created]
    created:
      description: The IDs of what was made, the VM and what it needs.
      returned: always
      type: list
      elements: str
      sample:
        - /subscriptions/<id>/resourceGroups/flatcar/providers/Microsoft.Compute/virtualMachines/node1
    costs:
      description: What of that costs money besides the VM and its disks.
      returned: always
      type: list
      elements: str
      sample: ["public IP address node1-ip"]
    id:
      description: Its ID; V(null), as the following, where it is not there.
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
    ignition:
      description: The Ignition config that is described.
      returned: always
      type: dict
      contains:
        sha256:
          description: A digest of what it says; V(null) where none is given.
          returned: always
          type: str
          sample: d8636f1e83cff0947ca63c1149600f6c29d7a3564a8ca44601748268c0ffddc3
        bytes:
          description: Its size.
          returned: always
          type: int
          sample: 1896
        where:
          description: The value of O(ignition_in).
          returned: always
          type: str
          sample: custom_data
        changed:
          description:
            - Whether it differs from the one that the VM was made with. V(null) where there was no VM, or where it does
              not say.
          returned: always
          type: bool
          sample: false
    drift:
      description:
        - In what it differed from what is described, with C(field), C(before), C(after) and C(needs), which is V(live),
          V(deallocate) or V(rebuild).
      returned: always
      type: list
      elements: dict
      sample:
        - {field: vm_size, before: Standard_D2s_v5, after: Standard_D4s_v5, needs: deallocate}
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
      sample: quota
    msg:
      description: What went wrong, and what to do.
      returned: when it failed
      type: str
      sample: The VM node1 was made with another Ignition config.
    azure_code:
      description: As RV(azure_code); so are C(target), C(details), C(request_id), C(action), C(scope), C(candidates).
      returned: when Azure gave one
      type: str
      sample: QuotaExceeded
    left_behind:
      description:
        - The IDs of what a failed creation left. That is what could not be removed, what Azure may still be at work on,
          a VM whose system did not come up in time, and after a replacement the interfaces and disks of the VM before.
          The next run goes on with it.
      returned: when there is something
      type: list
      elements: str
      sample: []
    serial_log:
      description: The last lines of the serial log.
      returned: when it failed while it was made, and there is a log
      type: list
      elements: str
      sample: ["ignition[612]: fetching config from azure"]
    serial_cause:
      description: What in the log may have kept the machine from coming up; V(null) where nothing does.
      returned: with RV(vms[].serial_log)
      type: str
      sample: null
error_code:
  description:
    - What went wrong with the first VM that failed, in a word for programs. It is one of V(ambiguous),
      V(authentication), V(bad_option), V(capacity), V(conflict), V(connect), V(digest_mismatch), V(fault),
      V(ignition_changed), V(ignition_invalid), V(immutable_changed), V(in_use), V(missing_library), V(name_exists),
      V(no_egress), V(no_permission), V(not_found), V(not_ours), V(not_registered), V(os_timeout), V(plan_required),
      V(policy), V(power_state), V(quota), V(replacement_limit), V(signature_bad), V(size_unfit),
      V(source_unreadable), V(terms_required), V(throttled), V(timeout), V(tls_untrusted), V(unsupported),
      V(upload_failed), V(userdata_too_large) and V(vhd_invalid).
  returned: failure
  type: str
  sample: quota
azure_code:
  description: The code of the error as Azure gives it.
  returned: when Azure gave one
  type: str
  sample: QuotaExceeded
target:
  description: What Azure says that the error is about.
  returned: when Azure says so
  type: str
  sample: vmSize
details:
  description: Further errors that Azure gives with it, each with C(code), C(message) and C(target).
  returned: when Azure gives some
  type: list
  elements: dict
  sample: []
request_id:
  description: The number of the request, for Azure's support.
  returned: when Azure gave one
  type: str
  sample: 5f0c3b1e-6a1c-4c3f-9b0e-1d2c3b4a5f60
action:
  description: The permission that the account lacks.
  returned: when RV(error_code) is V(no_permission)
  type: str
  sample: Microsoft.Compute/virtualMachines/write
scope:
  description: Where it lacks it.
  returned: when RV(error_code) is V(no_permission)
  type: str
  sample: /subscriptions/<id>/resourceGroups/flatcar
candidates:
  description: What could have been meant, such as sizes that fit.
  returned: when something is ambiguous, unfit or not found
  type: list
  elements: raw
  sample: [Standard_D2s_v5]
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule, env_fallback

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import arguments, vm_instances, vm_options
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import open_session
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet import options
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.results import Done

SPEC: dict[str, t.Any] = {**arguments.auth_spec(env_fallback), **vm_options.SPEC}
#: What the task says of the first VM that failed, besides the message and the code.
ABOUT = ("azure_code", "target", "details", "request_id", "action", "scope", "candidates")


def run(module: AnsibleModule) -> Done:
    with open_session(module.params, module.check_mode) as session:
        return vm_instances.run(session, module.params, check=module.check_mode)


def main() -> None:
    module = AnsibleModule(
        argument_spec=SPEC,
        mutually_exclusive=vm_options.MUTUALLY_EXCLUSIVE,
        required_one_of=vm_options.REQUIRED_ONE_OF,
        supports_check_mode=True,
    )
    module.no_log_values.clear()
    module.no_log_values.update(options.secrets(module.params, SPEC))
    invocation = {"module_args": options.shown(module.params, SPEC)}
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
