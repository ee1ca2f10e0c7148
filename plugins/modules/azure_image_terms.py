#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: azure_image_terms
short_description: Accept or cancel the terms of an image in the Azure marketplace
version_added: 1.3.0
author: The flatops.flatcar developers (@flatops)
description:
  - Accepts the legal terms that come with the plan of an image, without which no VM can be made of it, or cancels them,
    and returns where they can be read.
  - Terms are accepted once for a plan in a subscription. VMs that are there are not affected when they are cancelled.
  - An image without a plan needs none, which is told and no error.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.azure
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  state:
    description: What the terms are to be.
    type: str
    choices: [accepted, cancelled]
    default: accepted
  channel:
    description:
      - The terms of the newest image of this channel of Flatcar. It needs O(location).
    type: str
    choices: [stable, beta, alpha, lts]
  arch:
    description: The architecture of the image of O(channel). There is no plan for V(arm64).
    type: str
    choices: [amd64, arm64]
    default: amd64
  generation:
    description: The generation of the image of O(channel). Each has terms of its own.
    type: str
    choices: [V1, V2]
    default: V2
  urn:
    description:
      - The terms of the image of this URN, C(publisher:offer:sku:version). Without O(location) its plan is taken to be
        called like the SKU, which is so for Flatcar.
    type: str
  plan:
    description: The terms of this plan of O(offer).
    type: str
  offer:
    description:
      - The offer of O(plan) or O(channel). The default is what Flatcar recommends, C(flatcar-container-linux-free) for
        amd64.
    type: str
  publisher:
    description: The publisher of O(offer).
    type: str
    default: kinvolk
  location:
    description:
      - A region in which the image is looked up. With it an image without a plan is known from a wrong name.
    type: str
seealso:
  - module: flatops.flatcar.azure_image_info
  - module: flatops.flatcar.azure_vm
"""

EXAMPLES = r"""
---
- name: Accept the terms of the stable channel
  flatops.flatcar.azure_image_terms:
    channel: stable
    location: westeurope
  delegate_to: localhost
  register: stable

- name: Show where they can be read
  ansible.builtin.debug:
    msg: "{{ stable.terms.license_text_link }}"

- name: Accept the terms of a plan
  flatops.flatcar.azure_image_terms:
    publisher: kinvolk
    offer: flatcar-container-linux-free
    plan: beta-gen2
  delegate_to: localhost

- name: Look whether the terms of an image are accepted
  flatops.flatcar.azure_image_terms:
    urn: kinvolk:flatcar-container-linux-free:stable-gen2:latest
    location: westeurope
  delegate_to: localhost
  check_mode: true
  register: looked

- name: Say so
  ansible.builtin.debug:
    msg: "{{ looked.before }}"

- name: Cancel the terms of the alpha channel
  flatops.flatcar.azure_image_terms:
    channel: alpha
    location: westeurope
    state: cancelled
  delegate_to: localhost
"""

RETURN = r"""
before:
  description: What the terms were, V(accepted), V(needed), or V(not_required) for an image without a plan.
  returned: success
  type: str
  sample: needed
terms:
  description: The terms, as they are now, or in check mode would be.
  returned: success
  type: dict
  contains:
    state:
      description: V(accepted), V(needed), or V(not_required) for an image without a plan.
      returned: always
      type: str
      sample: accepted
    plan:
      description: The plan, V(null) for an image that has none.
      returned: always
      type: dict
      sample:
        name: stable-gen2
        publisher: kinvolk
        product: flatcar-container-linux-free
    license_text_link:
      description: Where the terms can be read.
      returned: always
      type: str
      sample: https://mpcprodsa.blob.core.windows.net/legalterms/terms.txt
    privacy_policy_link:
      description: Where the privacy policy of the publisher can be read.
      returned: always
      type: str
      sample: https://kinvolk.io/legal/
    marketplace_terms_link:
      description: Where the terms of the marketplace can be read.
      returned: always
      type: str
      sample: https://mpcprodsa.blob.core.windows.net/marketplaceterms/terms.txt
    retrieved:
      description: When Azure gave out this version of them.
      returned: always
      type: str
      sample: "2026-11-22T00:00:00.0000000Z"
error_code:
  description:
    - What went wrong, in a word for programs. It is one of V(authentication), V(bad_option), V(connect), V(fault),
      V(missing_library), V(no_permission), V(not_found), V(not_registered), V(throttled), V(timeout), V(tls_untrusted)
      and V(unsupported).
  returned: failure
  type: str
  sample: no_permission
action:
  description: What the account is not allowed to do, as Azure names it.
  returned: when RV(error_code) is V(no_permission)
  type: str
  sample: Microsoft.MarketplaceOrdering/offerTypes/publishers/offers/plans/agreements/write
scope:
  description: Where it is not allowed to do it.
  returned: when RV(error_code) is V(no_permission)
  type: str
  sample: /subscriptions/11111111-1111-1111-1111-111111111111
"""

from ansible.module_utils.basic import AnsibleModule, env_fallback

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import arguments, flatcar
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.image_terms import ensure
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import open_session

_NAMES = ("channel", "urn", "plan")
SPEC = {
    **arguments.auth_spec(env_fallback),
    "state": {"type": "str", "choices": ["accepted", "cancelled"], "default": "accepted"},
    "channel": {"type": "str", "choices": list(flatcar.CHANNELS)},
    "arch": {"type": "str", "choices": list(flatcar.ARCHES), "default": "amd64"},
    "generation": {"type": "str", "choices": list(flatcar.GENERATIONS), "default": "V2"},
    "urn": {"type": "str"},
    "plan": {"type": "str"},
    "offer": {"type": "str"},
    "publisher": {"type": "str", "default": flatcar.PUBLISHER},
    "location": {"type": "str"},
}


def run(module: AnsibleModule) -> dict[str, object]:
    with open_session(module.params, module.check_mode) as session:
        done = ensure(session, module.params, module.check_mode)
    result: dict[str, object] = {"changed": done.changed, "before": done.before, "terms": done.terms}
    if module._diff:
        result["diff"] = {"before": {"terms": done.before}, "after": {"terms": done.terms["state"]}}
    return result


def main() -> None:
    module = AnsibleModule(
        argument_spec=SPEC,
        mutually_exclusive=[_NAMES, ("urn", "offer")],
        required_one_of=[_NAMES],
        required_by={"channel": ["location"]},
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except AzureError as error:
        module.fail_json(msg=str(error), error_code=error.code, **error.about)


if __name__ == "__main__":
    main()
