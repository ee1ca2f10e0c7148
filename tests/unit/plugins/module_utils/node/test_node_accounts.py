# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users, groups and their keys: what is planned, and what an earlier run left is taken back."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.schema import Config
from ansible_collections.flatops.flatcar.plugins.module_utils._node import observe
from ansible_collections.flatops.flatcar.plugins.module_utils._node.accounts import compare_accounts, questions
from ansible_collections.flatops.flatcar.plugins.module_utils._node.desired import Desired, desired, ssh_key_key
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.observe import Account, Observed, Questions, digest
from ansible_collections.flatops.flatcar.plugins.module_utils._node.plan import Plan
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import Record, Records, saved_name

OURS = frozenset({"base"})
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB a"
CORE = ["core", "x", "500", "500", "CoreOS Admin", "/home/core", "/bin/bash"]
GROUPS = {
    name: [name, "x", str(gid), ""]
    for name, gid in {"core": 500, "wheel": 10, "docker": 233, "sudo": 150, "systemd-journal": 248}.items()
}
MEMBERS = {"core": [], "wheel": ["core"], "docker": ["core"], "sudo": ["core"]}
ACCOUNT = Account(frozenset(["core", "wheel", "docker", "sudo", "systemd-journal"]), digest("*"))
SAVED = f"/var/lib/flatops/saved/{saved_name('user core')}"


def _seen(account: Account = ACCOUNT, **changes: t.Any) -> Observed:
    nothing: t.Any = {}
    seen = Observed("", {}, {}, {}, {}, frozenset(), {}, frozenset(), {"core": CORE}, GROUPS, "", "", "")
    return seen._replace(accounts={"core": account}, members=MEMBERS, **(changes or nothing))


def _want(users: list[Config] | None = None, groups: list[Config] | None = None, owner: str = "base") -> Desired:
    config: Config = {"ignition": {"version": "3.4.0"}, "passwd": {"users": users or [], "groups": groups or []}}
    return desired(config, [(owner, config)])


def _compared(want: Desired, seen: Observed, records: Records | None = None) -> Plan:
    plan = Plan()
    compare_accounts(plan, want, seen, records or {}, OURS)
    return plan


def _calls(plan: Plan) -> list[str]:
    """The calls of a plan, with the texts of members in the place of their names."""
    lines = [*plan.calls["save"], *plan.calls["accounts"], *(f"later: {line}" for line in plan.calls["remove"])]
    for name, data in plan.members.items():
        lines = [line.replace(name, repr(data.decode())) for line in lines]
    return lines


def _code(want: Desired, seen: Observed, records: Records | None = None) -> str:
    with pytest.raises(NodeError) as caught:
        _compared(want, seen, records)
    return caught.value.code


def _record(kind: str, owner: str = "base", **changes: t.Any) -> Record:
    return {"owner": owner, "kind": kind, "made": False, "exists": True, "before": {}, **changes}


@pytest.mark.parametrize(
    ("user", "calls"),
    [
        ({}, ["alter 'user new' useradd --create-home --password '*' -- new"]),
        (
            {"uid": 0, "passwordHash": "$6$a", "noCreateHome": True, "system": True, "noLogInit": True},
            [
                "alter 'user new' useradd --no-create-home --system --no-log-init --uid 0 --password '*' -- new",
                r"password 'user new' chpasswd 'new:$6$a\n'",
            ],
        ),
        (
            {
                "homeDir": "/opt/new",
                "gecos": "a b",
                "primaryGroup": "docker",
                "groups": ["sudo", "wheel"],
                "shell": "/bin/sh",
                "passwordHash": "",
            },
            [
                (
                    "alter 'user new' useradd --create-home -d /opt/new --comment 'a b' --gid 233 --groups sudo,wheel "
                    "--shell /bin/sh --password '*' -- new"
                ),
            ],
        ),
        (
            {"noUserGroup": True, "groups": ["systemd-journal"]},
            [
                "enlist systemd-journal",
                (
                    "alter 'user new' useradd --create-home --no-user-group --groups systemd-journal "
                    "--password '*' -- new"
                ),
            ],
        ),
        ({"shouldExist": False}, []),
    ],
)
def test_a_new_user(user: Config, calls: list[str]) -> None:
    plan = _compared(_want([{"name": "new", **user}]), _seen())
    assert _calls(plan) == calls
    assert [change.thing for change in plan.changes] == (["user new"] if calls else [])
    made = user.get("shouldExist") is not False
    if len(user) > 0:
        assert plan.records == {"user new": _record("user", made=made, exists=made)}


