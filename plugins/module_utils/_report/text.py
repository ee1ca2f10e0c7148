# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The document in a few lines for a log."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._report import words

Json = dict[str, t.Any]
#: Hosts that are named, those with the worst state first.
_HOSTS = 50


def text(document: Json) -> str:
    summary = document["summary"]
    states = ", ".join(f"{number} {words.state(state)}" for state, number in summary["states"].items() if number)
    lines = [f"{document['title']}, {document['generated_at']}", f"{summary['hosts']} hosts: {states or 'none'}"]
    lines += _versions("Flatcar", document["channels"], "channel")
    lines += _versions("Kubernetes", document["clusters"], "cluster")
    wrong = [host for host in document["hosts"] if host["problems"]]
    lines += [f"{host['name']}: {'; '.join(each['message'] for each in host['problems'])}" for host in wrong[:_HOSTS]]
    if len(wrong) > _HOSTS:
        lines.append(f"and {len(wrong) - _HOSTS} more")
    return "\n".join([*lines, ""])


def _versions(what: str, groups: list[Json], name: str) -> list[str]:
    """A line for each group."""
    return [
        f"{' '.join(filter(None, (what, group[name])))}: "
        + ", ".join(f"{each['version']} ({each['hosts']})" for each in group["versions"])
        for group in groups
    ]
