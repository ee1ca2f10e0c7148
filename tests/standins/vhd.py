# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixed VHDs for tests: sparse files with random data, and packed ones."""

from __future__ import annotations

import argparse
import bz2
import pathlib
import random
import uuid

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import vhd

MIB = 1 << 20
_ID = uuid.UUID("12345678-1234-5678-1234-567812345678")


def disk(path: pathlib.Path, size: int = 64 * MIB, parts: int = 8, part: int = 3 * MIB, seed: int = 1) -> pathlib.Path:
    """A VHD whose disk has size bytes, with so many parts of part random bytes, evenly."""
    make = random.Random(seed)
    with open(path, "wb") as stream:
        for number in range(parts):
            stream.seek(size // parts * number)
            stream.writelines(make.randbytes(min(MIB, part - start)) for start in range(0, part, MIB))
        stream.truncate(size)
        stream.seek(size)
        stream.write(vhd.footer(size, _ID))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description="A fixed VHD of 16 MiB with 4 MiB of random data.")
    parser.add_argument("path", type=pathlib.Path, help="where it goes; packed when this ends in .bz2")
    parser.add_argument("--seed", type=int, default=1, help="another number makes other data")
    options = parser.parse_args()
    made = disk(options.path.with_suffix(".tmp"), 16 * MIB, 4, MIB, options.seed)
    if options.path.suffix == ".bz2":
        options.path.write_bytes(bz2.compress(made.read_bytes()))
        made.unlink()
    else:
        made.replace(options.path)


if __name__ == "__main__":
    main()
