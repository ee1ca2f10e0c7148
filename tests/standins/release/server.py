# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for a Flatcar release server, on the loopback interface, with faults on demand.

The address of a release folder on it is <server>/<fault>/<session>/<channel>/<arch>-usr/<version>/: the fault is one
of FAULTS, the session any word, under which faults that pass are counted and requests are kept. What was asked under a
session is at <server>/log/<session>. It is also a proxy, which answers for every host itself.

As a program it serves HTTP and HTTPS, writes a JSON file with what a client has to know when it is ready, and ends
by itself.
"""

from __future__ import annotations

import argparse
import collections
import datetime
import hashlib
import http.server
import json
import os
import pathlib
import random
import re
import ssl
import threading
import time
import typing as t

import pysequoia

from ansible_collections.flatops.flatcar.tests.standins.certificate import certificate

VERSION = "4593.2.5"
BUILD_ID = "2026-08-11-2350"
#: The bytes after which a connection is cut, and the size of the images that show it.
CUT = 1 << 20
LARGE = 3 * CUT + 17

FAULTS = {
    "plain": "no fault",
    "altered": "one byte of each image is another",
    "busy": "each file is answered with 500, 500 and 429 (at once again) before it comes",
    "changed": "the first answer is cut, and then the file has another entity tag",
    "cut": "each answer ends after CUT bytes",
    "denied": "403",
    "down": "503",
    "downgrade": "each file is somewhere else, without TLS",
    "foreign": "signed by a key that nobody knows",
    "html": "version.txt is a page for people",
    "late": "signed by a key that had expired",
    "misnamed": "the signed digests are those of another file",
    "no_ranges": "the first answer is cut, and ranges are not known",
    "redirect": "each file is somewhere else on the server",
    "slow": "0.15 seconds for each 64 KiB",
    "truncated": "each image is whole by its length and lacks its end",
    "unsigned": "no signatures",
    "wrong_signature": "the signature of each file is that of another",
}

FILES = {
    "amd64": {
        "flatcar_production_ami_vmdk_image.vmdk.bz2": 2000,
        "flatcar_production_azure_image.vhd.bz2": LARGE,
        "flatcar_production_gce.tar.gz": 2100,
        "flatcar_production_hetzner_image.bin.bz2": 2200,
        "flatcar_production_iso_image.iso": 2300,
        "flatcar_production_openstack_image.img": 2400,
        "flatcar_production_openstack_image.img.bz2": 2450,
        "flatcar_production_openstack_image.img.gz": 2470,
        "flatcar_production_pxe.vmlinuz": 2500,
        "flatcar_production_pxe_image.cpio.gz": 2600,
        "flatcar_production_qemu_image.img": 2700,
        "flatcar_production_qemu_uefi_efi_code.qcow2": 2800,
        "flatcar_production_qemu_uefi_efi_vars.qcow2": 2900,
        "flatcar_production_qemu_uefi_image.img": 3000,
        "flatcar_production_vmware_ova.ova": LARGE + 1,
    },
    "arm64": {
        "flatcar_production_azure_image.vhd.bz2": 1100,
        "flatcar_production_gce.tar.gz": 1200,
        "flatcar_production_qemu_uefi_image.img": 1300,
    },
}
AMIS = {"amis": [{"name": "ap-southeast-1", "hvm": "ami-0a1"}, {"name": "eu-central-1", "hvm": "ami-0e2"}]}


class Keys:
    """The keys of the test: `good` signs; `late` does too, but says that it has expired; nobody knows `foreign`.

    early is the signature of `late` over b"in time", made before it expired.
    """

    def __init__(self) -> None:
        self.good = pysequoia.Tsk.generate("Release test <test@example.com>")
        self.foreign = pysequoia.Tsk.generate("Somebody <somebody@example.com>")
        self.late = pysequoia.Tsk.generate("Old release test <old@example.com>")
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)
        self.early = detached(self.late, b"in time")
        self.expired = self.late.extract_certificate().set_expiration(soon, self.late.certifier())
        time.sleep(max(0.0, (soon - datetime.datetime.now(datetime.timezone.utc)).total_seconds()) + 1)

    def public(self) -> str:
        return f"{self.good.extract_certificate()}\n{self.expired}\n"


def detached(key: pysequoia.Tsk, content: bytes) -> bytes:
    return pysequoia.sign(key.signer(), content, mode=pysequoia.SignatureMode.DETACHED, armor=False)


def digests(name: str, content: bytes) -> bytes:
    lines = []
    for kind in ("md5", "sha1", "sha512"):
        lines += [f"# {kind.upper()} HASH", f"{hashlib.new(kind, content).hexdigest()}  {name}"]
    return ("\n".join(lines) + "\n").encode()


def cleartext(key: pysequoia.Tsk, content: bytes) -> bytes:
    return pysequoia.sign(key.signer(), content, mode=pysequoia.SignatureMode.CLEAR)


def release(arch: str, keys: Keys) -> dict[str, bytes]:
    """Name and content of every file in the folder of a release, signed by the good key."""
    make = random.Random(arch)
    folder = {name: make.randbytes(size) for name, size in FILES[arch].items()}
    folder["flatcar_production_ami_all.json"] = json.dumps(AMIS).encode()
    for name, content in list(folder.items()):
        folder.update(papers(name, content, keys.good))
    build, branch, patch = VERSION.split(".")
    folder["version.txt"] = (
        f"FLATCAR_BUILD={build}\nFLATCAR_BRANCH={branch}\nFLATCAR_PATCH={patch}\nFLATCAR_VERSION={VERSION}\n"
        f'FLATCAR_VERSION_ID={VERSION}\nFLATCAR_BUILD_ID="{BUILD_ID}"\nFLATCAR_SDK_VERSION=4593.0.0\n'
    ).encode()
    return folder


def papers(name: str, content: bytes, key: pysequoia.Tsk) -> dict[str, bytes]:
    """The files that go with a file: its signature, its digests, and these signed."""
    listed = digests(name, content)
    return {
        f"{name}.sig": detached(key, content),
        f"{name}.DIGESTS": listed,
        f"{name}.DIGESTS.asc": cleartext(key, listed),
    }


class Server(http.server.ThreadingHTTPServer):
    """The stand-in at a free port of 127.0.0.1; with tls by HTTPS. The release for amd64 has files besides, signed."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, keys: Keys, tls: ssl.SSLContext | None = None, files: collections.abc.Mapping[str, bytes] | None = None
    ) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_port}"
        self.keys = keys
        self.releases = {arch: release(arch, keys) for arch in FILES}
        for name, content in (files or {}).items():
            self.releases["amd64"].update({name: content, **papers(name, content, keys.good)})
        self.log: dict[str, list[dict[str, t.Any]]] = collections.defaultdict(list)
        self.seen: dict[tuple[str, str], int] = collections.Counter()
        self.lock = threading.Lock()
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """A client that does not trust the certificate, or goes away, is no error of the server."""


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        proxied = self.path.startswith("http://")
        path = re.sub(r"^http://[^/]*", "", self.path)
        kind, session, rest = (*path.strip("/").split("/", 2), "", "")[:3]
        if kind == "log":
            self.answer(200, json.dumps(self.server.log[session]).encode())
            return
        with self.server.lock:
            self.server.seen[session, path] += 1
            turn = self.server.seen[session, path]
        self.entry: dict[str, t.Any] = {
            "method": self.command,
            "path": rest,
            "range": self.headers.get("Range"),
            "if_range": self.headers.get("If-Range"),
            "authorization": self.headers.get("Authorization"),
            "token": self.headers.get("X-Token"),
            "proxied": proxied,
        }
        self.server.log[session].append(self.entry)
        found = re.fullmatch(r"(stable|lts)/(amd64|arm64)-usr/(current(?:-2024)?|[0-9.]+)/([^/]+)", rest)
        if kind not in FAULTS or not found or (found[3][0] != "c" and found[3] != VERSION):
            self.answer(404, b"")
            return
        self.serve(kind, found[2], found[4], turn, session, rest)

    def serve(self, fault: str, arch: str, name: str, turn: int, session: str, rest: str) -> None:
        content = self.content(fault, arch, name)
        if content is None:
            self.answer(404, b"")
        elif fault == "redirect":
            self.answer(302, b"", {"Location": f"{self.server.url}/plain/{session}/{rest}"})
        elif fault == "downgrade":
            self.answer(302, b"", {"Location": f"http://127.0.0.1:{self.server.server_port}/plain/{session}/{rest}"})
        elif fault == "denied":
            self.answer(403, b"")
        elif fault == "down":
            self.answer(503, b"", {"Retry-After": "0"})
        elif fault == "busy" and turn <= 3:
            self.answer(*((429, b"", {"Retry-After": "0"}) if turn == 3 else (500, b"")))
        else:
            cut = fault == "cut" or (fault in ("changed", "no_ranges") and turn == 1)
            self.file(content, fault, '"second"' if fault == "changed" and turn > 1 else '"first"', cut)

    def content(self, fault: str, arch: str, name: str) -> bytes | None:
        """What a file holds under a fault; None where there is none."""
        folder, keys = self.server.releases[arch], self.server.keys
        content = folder.get(name)
        if content is None or (fault == "unsigned" and name.endswith(".sig")):
            return None
        if name == "version.txt":
            return b"<html>Please log in</html>" if fault == "html" else content
        subject = re.sub(r"\.(sig|DIGESTS|DIGESTS\.asc)$", "", name)
        if fault in ("foreign", "late"):
            key = keys.foreign if fault == "foreign" else keys.late
            return papers(subject, folder[subject], key).get(name, content)
        if fault == "wrong_signature" and name.endswith(".sig"):
            return detached(keys.good, b"another file")
        if fault == "misnamed" and name.endswith(".DIGESTS.asc"):
            return papers("another", folder[subject], keys.good)["another.DIGESTS.asc"]
        if fault == "altered" and name == subject:
            return content[:-1] + bytes([content[-1] ^ 1])
        if fault == "truncated" and name == subject:
            return content[:-100]
        return content

    def file(self, content: bytes, fault: str, tag: str, cut: bool) -> None:
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = 0
        if wanted and fault != "no_ranges" and self.headers.get("If-Range", tag) == tag:
            start = int(wanted[1])
        headers = {"ETag": tag, "Content-Length": str(len(content) - start)}
        if start >= len(content) > 0:
            self.answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
            return
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        body = content[start:]
        if cut and len(body) > CUT:
            body = body[:CUT]
            self.close_connection = True
        self.answer(206 if start else 200, body, headers, pause=0.15 if fault == "slow" else 0)

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None, pause: float = 0) -> None:
        headers = {"Content-Length": str(len(body)), **(headers or {})}
        if hasattr(self, "entry"):
            self.entry["status"] = status
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        for start in range(0, len(body), 1 << 16):
            self.wfile.write(body[start : start + (1 << 16)])
            time.sleep(pause)

    def log_message(self, format: str, *args: t.Any) -> None:
        """Says nothing."""


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in for a Flatcar release server.")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="where keyring.asc and ca.pem go")
    parser.add_argument("--ready", type=pathlib.Path, required=True, help="the JSON file that says where it serves")
    parser.add_argument("--file", type=pathlib.Path, action="append", default=[], help="that the release has besides")
    parser.add_argument("--seconds", type=float, default=600, help="how long it serves")
    options = parser.parse_args()
    keys = Keys()
    context, ca = certificate(options.folder)
    keyring = options.folder / "keyring.asc"
    keyring.write_text(keys.public())
    files = {path.name: path.read_bytes() for path in options.file}
    plain, tls = Server(keys, files=files), Server(keys, context, files)
    facts = {"url": plain.url, "tls_url": tls.url, "keyring": str(keyring), "ca": str(ca), "pid": os.getpid()}
    unfinished = options.ready.with_suffix(".new")
    unfinished.write_text(json.dumps(facts))
    unfinished.replace(options.ready)
    time.sleep(options.seconds)


if __name__ == "__main__":
    main()
