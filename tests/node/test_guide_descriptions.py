# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the guides that need no node: descriptions are rendered as they stand there, plays are read.

What the plays do is tested where the guide's subject is.
"""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
import yaml

from ansible_collections.flatops.flatcar.tests.guide import FOLDER, examples, of_readme
from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.standins.certificate import certificate

pytestmark = pytest.mark.one_core


def render(folder: pathlib.Path, inventory: t.Any, **variables: t.Any) -> Played:
    hosts = folder / "hosts.json"
    hosts.write_text(json.dumps(inventory))
    given = {"flatcar_render_dir": str(folder / "ignition"), **variables}
    return Player(hosts, folder).run("flatops.flatcar.render", variables=given)


def files(folder: pathlib.Path, host: str) -> dict[str, t.Any]:
    config = json.loads((folder / "ignition" / f"{host}.ign").read_text())
    return {file["path"]: file for file in config.get("storage", {}).get("files", [])}


def test_the_first_machine(tmp_path: pathlib.Path) -> None:
    inventory = yaml.safe_load(examples("guide_first_machine")[0])
    played = render(tmp_path, inventory)
    assert played.rc == 0 and "/etc/web.conf" in files(tmp_path, "web1"), played.output
    host = inventory["all"]["hosts"]["web1"]
    host["flatcar_butane__90_host"] = host["flatcar_butane__90_host"].replace("/etc/web.conf", "etc/web.conf")
    told = render(tmp_path, inventory)
    assert told.rc and "error at $.storage.files.0.path, line 5 col 13: path not absolute" in told.output


def test_fragments_in_files(tmp_path: pathlib.Path) -> None:
    for name in ("base.bu", "web.bu", "web.bu.j2"):
        entry = f"storage: {{files: [{{path: /etc/{name}}}]}}"
        (tmp_path / name).write_text(f"variant: flatcar\nversion: 1.0.0\n{entry}\n")
    guides = ("guide_fragments", "guide_butane_program")
    variables = {
        key: value for guide in guides for text in examples(guide) for key, value in yaml.safe_load(text).items()
    }
    played = render(tmp_path, {"all": {"hosts": {"web1": {**variables, "flatcar_files_dir": str(tmp_path)}}}})
    assert played.rc == 0, played.output
    assert {"/etc/base.bu", "/etc/web.bu", "/etc/web.bu.j2"} < set(files(tmp_path, "web1"))


def test_the_cookbook(tmp_path: pathlib.Path) -> None:
    found = [yaml.safe_load(text) for text in examples("guide_cookbook")]
    variables = {key: value for example in found if isinstance(example, dict) for key, value in example.items()}
    certificate(tmp_path)  # ca.pem
    played = render(tmp_path, {"all": {"vars": variables, "hosts": {"node1": None}}}, debug=True)
    assert played.rc == 0, played.output
    made = files(tmp_path, "node1")
    assert {"/etc/sysctl.d/90-network.conf", "/etc/systemd/journald.conf.d/10-debug.conf"} <= set(made)


def test_from_terraform(tmp_path: pathlib.Path) -> None:
    """What the page says of templates: the three files of its data source, translated as it says."""
    (inventory,) = (yaml.safe_load(text) for text in examples("guide_terraform") if "ssh_authorized_key:" in text)
    head = "variant: flatcar\nversion: 1.0.0\n"
    user = "passwd: {users: [{name: core, ssh_authorized_keys: ['{{ ssh_authorized_key }}']}]}"
    (tmp_path / "worker.yaml.j2").write_text(f"{head}{user}\n")
    (tmp_path / "units.yaml").write_text(f"{head}systemd: {{units: [{{name: docker.service, enabled: true}}]}}\n")
    storage = "storage: {files: [{path: /etc/home, contents: {inline: '${HOME}'}}]}"
    (tmp_path / "storage.yaml").write_text(f"{head}{storage}\n")
    played = render(tmp_path, inventory, flatcar_first_boot_record=False, flatcar_hostname="")
    assert played.rc == 0 and set(files(tmp_path, "worker2")) == {"/etc/home"}, played.output


def test_the_cluster(tmp_path: pathlib.Path) -> None:
    inventory = yaml.safe_load(examples("guide_kubernetes")[0])
    played = render(tmp_path, inventory)
    assert played.rc == 0, played.output
    made = {path.stem: path.read_text() for path in (tmp_path / "ignition").iterdir()}
    assert set(made) == {"control1", "control2", "control3", "worker1", "worker2"}
    assert all("/etc/extensions/kubernetes.raw" in text and "update.conf" in text for text in made.values())


def test_each_play_can_be_read(tmp_path: pathlib.Path) -> None:
    guides = [yaml.safe_load(text) for guide in sorted(FOLDER.glob("*.rst")) for text in examples(guide.stem)]
    found = [*guides, yaml.safe_load(of_readme("keep.yml"))]
    lists = [example for example in found if isinstance(example, list)]
    assert len(lists) > 30
    plays = [entry if "hosts" in entry else {"hosts": "all", "tasks": [entry]} for each in lists for entry in each]
    inventory = tmp_path / "hosts.json"
    inventory.write_text("{}")
    (tmp_path / "plays.json").write_text(json.dumps(plays))
    read = Player(inventory, tmp_path).run(str(tmp_path / "plays.json"), arguments=["--syntax-check"])
    assert read.rc == 0, read.output
