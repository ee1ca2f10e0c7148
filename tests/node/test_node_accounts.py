# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users, groups and their keys on running nodes."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.tests.node.play import Played, Player

ONE, TWO, HAND = (
    f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{letter}EBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB {letter}"
    for letter in "ABC"
)
STATE = """
getent passwd core app other; getent group appers app; getent shadow core app | cut -d : -f 1,2
id -nG core; cat ~core/.ssh/authorized_keys
"""
APP = {
    "name": "app",
    "uid": 4712,
    "groups": ["appers", "sudo"],
    "shell": "/bin/sh",
    "password_hash": "$6$x$y",
    "ssh_authorized_keys": [ONE, TWO],
}
GROUP = {"name": "appers", "gid": 4711}


def config(
    users: list[dict[str, t.Any]], groups: list[dict[str, t.Any]] | None = None, **options: t.Any
) -> dict[str, t.Any]:
    butane = {"variant": "flatcar", "version": "1.1.0", "passwd": {"users": users, "groups": groups or []}}
    return {
        "name": "config",
        "become": True,
        "flatops.flatcar.node_config": {"name": "accounts", "butane": butane, **options},
    }


def shell(command: str) -> dict[str, t.Any]:
    return {"name": "shell", "become": True, "ansible.builtin.raw": command, "changed_when": False}


def results(played: Played) -> list[dict[str, t.Any]]:
    assert played.rc == 0, played.output
    return [result.result for result in played.results]


def text(play: Player, command: str = STATE) -> str:
    (found,) = results(play([shell(command)], hosts="node2"))
    return str(found["stdout"]).replace("\r", "")


def lines(found: str) -> list[str]:
    return sorted(line for line in found.split("\n") if line)


def test_a_user_is_made_changed_and_removed(play: Player) -> None:
    before = text(play)
    played = play([config([APP], [GROUP]), config([APP], [GROUP])], hosts="node2", diff=True)
    first, second = results(played)
    assert (first["changed"], second["changed"]) == (True, False), second
    assert "$6$x$y" not in played.output
    seen = text(play)
    assert "app:x:4712:4712::/home/app:/bin/sh\n" in seen
    assert "appers:x:4711:app\n" in seen
    assert "app:$6$x$y\n" in seen
    keys = text(
        play, "stat -c '%a %U:%G' ~app/.ssh ~app/.ssh/authorized_keys.d/ignition; grep -v ^# ~app/.ssh/authorized_keys"
    )
    assert keys.split("\n")[:4] == ["700 app:app", "600 app:app", ONE, TWO]
    changed = {**APP, "groups": ["appers"], "gecos": "The app", "password_hash": "$6$z", "ssh_authorized_keys": [TWO]}
    first, second = results(play([config([changed], [GROUP]), config([changed], [GROUP])], hosts="node2"))
    assert (first["changed"], second["changed"]) == (True, False), second
    seen = text(play)
    assert "app:x:4712:4712:The app:/home/app:/bin/sh\n" in seen
    assert "app:$6$z\n" in seen
    assert text(play, "id -nG app; grep -v ^# ~app/.ssh/authorized_keys").split("\n")[:2] == ["app appers", TWO]
    first, second = results(play([config([], state="absent"), config([], state="absent")], hosts="node2"))
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["left"] == ["/home/app: the home of the user app, which is removed"]
    assert text(play) == before
    text(play, "rm -r /home/app")


def test_a_user_of_the_machine_gets_back_what_it_had(play: Player) -> None:
    text(play, "usermod -c 'The core' -G wheel,sudo core; echo 'core:$6$old' | chpasswd -e")
    text(play, f"echo '{HAND}' >>~core/.ssh/authorized_keys")
    before = text(play)
    core = {
        "name": "core",
        "groups": ["adm", "sudo"],
        "gecos": "x",
        "password_hash": "$6$new",
        "ssh_authorized_keys": [ONE],
    }
    first, second = results(play([config([core]), config([core])], hosts="node2"))
    assert (first["changed"], second["changed"]) == (True, False), second
    seen = text(play)
    assert "core:$6$new" in seen and "core adm sudo" in seen
    assert HAND in seen and ONE in seen and seen.count("ssh-ed25519") == 3
    first, second = results(play([config([], state="absent"), config([], state="absent")], hosts="node2"))
    assert (first["changed"], second["changed"]) == (True, False)
    assert lines(text(play)) == lines(before)


def test_keys_of_two_descriptions(play: Player) -> None:
    before = text(play)
    results(play([config([{"name": "core", "ssh_authorized_keys": [ONE]}])], hosts="node2"))
    results(play([config([{"name": "core", "ssh_authorized_keys": [TWO]}], name="second")], hosts="node2"))
    assert ONE in text(play) and TWO in text(play)
    results(play([config([], state="absent")], hosts="node2"))
    assert ONE not in text(play) and TWO in text(play)
    results(play([config([], state="absent", name="second")], hosts="node2"))
    assert lines(text(play)) == lines(before)


def test_the_last_key_of_a_user_goes(play: Player) -> None:
    text(play, "useradd -m other")
    results(play([config([{"name": "other", "ssh_authorized_keys": [ONE]}])], hosts="node2"))
    assert ONE in text(play, "cat ~other/.ssh/authorized_keys")
    first, second = results(play([config([], state="absent"), config([], state="absent")], hosts="node2"))
    assert (first["changed"], second["changed"]) == (True, False)
    assert "AAAA" not in text(play, "cat ~other/.ssh/authorized_keys; ls ~other/.ssh/authorized_keys.d")
    text(play, "userdel -r other")


def test_a_user_with_a_process_is_left(play: Player) -> None:
    results(play([config([{"name": "busy"}])], hosts="node2"))
    text(play, "systemd-run --quiet --unit busy -p User=busy sleep 600")
    (found,) = results(play([config([], state="absent")], hosts="node2"))
    assert any(line.startswith("user busy: userdel: user busy is currently used") for line in found["left"]), found
    text(play, "systemctl stop busy; userdel -r busy")


def test_should_exist_false(play: Player) -> None:
    text(play, "groupadd away; useradd -m -g away other")
    absent = {"name": "other", "should_exist": False}
    first, second = results(play([config([absent]), config([absent])], hosts="node2"))
    assert (first["changed"], second["changed"]) == (True, False)
    assert "other" not in text(play, "ls /home; getent passwd other || true")
    (gone,) = results(play([config([], state="absent")], hosts="node2"))
    assert gone["left"] == ["user other: it was removed, and is not made again"]
    text(play, "groupdel away")


def test_a_refusal_changes_nothing(play: Player) -> None:
    before = text(play)
    played = play([config([APP, {"name": "x", "groups": ["nobodys"]}], [GROUP])], hosts="node2")
    assert played.of("node2")[-1].result["error_code"] == "no_group", played.output
    assert text(play) == before
