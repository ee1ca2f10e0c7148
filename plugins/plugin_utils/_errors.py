# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Errors of the cores and of what stands around them, as Ansible's."""

from __future__ import annotations

import contextlib
import typing as t

from ansible.errors import AnsibleError

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.errors import FragmentError
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._report.errors import ReportError
from ansible_collections.flatops.flatcar.plugins.plugin_utils._args import OptionsError
from ansible_collections.flatops.flatcar.plugins.plugin_utils._plain import PlainError


class BadFragmentError(AnsibleError):
    """Something that is no fragment, or one that cannot be had."""

    code = "bad_fragment"


@contextlib.contextmanager
def raised_as(kind: type[AnsibleError], name: str) -> t.Iterator[None]:
    """Whatever the cores raise within becomes an error of this kind that begins with the plugin's name."""
    try:
        yield
    except (BadFragmentError, FleetError, FragmentError, NodeError, OptionsError, PlainError, ReportError) as error:
        # Not "from error": ansible-core 2.19 and later would say the cause once more.
        raise kind(f"{name}: {error}") from None
