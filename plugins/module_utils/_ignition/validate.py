# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What ignition-validate says of a config."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import duplicates, rules, schema, semver
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.context import Context, Lines
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.decode import Document, has_finite_numbers
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.gotext import SPACE, formatted
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.jsonscan import JSONError
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Entry, line

# Only a number like this can be too large for a float.
_LARGE_NUMBER = re.compile(rb"[0-9][eE]\+?[0-9]|[0-9]{300}")

#: What to warn of where a config passes although it is_legacy.
LEGACY = "the config is of the specification 2, which Flatcar translates when it boots; it was not checked"


class Validated(t.NamedTuple):
    """failed is exit status 1; report are the lines that ignition-validate prints, on whichever stream."""

    failed: bool
    report: list[str]


class Checked(t.NamedTuple):
    """What is wrong with a config, and where that stands.

    context is None when there is nothing to report, and when the text has a number beyond a float: then Ignition
    reports no positions and no unused members.
    """

    config: schema.Config
    entries: list[Entry]
    context: Context | None

    @property
    def failed(self) -> bool:
        return any(entry.fatal for entry in self.entries)

    @property
    def lines(self) -> list[str]:
        context = self.context
        return [line(entry, context.position(entry.path) if context else None) for entry in self.entries]


class SpecError(ValueError):
    """A config of no known spec version: empty, without a version, or with another one. The text is Ignition's."""

    code = "unsupported_spec"


def validate(source: bytes | str, *, release: str = rules.IGNITION_NEXT) -> Validated:
    """Validates a config of any spec version; never raises. release is one of rules.IGNITION_*."""
    try:
        document = Document(source)
        version = spec_version(document)
        checked = check(document, version, release=release)
    except JSONError as error:
        position = Lines(document.data).position(error.offset)
        return Validated(True, [line(Entry("error", (), str(error)), position)])
    except SpecError as error:
        return Validated(True, [f"couldn't parse config: {error}"])
    # The program passes its report as a format to printf.
    report = formatted("\n".join(checked.lines).strip(SPACE) + "\n").removesuffix("\n")
    return Validated(checked.failed, report.split("\n") if checked.entries else [])


def spec_version(document: Document) -> str:
    """The version of a config, one of schema.VERSIONS; SpecError for none of them, JSONError for no JSON."""
    if not document.data:
        raise SpecError("not a config (empty)")
    version = semver.normal(document.spec_version())
    if version is None:
        raise SpecError(rules.INVALID_VERSION)
    if version not in schema.VERSIONS:
        raise SpecError(rules.UNKNOWN_VERSION)
    return version


def check(document: Document, version: str, *, release: str) -> Checked:
    """Decodes by the types of a version and runs all three passes; JSONError for what cannot be decoded."""
    config = document.config(version)
    entries = rules.check(config, version, release=release) + duplicates.check(config, version)
    if document.is_plain(config) and not entries:
        return Checked(config, [], None)
    data = document.data
    if _LARGE_NUMBER.search(data) and not has_finite_numbers(data):
        return Checked(config, entries, None)
    context = Context(data, version)
    return Checked(config, entries + context.check(config), context)


def entries(source: bytes | str, version: str, *, release: str = rules.IGNITION_2_26) -> list[Entry]:
    """What butane says of a config inside a config, which must be of its own spec version.

    JSONError when it cannot be decoded. A config of another version gives the one entry rules.UNKNOWN_VERSION at
    ignition.version and is not looked at further. Paths lead through the inner config.
    """
    checked = check(Document(source), version, release=release)
    unknown = [entry for entry in checked.entries if entry.message == rules.UNKNOWN_VERSION]
    return unknown or checked.entries


def is_legacy(source: bytes | str | schema.Config) -> bool:
    """Whether a config is of spec 1 or 2.x, which Ignition 2 refuses and Flatcar translates. Never raises."""
    if not isinstance(source, dict):
        parsed = Document(source).plain
        source = parsed if isinstance(parsed, dict) else {}
    ignition = source.get("ignition")
    version = ignition.get("version") if isinstance(ignition, dict) else None
    if isinstance(version, str):
        return (semver.normal(version) or "").startswith("2.")
    return source.get("ignitionVersion") == 1
