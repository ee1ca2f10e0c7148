# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role kubernetes_sysext: real system extensions, patched by the real systemd-sysupdate."""

from __future__ import annotations

import collections.abc
import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.booted import started
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.node.steps import of, succeeded
from ansible_collections.flatops.flatcar.tests.node.sysext import (
    FLAG,
    LINK,
    SERVICE,
    SOON,
    Site,
    changes,
    failure,
    role,
    site,
    status,
)
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes


@pytest.fixture(scope="module")
def nodes() -> collections.abc.Iterator[Nodes]:
    with started(1) as found:
        yield found


@pytest.fixture(scope="module")
def here(nodes: Nodes, tmp_path_factory: pytest.TempPathFactory) -> collections.abc.Iterator[Site]:
    with site(nodes, tmp_path_factory.mktemp("site")) as found:
        found.images.add("1.33.0")
        yield found


@pytest.fixture
def variables(here: Site) -> dict[str, t.Any]:
    return {"kubernetes_sysext_version": "1.33.0", "kubernetes_sysext_url": here.images.tls_url, **SOON}


def test_first_application(play: Player, here: Site, variables: dict[str, t.Any]) -> None:
    """It is merged at once; check mode tells the truth, and the second run changes nothing."""
    before = here.out("find /etc /opt /var/lib/flatops | sort")
    checked = play([role("main")], variables=variables, check=True, diff=True)
    succeeded(checked)
    assert here.out("find /etc /opt /var/lib/flatops | sort") == before
    applied = play([role("main"), role("verify"), role("main", "again")], variables=variables, diff=True)
    succeeded(applied)
    assert changes(applied) == changes(checked) == ["Apply the fragment", "Merge it where none is"]
    assert (here.merged(), here.staged(), here.flagged()) == ("1.33.0", "1.33.0", False)
    assert here.out("systemctl is-enabled systemd-sysupdate-reboot.timer || true") == "masked"


def test_nothing_is_staged_where_the_versions_of_api_servers_are_not_known(here: Site) -> None:
    """As the timer fires: before the node joins, and while no API server answers."""
    here.images.add("1.33.1")
    here.until(lambda: "has not joined a cluster" in here.told(""))
    here.api.start(here.address(), "v1.33.3")
    here.join()
    here.until(lambda: here.staged() == "1.33.1")
