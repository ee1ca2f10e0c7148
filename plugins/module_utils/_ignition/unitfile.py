# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""systemd unit files as Ignition reads them: coreos/go-systemd's lexer, which is not systemd's own.

Before the first section any text is skipped, and a line is only too long when the lexer comes upon 2048 bytes without
a line end in what its reader happens to have buffered. Source: unit/deserialize.go of go-systemd 22.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.gotext import SPACE, quoted

_LINE_MAX = 2048
_BUFFER = 4096
_LINE = re.compile(rb"[^\r\n]+")
_NAME_END = re.compile(rb"[=\r\n]")
_OPENING = ord("[")
_COMMENT = b"#;"
# What is skipped before the first section, and after it: gotext.SPACE in UTF-8.
_NO_SECTION = re.compile(rb"[^\[#;]*")
_SPACES = re.compile(
    rb"(?:[\t-\r ]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80)*"
)


class Parsed(t.NamedTuple):
    """The sections in which an option stands, and what is wrong, in the lexer's words."""

    sections: frozenset[str]
    error: str | None


class _Refused(Exception):
    """The lexer stopped; the text says why."""


def parse(text: str) -> Parsed:
    """Reads a unit or drop-in. Never raises."""
    if not text:
        return Parsed(frozenset(), None)
    data = text.encode("utf-8", "surrogateescape")
    reader = _Reader(data) if len(data) > _LINE_MAX else None
    lexer = _Lexer(data, reader if reader and reader.long_lines else None)
    try:
        lexer.run()
    except _Refused as error:
        return Parsed(frozenset(), str(error))
    return Parsed(frozenset(lexer.sections), None)


class _Reader:
    """What Go's bufio.Reader has buffered, which decides whether a long line is noticed. Offsets are of the data."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.filled = 0
        self.long_lines = [match.span() for match in _LINE.finditer(data) if match.end() - match.start() >= _LINE_MAX]

    def check(self, start: int, stop: int) -> None:
        """Before steps of the lexer at every character from start to stop."""
        while self.long_lines and self.long_lines[0][1] - _LINE_MAX < start:
            del self.long_lines[0]
        if self.long_lines:
            line_start, line_end = self.long_lines[0]
            first = max(start, line_start)
            if first <= stop and first + _LINE_MAX <= min(line_end, self.filled):
                raise _Refused(f"line too long (max {_LINE_MAX} bytes)")

    def read_line(self, start: int, end: int) -> None:
        """A read to a delimiter that ends before offset end: fills until that is buffered, in full buffers."""
        while self.filled < end:
            if self.filled - start >= _BUFFER:
                start = self.filled
            self._fill(start)

    def read_runes(self, start: int, end: int) -> None:
        """Reads of one character after the other: fills when the next one is not wholly buffered."""
        while self.filled < end:
            self._fill(max(start, self._last_whole(self.filled)))

    def step_runes(self, start: int, end: int) -> None:
        """As read_runes, where each read is a step."""
        while self.filled < end:
            self.check(start, self.filled)
            start = max(start, self._last_whole(self.filled))
            self._fill(start)
            start = _character_end(self.data, start)
        self.check(start, end)

    def _fill(self, start: int) -> None:
        self.filled = min(start + _BUFFER, len(self.data))

    def _last_whole(self, end: int) -> int:
        """end, or the start of the character that it cuts in two."""
        for back in range(1, min(4, end + 1)):
            byte = self.data[end - back]
            if byte >= 0xC0:
                length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
                return end - back if length > back else end
            if byte < 0x80:
                break
        return end


def _character_end(data: bytes, start: int) -> int:
    """Behind the character at a position: behind its first byte and the continuation bytes after it."""
    end = start + 1
    while end < len(data) and data[end] & 0xC0 == 0x80:
        end += 1
    return end


class _Lexer:
    """The lexer's steps; before each one the reader looks for a line that is too long, if the data has such lines."""

    def __init__(self, data: bytes, reader: _Reader | None) -> None:
        self.data = data
        self.reader = reader
        self.position = 0
        self.sections: set[str] = set()

    def run(self) -> None:
        section, skipped = "", _NO_SECTION
        while True:
            self._skip(skipped)
            if self.position >= len(self.data):
                return
            byte = self.data[self.position]
            if byte == _OPENING:
                section, skipped = self._section(), _SPACES
            elif byte in _COMMENT:
                self._comment()
            else:
                self._option()
                self.sections.add(section)

    def _check(self) -> None:
        if self.reader:
            self.reader.check(self.position, self.position)

    def _read_rune(self) -> None:
        start, self.position = self.position, _character_end(self.data, self.position)
        if self.reader:
            self.reader.read_runes(start, self.position)

    def _read_to(self, delimiter: bytes) -> bytes | None:
        """What comes before the delimiter, which is read as well; None when it is missing: then all is read."""
        start = self.position
        stop = self.data.find(delimiter, start)
        self.position = len(self.data) if stop < 0 else stop + 1
        if self.reader:
            self.reader.read_line(start, self.position)
        return None if stop < 0 else self.data[start:stop]

    def _skip(self, skipped: re.Pattern[bytes]) -> None:
        """Character by character over what has no meaning."""
        match = skipped.match(self.data, self.position)
        target = match.end() if match else self.position
        if self.reader:
            self.reader.step_runes(self.position, target)
        self.position = target

    def _line(self) -> str:
        """The rest of the line; a CR before the line feed belongs to it, one at the end of the data does not."""
        start = self.position
        line = self._read_to(b"\n")
        text = self.data[start:].removesuffix(b"\r") if line is None else line
        return text.decode("utf-8", "surrogateescape")

    def _section(self) -> str:
        self._read_rune()
        self._check()
        name = self._read_to(b"]")
        if name is None:
            raise _Refused("unable to find end of section")
        self._check()
        garbage = self._line().strip(SPACE)
        if garbage:
            # The name is missing in the original as well.
            raise _Refused(f"found garbage after section name : {quoted(garbage)}")
        return name.decode("utf-8", "surrogateescape")

    def _comment(self) -> None:
        """To the end of the line; a backslash at its end, even before one space, takes the next line along."""
        self._read_rune()
        self._check()
        while self._line().removesuffix(" ").endswith("\\"):
            pass

    def _option(self) -> None:
        """Name=value; a backslash at the end of a line takes the next line along."""
        match = _NAME_END.search(self.data, self.position)
        if self.reader:
            # The lexer reads one character, puts it back, and starts the next step.
            self.reader.read_runes(self.position, self.position + 1)
            self._check()
            self.reader.read_runes(self.position, match.end() if match else len(self.data))
        if match is None:
            raise _Refused("EOF")
        if match[0] != b"=":
            raise _Refused("unexpected newline encountered while parsing option name")
        self.position = match.end()
        more = True
        while more:
            self._check()
            line = self._line()
            more = line.endswith("\\")
