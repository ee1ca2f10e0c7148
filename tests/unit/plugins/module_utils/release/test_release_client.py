# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the client makes of a server that is well, of one that is not, and of none."""

from __future__ import annotations

import collections.abc
import datetime
import email.utils
import pathlib
import socket

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._release import client as core
from ansible_collections.flatops.flatcar.plugins.module_utils._release.client import Client
from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError
from ansible_collections.flatops.flatcar.tests.standins.release import server as standin

Mirrors = collections.abc.Callable[[str], "object"]
NAME = "flatcar_production_iso_image.iso"


def failure(client: Client, url: str) -> ReleaseError:
    with pytest.raises(ReleaseError) as caught:
        client.read(url)
    return caught.value


def test_read_and_head(client: Client, mirror) -> None:
    folder = mirror("plain").folder
    assert client.head(folder + NAME) == core.Found(standin.FILES["amd64"][NAME])
    content = client.read(folder + NAME)
    assert content is not None
    assert len(content) == standin.FILES["amd64"][NAME]
    assert client.read(folder + "nothing") is None
    assert client.head(folder + "nothing") is None


def test_trouble_that_passes(client: Client, mirror, pauses: list[float]) -> None:
    busy = mirror("busy")
    assert client.read(busy.folder + "version.txt")
    assert [entry["status"] for entry in busy.requests()] == [500, 500, 429, 200]
    assert pauses == [1, 2, 0], "two of its own, and what Retry-After said with the 429"


def test_trouble_that_stays(client: Client, mirror, pauses: list[float]) -> None:
    down = mirror("down")
    error = failure(client, down.folder + "version.txt")
    assert error.code == "http_status"
    assert "503" in str(error)
    assert len(down.requests()) == 1 + client.retries


def test_refusal_is_not_tried_again(client: Client, mirror, pauses: list[float]) -> None:
    denied = mirror("denied")
    assert failure(client, denied.folder + "version.txt").code == "http_status"
    assert len(denied.requests()) == 1
    assert not pauses


def test_too_large(client: Client, mirror) -> None:
    url = mirror("plain").folder + "flatcar_production_vmware_ova.ova"
    assert failure(client, url).code == "unexpected_content"


def test_small_file_that_is_cut(client: Client, mirror, pauses: list[float]) -> None:
    error = failure(client, mirror("cut").folder + "flatcar_production_vmware_ova.ova")
    assert error.code == "unreachable"
    assert "cut" in str(error)
    assert pauses == [1, 2, 4, 8]


