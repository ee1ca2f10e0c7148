# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The document: what is wrong with which host, what is counted, and in which order."""

from __future__ import annotations

import copy
import json
import math
import re
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.filter import fleet_report
from ansible_collections.flatops.flatcar.plugins.module_utils._report import problems
from ansible_collections.flatops.flatcar.plugins.module_utils._report.clean import LONGEST, clean
from ansible_collections.flatops.flatcar.plugins.module_utils._report.document import document
from ansible_collections.flatops.flatcar.plugins.module_utils._report.errors import ReportError
from ansible_collections.flatops.flatcar.plugins.module_utils._report.formats import FORMATS
from ansible_collections.flatops.flatcar.tests.fleet_found import AT, Found, facts, fleet, machine
from ansible_collections.flatops.flatcar.tests.guide import FOLDER


def host(**found: t.Any) -> Found:
    """The only host of a report."""
    (made,) = document([{"name": "web1", **found}], "Fleet", AT)["hosts"]
    return t.cast(Found, made)


def said(**found: t.Any) -> dict[str, str]:
    return {each["code"]: each["message"] for each in host(**found)["problems"]}


def time(**other: t.Any) -> Found:
    return facts(time={**facts()["time"], **other})


def reboot(*names: str) -> Found:
    return {"required": False, "reasons": [], "authorities": [{"name": name} for name in names]}


def sysext(**other: t.Any) -> Found:
    return facts(sysexts=[{"name": "docker", "merged": True, "staged": True, "current": True, **other}])


@pytest.mark.parametrize(
    "found, wanted",
    [
        ({"facts": facts()}, {}),
        ({"facts": facts(), "cloud": "azure", "vm": machine(), "fingerprint": "a" * 64}, {}),
        ({"unreachable": "no route"}, {"unreachable": "cannot be reached: no route"}),
        ({"errors": ["one", "two"]}, {"not_looked_up": "two"}),
        ({"cloud": "vsphere"}, {"vm_missing": "has no machine on vsphere"}),
        ({"cloud": "azure", "vm": machine(power_state="stopped")}, {"vm_not_running": "its machine is stopped"}),
        ({"cloud": "azure", "vm": machine(power_state="deallocated"), "meant_off": True}, {}),
        ({"cloud": "vsphere", "vm": machine(power_state="powered_on")}, {}),
        (
            {"cloud": "azure", "vm": machine(stamp={"state": "creating", "ignition_sha256": ""}), "fingerprint": "b"},
            {"vm_incomplete": "its machine was not made to the end; run the playbook that makes it again"},
        ),
        (
            {"cloud": "azure", "vm": machine(), "fingerprint": "b" * 64},
            {"description_changed": "its description has changed since its machine was made"},
        ),
        ({"cloud": "azure", "vm": machine(stamp=None), "fingerprint": "b"}, {}),
        ({"facts": facts(failed_units=["a.service", "b.mount"])}, {"units_failed": "failed: a.service, b.mount"}),
        (
            {"facts": facts(kubelet={**facts()["kubelet"], "service": "failed"})},
            {"kubelet_down": "kubelet is failed"},
        ),
        ({"facts": facts(kubelet={**facts()["kubelet"], "service": "inactive", "joined": False})}, {}),
        (
            {"facts": facts(reboot=reboot("locksmithd", "kured"))},
            {"authorities_compete": "locksmithd and kured would each reboot it"},
        ),
        (
            {"facts": facts(), "reboot_authority": "kured"},
            {"authority_differs": "kured is to reboot it, and locksmithd would"},
        ),
        (
            {"facts": facts(reboot=reboot()), "reboot_authority": "locksmithd"},
            {"authority_differs": "locksmithd is to reboot it, and nothing would"},
        ),
        ({"facts": facts(reboot=reboot()), "reboot_authority": "playbook"}, {}),
        (
            {"facts": time(active=["chronyd", "systemd-timesyncd"])},
            {"clock_shared": "chronyd and systemd-timesyncd set the clock"},
        ),
        ({"facts": time(leap="Normal", synchronized=False)}, {}),
        (
            {"facts": time(leap=None, synchronized=False)},
            {"clock_not_synchronized": "nothing keeps the clock right"},
        ),
        ({"facts": time(leap="Not synchronised")}, {"clock_not_synchronized": "nothing keeps the clock right"}),
        ({"facts": time(offset_seconds=0.02)}, {"clock_off": "the clock is off by 0.02 s"}),
        ({"facts": time(offset_seconds=0.02), "max_offset": 0.05}, {}),
        ({"facts": time(offset_seconds=0.02), "max_offset": 0}, {"clock_off": "the clock is off by 0.02 s"}),
        (
            {"facts": time(server="ntp1", sources=[{"name": "ntp1", "kind": "server", "state": "selected"}])},
            {"clock_without_ptp": "the clock follows ntp1, not /dev/ptp_hyperv"},
        ),
        (
            {"facts": sysext(current=False)},
            {"sysext_not_current": "another docker is staged than is merged"},
        ),
        (
            {"facts": sysext(merged=False, current=False)},
            {"sysext_not_current": "docker is staged, and not merged yet"},
        ),
        (
            {"facts": sysext(staged=False, current=False)},
            {"sysext_not_staged": "docker is merged, and not staged for the next boot"},
        ),
        (
            {"facts": facts(reboot={**reboot("locksmithd"), "required": True, "reasons": ["flag"]})},
            {"reboot_required": "waits for a reboot (flag)"},
        ),
        (
            {"facts": facts(), "drift": {"paths": ["/etc/motd"], "units": ["a.service"], "changed": True}},
            {"drift": "differs from its description: /etc/motd, a.service"},
        ),
    ],
)
def test_what_is_wrong(found: Found, wanted: dict[str, str]) -> None:
    assert said(**found) == wanted


