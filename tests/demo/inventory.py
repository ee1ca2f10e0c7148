# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory of the demo: what leads the example's machines to the stand-ins, and secrets to look for."""

from __future__ import annotations

import json
import pathlib
import secrets
import string
import typing as t

from ansible_collections.flatops.flatcar.tests.demo.guests import Guests
from ansible_collections.flatops.flatcar.tests.standins.arm import client
from ansible_collections.flatops.flatcar.tests.standins.vsphere import ova, vcsim

Variables = dict[str, t.Any]
#: Machines that exist in the API alone are made, and not talked to.
NO_GUESTS: Variables = {"flatcar_wait": False, "fleet_report_nodes": False, "fleet_report_drift": False}


def write(folder: pathlib.Path, azure: client.Server, vsphere: vcsim.Server, guests: Guests | None) -> pathlib.Path:
    """An inventory to be given after the example's, whose variables then win."""
    image = folder / "flatcar.ova"
    variables = folder / "group_vars"
    variables.mkdir(parents=True)
    ova.write(image)
    groups = {
        "all": _all(guests),
        "azure": {**NO_GUESTS, "flatcar_azure__95_standin": azure.options()},
        "vsphere": {
            **(guests.login() if guests else NO_GUESTS),
            "flatcar_vsphere__95_simulator": {**vcsim.PLACE, **vsphere.options()},
            "flatcar_vsphere_template": {"name": "flatcar-example", "ova": str(image)},
        },
    }
    for group, given in groups.items():
        _write(variables / f"{group}.json", given)
    hosts = folder / "hosts.json"
    _write(hosts, {"vsphere": guests.inventory() if guests else {}})
    return hosts


def _all(guests: Guests | None) -> Variables:
    found: Variables = {"registry_password": secrets.token_hex(), "core_password_hash": _password_hash()}
    return found | (guests.variables() if guests else {})


def _password_hash() -> str:
    """One that no password has."""
    letters = string.ascii_letters + string.digits
    salt, digest = ("".join(secrets.choice(letters) for dummy in range(length)) for length in (16, 86))
    return f"$6${salt}${digest}"


def _write(file: pathlib.Path, content: Variables) -> None:
    file.touch(mode=0o600)
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
