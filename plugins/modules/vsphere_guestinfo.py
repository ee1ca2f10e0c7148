#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: vsphere_guestinfo
short_description: Set the guestinfo keys of a VM on vSphere
version_added: 1.2.0
author: The flatops.flatcar developers (@flatops)
description:
  - Sets, or takes away, the settings of a VM that is there already, from which Flatcar takes its user data and the
    network of its first boot. M(flatops.flatcar.vsphere_vm) makes VMs with them.
  - Ignition reads its config at the first boot only. When it has, the machine writes an empty one over it, so the
    config is compared by a digest that this collection keeps among the settings of the VM, where the guest cannot see
    it.
  - A config that is there already, however it is encoded, only gets that digest.
  - Other keys are compared by their values.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.vsphere
  - flatops.flatcar.guestinfo
  - flatops.flatcar.guestinfo.ignition
attributes:
  check_mode:
    support: full
    details: Checks whether the VM is on, too. It cannot tell whether a guest would shut down.
  diff_mode:
    support: full
    details: Shows SHA-256 digests and lengths, since every value may be secret.
  idempotent:
    support: full
options:
  name:
    description:
      - The name of the VM. With O(folder), or O(datacenter), it is looked for there only.
      - Exactly one of O(name), O(uuid) and O(moid) is required.
    type: str
  folder:
    description: The folder of O(name), as a path such as V(/DC0/vm/prod) or its end.
    type: str
  datacenter:
    description: The datacenter of O(name) or O(uuid).
    type: str
  uuid:
    description: The instance UUID or the BIOS UUID of the VM.
    type: str
  moid:
    description: The managed object id of the VM.
    type: str
  state:
    description:
      - V(present) sets what the other options describe, and leaves other keys as they are.
      - V(absent) takes away the user data, the network arguments, C(guestinfo.hostname), C(guestinfo.interface.*) and
        C(guestinfo.dns.*), and the keys of O(settings). The other options for keys are not looked at.
    type: str
    choices: [present, absent]
    default: present
  settings:
    description:
      - Further keys with their values. An empty value takes a key away.
      - The keys of the user data have options of their own.
      - The values are shown nowhere.
    type: dict
    default: {}
  allow_any_key:
    description: Let O(settings) and O(purge) name keys that do not begin with C(guestinfo.).
    type: bool
    default: false
  purge:
    description:
      - Prefixes of keys that are taken away where the other options do not set them, such as C(guestinfo.interface.).
      - Not those that VMware Tools and the server keep, unless a prefix names them, and never those of this collection.
    type: list
    elements: str
    default: []
  apply:
    description:
      - What to do where something changes and the VM runs.
      - V(require_off) fails.
      - V(power_cycle) shuts the guest down, which needs VMware Tools, sets the keys, and turns the VM on.
      - V(live) sets the keys in the running VM. They may be gone when it is turned off.
    type: str
    choices: [require_off, power_cycle, live]
    default: require_off
  shutdown_timeout:
    description: How many seconds the guest has to shut down.
    type: int
    default: 120
  force:
    description: Let O(apply=power_cycle) turn the VM off where the guest does not shut down.
    type: bool
    default: false
notes:
  - Another O(encoding) alone changes nothing while the config is the same.
  - The user needs the privilege C(VirtualMachine.Config.AdvancedConfig), and for O(apply=power_cycle)
    C(VirtualMachine.Interact.PowerOff) and C(VirtualMachine.Interact.PowerOn).
seealso:
  - module: flatops.flatcar.vsphere_vm
  - module: flatops.flatcar.node_reset
  - plugin: flatops.flatcar.guestinfo
    plugin_type: filter
  - plugin: flatops.flatcar.network_kargs
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Give a VM that is off another config
  flatops.flatcar.vsphere_guestinfo:
    name: node1
    folder: /DC0/vm/prod
    ignition_file: node1.ign
    guest_hostname: node1
    network_kargs:
      address: 10.0.0.2/24
      gateway: 10.0.0.1
      interface: ens192
      dns: [10.0.0.53]
  delegate_to: localhost

