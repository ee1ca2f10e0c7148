# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time that runs out, and ends that come from elsewhere."""

from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import patience
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt, Interrupted


def test_no_wait_is_begun_that_is_too_long() -> None:
    start = time.monotonic()
    said = "Making it: this has not ended within 5 seconds"
    with patience.lasting("Making it", 5) as patient, pytest.raises(AzureError, match=said) as caught:
        patient.wait(6)
    assert caught.value.code == "timeout"
    assert time.monotonic() - start < 4


def test_one_within_another_lasts_no_longer() -> None:
    assert patience.current(7).seconds == 7
    with patience.lasting("Outer", 10) as outer:
        with patience.lasting("Inner", 100) as inner:
            assert inner.seconds <= 10
            assert patience.current(7) is inner
        assert patience.current(7) is outer
        with patience.lasting("Inner", 1) as inner:
            assert inner.left <= 1
    assert patience.current(7).seconds == 7


def test_each_thread_has_its_own() -> None:
    seen = []
    with patience.lasting("Here", 10):
        thread = threading.Thread(target=lambda: seen.append(patience.current(3).seconds))
        thread.start()
        thread.join()
    assert seen == [3]


def test_an_interrupt_ends_the_inner_waits_too() -> None:
    interrupt = Interrupt()
    threading.Timer(0.1, interrupt.set).start()
    with patience.lasting("Outer", 60, interrupt), patience.lasting("Inner", 60) as inner, pytest.raises(Interrupted):
        inner.wait(50)
