#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: azure_image_info
short_description: Which images of Flatcar, and others, there are on Azure
version_added: 1.3.0
author: The flatops.flatcar developers (@flatops)
description:
  - Lists images that a VM can be made of in a region, the newest first, with their generation, architecture, plan and
    terms, and with the text by which the modules of this collection take them.
  - Images come from the marketplace, or with O(community_gallery), O(gallery) or O(name) from there.
  - Generation and architecture are those that the image itself names, not what its SKU is called.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.info
  - flatops.flatcar.azure
options:
  location:
    description: The region, such as V(westeurope). Not every image is in every region.
    type: str
    required: true
  channel:
    description:
      - Only images of this channel of Flatcar, found by the names of SKUs and image definitions.
      - V(lts) has a SKU for each LTS stream.
    type: str
    choices: [stable, beta, alpha, lts]
  arch:
    description: Only images for this architecture.
    type: str
    choices: [amd64, arm64]
  generation:
    description: Only images of this generation of VMs. Those for O(arch=arm64) are V(V2).
    type: str
    choices: [V1, V2]
  version:
    description:
      - Only this version, or with V(latest) the newest of each SKU or image definition that is neither deprecated nor
        excluded from being the latest. By default all versions.
    type: str
  publisher:
    description: The publisher in the marketplace.
    type: str
    default: kinvolk
  offer:
    description:
      - Offers of the publisher. The default are those that Flatcar recommends, C(flatcar-container-linux-free) for
        amd64 and C(flatcar-container-linux-corevm) for arm64.
      - The same images are in C(flatcar-container-linux-corevm-amd64), which has no plan and no terms, and in the older
        C(flatcar-container-linux), which has both.
      - Of several offers one that the region does not have is left out with a warning.
    type: list
    elements: str
  sku:
    description: Only this SKU of O(offer). By default all, or those of O(channel).
    type: str
  community_gallery:
    description:
      - The public name of a community gallery.
      - V(flatcar) stands for that of Flatcar, and V(flatcar4capi) for that with Kubernetes in its images, which are
        made for tests of Cluster API and get no security fixes.
    type: str
  gallery:
    description:
      - A gallery of one's own; its name, which needs O(resource_group), or its id, which may be of another
        subscription.
    type: str
  definition:
    description:
      - Only this image definition of O(community_gallery) or O(gallery). By default all, or those of O(channel) and
        O(kubernetes_version) by their names.
    type: str
  kubernetes_version:
    description: Only images with this version of Kubernetes, such as V(1.34.1), or V(1.34) for all of it.
    type: str
  name:
    description: A managed image; its name, which needs O(resource_group), or its id.
    type: str
  resource_group:
    description: The resource group of O(gallery) or O(name).
    type: str
  vm_size:
    description:
      - A VM size to hold against each image, such as V(Standard_D2s_v5).
      - The list of all sizes of the region is read for it, which is large.
    type: str
  terms:
    description: Whether it is looked up if the terms of plans are accepted, with a request for each plan.
    type: bool
    default: true
seealso:
  - module: flatops.flatcar.azure_image_terms
  - module: flatops.flatcar.azure_vm
  - module: flatops.flatcar.azure_image
"""

EXAMPLES = r"""
---
- name: Find the newest stable image for amd64 of generation 2
  flatops.flatcar.azure_image_info:
    location: westeurope
    channel: stable
    arch: amd64
    generation: V2
    version: latest
  delegate_to: localhost
  register: stable

- name: Show it, and whether its terms are accepted
  ansible.builtin.debug:
    msg: "{{ stable.images[0].image }}: terms {{ stable.images[0].terms }}"

- name: Find the newest image for arm64, and sizes that boot it
  flatops.flatcar.azure_image_info:
    location: westeurope
    channel: stable
    arch: arm64
    version: latest
    vm_size: Standard_D2s_v5
  delegate_to: localhost
  register: arm

- name: Show the sizes
  ansible.builtin.debug:
    msg: "{{ arm.images[0].unfit }}; these fit: {{ arm.images[0].sizes }}"

- name: List the images without terms
  flatops.flatcar.azure_image_info:
    location: westeurope
    channel: stable
    offer: flatcar-container-linux-corevm-amd64
  delegate_to: localhost

- name: List the images of the community gallery
  flatops.flatcar.azure_image_info:
    location: westeurope
    community_gallery: flatcar
  delegate_to: localhost

- name: List the images for a test of Cluster API with Kubernetes 1.34
  flatops.flatcar.azure_image_info:
    location: westeurope
    community_gallery: flatcar4capi
    kubernetes_version: "1.34"
  delegate_to: localhost

- name: List what is in a gallery of one's own
  flatops.flatcar.azure_image_info:
    location: westeurope
    gallery: images
    resource_group: shared
    definition: flatcar
  delegate_to: localhost
