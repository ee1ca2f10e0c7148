# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What each request to Azure passes: a token, retries, the registration of a provider. For the clients of the SDK."""

from __future__ import annotations

import json
import random
import re
import threading
import time
import typing as t
import uuid

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import patience, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError

#: Answers that may be others when the request is made again. 501 and 505 never are.
TRANSIENT = (408, 429, 500, 502, 503, 504)
#: Seconds before the first retry, and the longest ones. They double, unless Azure says how long.
_FIRST, _LONGEST = 0.5, 30.0
#: How often a server is tried that has never answered in this process: its address may be wrong.
_FIRST_TRIES = 4
#: Seconds between two looks whether a provider has been registered.
_REGISTERING = 5.0
_REGISTER = "2021-04-01"
_SHORTEST = 0.01
#: Seconds before its end from which on a token is no longer used.
_EARLY = 300
_BUSY = "AnotherOperationInProgress"
_UNREGISTERED = "MissingSubscriptionRegistration"
_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"


class Settings(t.NamedTuple):
    """timeout is in seconds, for requests that are in no patience.lasting; register is whether it may be done."""

    timeout: float
    register: bool = False
    user_agent: str = "flatops.flatcar"


class Credential:
    """A credential for several threads, with a token that is kept as long as it is good."""

    def __init__(self, make: t.Callable[[], sdk.Sdk], scope: str) -> None:
        self._make = make
        self._scope = scope
        self._credential = make()
        self._kept: sdk.Sdk = None
        self._lock = threading.Lock()

    def get_token(self, *scopes: str, **options: t.Any) -> sdk.Sdk:
        """As azure-core wants a credential to be; the clients of the SDK check that it can do this."""
        with self._lock:
            return self._credential.get_token(*scopes, **options)

    def token(self) -> str:
        with self._lock:
            if self._kept is None or self._kept.expires_on - time.time() < _EARLY:
                try:
                    self._kept = self._credential.get_token(self._scope)
                except (OSError, ValueError) as error:
                    raise AzureError("authentication", f"The login cannot be used: {error}.") from error
            return str(self._kept.token)

    def refuse(self, token: str) -> None:
        """Azure refused this token; the next one is a new one. Threads that were refused the same one renew once."""
        with self._lock:
            if self._kept is None or token == self._kept.token:
                self._credential = self._make()
                self._kept = None


class Reached:
    """Whether any server has answered yet; one for all clients of a session."""

    def __init__(self) -> None:
        self.once = False


def policies(credential: Credential, settings: Settings, reached: Reached) -> list[sdk.Sdk]:
    """The policies of one client, new ones for each."""
    core = sdk.load("azure.core.pipeline.policies")
    return [
        core.RequestIdPolicy(),
        core.HeadersPolicy(),
        core.UserAgentPolicy(settings.user_agent),
        core.ContentDecodePolicy(),
        Registration(settings),
        Retry(settings, reached),
        Authentication(credential),
    ]


class Authentication:
    """A token that Azure refuses, because it has expired meanwhile, is renewed once for each request."""

    next: sdk.Sdk

    def __init__(self, credential: Credential) -> None:
        self._credential = credential

    def send(self, request: sdk.Sdk) -> sdk.Sdk:
        token = self._credential.token()
        response = self._send(request, token)
        if response.http_response.status_code == 401:
            self._credential.refuse(token)
            response = self._send(request, self._credential.token())
        return response

    def _send(self, request: sdk.Sdk, token: str) -> sdk.Sdk:
        request.http_request.headers["Authorization"] = f"Bearer {token}"
        return self.next.send(request)


