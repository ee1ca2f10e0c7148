# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random Ignition configs as JSON texts, most of them valid or nearly so."""

from __future__ import annotations

import json
import random

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema
from ansible_collections.flatops.flatcar.tests.conformance.ignition_values import (
    DEFAULT,
    NUMBERS,
    ODD_NAMES,
    ODD_VERSIONS,
    PIECES,
    POOLS,
    WRONG,
    Pool,
)

_SPACES = ("", "", "", " ", "\n", "\n  ", "\t", "\r\n")
_NOISE = (
    b"",
    b'"',
    b"\\",
    b",",
    b":",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\x00",
    b"\xff",
    b"\xc3",
    b"0",
    b"e",
    b"-",
    b".",
    b"n",
    b"\n",
    b"\\u12",
    b"\xef\xbb\xbf",
)


def document(choose: random.Random) -> bytes:
    """One config. A seeded source of chance gives the same config again."""
    return _Writer(choose).document()


class _Writer:
    def __init__(self, choose: random.Random) -> None:
        self.choose = choose
        # How odd this document is: the share of bad values, and of things that are not even of the right type.
        self.bad = choose.choice((0.0, 0.02, 0.1, 0.3))
        self.wrong = choose.choice((0.0, 0.0, 0.0, 0.01, 0.03))
        self.density = choose.choice((0.15, 0.3, 0.6))
        self.version = choose.choice(schema.VERSIONS)

    def chance(self, share: float) -> bool:
        return self.choose.random() < share

    def document(self) -> bytes:
        # Fields of a newer version are unknown to an older one.
        types = self.version if self.chance(0.8) else self.choose.choice(schema.VERSIONS)
        text = self.object(schema.root(types), top=True).encode()
        if self.chance(0.08):
            for dummy in range(self.choose.randint(1, 3)):
                start = self.choose.randrange(len(text) + 1)
                end = start + self.choose.choice((0, 0, 1, 1, 2, 5, 40))
                text = text[:start] + self.choose.choice(_NOISE) + text[end:]
        return text

    def object(self, struct: schema.Struct, *, top: bool = False) -> str:
        members = []
        for field in struct.fields:
            wanted = top and field.name == "ignition"
            if wanted or self.chance(self.density + (0.5 if field.always else 0.0)):
                members.append(self.member(struct, field))
                if self.chance(self.wrong):
                    members.append(self.member(struct, field))
        if struct.name == "Ignition":
            members.append(f'"version":{self.spec_version()}')
        if self.chance(self.wrong):
            members.append(f"{self.string(self.choose.choice(ODD_NAMES))}:{self.choose.choice(WRONG)}")
        if self.chance(0.5):
            self.choose.shuffle(members)
        return self.joined("{", members, "}")

    def member(self, struct: schema.Struct, field: schema.Field) -> str:
        name = field.name
        if self.chance(self.wrong / 2):
            name = self.choose.choice(
                (name.upper(), name.title(), name.replace("s", "\u017f"), name.replace("k", "\u212a"))
            )
        if struct.name == "Ignition" and name == "version":
            return f'"version":{self.spec_version()}'
        return f"{self.string(name)}:{self.space()}{self.value(struct, field)}"

    def spec_version(self) -> str:
        return self.choose.choice(ODD_VERSIONS) if self.chance(self.wrong) else f'"{self.version}"'

    def value(self, struct: schema.Struct, field: schema.Field) -> str:
        if self.chance(self.wrong):
            return self.choose.choice(WRONG)
        if not field.is_list:
            return self.item(struct, field)
        items = [self.item(struct, field) for dummy in range(self.choose.choice((0, 1, 1, 2, 2, 3)))]
        if items and self.chance(self.wrong):
            items[-1] = self.choose.choice(WRONG)
        return self.joined("[", items, "]")

    def item(self, struct: schema.Struct, field: schema.Field) -> str:
        if field.struct:
            return self.object(field.struct)
        if field.kind == "bool":
            return self.choose.choice(("true", "false"))
        if field.kind == "int":
            return self.picked(NUMBERS)
        pool = POOLS.get(f"{struct.name}.{field.name}") or POOLS.get(field.name, DEFAULT)
        text = self.picked(pool)
        return self.string(self.mutated(text) if field.kind == "string" and self.chance(self.bad / 2) else text)

    def picked(self, pool: Pool) -> str:
        return self.choose.choice(pool.bad if pool.bad and self.chance(self.bad) else pool.good)

    def mutated(self, text: str) -> str:
        """The text with some pieces taken out, put in or doubled."""
        for dummy in range(self.choose.randint(1, 3)):
            start = self.choose.randrange(len(text) + 1)
            end = min(len(text), start + self.choose.choice((0, 0, 1, 2, 8)))
            piece = self.choose.choice((*PIECES, text[start:end] * self.choose.choice((2, 300))))
            text = text[:start] + piece + text[end:]
        return text

    def string(self, text: str) -> str:
        written = json.dumps(text, ensure_ascii=self.chance(0.3))
        if self.chance(self.wrong):
            return self.choose.choice(
                (written.replace("a", "\\u0061"), written.replace("/", "\\/"), '"\\ud800' + written[1:])
            )
        return written

    def joined(self, opening: str, items: list[str], closing: str) -> str:
        between = "," + self.space()
        return opening + self.space() + between.join(items) + self.space() + closing

    def space(self) -> str:
        return self.choose.choice(_SPACES)