"""

RETURN = r"""
images:
  description: The images, the newest first by the numbers of their versions.
  returned: success
  type: list
  elements: dict
  contains:
    image:
      description: The text by which O(flatops.flatcar.azure_vm#module:image) takes exactly this one, a URN or an id.
      returned: always
      type: str
      sample: kinvolk:flatcar-container-linux-free:stable-gen2:4593.2.2
    source:
      description: V(marketplace), V(community_gallery), V(gallery) or V(managed_image).
      returned: always
      type: str
      sample: marketplace
    name:
      description: The SKU, the image definition, or the name of the managed image.
      returned: always
      type: str
      sample: stable-gen2
    channel:
      description: The channel of Flatcar that the name is for, V(null) for other names.
      returned: always
      type: str
      sample: stable
    version:
      description: The version, V(null) for a managed image.
      returned: always
      type: str
      sample: 4593.2.2
    latest:
      description: Whether it is the newest of its SKU or image definition that can be used in the region.
      returned: always
      type: bool
      sample: true
    arch:
      description: V(amd64) or V(arm64), V(null) where the image does not say.
      returned: always
      type: str
      sample: amd64
    generation:
      description: V(V1) or V(V2), V(null) where the image does not say.
      returned: always
      type: str
      sample: V2
    urn:
      description: The URN, V(null) for what is not in the marketplace.
      returned: always
      type: str
      sample: kinvolk:flatcar-container-linux-free:stable-gen2:4593.2.2
    reference:
      description: The image reference as templates and the API of Azure take it.
      returned: always
      type: dict
      sample:
        publisher: kinvolk
        offer: flatcar-container-linux-free
        sku: stable-gen2
        version: 4593.2.2
    plan:
      description: The plan that goes with it, V(null) for an image that has none.
      returned: always
      type: dict
      sample:
        name: stable-gen2
        publisher: kinvolk
        product: flatcar-container-linux-free
    terms:
      description:
        - V(accepted), V(needed), or V(not_required) for an image without a plan; V(unknown) where they could not be
          read or were not to be.
      returned: always
      type: str
      sample: accepted
    state:
      description:
        - V(active), V(scheduled) where an end is set, or V(deprecated) when it is over. No VM can be made of a
          deprecated image of the marketplace; in a gallery the end of life is advice.
      returned: always
      type: str
      sample: active
    ends:
      description: When it is, or was, deprecated.
      returned: always
      type: str
      sample: null
    alternative:
      description: What the publisher names in its place.
      returned: always
      type: str
      sample: null
    excluded:
      description: Whether it does not count as the latest, because its gallery says so.
      returned: always
      type: bool
      sample: false
    available:
      description: Whether a VM can be made of it in the region.
      returned: always
      type: bool
      sample: true
    production:
      description: Whether it is meant for more than tests.
      returned: always
      type: bool
      sample: true
    kubernetes_version:
      description: The version of Kubernetes in it, by the name of its definition.
      returned: always
      type: str
      sample: null
    published:
      description: When it was published in its gallery.
      returned: always
      type: str
      sample: null
    disk_gb:
      description: The size of its disk in GiB, V(null) where the image does not say.
      returned: always
      type: int
      sample: 31
    disk_controllers:
      description: What it boots from. An image that does not say boots from SCSI.
      returned: always
      type: list
      elements: str
      sample: [SCSI, NVMe]
    regions:
      description: The regions to which a gallery of one's own replicates it, or in which a managed image is.
      returned: always
      type: list
      elements: str
      sample: null
    fits:
      description: Whether VMs of O(vm_size) boot it in the region.
      returned: with O(vm_size)
      type: bool
      sample: true
    unfit:
      description: Why they do not.
      returned: with O(vm_size)
      type: list
      elements: str
      sample: []
    sizes:
      description: Where they do not, up to eight sizes that boot it, those most like O(vm_size) first.
      returned: with O(vm_size)
      type: list
      elements: str
      sample: []
error_code:
  description:
    - What went wrong, in a word for programs. It is one of V(authentication), V(bad_option), V(connect), V(fault),
      V(missing_library), V(no_permission), V(not_found), V(not_registered), V(throttled), V(timeout), V(tls_untrusted)
      and V(unsupported).
  returned: failure
  type: str
  sample: not_found
candidates:
  description: What there is in place of what was not found.
  returned: when RV(error_code) is V(not_found)
  type: list
  elements: str
  sample: [alpha, alpha-gen2, beta, beta-gen2, stable, stable-gen2]
"""

from ansible.module_utils.basic import AnsibleModule, env_fallback

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import arguments, flatcar
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.image_info import Selection, known
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import open_session

SPEC = {
    **arguments.auth_spec(env_fallback),
    "location": {"type": "str", "required": True},
    "channel": {"type": "str", "choices": list(flatcar.CHANNELS)},
    "arch": {"type": "str", "choices": list(flatcar.ARCHES)},
    "generation": {"type": "str", "choices": list(flatcar.GENERATIONS)},
    "version": {"type": "str"},
    "publisher": {"type": "str", "default": flatcar.PUBLISHER},
    "offer": {"type": "list", "elements": "str"},
    "sku": {"type": "str"},
    "community_gallery": {"type": "str"},
    "gallery": {"type": "str"},
    "definition": {"type": "str"},
    "kubernetes_version": {"type": "str"},
    "name": {"type": "str"},
    "resource_group": {"type": "str"},
    "vm_size": {"type": "str"},
    "terms": {"type": "bool", "default": True},
}


def run(module: AnsibleModule) -> dict[str, object]:
    options = module.params
    wanted = Selection(**{name: options[name] for name in Selection._fields if name != "offer"})
    with open_session(options, module.check_mode) as session:
        found = known(session, wanted._replace(offer=tuple(options["offer"] or ())))
    for warning in found.warnings:
        module.warn(warning)
    return {"changed": False, "images": found.images}


def main() -> None:
    module = AnsibleModule(
        argument_spec=SPEC,
        mutually_exclusive=[
            ("offer", "community_gallery", "gallery", "name"),
            ("sku", "channel", "definition"),
            ("definition", "kubernetes_version"),
        ],
        required_by={"sku": ["offer"]},
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except AzureError as error:
        module.fail_json(msg=str(error), error_code=error.code, **error.about)


if __name__ == "__main__":
    main()
