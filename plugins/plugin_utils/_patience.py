# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Connections to a node that may be down."""

from __future__ import annotations

import contextlib
import typing as t

from ansible.errors import AnsibleError

# A connection to a node that goes down without a word would otherwise be waited for as long as TCP does. Those that
# carry files notice it by these arguments, too.
_ALIVE = "-o ServerAliveInterval=5 -o ServerAliveCountMax=3"


@contextlib.contextmanager
def patient(connection: t.Any, timeout: int) -> t.Iterator[None]:
    """Connections that wait timeout seconds, and notice that the node has gone."""
    kept = {}
    for name, change in (("timeout", lambda dummy: timeout), ("ssh_common_args", lambda old: f"{old or ''} {_ALIVE}")):
        try:
            kept[name] = connection.get_option(name)
        except KeyError:
            continue
        connection.set_option(name, change(kept[name]))
    try:
        yield
    finally:
        for name, value in kept.items():
            connection.set_option(name, value)
        reset(connection)


def reset(connection: t.Any) -> None:
    """End a connection that is kept open, if the plugin can."""
    with contextlib.suppress(AttributeError, AnsibleError):
        connection.reset()
