# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the guide to AWX name what there is."""

from __future__ import annotations

import re

import yaml

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import arguments
from ansible_collections.flatops.flatcar.tests.awx.data import COLLECTION, PROJECT, QUESTIONS
from ansible_collections.flatops.flatcar.tests.guide import FOLDER, examples

GUIDE = (FOLDER / "guide_awx.rst").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(text) for text in examples("guide_awx")]


def test_variables() -> None:
    certificate, survey, role = EXAMPLES
    assert set(certificate["flatcar_vsphere__20_certificate"]) <= set(arguments.AUTH)
    of_project = yaml.safe_load((PROJECT / "inventory" / "group_vars" / "azure.yml").read_text(encoding="utf-8"))
    assert survey.items() <= of_project.items() and "azure_options" in QUESTIONS
    specs = (COLLECTION / "roles" / "node_base" / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    assert set(role) <= set(yaml.safe_load(specs)["argument_specs"]["main"]["options"])


def test_commands() -> None:
    playbook = (PROJECT / "configure.yml").read_text(encoding="utf-8")
    credentials = (PROJECT / "controller" / "credentials.yml").read_text(encoding="utf-8")
    given = set(re.findall(r"-e (\w+)=", GUIDE))
    needed = set(re.findall(r"\{\{ (awx_(?:project_url|image)) \}\}", playbook))
    assert needed and needed <= given <= set(re.findall(r"^# (awx_\w+)", playbook, re.MULTILINE))
    exported = {name for line in re.findall(r"\$ export (.*)", GUIDE) for name in re.findall(r"(\w+)=", line)}
    taken = set(re.findall(r"builtin\.env', '(\w+)'", credentials))
    assert exported == taken | set(re.findall(r"CONTROLLER_(?:HOST|OAUTH_TOKEN)", playbook))


def test_files() -> None:
    table = GUIDE.split(":header-rows: 1\n")[1].split("The execution environment\n")[0]
    assert [name for name in re.findall(r"``([\w./]+)``", table) if "/" in name or name.endswith(".yml")]
    for name in re.findall(r"``([\w/]+(?:\.yml|/))``", table):
        assert (PROJECT / name).exists()
