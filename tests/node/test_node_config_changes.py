# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""node_config when a description changes, when it ends, and when somebody else changes the node."""

from __future__ import annotations

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

FOLDER = "/opt/changes"
UNITS = "/etc/systemd/system"
LISTED = f"cd {FOLDER} && find . -printf '%P %y %m %u:%g %l\\n' | sort"


def test_paths(play: Player) -> None:
    one, two, three, dir_, soft, hard = (f"{FOLDER}/{name}" for name in ("one", "two", "three", "dir", "soft", "hard"))
    base, vendors = f"{FOLDER}/base", "/etc/issue.net"
    others = {
        "directories": [{"path": dir_, "mode": 0o700}],
        "links": [link(soft, "one"), link(hard, three, hard=True)],
    }
    appended = [
        {"path": base, "append": [{"inline": "more\n"}]},
        file(vendors, "ours\n", overwrite=True),
        file(three, "3\n"),
    ]
    first = described(files=[file(one, "1\n"), file(two, "2\n", mode=0o600), *appended], **others)
    changed = described(files=[file(one, "11\n"), file(two, "2\n", mode=0o600), *appended], **others)
    fewer = described(files=[file(one, "11\n"), *appended], **others)
    others = {
        "directories": [{"path": dir_, "mode": 0o750, "user": {"name": "core"}}],
        "links": [link(soft, "three"), link(hard, one, hard=True)],
    }
    modes = described(files=[file(one, "11\n", mode=0o600), *appended], **others)
    appended[0] = {"path": base, "append": [{"inline": "else\n"}]}
    append = described(files=[file(one, "11\n", mode=0o600), *appended], **others)
    edit = look(f"echo by hand >>{one}; mkdir -p {FOLDER}/theirs")
    state = f"stat -c '%a %U' {dir_} {base} {vendors}; cat {base}; ls -A /opt /etc"
    tasks = [
        look(f"mkdir -p {dir_}; echo base >{base}; ls -di {FOLDER}"),
        look(state, "before"),
        *steps("first", first),
        look(f"{LISTED}; cat one base {vendors}; [ hard -ef three ] && echo hard", "seen"),
        *steps("changed", changed),
        *steps("fewer", fewer),
        *steps("modes", modes),
        *steps("append", append),
        look(f"{LISTED}; cat one base; [ hard -ef one ] && echo hard", "later"),
        edit,
        *steps("edited", append),
        look(f"cat {one}", "restored"),
        edit,
        *steps("absent", "", state="absent"),
        look(f"cat {one}; rm -r {one} {FOLDER}/theirs", "left"),
        look(state, "after"),
        look(f"cmp {vendors} /usr/share/flatcar{vendors}; {LISTED}; rm -r {FOLDER}", "rest"),
    ]
    played = play(tasks, hosts="node1")
    succeeded(played)
    assert sorted(took(played, "first")["paths"]) == sorted([one, two, three, dir_, soft, hard, base, vendors])
    assert of(played, "seen")["stdout"].splitlines() == [
        " d 755 root:root ",
        "base f 644 root:root ",
        "dir d 700 root:root ",
        "hard f 644 root:root ",
        "one f 644 root:root ",
        "soft l 777 root:root one",
        "three f 644 root:root ",
        "two f 600 root:root ",
        *("1", "base", "more", "ours", "hard"),
    ]
    assert took(played, "changed")["paths"] == [one]
    assert took(played, "fewer")["paths"] == [two]
    assert sorted(took(played, "modes")["paths"]) == sorted([dir_, one, soft, hard])
    assert took(played, "append")["paths"] == [base]
    assert of(played, "later")["stdout"].splitlines() == [
        " d 755 root:root ",
        "base f 644 root:root ",
        "dir d 750 core:root ",
        "hard f 600 root:root ",
        "one f 600 root:root ",
        "soft l 777 root:root three",
        "three f 644 root:root ",
        *("11", "base", "else", "hard"),
    ]
    edited = took(played, "edited")
    assert one in edited["paths"] and f"{one} was edited on the node" in edited["warnings"][0]
    assert of(played, "restored")["stdout"].splitlines() == ["11"]
    absent = took(played, "absent")
    assert absent["left"] == [f"{one}: it is not as the last run left it"]
    assert of(played, "left")["stdout"].splitlines() == ["11", "by hand"]
    assert of(played, "after")["stdout"] == of(played, "before")["stdout"]
    assert of(played, "rest")["stdout"].splitlines() == [
        " d 755 root:root ",
        "base f 644 root:root ",
        "dir d 755 root:root ",
    ]


