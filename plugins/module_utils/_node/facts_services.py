# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Facts of a node's network and of what runs containers on it."""

from __future__ import annotations

import re
import typing as t

from .facts_system import Texts, parsed
from .facts_update import units

NETWORK = r"""
put addresses ip -j address show
put routes ip -j route show default
put routes6 ip -j -6 route show default
put resolv cat /etc/resolv.conf
"""
RUNTIME = r"""
put runtime_units systemctl show --no-pager -p Id,ActiveState -- containerd.service docker.service crio.service
put containerd containerd --version
put docker docker --version
put crio crio --version
put podman podman --version
"""
KUBELET = r"""
put kubelet_units systemctl show --no-pager -p Id,ActiveState,UnitFileState -- kubelet.service
put kubelet kubelet --version
put kubeadm kubeadm version -o short
[ ! -e /etc/kubernetes/kubelet.conf ] || echo yes >out/kubelet_joined
[ ! -e /etc/kubernetes/manifests/kube-apiserver.yaml ] || echo yes >out/kubelet_control_plane
"""

_VERSION = re.compile(r"\bv?([0-9]+\.[0-9]+[0-9A-Za-z.+-]*)")


def network(texts: Texts) -> dict[str, t.Any] | None:
    """The interfaces and default routes that `ip -j` tells; None where it does not answer."""
    listed = parsed(texts.get("addresses"))
    if not isinstance(listed, list):
        return None
    routes = [*(parsed(texts.get("routes")) or []), *(parsed(texts.get("routes6")) or [])]
    return {
        "interfaces": {link["ifname"]: _interface(link) for link in listed if "ifname" in link},
        "default_routes": [{"gateway": route.get("gateway"), "interface": route.get("dev")} for route in routes],
        "nameservers": re.findall(r"(?m)^\s*nameserver\s+(\S+)", texts.get("resolv", "")),
    }


def _interface(link: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {
        "mac": link.get("address"),
        "mtu": link.get("mtu"),
        "state": link.get("operstate", "").lower() or None,
        "addresses": [
            {"address": entry.get("local"), "prefix": entry.get("prefixlen"), "scope": entry.get("scope")}
            for entry in link.get("addr_info", [])
        ],
    }


def runtime(texts: Texts) -> dict[str, dict[str, t.Any]]:
    """The container runtimes that are there, with their versions."""
    running = units(texts.get("runtime_units", ""))
    return {
        name: {
            "version": version(texts.get(name)),
            "active": running.get(f"{name}.service", {}).get("ActiveState") == "active",
        }
        for name in ("containerd", "docker", "crio", "podman")
        if name in texts
    }


def kubelet(texts: Texts) -> dict[str, t.Any] | None:
    """Kubernetes on the node; None where it has neither kubelet nor kubeadm."""
    if "kubelet" not in texts and "kubeadm" not in texts:
        return None
    unit = units(texts.get("kubelet_units", "")).get("kubelet.service", {})
    return {
        "version": version(texts.get("kubelet")),
        "kubeadm_version": version(texts.get("kubeadm")),
        "service": unit.get("ActiveState"),
        "joined": "kubelet_joined" in texts,
        "control_plane": "kubelet_control_plane" in texts,
    }


def version(text: str | None) -> str | None:
    """The first version in a text, without the v before it."""
    match = _VERSION.search(text or "")
    return match[1] if match else None
