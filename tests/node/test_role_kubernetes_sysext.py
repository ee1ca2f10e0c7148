# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role kubernetes_sysext: real system extensions, patched by the real systemd-sysupdate."""

from __future__ import annotations

import base64
import collections.abc
import hashlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.booted import started
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.node.steps import succeeded
from ansible_collections.flatops.flatcar.tests.node.sysext import (
    FLAG,
    LINK,
    SOON,
    Site,
    changes,
    failure,
    role,
    site,
    status,
)
from ansible_collections.flatops.flatcar.tests.standins.extensions import images
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes

one_core = pytest.mark.one_core


@pytest.fixture(scope="module")
def nodes() -> collections.abc.Iterator[Nodes]:
    with started(1) as found:
        yield found


@pytest.fixture(scope="module")
def here(nodes: Nodes, tmp_path_factory: pytest.TempPathFactory) -> collections.abc.Iterator[Site]:
    with site(nodes, tmp_path_factory.mktemp("site")) as found:
        found.images.add("1.33.0")
        yield found


@pytest.fixture(scope="module")
def empty(here: Site) -> list[str]:
    """What the node has before the role comes."""
    return here.everything()


@pytest.fixture
def variables(here: Site) -> dict[str, t.Any]:
    return {"kubernetes_sysext_version": "1.33.0", "kubernetes_sysext_url": here.images.tls_url, **SOON}


def test_first_application(play: Player, here: Site, variables: dict[str, t.Any], empty: list[str]) -> None:
    """It is merged at once; check mode tells the truth, and the second run changes nothing."""
    checked = play([role("main")], variables=variables, check=True, diff=True)
    succeeded(checked)
    assert here.everything() == empty
    applied = play([role("main"), role("verify"), role("main", "again")], variables=variables, diff=True)
    succeeded(applied)
    assert changes(applied) == changes(checked) == ["Apply the fragment", "Merge it where none is"]
    assert (here.merged(), here.staged(), here.flagged()) == ("1.33.0", "1.33.0", False)
    assert here.out("systemctl is-enabled systemd-sysupdate-reboot.timer || true") == "masked"


@one_core
def test_nothing_is_staged_where_the_versions_of_api_servers_are_not_known(here: Site) -> None:
    """As the timer fires: before the node has joined, while the API is unreachable, and until it answers."""
    here.images.add("1.33.1")
    here.until(lambda: "the node has not joined a cluster" in here.told())
    here.join()
    here.until(lambda: f"https://{here.address()}:6443 does not answer" in here.told())
    assert here.staged() == "1.33.0"
    assert here.run("systemctl is-failed flatops-kubernetes-sysupdate.service").returncode
    here.serve(1, "v1.33.3")
    here.until(here.flagged)
    assert here.staged() == "1.33.1"


@one_core
def test_a_patch_of_the_node_stays(play: Player, here: Site, variables: dict[str, t.Any]) -> None:
    """main is unchanged; what is staged is merged by the next boot, which nothing then asks for any longer."""
    played = play([role("main"), role("verify")], variables=variables)
    succeeded(played)
    assert not changes(played) and (here.merged(), here.staged()) == ("1.33.0", "1.33.1")
    here.runs("1.32.9")
    found = status(play)
    assert found["running"] == "1.32.9"
    assert {name: found[name] for name in ("merged", "staged", "available", "installed", "timer")} == {
        "merged": "1.33.0",
        "staged": "1.33.1",
        "available": "1.33.1",
        "installed": ["1.33.1", "1.33.0"],
        "timer": "active",
    }
    skew = found["skew"]
    assert (skew["decision"], skew["oldest"]) == ("fits", "1.33")
    assert skew["servers"] == [f"{here.address()}:6443=1.33.3"]
    here.reboot()
    assert here.merged() == "1.33.1" and not here.flagged()


@one_core
def test_an_altered_image_is_not_staged(here: Site) -> None:
    """Nor is one whose server is down; the unit fails, and the next look mends it."""
    here.out("systemctl stop flatops-kubernetes-sysupdate.timer")
    here.images.add("1.33.2")
    for fault in ("altered", "down"):
        with here.images.having(fault):
            rc, told = here.look()
        assert rc and "systemd-sysupdate has failed" in told
        assert here.staged() == "1.33.1" and not here.flagged()
    with here.images.having("slow"):
        assert here.look()[0] == 0
    assert here.staged() == "1.33.2" and here.flagged()


@one_core
def test_a_flag_goes_when_nothing_is_staged_any_longer(play: Player, here: Site) -> None:
    """The rollback of what was never merged. The version is not staged again, and a flag of others stays."""
    played = play([role("rollback"), role("rollback", "again")])
    succeeded(played)
    assert changes(played) == ["Stage it"]
    assert not here.flagged()
    assert here.look()[0] == 0
    assert here.staged() == "1.33.1" and status(play)["avoided"] == "1.33.2"
    here.out(f"touch {FLAG}; /opt/flatops/bin/kubernetes-switch 1.33.2; /opt/flatops/bin/kubernetes-switch 1.33.1")
    assert here.flagged()
    here.out(f"rm {FLAG}")


