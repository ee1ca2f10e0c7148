# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the result of each task as a line of JSON to the file that RESULTS_FILE names."""

from __future__ import annotations

import json
import os
import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: results
short_description: Results of tasks as lines of JSON
version_added: 1.0.0
description:
  - For tests. Writes to the file that the environment variable E(RESULTS_FILE) names.
type: notification
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "results"
    CALLBACK_NEEDS_ENABLED = True

    def write(self, result: t.Any, *, failed: bool = False, **more: bool) -> None:
        entry = {
            "host": result._host.get_name(),
            "task": result._task.get_name(),
            "changed": bool(result._result.get("changed", False)),
            "failed": failed,
            "result": {**result._result, **more},
        }
        with open(os.environ["RESULTS_FILE"], "a", encoding="utf-8") as file:
            file.write(json.dumps(entry, default=str) + "\n")

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self.write(result)

    def v2_runner_on_skipped(self, result: t.Any) -> None:
        self.write(result, skipped=True)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self.write(result, failed=True)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self.write(result, failed=True, unreachable=True)
