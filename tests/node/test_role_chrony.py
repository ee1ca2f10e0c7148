# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role chrony on node1, with the real chronyd; node2 is a server."""

from __future__ import annotations

import collections.abc
import hashlib
import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.booted import started
from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.node.same_tree import same_tree
from ansible_collections.flatops.flatcar.tests.standins.chrony import clock
from ansible_collections.flatops.flatcar.tests.standins.extensions import images
from ansible_collections.flatops.flatcar.tests.standins.extensions.server import Extensions, serving
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes

Variables = dict[str, t.Any]
ROLE = "flatops.flatcar.chrony"
IMAGE = "registry.example.com/chrony@sha256:" + 64 * "0"
PLACES = "/etc/chrony /etc/extensions /etc/systemd/system /opt"
#: What the recipe in Flatcar's documents of 2022 leaves on a node, with programs of no interest.
RECIPE = """
mkdir -p /opt/chrony/logs /run/standin-docker
touch /opt/chrony/Dockerfile /opt/chrony/chrony.conf /opt/chrony/done /run/standin-docker/registry
docker build -t chrony /opt/chrony
cat >/etc/systemd/system/prepare-chrony.service <<'END'
[Service]
Type=oneshot
RemainAfterExit=true
WorkingDirectory=/opt/chrony
ExecStart=/usr/bin/docker build -t chrony .
[Install]
WantedBy=multi-user.target
END
cat >/etc/systemd/system/chrony.service <<'END'
[Unit]
Requires=docker.service prepare-chrony.service
After=docker.service prepare-chrony.service
[Service]
ExecStartPre=-/usr/bin/docker rm --force chrony
ExecStart=/usr/bin/docker run --name chrony --cap-add=SYS_TIME -v /opt/chrony/logs:/var/log/chrony chrony chronyd -s -d
ExecStop=/usr/bin/docker stop chrony
Restart=always
RestartSec=5s
[Install]
WantedBy=multi-user.target
END
systemctl enable --quiet --now prepare-chrony chrony
systemctl is-active chrony
"""


class Role:
    """The role on node1, and what the node then has."""

    def __init__(self, play: Player, nodes: Nodes, server: Extensions) -> None:
        self.play = play
        self.nodes = nodes
        self.server = server
        self.sha256 = hashlib.sha256(server.files["chrony-4.9-x86-64.raw"]).hexdigest()
        self.ntp = nodes["node2"].address

    def __call__(self, entry: str = "main", *, check: bool = False, **variables: t.Any) -> Played:
        task = {"ansible.builtin.include_role": {"name": ROLE, "tasks_from": entry}}
        given: Variables = {"chrony_sysext_url": self.server.url, "chrony_verify_timeout": 60, **variables}
        return self.play([task], hosts="node1", variables=given, check=check, diff=True)

    def changes(self, entry: str = "main", **options: t.Any) -> bool:
        played = self(entry, **options)
        assert played.rc == 0, played.output
        return any(result.changed for result in played.results)

    def fails(self, entry: str = "main", *, halfway: bool = True, **options: t.Any) -> str:
        played = self(entry, **options)
        assert played.rc == 2, played.output
        assert halfway or not any(result.changed for result in played.results)
        return str([result.result for result in played.results if result.failed][-1]["msg"])

    def refuses(self, entry: str = "main", **options: t.Any) -> str:
        return self.fails(entry, halfway=False, **options)

    def unsettled(self, **variables: t.Any) -> str:
        return self.refuses("verify", chrony_verify_timeout=5, **variables)

    def sh(self, script: str) -> str:
        return self.nodes.run("node1", f"sudo sh <<'SCRIPT'\n{script}\nSCRIPT\n").stdout

    def tree(self) -> str:
        return self.sh(f"find {PLACES} -printf '%p %m %l\\n' | sort; find {PLACES} -type f | sort | xargs -r sha256sum")

    def runs(self, *units: str) -> list[str]:
        return self.sh(f"systemctl is-active {' '.join(units)}").split()


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> collections.abc.Iterator[Nodes]:
    with started(2) as found:
        folder = tmp_path_factory.mktemp("extensions")
        clock.merge(found, "node1", clock.timesyncd(folder / "timesyncd"), "timesyncd")
        clock.merge(found, "node1", clock.with_docker(folder / "docker"), "docker")
        # Debian's own configuration, which Flatcar has not.
        found.run("node1", "sudo rm -r /etc/chrony").check_returncode()
        served = "chronyd -n -x 'local stratum 5' allow 'pidfile /run/chronyd.pid'"
        found.run("node2", f"sudo systemd-run --unit=served {served}").check_returncode()
        yield found


