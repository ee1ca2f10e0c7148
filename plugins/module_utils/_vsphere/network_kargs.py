# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The kernel arguments by which the initial RAM disk of a machine sets up its network.

Sources: dracut.cmdline(7), section Network; systemd-network-generator(8) and its source; flatcar/bootengine,
dracut/50flatcar-network. What a release makes of them depends on its initial RAM disk: ip= and the first nameserver=
are read by all since 3248, the others only where systemd-network-generator runs.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.hostname import HOSTNAME, NO_HOSTNAME
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

#: Ways to configure an interface: those of an address that is given, and those that ask for one.
STATIC = ("none", "off")
DYNAMIC = ("dhcp", "on", "any", "dhcp6", "auto6", "link6")

#: The options of one ip=.
ENTRY = ("address", "netmask", "gateway", "peer", "hostname", "interface", "method", "dns")
#: All options: ip is a list of entries, of which a single one may stand in the options themselves.
OPTIONS = (*ENTRY, "ip", "nameserver", "vlan", "bond")

# The names of arguments that may stand in a text: those that are about the network.
_ARGUMENTS = re.compile(
    r"(ip|nameserver|vlan|bond|bridge|team|ifname|bootdev|BOOTIF|biosdevname|net\.ifnames|net\.ifname[-_]policy"
    r"|rd\.(route|peerdns|neednet|bootif|net\.[a-z0-9.]+))"
)
# What is no word of a shell, of systemd or of dracut.
_VALUE = re.compile(r"[A-Za-z0-9\[\]:._,/@%+-]*")
_INTERFACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}")
_VLAN = re.compile(r"[A-Za-z0-9_.-]*[A-Za-z_.-]([0-9]{1,4})")
_BOND_OPTIONS = re.compile(r"[a-z0-9_]+=[A-Za-z0-9_:.+-]+(,[a-z0-9_]+=[A-Za-z0-9_:.+-]+)*")

Options = t.Mapping[str, t.Any]
Address = t.Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Interface = t.Union[ipaddress.IPv4Interface, ipaddress.IPv6Interface]


def network_kargs(given: str | Options) -> str:
    """The arguments in one line, of their options, or of a text that is checked and taken over.

    address has the length of its prefix ("10.0.0.2/24"), or netmask is beside it (an IPv4 mask, or a length). method
    is "none" with an address and "dhcp" without, unless it is given. dns has at most two addresses. vlan has items of
    name and device, bond of name, devices, options and mtu. Raises VsphereError bad_option.
    """
    if isinstance(given, str):
        return _checked_text(given)
    unknown = [str(name) for name in given if name not in OPTIONS]
    if unknown:
        raise _bad("", f"{', '.join(unknown)}: no such option; there are {', '.join(OPTIONS)}")
    inline = {name: given[name] for name in ENTRY if given.get(name) is not None}
    entries = _list(given, "ip")
    if inline and entries:
        raise _bad("ip", f"give {', '.join(inline)} in its items, or one entry without ip")
    if inline:
        entries = [inline]
    places = [""] if inline else [f"ip[{index}]." for index in range(len(entries))]
    words = [_ip(entry, place, len(entries) > 1) for entry, place in zip(entries, places, strict=True)]
    words += [f"vlan={_vlan(item, f'vlan[{index}]')}" for index, item in enumerate(_list(given, "vlan"))]
    words += [f"bond={_bond(item, f'bond[{index}]')}" for index, item in enumerate(_list(given, "bond"))]
    for index, server in enumerate(_list(given, "nameserver")):
        words.append(f"nameserver={_bracketed(_address(server, f'nameserver[{index}]'))}")
    if not words:
        raise _bad("", "no option is given; address, or an interface for DHCP, is the least")
    return " ".join(words)


