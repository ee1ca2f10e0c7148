# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a client holds a server's certificate against."""

from __future__ import annotations

import os
import ssl


def context(validate_certs: bool, ca_path: str | None) -> ssl.SSLContext:
    """ca_path is a PEM file or a folder of hashed ones; None is what the system trusts. OSError for what is neither."""
    if not validate_certs:
        unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        unchecked.check_hostname = False
        unchecked.verify_mode = ssl.CERT_NONE
        return unchecked
    path = os.path.expanduser(ca_path) if ca_path else None
    if path and os.path.isdir(path):
        return ssl.create_default_context(capath=path)
    return ssl.create_default_context(cafile=path)
