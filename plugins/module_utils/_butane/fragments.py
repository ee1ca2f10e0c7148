# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""From the fragments that describe one machine to its one Ignition config."""

from __future__ import annotations

import functools
import json
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane import transpile
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.advice import advised
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.errors import FetchError, FragmentError
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.limits import MAX_BYTES
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.mapping import MappingError, from_mapping
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import duplicates, emit, rules, schema, validate
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.decode import Document
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.jsonscan import JSONError
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.merge import merge_pair
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Entry, Path, line
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.upgrade import upgrade

_LINE = re.compile(r"\bline (\d+)")
_POSITION = re.compile(r",? line \d+ col \d+")
_UNUSED = re.compile(r"warning at .*: unused key (?!<<$)")
# What a type error quotes may be a secret that stands at the wrong place; where a number or a bool belongs it is none.
_QUOTED = re.compile(r" `[^`]*` into (?!int$|bool$)")

#: How many configs may refer to one another in a row.
MAX_DEPTH = 10


class Fragment(t.NamedTuple):
    """A part of the description of a machine.

    content is Butane (text, or a mapping from YAML 1.1) or an Ignition 3 config (JSON text, or a mapping). name is
    what owns the things that it describes: a role or a variable. origin is how messages call it; file and line are
    where it is written (0: unknown), and aligned says that its lines are those of the file from there on. seed and
    merge are how a running node treats paths of it, as the options of node_config of the same names.
    """

    content: str | dict[str, t.Any]
    name: str = ""
    origin: str = ""
    file: str = ""
    line: int = 0
    aligned: bool = False
    seed: tuple[str, ...] = ()
    merge: tuple[str, ...] = ()


class Resolved(t.NamedTuple):
    """config is merged of the parts, which are the configs of the fragments, in order, each with its owner.

    printed is the very text that butane prints of config, where that is one Butane fragment alone. warnings say where
    each stands.
    """

    config: schema.Config
    parts: list[tuple[str, schema.Config]]
    warnings: list[str]
    printed: str | None = None


class Rendered(t.NamedTuple):
    """text is the Ignition JSON with the newline at its end; warnings say where each stands."""

    text: str
    warnings: list[str]


#: Gets what a resource of a config stands for, verified and decompressed. Raises FetchError.
Fetch = t.Callable[[schema.Config], bytes]


def resolve(
    fragments: t.Sequence[Fragment],
    *,
    files_dir: str | None = None,
    strict: bool = True,
    pretty: bool = False,
    allow_experimental: bool = False,
    follow_symlinks: bool = False,
    max_bytes: int = MAX_BYTES,
    fetch: Fetch | None = None,
) -> Resolved:
    """The config of all fragments, later ones over earlier ones by Ignition's own rules of merging.

    It has the highest specification version among the fragments. strict makes an unused key an error. A config that
    is made of stable and experimental fragments needs allow_experimental. With fetch, configs that a fragment refers
    to (ignition.config) take their place in it; without it the references stay. The other options are those of
    transpile. Raises FragmentError.
    """
    if not fragments:
        raise FragmentError("no_fragments", ["there is no fragment to make an Ignition config of"])
    options = {"files_dir": files_dir, "follow_symlinks": follow_symlinks, "max_bytes": max_bytes}
    run = _Run(strict, pretty, allow_experimental, options, fetch)
    read = [run.config(fragment) for fragment in fragments]
    configs = [run.whole(fragment, config) for fragment, (config, dummy) in zip(fragments, read, strict=True)]
    config = run.together(fragments, configs)
    parts = [(fragment.name, config) for fragment, config in zip(fragments, configs, strict=True)]
    alone, printed = read[0]
    return Resolved(config, parts, run.warnings, printed if config is alone else None)


def render(fragments: t.Sequence[Fragment], *, pretty: bool = False, **options: t.Any) -> Rendered:
    """What resolve gives, as text. One Butane fragment alone gives what butane prints; pretty indents."""
    resolved = resolve(fragments, pretty=pretty, **options)
    return rendered(resolved, resolved.config, pretty=pretty)


def rendered(resolved: Resolved, config: schema.Config, *, pretty: bool) -> Rendered:
    """A config as text: that of resolved, or what somebody made of it. pretty is what resolve was given."""
    printed = resolved.printed if config is resolved.config else None
    return Rendered(printed or emit.dumps(config, pretty=pretty) + "\n", resolved.warnings)


