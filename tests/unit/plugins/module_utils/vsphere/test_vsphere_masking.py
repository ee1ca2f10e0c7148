# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a result may not show."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import masking


def test_only_whole_secrets_are_masked() -> None:
    masked = {"420", "TRUE", "whole"}
    masking.mask_whole(masked, {"password": "whole", "ignition": '{"mode": 420}', "ignition_url": None, "name": "x"})
    assert masked == {"whole", '{"mode": 420}'}


def test_settings_by_their_digests() -> None:
    shown = masking.invocation({"name": "x", "settings": {"a": "hunter2", "b": None, "c": 1}}, "settings")
    assert shown["module_args"]["name"] == "x"
    assert "hunter2" not in str(shown)
    assert shown["module_args"]["settings"]["c"].endswith(", 1 bytes>")
    assert shown["module_args"]["settings"]["b"] is None
    assert masking.invocation({"settings": None}, "settings") == {"module_args": {"settings": {}}}
