# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""pyvmomi, the one place where it is imported: vim, vmodl, SoapStubAdapter, MethodFault.

Where it is missing these names are there without use, so that whoever only imports this works; needed() says so.
"""

from __future__ import annotations

import sys
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

try:
    import pyVmomi

    PROBLEM = None
except ImportError as error:
    pyVmomi = None
    PROBLEM = str(error)

vim: t.Any = getattr(pyVmomi, "vim", None)
vmodl: t.Any = getattr(pyVmomi, "vmodl", None)
SoapStubAdapter: t.Any = getattr(pyVmomi, "SoapStubAdapter", None)
#: All faults of a server are of this class.
MethodFault: type[Exception] = vmodl.MethodFault if vmodl else ImportError

#: A reference to a managed object.
Ref = t.Any


def needed() -> None:
    """VsphereError when pyvmomi cannot be used."""
    if PROBLEM:
        raise VsphereError(
            "missing_library",
            f"The Python package pyvmomi cannot be imported by {sys.executable} ({PROBLEM}). Install it there: "
            "pip install pyvmomi.",
        )
