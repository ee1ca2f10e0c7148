# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution environment: its definition can be built from, and nothing is missing in what the collection names.

No image is built, for which a container engine would be needed.
"""

from __future__ import annotations

import ast
import collections.abc
import importlib.metadata
import pathlib
import re
import subprocess
import sys
import typing as t

import pytest
import yaml

from ansible_collections.flatops.flatcar.tests.awx.data import COLLECTION, PROJECT

DEFINITION = COLLECTION / "execution-environment.yml"
BUILDER = pathlib.Path(sys.executable).with_name("ansible-builder")
#: What comes with ansible-core, or is Ansible's own.
THERE = {"ansible", "ansible_collections", "jinja2", "yaml"}
#: A package that is imported by another name than it is installed by.
NAMES = {"pyVmomi": "pyvmomi"}


def builder(*arguments: str | pathlib.Path) -> str:
    done = subprocess.run(
        [BUILDER, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def names(requirements: collections.abc.Iterable[str]) -> set[str]:
    """The packages of some lines, without their versions and comments."""
    return {match[0].lower() for line in requirements if (match := re.match(r"[\w.-]+", line))}


@pytest.fixture(scope="module")
def introspected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What ansible-builder finds that the collection needs."""
    root = tmp_path_factory.mktemp("collections")
    place = root / "ansible_collections" / "flatops"
    place.mkdir(parents=True)
    (place / "flatcar").symlink_to(COLLECTION)
    found: dict[str, list[str]] = yaml.safe_load(builder("introspect", "--sanitize", root))
    return found


def test_create(tmp_path: pathlib.Path) -> None:
    builder("create", "--file", DEFINITION, "--context", tmp_path, "--output-filename", "Containerfile")
    steps = (tmp_path / "Containerfile").read_text(encoding="utf-8")
    assert re.search(r'^ARG ANSIBLE_INSTALL_REFS="ansible-core>=2.19,<\S+ ansible-runner>=', steps, re.MULTILINE)
    # Both stages that install kubectl stand on the base, which has its repository.
    base, *stages = re.split(r"^FROM base AS (\w+)$", steps, flags=re.MULTILINE)
    assert "COPY _build/configs/kubernetes.repo /etc/yum.repos.d/" in base
    commands = dict(zip(stages[::2], stages[1::2], strict=True))
    assert "RUN /output/scripts/assemble" in commands["builder"]
    assert "RUN /output/scripts/install-from-bindep" in commands["final"]
    assert "/usr/bin/helm /usr/local/bin/helm" in commands["final"]
    given = tmp_path / "_build"
    assert "kubectl" in (given / "bindep.txt").read_text(encoding="utf-8")
    assert "gpgcheck=1" in (given / "configs" / "kubernetes.repo").read_text(encoding="utf-8")
    assert yaml.safe_load((given / "requirements.yml").read_text(encoding="utf-8")) == yaml.safe_load(
        (PROJECT / "collections" / "requirements.yml").read_text(encoding="utf-8")
    )


def test_python_packages(introspected: dict[str, list[str]]) -> None:
    named = (COLLECTION / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert names(introspected["python"]) == names(named)
    # Nothing is imported that neither these nor what they require bring.
    required = [importlib.metadata.requires(name) or [] for name in names(introspected["python"])]
    installed = names(introspected["python"]) | {name for lines in required for name in names(lines)}
    assert [module for module in sorted(imported()) if not candidates(module) & installed] == []


def test_system_packages(introspected: dict[str, list[str]]) -> None:
    assert names(introspected["system"]) == {"openssh-client", "openssh-clients"}


def test_collections() -> None:
    """Those that playbooks and roles use, and no other."""
    texts = [
        path.read_text(encoding="utf-8")
        for folder in ("playbooks", "roles")
        for path in (COLLECTION / folder).rglob("*.yml")
    ]
    used = {name for text in texts for name in re.findall(r"^\s+(\w+\.\w+)\.\w+:$", text, re.MULTILINE)}
    wanted = yaml.safe_load((PROJECT / "collections" / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    assert used - {"ansible.builtin"} == {each["name"] for each in wanted}


def imported() -> set[str]:
    """The modules of others that plugins import, also by their names at run time."""
    found: set[str] = set()
    for path in (COLLECTION / "plugins").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found.update(_modules(node))
    return {name for name in found if name.partition(".")[0] not in THERE | sys.stdlib_module_names}


def _modules(node: ast.AST) -> t.Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and not node.level:
        yield node.module or ""
    elif isinstance(node, ast.Constant) and re.fullmatch(r"azure(\.[a-z]+)+|pysequoia", str(node.value)):
        yield str(node.value)


def candidates(module: str) -> set[str]:
    """The packages that a module may come in: azure.mgmt.compute.models in azure-mgmt-compute, or in azure-mgmt."""
    parts = module.split(".")
    return {NAMES.get(parts[0], "-".join(parts[:length])) for length in range(1, len(parts) + 1)}
