# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Uploads over TLS, to a receiver that may fail."""

from __future__ import annotations

import collections.abc
import contextlib
import hashlib
import pathlib
import ssl
import threading

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.upload import (
    Endpoint,
    Target,
    Uploads,
    target,
)
from ansible_collections.flatops.flatcar.tests.standins.certificate import certificate
from ansible_collections.flatops.flatcar.tests.standins.vsphere import nfc

CHUNKS = [bytes([number]) * (1 << 20) for number in range(8)] + [b"the end"]
SIZE = sum(map(len, CHUNKS))
SHA1 = hashlib.sha1(b"".join(CHUNKS)).hexdigest()
#: More than what fits into the buffers of a connection.
LONG = (b"x" * (1 << 20),) * 64


class Host:
    """A receiver, its certificate (DER), and the endpoint that leads to it."""

    def __init__(self, receiver: nfc.Receiver, ca: pathlib.Path) -> None:
        self.receiver = receiver
        self.certificate = ssl.PEM_cert_to_DER_cert(ca.read_text())
        context = ssl.create_default_context(cafile=ca)
        self.endpoint = Endpoint("127.0.0.1", receiver.port, context, cookie='vmware_soap_session="1"')
        self.uploads = Uploads(self.endpoint)
        self.progress: list[int] = []

    def to(self, create: bool = False, host: str = "127.0.0.1", thumbprint: str = "") -> Target:
        return Target(host, self.receiver.port, "/nfc/1/disk-0.vmdk", thumbprint, create)

    def send(self, to: Target, chunks: collections.abc.Iterable[bytes] = tuple(CHUNKS), size: int = SIZE) -> None:
        self.uploads.send(to, "disk.vmdk", size, chunks, self.progress.append)

    @contextlib.contextmanager
    def cancelling(self, reason: VsphereError) -> collections.abc.Iterator[None]:
        """Within, the upload is cancelled as soon as the receiver stalls."""

        def cancel() -> None:
            self.receiver.stalled.wait(300)
            self.uploads.cancel(reason)

        thread = threading.Thread(target=cancel)
        thread.start()
        yield
        thread.join()

    def failure(self, to: Target, chunks: collections.abc.Sequence[bytes] = LONG) -> VsphereError:
        with pytest.raises(VsphereError) as caught:
            self.send(to, chunks, sum(map(len, chunks)))
        return caught.value


@pytest.fixture
def host(tmp_path: pathlib.Path) -> collections.abc.Iterator[Host]:
    context, ca = certificate(tmp_path)
    with nfc.receiver(context) as receiver:
        yield Host(receiver, ca)


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("https://*/nfc/5/disk-0.vmdk", ("vc", 8443)),
        ("https://*:443/nfc/5/disk-0.vmdk", ("vc", 8443)),
        ("https://esx1/nfc/5/disk-0.vmdk", ("esx1", 443)),
        ("https://esx1:444/nfc/5/disk-0.vmdk", ("esx1", 444)),
        ("https://[::1]:444/nfc/5/disk-0.vmdk", ("::1", 444)),
    ],
)
def test_where_a_device_url_leads(url: str, where: tuple[str, int]) -> None:
    endpoint = Endpoint("vc", 8443, ssl.create_default_context())
    assert target(endpoint, url, "AA", True) == Target(*where, "/nfc/5/disk-0.vmdk", "AA", True)


@pytest.mark.parametrize("url", ["http://esx1/nfc/5/disk-0.vmdk", "ds:///x", ""])
def test_a_device_url_without_tls_is_refused(url: str) -> None:
    with pytest.raises(VsphereError) as caught:
        target(Endpoint("vc", 443, ssl.create_default_context()), url, "", False)
    assert caught.value.code == "lease_error"


def test_a_disk_is_posted(host: Host) -> None:
    host.send(host.to())
    (got,) = host.receiver.got
    assert (got.method, got.path, got.size, got.sha1) == ("POST", "/nfc/1/disk-0.vmdk", SIZE, SHA1)
    assert got.headers["Content-Length"] == str(SIZE)
    assert got.headers["Content-Type"] == "application/x-vnd.vmware-streamVmdk"
    assert got.headers["Cookie"] == 'vmware_soap_session="1"'
    assert "Overwrite" not in got.headers
    assert host.progress == [len(chunk) for chunk in CHUNKS]


def test_another_file_is_put(host: Host) -> None:
    host.send(host.to(create=True))
    (got,) = host.receiver.got
    assert got.method == "PUT"
    assert got.headers["Overwrite"] == "t"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_another_host_is_known_by_its_thumbprint_and_gets_no_cookie(host: Host, algorithm: str) -> None:
    digest = hashlib.new(algorithm, host.certificate).digest()
    host.send(host.to(host="localhost", thumbprint=digest.hex(":").upper()))
    assert "Cookie" not in host.receiver.got[0].headers


def test_another_thumbprint_is_refused(host: Host) -> None:
    error = host.failure(host.to(host="localhost", thumbprint="00" * 20))
    assert error.code == "tls_untrusted"
    assert not host.receiver.got


@pytest.mark.parametrize("thumbprint", ["", "00:11"])
def test_without_a_thumbprint_the_certificate_counts(host: Host, thumbprint: str) -> None:
    assert host.failure(host.to(host="localhost", thumbprint=thumbprint)).code == "tls_untrusted"


@pytest.mark.parametrize("status", [429, 500, 503, 302])
def test_an_answer_at_the_end(host: Host, status: int) -> None:
    host.receiver.status = status
    error = host.failure(host.to(), CHUNKS)
    assert error.code == "upload_failed"
    assert f"HTTP {status}" in str(error)


@pytest.mark.parametrize("status", [429, 500])
def test_an_answer_before_the_end(host: Host, status: int) -> None:
    host.receiver.status = status
    host.receiver.stops_after = 1 << 16
    error = host.failure(host.to())
    assert error.code == "upload_failed"
    assert "disk.vmdk" in str(error)


def test_nobody_listens(host: Host) -> None:
    host.receiver.server_close()
    error = host.failure(host.to()._replace(port=1))
    assert error.code == "upload_failed"


def test_the_source_fails(host: Host) -> None:
    def chunks() -> collections.abc.Iterator[bytes]:
        yield CHUNKS[0]
        raise VsphereError("source_unreadable", "it ends here")

    with pytest.raises(VsphereError) as caught:
        host.send(host.to(), chunks())
    assert caught.value.code == "source_unreadable"
    assert not host.receiver.got


def test_cancelled_while_a_write_blocks(host: Host) -> None:
    host.receiver.stops_after, host.receiver.stalls = 1 << 16, True
    reason = VsphereError("lease_error", "the lease has expired")
    with host.cancelling(reason):
        assert host.failure(host.to()) is reason
    assert sum(host.progress) < sum(map(len, LONG))


def test_cancelled_while_it_waits_for_the_answer(host: Host) -> None:
    host.receiver.stops_after, host.receiver.stalls = 3, True
    reason = VsphereError("lease_error", "the lease has expired")
    with host.cancelling(reason):
        assert host.failure(host.to(), [b"four"]) is reason


def test_cancelled_before_it_begins(host: Host) -> None:
    reason = VsphereError("lease_error", "the lease has expired")
    host.uploads.cancel(reason)
    assert host.failure(host.to()) is reason
