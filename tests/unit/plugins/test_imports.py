# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No plugin loads what it does not need: Ansible imports an action for each host and task, a module for each run."""

from __future__ import annotations

import functools
import pathlib
import subprocess
import sys

import pytest

PLUGINS = pathlib.Path(__file__).resolve().parents[3] / "plugins"
ROOT = "ansible_collections.flatops.flatcar.plugins"
BUTANE = f"{ROOT}.module_utils._butane.transpile"
AZURE, VSPHERE, NODE = (f"{ROOT}.module_utils.{core}" for core in ("_azure", "_vsphere", "_node"))
#: Where descriptions are read.
READ = {"action/ignition", "action/node_config", "action/node_reset", "filter/describe_ignition", "filter/to_ignition"}
READ |= {"lookup/fragments", "test/valid_butane", "test/valid_ignition"}


def plugins(*kinds: str) -> list[str]:
    return [f"{kind}/{path.stem}" for kind in kinds for path in sorted((PLUGINS / kind).glob("*.py"))]


CONTROLLER = plugins("action", "filter", "lookup", "test")
MODULES = plugins("modules")
#: What ansible-core has loaded before; of actions that is cryptography and yaml as well.
CONTROLLER_BASE, MODULES_BASE = "ansible.plugins.action", "ansible.module_utils.basic"
#: Imports the first, then each of the others in a process of its own, and prints what each loads besides.
PROGRAM = """
import importlib, os, sys
base, *names = sys.argv[1:]
importlib.import_module(base)
before = set(sys.modules)
print(*sorted(before), flush=True)
for name in names:
    if not os.fork():
        importlib.import_module(name)
        print(*sorted(set(sys.modules) - before), flush=True)
        os._exit(0)
    if os.wait()[1]:
        sys.exit(name)
"""


@functools.cache
def loads(base: str, *found: str) -> dict[str, set[str]]:
    names = [f"{ROOT}.{plugin.replace('/', '.')}" for plugin in found]
    done = subprocess.run([sys.executable, "-c", PROGRAM, base, *names], stdout=subprocess.PIPE, text=True, check=True)
    return {plugin: set(line.split()) for plugin, line in zip([base, *found], done.stdout.splitlines(), strict=True)}


# Of what the base loads no plugin could be told that it loads it.
@pytest.mark.parametrize("plugin", [CONTROLLER_BASE, *CONTROLLER])
def test_what_runs_on_the_controller(plugin: str) -> None:
    found = loads(CONTROLLER_BASE, *CONTROLLER)[plugin]
    assert (BUTANE in found) == (plugin in READ)
    assert not found & {"urllib.request", "pyVmomi", AZURE}


@pytest.mark.parametrize("plugin", [MODULES_BASE, *MODULES])
def test_modules(plugin: str) -> None:
    """Microsoft's packages are imported where they are used; pyvmomi where a module is for vSphere."""
    found = loads(MODULES_BASE, *MODULES)[plugin]
    assert not found & {BUTANE, NODE, "azure", "cryptography", "msrest", "requests", "yaml"}
    assert not {AZURE, VSPHERE} <= found
    assert "pyVmomi" not in found or plugin.startswith("modules/vsphere_")
