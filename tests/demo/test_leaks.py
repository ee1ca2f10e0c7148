# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets are found in each form that an output may have them in."""

from __future__ import annotations

import base64
import gzip

import pytest

from ansible_collections.flatops.flatcar.tests.demo import leaks


@pytest.mark.parametrize("secret", ["correct-horse", "$6$salt$a.b/c"])
@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_what_would_be_found(secret: str, before: str) -> None:
    text = f"{before}user:{secret}, and more of it".encode()
    encoded = base64.b64encode(text)
    packed = base64.b64encode(gzip.compress(b"x" * 99 + text))
    forms = [
        text,
        base64.b64encode(secret.encode()),
        base64.b64encode(gzip.compress(secret.encode())),
        b'{"auth": "' + encoded + b'"}',
        b"data=" + packed,
        base64.b64encode(b'{"auth": "' + encoded + b'"}'),
    ]
    for form in forms:
        assert leaks.found(b"TASK [x]\n" + form + b"\n", [secret, "another one"]) == {secret}
