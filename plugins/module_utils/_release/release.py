# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""One release: which version it is, and what it consists of."""

from __future__ import annotations

import concurrent.futures
import datetime
import json
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._release import ignition, layout
from ansible_collections.flatops.flatcar.plugins.module_utils._release.client import Client, check_base
from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError
from ansible_collections.flatops.flatcar.plugins.module_utils._release.openpgp import Verifier

_ASSIGNMENT = re.compile(r'^[ \t]*(FLATCAR_[A-Z_]+)="?([^"\r\n]*)"?[ \t\r]*$', re.MULTILINE)
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d+")
_AMI = re.compile(r"ami-[0-9a-f]+")


class Release(t.NamedTuple):
    """A release on its server. version is exact; url ends in a slash; built is None where the server does not say."""

    channel: str
    version: str
    arch: str
    build_id: str
    built: datetime.datetime | None
    url: str


def resolve(client: Client, *, base_url: str, channel: str, version: str, arch: str) -> Release:
    """The release that version means now: `current`, `current-2024` or an exact version."""
    wanted = layout.check_version(version)
    base = check_base(base_url)
    url = layout.folder(base, channel, arch, wanted) + layout.VERSION_FILE
    content = client.read(url)
    if content is None:
        raise ReleaseError(
            "not_found",
            f"There is no release {wanted} of the channel {channel} for {arch}: the server has no {url}. "
            "Check channel, version, arch and base_url.",
        )
    values = dict(_ASSIGNMENT.findall(content.decode("utf-8", "replace")))
    exact = values.get("FLATCAR_VERSION", "")
    if not layout.is_exact(exact) or (layout.is_exact(wanted) and exact != wanted):
        raise ReleaseError(
            "unexpected_content", f"{url} does not name the version of a release (FLATCAR_VERSION={exact!r})."
        )
    build_id = values.get("FLATCAR_BUILD_ID", "")
    return Release(channel, exact, arch, build_id, _built(build_id), layout.folder(base, channel, arch, exact))


def _built(build_id: str) -> datetime.datetime | None:
    """The moment in a build ID such as "2026-08-11-2350"."""
    try:
        moment = datetime.datetime.strptime(build_id, "%Y-%m-%d-%H%M")
    except ValueError:
        return None
    return moment.replace(tzinfo=datetime.timezone.utc)


def describe(client: Client, release: Release, verifier: Verifier) -> tuple[dict[str, t.Any], list[str]]:
    """What a release consists of, as release_info returns it, and warnings.

    Asks the server which of the known files it has. The list of AMIs is verified by its signature, and left out with a
    warning where the server has none for it.
    """
    amis, warnings = _amis(client, release, verifier)
    platforms: dict[str, dict[str, t.Any]] = {}
    for platform, files in _files(client, release).items():
        platforms[platform] = {"files": files}
    if amis:
        platforms.setdefault("aws", {"files": []})["amis"] = amis
    if "gcp" in platforms and release.arch == "amd64":
        # cmd/plume/release.go of flatcar/mantle makes these images for amd64 only.
        platforms["gcp"].update(layout.gcp_image(release.channel, release.version))
    return {
        "channel": release.channel,
        "version": release.version,
        "arch": release.arch,
        "build_id": release.build_id,
        "build_date": release.built and release.built.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ignition_version": ignition.shipped(release.version),
        "ignition_spec": ignition.newest_spec(release.version),
        "url": release.url,
        "platforms": platforms,
    }, warnings


def _files(client: Client, release: Release) -> dict[str, list[dict[str, t.Any]]]:
    names = [
        (platform, name)
        for platform, images in layout.IMAGES.items()
        for name in images + layout.COMPANIONS.get(platform, ())
    ]
    with concurrent.futures.ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(client.head, [release.url + name for dummy, name in names]))
    files: dict[str, list[dict[str, t.Any]]] = {}
    for (platform, name), found in zip(names, answers):
        if found:
            files.setdefault(platform, []).append(
                {
                    "name": name,
                    "size": found.size,
                    "url": release.url + name,
                    "signature_url": release.url + name + layout.SIGNATURE,
                    "digests_url": release.url + name + layout.DIGESTS,
                    "signed_digests_url": release.url + name + layout.SIGNED_DIGESTS,
                }
            )
    return files


def _amis(client: Client, release: Release, verifier: Verifier) -> tuple[dict[str, str], list[str]]:
    """Region -> AMI, and warnings."""
    url = release.url + layout.AMI_LIST
    content = client.read(url)
    if content is None:
        return {}, []
    signature = client.read(url + layout.SIGNATURE)
    if signature is None:
        return {}, [f"The list of AMIs at {url} has no signature and is left out."]
    verifier.detached(url, content, signature)
    try:
        amis = {entry["name"]: entry["hvm"] for entry in json.loads(content)["amis"]}
        sound = all(_REGION.fullmatch(region) and _AMI.fullmatch(ami) for region, ami in amis.items())
    except (ValueError, TypeError, KeyError) as error:
        raise ReleaseError("unexpected_content", f"{url} is not a list of AMIs ({error}).") from error
    if not sound:
        raise ReleaseError("unexpected_content", f"{url} holds what is no region or no AMI.")
    return amis, []