def test_every_problem_is_found_in_a_test_above() -> None:
    """The table names each code but the one that takes a cluster."""
    table = t.cast(t.Any, test_what_is_wrong).pytestmark[0].args[1]
    named = {code for dummy, wanted in table for code in wanted}
    assert problems.CODES.keys() - named == {"kubernetes_skew"}


def test_every_problem_is_documented() -> None:
    guide = (FOLDER / "guide_fleet_report.rst").read_text(encoding="utf-8")
    for code in problems.CODES:
        assert f"``{code}``" in guide and f"V({code})" in fleet_report.DOCUMENTATION + fleet_report.RETURN, code


def test_metrics_of_the_guide_are_there() -> None:
    guide = (FOLDER / "guide_fleet_report.rst").read_text(encoding="utf-8")
    written = FORMATS["prom"](document(fleet(3), "Fleet", AT))
    named = set(re.findall(r"\bflatcar_(?:node|fleet_report)_\w+", guide)) - {"flatcar_node_name"}
    assert len(named) > 2 and not [name for name in named if f"# TYPE {name} " not in written]


@pytest.mark.parametrize(
    "found, state",
    [
        ({"facts": facts()}, "ok"),
        ({}, "not_asked"),
        ({"cloud": "azure"}, "attention"),
        ({"facts": facts(failed_units=["a.service"])}, "attention"),
        ({"facts": facts(), "errors": ["the description is wrong"]}, "attention"),
        ({"errors": ["no root"]}, "unknown"),
        ({"unreachable": "no route", "errors": ["and more"]}, "unreachable"),
    ],
)
def test_states(found: Found, state: str) -> None:
    assert host(**found)["state"] == state


def node(name: str, version: str | None, *, plane: bool = False, cluster: str = "one") -> Found:
    kubelet = {"version": version, "service": "active", "joined": True, "control_plane": plane}
    return {"name": name, "cluster": cluster, "facts": facts(kubelet=kubelet)}


def test_the_skew_of_kubernetes_in_each_cluster() -> None:
    made = document(
        [
            node("plane1", "1.34.2", plane=True),
            node("plane2", "1.33.9", plane=True),
            node("same", "1.33.1"),
            node("three", "1.30.0"),
            node("four", "1.29.0"),
            node("newer", "1.34.0"),
            node("silent", None),
            node("alone", "1.20.1", cluster="two"),
        ],
        "Fleet",
        AT,
    )
    behind = {each["name"]: each["kubernetes"]["minors_behind"] for each in made["hosts"]}
    assert behind == {
        "plane1": -1,
        "plane2": 0,
        "same": 0,
        "three": 3,
        "four": 4,
        "newer": -1,
        "silent": None,
        "alone": None,
    }
    wrong = {each["name"] for each in made["hosts"] if each["problems"]}
    assert wrong == {"four", "newer"}
    assert made["clusters"] == [
        {
            "cluster": "one",
            "versions": [
                {"version": "1.34.2", "hosts": 1},
                {"version": "1.34.0", "hosts": 1},
                {"version": "1.33.9", "hosts": 1},
                {"version": "1.33.1", "hosts": 1},
                {"version": "1.30.0", "hosts": 1},
                {"version": "1.29.0", "hosts": 1},
            ],
        },
        {"cluster": "two", "versions": [{"version": "1.20.1", "hosts": 1}]},
    ]


