# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The heartbeat of a lease."""

from __future__ import annotations

import threading

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.heartbeat import Heartbeat


class Beats:
    """Counts beats; the n-th raises faults[n], and enough is set after so many."""

    def __init__(self, enough: int, **faults: str) -> None:
        self.count = 0
        self.wanted = enough
        self.enough = threading.Event()
        self.faults = faults
        self.lost: list[VsphereError] = []
        self.over = threading.Event()

    def beat(self) -> None:
        self.count += 1
        if self.count >= self.wanted:
            self.enough.set()
        code = self.faults.get(f"at{self.count}")
        if code:
            raise VsphereError(code, "so it is")

    def end(self, error: VsphereError) -> None:
        self.lost.append(error)
        self.over.set()


def test_beats_while_the_caller_waits() -> None:
    beats = Beats(3)
    with Heartbeat(beats.beat, beats.end, every=0.01):
        assert beats.enough.wait(300)
    seen = beats.count
    assert not beats.lost
    assert not threading.Event().wait(0.05)
    assert beats.count == seen


def test_a_lease_that_is_gone_ends_it() -> None:
    beats = Beats(2, at2="lease_error")
    with Heartbeat(beats.beat, beats.end, every=0.01):
        assert beats.over.wait(300)
        threading.Event().wait(0.05)
    assert [error.code for error in beats.lost] == ["lease_error"]
    assert beats.count == 2


def test_a_broken_connection_is_tried_again() -> None:
    beats = Beats(4, at1="connect", at2="connect")
    with Heartbeat(beats.beat, beats.end, every=0.01):
        assert beats.enough.wait(300)
    assert not beats.lost


def test_a_short_context_has_no_beat() -> None:
    beats = Beats(1)
    with Heartbeat(beats.beat, beats.end, every=60):
        pass
    assert beats.count == 0
