# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one comparator of Butane answers: what must agree between butane 0.29.0 and the engine, and what need not.

Compared are the exit status, the output and the lines of the report in their order. Not compared are

- line breaks and indentation of YAML;
- the bytes of gzip bodies, which no two deflate implementations share: their contents are;
- whether a body is compressed at all where the case is marked `compression_marginal`;
- the order of the unused keys of one mapping, which butane takes from a Go map;
- the wording of YAML syntax errors: only that there is one, and at which stage;
- what Go's JSON decoder finds wrong in an embedded config, because its words changed between Go versions.

A case is one line of butane.jsonl: input (text, or `base64:`), args, files (below `files/`: a text, or `base64:`,
`exec:` with a text, `symlink:` with a target, `dir:`, `fifo:`), exit, stdout_raw, stdout_decoded (None without
output), stdout_is_yaml, report, unordered, compression_marginal.

Run as a program it holds the engine, or a butane program given by --program, against a file of cases.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import contextlib
import gzip
import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import typing as t
import urllib.parse
from pathlib import Path

import yaml

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.transpile import transpile

Case = dict[str, t.Any]

GOLDENS = Path(__file__).with_name("butane.jsonl")

#: The errors of go-yaml's reader, scanner and parser; those of its decoder are compared word by word.
SYNTAX = re.compile(
    r"Error translating config: (?P<stage>Error unmarshaling yaml: )?yaml: "
    r"(?!unmarshal errors|anchor '|map merge|cannot decode|!!binary|document contains|invalid map key)"
)
#: What Go's JSON decoder says of an embedded config: Go 1.27 has other words than earlier ones.
JSON_ERROR = re.compile(
    r"(?m)^(error at line \d+ col \d+: )(json: cannot unmarshal|invalid character|unexpected end).*"
)
UNUSED = re.compile(r"(?s)warning at (?P<path>.*), line \d+ col \d+: unused key (?P<key>.*)")
GZIP = re.compile(r"data:;base64,(H4sI[A-Za-z0-9+/]+=*)")
ESCAPED = re.compile(rb"[^A-Za-z0-9\-_.!~*'()]")


class Answer(t.NamedTuple):
    """What a transpiler says to one case: the exit status, the output or None, the lines on standard error."""

    exit: int
    text: str | None
    report: list[str]


class Verdict(t.NamedTuple):
    """Whether the result (exit status and output) and the report agree, and how they differ."""

    result: bool
    report: bool
    why: str

    @property
    def good(self) -> bool:
        return self.result and self.report


Adapter = t.Callable[[bytes, str | None, bool, bool, bool], Answer]


def engine(source: bytes, files_dir: str | None, strict: bool, pretty: bool, raw: bool) -> Answer:
    """The collection's own transpiler."""
    done = transpile(source, files_dir=files_dir, strict=strict, pretty=pretty, raw=raw)
    return Answer(int(done.failed), done.text, done.report)


def program(path: str) -> Adapter:
    """A butane program, one process a case."""

    def answer(source: bytes, files_dir: str | None, strict: bool, pretty: bool, raw: bool) -> Answer:
        command = [path, "--raw-errors", *(["--files-dir", files_dir] if files_dir else [])]
        command += [flag for flag, on in (("--strict", strict), ("--pretty", pretty), ("--raw", raw)) if on]
        done = subprocess.run(command, input=source, capture_output=True, timeout=60, check=False)
        text = done.stdout.decode("utf-8", "surrogateescape")
        return Answer(done.returncode, text or None, done.stderr.decode("utf-8", "replace").splitlines())

    return answer


def materialize(files: t.Mapping[str, str], root: Path) -> None:
    """Make the files of a case below root."""
    for name, value in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        kind, colon, rest = value.partition(":")
        if colon and kind == "symlink":
            path.symlink_to(rest)
        elif colon and kind == "dir":
            path.mkdir(exist_ok=True)
        elif colon and kind == "fifo":
            os.mkfifo(path)
        else:
            path.write_bytes(_contents(kind if colon else "", value, rest))
            path.chmod(0o755 if colon and kind == "exec" else 0o644)


def _contents(kind: str, value: str, rest: str) -> bytes:
    if kind == "base64":
        return base64.b64decode(rest)
    return (rest if kind == "exec" else value).encode()


