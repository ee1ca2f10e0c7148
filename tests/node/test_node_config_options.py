# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of node_config on running nodes."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.node.steps import (
    Task,
    described,
    file,
    link,
    look,
    of,
    part,
    refused,
    steps,
    succeeded,
    took,
)


def test_seed(play: Player) -> None:
    """What is made once, and is the node's own from then on."""
    image, current, gone = ("/opt/seed/image", "/etc/extensions/current", "/opt/seed/gone")
    options: dict[str, t.Any] = {"seed": ["/opt/seed/*", current]}
    first = described(files=[file(image, "1\n"), file(gone, "1\n")], links=[link(current, image)])
    later = described(files=[file(image, "2\n"), file(gone, "2\n")], links=[link(current, "/opt/seed/other")])
    tasks = [
        *steps("first", first, **options),
        look(f"echo node >{image}; rm {gone}; ln -sfn /opt/seed/by-node {current}"),
        *steps("second", first, **options),
        *steps("later", later, **options),
        look(f"cat {image}; readlink {current}; ls /opt/seed", "seen"),
        *steps("absent", "", state="absent", **options),
        look(f"cat {image}; readlink {current}; rm -r /opt/seed {current}", "end"),
    ]
    played = play(tasks, hosts="node1")
    succeeded(played)
    assert sorted(took(played, "first")["paths"]) == sorted([image, current, gone])
    assert not took(played, "second")["changed"] and not took(played, "later")["changed"]
    assert of(played, "seen")["stdout"].split() == ["node", "/opt/seed/by-node", "image"]
    absent = took(played, "absent")
    assert not absent["paths"] and sorted(line.partition(":")[0] for line in absent["left"]) == sorted([image, current])
    assert of(played, "end")["stdout"].split() == ["node", "/opt/seed/by-node"]


def test_what_is_left_to_the_user(play: Player) -> None:
    """A restart and a reboot are asked for until they are done, whoever read the first answer."""
    service = "[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\n"

    def configs(label: str, comment: str) -> list[Task]:
        unit = {"name": "long.service", "enabled": True, "contents": f"{comment}{service}"}
        description = described(units=[unit])
        description["kernel_arguments"] = {"should_exist": ["flatops"]}
        return steps(label, description)

    restart = {"flatops.flatcar.node_unit": {"name": "long.service", "state": "restarted"}, "become": True}
    reboot = {"flatops.flatcar.node_reboot": {}, "become": True}
    tasks = [
        *configs("first", ""),
        *configs("second", "#\n"),
        *configs("still", "#\n"),
        restart,
        *configs("restarted", "#\n"),
        *steps("other", described(files=[file("/etc/other", "")]), name="other"),
        reboot,
        *configs("rebooted", "#\n"),
        *steps("absent", "", state="absent"),
        *steps("no other", "", state="absent", name="other"),
        look("cat /var/lib/flatops/manifest.json", "records"),
    ]
    played = play(tasks, hosts="node3")
    succeeded(played)
    labels = ("first", "second", "still", "restarted", "rebooted", "other", "absent")
    told = {label: (took(played, label)["restart"], took(played, label)["reboot_required"]) for label in labels}
    asked = ["long.service"]
    assert told == {
        "first": ([], True),
        "second": (asked, True),
        "still": (asked, True),
        "restarted": ([], True),
        "other": ([], True),
        "rebooted": ([], False),
        "absent": ([], True),
    }
    assert set(json.loads(of(played, "records")["stdout"])["records"]) == {"unfinished"}


