# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A document in the forms in which people and programs read it."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._report.page import page
from ansible_collections.flatops.flatcar.plugins.module_utils._report.prometheus import metrics
from ansible_collections.flatops.flatcar.plugins.module_utils._report.text import text


def _json(document: dict[str, t.Any]) -> str:
    return f"{json.dumps(document, indent=1, allow_nan=False)}\n"


#: The ending of a file -> what makes its text of a document.
FORMATS: dict[str, t.Callable[[dict[str, t.Any]], str]] = {"html": page, "json": _json, "prom": metrics, "txt": text}
