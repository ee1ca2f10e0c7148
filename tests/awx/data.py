# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The project for AWX, and what is to be made in AWX for it."""

from __future__ import annotations

import pathlib
import typing as t

import yaml

COLLECTION = pathlib.Path(__file__).resolve().parents[2]
PROJECT = COLLECTION / "examples" / "awx"
Item = dict[str, t.Any]


class _Loader(yaml.SafeLoader):
    """YAML with Ansible's text that is no template."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))  # type: ignore[arg-type]


def load(name: str) -> t.Any:
    """What a file of the folder controller holds."""
    text = (PROJECT / "controller" / f"{name}.yml").read_text(encoding="utf-8")
    return yaml.load(text, _Loader)


QUESTIONS: dict[str, Item] = {each["variable"]: each for each in load("questions")["awx_questions"]}
TEMPLATES: dict[str, Item] = {each["name"]: each for each in load("job_templates")["awx_job_templates"]}
WORKFLOW: Item = load("workflow")["awx_workflow"]
CREDENTIALS: Item = load("credentials")
