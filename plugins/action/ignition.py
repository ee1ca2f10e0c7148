# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ignition, whose documentation stands in modules/ignition.py."""

from __future__ import annotations

import base64
import gzip
import json
import os
import time
import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.errors import FragmentError
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.describe import Description, describe, digest
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.difference import difference, names
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.fingerprint import fingerprint
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.validate import is_legacy, validate
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.plugin_utils import _args
from ansible_collections.flatops.flatcar.plugins.plugin_utils._config import config
from ansible_collections.flatops.flatcar.plugins.plugin_utils._errors import BadFragmentError
from ansible_collections.flatops.flatcar.plugins.plugin_utils._fragments import Inventory
from ansible_collections.flatops.flatcar.plugins.plugin_utils._plain import PlainError, plain
from ansible_collections.flatops.flatcar.plugins.plugin_utils._render import prepare
from ansible_collections.flatops.flatcar.plugins.plugin_utils._text import text
from ansible_collections.flatops.flatcar.plugins.plugin_utils._write import write

# Ansible loads this file once for a task and forks a process for each host. What those load, they compile each anew.
prepare()


class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        del tmp
        try:
            options = _args.validated(_args.IGNITION, plain(self._task.args), **_args.IGNITION_RULES)
            made, warnings = config(options, Inventory(self._loader, self._templar, task_vars or {}))
            if warnings:
                result["warnings"] = warnings
            result.update(changed=False, **_about(made))
            if options["dest"]:
                result.update(self._put(made, options))
        except (_args.OptionsError, BadFragmentError, FragmentError, NodeError, PlainError) as error:
            return {**result, "failed": True, "msg": str(error), "error_code": error.code}
        except OSError as error:
            return {
                **result,
                "failed": True,
                "msg": f"{options['dest']}: {error.strerror}",
                "error_code": "write_failed",
            }
        if options["return_content"]:
            result["content"] = text(made)
        return result

    def _put(self, config: str, options: dict[str, t.Any]) -> dict[str, t.Any]:
        """Write the config where it is not there yet, or say that it would be."""
        dest, mode = os.path.abspath(options["dest"]), _mode(options["mode"])
        before, old_mode = _read(dest)
        data = config.encode()
        changed = before != data or old_mode != mode
        result: dict[str, t.Any] = {"dest": dest, "mode": f"{mode:04o}", "changed": changed}
        if self._task.diff:
            result["diff"] = _diff(dest, before, config, old_mode, mode)
        if changed and not self._task.check_mode:
            if options["backup"] and before is not None:
                result["backup_file"] = f"{dest}.{time.strftime('%Y-%m-%d@%H:%M:%S~')}"
                write(result["backup_file"], before, old_mode)
            write(dest, data, mode)
        return result


def _about(config: str) -> dict[str, t.Any]:
    """What a result says of a config."""
    data = config.encode()
    sizes = {
        "json": len(data),
        "base64": len(base64.b64encode(data)),
        "gzip_base64": len(base64.b64encode(gzip.compress(data, mtime=0))),
    }
    parsed = json.loads(config)
    if is_legacy(parsed):
        return {"sizes": sizes}
    summary = text(names(describe(parsed)))
    version = parsed["ignition"]["version"]
    return {"fingerprint": fingerprint(parsed), "ignition_version": version, "sizes": sizes, "summary": summary}


def _mode(value: t.Any) -> int:
    """Permissions from an octal text or a number. Raises OptionsError."""
    try:
        mode = int(value, 8) if isinstance(value, str) else value
    except ValueError:
        mode = None
    if isinstance(mode, bool) or not isinstance(mode, int) or not 0 <= mode <= 0o777:
        raise _args.OptionsError(
            f'mode: {value!r} is no octal number of permissions; write it like "0600", with quotes'
        )
    return mode


def _read(path: str) -> tuple[bytes | None, int]:
    """The bytes of a file and its permissions; (None, 0) where there is none. Raises OSError."""
    try:
        with open(path, "rb") as file:
            return file.read(), os.fstat(file.fileno()).st_mode & 0o7777
    except FileNotFoundError:
        return None, 0


def _diff(dest: str, before: bytes | None, after: str, old_mode: int, mode: int) -> list[dict[str, str]]:
    """The difference in the form that Ansible shows, one entry for each thing."""
    changes = [
        {"before_header": f"{dest} ({thing})", "after_header": f"{dest} ({thing})", "before": old, "after": new}
        for thing, old, new in difference(_described(before), _described(after.encode()))
    ]
    if old_mode != mode:
        header = f"{dest} (permissions)"
        old = "" if before is None else f"{old_mode:04o}\n"
        changes.append({"before_header": header, "after_header": header, "before": old, "after": f"{mode:04o}\n"})
    return changes


def _described(data: bytes | None) -> Description:
    """The description of what is in a file: a digest, where it is no config of the specification 3."""
    if data is None:
        return {}
    if validate(data).failed:
        return {"other_content": digest(data)}
    return describe(json.loads(data))
