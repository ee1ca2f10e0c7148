# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""update.conf of a node: which of its keys change, and how the file then reads."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .assignments import assignments

PATH = "/etc/flatcar/update.conf"
#: What the file was before flatcar-update, which writes its own server to it for the time of an update.
SAVED = "/etc/flatcar/.flatops-update.conf"
#: Of SERVER, for no updates.
DISABLED = "disabled"

_USER = re.compile(r"//[^/@\s]*@")

#: Writes the member update.conf, atomically, with the owner and the mode of the file that was there.
WRITE = f"""\
mkdir -p {PATH.rpartition("/")[0]} || exit 1
if [ -e {PATH} ]; then cp -p {PATH} {SAVED}.new; else : >{SAVED}.new; fi || exit 1
cat update.conf >{SAVED}.new && sync {SAVED}.new && mv -f {SAVED}.new {PATH} || exit 1
rm -f {SAVED}
"""


def edited(text: str, settings: Mapping[str, str | None]) -> str:
    """The text with these keys; None takes a key away. What says the same already, and every other line, stays."""
    current = assignments(text)
    changes = {key: value for key, value in settings.items() if current.get(key) != value}
    lines = [line for line in text.splitlines() if _key(line) not in changes]
    lines += [f"{key}={value}" for key, value in changes.items() if value is not None]
    return "".join(f"{line}\n" for line in lines) if changes else text


def shown(text: str) -> str:
    """The keys that a module may change, for people: without the user of an address."""
    found = assignments(text)
    return "".join(f"{key}={without_user(found[key])}\n" for key in ("GROUP", "SERVER") if key in found)


def without_user(text: str) -> str:
    """A text whose addresses have lost their user-info and query."""
    return re.sub(r"(://[^?\s]*)\?\S*", r"\1", _USER.sub("//", text))


def _key(line: str) -> str:
    return line.partition("=")[0].strip()
