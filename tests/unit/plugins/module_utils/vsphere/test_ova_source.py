# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OVAs from servers and releases: how they are read, what is said of them, and what never leaves for elsewhere."""

from __future__ import annotations

import collections.abc
import hashlib
import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._release import arguments
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import ova_source as core
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova import open_ova
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_check import Verdict
from ansible_collections.flatops.flatcar.tests.standins.release import server as standin
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.release.conftest import Mirror, run_command
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.vsphere.conftest import LATE, USUAL

Mirrors = collections.abc.Callable[[str], Mirror]


def remote(url: str, **more: t.Any) -> core.Source:
    """Without the certificates of the system, which take their time to load."""
    return core.source(**{"url": url, "retries": 0, "validate_certs": False, "timeout": 60, **more})


def through(given: core.Source) -> Verdict:
    ova = open_ova(given)
    for dummy in ova.disks():
        pass
    return ova.verdict()


def failure(work: collections.abc.Callable[[], object]) -> VsphereError:
    with pytest.raises(VsphereError) as caught:
        work()
    return caught.value


def test_only_the_beginning_is_read(mirror: Mirrors) -> None:
    plain = mirror("plain")
    ova = open_ova(remote(plain.folder + USUAL))
    assert (ova.whole, ova.about.hardware.cpus) == (False, 2)
    assert [entry["range"] for entry in plain.requests()] == [None]


def test_one_pass(mirror: Mirrors, ovas: dict[str, bytes]) -> None:
    plain = mirror("plain")
    assert through(remote(plain.folder + USUAL)) == ("verified", None, None, len(ovas[USUAL]))
    assert [entry["range"] for entry in plain.requests()] == [None, None], "the descriptor, and the pass"


def test_headers_are_walked_by_ranges(mirror: Mirrors, ovas: dict[str, bytes]) -> None:
    plain = mirror("plain")
    ova = open_ova(remote(plain.folder + LATE))
    assert ova.whole
    first, second = (entry["range"] for entry in plain.requests())
    assert first is None
    assert ovas[LATE][int(str(second)[6:-1]) :][:4] == b"flat", "the header behind the disk"


def test_server_without_ranges_is_read_through(server: standin.Server, mirror: Mirrors, monkeypatch) -> None:
    def whole(self: standin.Handler, content: bytes, *dummy: object) -> None:
        self.answer(200, content, {"ETag": '"first"'})

    monkeypatch.setattr(standin.Handler, "file", whole)
    plain = mirror("plain")
    assert through(remote(plain.folder + LATE)).manifest == "verified"
    assert len(plain.requests()) == 3, "the beginning, the descriptor, and the pass"


def test_cut_connection_is_taken_up(mirror: Mirrors, ovas: dict[str, bytes]) -> None:
    cut = mirror("cut")
    ova = open_ova(remote(cut.folder + USUAL, retries=1))
    content = b"".join(b"".join(member.chunks) for member in ova.disks())
    assert ova.verdict().manifest == "verified"
    assert content in ovas[USUAL]
    places = [str(entry["range"]) for entry in cut.requests()[1:]]
    assert places == ["None", *(f"bytes={number << 20}-" for number in range(1, len(places)))]


def test_cut_connection_where_ranges_are_not_known(mirror: Mirrors) -> None:
    """The first answer is cut in the middle of the disk: the second one is read through to that place."""
    cut = mirror("no_ranges")
    assert through(remote(cut.folder + USUAL, retries=1)).manifest == "verified"


def test_file_that_changes_meanwhile(mirror: Mirrors) -> None:
    changed = mirror("changed")
    given = remote(changed.folder + LATE, retries=1)
    assert "has changed while it was read" in str(failure(lambda: through(given)))


def test_server_that_goes_away(keys: standin.Keys, ovas: dict[str, bytes]) -> None:
    running = standin.Server(keys, files=ovas)
    ova = open_ova(remote(Mirror(running, "cut").folder + USUAL))
    passing = ova.disks()
    disk = next(passing)
    next(disk.chunks)
    running.shutdown()
    running.server_close()
    error = failure(lambda: list(disk.chunks))
    passing.close()
    assert error.code == "source_unreadable"


@pytest.mark.parametrize("fault", ["denied", "down"])
def test_answers_that_are_none(fault: str, mirror: Mirrors) -> None:
    assert failure(lambda: open_ova(remote(mirror(fault).folder + USUAL))).code == "source_unreadable"


def test_missing(mirror: Mirrors) -> None:
    error = failure(lambda: open_ova(remote(mirror("plain").folder + "none.ova?token=secret")))
    assert error.code == "source_unreadable"
    assert "The server has no http" in str(error)
    assert "secret" not in str(error)


