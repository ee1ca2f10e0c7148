# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the data makes in AWX, by the modules of awx.awx and a stand-in of its API."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

import pytest

from ansible_collections.flatops.flatcar.tests.awx import server
from ansible_collections.flatops.flatcar.tests.awx.conftest import ENV
from ansible_collections.flatops.flatcar.tests.awx.data import PROJECT, TEMPLATES, WORKFLOW

#: What stands for each secret.
SECRET = "correct-horse"


@pytest.fixture
def env(tmp_path: pathlib.Path) -> dict[str, str]:
    """What who configures AWX has exported, but for its address."""
    root = os.environ.get("AWX_COLLECTION")
    if not root:
        pytest.skip("AWX_COLLECTION does not name the root of awx.awx; tests/tools/peers.py fetches it")
    (tmp_path / "secret").write_text(SECRET)
    given = dict.fromkeys(("SUBSCRIPTION_ID", "TENANT", "CLIENT_ID"), "x")
    return {
        **ENV,
        **{f"AZURE_{name}": value for name, value in given.items()},
        "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join([ENV["ANSIBLE_COLLECTIONS_PATH"], root]),
        "ANSIBLE_PIPELINING": "true",
        "AZURE_SECRET": SECRET,
        "CONTROLLER_OAUTH_TOKEN": SECRET,
        "FLATCAR_SSH_KEY": str(tmp_path / "secret"),
        "KUBECONFIG": str(tmp_path / "secret"),
        "VMWARE_HOST": "vcenter",
        "VMWARE_PASSWORD": SECRET,
        "VMWARE_USER": "x",
    }


def configure(env: dict[str, str], address: str) -> str:
    program = pathlib.Path(sys.executable).with_name("ansible-playbook")
    given = ["-e", "awx_project_url=https://git.example.com/x.git", "-e", "awx_image=registry.example.com/ee:1"]
    done = subprocess.run(
        [program, "-vvv", *given, PROJECT / "configure.yml"],
        env={**os.environ, **env, "CONTROLLER_HOST": address},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert SECRET not in done.stdout
    return done.stdout


def test_configure(env: dict[str, str]) -> None:
    with server.serving() as (awx, address):
        configure(env, address)
        jobs = {each["name"]: each for each in awx.items["job_templates"]}
        assert set(jobs) == set(TEMPLATES)
        for name, template in TEMPLATES.items():
            asked = [each["variable"] for each in awx.parts[f"{jobs[name]['url']}survey_spec/"]["spec"]]
            assert sorted(asked) == sorted(template["survey"])
            used = {each["name"] for each in awx.linked(f"{jobs[name]['url']}credentials/")}
            assert used == set(template.get("credentials", []))
            assert (jobs[name]["playbook"], jobs[name]["limit"]) == (template["playbook"], template.get("limit", ""))
        nodes = {each["identifier"]: each for each in awx.items["workflow_job_template_nodes"]}
        for node in WORKFLOW["nodes"]:
            made = nodes[node["identifier"]]
            assert made["unified_job_template"] == jobs[node["template"]]["id"]
            for path in ("success", "failure", "always"):
                led = {each["identifier"] for each in awx.linked(f"{made['url']}{path}_nodes/")}
                assert led == set(node.get(path, []))
        (kubeconfig,) = awx.find("credential_types", {"name": "Kubeconfig"})
        assert kubeconfig["injectors"]["extra_vars"] == {"kubeconfig_file": "{{ tower.filename.kubeconfig }}"}
        done = list(awx.writes)
        again = configure(env, address)
        assert awx.writes == done and re.search(r"changed=0 .* failed=0", again), again
