# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources that the controller fetches, from data URLs and from a server on this machine."""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.server
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.errors import FetchError
from ansible_collections.flatops.flatcar.plugins.plugin_utils import _fetch
from ansible_collections.flatops.flatcar.plugins.plugin_utils._fetch import fetch
from ansible_collections.flatops.flatcar.tests.standins.background import in_background

TEXT = b"hello"
PACKED = gzip.compress(TEXT, mtime=0)
SHA256 = "sha256-" + hashlib.sha256(TEXT).hexdigest()
SHA512 = "sha512-" + hashlib.sha512(TEXT).hexdigest().upper()
SECRET = "hunter2"


def data(content: bytes) -> str:
    return "data:;base64," + base64.b64encode(content).decode()


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers)))  # type: ignore[attr-defined]
        answers = {"/text": TEXT, "/packed": PACKED, "/large": b"x" * 50}
        path = self.path.partition("?")[0]
        if path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/text")
            self.end_headers()
            return
        content = answers.get(path)
        self.send_response(404 if content is None else 200)
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *dummy: t.Any) -> None:
        pass


class Server(t.NamedTuple):
    url: str
    seen: list[tuple[str, dict[str, str]]]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Server]:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    running.seen = []  # type: ignore[attr-defined]
    with in_background(running):
        yield Server(f"http://127.0.0.1:{running.server_port}", running.seen)  # type: ignore[attr-defined]


def failure(resource: dict[str, t.Any]) -> str:
    with pytest.raises(FetchError) as caught:
        fetch(resource)
    assert SECRET not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "resource, expected",
    [
        ({"source": "data:,hello"}, TEXT),
        ({"source": data(TEXT)}, TEXT),
        ({"source": data(PACKED), "compression": "gzip"}, TEXT),
        ({"source": data(PACKED)}, PACKED),
        ({"source": ""}, b""),
        ({"source": "data:,hello", "verification": {"hash": SHA256}}, TEXT),
        ({"source": data(PACKED), "compression": "gzip", "verification": {"hash": SHA512}}, TEXT),
        ({"source": "data:,hello", "verification": {}}, TEXT),
    ],
)
def test_data_urls(resource: dict[str, t.Any], expected: bytes) -> None:
    assert fetch(resource) == expected


@pytest.mark.parametrize(
    "resource, message",
    [
        ({"source": f"data:{SECRET}"}, "the data URL cannot be decoded"),
        ({"source": f"data:,{SECRET}", "compression": "gzip"}, "no gzip where it says so"),
        ({"source": f"data:,{SECRET}", "verification": {"hash": SHA256}}, "does not have the contents"),
        ({"source": f"s3://bucket/key?versionId={SECRET}"}, "s3://bucket/key is of the scheme s3"),
        ({"source": "arn:aws:s3:::bucket/key"}, "is of the scheme arn, which only a first boot can fetch"),
        ({"source": f"http://user:{SECRET}@127.0.0.1:1/a?token={SECRET}"}, "http://127.0.0.1:1/a cannot be reached"),
        ({"source": f"http://{SECRET}:no-port/"}, None),
    ],
)
def test_what_cannot_be_had(resource: dict[str, t.Any], message: str | None) -> None:
    if message is None:
        with pytest.raises(FetchError, match="is no address"):
            fetch(resource)
    else:
        assert message in failure(resource)


class TestServer:
    def test_plain_and_packed(self, server: Server) -> None:
        assert fetch({"source": f"{server.url}/text", "verification": {"hash": SHA256}}) == TEXT
        assert fetch({"source": f"{server.url}/packed"}) == PACKED
        packed = {"source": f"{server.url}/packed", "compression": "gzip", "verification": {"hash": SHA512}}
        assert fetch(packed) == TEXT

    def test_headers_are_sent(self, server: Server) -> None:
        headers = [{"name": "X-Token", "value": SECRET}, {"name": "X-None"}]
        fetch({"source": f"{server.url}/text?a=b", "httpHeaders": headers})
        path, sent = server.seen[0]
        assert (path, sent["X-Token"], sent.get("X-None")) == ("/text?a=b", SECRET, None)

    def test_credentials_are_not_sent_on(self, server: Server) -> None:
        headers = [{"name": "Authorization", "value": SECRET}, {"name": "X-Token", "value": "1"}]
        assert fetch({"source": f"{server.url}/moved", "httpHeaders": headers}) == TEXT
        assert [sent.get("Authorization") for dummy, sent in server.seen] == [SECRET, None]

    def test_an_error_has_its_number(self, server: Server) -> None:
        message = failure({"source": f"{server.url}/none?key={SECRET}"})
        assert message == f"{server.url}/none was answered with HTTP 404"

    def test_what_is_too_large_is_refused(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_fetch, "BODY_MAX", 49)
        assert "larger than" in failure({"source": f"{server.url}/large"})

    def test_what_is_no_gzip_is_refused(self, server: Server) -> None:
        assert "is no gzip" in failure({"source": f"{server.url}/text", "compression": "gzip"})

    def test_a_proxy_of_the_environment_is_used(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", server.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        failure({"source": f"http://flatcar.invalid/text?key={SECRET}"})
        assert server.seen[0][0] == f"http://flatcar.invalid/text?key={SECRET}"
