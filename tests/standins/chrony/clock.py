# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes with chronyd in each of its ways, and a PTP clock for it."""

from __future__ import annotations

import collections.abc
import contextlib
import io
import pathlib
import shutil
import socket
import struct
import subprocess
import tarfile
import threading
import time

from ansible_collections.flatops.flatcar.tests.standins.extensions import images
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin
from ansible_collections.flatops.flatcar.tests.standins.node import tree

FILES = pathlib.Path(__file__).resolve().parent / "files"
#: Of a sample that chronyd takes: struct sock_sample in its refclock_sock.c.
MAGIC = 0x534F434B
PTP = "/dev/ptp_hyperv"


def program(folder: pathlib.Path, place: str) -> pathlib.Path:
    """A tree with chronyd at a place."""
    copy(folder, {place: "chronyd"})
    (folder / place).chmod(0o755)
    (folder / "usr/lib/chrony").mkdir(parents=True)
    shutil.copy(tree.usr() / "sbin/chronyd", folder / "usr/lib/chrony/chronyd")
    return folder


def copy(folder: pathlib.Path, files: dict[str, str]) -> None:
    for path, name in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(FILES / name, folder / path)


def of_azure(folder: pathlib.Path) -> pathlib.Path:
    """What the images for Azure have of it."""
    units = "usr/lib/systemd/system"
    copy(program(folder, "usr/sbin/chronyd"), {f"{units}/chronyd.service": "chronyd.service"})
    copy(folder, {"usr/share/oem-azure/chrony.conf": "chrony.conf"})
    (folder / units / "multi-user.target.wants").mkdir()
    (folder / units / "multi-user.target.wants/chronyd.service").symlink_to("../chronyd.service")
    return folder


def with_docker(folder: pathlib.Path) -> pathlib.Path:
    """A docker that has chronyd in its images."""
    program(folder, "usr/local/lib/container/chronyd")
    copy(folder, {"usr/bin/docker": "docker", "usr/lib/systemd/system/docker.service": "sleeping.service"})
    (folder / "usr/bin/docker").chmod(0o755)
    return folder


def bakery(folder: pathlib.Path) -> pathlib.Path:
    """The system extension, with chronyd where the Sysext Bakery has it, for a /usr of which sbin is bin."""
    program(folder, "usr/bin/chronyd")
    (folder / "usr/sbin").mkdir()
    (folder / "usr/sbin/chronyd").symlink_to("../bin/chronyd")
    return folder


def timesyncd(folder: pathlib.Path) -> pathlib.Path:
    copy(folder, {"usr/lib/systemd/system/systemd-timesyncd.service": "sleeping.service"})
    return folder


def merge(nodes: standin.Nodes, name: str, folder: pathlib.Path, extension: str) -> None:
    """Give a node a system extension from a folder."""
    release = folder / "usr/lib/extension-release.d" / f"extension-release.{extension}"
    release.parent.mkdir(parents=True, exist_ok=True)
    release.write_text(images.RELEASE)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        tar.add(folder / "usr", "usr", filter=_of_root)
    # Not in /etc, which is an overlay above one: the kernel puts no third one on top.
    place = f"/var/lib/extensions/{extension}"
    unpack = f"mkdir -p {place} && tar -xzf - -C {place} && systemd-sysext refresh && systemctl daemon-reload"
    login = ["ssh", "-i", str(nodes.key), *nodes.ssh_options(), f"core@{nodes[name].address}"]
    subprocess.run([*login, f"sudo sh -c '{unpack}'"], input=packed.getvalue(), check=True)


def _of_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    return member


def root(node: standin.Node) -> pathlib.Path:
    """The root file system as the node sees it, by its first process."""
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            text = status.read_text()
            processes = next(line for line in text.splitlines() if line.startswith("NSpid:")).split()[1:]
            if len(processes) == 3 and processes[2] == "1" and _is_below(int(processes[0]), node.process.pid):
                return status.parent / "root"
    raise ProcessLookupError(f"{node.name} does not run")


def _is_below(pid: int, ancestor: int) -> bool:
    while pid > 1 and pid != ancestor:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
        pid = int(stat.rpartition(")")[2].split()[1])
    return pid == ancestor


@contextlib.contextmanager
def ticking(node: standin.Node, offset: float = 0.00002) -> collections.abc.Iterator[None]:
    """A PTP clock for the chronyd of a node, which it finds to be off by so many seconds."""
    stopped = threading.Event()
    place = root(node)
    thread = threading.Thread(target=_tick, args=(place / "run/chrony/ptp.sock", offset, stopped), daemon=True)
    (place / PTP.lstrip("/")).touch()
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
        (place / PTP.lstrip("/")).unlink()


def _tick(place: pathlib.Path, offset: float, stopped: threading.Event) -> None:
    while not stopped.wait(0.1):
        now = time.time()
        sample = struct.pack("@qqdiiii", int(now), int(now % 1 * 1e6), offset, 0, 0, 0, MAGIC)
        # chronyd makes the socket, and may not run.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(sample, str(place))