def test_nobody_listens() -> None:
    error = failure(lambda: open_ova(remote("http://127.0.0.1:1/a.ova?secret")))
    assert error.code == "source_unreadable"
    assert "secret" not in str(error)


def test_trust(tls: tuple[standin.Server, pathlib.Path]) -> None:
    running, ca = tls
    url = Mirror(running, "plain").folder + USUAL
    assert open_ova(remote(url, validate_certs=True, ca_path=str(ca))).name
    error = failure(lambda: open_ova(remote(url, validate_certs=True)))
    assert error.code == "tls_untrusted"
    assert "url_ca_path" in str(error)
    assert "url_ca_path" in str(failure(lambda: remote(url, validate_certs=True, ca_path="/none")))


def test_redirect_to_an_unprotected_address(tls: tuple[standin.Server, pathlib.Path]) -> None:
    running, ca = tls
    url = Mirror(running, "downgrade").folder + USUAL
    error = failure(lambda: open_ova(remote(url, validate_certs=True, ca_path=str(ca))))
    assert error.code == "source_unreadable"
    assert "unprotected" in str(error)


@pytest.mark.parametrize(("host", "there"), [("127.0.0.1", True), ("localhost", False)])
def test_credentials_do_not_go_to_another_server(host: str, there: bool, mirror: Mirrors) -> None:
    away = mirror("redirect")
    url = away.folder.replace("127.0.0.1", host) + USUAL
    open_ova(remote(url, headers={"X-Token": "secret"}, username="me", password="secret"))
    assert [entry["authorization"] is not None for entry in away.requests()] == [True, there]
    assert [entry["token"] for entry in away.requests()] == ["secret", "secret" if there else None]


def test_credentials_are_not_for_other_files(mirror: Mirrors) -> None:
    here, there = mirror("plain"), mirror("plain")
    other = there.folder.replace("127.0.0.1", "localhost") + USUAL
    remote(here.folder + USUAL, headers={"X-Token": "x"}, username="me", checksum=f"sha512:{other}.DIGESTS")
    assert [(entry["token"], entry["authorization"]) for entry in there.requests()] == [(None, None)]
    remote(here.folder + USUAL, headers={"X-Token": "x"}, checksum=f"sha512:{here.folder}{USUAL}.DIGESTS")
    assert [entry["token"] for entry in here.requests()] == ["x"]


def test_user_and_password_in_the_address(mirror: Mirrors) -> None:
    plain = mirror("plain")
    given = remote(plain.folder.replace("//", "//me:se%40cret@") + USUAL)
    assert given.label == plain.folder + USUAL
    open_ova(given)
    assert [entry["authorization"] for entry in plain.requests()] == ["Basic bWU6c2VAY3JldA=="]


def test_label_without_secrets() -> None:
    assert remote("https://me:secret@example.com/a.ova?sig=secret#secret").label == "https://example.com/a.ova"


@pytest.mark.parametrize(
    "url", ["a.ova", "ftp://example.com/a.ova", "https://", "http://[::1/a", "http://a:b/", "file:///a"]
)
def test_no_address(url: str) -> None:
    assert failure(lambda: remote(url)).code == "bad_option"


@pytest.mark.parametrize(
    "headers",
    [{"Range": "bytes=0-"}, {"Accept-Encoding": "gzip"}, {"a b": "c"}, {"": "c"}, {"X": "a\r\nY: b"}, {"X": "ü"}],
)
def test_headers_that_cannot_be(headers: dict[str, str]) -> None:
    error = failure(lambda: remote("http://127.0.0.1/", headers=headers))
    assert error.code == "bad_option"
    assert "a\r\nY" not in str(error)


