# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Makes what several VMs share of a network, once, also while another process does the same."""

from __future__ import annotations

import itertools
import random
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import network_plan, patience, request
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_look import Json, Network, look
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_plan import Step
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_wanted import Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt

#: Seconds before a part is looked at again that somebody else changes; a bit more each time.
PAUSE, LONGEST = 1.0, 15.0
_COSTS = {
    network_plan.NAT: "NAT gateway {name}: billed by the hour and by traffic",
    network_plan.GATEWAY_ADDRESS: "public IP address {name}: billed by the hour",
}


class Made(t.NamedTuple):
    """created are ids, changed and costs are told to people."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()


def shared(
    session: Session,
    wanted: t.Sequence[Wanted],
    network: Network,
    check: bool = False,
    interrupt: Interrupt | None = None,
) -> Made:
    """Makes what is missing of resource groups, security groups, networks and NAT gateways, and mends what differs.

    Where another process changes the same, it waits, looks again, and goes on with what is still to be done. network
    is then as it is. With check it only says what it would do.
    """
    made = Made()
    if check:
        return _told(made, network_plan.steps(wanted, network))
    with patience.lasting("Making the network", session.timeout, interrupt):
        for turn in itertools.count(1):
            try:
                for step in network_plan.steps(wanted, network):
                    network.put(_written(session, step))
                    made = _told(made, [step])
                # A network is written whole, and read with its subnets.
                if made.created or made.changed:
                    network.take(look(session, wanted))
                return made
            except AzureError as error:
                if error.code != "conflict":
                    raise
            pause(session, turn)
            network.take(look(session, wanted))
    return made


def pause(session: Session, turn: int) -> None:
    """Waits before a part is looked at again. The patience of the thread ends it."""
    patience.current(session.timeout).wait(min(PAUSE * turn, LONGEST) * random.uniform(0.5, 1))


def _told(made: Made, steps: t.Iterable[Step]) -> Made:
    for step in steps:
        if step.makes:
            cost = _COSTS.get(step.kind)
            costs = (*made.costs, cost.format(name=step.id.name)) if cost else made.costs
            made = made._replace(created=(*made.created, str(step.id)), costs=costs)
        else:
            made = made._replace(changed=(*made.changed, f"{step.kind} {step.id.name}"))
    return made


def _written(session: Session, step: Step) -> Json:
    what = f"{'Making' if step.makes else 'Changing'} the {step.kind} {step.id.name}"
    if step.kind == network_plan.GROUP:
        return t.cast(
            Json,
            request.get(session, what, session.resources.resource_groups.create_or_update, step.id.group, step.body),
        )
    network = session.network
    writing = {
        network_plan.SECURITY_GROUP: network.network_security_groups,
        network_plan.GATEWAY_ADDRESS: network.public_ip_addresses,
        network_plan.NAT: network.nat_gateways,
        network_plan.VNET: network.virtual_networks,
        network_plan.SUBNET: network.subnets,
    }[step.kind].begin_create_or_update
    return t.cast(
        Json, request.begin(session, what, writing, step.id.group, *step.id.names, step.body, headers=unless(step.etag))
    )


def unless(etag: str | None) -> dict[str, str]:
    """The header with which a part is only changed as it was seen, or only made where it is not there.

    Not all of Azure heeds it, and nothing says what does. Where it is not heeded, two processes that make one network
    write the same twice; of two that make different subnets in it one may have to make its own again (network_own).
    """
    return {"If-None-Match": "*"} if etag is None else {"If-Match": etag}
