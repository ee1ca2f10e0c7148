# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the serial log of a VM says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import serial


def test_lines_are_without_codes_of_a_terminal() -> None:
    data = b"\x1b[0;32m  OK  \x1b[0m] Started \x1b]0;title\x07a\r\n\r\n\x1bcb\x00\xff\r\nlast"
    assert serial.lines(data) == ["  OK  ] Started a", "b\ufffd", "last"]


def test_the_last_lines() -> None:
    data = "\n".join(["Ignition failed: a", *map(str, range(100))]).encode()
    log = serial.read(data)
    assert log.lines == [str(number) for number in range(50, 100)]
    assert log.cause == "Ignition failed. The log says: Ignition failed: a"


def test_signatures_of_addresses_are_left_out() -> None:
    (line,) = serial.lines(b'GET "https://a.blob/x?sv=1&sig=abc%3D&se=2": attempt #1')
    assert line == 'GET "https://a.blob/x?sv=1&sig=***&se=***": attempt #1'


@given(st.binary())
def test_no_byte_orders_a_terminal(data: bytes) -> None:
    for line in serial.lines(data):
        assert not any(ord(character) < 32 and character != "\t" for character in line)


@pytest.mark.parametrize(
    "line, said",
    [
        ("ignition[618]: failed to fetch config: unsupported config version", "does not know the specification"),
        ("ignition[618]: couldn't parse config: invalid character", "refused the config"),
        (
            'ignition[618]: GET error: Get "https://a/": dial tcp: lookup a: no such host',
            "the subnet may have no way out",
        ),
        ("ignition[618]: files: op(1): hash verification failed (got a)", "does not have the digest"),
        ("ignition[618]: files: createUsers: op(3): [failed]   adding ssh keys", "Ignition failed"),
        ("Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)", "may not fit the VM size"),
        ("You are in emergency mode.", "emergency shell"),
        ("write /sysroot/a: No space left on device", "os_disk_size_gb"),
    ],
)
def test_cause(line: str, said: str) -> None:
    told = serial.cause(["booting", line, "later"])
    assert told and said in told and told.endswith(f"The log says: {line}")


@pytest.mark.parametrize("last", ["GET result: OK", "Ignition finished successfully", "node1 login:"])
def test_what_has_passed_is_no_cause(last: str) -> None:
    told = [
        'GET error: Get "http://169.254.169.254/": dial tcp 169.254.169.254:80: connect: network is unreachable',
        "failed to retrieve userdata from IMDS, falling back to custom data: not a config (empty)",
        last,
    ]
    assert serial.cause(told) is None
    failed = "CRITICAL : Ignition failed: failed to create files: failed to create /sysroot/etc/a: gzip: invalid header"
    assert str(serial.cause([*told, failed])).endswith(failed)


def test_no_cause() -> None:
    assert serial.cause([]) is None
    assert serial.cause(["ignition[618]: Ignition finished successfully", "node1 login:"]) is None
