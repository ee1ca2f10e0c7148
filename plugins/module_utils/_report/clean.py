# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What nodes say, made fit to be shown: a node may say what it likes, and a terminal or a page would act on it."""

from __future__ import annotations

import math
import typing as t
import unicodedata

#: Characters of one text that are kept.
LONGEST = 300
#: Control characters, those that turn the direction of a text or cannot be seen, and halves of characters.
_UNFIT = ("Cc", "Cf", "Cs", "Zl", "Zp")


def clean(value: t.Any) -> t.Any:
    """The value with U+FFFD in place of each character that is not to be seen, texts in one line, and long ones cut.

    A number that JSON does not have, such as infinity, becomes None.
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        line = " ".join(value.split())
        cut = line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
        return "".join("\ufffd" if unicodedata.category(letter) in _UNFIT else letter for letter in cut)
    if isinstance(value, dict):
        return {name: clean(member) for name, member in value.items()}
    if isinstance(value, list):
        return [clean(item) for item in value]
    return value
