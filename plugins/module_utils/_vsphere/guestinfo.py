# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The guestinfo keys of a machine, from which it takes its user data and its first network, and back.

Sources: Flatcar's documentation "Running on VMware", coreos-cloudinit's Documentation/vmware-guestinfo.md and
datasource/vmware, Afterburn's documentation of initrd network arguments, and Ignition's providers/vmware.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import json
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.compress import gzip_member
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.hostname import HOSTNAME, NO_HOSTNAME
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import network_kargs, stamp, user_data
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

DATA = "guestinfo.ignition.config.data"
ENCODING = DATA + ".encoding"
URL = "guestinfo.ignition.config.url"
#: The older names, which the machine reads where it finds no data, or no URL, under the newer ones.
OLD_DATA = "guestinfo.coreos.config.data"
OLD_ENCODING = OLD_DATA + ".encoding"
OLD_URL = "guestinfo.coreos.config.url"
#: All keys that lead to the user data.
USER_DATA = (DATA, ENCODING, URL, OLD_DATA, OLD_ENCODING, OLD_URL)
KARGS = "guestinfo.afterburn.initrd.network-kargs"
HOSTNAME_KEY = "guestinfo.hostname"

#: What the machine writes over the data after its first boot, base64 of "{}", so that no secret stays there.
OVERWRITTEN = "e30K"

ENCODINGS = ("gz+base64", "base64", "plain")
#: The encodings that the machine knows, and whether each is base64 and whether gzip.
DECODINGS = {
    "": (False, False),
    "base64": (True, False),
    "b64": (True, False),
    "gz+base64": (True, True),
    "gzip+base64": (True, True),
    "gz+b64": (True, True),
    "gzip+b64": (True, True),
}

#: The longest message between guest and host in bytes (open-vm-tools, GUESTMSG_MAX_IN_SIZE). Longer values are known
#: to arrive, but nobody promises it.
LARGE = 64 << 10
#: The default limit in KiB of all keys with their values. The file of a VM, which holds other settings too, may have
#: 1 MiB (vSphere security guide, tools.setInfo.sizeLimit).
LIMIT = 900

_ESCAPE = re.compile('[%"]')
_ESCAPED = {"%": "%%", '"': "%22"}
_UNESCAPE = re.compile("%(%|22)")
_UNESCAPED = {"%": "%", "22": '"'}
# What XML, and so the API, cannot carry.
_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*")
_MAC = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")
# The machine matches it as systemd.network does, where * and ? are wildcards.
_INTERFACE = re.compile(r"[A-Za-z0-9_.*?!\[\]-]+")
_DOMAIN = re.compile(r"~?\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")

Options = t.Mapping[str, t.Any]


class Guestinfo(t.NamedTuple):
    """The keys in a fixed order, those of the user data first.

    kind is that of user_data.UserData, "" where they come from a URL or there are none. ignition_sha256 stands for the
    user data, "" where there are none; settings_sha256 for the other keys, "" where there are none. encoding is one of
    ENCODINGS, "" for a URL. encoded_bytes is the size of the encoded data.
    """

    keys: dict[str, str]
    ignition_sha256: str
    settings_sha256: str
    encoding: str
    encoded_bytes: int
    warnings: list[str]
    kind: str = ""

    @property
    def settings(self) -> dict[str, str]:
        """The keys besides those of the user data."""
        return {key: value for key, value in self.keys.items() if key not in USER_DATA}


def guestinfo(
    ignition: bytes | None,
    *,
    url: str | None = None,
    encoding: str = "gz+base64",
    force_plain: bool = False,
    network: str | Options | None = None,
    hostname: str | None = None,
    interfaces: t.Sequence[Options] = (),
    dns: Options | None = None,
    extra_config: t.Mapping[str, t.Any] | None = None,
    limit: int = LIMIT,
) -> Guestinfo:
    """The keys that give a machine its user data and the rest.

    ignition are user data of any kind; url is from where the machine fetches them instead. network is the text of
    kernel arguments or the options of network_kargs.network_kargs. interfaces have name, mac, role, dhcp, addresses
    and routes (of destination and gateway), dns has servers and domains; they and the host name's own key are of use
    to coreos-cloudinit only, so with Ignition the host name becomes a file of the config and the others are refused.
    extra_config is taken over as it is. limit is in KiB.

    Raises VsphereError bad_option, ignition_invalid and guestinfo_too_large. No message has a value in it.
    """
    if ignition is not None and url is not None:
        raise VsphereError("bad_option", "ignition and ignition_url exclude each other: the machine reads one of them")
    given = None if ignition is None else user_data.read(ignition)
    found: dict[str, str] = {}
    warnings = list(given.warnings) if given else []
    if hostname is not None:
        given, host = _hostname(given, hostname)
        found.update(host)
    found.update(_for_cloudinit(given, interfaces, dns))
    if network is not None:
        found[KARGS] = network_kargs.network_kargs(network)
    found.update(settings(extra_config or {}, taken=(*USER_DATA, *found)))
    keys, digest = {}, ""
    if given:
        keys, digest = encode(given.data, encoding, force_plain=force_plain), given.sha256
        if encoding == "plain":
            warnings.append("Servers are known to corrupt plain guestinfo values; prefer gz+base64 or base64.")
    elif url is not None:
        keys, digest = {URL: _checked_url(url)}, user_data.url_digest(url)
    keys.update(found)
    warnings += check_sizes(keys, limit)
    return Guestinfo(
        keys=keys,
        ignition_sha256=digest,
        settings_sha256=settings_digest(found),
        encoding=encoding if given else "",
        encoded_bytes=len(keys.get(DATA, "").encode()),
        warnings=warnings,
        kind=given.kind if given else "",
    )


