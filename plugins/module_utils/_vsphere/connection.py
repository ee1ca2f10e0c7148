# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""One login to a vSphere server."""

from __future__ import annotations

import contextlib
import ssl
import threading
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._release import tls
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import faults, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

#: The API of vSphere 6.5, the oldest that runs Flatcar's OVA (virtual hardware 13). Newer servers speak it too.
API = "vim.version.version11"
#: Idle connections are not taken up again after this many seconds: servers and proxies close theirs.
IDLE = 30


class Settings(t.NamedTuple):
    """Where a server is and who logs in. timeout is in seconds, for the connection and for each wait for an answer."""

    hostname: str
    username: str
    password: str
    port: int = 443
    validate_certs: bool = True
    ca_path: str | None = None
    proxy_host: str | None = None
    proxy_port: int | None = None
    timeout: int = 60


class Session:
    """A login. content is the ServiceContent, context the TLS settings for further connections to the server.

    It may be used by several threads at once. A call that the server refuses for want of a session is made again after
    a new login. Nothing else is: a broken connection leaves unknown whether the server has done what was asked.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.host, self.port = settings.hostname, settings.port
        self.context = _context(settings)
        self.stub = sdk.SoapStubAdapter(
            host=settings.hostname,
            port=settings.port,
            version=API,
            poolSize=16,
            httpProxyHost=settings.proxy_host,
            httpProxyPort=settings.proxy_port,
            sslContext=self.context,
            httpConnectionTimeout=settings.timeout,
            connectionPoolTimeout=IDLE,
        )
        self._lock = threading.Lock()
        self.logins = 0
        self.content = sdk.vim.ServiceInstance("ServiceInstance", self.stub).RetrieveContent()
        self.is_vcenter: bool = self.content.about.apiType == "VirtualCenter"
        self._login()
        self._invoke = self.stub.InvokeMethod
        self.stub.InvokeMethod = self._call

    def need_vcenter(self, what: str) -> None:
        """VsphereError where the server is a single host; what is the subject of the message."""
        if not self.is_vcenter:
            raise VsphereError(
                "needs_vcenter", f"{what} needs a vCenter, and {self.host} is a host without one. Leave it out there."
            )

    def now(self) -> int:
        """The server's time, in seconds since 1970."""
        with faults.translated("The server's time"):
            return int(sdk.vim.ServiceInstance("ServiceInstance", self.stub).CurrentTime().timestamp())

    def renew(self, logins: int) -> None:
        """Logs in again, unless another thread has done so since a call was refused that began after so many logins."""
        with self._lock:
            if self.logins == logins:
                self._login()

    def close(self) -> None:
        """Logs out. A session that is gone, or a server that is, needs none."""
        self.stub.InvokeMethod = self._invoke
        with contextlib.suppress(sdk.MethodFault, *faults.BROKEN):
            self.content.sessionManager.Logout()
        self.stub.DropConnections()

    def _call(self, mo: sdk.Ref, *call: t.Any) -> t.Any:
        logins = self.logins
        try:
            return self._invoke(mo, *call)
        except sdk.vim.fault.NotAuthenticated:
            if mo == self.content.sessionManager:
                raise
        self.renew(logins)
        return self._invoke(mo, *call)

    def _login(self) -> None:
        self.content.sessionManager.Login(self.settings.username, self.settings.password, None)
        self.logins += 1


@contextlib.contextmanager
def connect(settings: Settings) -> t.Iterator[Session]:
    """A login for as long as the context lasts, and a logout also after a failure."""
    sdk.needed()
    with faults.translated(f"Login at {settings.hostname}:{settings.port}"):
        session = Session(settings)
    try:
        yield session
    finally:
        session.close()


def _context(settings: Settings) -> ssl.SSLContext:
    try:
        return tls.context(settings.validate_certs, settings.ca_path)
    except OSError as error:
        raise VsphereError(
            "bad_option", f"ca_path {settings.ca_path} cannot be used: {error}. Give a PEM file."
        ) from error