def prepare() -> None:
    """Compile what every rendering for Flatcar needs, which processes that are forked from this one then have."""
    render([Fragment("variant: flatcar\nversion: 1.0.0\n"), Fragment("variant: flatcar\nversion: 1.1.0\n")])


def is_ignition(content: str | dict[str, t.Any]) -> bool:
    """Whether a fragment is an Ignition config: JSON that names a specification version and no Butane variant."""
    if isinstance(content, str):
        if not content.lstrip().startswith("{"):
            return False
        try:
            content = json.loads(content)
        except (ValueError, RecursionError):
            return False
    if not isinstance(content, dict) or "variant" in content:
        return False
    ignition = content.get("ignition")
    return isinstance(ignition, dict) and "version" in ignition


def ignition(fragment: Fragment, max_bytes: int = MAX_BYTES) -> tuple[schema.Config, list[str]]:
    """The config of an Ignition fragment, and what it is warned of. Raises FragmentError."""
    content = fragment.content
    document = Document(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False))
    if len(document.data) > max_bytes:
        what = f"the config has {len(document.data)} bytes, more than max_bytes ({max_bytes})"
        raise FragmentError("ignition_invalid", _located(fragment, [what]))
    try:
        checked = validate.check(document, validate.spec_version(document), release=rules.IGNITION_2_26)
    except (JSONError, validate.SpecError) as error:
        raise FragmentError("ignition_invalid", _located(fragment, [str(error)])) from None
    if checked.failed:
        raise FragmentError("ignition_invalid", _located(fragment, checked.lines))
    return checked.config, checked.lines


class _Run:
    """One rendering: its options, and the warnings so far."""

    def __init__(
        self, strict: bool, pretty: bool, allow_experimental: bool, options: dict[str, t.Any], fetch: Fetch | None
    ) -> None:
        self.strict, self.pretty, self.allow_experimental = strict, pretty, allow_experimental
        self.options, self.fetch = options, fetch
        self.warnings: list[str] = []

    def config(self, fragment: Fragment) -> tuple[schema.Config, str | None]:
        """The config of a fragment, and what butane prints for it."""
        if is_ignition(fragment.content):
            return self.ignition(fragment), None
        printed = self.butane(fragment)
        return json.loads(printed), printed

    def butane(self, fragment: Fragment) -> str:
        """What butane prints for the fragment."""
        content = fragment.content
        if isinstance(content, dict):
            try:
                content = from_mapping(content)
            except MappingError as error:
                raise FragmentError("butane_invalid", _located(fragment, error.report)) from None
        result = transpile.transpile(content, pretty=self.pretty, raw=True, **self.options)
        if result.text is None:
            raise FragmentError("butane_invalid", _located(fragment, map(advised, _reasons(result.report))))
        self.warn(fragment, result.report)
        return result.text

    def ignition(self, fragment: Fragment) -> schema.Config:
        config, report = ignition(fragment, self.options["max_bytes"])
        self.warn(fragment, report)
        return config

    def warn(self, fragment: Fragment, report: list[str]) -> None:
        """Keep the warnings of a fragment; under strict, unused keys are errors."""
        unused = [line for line in report if self.strict and _UNUSED.match(line)]
        if unused:
            findings = [line.replace("warning", "error", 1) + "; strict: false lets it pass" for line in unused]
            raise FragmentError("unused_key", _located(fragment, findings))
        self.warnings += _located(fragment, report)

    def whole(self, fragment: Fragment, config: schema.Config, depth: int = 0) -> schema.Config:
        """The config with those that it refers to in its place, as Ignition does it when a machine boots.

        One to replace it takes its place; those to merge go over it, in their order, each whole before.
        """
        references = config["ignition"].get("config") or {}
        if self.fetch is None or not references:
            return config
        if depth == MAX_DEPTH:
            what = f"the configs refer to further ones more than {MAX_DEPTH} deep; does one refer to itself?"
            raise FragmentError("fetch_failed", _located(fragment, [what]))
        if (references.get("replace") or {}).get("source") is not None:
            return self.referred(self.fetch, _below(fragment, "replace"), references["replace"], depth)[1]
        own = {name: member for name, member in config["ignition"].items() if name != "config"}
        found = [
            self.referred(self.fetch, _below(fragment, f"merge.{index}"), resource, depth)
            for index, resource in enumerate(references.get("merge") or ())
        ]
        family = [(fragment, {**config, "ignition": own}), *found]
        return self.together([member for member, dummy in family], [part for dummy, part in family])

    def referred(
        self, fetch: Fetch, fragment: Fragment, resource: schema.Config, depth: int
    ) -> tuple[Fragment, schema.Config]:
        """A config that another refers to, whole; fragment says where that is."""
        try:
            fragment = fragment._replace(content=fetch(resource).decode("utf-8", "replace"))
        except FetchError as error:
            raise FragmentError("fetch_failed", _located(fragment, [str(error)])) from None
        return fragment, self.whole(fragment, self.ignition(fragment), depth + 1)

    def together(self, fragments: t.Sequence[Fragment], configs: list[schema.Config]) -> schema.Config:
        """Every config is good; together they may still be wrong, which is checked here."""
        if not self.allow_experimental:
            _refuse_mixed(fragments, configs)
        if len(configs) == 1:
            return configs[0]
        version = max(map(schema.version_of, configs), key=schema.minor)
        merged = functools.reduce(merge_pair, [upgrade(config, version) for config in configs])
        entries = rules.check(merged, version, release=rules.IGNITION_2_26) + duplicates.check(merged, version)
        findings = [_origins(entry, merged, fragments, configs) for entry in entries if entry.fatal]
        if findings:
            raise FragmentError("merge_invalid", findings)
        return merged