@pytest.mark.parametrize(
    ("user", "calls", "before"),
    [
        ({"uid": 500, "homeDir": "/home/core", "shell": "/bin/bash", "primaryGroup": "core"}, [], {}),
        ({"gecos": ""}, [], {}),
        ({"groups": ["wheel", "docker", "sudo", "systemd-journal"]}, [], {}),
        ({"passwordHash": ""}, [], {}),
        (
            {"gecos": "x", "homeDir": "/home/a", "shell": "/bin/sh", "uid": 501, "primaryGroup": "sudo"},
            [
                (
                    "alter 'user core' usermod -d /home/a --uid 501 --comment x --gid 150 --shell /bin/sh --move-home "
                    "-- core"
                )
            ],
            {"uid": 500, "gecos": "CoreOS Admin", "home": "/home/core", "group": 500, "shell": "/bin/bash"},
        ),
        (
            {"groups": ["docker"]},
            ["alter 'user core' usermod --groups docker -- core"],
            {"groups": ["docker", "sudo", "wheel"]},
        ),
        (
            {"passwordHash": "$6$b"},
            [
                f"remember shadow core {saved_name('user core')}",
                r"password 'user core' chpasswd 'core:$6$b\n'",
            ],
            {"password": digest("*")},
        ),
    ],
)
def test_an_existing_user(user: Config, calls: list[str], before: Record) -> None:
    plan = _compared(_want([{"name": "core", **user}]), _seen())
    assert _calls(plan) == calls
    if any(user.values()) or "passwordHash" in user:
        assert plan.records == {"user core": _record("user", before=before)}
    assert "$6$" not in repr(plan.changes) + repr(plan.records) + repr(plan.calls)


@pytest.mark.parametrize(
    ("record", "user", "line", "calls", "left", "after"),
    [
        # Not named any longer.
        ({"made": True}, None, CORE, ["later: spare 'user core' userdel -- core"], True, None),
        ({"made": True}, None, None, [], False, None),
        ({}, None, CORE, [], False, None),
        (
            {"before": {"shell": "/bin/sh", "groups": ["wheel"], "password": digest("!")}},
            None,
            CORE,
            [
                "alter 'user core' usermod --groups wheel --shell /bin/sh -- core",
                f"password 'user core' chpasswd {SAVED}",
            ],
            False,
            None,
        ),
        ({"before": {"groups": ["docker", "sudo", "wheel"]}}, None, CORE, [], False, None),
        ({"exists": False, "before": {"exists": True}}, None, None, [], True, None),
        ({"exists": False}, None, None, [], False, None),
        # Named, but no longer with everything.
        (
            {"before": {"shell": "/bin/sh", "gecos": "y"}},
            {"gecos": "x"},
            CORE,
            ["alter 'user core' usermod --comment x --shell /bin/sh -- core"],
            False,
            {"before": {"gecos": "y"}},
        ),
        (
            {"before": {"shell": "/bin/sh"}},
            {},
            CORE,
            ["alter 'user core' usermod --shell /bin/sh -- core"],
            False,
            {},
        ),
        (
            {"made": True},
            {"shell": "/bin/sh"},
            CORE,
            ["alter 'user core' usermod --shell /bin/sh -- core"],
            False,
            {"made": True},
        ),
        # To be removed.
        (
            {"made": True},
            {"shouldExist": False},
            CORE,
            ["alter 'user core' userdel --remove -- core"],
            False,
            {"exists": False, "before": {"exists": True}},
        ),
    ],
)
def test_after_an_earlier_run(
    record: Record, user: Config | None, line: list[str] | None, calls: list[str], left: bool, after: Record | None
) -> None:
    records = {"user core": _record("user", **record)}
    want = _want([] if user is None else [{"name": "core", **user}])
    seen = _seen(users={"core": line} if line else {})
    plan = _compared(want, seen, records)
    assert _calls(plan) == calls
    assert bool(plan.left) == left
    assert plan.records == ({} if after is None else {"user core": _record("user", **after)})


