# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mistakes in descriptions, each made once: the guide to errors shows what is said then."""

from __future__ import annotations

import json
import pathlib
import typing as t

from ansible.release import __version__

from ansible_collections.flatops.flatcar.tests.guide import messages, told
from ansible_collections.flatops.flatcar.tests.node.play import Player

HEAD = "variant: flatcar\nversion: 1.1.0\n"
UNIT = "systemd: {{units: [{{name: a.service, contents: '{}'}}]}}\n"
#: Ansible tells where a variable is written.
PLACES = tuple(map(int, __version__.split(".")[:2])) >= (2, 19)
#: In the order of the guide.
MISTAKES: dict[str, dict[str, t.Any]] = {
    "path": {"flatcar_butane": "base.bu"},
    "missing": {"flatcar_butane": {"file": "base.bu"}},
    "typo": {"flatcar_butane": f"{HEAD}storage:\n  files:\n    - path: /etc/motd\n      content: {{inline: Hello}}\n"},
    "indentation": {"flatcar_butane": f"{HEAD}storage:\n  files:\n    - path: /etc/motd\n     mode: 0644\n"},
    "braces": {"flatcar_butane": HEAD + UNIT.format("[Service]\nExecStart=docker ps --format {{.Names}}")},
    "undefined": {"flatcar_butane": HEAD + UNIT.format("[Service]\nExecStart=web --port {{ web_prot }}")},
    "unquoted": {
        "flatcar_butane": {
            "variant": "flatcar",
            "version": "1.1.0",
            "storage": {"files": [{"path": "/etc/debug", "contents": {"inline": True}}]},
        }
    },
    "role": {"flatcar_roles": ["chrony"]},
}


def test_each_mistake_is_told_as_the_guide_shows(tmp_path: pathlib.Path) -> None:
    inventory = tmp_path / "hosts.json"
    inventory.write_text(json.dumps({"all": {"hosts": MISTAKES}}))
    played = Player(inventory, tmp_path).run("flatops.flatcar.render", variables={"flatcar_render_dir": str(tmp_path)})
    shown = messages("Describing a machine")
    assert len(shown) == len(MISTAKES)
    for host, message in zip(MISTAKES, shown, strict=True):
        said = [str(result.result.get("msg")) for result in played.of(host) if result.failed]
        expected = message if PLACES else message.replace("flatcar_butane (...)", "flatcar_butane")
        assert len(said) == 1 and told(expected, said[0]), (expected, said)
