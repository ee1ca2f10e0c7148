# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""HTTP for release servers and other files: proxies of the environment, a CA of one's own, retries, redirects."""

from __future__ import annotations

import base64
import datetime
import email.utils
import functools
import http.client
import ssl
import time
import typing as t
import urllib.error
import urllib.parse
import urllib.request

from ansible_collections.flatops.flatcar.plugins.module_utils._release import tls
from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError

T = t.TypeVar("T")

#: Answers after which another try may help.
_PASSING = (408, 429, 500, 502, 503, 504)
_MISSING = (404, 410)
_LONGEST_PAUSE = 60.0
#: The small files of a release (version.txt, signatures, digests, lists) are far below this many bytes.
_SMALL = 1 << 20


class _Failure(t.NamedTuple):
    """What went wrong, whether another try may help, and how many seconds to wait for it if the server says so."""

    error: ReleaseError
    again: bool = False
    pause: float | None = None


class Found(t.NamedTuple):
    """A file that a server has; size in bytes, None where the server does not say."""

    size: int | None


class _Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: t.IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if req.full_url.startswith("https:") and not newurl.startswith("https:"):
            where = f"{shown(req.full_url)} leads on to an unprotected address: {shown(newurl)}"
            raise ReleaseError("http_status", f"{where}. Refused.")
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None and origin(newurl) == origin(req.full_url):
            following.unredirected_hdrs.update(req.unredirected_hdrs)
        return following


