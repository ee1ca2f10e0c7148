# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What goes wrong with a release, one exception for all of it."""

from __future__ import annotations


class ReleaseError(Exception):
    """A release could not be found, fetched or verified.

    code is one of the stable words of CODES; the message says what is wrong, where, and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


#: code -> what it means. Modules return it as `error_code` and document this table.
CODES = {
    "bad_option": "an option has a value that cannot be used",
    "not_found": "the server has no such release or file",
    "http_status": "the server answered with another error",
    "unreachable": "no connection, a time-out, or a connection that was cut again and again",
    "tls_untrusted": "the certificate of the server is not trusted",
    "unexpected_content": "a file of the server is not what a release publishes",
    "no_verifier": "neither pysequoia nor gpgv is there to verify signatures",
    "bad_keyring": "the keyring cannot be read or holds no public key",
    "key_expired": "every known signing key has expired, or a signature was made after its key had",
    "unknown_key": "the signature was made by a key that is not known",
    "bad_signature": "the signature does not fit the file, or is none",
    "digest_mismatch": "the file does not have the digest that was signed",
    "write_failed": "the file could not be written",
}
