# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The host name of a machine as part of its Ignition config."""

from __future__ import annotations

import re
import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema

#: What systemd takes as the text of /etc/hostname; 64 is the limit of Linux.
HOSTNAME = re.compile(r"(?=.{1,64}\Z)[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*(?:\.[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*)*\Z")
#: What a name that does not match is told.
NO_HOSTNAME = "is not a host name (letters, digits, hyphens and dots, at most 64)"


def config(name: str) -> schema.Config:
    """A config that sets a host name, of the lowest version, so that it never raises that of what it is merged with."""
    from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.schema import VERSIONS

    file = {
        "path": "/etc/hostname",
        "overwrite": True,
        "mode": 0o644,
        "contents": {"source": f"data:,{name}", "compression": ""},
    }
    return {"ignition": {"version": VERSIONS[0]}, "storage": {"files": [file]}}
