# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role node_base on the test nodes."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.node.roles import booted_with_role
from ansible_collections.flatops.flatcar.tests.node.same_tree import same_tree
from ansible_collections.flatops.flatcar.tests.node.steps import Task, look, of, succeeded
from ansible_collections.flatops.flatcar.tests.standins.certificate import certificate
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin

ROLE = "flatops.flatcar.node_base"
SECRET = "pass%word"
CONFIG = "/opt/containerd/config.toml"
#: What the bundle of trusted certificates is made of.
WRITTEN = r"etc/ssl/certs/(ca-certificates\.crt|[0-9a-f]{8}\.[0-9])"
#: containerd as far as systemd and the role see it.
CONTAINERD = f"""
mkdir -p {CONFIG.rpartition("/")[0]}
printf 'version = 2\\nroot = "/var/lib/containerd"\\n' >{CONFIG}
cat >/etc/systemd/system/containerd.service <<'END'
[Service]
ExecStart=/bin/sleep infinity
END
systemctl daemon-reload
systemctl start containerd
"""
#: What of the role's must not stay.
MADE = ("/etc/flatops", "/etc/containerd", "/etc/flatcar/enabled-sysext.conf", "/opt/flatops")
ENVIRONMENT = "tr '\\0' '\\n' </proc/$(systemctl show -P MainPID containerd)/environ"
MIRRORS = [
    {"registry": "docker.io", "mirrors": ["https://mirror.example.org", "https://second.example.org"]},
    {
        "registry": "_default",
        "mirrors": ["https://mirror.example.org/v2/all"],
        "override_path": True,
        "fallback": False,
    },
]


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> str:
    return certificate(tmp_path_factory.mktemp("trust"))[1].read_text()


def everything(trust: str) -> dict[str, t.Any]:
    return {
        "node_base_http_proxy": f"http://robot:{SECRET}@proxy.example.org:3128",
        "node_base_no_proxy": ["localhost", ".example.org"],
        "node_base_ca_certificates": {"estate-root": trust},
        "node_base_registry_mirrors": MIRRORS,
        "node_base_containerd_config": CONFIG,
        "node_base_extensions": ["zfs", "-podman"],
    }


def role(entry: str = "main", **more: t.Any) -> Task:
    return {"name": entry, "ansible.builtin.include_role": {"name": ROLE, "tasks_from": entry, **more}}


def changed(played: Played) -> list[str]:
    return [result.task for result in played.results if result.changed]


def test_a_first_boot_makes_the_same(nodes: standin.Nodes, play: Player, trust: str) -> None:
    same_tree(nodes, play, ROLE, {}, host="node2")
    played = same_tree(nodes, play, ROLE, everything(trust), host="node2", written=WRITTEN)
    assert SECRET not in played.output and SECRET not in repr(of(played, "config"))


