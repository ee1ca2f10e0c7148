# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""node_diagnose and the playbook diagnose on nodes."""

from __future__ import annotations

import collections.abc
import contextlib
import io
import os
import pathlib
import subprocess
import sys
import tarfile
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._node.diagnose import FILE_LIMIT
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes

FAILING = """
sudo tee /run/systemd/system/failing.service >/dev/null <<'end'
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo "password=canary and Bearer canary0123"; echo "-----BEGIN PRIVATE KEY-----"; \
  echo canarycanarycanary; exit 3'
end
sudo tee /run/systemd/system/kubelet.service >/dev/null <<'end'
[Service]
ExecStart=/bin/sh -c 'seq -f "line %%0200.0f" 15000; sleep 1d'
end
sudo systemctl daemon-reload
sudo systemctl start failing.service
sudo systemctl start kubelet.service
sleep 1
"""
MENDED = """
sudo systemctl stop kubelet.service
sudo rm /run/systemd/system/failing.service /run/systemd/system/kubelet.service
sudo systemctl daemon-reload
sudo systemctl reset-failed
"""


@contextlib.contextmanager
def failing(nodes: Nodes, name: str) -> collections.abc.Iterator[None]:
    """A unit that has failed, and one that says much."""
    nodes.run(name, FAILING)
    try:
        yield
    finally:
        nodes.run(name, MENDED)


def contents(path: str) -> dict[str, str]:
    """The texts of an archive by their names in its folder, which is named like the archive."""
    found = {}
    with tarfile.open(path, "r:gz") as archive:
        for entry in archive:
            folder, dummy, name = entry.name.partition("/")
            assert path.endswith(f"/{folder}.tar.gz")
            found[name] = t.cast(io.BufferedReader, archive.extractfile(entry)).read().decode()
    return found


def test_an_archive(nodes: Nodes, play: Player, tmp_path: pathlib.Path) -> None:
    dest = tmp_path / "new" / "folder"
    tasks = [{"flatops.flatcar.node_diagnose": {"dest": str(dest)}}]
    with failing(nodes, "node1"):
        (checked,) = play(tasks, hosts="node1", check=True).results
        assert checked.changed
        assert not dest.exists()
        played = play(tasks, hosts="node1", arguments=["-vvvv"])
    assert played.rc == 0, played.output
    assert "canary" not in played.output
    (result,) = (result.result for result in played.results)
    path = result["dest"]
    assert path == f"{dest}/node1-{nodes.boot_id('node1')}.tar.gz" == checked.result["dest"]
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert result["size"] == os.path.getsize(path)
    texts = contents(path)
    assert {name: len(text.encode()) for name, text in texts.items()} == result["files"]
    assert "failing.service" in texts["units/failed"]
    assert "status=3" in texts["units/failing.service/status"]
    assert "password=[redacted] and Bearer [redacted]" in texts["units/failing.service/journal"]
    assert "canary" not in "".join(texts.values())
    assert result["redacted"] >= 3
    assert "CURRENT_OP" in texts["update-engine/status"]
    assert "provisioningDate" in texts["ignition/result.json"]
    assert texts["network/addresses"]
    journal = texts["kubelet/journal"]
    assert FILE_LIMIT - 1000 < len(journal) <= FILE_LIMIT
    assert journal.endswith("015000\n")
    assert "kubelet/journal: only the end\n" in texts["missing"]
    assert "containers/pods: no program crictl\n" in texts["missing"]


def test_the_playbook_twice(nodes: Nodes, play: Player, tmp_path: pathlib.Path) -> None:
    program = pathlib.Path(sys.executable).with_name("ansible-playbook")
    for dummy in range(2):
        done = subprocess.run(
            [program, "-i", nodes.inventory, "-e", "flatcar_hosts=node1:node2", "flatops.flatcar.diagnose"],
            cwd=tmp_path,
            env={**os.environ, **play.settings(tmp_path / "results")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    names = [f"{name}-{nodes.boot_id(name)}.tar.gz" for name in ("node1", "node2")]
    assert sorted(os.listdir(tmp_path / "diagnose")) == names


def test_where_nothing_can_be_written(play: Player, tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").touch()
    tasks = [{"flatops.flatcar.node_diagnose": {"dest": str(tmp_path / "file")}}]
    (result,) = (result.result for result in play(tasks, hosts="node1").results)
    assert result["error_code"] == "write_failed"
    assert str(tmp_path / "file") in result["msg"]
