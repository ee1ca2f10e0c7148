# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The semantic versions that Butane and Ignition accept, and how they print them again.

Both programs use coreos/go-semver, which is laxer than semver.org: numbers may have leading zeros, and a "-" or "+"
with nothing behind it is dropped.
"""

from __future__ import annotations

import re

_DIGITS = re.compile(r"[0-9]+\Z")
_IDENTIFIERS = re.compile(r"(?:[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\Z")
_INT64_MAX = (1 << 63) - 1


def normal(text: str) -> str | None:
    """The version as both programs print it, or None when it is not a version.

    Metadata is split off at the first "+", then the pre-release at the first "-": so "03.04.0" is "3.4.0", "3.4.0-"
    and "3.4.0+" are "3.4.0", and "3.4.0+a" stays "3.4.0+a" (a version that nobody knows).
    """
    rest, dummy, metadata = text.partition("+")
    rest, dummy, prerelease = rest.partition("-")
    if not (_IDENTIFIERS.match(prerelease) and _IDENTIFIERS.match(metadata)):
        return None
    parts = rest.split(".")
    if len(parts) != 3 or not all(map(_DIGITS.match, parts)):
        return None
    numbers = [part.lstrip("0") or "0" for part in parts]
    if any(len(number) > 19 or int(number) > _INT64_MAX for number in numbers):
        return None
    return ".".join(numbers) + (f"-{prerelease}" if prerelease else "") + (f"+{metadata}" if metadata else "")
