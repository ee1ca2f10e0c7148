# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible's collection requirements and our design ask of the tree as a whole, and no linter checks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.flatops.flatcar.tests import options

COLLECTION = Path(__file__).resolve().parents[2]
PRIVATE = sorted(
    path for folder in ("module_utils", "plugin_utils") for path in (COLLECTION / "plugins" / folder).rglob("*.py")
)
#: The rules of Ansible's README check list, each by a heading.
HEADINGS = (
    "Code of conduct",
    "Communication",
    "Contributing",
    "Licence",
    "Release notes",
    "Tested with",
    "Versions",
)


def read(path: str) -> str:
    return (COLLECTION / path).read_text(encoding="utf-8")


def test_readme_has_what_galaxy_readers_look_for() -> None:
    headings = re.findall(r"^## (.*)$", read("README.md"), re.MULTILINE)
    assert [heading for heading in HEADINGS if heading not in headings] == []


def test_galaxy_metadata() -> None:
    galaxy = yaml.safe_load(read("galaxy.yml"))
    assert galaxy["dependencies"] == {}
    assert galaxy["license"] == ["GPL-3.0-or-later"]


def test_every_core_that_is_required_is_tested() -> None:
    required = yaml.safe_load(read("meta/runtime.yml"))["requires_ansible"]
    tested = re.findall(r'Core\("([\d.]+)"', read("tests/tools/cores.py"))
    assert required == f">={tested[0]}.0"
    assert [line for line in tested if line not in read("README.md")] == []


def test_nothing_is_switched_off() -> None:
    assert sorted((COLLECTION / "tests" / "sanity").glob("ignore*")) == []
    switches = re.compile(
        r"^\s*(skip_list|warn_list|exclude_paths|(?:extend-)?ignore|per-file-ignores|exclude)\s*[:=]", re.MULTILINE
    )
    configured = "".join(read(name) for name in (".ansible-lint", ".yamllint", "mypy.ini", "ruff.toml"))
    assert switches.findall(configured) == []


@pytest.mark.parametrize("module", options.modules())
def test_module_says_what_it_supports(module: str) -> None:
    fragments = options.documentation(module)["extends_documentation_fragment"]
    assert [name for name in fragments if name.startswith("flatops.flatcar.attributes")]


@pytest.mark.parametrize("path", PRIVATE, ids=lambda path: str(path.relative_to(COLLECTION / "plugins")))
def test_core_says_that_it_is_private(path: Path) -> None:
    assert "# PRIVATE: may change with any release.\n" in path.read_text(encoding="utf-8")


def test_cores_know_nothing_of_ansible() -> None:
    imports = re.compile(r"^\s*(from|import) ansible(\.| |$)", re.MULTILINE)
    cores = (COLLECTION / "plugins" / "module_utils").rglob("*.py")
    assert [str(path) for path in cores if imports.search(path.read_text(encoding="utf-8"))] == []
