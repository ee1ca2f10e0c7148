# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Downloads: whole and verified at their place, or not at all."""

from __future__ import annotations

import collections.abc
import concurrent.futures
import os
import pathlib
import resource
import signal
import subprocess
import sys
import time
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._release import layout
from ansible_collections.flatops.flatcar.plugins.module_utils._release.client import Client
from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError
from ansible_collections.flatops.flatcar.plugins.module_utils._release.image import Image, obtain
from ansible_collections.flatops.flatcar.plugins.module_utils._release.openpgp import Verifier
from ansible_collections.flatops.flatcar.plugins.module_utils._release.release import resolve
from ansible_collections.flatops.flatcar.tests.standins.release import server as standin

NAME = "flatcar_production_azure_image.vhd.bz2"
Fetch = collections.abc.Callable[..., Image]


@pytest.fixture
def content(server: standin.Server) -> bytes:
    return server.releases["amd64"][NAME]


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """Where the downloads go: empty."""
    path = tmp_path / "images"
    path.mkdir()
    return path


@pytest.fixture
def fetch(verifier: Verifier, folder: pathlib.Path, pauses: list[float]) -> Fetch:
    """Gets the image from a mirror to a place in the folder."""

    def run(mirror: t.Any, dest: str = "", retries: int = 4, names: tuple[str, ...] = (NAME,), **more: t.Any) -> Image:
        client = Client(retries=retries, sleep=pauses.append, timeout=60, validate_certs=False)
        release = resolve(client, base_url=mirror.base_url, channel="stable", version="current", arch="amd64")
        return obtain(client, release, names, os.path.join(folder, dest), verifier, **more)

    return run


def names_in(folder: pathlib.Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_new_file(fetch: Fetch, mirror, folder: pathlib.Path, content: bytes, keys: standin.Keys) -> None:
    image = fetch(mirror("plain"))
    assert (folder / NAME).read_bytes() == content
    assert names_in(folder) == [NAME]
    assert (image.changed, image.replaced, image.size) == (True, None, len(content))
    assert image.received == len(content)
    assert image.signature.primary == keys.good.extract_certificate().fingerprint.upper()


def test_second_run_leaves_it_alone(fetch: Fetch, mirror, folder: pathlib.Path) -> None:
    first = fetch(mirror("plain"))
    before = (folder / NAME).stat()
    again = mirror("plain")
    second = fetch(again)
    assert (second.changed, second.received, second.sha512) == (False, 0, first.sha512)
    # Hashing the file reads it, so the time of the last access is another.
    after = (folder / NAME).stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_mode) == (before.st_ino, before.st_mtime_ns, before.st_mode)
    assert not again.requests(NAME)


def test_altered_file_is_replaced_and_keeps_its_mode(
    fetch: Fetch, mirror, folder: pathlib.Path, content: bytes
) -> None:
    (folder / NAME).write_bytes(b"something else")
    (folder / NAME).chmod(0o640)
    image = fetch(mirror("plain"))
    assert image.changed
    assert image.replaced is not None
    assert (folder / NAME).read_bytes() == content
    assert (folder / NAME).stat().st_mode & 0o7777 == 0o640


def test_mode_of_a_new_file_is_the_default(fetch: Fetch, mirror, folder: pathlib.Path) -> None:
    before = os.umask(0o027)
    try:
        fetch(mirror("plain"))
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert (folder / NAME).stat().st_mode & 0o7777 == 0o640


@pytest.mark.parametrize("there", [None, b"something else"])
def test_dry(there: bytes | None, fetch: Fetch, mirror, folder: pathlib.Path) -> None:
    if there:
        (folder / NAME).write_bytes(there)
    plain = mirror("plain")
    image = fetch(plain, dry=True)
    assert (image.changed, image.size, image.received) == (True, standin.LARGE, 0)
    assert names_in(folder) == ([NAME] if there else [])
    assert [entry["method"] for entry in plain.requests(NAME)] == ["HEAD"]


def test_dry_of_what_is_there(fetch: Fetch, mirror) -> None:
    fetch(mirror("plain"))
    assert not fetch(mirror("plain"), dry=True).changed


