# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Requests to Azure: what comes back is plain JSON as the REST API gives it, and what fails an AzureError.

what says in messages what was tried, such as "Creating the VM node1". function is a method of one of the session's
clients, the rest its arguments; bodies are JSON of the REST API.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import faults, patience, pipeline, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt

Json = dict[str, t.Any]
#: Seconds between two looks at a long operation, where Azure does not say how long.
_DELAY = 5.0


def get(
    session: Session,
    what: str,
    function: t.Callable[..., t.Any],
    *args: t.Any,
    missing_ok: bool = False,
    **kwargs: t.Any,
) -> t.Any:
    """The answer to one request: a mapping, or None where it has no body, or with missing_ok where nothing is there."""
    try:
        with faults.translated(what), patience.lasting(what, session.timeout):
            return function(*args, cls=_body, **kwargs)
    except AzureError as error:
        if missing_ok and is_missing(error):
            return None
        raise


def listed(
    session: Session,
    what: str,
    function: t.Callable[..., t.Any],
    *args: t.Any,
    missing_ok: bool = False,
    **kwargs: t.Any,
) -> list[Json]:
    """All of a list, however many pages it has; [] with missing_ok where what holds it is not there."""
    try:
        with faults.translated(what), patience.lasting(what, session.timeout):
            return list(function(*args, cls=_page, **kwargs))
    except AzureError as error:
        if missing_ok and is_missing(error):
            return []
        raise


def begin(
    session: Session,
    what: str,
    function: t.Callable[..., t.Any],
    *args: t.Any,
    interrupt: Interrupt | None = None,
    reads: bool = True,
    **kwargs: t.Any,
) -> t.Any:
    """Starts a long operation and waits for its end, in this thread: the resource in the end, or None.

    An interrupt ends the wait; what Azure has begun goes on there. Without reads the resource is not asked for again,
    and the result is None.
    """
    with faults.translated(what), patience.lasting(what, session.timeout, interrupt):
        made = function(*args, cls=_body, polling=_Inline(reads), **kwargs).result()
    return made if reads else None


def is_missing(error: AzureError) -> bool:
    """Whether an error says that the thing itself, or the group that would hold it, is not there."""
    return error.code == "not_found" and error.about.get("azure_code") != "SubscriptionNotFound"


def _body(response: sdk.Sdk, *dummy: t.Any) -> t.Any:
    """For `cls` of the SDK's functions: the answer as it came."""
    return response.http_response.json() if response.http_response.content else None


def _page(response: sdk.Sdk, *dummy: t.Any) -> list[Json]:
    """The same for lists, of which the SDK gives a page of models, or all in one answer."""
    if not isinstance(response, list):
        return t.cast("list[Json]", _body(response))
    return [each.as_dict() if hasattr(each, "as_dict") else each for each in response]


class _Inline:
    """The polling of the SDK, run when the result is asked for, in the thread that asks, and waiting with patience."""

    def __init__(self, reads: bool) -> None:
        self._reads = reads
        self._arm = sdk.load("azure.mgmt.core.polling.arm_polling").ARMPolling(_DELAY)
        self._arm._delay = self._wait

    def initialize(self, *arguments: t.Any) -> None:
        self._arm.initialize(*arguments)
        if not self._reads:
            self._arm._operation.get_final_get_url = lambda response: None

    def finished(self) -> bool:
        """So that the SDK starts no thread."""
        return True

    def resource(self) -> t.Any:
        self._arm.run()
        return self._arm.resource()

    def _wait(self) -> None:
        patience.current(_DELAY).wait(pipeline.retry_after(self._arm._pipeline_response, _DELAY))
