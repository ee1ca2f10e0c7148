# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random configs for property tests: of the right types, and for the most part breaking rules."""

from __future__ import annotations

import random
import typing as t

from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema

#: Few values, so that keys meet.
TEXTS = ("", "a", "b", "/a", "data:,a", "data:;base64,YQ==", "<&>\u2028é", "\b\f\n\\b")
NUMBERS = (0, 1, 2, -1, 420, 2**63 - 1)


def config(choose: random.Random, version: str, concat: bool = True) -> schema.Config:
    """A config of a version without duplicate items; concat False leaves out lists that merge by concatenation."""
    made = _object(choose, schema.root(version), concat)
    made["ignition"] = {**made.get("ignition", {}), "version": version}
    return made


def configs() -> st.SearchStrategy[schema.Config]:
    return CHANCE.map(lambda choose: config(choose, choose.choice(schema.VERSIONS)))


def pairs(concat: bool = True) -> st.SearchStrategy[tuple[schema.Config, schema.Config]]:
    """Two configs of one version."""

    def pair(choose: random.Random) -> tuple[schema.Config, schema.Config]:
        version = choose.choice(schema.VERSIONS)
        return config(choose, version, concat), config(choose, version, concat)

    return CHANCE.map(pair)


CHANCE = st.randoms(use_true_random=True)


def _object(choose: random.Random, struct: schema.Struct, concat: bool) -> schema.Config:
    made: schema.Config = {}
    keys: set[tuple[str, str]] = set()
    for field in struct.fields:
        if choose.random() < 0.6 or (field.concat and not concat):
            continue
        if not field.is_list:
            made[field.name] = _value(choose, field, concat)
            continue
        made[field.name] = []
        for dummy in range(choose.randint(1, 3)):
            item = _value(choose, field, concat)
            key = field.space, field.struct.key(item) if field.struct else item
            if field.concat or key not in keys:
                keys.add(key)
                made[field.name].append(item)
    return made


def _value(choose: random.Random, field: schema.Field, concat: bool) -> t.Any:
    if field.struct:
        return _object(choose, field.struct, concat)
    if field.kind == "string":
        return choose.choice(TEXTS)
    return choose.choice(NUMBERS) if field.kind == "int" else choose.random() < 0.5