def test_numbers_and_order() -> None:
    given = [
        {"name": "web10", "facts": facts(version="4593.10.0")},
        {"name": "web9", "facts": facts(version="4593.9.0")},
        {"name": "web2", "facts": facts(channel=None)},
        {"name": "db1", "facts": facts(failed_units=["a.service"])},
        {"name": "gone", "unreachable": "no"},
        {"name": "odd", "errors": ["no", "again no"]},
    ]
    before = copy.deepcopy(given)
    made = document(given, "Fleet", AT)
    assert given == before
    assert [each["name"] for each in made["hosts"]] == ["gone", "odd", "db1", "web2", "web9", "web10"]
    assert made["summary"] == {
        "hosts": 6,
        "states": {"unreachable": 1, "unknown": 1, "attention": 1, "not_asked": 0, "ok": 3},
        "problems": {"unreachable": 1, "not_looked_up": 1, "units_failed": 1},
    }
    assert [(each["channel"], [version["version"] for version in each["versions"]]) for each in made["channels"]] == [
        ("", ["4593.2.5"]),
        ("stable", ["4593.10.0", "4593.9.0", "4593.2.5"]),
    ]


@pytest.mark.parametrize(
    "found, message",
    [
        (["web1"], "each host is a mapping with a name"),
        ([{"facts": {}}], "each host is a mapping with a name"),
        ([{"name": "web1", "fact": {}}], "web1 has fact; a host has name, unreachable, errors, facts"),
        ([{"name": "web1", "facts": "none"}], "facts of web1 has the wrong type; it is a mapping"),
        ([{"name": "web1", "max_offset": "0.1"}], "max_offset of web1 has the wrong type; it is a number"),
        ([{"name": "web1", "meant_off": "no"}], "meant_off of web1 has the wrong type; it is true or false"),
        ([{"name": "web1"}, {"name": "web1"}], "web1 is there twice"),
    ],
)
def test_refused(found: list[t.Any], message: str) -> None:
    with pytest.raises(ReportError, match=message):
        document(found, "Fleet", AT)


def test_a_time_that_is_none() -> None:
    with pytest.raises(ReportError, match="generated_at is 'today'; it is a time as"):
        document([], "Fleet", "today")


def test_texts_are_fit_to_be_shown() -> None:
    assert clean("a\x1b[31m\u202eb\nc\td") == "a\ufffd[31m\ufffdb c d"
    assert clean({"a": ["\x00", 1, None, True]}) == {"a": ["\ufffd", 1, None, True]}
    assert len(clean("x" * 1000)) == LONGEST
    assert clean("\ud800") == "\ufffd"


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_numbers_that_json_does_not_have(number: float) -> None:
    made = document([{"name": "web1", "facts": {**time(offset_seconds=number), "uptime_seconds": number}}], "Fleet", AT)
    (told,) = made["hosts"]
    assert told["uptime_seconds"] is None and told["clock"]["offset_seconds"] is None
    assert not re.search("NaN|Infinity", FORMATS["json"](made))
    assert "flatcar_node_uptime_seconds{" not in FORMATS["prom"](made)


@given(text=st.text())
def test_any_text_from_a_node(text: str) -> None:
    """All forms can be made, and none has what a terminal or a browser acts on."""
    hostile = facts(version=text, channel=text, failed_units=[text], reboot=reboot(text, text))
    made = document([{"name": text, "facts": hostile, "errors": [text], "cluster": text}], text, AT)
    for name, form in FORMATS.items():
        written = form(made)
        written.encode()
        assert not any(ord(letter) < 32 and letter != "\n" for letter in written), name
        assert "\x7f" not in written and "\u202e" not in written
    assert json.loads(FORMATS["json"](made)) == made


def test_a_large_fleet() -> None:
    made = document(fleet(1000), "Fleet", AT)
    assert made["summary"]["hosts"] == len(made["hosts"]) == 1000
    assert made["summary"]["states"]["unreachable"] == 1
