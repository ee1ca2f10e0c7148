# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents made to hurt: malformed, deep, endless, and such that every part has to do with every other."""

from __future__ import annotations

import random
import typing as t

#: Bytes of the large documents.
LARGE = 5_000_000

HEAD = "variant: flatcar\nversion: 1.1.0\n"
OPENSHIFT = (
    "variant: openshift\nversion: 4.15.0\nmetadata:\n  name: x\n"
    "  labels:\n    machineconfiguration.openshift.io/role: worker\n"
)
UNIT = "systemd:\n  units:\n    - name: a.service\n      contents: "
FILE = "storage:\n  files:\n    - path: /a\n      "


class Hostile(t.NamedTuple):
    """A document, made when it is wanted, and a pattern of what ends the report, or "" where any answer is right."""

    make: t.Callable[[], str | bytes]
    ends: str = ""


def fill(start: str, part: str, end: str = "") -> Hostile:
    """A large document of start, as many parts as fit, and end; `#` in a part counts them."""

    def make() -> str:
        if "#" not in part:
            return HEAD + start + part * (LARGE // len(part.encode())) + end
        count = LARGE // (len(part) + 5 * part.count("#"))
        return HEAD + start + "".join(part.replace("#", str(number)) for number in range(count)) + end

    return Hostile(make)


def lists(*sections: tuple[str, int, str]) -> Hostile:
    """Sections of so many items each; `#` in an item is its number."""

    def make() -> str:
        text = HEAD
        for start, count, item in sections:
            text += start + "".join(item.replace("#", str(number)) for number in range(count))
        return text

    return Hostile(make)


def laughs(leaf: str, branch: str, use: str) -> Hostile:
    """An alias bomb: nine levels, of which each holds the one below nine times."""
    levels = [f"l0: &l0 {leaf}"]
    for level in range(1, 10):
        levels.append(f"l{level}: &l{level} " + branch.replace("*", ", ".join([f"*l{level - 1}"] * 9)))
    return Hostile(lambda: HEAD + "\n".join([*levels, use, ""]))


def nested(opening: str, depth: int, closing: str = "") -> Hostile:
    return Hostile(lambda: f"{HEAD}a: {opening * depth}{closing * depth}\n")


def steps(key: str, depth: int) -> Hostile:
    """Block collections, each a column further in than the one around it."""
    return Hostile(lambda: HEAD + "a:\n" + "".join(f"{' ' * column}{key}\n" for column in range(1, depth)))


def plain(text: str | bytes, ends: str) -> Hostile:
    return Hostile(lambda: text, ends)


def long(start: str, part: str, end: str = "\n", ends: str = "") -> Hostile:
    """One scalar of 5 MB."""
    return Hostile(lambda: HEAD + start + part * (LARGE // len(part.encode())) + end, ends)


_TYPES = "cannot unmarshal"
_INVALID = "config generated was invalid"

MALFORMED: dict[str, Hostile] = {
    "nothing": plain("", "error parsing variant; must be specified"),
    "a list": plain("- a\n- b\n", "into config.commonFields"),
    "text": plain("just text\n", "into config.commonFields"),
    "tabs": plain("\t\t\t", "yaml: "),
    "an open brace": plain("{", "yaml: "),
    "random bytes": Hostile(lambda: random.Random(1).randbytes(LARGE), "yaml: "),
    "NUL bytes": Hostile(lambda: b"\0" * LARGE, "control characters are not allowed"),
    "a NUL byte": plain(HEAD.encode() + b"a: \0\n", "control characters are not allowed"),
    "not UTF-8": plain(HEAD.encode() + b"a: \xff\xfe\n", "UTF-8"),
    "half a UTF-16 character": plain((HEAD + "a: b").encode("utf-16")[:-1], "UTF-16"),
    "no variant": plain("version: 1.1.0\n", "error parsing variant; must be specified"),
    "no version": plain("variant: flatcar\n", "error parsing version; must be a valid semver"),
    "an unknown variant": plain("variant: coreos\nversion: 1.1.0\n", "No translator exists for variant coreos"),
    "an unknown version": plain("variant: flatcar\nversion: 9.9.9\n", "No translator exists for variant flatcar"),
    "an endless version": Hostile(lambda: f"variant: flatcar\nversion: 1.1.{'1' * LARGE}\n", "valid semver"),
    "an endless variant": Hostile(lambda: f"variant: {'x' * LARGE}\nversion: 1.1.0\n", "No translator exists"),
    "too many bytes": Hostile(lambda: b"#" * (16 * 1024 * 1024 + 1), "max_bytes"),
    "an unknown anchor": plain(HEAD + "a: *nowhere\n", "unknown anchor 'nowhere' referenced"),
    "an anchor in itself": plain(HEAD + "storage: &s {files: [*s]}\n", "Error translating config|cannot unmarshal"),
}

DEEP: dict[str, Hostile] = {
    "10,000 open lists": nested("[", 10_000)._replace(ends="yaml: "),
    "10,000 closed lists": nested("[", 10_000, "]"),
    "9,000 mappings": nested("{a: ", 9_000, "}"),
    "lists without end": nested("[", LARGE)._replace(ends="yaml: "),
    "mappings without end": nested("{a: ", LARGE // 4)._replace(ends="yaml: "),
    "dashes": fill("a:\n  ", "- "),
    "question marks": fill("a:\n  ", "? "),
    "3,000 block mappings": steps("a:", 3_000),
    "3,000 block lists": steps("-", 3_000),
    "10,000 lists where files belong": Hostile(
        lambda: f"{HEAD}storage: {{files: {'[' * 9_000}{']' * 9_000}}}\n", _TYPES
    ),
    "an embedded config of lists": Hostile(
        lambda: f"{HEAD}ignition: {{config: {{merge: [{{inline: '{'[' * 1_000_000}'}}]}}}}\n",
        "source config is invalid",
    ),
}

BOMBS: dict[str, Hostile] = {
    "lists": laughs("[x]", "[*]", ""),
    "lists where files belong": laughs("[{path: /a}]", "[*]", "storage: {files: *l9}"),
    "merge keys": laughs("{path: /a}", "{<<: [*]}", "storage: {files: [*l9]}"),
    "merge keys at the top": laughs("{path: /a}", "{<<: [*]}", "<<: *l9"),
    "a million aliases to a file": fill("x: &x {path: /a}\nstorage:\n  files: [", "*x, ", "]\n"),
    "a million aliases to an argument": fill("x: &x quiet\nkernel_arguments:\n  should_exist: [", "*x, ", "]\n"),
    "a million merged mappings": fill("x: &x {path: /a}\nstorage:\n  files:\n    - <<: [", "*x, ", "]\n"),
    "many contents by alias": fill(
        f"x: &x {'y' * 100_000}\nstorage:\n  files: [", "{path: /a#, contents: {inline: *x}}, ", "]\n"
    ),
}

ENDLESS: dict[str, Hostile] = {
    "digits": long(FILE + "mode: ", "7", ends=_TYPES),
    "hexadecimal digits": long(FILE + "mode: 0x", "f", ends=_TYPES),
    "digits and underscores": long(FILE + "mode: ", "1_", ends=_TYPES),
    "a fraction": long(FILE + "mode: .", "5"),
    "an exponent": long(FILE + "mode: 1e", "9", ends=_TYPES),
    "a time": long(FILE + "mode: 2024-01-01T", "0", ends=_TYPES),
    "binary": long(FILE + "user: {name: !!binary ", "aaaa", "}\n"),
    "a key": long("? ", "k", "\n: 1\n"),
    "a simple key": long("", "k", ": 1\n", ends="yaml: "),
    "a tag": long("a: !", "x", " y\n"),
    "an anchor": long("a: &", "x", " y\n"),
    "quotes": long("a: '", "''", "'\n"),
    "escapes": long('a: "', "\\u00e9", '"\n'),
    "a path that climbs": long("storage:\n  files:\n    - path: /", "../", ends=_INVALID),
    "a path of slashes": long("storage:\n  files:\n    - path: ", "/", ends=_INVALID),
    "a path that is deep": long("storage:\n  files:\n    - path: /", "a/", "a\n"),
    "a unit of brackets": long(UNIT + "'", "[", "'\n", ends=_INVALID),
    "a unit without a section": long(UNIT + "'", "x", "'\n", ends=_INVALID),
    "a unit of sections": long(UNIT + "|\n", "        [A]\n"),
    "a unit of options": long(UNIT + "|\n        [A]\n", "        a=b\n"),
    "a unit of long lines": long(UNIT + "|\n        [A]\n", "        a=" + "b" * 1900 + "\n"),
    "a unit that goes on": long(UNIT + "|\n        [A]\n        a=\\\n", "        \\\n"),
    "a unit's name": long(
        "systemd:\n  units:\n    - enabled: true\n      name: '", "a@", ".servicex'\n", ends=_INVALID
    ),
    "an instance's name": long("systemd:\n  units:\n    - enabled: true\n      name: '", "a@", ".service'\n"),
    "a data URL": long(FILE + "contents: {source: 'data:,", "%41", "'}\n"),
    "a bad data URL": long(FILE + "contents: {source: 'data:,", "%", "'}\n", ends=_INVALID),
    "a data URL's parameters": long(FILE + "contents: {source: 'data:text/plain", ";a=b", ",x'}\n"),
    "a URL": long(FILE + "contents: {source: 'http://", "a", "'}\n"),
    "a URL's query": long(FILE + "contents: {source: 's3://a/b?", "a=b&", "versionId='}\n", ends=_INVALID),
    "contents that compress": long(FILE + "contents: {inline: '", "é", "'}\n"),
    "contents that do not": Hostile(
        lambda: HEAD + FILE + "contents: {inline: '" + random.Random(1).randbytes(LARGE // 2).hex() + "'}\n"
    ),
    "directives": Hostile(lambda: "%YAML 1.1\n" + "%TAG !a! tag:x\n" * 300_000 + "---\n" + HEAD, "yaml: "),
}

MANY: dict[str, Hostile] = {
    "unknown keys": fill("", "k#: 1\n"),
    "unknown keys below": fill("storage:\n", "  k#: 1\n"),
    "equal keys": fill("storage:\n", "  a: 1\n"),
    "anchors": fill("", "k#: &a# x\n"),
    "aliases": fill("x: &x y\nz:\n", "  - *x\n"),
    "empty items": fill("a:\n", "- \n"),
    "empty files": fill("storage:\n  files:\n", "  - \n"),
    "brackets": fill("a: [", "[],", "]\n"),
    "braces": fill("storage: {files: [", "{},", "]}\n"),
    "commas": fill("a: [", ","),
    "colons": fill("", ":"),
    "exclamation marks": fill("a: ", "!x "),
    "tags": fill("a:\n", "- !<x> y\n"),
    "documents": fill("", "---\n"),
    "newlines": fill("", "\n"),
    "labels": Hostile(lambda: OPENSHIFT + "".join(f"    k{number}: x\n" for number in range(380_000))),
    "wrong types": fill("passwd:\n users:\n", " - 1\n"),
    "wrong numbers": fill("passwd:\n users:\n", " - {uid: x}\n"),
    "bad files": fill("storage:\n  files:\n", "    - {path: a#, mode: 644}\n"),
    "files": fill("storage:\n  files:\n", "    - {path: /a#, contents: {inline: x#}}\n"),
    "units of one name": fill("systemd:\n  units:\n", "    - name: a.service\n"),
    "instances": fill("systemd:\n  units:\n", "    - {name: a#@b.service, enabled: true}\n    - {name: a#@.service}\n"),
    "arguments": fill("kernel_arguments:\n  should_exist:\n", "    - a#\n"),
    "overlapping partitions": lists(
        (
            "storage:\n  disks:\n    - device: /dev/a\n      partitions:\n",
            60_000,
            "        - {number: #, size_mib: 9, start_mib: 1}\n",
        )
    ),
    "partitions": lists(
        (
            "storage:\n  disks:\n    - device: /dev/a\n      partitions:\n",
            60_000,
            "        - {number: #, start_mib: #, size_mib: 1}\n",
        )
    ),
    "disks and filesystems": lists(
        ("storage:\n  disks:\n", 50_000, "    - {device: /dev/a#, wipe_table: true}\n"),
        ("  filesystems:\n", 50_000, "    - {device: /dev/a#, format: ext4}\n"),
    ),
    "files below links": lists(
        ("storage:\n  links:\n", 40_000, "    - {path: /a#, target: /x}\n"),
        ("  files:\n", 60_000, "    - {path: /a/b#}\n"),
    ),
    "files below one link": lists(
        ("storage:\n  links:\n", 20_000, "    - {path: /a, target: /x}\n"),
        ("  files:\n", 20_000, "    - {path: /a/b#}\n"),
    ),
    "mount units of encrypted disks": lists(
        (
            "storage:\n  filesystems:\n",
            20_000,
            "    - {device: /dev/mapper/a#, format: ext4, path: /p#, with_mount_unit: true}\n",
        ),
        ("  luks:\n", 20_000, "    - {name: a#, device: /d#, clevis: {tang: [{url: 'http://x', thumbprint: t}]}}\n"),
    ),
    "members of an embedded config": Hostile(
        lambda: (
            HEAD
            + """ignition: {config: {merge: [{inline: '{"ignition":{"version":"3.4.0"},"""
            + ",".join(f'"a{number}":1' for number in range(350_000))
            + "}'}]}}\n"
        )
    ),
}

HOSTILE: dict[str, Hostile] = {
    f"{kind}: {name}": hostile
    for kind, documents in (
        ("malformed", MALFORMED),
        ("deep", DEEP),
        ("bomb", BOMBS),
        ("endless", ENDLESS),
        ("many", MANY),
    )
    for name, hostile in documents.items()
}
