# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sparse disk images to Azurite: by azure_image, and by upload_blob of azure-storage-blob, which the Azure CLI uses.

That one looks at every byte of the holes in Python, so that it gets a small disk. Azurite itself is the slowest part of
ours, and runs on the same machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import tempfile
import typing as t
from pathlib import Path

from ansible_collections.flatops.flatcar.tests.benchmarks.budgets import Results
from ansible_collections.flatops.flatcar.tests.benchmarks.costs import command, row
from ansible_collections.flatops.flatcar.tests.standins import azurite, vhd
from ansible_collections.flatops.flatcar.tests.standins.arm import client

GIB = 1 << 30
#: A disk, and how many parts of how many bytes of it hold data: 500 MB of 30 GiB, and as much of 1 GiB.
Size = tuple[int, int, int]
LARGE: Size = (30 * GIB, 50, 10_000_384)
SMALL: Size = (GIB, 5, 3_333_120)
ACCOUNT = azurite.ACCOUNTS[0]
_MODULE = "ansible_collections.flatops.flatcar.tests.benchmarks.azure_upload"


def measure() -> Results:
    try:
        with (
            azurite.azurite() as service,
            client.arm(blob=service.url, storage_key=azurite.KEY) as arm,
            tempfile.TemporaryDirectory(prefix="bench-") as folder,
        ):
            os.environ.update(arm.environment())
            _measure(service, Path(folder))
    except azurite.CannotStart as reason:
        print(f"The upload to Azure was not measured: {reason}\n")
    return {}  # the design names no budget


def _measure(service: azurite.Server, folder: Path) -> None:
    print(f"The load is {os.getloadavg()[0]:.1f}: more than the number of cores makes wall times long.")
    common = {
        "resource_group": "bench",
        "create_resource_group": True,
        "location": "westeurope",
        "storage_account": ACCOUNT,
        "create_storage_account": True,
        "keep_blob": False,
    }
    for size in (LARGE, SMALL):
        path = vhd.disk(folder / "disk.vhd", *size)
        what = f"VHD of {size[0] // GIB} GiB with {size[1] * size[2] / 1e6:.0f} MB of data"
        row(what, "bytes sent", "requests", "wall", "CPU", "peak memory")
        ours = {**common, "vhd": str(path)}
        _row("azure_image, read back", {**ours, "name": f"whole{size[0]}"})
        ours = {**ours, "name": f"sent{size[0]}", "read_back": False}
        _row("azure_image, read_back=false", ours)
        _row("azure_image again, nothing to do", ours)
        if size == SMALL:
            peer = {"url": f"{service.url}/{ACCOUNT}/peer/disk.vhd", "path": str(path)}
            _row("upload_blob of azure-storage-blob", peer)
    print()


def _row(name: str, given: dict[str, t.Any]) -> None:
    with tempfile.NamedTemporaryFile() as told:
        # As a module: beside its file lies an azure.py.
        cost = command([sys.executable, "-m", _MODULE, told.name, json.dumps(given)])
        sent, requests, memory = json.load(told)
    row(name, f"{sent / 1e6:.1f} MB", str(requests), f"{cost.wall:.1f} s", f"{cost.cpu:.1f} s", f"{memory:.0f} MiB")


def _ours(given: dict[str, t.Any]) -> tuple[int, int]:
    from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import open_session
    from ansible_collections.flatops.flatcar.tests.azure import uploads

    with open_session(uploads.options(given)) as session:
        sent = uploads.make(session, **given).sent
    return (sent.bytes, sent.requests) if sent else (0, 0)


def _peer(given: dict[str, t.Any]) -> tuple[int, int]:
    from azure.core.exceptions import ResourceExistsError
    from azure.storage.blob import BlobClient, BlobType, ContainerClient

    with contextlib.suppress(ResourceExistsError):
        ContainerClient.from_container_url(given["url"].rpartition("/")[0], azurite.KEY).create_container()
    sizes: list[int] = []
    blob = BlobClient.from_blob_url(
        given["url"], azurite.KEY, raw_request_hook=lambda request: sizes.append(_length(request.http_request))
    )
    with open(given["path"], "rb") as stream:
        blob.upload_blob(
            stream,
            blob_type=BlobType.PAGEBLOB,
            length=os.path.getsize(given["path"]),
            max_concurrency=8,
            overwrite=True,
        )
    return sum(sizes), sum(size > 0 for size in sizes)


def _length(request: t.Any) -> int:
    return int(request.headers.get("Content-Length") or 0)


def main() -> None:
    """One upload, in a process of its own, which writes what it took to a file."""
    told, given = sys.argv[1], json.loads(sys.argv[2])
    sent, requests = _peer(given) if "url" in given else _ours(given)
    highest = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
    Path(told).write_text(json.dumps([sent, requests, int(highest[1]) / 1024 if highest else 0]), encoding="utf-8")


if __name__ == "__main__":
    main()