@one_core
def test_no_space(here: Site) -> None:
    """The image is not staged, and nothing of it is left when there is space again."""
    images = "/opt/extensions/kubernetes"
    here.images.add("1.33.3")
    here.out(f"""
        cp {images}/kubernetes-v1.33.1-x86-64.raw /run
        mount -t tmpfs -o size=2m small {images}
        mv /run/kubernetes-v1.33.1-x86-64.raw {images}
        ! cat /dev/zero >{images}/full
    """)
    rc, told = here.look()
    assert rc and "No space left on device" in told
    assert here.staged() == "1.33.1"
    here.out(f"umount {images}")
    assert here.look()[0] == 0
    assert here.staged() == "1.33.3"


@one_core
def test_images_that_nobody_uses_go(here: Site, play: Player, variables: dict[str, t.Any]) -> None:
    """Three stay: the newest ones, and what is merged. The first one was made by main, which does not make it anew."""
    here.images.add("1.33.4")
    assert here.look()[0] == 0
    assert here.installed() == ["1.33.1", "1.33.3", "1.33.4"]
    played = play([role("main")], variables=variables)
    succeeded(played)
    assert not changes(played) and here.installed() == ["1.33.1", "1.33.3", "1.33.4"]


@one_core
def test_a_second_minor_version_is_removed_and_told(here: Site, play: Player, variables: dict[str, t.Any]) -> None:
    """With it systemd-sysupdate finds no update and says that this is fine; the unit fails instead."""
    folder = "/etc/sysupdate.kubernetes.d"
    here.out(f"sed s/1[.]33/1.34/ {folder}/kubernetes-v1.33.conf >{folder}/kubernetes-v1.34.conf")
    rc, told = here.look()
    assert rc and f"{folder} has to have kubernetes-v1.33.conf alone" in told
    verified = play([role("verify")], variables=variables)
    assert "1.33.conf alone, has" in failure(verified) and "The last look for a patch has failed" in failure(verified)
    checked = play([role("main")], variables=variables, check=True)
    applied = play([role("main"), role("main", "again")], variables=variables)
    assert changes(checked) == changes(applied)
    assert changes(applied)[-1] == "Remove what else it has"
    assert f"Removed: {folder}/kubernetes-v1.34.conf" in applied.output
    assert here.out(f"ls {folder}") == "kubernetes-v1.33.conf"
    assert here.look()[0] == 0


@one_core
def test_a_newer_minor_version_waits_for_the_cluster(here: Site, play: Player, variables: dict[str, t.Any]) -> None:
    """main lays it beside. Nothing stages it while an API server is older, the timer not even then."""
    here.images.add("1.34.0")
    here.images.add("1.34.1")
    newer = {**variables, "kubernetes_sysext_version": "1.34.0", "kubernetes_sysext_auto_patch": False}
    succeeded(play([role("main")], variables=newer))
    assert (here.merged(), here.staged()) == ("1.33.1", "1.33.4")
    assert "kubernetes-v1.34.0-x86-64.raw" in here.out("ls /opt/extensions/kubernetes")
    assert here.run("systemctl is-active flatops-kubernetes-sysupdate.timer").stdout == "inactive\n"
    rc, told = here.look()
    assert not rc and "DECISION=newer" in told and here.staged() == "1.33.4"
    refused = here.run("/opt/flatops/bin/kubernetes-switch 1.34.0")
    assert refused.returncode and "would be newer than the oldest API server, 1.33" in refused.stderr
    here.serve(2, "v1.34.1")
    here.join(2)
    assert here.run("/opt/flatops/bin/kubernetes-skew 1.34").returncode == 1
    here.api.stop(here.address(1))
    rc, told = here.look()
    assert not rc and "only an upgrade of the cluster takes it to 1.34" in told and here.staged() == "1.33.4"
    here.out("/opt/flatops/bin/kubernetes-switch 1.34.0")
    assert here.look()[0] == 0
    assert here.staged() == "1.34.1"
    assert here.installed() == ["1.33.1", "1.34.0", "1.34.1"]


@one_core
def test_rollback(here: Site, play: Player) -> None:
    """To a version that the node has; else it is refused, and nothing changes."""
    refused = play([role("rollback", kubernetes_sysext_rollback_version="1.33.9")])
    assert "1.33.9 is not on the node, which has 1.34.1, 1.34.0, 1.33.1" in failure(refused)
    checked = play([role("rollback")], check=True)
    assert changes(checked) == ["Stage it"] and here.staged() == "1.34.1"
    back = {"kubernetes_sysext_rollback_version": "1.33.1"}
    succeeded(play([role("rollback", **back)]))
    assert here.staged() == here.merged() == "1.33.1"
    assert not here.flagged()
    here.out("/opt/flatops/bin/kubernetes-switch 1.34.1")
    assert here.flagged()


