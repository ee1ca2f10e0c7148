# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Files beside the document: what `local` keys and trees may read, with the words of Go for what fails."""

from __future__ import annotations

import errno
import os
import stat

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import gopath

NO_FILES_DIR = "local file paths are relative to a files directory that must be specified with -d/--files-dir"


class LocalFileError(Exception):
    """A file that cannot be read; the message is butane's where it has one."""

    code = "local_file"


def join(*parts: str) -> str:
    """Go's path.Join: the parts that are not empty, cleaned of `.`, `..` and doubled slashes."""
    return gopath.clean("/".join(part for part in parts if part))


def os_error(operation: str, path: str, error: OSError) -> LocalFileError:
    text = os.strerror(error.errno or errno.EIO)
    return LocalFileError(f"{operation} {path}: {text[:1].lower()}{text[1:]}")


class LocalFiles:
    """The files directory of one call.

    A path never leads out of the directory lexically. A symbolic link in it may point anywhere, as with butane,
    unless follow_symlinks is false. No file larger than max_bytes is read.
    """

    def __init__(self, root: str, follow_symlinks: bool, max_bytes: int) -> None:
        self.root, self.follow_symlinks, self.max_bytes = root, follow_symlinks, max_bytes

    def path(self, name: str) -> str:
        """The path of a name in the directory. Raises LocalFileError where it leads out or through a link."""
        if not self.root:
            raise LocalFileError(NO_FILES_DIR)
        path = join(self.root, name)
        base, target = os.path.abspath(self.root), os.path.abspath(path)
        if target != base and not target.startswith(base + "/"):
            raise LocalFileError("local file path traverses outside the files directory")
        if not self.follow_symlinks:
            self.refuse_links(base, target, path)
        return path

    def refuse_links(self, base: str, target: str, path: str) -> None:
        step = base
        for part in target[len(base) + 1 :].split("/"):
            step = f"{step}/{part}"
            if part and os.path.islink(step):
                raise LocalFileError(f"open {path}: symbolic links in the files directory are refused")

    def read(self, name: str) -> bytes:
        """The contents of a file by its name in the directory. Raises LocalFileError."""
        return self.read_path(self.path(name))

    def read_path(self, path: str) -> bytes:
        if "\0" in path:
            raise LocalFileError(f"open {path}: invalid argument")
        try:
            # O_NONBLOCK: opening a fifo must not wait for a writer.
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise os_error("open", path, error) from None
        try:
            mode = os.fstat(handle).st_mode
            if stat.S_ISDIR(mode):
                raise LocalFileError(f"read {path}: is a directory")
            if not stat.S_ISREG(mode):
                raise LocalFileError(f"read {path}: not a regular file")
            return self.read_all(handle, path)
        except OSError as error:
            raise os_error("read", path, error) from None
        finally:
            os.close(handle)

    def read_all(self, handle: int, path: str) -> bytes:
        parts: list[bytes] = []
        size = 0
        while part := os.read(handle, 1 << 20):
            size += len(part)
            if size > self.max_bytes:
                raise LocalFileError(f"read {path}: larger than max_bytes ({self.max_bytes})")
            parts.append(part)
        return b"".join(parts)
