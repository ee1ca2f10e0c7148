# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays over many hosts: with the collection, and with set_fact alone."""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

from ansible_collections.flatops.flatcar.tests.benchmarks.documents import EMPTY, SMALL

RENDER = "flatops.flatcar.render"

ENVIRONMENT = {
    "ANSIBLE_DISPLAY_OK_HOSTS": "false",
    "ANSIBLE_LOCALHOST_WARNING": "false",
    "ANSIBLE_NOCOLOR": "true",
    "ANSIBLE_RETRY_FILES_ENABLED": "false",
    "ANSIBLE_ROLES_PATH": "roles",
    "ANSIBLE_STDOUT_CALLBACK": "default",
}

#: The 60 lines, with a name in them that each host fills in.
TEXT = SMALL.replace("web1.example.com", "{{ inventory_hostname }}")

#: What render collects: the 60 lines, two short fragments, and a role twice as a fragment.
FRAGMENTS = [
    TEXT,
    EMPTY
    + "storage:\n  files:\n    - path: /etc/motd\n      contents:\n        inline: This is {{ inventory_hostname }}.\n",
    EMPTY + "systemd:\n  units:\n    - name: update-engine.service\n      enabled: {{ updates | default('true') }}\n",
]
ROLES = ("bench_time", "bench_users")

_ROLE_FRAGMENT = (
    EMPTY
    + "storage:\n  files:\n    - path: /etc/{{ ROLE_name }}.conf\n      contents:\n        inline: |\n"
    + "{% for server in ROLE_servers %}\n          server {{ server }} iburst\n{% endfor %}\n"
)


def command(play: str) -> list[str]:
    return [str(Path(sys.executable).with_name("ansible-playbook")), "--inventory", "hosts.json", play]


def write(folder: Path, hosts: int) -> None:
    """An inventory of so many hosts, the roles, and the plays filter.yml, plain.yml and five.yml."""
    names: dict[str, t.Any] = {f"node{number:04}.example.com": {} for number in range(hosts)}
    variables = {"flatcar_butane": FRAGMENTS, "flatcar_roles": list(ROLES), "text": TEXT}
    _json(folder / "hosts.json", {"all": {"hosts": names, "vars": variables}})
    for role in ROLES:
        _role(folder / "roles" / role, role)
    _play(folder / "plain.yml", {"one": "{{ text }}"})
    _play(folder / "filter.yml", {"one": "{{ text | flatops.flatcar.to_ignition }}"})
    texts = [*FRAGMENTS, *FRAGMENTS[:2]]
    _play(folder / "five.yml", *({f"fact{number}": text} for number, text in enumerate(texts)))


def _role(folder: Path, name: str) -> None:
    for part in ("defaults", "meta", "templates"):
        (folder / part).mkdir(parents=True)
    defaults = {f"{name}_name": name, f"{name}_servers": [f"192.0.2.{number}" for number in range(4)]}
    options = {
        f"{name}_name": {"type": "str", "default": name},
        f"{name}_servers": {"type": "list", "elements": "str", "default": defaults[f"{name}_servers"]},
    }
    _json(folder / "defaults" / "main.yml", defaults)
    _json(folder / "meta" / "argument_specs.yml", {"argument_specs": {"main": {"options": options}}})
    (folder / "templates" / "fragment.bu.j2").write_text(_ROLE_FRAGMENT.replace("ROLE", name))


def _play(path: Path, *facts: dict[str, str]) -> None:
    tasks = [{"name": "Set a fact", "ansible.builtin.set_fact": fact} for fact in facts]
    _json(path, [{"name": "Measure", "hosts": "all", "gather_facts": False, "tasks": tasks}])


def _json(path: Path, value: t.Any) -> None:
    path.write_text(json.dumps(value))