@pytest.mark.one_core
def test_a_node_for_its_life(play: Player, trust: str) -> None:
    variables = everything(trust)
    succeeded(play([look(CONTAINERD)], hosts="node1"))
    checked = play([role()], hosts="node1", variables=variables, check=True, diff=True, arguments=["-vvv"])
    succeeded(checked)
    assert "Apply the fragment" in " ".join(changed(checked))
    assert SECRET not in checked.output
    untouched = look("[ ! -e /etc/flatops ] && [ ! -e /run/reboot-required ]")
    played = play([untouched, role()], hosts="node1", variables=variables, diff=True, arguments=["-vvv"])
    succeeded(played)
    assert SECRET not in played.output
    played = play(
        [
            look(ENVIRONMENT, "environment"),
            look("stat -c %a /etc/flatops/proxy.env /etc/ssh/sshd_config.d/10-node_base.conf", "modes"),
            look("cat /run/flatops/containerd.toml", "containerd"),
            look("cat /etc/containerd/certs.d/docker.io/hosts.toml", "docker.io"),
            look("cat /etc/containerd/certs.d/_default/hosts.toml", "_default"),
            look("openssl verify -CAfile /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/estate-root.pem", "trusted"),
            look("sshd -T | grep -i passwordauthentication; cat /etc/flatcar/enabled-sysext.conf", "rest"),
            look("[ -e /run/reboot-required ]", "asked for a boot"),
            {**role(), "name": "again"},
        ],
        hosts="node1",
        variables=variables,
    )
    succeeded(played)
    assert changed(played) == []
    environment = of(played, "environment")["stdout_lines"]
    proxy = variables["node_base_http_proxy"]
    for line in (f"https_proxy={proxy}", f"HTTP_PROXY={proxy}", "no_proxy=localhost,.example.org"):
        assert line in environment
    assert "CONTAINERD_CONFIG=/run/flatops/containerd.toml" in environment
    assert of(played, "modes")["stdout_lines"] == ["600", "600"]
    assert of(played, "containerd")["stdout_lines"] == [
        "version = 2",
        'root = "/var/lib/containerd"',
        "",
        '[plugins."io.containerd.grpc.v1.cri".registry]',
        'config_path = "/etc/containerd/certs.d"',
    ]
    assert of(played, "docker.io")["stdout_lines"] == [
        '[host."https://mirror.example.org"]',
        'capabilities = ["pull", "resolve"]',
        '[host."https://second.example.org"]',
        'capabilities = ["pull", "resolve"]',
    ]
    assert of(played, "_default")["stdout_lines"] == [
        'server = "https://mirror.example.org/v2/all"',
        "override_path = true",
        "",
        '[host."https://mirror.example.org/v2/all"]',
        'capabilities = ["pull", "resolve"]',
        "override_path = true",
    ]
    assert of(played, "trusted")["stdout"].strip().endswith("OK")
    assert of(played, "rest")["stdout_lines"] == ["passwordauthentication no", "zfs", "-podman"]

    # zfs comes with the next boot.
    variables["node_base_extensions"] = ["-podman"]
    newer = {**variables, "node_base_http_proxy": "http://other.example.org:3128"}
    older = [
        role(),
        look("sleep 1.1; touch /etc/flatops/proxy.env", "a run that was ended before it restarted"),
        role("verify", apply={"ignore_errors": True}),
        role(),
        role("verify"),
        look(ENVIRONMENT, "environment"),
    ]
    played = play(older, hosts="node1", variables=newer)
    succeeded(played)
    assert "https_proxy=http://other.example.org:3128" in of(played, "environment")["stdout_lines"]
    (told,) = [result.result["msg"] for result in played.results if result.failed]
    assert "containerd.service runs with an older configuration, proxy or trust" in told

    wrong = {**newer, "node_base_sshd": {"PermitRootLogin": "perhaps"}, "node_base_http_proxy": ""}
    played = play([role()], hosts="node1", variables=wrong)
    assert played.rc != 0 and 'unsupported option "perhaps"' in played.results[-1].result["msg"]
    assert changed(played) == []
    edited = [
        look("echo X11Forwarding yes >/etc/ssh/sshd_config.d/00-other.conf; echo >>/etc/ssl/certs/estate-root.pem"),
        role("verify"),
    ]
    played = play(edited, hosts="node1", variables={**newer, "node_base_extensions": ["zfs"]})
    told = played.results[-1].result["msg"]
    for what in (
        "/etc/ssl/certs/estate-root.pem is not as described",
        "sshd has not x11forwarding no",
        "the system extension flatcar-zfs is not merged",
    ):
        assert what in told

    end = [
        look("rm /etc/ssh/sshd_config.d/00-other.conf; sed -i '$d' /etc/ssl/certs/estate-root.pem"),
        role("remove"),
        look(ENVIRONMENT, "environment"),
        look(f"grep -c '{trust.splitlines()[2]}' /etc/ssl/certs/ca-certificates.crt || true", "trusted"),
        look(f"ls -d {' '.join(MADE)} 2>/dev/null || true", "left"),
    ]
    played = play(end, hosts="node1", variables=newer)
    succeeded(played)
    assert not [line for line in of(played, "environment")["stdout_lines"] if "proxy" in line or "CONTAINERD" in line]
    assert (of(played, "trusted")["stdout"].strip(), of(played, "left")["stdout"]) == ("0", "")
    again = play([role("remove"), look("rm -r /opt/containerd /etc/systemd/system/containerd.service")], hosts="node1")
    succeeded(again)
    assert changed(again) == []


@pytest.mark.one_core
def test_containerd_with_other_configurations(play: Player) -> None:
    later = 'version = 3\n[plugins."io.containerd.cri.v1.images"]\n'
    printed = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = ""\n'
    own = printed.replace('""', '"/etc/own"')
    start = "systemctl restart containerd; cat /run/flatops/containerd.toml"
    variables = {"node_base_registry_mirrors": MIRRORS, "node_base_containerd_config": CONFIG, "node_base_sshd": {}}
    tasks = [look(CONTAINERD), role()]
    for name, text in (("later", later), ("printed", printed), ("own", own)):
        tasks += [look(f"cat >{CONFIG} <<'END'\n{text}END\n"), look(start, name)]
    played = play(tasks, hosts="node3", variables=variables)
    succeeded(played)
    made = {name: of(played, name)["stdout"].replace("\r", "") for name in ("later", "printed", "own")}
    table = '\n[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "/etc/containerd/certs.d"\n'
    assert made == {"later": later + table, "printed": printed.replace('""', '"/etc/containerd/certs.d"'), "own": own}


@pytest.mark.one_core
def test_a_first_boot_is_taken_over(tmp_path: pathlib.Path, trust: str) -> None:
    variables = {**everything(trust), "node_base_extensions": []}
    with booted_with_role(ROLE, variables, tmp_path) as nodes:
        before = "systemctl show -P ActiveEnterTimestampMonotonic flatops-ca-certificates.service sysinit.target"
        played = Player(nodes.inventory, tmp_path)([look(before, "order"), role(), role("verify")], variables=variables)
        succeeded(played)
        trusted, ready = (int(line) for line in of(played, "order")["stdout"].split())
        assert 0 < trusted <= ready
        assert changed(played) == []