@pytest.fixture(scope="module")
def server(nodes: Nodes, tmp_path_factory: pytest.TempPathFactory) -> collections.abc.Iterator[Extensions]:
    folder = tmp_path_factory.mktemp("server")
    with serving(nodes, folder) as found:
        image = images.image(clock.bakery(folder / "chrony"), folder / "chrony.raw", "chrony").read_bytes()
        found.files |= {f"chrony-{version}-x86-64.raw": image for version in ("4.8", "4.9")}
        yield found


@pytest.fixture
def role(play: Player, nodes: Nodes, server: Extensions) -> Role:
    found = Role(play, nodes, server)
    found.sh("systemctl start systemd-timesyncd")
    return found


@pytest.fixture
def azure(role: Role, tmp_path: pathlib.Path) -> collections.abc.Iterator[Role]:
    """The node has an image for Azure."""
    clock.merge(role.nodes, "node1", clock.of_azure(tmp_path / "oem-azure"), "oem-azure")
    role.sh("mkdir -p /etc/chrony && ln -s /usr/share/oem-azure/chrony.conf /etc/chrony/chrony.conf")
    role.sh("echo flatcar.oem.id=azure >/run/cmdline && mount --bind /run/cmdline /proc/cmdline")
    yield role
    role.sh("systemctl stop chronyd; umount /proc/cmdline; rm -rf /etc/chrony /var/lib/extensions/oem-azure")
    role.sh("systemd-sysext refresh; systemctl daemon-reload")


def test_chronyd_of_the_image(azure: Role) -> None:
    given: Variables = {"chrony_cloud": "azure"}
    before = azure.tree()
    assert "does not start without the device" in azure.refuses(**given)
    with clock.ticking(azure.nodes["node1"]):
        assert azure.changes(check=True, **given)
        assert azure.tree() == before and azure.runs("chronyd", "systemd-timesyncd") == ["inactive", "active"]
        assert azure.changes(**given)
        assert azure.runs("chronyd", "systemd-timesyncd") == ["active", "inactive"]
        assert not azure.changes(**given)
        assert not azure.changes("verify", **given)
        assert "more than chrony_max_offset" in azure.unsettled(chrony_max_offset=0, **given)
        with_server: Variables = {"chrony_servers": [azure.ntp], **given}
        assert azure.changes(check=True, **with_server)
        assert azure.changes(**with_server)
        assert azure.ntp in azure.sh("chronyc -n -c sources")
        assert not azure.changes(**with_server)
        assert not azure.changes("verify", **with_server)
        azure.sh("systemctl unmask systemd-timesyncd; systemctl --job-mode=ignore-dependencies start systemd-timesyncd")
        assert "chronyd and systemd-timesyncd sets the clock" in azure.unsettled(**with_server)
        assert azure.changes(**with_server)
        assert not azure.changes("verify", **with_server)
        # What the image's own cannot be told needs another chronyd, which has to be asked for.
        own: Variables = {"chrony_mode": "sysext", "chrony_makestep": "1.0 3", **given}
        assert azure.changes(**own)
        assert not azure.changes("verify", **own)
        assert "makestep 1.0 3" in azure.sh("cat /run/chrony/standin.conf")
        assert azure.changes("remove", **own)
        assert azure.tree() == before and azure.runs("chronyd", "systemd-timesyncd") == ["active", "inactive"]
        assert not azure.changes("remove", **given)
    assert "has no /dev/ptp_hyperv" in azure.unsettled(**given)


