# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role chrony decides."""

from __future__ import annotations

import pathlib
import typing as t

import jinja2
import pytest
from ansible.plugins.test.core import version_compare

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "roles" / "chrony" / "templates"
PTP = {"name": "PHC0", "kind": "reference_clock", "state": "selected", "stratum": 2, "reach": 255}
SERVER = {"name": "ntp1", "kind": "server", "state": "not_combined", "stratum": 10, "reach": 255}
CHOSEN = {**SERVER, "state": "selected"}
RIGHT: dict[str, t.Any] = {
    "active": ["chronyd"],
    "sources": [PTP, SERVER],
    "ptp_clocks": ["/dev/ptp_hyperv"],
    "leap": "Normal",
    "offset_seconds": 0.00001,
}
FALLBACK = {"chrony_allow_fallback": True}
NO_PTP = {"chrony_ptp_device": ""}


def rendered(template: str, **variables: t.Any) -> str:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(FOLDER), undefined=jinja2.StrictUndefined)
    environment.tests["version"] = version_compare
    return environment.get_template(template).render(variables)


@pytest.mark.parametrize(
    ("variables", "mode"),
    [
        ({}, "sysext"),
        ({"chrony_cloud": "azure"}, "native"),
        ({"chrony_cloud": "azure", "chrony_flatcar_channel": "lts-2023"}, "sysext"),
        ({"chrony_cloud": "azure", "chrony_flatcar_channel": "lts-2024"}, "native"),
        ({"chrony_cloud": "azure", "chrony_flatcar_version": "3815.2.5"}, "sysext"),
        ({"chrony_cloud": "azure", "chrony_flatcar_version": "3975.2.0"}, "native"),
        ({"chrony_cloud": "azure", "chrony_flatcar_version": "3941.1.0", "chrony_flatcar_channel": "beta"}, "native"),
        ({"chrony_cloud": "azure", "chrony_mode": "container"}, "container"),
    ],
)
def test_mode(variables: dict[str, str], mode: str) -> None:
    defaults = {
        "chrony_mode": "auto",
        "chrony_cloud": "other",
        "chrony_flatcar_channel": "stable",
        "chrony_flatcar_version": "",
    }
    assert rendered("mode.j2", **{**defaults, **variables}) == mode


@pytest.mark.parametrize(
    ("variables", "time", "verdict"),
    [
        ({}, {}, "right"),
        ({}, {"active": ["chronyd", "systemd-timesyncd"]}, "chronyd and systemd-timesyncd sets the clock"),
        ({}, {"active": []}, "nothing sets the clock"),
        ({}, {"active": ["chrony"]}, "chrony sets the clock"),
        ({}, {"sources": None}, "does not answer"),
        ({}, {"ptp_clocks": []}, "no /dev/ptp_hyperv"),
        (
            {},
            {"sources": [{**PTP, "state": "unusable"}, SERVER]},
            "none of its sources, which are PHC0 (unusable, reach",
        ),
        ({}, {"sources": [{**PTP, "state": "contradicted"}, CHOSEN]}, "has chosen ntp1, not the PTP clock"),
        ({}, {"sources": [{**PTP, "reach": 0}]}, "not reached PHC0"),
        ({}, {"leap": "Not synchronised"}, "not synchronised"),
        ({}, {"leap": "Insert second"}, "right"),
        ({}, {"offset_seconds": 0.02}, "off by 0.02 s"),
        (FALLBACK, {"ptp_clocks": [], "sources": [CHOSEN]}, "right"),
        (FALLBACK, {"ptp_clocks": [], "sources": [CHOSEN], "offset_seconds": 1.0}, "off by 1.0 s"),
        (NO_PTP, {"ptp_clocks": [], "sources": [CHOSEN]}, "right"),
    ],
)
def test_verdict(variables: dict[str, t.Any], time: dict[str, t.Any], verdict: str) -> None:
    asked = {"ansible_facts": {"flatcar": {"time": {**RIGHT, **time}}}}
    given = {"chrony_ptp_device": "/dev/ptp_hyperv", "chrony_max_offset": 0.01, "chrony_allow_fallback": False}
    told = rendered("verdict.j2", __chrony_asked=asked, **{**given, **variables})
    assert told == "right" if verdict == "right" else verdict in told
