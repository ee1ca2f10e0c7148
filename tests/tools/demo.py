# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection, install its tarball, render the example inventory, and make its machines on simulated clouds.

That is `make demo`; the clouds are govmomi's simulator of a vCenter and the stand-in of Azure.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import collection
import gotools
import venvs
from places import CACHE, ROOT, TESTS, live

DEMO = CACHE / "demo"
INVENTORY = ROOT / "examples" / "inventory"
STANDINS = TESTS / "standins"
CLOUDS = {"azure": "a stand-in of Azure", "vsphere": "a simulated vCenter"}
#: Where the simulator has what the example names otherwise.
PLACE = {
    "datacenter": "DC0",
    "cluster": "DC0_C0",
    "datastore": "LocalDS_0",
    "networks": {"VM Network": "VM Network"},
}


def demo() -> None:
    bin_folder = venvs.with_core("demo", "../meta/ee-requirements.txt")
    built = collection.tarball(bin_folder, collection.copy(DEMO / "tree"), DEMO / "tarball")
    print(f"Built      {built.relative_to(ROOT)} ({built.stat().st_size // 1024} KiB)")
    root = collection.install(bin_folder, built, DEMO / "collections")
    rendered = DEMO / "ignition"
    shutil.rmtree(rendered, ignore_errors=True)
    playbook = ["flatops.flatcar.render", "-e", f"flatcar_render_dir={rendered}"]
    env = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(root), "ANSIBLE_HOME": str(DEMO / "home")}
    venvs.run(
        [f"{bin_folder}/ansible-playbook", "-i", f"{INVENTORY}/hosts.yml", *playbook], "the playbook", cwd=DEMO, env=env
    )
    print(f"Installed  {root.relative_to(ROOT)}")
    print(f"Rendered   {INVENTORY.relative_to(ROOT)} by the playbook flatops.flatcar.render\n")
    for file in sorted(rendered.glob("*.ign")):
        print(summary(file))
    print(f"The Ignition configs are in {rendered.relative_to(ROOT)}, readable by their owner only.\n")
    with azure(bin_folder) as cloud:
        for run in ("Deployed", "Again"):
            print(f"{run:<11}{on_azure(bin_folder, cloud, env)}", flush=True)
    program = gotools.build("vcsim")["VCSIM"]
    with simulator(program) as server:
        for run in ("Deployed", "Again"):
            print(f"{run:<11}{on_vsphere(bin_folder, server, env)}", flush=True)


@contextlib.contextmanager
def serving(ready: Path, command: list[str], env: dict[str, str]) -> Iterator[dict[str, str]]:
    """What a simulated cloud says of itself in a file, for as long as it serves."""
    ready.unlink(missing_ok=True)
    with subprocess.Popen([*command, "--ready", str(ready)], env={**os.environ, **env}) as process:
        try:
            while not ready.exists():
                if process.poll() is not None:
                    raise venvs.Failed(f"{' '.join(command)} does not start")
                time.sleep(0.05)
            yield json.loads(ready.read_text(encoding="utf-8"))
        finally:
            process.terminate()


def simulator(program: str) -> contextlib.AbstractContextManager[dict[str, str]]:
    """A simulated vCenter, by what leads there."""
    command = [sys.executable, str(STANDINS / "vsphere" / "vcsim.py")]
    return serving(DEMO / "vcsim.json", command, {"VCSIM": program})


def azure(bin_folder: Path) -> contextlib.AbstractContextManager[dict[str, str]]:
    """The stand-in of Azure, by what leads there."""
    module = "ansible_collections.flatops.flatcar.tests.standins.arm.server"
    command = [f"{bin_folder}/python", "-m", module, "--seconds=3600"]
    return serving(DEMO / "azure.json", command, {"PYTHONPATH": str(live())})


def on_azure(bin_folder: Path, cloud: dict[str, str], env: dict[str, str]) -> str:
    """Run the playbook for the example's machines on Azure; a line about it."""
    login = {name: cloud[name] for name in ("tenant", "client_id", "secret")}
    login.update(subscription_id=cloud["subscription"], cloud_environment=cloud["url"])
    variables: dict[str, object] = {"flatcar_hosts": "azure", "flatcar_azure__95_standin": login}
    return machines(bin_folder, "azure", variables, {**env, "REQUESTS_CA_BUNDLE": cloud["ca"]})


def on_vsphere(bin_folder: Path, server: dict[str, str], env: dict[str, str]) -> str:
    """The same for those on vSphere."""
    image = DEMO / "flatcar.ova"
    venvs.run([sys.executable, str(STANDINS / "vsphere" / "ova.py"), str(image)], "writing an OVA")
    login = {name: server[name] for name in ("hostname", "port", "username", "password", "ca_path")}
    variables: dict[str, object] = {
        "flatcar_hosts": "vmware",
        "flatcar_vsphere__90_simulator": {**PLACE, **login},
        "flatcar_vsphere_template": {"name": "flatcar-example", "ova": str(image)},
    }
    return machines(bin_folder, "vsphere", variables, env)


def machines(bin_folder: Path, cloud: str, variables: dict[str, object], env: dict[str, str]) -> str:
    """Run the playbook of a cloud with these variables; a line about it."""
    given = DEMO / "variables.json"
    # There is no guest that could be logged in to.
    given.write_text(json.dumps({**variables, "flatcar_wait": False}), encoding="utf-8")
    playbook = [f"flatops.flatcar.{cloud}_vms", "-e", f"@{given}"]
    began = time.monotonic()
    printed = venvs.run(
        [f"{bin_folder}/ansible-playbook", "-i", f"{INVENTORY}/hosts.yml", *playbook], "the playbook", cwd=DEMO, env=env
    )
    seconds = time.monotonic() - began
    hosts = re.findall(r"(\S+) +: ok=\d+ +changed=(\d+)", printed)
    changes = ", ".join(f"{host} (changes: {count})" for host, count in hosts)
    return f"{changes} on {CLOUDS[cloud]} by the playbook flatops.flatcar.{cloud}_vms, in {seconds:.0f} s"


def summary(file: Path) -> str:
    """A few lines about an Ignition config."""
    text = file.read_text(encoding="utf-8")
    config = json.loads(text)
    storage = config.get("storage", {})
    units = config.get("systemd", {}).get("units", [])
    users = config.get("passwd", {}).get("users", [])
    arguments = config.get("kernelArguments", {})
    told = {
        "files": [entry["path"] for kind in ("files", "directories", "links") for entry in storage.get(kind, [])],
        "units": [unit["name"] for unit in units],
        "users": [f"{user['name']} ({len(user.get('sshAuthorizedKeys', []))} SSH keys)" for user in users],
        "kernel": [
            sign + word
            for sign, key in (("+", "shouldExist"), ("-", "shouldNotExist"))
            for word in arguments.get(key, [])
        ],
    }
    lines = [f"{file.relative_to(ROOT)}  Ignition {config['ignition']['version']}, {len(text)} bytes"]
    lines += [f"  {kind:<7}{', '.join(names)}" for kind, names in told.items() if names]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    try:
        demo()
    except venvs.Failed as failure:
        sys.exit(str(failure))