class Retry:
    """Transient failures are tried again while the patience of the thread lasts, whatever the method.

    All that we send can be sent twice: PUT and DELETE by their nature, and the POSTs are power actions and reads.
    """

    next: sdk.Sdk

    def __init__(self, settings: Settings, reached: Reached) -> None:
        self._settings = settings
        self._reached = reached
        errors = sdk.load("azure.core.exceptions")
        self._broken = (errors.ServiceRequestError, errors.ServiceResponseError, errors.IncompleteReadError)

    def send(self, request: sdk.Sdk) -> sdk.Sdk:
        patient = patience.current(self._settings.timeout)
        tries, cut = 0, False
        while True:
            tries += 1
            pause = min(_FIRST * 2 ** min(tries - 1, 10), _LONGEST) * random.uniform(0.8, 1.2)
            try:
                response = self.next.send(request)
                self._read(response)
            except self._broken as error:
                lost = not self._reached.once and tries >= _FIRST_TRIES
                if lost or is_untrusted(error) or pause > patient.left:
                    raise
                cut = True
            else:
                self._reached.once = True
                status = response.http_response.status_code
                # What was cut off may have arrived, and its operation be the one that is in the way now.
                own = cut and status == 409 and _code(response.http_response) == _BUSY
                if status not in TRANSIENT and not own:
                    return response
                pause = retry_after(response, pause)
                if pause > patient.left:
                    return response
            patient.wait(pause)

    def _read(self, response: sdk.Sdk) -> None:
        """Here, so that a body that breaks off is asked for again: those of long operations are streamed."""
        response.http_response.read()


class StorageRetry(Retry):
    """The same in a client for storage, where this policy also handles the choice between two hosts: it has one."""

    def send(self, request: sdk.Sdk) -> sdk.Sdk:
        options = request.context.options
        mode = options.pop("location_mode", None)
        for name in ("hosts", "retry_to_secondary"):
            options.pop(name, None)
        response = super().send(request)
        response.http_response.location_mode = mode
        return response

    def _read(self, response: sdk.Sdk) -> None:
        """The client reads downloads, and asks for the rest of those that break off."""


class Registration:
    """Registers the provider that a request needs, where that is allowed, and makes the request again."""

    next: sdk.Sdk

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, request: sdk.Sdk) -> sdk.Sdk:
        response = self.next.send(request)
        namespace = _unregistered(response.http_response) if self._settings.register else None
        subscription = re.match(r"https://[^/]+/subscriptions/[^/]+", request.http_request.url)
        if namespace is None or subscription is None:
            return response
        refused = self._register(request, f"{subscription.group()}/providers/{namespace}")
        # Azure answers a request that it has seen as it did before, so this one gets another id.
        request.http_request.headers["x-ms-client-request-id"] = str(uuid.uuid4())
        return refused or self.next.send(request)

    def _register(self, request: sdk.Sdk, provider: str) -> sdk.Sdk:
        """Waits until it is registered; the answer where Azure refuses it."""
        patient = patience.current(self._settings.timeout)
        response = self._ask(request, "POST", f"{provider}/register")
        while response.http_response.status_code == 200:
            if response.http_response.json().get("registrationState") == "Registered":
                return None
            patient.wait(_REGISTERING)
            response = self._ask(request, "GET", provider)
        return response

    def _ask(self, request: sdk.Sdk, method: str, address: str) -> sdk.Sdk:
        pipeline = sdk.load("azure.core.pipeline")
        asked = sdk.load("azure.core.rest").HttpRequest(method, f"{address}?api-version={_REGISTER}")
        return self.next.send(pipeline.PipelineRequest(asked, pipeline.PipelineContext(request.context.transport)))


def retry_after(response: sdk.Sdk, otherwise: float) -> float:
    """Seconds that an answer asks to wait; otherwise where it says nothing of that."""
    asked = sdk.load("azure.core.pipeline.policies._utils").get_retry_after(response)
    return otherwise if asked is None else max(float(asked), _SHORTEST)


def is_untrusted(error: BaseException) -> bool:
    """Whether a failure is that of a certificate that nobody trusted has signed."""
    return _UNTRUSTED in str(error)


def _unregistered(response: sdk.Sdk) -> str | None:
    """The provider that an answer says is not registered."""
    if response.status_code != 409:
        return None
    return unregistered(_code(response), response.text())


def unregistered(code: str, message: str) -> str | None:
    """The provider that an error says is not registered."""
    named = re.search(r"'([A-Za-z]+\.[A-Za-z.]+)'", message) if code == _UNREGISTERED else None
    return named[1] if named else None


def _code(response: sdk.Sdk) -> str:
    """The code of Azure's error in an answer."""
    try:
        return str(json.loads(response.text())["error"]["code"])
    except (KeyError, TypeError, ValueError):
        return ""
