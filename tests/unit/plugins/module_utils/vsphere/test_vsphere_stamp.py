# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written down on a VM."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import stamp


def test_stamp() -> None:
    keys = stamp.stamp(state=stamp.IMPORTING, ignition_sha256="ab", source="")
    assert keys == {
        "flatcar.ansible.state": "importing",
        "flatcar.ansible.ignition_sha256": "ab",
        "flatcar.ansible.source": "",
    }
    read = stamp.read({**keys, "guestinfo.x": "y"})
    assert read == stamp.Stamp(state="importing", ignition_sha256="ab")
    assert read.is_unfinished
    assert read.is_ours
    done = stamp.read({**keys, **stamp.stamp(state=stamp.COMPLETE)})
    assert done.is_ours
    assert not done.is_unfinished
    assert not stamp.read({"guestinfo.x": "y"}).is_ours
