# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Argument specifications of the actions, and of the filters and tests that share options with them."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.limits import MAX_BYTES

Spec = dict[str, dict[str, t.Any]]

RENDER: Spec = {
    "files_dir": {"type": "path"},
    "files_dir_symlinks": {"type": "str", "choices": ["refuse", "follow"], "default": "refuse"},
    "strict": {"type": "bool", "default": True},
    "pretty": {"type": "bool", "default": False},
    "allow_experimental": {"type": "bool", "default": False},
    "max_bytes": {"type": "int", "default": MAX_BYTES},
}
RECORD: Spec = {"first_boot_record": {"type": "bool", "default": False}}

IGNITION: Spec = {
    "butane": {"type": "raw"},
    "ignition": {"type": "json"},
    "dest": {"type": "path"},
    "mode": {"type": "raw", "default": "0600"},
    "backup": {"type": "bool", "default": False},
    "return_content": {"type": "bool", "default": False},
    **RENDER,
    **RECORD,
}
IGNITION_RULES = {"mutually_exclusive": [("butane", "ignition")], "required_one_of": [("butane", "ignition")]}


NODE_UNIT: Spec = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["started", "stopped", "restarted", "reloaded"]},
    "enabled": {"type": "bool"},
    "masked": {"type": "bool"},
    "daemon_reload": {"type": "bool", "default": True},
    "timeout": {"type": "int", "default": 120},
    "journal_lines": {"type": "int", "default": 20},
}


NODE_FACTS: Spec = {
    "gather_subset": {
        "type": "list",
        "elements": "str",
        "choices": ["min", "all", "runtime", "network", "kubelet", "ignition", "journal"],
        "default": ["runtime", "network", "kubelet", "ignition"],
    },
    "journal_lines": {"type": "int", "default": 50},
}

NODE_COMMAND: Spec = {
    "argv": {"type": "list", "elements": "str", "required": True},
    "stdin": {"type": "str"},
    "read_only": {"type": "bool", "default": False},
    "creates": {"type": "str"},
    "timeout": {"type": "int", "default": 600},
    "success_codes": {"type": "list", "elements": "int", "default": [0]},
    "stdout_file": {"type": "path"},
    "secret_output": {"type": "bool", "default": False},
}
NODE_COMMAND_RULES = {"mutually_exclusive": [("creates", "read_only")]}

NODE_DIAGNOSE: Spec = {"dest": {"type": "path", "required": True}}

NODE_REBOOT: Spec = {
    "message": {"type": "str", "default": "Reboot by Ansible"},
    "pre_commands": {"type": "list", "elements": "str", "default": []},
    "post_commands": {"type": "list", "elements": "str", "default": []},
    "reboot_timeout": {"type": "int", "default": 600},
    "connect_timeout": {"type": "int", "default": 10},
    "post_timeout": {"type": "int", "default": 300},
    "fail_on_degraded": {"type": "bool", "default": True},
}

#: Of every module that reboots: how long it waits.
_REBOOT: Spec = {name: NODE_REBOOT[name] for name in ("reboot_timeout", "connect_timeout", "post_timeout")}

NODE_FIRST_BOOT: Spec = {
    "timeout": {"type": "int", "default": 600},
    "connect_timeout": NODE_REBOOT["connect_timeout"],
}

NODE_UPDATE: Spec = {
    "version": {"type": "str", "default": "latest"},
    "state": {"type": "str", "choices": ["staged", "booted"], "default": "staged"},
    "allow_downgrade": {"type": "bool", "default": False},
    "channel": {"type": "str"},
    "server": {"type": "str"},
    "automatic_updates": {"type": "bool"},
    "on_reboot_authority": {"type": "str", "choices": ["fail", "ignore"], "default": "fail"},
    "timeout": {"type": "int", "default": 1800},
    "message": {"type": "str", "default": "Update by Ansible"},
    **_REBOOT,
    "fail_on_degraded": NODE_REBOOT["fail_on_degraded"],
}

NODE_RESET: Spec = {
    "butane": {"type": "raw"},
    "ignition": {"type": "json"},
    "keep_paths": {"type": "list", "elements": "str", "default": ["/etc/ssh/ssh_host_.*"]},
    "keep_machine_id": {"type": "bool", "default": False},
    "message": {"type": "str", "default": "Reset by Ansible"},
    **_REBOOT,
    "fail_on_degraded": NODE_REBOOT["fail_on_degraded"],
    **RENDER,
}
NODE_RESET_RULES = IGNITION_RULES


#: What a role says of its fragment in meta/fragment.yml.
FRAGMENT: Spec = {
    "seed": {"type": "list", "elements": "str", "default": []},
    "merge": {"type": "list", "elements": "str", "default": []},
}

NODE_CONFIG: Spec = {
    "butane": {"type": "raw"},
    "ignition": {"type": "json"},
    "name": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    **FRAGMENT,
    "first_boot_only": {"type": "str", "choices": ["fail", "ignore"], "default": "fail"},
    "backup": {"type": "bool", "default": False},
    **{name: RENDER[name] for name in ("files_dir", "files_dir_symlinks", "strict")},
}
NODE_CONFIG_RULES = IGNITION_RULES


class OptionsError(Exception):
    """Options that do not fit their specification; the message is Ansible's."""

    code = "bad_option"


def validated(spec: Spec, options: dict[str, t.Any], **rules: t.Any) -> dict[str, t.Any]:
    """The options by their types and with their defaults. rules are those of AnsibleModule. Raises OptionsError."""
    result = ArgumentSpecValidator(spec, **rules).validate(options)
    if result.error_messages:
        unsupported = "unsupported option: " if isinstance(result.errors[0], UnsupportedError) else ""
        raise OptionsError(unsupported + "; ".join(result.error_messages))
    return {name: result.validated_parameters[name] for name in spec}
