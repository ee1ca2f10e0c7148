# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chromium without a screen, which shows pages from files."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import typing as t

#: Names under which systems have it.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
#: Pixels of a screen, and of a phone held upright.
SCREEN, PHONE = (1400, 1000), (390, 844)
_PROBE = """
const probe = document.createElement("pre");
probe.id = "probe";
probe.textContent = JSON.stringify((FUNCTION)());
document.body.append(probe);
"""


def program() -> str | None:
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Browser:
    """Runs of the program, each with a profile of its own in a folder."""

    def __init__(self, program: str, folder: pathlib.Path) -> None:
        self.program = program
        self.folder = folder

    def ask(self, page: str, script: str, size: tuple[int, int] = SCREEN) -> t.Any:
        """What a function of JavaScript returns in a page, whose policy lets this run besides."""
        code = _PROBE.replace("FUNCTION", script)
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        assert page.count("script-src") == 1
        probed = page.replace("script-src", f"script-src 'sha256-{digest}'").replace(
            "</body>", f"<script>{code}</script></body>"
        )
        dom = self._run(probed, size, "--dump-dom").stdout
        return json.loads(dom.rpartition('<pre id="probe">')[2].partition("</pre>")[0])

    def picture(self, page: str, size: tuple[int, int], path: pathlib.Path) -> bytes:
        """A picture of the page as PNG, which is also in the file."""
        self._run(page, size, f"--screenshot={path}")
        return path.read_bytes()

    def printed(self, page: str, path: pathlib.Path) -> bytes:
        """The page on paper as PDF, which is also in the file."""
        self._run(page, SCREEN, f"--print-to-pdf={path}", "--no-pdf-header-footer")
        return path.read_bytes()

    def _run(self, page: str, size: tuple[int, int], *arguments: str) -> subprocess.CompletedProcess[str]:
        path = self.folder / "page.html"
        path.write_text(page, encoding="utf-8")
        profile = f"--user-data-dir={self.folder / 'profile'}"
        look = ["--headless", "--disable-gpu", "--hide-scrollbars", f"--window-size={size[0]},{size[1]}"]
        # As root, which tests in a container are, it refuses to run with its sandbox; /dev/shm is small there.
        contained = ["--no-sandbox", "--disable-dev-shm-usage"]
        command = [self.program, *look, *contained, profile, *arguments, path.as_uri()]
        env = {**os.environ, "HOME": str(self.folder)}
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=env)
        assert done.returncode == 0, done.stderr
        return done
