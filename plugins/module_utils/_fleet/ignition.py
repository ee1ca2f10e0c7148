# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Ignition configs that a machine is given: checked, and what stands for them."""

from __future__ import annotations

import hashlib
import typing as t

# What reads Ignition is imported where there is some: loading it takes as long as all else that a module loads.
if t.TYPE_CHECKING:
    from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema


class InvalidIgnition(ValueError):
    """No valid Ignition config; the text says what is wrong with it."""


class Ignition(t.NamedTuple):
    """config is None for the specification 2, which Flatcar translates when it boots.

    sha256 stands for what the config says: it is the fingerprint, which does not change with the way in which the
    config is written, and for the specification 2 the digest of the bytes without the white space around them.
    """

    data: bytes
    sha256: str
    config: schema.Config | None
    warnings: list[str]

    @property
    def spec(self) -> str | None:
        """The version of its specification, such as "3.4.0"; None for the specification 2."""
        from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema

        return None if self.config is None else schema.version_of(self.config)


def read(data: bytes) -> Ignition:
    """InvalidIgnition for what ignition-validate refuses."""
    from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import rules, validate
    from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.decode import Document
    from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.fingerprint import fingerprint
    from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.jsonscan import JSONError

    if validate.is_legacy(data):
        return Ignition(data, digest(data), None, [validate.LEGACY])
    document = Document(data)
    try:
        checked = validate.check(document, validate.spec_version(document), release=rules.IGNITION_2_26)
    except (JSONError, validate.SpecError) as error:
        raise InvalidIgnition(str(error)) from None
    if checked.failed:
        raise InvalidIgnition("; ".join(checked.lines))
    return Ignition(data, fingerprint(checked.config), checked.config, checked.lines)


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal without the white space around."""
    return hashlib.sha256(data.strip()).hexdigest()
