# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of an OVA: what they lead to, what of them may be shown, and the codes that are documented."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
import yaml

from ansible_collections.flatops.flatcar.plugins.doc_fragments import ova as fragment
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import errors, ova_arguments, ova_stream
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.modules import ova_info


def options(**given: t.Any) -> dict[str, t.Any]:
    defaults = {name: option.get("default") for name, option in ova_arguments.SPEC.items()}
    return {**defaults, "timeout": 1, **given}


def no_run(*dummy: object, **dummy_named: object) -> t.NoReturn:
    raise AssertionError


def test_documented_as_they_are() -> None:
    documented = yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"]
    assert documented.keys() == ova_arguments.SPEC.keys()
    for name, option in ova_arguments.SPEC.items():
        for part in ("type", "choices", "default"):
            assert documented[name].get(part) == option.get(part), name


def test_a_path() -> None:
    given = ova_arguments.source(options(ova="/a.ova", manifest="require", url_validate_certs=False), no_run)
    assert (given.label, given.manifest, given.seekable) == ("/a.ova", "require", True)


def test_an_address() -> None:
    url = "https://me:secret@example.com/a.ova"
    given = ova_arguments.source(options(url=url, url_validate_certs=False), no_run)
    assert (given.label, given.seekable) == ("https://example.com/a.ova", False)


@pytest.mark.parametrize("name", ["checksum", "signature", "url_headers"])
def test_what_is_not_for_a_release(name: str) -> None:
    with pytest.raises(VsphereError, match=f"^{name} is not for a release") as caught:
        ova_arguments.source(options(channel="stable", **{name: {"a": "b"}}), no_run)
    assert caught.value.code == "bad_option"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("https://example.com/a.ova", True),
        ("https://example.com:8443/a%20b.ova", True),
        ("sha512:https://example.com/a.ova.DIGESTS", True),
        ("sha512:" + "0" * 128, True),
        ("/images/a.ova.sig", True),
        ("https://me@example.com/a.ova", False),
        ("https://me:secret@example.com/a.ova", False),
        ("https://example.com/a.ova?sig=secret", False),
        ("sha512:https://example.com/a?sig=secret", False),
        ("HTTPS://example.com/a?sig=secret", False),
        ("https://example.com/a#secret", False),
        ("ftp://me:secret@example.com/a", False),
    ],
)
def test_what_may_be_shown(value: str, shown: bool) -> None:
    for name in ("url", "checksum", "signature"):
        assert ova_arguments.harmless(options(**{name: value})) == ({value} if shown else set())


def test_codes_are_documented() -> None:
    folder = pathlib.Path(ova_stream.__file__).parent
    sources = "".join(path.read_text() for path in folder.glob("ova*.py"))
    raised = set(re.findall(r'VsphereError\(\s*"(\w+)"', sources)) | set(ova_stream._CODES.values())
    text = "".join(yaml.safe_load(ova_info.RETURN)["error_code"]["description"])
    assert set(re.findall(r"V\((\w+)\)", text)) == raised
    assert raised <= errors.CODES.keys()
