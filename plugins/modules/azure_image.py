#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: azure_image
short_description: Make own images of Flatcar on Azure
version_added: 1.3.0
author: The flatops.flatcar developers (@flatops)
description:
  - Makes an image of a Flatcar release, or of another disk image. It becomes a managed image, or a version in a gallery
    (Azure Compute Gallery).
  - A release is downloaded and verified, its digest as well as its signature, before anything is made in Azure.
  - The disk image must be a fixed VHD whose disk is a multiple of 1 MiB, the only kind that Azure takes; this is
    checked before anything is made.
  - Of it only the data is uploaded, several pieces at a time, to a page blob. An upload that was ended, by C(kill -9)
    for one, is taken up by the next run where it was. In the end the blob is read back and compared.
  - What an image was made of is a digest in its tags. While that is the same, nothing is downloaded or uploaded.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.action
  - flatops.flatcar.azure
attributes:
  check_mode:
    support: full
    details: Reads the small files of a release and looks up everything in Azure.
  diff_mode:
    support: full
    details: Shows the source and the digest of the image, and what else changes, before and after.
  idempotent:
    support: partial
    details: With O(version=current) a new release wants a new image; see O(on_immutable_change).
  action:
    details: While the module works on the controller, the action shows every 5 seconds how far it is.
  action_group:
    version_added: 1.3.0