def _below(fragment: Fragment, member: str) -> Fragment:
    """The place of a config to which a fragment refers."""
    return Fragment("", fragment.name, f"{fragment.origin} ignition.config.{member}".strip())


def _origins(entry: Entry, merged: schema.Config, fragments: t.Sequence[Fragment], configs: list[schema.Config]) -> str:
    """A finding in the merged config, with the item that it is about and the fragments that have it."""
    path, key = _item(merged, entry.path)
    sources = [f.origin for f, config in zip(fragments, configs, strict=True) if key and key in _keys(config, path)]
    about = f" ({key}, from {' and '.join(sources)})" if sources else ""
    return f"the fragments together: {line(entry, None)}{about}"


def _item(config: schema.Config, path: Path) -> tuple[Path, str]:
    """The innermost list of paths, names or devices that a path leads through, and the key of the item there."""
    found: tuple[Path, str] = ((), "")
    value: t.Any = config
    for depth, step in enumerate(path):
        if isinstance(value, list) and isinstance(step, int):
            value = value[step]
            if isinstance(value, dict) and _key(value):
                found = path[:depth], _key(value)
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return found


def _keys(config: schema.Config, path: Path) -> list[str]:
    """The keys of the list to which a path leads; the lists of storage share theirs."""
    value: t.Any = config
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return [_key(item) for item in value or [] if isinstance(item, dict)]


def _key(item: dict[str, t.Any]) -> str:
    return next((item[name] for name in ("path", "name", "device") if item.get(name)), "")


def _refuse_mixed(fragments: t.Sequence[Fragment], configs: list[schema.Config]) -> None:
    """A stable fragment beside an experimental one would silently become experimental, and boot nowhere."""
    experimental = [schema.version_of(config).endswith("-experimental") for config in configs]
    if all(experimental) or not any(experimental):
        return
    for fragment, config, found in zip(fragments, configs, experimental, strict=True):
        if found:
            what = f"is of the experimental specification {schema.version_of(config)} and others are of a stable one"
            finding = f"this fragment {what}; allow_experimental: true renders them all as experimental"
            raise FragmentError("experimental_spec", _located(fragment, [finding]))


def _reasons(report: list[str]) -> list[str]:
    """Why butane failed: the errors, or else what its last words say."""
    errors = [line for line in report if line.startswith("error ")]
    if errors:
        return errors
    last = [line for line in report if not line.startswith(("warning ", "info "))]
    last[0] = last[0].removeprefix("Error translating config: ")
    return [line.strip() for line in last[1:]] or last


def _located(fragment: Fragment, report: t.Iterable[str]) -> list[str]:
    """Lines of a report, each with the name of its fragment and the file and line on which that was written."""
    if isinstance(fragment.content, dict):
        report = [_POSITION.sub("", line) for line in report]
    return [_place(fragment, line) + _QUOTED.sub(" into ", line) for line in report]


def _place(fragment: Fragment, line: str) -> str:
    file = fragment.file
    if file and fragment.line:
        match = _LINE.search(line) if fragment.aligned else None
        file = f"{file}:{fragment.line + (int(match[1]) - 1 if match else 0)}"
    place = f"{fragment.origin} ({file})" if file and fragment.origin else file or fragment.origin
    return f"{place}: " if place else ""
