# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random documents through the engine and the real butane, which must agree on each.

Run by pytest or as a program. The environment says how:

    BUTANE_PEER         the program of tests/tools/go that answers as butane does
    IGNITION_VALIDATE   ignition-validate, which must accept what the engine calls good (a sample of it)
    DOCUMENTS           how many documents, 1000 unless told
    SEED                which documents, 0 unless told; the same documents for the same seed

Differences of the same shape count as one. Each is shrunk and printed as a line that butane.jsonl can take.
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
import time
import traceback
import typing as t
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.tests.conformance import fuzzing
from ansible_collections.flatops.flatcar.tests.conformance.butane_documents import Document, document
from ansible_collections.flatops.flatcar.tests.conformance.butane_mutations import mutant
from ansible_collections.flatops.flatcar.tests.conformance.butane_peer import CRASH, Peer
from ansible_collections.flatops.flatcar.tests.conformance.butane_values import FIXTURES
from ansible_collections.flatops.flatcar.tests.conformance.check_butane import (
    SYNTAX,
    Answer,
    Case,
    Verdict,
    compare,
    engine,
    wanted,
    working_folder,
)

#: Documents of one hypothesis run: it keeps them all in memory.
BATCH = 500

#: One in so many good results goes to ignition-validate.
SAMPLE = 10

#: How often a document is asked again that the two programs disagree about: butane's own answer varies where it walks
#: a Go map.
AGAIN = 6

#: Attempts to shrink one document.
ATTEMPTS = 2500

#: Seconds of CPU that no document of these sizes may take.
SLOW = 2.0

#: Half of the documents are made from the grammar and half from the golden cases.
DOCUMENTS = st.one_of(st.randoms(use_true_random=True).map(document), st.randoms(use_true_random=True).map(mutant))


class Difference(t.NamedTuple):
    """A document on which the two programs disagree, what butane says to it, and how the engine differs."""

    shape: str
    document: Document
    case: Case
    why: str


class Fuzz:
    """One run: what was put to both programs and what came of it."""

    def __init__(self, peer: Peer, thread: concurrent.futures.Executor) -> None:
        self.peer, self.thread = peer, thread
        self.last = ""
        self.outcomes: collections.Counter[str] = collections.Counter()
        self.shapes: collections.Counter[str] = collections.Counter()
        self.differences: dict[str, Difference] = {}
        self.sample: list[str] = []

    def check(self, candidate: Document) -> None:
        difference, text = self.difference(candidate)
        self.outcomes[self.last] += 1
        if difference:
            self.shapes[difference.shape] += 1
            self.differences.setdefault(difference.shape, difference)
        if text is not None and self.outcomes["good"] % SAMPLE == 0:
            plain = text if text.startswith("{") else self.engine(candidate._replace(raw=True, strict=False)).text
            self.sample.append(plain or "no result with raw")

    def difference(self, candidate: Document) -> tuple[Difference | None, str | None]:
        """How the programs differ on a document, and the engine's output."""
        self.peer.ask(candidate)
        start = time.process_time()
        # In a thread, so that an exception is a difference like others.
        work = self.thread.submit(self.engine, candidate)
        error = work.exception()
        spent = time.process_time() - start
        real = self.peer.answer()
        self.last = "crash" if real.exit == CRASH else "refused" if real.exit else "good"
        if error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            cause = f"raised {type(error).__name__} in {Path(place.filename).name} {place.name}"
            return Difference(cause, candidate, wanted(real), "".join(traceback.format_exception(error))), None
        answer = work.result()
        if spent > SLOW:
            return Difference("slow", candidate, wanted(real), f"{spent} s of CPU"), answer.text
        case = wanted(real)
        if real.exit == CRASH:
            taken = Difference("taken by the engine, but butane crashes", candidate, case, str(answer))
            return (None if answer.exit else taken), answer.text
        verdict = compare(case, answer)
        for dummy in range(AGAIN):
            if verdict.good:
                return None, answer.text
            other = compare(wanted(self.peer.translate(candidate)), answer)
            verdict = other if other.good else verdict
        return (
            None if verdict.good else Difference(shape(case, answer, verdict), candidate, case, verdict.why)
        ), answer.text

    @staticmethod
    def engine(candidate: Document) -> Answer:
        return engine(candidate.source, candidate.files_dir or None, candidate.strict, candidate.pretty, candidate.raw)

    def shrunk(self, difference: Difference) -> Difference:
        """A smaller document with a difference of the same shape."""
        budget = ATTEMPTS
        best = difference
        plain = Document(best.document.source, best.document.files_dir, strict=False, pretty=False, raw=False)
        for candidate in (plain, best.document._replace(files_dir=""), plain._replace(files_dir="")):
            found = self.difference(candidate)[0]
            best = found if found and found.shape == best.shape else best
        for split in (re.compile(rb"(?<=\n)"), re.compile(rb"(?=[ \n,\[\]{}\"':])"), re.compile(rb"(?s)(?<=.)")):
            size = len(split.split(best.document.source))
            while size:
                pieces = split.split(best.document.source)
                for at in range(max(0, len(pieces) - size), -1, -size):
                    rest = b"".join(pieces[:at] + pieces[at + size :])
                    budget -= 1
                    found = self.difference(best.document._replace(source=rest))[0] if budget > 0 else None
                    if found and found.shape == best.shape:
                        best, pieces = found, pieces[:at] + pieces[at + size :]
                size //= 2
        return best


