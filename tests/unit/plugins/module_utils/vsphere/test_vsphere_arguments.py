# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the connection."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from ansible_collections.flatops.flatcar.plugins.doc_fragments.vsphere import ModuleDocFragment
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import arguments
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

GIVEN: dict[str, t.Any] = {
    "hostname": "vcenter.example.com",
    "username": "administrator@vsphere.local",
    "password": "secret",
    "port": 443,
    "validate_certs": True,
    "ca_path": None,
    "proxy_host": None,
    "proxy_port": None,
    "timeout": 60,
}


def test_settings() -> None:
    found = arguments.settings({**GIVEN, "name": "web"})
    assert found._asdict() == GIVEN


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("hostname", None, "VMWARE_HOST"),
        ("username", "", "VMWARE_USER"),
        ("password", None, "VMWARE_PASSWORD"),
        ("hostname", "https://vcenter.example.com", "give no scheme"),
        ("port", 0, "port 0"),
        ("proxy_port", 65536, "proxy_port 65536"),
        ("timeout", 1, "at least 2 seconds"),
    ],
)
def test_refused(option: str, value: t.Any, said: str) -> None:
    with pytest.raises(VsphereError, match=said) as caught:
        arguments.settings({**GIVEN, option: value})
    assert caught.value.code == "bad_option"


def test_the_environment_names_are_those_of_community_vmware() -> None:
    spec = arguments.auth_spec(str)
    found = {name: option["fallback"] for name, option in spec.items() if "fallback" in option}
    assert found == {
        "hostname": (str, ["VMWARE_HOST"]),
        "username": (str, ["VMWARE_USER"]),
        "password": (str, ["VMWARE_PASSWORD"]),
        "port": (str, ["VMWARE_PORT"]),
        "validate_certs": (str, ["VMWARE_VALIDATE_CERTS"]),
        "proxy_host": (str, ["VMWARE_PROXY_HOST"]),
        "proxy_port": (str, ["VMWARE_PROXY_PORT"]),
    }
    assert spec["password"]["no_log"]


def test_the_documentation_fits() -> None:
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    spec = arguments.auth_spec(str)
    assert list(documented) == list(spec)
    for name, option in spec.items():
        assert documented[name]["type"] == option["type"]
        assert documented[name].get("default") == option.get("default")
        if name in arguments.ENVIRONMENT:
            assert f"E({arguments.ENVIRONMENT[name]})" in " ".join(documented[name]["description"])