options:
  name:
    description:
      - The name of the managed image, or with O(gallery) that of the image definition.
      - With O(channel) its default is V(flatcar-<channel>).
    type: str
  resource_group:
    description: The resource group of the image, or of the gallery.
    type: str
    required: true
  create_resource_group:
    description: Whether the resource group is made when it is missing. O(location) is needed for that.
    type: bool
    default: false
  location:
    description:
      - The region, such as V(westeurope); the default is that of the resource group. Where it is none, the error lists
        those that there are.
    type: str
  state:
    description:
      - V(present) makes the image.
      - V(absent) removes the managed image or the version. Gallery, definition, storage account and resource group
        stay; of blobs see O(keep_blob).
    type: str
    choices: [present, absent]
    default: present
  channel:
    description:
      - The channel of the Flatcar release that the image is made of. Either this or O(vhd) is given.
    type: str
    choices: [stable, beta, alpha, lts]
  version:
    description:
      - Which release of O(channel).
      - V(current) is the newest one; V(current-2024) is the newest one of the LTS stream of 2024, and so on for the
        other years; V(4593.2.5) is exactly that one.
    type: str
    default: current
  arch:
    description:
      - The processor architecture. An image for V(arm64) takes a O(gallery), since a managed image cannot say what it
        is for.
    type: str
    choices: [amd64, arm64]
    default: amd64
  base_url:
    description:
      - The address of the releases, or of a mirror of them, as for M(flatops.flatcar.release_info).
      - V({channel}) in it stands for O(channel).
    type: str
    default: https://{channel}.release.flatcar-linux.net
  keyring:
    description:
      - Further OpenPGP public keys that may have signed, besides the Flatcar image signing key, which this collection
        brings along. The path of a file, armoured or binary, or the armoured text itself.
    type: str
  url_username:
    description: The user for the server of O(base_url) (HTTP basic authentication).
    type: str
  url_password:
    description: The password for O(url_username).
    type: str
  url_ca_path:
    description:
      - A PEM file, or a folder of hashed ones, with the certificates that may have signed the one of the release
        server. The default is what the system trusts.
    type: path
  url_validate_certs:
    description: Whether the TLS certificate of the release server must be trusted.
    type: bool
    default: true
  vhd:
    description:
      - The path of a fixed VHD, as it is or packed by bzip2, gzip or xz.
      - Its holes are neither read nor sent.
    type: path
  work_dir:
    description:
      - A folder for the download, and for what is unpacked. It is made when it is missing.
      - The disk of a release has 30 GB, of which some 2 GB are written. Both files are removed when the image is there,
        and kept for the next run when it could not be made.
    type: path
    default: ~/.cache/flatops
  generation:
    description: The generation of VMs that the image is for. The images of Flatcar boot in both.
    type: str
    choices: [V1, V2]
    default: V2
  gallery:
    description:
      - The gallery in which the image becomes a version. Without it the image is a managed image.
    type: str
  gallery_version:
    description:
      - The number of the version, of the form V(1.2.3).
      - The default is that of the release.
    type: str
  create_gallery:
    description: Whether the gallery, and the image definition in it, are made when they are missing.
    type: bool
    default: false
  identifier:
    description:
      - Publisher, offer and SKU of an image definition that is made. They must be unique in the gallery.
      - The default is V(flatcar), V(flatcar) and the name.
    type: dict
    suboptions:
      publisher:
        description: The publisher.
        type: str
        required: true
      offer:
        description: The offer.
        type: str
        required: true
      sku:
        description: The SKU.
        type: str
        required: true
  purchase_plan:
    description:
      - The plan of the image of the Marketplace that the disk image was made of, for the image definition. VMs of the
        image then need it. Releases of Flatcar have none.
    type: dict
    suboptions:
      name:
        description: The plan, which is the SKU of the image.
        type: str
        required: true
      product:
        description: The offer.
        type: str
        required: true
      publisher:
        description: The publisher.
        type: str
        required: true
  disk_controllers:
    description:
      - The disk controllers that the image has drivers for, for the image definition. Azure takes V(SCSI) where none
        is named. Sizes that have only NVMe need V(NVMe).
    type: list
    elements: str
    choices: [SCSI, NVMe]
  replication_regions:
    description:
      - The regions to which the version is replicated, besides O(location). Others are given up.
      - Without it those of a version that is there stay.
    type: list
    elements: str
  replicas:
    description: The number of replicas in each region.
    type: int
    default: 1
  replica_storage:
    description: The storage of the replicas.
    type: str
    choices: [Standard_LRS, Standard_ZRS, Premium_LRS]
    default: Standard_LRS
  tags:
    description:
      - Tags of the image, and of the resource group, the gallery and the definition when they are made. Others that the
        image has stay.
    type: dict
  on_immutable_change:
    description:
      - What happens when the image is there and was made of something else, or for another generation.
      - V(fail) tells what differs. V(replace) removes it once the new blob is uploaded, and makes it anew. VMs that
        were made of it stay as they are.
      - An image that this module has not made is never removed.
    type: str
    choices: [fail, replace]
    default: fail
  storage_account:
    description:
      - The storage account that takes the blob, in the region of the image. It is needed when an image is made.
    type: str
  storage_account_resource_group:
    description: Its resource group; the default is O(resource_group).
    type: str
  storage_account_type:
    description: The redundancy of a storage account that is made.
    type: str
    choices:
      - Standard_LRS
      - Standard_ZRS
      - Standard_GRS
      - Standard_RAGRS
      - Standard_GZRS
      - Standard_RAGZRS
      - Premium_LRS
    default: Standard_LRS
  create_storage_account:
    description: Whether the storage account is made when it is missing, for TLS alone and without public access.
    type: bool
    default: false
  storage_auth:
    description:
      - V(key) takes a key of the storage account, which takes the action
        C(Microsoft.Storage/storageAccounts/listKeys/action).
      - V(login) takes the login of this task, which needs the role C(Storage Blob Data Contributor).
    type: str
    choices: [key, login]
    default: key
  container:
    description: The container for blobs, which is made when it is missing.
    type: str
    default: vhds
  keep_blob:
    description:
      - Whether the blobs of this image stay, those of earlier runs as well. They are listed in RV(leftovers).
      - A version in a gallery no longer needs its blob when it is there.
    type: bool
    default: true
  read_back:
    description:
      - Whether the data is read back and compared. In any case the service compares the MD5 digest of each piece, and
        it is asked where the blob has data.
    type: bool
    default: true
  threads:
    description: How many pieces, of up to 4 MiB, are sent at once.
    type: int
    default: 8
  progress_file:
    description:
      - A file to which is appended how far the work is, one line at most a second; phase, bytes, bytes in all.
      - The action plugin sets it when the module runs on the controller itself without C(become).
    type: path
notes:
  - For two minutes it is tried again when the name of a new storage account cannot be resolved, and when the account
    lets nobody in.
  - O(timeout) is for one operation, such as the replication of a version, or the upload of one piece.
  - A storage account, and blobs in it, cost money, and so does an image.
requirements:
  - pysequoia >= 0.1.32 (a Python package) or gpgv (a program of GnuPG), for O(channel)
seealso:
  - module: flatops.flatcar.azure_image_info
  - module: flatops.flatcar.release_image
  - name: Flatcar on Azure
    description: The images that the Flatcar project publishes on Azure itself.
    link: https://www.flatcar.org/docs/latest/installing/cloud/azure/
