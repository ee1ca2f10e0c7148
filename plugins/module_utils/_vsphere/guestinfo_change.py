# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What has to be set on a VM that is there already, so that its guestinfo keys are as wanted.

Plain keys are compared by value. The user data are compared by the stamp, since the guest writes over them after its
first boot (guestinfo.OVERWRITTEN, by Flatcar's ignition-delete-config.service), and since the same config may be
encoded in many ways.
"""

from __future__ import annotations

import hashlib
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import stamp, user_data
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.guestinfo import (
    DATA,
    HOSTNAME_KEY,
    KARGS,
    OLD_DATA,
    OLD_URL,
    OVERWRITTEN,
    URL,
    USER_DATA,
    Guestinfo,
    decode,
)

PREFIX = "guestinfo."
_STAMP = stamp.PREFIX + "ignition_sha256"
#: What `absent` takes away: all that the options for guestinfo can have made.
_OURS = (*USER_DATA, KARGS, HOSTNAME_KEY)
_OUR_PREFIXES = ("guestinfo.interface.", "guestinfo.dns.")
# What VMware Tools and the server keep there; they would bring it back after each purge.
_FOREIGN = ("guestinfo.vmtools.", "guestinfo.detailed.", "guestinfo.appInfo", "guestinfo.ovfEnv")

Settings = t.Mapping[str, str]


class Change(t.NamedTuple):
    """values are what to set, where "" removes a key; before is what those keys have.

    user_data says whether the guest gets other user data, has_booted that it has read those that it had.
    """

    values: dict[str, str]
    before: dict[str, str]
    user_data: bool = False
    has_booted: bool = False

    @property
    def names(self) -> list[str]:
        return sorted(self.values)

    @property
    def of_guest(self) -> list[str]:
        """The names of those that the guest can see, which are all but the stamps."""
        return [key for key in self.names if not key.startswith(stamp.PREFIX)]

    @property
    def removed(self) -> list[str]:
        return sorted(key for key, value in self.values.items() if not value)

    @property
    def sizes(self) -> dict[str, int]:
        """The bytes of each value that is set."""
        return {key: len(self.values[key].encode()) for key in self.names if self.values[key]}

    @property
    def diff(self) -> dict[str, dict[str, str | None]]:
        """The keys before and after, by digest and size."""
        return {
            "before": {key: redacted(self.before.get(key, "")) for key in self.names},
            "after": {key: redacted(self.values[key]) for key in self.names},
        }


def redacted(value: str) -> str | None:
    """What stands for a value; None for a key that is not there."""
    data = value.encode()
    return f"<sha256:{hashlib.sha256(data).hexdigest()}, {len(data)} bytes>" if value else None


def present(current: Settings, wanted: Guestinfo, purge: t.Sequence[str] = ()) -> Change:
    """So that a VM with the settings current has the wanted keys, and no others that begin with a prefix of purge.

    Where no user data are wanted those of the VM stay, unless purge takes them.
    """
    values = {key: value for key, value in wanted.settings.items() if value != current.get(key, "")}
    differs = False
    if wanted.ignition_sha256:
        differs = not holds(current, wanted)
        if differs:
            values.update({key: wanted.keys.get(key, "") for key in USER_DATA})
        values[_STAMP] = wanted.ignition_sha256
    kept = {*wanted.keys, *(USER_DATA if wanted.ignition_sha256 else ())}
    values.update({key: "" for key in _purged(current, purge) if key not in kept})
    return _change(current, values, differs)


def absent(current: Settings, names: t.Iterable[str], purge: t.Sequence[str] = ()) -> Change:
    """So that a VM has none of the keys that the options for guestinfo make, nor those named, nor those purged."""
    values = {key: "" for key in current if key in _OURS or key.startswith(_OUR_PREFIXES)}
    values[_STAMP] = ""
    values.update(dict.fromkeys(names, ""))
    values.update(dict.fromkeys(_purged(current, purge), ""))
    return _change(current, values, False)


def holds(current: Settings, wanted: Guestinfo) -> bool:
    """Whether the settings of a VM have the wanted user data, or had them when it booted first."""
    if is_overwritten(current):
        was_wanted = stamp.read(current).ignition_sha256 == wanted.ignition_sha256
        return was_wanted or (URL in wanted.keys and current.get(URL) == wanted.keys[URL])
    if URL in wanted.keys:
        return not current.get(DATA) and not current.get(OLD_DATA) and current.get(URL) == wanted.keys[URL]
    try:
        data = decode(current)
    except VsphereError:
        return False
    return data is not None and user_data.same(data, wanted.ignition_sha256)


def is_overwritten(current: Settings) -> bool:
    """Whether the guest has read its user data and put nothing in their place."""
    return current.get(DATA) == OVERWRITTEN


def check_keys(names: t.Iterable[str], purge: t.Iterable[str], allow_any_key: bool) -> None:
    """VsphereError bad_option for keys and prefixes that lead beyond guestinfo, and for those of the stamps."""
    for option, texts in (("settings", names), ("purge", purge)):
        for text in texts:
            if text.startswith(stamp.PREFIX):
                raise VsphereError("bad_option", f"{option}: {text} is what this collection keeps for itself")
            if not text or not (allow_any_key or text.startswith(PREFIX)):
                hint = "set allow_any_key where you mean it" if text else "name a prefix"
                raise VsphereError("bad_option", f"{option}: {text!r} does not begin with {PREFIX}; {hint}")


def _purged(current: Settings, purge: t.Sequence[str]) -> list[str]:
    return [
        key
        for key in current
        if key.startswith(tuple(purge))
        and not key.startswith(stamp.PREFIX)
        and not any(key.startswith(foreign) and not _names(purge, foreign) for foreign in _FOREIGN)
    ]


def _names(purge: t.Sequence[str], foreign: str) -> bool:
    """Whether one of the prefixes names what VMware Tools keep, instead of only including it."""
    return any(prefix.startswith(foreign) for prefix in purge)


def _change(current: Settings, values: dict[str, str], differs: bool) -> Change:
    """Without what is so already. Where the last user data go, their stamp goes with them."""
    sources = [key for key in (DATA, URL, OLD_DATA, OLD_URL) if current.get(key)]
    if sources and not any(values.get(key, current.get(key, "")) for key in (DATA, URL, OLD_DATA, OLD_URL)):
        values[_STAMP] = ""
    values = {key: value for key, value in values.items() if value != current.get(key, "")}
    before = {key: current.get(key, "") for key in values}
    gone = any(values.get(key) == "" for key in sources)
    return Change(values, before, differs or gone, is_overwritten(current))