def test_proxy(mirror: Mirrors, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = mirror("plain")
    monkeypatch.setenv("http_proxy", plain.server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    open_ova(remote(plain.folder.replace(plain.server.url, "http://images.invalid") + USUAL))
    assert [entry["proxied"] for entry in plain.requests()] == [True]


@pytest.mark.parametrize("algorithm", list(core.CHECKSUMS))
def test_checksum(algorithm: str, mirror: Mirrors, ovas: dict[str, bytes]) -> None:
    digest = hashlib.new(algorithm, ovas[USUAL]).hexdigest()
    url = mirror("plain").folder + USUAL
    assert through(remote(url, checksum=f"{algorithm}:{digest}")).checksum == f"{algorithm}:{digest}"
    assert through(remote(url, checksum=f"{algorithm.upper()}: {digest.upper()}")).checksum == f"{algorithm}:{digest}"
    error = failure(lambda: through(remote(url, checksum=f"{algorithm}:{'0' * len(digest)}")))
    assert error.code == "checksum_mismatch"
    assert digest in str(error)


def test_checksum_of_the_digests_of_a_release(mirror: Mirrors, ovas: dict[str, bytes]) -> None:
    url = mirror("plain").folder + USUAL
    digest = hashlib.sha512(ovas[USUAL]).hexdigest()
    assert through(remote(url, checksum=f"sha512:{url}.DIGESTS")).checksum == f"sha512:{digest}"


@pytest.mark.parametrize(
    "text",
    [
        "{}  image.ova\n",
        "{} *image.ova\n",
        "{}  ./images/image.ova\r\n",
        "SHA256 (image.ova) = {}\n",
        "SHA256(image.ova)= {}\n",
        "{}\n",
        f"{'1' * 64}  other.ova\n{{}}  image.ova\n",
        "{}  image.ova\n{}  image.ova\n",
        f"# SHA1 HASH\n{'1' * 40}  image.ova\n# SHA256 HASH\n{{}}  image.ova\n",
    ],
)
def test_file_of_digests(text: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "sums").write_text(text.replace("{}", "a" * 64))
    given = core.source(path=str(tmp_path / "image.ova"), checksum=f"sha256:{tmp_path}/sums", validate_certs=False)
    assert given.checksum == ("sha256", "a" * 64)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}  other.ova\n",
        f"{'1' * 128}  image.ova\n",
        "<html>\n",
        f"{'1' * 64}  image.ova\n{{}}  image.ova\n",
        "{}\n{}\n",
    ],
)
def test_file_of_other_digests(text: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "sums").write_text(text.replace("{}", "a" * 64))
    error = failure(
        lambda: core.source(path=str(tmp_path / "image.ova"), checksum=f"sha256:{tmp_path}/sums", validate_certs=False)
    )
    assert error.code == "bad_option"


@pytest.mark.parametrize("checksum", ["a" * 64, "md5:" + "a" * 32, "sha256:", "sha256:abc", "sha256:" + "a" * 40, ":x"])
def test_no_checksum(checksum: str) -> None:
    assert failure(lambda: remote("http://127.0.0.1/", checksum=checksum)).code == "bad_option"


@pytest.mark.parametrize("option", ["checksum", "signature"])
def test_small_files_that_cannot_be_had(option: str, tmp_path: pathlib.Path, mirror: Mirrors) -> None:
    prefix = "sha256:" if option == "checksum" else ""
    (tmp_path / "large").write_bytes(bytes((1 << 20) + 1))
    places = {
        str(tmp_path / "none"): "source_unreadable",
        str(tmp_path / "large"): "bad_option",
        mirror("plain").folder + "none": "source_unreadable",
        "http://me:secret@127.0.0.1/": "bad_option",
    }
    for place, code in places.items():
        with pytest.raises(VsphereError) as caught:
            remote("http://127.0.0.1/", **{option: prefix + place})
        error = caught.value
        assert error.code == code
        assert str(error).startswith(f"{option}: ")
        assert "secret" not in str(error)


def release_options(mirror: Mirror, keys: standin.Keys, **more: object) -> dict[str, t.Any]:
    options = {name: option.get("default") for name, option in arguments.SPEC.items()}
    return {
        **options,
        "base_url": mirror.base_url,
        "keyring": keys.public(),
        "retries": 0,
        "validate_certs": False,
        **more,
    }


def test_release(mirror: Mirrors, keys: standin.Keys, ovas: dict[str, bytes]) -> None:
    plain = mirror("plain")
    given = core.released(release_options(plain, keys), run_command)
    assert given.label == plain.folder + USUAL
    digest = hashlib.sha512(ovas[USUAL]).hexdigest()
    verdict = through(given)
    assert (verdict.manifest, verdict.checksum) == ("verified", f"sha512:{digest}")
    assert verdict.signature is not None
    assert verdict.signature in str(core.released(release_options(plain, keys), run_command).signer)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("altered", "checksum_mismatch"),
        ("foreign", "signature_bad"),
        ("late", "signature_bad"),
        ("misnamed", "source_unreadable"),
        ("truncated", "checksum_mismatch"),
        ("html", "source_unreadable"),
        ("down", "source_unreadable"),
    ],
)
def test_faults_of_a_release(fault: str, code: str, mirror: Mirrors, keys: standin.Keys) -> None:
    options = release_options(mirror(fault), keys)
    assert failure(lambda: through(core.released(options, run_command))).code == code
