# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a VM writes to its serial console while it boots for the first time."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.world import World

_LOG = """\
[    0.000000] Linux version 6.12.0-flatcar (build@pony) #1 SMP PREEMPT_DYNAMIC
[    2.112321] ignition[612]: Ignition 2.20.0
[    2.113001] ignition[612]: fetching config from azure
[    4.871120] ignition[640]: files: op(1): [finished] writing file
[    5.020011] ignition[640]: Ignition finished successfully

This is {name} (Linux x86_64 6.12.0-flatcar)
{name} login:
"""


def _serial(world: World, request: Request, vm_id: str) -> Answer:
    for vm in world.within("", "Microsoft.Compute/virtualMachines"):
        if vm["properties"]["vmId"] == vm_id:
            return Answer(200, _LOG.format(name=vm["name"]).encode(), {"Content-Type": "text/plain"})
    raise ArmError(404, "BlobNotFound", "The specified blob does not exist.")


ROUTES = ((r"/blobs/([^/]+)/serialconsole\.log", _serial),)