"""

EXAMPLES = r"""
---
- name: Make a managed image of the newest stable release
  flatops.flatcar.azure_image:
    channel: stable
    resource_group: images
    storage_account: flatcarimages
  delegate_to: localhost
  run_once: true
  register: own

- name: Show its id, for the option image of azure_vm
  ansible.builtin.debug:
    var: own.image.id

- name: Make everything that is needed for it in an empty subscription
  flatops.flatcar.azure_image:
    channel: lts
    resource_group: images
    create_resource_group: true
    location: westeurope
    storage_account: flatcarimages
    storage_account_type: Standard_LRS
    create_storage_account: true
    generation: V2
  delegate_to: localhost
  run_once: true

- name: Make a version for Arm64 in a gallery, in two regions
  flatops.flatcar.azure_image:
    channel: stable
    version: 4593.2.5
    arch: arm64
    name: flatcar-stable-arm64
    resource_group: images
    gallery: flatcar
    create_gallery: true
    disk_controllers: [SCSI, NVMe]
    replication_regions: [northeurope]
    storage_account: flatcarimages
    keep_blob: false
  delegate_to: localhost
  run_once: true

- name: Make an image of a disk image of your own, which came from an image with a plan
  flatops.flatcar.azure_image:
    vhd: /var/lib/images/node.vhd.bz2
    name: node
    resource_group: images
    gallery: flatcar
    gallery_version: 1.0.0
    purchase_plan:
      name: stable-gen2
      product: flatcar-container-linux-free
      publisher: kinvolk
    storage_account: flatcarimages
  delegate_to: localhost
  run_once: true

- name: Remove an image and its blobs
  flatops.flatcar.azure_image:
    name: flatcar-stable
    resource_group: images
    storage_account: flatcarimages
    keep_blob: false
    state: absent
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
image:
  description:
    - The image. V(null) when there is none, in check mode when it would be made.
  returned: success
  type: dict
  contains:
    id:
      description: Its id.
      returned: always
      type: str
      sample: "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/images/providers\
        /Microsoft.Compute/images/flatcar-stable"
    name:
      description: The name of the managed image, or of the definition.
      returned: always
      type: str
      sample: flatcar-stable
    resource_group:
      description: Its resource group.
      returned: always
      type: str
      sample: images
    location:
      description: Its region.
      returned: always
      type: str
      sample: westeurope
    kind:
      description: V(managed_image) or V(gallery_version).
      returned: always
      type: str
      sample: managed_image
    generation:
      description: The generation of VMs, V(V1) or V(V2).
      returned: always
      type: str
      sample: V2
    architecture:
      description: The architecture, V(x64) or V(Arm64).
      returned: always
      type: str
      sample: x64
    provisioning_state:
      description: What Azure says of it.
      returned: always
      type: str
      sample: Succeeded
    source:
      description: What it was made of, V(null) when that is not known.
      returned: always
      type: str
      sample: release stable 4593.2.5 amd64
    digest:
      description:
        - The digest of what it was made of. C(sha512) is that of the packed file, C(contents) stands for the data of a
          VHD that was not packed.
      returned: always
      type: str
      sample: "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce\
        47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
    tags:
      description: Its tags, without those of this collection.
      returned: always
      type: dict
      sample: {team: platform}
    gallery:
      description: The gallery.
      returned: for a version in a gallery
      type: str
      sample: flatcar
    version:
      description: The number of the version.
      returned: for a version in a gallery
      type: str
      sample: 4593.2.5
    definition_id:
      description: The id of the image definition, which stands for its newest version.
      returned: for a version in a gallery
      type: str
      sample: "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/images/providers\
        /Microsoft.Compute/galleries/flatcar/images/flatcar-stable"
    purchase_plan:
      description: The plan that VMs of it need, V(null) without one.
      returned: for a version in a gallery
      type: dict
      sample: {name: stable-gen2, product: flatcar-container-linux-free, publisher: kinvolk}
    disk_controllers:
      description: The disk controllers that it has drivers for.
      returned: for a version in a gallery
      type: list
      elements: str
      sample: [NVMe, SCSI]
    regions:
      description: The regions that have it.
      returned: for a version in a gallery
      type: list
      elements: str
      sample: [westeurope, northeurope]
actions:
  description:
    - What was done, in this order, of V(resource_group_created), V(gallery_created), V(definition_created),
      V(storage_account_created), V(container_created), V(uploaded), V(deleted), V(created), V(updated) and
      V(blob_deleted). In check mode what would be done.
  returned: success
  type: list
  elements: str
  sample: [uploaded, created]