- name: Provision a running VM anew with its next boot
  block:
    - name: Set the config
      flatops.flatcar.vsphere_guestinfo:
        name: "{{ inventory_hostname }}"
        ignition: "{{ query('flatops.flatcar.fragments') | flatops.flatcar.to_ignition }}"
        apply: live
      delegate_to: localhost
      register: guestinfo

    - name: Let Ignition run again
      ansible.builtin.raw: touch /boot/flatcar/first_boot
      become: true
      changed_when: true
      when: guestinfo.requires_reprovision

    - name: Reboot
      flatops.flatcar.node_reboot:
      become: true
      when: guestinfo.requires_reprovision

- name: Take secrets away that are not needed any longer
  flatops.flatcar.vsphere_guestinfo:
    uuid: 503c1f22-2a6e-4b7a-8f0e-1c0ffee00001
    purge: [guestinfo.myapp.]
    apply: power_cycle
  delegate_to: localhost
"""

RETURN = r"""
vm:
  description: The VM.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      returned: always
      type: str
      sample: node1
    moid:
      description: Its managed object id.
      returned: always
      type: str
      sample: vm-12
    instance_uuid:
      description: Its instance UUID.
      returned: always
      type: str
      sample: 503c1f22-2a6e-4b7a-8f0e-1c0ffee00001
    power_state:
      description: V(powered_on), V(powered_off) or V(suspended), before the task.
      returned: always
      type: str
      sample: powered_off
actions:
  description: What was done, in order, of V(shut_down), V(powered_off), V(changed) and V(powered_on).
  returned: success
  type: list
  elements: str
  sample: [changed]
changed_keys:
  description: The names of the keys that were set or taken away.
  returned: success
  type: list
  elements: str
  sample: [flatcar.ansible.ignition_sha256, guestinfo.ignition.config.data, guestinfo.ignition.config.data.encoding]
removed_keys:
  description: The names of those that were taken away.
  returned: success
  type: list
  elements: str
  sample: []
sizes:
  description: The sizes in bytes of the values that were set.
  returned: success
  type: dict
  sample: {guestinfo.ignition.config.data: 1832, guestinfo.ignition.config.data.encoding: 9}
ignition:
  description: The user data that the options describe.
  returned: when there are any
  type: dict
  contains:
    sha256:
      description: The digest by which they are compared.
      returned: always
      type: str
      sample: 3526f9c3cc9cb64e32b16d1099abd93a09f82e0d98d7348051dcb5ab65262b9d
    encoded_bytes:
      description: The size of the encoded data; 0 with a URL.
      returned: always
      type: int
      sample: 1832
    encoding:
      description: The encoding; empty with a URL.
      returned: always
      type: str
      sample: gz+base64
    changed:
      description: Whether the VM had others.
      returned: always
      type: bool
      sample: true
requires_reboot:
  description: Whether the guest runs and does not see the new keys before it boots again.
  returned: success
  type: bool
  sample: false
requires_reprovision:
  description: Whether something changed that the guest reads at its first boot only, which it has had already.
  returned: success
  type: bool
  sample: true
hint:
  description: What to do then.
  returned: when RV(requires_reprovision)
  type: str
  sample: Ignition, and the network of the initial RAM disk, come at the first boot only.
error_code:
  description:
    - What went wrong, in a word for programs. It is one of V(ambiguous), V(bad_option), V(connect), V(fault),
      V(guestinfo_too_large), V(ignition_invalid), V(import_unfinished), V(login), V(missing_library), V(no_permission),
      V(not_found), V(power_state), V(restricted_license), V(session_lost), V(timeout) and V(tls_untrusted).
  returned: failure
  type: str
  sample: power_state
privilege:
  description: The privilege that is missing.
  returned: when RV(error_code) is V(no_permission)
  type: str
  sample: VirtualMachine.Config.AdvancedConfig
candidates:
  description: The objects that can be meant.
  returned: when RV(error_code) is V(ambiguous)
  type: list
  elements: dict
  sample: [{path: /DC0/vm/node1, moid: vm-12}, {path: /DC1/vm/node1, moid: vm-31}]
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule, env_fallback

