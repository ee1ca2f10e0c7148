# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guides and the README name exists: other guides, playbooks, roles, and their variables."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.flatops.flatcar.tests.guide import FOLDER, README

COLLECTION = Path(__file__).resolve().parents[2]
ROLES = COLLECTION / "roles"
GUIDES = sorted(FOLDER.glob("*.rst"))
PAGES = [README, *GUIDES]
CLOUDS = ("azure", "vsphere")
#: What looks like a variable, and is an image or a program.
NO_VARIABLES = {"flatcar_production_vmware_ova", "update_engine_client"}


def specs() -> dict[str, dict[str, t.Any]]:
    """role -> entry point -> what is said of it"""
    return {
        path.parents[1].name: yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]
        for path in ROLES.glob("*/meta/argument_specs.yml")
    }


def code() -> str:
    files = (path for folder in ("playbooks", "plugins", "roles") for path in (COLLECTION / folder).rglob("*.*"))
    return "".join(path.read_text(encoding="utf-8") for path in files if path.suffix in (".py", ".yml", ".j2"))


def test_every_guide_is_in_the_index() -> None:
    index = yaml.safe_load((FOLDER.parent / "extra-docs.yml").read_text(encoding="utf-8"))
    listed = [name for section in index["sections"] for name in section["toctree"]]
    assert sorted(listed) == [guide.stem for guide in GUIDES]


def test_every_playbook_is_listed() -> None:
    listed = re.findall(
        r"^   \* - ``(\w+)``", (FOLDER / "guide_playbooks.rst").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(listed) == sorted(path.stem for path in (COLLECTION / "playbooks").glob("*.yml"))


def test_the_readme_leads_to_guides() -> None:
    named = re.findall(r"blob/main/docs/docsite/rst/(\w+)\.rst", README.read_text(encoding="utf-8"))
    assert len(named) > 10 and set(named) <= {guide.stem for guide in GUIDES}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_names(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    playbooks = set(re.findall(r"\.yml flatops\.flatcar\.(\w+)", text))
    assert playbooks <= {path.stem for path in (COLLECTION / "playbooks").glob("*.yml")}
    roles = specs()
    known = {option for spec in roles.values() for entry in spec.values() for option in entry.get("options", {})}
    assert set(re.findall(rf"\b(?:{'|'.join(roles)})_\w+", text)) <= known | NO_VARIABLES
    assert set(re.findall(r"tasks_from: (\w+)", text)) <= {entry for spec in roles.values() for entry in spec}


def test_variables() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = {name.partition("__")[0] for name in re.findall(r"\bflatcar_\w+", text)}
    source = code()
    # Statistics are named after their cloud.
    known = {name for cloud in CLOUDS for name in re.findall(r"\bflatcar_\w+", source.replace("{{ _cloud }}", cloud))}
    assert len(named) > 30
    assert named - known - NO_VARIABLES == set()
