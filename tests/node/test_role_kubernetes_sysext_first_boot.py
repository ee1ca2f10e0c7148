# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role kubernetes_sysext at a first boot, and on a node that has booted with it."""

from __future__ import annotations

import base64
import collections.abc
import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.booted import started
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.node.roles import booted_with_role
from ansible_collections.flatops.flatcar.tests.node.same_tree import same_tree
from ansible_collections.flatops.flatcar.tests.node.steps import succeeded
from ansible_collections.flatops.flatcar.tests.node.sysext import ROLE, changes, role
from ansible_collections.flatops.flatcar.tests.standins.extensions.server import serving
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes

pytestmark = pytest.mark.one_core
#: What each mode of the role sets beside the defaults.
MODES: dict[str, dict[str, t.Any]] = {
    "patched": {},
    "patched in a window": {
        "kubernetes_sysext_patch_window": "Sat,Sun 02:00",
        "kubernetes_sysext_activation": "kured",
        "flatcar_reboot_authority": "kured",
    },
    "not patched": {"kubernetes_sysext_auto_patch": False, "kubernetes_sysext_activation": "refresh"},
}


@pytest.fixture(scope="module")
def nodes() -> collections.abc.Iterator[Nodes]:
    with started(1) as found:
        yield found


@pytest.fixture(scope="module")
def variables(nodes: Nodes, tmp_path_factory: pytest.TempPathFactory) -> collections.abc.Iterator[dict[str, t.Any]]:
    """An image that is verified without TLS, since a new machine trusts no authority of a test."""
    with serving(nodes, tmp_path_factory.mktemp("images")) as server:
        yield {
            "kubernetes_sysext_version": "1.34.1",
            "kubernetes_sysext_url": server.url,
            "kubernetes_sysext_sha256": server.add("1.34.1"),
            "kubernetes_sysext_keyring": base64.b64encode(server.sign()).decode(),
        }


@pytest.mark.parametrize("mode", MODES)
def test_same_tree(nodes: Nodes, play: Player, variables: dict[str, t.Any], mode: str) -> None:
    same_tree(nodes, play, ROLE, {**variables, **MODES[mode]})


def test_first_boot(variables: dict[str, t.Any], tmp_path: pathlib.Path) -> None:
    """Kubernetes is merged and its timer runs; main has nothing to do, and remove leaves nothing."""
    with booted_with_role(ROLE, variables, tmp_path) as first:
        merged = first.run("node1", "kubelet --version; systemctl is-active kubelet flatops-kubernetes-sysupdate.timer")
        assert merged.stdout.splitlines() == ["Kubernetes v1.34.1", "active", "active"]
        play = Player(first.inventory, tmp_path)
        played = play([role("main"), role("verify")], variables=variables, diff=True)
        succeeded(played)
        assert not changes(played)
        succeeded(play([role("remove")], variables=variables))
        left = first.run("node1", "sudo find / -xdev -iname '*kubernetes*' ! -path '/proc/*' ! -path '/usr/*'").stdout
        assert left == ""


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kubernetes_sysext_version": "v1.34"}, "v1.34 is no version such as 1.34.2"),
        ({"kubernetes_sysext_sha256": ""}, "without https, kubernetes_sysext_sha256 and kubernetes_sysext_keyring"),
        (
            {"kubernetes_sysext_activation": "kured", "flatcar_reboot_authority": "locksmithd"},
            "kubernetes_sysext_activation: kured, but flatcar_reboot_authority is locksmithd",
        ),
        ({"kubernetes_sysext_patch_jitter": "1 hour!"}, "kubernetes_sysext_patch_jitter: 1 hour! is no time span"),
        ({"kubernetes_sysext_images_kept": 0}, "kubernetes_sysext_images_kept: 0 leaves no image"),
    ],
)
def test_what_is_refused(play: Player, variables: dict[str, t.Any], wrong: dict[str, t.Any], words: str) -> None:
    played = play([role("main")], variables={**variables, **wrong}, check=True)
    (failed,) = [result for result in played.results if result.failed]
    assert words in str(failed.result["msg"])