@contextlib.contextmanager
def working_folder(files: t.Mapping[str, str]) -> t.Iterator[Path]:
    """A fresh current directory with these files below files/."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="butane-") as work:
        materialize(files, Path(work, "files"))
        os.chdir(work)
        try:
            yield Path(work)
        finally:
            os.chdir(before)


def source_of(case: Case) -> bytes:
    text: str = case["input"]
    return base64.b64decode(text[7:]) if text.startswith("base64:") else text.encode()


def run(case: Case, adapter: Adapter) -> Verdict:
    """Put a case to a transpiler, in a fresh folder that holds its files."""
    options = {"strict": False, "pretty": False, "raw": False}
    files_dir, check_only = None, False
    args = iter(case["args"])
    for arg in args:
        if arg in ("-d", "--files-dir"):
            files_dir = next(args)
        elif arg in ("-c", "--check"):
            check_only = True
        else:
            options[{"-s": "strict", "-p": "pretty", "-r": "raw"}.get(arg, arg.lstrip("-"))] = True
    with working_folder(case["files"]):
        answer = adapter(source_of(case), files_dir, options["strict"], options["pretty"], options["raw"])
    return compare(case, answer._replace(text=None) if check_only else answer)


def compare(case: Case, answer: Answer) -> Verdict:
    """Hold an answer against what a case wants."""
    if answer.exit != case["exit"]:
        why = f"exit {answer.exit}, wanted {case['exit']}\n  report {answer.report}\n  wanted {case['report']}"
        return Verdict(False, False, why)
    why = _output_difference(case, answer.text)
    result = not why
    report = _same_report(case, answer.report)
    if not report:
        why += f"report {answer.report}\n  wanted {case['report']}"
    return Verdict(result, report, why)


def _output_difference(case: Case, text: str | None) -> str:
    is_yaml = bool(case.get("stdout_is_yaml"))
    want = case["stdout_decoded"]
    if want is None or text is None:
        return "" if want is text else f"output {text}\n  wanted {want}\n"
    try:
        got = decoded(parse(text, is_yaml))
    except (ValueError, yaml.YAMLError) as error:
        return f"unreadable output: {error}\n"
    if case.get("compression_marginal"):
        got, want = without_compression(got), without_compression(want)
    if got != want:
        return f"output {json.dumps(got)}\n  wanted {json.dumps(want)}\n"
    raw = case["stdout_raw"]
    if raw and not case.get("compression_marginal") and _words(text, is_yaml) != _words(raw, is_yaml):
        return f"output text {text}\n  wanted {raw}\n"
    return ""


def _same_report(case: Case, report: list[str]) -> bool:
    want: list[str] = case["report"]
    syntax = SYNTAX.match(want[-1]) if want else None
    if syntax and len(want) == 1:
        got = SYNTAX.match(report[-1]) if report else None
        return got is not None and got["stage"] == syntax["stage"]
    got_lines, want_lines = (_legible(lines) for lines in (report, want))
    if case.get("unordered"):
        return sorted(got_lines) == sorted(want_lines)
    return _settled(got_lines) == _settled(want_lines)


def _legible(lines: list[str]) -> list[str]:
    """The lines as a Python program reads them, which ends lines at more than newlines, without empty ones.

    Bytes that are not UTF-8 are one U+FFFD: how many of them stand for a broken sequence differs by decoder.
    """
    text = re.sub("[\ufffd\udc80-\udcff]+", "\ufffd", "\n".join(lines))
    text = JSON_ERROR.sub(r"\g<1>no JSON", text)
    return [line for line in text.splitlines() if line]


def _settled(lines: list[str]) -> list[str]:
    """The lines with the unused keys of each mapping in one order."""
    groups = itertools.groupby(lines, _mapping)
    return [line for mapping, run_ in groups for line in (sorted(run_) if mapping else run_)]


def _mapping(line: str) -> str:
    """The path of the mapping whose unused key a line names, or nothing."""
    unused = UNUSED.fullmatch(line)
    return unused["path"].removesuffix(unused["key"]) if unused else ""


def parse(text: str, is_yaml: bool) -> t.Any:
    """The output as plain data; every scalar of YAML is text."""
    return yaml.load(text, Loader=yaml.CBaseLoader) if is_yaml else json.loads(text)


def body_of(url: str) -> bytes:
    """The contents of a data URL; ValueError where it cannot be decoded."""
    head, body = url[5:].split(",", 1)
    return base64.b64decode(body, validate=True) if head.endswith(";base64") else urllib.parse.unquote_to_bytes(body)


def decoded(node: t.Any) -> t.Any:
    """The output with what a data URL carries in its place."""
    if isinstance(node, list):
        return [decoded(item) for item in node]
    if not isinstance(node, dict):
        return node
    out = {key: decoded(value) for key, value in node.items()}
    url = node.get("source")
    if isinstance(url, str) and url.startswith("data:"):
        with contextlib.suppress(ValueError):
            out["source"] = _digest(body_of(url), node.get("compression") == "gzip")
    return out


def _digest(body: bytes, compressed: bool) -> Case:
    state: bool | str = compressed
    if compressed:
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError, binascii.Error):
            state = "undecodable"
    return {"decoded_sha256": hashlib.sha256(body).hexdigest(), "len": len(body), "compressed": state}


def _words(text: str, is_yaml: bool) -> t.Any:
    """The output text as far as it must agree: JSON to the letter, YAML but for its line breaks and indentation."""
    text = without_gzip(text)
    if not is_yaml:
        return text
    events = yaml.parse(text, Loader=yaml.CBaseLoader)
    return [(type(event), getattr(event, "value", None), getattr(event, "implicit", None)) for event in events]


def without_compression(node: t.Any) -> t.Any:
    if isinstance(node, list):
        return [without_compression(item) for item in node]
    if isinstance(node, dict):
        return {k: without_compression(v) for k, v in node.items() if k not in ("compression", "compressed")}
    return node


def without_gzip(text: str) -> str:
    """The output text with a digest in the place of each gzip body."""

    def digest(match: re.Match[str]) -> str:
        try:
            return "gzip:" + hashlib.sha256(gzip.decompress(base64.b64decode(match[1]))).hexdigest()
        except (OSError, EOFError, ValueError):
            return match[0]

    return GZIP.sub(digest, text.rstrip("\n"))


def marginal(node: t.Any) -> bool:
    """Whether a body in the output is so near the point where compression pays that deflate implementations differ."""
    if isinstance(node, list):
        return any(marginal(item) for item in node)
    if not isinstance(node, dict):
        return False
    if any(marginal(value) for value in node.values()):
        return True
    url = node.get("source")
    if not isinstance(url, str) or not url.startswith("data:"):
        return False
    try:
        body = body_of(url)
        plain = gzip.decompress(body) if node.get("compression") == "gzip" else body
    except (OSError, EOFError, ValueError):
        return False
    escaped = 1 + len(plain) + 2 * len(ESCAPED.findall(plain))
    best = min(escaped, _base64_length(len(plain)))
    packed = _base64_length(len(gzip.compress(plain, mtime=0))) + 4
    # Two Go generations and zlib were seen up to 27 bytes apart on texts of up to 3,000 bytes: 36 characters of base64.
    return abs(packed - best) <= 40 + best // 100


def _base64_length(size: int) -> int:
    return len(";base64,") + (size + 2) // 3 * 4


def wanted(answer: Answer) -> Case:
    """The part of a case that records the real program's answer."""
    is_yaml = bool(answer.text and answer.text.startswith("#"))
    output = parse(answer.text, is_yaml) if answer.text is not None else None
    return {
        "exit": answer.exit,
        "unordered": False,
        "stdout_json": output,
        "stdout_decoded": decoded(output),
        "stdout_raw": answer.text,
        "stdout_is_yaml": is_yaml,
        "report": answer.report,
        "compression_marginal": marginal(output),
    }


def load(path: Path = GOLDENS) -> list[Case]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> int:
    parser = argparse.ArgumentParser(description="Hold the engine, or a butane program, against golden cases.")
    parser.add_argument("cases", nargs="?", type=Path, default=GOLDENS)
    parser.add_argument("--program", help="a butane program to put the cases to instead of the engine")
    parser.add_argument("--show", type=int, default=5, help="how many differences to print")
    parser.add_argument("--only", default="", help="only cases whose category/name contains this")
    options = parser.parse_args()
    adapter = program(options.program) if options.program else engine
    cases = [case for case in load(options.cases) if options.only in f"{case['category']}/{case['name']}"]
    verdicts = [(case, run(case, adapter)) for case in cases]
    for case, verdict in [pair for pair in verdicts if not pair[1].good][: options.show]:
        print(f"-- {case['category']}/{case['name']}: {verdict.why}")
    results = sum(verdict.result for case, verdict in verdicts)
    reports = sum(verdict.report for case, verdict in verdicts)
    print(f"result {results}/{len(cases)}  report {reports}/{len(cases)}")
    return 0 if results == len(cases) and reports >= 0.99 * len(cases) else 1


if __name__ == "__main__":
    sys.exit(main())
