# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: guestinfo_decode
author: The flatops.flatcar developers (@flatops)
version_added: 1.2.0
short_description: The user data in guestinfo keys
description:
  - Gives the user data that Flatcar reads from the settings of a VM, decoded and decompressed. It is the reverse of
    P(flatops.flatcar.guestinfo#filter), and reads what other programs have set as well.
  - C(guestinfo.ignition.config.data) goes before the older C(guestinfo.coreos.config.data), as in the machine.
  - A machine that has started for the first time has written an empty config over its user data.
positional: _input
options:
  _input:
    description:
      - A mapping of keys, a list of arguments of ovftool, or the text of a VMX file.
      - With O(encoding), one value.
    type: raw
    required: true
  encoding:
    description:
      - The encoding of a value that stands alone, by one of the names that Ignition knows. V(plain) reverses the
        escaping that VMX files need.
    type: str
    choices: [plain, base64, b64, gz+base64, gzip+base64, gz+b64, gzip+b64]
seealso:
  - plugin: flatops.flatcar.guestinfo
    plugin_type: filter
  - plugin: flatops.flatcar.describe_ignition
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Show what the VM of a VMX file is going to be
  ansible.builtin.debug:
    msg: "{{ vmx | flatops.flatcar.guestinfo_decode | flatops.flatcar.describe_ignition }}"
  vars:
    vmx: "{{ lookup('ansible.builtin.file', 'node1.vmx') }}"

- name: Decode one value
  ansible.builtin.debug:
    msg: "{{ 'eyJpZ25pdGlvbiI6eyJ2ZXJzaW9uIjoiMy40LjAifX0=' | flatops.flatcar.guestinfo_decode(encoding='base64') }}"
"""

RETURN = r"""
_value:
  description: The text of the user data.
  type: str
  sample: '{"ignition":{"version":"3.4.0"}}'
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import guestinfo, guestinfo_formats
from ansible_collections.flatops.flatcar.plugins.plugin_utils._args import validated
from ansible_collections.flatops.flatcar.plugins.plugin_utils._errors import raised_as
from ansible_collections.flatops.flatcar.plugins.plugin_utils._plain import PlainError, kind, plain
from ansible_collections.flatops.flatcar.plugins.plugin_utils._text import text

SPEC = {"encoding": {"type": "str", "choices": ["plain", *filter(None, guestinfo.DECODINGS)]}}


def guestinfo_decode(value: t.Any, **options: t.Any) -> str:
    value = plain(value)
    with raised_as(AnsibleFilterError, "guestinfo_decode"):
        encoding = validated(SPEC, plain(options))["encoding"]
        if encoding:
            if not isinstance(value, str):
                raise PlainError(f"{kind(value)} where one value is wanted, as text, since there is an encoding")
            return _text(guestinfo.decoded(value, "" if encoding == "plain" else encoding, "the value"))
        data = guestinfo.decode(_keys(value))
        if data is None:
            raise PlainError(f"there are no user data, that is, no {guestinfo.DATA}")
        return _text(data)


def _text(data: bytes) -> str:
    try:
        return text(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise PlainError("the user data are no text") from None


def _keys(value: t.Any) -> dict[str, str]:
    if isinstance(value, str):
        return guestinfo_formats.from_vmx(value)
    if isinstance(value, list):
        return guestinfo_formats.from_ovftool(map(str, value))
    if isinstance(value, dict):
        return {key: str(member) for key, member in value.items() if member is not None}
    raise PlainError(f"{kind(value)} where a mapping of keys, arguments of ovftool or the text of a VMX file is wanted")


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"guestinfo_decode": guestinfo_decode}
