# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""govmomi's simulator of a vCenter, or of a host without one, on the loopback interface.

The program is that of tests/tools/go/vcsim, built by tests/tools/gotools.py; VCSIM names it. What it does unlike a real
server, so that no test may rely on it: an aborted lease leaves its VM; a lease completes without any upload; properties
of an OVA become extraConfig; disks are thin whatever was asked; nothing limits the size of guestinfo; no lease times
out; uplink port groups do not say that they are ones (config.uplink).

As a program it serves for some seconds, and writes a JSON file with what a client has to know when it is ready.
"""

from __future__ import annotations

import argparse
import collections.abc
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import typing as t

USERNAME = "administrator@vsphere.local"
PASSWORD = "not-the-real-one"
#: Where a vCenter has room for a VM of a flatcar.ova, as options of a module.
PLACE: dict[str, t.Any] = {
    "datacenter": "DC0",
    "cluster": "DC0_C0",
    "datastore": "LocalDS_0",
    "networks": {"VM Network": "VM Network"},
}


class CannotStart(Exception):
    """The simulator is not there; the message says why."""


class Server(t.NamedTuple):
    """A simulator that serves. ca_path is a PEM file; proxy_port that of an HTTP proxy on the same host."""

    host: str
    port: int
    username: str
    password: str
    ca_path: pathlib.Path
    proxy_port: int
    pid: int

    def options(self) -> dict[str, t.Any]:
        """The options of a module that lead here."""
        return {
            "hostname": self.host,
            "port": self.port,
            "username": self.username,
            "password": self.password,
            "ca_path": str(self.ca_path),
        }


@contextlib.contextmanager
def vcsim(*, esx: bool = False, deny: str = "", **numbers: int) -> collections.abc.Iterator[Server]:
    """A simulator for as long as the context lasts, with numbers of things as the program names them.

    deny is METHOD=PRIVILEGE: a method that the user may not call for want of the privilege.
    CannotStart when VCSIM does not say where it is.
    """
    program = os.environ.get("VCSIM")
    if not program:
        raise CannotStart("VCSIM does not name the simulator of a vCenter; tests/tools/gotools.py builds it")
    flags = [f"-username={USERNAME}", f"-password={PASSWORD}", f"-esx={str(esx).lower()}"]
    flags += [f"-deny={deny}"] if deny else []
    flags += [f"-{name}={number}" for name, number in numbers.items()]
    with tempfile.TemporaryDirectory(prefix="vcsim-") as folder, open(f"{folder}/log", "wb") as log:
        env = {**os.environ, "TMPDIR": folder}
        # Ctrl-C is for the one who has started it, who then closes its input.
        process = subprocess.Popen(
            [program, *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=env,
            start_new_session=True,
        )
        with process:
            assert process.stdin and process.stdout
            said = json.loads(process.stdout.readline() or "{}")
            if not said:
                raise RuntimeError(f"{program} does not start: {pathlib.Path(log.name).read_text(encoding='utf-8')}")
            ca_path = pathlib.Path(folder, "ca.pem")
            ca_path.write_text(said["ca"], encoding="utf-8")
            try:
                yield Server(said["host"], said["port"], USERNAME, PASSWORD, ca_path, said["proxy_port"], process.pid)
            finally:
                process.stdin.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in for a vCenter.")
    parser.add_argument("--esx", choices=("True", "False"), default="False", help="a host without vCenter instead")
    parser.add_argument("--ready", type=pathlib.Path, required=True, help="the JSON file that says where it serves")
    parser.add_argument("--seconds", type=float, default=600, help="how long it serves")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with vcsim(esx=options.esx == "True") as server:
        unfinished = options.ready.with_suffix(".new")
        unfinished.write_text(json.dumps({**server.options(), "proxy_port": server.proxy_port, "pid": os.getpid()}))
        unfinished.replace(options.ready)
        time.sleep(options.seconds)


if __name__ == "__main__":
    main()
