# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Text that stays text on its way out of a filter, a lookup or an action."""

from __future__ import annotations

import typing as t

try:
    # ansible-core 2.18 and older
    from ansible.utils.native_jinja import NativeJinjaText
except ImportError:
    NativeJinjaText = None
else:
    from ansible.utils.unsafe_proxy import wrap_var


def text(value: t.Any) -> t.Any:
    """The plain value (a text, or texts in lists and mappings) in the form in which Ansible leaves its texts alone.

    ansible-core 2.18 and older turns a text that looks like JSON into a mapping unless it is a NativeJinjaText, and
    templates {{ }} in it once more unless it is marked unsafe; a text of another program (Go templates, systemd
    specifiers in braces) would fail, and a lookup in it would run. Later cores do neither.
    """
    if NativeJinjaText is None:
        return value
    if isinstance(value, str):
        return wrap_var(NativeJinjaText(value))
    if isinstance(value, dict):
        return {key: text(member) for key, member in value.items()}
    if isinstance(value, list):
        return [text(item) for item in value]
    return value
