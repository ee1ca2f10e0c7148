# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hardware, firmware and initrd of one test node: a program that boots it, and boots it again when it reboots.

It runs as the first process of mount, network and process namespaces of its own, so that everything of the node goes
with it, however it ends. Its disk is in memory: the root file system, /boot (with the partition table of the stand-in
of cgpt) and /oem. SIGUSR2 cuts the power, SIGUSR1 gives it back.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pathlib
import re
import signal
import stat
import subprocess
import sys
import typing as t

from ansible_collections.flatops.flatcar.tests.standins.node import cgroups, ignition_tree, layer

#: What systemd-nspawn exits with when the node asks for a reboot.
REBOOT = 133
#: As many as all sessions together may need: each image that is merged has one.
LOOPS = 32
#: cgroup2 as on Flatcar, also where the machine below mixes it with the older one, and /proc/sys/net to write to.
MACHINE = {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1", "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network"}
DIRECTORIES = ("boot", "dev", "etc", "home", "media", "mnt", "oem", "opt", "proc", "root", "run", "sys", "usr", "var")
LINKS = {"bin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib64", "sbin": "usr/sbin"}
#: The USR partitions by their numbers on the disk: priority, tries, successful.
PARTITIONS = {3: "2 0 1", 4: "1 0 0"}


class Slot(t.NamedTuple):
    """What the partition table says of a USR partition, and the release on it ("" for none)."""

    number: int
    priority: int
    tries: int
    successful: int
    version: str


class Node:
    """A node whose files are below folder, of the /usr tree and the layers above it."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.name: str = options.name
        self.folder: pathlib.Path = options.folder
        self.tree: pathlib.Path = options.tree
        self.layer: str = options.layer
        self.address: str = options.address
        self.gateway: str = options.gateway
        self.root = self.folder / "root"
        self.table = self.root / "boot" / "standin"
        self.running: subprocess.Popen[bytes] | None = None

    def format(self, version: str, config: dict[str, t.Any]) -> None:
        """A disk as an image writes it, with an Ignition config in the OEM partition."""
        self.root.mkdir()
        mount("tmpfs", self.root, "-t", "tmpfs", "-o", "mode=755")
        for name in DIRECTORIES:
            (self.root / name).mkdir()
        for name, target in LINKS.items():
            (self.root / name).symlink_to(target)
        (self.root / "root").chmod(0o700)
        for name in ("boot", "oem"):
            mount(name, self.root / name, "-t", "tmpfs", "-o", "mode=755")
        self.table.mkdir()
        for number, flags in PARTITIONS.items():
            (self.table / f"part{number}").write_text(flags + "\n")
        (self.table / "version3").write_text(version + "\n")
        (self.root / "boot" / "flatcar").mkdir()
        (self.root / "boot" / "flatcar" / "first_boot").touch()
        (self.root / "oem" / "grub.cfg").write_text('set oem_id="qemu"\n')
        (self.root / "oem" / "oem-release").write_text("ID=qemu\n")
        (self.root / "oem" / "config.ign").write_text(json.dumps(config))

    def boot(self) -> str:
        """Boot once, and return how that has ended: reboot, off with a status, or emergency with the reason."""
        slot = self.firmware()
        if slot is None:
            return "off without a system to boot"
        command("ip", "link", "set", "eth0", "up")
        command("ip", "route", "replace", "default", "via", self.gateway)
        try:
            self.initrd(slot)
            status = self.run()
        except ignition_tree.IgnitionFailed as failure:
            return f"emergency {failure}"
        finally:
            # A machine that is off does not refuse connections: it does not answer.
            command("ip", "link", "set", "eth0", "down")
            for name in ("etc", "usr"):
                if os.path.ismount(self.root / name):
                    command("umount", "-l", str(self.root / name))
        return "reboot" if status == REBOOT else f"off {status}"

    def run(self) -> int:
        """Run the system until it ends; the exit status of systemd-nspawn."""
        with (self.folder / "console").open("ab") as console:
            self.running = subprocess.Popen(
                [*self.nspawn(), *self.kernel_arguments()],
                env={**os.environ, **MACHINE},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        self.say("running")
        status = self.running.wait()
        self.running = None
        self.reap()
        return status

    def firmware(self) -> Slot | None:
        """The USR partition that GRUB takes: of the highest priority, and successful or with a try left."""
        for slot in sorted(self.slots(), key=lambda slot: -slot.priority):
            if not slot.successful and slot.tries:
                flags = f"{slot.priority} {slot.tries - 1} {slot.successful}\n"
                (self.table / f"part{slot.number}").write_text(flags)
            bootable = slot.successful or slot.tries
            if slot.priority and bootable and slot.version and not (self.table / f"broken{slot.number}").exists():
                (self.table / "booted").write_text(f"{slot.number}\n")
                return slot
        return None

    def slots(self) -> list[Slot]:
        found = []
        for number in PARTITIONS:
            priority, tries, successful = map(int, (self.table / f"part{number}").read_text().split())
            file = self.table / f"version{number}"
            version = file.read_text().strip() if file.exists() else ""
            found.append(Slot(number, priority, tries, successful, version))
        return found

    def initrd(self, slot: Slot) -> None:
        """Mount /usr and /etc, carry out what flatcar-reset has prepared, and run Ignition at a first boot."""
        release = self.folder / "releases" / slot.version
        if not release.exists():
            layer.release(release, slot.version)
        mount("overlay", self.root / "usr", "-t", "overlay", "-o", f"ro,lowerdir={release}:{self.layer}:{self.tree}")
        if (self.root / "selective-os-reset").exists():
            self.reset()
        for name in ("etc", ".etc-work"):
            (self.root / name).mkdir(exist_ok=True)
        defaults = self.root / "usr" / layer.DEFAULTS
        without_duplicates(self.root / "etc", defaults)
        layers = f"lowerdir={defaults},upperdir={self.root}/etc,workdir={self.root}/.etc-work"
        mount("overlay", self.root / "etc", "-t", "overlay", "-o", f"{layers},redirect_dir=on,metacopy=off,noatime")
        # This one may be older than the node's, and then says of each newer line that it does not know it.
        subprocess.run(
            ["systemd-tmpfiles", f"--root={self.root}", "--create", "--prefix=/var"],
            stderr=subprocess.DEVNULL,
            check=False,
        )
        first = self.root / "boot" / "flatcar" / "first_boot"
        if first.exists():
            self.ignite()
            first.unlink()

    def reset(self) -> None:
        """Remove what is not to be kept, as Flatcar's initrd does, which keeps what is mounted."""
        keep = (self.root / "selective-os-reset").read_text().strip()
        find = ["chroot", str(self.root), "/usr/bin/find", "/", "-xdev", "-depth", "-regextype", "egrep"]
        listed = subprocess.run([*find, "-not", "-regex", keep, "-print0"], stdout=subprocess.PIPE, check=True).stdout
        mounted = {self.root, self.root / "boot", self.root / "oem", self.root / "usr"}
        for entry in listed.split(b"\0")[:-1]:
            path = self.root / os.fsdecode(entry).lstrip("/")
            if path in mounted:
                continue
            if path.is_dir() and not path.is_symlink():
                if not any(path.iterdir()):
                    path.rmdir()
            else:
                path.unlink()
        (self.root / "selective-os-reset").unlink(missing_ok=True)
        (self.root / "etc" / "machine-id").unlink(missing_ok=True)
        for name in DIRECTORIES:
            (self.root / name).mkdir(exist_ok=True)
        for name, target in LINKS.items():
            if not (self.root / name).is_symlink():
                (self.root / name).symlink_to(target)

    def ignite(self) -> None:
        """Run Ignition with what /oem names: the file, or the address among the kernel's arguments."""
        home = self.root / "home" / "core"
        home.mkdir(parents=True, exist_ok=True)
        os.chown(home, 500, 500)
        given = self.root / "oem" / "config.ign"
        urls = [argument for argument in self.kernel_arguments() if argument.startswith("ignition.config.url=")]
        config: dict[str, t.Any] = {"ignition": {"version": "3.3.0"}}
        if given.exists():
            config = json.loads(given.read_text())
        elif urls:
            config["ignition"]["config"] = {"replace": {"source": urls[-1].partition("=")[2]}}
        ignition_tree.first_boot(config, self.root)
        # The boot has no id yet; a unit writes it.
        result = self.root / "etc" / ".ignition-result.json"
        report = json.loads(result.read_text())
        report["provisioningBootID"] = "unset"
        report["userConfigProvided"] = given.exists() or bool(urls)
        result.write_text(json.dumps(report, indent=2) + "\n")

    def kernel_arguments(self) -> list[str]:
        """What /oem/grub.cfg adds to the kernel's command line; systemd takes them as its own."""
        grub = self.root / "oem" / "grub.cfg"
        lines = re.findall(r'linux_append="\$linux_append +(.*)"', grub.read_text() if grub.exists() else "")
        return [word for line in lines for word in line.split()]

    def nspawn(self) -> list[str]:
        # Images of system extensions are mounted by loop devices, which a node shares with the machine below.
        devices = ["/dev/loop-control", *(f"/dev/loop{number}" for number in range(LOOPS))]
        for number, device in enumerate(devices[1:]):
            if os.path.exists(devices[0]) and not os.path.exists(device):
                os.mknod(device, stat.S_IFBLK | 0o660, os.makedev(7, number))
        return [
            "systemd-nspawn",
            "--quiet",
            "--boot",
            f"--directory={self.root}",
            f"--machine={self.name}",
            "--network-namespace-path=/proc/self/ns/net",
            "--capability=all",
            "--register=no",
            "--keep-unit",
            "--link-journal=no",
            "--resolv-conf=off",
            "--timezone=off",
            *(f"--bind={device}" for device in devices if os.path.exists(device)),
        ]

    def power_off(self) -> None:
        """Cut the power: every process of the node ends at once."""
        if self.running:
            os.kill(-1, signal.SIGKILL)

    def reap(self) -> None:
        """What a cut of the power has killed is a child of the first process."""
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    def say(self, state: str) -> None:
        """Tell the one who started the node."""
        (self.folder / "state.new").write_text(state)
        (self.folder / "state.new").replace(self.folder / "state")


def without_duplicates(etc: pathlib.Path, defaults: pathlib.Path) -> None:
    """Remove from the upper layer of /etc what is as in the lower one, as Flatcar does at each boot."""
    for path in sorted(etc.rglob("*"), reverse=True):
        default = defaults / path.relative_to(etc)
        if not os.path.lexists(default):
            continue
        ours, theirs = path.lstat(), default.lstat()
        if (ours.st_mode, ours.st_uid, ours.st_gid) != (theirs.st_mode, theirs.st_uid, theirs.st_gid):
            continue
        if path.is_symlink():
            if os.readlink(path) == os.readlink(default):
                path.unlink()
        elif path.is_file() and path.read_bytes() == default.read_bytes():
            path.unlink()


def mount(source: str, target: pathlib.Path, *options: str) -> None:
    command("mount", *options, source, str(target))


def command(*words: str) -> None:
    subprocess.run(words, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="One test node.")
    parser.add_argument("--name", required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="the node's own, empty")
    parser.add_argument("--tree", type=pathlib.Path, required=True)
    parser.add_argument("--layer", required=True, help="of /usr above the tree, or some of them, with : between")
    parser.add_argument("--address", required=True, help="with the length of the prefix")
    parser.add_argument("--gateway", required=True)
    parser.add_argument("--cgroup", required=True, help="the node's own")
    parser.add_argument("--version", required=True, help="of Flatcar")
    parser.add_argument("--config", type=pathlib.Path, required=True, help="the Ignition config of the first boot")
    options = parser.parse_args()
    node = Node(options)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    signal.signal(signal.SIGUSR2, lambda *dummy: node.power_off())
    pathlib.Path("/run/systemd/nspawn").mkdir(parents=True, exist_ok=True)
    mount("tmpfs", pathlib.Path("/run/systemd/nspawn"), "-t", "tmpfs")
    cgroups.enter(options.cgroup)
    node.say("unconnected")
    sys.stdin.readline()
    command("ip", "link", "set", "lo", "up")
    command("ip", "address", "add", options.address, "dev", "eth0")
    node.format(options.version, json.loads(options.config.read_text()))
    while True:
        end = node.boot()
        node.say(end)
        if end != "reboot":
            signal.sigwait([signal.SIGUSR1])


if __name__ == "__main__":
    main()
