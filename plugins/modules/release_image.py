#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: release_image
short_description: Download and verify an image of a Flatcar release
version_added: 1.0.0
author: The flatops.flatcar developers (@flatops)
description:
  - Downloads the image of a platform, or another file of a release, and verifies it. Both are checked, the SHA-512
    digest that was signed for the name of the file, and the OpenPGP signature of the file itself.
  - The file comes to O(dest) whole and verified, or not at all.
  - A download that was cut is taken up where it ended, in the same run and in the next.
  - A file that is at O(dest) already and has the signed digest is left alone.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.action
  - flatops.flatcar.release
attributes:
  check_mode:
    support: full
    details: Reads the signed digests only, and says whether the file would be downloaded.
  diff_mode:
    support: full
    details: Shows the SHA-512 digests of the file before and after.
  idempotent:
    support: partial
    details: With O(version=current) a new release brings a new file.
  action:
    details: While the module downloads on the controller, the action shows every 5 seconds how far it is.
options:
  platform:
    description:
      - The platform whose image is wanted. Of several images the first one is taken that the release has, in the
        order of RV(flatops.flatcar.release_info#module:release.platforms.files).
      - V(pxe) is the initial RAM disk; its kernel is O(file=flatcar_production_pxe.vmlinuz).
    type: str
    choices: [aws, azure, gcp, iso, openstack, pxe, qemu, vmware]
  file:
    description: The name of any file of the release that has signed digests and a signature.
    type: str
  dest:
    description:
      - Where the file goes. A folder gets it under its own name. The folder must be there.
      - While it comes it lies beside, under a name that begins with C(.flatops-) and ends in C(.part).
    type: path
    required: true
  mode:
    description:
      - The permissions of the file, octal in quotes or symbolic, as in M(ansible.builtin.file).
      - Without it a new file gets the default of the system, and one that is replaced keeps its own.
    type: raw
  progress_file:
    description:
      - A file to which is appended how far the download is, one line at most a second; phase, bytes, bytes in all.
      - The action plugin sets it when the module runs on the controller itself without C(become).
    type: path
notes:
  - The signature says that the Flatcar project has made the file, and the signed digest which name it gave it. Which
    version it belongs to is signed nowhere, so O(version) is as trustworthy as the server and its TLS certificate.
  - Tasks for several hosts that are delegated to one machine and want the same file wait for each other, and it is
    downloaded once.
seealso:
  - module: flatops.flatcar.release_info
  - name: Flatcar image signing key
    description: The published key.
    link: https://www.flatcar.org/security/image-signing-key/
"""

EXAMPLES = r"""
---
- name: Download the OVA of the newest stable release
  flatops.flatcar.release_image:
    platform: vmware
    dest: /var/lib/images/
  delegate_to: localhost
  run_once: true
  register: ova

- name: Show where it is
  ansible.builtin.debug:
    msg: "Flatcar {{ ova.version }} is at {{ ova.dest }}"

- name: Download the kernel of an exact release for network boot, from a mirror
  flatops.flatcar.release_image:
    channel: lts
    version: 4081.3.10
    file: flatcar_production_pxe.vmlinuz
    base_url: https://mirror.example.com/flatcar/{channel}
    dest: /srv/tftp/flatcar.vmlinuz
    mode: "0644"
  delegate_to: boot.example.com

- name: Download an image that a mirror has signed with its own key
  flatops.flatcar.release_image:
    platform: qemu
    base_url: https://mirror.example.com/flatcar/{channel}
    keyring: "{{ lookup('ansible.builtin.file', 'mirror-key.asc') }}"
    dest: /var/lib/images/flatcar.img
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
dest:
  description: The path of the file.
  returned: success
  type: str
  sample: /var/lib/images/flatcar_production_vmware_ova.ova
file:
  description: Its name in the release.
  returned: success
  type: str
  sample: flatcar_production_vmware_ova.ova
url:
  description: Where it comes from.
  returned: success
  type: str
  sample: https://stable.release.flatcar-linux.net/amd64-usr/4593.2.5/flatcar_production_vmware_ova.ova
version:
  description: The exact version of the release.
  returned: success
  type: str
  sample: 4593.2.5
sha512:
  description: Its SHA-512 digest.
  returned: success
  type: str
  sample: "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce\
    47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
size:
  description: Its size in bytes; in check mode V(null) where the server does not say.
  returned: success
  type: int
  sample: 468713421
received:
  description: How many bytes of it were downloaded now, which is less than RV(size) when a download was taken up.
  returned: success
  type: int
  sample: 468713421
signature:
  description: The signature that was verified; that of the digests when nothing was downloaded.
  returned: success
  type: dict
  contains:
    fingerprint:
      description: The fingerprint of the key that made it.
      returned: always
      type: str
      sample: 52F145DFD00BBDCD928CBB5A32DA80F91EF52974
    primary_fingerprint:
      description: The fingerprint of the primary key to which that one belongs.
      returned: always
      type: str
      sample: F88CFEDEFF29A5B4D9523864E25D9AED0593B34A
    date:
      description: When it was made (UTC).
      returned: always
      type: str
      sample: "2026-08-12T01:07:42Z"
error_code:
  description:
    - What went wrong, in a word for programs. It is one of V(bad_option), V(not_found), V(http_status),
      V(unreachable), V(tls_untrusted), V(unexpected_content), V(no_verifier), V(bad_keyring), V(key_expired),
      V(unknown_key), V(bad_signature), V(digest_mismatch) and V(write_failed).
  returned: failure
  type: str
  sample: bad_signature
"""

import re

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.flatops.flatcar.plugins.module_utils._release import arguments, layout, progress
from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError
from ansible_collections.flatops.flatcar.plugins.module_utils._release.image import Image, obtain

_MODE = re.compile(r"(0o)?[0-7]{1,5}|[ugoa]*[-+=][rwxXstugo]*(,[ugoa]*[-+=][rwxXstugo]*)*")
SPEC = {
    **arguments.SPEC,
    "platform": {"type": "str", "choices": list(layout.IMAGES)},
    "file": {"type": "str"},
    "dest": {"type": "path", "required": True},
    "mode": {"type": "raw"},
    "progress_file": {"type": "path"},
}


def run(module: AnsibleModule) -> dict[str, object]:
    options = module.params
    if options["mode"] is not None and not _MODE.fullmatch(str(options["mode"])):
        raise ReleaseError("bad_option", f"mode {options['mode']!r} is neither octal (in quotes) nor symbolic.")
    names = layout.IMAGES[options["platform"]] if options["platform"] else (layout.check_file(options["file"]),)
    report = progress.Writer(options["progress_file"]) if options["progress_file"] else progress.silent
    opened = arguments.connect(options, module.run_command)
    for warning in opened.warnings:
        module.warn(warning)
    image = obtain(
        opened.client, opened.release, names, options["dest"], opened.verifier, report=report, dry=module.check_mode
    )
    diff = {"before": {"sha512": image.replaced}, "after": {"sha512": image.sha512}}
    changed = module.set_mode_if_different(image.path, options["mode"], image.changed, diff)
    return {"changed": changed, "version": opened.release.version, "diff": diff, **described(image)}


def described(image: Image) -> dict[str, object]:
    return {
        "dest": image.path,
        "file": image.name,
        "url": image.url,
        "sha512": image.sha512,
        "size": image.size,
        "received": image.received,
        "signature": {
            "fingerprint": image.signature.signer,
            "primary_fingerprint": image.signature.primary,
            "date": image.signature.made.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec=SPEC,
        mutually_exclusive=[("platform", "file")],
        required_one_of=[("platform", "file")],
        required_by=arguments.REQUIRED_BY,
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except ReleaseError as error:
        module.fail_json(msg=str(error), error_code=error.code)


if __name__ == "__main__":
    main()
