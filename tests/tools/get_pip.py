# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand in for get-pip.py: put a wanted pip into the virtual environment that runs this, from the package index alone.

ansible-test fetches get-pip.py from a host of its own, which many networks do not let through. It first looks at
~/.ansible/test/cache/get_pip_<version>.py, and names that path for those who have to fill it by hand. A copy of this
file there starts from the pip that CPython carries for ensurepip and has it install the version in the file's name.
"""

import ensurepip
import sys
from importlib.resources import files
from pathlib import Path

OWN_OPTIONS = ("--no-setuptools", "--no-wheel")


def arguments(given: list[str]) -> list[str]:
    """The pip command for the options that get-pip.py is given; the two that are its own mean nothing here."""
    version = Path(__file__).stem.removeprefix("get_pip_").replace("_", ".")
    return ["install", f"pip=={version}", *(option for option in given if option not in OWN_OPTIONS)]


def carried() -> str:
    """The path of the pip wheel that this Python carries."""
    (wheel,) = (str(file) for file in (files(ensurepip) / "_bundled").iterdir() if file.name.startswith("pip-"))
    return wheel


if __name__ == "__main__":
    sys.path.insert(0, carried())
    from pip._internal.cli.main import main

    sys.exit(main(arguments(sys.argv[1:])))
