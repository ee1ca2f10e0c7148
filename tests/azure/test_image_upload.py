# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Page blobs against Azurite: what is sent, what is taken up again, and what is noticed."""

from __future__ import annotations

import pathlib
import socket
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import blobs, page_upload, sdk, sparse
from ansible_collections.flatops.flatcar.plugins.module_utils._azure import storage_account as accounts
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.tests.azure.uploads import Site
from ansible_collections.flatops.flatcar.tests.standins import azurite, vhd
from ansible_collections.flatops.flatcar.tests.standins.blob_way import Rule

NAME = "disk.vhd"
ACCOUNT = azurite.ACCOUNTS[0]


@pytest.fixture
def container(site: Site, session: Session) -> t.Any:
    client = session.container(f"{site.way.url}/{ACCOUNT}/vhds", azurite.KEY)
    client.create_container()
    return client


def planned(disk: pathlib.Path) -> sparse.Plan:
    with open(disk, "rb") as stream:
        return sparse.plan(stream)


def send(container: sdk.Sdk, disk: pathlib.Path, plan: sparse.Plan | None = None, **more: t.Any) -> page_upload.Sent:
    uploader = page_upload.Uploader(container.get_blob_client(NAME), str(disk), 4, more.pop("timeout", 30))
    return page_upload.upload(uploader, plan or planned(disk), **more)


def test_only_data_is_sent_and_all_of_it_is_there(container: sdk.Sdk, site: Site, disk: pathlib.Path) -> None:
    sent = send(container, disk)
    assert sent.bytes == sum(entry.bytes for entry in site.way.pages()) == 24 * vhd.MIB + 512
    assert sent.requests == len(site.way.pages()) == 9
    assert (sent.resumed, sent.read_back) == (0, sent.bytes)
    assert site.content(NAME, disk)
    assert disk.stat().st_size == 64 * vhd.MIB + 512


def test_a_second_upload_sends_nothing(container: sdk.Sdk, site: Site, disk: pathlib.Path) -> None:
    first = send(container, disk)
    again = send(container, disk)
    assert (again.bytes, again.requests, again.resumed) == (0, 0, first.bytes)
    assert len(site.way.pages()) == first.requests


def test_an_empty_disk(container: sdk.Sdk, site: Site, tmp_path: pathlib.Path) -> None:
    disk = vhd.disk(tmp_path / NAME, parts=1, part=0)
    assert send(container, disk).bytes == 512
    assert site.content(NAME, disk)


