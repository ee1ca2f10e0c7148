# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults and settings that a test asks for; each is a field of Control."""

from __future__ import annotations

import dataclasses
import re
import time
import typing as t

from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Json, Request


@dataclasses.dataclass
class Control:
    """What the stand-in does besides what it is asked. A rule is a mapping whose method and path (a regular expression,
    matched anywhere, without regard to case) choose requests; each hit takes one of its `times` (1 by default).

    throttle         that many requests are answered with 429
    throttle_seconds every request is, for that long
    retry_after      seconds in the Retry-After of 429
    lro_polls        looks at a long operation that find it running
    lro_seconds      after which it ends without a look
    lro_retry_after  seconds in its Retry-After
    fail             rules with status, code, message, and perhaps target, details, headers; with where=operation the
                     request is accepted, and its long operation fails
    cut              rules: the connection is closed, with when=after only when the request has been carried out
    late             rules: a resource that is there is not found
    slow             rules with seconds: the answer waits
    page             rows of one page of a list; 0: all
    delay            seconds that every answer waits
    quota            name of a usage (cores, a VM family, PublicIPAddresses...) and its limit
    token_seconds    how long a token is valid
    revoke           tokens given out so far are refused, from now on
    allow            patterns of all that it may do; none: everything
    deny             patterns of actions that the client may not do, such as Microsoft.Compute/virtualMachines/*
    unregistered     namespaces of providers that the subscription is not registered for
    registering      looks at a provider that find it registering
    serial_log       what every VM has written to its console, instead of what its first boot would
    nic_reserved     seconds that a NIC is kept for a VM that could not be made
    blob             address of a blob service that stands behind storage accounts, each a folder below it
    storage_key      the key of these accounts
    """

    throttle: int = 0
    throttle_seconds: float = 0
    retry_after: float = 0
    lro_polls: int = 1
    lro_seconds: float = 5
    lro_retry_after: float = 0
    fail: list[Json] = dataclasses.field(default_factory=list)
    cut: list[Json] = dataclasses.field(default_factory=list)
    late: list[Json] = dataclasses.field(default_factory=list)
    slow: list[Json] = dataclasses.field(default_factory=list)
    page: int = 0
    delay: float = 0
    quota: dict[str, int] = dataclasses.field(default_factory=dict)
    token_seconds: float = 3599
    revoke: bool = False
    allow: list[str] = dataclasses.field(default_factory=list)
    deny: list[str] = dataclasses.field(default_factory=list)
    unregistered: list[str] = dataclasses.field(default_factory=list)
    registering: int = 1
    serial_log: str = ""
    nic_reserved: float = 0
    blob: str = ""
    storage_key: str = ""

    def change(self, given: t.Mapping[str, t.Any]) -> None:
        """Sets what is given. ArmError for what is no field."""
        names = {field.name for field in dataclasses.fields(self)}
        for name, value in given.items():
            if name not in names:
                raise ArmError(400, "UnknownControl", f"{name} is none of {', '.join(sorted(names))}")
            setattr(self, name, time.monotonic() + value if name == "throttle_seconds" and value else value)

    def throttled(self) -> ArmError | None:
        if self.throttle <= 0 and time.monotonic() > self.throttle_seconds:
            return None
        self.throttle -= self.throttle > 0
        return ArmError(
            429,
            "OperationNotAllowed",
            "The server rejected the request because too many requests have been received for this subscription.",
            details=[
                {
                    "code": "TooManyRequests",
                    "target": "HighCostGet30Min",
                    "message": '{"operationGroup":"HighCostGet30Min","startTime":"2026-01-01T00:00:00+00:00",'
                    '"endTime":"2026-01-01T00:30:00+00:00","allowedRequestCount":800,"measuredRequestCount":801}',
                }
            ],
            headers={"Retry-After": f"{self.retry_after:g}"},
        )

    def failure(self, request: Request, where: str) -> ArmError | None:
        """The error that is asked for this request: where is `answer` or `operation`."""
        rule = take([each for each in self.fail if each.get("where", "answer") == where], request)
        return made(rule) if rule else None


def take(rules: t.Iterable[Json], request: Request) -> Json | None:
    """The first rule with a hit left that chooses the request; one hit is taken."""
    for rule in rules:
        if rule.setdefault("times", 1) <= 0 or rule.get("method", request.method) != request.method:
            continue
        if re.search(rule.get("path", ""), request.path, re.IGNORECASE):
            rule["times"] -= 1
            return rule
    return None


def made(rule: Json) -> ArmError:
    return ArmError(
        rule.get("status", 500),
        rule.get("code", "InternalServerError"),
        rule.get("message", "Encountered internal server error."),
        target=rule.get("target"),
        details=rule.get("details", ()),
        headers=rule.get("headers", {}),
    )


def asked(control: Control, request: Request) -> Answer:
    """Tells the settings, and sets what is posted."""
    if request.method == "POST":
        control.change(request.body)
    return Answer(200, dataclasses.asdict(control))
