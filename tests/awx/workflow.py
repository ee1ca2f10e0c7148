# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A workflow as AWX runs it: each node after its parents, with what these told by set_stats.

The rules are those of awx/main/scheduler/dag_workflow.py and awx/main/models/workflow.py at commit e21dd0a: what is
told later takes the place of what was told under the same name, and answers of the workflow's survey go above all.
A failure that leads to another node is handled, and does not make the workflow fail.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.tests.awx.data import TEMPLATES, WORKFLOW, Item
from ansible_collections.flatops.flatcar.tests.awx.inventory import Variables
from ansible_collections.flatops.flatcar.tests.awx.jobs import Job, defaults

#: identifier of a node -> its jobs, one for each slice; nodes that did not run are missing.
Ran = dict[str, list[Job]]


def run(launched: t.Callable[[Item, Variables], list[Job]], answers: Variables) -> Ran:
    """Run the workflow of the project; launched runs the jobs of a template with variables."""
    ran: Ran = {}
    told: dict[str, Variables] = {}
    survey = {**defaults(WORKFLOW), **answers}
    for node in _in_order():
        parents = [each for each in WORKFLOW["nodes"] if node["identifier"] in _children(each)]
        led = [each["identifier"] in ran and node["identifier"] in _next(each, ran) for each in parents]
        if parents and not (all(led) if node.get("all_parents_must_converge") else any(led)):
            continue
        variables: Variables = {}
        for parent in parents:
            variables.update(told.get(parent["identifier"], {}))
        template = TEMPLATES[node["template"]]
        jobs = launched(template, {**variables, **survey})
        for job in jobs:
            variables.update(job.artifacts)
        ran[node["identifier"]], told[node["identifier"]] = jobs, variables
    return ran


def failed(ran: Ran) -> bool:
    """Whether the workflow has failed."""
    unhandled = [each for each in WORKFLOW["nodes"] if not each.get("failure") and not each.get("always")]
    return any(not _successful(ran.get(each["identifier"], [])) for each in unhandled)


def _successful(jobs: list[Job]) -> bool:
    return all(job.successful for job in jobs)


def _children(node: Item) -> set[str]:
    return {name for path in ("success", "failure", "always") for name in node.get(path, [])}


def _next(node: Item, ran: Ran) -> set[str]:
    """The nodes to which a node leads that has run."""
    path = "success" if _successful(ran[node["identifier"]]) else "failure"
    return {*node.get(path, []), *node.get("always", [])}


def _in_order() -> list[Item]:
    """The nodes, each after all of its parents."""
    ordered: list[Item] = []
    waiting = list(WORKFLOW["nodes"])
    while waiting:
        free = [each for each in waiting if not any(each["identifier"] in _children(other) for other in waiting)]
        assert free, "the workflow goes in circles"
        ordered += free
        waiting = [each for each in waiting if each not in free]
    return ordered
