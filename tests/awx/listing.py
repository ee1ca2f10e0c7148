# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files of a project AWX lists as its playbooks.

The rule is that of AWX since 21.1, as its awx/main/utils/ansible.py has it at commit e21dd0a.
"""

from __future__ import annotations

import pathlib
import re

#: What a line of a playbook looks like to AWX.
PLAYBOOK = re.compile(r"\s*-?\s*(hosts|(ansible\.builtin\.)?(include|import_playbook)):")
#: Folders that are not looked into.
OTHERS = {"roles", "tasks", "group_vars", "host_vars"}


def listed(project: pathlib.Path) -> set[str]:
    """The playbooks of a project, by their paths in it."""
    found = set()
    for path in project.rglob("*"):
        folders = path.relative_to(project).parent.parts
        if path.suffix not in (".yml", ".yaml") or OTHERS & set(folders) or any(name[0] == "." for name in folders):
            continue
        if any(PLAYBOOK.match(line) for line in path.read_text(encoding="utf-8").splitlines()):
            found.add(str(path.relative_to(project)))
    return found