def address(text: t.Any, where: str) -> Address:
    """An address of a machine; where is for the error."""
    try:
        if isinstance(text, str) and "%" not in text:
            found = ipaddress.ip_address(text)
            if not found.is_unspecified and not found.is_multicast:
                return found
    except ValueError:
        # What is no address is said below.
        pass
    raise VsphereError("bad_option", f"{where}: {text!r} is no address of a machine")


def _ip(entry: Options, where: str, several: bool) -> str:
    """One ip=; where is the beginning of what its options are called in errors."""
    if not isinstance(entry, dict):
        raise _bad(where, "a mapping is wanted")
    unknown = [str(name) for name in entry if name not in ENTRY]
    if unknown:
        raise _bad(where, f"{', '.join(unknown)}: no such option; there are {', '.join(ENTRY)}")
    device = _device(entry["interface"], f"{where}interface") if entry.get("interface") else ""
    if several and not device:
        raise _bad(f"{where}interface", "every entry needs it where there are several")
    host = entry.get("hostname") or ""
    if host and not (isinstance(host, str) and HOSTNAME.match(host)):
        raise _bad(f"{where}hostname", f"{host!r} {NO_HOSTNAME}")
    servers = [_address(server, f"{where}dns[{index}]") for index, server in enumerate(_list(entry, "dns", where))]
    if len(servers) > 2:
        raise _bad(f"{where}dns", "two addresses are the most; give the others as nameserver")
    method = _method(entry, where)
    client = _static(entry, where) if entry.get("address") is not None else ["", "", "", ""]
    if not host and not servers and not entry.get("address"):
        return f"ip={device}:{method}" if device else f"ip={method}"
    return "ip=" + ":".join([*client, host, device, method, *map(_bracketed, servers)])


def _method(entry: Options, where: str) -> str:
    """How the interface gets its address. With a static address Flatcar refuses a dynamic way, and so the reverse."""
    static = entry.get("address") is not None
    given = entry.get("method")
    # YAML 1.1 reads these two words as bools.
    given = ("on" if given else "off") if isinstance(given, bool) else given
    method = str(given or ("none" if static else "dhcp"))
    if method not in STATIC + DYNAMIC:
        raise _bad(f"{where}method", f"{method!r} is none of {', '.join(STATIC + DYNAMIC)}")
    if static and method in DYNAMIC:
        raise _bad(f"{where}method", f"{method} and an address exclude each other")
    if not static:
        if method in STATIC:
            raise _bad(f"{where}address", f"is wanted, since method is {method}")
        needless = [name for name in ("netmask", "gateway", "peer") if entry.get(name) is not None]
        if needless:
            raise _bad(f"{where}{needless[0]}", "needs an address beside it")
    return method


def _static(entry: Options, where: str) -> list[str]:
    """Address, peer, gateway and netmask (for IPv6 the length of the prefix)."""
    client = _client(entry, where)
    found = [_bracketed(client.ip)]
    for name in ("peer", "gateway"):
        other = _address(entry[name], f"{where}{name}") if entry.get(name) else None
        if other and other.version != client.version:
            raise _bad(f"{where}{name}", f"{other} is of another IP version than the address")
        found.append(_bracketed(other) if other else "")
    return [*found, str(client.netmask) if client.version == 4 else str(client.network.prefixlen)]


def _client(entry: Options, where: str) -> Interface:
    text, mask = entry["address"], entry.get("netmask")
    with_prefix = isinstance(text, str) and "/" in text
    if with_prefix and mask is not None:
        raise _bad(f"{where}netmask", "the address has its prefix already")
    if not with_prefix and mask is None:
        raise _bad(f"{where}netmask", "is wanted, or an address with the length of its prefix, like 10.0.0.2/24")
    own = _address(text.split("/")[0] if with_prefix else text, f"{where}address")
    prefix = text.split("/", 1)[1] if with_prefix else str(mask)
    client = _interface(own, prefix)
    if client is None:
        name = "address" if with_prefix else "netmask"
        raise _bad(f"{where}{name}", f"{prefix!r} is neither a mask nor the length of a prefix of IPv{own.version}")
    network = client.network
    ends = (network.network_address, network.broadcast_address)
    if client.version == 4 and network.prefixlen < 31 and client.ip in ends:
        raise _bad(f"{where}address", f"{client} is the network or the broadcast address, not one of a machine")
    return client


