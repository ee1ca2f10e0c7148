# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Kernel arguments of a running node: the lines of the OEM partition's grub.cfg that Flatcar's first boot edits.

Source of the rules: flatcar/bootengine, dracut/30ignition/ignition-kargs-helper.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from ansible_collections.flatops.flatcar.plugins.module_utils._node.desired import Desired, argument_key
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.plan import Change, Plan
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import Records, claim

_LINE = re.compile(r'^set linux_append="(.*)"', re.MULTILINE)
_VARIABLE = "$linux_append"
# What GRUB, or the kernel, reads as something else than itself.
_SPECIAL = re.compile(r"""["'$\\`\x00-\x08\x0a-\x1f\x7f]""")


def has(text: str) -> list[str]:
    """The arguments that a grub.cfg adds, in order.

    Only lines that begin with `set linux_append="` count: no scripting of GRUB is followed.
    """
    values = (match[1].partition('"')[0] for match in _LINE.finditer(text))
    return [word for value in values for word in value.replace(_VARIABLE, "", 1).split()]


def edit(text: str, wanted: Mapping[str, bool]) -> str:
    """The text of a grub.cfg in which each argument is there or not; all others stay.

    When something changes, every line that counts is emptied, and one line with all arguments, if there are any, is
    appended.
    """
    before = has(text)
    after = list(before)
    for argument, present in wanted.items():
        after = _with(after, argument.split()) if present else _without(after, argument.split())
    if after == before:
        return text
    emptied = _LINE.sub("", text)
    if emptied and not emptied.endswith("\n"):
        emptied += "\n"
    return f'{emptied}set linux_append="{_VARIABLE} {" ".join(after)}"\n' if after else emptied


def compare_arguments(
    plan: Plan, want: Desired, text: str | None, records: Records, owners: Collection[str]
) -> str | None:
    """Compare the arguments with the text of grub.cfg, None where there is no such file.

    The new text, None when it stays. Raises NodeError for an argument that GRUB would misread, for one that another
    description owns, and where arguments are wanted of a node that has no grub.cfg.
    """
    found = has(text or "")
    for argument, present in want.arguments.items():
        _check(argument)
        key = argument_key(argument)
        record = records.get(key)
        claim(f"kernel argument {argument}", want.owners[key], record, frozenset(owners))
        before = record["before"] if record else _is_in(found, argument.split())
        plan.records[key] = {"owner": want.owners[key], "kind": "argument", "value": present, "before": before}
    if text is None:
        if any(want.arguments.values()):
            what = "the node has no grub.cfg in its OEM partition, which is where kernel arguments stand"
            raise NodeError("no_oem", f"{what}; see whether /oem is mounted, and make an empty /oem/grub.cfg")
        return None
    edited = edit(text, {**_unwanted(want, records, owners), **want.arguments})
    if edited == text:
        return None
    plan.changes.append(Change("kernel arguments", _listed(found), _listed(has(edited))))
    plan.reboot = True
    return edited


def _unwanted(want: Desired, records: Records, owners: Collection[str]) -> dict[str, bool]:
    """The arguments that earlier runs of the owners changed and the description does not name, as they were before."""
    return {
        key.partition(" ")[2]: record["before"]
        for key, record in records.items()
        if record["kind"] == "argument"
        and record["owner"] in owners
        and key not in want.owners
        and record["before"] != record["value"]
    }


def _check(argument: str) -> None:
    if _SPECIAL.search(argument) or not argument.strip():
        what = f"kernel argument {argument!r}: GRUB would not read it as it stands"
        raise NodeError("bad_argument", f"{what}; it must not be empty or have quotes, $, backslashes or line breaks")


def _place(words: list[str], argument: list[str]) -> int:
    """Where an argument begins, which may be of several words; -1 where it is not."""
    size = len(argument)
    return next((at for at in range(len(words) - size + 1) if words[at : at + size] == argument), -1)


def _is_in(words: list[str], argument: list[str]) -> bool:
    return _place(words, argument) >= 0


def _with(words: list[str], argument: list[str]) -> list[str]:
    return words if _is_in(words, argument) else words + argument


def _without(words: list[str], argument: list[str]) -> list[str]:
    left = list(words)
    while _is_in(left, argument):
        at = _place(left, argument)
        del left[at : at + len(argument)]
    return left


def _listed(words: list[str]) -> str:
    return "".join(f"{word}\n" for word in words)
