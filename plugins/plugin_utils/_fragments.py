# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The fragments of a machine: from what a user writes to what the engine takes."""

from __future__ import annotations

import contextlib
import os
import typing as t

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.fragments import Fragment
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.hostname import HOSTNAME, NO_HOSTNAME
from ansible_collections.flatops.flatcar.plugins.plugin_utils import _args, _place, _plain, _roles, _templates
from ansible_collections.flatops.flatcar.plugins.plugin_utils._errors import BadFragmentError
from ansible_collections.flatops.flatcar.plugins.plugin_utils._structured import structured

VARIABLE = "flatcar_butane"
KINDS = ("file", "role", "template")

# Of the lowest specification of Flatcar, so that it never raises that of the result.
_HOSTNAME_FRAGMENT = """variant: flatcar
version: 1.0.0
storage:
  files:
    - path: /etc/hostname
      overwrite: true
      mode: 0644
      contents:
        inline: "{name}"
"""

_FURTHER = "; flatcar_files_dir names a further folder"
Resolve = t.Callable[[str, str, Fragment], "list[Fragment]"]


def _refuse(kind: str, value: str, where: Fragment) -> list[Fragment]:
    raise BadFragmentError(
        f"{_label(where)}{{{kind}: {value}}} is resolved only by the lookup flatops.flatcar.fragments"
    )


def fragments(value: t.Any, where: Fragment, resolve: Resolve = _refuse) -> list[Fragment]:
    """All fragments in a plain value: a fragment, or a list of them however nested.

    where has the name, origin and place that they get. An empty text or list, or nothing, is no fragment, so that a
    host can take back what its group gives. resolve finds files, templates and roles. Raises BadFragmentError.
    """
    if isinstance(value, list):
        found = []
        for index, item in enumerate(value):
            origin = f"{where.origin}[{index}]" if where.origin else f"fragment {index + 1}"
            found += fragments(item, where._replace(origin=origin), resolve)
        return found
    if value is None or isinstance(value, str):
        return [where._replace(content=value)] if value and value.strip() else []
    if not isinstance(value, dict):
        raise BadFragmentError(f"{_label(where)}{_plain.kind(value)} is no fragment; {_WANTED}")
    if "content" in value:
        return _item(value, where)
    kinds = [kind for kind in KINDS if kind in value]
    if kinds:
        if len(value) > 1 or not isinstance(value[kinds[0]], str):
            raise BadFragmentError(f"{_label(where)}{{{kinds[0]}: ...}} takes one text, and no other key beside it")
        return resolve(kinds[0], value[kinds[0]], where)
    if not value:
        return []
    if "variant" not in value and "ignition" not in value:
        keys = ", ".join(sorted(map(str, value)))
        raise BadFragmentError(f"{_label(where)}a mapping with the keys {keys} is no fragment; {_WANTED}")
    return [where._replace(content=value)]


_WANTED = (
    "a fragment is Butane as text, a mapping with variant and version (Butane) or ignition.version (Ignition),"
    " or one of {file: ...}, {template: ...} and {role: ...}"
)


def item(fragment: Fragment) -> dict[str, t.Any]:
    """A fragment as the lookup gives it."""
    given = {key: value for key, value in fragment._asdict().items() if value}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in given.items()}


def _item(value: dict[str, t.Any], where: Fragment) -> list[Fragment]:
    unknown = value.keys() - set(Fragment._fields)
    lists = [value[key] for key in _args.FRAGMENT if key in value]
    if unknown or not isinstance(value["content"], (str, dict)) or not all(isinstance(item, list) for item in lists):
        raise BadFragmentError(f"{_label(where)}this mapping with content is not what the lookup fragments gives")
    return [Fragment(**{**value, **{key: tuple(value[key]) for key in _args.FRAGMENT if key in value}})]


def _label(where: Fragment) -> str:
    place = f"{where.file}:{where.line}" if where.file and where.line else where.file
    label = f"{where.origin} ({place})" if place and where.origin else where.origin or place
    return f"{label}: " if label else ""


