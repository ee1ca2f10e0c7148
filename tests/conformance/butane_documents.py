# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random Butane documents from a grammar of the schema, most of them valid or nearly so.

STRUCTS says of which fields a structure consists, TEXTS and TOKENS which values each kind of field takes: good ones,
which pass every check at least somewhere, and bad ones. The grammar is kept apart from the engine's own field table,
so that a field that is missing there is still tried.
"""

from __future__ import annotations

import random
import re
import typing as t

from ansible_collections.flatops.flatcar.tests.conformance import butane_yaml as y
from ansible_collections.flatops.flatcar.tests.conformance.butane_texts import COMPOSED, mode
from ansible_collections.flatops.flatcar.tests.conformance.butane_values import (
    FIXTURES,
    ODD_KEYS,
    ODD_TOKENS,
    TEXTS,
    TOKENS,
    Pool,
)

__all__ = ["FIXTURES", "HEADERS", "Document", "document"]

#: (variant, version) -> level of the base schema, minor version of the fcos one, minor version of the openshift one.
HEADERS: dict[tuple[str, str], tuple[int, int, int]] = {
    ("flatcar", "1.0.0"): (4, -1, -1),
    ("flatcar", "1.1.0"): (5, -1, -1),
    ("flatcar", "1.2.0-experimental"): (8, -1, -1),
    ("fcos", "1.0.0"): (1, 0, -1),
    ("fcos", "1.1.0"): (2, 1, -1),
    ("fcos", "1.2.0"): (3, 2, -1),
    ("fcos", "1.3.0"): (3, 3, -1),
    ("fcos", "1.4.0"): (4, 4, -1),
    ("fcos", "1.5.0"): (5, 5, -1),
    ("fcos", "1.6.0"): (6, 6, -1),
    ("fcos", "1.7.0"): (7, 7, -1),
    ("fcos", "1.8.0-experimental"): (8, 8, -1),
    ("r4e", "1.0.0"): (4, -1, -1),
    ("r4e", "1.1.0"): (5, -1, -1),
    ("r4e", "1.2.0-experimental"): (8, -1, -1),
    ("fiot", "1.0.0"): (5, -1, -1),
    ("fiot", "1.1.0-experimental"): (8, -1, -1),
    **{("openshift", f"4.{minor}.0"): (3, 3, minor) for minor in range(8, 14)},
    **{("openshift", f"4.{minor}.0"): (5, 5, minor) for minor in range(14, 19)},
    **{("openshift", f"4.{minor}.0"): (6, 6, minor) for minor in range(19, 23)},
    ("openshift", "4.23.0-experimental"): (8, 8, 23),
}

#: The fields of each structure as `name:kind`. A kind in brackets is a list. Signs after the name: `!` nearly always
#: there, `?` rarely, `*` at most one of the fields with this sign, `=` different in each item of a list, `+` two items
#: or more; `@5` since that level of the base schema, `@f5` of the fcos and `@o8` of the openshift one.
STRUCTS: dict[str, str] = {
    "config": "ignition?:ignition kernel_arguments?@4:kernel_arguments passwd?:passwd storage:storage systemd:systemd"
    " boot_device@f3:boot_device|boot_s390x grub?@f5:grub metadata!@o8:metadata openshift@o8:openshift",
    "ignition": "config:ignition_config proxy?@2:proxy security:security timeouts?:timeouts",
    "ignition_config": "merge:[config_source] replace?:config_source",
    "config_source": "compression?@2:compression http_headers?@2:[header] source*:url inline*@2:config_text"
    " local*@2:local verification?:verification",
    "proxy": "http_proxy:url https_proxy:url no_proxy?:[text]",
    "security": "tls!:tls",
    "tls": "certificate_authorities!:[resource]",
    "timeouts": "http_response_headers:number http_total:number",
    "header": "name!=:header_name value!:text",
    "verification": "hash!:hash",
    "resource": "compression?:compression http_headers?@2:[header] source*:url inline*:contents local*@2:local"
    " verification?:verification",
    "kernel_arguments": "should_exist:[karg] should_not_exist:[karg]",
    "passwd": "groups?:[group] users!:[user]",
    "group": "gid:number name!=:user_name password_hash?:text should_exist?@3:flag system?:flag",
    "user": "gecos?:text groups?:[user_name] home_dir?:path name!=:user_name no_create_home?:flag no_log_init?:flag"
    " no_user_group?:flag password_hash?:text primary_group?:user_name should_exist?@3:flag"
    " ssh_authorized_keys:[ssh_key] ssh_authorized_keys_local?@5:[local] shell?:path system?:flag uid?:number",
    "storage": "directories?:[directory] disks:[disk] files:[file] filesystems:[filesystem] links?:[link]"
    " luks@3:[luks] raid?:[raid] trees@2:[tree]",
    "owner": "id*:number name*:user_name",
    "directory": "group?:owner overwrite?:flag path!=:path user?:owner mode:mode",
    "file": "group?:owner overwrite?:flag path!=:path user?:owner append?:[resource] contents:resource mode:mode",
    "link": "group?:owner overwrite?:flag path!=:path user?:owner hard?:flag target!:path",
    "disk": "device!=:device partitions:[partition] wipe_table?:flag",
    "partition": "guid?:guid label=:label number!:small resize?@3:flag should_exist?:flag size_mib:small"
    " start_mib:small type_guid?:guid wipe_partition_entry?:flag",
    "filesystem": "device!=:device format!:format label?:label mount_options?@2:[option] options?:[option] path!=:path"
    " uuid?:text wipe_filesystem?:flag with_mount_unit@2:flag",
    "luks": "cex*@6:cex clevis*:clevis device!:device discard?@5:flag key_file*:resource label?:label"
    " name!=:luks_name open_options?@5:[option] options?:[option] uuid?:text wipe_volume?:flag",
    "cex": "enabled!:flag",
    "clevis": "custom?*:clevis_custom tang*:[tang] threshold?:number tpm2?:flag",
    "clevis_custom": "config!:text needs_network?:flag pin!:pin",
    "tang": "thumbprint!:text url!=:url advertisement?@5:advertisement",
    "raid": "devices!:[device] level!:raid_level name!=:luks_name options?:[option] spares?:number",
    "tree": "group?@7:owner local!:tree_path path:path user?@7:owner file_mode?@7:mode dir_mode?@7:mode",
    "systemd": "units!:[unit] quadlets@8:[quadlet]",
    "unit": "contents*:unit_text contents_local?*@5:local dropins?:[dropin] enabled:flag mask?:flag name!=:unit_name",
    "dropin": "contents*:unit_text contents_local?*@5:local name!=:dropin_name",
    "quadlet": "contents*:unit_text contents_local?*:local name!=:quadlet_name rootful:flag dropins?:[dropin]",
    "boot_device": "layout:layout luks:boot_luks mirror:boot_mirror",
    "boot_luks": "cex?@f6:cex discard?@f5:flag device?@f6:device tang?:[tang] threshold?:number tpm2:flag",
    "boot_s390x": "layout!:layout luks!:boot_luks",
    "boot_mirror": "devices!+:[device]",
    "grub": "users!:[grub_user]",
    "grub_user": "name!=:user_name password_hash!:text",
    "metadata": "name!:user_name labels!:labels",
    "labels": "machineconfiguration.openshift.io/role!:user_name team?:text tier?:text number?:odd",
    "openshift": "kernel_arguments:[karg] extensions?:[text] fips?:flag kernel_type?:kernel_type",
}

_NO_DISKS = frozenset(("kernel_arguments", "disks", "filesystems", "luks", "raid"))
_FEW_FIELDS = (
    "append directories gecos groups home_dir links no_create_home no_log_init no_user_group primary_group shell"
    " should_exist system uid kernel_arguments"
)

#: Fields that a variant refuses, which would end most documents early.
REFUSED: dict[str, frozenset[str]] = {
    "flatcar": frozenset(("clevis", "cex")),
    "fcos": frozenset(),
    "fiot": _NO_DISKS,
    "r4e": _NO_DISKS,
    "openshift": frozenset(_FEW_FIELDS.split()),
}

#: The Ignition specification version of each level of the base schema.
SPECS = {1: "3.0.0", 2: "3.1.0", 3: "3.2.0", 4: "3.3.0", 5: "3.4.0", 6: "3.5.0", 7: "3.6.0", 8: "3.7.0-experimental"}

#: What may be given as the files directory besides the usual one.
FOLDERS = (
    "",
    "",
    "",
    ".",
    "./files",
    "files/",
    "files/tree/..",
    "files/tree",
    "files/to-tree",
    "files/text",
    "nowhere",
)

_VERSION = re.compile(r'"version": *"[^"]*"')
_FIELD = re.compile(r"(?P<name>[\w./]+)(?P<signs>[!?*=+]*)(?:@(?P<layer>[fo]?)(?P<level>\d+))?:(?P<kind>\S+)")


class Document(t.NamedTuple):
    """A document and the options that it is translated with."""

    source: bytes
    files_dir: str
    strict: bool
    pretty: bool
    raw: bool


class _Maker:
    """One random document.

    noise is the percentage of values that are bad. Values of a wrong type are rarer: one of them ends a translation.
    """

    def __init__(self, rng: random.Random, header: tuple[str, str], noise: float) -> None:
        self.rng, self.noise = rng, noise
        self.levels, self.refused = HEADERS[header], REFUSED[header[0]]
        self.aliases = rng.random() < 0.15
        self.taken: dict[str, set[str]] = {}
        self.anchors: dict[str, list[str]] = {}
        self.subsets: dict[str, list[str]] = {}
        self.spec = f'"version":"{SPECS[self.levels[0]]}"'

    def chance(self, percent: float) -> bool:
        return self.rng.random() * 100 < percent

    def known(self, field: re.Match[str]) -> bool:
        """Whether this version has and allows the field; others are put in now and then."""
        level = self.levels["fo".find(field["layer"] or "-") + 1]
        if field["name"] not in self.refused and level >= int(field["level"] or 0):
            return True
        return self.chance(self.noise / 8)

    def value(self, kind: str, signs: str = "") -> y.Node:
        if self.chance(self.noise / 8):
            return y.Token(self.rng.choice(ODD_TOKENS))
        if kind.startswith("["):
            return self.items(kind[1:-1], 2 if "+" in signs else 1)
        if "|" in kind:
            kind = self.rng.choice(kind.split("|"))
        if kind in STRUCTS:
            return self.reusable(kind, lambda: self.structure(kind))
        return self.reusable(kind, lambda: self.scalar(kind, "=" in signs))

    def reusable(self, kind: str, make: t.Callable[[], y.Node]) -> y.Node:
        """An alias to an earlier value of this kind, or a new value, sometimes with an anchor."""
        anchors = self.anchors.setdefault(kind, [])
        if anchors and self.chance(25):
            return y.Token("*" + self.rng.choice(anchors))
        node = make()
        if isinstance(node, y.Token) or not (self.aliases and self.chance(20)):
            return node
        name = f"{kind}{len(anchors)}"
        anchors.append(name)
        return node._replace(head="&" + name)

    def scalar(self, kind: str, distinct: bool) -> y.Node:
        if kind == "odd":
            return y.Token(self.rng.choice(ODD_TOKENS))
        pool = (TOKENS if kind in TOKENS else TEXTS)[kind]
        taken = self.taken.setdefault(kind, set()) if distinct and not self.chance(self.noise) else set()
        good = [value for value in self.usual(kind, pool) if value not in taken] or pool.good
        text = self.rng.choice(pool.bad if pool.bad and self.chance(self.noise) else good)
        taken.add(text)
        if kind == "mode" and self.chance(10 + self.noise):
            text = mode(self.rng)
        if kind in TOKENS:
            return y.Token(text)
        if kind in COMPOSED and self.chance(25 + self.noise):
            text = COMPOSED[kind](self.rng)
        if kind == "config_text" and self.chance(80):
            text = _VERSION.sub(self.spec, text, count=1)
        return y.Text(text, y.style(self.rng))

    def usual(self, kind: str, pool: Pool) -> list[str]:
        """The values of a kind that this document keeps to: with few of them, they meet in more ways."""
        if kind not in self.subsets:
            self.subsets[kind] = self.rng.sample(pool.good, self.rng.randint(1, len(pool.good)))
        return self.subsets[kind]

    def items(self, kind: str, least: int) -> y.Node:
        count = max(least, self.rng.choice((1, 1, 1, 2, 2, 3))) if not self.chance(self.noise / 4) else 0
        signs = "" if kind in STRUCTS else "="
        outer = {name: set(values) for name, values in self.taken.items()}
        nodes = [self.value(kind, signs) for dummy in range(count)]
        if kind not in ("file", "directory", "link"):
            self.taken = outer
        if nodes and self.chance(self.noise / 4):
            nodes.insert(self.rng.randrange(len(nodes) + 1), y.Token(self.rng.choice(("~", "", "null"))))
        return y.Seq(nodes, self.chance(15), tight=self.chance(25))

    def structure(self, kind: str) -> y.Map:
        fields = [match for match in map(_FIELD.fullmatch, STRUCTS[kind].split()) if match]
        self.rng.shuffle(fields)
        entries: list[tuple[str, y.Node]] = []
        exclusive = False
        for field in fields:
            signs = field["signs"]
            wanted = 99.7 - self.noise / 4 if "!" in signs else 12 if "?" in signs else 50
            if "*" in signs:
                wanted = 0 if exclusive and not self.chance(self.noise) else wanted + 20
            if not self.chance(wanted) or not self.known(field):
                continue
            exclusive = exclusive or "*" in signs
            entries.append((y.key(self.rng, field["name"]), self.value(field["kind"], signs)))
        self.disturb(kind, entries)
        return y.Map(entries, self.chance(10))

    def disturb(self, kind: str, entries: list[tuple[str, y.Node]]) -> None:
        """Unknown keys, keys given twice and merge keys."""
        if self.chance(self.noise / 5):
            self.insert(entries, self.rng.choice(ODD_KEYS), self.value(self.rng.choice(("text", "owner", "[text]"))))
        if entries and self.chance(self.noise / 40):
            self.insert(entries, *self.rng.choice(entries))
        anchors = self.anchors.get(kind)
        if anchors and self.chance(25):
            several = y.Token("[" + ", ".join("*" + self.rng.choice(anchors) for dummy in range(2)) + "]")
            self.insert(entries, "<<", several if self.chance(20) else y.Token("*" + self.rng.choice(anchors)))
        elif self.chance(self.noise / 15):
            self.insert(entries, "<<", self.value(kind))

    def insert(self, entries: list[tuple[str, y.Node]], name: str, node: y.Node) -> None:
        entries.insert(self.rng.randrange(len(entries) + 1), (name, node))


def document(rng: random.Random) -> Document:
    """A document of a random variant and version, with random options."""
    variant = rng.choice(
        ("flatcar", "flatcar", "flatcar", "fcos", "fcos", "fcos", "openshift", "openshift", "r4e", "fiot")
    )
    header = rng.choice([header for header in HEADERS if header[0] == variant])
    maker = _Maker(rng, header, rng.choice((0, 0, 1, 3, 6, 12, 25)))
    config = maker.structure("config")
    for name, value in zip(("variant", "version"), header, strict=True):
        node = y.Text(value, y.style(rng)) if not maker.chance(maker.noise / 6) else maker.value("version")
        config.items.insert(rng.randrange(len(config.items) + 1) if maker.chance(20) else 0, (name, node))
    return Document(y.dump(rng, config, maker.noise), *options(rng))


def options(rng: random.Random) -> tuple[str, bool, bool, bool]:
    """files_dir, strict, pretty and raw."""
    files_dir = "files" if rng.random() < 0.85 else rng.choice(FOLDERS)
    return files_dir, rng.random() < 0.05, rng.random() < 0.1, rng.random() < 0.3