def shape(case: Case, answer: Answer, verdict: Verdict) -> str:
    """What is the same in differences that have one cause."""
    want, got = case["report"], answer.report
    pairs = [(_general(a), _general(b)) for a, b in itertools.zip_longest(want, got, fillvalue="nothing") if a != b]
    first = " | ".join(pairs[0]) if pairs else ""
    for who, lines in (("butane", want), ("the engine", got)):
        if lines and SYNTAX.match(lines[-1]):
            return f"only {who}: {_general(lines[-1])}"
    if answer.exit != case["exit"]:
        return f"exit {case['exit']} | {answer.exit}: {first}"
    if not verdict.result:
        return f"output: {_place(case['stdout_raw'] or '', answer.text or '')}"
    if pairs and pairs[0][0] == pairs[0][1]:
        place = "position" if len(want) == len(got) else "number"
        return f"report, {place}: {first}"
    return f"report: {first}"


def _general(line: str) -> str:
    """A line of a report without what belongs to one document: indexes, positions, quoted texts."""
    line = re.sub(r"line \d+(, column \d+| col \d+)?", "line L", line)
    line = re.sub(r"\.\d+(?=[.,:]| )", ".N", line)
    line = re.sub(r"`[^`]*`|'[^']*'|\"[^\"]*\"", "'…'", line)
    return re.sub(r"(unused key|variant|open|read|stat|version) .*", r"\1 …", line)[:150]


def _place(want: str, got: str) -> str:
    """The names around the first difference of two outputs."""
    at = next((n for n, (a, b) in enumerate(itertools.zip_longest(want, got)) if a != b), 0)
    names = re.findall(r'"(\w+)":|^ *(?:- )?(\w+):', want[:at], re.MULTILINE)[-1:]
    return f"after {'.'.join(a or b for a, b in names)}"


def golden(difference: Difference, name: str) -> str:
    """A difference as a line of butane.jsonl."""
    candidate = difference.document
    try:
        text = candidate.source.decode()
    except UnicodeDecodeError:
        text = "base64:" + base64.b64encode(candidate.source).decode()
    used = (
        {path: value for path, value in FIXTURES.items() if path.split("/", maxsplit=1)[0] in text}
        if candidate.files_dir
        else {}
    )
    args = ["--files-dir", candidate.files_dir] if candidate.files_dir else []
    args += [f"--{flag}" for flag in ("strict", "pretty", "raw") if getattr(candidate, flag)]
    start = {"name": name, "category": "fuzz", "args": args, "files": used, "input": text}
    return json.dumps({**start, **difference.case}, ensure_ascii=False)


def accepted(texts: list[str], program: str) -> list[str]:
    """What ignition-validate says to those of the configs that it refuses."""

    def refusal(text: str) -> str:
        done = subprocess.run([program, "/dev/stdin"], input=text.encode(), capture_output=True, check=False)
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        return f"ignition-validate refuses {text}\n{said}" if done.returncode else ""

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return [said for said in pool.map(refusal, texts) if said]


def fuzz(count: int, first: int) -> tuple[str, list[str]]:
    """Put so many documents to both programs: a summary, and each difference ready to read."""
    start = time.monotonic()
    with working_folder(FIXTURES) as folder, concurrent.futures.ThreadPoolExecutor(1) as thread:
        peer = Peer(os.environ["BUTANE_PEER"], folder)
        run = Fuzz(peer, thread)
        for done in range(0, count, BATCH):

            @seed(first * 1_000_000 + done)
            @settings(
                max_examples=min(BATCH, count - done),
                phases=(Phase.generate,),
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(DOCUMENTS)
            def batch(candidate: Document) -> None:
                run.check(candidate)

            batch()
        differences = [run.shrunk(difference) for difference in run.differences.values()]
        peer.close()
    found = [
        f"-- {run.shapes[one.shape]} x {one.shape}\n{one.why}\n{golden(one, f'fuzz-{number}')}"
        for number, one in enumerate(differences, 1)
    ]
    refused = accepted(run.sample, os.environ["IGNITION_VALIDATE"])
    outcomes = ", ".join(f"{number} {name}" for name, number in run.outcomes.items())
    summary = (
        f"{run.outcomes.total()} documents ({outcomes}), seed {first}, {time.monotonic() - start:.0f} s: "
        f"{run.shapes.total()} differences of {len(found)} shapes; "
        f"ignition-validate refuses {len(refused)} of {len(run.sample)} results"
    )
    return summary, [*found, *refused]


def test_the_engine_answers_as_butane_does() -> None:
    fuzzing.holds(fuzz)


if __name__ == "__main__":
    sys.exit(fuzzing.status(fuzz))