@one_core
def test_merged_at_once(here: Site, play: Player, variables: dict[str, t.Any]) -> None:
    """With refresh the kubelet is restarted, and nobody is asked to reboot."""
    here.out("/opt/flatops/bin/kubernetes-switch 1.33.1")
    assert not here.flagged()
    # The timer would stage the newer one.
    calm = {**variables, "kubernetes_sysext_version": "1.34.0", "kubernetes_sysext_auto_patch": False}
    succeeded(play([role("main")], variables={**calm, "kubernetes_sysext_activation": "refresh"}))
    before = here.out("systemctl show -p InvocationID kubelet.service")
    here.out("/opt/flatops/bin/kubernetes-switch 1.34.0")
    assert here.merged() == "1.34.0" and not here.flagged()
    assert here.out("systemctl show -p InvocationID kubelet.service") != before


@one_core
def test_verify_says_what_is_wrong(here: Site, play: Player, variables: dict[str, t.Any]) -> None:
    """All at once, and nothing is changed."""
    here.out(f"""
        ln -sfn nowhere {LINK}
        systemctl unmask systemd-sysupdate-reboot.timer
        mkdir -p /etc/systemd/system/systemd-sysupdate.service.d
        cat >/etc/systemd/system/systemd-sysupdate.service.d/kubernetes.conf <<'UNIT'
[Service]
ExecStartPre=/usr/lib/systemd/systemd-sysupdate -C kubernetes update
UNIT
    """)
    before = here.out("find /etc -printf '%p %l %T@\\n' | sort")
    said = failure(play([role("verify")], variables=variables))
    for words in (
        "Not as described, apply the role: ",
        "1.34.0 is merged, and 1.33.0 is described",
        "leads to no image, so that the next boot has no Kubernetes",
        "should have kubernetes-v1.33.conf alone, has kubernetes-v1.34.conf",
        "systemd-sysupdate.service.d/kubernetes.conf patches Kubernetes too",
        "flatops-kubernetes-sysupdate.timer is inactive",
        "systemd-sysupdate-reboot.timer reboots the node without a drain",
    ):
        assert words in said, said
    assert here.out("find /etc -printf '%p %l %T@\\n' | sort") == before
    here.out("rm -r /etc/systemd/system/systemd-sysupdate.service.d")


@one_core
def test_remove(here: Site, play: Player, variables: dict[str, t.Any], empty: list[str]) -> None:
    """Not from a node of a cluster; of the others nothing is left, and nothing runs any longer."""
    assert "run `kubeadm reset` on it first" in failure(play([role("remove")], variables=variables))
    here.out("rm -r /etc/kubernetes /var/lib/kubelet")
    checked = play([role("remove")], variables=variables, check=True)
    assert here.merged() == "1.34.0" and here.installed()
    removed = play([role("remove"), role("remove", "again")], variables=variables)
    succeeded(removed)
    assert changes(removed) == changes(checked)
    assert here.run("kubelet --version").returncode == 127 and not here.flagged()
    assert here.run("systemctl is-active kubelet.service").stdout != "active\n"
    assert here.everything() == empty
    assert "is not on the node. Apply the role" in failure(play([role("status")]))


@one_core
def test_signed_patches(here: Site, play: Player, variables: dict[str, t.Any]) -> None:
    """Without TLS, by digest and signature; what is not signed by the key is not staged."""
    plain = {**variables, "kubernetes_sysext_url": here.images.url}
    said = failure(play([role("main")], variables=plain))
    assert "without https, kubernetes_sysext_sha256 and kubernetes_sysext_keyring have to be set" in said
    keyring = base64.b64encode(here.images.sign()).decode()
    digest = hashlib.sha256(here.images.files[images.name("1.33.0")]).hexdigest()
    signed = {**plain, "kubernetes_sysext_auto_patch": False, "kubernetes_sysext_keyring": keyring}
    wrong = play([role("main")], variables={**signed, "kubernetes_sysext_sha256": "0" * 64})
    assert "hash" in failure(wrong) and here.run("kubelet --version").returncode == 127
    succeeded(play([role("main")], variables={**signed, "kubernetes_sysext_sha256": digest}))
    here.join(2)
    for fault in ("forged", "foreign", "unsigned", "altered"):
        with here.images.having(fault):
            assert here.look()[0], fault
        assert here.staged() == here.merged() == "1.33.0"
    assert here.look()[0] == 0
    assert here.staged() == "1.33.4"


@one_core
def test_an_image_that_a_boot_does_not_merge(here: Site) -> None:
    """No other reboot is asked for, since it would not help; the unit fails."""
    images_folder = "/opt/extensions/kubernetes/kubernetes-v"
    here.out(f"cp {images_folder}1.33.0-x86-64.raw {images_folder}1.33.4-x86-64.raw")
    here.reboot()
    rc, told = here.look()
    assert rc and "1.33.4 is staged since before this boot, but 1.33.0 is merged" in told
    assert not here.flagged()
