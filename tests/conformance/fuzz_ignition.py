# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random configs through the core and the real ignition-validate of Ignition 2.26.0, which must agree on each.

Run by pytest or as a program. The environment says how:

    IGNITION_VALIDATE   the program
    DOCUMENTS           how many configs, 1000 unless told
    SEED                which configs, 0 unless told; the same configs for the same seed

The core is asked for the rules of that release, so there is nothing to leave out but the wording and the place of JSON
errors: the core has those of Go 1.27, and the program those of the Go that it was built with. Differences of the same
shape count as one. Each is shrunk and printed as a line that ignition-validate.jsonl can take.
"""

from __future__ import annotations

import base64
import collections
import concurrent.futures
import itertools
import json
import os
import re
import subprocess
import sys
import typing as t

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.rules import IGNITION_2_26
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.validate import Validated, validate
from ansible_collections.flatops.flatcar.tests.conformance import fuzzing
from ansible_collections.flatops.flatcar.tests.conformance.check_ignition import ordered
from ansible_collections.flatops.flatcar.tests.conformance.ignition_documents import document

#: Configs of one hypothesis run, which are put to the program two at a time.
BATCH = 500

#: How often a config is put to the program again: where it walks a Go map (colliding partition numbers, unused keys)
#: its own answer varies.
AGAIN = 8

#: Attempts to shrink one config.
ATTEMPTS = 1500

_JSON_ERROR = re.compile(r"error at line \d+ col \d+: ")


class Difference(t.NamedTuple):
    """A config on which the two disagree, and both answers."""

    shape: str
    config: bytes
    real: Validated
    core: Validated

    def __str__(self) -> str:
        try:
            text = self.config.decode()
        except UnicodeDecodeError:
            text = "base64:" + base64.b64encode(self.config).decode()
        case = {"category": "fuzz", "name": "fuzz", "input": text, "exit": int(self.real.failed)}
        golden = json.dumps({**case, "report": self.real.report}, ensure_ascii=False)
        return f"-- {self.shape}\ngot  {self.core}\nwant {self.real}\n{golden}"


def real(config: bytes) -> Validated:
    """What the program says to a config."""
    command = [os.environ["IGNITION_VALIDATE"], "/dev/stdin"]
    done = subprocess.run(command, input=config, capture_output=True, check=False)
    report = (done.stdout + done.stderr).decode("utf-8", "surrogateescape").removesuffix("\n")
    return Validated(done.returncode != 0, report.split("\n") if report else [])


def comparable(answer: Validated) -> Validated:
    if len(answer.report) == 1 and _JSON_ERROR.match(answer.report[0]):
        return answer._replace(report=["a JSON error"])
    return answer._replace(report=ordered(answer.report))


def difference(config: bytes, wanted: Validated) -> Difference | None:
    """How the core differs from what the program said to a config."""
    got = validate(config, release=IGNITION_2_26)
    for dummy in range(AGAIN):
        if comparable(got) == comparable(wanted):
            return None
        wanted = real(config)
    return Difference(shape(wanted, got), config, wanted, got)


def shape(wanted: Validated, got: Validated) -> str:
    """What is the same in differences that have one cause."""
    missing = [line for line in wanted.report if line not in got.report][:1]
    more = [line for line in got.report if line not in wanted.report][:1]
    return re.sub(r"\d+|\"[^\"]*\"", "N", f"failed {wanted.failed} | {got.failed}: {missing} | {more}")[:200]


def shrunk(found: Difference) -> Difference:
    """A smaller config with a difference of the same shape."""
    best, budget, smaller = found, ATTEMPTS, True
    while smaller:
        smaller = False
        for candidate in itertools.islice(parts(best.config), budget):
            budget -= 1
            other = difference(candidate, real(candidate))
            if other and other.shape == found.shape:
                best, smaller = other, True
                break
    return best


def parts(config: bytes) -> t.Iterator[bytes]:
    """The config without one of its members, items or, when it is no JSON, slices; large ones first."""
    try:
        value = json.loads(config)
    except ValueError:
        size = len(config) // 2
        while size:
            yield from (config[:start] + config[start + size :] for start in range(0, len(config), size))
            size //= 2
    else:
        yield from (json.dumps(part).encode() for part in _without_one(value))


def _without_one(value: t.Any) -> t.Iterator[t.Any]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield {other: kept for other, kept in value.items() if other != name}
            yield from ({**value, name: part} for part in _without_one(member))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield value[:index] + value[index + 1 :]
            yield from ([*value[:index], part, *value[index + 1 :]] for part in _without_one(item))


def batch(count: int, first: int) -> list[bytes]:
    """So many configs, always the same for the same seed."""
    configs: list[bytes] = []

    @seed(first)
    @settings(
        max_examples=count,
        phases=(Phase.generate,),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.randoms(use_true_random=True).map(document))
    def collect(config: bytes) -> None:
        configs.append(config)

    collect()
    return configs


def fuzz(count: int, first: int) -> tuple[str, list[str]]:
    """Put so many configs to both: a summary, and each difference ready to read."""
    verdicts: collections.Counter[str] = collections.Counter()
    shapes: collections.Counter[str] = collections.Counter()
    differences: dict[str, Difference] = {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for done in range(0, count, BATCH):
            configs = batch(min(BATCH, count - done), first * 1_000_000 + done)
            for config, wanted in zip(configs, pool.map(real, configs), strict=True):
                verdicts["refused" if wanted.failed else "warned about" if wanted.report else "clean"] += 1
                found = difference(config, wanted)
                if found:
                    shapes[found.shape] += 1
                    differences.setdefault(found.shape, found)
        results = [str(shrunk(found)) for found in differences.values()]
    outcomes = ", ".join(f"{number} {name}" for name, number in verdicts.items())
    summary = f"{verdicts.total()} configs ({outcomes}), seed {first}: {shapes.total()} differences"
    return f"{summary} of {len(shapes)} shapes", results


def test_the_core_answers_as_ignition_validate_does() -> None:
    fuzzing.holds(fuzz)


if __name__ == "__main__":
    sys.exit(fuzzing.status(fuzz))
