# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""An OVA: what it says of itself, its files in one forward pass, and the verdict on all that came.

What a pass meets must be what was read before it, so that the descriptor by which a VM is made is the one that the
manifest, the checksum and the signature cover.
"""

from __future__ import annotations

import contextlib
import functools
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._release import progress
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import ova_descriptor, ova_manifest
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_check import Checked, Verdict
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_source import Source
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_tar import Entry, Tar


class Member(t.NamedTuple):
    """A file of the OVA that the descriptor names; its chunks can be taken once, before the next member.

    digest gives what was asked for besides the manifest's, in hex, once the chunks have been taken.
    """

    name: str
    size: int
    chunks: t.Iterator[bytes]
    digest: t.Callable[[str], str]


class _Contents:
    """What was met in an archive so far. name and text are those of the descriptor."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.members: list[Entry] = []
        self.name = self.text = self.manifest_name = ""
        self.manifest: ova_manifest.Manifest | None = None

    def take(self, entry: Entry, chunks: t.Iterator[bytes]) -> bool:
        """Notes a file, and reads it when it is the descriptor or the manifest: then true."""
        self.members.append(entry)
        kind = entry.name.lower().rpartition(".")[2]
        if kind == "ovf":
            if self.name:
                raise self.source.invalid(f"it holds two descriptors, {self.name} and {entry.name}")
            self.name = entry.name
            self.text = ova_descriptor.decode(self._small(entry, chunks, ova_descriptor.LARGEST), entry.name)
            return True
        if kind == "mf":
            if self.manifest_name:
                raise self.source.invalid(f"it holds two manifests, {self.manifest_name} and {entry.name}")
            self.manifest_name = entry.name
            if self.source.manifest != "ignore":
                content = self._small(entry, chunks, ova_manifest.LARGEST)
                self.manifest = ova_manifest.parse(content, entry.name)
            return True
        return False

    def _small(self, entry: Entry, chunks: t.Iterator[bytes], limit: int) -> bytes:
        if entry.size > limit:
            raise self.source.invalid(f"{entry.name} has {entry.size} bytes, and more than {limit} are refused")
        return b"".join(chunks)


class Ova:
    """An OVA whose descriptor has been read; name is that of the descriptor.

    members are the files in it that are known so far, all of them when whole is true. manifest is None when there is
    none, when it is ignored, and while it is not known.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.contents = _Contents(source)
        with contextlib.closing(source.open()) as stream:
            self.whole = self._walk(Tar(stream, source))
        if not self.contents.name:
            raise source.invalid("it holds no descriptor (.ovf)")
        self.name, self.descriptor_text = self.contents.name, self.contents.text
        self.about = ova_descriptor.parse(self.descriptor_text, self.name)
        self.sizes = {file.href: file.size for file in self.about.files}
        if self.whole:
            self._check_members(self.contents)
        self._verdict: Verdict | None = None

    @property
    def members(self) -> list[Entry]:
        return self.contents.members

    @property
    def manifest(self) -> ova_manifest.Manifest | None:
        return self.contents.manifest

    @property
    def manifest_name(self) -> str:
        """The name of the manifest, where one has been met."""
        return self.contents.manifest_name

    def disks(
        self, report: progress.Report = progress.silent, digests: t.Sequence[str] = ()
    ) -> t.Generator[Member, None, None]:
        """The files that the descriptor names, in the order in which they lie, in one pass over the whole OVA.

        Chunks that are not taken are read all the same. report is told how many bytes of the OVA have passed. digests
        are algorithms that are wanted besides those of the manifest. VsphereError when something is not as it must be,
        at the latest at the end. Whoever gives up before closes it.
        """
        self._verdict = None
        with contextlib.closing(Checked(self.source)) as stream:
            tar, contents = Tar(stream, self.source), _Contents(self.source)
            watched = ova_manifest.Digests(sorted({*self._algorithms(), *digests}), stream.threads)
            while entry := tar.advance():
                chunks = _reported(watched.watch(entry.name, tar.chunks()), stream, report)
                if not contents.take(entry, chunks) and entry.name in self.sizes:
                    self._check_size(entry)
                    yield Member(entry.name, entry.size, chunks, functools.partial(watched.of, entry.name))
                for dummy in chunks:
                    pass
            stream.finish()
            self._check_same(contents)
            self._check_members(contents)
            if contents.manifest is not None:
                watched.compare(contents.manifest, [self.name, *self.sizes], contents.manifest_name)
            self.contents, self.whole = contents, True
            checksum = str(self.source.checksum) if self.source.checksum else None
            self._verdict = Verdict(self._found_manifest(), checksum, stream.signer, stream.position)

    def verdict(self) -> Verdict:
        """What the pass has found good; VsphereError when it did not come to its end."""
        if self._verdict is None:
            raise VsphereError("source_unreadable", f"{self.source.label} was not read to its end.")
        return self._verdict

    def _walk(self, tar: Tar) -> bool:
        """From file to file until the descriptor is known, and to the last one where that costs next to nothing.

        Returns whether it came to the last one.
        """
        while entry := tar.advance():
            if not self.contents.take(entry, tar.chunks()) and self.contents.name and not self.source.seekable:
                return False
        return True

    def _algorithms(self) -> t.Sequence[str]:
        """Those of the digests that the pass has to make."""
        if self.manifest is not None:
            return ova_manifest.algorithms(self.manifest)
        return () if self.whole or self.source.manifest == "ignore" else tuple(ova_manifest.ALGORITHMS)

    def _found_manifest(self) -> str:
        if self.source.manifest == "ignore":
            return "ignored"
        return "absent" if self.manifest is None else "verified"

    def _check_same(self, contents: _Contents) -> None:
        same = (contents.name, contents.text) == (self.name, self.descriptor_text)
        if not same or (self.contents.manifest_name and contents.manifest != self.manifest):
            raise VsphereError("source_unreadable", f"{self.source.label} has changed while it was read. Try again.")

    def _check_members(self, contents: _Contents) -> None:
        """Holds the files of a whole archive against the descriptor and what is demanded."""
        for entry in contents.members:
            if entry.name in self.sizes:
                self._check_size(entry)
        missing = sorted(self.sizes.keys() - {entry.name for entry in contents.members})
        if missing:
            raise self.source.invalid(f"its descriptor names {', '.join(missing)}, which it does not hold")
        if self.source.manifest == "require" and not contents.manifest_name:
            raise VsphereError(
                "manifest_mismatch", f"{self.source.label} holds no manifest (.mf), and the option manifest demands it."
            )

    def _check_size(self, entry: Entry) -> None:
        stated = self.sizes[entry.name]
        if stated is not None and stated != entry.size:
            raise self.source.invalid(
                f"{entry.name} has {entry.size} bytes, and its descriptor says {stated}: it was altered or damaged"
            )


def open_ova(source: Source) -> Ova:
    """Reads as much of an OVA as its descriptor needs; VsphereError when it cannot be used."""
    return Ova(source)


def _reported(chunks: t.Iterator[bytes], stream: Checked, report: progress.Report) -> t.Iterator[bytes]:
    for chunk in chunks:
        report("read", stream.position, stream.total)
        yield chunk