def test_nobody_listens(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    error = failure(client, f"http://127.0.0.1:{port}/")
    assert error.code == "unreachable"
    assert "no_proxy" in str(error)


def test_nobody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        error = failure(
            Client(timeout=0.1, retries=1, sleep=lambda dummy: None, validate_certs=False), f"http://127.0.0.1:{port}/"
        )
    assert error.code == "unreachable"
    assert "option timeout" in str(error)


def test_no_address(client: Client) -> None:
    assert failure(client, "http://127.0.0.1/a b").code == "bad_option"


def test_certificate_that_is_not_trusted(tls, pauses: list[float]) -> None:
    running, dummy_ca = tls
    error = failure(Client(sleep=pauses.append), f"{running.url}/plain/t/stable/amd64-usr/current/version.txt")
    assert error.code == "tls_untrusted"
    assert "ca_path" in str(error)
    assert not pauses


@pytest.mark.parametrize("trust", ["file", "folder of nothing", "anything"])
def test_trust(trust: str, tls: tuple[standin.Server, pathlib.Path], tmp_path: pathlib.Path) -> None:
    running, ca = tls
    url = f"{running.url}/plain/t/stable/amd64-usr/current/version.txt"
    if trust == "folder of nothing":
        assert failure(Client(ca_path=str(tmp_path)), url).code == "tls_untrusted"
    else:
        client = Client(ca_path=str(ca)) if trust == "file" else Client(validate_certs=False)
        assert client.read(url)


@pytest.mark.parametrize("content", [None, "nonsense"])
def test_ca_that_is_none(content: str | None, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    with pytest.raises(ReleaseError, match=r"ca_path .*ca.pem cannot be used") as caught:
        Client(ca_path=str(path))
    assert caught.value.code == "bad_option"


def test_password_is_not_passed_on(mirror) -> None:
    away = mirror("redirect")
    client = Client(username="me", password="secret", validate_certs=False)
    assert client.read(away.folder.replace("127.0.0.1", "localhost") + "version.txt")
    assert [bool(entry["authorization"]) for entry in away.requests()] == [True, False]


def test_password_goes_with_a_redirect_on_the_same_server(mirror) -> None:
    here = mirror("redirect")
    assert Client(username="me", password="secret", validate_certs=False).read(here.folder + "version.txt")
    assert [bool(entry["authorization"]) for entry in here.requests()] == [True, True]


def test_password_is_for_one_server_only(mirror) -> None:
    other = mirror("plain")
    client = Client(username="me", password="secret", only_to="https://127.0.0.1/", validate_certs=False)
    assert client.read(other.folder + "version.txt")
    assert [bool(entry["authorization"]) for entry in other.requests()] == [False]


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://me:secret@example.com:8443/a.ova?sig=secret#x", "https://example.com:8443/a.ova"),
        ("http://[::1]/a", "http://[::1]/a"),
        ("http://[::1/a?secret", "the address"),
    ],
)
def test_address_without_secrets(url: str, text: str) -> None:
    assert core.shown(url) == text


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/?secret", "http://127.0.0.1/a b?secret", "http://a:secret@b:c/"])
def test_messages_hold_no_secrets(url: str, client: Client) -> None:
    assert "secret" not in str(failure(client, url))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a/x", "https://A:443/y", True),
        ("https://a/x", "http://a/x", False),
        ("https://a/x", "https://a:8443/x", False),
        ("https://u:p@a/x", "https://a/x", True),
        ("https://a/x", "https://a.example/x", False),
    ],
)
def test_origin(one: str, other: str, same: bool) -> None:
    assert (core.origin(one) == core.origin(other)) is same


def test_redirect_to_an_unprotected_address(tls: tuple[standin.Server, pathlib.Path]) -> None:
    running, ca = tls
    error = failure(Client(ca_path=str(ca)), f"{running.url}/downgrade/t/stable/amd64-usr/current/version.txt")
    assert error.code == "http_status"
    assert "unprotected" in str(error)


def test_proxy(mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = mirror("plain")
    url = plain.folder.replace(plain.server.url, "http://flatcar.invalid") + "version.txt"
    monkeypatch.setenv("http_proxy", plain.server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    assert Client(validate_certs=False).read(url)
    assert [entry["proxied"] for entry in plain.requests()] == [True]


def test_no_proxy(mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = mirror("plain")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert Client(validate_certs=False).read(plain.folder + "version.txt")
    assert [entry["proxied"] for entry in plain.requests()] == [False]


def in_seconds(seconds: float) -> str:
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return email.utils.format_datetime(moment, usegmt=True)


@pytest.mark.parametrize(("value", "pause"), [("0", 0), ("7", 7), ("100000", 60)])
def test_retry_after_in_seconds(value: str, pause: float) -> None:
    assert core._retry_after(value) == pause


@pytest.mark.parametrize(("seconds", "least", "most"), [(30, 1, 30), (-30, 0, 0), (999, 60, 60)])
def test_retry_after_at_a_time(seconds: float, least: float, most: float) -> None:
    pause = core._retry_after(in_seconds(seconds))
    assert pause is not None
    assert least <= pause <= most


@pytest.mark.parametrize("value", ["", "soon", "-1", "1.5"])
def test_retry_after_that_says_nothing(value: str) -> None:
    assert core._retry_after(value) is None