def encode(data: bytes, encoding: str = "gz+base64", *, force_plain: bool = False) -> dict[str, str]:
    """The two keys of user data, one where they are plain.

    The same data give the same text with the same zlib; another zlib may compress to other bytes, so compare
    user_data.UserData.sha256 instead. VsphereError bad_option for plain without force_plain, and for plain data
    that are no text.
    """
    if encoding == "gz+base64":
        return {DATA: base64.b64encode(gzip_member(data)).decode(), ENCODING: encoding}
    if encoding == "base64":
        return {DATA: base64.b64encode(data).decode(), ENCODING: encoding}
    if encoding != "plain":
        raise VsphereError("bad_option", f"encoding {encoding!r} is none of {', '.join(ENCODINGS)}")
    if not force_plain:
        what = "encoding plain is corrupted by ESXi and vCenter; take gz+base64 or base64, or set force_plain"
        raise VsphereError("bad_option", what)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if _CONTROL.search(text):
        raise VsphereError("bad_option", "encoding plain is for text; these user data have other bytes in them")
    return {DATA: _ESCAPE.sub(lambda match: _ESCAPED[match[0]], text)}


def decode(keys: t.Mapping[str, str]) -> bytes | None:
    """The user data among the keys of a machine, from where it reads them; None when there are none.

    VsphereError bad_option for an encoding that no machine knows, and for data that do not have theirs.
    """
    name = DATA if keys.get(DATA) else OLD_DATA
    if not keys.get(name):
        return None
    return decoded(keys[name], keys.get(name + ".encoding") or "", name)


def decoded(value: str, encoding: str, name: str = DATA) -> bytes:
    """One value without its encoding, by the names that the machine knows. name is for the error."""
    known = DECODINGS.get(encoding)
    if known is None:
        names = ", ".join(filter(None, DECODINGS))
        raise VsphereError("bad_option", f"{name}.encoding is none of {names}, nor empty")
    is_base64, is_gzip = known
    if not is_base64:
        return _UNESCAPE.sub(lambda match: _UNESCAPED[match[1]], value).encode()
    try:
        data = base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        raise VsphereError("bad_option", f"{name} is no base64, although its encoding is {encoding}") from None
    if not is_gzip:
        return data
    from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.contents import decompressed

    plain = decompressed(data)
    if plain is None:
        raise VsphereError("bad_option", f"{name} is no gzip, although its encoding is {encoding}, or far too large")
    return plain


def check_sizes(keys: t.Mapping[str, str], limit: int = LIMIT) -> list[str]:
    """Warnings for values above LARGE; guestinfo_too_large when all keys have more than limit KiB."""
    sizes = {key: len(value.encode()) for key, value in keys.items()}
    total = sum(sizes.values()) + sum(map(len, sizes))
    hint = "put the config on a web server and give its ignition_url, or let the config fetch large files"
    if total > limit << 10:
        largest = max(sizes, key=sizes.__getitem__)
        what = f"The guestinfo keys have {_kib(total)} KiB, more than max_guestinfo ({limit} KiB)"
        most = f"the largest is {largest} ({_kib(sizes[largest])} KiB)"
        raise VsphereError("guestinfo_too_large", f"{what}; {most}: {hint}")
    return [
        f"{key} has {_kib(size)} KiB; above {LARGE >> 10} KiB not every version of vSphere passes it on: {hint}"
        for key, size in sizes.items()
        if size > LARGE
    ]


def _kib(size: int) -> int:
    return (size + 1023) >> 10


def settings(given: t.Mapping[str, t.Any], *, taken: t.Collection[str] = ()) -> dict[str, str]:
    """Keys of any kind, with their values as text. taken are keys that have options of their own."""
    found = {}
    for key, value in given.items():
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise VsphereError("bad_option", f"{key!r} is no name of a setting: letters, digits and . _ : - are wanted")
        if key in taken:
            raise VsphereError("bad_option", f"{key} is set by an option of its own")
        if key.startswith(stamp.PREFIX):
            raise VsphereError("bad_option", f"{key} is what this collection keeps for itself")
        found[key] = _text(key, value)
    return found


