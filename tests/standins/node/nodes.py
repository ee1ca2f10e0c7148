# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test nodes: machines that behave like Flatcar's, have no Python, and are reached by ssh.

`with running(3) as nodes:` starts them, and at its end, however that comes, nothing is left of them. As a program,
which tests/tools/nodes.py starts, it knows up, down, inventory and exec. It needs root.

Each session has a number, by which its bridge, its network 198.19.<number>.0/24, its folder and its lock are named. The
lock is held as long as a process of the session lives; the next start removes what a dead one has left. The file of a
lock stays for ever: were it removed, one session could lock the file that was and another the file that is.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import fcntl
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import typing as t

from ansible_collections.flatops.flatcar.tests.standins.node import cgroups, ignition_tree, layer, tree

SESSIONS = pathlib.Path("/run/flatops/nodes")
#: Seconds after which what is waited for hangs.
PATIENCE = 300
#: And for a login: a node that goes down answers no more.
LOGIN = 30
VERSION = "4757.2.0"
#: The user whose sudo asks for a password.
ADMIN = "admin"
PASSWORD = "not much of a secret"
PASSWORD_HASH = "$6$flatops$MM2i5WPsk3BXM2eJGevugXYzEmaRgXjUCsoxgyKx4N/l.n8ZvWgjxCzam0hcH1OWGr7YXgEeI6VlibP919bPu1"
PROGRAMS = {"systemd-nspawn": "systemd-container", "ip": "iproute2", "ssh": "openssh-client"}
#: The root of the collections, and this package in it.
COLLECTIONS = pathlib.Path(__file__).parents[6]
PACKAGE = __spec__.name.rpartition(".")[0]
PR_SET_PDEATHSIG = 1
#: What ssh exits with when it has no session.
NO_LOGIN = 255
libc = ctypes.CDLL(None)


class CannotStart(Exception):
    """The nodes cannot run here, or did not come up; the message says why."""


class Missing(CannotStart):
    """The nodes cannot run here; the message says what the machine lacks."""


class Node(t.NamedTuple):
    name: str
    address: str
    folder: pathlib.Path
    process: subprocess.Popen[bytes]

    @property
    def state(self) -> str:
        """unconnected, running, reboot, emergency with a reason, or off with one; "" before all that."""
        file = self.folder / "state"
        return file.read_text() if file.exists() else ""

    def log(self) -> str:
        """The last lines that it has printed, and the last of its console."""
        files = [file for file in (self.folder / "log", self.folder / "console") if file.exists()]
        return "\n".join(line for file in files for line in file.read_text(errors="replace").splitlines()[-15:])

    def answers(self) -> bool:
        """Whether its sshd greets."""
        try:
            with socket.create_connection((self.address, 22), timeout=1) as connection:
                connection.settimeout(LOGIN)
                return connection.recv(4).startswith(b"SSH")
        except OSError:
            return False


