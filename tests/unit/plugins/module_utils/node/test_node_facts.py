# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts: what the programs of a node print, and what is made of it."""

from __future__ import annotations

import subprocess
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._node import (
    facts,
    facts_services,
    facts_system,
    facts_time,
    facts_update,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._node.assignments import assignments

OS_RELEASE = """\
NAME="Flatcar Container Linux by Kinvolk"
ID="flatcar"
ID_LIKE=coreos
VERSION="4757.2.0"
VERSION_ID='4757.2.0'
PRETTY_NAME="Flatcar \\"Oklo\\" costs \\$0"
ANSI_COLOR="38;5;75"
FLATCAR_BOARD="amd64-usr"
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A=1\nB=\"2\"\nC='3'\n", {"A": "1", "B": "2", "C": "3"}),
        ("# A=1\n\nA=2\nA=3", {"A": "3"}),
        ("A=", {"A": ""}),
        ('A="x\'y" # why', {"A": "x'y"}),
        ("A='x'\"y\"z", {"A": "xyz"}),
        (r'A="a\"b\\c\$d\`e\f"', {"A": r'a"b\c$d`e\f'}),
        (r"A=a\ b c", {"A": "a b"}),
        ("A=a#b", {"A": "a#b"}),
        ("  export A=1", {"A": "1"}),
        ("A = 1\nnonsense\n1A=2", {}),
        ('A="open', {"A": ""}),
    ],
)
def test_assignments(text: str, found: dict[str, str]) -> None:
    assert assignments(text) == found


@given(st.dictionaries(st.sampled_from("ABC"), st.text(st.characters(codec="ascii", exclude_categories=["Cc"]))))
def test_assignments_are_those_of_a_shell(values: dict[str, str]) -> None:
    escaped = {
        name: "".join(f"\\{char}" if char in '$`"\\' else char for char in value) for name, value in values.items()
    }
    assert assignments("".join(f'{name}="{value}"\n' for name, value in escaped.items())) == values


SYSTEM = {
    "os-release": OS_RELEASE,
    "update.conf": "GROUP=stable\nSERVER=https://public.update.flatcar-linux.net/v1/update/\nGROUP=beta\n",
    "machine": "x86_64\n",
    "kernel": "Linux 6.12.58-flatcar\n",
    "uptime": "350735.47 234388.90\n",
    "cmdline": "BOOT_IMAGE=/flatcar/vmlinuz-a flatcar.oem.id=azure flatcar.autologin",
    "virtualization": "microsoft\n",
    "system_state": "degraded\n",
    "failed_units": "a.service loaded failed failed The A\nb.mount   loaded failed failed /b\n",
    "boot_id": "0c8a5b1e\n",
}


def test_system() -> None:
    found = facts_system.system(SYSTEM)
    release = found.pop("os_release")
    assert (release["id"], release["pretty_name"]) == ("flatcar", 'Flatcar "Oklo" costs $0')
    assert found == {
        "version": "4757.2.0",
        "channel": "beta",
        "architecture": "amd64",
        "kernel": "Linux 6.12.58-flatcar",
        "hostname": None,
        "boot_id": "0c8a5b1e",
        "uptime_seconds": 350735.47,
        "platform": "azure",
        "virtualization": "microsoft",
        "system_state": "degraded",
        "failed_units": ["a.service", "b.mount"],
        "guestinfo_keys": None,
    }


def test_disks() -> None:
    text = """\
File              Source     Type     1B-blocks        Used       Avail
/                 /dev/sda9  ext4   28366311424  1638932480 25248239616
/usr              /dev/dm-0  btrfs   1065345024   429973504   574652416
/oem              /dev/sda6  btrfs            -           -           -
/usr/share/oem    /dev/sda6  btrfs            -           -           -
"""
    found = facts_system.disks({"disks": text})
    assert found == {
        "/": {"source": "/dev/sda9", "type": "ext4", "size": 28366311424, "used": 1638932480, "free": 25248239616},
        "/usr": {"source": "/dev/dm-0", "type": "btrfs", "size": 1065345024, "used": 429973504, "free": 574652416},
        "/oem": {"source": "/dev/sda6", "type": "btrfs", "size": None, "used": None, "free": None},
    }


def test_ignition() -> None:
    text = """\
{
  "provisioningBootID": "a4e1",
  "provisioningDate": "2026-11-20T09:08:07Z",
  "userConfigProvided": true,
  "previousReport": {"provisioningBootID": "b"}
}
"""
    assert facts_system.ignition({"ignition": text}) == {
        "boot_id": "a4e1",
        "date": "2026-11-20T09:08:07Z",
        "config_provided": True,
        "reprovisioned": True,
    }


UNITS = """\
Id=update-engine.service
ActiveState=active
UnitFileState=enabled

Id=locksmithd.service
ActiveState=active
UnitFileState=enabled

Id=systemd-sysupdate.timer
ActiveState=inactive
UnitFileState=

Id=systemd-sysupdate-reboot.timer
ActiveState=inactive
UnitFileState=masked
"""
IDLE = "LAST_CHECKED_TIME=0\nPROGRESS=0.000000\nCURRENT_OP=UPDATE_STATUS_IDLE\nNEW_VERSION=0.0.0\nNEW_SIZE=0\n"
NEEDS_REBOOT = """\
LAST_CHECKED_TIME=1795255872
PROGRESS=0.000000
CURRENT_OP=UPDATE_STATUS_UPDATED_NEED_REBOOT
NEW_VERSION=4757.2.1
NEW_SIZE=465881871
"""


def test_update() -> None:
    idle = facts_update.update({"update_status": IDLE, "units": UNITS, "update.conf": "SERVER=disabled"})
    assert idle == {
        "operation": "IDLE",
        "progress": 0.0,
        "new_version": None,
        "new_size": None,
        "last_checked": None,
        "service": "active",
        "masked": False,
        "server": "disabled",
        "first_version": None,
        "previous_version": None,
    }
    done = facts_update.update({"update_status": NEEDS_REBOOT, "update_aleph-version": "4593.2.0\n"})
    assert done
    assert (done["operation"], done["new_version"], done["new_size"], done["last_checked"], done["first_version"]) == (
        "UPDATED_NEED_REBOOT",
        "4757.2.1",
        465881871,
        1795255872,
        "4593.2.0",
    )
    assert facts_update.update({"units": "Id=update-engine.service\nActiveState=inactive\nUnitFileState=\n"}) is None


@pytest.mark.parametrize(
    ("texts", "changed", "reasons", "authorities"),
    [
        ({}, [], [], []),
        ({"update_status": IDLE}, [], [], []),
        ({"update_status": NEEDS_REBOOT, "reboot_required": "yes"}, [], ["os_update", "flag"], []),
        ({}, ["kubernetes"], ["sysext"], []),
        ({"units": UNITS}, [], [], [("locksmithd", "reboot")]),
        ({"units": UNITS, "update.conf": "REBOOT_STRATEGY=etcd-lock"}, [], [], [("locksmithd", "etcd-lock")]),
        ({"processes": "systemd\nkured\nupdate-agent\n"}, [], [], [("kured", "drain"), ("fluo", "drain")]),
        (
            {"units": "Id=systemd-sysupdate-reboot.timer\nActiveState=active\n"},
            [],
            [],
            [("systemd-sysupdate-reboot", "reboot")],
        ),
    ],
)
def test_reboot(
    texts: dict[str, str], changed: list[str], reasons: list[str], authorities: list[tuple[str, str]]
) -> None:
    assert facts_update.reboot(texts, changed) == {
        "required": bool(reasons),
        "reasons": reasons,
        "authorities": [{"name": name, "strategy": strategy} for name, strategy in authorities],
    }


STAGED = """\
[{"name":"kubernetes","type":"raw","path":"/etc/extensions/kubernetes.raw","time":1795000000000000},\
{"name":"tools","type":"directory","path":"/etc/extensions/tools","time":null}]"""
IMAGES = "/etc/extensions/kubernetes.raw\t/opt/extensions/kubernetes/kubernetes-v1.34.2-x86-64.raw\n"


@pytest.mark.parametrize(
    ("merged", "loops", "expected"),
    [
        ('[{"hierarchy":"/opt","extensions":"none","since":null}]', "", {"kubernetes": False, "tools": False}),
        ('[{"hierarchy":"/usr","extensions":[],"since":null}]', "", {"kubernetes": False, "tools": False}),
        ('[{"hierarchy":"/usr","extensions":["kubernetes","tools"]}]', "", {"kubernetes": True, "tools": True}),
        (
            '[{"hierarchy":"/usr","extensions":["kubernetes","tools"]}]',
            "/opt/extensions/kubernetes/kubernetes-v1.34.1-x86-64.raw\n",
            {"kubernetes": False, "tools": True},
        ),
        (
            '[{"hierarchy":"/usr","extensions":["kubernetes","old"]}]',
            "/opt/extensions/kubernetes/kubernetes-v1.34.2-x86-64.raw\n",
            {"kubernetes": True, "old": False, "tools": False},
        ),
    ],
)
def test_sysexts(merged: str, loops: str, expected: dict[str, bool]) -> None:
    texts = {"sysext_merged": merged, "sysext_staged": STAGED, "sysext_images": IMAGES, "loops": loops}
    found = facts_update.sysexts(texts)
    assert found is not None
    assert {entry["name"]: entry["current"] for entry in found} == expected


CHRONY = "50484330,PHC0,3,1795255872.123,0.000001234,0.0000021,0.0000034,-1.5,0.001,0.02,0.001,0.0002,8.0,Normal\n"
TIMESYNC = """\
       Server: 162.159.200.1 (time.cloudflare.com)
Poll interval: 34min 8s (min: 32s; max 34min 8s)
         Leap: normal
      Version: 4
      Stratum: 3
    Reference: A29FC87B
    Precision: 1us (-20)
Root distance: 12.345ms (max: 5s)
       Offset: -291us
        Delay: 11.204ms
       Jitter: 1.417ms
 Packet count: 9
    Frequency: -13.483ppm
"""


@pytest.mark.parametrize(
    ("texts", "source", "server", "stratum", "offset"),
    [
        ({"chrony": CHRONY}, "chronyd", "PHC0", 3, 0.000001234),
        ({"chrony": "00000000,,0,0.0,0.0,0,0,0,0,0,1.0,1.0,0.0,Not synchronised\n"}, "chronyd", None, 0, None),
        ({"chrony": "506 Cannot talk to daemon\n", "timesync": TIMESYNC}, "systemd-timesyncd", "162", 3, 0.000291),
        ({"ntp": "offset=-0.750, stratum=2,\nrefid=10.0.0.1, leap=00\n"}, "ntpd", "10.0.0.1", 2, 0.00075),
        ({}, None, None, None, None),
    ],
)
def test_time(texts: dict[str, str], source: str, server: str, stratum: int, offset: float) -> None:
    found = facts_time.time_source(texts)
    assert (found["source"], found["stratum"]) == (source, stratum)
    assert found["offset_seconds"] == (None if offset is None else pytest.approx(offset))
    assert found["server"] == server or str(found["server"]).startswith(server)


def test_who_sets_the_clock() -> None:
    unit_list = "Id=chronyd.service\nActiveState=active\n\nId=systemd-timesyncd.service\nActiveState=inactive\n"
    found = facts_time.time_source({"time_units": unit_list, "timedate": "Timezone=UTC\nNTP=no\nNTPSynchronized=yes\n"})
    assert (found["active"], found["synchronized"], found["timezone"]) == (["chronyd"], True, "UTC")


SOURCES = """\
#,*,PHC0,2,3,377,6,0.000000012,0.000000034,0.000000200
^,-,ntp1.example.com,10,6,17,20,-0.000234,-0.000250,0.0312
^,?,ntp2.example.com,0,6,0,4294967295,0.0,0.0,0.0
"""


def test_sources_of_the_time() -> None:
    found = facts_time.time_source({"chrony_sources": SOURCES, "ptp_clocks": "/dev/ptp_kvm\n/dev/ptp_hyperv\n"})
    assert found["ptp_clocks"] == ["/dev/ptp_hyperv", "/dev/ptp_kvm"]
    assert [(source["name"], source["kind"], source["state"], source["reach"]) for source in found["sources"]] == [
        ("PHC0", "reference_clock", "selected", 255),
        ("ntp1.example.com", "server", "not_combined", 15),
        ("ntp2.example.com", "server", "unusable", 0),
    ]
    assert facts_time.time_source({"chrony_sources": "506 Cannot talk to daemon\n"})["sources"] is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("+2.497ms", 0.002497), ("-254us", 0.000254), ("+1min 2.5s", 62.5), ("0", None), ("n/a", None), ("+1y", None)],
)
def test_timespan(text: str, seconds: float | None) -> None:
    found = facts_time.timespan(text)
    assert found == (None if seconds is None else pytest.approx(seconds))


ADDRESSES = """\
[{"ifindex":2,"ifname":"eth0","flags":["UP"],"mtu":1500,"operstate":"UP","link_type":"ether",\
"address":"00:0d:3a:11:22:33","addr_info":[{"family":"inet","local":"10.0.0.4","prefixlen":24,"scope":"global"}]}]"""


def test_network() -> None:
    texts = {
        "addresses": ADDRESSES,
        "routes": '[{"dst":"default","gateway":"10.0.0.1","dev":"eth0"}]',
        "routes6": "[]",
        "resolv": "# x\nnameserver 127.0.0.53\nsearch a\n",
    }
    assert facts_services.network(texts) == {
        "interfaces": {
            "eth0": {
                "mac": "00:0d:3a:11:22:33",
                "mtu": 1500,
                "state": "up",
                "addresses": [{"address": "10.0.0.4", "prefix": 24, "scope": "global"}],
            }
        },
        "default_routes": [{"gateway": "10.0.0.1", "interface": "eth0"}],
        "nameservers": ["127.0.0.53"],
    }


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Kubernetes v1.34.1\n", "1.34.1"),
        ("v1.35.0-rc.1", "1.35.0-rc.1"),
        ("containerd github.com/containerd/containerd/v2 v2.0.7 4ac6c20c7bbf8177f29e46bbdc658fec02ffb8ad", "2.0.7"),
        ("containerd github.com/containerd/containerd v1.7.27-flatcar deadbeef", "1.7.27-flatcar"),
        ("Docker version 28.0.4, build b8034c0ed7", "28.0.4"),
        ("none", None),
        (None, None),
    ],
)
def test_versions(text: str | None, version: str | None) -> None:
    assert facts_services.version(text) == version


def test_kubelet_and_runtimes() -> None:
    assert facts_services.kubelet({}) is None
    assert facts_services.runtime({}) == {}
    texts = {
        "kubelet_units": "Id=kubelet.service\nActiveState=active\nUnitFileState=enabled\n",
        "kubelet": "Kubernetes v1.34.1\n",
        "kubelet_joined": "yes",
        "docker": "Docker version 28.0.4, build b8034c0ed7\n",
        "runtime_units": "Id=docker.service\nActiveState=active\n",
    }
    assert facts_services.kubelet(texts) == {
        "version": "1.34.1",
        "kubeadm_version": None,
        "service": "active",
        "joined": True,
        "control_plane": False,
    }
    assert facts_services.runtime(texts) == {"docker": {"version": "28.0.4", "active": True}}


def test_a_node_that_tells_nothing() -> None:
    found = facts.facts({}, facts.SUBSETS, "now")
    assert found["gathered_at"] == "now"
    assert {name for name, value in found.items() if value} == {"gathered_at", "reboot", "time"}


NONSENSE = st.sampled_from(
    ["", "[]", "{}", "null", "1", '["x"]', '[{"x":1}]', "a,b", "=", "x y", "\0", "a\n\nb", "1 2 3 4 5 6"]
)
NAMES = [*SYSTEM, "disks", "ignition", "units", "update_status", "sysext_merged", "sysext_staged", "sysext_images"]
NAMES += [
    "loops",
    "chrony",
    "chrony_sources",
    "timesync",
    "ntp",
    "timedate",
    "addresses",
    "routes",
    "routes6",
    "resolv",
    "kubelet",
    "docker",
]


@given(st.dictionaries(st.sampled_from(NAMES), NONSENSE.map(str.encode)))
def test_nonsense_is_no_failure(files: dict[str, bytes]) -> None:
    facts.facts(files, facts.SUBSETS, "now")


@pytest.mark.parametrize(
    ("words", "subsets"),
    [(["min"], []), (["all"], list(facts.SUBSETS)), (["journal", "kubelet"], ["kubelet", "journal"]), ([], [])],
)
def test_subsets(words: list[str], subsets: list[str]) -> None:
    assert facts.chosen(words) == subsets
    found: dict[str, t.Any] = facts.facts({}, subsets, "now")
    assert ("journal" in found) == ("journal" in subsets)


@pytest.mark.parametrize("shell", ["sh", "dash"])
def test_the_script_is_sh(shell: str) -> None:
    script = facts.script(facts.SUBSETS, 5)
    assert "-n 5" in script
    subprocess.run([shell, "-n"], input=script.encode(), check=True)
