# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Logs without the secrets in them. What looks like a secret is replaced: rather a word too many than one too few."""

from __future__ import annotations

import re
import typing as t

#: What stands for a secret.
MARK = "[redacted]"

#: Parts of the names of secrets, be they keys of YAML, options of commands or HTTP headers. A blank stands for what may
#: join words.
_WORDS = (
    "access key",
    "account key",
    "api key",
    "authorization",
    "certificate key",
    "client key data",
    "config data",
    "cookie",
    "credential",
    "custom data",
    "guestinfo",
    "http headers",
    "inline",
    "passphrase",
    "passwd",
    "password",
    "private key",
    "secret",
    "shared key",
    "token",
    "user data",
    "x auth",
)
_NAME = r"(?:" + "|".join(word.replace(" ", "[-_.]?") for word in _WORDS) + r")[\w.-]{0,60}"
# JSON within a text has escaped its quotes, perhaps more than once.
_QUOTE = r"\\*[\"']"
_QUOTED = rf"(?P<quote>{_QUOTE})(?:(?!(?P=quote))(?:\\.|[^\\]))*(?:(?P=quote)|$)"
_LIST = r"\[[^\]]*(?:\]|$)"
_KEY_BEGIN, _KEY_END = (re.compile(rf"-----{word} [A-Z0-9 ]{{0,30}}PRIVATE KEY") for word in ("BEGIN", "END"))
_KEY_LINE = re.compile(r"[A-Za-z0-9+/=]{16,}\s*$")
#: The most lines of a private key. That of RSA with 16384 bits has 200.
_KEY_LINES = 200


class Redacted(t.NamedTuple):
    """A text, and how many places in it were replaced."""

    text: str
    places: int


class _Rule(t.NamedTuple):
    """What is replaced by what in a line that has one of the needles, which are lower case."""

    needles: tuple[str, ...]
    pattern: re.Pattern[str]
    replacement: str


def _rule(needles: tuple[str, ...], pattern: str, replacement: str = MARK) -> _Rule:
    return _Rule(needles, re.compile(pattern, re.IGNORECASE), replacement)


_NAMES = tuple({word.split()[0] for word in _WORDS})
_RULES = (
    # The user and the query of a URL.
    _rule(("://",), r"(://)[^\s/@\"'<>]{1,2000}@", rf"\1{MARK}@"),
    _rule(("://",), r"(://[^\s?#\"'<>]{1,2000}\?)[^\s#\"'<>\\]+", rf"\1{MARK}"),
    # Contents in an Ignition config.
    _rule(("data:",), r"\bdata:(?=[\w/.+;=-]*,)[^\s\"'<>\\]+", f"data:{MARK}"),
    # A hash of crypt(5).
    _rule(("$",), r"\$(?:[1-9]|2[abxy]|y|gy|md5|sha1|scrypt|argon2[a-z]{1,2})\$[^\s:\"',\\]{8,}"),
    # An HTTP authentication scheme, a JSON web token, kubeadm's, and those that clouds and forges give out.
    _rule(("bearer", "basic"), rf"\b(bearer|basic)(\s+(?:{_QUOTE})?)[\w.~+/=:-]{{8,}}", rf"\1\2{MARK}"),
    _rule(("eyj",), r"\beyJ[\w-]{8,}\.[\w.-]{8,}"),
    _rule((".",), r"(?<![\w.])(?-i:[a-z0-9]{6}\.[a-z0-9]{16})(?![\w.])"),
    _rule(("gh", "glpat-", "xox"), r"\b(?:gh[a-z]_|github_pat_|glpat-|xox[a-z]-)[\w-]{16,}"),
    _rule(("akia", "asia"), r"\b(?-i:AKIA|ASIA)(?-i:[A-Z0-9]{16})\b"),
    # An option with its value; a name with its value, which is quoted, a list, a word (behind `=`), or all of the line.
    _rule(_NAMES, rf"(--[\w-]{{0,40}}{_NAME}\s+)(?:{_QUOTED}|[^\s-]\S*)", rf"\1{MARK}"),
    _rule(_NAMES, rf"({_NAME}(?:{_QUOTE})?\s*=\s*)(?:{_QUOTED}|{_LIST}|[^\s,;&]+)", rf"\1{MARK}"),
    _rule(_NAMES, rf"({_NAME}(?:{_QUOTE})?\s*:\s*)(?:{_QUOTED}|{_LIST}|\S.*)", rf"\1{MARK}"),
)


def redact(text: str) -> Redacted:
    """The text without private keys, password hashes, tokens, HTTP headers, contents in Ignition configs and guestinfo,
    users and queries of URLs, and values whose names say that they are secret.

    A value is known by its name or by its own form, so a secret that has neither stays.
    """
    lines, places = _without_keys(text.split("\n"))
    for index, line in enumerate(lines):
        lower = line.lower()
        for rule in _RULES:
            if any(needle in lower for needle in rule.needles):
                line, found = rule.pattern.subn(rule.replacement, line)
                places += found
        lines[index] = line
    return Redacted("\n".join(lines), places)


def _without_keys(lines: list[str]) -> tuple[list[str], int]:
    """The lines without private keys in PEM, and the number of keys.

    A key may have lost an end. Between its lines may stand those of other programs, which go with them if it has both.
    """
    kept = list(lines)
    keys = done = 0
    for index, line in enumerate(lines):
        begin, end = (pattern.search(line) if "-----" in line else None for pattern in (_KEY_BEGIN, _KEY_END))
        if index < done or not (begin or end):
            continue
        keys += 1
        if begin:
            kept[index] = line[: begin.start()] + MARK
            if not end or end.start() < begin.start():
                done = _redact_after(kept, index + 1)
        else:
            _redact_before(kept, index, done)
    return kept, keys


def _redact_after(lines: list[str], first: int) -> int:
    """Replace the lines of a key that has begun before the first of them. Returns the index of what comes after."""
    near = range(first, min(first + _KEY_LINES, len(lines)))
    last = next((index for index in near if _KEY_END.search(lines[index])), None)
    if last is not None:
        lines[first : last + 1] = [MARK] * (last + 1 - first)
        return last + 1
    for index in near:
        if _KEY_LINE.search(lines[index]):
            lines[index] = MARK
    return first


def _redact_before(lines: list[str], last: int, first: int) -> None:
    """Replace the lines of a key that ends with the last of them, none of those before the first."""
    lines[last] = MARK
    for index in range(last - 1, max(first, last - _KEY_LINES) - 1, -1):
        # The last one can be short.
        if index < last - 1 and not _KEY_LINE.search(lines[index]):
            break
        lines[index] = MARK