class Nodes:
    """The nodes of a session, in its folder."""

    def __init__(self, number: int, lock: int, extra: tuple[pathlib.Path, ...]) -> None:
        self.number = number
        self.lock = lock
        self.extra = extra
        self.folder = SESSIONS / str(number)
        self.bridge = bridge(number)
        self.key = self.folder / "key"
        self.nodes: list[Node] = []

    def __getitem__(self, name: str) -> Node:
        return next(node for node in self.nodes if node.name == name)

    def start(self, count: int, version: str) -> None:
        base = tree.usr()
        layer.write(base, self.folder / "layer")
        command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "flatops", "-f", str(self.key))
        (self.folder / "config.ign").write_text(json.dumps(config(self.key.with_suffix(".pub").read_text().strip())))
        command("ip", "link", "add", self.bridge, "type", "bridge")
        command("ip", "address", "add", f"198.19.{self.number}.1/24", "dev", self.bridge)
        command("ip", "link", "set", self.bridge, "up")
        for number in range(1, count + 1):
            self.nodes.append(self.launch(number, base, version))
        for number, node in enumerate(self.nodes, 1):
            self.connect(number, node)
        self.write_inventory()
        for node in self.nodes:
            self.wait(node)

    def launch(self, number: int, base: pathlib.Path, version: str) -> Node:
        name, address = f"node{number}", f"198.19.{self.number}.{10 + number}"
        folder = self.folder / name
        folder.mkdir()
        options = {
            "name": name,
            "folder": folder,
            "tree": base,
            "layer": self.layers,
            "address": f"{address}/24",
            "gateway": f"198.19.{self.number}.1",
            "cgroup": f"{self.bridge}.{name}",
            "version": version,
            "config": self.folder / "config.ign",
        }
        namespaces = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
        words = [word for option, value in options.items() for word in (f"--{option}", str(value))]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*namespaces, *module("machine"), *words],
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=[self.lock],
                preexec_fn=die_with_parent,
            )
        return Node(name, address, folder, process)

    def connect(self, number: int, node: Node) -> None:
        """Give the node its network, and let it boot."""
        self.until(lambda: node.state == "unconnected", node)
        port, end = f"{self.bridge}n{number}", ["name", "eth0", "netns", str(node.process.pid)]
        command("ip", "link", "add", port, "type", "veth", "peer", *end)
        command("ip", "link", "set", port, "master", self.bridge, "up")
        assert node.process.stdin
        with node.process.stdin as pipe:
            pipe.write(b"\n")

    def wait(self, node: Node) -> None:
        """Wait until its boot is over and it can be logged in to. Raises CannotStart."""
        self.until(node.answers, node)
        self.until(lambda: self.run(node.name, "systemctl is-system-running --wait").returncode != NO_LOGIN, node)

    def until(self, condition: t.Callable[[], bool], node: Node) -> None:
        """Wait for what a node does. Raises CannotStart when it has ended, or hangs."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if node.process.poll() is not None:
                raise CannotStart(f"{node.name} has ended, and was {node.state}\n{node.log()}")
            if time.monotonic() > deadline:
                raise CannotStart(f"{node.name} was waited for {PATIENCE} s in vain, and is {node.state}\n{node.log()}")
            time.sleep(0.05)

    def write_inventory(self) -> None:
        """The inventory for ansible-playbook: the group nodes."""
        hosts = {node.name: {"ansible_host": node.address} for node in self.nodes}
        variables = {
            "ansible_user": "core",
            "ansible_become": True,
            "ansible_timeout": LOGIN,
            "ansible_ssh_private_key_file": str(self.key),
            "ansible_ssh_common_args": " ".join(self.ssh_options()),
        }
        inventory = {"nodes": {"hosts": hosts, "vars": variables}}
        self.inventory.write_text(json.dumps(inventory, indent=2) + "\n")

    @property
    def layers(self) -> str:
        """What the nodes have in /usr above the tree, as machine.py takes it."""
        return ":".join(map(str, [*self.extra, self.folder / "layer"]))

    @property
    def inventory(self) -> pathlib.Path:
        return self.folder / "inventory.json"

    def ssh_options(self) -> list[str]:
        options = (
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null",
            "LogLevel=ERROR",
            f"ConnectTimeout={LOGIN}",
        )
        return [word for option in options for word in ("-o", option)]

    def run(self, name: str, script: str, *, user: str = "core") -> subprocess.CompletedProcess[str]:
        """Run a script of sh on a node."""
        target = f"{user}@{self[name].address}"
        return subprocess.run(
            ["ssh", "-i", str(self.key), *self.ssh_options(), target, "sh"],
            input=script,
            capture_output=True,
            text=True,
            check=False,
        )

    def boot_id(self, name: str) -> str:
        return self.run(name, "cat /proc/sys/kernel/random/boot_id").stdout.strip()

    def wait_for_boot(self, name: str, before: str) -> None:
        """Wait until the node runs under another boot id."""
        node = self[name]
        self.until(lambda: node.answers() and self.boot_id(name) not in ("", before), node)
        self.wait(node)

    def cut_power(self, name: str) -> None:
        """The node is off at once, and stays so."""
        node = self[name]
        os.kill(self.machine(node), signal.SIGUSR2)
        self.until(lambda: node.state.startswith("off"), node)

    def power_on(self, name: str) -> None:
        """Boot a node that is off, and wait for it."""
        node = self[name]
        os.kill(self.machine(node), signal.SIGUSR1)
        self.wait(node)

    def machine(self, node: Node) -> int:
        """The process of machine.py, the child of unshare."""
        pid = node.process.pid
        return int(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])

    def end(self, node: Node) -> None:
        """End all processes of a node: with the first one of its namespace go the others, and after them unshare."""
        try:
            os.kill(self.machine(node), signal.SIGKILL)
        except (IndexError, OSError):
            node.process.kill()
        node.process.wait()

    def stop(self) -> None:
        for control in (self.folder / "ssh").glob("*"):
            quietly("ssh", "-o", f"ControlPath={control}", "-O", "exit", "node")
        for node in self.nodes:
            self.end(node)
        try:
            remove(self.number)
        finally:
            os.close(self.lock)


@contextlib.contextmanager
def running(count: int = 3, version: str = VERSION, extra: tuple[pathlib.Path, ...] = ()) -> t.Iterator[Nodes]:
    """Nodes that are up; extra are folders of what they have in /usr beyond Flatcar.

    Raises CannotStart, and of these Missing.
    """
    programs = {**PROGRAMS, **tree.PROGRAMS}
    missing = sorted({package for program, package in programs.items() if not shutil.which(program)})
    if not ignition_tree.PROGRAM.exists():
        missing.append("ignition")
    if os.geteuid():
        raise Missing("test nodes need root")
    if missing:
        raise Missing(f"test nodes need the Debian packages {' '.join(missing)}")
    sweep()
    nodes = take(extra)
    try:
        nodes.start(count, version)
        yield nodes
    except tree.CannotBuild as failure:
        raise CannotStart(str(failure)) from failure
    finally:
        nodes.stop()


def take(extra: tuple[pathlib.Path, ...] = ()) -> Nodes:
    """An unused number, with its lock and an empty folder. Raises CannotStart."""
    SESSIONS.mkdir(parents=True, exist_ok=True)
    for number in range(1, 255):
        lock = locked(number)
        if lock is None:
            continue
        # There is a folder where a session has ended after the sweep, or has left what could not be removed.
        with contextlib.suppress(FileExistsError):
            (SESSIONS / str(number)).mkdir()
            return Nodes(number, lock, extra)
        os.close(lock)
    raise CannotStart(f"no number is free in {SESSIONS}")


def locked(number: int) -> int | None:
    """The lock of a number as a file descriptor, or None while a session holds it."""
    lock = os.open(SESSIONS / f"{number}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def sweep() -> None:
    """Remove what sessions have left that no longer live. What cannot be removed now is no fault of the next one."""
    for number in [int(file.stem) for file in SESSIONS.glob("*.lock")]:
        if (SESSIONS / str(number)).exists() and (lock := locked(number)) is not None:
            with contextlib.suppress(OSError):
                remove(number)
            os.close(lock)


def bridge(number: int) -> str:
    return f"flatnode{number}"


def remove(number: int) -> None:
    """Remove what a session keeps outside of its processes, which end or have ended. Its lock is held."""
    for port in pathlib.Path("/sys/class/net").glob(f"{bridge(number)}n*"):
        quietly("ip", "link", "delete", port.name)
    quietly("ip", "link", "delete", bridge(number))
    cgroups.remove(f"{bridge(number)}.*", PATIENCE)
    shutil.rmtree(SESSIONS / str(number))


def config(key: str) -> dict[str, t.Any]:
    """The Ignition config of each node: who may log in."""
    admin = {"name": ADMIN, "groups": ["wheel"], "passwordHash": PASSWORD_HASH, "sshAuthorizedKeys": [key]}
    return {
        "ignition": {"version": "3.3.0"},
        "passwd": {"users": [{"name": "core", "sshAuthorizedKeys": [key]}, admin]},
    }


def module(name: str) -> list[str]:
    """The command that runs a module of this package; its environment is that of environment()."""
    return [sys.executable, "-m", f"{PACKAGE}.{name}"]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(COLLECTIONS)}


def die_with_parent() -> None:
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def quietly(*words: str) -> None:
    """Run what may find nothing to do."""
    subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def command(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotStart(f"{' '.join(words)}: {done.stderr.strip()}")


def serve(options: argparse.Namespace) -> None:
    """Keep nodes until SIGTERM."""
    with running(options.count, options.version) as nodes:
        print(nodes.number, flush=True)
        signal.pause()


def up(options: argparse.Namespace) -> None:
    """Start nodes that live until down."""
    words = ["serve", "--count", str(options.count), "--version", options.version]
    server = subprocess.Popen(
        [*module("nodes"), *words],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert server.stdout
    try:
        number = server.stdout.readline().strip()
    except KeyboardInterrupt:
        server.terminate()
        raise
    if not number:
        raise CannotStart("no nodes: see above")
    (SESSIONS / number / "server").write_text(str(server.pid))
    print(SESSIONS / number / "inventory.json")


def down(options: argparse.Namespace) -> None:
    folder = session_folder(options)
    os.kill(int((folder / "server").read_text()), signal.SIGTERM)
    while folder.exists():
        time.sleep(0.05)


def inventory(options: argparse.Namespace) -> None:
    print((session_folder(options) / "inventory.json").read_text(), end="")


def execute(options: argparse.Namespace) -> None:
    nodes = json.loads((session_folder(options) / "inventory.json").read_text())["nodes"]
    variables = nodes["vars"]
    target = f"core@{nodes['hosts'][options.name]['ansible_host']}"
    key = variables["ansible_ssh_private_key_file"]
    os.execvp("ssh", ["ssh", "-i", key, *variables["ansible_ssh_common_args"].split(), target, *options.command])


def session_folder(options: argparse.Namespace) -> pathlib.Path:
    """The folder of the session that is asked for, or of the only one that `up` has started."""
    found = [file.parent for file in SESSIONS.glob("*/server") if options.session in (None, int(file.parent.name))]
    if len(found) != 1:
        raise CannotStart(f"{len(found)} sessions of `up` to choose from: name one by --session NUMBER")
    return found[0]


def main() -> None:
    parser = argparse.ArgumentParser(description="Test nodes, reached by ssh.")
    parser.add_argument("--session", type=int, help="the number of a session")
    actions = parser.add_subparsers(required=True)
    for name, start in (("up", up), ("serve", serve)):
        action = actions.add_parser(name, help=start.__doc__)
        action.add_argument("--count", type=int, default=3)
        action.add_argument("--version", default=VERSION)
        action.set_defaults(action=start)
    actions.add_parser("down", help="Stop them.").set_defaults(action=down)
    actions.add_parser("inventory", help="Print the inventory.").set_defaults(action=inventory)
    action = actions.add_parser("exec", help="Run a command on a node, as core.")
    action.add_argument("name")
    action.add_argument("command", nargs=argparse.REMAINDER)
    action.set_defaults(action=execute)
    signal.signal(signal.SIGTERM, lambda *dummy: sys.exit(0))
    options = parser.parse_args()
    try:
        options.action(options)
    except (CannotStart, KeyboardInterrupt) as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
