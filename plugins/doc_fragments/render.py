# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options of everything that makes an Ignition config of fragments."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  files_dir:
    description:
      - Folder on the controller below which C(local) keys, C(contents_local), C(ssh_authorized_keys_local) and
        C(trees) of Butane find their files, like C(--files-dir) of the program butane.
    type: path
  files_dir_symlinks:
    description:
      - Whether files below O(files_dir) may be read through symbolic links.
      - V(follow) is what the program butane does; such a link may lead anywhere on the controller.
    type: str
    choices: [refuse, follow]
    default: refuse
  strict:
    description:
      - Make a key that Butane or Ignition does not know an error, because it is a typo.
      - Other warnings stay warnings, and so does the merge key C(<<).
    type: bool
    default: true
  pretty:
    description: Indent the JSON.
    type: bool
    default: false
  allow_experimental:
    description:
      - Let fragments of an experimental specification stand beside stable ones; the result is then experimental.
    type: bool
    default: false
  max_bytes:
    description: Refuse a fragment, and a local file, that is larger than this many bytes.
    type: int
    default: 16777216
"""

    RECORD = r"""
options:
  first_boot_record:
    description:
      - Add the file C(/var/lib/flatops/first-boot.json), from which the first run of M(flatops.flatcar.node_config)
        learns what the first boot made, so that it takes away what a description no longer names.
      - It has names, paths, permissions and digests, no contents, and only root may read it.
      - What belongs to a fragment without a name is not in it. Those of P(flatops.flatcar.fragments#lookup) have one.
    type: bool
    default: false
    version_added: 1.1.0
"""
