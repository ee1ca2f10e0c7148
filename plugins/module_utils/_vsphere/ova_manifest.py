# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The manifest of an OVA: the digest of each of its files (DSP0243, 5.1)."""

from __future__ import annotations

import concurrent.futures
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_digest import Digest

#: The largest manifest that is read, in bytes.
LARGEST = 1 << 20
#: What a manifest may use, with the number of hexadecimal digits.
ALGORITHMS = {"sha1": 40, "sha256": 64, "sha512": 128}

#: "SHA1(file)= hex" and "SHA256 (file) = hex".
_LINE = re.compile(r"(SHA-?(?:1|256|512)) ?\((.+)\) ?= ?([0-9a-f]+)", re.IGNORECASE)


class Entry(t.NamedTuple):
    algorithm: str
    digest: str


#: The name of a file in the OVA -> its digest, in lower-case hex.
Manifest = dict[str, Entry]


def parse(content: bytes, name: str) -> Manifest:
    """The manifest in content; VsphereError manifest_mismatch when it is none. name is what messages call it."""
    manifest: Manifest = {}
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        algorithm = match[1].lower().replace("-", "") if match else ""
        if not match or len(match[3]) != ALGORITHMS[algorithm]:
            raise mismatch(f"Line {number} of the manifest {name} is not of the form SHA256(file)= digest")
        if match[2] in manifest:
            raise mismatch(f"The manifest {name} names {match[2]} twice")
        manifest[match[2]] = Entry(algorithm, match[3].lower())
    return manifest


def algorithms(manifest: Manifest) -> list[str]:
    """Those that a manifest uses."""
    return sorted({entry.algorithm for entry in manifest.values()})


class Digests:
    """The digests of the files of one pass, by the given algorithms, made by threads."""

    def __init__(self, wanted: t.Sequence[str], threads: concurrent.futures.Executor) -> None:
        self.wanted = wanted
        self.threads = threads
        self.found: dict[str, dict[str, Digest]] = {}

    def watch(self, name: str, chunks: t.Iterator[bytes]) -> t.Iterator[bytes]:
        """The chunks of a file, which pass through its digests."""
        digests = self.found[name] = {kind: Digest(kind, self.threads) for kind in self.wanted}
        for chunk in chunks:
            for digest in digests.values():
                digest.update(chunk)
            yield chunk

    def of(self, name: str, algorithm: str) -> str:
        """In hex, of what has been taken of a file."""
        return self.found[name][algorithm].hexdigest()

    def compare(self, manifest: Manifest, needed: t.Iterable[str], name: str) -> None:
        """VsphereError manifest_mismatch unless the manifest is true and names all that is needed."""
        for file, entry in manifest.items():
            if file not in self.found:
                raise mismatch(f"The manifest {name} names {file}, which is not there")
            if self.found[file][entry.algorithm].hexdigest() != entry.digest:
                raise mismatch(f"{file} does not have the {entry.algorithm.upper()} digest that the manifest names")
        unnamed = [file for file in needed if file not in manifest]
        if unnamed:
            raise mismatch(f"The manifest {name} does not name {', '.join(unnamed)}")


def mismatch(what: str) -> VsphereError:
    return VsphereError(
        "manifest_mismatch",
        f"{what}: the OVA was altered or damaged. Get it again from where it comes from.",
    )
