# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole on one machine: the machines of examples/inventory from nothing to a patched fleet, and all again.

tests/tools/demo.py makes ready what this needs: `make demo`.
"""

from __future__ import annotations

import argparse
import collections.abc
import contextlib
import pathlib
import shutil
import signal
import sys
import time
import typing as t

from ansible_collections.flatops.flatcar.tests.demo import inventory
from ansible_collections.flatops.flatcar.tests.demo.guests import Guests
from ansible_collections.flatops.flatcar.tests.demo.guests import running as guests_running
from ansible_collections.flatops.flatcar.tests.demo.runs import Failed, Runs
from ansible_collections.flatops.flatcar.tests.standins.arm import client
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import CannotStart, Missing
from ansible_collections.flatops.flatcar.tests.standins.vsphere import vcsim

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
#: What the example wants of Kubernetes, and a patch that comes out afterwards.
KUBERNETES, PATCH = "1.34.2", "1.34.3"
ABOUT = """\
Nothing here is real but the collection. Azure is a stand-in of its API, vSphere is govmomi's simulator of a vCenter:
both make machines that have no guests. Those on vSphere are played by test nodes, which systemd-nspawn boots: Debian in
the layout of Flatcar, without Python, with the real systemd, sysext and sysupdate. They have booted with a login alone,
so that the first run has all to do. Kubernetes is a small program that tells its version. The tree of the test nodes is
made the first time, from Debian's archive, in a minute or two.
"""
#: Those of a Ctrl-C, of kill, and of a terminal that is closed.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: Runs a playbook, by its name, what it is about, and arguments; how many tasks have changed something.
Run = collections.abc.Callable[..., int]


def once(run: Run, guests: Guests | None) -> int:
    """Every playbook, in the order of a machine's life; how many tasks have changed something."""
    changed = run("flatops.flatcar.render", "writes each machine's Ignition config")
    changed += run("flatops.flatcar.azure_vms", "accepts terms, makes web1, web2, web3")
    changed += run("flatops.flatcar.vsphere_vms", "imports an OVA, makes app1, app2, worker1")
    if guests:
        changed += run(str(EXAMPLES / "day_two.yml"), "keeps those on vSphere as described", "--limit", "vsphere")
        guests.release(PATCH)
        changed += run(str(EXAMPLES / "kubernetes_patch.yml"), f"boots worker1 with Kubernetes {PATCH}")
    return changed + run("flatops.flatcar.fleet_report", "looks at all of them", "--limit", "azure:vsphere")


def demo(folder: pathlib.Path) -> None:
    """Both runs; what they leave is in the folder. Raises Failed, and CannotStart when nodes do not come up."""
    began = time.monotonic()
    print(f"\n{ABOUT}", flush=True)
    with contextlib.ExitStack() as stack:
        azure = stack.enter_context(client.arm())
        vsphere = stack.enter_context(vcsim.vcsim())
        guests = None
        try:
            guests = stack.enter_context(guests_running(folder / "guests", KUBERNETES))
        except Missing as reason:
            print(f"Left out are day_two.yml and kubernetes_patch.yml, since {reason}.\n", flush=True)
        stack.callback(undisturbed)
        own = inventory.write(folder / "inventory", azure, vsphere, guests)
        # All that is talked to is here, and no proxy leads to it.
        env = {"REQUESTS_CA_BUNDLE": azure.ca_path, "NO_PROXY": "*", "no_proxy": "*"}
        if guests:
            # The path of a socket is short.
            env["ANSIBLE_SSH_CONTROL_PATH_DIR"] = str(guests.nodes.folder / "ssh")
        run = Runs((EXAMPLES / "inventory" / "hosts.yml", own), env, folder)
        print(f"The first run, {time.monotonic() - began:.0f} s after the stand-ins were started:", flush=True)
        once(run, guests)
        print("The second run:", flush=True)
        changed = once(run, guests)
    print(f"\n{(folder / 'fleet_report' / 'fleet_report.txt').read_text(encoding='utf-8')}")
    print(f"The report is {folder}/fleet_report/fleet_report.html, and {run.logs} has what the playbooks said.")
    print(f"All of it took {time.monotonic() - began:.0f} s, and nothing of it runs any longer.")
    if changed:
        raise Failed(f"The second run has changed something: {changed} tasks.")


def ended(*dummy: t.Any) -> t.NoReturn:
    """All that was started ends with the contexts."""
    undisturbed()
    sys.exit("ended")


def undisturbed() -> None:
    """From here on no signal interrupts."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def main() -> None:
    parser = argparse.ArgumentParser(description="The whole on one machine, twice.")
    parser.add_argument("folder", type=pathlib.Path, help="for all that is written; what is there goes")
    folder = parser.parse_args().folder
    for number in SIGNALS:
        signal.signal(number, ended)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        demo(folder)
    except (Failed, CannotStart) as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