@pytest.mark.parametrize(
    ("group", "record", "line", "calls", "after"),
    [
        ({}, None, None, ["alter 'group g' groupadd -- g"], {"made": True}),
        (
            {"gid": 7, "system": True, "passwordHash": "$6$c"},
            None,
            None,
            [
                "alter 'group g' groupadd --gid 7 --system -- g",
                r"password 'group g' chgpasswd 'g:$6$c\n'",
            ],
            {"made": True},
        ),
        ({"gid": 9}, None, "9", [], {}),
        ({"gid": 9}, None, "8", ["alter 'group g' groupmod --gid 9 -- g"], {"before": {"gid": 8}}),
        ({"shouldExist": False}, None, None, [], {"exists": False}),
        (
            {"shouldExist": False},
            None,
            "8",
            ["alter 'group g' groupdel -- g"],
            {"exists": False, "before": {"exists": True}},
        ),
        (None, {"made": True}, "8", ["later: spare 'group g' groupdel -- g"], None),
        (None, {"before": {"gid": 7}}, "8", ["alter 'group g' groupmod --gid 7 -- g"], None),
        (None, {}, "8", [], None),
        ({}, {"before": {"gid": 7}}, "8", ["alter 'group g' groupmod --gid 7 -- g"], {}),
    ],
)
def test_groups(
    group: Config | None, record: Record | None, line: str | None, calls: list[str], after: Record | None
) -> None:
    records = {} if record is None else {"group g": _record("group", **record)}
    want = _want(groups=[] if group is None else [{"name": "g", **group}])
    plan = _compared(want, _seen(groups={"g": ["g", "x", line, ""]} if line else {}), records)
    assert _calls(plan) == calls
    assert plan.records == ({} if after is None else {"group g": _record("group", **after)})


def test_groups_are_made_before_their_users() -> None:
    plan = _compared(_want([{"name": "new", "primaryGroup": "g", "groups": ["g"]}], [{"name": "g"}]), _seen())
    assert _calls(plan) == [
        "alter 'group g' groupadd -- g",
        "alter 'user new' useradd --create-home --gid g --groups g --password '*' -- new",
    ]


def test_users_go_before_their_groups() -> None:
    records = {"group core": _record("group", made=True), "user core": _record("user", made=True)}
    plan = _compared(_want(), _seen(), records)
    assert _calls(plan) == ["later: spare 'user core' userdel -- core", "later: spare 'group core' groupdel -- core"]
    assert plan.left == ["/home/core: the home of the user core, which is removed"]


def test_keys() -> None:
    want = _want([{"name": "core", "sshAuthorizedKeys": [KEY]}])
    plan = _compared(want, _seen())
    assert _calls(plan) == [rf"fragment core authorized_keys.d/ignition '{KEY}\n'", "join core keep"]
    assert plan.records == {ssh_key_key("core", KEY): {"owner": "base", "kind": "key"}}
    files = {"authorized_keys": f"{KEY}\n", "authorized_keys.d/ignition": f"{KEY}\n"}
    again = _compared(want, _seen(ACCOUNT._replace(keys=files)), plan.records)
    assert (_calls(again), again.changes, again.records) == ([], [], plan.records)
    gone = _compared(_want(), _seen(ACCOUNT._replace(keys=files)), plan.records)
    assert _calls(gone) == ["fragment core authorized_keys.d/ignition ''", "join core drop"]
    assert gone.records == {}