def test_merge(play: Player) -> None:
    path = "/etc/merge.conf"
    one = described(files=[file(path, "A=1\nB=2\n")])
    two = described(files=[file(path, "A=3\n")])
    tasks = [
        look(f"printf '# kept\\nA=0\\nOTHER=x\\n' >{path}; chmod 640 {path}"),
        *steps("one", one, merge=[path]),
        look(f"cat {path}; stat -c %a {path}; echo NEW=y >>{path}", "is one"),
        *steps("two", two, merge=[path]),
        look(f"cat {path}", "is two"),
        *steps("absent", "", state="absent"),
        look(f"cat {path}; rm {path}", "end"),
        *steps("made", [{**part("test", one), "merge": [path]}]),
        *steps("unmade", "", state="absent"),
        look(f"[ ! -e {path} ]"),
    ]
    played = play(tasks, hosts="node1")
    succeeded(played)
    assert took(played, "one")["paths"] == [path]
    assert of(played, "is one")["stdout"].split() == ["#", "kept", "A=1", "OTHER=x", "B=2", "640"]
    assert took(played, "two")["paths"] == [path]
    assert of(played, "is two")["stdout"].split() == ["#", "kept", "A=3", "OTHER=x", "NEW=y"]
    assert took(played, "absent")["paths"] == [path]
    assert of(played, "end")["stdout"].split() == ["#", "kept", "A=0", "OTHER=x", "NEW=y"]
    assert took(played, "made")["changed"] and took(played, "unmade")["changed"]


def test_first_boot_only_backup_and_tree(play: Player) -> None:
    files = play.folder / "files"
    (files / "tree" / "deep").mkdir(parents=True)
    (files / "tree" / "one").write_text("one\n")
    (files / "tree" / "deep" / "two").write_text("two\n")
    (files / "tree" / "deep" / "run").write_text("#!/bin/sh\n")
    (files / "tree" / "deep" / "run").chmod(0o755)
    (files / "tree" / "soft").symlink_to("deep/two")
    tree = described(trees=[{"local": "tree", "path": "/opt/tree"}])
    disks = described(
        files=[file("/opt/backup", "new\n")],
        filesystems=[{"device": "/dev/vdb", "format": "ext4", "path": "/mnt/data", "with_mount_unit": True}],
        disks=[{"device": "/dev/vdb", "partitions": [{"label": "data"}]}],
    )
    tasks = [
        look("echo old >/opt/backup; chmod 600 /opt/backup"),
        refused("refused", disks),
        look("cat /opt/backup", "untouched"),
        refused("in the way", described(directories=[{"path": "/opt/backup"}])),
        *steps("ignored", [part("disks", disks), part("tree", tree)], first_boot_only="ignore", files_dir=str(files)),
        look("cat /opt/backup; cd /opt/tree && find . -printf '%P %y %m %l\\n' | sort; cat one soft", "seen"),
        *steps(
            "backup",
            [part("disks", described(files=[file("/opt/backup", "newer\n")])), part("tree", tree)],
            backup=True,
            files_dir=str(files),
        ),
        look("cat /opt/backup; cat /opt/backup.*; rm /opt/backup.*", "backed up"),
        *steps("absent", [part("disks", described()), part("tree", described())], state="absent"),
        look("cat /opt/backup; stat -c %a /opt/backup; rm /opt/backup; ls /opt", "end"),
    ]
    played = play(tasks, hosts="node1")
    succeeded(played)
    assert of(played, "refused")["error_code"] == "first_boot_only"
    assert "storage.disks, storage.filesystems" in of(played, "refused")["msg"]
    assert of(played, "untouched")["stdout"].split() == ["old"]
    assert of(played, "in the way")["error_code"] == "in_the_way"
    ignored = took(played, "ignored")
    assert ignored["omitted"][:2] == ["storage.disks", "storage.filesystems"]
    assert ignored["omitted"][2:] == ["mnt-data.mount: the node has no /dev/vdb"]
    assert of(played, "seen")["stdout"].splitlines() == [
        "new",
        " d 755 ",
        "deep d 755 ",
        "deep/run f 755 ",
        "deep/two f 644 ",
        "one f 644 ",
        "soft l 777 deep/two",
        *("one", "two"),
    ]
    assert took(played, "backup")["paths"] == ["/opt/backup"]
    (copy,) = of(played, "backup")["backup_files"]
    assert copy.startswith("/opt/backup.")
    assert of(played, "backed up")["stdout"].split() == ["newer", "new"]
    assert took(played, "absent")["changed"]
    assert of(played, "end")["stdout"].split() == ["old", "600"]
