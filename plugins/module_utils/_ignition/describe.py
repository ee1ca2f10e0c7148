# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A config decoded for people: what it makes of a machine, without the secrets that it holds.

Members have the names of Butane and are there only when they are set. Lists of things that have a path, a device or a
name are in the order of those, so that two descriptions compare thing by thing:

    version                  the spec version
    files                    path, mode ("0644"), user and group (name or number), overwrite, contents, append
    directories              path, mode, user, group, overwrite
    links                    path, target, hard, user, group, overwrite
    units                    name, enabled, mask, contents (text), dropins (name, contents)
    users                    name, ssh_authorized_keys (count, sha256), password_hash (a digest), uid, groups, ...
    groups                   name, gid, password_hash (a digest), ...
    kernel_arguments         should_exist, should_not_exist
    disks, filesystems, raid, luks, as they stand
    merge, replace           configs that are fetched
    certificate_authorities, proxy, timeouts

contents (and each of append, merge, replace, certificate_authorities) are, with sizes in bytes and decompressed,

    {text, size, sha256}     text in UTF-8 that all may read
    {size, sha256}           other bytes
    {sha256, length}         a secret
    {source, hash, http_headers, compression, hidden}    what is fetched from elsewhere

What is secret is a digest {sha256, length}: contents of files that others may not read (mode without 0004, or no mode
where the permissions of a file stay as they are), password hashes, values of HTTP headers, LUKS keys, configs to
merge, the configuration of a custom clevis pin, and as `hidden` the user-info, query and fragment of URLs.
"""

from __future__ import annotations

import hashlib
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.contents import body

Description = dict[str, t.Any]

_READABLE_BY_OTHERS = 0o004
_FILE_MODE = 0o644
_WORD = re.compile(r"MiB|[A-Z]")
_URL = re.compile(r"(?P<start>[^:/?#]*:(?://)?)(?:(?P<user>[^/?#]*)@)?(?P<place>[^?#]*)(?P<end>.*)", re.DOTALL)


def describe(config: schema.Config) -> Description:
    """The description of a valid config of any spec version."""
    ignition, storage = config["ignition"], config.get("storage") or {}
    passwd, systemd = config.get("passwd") or {}, config.get("systemd") or {}
    fetched = ignition.get("config") or {}
    tls = (ignition.get("security") or {}).get("tls") or {}
    return _set(
        version=schema.version_of(config),
        files=_each(storage, "files", _file, "path"),
        directories=_each(storage, "directories", _node, "path"),
        links=_each(storage, "links", _link, "path"),
        units=_each(systemd, "units", _unit, "name"),
        users=_each(passwd, "users", _account, "name"),
        groups=_each(passwd, "groups", _account, "name"),
        kernel_arguments=_plain(config.get("kernelArguments")),
        disks=_each(storage, "disks", _plain, "device"),
        filesystems=_each(storage, "filesystems", _plain, "device"),
        raid=_each(storage, "raid", _plain, "name"),
        luks=_each(storage, "luks", _luks, "name"),
        merge=[_resource(resource, secret=True) for resource in fetched.get("merge") or ()],
        replace=_resource(fetched.get("replace") or {}, secret=True),
        certificate_authorities=[_resource(resource) for resource in tls.get("certificateAuthorities") or ()],
        proxy=_proxy(ignition.get("proxy") or {}),
        timeouts=_plain(ignition.get("timeouts")),
    )


def digest(secret: str | bytes) -> Description:
    """What stands for a secret: its SHA-256 in hexadecimal and its length in bytes."""
    data = secret.encode("utf-8", "surrogateescape") if isinstance(secret, str) else secret
    return {"sha256": hashlib.sha256(data).hexdigest(), "length": len(data)}


def place(url: str) -> Description:
    """A URL without its user-info, query and fragment, and a digest of those."""
    match = _URL.match(url)
    if not match or match["start"].lower() == "data:":
        # No config that Ignition accepts has such a source.
        return {"hidden": digest(url)}
    hidden = (match["user"] or "") + match["end"]
    return _set(source=match["start"] + match["place"], hidden=digest(hidden) if hidden else None)


def _set(**members: t.Any) -> Description:
    """The members that say something; false, 0 and "" do."""
    return {name: value for name, value in members.items() if value is not None and value != {} and value != []}


def _each(
    parent: schema.Config, member: str, describe_one: t.Callable[[schema.Config], Description], key: str
) -> list[Description]:
    items = sorted(parent.get(member) or (), key=lambda item: str(item.get(key) or ""))
    return [describe_one(item) for item in items]


def _plain(value: t.Any) -> t.Any:
    """A value with the names of Butane and without what is empty."""
    if isinstance(value, dict):
        return _set(**{_snake(name): _plain(member) for name, member in value.items()})
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _snake(name: str) -> str:
    return _WORD.sub(lambda match: f"_{match[0].lower()}", name)


def _node(node: schema.Config) -> Description:
    mode = node.get("mode")
    return _set(
        path=node.get("path") or "",
        mode=None if mode is None else f"{mode:04o}",
        user=_owner(node.get("user") or {}),
        group=_owner(node.get("group") or {}),
        overwrite=node.get("overwrite"),
    )


def _owner(owner: schema.Config) -> str | int | None:
    return owner.get("name") or owner.get("id")


def _file(node: schema.Config) -> Description:
    contents, mode = node.get("contents") or {}, node.get("mode")
    if mode is None:
        # Without contents Ignition leaves the permissions of a file that is there: they may be any.
        mode = 0 if contents.get("source") is None else _FILE_MODE
    secret = not mode & _READABLE_BY_OTHERS
    return {
        **_node(node),
        **_set(
            contents=_resource(contents, secret=secret),
            append=[_resource(resource, secret=secret) for resource in node.get("append") or ()],
        ),
    }


def _link(node: schema.Config) -> Description:
    return {**_node(node), **_set(target=node.get("target"), hard=node.get("hard"))}


def _unit(unit: schema.Config) -> Description:
    return _set(
        name=unit.get("name") or "",
        enabled=unit.get("enabled"),
        mask=unit.get("mask"),
        contents=unit.get("contents"),
        dropins=_each(unit, "dropins", _plain, "name"),
    )


def _account(account: schema.Config) -> Description:
    keys, password = account.get("sshAuthorizedKeys"), account.get("passwordHash")
    described: Description = _plain(account)
    if keys:
        described["ssh_authorized_keys"] = {"count": len(keys), "sha256": digest("\n".join(keys))["sha256"]}
    if password is not None:
        described["password_hash"] = digest(password)
    return described


def _luks(volume: schema.Config) -> Description:
    described: Description = _plain({name: member for name, member in volume.items() if name != "keyFile"})
    custom = described.get("clevis", {}).get("custom", {})
    if "config" in custom:
        custom["config"] = digest(custom["config"])
    return {**described, **_set(key_file=_resource(volume.get("keyFile") or {}, secret=True))}


def _proxy(proxy: schema.Config) -> Description:
    described: Description = _plain(proxy)
    for member in ("http_proxy", "https_proxy"):
        if member in described:
            described[member] = place(described[member])
    return described


def _resource(resource: schema.Config, *, secret: bool = False) -> Description | None:
    """Contents, or where they come from; None when there are none."""
    source = resource.get("source")
    if source is None:
        return None
    carried = body(resource)
    if carried is None:
        return _fetched(resource)
    if secret:
        return digest(carried.data)
    described: Description = {"size": len(carried.data), "sha256": digest(carried.data)["sha256"]}
    try:
        return {"text": carried.data.decode(), **described}
    except UnicodeDecodeError:
        return described


def _fetched(resource: schema.Config) -> Description:
    headers = [
        _set(name=header.get("name"), value=None if header.get("value") is None else digest(header["value"]))
        for header in resource.get("httpHeaders") or ()
    ]
    return _set(
        **place(resource["source"]),
        hash=(resource.get("verification") or {}).get("hash"),
        http_headers=headers,
        compression=resource.get("compression") or None,
    )