upload:
  description: What was uploaded, V(null) when nothing was.
  returned: success
  type: dict
  contains:
    bytes:
      description: The bytes that were sent.
      returned: always
      type: int
      sample: 524288512
    requests:
      description: In so many requests.
      returned: always
      type: int
      sample: 131
    resumed:
      description: The bytes that an earlier run had sent.
      returned: always
      type: int
      sample: 0
    read_back:
      description: The bytes that were read back and compared.
      returned: always
      type: int
      sample: 524288512
    seconds:
      description: How long that took.
      returned: always
      type: float
      sample: 21.4
signer:
  description: The fingerprint of the key that has signed the release, V(null) for a VHD.
  returned: with O(state=present)
  type: str
  sample: 52F145DFD00BBDCD928CBB5A32DA80F91EF52974
leftovers:
  description:
    - What the making has left that costs money and that the image may not need, the storage account and blobs for this
      image. Each has C(kind), C(id), which is an address for a blob, and C(bytes), which is V(null) for an account.
    - Empty when nothing was made.
  returned: success
  type: list
  elements: dict
  sample:
    - kind: blob
      id: https://flatcarimages.blob.core.windows.net/vhds/flatcar-stable-0123456789abcdef.vhd
      bytes: 32212255232
left_behind:
  description: What the run had made in Azure until it failed. A rerun takes what is there.
  returned: failure, when it had made something
  type: list
  elements: str
  sample:
    - https://flatcarimages.blob.core.windows.net/vhds/flatcar-stable-0123456789abcdef.vhd
candidates:
  description: What would fit, or each setting that differs with C(setting), C(there) and C(wanted).
  returned: failure, when O(location) or an image does not fit
  type: list
  elements: raw
  sample: [northeurope, westeurope]
error_code:
  description:
    - What went wrong, in a word for programs. Of those of all modules for Azure it is mostly one of V(bad_option),
      V(authentication), V(connect), V(digest_mismatch), V(immutable_changed), V(missing_library), V(name_exists),
      V(no_permission), V(not_found), V(not_ours), V(quota), V(signature_bad), V(source_unreadable), V(timeout),
      V(unsupported), V(upload_failed) and V(vhd_invalid).
  returned: failure
  type: str
  sample: vhd_invalid
azure_code:
  description: The code that Azure gave.
  returned: failure, when Azure gave one
  type: str
  sample: AuthorizationFailed
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule, env_fallback

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    arguments,
    own_image,
    own_image_blob,
    own_image_bodies,
    own_image_options,
    own_image_source,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.own_image_job import Outcome, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import open_session
from ansible_collections.flatops.flatcar.plugins.module_utils._release import progress

SPEC = {**arguments.auth_spec(env_fallback), **own_image_options.SPEC}


def run(module: AnsibleModule) -> dict[str, t.Any]:
    given = module.params
    report = progress.Writer(given["progress_file"]) if given["progress_file"] else progress.silent
    wanted, storage = own_image_options.wanted(given), own_image_options.storage(given)
    if given["state"] == "absent":
        with open_session(given, check=module.check_mode) as session:
            return described(wanted, own_image.absent(Task(session, wanted, storage, module.check_mode)))
    source = own_image_source.find(given, module.run_command, report)
    for warning in source.warnings:
        module.warn(warning)
    with open_session(given, check=module.check_mode) as session:
        outcome = own_image.present(Task(session, wanted, storage, module.check_mode, report), source)
    return {**described(wanted, outcome), "signer": source.signer}


def described(wanted: own_image_options.Wanted, outcome: Outcome) -> dict[str, t.Any]:
    image = outcome.image and own_image_bodies.described(wanted, outcome.image, outcome.definition)
    return {
        "changed": bool(outcome.actions),
        "actions": outcome.actions,
        "image": image,
        "upload": own_image_blob.described(outcome),
        "leftovers": outcome.leftovers,
        "diff": {"before": outcome.before, "after": outcome.after},
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec=SPEC,
        mutually_exclusive=own_image_options.MUTUALLY_EXCLUSIVE,
        required_if=[("state", "present", ("channel", "vhd"), True)],
        required_by=own_image_options.REQUIRED_BY,
        supports_check_mode=True,
    )
    try:
        result = run(module)
    except AzureError as error:
        module.fail_json(msg=str(error), error_code=error.code, **error.about)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
