# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults and broken connections, and the codes that stand for them."""

from __future__ import annotations

import http.client
import pathlib
import re
import typing as t

import pytest
import yaml

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import errors, faults, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.modules import vsphere_vm_info

vim, vmodl = sdk.vim, sdk.vmodl
FOLDER = vim.Folder("group-v3")


def raised(error: Exception) -> VsphereError:
    with pytest.raises(VsphereError) as caught, faults.translated("Trying"):
        raise error
    return caught.value


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (vim.fault.NotAuthenticated(privilegeId="System.View"), "session_lost"),
        (vim.fault.RestrictedVersion(), "restricted_license"),
        (vim.fault.InvalidLogin(), "login"),
        (vim.fault.PasswordExpired(), "login"),
        (vim.fault.DuplicateName(name="web"), "name_exists"),
        (vim.fault.FileAlreadyExists(file="[ds] web"), "name_exists"),
        (vim.fault.InvalidPowerState(), "power_state"),
        (vmodl.fault.ManagedObjectNotFound(obj=FOLDER), "not_found"),
        (vim.fault.NoCompatibleHost(), "fault"),
        (vmodl.fault.InvalidArgument(invalidProperty="spec.name"), "fault"),
    ],
)
def test_each_fault_has_a_code(fault: t.Any, code: str) -> None:
    error = raised(fault)
    assert error.code == code
    assert str(error).startswith("Trying: ")
    assert fault._wsdlName in str(error)


def test_a_fault_says_what_the_server_said() -> None:
    fault = vmodl.fault.InvalidArgument(
        msg="A specified parameter was not correct.",
        invalidProperty="spec.name",
        faultMessage=[vmodl.LocalizableMessage(key="a", message="The name is too long.")],
        faultCause=vim.fault.NoCompatibleHost(msg="No host fits."),
    )
    assert faults.described(fault) == (
        "A specified parameter was not correct; The name is too long; not usable is spec.name; "
        "No host fits (NoCompatibleHost) (InvalidArgument)."
    )


def test_a_missing_privilege_is_named_with_its_object() -> None:
    error = raised(vim.fault.NoPermission(privilegeId="VApp.Import", object=FOLDER))
    assert error.code == "no_permission"
    assert error.about == {"privilege": "VApp.Import"}
    assert "The user lacks VApp.Import on Folder group-v3." in str(error)


def test_all_missing_privileges_are_named() -> None:
    missing = vim.fault.NoPermission.EntityPrivileges
    fault = vim.fault.NoPermission(
        privilegeId="VApp.Import",
        object=FOLDER,
        missingPrivileges=[
            missing(entity=FOLDER, privilegeIds=["VApp.Import", "Folder.Create"]),
            missing(entity=vim.Datastore("datastore-1"), privilegeIds=["Datastore.AllocateSpace"]),
        ],
    )
    assert raised(fault).about == {"privilege": "VApp.Import, Folder.Create, Datastore.AllocateSpace"}


def test_a_privilege_may_have_no_name() -> None:
    assert raised(vim.fault.NoPermission()).about == {"privilege": "a privilege"}


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (TimeoutError(), "connect", "option timeout"),
        (ConnectionResetError(), "connect", "was cut"),
        (http.client.RemoteDisconnected("gone"), "connect", "was cut"),
        (http.client.BadStatusLine("x"), "connect", "no vSphere server"),
        (ConnectionRefusedError("refused"), "connect", "no connection (refused)"),
    ],
)
def test_broken_connections(error: Exception, code: str, said: str) -> None:
    caught = raised(error)
    assert caught.code == code
    assert said in str(caught)


def test_our_own_errors_pass() -> None:
    error = VsphereError("bad_option", "no")
    assert raised(error) is error


def test_other_errors_pass() -> None:
    with pytest.raises(KeyError), faults.translated("Trying"):
        raise KeyError("x")


def test_codes_are_those_that_are_raised() -> None:
    plugins = pathlib.Path(errors.__file__).parents[2]
    files = [path for where in ("_fleet", "_vsphere") for path in plugins.glob(f"module_utils/{where}/*.py")]
    files += plugins.glob("modules/vsphere_*.py")
    sources = "".join(path.read_text() for path in files)
    found = set(re.findall(r'(?:Fleet|Vsphere)Error\(\s*"(\w+)"', sources)) | {code for dummy, code in faults._CODES}
    assert found == set(errors.CODES)


def test_codes_that_are_documented_are_explained() -> None:
    text = "".join(yaml.safe_load(vsphere_vm_info.RETURN)["error_code"]["description"])
    assert set(re.findall(r"V\((\w+)\)", text)) <= set(errors.CODES)


def test_each_fault_of_the_table_is_one_of_pyvmomi() -> None:
    for name, dummy in faults._CODES:
        found: t.Any = {"vim": vim, "vmodl": vmodl}[name.split(".", 1)[0]]
        for part in name.split(".")[1:]:
            found = getattr(found, part)
        assert found.__name__ == name


def test_a_missing_library_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    sdk.needed()
    monkeypatch.setattr(sdk, "PROBLEM", "No module named 'pyVmomi'")
    with pytest.raises(VsphereError, match="pip install pyvmomi") as caught:
        sdk.needed()
    assert caught.value.code == "missing_library"
