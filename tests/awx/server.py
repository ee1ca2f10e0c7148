# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As much of AWX's API as the modules of awx.awx need to make things: lists, items, and what belongs to an item.

It does not check what it is given, and runs nothing.
"""

from __future__ import annotations

import collections.abc
import contextlib
import http.server
import itertools
import json
import typing as t
import urllib.parse

from ansible_collections.flatops.flatcar.tests.standins.background import in_background

Item = dict[str, t.Any]
#: What a fresh AWX has.
TYPES = ("Machine", "Microsoft Azure Resource Manager", "VMware vCenter", "Ansible Galaxy/Automation Hub API Token")
#: What a project has when its update is over.
UPDATED = {"scm_revision": "e21dd0a", "summary_fields": {}}
#: What the API shows in place of a secret.
HIDDEN = "$encrypted$"
SECRETS = ("kubeconfig", "password", "secret", "ssh_key_data")


class Awx:
    """items has a list of items for each type, as job_templates; parts what belongs to an item, by its address."""

    def __init__(self) -> None:
        self.items: dict[str, list[Item]] = {}
        self.parts: dict[str, t.Any] = {}
        self.writes: list[str] = []
        self._ids = itertools.count(1)
        for name in TYPES:
            self.make("credential_types", {"name": name, "managed": True})
        self.make("credentials", {"name": "Ansible Galaxy"})
        self.writes.clear()

    def find(self, kind: str, wanted: dict[str, str]) -> list[Item]:
        kinds = ("job_templates", "projects") if kind == "unified_job_templates" else (kind,)
        found = [item for each in kinds for item in self.items.get(each, [])]
        return [item for item in found if all(str(item.get(name)) == value for name, value in wanted.items())]

    def make(self, kind: str, item: Item) -> Item:
        number = next(self._ids)
        url = f"/api/v2/{kind}/{number}/"
        made = {**item, "id": number, "url": url, "type": kind[:-1], "related": {"survey_spec": f"{url}survey_spec/"}}
        if kind == "projects":
            made.update(UPDATED)
        self.items.setdefault(kind, []).append(made)
        return made

    def item(self, kind: str, number: str) -> Item:
        return next(item for item in self.items[kind] if item["id"] == int(number))

    def linked(self, url: str) -> list[Item]:
        """The items that belong to one."""
        kept = self.parts.get(url, [])
        return [item for items in self.items.values() for item in items if item["id"] in kept]


def _shown(item: Item) -> Item:
    """As the API shows it: without secrets."""
    inputs = item.get("inputs", {})
    shown = {name: HIDDEN if name in SECRETS else value for name, value in inputs.items()}
    return {**item, "inputs": shown} if item["type"] == "credential" else item


class _Handler(http.server.BaseHTTPRequestHandler):
    awx: Awx

    def do_GET(self) -> None:
        kind, number, part, query = self._asked()
        url = f"/api/v2/{kind}/{number}/{part}/"
        if part == "survey_spec":
            self._answer(200, self.awx.parts.get(url, {}))
        elif number and not part:
            self._answer(200, _shown(self.awx.item(kind, number)))
        else:
            found = self.awx.linked(url) if part else self.awx.find(kind, query)
            self._answer(200, {"count": len(found), "next": None, "results": list(map(_shown, found))})

    def do_POST(self) -> None:
        kind, number, part, dummy = self._asked()
        given = self._body()
        url = f"/api/v2/{kind}/{number}/{part}/"
        if not number:
            self._answer(201, _shown(self.awx.make(kind, given)))
        elif part == "survey_spec":
            self.awx.parts[url] = given
            self._answer(200, {})
        else:
            kept = self.awx.parts.setdefault(url, [])
            kept.remove(given["id"]) if given.get("disassociate") else kept.append(given["id"])
            self._answer(204, None)

    def do_PATCH(self) -> None:
        kind, number, *dummy = self._asked()
        item = self.awx.item(kind, number)
        item.update(self._body())
        self._answer(200, _shown(item))

    def _asked(self) -> tuple[str, str, str, dict[str, str]]:
        """The type, the number and the part that the address names, and its query."""
        parsed = urllib.parse.urlsplit(self.path)
        words = [*parsed.path.removeprefix("/api/v2/").strip("/").split("/"), "", ""]
        return words[0], words[1], words[2], dict(urllib.parse.parse_qsl(parsed.query))

    def _body(self) -> Item:
        self.awx.writes.append(f"{self.command} {self.path}")
        body: Item = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return body

    def _answer(self, status: int, body: t.Any) -> None:
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *words: t.Any) -> None:
        """Nothing is logged."""


@contextlib.contextmanager
def serving() -> collections.abc.Iterator[tuple[Awx, str]]:
    """A fresh AWX and its address, for as long as the context lasts."""
    awx = Awx()
    handler = type("Handler", (_Handler,), {"awx": awx})
    with in_background(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)) as server:
        yield awx, f"http://127.0.0.1:{server.server_port}"