def test_another_image_of_the_same_name_takes_the_place(
    container: sdk.Sdk, site: Site, disk: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    send(container, vhd.disk(tmp_path / "other", size=80 * vhd.MIB, seed=2))
    assert send(container, disk).resumed == 0
    assert site.content(NAME, disk)


def test_connections_that_are_cut_and_a_busy_service(container: sdk.Sdk, site: Site, disk: pathlib.Path) -> None:
    site.way.rules += [
        Rule("comp=page", times=3, status=0),
        Rule("comp=page", times=2, status=503, code="ServerBusy"),
        Rule("comp=page", times=1, status=500, code="OperationTimedOut"),
        Rule("GET .*vhd$", times=2, status=0),
    ]
    assert send(container, disk).bytes == 24 * vhd.MIB + 512
    assert site.content(NAME, disk)


def test_what_an_upload_that_ended_has_sent_is_not_sent_again(
    container: sdk.Sdk, site: Site, disk: pathlib.Path
) -> None:
    # These are not there, whatever was answered.
    site.way.rules.append(Rule("comp=page", times=4, status=201))
    with pytest.raises(AzureError) as caught:
        send(container, disk)
    assert caught.value.code == "upload_failed"
    assert "4 pieces are missing" in str(caught.value)
    again = send(container, disk)
    assert again.requests == 4
    assert again.bytes + again.resumed == 24 * vhd.MIB + 512
    assert site.content(NAME, disk)


def test_an_error_that_does_not_pass_ends_the_upload(container: sdk.Sdk, site: Site, disk: pathlib.Path) -> None:
    site.way.rules.append(Rule("comp=page", times=-1, status=403, code="AuthorizationFailure"))
    with pytest.raises(AzureError) as caught:
        send(container, disk)
    assert caught.value.code == "no_permission"
    assert caught.value.about["azure_code"] == "AuthorizationFailure"
    assert "network rules" in str(caught.value)
    assert len(site.way.log) < 12


def test_bytes_that_change_on_the_way_are_refused(container: sdk.Sdk, site: Site, disk: pathlib.Path) -> None:
    site.way.rules.append(Rule("comp=page", change=lambda body: body[:-1] + bytes([body[-1] ^ 1])))
    with pytest.raises(AzureError) as caught:
        send(container, disk)
    assert (caught.value.code, caught.value.about["azure_code"]) == ("upload_failed", "Md5Mismatch")
    assert send(container, disk).resumed > 0
    assert site.content(NAME, disk)


def test_what_was_damaged_since_is_sent_again(container: sdk.Sdk, site: Site, disk: pathlib.Path) -> None:
    send(container, disk)
    site.blob(NAME).upload_page(b"?" * 512, 0, 512)
    again = send(container, disk)
    assert (again.requests, again.bytes) == (1, 3 * vhd.MIB)
    assert site.content(NAME, disk)


def test_what_does_not_stay_as_it_was_sent(container: sdk.Sdk, site: Site, disk: pathlib.Path) -> None:
    uploader = page_upload.Uploader(container.get_blob_client(NAME), str(disk), 1, 30)
    plan = planned(disk)

    def spoil(phase: str, done: int, total: int | None) -> None:
        if (phase, done) == ("read_back", 0):
            site.blob(NAME).upload_page(b"?" * 512, 0, 512)

    with pytest.raises(AzureError) as caught:
        page_upload.upload(uploader._replace(report=spoil), plan)
    assert caught.value.code == "upload_failed"
    assert "1 of 9 pieces" in str(caught.value)


def test_a_file_that_changes_meanwhile(container: sdk.Sdk, site: Site, disk: pathlib.Path) -> None:
    plan = planned(disk)
    wrong = plan._replace(pieces=(plan.pieces[0]._replace(sha256=bytes(32)), *plan.pieces[1:]))
    with pytest.raises(AzureError, match="has changed while it was uploaded"):
        send(container, disk, wrong)


def test_pages_beyond_the_data_are_cleared(container: sdk.Sdk, site: Site, disk: pathlib.Path) -> None:
    send(container, disk)
    site.blob(NAME).upload_page(b"?" * 512, 5 * vhd.MIB, 512)
    assert send(container, disk, read_back=False).resumed == 0
    assert site.content(NAME, disk)


def test_progress_grows_to_the_end(container: sdk.Sdk, disk: pathlib.Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    uploader = page_upload.Uploader(
        container.get_blob_client(NAME), str(disk), 4, 30, lambda *state: told.append(state)
    )
    page_upload.upload(uploader, planned(disk))
    for phase in ("upload", "read_back"):
        done = [state[1] for state in told if state[0] == phase]
        assert done == sorted(done)
        assert (done[0], done[-1]) == (0, 24 * vhd.MIB + 512)


class Clock:
    """Time that passes only where it is waited for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr("time.monotonic", lambda: self.now)
        monkeypatch.setattr(blobs, "_wait", self.wait)

    def wait(self, seconds: float) -> None:
        self.now += seconds


def account_of(site: Site) -> accounts.Account:
    return accounts.Account("id", ACCOUNT, "westeurope", f"{site.way.url}/{ACCOUNT}/")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.mark.parametrize("code", ["AuthenticationFailed", "AuthorizationFailure", "AuthorizationPermissionMismatch"])
def test_a_new_account_that_lets_nobody_in_at_first(site: Site, session: Session, clock: Clock, code: str) -> None:
    client = session.container(f"{site.way.url}/{ACCOUNT}/vhds", azurite.KEY)
    site.way.rules.append(Rule("restype=container", times=10, status=403, code=code))
    assert accounts.ensure_container(client, account_of(site), 120) is True
    assert clock.now == 1050
    assert accounts.ensure_container(client, account_of(site), 120) is False


def test_an_account_that_lets_nobody_in_is_given_up_after_two_minutes(
    site: Site, session: Session, clock: Clock
) -> None:
    client = session.container(f"{site.way.url}/{ACCOUNT}/vhds", azurite.KEY)
    site.way.rules.append(Rule("restype=container", times=-1, status=403, code="AuthenticationFailed"))
    with pytest.raises(AzureError) as caught:
        accounts.ensure_container(client, account_of(site), 120)
    assert caught.value.code == "no_permission"
    assert caught.value.about["azure_code"] == "AuthenticationFailed"
    assert "refused for 120 seconds" in str(caught.value)
    assert 1110 <= clock.now <= 1120


def test_a_refusal_that_does_not_pass_is_not_waited_for(site: Site, session: Session, clock: Clock) -> None:
    client = session.container(f"{site.way.url}/{ACCOUNT}/vhds", azurite.KEY)
    site.way.rules.append(Rule("restype=container", times=-1, status=403, code="KeyBasedAuthenticationNotPermitted"))
    with pytest.raises(AzureError, match="storage_auth=login"):
        accounts.ensure_container(client, account_of(site), 120)
    assert clock.now == 1000


class Resolver:
    """Does not know a name the first times that it is asked for it, and then that it is this machine."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, times: int) -> None:
        self.name = name
        self.left = times
        self.real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: t.Any, *arguments: t.Any, **named: t.Any) -> t.Any:
        if host == self.name:
            if self.left:
                self.left -= 1
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            host = "127.0.0.1"
        return self.real(host, *arguments, **named)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries of single requests do not wait."""
    from ansible_collections.flatops.flatcar.plugins.module_utils._azure import patience

    monkeypatch.setattr(patience.Patience, "wait", lambda self, seconds: None)


def test_a_name_that_is_not_known_yet(
    site: Site, session: Session, clock: Clock, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    Resolver(monkeypatch, "new.blob.core.windows.net", times=10)
    url = f"http://new.blob.core.windows.net:{site.way.server_port}/{ACCOUNT}"
    client = session.container(f"{url}/vhds", azurite.KEY)
    # The signature is made over the account's name, which the client reads from the address.
    site.way.rules.append(Rule("restype=container", times=1, status=201))
    assert accounts.ensure_container(client, account_of(site), 120) is True
    assert 1000 < clock.now < 1030


def test_a_name_that_stays_unknown_is_given_up_after_two_minutes(
    site: Site, session: Session, clock: Clock, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    Resolver(monkeypatch, "new.blob.core.windows.net", times=-1)
    client = session.container("http://new.blob.core.windows.net/vhds", azurite.KEY)
    with pytest.raises(AzureError) as caught:
        accounts.ensure_container(client, account_of(site), 120)
    assert caught.value.code == "connect"
    assert "For 120 seconds the name of the storage account could not be resolved" in str(caught.value)
    assert 1110 <= clock.now <= 1120
