# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What an Ignition config fetches from elsewhere, for which a VM needs a way out."""

from __future__ import annotations

import typing as t
import urllib.parse

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_options import NONE
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_wanted import Wanted

_REMOTE = ("http", "https", "tftp", "s3", "gs", "arn")
_SHOWN = 3


def check_egress(wanted: Wanted, ignition: t.Mapping[str, t.Any] | None) -> None:
    """AzureError for a VM that could not boot, because its config fetches something and it has no way out."""
    if not wanted.create or wanted.outbound != NONE or ignition is None:
        return
    sources = remote_sources(ignition)
    if sources:
        more = f" and {len(sources) - _SHOWN} more" if len(sources) > _SHOWN else ""
        raise AzureError(
            "no_egress",
            f"The VM {wanted.vm} has no way out (outbound=none), and its Ignition config fetches "
            f"{', '.join(sources[:_SHOWN])}{more}: it would never boot. Take outbound=nat_gateway or public_ip, or put "
            "the contents into the config.",
        )


def remote_sources(ignition: t.Any) -> list[str]:
    """The addresses in a config of any version that Ignition fetches, without users and queries, each once."""
    return list(dict.fromkeys(_found(ignition)))


def _found(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, dict):
        source = value.get("source")
        if isinstance(source, str) and urllib.parse.urlsplit(source).scheme in _REMOTE:
            yield _shown(source)
        for each in value.values():
            yield from _found(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _found(each)


def _shown(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
