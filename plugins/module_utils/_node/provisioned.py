# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Whether a new node can be logged in to and Ignition has finished there, and what is probably wrong if not."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

from . import facts_system
from .errors import NodeError

# GRUB takes the flag for the order to run Ignition; it is removed when Ignition has succeeded
# (flatcar/bootengine, dracut/30ignition/ignition-generator, and flatcar/init, ignition-quench.service).
SCRIPT = """\
cat /proc/sys/kernel/random/boot_id >out/boot_id
cat /etc/.ignition-result.json >out/ignition 2>/dev/null
[ ! -e /boot/flatcar/first_boot ] || echo yes >out/first_boot
exit 0
"""

#: What OpenSSH and the system say -> the error's code, the first that fits.
_SAID = {
    "host identification has changed": "host_key_changed",
    "host key verification failed|no .* host key is known": "host_key_unknown",
    "permission denied|too many authentication failures": "login_refused",
    "could not resolve": "no_address",
    "connection refused|connection reset|connection closed|kex_exchange_identification": "no_ssh",
    "timed out|no route to host|unreachable|did not answer|broken pipe|not responding": "no_route",
}
#: code -> the probable cause. Besides these there is ignition_unfinished.
CAUSES = {
    "host_key_changed": "known_hosts has the key of another machine for this address; if that machine is gone, remove "
    "its key by `ssh-keygen -R ADDRESS`",
    "host_key_unknown": "ssh does not know the host key and may not ask for it; let it accept the key of a new machine "
    "by ansible_ssh_common_args: -o StrictHostKeyChecking=accept-new",
    "login_refused": "the node runs but does not let this user in: its description has no ssh_authorized_keys that fit "
    "the private key, or another user than ansible_user has them",
    "no_address": "the name in ansible_host has no address",
    "no_ssh": "something has the address, but no SSH server answers: Ignition still runs or has failed in the "
    "initramfs, which only the console shows",
    "no_route": "nothing answers at this address: the node has not booted, its description has other network settings, "
    "or a firewall lies between; look at the console",
    "no_login": "the node cannot be logged in to",
}
#: Codes of what waiting does not mend.
FINAL = ("host_key_changed", "host_key_unknown")


class Found(t.NamedTuple):
    """What the script has found. ignition is the report as node_facts has it."""

    boot_id: str
    ignition: dict[str, t.Any] | None
    first_boot: bool

    @property
    def finished(self) -> bool:
        return self.ignition is not None and not self.first_boot


def parse(files: Mapping[str, bytes]) -> Found:
    """What the script's answers say."""
    texts = {name: data.decode(errors="replace") for name, data in files.items()}
    return Found(texts.get("boot_id", "").strip(), facts_system.ignition(texts), "first_boot" in texts)


def refused(said: str) -> NodeError:
    """The error for a connection that failed, by what was said of it."""
    codes = [code for pattern, code in _SAID.items() if re.search(pattern, said, re.IGNORECASE)]
    code = codes[0] if codes else "no_login"
    return NodeError(code, f"{CAUSES[code]}. The last attempt: {said}")


def unfinished(found: Found) -> NodeError:
    """The error for a node that lets in but where Ignition has not finished."""
    what = (
        "the flag of the first boot, /boot/flatcar/first_boot, is still there"
        if found.first_boot
        else "Ignition has left no report in /etc/.ignition-result.json"
    )
    return NodeError(
        "ignition_unfinished", f"the node lets in, but {what}; see `journalctl -b -t ignition` and failed units there"
    )
