# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets in logs. The word canary is the secret, or stands in it."""

from __future__ import annotations

import time

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._node.redact import MARK, redact

PREFIX = "2026-11-21T10:00:00+00:00 node1 kubelet[12]: "
HASH = "cAnaRy/canary/canary0123456789"

SECRETS = [
    # Names and values.
    ("password=canary next", f"password={MARK} next"),
    ("DB_PASSWORD='not much of a canary' x", f"DB_PASSWORD={MARK} x"),
    ("db-password: not much of a canary", f"db-password: {MARK}"),
    ("X-Auth-Token: canary", f"X-Auth-Token: {MARK}"),
    ("client-key-data: Y2FuYXJ5", f"client-key-data: {MARK}"),
    ("    token: canary", f"    token: {MARK}"),
    ('{"password":"a\\"canary","user":"x"}', f'{{"password":{MARK},"user":"x"}}'),
    ('msg="{\\"apiKey\\": \\"canary\\", \\"a\\": 1}"', f'msg="{{\\"apiKey\\": {MARK}, \\"a\\": 1}}"'),
    ('"Authorization":["Bearer canary"],"Accept":["x"]', f'"Authorization":{MARK},"Accept":["x"]'),
    ("Authorization: Negotiate canary", f"Authorization: {MARK}"),
    ("Set-Cookie: session=canary; Path=/", f"Set-Cookie: {MARK}"),
    ("AccountKey=canary==;EndpointSuffix=x", f"AccountKey={MARK};EndpointSuffix=x"),
    ("kubeadm join a:6443 --token canary --v=5", f"kubeadm join a:6443 --token {MARK} --v=5"),
    ("kubeadm init --certificate-key canary", f"kubeadm init --certificate-key {MARK}"),
    ("--db-password='a canary' -v", f"--db-password={MARK} -v"),
    ("--db-password 'a canary' -v", f"--db-password {MARK} -v"),
    ("Environment=AWS_SECRET_ACCESS_KEY=canary", f"Environment=AWS_SECRET_ACCESS_KEY={MARK}"),
    ("guestinfo.ignition.config.data = canary", f"guestinfo.ignition.config.data = {MARK}"),
    ("guestinfo.coreos.config.data: canary canary", f"guestinfo.coreos.config.data: {MARK}"),
    ("coreos.config.data=canary", f"coreos.config.data={MARK}"),
    ("customData: canary", f"customData: {MARK}"),
    ('"httpHeaders":[{"name":"A","value":"canary"}]}', f'"httpHeaders":{MARK}}}'),
    ('"contents":{"inline":"canary"}', f'"contents":{{"inline":{MARK}}}'),
    ('password="canary without an end', f"password={MARK}"),
    # Their own forms.
    ("x abcdef.0123456789abcdef y", f"x {MARK} y"),
    ("x eyJhbGciOiJSUzI1NiJ9.canary012.canary-_3 y", f"x {MARK} y"),
    ("sent Bearer canary0123", f"sent Bearer {MARK}"),
    ("sent basic Y2FuYXJ5Og==", f"sent basic {MARK}"),
    (f"core:$6$salt${HASH}:19000", f"core:{MARK}:19000"),
    (f"core:$6$rounds=5000$salt${HASH}:19000", f"core:{MARK}:19000"),
    (f"core:$y$j9T$salt${HASH}:19000", f"core:{MARK}:19000"),
    (f'"passwordHash":"$6$salt${HASH}"', f'"passwordHash":{MARK}'),
    ("$2b$10$canarycanarycanary", MARK),
    ("clone with ghp_canary0123456789canary", f"clone with {MARK}"),
    ("key AKIACANARY0123456789", f"key {MARK}"),
    # URLs and contents.
    ("GET https://u:canary@h/p?a=canary#f 200", f"GET https://{MARK}@h/p?{MARK}#f 200"),
    ('Get "http://h/x?sig=canary": EOF', f'Get "http://h/x?{MARK}": EOF'),
    ('"source":"data:;base64,canary"', f'"source":"data:{MARK}"'),
    ('"source":"data:,canary%20canary"', f'"source":"data:{MARK}"'),
    ("data:text/plain;charset=utf-8;base64,canary", f"data:{MARK}"),
    # Keys.
    ("a -----BEGIN RSA PRIVATE KEY-----\\ncanary\\n-----END RSA PRIVATE KEY-----\\n", f"a {MARK}"),
    ("-----BEGIN PGP PRIVATE KEY BLOCK-----", MARK),
]

PLAIN = [
    "2026-11-21T10:00:00+0000 node1 systemd[1]: Started kubelet.service - Kubelet.",
    "Failed password for root from 192.0.2.1 port 22 ssh2",
    'E1121 pod_workers.go:1301] "Error syncing pod" err="failed" pod="kube-system/x-abc" podUID="1-2"',
    "Unit docker.service: data: no",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "https://update.example.org/v1/update/ said 200",
    "-----BEGIN CERTIFICATE-----",
    "MIIBszCCAVmgAwIBAgIUcanary",
    "kubernetes-v1.34.2-x86-64.raw",
    "cost: 5$ and 6$ and $HOME",
    "basic target reached",
    "NetworkManager.conf.0123 v1.2.3",
    "",
]


@pytest.mark.parametrize("line, redacted", SECRETS)
def test_secrets(line: str, redacted: str) -> None:
    assert redact(line).text == redacted
    assert redact(PREFIX + line).text == PREFIX + redacted
    assert redact(line).places
    assert redact(redacted).text == redacted


@pytest.mark.parametrize("line", PLAIN)
def test_what_stays(line: str) -> None:
    assert redact(line) == (line, 0)


BODY = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCanary0123456", "short=="]
BEGIN, END = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    "lines, kept",
    [
        ([BEGIN, *BODY, END, "after"], [MARK, MARK, MARK, MARK, "after"]),
        ([BEGIN, BODY[0], "of another program", END], [MARK, MARK, MARK, MARK]),
        # What is before or after was cut off.
        (["before", *BODY, END, "after"], ["before", MARK, MARK, MARK, "after"]),
        ([BEGIN, BODY[0], "of another program", BODY[0]], [MARK, MARK, "of another program", MARK]),
        ([BEGIN, END, BEGIN, BODY[0], END, "x", END], [MARK, MARK, MARK, MARK, MARK, MARK, MARK]),
        ([f"x {BEGIN}a\\n{END} y"], [f"x {MARK}"]),
    ],
)
def test_private_keys_in_lines(lines: list[str], kept: list[str]) -> None:
    assert redact("\n".join(lines)).text.split("\n") == kept
    journal = [PREFIX + line for line in lines]
    assert redact("\n".join(journal)).text.replace(PREFIX, "").split("\n") == kept


@pytest.mark.parametrize("part", ["a", "token", "://", "://a?", "data:", "$6$", "-", "\\", '"', 'token:\\"', "eyJ"])
def test_long_lines_take_no_time(part: str) -> None:
    start = time.process_time()
    redact(part * (200_000 // len(part)))
    assert time.process_time() - start < 5