def test_what_others_did_meanwhile(play: Player) -> None:
    soft, hard, file_, dir_, other = (f"{FOLDER}/{name}" for name in ("soft", "hard", "file", "dir", "other"))
    twin, wide, empty, vendors = f"{FOLDER}/twin", f"{FOLDER}/wide", f"{FOLDER}/empty", "/etc/issue.net"
    text = "Debian GNU/Linux 13\n"
    kept = f"{FOLDER}/kept"
    made = described(
        files=[
            {"path": kept, "mode": 0o600},
            file(file_, "x\n", mode=0o755),
            file(other, "the same\n"),
            {"path": empty, "mode": 0o600},
            file(vendors, text, overwrite=True),
        ],
        directories=[{"path": dir_}, {"path": wide, "mode": 0o777}],
        links=[link(soft, "file"), link(hard, file_, hard=True), link(twin, other, hard=True)],
    )
    tasks = [
        look(f"printf '{text}' | cmp - {vendors}; mkdir {FOLDER}; echo kept >{kept}; chmod 644 {kept}"),
        *steps("first", made),
        look(f"stat -c '%n %a %s' {file_} {wide} {empty}", "seen"),
        look(f"ln -sfn elsewhere {soft}; rm {hard} {twin}; echo mine >{hard}; cp {other} {twin}"),
        *steps("again", made),
        look(f"readlink {soft}; cat {hard}; [ {twin} -ef {other} ] && echo twins", "made again"),
        look(f"ln -sfn elsewhere {soft}; rm {hard}; echo mine >{hard}"),
        look(f"touch {dir_}/theirs; echo on >>{kept}; rm {empty}; mkdir {empty}"),
        refused("in the way", made),
        *steps("absent", "", state="absent"),
        look(f"cmp {vendors} /usr/share/flatcar{vendors}; {LISTED}; cat hard kept; rm -r {FOLDER}", "left"),
    ]
    played = play(tasks, hosts="node1")
    succeeded(played)
    assert {*took(played, "first")["paths"]} == {soft, hard, file_, dir_, other, twin, wide, empty, kept}
    assert of(played, "seen")["stdout"].splitlines() == [f"{file_} 755 2", f"{wide} 777 40", f"{empty} 600 0"]
    again = took(played, "again")
    assert sorted(again["paths"]) == sorted([soft, hard, twin])
    assert sorted(warning.partition(" ")[0] for warning in again["warnings"]) == [hard, soft]
    assert of(played, "made again")["stdout"].split() == ["file", "x", "twins"]
    assert of(played, "in the way")["error_code"] == "in_the_way"
    absent = took(played, "absent")
    assert vendors not in absent["paths"]
    assert sorted(line.partition(":")[0] for line in of(played, "absent")["left"]) == sorted([soft, hard, dir_, empty])
    assert of(played, "left")["stdout"].splitlines() == [
        " d 755 root:root ",
        "dir d 755 root:root ",
        "dir/theirs f 644 root:root ",
        "empty d 755 root:root ",
        "hard f 644 root:root ",
        "kept f 644 root:root ",
        "soft l 777 root:root elsewhere",
        *("mine", "kept", "on"),
    ]


def test_fragments(play: Player) -> None:
    x, y, z = (f"/etc/changes/{name}" for name in "xyz")
    unit = {"name": "changes.service", "contents": "[Service]\nExecStart=/bin/sleep 1d\n", "enabled": True}
    dropin = {"name": "changes.service", "dropins": [{"name": "1.conf", "contents": "[Service]\nNice=1\n"}]}
    one = part("one", described(files=[file(y, "y\n"), file("/etc/changes/1", "1\n")], units=[unit]))
    two = part("two", described(files=[file(x, "2\n"), file(z, "z\n")], units=[dropin]))
    claims = part("one", described(files=[file(x, "1\n"), file(y, "y\n"), file("/etc/changes/1", "1\n")], units=[unit]))
    moved = [
        part("one", described(files=[file("/etc/changes/1", "1\n")], units=[unit])),
        part("two", described(files=[file(x, "2\n"), file(z, "z\n"), file(y, "y\n")], units=[dropin])),
    ]
    seen = look("cd /etc/changes && head *; systemctl show -P Nice changes", "seen")
    tasks = [
        *steps("both", [claims, two]),
        seen,
        *steps("one", one),
        *steps("two", two),
        refused("claims", claims),
        seen,
        *steps("moved", moved),
        *steps("all but one", [two, part("one", described())]),
        look("cat /var/lib/flatops/manifest.json; ls /etc/changes /etc/systemd/system/changes*", "rest"),
        *steps("gone", [part("one", described()), part("two", described())]),
        look(
            "cat /var/lib/flatops/manifest.json; ls -d /etc/changes /etc/systemd/system/changes* 2>/dev/null; true",
            "end",
        ),
    ]
    played = play(tasks, hosts="node2")
    succeeded(played)
    preset = "/etc/systemd/system-preset/20-ignition.preset"
    written = (x, y, z, "/etc/changes/1", f"{UNITS}/changes.service", f"{UNITS}/changes.service.d/1.conf", preset)
    assert sorted(took(played, "both")["paths"]) == sorted(written)
    text = of(played, "seen")["stdout"].split()
    assert text[text.index("x") + 2] == "2" and text[-1] == "1"
    assert not took(played, "one")["changed"] and not took(played, "two")["changed"]
    claims_ = of(played, "claims")
    assert claims_["error_code"] == "claimed_twice", claims_
    assert all(word in claims_["msg"] for word in (x, "one", "two"))
    assert len({result.result["stdout"] for result in played.results if result.task == "seen"}) == 1
    assert not took(played, "moved")["changed"]
    assert took(played, "all but one")["units"] == ["changes.service"]
    assert took(played, "gone")["changed"]
    assert of(played, "end")["stdout"].split() == ["{", '"records":', "{},", '"version":', "1", "}"]