class Client:
    """Reads from one server. timeout is in seconds, for the connection and for each wait for data.

    retries is how many times a request is made again after a connection that was refused or cut, a time-out, or an
    answer that says "later"; between them it waits 1, 2, 4 ... seconds, or what Retry-After says, at most 60.
    The proxies are those of http_proxy, https_proxy and no_proxy. Errors are ReleaseError.

    A redirect takes user, password and headers along only to the same server; with only_to, an address, no other server
    gets them at all. prefix is what stands before ca_path and validate_certs in the names of the caller's options.
    """

    def __init__(
        self,
        *,
        validate_certs: bool = True,
        ca_path: str | None = None,
        timeout: float = 30,
        retries: int = 4,
        username: str | None = None,
        password: str | None = None,
        headers: t.Mapping[str, str] | None = None,
        only_to: str | None = None,
        prefix: str = "",
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        self.timeout = timeout
        self.retries = retries
        self.sleep = sleep
        self.only_to = only_to
        self.prefix = prefix
        self.private = dict(headers or {})
        if username is not None:
            pair = f"{username}:{password or ''}".encode()
            self.private["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        own = ca_path or not validate_certs
        self._context = _context(validate_certs, ca_path, f"{prefix}ca_path") if own else None

    @functools.cached_property
    def opener(self) -> urllib.request.OpenerDirector:
        """Made where it is needed: reading the CAs of the system takes longer than a request."""
        opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(context=self._context or ssl.create_default_context()),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.UnknownHandler(),
            _Redirects(),
        ):
            opener.add_handler(handler)
        return opener

    def read(self, url: str) -> bytes | None:
        """The content of a small file, None when the server has none."""

        def once() -> bytes:
            with self.open(url) as response:
                content = bytes(response.read(_SMALL + 1))
                expected = length(response)
            if len(content) > _SMALL:
                what = f"{shown(url)} is larger than {_SMALL} bytes: this is no release."
                raise ReleaseError("unexpected_content", what)
            if expected is not None and len(content) < expected:
                raise http.client.IncompleteRead(content, expected - len(content))
            return content

        return self._unless_missing(url, once)

    def head(self, url: str) -> Found | None:
        """Whether the server has a file, and its size."""

        def once() -> Found:
            with self.open(url, method="HEAD") as response:
                return Found(length(response))

        return self._unless_missing(url, once)

    def open(self, url: str, headers: t.Mapping[str, str] | None = None, method: str = "GET") -> t.Any:
        """One request, to be made within attempt(): the response, to be closed by the caller."""
        request = urllib.request.Request(url, headers=dict(headers or {}), method=method)
        request.add_header("User-Agent", "flatops.flatcar")
        request.add_header("Accept-Encoding", "identity")
        if self.only_to is None or origin(url) == origin(self.only_to):
            for name, value in self.private.items():
                request.add_unredirected_header(name, value)
        return self.opener.open(request, timeout=self.timeout)

    def attempt(self, url: str, work: t.Callable[[], T], furthest: t.Callable[[], int] = lambda: 0) -> T:
        """What work() returns, after as many tries as it needs. It begins to count anew once it has come further."""
        tries, before = 0, furthest()
        while True:
            try:
                return work()
            except urllib.error.HTTPError as error:
                failure = _answer(url, error)
            except (OSError, http.client.HTTPException) as error:
                failure = _break(url, error, self.prefix)
            if furthest() > before:
                tries, before = 0, furthest()
            if not failure.again or tries >= self.retries:
                raise failure.error
            self.sleep(min(2.0**tries, _LONGEST_PAUSE) if failure.pause is None else failure.pause)
            tries += 1

    def _unless_missing(self, url: str, once: t.Callable[[], T]) -> T | None:
        try:
            return self.attempt(url, once)
        except ReleaseError as error:
            if error.code == "not_found":
                return None
            raise


def length(response: t.Any) -> int | None:
    """What Content-Length says, in bytes."""
    value = response.headers.get("Content-Length", "")
    return int(value) if value.isdecimal() else None


def shown(url: str) -> str:
    """An address without what may be secret in it: user, password, query and fragment."""
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:
        return "the address"
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def origin(url: str) -> tuple[str, str]:
    """Scheme and server of an address, with its port."""
    parts = urllib.parse.urlsplit(url.lower())
    server = parts.netloc.rpartition("@")[2]
    default = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return parts.scheme, server.removesuffix(default) if default else server


def check_base(base_url: str) -> str:
    """base_url without a slash at its end; ReleaseError when it cannot be the beginning of an address."""
    parts = urllib.parse.urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ReleaseError("bad_option", "base_url must begin with http:// or https:// and name a server.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ReleaseError(
            "bad_option",
            "base_url must not hold a user, a password, a query or a fragment; for a server that asks for a password "
            "there are url_username and url_password.",
        )
    return base_url.rstrip("/")


def _context(validate_certs: bool, ca_path: str | None, option: str) -> ssl.SSLContext:
    """option is the name that ca_path has for the user."""
    try:
        return tls.context(validate_certs, ca_path)
    except OSError as error:
        raise ReleaseError("bad_option", f"{option} {ca_path} cannot be used: {error}. Give a PEM file.") from error


def _answer(url: str, error: urllib.error.HTTPError) -> _Failure:
    """The failure that an answer means."""
    error.close()
    if error.code in _MISSING:
        return _Failure(ReleaseError("not_found", f"The server has no {shown(url)} (HTTP {error.code})."))
    failure = ReleaseError("http_status", f"{shown(url)}: the server answered HTTP {error.code} {error.reason}.")
    return _Failure(failure, error.code in _PASSING, _retry_after(error.headers.get("Retry-After", "")))


def _retry_after(value: str) -> float | None:
    """Seconds; None when the header says nothing."""
    if value.isdecimal():
        return min(float(value), _LONGEST_PAUSE)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    wait = moment - datetime.datetime.now(moment.tzinfo)
    return min(max(wait.total_seconds(), 0.0), _LONGEST_PAUSE)


def _break(url: str, error: Exception, prefix: str) -> _Failure:
    """The failure that a broken connection means."""
    where = shown(url)
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        untrusted = ReleaseError(
            "tls_untrusted",
            f"{where}: the certificate of the server is not trusted ({reason.verify_message}). Give its CA in "
            f"{prefix}ca_path, or, where the network is trusted, set {prefix}validate_certs to false.",
        )
        return _Failure(untrusted)
    if isinstance(reason, http.client.InvalidURL):
        return _Failure(ReleaseError("bad_option", f"{where!r} is no address, in its port, or by what it holds."))
    if isinstance(reason, TimeoutError):
        said = "the server did not answer in time (option timeout)"
    elif isinstance(reason, (http.client.IncompleteRead, http.client.RemoteDisconnected, ConnectionResetError)):
        said = "the connection was cut"
    else:
        said = f"no connection ({reason})"
    hint = "Check the address and the proxy variables http_proxy, https_proxy and no_proxy."
    return _Failure(ReleaseError("unreachable", f"{where}: {said}. {hint}"), True)
