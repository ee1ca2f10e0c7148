# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""How far the nodes of a cluster are behind its control plane."""

from __future__ import annotations

import re
import typing as t

Json = dict[str, t.Any]
#: How many minor versions a kubelet may be behind the API server; it is never newer
#: (https://kubernetes.io/releases/version-skew-policy/).
MOST = 3

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def release(version: str | None) -> tuple[int, ...] | None:
    """1.34.2 as numbers; None for what is no version."""
    match = _VERSION.match(version or "")
    return tuple(int(number) for number in match.groups()) if match else None


def compare(hosts: t.Sequence[Json]) -> None:
    """Adds to the Kubernetes of each host what its control plane has, and by how many minor versions it is behind that.

    The version of a cluster's control plane is that of the oldest kubelet on it, since no kubelet is newer than its
    API server. Both are None where no node of the control plane is known.
    """
    planes: dict[str, str] = {}
    for node in _nodes(hosts):
        known = planes.get(node["cluster"])
        if node["control_plane"] and (known is None or _before(node["version"], known)):
            planes[node["cluster"]] = node["version"]
    for host in hosts:
        if host["kubernetes"]:
            host["kubernetes"].update(_behind(host["kubernetes"], planes))


def _nodes(hosts: t.Sequence[Json]) -> list[Json]:
    """Those of which the version is known."""
    nodes = [host["kubernetes"] for host in hosts if host["kubernetes"]]
    return [node for node in nodes if release(node["version"])]


def _before(version: str, other: str) -> bool:
    return (release(version) or ()) < (release(other) or ())


def _behind(node: Json, planes: dict[str, str]) -> Json:
    plane = planes.get(node["cluster"])
    theirs, own = release(plane), release(node["version"])
    if theirs is None or own is None:
        return {"control_plane_version": plane, "minors_behind": None}
    return {"control_plane_version": plane, "minors_behind": (theirs[0] - own[0]) * 100 + theirs[1] - own[1]}