@pytest.mark.one_core
def test_a_system_extension(role: Role) -> None:
    before = role.tree()
    given: Variables = {"chrony_cloud": "azure", "chrony_flatcar_channel": "lts-2023"}
    with_server: Variables = {"chrony_servers": [role.ntp], "chrony_allow_fallback": True, **given}
    assert "does not have chronyd in its image" in role.refuses(chrony_cloud="azure")
    assert "Name servers in chrony_servers" in role.refuses(**given)
    role.sh(RECIPE)
    # Without a PTP clock, which is told, by the server.
    assert role.changes(check=True, **with_server)
    assert role.runs("chrony", "chronyd") == ["active", "inactive"]
    played = role(**with_server)
    assert played.rc == 0, played.output
    assert "node1 has no /dev/ptp_hyperv; its clock follows the servers" in played.output
    assert role.runs("chronyd", "chrony", "systemd-timesyncd") == ["active", "inactive", "inactive"]
    assert not role.changes(**with_server)
    assert not role.changes("verify", **with_server)
    assert "has no /dev/ptp_hyperv" in role.unsettled(**{**with_server, "chrony_allow_fallback": False})
    with clock.ticking(role.nodes["node1"]):
        role.sh("systemctl restart chronyd")
        assert not role.changes("verify", **given)
        # A server that is named as a source of its own.
        added: Variables = {"chrony_servers": [role.ntp], "chrony_servers_use": "addition", **given}
        assert role.changes(**added)
        assert "minstratum" not in role.sh("cat /etc/chrony/flatops.conf")
        # Another version, whose bytes must be those that are wanted.
        newer: Variables = {"chrony_sysext_version": "4.9", **added}
        assert "hash" in role.fails(chrony_sysext_sha256=64 * "0", **newer)
        assert role.runs("chronyd") == ["active"]
        assert role.changes(chrony_sysext_sha256=role.sha256, **newer)
        assert not role.changes(chrony_sysext_sha256=role.sha256, **newer)
        assert "4.9" in role.sh("readlink /etc/extensions/chrony.raw; losetup -l") and role.runs("chronyd") == [
            "active"
        ]
        assert not role.changes("verify", **newer)
        # What waits for a reboot is not merged in passing.
        role.sh("cp -r /var/lib/extensions/timesyncd /var/lib/extensions/later")
        role.sh("cd /var/lib/extensions/later/usr/lib/extension-release.d && mv *.timesyncd extension-release.later")
        assert "merge later, which waits for a reboot" in role.refuses(**added)
        role.sh("rm -r /var/lib/extensions/later")
    assert role.changes("remove", check=True, **given)
    assert role.changes("remove", **given)
    assert role.runs("chronyd", "systemd-timesyncd") == ["inactive", "active"]
    assert role.tree() == before and not role.sh("ls -d /var/lib/chrony")
    assert not role.changes("remove", **given)


@pytest.mark.one_core
def test_a_container(role: Role) -> None:
    before = role.tree()
    given: Variables = {"chrony_cloud": "azure", "chrony_mode": "container", "chrony_container_image": IMAGE}
    with_server: Variables = {"chrony_servers": [role.ntp], **given}
    assert "by its digest" in role.refuses(**{**with_server, "chrony_container_image": "chrony:latest"})
    role.sh(RECIPE)
    with clock.ticking(role.nodes["node1"]):
        assert role.changes(**with_server)
        assert role.runs("chronyd", "chrony", "systemd-timesyncd") == ["active", "inactive", "inactive"]
        assert not role.changes(**with_server)
        assert not role.changes("verify", **with_server)
        assert role.sh("stat -c %a /var/lib/chrony /run/chrony").split() == ["750", "750"]
    # The device goes, and chronyd goes on with the server; the registry goes, and the image is there.
    role.sh("rm /run/standin-docker/registry; systemctl restart chronyd")
    assert not role.changes("verify", chrony_allow_fallback=True, **with_server)
    assert "/dev/ptp_hyperv is missing" in role.sh("journalctl -u chronyd --no-pager")
    assert role.changes("remove", **given)
    assert role.tree() == before and not role.sh("ls -d /var/lib/chrony")
    assert not role.changes("remove", **given)


REFUSED = {
    "no source": {},
    "no stable name": {"chrony_ptp_device": "/dev/ptp0"},
    "only images for Azure": {"chrony_mode": "native", "chrony_servers": ["192.0.2.1"]},
    "chrony_makestep": {"chrony_cloud": "azure", "chrony_makestep": "1.0 3"},
    "chrony_ptp_device": {"chrony_cloud": "azure", "chrony_ptp_device": "/dev/ptp_kvm"},
}


@pytest.mark.one_core
def test_what_cannot_be(play: Player) -> None:
    fragment = {"msg": "{{ query('flatops.flatcar.fragments', {'role': 'flatops.flatcar.chrony'}) }}"}
    tasks = [
        {"name": word, "ansible.builtin.debug": fragment, "vars": variables, "ignore_errors": True}
        for word, variables in REFUSED.items()
    ]
    told = {result.task: result.result["msg"] for result in play(tasks, hosts="node1").results if result.failed}
    assert told.keys() == REFUSED.keys()
    assert all(word in message for word, message in told.items()), told


@pytest.mark.one_core
@pytest.mark.parametrize(
    "variables",
    [
        {"chrony_cloud": "azure"},
        {"chrony_cloud": "azure", "chrony_flatcar_version": "3815.2.5"},
        {"chrony_mode": "sysext", "chrony_servers": ["192.0.2.1"], "chrony_extra_config": "allow\nlogchange 1"},
        {"chrony_cloud": "azure", "chrony_mode": "container", "chrony_container_image": IMAGE},
    ],
)
def test_first_boot(nodes: Nodes, play: Player, server: Extensions, variables: Variables) -> None:
    # On node2, which is as it was at its first boot.
    same_tree(nodes, play, ROLE, {"chrony_sysext_url": server.url, **variables}, host="node2")
