#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: release_info
short_description: What a Flatcar release consists of
version_added: 1.0.0
author: The flatops.flatcar developers (@flatops)
description:
  - Finds out which version a channel is at, and returns the names and addresses of its images for each platform, their
    signatures and digests, the AMIs and the image of Google Cloud, and the newest Ignition spec that it boots.
  - Asks a release server of the Flatcar project or a mirror of it. Only files that the server has are returned.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.info
  - flatops.flatcar.release
notes:
  - The list of AMIs is verified by its signature. C(version.txt), which says what V(current) is, is protected by TLS
    alone. An image is verified when M(flatops.flatcar.release_image) downloads it.
seealso:
  - module: flatops.flatcar.release_image
  - name: Flatcar releases
    description: The channels, their versions and what has changed.
    link: https://www.flatcar.org/releases
"""

EXAMPLES = r"""
---
- name: Look up the newest stable release
  flatops.flatcar.release_info:
  delegate_to: localhost
  register: stable

- name: Show what it is
  ansible.builtin.debug:
    msg: >-
      Flatcar {{ stable.release.version }} of {{ stable.release.build_date }}
      boots Ignition {{ stable.release.ignition_spec }}

- name: Look up an exact release of the LTS for arm64 on a mirror
  flatops.flatcar.release_info:
    channel: lts
    version: 4081.3.10
    arch: arm64
    base_url: https://mirror.example.com/flatcar/{channel}
    ca_path: /etc/ssl/example-ca.pem
  delegate_to: localhost
  register: lts

- name: Take the AMI of a region
  ansible.builtin.set_fact:
    flatcar_ami: "{{ lts.release.platforms.aws.amis['eu-central-1'] }}"

- name: Take the address of the VHD for Azure
  ansible.builtin.set_fact:
    flatcar_vhd_url: "{{ lts.release.platforms.azure.files[0].url }}"
"""

RETURN = r"""
release:
  description: The release.
  returned: success
  type: dict
  contains:
    channel:
      description: The channel.
      returned: always
      type: str
      sample: stable
    version:
      description: The exact version.
      returned: always
      type: str
      sample: 4593.2.5
    arch:
      description: The architecture.
      returned: always
      type: str
      sample: amd64
    build_id:
      description: The ID of the build, empty where the server does not say.
      returned: always
      type: str
      sample: 2026-08-11-2350
    build_date:
      description: When it was built (UTC), V(null) where the build ID does not tell.
      returned: always
      type: str
      sample: "2026-08-11T23:50:00Z"
    ignition_version:
      description: The Ignition that it ships, V(null) for releases before 2605.
      returned: always
      type: str
      sample: 2.24.0
    ignition_spec:
      description:
        - The newest stable Ignition spec that it boots, V(null) for releases before 2605.
        - For a release that is newer than this version of the collection it may be a newer one in truth.
      returned: always
      type: str
      sample: 3.5.0
    url:
      description: The folder of the release on the server.
      returned: always
      type: str
      sample: https://stable.release.flatcar-linux.net/amd64-usr/4593.2.5/
    platforms:
      description:
        - For each platform that the release has images for what they are. The keys are V(aws), V(azure), V(gcp),
          V(iso), V(openstack), V(pxe), V(qemu) and V(vmware).
      returned: always
      type: dict
      contains:
        files:
          description:
            - The files that the server has, the image that is most readily used first. Several images of a platform
              hold the same disk, packed in other ways. Behind them come the kernel for V(pxe) and the firmware for
              V(qemu).
          returned: always
          type: list
          elements: dict
          contains:
            name:
              description: The name of the file.
              returned: always
              type: str
              sample: flatcar_production_azure_image.vhd.bz2
            size:
              description: Its size in bytes, V(null) where the server does not say.
              returned: always
              type: int
              sample: 468713421
            url:
              description: Its address.
              returned: always
              type: str
              sample: https://stable.release.flatcar-linux.net/amd64-usr/4593.2.5/flatcar_production_azure_image.vhd.bz2
            signature_url:
              description: The address of its detached OpenPGP signature.
              returned: always
              type: str
              sample: https://stable.release.flatcar-linux.net/amd64-usr/4593.2.5/flatcar_production_azure_image.vhd.bz2.sig
            digests_url:
              description: The address of its digests.
              returned: always
              type: str
              sample: https://stable.release.flatcar-linux.net/amd64-usr/4593.2.5/flatcar_production_azure_image.vhd.bz2.DIGESTS
            signed_digests_url:
              description: The address of its digests in a signed message.
              returned: always
              type: str
              sample: https://stable.release.flatcar-linux.net/amd64-usr/4593.2.5/flatcar_production_azure_image.vhd.bz2.DIGESTS.asc
        amis:
          description: Region to AMI.
          returned: for V(aws), when the server has the list of AMIs and its signature
          type: dict
          sample:
            eu-central-1: ami-0123456789abcdef0
        project:
          description: The project of Google Cloud that holds the image.
          returned: for V(gcp) on amd64
          type: str
          sample: kinvolk-public
        family:
          description: The image family of the channel.
          returned: for V(gcp) on amd64
          type: str
          sample: flatcar-stable
        image:
          description:
            - The image of this release, named by the rule of the Flatcar project, which keeps about the ten newest of
              a channel.
          returned: for V(gcp) on amd64
          type: str
          sample: projects/kinvolk-public/global/images/flatcar-stable-4593-2-5
      sample:
        vmware:
          files:
            - name: flatcar_production_vmware_ova.ova
              size: 468713421
              url: https://stable.release.flatcar-linux.net/amd64-usr/4593.2.5/flatcar_production_vmware_ova.ova
error_code:
  description:
    - What went wrong, in a word for programs. It is one of V(bad_option), V(not_found), V(http_status),
      V(unreachable), V(tls_untrusted), V(unexpected_content), V(no_verifier), V(bad_keyring), V(key_expired),
      V(unknown_key) and V(bad_signature).
  returned: failure
  type: str
  sample: not_found
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.flatops.flatcar.plugins.module_utils._release import arguments
from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError
from ansible_collections.flatops.flatcar.plugins.module_utils._release.release import describe


def main() -> None:
    module = AnsibleModule(argument_spec=arguments.SPEC, required_by=arguments.REQUIRED_BY, supports_check_mode=True)
    try:
        opened = arguments.connect(module.params, module.run_command)
        release, warnings = describe(opened.client, opened.release, opened.verifier)
    except ReleaseError as error:
        module.fail_json(msg=str(error), error_code=error.code)
    for warning in opened.warnings + warnings:
        module.warn(warning)
    module.exit_json(changed=False, release=release)


if __name__ == "__main__":
    main()