from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
    arguments,
    guestinfo_apply,
    guestinfo_arguments,
    guestinfo_change,
    masking,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session, connect
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.guestinfo import Guestinfo, guestinfo
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Identity, Inventory, machines
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine, observe_one

IDENTITY = ("name", "uuid", "moid")
SPEC = {
    **arguments.auth_spec(env_fallback),
    **{name: {"type": "str"} for name in Identity._fields},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    **guestinfo_arguments.SPEC,
    "settings": {"type": "dict", "default": {}, "no_log": True},
    "allow_any_key": {"type": "bool", "default": False},
    "purge": {"type": "list", "elements": "str", "default": []},
    "apply": {"type": "str", "choices": list(guestinfo_apply.HOW), "default": guestinfo_apply.HOW[0]},
    "shutdown_timeout": {"type": "int", "default": 120},
    "force": {"type": "bool", "default": False},
}


def run(module: AnsibleModule) -> dict[str, t.Any]:
    options = module.params
    guestinfo_change.check_keys(options["settings"], options["purge"], options["allow_any_key"])
    is_present = options["state"] == "present"
    wanted = guestinfo_arguments.read(options, options["settings"]) if is_present else guestinfo(None)
    with connect(arguments.settings(options)) as session:
        seen = found(session, Identity(**{name: options[name] for name in Identity._fields}))
        if is_present:
            change = guestinfo_change.present(seen.extra, wanted, options["purge"])
        else:
            change = guestinfo_change.absent(seen.extra, options["settings"], options["purge"])
        guestinfo_apply.check(seen, change, options["apply"])
        actions = []
        if not module.check_mode:
            names = ("force", "shutdown_timeout")
            further = {name: options[name] for name in names}
            actions = guestinfo_apply.carry_out(session, seen, change, options["apply"], **further)
    live = bool(change.of_guest) and guestinfo_apply.runs(seen) and options["apply"] == "live"
    for warning in [*wanted.warnings, *([guestinfo_apply.LIVE] if live else [])]:
        module.warn(warning)
    return {**described(seen, change, wanted), "actions": actions, "requires_reboot": live}


def found(session: Session, identity: Identity) -> Machine:
    (ref,) = machines(session, Inventory.load(session), [identity])
    if ref is None:
        what = ", ".join(f"{name} {value!r}" for name, value in identity._asdict().items() if value)
        raise VsphereError("not_found", f"There is no VM of {what} that the user may see.")
    return observe_one(session, ref)


def described(seen: Machine, change: guestinfo_change.Change, wanted: Guestinfo) -> dict[str, t.Any]:
    result: dict[str, t.Any] = {
        "changed": bool(change.values),
        "vm": {
            "name": seen.name,
            "moid": seen.moid,
            "instance_uuid": seen.instance_uuid,
            "power_state": seen.power,
        },
        "changed_keys": change.names,
        "removed_keys": change.removed,
        "sizes": change.sizes,
        "requires_reprovision": guestinfo_apply.needs_reprovisioning(seen, change, wanted),
        "diff": change.diff,
    }
    if wanted.ignition_sha256:
        result["ignition"] = {
            "sha256": wanted.ignition_sha256,
            "encoded_bytes": wanted.encoded_bytes,
            "encoding": wanted.encoding,
            "changed": change.user_data,
        }
    if result["requires_reprovision"]:
        result["hint"] = guestinfo_apply.REPROVISION
    return result


def main() -> None:
    module = AnsibleModule(
        argument_spec=SPEC,
        required_one_of=[IDENTITY],
        required_by=arguments.REQUIRED_BY,
        mutually_exclusive=[IDENTITY, ("folder", "uuid"), ("folder", "moid"), *guestinfo_arguments.MUTUALLY_EXCLUSIVE],
        supports_check_mode=True,
    )
    masking.mask_whole(module.no_log_values, module.params)
    invocation = masking.invocation(module.params, "settings")
    try:
        module.exit_json(invocation=invocation, **run(module))
    except FleetError as error:
        module.fail_json(msg=str(error), error_code=error.code, invocation=invocation, **error.about)


if __name__ == "__main__":
    main()
