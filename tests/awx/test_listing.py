# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWX lists the playbooks of the project, and nothing else."""

from __future__ import annotations

import pathlib
import re

import pytest

from ansible_collections.flatops.flatcar.tests.awx.data import COLLECTION, PROJECT, TEMPLATES
from ansible_collections.flatops.flatcar.tests.awx.listing import listed

PLAYBOOKS = COLLECTION / "playbooks"
#: Those of the project that are no wrapper of one in the collection.
OWN = {"configure.yml", "failed.yml", "verify.yml"}


def test_each_playbook_of_the_collection_is_listed() -> None:
    assert listed(PLAYBOOKS) == {path.name for path in PLAYBOOKS.glob("*.yml")}


def test_each_has_a_wrapper_that_is_listed() -> None:
    wrappers = listed(PROJECT) - OWN
    assert wrappers == {path.name for path in PLAYBOOKS.glob("*.yml")}
    for name in wrappers:
        text = (PROJECT / name).read_text(encoding="utf-8")
        imported = re.findall(r"^  ansible\.builtin\.import_playbook: (.*)$", text, re.MULTILINE)
        assert imported == [f"flatops.flatcar.{pathlib.Path(name).stem}"]


def test_each_is_run_by_a_job_template() -> None:
    assert {each["playbook"] for each in TEMPLATES.values()} == listed(PROJECT) - {"configure.yml"}


@pytest.mark.parametrize(
    "path, text, found",
    [
        ("site.yml", "---\n- name: All\n  hosts: all\n", True),
        ("site.yaml", "- hosts: all\n", True),
        ("plays/site.yml", "- import_playbook: other.yml\n", True),
        ("site.yml", "- name: x\n  ansible.builtin.import_playbook: a.b.c\n", True),
        ("site.yml", "# hosts: all\n", False),
        ("site.yml", "- ansible.legacy.import_playbook: a.b.c\n", False),
        ("tasks/site.yml", "- hosts: all\n", False),
        ("group_vars/all.yml", "hosts: all\n", False),
        (".hidden/site.yml", "- hosts: all\n", False),
        ("site.ini", "hosts: all\n", False),
    ],
)
def test_the_rule(path: str, text: str, found: bool, tmp_path: pathlib.Path) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    assert listed(tmp_path) == ({path} if found else set())
