# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""OpenPGP signatures: verified by pysequoia, or by gpgv where that is absent.

A signature is good when it was made by a key of the keyring that had not expired then and is not revoked. So images of
older releases stay good after their subkey has expired. pysequoia judges by the time of the signature itself; gpgv
exits 0 with EXPKEYSIG for any expired key, even for a revoked one, and leaves the judgement to `_judge`.
"""

from __future__ import annotations

import datetime
import importlib
import os
import shutil
import tempfile
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError
from ansible_collections.flatops.flatcar.plugins.module_utils._release.keyring import Keyring

#: Signed data: bytes, or the path of a file.
Data = t.Union[bytes, "os.PathLike[str]"]

#: Starts a program with these arguments: exit code, output, error output. As AnsibleModule.run_command, which
#: ansible-test wants in place of subprocess.
Run = t.Callable[[list[str]], tuple[int, str, str]]

_BEGIN_SIGNATURE = b"-----BEGIN PGP SIGNATURE-----"


class Signature(t.NamedTuple):
    """A good signature: fingerprints of the key that made it and of its primary key, and when (UTC)."""

    signer: str
    primary: str
    made: datetime.datetime


class Backend(t.Protocol):
    """What verifies. It returns the fingerprint of the signing key and the time of the signature, or a ReleaseError."""

    def detached(self, name: str, data: Data, signature: bytes) -> tuple[str, datetime.datetime]:
        """By a detached signature."""

    def cleartext(self, name: str, text: bytes) -> tuple[str, datetime.datetime, bytes]:
        """By a cleartext message; also returns what was signed."""


class Verifier:
    """Verifies by the keys of a keyring; ReleaseError "no_verifier" when there is nothing to do it with.

    run starts a program and returns its exit code, output and error output.
    """

    def __init__(self, keyring: Keyring, run: Run) -> None:
        self.keyring = keyring
        self.backend = _backend(keyring, run)

    def detached(self, name: str, data: Data, signature: bytes) -> Signature:
        """The signature over data, or ReleaseError; name is what messages call the signed file."""
        return _judge(name, self.keyring, *self.backend.detached(name, data, signature))

    def cleartext(self, name: str, text: bytes) -> tuple[Signature, bytes]:
        """The signature over a cleartext message, and what was signed in it; or ReleaseError."""
        signer, made, signed = self.backend.cleartext(name, text)
        return _judge(name, self.keyring, signer, made), signed


def _judge(name: str, keyring: Keyring, signer: str, made: datetime.datetime) -> Signature:
    key = keyring.find(signer)
    if key is None:
        raise unknown_key(name, signer)
    if key.revoked:
        raise ReleaseError("bad_signature", f"{name} was signed by the key {signer}, which has been revoked.")
    if not key.good_at(made):
        raise ReleaseError(
            "key_expired",
            f"{name} was signed on {made:%Y-%m-%d} by the key {signer}, which had expired on {key.expires:%Y-%m-%d}.",
        )
    return Signature(signer, key.primary, made)


def unknown_key(name: str, signer: str) -> ReleaseError:
    return ReleaseError(
        "unknown_key",
        f"{name} was signed by the key {signer}, which is not known here. If it is a newer image signing key of "
        "Flatcar or the key of your mirror, give it in the option keyring.",
    )


def bad_signature(name: str, reason: str) -> ReleaseError:
    return ReleaseError(
        "bad_signature",
        f"The signature of {name} is not good: {reason}. Do not use the file; it may have been altered on its way.",
    )


def _backend(keyring: Keyring, run: Run) -> Backend:
    try:
        library = importlib.import_module("pysequoia")
    except ImportError:
        library = None
    if library and hasattr(library.Sig, "issuer_fingerprint"):
        return Sequoia(keyring, library)
    program = shutil.which("gpgv")
    if program is None:
        raise ReleaseError(
            "no_verifier",
            "Signatures cannot be verified: install pysequoia, 0.1.32 or newer, for the Python that runs this module "
            "(pip install pysequoia), or the program gpgv (packages gpgv or gnupg2).",
        )
    return Gpgv(keyring, program, run)


class Sequoia:
    """Verification by pysequoia, from 0.1.32 on, where signatures have an issuer_fingerprint."""

    def __init__(self, keyring: Keyring, library: t.Any) -> None:
        self.keyring = keyring
        self.library = library

    def detached(self, name: str, data: Data, signature: bytes) -> tuple[str, datetime.datetime]:
        claim = self._claim(name, signature)
        source = {"bytes": data} if isinstance(data, bytes) else {"file": os.fspath(data)}
        self._verify(name, claim, signature=claim, **source)
        return claim.issuer_fingerprint.upper(), claim.created

    def cleartext(self, name: str, text: bytes) -> tuple[str, datetime.datetime, bytes]:
        claim = self._claim(name, text[text.rfind(_BEGIN_SIGNATURE) :] if _BEGIN_SIGNATURE in text else b"")
        signed = self._verify(name, claim, bytes=text)
        return claim.issuer_fingerprint.upper(), claim.created, signed.bytes

    def _claim(self, name: str, signature: bytes) -> t.Any:
        """What the signature says of itself: nothing of it is known to be true yet."""
        try:
            claim = self.library.Sig.from_bytes(signature)
        except (RuntimeError, ValueError, TypeError) as error:
            raise bad_signature(name, "it is no OpenPGP signature") from error
        if not claim.issuer_fingerprint or not claim.created:
            raise bad_signature(name, "it does not say by which key or when it was made")
        return claim

    def _verify(self, name: str, claim: t.Any, **what: t.Any) -> t.Any:
        certificates = self._certificates()
        try:
            result = self.library.verify(store=lambda dummy_ids: certificates, **what)
        except (RuntimeError, ValueError) as error:
            # pysequoia says "no valid signatures found" for every reason alike.
            if self.keyring.find(claim.issuer_fingerprint.upper()) is None:
                raise unknown_key(name, claim.issuer_fingerprint.upper()) from error
            _judge(name, self.keyring, claim.issuer_fingerprint.upper(), claim.created)
            raise bad_signature(name, "it was made over other data") from error
        if claim.issuer_fingerprint not in [valid.signing_key for valid in result.valid_sigs]:
            raise bad_signature(name, "it is one of several signatures")
        return result

    def _certificates(self) -> list[t.Any]:
        """One certificate a primary key: of several copies of a key, what all of them say."""
        merged: dict[str, t.Any] = {}
        for certificate in self.library.Cert.split_bytes(self.keyring.packets):
            known = merged.get(certificate.fingerprint)
            merged[certificate.fingerprint] = known.merge(certificate) if known else certificate
        return list(merged.values())


class Gpgv:
    """Verification by GnuPG's gpgv; its status lines are described in GnuPG's doc/DETAILS."""

    def __init__(self, keyring: Keyring, program: str, run: Run) -> None:
        self.keyring = keyring
        self.program = program
        self.run = run

    def detached(self, name: str, data: Data, signature: bytes) -> tuple[str, datetime.datetime]:
        with tempfile.TemporaryDirectory(prefix="flatops-") as folder:
            path = _write(folder, "signature", signature)
            content = _write(folder, "data", data) if isinstance(data, bytes) else os.fspath(data)
            return self._run(name, folder, [path, content])

    def cleartext(self, name: str, text: bytes) -> tuple[str, datetime.datetime, bytes]:
        with tempfile.TemporaryDirectory(prefix="flatops-") as folder:
            path, output = _write(folder, "message", text), os.path.join(folder, "signed")
            signer, made = self._run(name, folder, ["--output", output, path])
            with open(output, "rb") as stream:
                return signer, made, stream.read()

    def _run(self, name: str, folder: str, arguments: list[str]) -> tuple[str, datetime.datetime]:
        # gpgv reads binary keyrings only: an armoured one is "No public key" (GnuPG 2.2.40).
        keys = _write(folder, "keys.gpg", self.keyring.packets)
        command = [self.program, "--homedir", folder, "--keyring", keys, "--weak-digest", "SHA1", "--status-fd", "1"]
        code, output, said = self.run(command + arguments)
        status: dict[str, list[str]] = {}
        for line in output.splitlines():
            if line.startswith("[GNUPG:] "):
                keyword, *fields = line.split()[1:]
                status[keyword] = fields
        valid = status.get("VALIDSIG")
        if code == 0 and valid and ("GOODSIG" in status or "EXPKEYSIG" in status):
            return valid[0], datetime.datetime.fromtimestamp(int(valid[2]), datetime.timezone.utc)
        if "NO_PUBKEY" in status:
            raise unknown_key(name, status["ERRSIG"][-1])
        if "REVKEYSIG" in status:
            raise bad_signature(name, f"its key {status['REVKEYSIG'][0]} has been revoked")
        if "BADSIG" in status:
            raise bad_signature(name, "it was made over other data")
        raise bad_signature(name, f"gpgv says: {' '.join(said.split('gpgv:')[-1].split()) or 'nothing'}")


def _write(folder: str, name: str, content: bytes) -> str:
    path = os.path.join(folder, name)
    with open(path, "wb") as stream:
        stream.write(content)
    return path
