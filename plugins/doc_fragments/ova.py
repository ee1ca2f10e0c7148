# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options that say where an OVA comes from."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  ova:
    description: The path of an OVA on the controller.
    type: path
  url:
    description:
      - The address of an OVA, C(http://) or C(https://). It passes through the controller as a stream and is stored
        nowhere. The environment variables E(http_proxy), E(https_proxy) and E(no_proxy) are respected.
      - A redirect never leads from C(https) to C(http), and takes O(url_headers) and O(url_password) along only to the
        same server.
      - A connection that is cut is taken up where it ended.
      - When the descriptor of the OVA does not come first, it is looked for by requests for ranges; from a server that
        knows none, the OVA is read once more up to the descriptor.
      - An address with a query or with a user is not shown.
    type: str
  channel:
    description:
      - The channel of a Flatcar release, whose OVA is taken. The SHA-512 digest that the Flatcar project has signed for
        it must be its digest.
    type: str
    choices: [stable, beta, alpha, lts]
  version:
    description:
      - Which release of O(channel).
      - V(current) is the newest one; V(current-2024) is the newest one of the LTS stream of 2024, and so on for the
        other years; V(4593.2.5) is exactly that one.
    type: str
    default: current
  arch:
    description: The processor architecture of the release.
    type: str
    choices: [amd64, arm64]
    default: amd64
  base_url:
    description:
      - The address of the releases, or of a mirror of them, as for M(flatops.flatcar.release_info).
      - V({channel}) in it stands for O(channel).
    type: str
    default: https://{channel}.release.flatcar-linux.net
  url_headers:
    description: Headers for the server of O(url), a token for one.
    type: dict
  url_username:
    description: The user for the server of O(url) or O(base_url) (HTTP basic authentication).
    type: str
  url_password:
    description: The password for O(url_username).
    type: str
  url_ca_path:
    description:
      - A PEM file, or a folder of hashed ones, with the certificates that may have signed the server's. The default
        is what the system trusts.
    type: path
  url_validate_certs:
    description: Whether the TLS certificate of the server must be trusted.
    type: bool
    default: true
  checksum:
    description:
      - The digest that the whole OVA must have, as C(ALGORITHM:DIGEST), or C(ALGORITHM:) and the address or path of a
        file of digests, such as the C(.DIGESTS) of a Flatcar release. The algorithms are C(sha1), C(sha256), C(sha384)
        and C(sha512).
      - It is verified while the OVA passes, and before it is used. With O(channel) the signed digest is taken.
    type: str
  signature:
    description:
      - The address or path of a detached OpenPGP signature of the whole OVA, as the C(.sig) of a Flatcar release. It is
        verified while the OVA passes, and before it is used.
    type: str
  keyring:
    description:
      - Further OpenPGP public keys that may have signed, besides the Flatcar image signing key, which this collection
        brings along. The path of a file, armoured or binary, or the armoured text itself.
    type: str
  manifest:
    description:
      - What becomes of the manifest in the OVA, which holds the SHA-1, SHA-256 or SHA-512 digest of each file in it.
      - V(verify) verifies it where there is one; V(require) refuses an OVA without one; V(ignore) does not look at it.
      - A manifest that is verified must name the descriptor and every disk, and nothing that is not there.
    type: str
    choices: [verify, require, ignore]
    default: verify
requirements:
  - pysequoia >= 0.1.32 (a Python package) or gpgv (a program of GnuPG), for O(channel) and O(signature)
"""