def test_first_name_that_the_release_has(fetch: Fetch, mirror, folder: pathlib.Path) -> None:
    image = fetch(mirror("plain"), names=("missing.img", *layout.IMAGES["qemu"]))
    assert image.name == "flatcar_production_qemu_image.img"
    assert names_in(folder) == [image.name]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("altered", "digest_mismatch"),
        ("truncated", "digest_mismatch"),
        ("wrong_signature", "bad_signature"),
        ("foreign", "unknown_key"),
        ("late", "key_expired"),
        ("unsigned", "not_found"),
        ("misnamed", "unexpected_content"),
    ],
)
@pytest.mark.parametrize("there", [None, b"what was there before"])
def test_nothing_that_is_not_verified(
    fault: str, code: str, there: bytes | None, fetch: Fetch, mirror, folder: pathlib.Path
) -> None:
    if there:
        (folder / NAME).write_bytes(there)
    with pytest.raises(ReleaseError) as caught:
        fetch(mirror(fault))
    assert caught.value.code == code
    assert names_in(folder) == ([NAME] if there else [])
    assert there is None or (folder / NAME).read_bytes() == there


def test_file_that_no_release_has(fetch: Fetch, mirror, folder: pathlib.Path) -> None:
    with pytest.raises(ReleaseError, match="no signed digests") as caught:
        fetch(mirror("plain"), names=("flatcar_production_none.img",))
    assert caught.value.code == "not_found"
    assert not names_in(folder)


@pytest.mark.parametrize("fault", ["busy", "redirect", "cut", "changed", "no_ranges"])
def test_faults_that_pass(fault: str, fetch: Fetch, mirror, folder: pathlib.Path, content: bytes) -> None:
    assert fetch(mirror(fault)).changed
    assert (folder / NAME).read_bytes() == content
    assert names_in(folder) == [NAME]


def test_cut_connection_is_taken_up(fetch: Fetch, mirror, pauses: list[float]) -> None:
    cut = mirror("cut")
    image = fetch(cut, retries=1)
    assert image.received == standin.LARGE
    assert [(entry["range"], entry["if_range"], entry["status"]) for entry in cut.requests(NAME)] == [
        (None, None, 200),
        (f"bytes={standin.CUT}-", '"first"', 206),
        (f"bytes={2 * standin.CUT}-", '"first"', 206),
        (f"bytes={3 * standin.CUT}-", '"first"', 206),
    ]
    assert pauses == [1, 1, 1], "whoever comes further begins to count anew"


def test_file_that_changes_meanwhile_begins_anew(fetch: Fetch, mirror) -> None:
    changed = mirror("changed")
    image = fetch(changed)
    assert [entry["status"] for entry in changed.requests(NAME)] == [200, 200]
    assert image.received == standin.CUT + standin.LARGE


def test_next_run_takes_up_what_the_last_one_left(fetch: Fetch, mirror, folder: pathlib.Path, content: bytes) -> None:
    with pytest.raises(ReleaseError) as caught:
        fetch(mirror("cut"), retries=0)
    assert caught.value.code == "unreachable"
    (left,) = names_in(folder)
    assert left.startswith(f".flatops-{NAME}-")
    assert left.endswith(".part")
    assert (folder / left).stat().st_mode & 0o7777 == 0o600
    plain = mirror("plain")
    image = fetch(plain)
    assert [entry["range"] for entry in plain.requests(NAME)] == [f"bytes={standin.CUT}-"]
    assert image.received == standin.LARGE - standin.CUT
    assert (folder / NAME).read_bytes() == content
    assert names_in(folder) == [NAME]


def leave(folder: pathlib.Path, content: bytes, sha512: str) -> None:
    (folder / f".flatops-{NAME}-{sha512[:16]}.part").write_bytes(content)


@pytest.mark.parametrize("size", [100, standin.LARGE, standin.LARGE + 5])
def test_damaged_leftover_begins_anew(size: int, fetch: Fetch, mirror, folder: pathlib.Path, content: bytes) -> None:
    leave(folder, b"\0" * size, fetch(mirror("plain"), dry=True).sha512)
    assert fetch(mirror("plain")).changed
    assert (folder / NAME).read_bytes() == content
    assert names_in(folder) == [NAME]


