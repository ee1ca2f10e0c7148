# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens inside a VM at its first boot, as far as it shows outside: Ignition, its log, and the agent's signal."""

from __future__ import annotations

import base64
import binascii
import json
import re
import typing as t

from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import Put
from ansible_collections.flatops.flatcar.tests.standins.arm.world import World

_START = """\
[    0.000000] Linux version 6.12.0-flatcar (build@pony) #1 SMP PREEMPT_DYNAMIC
[    2.112321] ignition[612]: Ignition 2.20.0
[    2.113001] ignition[612]: Stage: fetch-offline
"""
_GOOD = """\
[    4.871120] ignition[640]: files: op(1): [finished] writing file
[    5.020011] ignition[640]: Ignition finished successfully

This is {name} (Linux x86_64 6.12.0-flatcar)
{name} login:
"""
_NO_CONFIG = """\
[    2.311200] ignition[612]: not a config (empty): provider config was empty, continuing with empty cmdline config
"""
_BAD_CONFIG = """\
[    2.311200] ignition[612]: failed to parse config: config is not valid
[    2.311900] ignition[612]: Ignition failed: config is not valid
"""
_NO_WAY_OUT = """\
[    2.311200] ignition[612]: GET {url}: attempt #1
[   32.311200] ignition[612]: GET error: Get "{url}": dial tcp: i/o timeout
[  302.311900] ignition[612]: Ignition failed: failed to fetch config: unable to fetch resource in time
"""


class Boot(t.NamedTuple):
    """How a first boot goes: what it writes to the serial console, and whether the agent reports in the end."""

    log: str
    ready: bool


def boot(world: World, vm: Json) -> Boot:
    """Ignition takes user data before custom data; remote sources need a way out of the network."""
    secret = world.secret(vm["id"])
    data = _decoded(secret.get("userData") or secret.get("customData") or "")
    name = vm["name"]
    if not data.strip():
        return Boot(_START + _NO_CONFIG + _GOOD.format(name=name), True)
    try:
        config = json.loads(data)
        version = config["ignition"]["version"]
    except (ValueError, KeyError, TypeError):
        return Boot(_START + _BAD_CONFIG, False)
    if not re.fullmatch(r"[23]\.\d+\.\d+", str(version)):
        return Boot(_START + _BAD_CONFIG, False)
    urls = [url for url in _sources(config) if url.startswith(("http://", "https://", "tftp://"))]
    if urls and not has_way_out(world, vm):
        return Boot(_START + _NO_WAY_OUT.format(url=urls[0].partition("?")[0]), False)
    return Boot(_START + _GOOD.format(name=name), True)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text).decode(errors="replace")
    except (binascii.Error, ValueError):
        return ""


def _sources(config: t.Any) -> list[str]:
    """Every value called source or url, wherever it is."""
    if isinstance(config, dict):
        own = [each for name, each in config.items() if name in ("source", "url") and isinstance(each, str)]
        return own + [url for each in config.values() for url in _sources(each)]
    return [url for each in config for url in _sources(each)] if isinstance(config, list) else []


def has_way_out(world: World, vm: Json) -> bool:
    """Whether a NIC of a VM has a public address, or its subnet a NAT gateway or the old way out by default."""
    for each in vm["properties"]["networkProfile"]["networkInterfaces"]:
        for configuration in (world.find(each["id"]) or {"properties": {}})["properties"].get("ipConfigurations", []):
            subnet = world.find(configuration["properties"]["subnet"]["id"])
            if configuration["properties"].get("publicIPAddress") or (subnet and _leads_out(subnet)):
                return True
    return False


def _leads_out(subnet: Json) -> bool:
    return bool(subnet["properties"].get("natGateway") or subnet["properties"].get("defaultOutboundAccess"))


def first_boot(put: Put) -> None:
    """After a write: ArmError (OSProvisioningTimedOut) where the agent of a new VM does not report."""
    if put.old is None and not boot(put.world, put.new).ready:
        raise ArmError(
            409,
            "OSProvisioningTimedOut",
            f"OS Provisioning for VM '{put.path.names[-1]}' did not finish in the allotted time. The VM may still "
            "finish provisioning successfully. Please check provisioning state later. For details on how to check "
            "current provisioning state of Windows VMs, refer to https://aka.ms/WindowsVMLifecycle and Linux VMs, "
            "refer to https://aka.ms/LinuxVMLifecycle.",
        )


def _serial(world: World, request: Request, vm_id: str) -> Answer:
    for vm in world.within("", "Microsoft.Compute/virtualMachines"):
        if vm["properties"]["vmId"] == vm_id:
            log = world.control.serial_log or boot(world, vm).log
            return _ranged(request, log.encode())
    raise ArmError(404, "BlobNotFound", "The specified blob does not exist.")


def _ranged(request: Request, content: bytes) -> Answer:
    """A blob, or the part of it that is asked for."""
    headers = {
        "Content-Type": "text/plain",
        "ETag": '"0x1"',
        "x-ms-blob-type": "AppendBlob",
        "x-ms-version": "2024-11-04",
    }
    wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("x-ms-range") or request.headers.get("range") or "")
    if not wanted:
        return Answer(200, content, headers)
    start, end = int(wanted[1]), min(int(wanted[2] or len(content)), len(content) - 1)
    if start >= len(content):
        raise ArmError(416, "InvalidRange", "The range specified is invalid for the current size of the resource.")
    headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
    return Answer(206, content[start : end + 1], headers)


def boot_data(world: World, request: Request, vm: Json) -> Answer:
    """Addresses of the screenshot and of the serial log, which are signed."""
    if not enabled(vm):
        raise ArmError(409, "OperationNotAllowed", f"Boot diagnostics is not enabled for VM '{vm['name']}'.")
    place = f"{request.base}/blobs/{vm['properties']['vmId']}"
    signed = "sv=2024-11-04&sr=b&sp=r&sig=c2lnbmF0dXJl"
    body = {
        "consoleScreenshotBlobUri": f"{place}/screenshot.bmp?{signed}",
        "serialConsoleLogBlobUri": f"{place}/serialconsole.log?{signed}",
    }
    return Answer(200, body)


def enabled(vm: Json) -> bool:
    return bool(((vm["properties"].get("diagnosticsProfile") or {}).get("bootDiagnostics") or {}).get("enabled"))


#: Blobs, which want no token.
ROUTES = ((r"/blobs/([^/]+)/serialconsole\.log", _serial),)
