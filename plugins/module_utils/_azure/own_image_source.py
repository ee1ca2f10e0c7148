# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What an own image is made of: a release, downloaded and verified, or a VHD on this machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import sparse, unpack, vhd
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._release import progress
from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError

#: Seconds for each wait for the release server, and how often it is tried again.
_WAIT, _RETRIES = 60, 4
_CODES = {
    "bad_option": "bad_option",
    "not_found": "not_found",
    "tls_untrusted": "tls_untrusted",
    "no_verifier": "missing_library",
    "bad_keyring": "bad_option",
    "key_expired": "signature_bad",
    "unknown_key": "signature_bad",
    "bad_signature": "signature_bad",
    "digest_mismatch": "digest_mismatch",
}


class Ready(t.NamedTuple):
    """A VHD that can be uploaded; plan says what of it. made are files that are no longer needed afterwards."""

    path: str
    vhd: vhd.Vhd
    plan: sparse.Plan
    made: tuple[str, ...] = ()


class Source(t.NamedTuple):
    """What an image is made of.

    digest is "sha512:..." of the packed file, or "contents:..." (sparse.Plan.digest) of a VHD that is not packed.
    version is that of a release, signer the fingerprint of the key that has signed it. ready makes the VHD; AzureError
    when it cannot, or when Azure would not take it.
    """

    label: str
    digest: str
    ready: t.Callable[[progress.Report], Ready]
    version: str | None = None
    signer: str | None = None
    warnings: tuple[str, ...] = ()


def find(given: t.Mapping[str, t.Any], run_command: t.Callable[..., t.Any], report: progress.Report) -> Source:
    """The source that the options mean. Of a release only small files are read, a VHD that is here is checked."""
    if given["channel"]:
        return _released(given, run_command)
    path = os.path.abspath(given["vhd"])
    if unpack.opener(path):
        return _packed(path, given["work_dir"], report)
    ready = _planned(path, report)
    return Source(f"file {os.path.basename(path)}", f"contents:{ready.plan.digest}", lambda report: ready)


def _released(given: t.Mapping[str, t.Any], run_command: t.Callable[..., t.Any]) -> Source:
    from ansible_collections.flatops.flatcar.plugins.module_utils._release import arguments, image, layout

    options = {name: given[name] for name in ("channel", "version", "arch", "base_url", "keyring")}
    options.update(
        ca_path=given["url_ca_path"],
        validate_certs=given["url_validate_certs"],
        timeout=_WAIT,
        retries=_RETRIES,
        url_username=given["url_username"],
        url_password=given["url_password"],
    )
    names = layout.IMAGES["azure"]
    with translated():
        opened = arguments.connect(options, run_command, "url_")
        dummy_name, signature, sha512 = image.signed_digest(opened.client, opened.release, names, opened.verifier)
    release = opened.release

    def ready(report: progress.Report) -> Ready:
        folder = _folder(given["work_dir"])
        # Releases have the same names for their files.
        packed = os.path.join(folder, f"{release.channel}-{release.version}-{release.arch}-{names[0]}")
        with translated():
            image.obtain(opened.client, release, names, packed, opened.verifier, report=report)
        return _unpacked(packed, folder, sha512, report, (packed,))

    label = f"release {release.channel} {release.version} {release.arch}"
    return Source(label, f"sha512:{sha512}", ready, release.version, signature.signer, tuple(opened.warnings))


def _packed(path: str, work_dir: str, report: progress.Report) -> Source:
    sha512 = _sha512(path, report)
    return Source(
        f"file {os.path.basename(path)}",
        f"sha512:{sha512}",
        lambda report: _unpacked(path, _folder(work_dir), sha512, report),
    )


def _unpacked(packed: str, folder: str, sha512: str, report: progress.Report, made: tuple[str, ...] = ()) -> Ready:
    """The digest of the packed file is part of the name, so that what an earlier run has unpacked is known."""
    target = os.path.join(folder, f"{sha512[:32]}.vhd")
    unpack.unpack(packed, target, report)
    try:
        ready = _planned(target, report)
    except AzureError:
        with contextlib.suppress(OSError):
            os.unlink(target)
        raise
    return ready._replace(made=(*made, target))


def _planned(path: str, report: progress.Report) -> Ready:
    found = vhd.read(path)
    try:
        with open(path, "rb") as stream:
            plan = sparse.plan(stream, lambda done: report("check", done, found.file_size))
    except OSError as error:
        raise AzureError("source_unreadable", f"{path} cannot be read: {error.strerror}.") from error
    return Ready(path, found, plan)


def _sha512(path: str, report: progress.Report) -> str:
    from ansible_collections.flatops.flatcar.plugins.module_utils._release import partial

    digest = hashlib.sha512()
    with open(path, "rb") as stream:
        partial.hash_whole(stream, digest, report)
    return digest.hexdigest()


def _folder(path: str) -> str:
    """The folder for downloads, made when it is missing, for this user alone."""
    folder = os.path.abspath(os.path.expanduser(path))
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError as error:
        raise AzureError("bad_option", f"work_dir {folder} cannot be made: {error.strerror}.") from error
    return folder


@contextlib.contextmanager
def translated() -> t.Iterator[None]:
    """Makes an AzureError of a ReleaseError."""
    try:
        yield
    except ReleaseError as error:
        raise AzureError(_CODES.get(error.code, "source_unreadable"), str(error)) from error


def tidy(ready: Ready) -> None:
    """Removes the files that were made on the way."""
    for path in ready.made:
        with contextlib.suppress(OSError):
            os.unlink(path)
