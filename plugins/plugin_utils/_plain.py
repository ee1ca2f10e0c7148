# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Values as they come from Ansible, turned into plain Python once, at the door."""

from __future__ import annotations

import datetime
import typing as t
from collections.abc import Mapping

from ansible.errors import AnsibleError, AnsibleUndefinedVariable
from jinja2.runtime import Undefined

try:
    from ansible.parsing.vault import EncryptedString as VaultedText
except ImportError:  # ansible-core 2.18 and older
    from ansible.parsing.yaml.objects import AnsibleVaultEncryptedUnicode as VaultedText


class PlainError(AnsibleError):
    """A value of a type that has no place in a description."""

    code = "bad_value"


def plain(value: t.Any) -> t.Any:
    """The value in plain dicts, lists, texts, numbers, bools and None; dates and bytes stay as they are.

    ansible-core 2.19 and later tags values and fills containers lazily, older ones mark texts: all are subclasses of
    the plain types, of which json and yaml know nothing. A vaulted text is its clear text. Raises
    AnsibleUndefinedVariable for what is undefined and PlainError for what has no plain type.
    """
    # ansible-core 2.18 and older: a vaulted text is a Sequence, but not a str.
    if isinstance(value, VaultedText):
        return str.__str__(str(value))
    if isinstance(value, str):
        return str.__str__(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, Mapping):
        return {plain(key): plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, (bytes, datetime.date)):
        return value
    if isinstance(value, Undefined):
        raise AnsibleUndefinedVariable(_undefined(value))
    raise PlainError(f"a value of type {kind(value)} cannot be used here")


def kind(value: t.Any) -> str:
    """What a user calls the type of a value."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a bool"
    if isinstance(value, (str, VaultedText)):
        return "text"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    return type(value).__name__


def _undefined(value: Undefined) -> str:
    name = getattr(value, "_undefined_name", None)
    return f"{name!r} is undefined" if name else "a value is undefined"
