# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data for AWX agrees with itself, with AWX's rules for surveys, and with what the playbooks take."""

from __future__ import annotations

import re

import pytest

from ansible_collections.flatops.flatcar.tests.awx.data import (
    COLLECTION,
    CREDENTIALS,
    PROJECT,
    QUESTIONS,
    TEMPLATES,
    WORKFLOW,
    Item,
)

#: Types of questions, and of their defaults, as awx/api/views/__init__.py has them at commit e21dd0a.
TYPES = {"integer": int, "multiplechoice": str, "text": str, "textarea": str}
NAMED = {each["name"] for each in CREDENTIALS["awx_credentials"]}
#: Playbooks that treat each host by itself.
SLICED = {"azure_vms.yml", "vsphere_vms.yml", "verify.yml", "diagnose.yml"}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_question(question: Item) -> None:
    assert {name: type(question[name]) for name in ("question_name", "type", "variable", "required")} == {
        "question_name": str,
        "type": str,
        "variable": str,
        "required": bool,
    }
    if "default" in question:
        assert isinstance(question["default"], TYPES[question["type"]])
        assert question["default"] in question.get("choices", [question["default"]])
    assert ("choices" in question) == (question["type"] == "multiplechoice")
    # One who starts a workflow that asks nothing gets an answer for each of them.
    assert not question["required"] or question.get("default") != ""


def test_each_question_is_asked_and_each_answer_is_used() -> None:
    surveys = [each["survey"] for each in (*TEMPLATES.values(), WORKFLOW)]
    assert {name for survey in surveys for name in survey} == set(QUESTIONS)
    folders = (COLLECTION / "playbooks", COLLECTION / "roles", PROJECT / "inventory")
    texts = [path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.yml")]
    unused = [name for name in QUESTIONS if not any(re.search(rf"\b{name}\b", text) for text in texts)]
    # Any name that begins so is one that the lookup fragments finds.
    assert unused == ["flatcar_butane__90_survey"]


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_a_job_template(template: Item) -> None:
    assert (PROJECT / template["playbook"]).is_file()
    assert set(template.get("credentials", [])) <= NAMED
    assert ("slices" in template) == (template["playbook"] in SLICED)
    assert (template.get("job_type") == "check") == (template["playbook"] == "verify.yml")


def test_the_workflow() -> None:
    nodes = {each["identifier"]: each for each in WORKFLOW["nodes"]}
    assert {each["template"] for each in nodes.values()} <= set(TEMPLATES)
    paths = [node.get(path, []) for node in nodes.values() for path in ("success", "failure", "always")]
    assert {name for path in paths for name in path} == set(nodes) - {"render"}
    # What the workflow asks is what its jobs ask.
    of_jobs = {name for node in nodes.values() for name in TEMPLATES[node["template"]]["survey"]}
    assert set(WORKFLOW["survey"]) == of_jobs