def test_keys_of_nobody_are_kept() -> None:
    files = {"authorized_keys": "ssh-rsa AAAAB3NzaC1yc2E= by hand\n"}
    plan = _compared(_want([{"name": "core", "sshAuthorizedKeys": [KEY]}]), _seen(ACCOUNT._replace(keys=files)))
    assert (
        _calls(plan)[0] == r"fragment core authorized_keys.d/old_authorized_keys 'ssh-rsa AAAAB3NzaC1yc2E= by hand\n'"
    )


def test_another_description_gives_the_user_a_key() -> None:
    records = {"user core": _record("user", "other", before={"gecos": "x"}), ssh_key_key("core", "k"): _key("other")}
    plan = _compared(_want([{"name": "core", "sshAuthorizedKeys": [KEY]}]), _seen(), records)
    assert len(_calls(plan)) == 2
    assert plan.records == {"user core": records["user core"], ssh_key_key("core", KEY): _key("base")}


def _key(owner: str) -> Record:
    return {"owner": owner, "kind": "key"}


@pytest.mark.parametrize(
    ("users", "groups", "records", "code"),
    [
        ([{"name": "-x"}], [], {}, "bad_name"),
        ([{"name": "a:b"}], [], {}, "bad_name"),
        ([{"name": "new", "passwordHash": "a:b"}], [], {}, "bad_password_hash"),
        ([], [{"name": "g", "passwordHash": "a\nb"}], {}, "bad_password_hash"),
        ([{"name": "new", "groups": ["nobodys"]}], [], {}, "no_group"),
        ([{"name": "new", "groups": ["g"]}], [{"name": "g", "shouldExist": False}], {}, "no_group"),
        ([{"name": "docker"}], [], {}, "group_exists"),
        ([{"name": "new"}], [{"name": "new"}], {}, "group_exists"),
        ([{"name": "core", "uid": 1}], [], {"user core": _record("user", "other")}, "claimed_twice"),
        (
            [{"name": "core", "sshAuthorizedKeys": [KEY]}],
            [],
            {ssh_key_key("core", KEY): _key("other")},
            "claimed_twice",
        ),
    ],
)
def test_what_is_refused(users: list[Config], groups: list[Config], records: Records, code: str) -> None:
    assert _code(_want(users, groups), _seen(), records) == code


def test_only_missing_tools_that_are_needed_are_refused() -> None:
    seen = _seen(missing=frozenset(["update-ssh-keys", "useradd"]))
    assert not _compared(_want([{"name": "core", "uid": 501}]), seen).left
    assert _code(_want([{"name": "core", "sshAuthorizedKeys": [KEY]}]), seen) == "missing_tool"


def test_questions() -> None:
    want = _want(
        [{"name": "a", "groups": ["b"], "primaryGroup": "c"}], [{"name": "d"}, {"name": "e", "passwordHash": "x"}]
    )
    records = {
        "user f": _record("user"),
        "key g 12": _key("base"),
        "group h": _record("group"),
        "path /x": {"kind": "file"},
    }
    asked = questions(want, records)
    assert asked.users == {"a", "f", "g"}
    assert asked.groups == {"a", "b", "c", "d", "e", "h"}
    assert asked.group_passwords == {"e", "h"}
    assert asked.tools
    assert not questions(_want(), {}).tools


def test_the_answer_of_a_node() -> None:
    asked = Questions(paths=[], users=["core"], accounts=["core"], group_passwords=["g"], tools=["useradd"])
    text, dummy = observe.script(asked)
    assert '  account "$1/account" core' in text
    seen = observe.parse(
        asked,
        {
            "account": b"core\0core wheel\0digest\0",
            "account.keys": b"core\0authorized_keys\0a\nb\n\0core\0authorized_keys.d/x\0\0",
            "members": b"wheel:x:10:root,core\ncore:x:500:\n",
            "group_password": b"g\0digest2\0",
            "missing": b"useradd\0",
        },
    )
    keys = {"authorized_keys": "a\nb\n", "authorized_keys.d/x": ""}
    assert seen.accounts == {"core": Account(frozenset(["core", "wheel"]), "digest", keys)}
    assert seen.members == {"wheel": ["root", "core"], "core": []}
    assert (seen.group_passwords, seen.missing) == ({"g": "digest2"}, frozenset(["useradd"]))