def test_whole_leftover_needs_nothing_more(fetch: Fetch, mirror, folder: pathlib.Path, content: bytes) -> None:
    leave(folder, content, fetch(mirror("plain"), dry=True).sha512)
    image = fetch(mirror("plain"))
    assert (image.changed, image.received) == (True, 0)
    assert (folder / NAME).read_bytes() == content


def test_leftover_of_another_release_is_removed(fetch: Fetch, mirror, folder: pathlib.Path) -> None:
    leave(folder, b"old", "0" * 128)
    fetch(mirror("plain"))
    assert names_in(folder) == [NAME]


def test_two_at_once_download_once(fetch: Fetch, mirror, folder: pathlib.Path, content: bytes) -> None:
    plain = mirror("plain")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        images = list(pool.map(lambda dummy: fetch(plain), range(5)))
    assert sorted(image.changed for image in images) == [False, False, False, False, True]
    assert len(plain.requests(NAME)) == 1
    assert (folder / NAME).read_bytes() == content
    assert names_in(folder) == [NAME]


def test_kill_and_the_next_run(fetch: Fetch, mirror, folder: pathlib.Path, keys: standin.Keys, content: bytes) -> None:
    slow = mirror("slow")
    program = (
        "import sys\n"
        "from ansible_collections.flatops.flatcar.plugins.module_utils._release import image, keyring, openpgp\n"
        "from ansible_collections.flatops.flatcar.plugins.module_utils._release.release import resolve\n"
        "from ansible_collections.flatops.flatcar.plugins.module_utils._release.client import Client\n"
        "client = Client(validate_certs=False)\n"
        "names = dict(channel='stable', version='current', arch='amd64')\n"
        "verifier = openpgp.Verifier(keyring.load(sys.argv[2]), None)\n"
        "release = resolve(client, base_url=sys.argv[1], **names)\n"
        "image.obtain(client, release, sys.argv[3:4], sys.argv[4], verifier)\n"
    )
    command = [sys.executable, "-c", program, slow.base_url, keys.public(), NAME, str(folder)]
    with subprocess.Popen(command) as child:
        while not any(path.stat().st_size for path in folder.iterdir()):
            assert child.poll() is None
            time.sleep(0.05)
        child.send_signal(signal.SIGKILL)
    (left,) = names_in(folder)
    assert left != NAME
    plain = mirror("plain")
    assert 0 < fetch(plain).received < standin.LARGE
    assert (folder / NAME).read_bytes() == content
    assert names_in(folder) == [NAME]


def test_no_space(fetch: Fetch, mirror, folder: pathlib.Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (standin.CUT, hard))
    try:
        with pytest.raises(ReleaseError, match="free space") as caught:
            fetch(mirror("plain"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert caught.value.code == "write_failed"
    assert not names_in(folder)


@pytest.mark.parametrize(("dest", "path"), [("", NAME), ("other.img", "other.img"), ("./x", "x"), ("./", NAME)])
def test_dest(dest: str, path: str, fetch: Fetch, mirror, folder: pathlib.Path) -> None:
    assert fetch(mirror("plain"), dest).path == str(folder / path)
    assert names_in(folder) == [path]


def test_dest_that_is_a_link(fetch: Fetch, mirror, folder: pathlib.Path, content: bytes) -> None:
    (folder / "link").symlink_to("target.img")
    assert fetch(mirror("plain"), "link").path == str(folder / "target.img")
    assert (folder / "link").is_symlink()
    assert (folder / "target.img").read_bytes() == content


@pytest.mark.parametrize("dest", ["missing/", "missing/file", "fifo"])
def test_dest_that_cannot_be(dest: str, fetch: Fetch, mirror, folder: pathlib.Path) -> None:
    os.mkfifo(folder / "fifo")
    with pytest.raises(ReleaseError, match="dest") as caught:
        fetch(mirror("plain"), dest)
    assert caught.value.code == "bad_option"
    assert names_in(folder) == ["fifo"]


def test_progress(fetch: Fetch, mirror) -> None:
    told: list[tuple[str, int, int | None]] = []
    fetch(mirror("plain"), report=lambda *state: told.append(state))
    assert [phase for phase, done, total in told if done == total] == ["download", "verify"]
    downloads = [state for state in told if state[0] == "download"]
    assert downloads[0] == ("download", 0, standin.LARGE)
    assert downloads == sorted(downloads)
