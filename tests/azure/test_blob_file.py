# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files as blobs: with a shared access signature in Azurite, with a login on a server that asks for its token."""

from __future__ import annotations

import base64
import collections.abc
import datetime
import hashlib
import http.server
import pathlib

import pytest
from azure.storage.blob import ContainerClient, generate_container_sas

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import blob_file
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.modules import azure_blob
from ansible_collections.flatops.flatcar.tests.azure.uploads import Given, Site
from ansible_collections.flatops.flatcar.tests.options import defaults
from ansible_collections.flatops.flatcar.tests.standins import azurite
from ansible_collections.flatops.flatcar.tests.standins.arm import client
from ansible_collections.flatops.flatcar.tests.standins.background import in_background
from ansible_collections.flatops.flatcar.tests.standins.certificate import certificate

ACCOUNT = azurite.ACCOUNTS[0]


def signature(permission: str, hours: int = 1) -> str:
    expiry = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
    return generate_container_sas(ACCOUNT, "reports", account_key=azurite.KEY, permission=permission, expiry=expiry)


def put(given: Given, check: bool = False) -> bool:
    full = defaults(given, azure_blob.SPEC)
    return blob_file.put(blob_file.wanted(full), full, check)


@pytest.fixture
def page(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "page.html"
    path.write_text("one")
    return path


@pytest.fixture
def given(site: Site, page: pathlib.Path) -> Given:
    container = f"{site.way.url}/{ACCOUNT}/reports"
    ContainerClient.from_container_url(container, credential=azurite.KEY).create_container()
    return {"url": f"{container}/a/page.html", "src": str(page), "sas_token": signature("rcw")}


def test_by_a_signature(site: Site, given: Given, page: pathlib.Path) -> None:
    assert put(given, check=True) and site.blobs(container="reports") == []
    assert put(given) and not put(given) and not put(given, check=True)
    page.write_text("two")
    assert put(given) and not put(given)
    typed = {**given, "content_type": "text/html", "sas_token": f"?{given['sas_token']}"}
    assert put(typed, check=True) and put(typed) and not put(typed)
    blob = site.blob("a/page.html", container="reports").download_blob()
    assert (blob.readall(), blob.properties.content_settings.content_type) == (b"two", "text/html")


def test_a_signature_for_writing_alone_does_not_tell_what_is_there(given: Given) -> None:
    blind = {**given, "sas_token": signature("cw")}
    assert put(blind) and put(blind)
    assert not put(given)


@pytest.mark.parametrize("token", ["sv=2024-01-01&sig=no", signature("r"), signature("rcw", hours=-1)])
def test_a_signature_that_does_not_do(given: Given, token: str) -> None:
    with pytest.raises(AzureError, match="Check sas_token") as caught:
        put({**given, "sas_token": token})
    assert caught.value.code == "no_permission"
    assert token not in str(caught.value) + str(caught.value.about)


def test_no_such_container(site: Site, given: Given) -> None:
    site.clear()
    with pytest.raises(AzureError, match=r"reports/a/page.html.*ContainerNotFound") as caught:
        put(given)
    assert caught.value.code == "not_found"


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"url": "reports/page.html"}, "url is no https"),
        ({"url": "https://reports.blob.core.windows.net/page.html"}, "url is no https"),
        ({"url": "https://reports.blob.core.windows.net/fleet/page.html?sv=1&sig=secret"}, "give it as sas_token"),
        ({"src": "/none/page.html"}, "src /none/page.html cannot be read: No such file"),
    ],
)
def test_options_that_are_wrong(page: pathlib.Path, wrong: Given, said: str) -> None:
    good = {"url": "https://reports.blob.core.windows.net/fleet/page.html", "src": str(page)}
    with pytest.raises(AzureError, match=said) as caught:
        put({**good, **wrong})
    assert "secret" not in str(caught.value)


class Blobs(http.server.BaseHTTPRequestHandler):
    """A container that wants a token. It has the MD5 and the type of each blob."""

    blobs: dict[str, tuple[str, str]]

    def do_HEAD(self) -> None:
        found = self.blobs.get(self.path)
        if self._is_known():
            self._answer(200 if found else 404, dict(zip(("Content-MD5", "Content-Type"), found or ())))

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._is_known():
            return
        noted = self.headers["x-ms-blob-content-md5"]
        assert noted == base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        self.blobs[self.path] = noted, self.headers["x-ms-blob-content-type"]
        self._answer(201, {"ETag": '"1"', "Last-Modified": "Sun, 22 Nov 2026 08:00:00 GMT"})

    def _is_known(self) -> bool:
        known = self.headers.get("Authorization", "").startswith("Bearer ")
        if not known:
            self._answer(401, {"WWW-Authenticate": "Bearer authorization_uri=https://127.0.0.1/common"})
        return known

    def _answer(self, status: int, headers: collections.abc.Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is told."""


def test_by_a_login(
    azure_env: dict[str, str], arm: client.Server, page: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of two certificates with the same name only the first counts.
    context, ca = certificate(page.parent, "127.0.0.2")
    both = page.parent / "both.pem"
    both.write_text(pathlib.Path(arm.ca_path).read_text() + ca.read_text())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(both))
    Blobs.blobs = {}
    server = http.server.ThreadingHTTPServer(("127.0.0.2", 0), Blobs)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with in_background(server):
        given = {"url": f"https://127.0.0.2:{server.server_port}/fleet/page.html", "src": str(page)}
        assert put(given, check=True) and Blobs.blobs == {}
        assert put(given) and not put(given)
    assert set(Blobs.blobs) == {"/fleet/page.html"}
