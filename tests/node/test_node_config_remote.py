# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""node_config with contents that the node fetches, and a description that the controller does."""

from __future__ import annotations

import collections.abc
import gzip
import hashlib
import http.server
import json
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.node.steps import (
    Task,
    described,
    file,
    look,
    of,
    refused,
    steps,
    succeeded,
    took,
)
from ansible_collections.flatops.flatcar.tests.standins.background import in_background
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes

TEXT = b"what a server has\n" * 1000
OTHER = b"and another text\n"
TOKEN = "only-for-the-server"
SHA256, SHA512 = (f"{name}-{hashlib.new(name, TEXT).hexdigest()}" for name in ("sha256", "sha512"))
NESTED = {
    "ignition": {"version": "3.3.0"},
    "storage": {"files": [{"path": "/opt/remote/merged", "contents": {"source": "data:,merged%0A"}}]},
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = t.cast(Server, self.server)
        server.asked.append((self.client_address[0], self.path))
        path = self.path.partition("?")[0]
        if path == "/secret" and self.headers["Authorization"] != TOKEN:
            self.send_error(403)
            return
        if path not in server.files:
            self.send_error(404)
            return
        body = server.files[path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if path == "/cut" else body)

    def log_message(self, *args: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    """Serves bytes by path, and remembers who asked for what."""

    def __init__(self, address: str) -> None:
        super().__init__((address, 0), Handler)
        self.url = f"http://{address}:{self.server_port}"
        self.asked: list[tuple[str, str]] = []
        self.files = {"/plain": TEXT, "/secret": TEXT, "/cut": TEXT, "/gzip": gzip.compress(TEXT), "/other": OTHER}
        self.files["/config"] = json.dumps(NESTED).encode()


@pytest.fixture
def server(nodes: Nodes) -> collections.abc.Iterator[Server]:
    """A server on the side of the controller, which the nodes reach."""
    with in_background(Server(f"198.19.{nodes.number}.1")) as serving:
        yield serving


def remote(name: str, url: str, *, hash_: str = "", **contents: t.Any) -> Task:
    verification = {"verification": {"hash": hash_}} if hash_ else {}
    return {"path": f"/opt/remote/{name}", "contents": {"source": url, **verification, **contents}}


def test_contents(play: Player, server: Server, nodes: Nodes) -> None:
    url = server.url
    hashed = [
        remote("sha256", f"{url}/plain?256", hash_=SHA256),
        remote("sha512", f"{url}/plain?512", hash_=SHA512),
        remote("gzip", f"{url}/gzip", hash_=SHA512, compression="gzip"),
    ]
    header = {"name": "Authorization", "value": TOKEN}
    secret = {**remote("secret", f"{url}/secret?password", http_headers=[header]), "mode": 0o600}
    mixed = {"path": "/opt/remote/mixed", "append": [{"inline": "first\n"}, {"source": f"{url}/other"}]}
    first = described(files=[*hashed, secret, mixed, remote("plain", f"{url}/plain")])
    moved = described(files=[*hashed, secret, mixed, remote("plain", f"{url}/other")])
    rehashed = described(files=[remote("sha512", f"{url}/elsewhere", hash_=SHA512), secret, mixed])
    folder = "cd /opt/remote && sha256sum *; stat -c %a secret; find / -xdev -name '.flatops*' -o -path '/var/*/pieces'"
    tasks = [
        *steps("first", first),
        look(folder, "seen"),
        *steps("moved", moved),
        look("cat /opt/remote/plain", "is moved"),
        look("echo edited >/opt/remote/sha512; echo edited >/opt/remote/plain"),
        *steps("edited", moved),
        *steps("rehashed", rehashed),
        *steps("gone", "", state="absent"),
        look("ls -A /opt; ls -A /var/lib/flatops /var/lib/flatops/saved", "rest"),
    ]
    played = play(tasks, hosts="node1", arguments=["-vvv"])
    succeeded(played)
    assert len(took(played, "first")["paths"]) == 6
    lines = of(played, "seen")["stdout"].splitlines()
    same = hashlib.sha256(TEXT).hexdigest()
    mix = hashlib.sha256(b"first\n" + OTHER).hexdigest()
    names = ("gzip", "mixed", "plain", "secret", "sha256", "sha512")
    assert lines == [*(f"{mix if name == 'mixed' else same}  {name}" for name in names), "600"]
    assert took(played, "moved")["paths"] == ["/opt/remote/plain"]
    assert of(played, "is moved")["stdout"].encode().replace(b"\r", b"") == OTHER
    edited = took(played, "edited")
    assert sorted(edited["paths"]) == ["/opt/remote/plain", "/opt/remote/sha512"] and len(edited["warnings"]) == 2
    assert sorted(took(played, "rehashed")["paths"]) == [f"/opt/remote/{name}" for name in ("gzip", "plain", "sha256")]
    assert took(played, "gone")["changed"]
    assert of(played, "rest")["stdout"].split() == ["/var/lib/flatops:", *REST]
    assert TOKEN not in played.output.replace(json.dumps(header), "") and "?password" not in played.output
    asked = [path for dummy, path in server.asked]
    assert {client for client, dummy in server.asked} == {nodes["node1"].address}
    assert {path: asked.count(path) for path in asked} == {
        "/plain?256": 1,
        "/plain?512": 2,
        "/plain": 1,
        "/gzip": 1,
        "/secret?password": 1,
        "/other": 3,
    }


REST = ["lock", "manifest.json", "saved", "/var/lib/flatops/saved:"]


def test_what_cannot_be_had(play: Player, server: Server) -> None:
    """Nothing is changed when one thing cannot be fetched."""
    cases = {
        "missing": (remote("x", f"{server.url}/none?password"), "fetch_failed", "404"),
        "truncated": (remote("x", f"{server.url}/cut"), "fetch_failed", "/cut"),
        "other": (remote("x", f"{server.url}/other", hash_=SHA512), "hash_mismatch", "verification hash"),
        "unpacked": (remote("x", f"{server.url}/plain", compression="gzip"), "fetch_failed", "gzip"),
        "refused": (remote("x", f"{server.url.rpartition(':')[0]}:9/x"), "fetch_failed", ":9/x"),
        "scheme": (remote("x", "s3://bucket/x"), "unsupported_source", "s3"),
        "carried": (remote("x", "data:,x", hash_=SHA512), "hash_mismatch", "verification hash"),
    }
    listed = look(
        "find /opt /etc | sort | sha256sum; find / -xdev -name '*flatops.*' -o -path '/var/*/pieces'", "listed"
    )
    written = file("/etc/remote/y", "y\n")
    tasks = [listed, *(refused(name, described(files=[case[0], written])) for name, case in cases.items()), listed]
    played = play(tasks, hosts="node2")
    for name, (dummy, code, said) in cases.items():
        result = of(played, name)
        assert result["error_code"] == code and said in result["msg"] and not result.get("changed"), result
        assert "password" not in result["msg"]
    before, after = [result.result["stdout"] for result in played.results if result.task == "listed"]
    assert before == after


def test_a_description_that_refers_to_others(play: Player, server: Server, nodes: Nodes) -> None:
    config = {
        "ignition": {"version": "3.6.0", "config": {"merge": [{"source": f"{server.url}/config"}]}},
        "storage": {"files": [{"path": "/opt/remote/own", "contents": {"source": "data:,own"}, "mode": 0o4755}]},
    }
    tasks = [
        {**task, "flatops.flatcar.node_config": {"name": "test", "ignition": config}} for task in steps("merged", None)
    ]
    played = play(
        [*tasks, look("cat /opt/remote/*; stat -c %a /opt/remote/own", "seen"), *steps("gone", "", state="absent")],
        hosts="node3",
    )
    succeeded(played)
    assert sorted(took(played, "merged")["paths"]) == ["/opt/remote/merged", "/opt/remote/own"]
    assert of(played, "seen")["stdout"].split() == ["merged", "own4755"]
    assert took(played, "gone")["changed"]
    assert {client for client, dummy in server.asked} == {f"198.19.{nodes.number}.1"}
