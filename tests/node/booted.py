# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes for tests, also such as Ignition makes from a description at their first boot."""

from __future__ import annotations

import collections.abc
import contextlib
import json
import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.fragments import (
    Fragment,
    render,
    rendered,
    resolve,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._node.first_boot import add
from ansible_collections.flatops.flatcar.tests.standins.kubernetes import programs
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin


@contextlib.contextmanager
def started(count: int, *extra: pathlib.Path) -> collections.abc.Iterator[standin.Nodes]:
    """node1 and so on, with more folders of /usr. Where they cannot run tests are skipped, which CI does not allow."""
    try:
        with standin.running(count, extra=extra) as nodes:
            yield nodes
    except standin.CannotStart as reason:
        pytest.skip(str(reason))


def kubernetes() -> tuple[pathlib.Path, ...]:
    """The folders of nodes that get a cluster, for started. Where there are none the tests are skipped as well."""
    try:
        return programs.extra()
    except standin.CannotStart as reason:
        pytest.skip(str(reason))


@contextlib.contextmanager
def booted(butane: str) -> collections.abc.Iterator[standin.Nodes]:
    """node1, booted with the Butane, and with the record of it under the name app."""
    resolved = resolve([Fragment(butane, "app")])
    with booted_with(rendered(resolved, add(resolved.config, resolved.parts), pretty=False).text) as nodes:
        yield nodes


@contextlib.contextmanager
def booted_with(ignition: str, count: int = 1) -> collections.abc.Iterator[standin.Nodes]:
    """node1 and so on, booted with an Ignition config."""
    login = standin.config

    def config(key: str) -> dict[str, t.Any]:
        found: dict[str, t.Any] = json.loads(render([Fragment(login(key)), Fragment(ignition)]).text)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(standin, "config", config)
        with started(count) as nodes:
            yield nodes
