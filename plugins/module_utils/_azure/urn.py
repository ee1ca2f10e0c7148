# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""How an image of the marketplace is named: publisher:offer:sku:version."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Urn(t.NamedTuple):
    """version is a number, or `latest`."""

    publisher: str
    offer: str
    sku: str
    version: str

    def __str__(self) -> str:
        return ":".join(self)


def parse(text: str) -> Urn:
    """AzureError when it is none."""
    parts = text.split(":")
    if len(parts) != len(Urn._fields) or not all(map(_PART.fullmatch, parts)):
        raise AzureError(
            "bad_option",
            f"{text!r} is no URN of an image. One has four parts, such as "
            "kinvolk:flatcar-container-linux-free:stable-gen2:latest.",
        )
    return Urn(*parts)
