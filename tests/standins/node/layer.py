# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the test nodes have of Flatcar above Debian's /usr: programs, units, users and files of a release."""

from __future__ import annotations

import pathlib
import shutil

#: Programs and units, as they lie below /usr.
FILES = pathlib.Path(__file__).resolve().parent / "flatcar"
#: Where the defaults of /etc lie below /usr.
DEFAULTS = pathlib.Path("share/flatcar/etc")
#: Started at each boot, by links in /usr as on Flatcar, so that no preset takes them away.
WANTED = ("locksmithd", "ssh", "systemd-sysext", "update-engine", "update-ssh-keys-after-ignition")
#: What a boot does not wait for; a real node has no work for them, or other means.
MASKED = (
    "console-getty.service",
    "ldconfig.service",
    "systemd-firstboot.service",
    "systemd-hwdb-update.service",
    "systemd-journal-catalog-update.service",
    "systemd-networkd-wait-online.service",
)
APP_ID = "{e96281a6-d1af-4bde-9a0a-97b76e56dc57}"
#: The first release with quoted values in os-release.
QUOTED = 4757

USERS = {
    "passwd": ["core:x:500:500:Flatcar Admin:/home/core:/bin/bash"],
    "shadow": ["core:*:19000:0:99999:7:::"],
    "group": ["core:x:500:", "sudo:x:150:core", "wheel:x:10:"],
    "gshadow": ["core:*::", "sudo:*::core", "wheel:*::"],
}
SUDOERS = "%wheel ALL=(ALL) ALL\n%sudo ALL=(ALL) NOPASSWD: ALL\n"


def write(base: pathlib.Path, folder: pathlib.Path) -> None:
    """The layer, which holds for every release, above the tree base."""
    shutil.copytree(FILES, folder)
    for programs in ("bin", "libexec/standin", "sbin"):
        for program in (folder / programs).iterdir():
            program.chmod(0o755)
    wants = folder / "lib/systemd/system/multi-user.target.wants"
    wants.mkdir()
    for unit in WANTED:
        (wants / f"{unit}.service").symlink_to(f"../{unit}.service")
    keygen = folder / "lib/systemd/system/ssh.service.wants"
    keygen.mkdir()
    (keygen / "sshd-keygen.service").symlink_to("../sshd-keygen.service")
    for unit in MASKED:
        (folder / "lib/systemd/system" / unit).symlink_to("/dev/null")
    (folder / "share").mkdir(exist_ok=True)
    (folder / "share" / "coreos").symlink_to("flatcar")
    (folder / "share" / "oem").symlink_to("../../oem")
    # The unit of Debian by its name on Flatcar.
    (folder / "lib/systemd/system/sshd.service").symlink_to("ssh.service")
    etc = folder / DEFAULTS
    (etc / "flatcar").mkdir(parents=True)
    (etc / "flatcar" / "update.conf").touch()
    (etc / "coreos").symlink_to("flatcar")
    (etc / "sudoers.d").mkdir(mode=0o750)
    (etc / "sudoers.d" / "flatcar").write_text(SUDOERS)
    (etc / "sudoers.d" / "flatcar").chmod(0o440)
    # No resolver: sudo waits 20 seconds for one that does not answer.
    (etc / "nsswitch.conf").write_text("passwd: files\ngroup: files\nshadow: files\nhosts: files myhostname\n")
    for name, lines in USERS.items():
        users(base / DEFAULTS / name, etc / name, lines)


def users(before: pathlib.Path, after: pathlib.Path, lines: list[str]) -> None:
    """A database of users with these lines, each instead of those of the same name or number."""
    taken = {key for line in lines for key in keys(line)}
    kept = [line for line in before.read_text().splitlines() if not taken & keys(line)]
    after.write_text("\n".join([*kept, *lines]) + "\n")
    after.chmod(before.stat().st_mode & 0o777)
    shutil.chown(after, before.stat().st_uid, before.stat().st_gid)


def keys(line: str) -> set[str]:
    """The name of a line, and the number if it has one; 0 is the day of a password in shadow."""
    words = line.split(":")
    return {words[0], *(word for word in words[2:3] if word.isdigit() and len(words) in (4, 7))}


def release(folder: pathlib.Path, version: str) -> None:
    """The files of /usr that differ from release to release."""
    (folder / "lib").mkdir(parents=True)
    (folder / "share/flatcar").mkdir(parents=True)
    (folder / "lib/os-release").write_text(os_release(version))
    (folder / "share/flatcar/release").write_text(
        f"FLATCAR_RELEASE_VERSION={version}\nFLATCAR_RELEASE_BOARD=amd64-usr\nFLATCAR_RELEASE_APPID={APP_ID}\n"
    )
    server = "https://public.update.flatcar-linux.net/v1/update/"
    (folder / "share/flatcar/update.conf").write_text(f"SERVER={server}\nGROUP={channel(version)}\n")


def channel(version: str) -> str:
    """The channel by the second number of a version."""
    return {"0": "alpha", "1": "beta", "2": "stable"}.get(version.split(".")[1], "lts")


def os_release(version: str) -> str:
    quote = '"' if int(version.split(".")[0]) >= QUOTED else ""
    plain = {
        "ID": "flatcar",
        "ID_LIKE": "coreos",
        "VERSION": version,
        "VERSION_ID": version,
        "BUILD_ID": "2026-09-01-2040",
        "SYSEXT_LEVEL": "1.0",
    }
    texts = {
        "PRETTY_NAME": f"Flatcar Container Linux by Kinvolk {version} (Oklo)",
        "ANSI_COLOR": "38;5;75",
        "HOME_URL": "https://flatcar.org/",
        "BUG_REPORT_URL": "https://issues.flatcar.org",
        "FLATCAR_BOARD": "amd64-usr",
        "CPE_NAME": f"cpe:2.3:o:flatcar-linux:flatcar_linux:{version}:*:*:*:*:*:*:*",
    }
    lines = ['NAME="Flatcar Container Linux by Kinvolk"']
    lines += [f"{key}={quote}{value}{quote}" for key, value in plain.items()]
    lines += [f'{key}="{value}"' for key, value in texts.items()]
    return "\n".join(lines) + "\n"
