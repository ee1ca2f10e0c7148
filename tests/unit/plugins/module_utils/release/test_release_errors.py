# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The codes of the errors: those that are raised, those that are explained and those that are documented."""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml

from ansible_collections.flatops.flatcar.plugins.module_utils._release import errors
from ansible_collections.flatops.flatcar.plugins.modules import release_image, release_info


def test_codes_are_those_that_are_raised() -> None:
    sources = "".join(path.read_text() for path in pathlib.Path(errors.__file__).parent.glob("*.py"))
    assert set(re.findall(r'ReleaseError\(\s*"(\w+)"', sources)) == set(errors.CODES)


@pytest.mark.parametrize(
    ("documentation", "missing"),
    [(release_image.RETURN, set()), (release_info.RETURN, {"digest_mismatch", "write_failed"})],
)
def test_codes_are_documented(documentation: str, missing: set[str]) -> None:
    text = "".join(yaml.safe_load(documentation)["error_code"]["description"])
    assert set(re.findall(r"V\((\w+)\)", text)) == set(errors.CODES) - missing
