# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""One login to Azure, and the clients of the SDK that share it."""

from __future__ import annotations

import contextlib
import os
import threading
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    arguments,
    clouds,
    credentials,
    faults,
    pipeline,
    sdk,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError

#: Connections that are kept open: at least as many as a module has threads.
POOL = 64
#: Seconds for a connection, and for the answer to one request.
_CONNECT, _READ = 30, 120
_SUBSCRIPTIONS = "/subscriptions?api-version=2022-12-01"


class Session:
    """A login. cloud says where what is, timeout is in seconds for one operation with all its retries and waits.

    It may be used by several threads at once. Each client is made, and its package imported, when it is first used.
    """

    def __init__(self, options: t.Mapping[str, t.Any], check: bool = False) -> None:
        self.timeout: int = options["timeout"]
        self._lock = threading.RLock()
        self._clients: dict[tuple[str, str], sdk.Sdk] = {}
        self._reached = pipeline.Reached()
        self._verify = options["cert_validation_mode"] != arguments.IGNORE
        self._http = _http()
        login = credentials.find(options, os.environ)
        self.tenant = login.tenant
        self.cloud = clouds.cloud(login.cloud_environment, self.transport())
        discover = self.cloud.known and not options["disable_instance_discovery"]
        self._credential = pipeline.Credential(
            lambda: credentials.credential(login, self.cloud, self.transport(), discover), self.cloud.scope
        )
        self._settings = pipeline.Settings(self.timeout, register=options["register_providers"] and not check)
        self.subscription_id = login.subscription_id or self._only_subscription()

    @property
    def compute(self) -> sdk.Sdk:
        return self.compute_of(self.subscription_id)

    def compute_of(self, subscription_id: str) -> sdk.Sdk:
        """The same for another subscription, which the account may see too."""
        return self._client("azure.mgmt.compute", "ComputeManagementClient", subscription_id)

    @property
    def network(self) -> sdk.Sdk:
        return self._client("azure.mgmt.network", "NetworkManagementClient")

    @property
    def resources(self) -> sdk.Sdk:
        return self._client("azure.mgmt.resource.resources", "ResourceManagementClient")

    @property
    def marketplace(self) -> sdk.Sdk:
        return self._client("azure.mgmt.marketplaceordering", "MarketplaceOrderingAgreements")

    @property
    def storage(self) -> sdk.Sdk:
        return self._client("azure.mgmt.storage", "StorageManagementClient")

    def blob(self, url: str, credential: object = None, **settings: t.Any) -> sdk.Sdk:
        """The BlobClient for a blob; credential is a key or a SAS, None where the URL has one or needs none."""
        client = sdk.load("azure.storage.blob").BlobClient
        return client.from_blob_url(url, credential=credential, transport=self.transport(), **settings)

    def container(self, url: str, credential: object = None) -> sdk.Sdk:
        """The ContainerClient for a container of blobs; credential is a key, None stands for the login of the session.

        Its requests are retried as those to the API.
        """
        client = sdk.load("azure.storage.blob").ContainerClient
        return client.from_container_url(
            url,
            credential=credential or self._credential,
            transport=self.transport(),
            retry_policy=pipeline.StorageRetry(self._settings, pipeline.Reached()),
        )

    def transport(self) -> sdk.Sdk:
        """A transport of the SDK over the connections of this session; closing it does not close them."""
        made = sdk.load("azure.core.pipeline.transport").RequestsTransport
        return made(
            session=self._http,
            session_owner=False,
            connection_timeout=_CONNECT,
            read_timeout=_READ,
            connection_verify=self._verify,
        )

    def close(self) -> None:
        self._http.close()

    def _client(self, module: str, name: str, subscription_id: str | None = None) -> sdk.Sdk:
        wanted = (name, subscription_id or self.subscription_id)
        with self._lock:
            if wanted not in self._clients:
                self._clients[wanted] = getattr(sdk.load(module), name)(
                    self._credential,
                    wanted[1],
                    self.cloud.resource_manager,
                    credential_scopes=[self.cloud.scope],
                    transport=self.transport(),
                    policies=pipeline.policies(self._credential, self._settings, self._reached),
                )
            return self._clients[wanted]

    def _only_subscription(self) -> str:
        """The one subscription that the account can see, where none is named."""
        request = sdk.load("azure.core.rest").HttpRequest("GET", self.cloud.resource_manager + _SUBSCRIPTIONS)
        made = sdk.load("azure.mgmt.core").ARMPipelineClient(
            self.cloud.resource_manager,
            policies=pipeline.policies(self._credential, self._settings, self._reached),
            transport=self.transport(),
        )
        response = made.send_request(request)
        response.raise_for_status()
        seen = [{"id": each["subscriptionId"], "name": each.get("displayName")} for each in response.json()["value"]]
        if len(seen) == 1:
            return str(seen[0]["id"])
        said = "sees no subscription" if not seen else f"sees {len(seen)} subscriptions"
        raise AzureError(
            "bad_option",
            f"subscription_id is missing, and the account {said}: give it, or set AZURE_SUBSCRIPTION_ID.",
            candidates=seen,
        )


@contextlib.contextmanager
def open_session(options: t.Mapping[str, t.Any], check: bool = False) -> t.Iterator[Session]:
    """A login for as long as the context lasts. In check mode no provider is registered."""
    if options["timeout"] < 1:
        raise AzureError("bad_option", f"timeout is {options['timeout']}; it is at least 1 second.")
    with faults.translated("Login at Azure"):
        session = Session(options, check)
    try:
        yield session
    finally:
        session.close()


def _http() -> sdk.Sdk:
    """Connections that all clients share. The SDK makes the retries."""
    requests = sdk.load("requests")
    http = requests.Session()
    http.mount("https://", requests.adapters.HTTPAdapter(pool_connections=POOL, pool_maxsize=POOL, max_retries=0))
    http.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=POOL, max_retries=0))
    return http
