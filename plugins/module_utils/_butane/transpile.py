# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Butane in, Ignition out: what the program butane 0.29.0 does, pass by pass.

Known differences from the program:

* a YAML syntax error has libyaml's words, and the line and column where it is (go-yaml often names the line before);
* near the limit zlib and Go's deflate may choose differently whether contents are compressed (see dataurl);
* a byte order mark at the start of a later line is skipped by libyaml, but part of the text to go-yaml;
* a fifo or device in files_dir is an error here, where the program waits or reads without end;
* more than 250,000 YAML nodes, aliases that add up to more than 64 MiB of text, and sources and local files over
  max_bytes are refused; a report ends after 10,000 findings.

What few documents need is imported where it is needed: a filter of Ansible runs in a new process for every host, and
imports all anew.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane import filters
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.decode import (
    HEADER,
    DecodeError,
    decode,
    root_type,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.desugar import Desugar
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.limits import MAX_BYTES
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.localfiles import LocalFiles
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.mount_units import mount_units
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.origins import Made, Merged, Origins
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.source_rules import SourceRules
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.variants import VARIANTS, Variant
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.yamltree import Document, Node, YamlError, parse
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import duplicates, emit, rules, semver
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Entry, line

Config = dict[str, t.Any]

#: More findings are not told: nobody reads them, and a hostile document has millions.
MAX_FINDINGS = 10_000

_BAD_SOURCE = "source config is invalid"
_BAD_RESULT = "config generated was invalid"


class Transpiled(t.NamedTuple):
    """text: what butane prints, with the newline at its end, or None; report: the lines of its standard error with
    --raw-errors; failed: whether its exit status is 1."""

    text: str | None
    report: list[str]
    failed: bool


class _Failure(Exception):
    """Ends a translation; its message is the last line of the report."""


def transpile(
    source: bytes | str,
    *,
    files_dir: str | None = None,
    strict: bool = False,
    pretty: bool = False,
    raw: bool = False,
    max_bytes: int = MAX_BYTES,
    follow_symlinks: bool = True,
) -> Transpiled:
    """Translate a Butane document.

    files_dir is the folder of `local` keys and trees. strict makes every warning a failure. pretty and raw are
    butane's options of the same names. A source larger than max_bytes is refused, and so is a local file. With
    follow_symlinks false nothing is read through a symbolic link in files_dir.

    Never raises for bad input of any kind: failed is set and the report says why.
    """
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else bytes(source)
    run = _Run(LocalFiles(files_dir or "", follow_symlinks, max_bytes), raw)
    text, end = None, ""
    try:
        if len(data) > max_bytes:
            raise _Failure(f"the document has {len(data)} bytes, more than max_bytes ({max_bytes})")
        text = run.translate(data, pretty)
    except _Failure as failure:
        end = f"Error translating config: {failure}"
    if text is not None and strict and run.lines:
        text, end = None, "Config produced warnings and --strict was specified"
    report = [*run.lines, *([end] if end else [])]
    return Transpiled(text, [part for entry in report for part in entry.splitlines()], text is None)


class _Run:
    """One translation. lines collects the report as it is printed."""

    def __init__(self, files: LocalFiles, raw: bool) -> None:
        self.files, self.raw = files, raw
        self.lines: list[str] = []
        self.failed = False
        self.root: Node

    def translate(self, data: bytes, pretty: bool) -> str:
        document = self.parse(data)
        variant = self.variant(document)
        kind = root_type(variant)
        try:
            config, uneven = decode(document, kind)
        except DecodeError as error:
            raise _Failure(f"yaml: {error}") from None
        if document.root is None:
            raise _Failure("EOF")
        self.root = document.root
        if uneven:
            from ansible_collections.flatops.flatcar.plugins.module_utils._butane.positions import unused_keys

            self.document_entries(unused_keys(self.root, kind, config))
        self.document_entries(SourceRules(config, variant).run())
        self.stop(_BAD_SOURCE)
        return self.result(config, variant, pretty)

    def parse(self, data: bytes) -> Document:
        try:
            return parse(data)
        except YamlError as error:
            where = f"line {error.line}, column {error.column}: " if error.line else ""
            raise _Failure(f"Error unmarshaling yaml: yaml: {where}{error.problem}") from None

    def variant(self, document: Document) -> Variant:
        try:
            header, dummy = decode(document, HEADER)
        except DecodeError as error:
            raise _Failure(f"Error unmarshaling yaml: yaml: {error}") from None
        name = header.get("variant", "")
        if not name:
            raise _Failure("error parsing variant; must be specified")
        version = semver.normal(header.get("version", ""))
        if version is None:
            raise _Failure("error parsing version; must be a valid semver")
        if (name, version) == ("rhcos", "0.1.0"):
            page = "https://coreos.github.io/butane/upgrading-openshift/"
            raise _Failure(f"rhcos variant has been removed; use openshift variant instead: {page}")
        variant = VARIANTS.get((name, version))
        if variant is None:
            raise _Failure(f"No translator exists for variant {name} with version {version}")
        return variant

    def document_entries(self, entries: t.Iterable[Entry]) -> None:
        from ansible_collections.flatops.flatcar.plugins.module_utils._butane.positions import locate

        for entry in entries:
            self.failed = self.failed or entry.fatal
            if len(self.lines) < MAX_FINDINGS:
                self.lines.append(line(entry, locate(self.root, entry.path)))
            elif len(self.lines) == MAX_FINDINGS:
                self.lines.append(f"info: more than {MAX_FINDINGS} findings; the others are not shown")

    def result_entries(self, entries: t.Iterable[Entry], origins: Origins) -> None:
        self.document_entries(entry._replace(path=origins.trace(entry.path)) for entry in entries)

    def stop(self, reason: str) -> None:
        if self.failed:
            raise _Failure(reason)

    def result(self, source: Config, variant: Variant, pretty: bool) -> str:
        origins = Origins(source, root_type(variant))
        config, found = self.desugar(source, variant, origins)
        if variant.openshift >= 0:
            return self.openshift(source, variant, config, found, origins, pretty)
        self.result_entries(found, origins)
        self.stop(_BAD_SOURCE)
        self.result_entries(filters.check(variant.filters, config), origins)
        self.stop(_BAD_SOURCE)
        self.result_entries(duplicates.check(config) + rules.check(config, variant.ignition), origins)
        self.stop(_BAD_RESULT)
        return emit.dumps(config, pretty=pretty) + "\n"

    def openshift(
        self, source: Config, variant: Variant, config: Config, found: list[Entry], origins: Origins, pretty: bool
    ) -> str:
        """The MachineConfig, or in raw mode the Ignition config in it."""
        from ansible_collections.flatops.flatcar.plugins.module_utils._butane import openshift, yamldump

        spec: Config = source.get("openshift") or {}
        config = openshift.adapt(config, spec, variant.openshift, origins)
        if not self.raw:
            origins.add(openshift.Wrapped())
        self.result_entries(found + openshift.operator_rules(config, variant.openshift), origins)
        if self.raw:
            self.document_entries(openshift.elided(spec))
        self.stop(_BAD_SOURCE)
        if self.raw:
            # Butane looks for the members of a MachineConfig in a plain config here, and so forbids none of them.
            self.result_entries(duplicates.check(config) + rules.check(config, variant.ignition), origins)
            self.stop(_BAD_RESULT)
            return emit.dumps(config, pretty=pretty) + "\n"
        self.result_entries(_wrapped(filters.check(variant.filters, config)), origins)
        self.stop(_BAD_SOURCE)
        self.result_entries(openshift.duplicate_spec(spec), origins)
        self.result_entries(_wrapped(duplicates.check(config) + rules.check(config, variant.ignition)), origins)
        self.stop(_BAD_RESULT)
        plain = json.loads(emit.dumps(config))
        machine_config = openshift.machine_config(source.get("metadata") or {}, spec, plain)
        return "# Generated by Butane; do not edit\n" + yamldump.dump(machine_config)

    def desugar(self, config: Config, variant: Variant, origins: Origins) -> tuple[Config, list[Entry]]:
        """The Ignition config that the document stands for, and warnings with paths in it."""
        desugar = Desugar(self.files, variant.base, compress=not 8 <= variant.openshift < 10)
        storage, systemd = config.get("storage") or {}, config.get("systemd") or {}
        config["ignition"] = {**(config.get("ignition") or {}), "version": variant.ignition}
        made = Made()
        self.document_entries(desugar.run(config, made))
        origins.add(made)
        result = config
        if variant.base >= 2 and storage.get("filesystems"):
            result = self.merge(*mount_units(storage, variant.base), result, origins)
        if storage.get("trees") or systemd.get("quadlets"):
            from ansible_collections.flatops.flatcar.plugins.module_utils._butane.nodes import Nodes

            nodes = Nodes(result, desugar)
            nodes.trees(storage.get("trees") or [])
            nodes.quadlets(systemd.get("quadlets") or [])
            origins.add(nodes.made)
            self.document_entries(nodes.entries)
        self.stop(_BAD_SOURCE)
        if variant.fcos < 0:
            return result, []
        from ansible_collections.flatops.flatcar.plugins.module_utils._butane import boot_device

        if variant.boot_sugar:
            parent, made = boot_device.boot_device(config.get("boot_device") or {})
            if parent:
                result = self.merge(parent, made, result, origins)
        warnings = boot_device.partition_warnings(result, variant.boot_sugar)
        if variant.grub:
            users = (config.get("grub") or {}).get("users") or []
            result = self.merge(*boot_device.grub(users, desugar), result, origins)
        return result, warnings

    def merge(self, parent: Config, made: Made, child: Config, origins: Origins) -> Config:
        # Butane merges even with nothing, which changes no value but what it knows of positions.
        origins.add(Merged(parent, made, child))
        if not parent:
            return child
        from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.merge import merge_pair

        return merge_pair(parent, child)


def _wrapped(entries: list[Entry]) -> list[Entry]:
    return [entry._replace(path=("spec", "config", *entry.path)) for entry in entries]
