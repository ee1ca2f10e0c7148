# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one comparator of Ignition answers: merges, and what ignition-validate says.

The golden cases come from Ignition as it stood shortly after 2.26.0, built with Go 1.27:

- ignition-merge.jsonl: configs (configs, or texts of JSON), merged (None when one is refused), version, errors;
- ignition-validate.jsonl: input (text, or `base64:`), exit, report (lines); unordered: the order of lines varies;
  report_json_v1: what the same program says when it is built with the older JSON package of Go.

Not compared are null, and empty objects and lists in merged configs, since Go prints empty structs; and the order of
the unused keys of one object, which Ignition takes from a Go map.

Run as a program it holds the core against both files.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
import sys
import typing as t
from pathlib import Path

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.merge import MergeError, merge
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.validate import Validated, validate

Case = dict[str, t.Any]

MERGES = Path(__file__).with_name("ignition-merge.jsonl")
VALIDATIONS = Path(__file__).with_name("ignition-validate.jsonl")

_UNUSED = re.compile(r"warning at (.*), line \d+ col \d+: unused key ")


def load(path: Path) -> list[Case]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def source(text: str) -> bytes:
    """The input of a case."""
    return base64.b64decode(text[len("base64:") :]) if text.startswith("base64:") else text.encode()


def pruned(node: t.Any) -> t.Any:
    """A config without null and without empty objects and lists; list items stay."""
    if isinstance(node, list):
        return [pruned(item) for item in node]
    if isinstance(node, dict):
        members = {key: pruned(value) for key, value in node.items()}
        return {key: value for key, value in members.items() if value not in (None, {}, [])}
    return node


def ordered(report: list[str]) -> list[str]:
    """A report with the unused keys of each object sorted."""
    groups = [(parent, list(group)) for parent, group in itertools.groupby(report, key=_parent)]
    return [line for parent, group in groups for line in (sorted(group) if parent else group)]


def _parent(line: str) -> str:
    """The path of the object of which a line reports an unused key, or ""."""
    match = _UNUSED.match(line)
    return match[1].rpartition(".")[0] if match else ""


def merge_difference(case: Case) -> str:
    """How the merge of a case differs from Ignition's, or ""."""
    wanted = None if case["errors"] else pruned(case["merged"])
    try:
        got, why = pruned(merge(case["configs"], version="3.6.0")), ""
    except MergeError as error:
        got, why = None, f"{error.code}: {error}"
    return "" if got == wanted else f"got {why or json.dumps(got)}\nwant {json.dumps(wanted)} {case['errors']}"


def validate_difference(case: Case, got: Validated) -> tuple[str, str]:
    """How the verdict and how the report of a validation differ, each "" when they do not."""
    wanted = [case["report"], case.get("report_json_v1", case["report"])]
    arrange = sorted if case.get("unordered") else ordered
    verdict = "" if got.failed == bool(case["exit"]) else f"failed {got.failed}, exit {case['exit']}"
    same = arrange(got.report) in [arrange(report) for report in wanted]
    return verdict, "" if same else f"got  {got.report}\nwant {case['report']}"


def main() -> int:
    bad = 0
    for case in load(MERGES):
        why = merge_difference(case)
        bad += bool(why)
        print(f"-- {case['category']}/{case['name']}\n{why}\n" if why else "", end="")
    for case in load(VALIDATIONS):
        why = "\n".join(filter(None, validate_difference(case, validate(source(case["input"])))))
        bad += bool(why)
        print(f"-- {case['category']}/{case['name']}\n{why}\n" if why else "", end="")
    print(f"{bad} of {len(load(MERGES)) + len(load(VALIDATIONS))} cases differ")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
