# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options of the modules that read a release server."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  channel:
    description: The channel of the release.
    type: str
    choices: [stable, beta, alpha, lts]
    default: stable
  version:
    description:
      - Which release of the channel.
      - V(current) is the newest one; V(current-2024) is the newest one of the LTS stream of 2024, and so on for the
        other years; V(4593.2.5) is exactly that one.
    type: str
    default: current
  arch:
    description: The processor architecture.
    type: str
    choices: [amd64, arm64]
    default: amd64
  base_url:
    description:
      - The address in place of which a mirror of your own can stand. Below it lie the folders
        C(<arch>-usr/<version>/) with the files under the names that the Flatcar project gives them, and the folder
        C(<arch>-usr/current/) with at least C(version.txt).
      - V({channel}) in it stands for O(channel).
      - The environment variables E(http_proxy), E(https_proxy) and E(no_proxy) are respected.
    type: str
    default: https://{channel}.release.flatcar-linux.net
  keyring:
    description:
      - Further OpenPGP public keys that may have signed, besides the Flatcar image signing key, which this collection
        brings along. The path of a file, armoured or binary, or the armoured text itself.
      - The Flatcar image signing key of this version of the collection expires on 2027-03-08. There is a warning
        from 60 days before, and an error from then on unless a key in O(keyring) is still valid.
    type: str
  validate_certs:
    description:
      - Whether the TLS certificate of the server must be trusted.
    type: bool
    default: true
  ca_path:
    description:
      - A PEM file, or a folder of hashed ones, with the certificates that may have signed the server's. The default
        is what the system trusts.
    type: path
  timeout:
    description: The longest wait in seconds for a connection, and for each piece of data.
    type: int
    default: 30
  retries:
    description:
      - How many times a request is made again that failed for a reason that may pass, which is a connection that was
        refused or cut, a time-out, or one of the HTTP answers 408, 429, 500, 502, 503 and 504.
      - The pauses are 1, 2, 4 seconds and so on, or what the header C(Retry-After) says, and never longer than 60.
      - A download that came further than ever before begins to count anew.
    type: int
    default: 4
  url_username:
    description: The user for a server that asks for one (HTTP basic authentication).
    type: str
  url_password:
    description: The password for O(url_username).
    type: str
requirements:
  - pysequoia >= 0.1.32 (a Python package) or gpgv (a program of GnuPG), to verify signatures
"""