class Inventory:
    """The fragments that the variables of one host describe, and those that a task names."""

    def __init__(self, loader: t.Any, templar: t.Any, variables: dict[str, t.Any]) -> None:
        self.loader, self.templar, self.variables = loader, templar, variables

    def host(self) -> list[Fragment]:
        """Everything the host has, from the general to the particular: its name, its roles, its variables."""
        found = self._of_hostname() + self._of_roles()
        for name in sorted(self.variables):
            if name == VARIABLE or name.startswith(f"{VARIABLE}__"):
                found += self._of_variable(self.variables[name], Fragment("", name, name))
        return found

    def named(self, value: t.Any, where: Fragment) -> list[Fragment]:
        """The fragments in a value that is templated already."""
        return fragments(_plain.plain(value), where, self._resolve)

    def _of_hostname(self) -> list[Fragment]:
        origin = "flatcar_hostname" if "flatcar_hostname" in self.variables else "inventory_hostname"
        where = Fragment("", "flatcar_hostname", origin)
        name = self._value(self.variables.get(origin), where)
        if not name:
            return []
        if not isinstance(name, str) or not HOSTNAME.match(name):
            raise BadFragmentError(f"{origin}: {name!r} {NO_HOSTNAME}; set flatcar_hostname")
        return [where._replace(content=_HOSTNAME_FRAGMENT.format(name=name))]

    def _of_roles(self) -> list[Fragment]:
        where = Fragment("", "flatcar_roles", "flatcar_roles")
        names = self._value(self.variables.get("flatcar_roles"), where) or []
        if isinstance(names, str):
            names = _structured(names, where)
        if isinstance(names, str):
            names = [name.strip() for name in names.split(",")]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise BadFragmentError("flatcar_roles: a list of role names is wanted")
        return [fragment for name in names for fragment in self._role(name, where)]

    def _of_variable(self, raw: t.Any, where: Fragment) -> list[Fragment]:
        """The fragments of an untemplated value, each with the place at which it is written."""
        if isinstance(raw, (list, tuple)):
            found = []
            for index, part in enumerate(raw):
                found += self._of_variable(part, where._replace(origin=f"{where.origin}[{index}]"))
            return found
        place = _place.place(raw)
        literal = isinstance(raw, str) and _place.is_literal(place)
        where = where._replace(file=place.file, line=place.line + literal)
        value = self._value(raw, where)
        aligned = literal and isinstance(value, str) and _aligned(raw, value)
        return fragments(value, where._replace(aligned=aligned), self._resolve)

    def _value(self, raw: t.Any, where: Fragment) -> t.Any:
        with _templating(where, raw if isinstance(raw, str) else ""):
            return _templates.template(self.templar, raw)

    def _resolve(self, kind: str, value: str, where: Fragment) -> list[Fragment]:
        name = where.name or value
        origin = f"{where.origin} {{{kind}: {value}}}".strip()
        if kind == "role":
            return self._role(value, where)
        return getattr(self, f"_{kind}")(value, Fragment("", name, origin))

    def _file(self, path: str, where: Fragment) -> list[Fragment]:
        where = where._replace(file=self._find("files", path, where))
        return fragments(self._read(where), where._replace(line=1, aligned=True))

    def _template(self, path: str, where: Fragment) -> list[Fragment]:
        where = where._replace(file=self._find("templates", path, where))
        return self._render(self._read(where), self.variables, where)

    def _role(self, name: str, where: Fragment) -> list[Fragment]:
        try:
            role = _roles.load(name, self.loader)
        except AnsibleError as error:
            raise BadFragmentError(f"{_label(where)}{error}") from None
        search = [role.path, *self.variables.get("ansible_search_path", [])]
        own = {"role_name": name.rpartition(".")[2], "role_path": role.path, "ansible_search_path": search}
        variables = {**role.defaults, **self.variables, **own}
        owner = Fragment("", name, f"role {name}", role.file, seed=role.seed, merge=role.merge)
        return self._render(role.text, {**variables, **self._options(role, variables, owner)}, owner)

    def _options(self, role: _roles.Role, variables: dict[str, t.Any], owner: Fragment) -> dict[str, t.Any]:
        """Those lists and mappings among the options of a role that are given as text. Checks all of them."""
        templar = self.templar.copy_with_new_env(available_variables=variables)
        values, texts = {}, []
        for option, spec in role.options.items():
            if option not in variables:
                continue
            where = owner._replace(origin=f"{owner.origin}, option {option}")
            with _templating(where, ""):
                value = _templates.template(templar, variables[option])
                if spec.get("type") in ("dict", "list") and (value is None or isinstance(value, str)):
                    texts.append(option)
                    # An empty text, or none, is an answer that nobody has given.
                    value = _structured(value or "", where) or _templates.template(templar, role.defaults.get(option))
            values[option] = value
        validated = ArgumentSpecValidator(role.options).validate(values)
        if validated.error_messages:
            raise BadFragmentError(f"{owner.origin}: {'; '.join(validated.error_messages)}")
        return {option: validated.validated_parameters[option] for option in texts}

    def _render(self, text: str, variables: dict[str, t.Any], where: Fragment) -> list[Fragment]:
        with _templating(where, text):
            value = _templates.render(self.templar, text, variables, os.path.dirname(where.file))
        if isinstance(value, str) and _aligned(text, value):
            where = where._replace(line=1, aligned=True)
        return fragments(value, where)

    def _read(self, where: Fragment) -> str:
        with _templating(where, ""):
            return _roles.read(where.file, self.loader)

    def _find(self, subdir: str, path: str, where: Fragment) -> str:
        """A file by Ansible's search path, then below flatcar_files_dir."""
        paths = self.variables.get("ansible_search_path") or [self.loader.get_basedir()]
        folder = self._value(self.variables.get("flatcar_files_dir"), where)
        more = [os.path.abspath(os.path.expanduser(folder))] if folder else []
        try:
            return self.loader.path_dwim_relative_stack([*paths, *more], subdir, path)
        except AnsibleError:
            raise BadFragmentError(f"{_label(where)}not found in {', '.join([*paths, *more])}{_FURTHER}") from None


def _structured(text: str, where: Fragment) -> t.Any:
    try:
        return structured(text)
    except ValueError as error:
        raise BadFragmentError(f"{_label(where)}{error}") from None


def _aligned(source: str, text: str) -> bool:
    """Whether a rendered text has as many lines as its source, so that a line of one is that of the other."""
    return source.rstrip().count("\n") == text.rstrip().count("\n")


@contextlib.contextmanager
def _templating(where: Fragment, text: str) -> t.Iterator[None]:
    """Errors of templating with the name of the fragment, its file and, where it can be known, the line of text."""
    try:
        yield
    except _templates.ERRORS as error:
        message, line = _templates.reason(error, text)
        if line:
            # The text of a file begins on its first line, that of a variable somewhere.
            where = where._replace(line=max(where.line, 1) + line - 1)
        raise BadFragmentError(f"{_label(where)}{message}") from None