def _interface(own: Address, prefix: str) -> Interface | None:
    try:
        found = ipaddress.ip_interface(f"{own}/{prefix}")
    except ValueError:
        return None
    # The module takes inverted masks too.
    return found if prefix.isdecimal() or prefix == str(found.netmask) else None


def _vlan(item: t.Any, where: str) -> str:
    name, device = _parts(item, where, ("name", "device"), ())
    _device(name, f"{where}.name")
    match = _VLAN.fullmatch(name)
    if not match or not 0 < int(match[1]) < 4095:
        raise _bad(f"{where}.name", f"{name!r} does not end in a VLAN id from 1 to 4094, like vlan5 or ens192.5")
    return f"{name}:{_device(device, f'{where}.device')}"


def _bond(item: t.Any, where: str) -> str:
    name, devices, options, mtu = _parts(item, where, ("name", "devices"), ("options", "mtu"))
    if not isinstance(devices, list):
        raise _bad(f"{where}.devices", "a list of interfaces is wanted")
    members = [_device(device, f"{where}.devices[{index}]") for index, device in enumerate(devices)]
    if isinstance(options, dict):
        options = ",".join(f"{key}={value}" for key, value in options.items())
    if options and not (isinstance(options, str) and _BOND_OPTIONS.fullmatch(options)):
        raise _bad(f"{where}.options", "options like mode=active-backup,miimon=100 are wanted")
    if mtu is not None and not (str(mtu).isdecimal() and 576 <= int(mtu) <= 65535):
        raise _bad(f"{where}.mtu", f"{mtu!r} is no MTU from 576 to 65535")
    fields = [_device(name, f"{where}.name"), ",".join(members), options or "", "" if mtu is None else str(mtu)]
    return ":".join(fields).rstrip(":")


def _parts(item: t.Any, where: str, needed: tuple[str, ...], further: tuple[str, ...]) -> list[t.Any]:
    """The values of a mapping by the names of its members."""
    if not isinstance(item, dict) or not all(item.get(name) for name in needed):
        raise _bad(where, f"a mapping with {' and '.join(needed)} is wanted")
    unknown = [str(name) for name in item if name not in needed + further]
    if unknown:
        raise _bad(where, f"{', '.join(unknown)}: no such option; there are {', '.join(needed + further)}")
    return [item.get(name) for name in needed + further]


def _device(name: t.Any, where: str) -> str:
    if isinstance(name, str) and _INTERFACE.fullmatch(name):
        return name
    raise _bad(where, f"{name!r} is no name of an interface (letters, digits and . _ -, at most 15)")


def _list(options: Options, name: str, where: str = "") -> list[t.Any]:
    """The items of an option; a single one may stand without its list."""
    value = options.get(name)
    if isinstance(value, (str, dict)):
        return [value] if value else []
    if value is None or isinstance(value, list):
        return value or []
    raise _bad(where + name, "a list is wanted")


def _bracketed(found: Address) -> str:
    return f"[{found}]" if found.version == 6 else str(found)


def _checked_text(text: str) -> str:
    for word in text.split(" "):
        name, equals, value = word.partition("=")
        if not equals or not _ARGUMENTS.fullmatch(name) or not _VALUE.fullmatch(value):
            what = f"{word!r} is no argument for the network, like ip=dhcp or nameserver=10.0.0.1"
            raise _bad("", f"{what}; arguments are divided by one space")
    return text


def _address(text: t.Any, where: str) -> Address:
    return address(text, f"network_kargs.{where}")


def _bad(where: str, what: str) -> VsphereError:
    name = f"network_kargs.{where}".rstrip(".")
    return VsphereError("bad_option", f"{name}: {what}")
