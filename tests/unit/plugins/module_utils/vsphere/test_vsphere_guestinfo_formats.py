# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys as VMX files and ovftool have them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import guestinfo_formats as formats
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

KEYS = st.dictionaries(
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*", fullmatch=True), st.text(st.characters(codec="utf-8")), min_size=1
)


@given(keys=KEYS)
def test_vmx_round_trip(keys: dict[str, str]) -> None:
    text = formats.vmx(keys)
    assert text.count("\n") == len(keys)
    assert formats.from_vmx(text) == keys


@given(keys=KEYS)
def test_ovftool_round_trip(keys: dict[str, str]) -> None:
    assert formats.from_ovftool(formats.ovftool(keys)) == keys


def test_vmx() -> None:
    assert formats.vmx({"a.b": 'x|"y"\n', "c": ""}) == 'a.b = "x|7C|22y|22|0A"\nc = ""\n'


def test_a_whole_vmx_file() -> None:
    text = '#!/usr/bin/vmware\n.encoding = "UTF-8"\r\nguestinfo.x="a|22b"\n\nnumvcpus = "2"\nbroken = "x\n'
    assert formats.from_vmx(text) == {".encoding": "UTF-8", "guestinfo.x": 'a"b', "numvcpus": "2"}


def test_ovftool() -> None:
    assert formats.ovftool({"a": "b=c"}) == ["--allowExtraConfig", "--extraConfig:a=b=c"]
    assert formats.from_ovftool(["ovftool", "--name=x", "--extraConfig:a=b=c", "x.ova"]) == {"a": "b=c"}


@pytest.mark.parametrize("text", ["", "{}", "a = b", '# a = "b"'])
def test_what_is_no_vmx_file(text: str) -> None:
    with pytest.raises(VsphereError, match="VMX") as raised:
        formats.from_vmx(text)
    assert raised.value.code == "bad_option"
