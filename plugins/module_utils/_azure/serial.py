# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The serial log of a VM, which boot diagnostics keep, and what it says of a machine that does not come up."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import faults, request, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session

_LAST = 50
# What a terminal takes for orders: CSI and OSC sequences, single ones, and control characters but tab and line feed.
_CODES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|[\x00-\x08\x0b-\x1f\x7f]"
)
# A signature in an address, or what looks like a secret that a unit has logged, is not for results.
_SECRET = re.compile(r"(?i)([?&](?:sig|se|token|key|password|secret)=)[^&\s\"']+")
# What was wrong before this has passed: a network that was not up yet, or user data that are custom data.
_GOES_ON = re.compile(r"GET result: OK|Ignition finished successfully|\blogin:")
#: What stands in a log -> what that means and what to do. The first that fits counts.
_CAUSES = {
    re.compile(pattern, re.IGNORECASE): meaning
    for pattern, meaning in {
        r"unsupported config version|unknown config version": (
            "Ignition does not know the specification of the config: take a newer Flatcar, or an older version of the "
            "Butane variant."
        ),
        r"couldn't parse config|failed to parse config|config is not valid": "Ignition refused the config.",
        r"failed to fetch|unable to fetch|GET error|no route to host|network is unreachable|i/o timeout|no such host": (
            "Ignition cannot fetch something that the config names, and tries for ever: the subnet may have no way out "
            "(outbound), a security group may forbid it, or the address is wrong."
        ),
        r"hash verification failed": "Something that Ignition fetched does not have the digest that the config names.",
        r"ignition\[\d+\]:.*\[failed\]|Ignition failed": "Ignition failed.",
        r"Kernel panic|Unable to mount root|Cannot open root device": (
            "The kernel could not go on: the image may not fit the VM size or its disk controller."
        ),
        r"emergency (?:mode|shell)": "The system stopped in the emergency shell.",
        r"No space left on device": "A disk is full; os_disk_size_gb makes that of the system larger.",
    }.items()
}


class Log(t.NamedTuple):
    """The last lines of a log, and what in all of it may keep the machine from coming up."""

    lines: list[str]
    cause: str | None


def read(data: bytes) -> Log:
    told = lines(data)
    return Log(told[-_LAST:], cause(told))


def lines(data: bytes) -> list[str]:
    """The lines that are not empty, without what orders a terminal and without signatures of addresses."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    plain = (_SECRET.sub(r"\1***", _CODES.sub("", line)).rstrip() for line in text.split("\n"))
    return [line for line in plain if line]


def cause(told: list[str]) -> str | None:
    """What in the lines of a log may keep a machine from coming up; None where nothing does.

    A Flatcar that has stopped in its emergency shell may say nothing of it before somebody presses Return
    (https://github.com/flatcar/Flatcar/issues/2001).
    """
    after = max((number for number, line in enumerate(told) if _GOES_ON.search(line)), default=-1)
    told = told[after + 1 :]
    for pattern, meaning in _CAUSES.items():
        found = next((line for line in reversed(told) if pattern.search(line)), None)
        if found is not None:
            return f"{meaning} The log says: {found.strip()}"
    return None


def fetch(session: Session, group: str, name: str) -> bytes | None:
    """The log of a VM; None where there is none, where it cannot be had, or where boot diagnostics are off."""
    function = session.compute.virtual_machines.retrieve_boot_diagnostics_data
    try:
        told = request.get(session, f"Reading the boot diagnostics of the VM {name}", function, group, name)
        url = (told or {}).get("serialConsoleLogBlobUri")
        return _download(session, url) if url else None
    except AzureError:
        return None


def _download(session: Session, url: str) -> bytes:
    """The address has a signature of its own, and takes no token."""
    client = sdk.load("azure.core").PipelineClient(url, policies=[], transport=session.transport())
    with faults.translated("Reading the serial log"):
        response = client.send_request(sdk.load("azure.core.rest").HttpRequest("GET", url))
        response.raise_for_status()
        return bytes(response.content)
