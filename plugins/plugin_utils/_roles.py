# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a role gives to a machine's description: its fragment template, its defaults and its argument specification."""

from __future__ import annotations

import functools
import importlib
import os
import typing as t

from ansible import constants
from ansible.errors import AnsibleError
from ansible.utils.collection_loader import AnsibleCollectionRef

from ansible_collections.flatops.flatcar.plugins.plugin_utils import _args, _plain

TEMPLATE = "templates/fragment.bu.j2"
#: How running nodes treat paths of the fragment.
META = "meta/fragment"


class Role(t.NamedTuple):
    """options are those of the entry point main; text is the template, file its path; seed and merge are its META."""

    name: str
    path: str
    defaults: dict[str, t.Any]
    options: dict[str, t.Any]
    file: str
    text: str
    seed: tuple[str, ...]
    merge: tuple[str, ...]


@functools.cache
def load(name: str, loader: t.Any) -> Role:
    """The role of a name, by FQCN or from the roles path. Raises AnsibleError."""
    path = _find(name, loader)
    file = os.path.join(path, TEMPLATE)
    if not os.path.isfile(file):
        raise AnsibleError(f"the role {name} has no {TEMPLATE}, so it gives no fragment")
    specs = _yaml(path, "meta/argument_specs", loader) or _yaml(path, "meta/main", loader)
    options = specs.get("argument_specs", {}).get("main", {}).get("options", {})
    defaults, text = _yaml(path, "defaults/main", loader), read(file, loader)
    return Role(name, path, defaults, options, file, text, **_meta(name, path, loader))


def _meta(name: str, path: str, loader: t.Any) -> dict[str, tuple[str, ...]]:
    try:
        found = _args.validated(_args.FRAGMENT, _plain.plain(_yaml(path, META, loader)))
    except _args.OptionsError as error:
        raise AnsibleError(f"the role {name}, {META}.yml: {error}") from None
    return {key: tuple(value) for key, value in found.items()}


def read(file: str, loader: t.Any) -> str:
    """The text of a file on the controller, decrypted if it is vaulted."""
    if hasattr(loader, "get_text_file_contents"):
        return str.__str__(loader.get_text_file_contents(file))
    # ansible-core 2.18 and older
    return loader._get_file_contents(file)[0].decode("utf-8")


def _find(name: str, loader: t.Any) -> str:
    if AnsibleCollectionRef.is_valid_fqcr(name, "role"):
        ref = AnsibleCollectionRef.from_fqcr(name, "role")
        try:
            return os.path.dirname(importlib.import_module(ref.n_python_package_name).__file__ or "")
        except ImportError:
            raise AnsibleError(f"the role {name} was not found; is its collection installed?") from None
    folders = [os.path.join(loader.get_basedir(), "roles"), *constants.DEFAULT_ROLES_PATH]
    for folder in folders:
        if os.path.isdir(os.path.join(folder, name)):
            return os.path.join(folder, name)
    known = "one of a collection is named with it, such as flatops.flatcar.chrony"
    raise AnsibleError(f"the role {name} was not found in {', '.join(folders)}; {known}")


def _yaml(path: str, stem: str, loader: t.Any) -> dict[str, t.Any]:
    """The mapping in one of the role's YAML files, not to be changed; empty if there is none."""
    # Since ansible-core 2.19 texts are templates only when they are trusted.
    trust = {"trusted_as_template": True} if hasattr(loader, "get_text_file_contents") else {}
    for suffix in (".yml", ".yaml"):
        file = os.path.join(path, stem + suffix)
        if os.path.isfile(file):
            return loader.load_from_file(file, unsafe=True, **trust) or {}
    return {}