LONG = "[Service]\nType=exec\nExecStart=/bin/sleep 1d\n"
WANTED = "[Install]\nWantedBy=multi-user.target\n"


def test_units(play: Player) -> None:
    """long.service and what becomes of it, beside units that stay as they are."""
    dropin = {"name": "1.conf", "contents": "[Service]\nNice=1\n"}
    long = {"name": "long.service", "contents": LONG + WANTED}
    override = {"name": "locksmithd.service", "contents": LONG}
    others: list[Task] = [
        {"name": "each@one.service", "enabled": True},
        {"name": "update-engine.service", "mask": True},
    ]
    device = {"name": "mnt-x.mount", "enabled": True, "contents": "[Mount]\nWhat=/dev/none\nWhere=/mnt/x\n" + WANTED}

    def units(*more: Task, template: str = LONG + WANTED) -> Task:
        return described(units=[*others, device, {"name": "each@.service", "contents": template}, *more])

    def states(label: str, *names: str) -> Task:
        ask = "".join(f"systemctl is-enabled {name}; systemctl is-active {name};" for name in names)
        return look(f"{{ {ask} true; }} 2>/dev/null | xargs", label)

    vendors = ("locksmithd", "update-engine")
    nice = f"{UNITS}/locksmithd.service.d/1.conf"
    tasks = [
        states("before", *vendors),
        *steps("enabled", units({**long, "enabled": True})),
        states("is enabled", "long", "each@one", "update-engine"),
        *steps("dropin", units({**long, "enabled": True, "dropins": [dropin]})),
        *steps("no dropin", units({**long, "enabled": True})),
        *steps("silent", units(long)),
        states("is as it was", "long"),
        *steps("enabled anew", units({**long, "enabled": True})),
        *steps("disabled", units({**long, "enabled": False})),
        states("is disabled", "long"),
        *steps("masked", units({"name": "long.service", "mask": True})),
        states("is masked", "long"),
        *steps("unmasked", units({**long, "mask": False, "enabled": True})),
        states("is unmasked", "long"),
        *steps("template", units({**long, "enabled": True}, template="#\n" + LONG + WANTED)),
        *steps("override", units({**long, "enabled": True}, override)),
        states("is overridden", "locksmithd"),
        *steps("no override", units({**long, "enabled": True})),
        states("is as before", "locksmithd"),
        *steps(
            "file", described(units=[long, *units()["systemd"]["units"]], files=[file(nice, "[Service]\nNice=1\n")])
        ),
        *steps("gone", "", state="absent"),
        states("after", *vendors),
        look(
            "systemctl is-active long each@one; ls /etc/systemd/system-preset; find /etc/systemd -name '*each*'", "rest"
        ),
    ]
    for task in tasks:
        task["ignore_errors"] = task["name"] == "rest"
    played = play(tasks, hosts="node3")
    succeeded(played)

    def is_(label: str) -> str:
        return str(of(played, label)["stdout"]).strip()

    enabled = took(played, "enabled")
    assert enabled["omitted"] == ["mnt-x.mount: the node has no /dev/none"]
    assert is_("is enabled") == "enabled active enabled active masked inactive"
    assert took(played, "dropin")["restart"] == ["long.service"]
    removed = took(played, "no dropin")
    assert removed["restart"] == ["long.service"] and removed["paths"] == [f"{UNITS}/long.service.d/1.conf"]
    assert took(played, "silent")["units"] == took(played, "enabled anew")["units"] == ["long.service"]
    assert is_("is as it was") == "disabled inactive"
    assert not took(played, "disabled")["restart"]
    assert is_("is disabled") == "disabled inactive"
    assert took(played, "masked")["units"] == ["long.service"]
    assert is_("is masked") == "masked inactive"
    assert took(played, "unmasked")["units"] == ["long.service"]
    assert is_("is unmasked") == "enabled active"
    assert took(played, "template")["restart"] == ["each@one.service"]
    assert sorted(took(played, "override")["restart"]) == ["each@one.service", "locksmithd.service"]
    assert is_("is overridden").endswith(" active")
    assert sorted(took(played, "no override")["restart"]) == ["each@one.service", "locksmithd.service"]
    assert is_("is as before") == is_("before").rpartition(" ")[0].rpartition(" ")[0]
    assert sorted(took(played, "file")["restart"]) == ["each@one.service", "locksmithd.service"]
    assert took(played, "gone")["restart"] == ["locksmithd.service"]
    assert is_("after") == is_("before")
    assert "failed" not in is_("rest") and "each" not in is_("rest"), is_("rest")
