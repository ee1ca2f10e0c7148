# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Users and groups of a running node, made and changed as Ignition makes and changes them at a first boot.

Source of the rules: Ignition 2.26, internal/exec/util/passwd.go and internal/exec/stages/files/passwd.go. Other than
there, hashes of passwords go through a file, and a group that stands only below /usr is copied to /etc/group before a
user is put in it, without which the user would not be in it.

The records:

    user    made, exists; before: what was instead of each attribute that we changed, of a password its digest
    group   the same
    key     nothing more: the key of the record tells the user and the digest of the SSH key

The hash that a password had before us is in /var/lib/flatops/saved.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema
from ansible_collections.flatops.flatcar.plugins.module_utils._node import account_attributes as attributes
from ansible_collections.flatops.flatcar.plugins.module_utils._node import ssh_keys
from ansible_collections.flatops.flatcar.plugins.module_utils._node.account_attributes import Attributes
from ansible_collections.flatops.flatcar.plugins.module_utils._node.desired import (
    Desired,
    group_key,
    says_more_than_keys,
    ssh_key_key,
    user_key,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.observe import STATE, Account, Observed, digest
from ansible_collections.flatops.flatcar.plugins.module_utils._node.plan import Change, Phase, Plan
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import Record, Records, claim, saved_name

#: The programs that may be needed.
TOOLS = (
    "groupadd",
    "groupmod",
    "groupdel",
    "useradd",
    "usermod",
    "userdel",
    "chpasswd",
    "chgpasswd",
    "update-ssh-keys",
)

#: The shell functions of the plan's calls.
ACCOUNTS = r"""
alter() {
  thing=$1
  shift
  "$@" >trouble 2>&1 || fail account_failed "$thing: $(tail -n 1 trouble)"
  did "$thing"
}
spare() {
  thing=$1
  shift
  # userdel takes the user's own group with it.
  if "$@" >trouble 2>&1 || { [ "$1" = groupdel ] && ! getent group -- "${thing#* }" >/dev/null; }; then
    did "$thing"
  else
    printf '%s\0' "$thing: $(tail -n 1 trouble)" >>out/left
  fi
}
enlist() {
  cut -d : -f 1 /etc/group | grep -qxF -e "$1" || getent group -- "$1" >>/etc/group ||
    fail account_failed "group $1: it cannot be copied to /etc/group"
}
remember() {
  (umask 077 && getent "$1" -- "$2" | cut -d : -f 1,2 >"$state/saved/$3") ||
    fail account_failed "$2: its password cannot be saved"
}
password() {
  "$2" -e <"$3" >trouble 2>&1 || fail account_failed "$1: its password cannot be set: $(tail -n 1 trouble)"
  did "$1"
}
fragment() {
  home=$(getent passwd -- "$1" | cut -d : -f 6)
  printf '%s\0' "$home/.ssh/.flatops" >>"$state/pending"
  chroot --userspec="$(getent passwd -- "$1" | cut -d : -f 3,4)" --groups= / sh -c '
    umask 077
    mkdir -p -- "$1/.ssh/authorized_keys.d" && cd "$1/.ssh" && cat >.flatops && mv -f .flatops "$2"' \
    sh "$home" "$2" <"$3" 2>trouble ||
    fail keys_failed "the SSH keys of user $1: $(tail -n 1 trouble)"
}
join() {
  update-ssh-keys -u "$1" >trouble 2>&1 || fail keys_failed "the SSH keys of user $1: $(tail -n 1 trouble)"
  [ "$2" = keep ] || rm -f -- "$(getent passwd -- "$1" | cut -d : -f 6)/.ssh/authorized_keys.d/ignition"
  did "keys of user $1"
}
"""


class Asked(t.NamedTuple):
    """What has to be observed: the names for Questions, accounts and users being the same."""

    users: set[str]
    groups: set[str]
    group_passwords: set[str]

    @property
    def tools(self) -> tuple[str, ...]:
        return TOOLS if self.users or self.groups else ()


def questions(want: Desired, records: Records) -> Asked:
    """What has to be observed to compare the accounts of a description, and of records that are to be undone."""
    users, groups = set(want.users), set(want.groups)
    for key, record in records.items():
        if record["kind"] in ("user", "key"):
            users.add(key.split(" ")[1])
        elif record["kind"] == "group":
            groups.add(key.split(" ")[1])
    locked = {name for name in groups if name not in want.groups or want.groups[name].get("passwordHash")}
    for name, user in want.users.items():
        groups.update((name, *_groups(user)))
    return Asked(users, groups, locked)


def compare_accounts(plan: Plan, want: Desired, seen: Observed, records: Records, owners: frozenset[str]) -> None:
    """Add to the plan what users, groups and keys need. Raises NodeError for what cannot or must not be done."""
    Accounts(plan, want, seen, records, owners).compare()


class Accounts:
    """The comparison of one description with one observation."""

    def __init__(self, plan: Plan, want: Desired, seen: Observed, records: Records, owners: frozenset[str]) -> None:
        self.plan, self.want, self.seen, self.records, self.owners = plan, want, seen, records, owners
        self.tools: set[str] = set()
        self.enlisted: set[str] = set()

    def compare(self) -> None:
        """Groups before users, and what has to go after everything else, users before groups."""
        for name, group in self.want.groups.items():
            self._group(name, group)
        for name, user in self.want.users.items():
            self._user(name, user)
        gone = {key: record for key, record in self.records.items() if self._is_gone(key, record)}
        for sort, undo in (("key", self._keys_gone), ("user", self._user_gone), ("group", self._group_gone)):
            names = {key.split(" ")[1]: record for key, record in gone.items() if record["kind"] == sort}
            for name, record in names.items():
                undo(name, record)
        missing = sorted(self.tools & self.seen.missing)
        if missing:
            what = f"the node has no {', '.join(missing)}, which users, groups and their keys need"
            raise NodeError("missing_tool", f"{what}; every Flatcar node has these programs")

    def _is_gone(self, key: str, record: Record) -> bool:
        return record.get("owner") in self.owners and key not in self.want.owners

    # Groups

    def _group(self, name: str, group: schema.Config) -> None:
        attributes.check(name, "group", group.get("passwordHash"))
        key = group_key(name)
        thing, owner, record = key, self.want.owners[key], self.records.get(key)
        claim(thing, owner, record, self.owners)
        line = self.seen.groups.get(name)
        exists = group.get("shouldExist") is not False
        entry = attributes.entry("group", owner, record, exists)
        self.plan.records[key] = entry
        if not exists:
            if line:
                self._delete("accounts", "alter", thing, ["groupdel", "--", name], attributes.group_text(line))
            return
        wanted: Attributes = {} if group.get("gid") is None else {"gid": group["gid"]}
        if group.get("passwordHash"):
            wanted["password"] = digest(group["passwordHash"])
        if line is None:
            entry.update(made=True, before={})
            options = [*attributes.options(wanted), *attributes.flag(group, "system")]
            self._call("accounts", "alter", thing, "groupadd", *options, "--", name)
            self.plan.changes.append(Change(thing, "", f"name: {name}\n" + attributes.texts(wanted)))
        else:
            current = {"gid": int(line[2]), "password": self.seen.group_passwords.get(name, "")}
            wanted = self._changed(thing, ["groupmod"], entry, current, wanted)
        if "password" in wanted:
            self._password(thing, "chgpasswd", name, group.get("passwordHash"))

    def _group_gone(self, name: str, record: Record) -> None:
        line, thing = self.seen.groups.get(name), group_key(name)
        if not record["exists"]:
            if record["before"] and not line:
                self.plan.left.append(f"{thing}: it was removed, and is not made again")
        elif line and record["made"]:
            self._delete("remove", "spare", thing, ["groupdel", "--", name], attributes.group_text(line))
        elif line:
            current = {"gid": int(line[2]), "password": self.seen.group_passwords.get(name, "")}
            if "password" in self._changed(thing, ["groupmod"], dict(record), current, {}):
                self._password(thing, "chgpasswd", name, None)

    # Users

    def _user(self, name: str, user: schema.Config) -> None:
        attributes.check(name, "user", user.get("passwordHash"))
        key = user_key(name)
        owner, record = self.want.owners[key], self.records.get(key)
        line = self.seen.users.get(name)
        exists = user.get("shouldExist") is not False
        has_only_keys = not says_more_than_keys(user)
        is_anothers = has_only_keys and record is not None and record["owner"] not in (owner, *self.owners)
        if not is_anothers:
            claim(key, owner, record, self.owners)
        entry = dict(record) if is_anothers and record else attributes.entry("user", owner, record, exists)
        self.plan.records[key] = entry
        if not exists:
            if line:
                command = ["userdel", "--remove", "--", name]
                self._delete("accounts", "alter", key, command, attributes.user_text(line))
            return
        wanted = self._wanted(user)
        self._check_groups(name, user, line)
        if line is None:
            entry.update(made=True, before={})
            self._make(name, user, wanted)
        elif not is_anothers:
            changed = self._changed(key, ["usermod"], entry, self._current(name, line), wanted)
            if "password" in changed:
                self._password(key, "chpasswd", name, user.get("passwordHash"))
        if has_only_keys and not record and not entry["made"]:
            # Of the user itself nothing is ours.
            del self.plan.records[key]
        self._keys(name, user.get("sshAuthorizedKeys") or [], line is None)

    def _wanted(self, user: schema.Config) -> Attributes:
        """The attributes that a description names; Ignition passes over what is empty."""
        wanted = {
            attribute: user[member]
            for member, attribute in attributes.MEMBERS.items()
            if user.get(member) or (member == "uid" and user.get(member) is not None)
        }
        if "group" in wanted:
            wanted["group"] = self._gid(wanted["group"])
        if "groups" in wanted:
            wanted["groups"] = [self._group_name(group) for group in wanted["groups"]]
        if user.get("passwordHash") is not None:
            wanted["password"] = digest(user["passwordHash"] or "*")
        return wanted

    def _current(self, name: str, line: list[str]) -> Attributes:
        dummy, dummy, uid, gid, gecos, home, shell = line
        return {
            "uid": int(uid),
            "group": int(gid),
            "gecos": gecos,
            "home": home,
            "shell": shell,
            "groups": sorted(group for group, members in self.seen.members.items() if name in members),
            "password": self._account(name).password,
        }

    def _account(self, name: str) -> Account:
        return self.seen.accounts.get(name, Account())

    def _gid(self, group: str) -> int | str:
        """The id of a group; its name where it is not there yet."""
        line = self._group_line(group)
        return int(line[2]) if line else group

    def _group_name(self, group: str) -> str:
        """The name of a group, which may be given by its id."""
        line = self._group_line(group)
        return line[0] if line else group

    def _group_line(self, group: str) -> list[str] | None:
        found = self.seen.groups.get(group)
        return found or next((line for line in self.seen.groups.values() if line[2] == group), None)

    def _check_groups(self, name: str, user: schema.Config, line: list[str] | None) -> None:
        """Refuse groups that nobody has or makes, and copy those that are below /usr only."""
        made = {group for group, item in self.want.groups.items() if item.get("shouldExist") is not False}
        for group in _groups(user):
            if group not in made and not self._group_line(group):
                what = f"user {name}: there is no group {group} on the node"
                raise NodeError("no_group", f"{what}; describe it in passwd.groups, or leave it out")
        has_own = not user.get("primaryGroup") and not user.get("noUserGroup")
        if line is None and has_own and (name in made or name in self.seen.groups):
            what = f"user {name}: a group of this name exists, so that useradd cannot make one for the user"
            raise NodeError("group_exists", f"{what}; say primary_group: {name} or no_user_group: true")
        for group in map(self._group_name, user.get("groups") or ()):
            is_below_usr = group not in made and group not in self.seen.members
            if is_below_usr and group not in self._account(name).groups and group not in self.enlisted:
                self.enlisted.add(group)
                self.plan.call("accounts", "enlist", group)

    def _make(self, name: str, user: schema.Config, wanted: Attributes) -> None:
        home = "--no-create-home" if user.get("noCreateHome") else "--create-home"
        flags = [flag for member in ("noUserGroup", "system", "noLogInit") for flag in attributes.flag(user, member)]
        options = [home, *flags, *attributes.options(wanted), "--password", "*"]
        self._call("accounts", "alter", user_key(name), "useradd", *options, "--", name)
        if user.get("passwordHash"):
            self._password(user_key(name), "chpasswd", name, user["passwordHash"])
        self.plan.changes.append(Change(user_key(name), "", f"name: {name}\n{attributes.texts(wanted)}"))

    def _user_gone(self, name: str, record: Record) -> None:
        line, thing = self.seen.users.get(name), user_key(name)
        if not record["exists"]:
            if record["before"] and not line:
                self.plan.left.append(f"{thing}: it was removed, and is not made again")
        elif line and record["made"]:
            self._delete("remove", "spare", thing, ["userdel", "--", name], attributes.user_text(line))
            self.plan.left.append(f"{line[5]}: the home of the user {name}, which is removed")
        elif line:
            entry = dict(record)
            if "password" in self._changed(thing, ["usermod"], entry, self._current(name, line), {}):
                self._password(thing, "chpasswd", name, None)

    # Keys

    def _keys(self, name: str, keys: list[str], is_new: bool) -> None:
        for key in keys:
            thing = ssh_key_key(name, key)
            claim(f"an SSH key of user {name}", self.want.owners[thing], self.records.get(thing), self.owners)
            self.plan.records[thing] = {"owner": self.want.owners[thing], "kind": "key"}
        files = {} if is_new else self._account(name).keys
        found = ssh_keys.edit(files, keys, self._unwanted(name))
        if not found or (is_new and not keys):
            return
        self.tools.add("update-ssh-keys")
        if found.kept is not None:
            self.plan.call("accounts", "fragment", name, ssh_keys.KEPT, self.plan.member(found.kept.encode()))
        self.plan.call("accounts", "fragment", name, ssh_keys.FRAGMENT, self.plan.member(found.fragment.encode()))
        # Without a key the fragment serves update-ssh-keys, which needs one, and goes.
        self.plan.call("accounts", "join", name, "keep" if found.fragment else "drop")
        before, after = (
            "".join(f"{ssh_keys.described(line)}\n" for line in ssh_keys.lines(text))
            for text in (files.get(ssh_keys.FRAGMENT, ""), found.fragment)
        )
        self.plan.changes.append(Change(f"SSH keys of user {name}", before, after))

    def _unwanted(self, name: str) -> set[str]:
        return {
            key.split(" ")[2]
            for key, record in self.records.items()
            if key.startswith(f"key {name} ") and self._is_gone(key, record)
        }

    def _keys_gone(self, name: str, dummy: Record) -> None:
        """Take keys from a user that the description does not name; those of one that is removed go with the home."""
        record = self.records.get(user_key(name))
        removed = record is not None and record["made"] and self._is_gone(user_key(name), record)
        if name not in self.want.users and name in self.seen.users and not removed:
            self._keys(name, [], False)

    # What all of them need

    def _changed(
        self,
        thing: str,
        command: list[str],
        entry: Record,
        current: Attributes,
        wanted: Attributes,
    ) -> Attributes:
        """Have an account changed that exists, and its record learn what was before; what is changed.

        An attribute that an earlier run changed and that is not wanted any longer goes back to what it was.
        """
        before = dict(entry["before"])
        back = {attribute: before.pop(attribute) for attribute in list(before) if attribute not in wanted}
        changed = {
            attribute: value
            for attribute, value in {**wanted, **back}.items()
            if not self._is_same(thing, attribute, value, current, attribute in back)
        }
        for attribute in changed:
            if attribute in wanted and attribute not in before and not entry["made"]:
                before[attribute] = current[attribute]
                if attribute == "password":
                    self._remember(thing)
        entry["before"] = before
        if not changed:
            return {}
        options = attributes.options(changed)
        if "home" in changed:
            options.append("--move-home")
        if options:
            self._call("accounts", "alter", thing, *command, *options, "--", thing.partition(" ")[2])
        was = {attribute: current[attribute] for attribute in changed if attribute != "password"}
        self.plan.changes.append(
            Change(thing, attributes.texts(was) or "password: as it was\n", attributes.texts(changed))
        )
        return changed

    def _is_same(self, thing: str, attribute: str, value: t.Any, current: Attributes, exactly: bool) -> bool:
        if attribute != "groups":
            return bool(current[attribute] == value)
        there, listed = set(current["groups"]), set(value)
        if exactly:
            return there == listed
        primary = {name for name, line in self.seen.groups.items() if line[2] == str(current["group"])}
        return there <= listed | primary and listed <= self._account(thing.partition(" ")[2]).groups

    def _remember(self, thing: str) -> None:
        sort, dummy, name = thing.partition(" ")
        database = "shadow" if sort == "user" else "gshadow"
        self.plan.call("save", "remember", database, name, saved_name(thing))

    def _password(self, thing: str, tool: str, name: str, hash_: str | None) -> None:
        """Have the hash of a password set; None: the one from before us."""
        if hash_ is None:
            source = f"{STATE}/saved/{saved_name(thing)}"
        else:
            source = self.plan.member(f"{name}:{hash_ or '*'}\n".encode())
        self.tools.add(tool)
        self.plan.call("accounts", "password", thing, tool, source)

    def _delete(self, phase: Phase, function: str, thing: str, command: list[str], text: str) -> None:
        self._call(phase, function, thing, *command)
        entry = self.plan.records.get(thing)
        if entry:
            entry["before"] = {"exists": True}
        self.plan.changes.append(Change(thing, text, ""))

    def _call(self, phase: Phase, function: str, thing: str, tool: str, *words: str) -> None:
        self.tools.add(tool)
        self.plan.call(phase, function, thing, tool, *words)


def _groups(user: schema.Config) -> list[str]:
    """The groups that a description names for a user."""
    primary = user.get("primaryGroup")
    return [*([primary] if primary else []), *(user.get("groups") or ())]