def settings_digest(keys: t.Mapping[str, str]) -> str:
    """What stands for keys that are no user data; "" for none."""
    return hashlib.sha256(json.dumps(keys, sort_keys=True).encode()).hexdigest() if keys else ""


def _text(key: str, value: t.Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if value is None:
        return ""
    if not isinstance(value, (str, int, float)):
        raise VsphereError("bad_option", f"{key}: text, a number or a bool is wanted")
    if _CONTROL.search(str(value)):
        raise VsphereError("bad_option", f"{key}: the value has control characters in it, which the API cannot carry")
    return str(value)


def _checked_url(url: str) -> str:
    from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import rules_resource, schema

    problem = "is empty" if not url else rules_resource.url_error(url, schema.minor(schema.STABLE))
    if problem or url.startswith("data:") or _CONTROL.search(url):
        raise VsphereError("bad_option", f"ignition_url: {problem or 'a URL of http, https, tftp, s3 or gs is wanted'}")
    return url


def _hostname(given: user_data.UserData | None, name: str) -> tuple[user_data.UserData | None, dict[str, str]]:
    """The user data with the name in them, or the key for it."""
    if not HOSTNAME.match(name):
        raise VsphereError("bad_option", f"hostname: {name!r} {NO_HOSTNAME}")
    if given is None:
        what = "hostname needs the text of the user data; the config behind a URL has to describe /etc/hostname itself"
        raise VsphereError("bad_option", what)
    if given.is_ignition:
        return user_data.with_hostname(given, name), {}
    return given, {HOSTNAME_KEY: name}


def _for_cloudinit(
    given: user_data.UserData | None, interfaces: t.Sequence[Options], dns: Options | None
) -> dict[str, str]:
    if not interfaces and not dns:
        return {}
    if given is None or given.is_ignition:
        what = "interfaces and dns are read by coreos-cloudinit only, so they need a cloud-config or a script"
        hint = "with Ignition describe /etc/systemd/network in the config, and give network_kargs for the first boot"
        raise VsphereError("bad_option", f"{what}; {hint}")
    found = {}
    for index, interface in enumerate(interfaces):
        found.update(_interface(f"guestinfo.interface.{index}", interface, f"interfaces[{index}]"))
    options = dns or {}
    for index, server in enumerate(options.get("servers") or ()):
        network_kargs.address(server, f"dns.servers[{index}]")
        found[f"guestinfo.dns.server.{index}"] = server
    for index, domain in enumerate(options.get("domains") or ()):
        if not _DOMAIN.fullmatch(str(domain)):
            raise VsphereError("bad_option", f"dns.domains[{index}]: {domain!r} is no domain")
        found[f"guestinfo.dns.domain.{index}"] = domain
    return found


def _interface(prefix: str, options: Options, where: str) -> dict[str, str]:
    """The keys of one interface. Without a role coreos-cloudinit would make nothing of it."""
    if not isinstance(options, dict) or not (options.get("name") or options.get("mac")):
        raise VsphereError("bad_option", f"{where}: name or mac is wanted, by which the interface is found")
    name, mac = options.get("name"), options.get("mac")
    if name and not _INTERFACE.fullmatch(str(name)):
        raise VsphereError("bad_option", f"{where}.name: {name!r} is no name of an interface, nor a pattern of one")
    if mac and not _MAC.fullmatch(str(mac)):
        raise VsphereError("bad_option", f"{where}.mac: {mac!r} is no MAC address; 00:50:56:ab:cd:ef is one")
    role = options.get("role") or "private"
    if role not in ("public", "private"):
        raise VsphereError("bad_option", f"{where}.role: {role!r} is neither public nor private")
    found = {"name": name, "mac": mac, "role": role, "dhcp": "yes" if options.get("dhcp") else "no"}
    for index, address in enumerate(options.get("addresses") or ()):
        found[f"ip.{index}.address"] = _cidr(address, f"{where}.addresses[{index}]", ipaddress.ip_interface)
    for index, route in enumerate(options.get("routes") or ()):
        at = f"{where}.routes[{index}]"
        if not isinstance(route, dict):
            raise VsphereError("bad_option", f"{at}: a mapping with gateway and destination is wanted")
        found[f"route.{index}.gateway"] = route.get("gateway")
        version = network_kargs.address(route.get("gateway"), f"{at}.gateway").version
        destination = route.get("destination") or ("0.0.0.0/0" if version == 4 else "::/0")
        found[f"route.{index}.destination"] = _cidr(destination, f"{at}.destination", ipaddress.ip_network)
    return {f"{prefix}.{key}": value for key, value in found.items() if value}


def _cidr(text: t.Any, where: str, parse: t.Callable[[str], t.Any]) -> str:
    try:
        if isinstance(text, str) and "/" in text and "%" not in text:
            return str(parse(text))
    except ValueError:
        # What is no address is said below.
        pass
    raise VsphereError("bad_option", f"{where}: {text!r} is no address with the length of its prefix, like 10.0.0.2/24")
