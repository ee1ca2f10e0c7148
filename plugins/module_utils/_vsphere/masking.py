# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Options whose values no result may show.

Ansible masks each value of a secret mapping wherever it stands in a result: a file mode of 420 in a config, or a
setting of "1", would turn every digest into asterisks. So what is masked are whole secrets only, and a result shows
mappings of settings by their digests.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.guestinfo_change import redacted

#: Secret texts.
SECRETS = ("password", "ignition", "ignition_url", "url_password")


def mask_whole(masked: set[str], options: t.Mapping[str, t.Any]) -> None:
    """Leaves of what a module masks (its no_log_values) only the secret options as a whole."""
    masked.clear()
    masked.update(options[name] for name in SECRETS if options.get(name))


def invocation(options: t.Mapping[str, t.Any], settings: str) -> dict[str, t.Any]:
    """What a result says of the options; settings is the name of the one with keys and values."""
    values = {key: redacted("" if value is None else str(value)) for key, value in (options[settings] or {}).items()}
    return {"module_args": {**options, settings: values}}
