# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logging in, calling and logging out, at a simulated vCenter."""

from __future__ import annotations

import collections.abc
import contextlib
import os
import pathlib
import re
import socket
import threading

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import connection, properties, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.tests.standins.vsphere import vcsim
from ansible_collections.flatops.flatcar.tests.vsphere.conftest import settings


@pytest.fixture
def admin(server: vcsim.Server) -> collections.abc.Iterator[connection.Session]:
    """A login of somebody else, who sees and ends sessions."""
    with connection.connect(settings(server)) as login:
        yield login


def sessions(admin: connection.Session) -> set[str]:
    """The keys of all sessions but that of the one who looks."""
    found = properties.read(admin, [admin.content.sessionManager], ["sessionList", "currentSession"])[0].values
    return {each.key for each in found["sessionList"]} - {found["currentSession"].key}


def names(session: connection.Session) -> list[str]:
    return [found.values["name"] for found in properties.view(session, sdk.vim.VirtualMachine, ["name"])]


def test_one_login_that_ends_with_the_context(server: vcsim.Server, admin: connection.Session) -> None:
    with connection.connect(settings(server)) as session:
        assert len(names(session)) == 4
        assert len(sessions(admin)) == 1
        assert session.is_vcenter
    assert sessions(admin) == set()


def test_it_ends_after_a_failure(server: vcsim.Server, admin: connection.Session) -> None:
    with pytest.raises(ZeroDivisionError), connection.connect(settings(server)):
        raise ZeroDivisionError
    assert sessions(admin) == set()


def test_a_session_that_was_ended_is_replaced_once(server: vcsim.Server, admin: connection.Session) -> None:
    with connection.connect(settings(server)) as session:
        (before,) = sessions(admin)
        admin.content.sessionManager.TerminateSession([before])
        assert len(names(session)) == 4
        (after,) = sessions(admin)
        assert after != before
        assert session.logins == 2
    assert sessions(admin) == set()


def test_a_read_without_a_session_is_made_again(server: vcsim.Server, admin: connection.Session) -> None:
    """It is answered, with every property missing."""
    with connection.connect(settings(server)) as session:
        root = session.content.rootFolder
        admin.content.sessionManager.TerminateSession(list(sessions(admin)))
        assert properties.read(session, [root], ["name"])[0].values == {"name": "Datacenters"}


def test_threads_that_lose_their_session_log_in_once(server: vcsim.Server, admin: connection.Session) -> None:
    with connection.connect(settings(server)) as session:
        admin.content.sessionManager.TerminateSession(list(sessions(admin)))
        found: list[list[str]] = []
        threads = [threading.Thread(target=lambda: found.append(names(session))) for dummy in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [len(each) for each in found] == [4] * 8
        assert session.logins == 2


def test_a_session_that_is_gone_needs_no_logout(server: vcsim.Server, admin: connection.Session) -> None:
    with connection.connect(settings(server)):
        admin.content.sessionManager.TerminateSession(list(sessions(admin)))
    assert sessions(admin) == set()


def test_a_session_that_cannot_be_replaced(
    server: vcsim.Server, admin: connection.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connection.connect(settings(server)) as session:
        root = session.content.rootFolder
        admin.content.sessionManager.TerminateSession(list(sessions(admin)))
        monkeypatch.setattr(session, "_login", lambda: None)
        with refused("session_lost", "Run it again"):
            names(session)
        with refused("session_lost", "Run it again"):
            properties.read(session, [root], ["name"])


def test_objects_that_are_gone_are_left_out(session: connection.Session) -> None:
    gone = sdk.vim.VirtualMachine("vm-999999", session.stub)
    root = session.content.rootFolder
    assert [found.ref for found in properties.read(session, [gone, root, root], ["name"])] == [root]
    assert properties.read(session, [], ["name"]) == []


def test_through_a_proxy(server: vcsim.Server) -> None:
    there = settings(server)
    proxied = there._replace(proxy_host=server.host, proxy_port=server.proxy_port)
    with connection.connect(proxied) as session:
        assert len(names(session)) == 4
    with refused("connect", "proxy_port"), connection.connect(proxied._replace(proxy_port=closed_port())):
        pass


def test_without_checking_the_certificate(server: vcsim.Server) -> None:
    with connection.connect(settings(server)._replace(ca_path=None, validate_certs=False)) as session:
        assert len(names(session)) == 4


def test_a_folder_of_certificates(server: vcsim.Server, tmp_path: pathlib.Path) -> None:
    with refused("tls_untrusted", "ca_path"), connection.connect(settings(server)._replace(ca_path=str(tmp_path))):
        pass


def test_an_untrusted_certificate(server: vcsim.Server) -> None:
    with refused("tls_untrusted", "ca_path"), connection.connect(settings(server)._replace(ca_path=None)):
        pass


def test_a_ca_that_is_none(server: vcsim.Server, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "ca.pem"
    with refused("bad_option", str(path)), connection.connect(settings(server)._replace(ca_path=str(path))):
        pass


def test_a_wrong_password(server: vcsim.Server, admin: connection.Session) -> None:
    with refused("login", "password"), connection.connect(settings(server)._replace(password="another")):
        pass
    assert sessions(admin) == set()


def test_nobody_listens(server: vcsim.Server) -> None:
    with refused("connect", "no connection"), connection.connect(settings(server)._replace(port=closed_port())):
        pass


def test_nobody_answers(server: vcsim.Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        there = settings(server)._replace(port=silent.getsockname()[1], timeout=1)
        with refused("connect", "timeout"), connection.connect(there):
            pass


def test_somebody_else_answers(server: vcsim.Server) -> None:
    with connection.connect(settings(server)) as session:
        session.stub.path = "/about"
        with refused("connect", "no vSphere server"):
            names(session)


def test_the_server_dies(server: vcsim.Server) -> None:
    with connection.connect(settings(server)) as session:
        os.kill(server.pid, 9)
        with refused("connect", "Check hostname"):
            names(session)
            names(session)


def test_a_host_without_vcenter(esx: vcsim.Server) -> None:
    with connection.connect(settings(esx)) as session:
        assert not session.is_vcenter
        with refused("needs_vcenter", "A template needs a vCenter"):
            session.need_vcenter("A template")


@contextlib.contextmanager
def refused(code: str, said: str) -> collections.abc.Iterator[None]:
    with pytest.raises(VsphereError, match=re.escape(said)) as caught:
        yield
    assert caught.value.code == code


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
