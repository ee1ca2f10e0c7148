# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A file goes to a lease: one HTTP request over TLS, with its exact length, that another thread can end."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import socket
import ssl
import threading
import typing as t
import urllib.parse

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

#: Seconds that the server may take nothing, and for its answer after the last byte: it may still be writing.
_STALLED = 600.0
#: Seconds to wait for the answer of a server that has stopped reading.
_EARLY_ANSWER = 5.0
#: Number of hexadecimal digits -> algorithm.
_THUMBPRINTS = {40: "sha1", 64: "sha256"}
BROKEN = (OSError, http.client.HTTPException)


class Endpoint(t.NamedTuple):
    """The server that the session speaks to. proxy is host and port of an HTTP proxy; cookie that of the session."""

    host: str
    port: int
    context: ssl.SSLContext
    proxy: tuple[str, int] | None = None
    cookie: str = ""

    @classmethod
    def of(cls, session: Session) -> Endpoint:
        proxy = session.settings.proxy_host
        return cls(
            session.host,
            session.port,
            session.context,
            (proxy, session.settings.proxy_port or 80) if proxy else None,
            session.stub.cookie.partition(";")[0],
        )


class Target(t.NamedTuple):
    """Where a file goes.

    thumbprint is the digest of the host's certificate as the session's server tells it, empty where it does not.
    create: a new file, as an ISO image is; else the content of a disk.
    """

    host: str
    port: int
    path: str
    thumbprint: str
    create: bool


def target(endpoint: Endpoint, url: str, thumbprint: str, create: bool) -> Target:
    """Where a device URL of a lease leads. With * as its host that is the server of the session, also its port."""
    parts = urllib.parse.urlsplit(url)
    path = urllib.parse.urlunsplit(("", "", parts.path, parts.query, ""))
    if parts.netloc.partition(":")[0] == "*":
        return Target(endpoint.host, endpoint.port, path, thumbprint, create)
    if parts.scheme != "https" or not parts.hostname:
        raise VsphereError("lease_error", "The server names an address for the upload that is none for HTTPS.")
    return Target(parts.hostname, parts.port or 443, path, thumbprint, create)


class Uploads:
    """The requests that carry files, one after another."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._connection: http.client.HTTPSConnection | None = None
        self._reason: Exception | None = None
        self._lock = threading.Lock()

    def send(
        self, to: Target, name: str, size: int, chunks: t.Iterable[bytes], progress: t.Callable[[int], None]
    ) -> None:
        """Sends a file of size bytes; progress is told the length of each chunk that has gone."""
        with contextlib.closing(self._connect(to, name)) as connection:
            try:
                self._begin(connection, to, size)
            except BROKEN as error:
                raise self._failed(to, name, error) from error
            for chunk in chunks:
                self._go_on()
                try:
                    connection.send(chunk)
                except BROKEN as error:
                    raise self._refused(connection, to, name, error) from error
                progress(len(chunk))
            self._go_on()
            try:
                response = connection.getresponse()
                response.read()
            except BROKEN as error:
                raise self._failed(to, name, error) from error
        if response.status >= 300:
            raise _answered(to, name, response)

    def cancel(self, reason: Exception) -> None:
        """Ends the request from another thread, also while it waits for the server; send then raises the reason."""
        with self._lock:
            self._reason = self._reason or reason
            sock = self._connection and self._connection.sock
        if sock:
            with contextlib.suppress(OSError):
                # Not SSLSocket's: that takes the encryption away from the thread that is writing.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def _go_on(self) -> None:
        if self._reason:
            raise self._reason

    def _begin(self, connection: http.client.HTTPSConnection, to: Target, size: int) -> None:
        connection.putrequest("PUT" if to.create else "POST", to.path)
        if to.create:
            connection.putheader("Overwrite", "t")
        else:
            connection.putheader("Content-Type", "application/x-vnd.vmware-streamVmdk")
        if self.endpoint.cookie and (to.host, to.port) == (self.endpoint.host, self.endpoint.port):
            connection.putheader("Cookie", self.endpoint.cookie)
        connection.putheader("Content-Length", str(size))
        connection.endheaders()

    def _connect(self, to: Target, name: str) -> http.client.HTTPSConnection:
        self._go_on()
        endpoint = self.endpoint
        told = to.thumbprint.replace(":", "").lower()
        verified = endpoint.context.verify_mode != ssl.CERT_NONE
        # By the session's server, whose own certificate was verified.
        pinned = verified and to.host != endpoint.host and len(told) in _THUMBPRINTS
        connection = http.client.HTTPSConnection(
            *(endpoint.proxy or (to.host, to.port)),
            timeout=_STALLED,
            context=_unverified() if pinned else endpoint.context,
        )
        if endpoint.proxy:
            connection.set_tunnel(to.host, to.port)
        try:
            connection.connect()
        except BROKEN as error:
            connection.close()
            raise self._failed(to, name, error) from error
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if pinned:
            certificate = connection.sock.getpeercert(binary_form=True) or b""
            if hashlib.new(_THUMBPRINTS[len(told)], certificate, usedforsecurity=False).hexdigest() != told:
                connection.close()
                raise VsphereError(
                    "tls_untrusted",
                    f"{to.host}:{to.port}, which takes the upload, does not show the certificate that the server "
                    f"names for it ({to.thumbprint}).",
                )
        with self._lock:
            self._connection = connection
        return connection

    def _refused(self, connection: http.client.HTTPSConnection, to: Target, name: str, error: Exception) -> Exception:
        """What a write that failed means: the server may have answered before it had everything."""
        if self._reason is None and not isinstance(error, TimeoutError):
            with contextlib.suppress(*BROKEN):
                connection.sock.settimeout(_EARLY_ANSWER)
                return _answered(to, name, connection.getresponse())
        return self._failed(to, name, error)

    def _failed(self, to: Target, name: str, error: Exception) -> Exception:
        if self._reason:
            return self._reason
        where = f"{name}: the upload to {to.host}:{to.port}"
        if isinstance(error, ssl.SSLCertVerificationError):
            return VsphereError(
                "tls_untrusted",
                f"{where} was not begun, because the certificate there is not trusted ({error.verify_message}). Give "
                "the CA that signed it in ca_path.",
            )
        if isinstance(error, TimeoutError):
            return VsphereError("upload_failed", f"{where} stalled: for {_STALLED:g} seconds nothing was taken.")
        return VsphereError("upload_failed", f"{where} was cut ({error or type(error).__name__}). Try again.")


def _answered(to: Target, name: str, response: http.client.HTTPResponse) -> VsphereError:
    return VsphereError(
        "upload_failed",
        f"{name}: {to.host}:{to.port} answered the upload with HTTP {response.status} {response.reason}. Try again.",
    )


def _unverified() -> ssl.SSLContext:
    """For a host whose certificate is compared with a thumbprint instead."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
