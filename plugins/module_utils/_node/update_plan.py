# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Which steps make a node run a version, or let it run that one after its next boot."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

from .errors import NodeError
from .update_conf import DISABLED, edited
from .update_state import NEED_REBOOT, Seen

LATEST = "latest"
PREVIOUS = "previous"

_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+){2}(?:[+-][0-9A-Za-z.+-]+)?")
_GROUP = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SERVER = re.compile(r"""https?://[^\s"'`$\\#]+|disabled""")


class Wanted(t.NamedTuple):
    """What is asked for. updates is whether the node goes on to update by itself; None leaves that."""

    version: str = LATEST
    booted: bool = False
    allow_downgrade: bool = False
    channel: str | None = None
    server: str | None = None
    updates: bool | None = None
    alone: bool = True


class Plan(t.NamedTuple):
    """Steps, in their order: configure, reset, update, install, rollback, reboot.

    target is the version that is wanted, None for the latest. conf is what update.conf becomes, None for no change.
    """

    steps: list[str]
    target: str | None
    conf: str | None


def wanted(options: Mapping[str, t.Any]) -> Wanted:
    """What the options of node_update ask for. Raises NodeError for what cannot be."""
    version, channel, server = options["version"], options["channel"], options["server"]
    if version not in (LATEST, PREVIOUS) and not _VERSION.fullmatch(version):
        raise _bad(f"version: {version!r} is no version of Flatcar, such as 4593.2.1; nor is it latest or previous")
    if channel is not None and not _GROUP.fullmatch(channel):
        raise _bad(f"channel: {channel!r} is no name of a channel, such as stable")
    if server is not None and not _SERVER.fullmatch(server):
        raise _bad("server: it is neither an http or https address nor disabled")
    updates = options["automatic_updates"]
    if server is not None and updates is not None and updates == (server == DISABLED):
        raise _bad("server and automatic_updates contradict each other")
    return Wanted(
        version,
        options["state"] == "booted",
        options["allow_downgrade"],
        channel,
        server,
        updates,
        options["on_reboot_authority"] == "fail",
    )


def plan(want: Wanted, seen: Seen) -> Plan:
    """The steps for a node on which no update is under way. Raises NodeError if there are none that lead there."""
    target = _target(want, seen)
    conf = edited(seen.conf, _settings(want, seen, target))
    steps = ["configure"] if conf != seen.conf_now else []
    steps += _staging(want, seen, target, _server(seen, conf))
    stays = seen.staged and "reset" not in steps
    if want.booted and (stays or {"update", "install", "rollback"} & set(steps)):
        steps.append("reboot")
        _alone(want, seen)
    return Plan(steps, target, conf if "configure" in steps else None)


def older(version: str, than: str) -> bool:
    """Whether a version comes before another; what is no version does not."""
    return bool(_VERSION.fullmatch(version) and _VERSION.fullmatch(than)) and _numbers(version) < _numbers(than)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"[0-9]+", version)[:3]))


def _target(want: Wanted, seen: Seen) -> str | None:
    """The version in numbers.

    update-engine notes which version ran when it last installed one. It is the previous one for as long as that update
    has not been taken back; then it is the one that runs.
    """
    if want.version == LATEST:
        return None
    if want.version != PREVIOUS:
        return want.version
    if not seen.previous:
        raise NodeError(
            "no_previous", "no update of this node is known, so there is no previous version; name one by `version`"
        )
    return seen.previous


def _settings(want: Wanted, seen: Seen, target: str | None) -> dict[str, str | None]:
    settings: dict[str, str | None] = {}
    if want.channel:
        settings["GROUP"] = want.channel
    back = want.version == PREVIOUS or bool(target and older(target, seen.version))
    if want.server:
        settings["SERVER"] = want.server
    elif want.updates is False or (want.updates is None and back):
        settings["SERVER"] = DISABLED
    elif want.updates and f"\nSERVER={DISABLED}\n" in f"\n{seen.conf}\n":
        settings["SERVER"] = None
    return settings


def _staging(want: Wanted, seen: Seen, target: str | None, server: str) -> list[str]:
    """What brings the version to the other partition and makes that the next to boot, or the reverse."""
    staged = seen.staged_version
    pending = seen.staged or seen.status.operation == NEED_REBOOT
    if target is None:
        if seen.staged and seen.status.operation == NEED_REBOOT and not (staged and older(staged, seen.version)):
            return []
        _can_ask(seen, server)
        return [*(["reset"] if pending else []), "update"]
    if target == seen.version:
        return ["reset"] if pending else []
    if staged == target:
        return []
    if want.version == PREVIOUS:
        _can_boot(seen, target)
        return ["rollback"]
    if older(target, seen.version) and not want.allow_downgrade:
        raise NodeError(
            "downgrade",
            f"{target} is older than {seen.version}, which runs; add `allow_downgrade: true` if that is what you want",
        )
    return [*(["reset"] if pending else []), "install"]


def _can_ask(seen: Seen, server: str) -> None:
    if seen.engine_masked:
        raise NodeError(
            "engine_masked", "update-engine.service is masked on this node; unmask it with node_unit, or name a version"
        )
    if server == DISABLED:
        raise NodeError(
            "updates_disabled",
            "updates are disabled on this node (SERVER=disabled in update.conf), so there is nobody to ask for the "
            "latest version; add `automatic_updates: true` or a server, or name a version",
        )


def _can_boot(seen: Seen, target: str) -> None:
    if not seen.current or not seen.other:
        raise NodeError("no_previous", "rootdev and cgpt of this node do not tell which USR partition is the other one")
    if not seen.other.bootable:
        raise NodeError(
            "unbootable",
            f"{seen.other.label} is empty or did not boot when it was tried, so {target} cannot be had from there; "
            f"install it with `version: {target}` and `allow_downgrade: true`",
        )


def _alone(want: Wanted, seen: Seen) -> None:
    """Raise NodeError if something else would reboot the node in the middle of it."""
    others = [found["name"] for found in seen.reboot["authorities"] if found["strategy"] != "off"]
    if others and want.alone:
        raise NodeError(
            "reboot_authority",
            f"{' and '.join(others)} would reboot this node too, as soon as the update is staged; use `state: staged` "
            "and let it, or switch it off (REBOOT_STRATEGY=off in update.conf for locksmithd), or add "
            "`on_reboot_authority: ignore`",
            {"reboot_authorities": others},
        )


def _server(seen: Seen, conf: str) -> str:
    """SERVER with a new update.conf; that of the release where the file names none."""
    found = re.findall(r"(?m)^SERVER=(.*)", conf)
    if found:
        return str(found[-1]).strip()
    return "" if seen.server == DISABLED else seen.server


def _bad(message: str) -> NodeError:
    return NodeError("bad_option", message)
