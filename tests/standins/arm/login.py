# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens, as Entra and the metadata service of a VM give them, and what a cloud says of its own addresses."""

from __future__ import annotations

import base64
import json
import time
import typing as t
import urllib.parse

from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.world import CLIENT_ID, SECRET, TENANT, World, unique

#: What a test says to get a token without a client secret.
USERNAME, PASSWORD = "operator@example.com", "not-the-real-one-either"
FEDERATED = "federated-token"


def _refused(status: int, error: str, code: int, text: str) -> Answer:
    body = {
        "error": error,
        "error_description": f"AADSTS{code}: {text} Trace ID: {unique()} Correlation ID: {unique()}",
        "error_codes": [code],
        "timestamp": time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime()),
        "trace_id": unique(),
        "correlation_id": unique(),
    }
    return Answer(status, body)


def _given(world: World, **more: t.Any) -> Answer:
    seconds = world.control.token_seconds
    token = f"standin.{unique()}"
    world.tokens[token] = time.monotonic() + seconds
    return Answer(
        200,
        {
            "token_type": "Bearer",
            "expires_in": int(seconds),
            "ext_expires_in": int(seconds),
            "access_token": token,
            **more,
        },
    )


def _token(world: World, request: Request, tenant: str) -> Answer:
    if tenant not in (TENANT, "organizations", "common"):
        text = f"Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain."
        return _refused(400, "invalid_tenant", 900023, text)
    form = {name: values[0] for name, values in urllib.parse.parse_qs(request.body or "").items()}
    if form.get("grant_type") == "password":
        if (form.get("username"), form.get("password")) == (USERNAME, PASSWORD):
            who = _encoded({"uid": unique(), "utid": TENANT})
            return _given(
                world, scope=form.get("scope", ""), id_token=_identity(request, form["client_id"]), client_info=who
            )
        text = "Error validating credentials due to invalid username or password."
        return _refused(400, "invalid_grant", 50126, text)
    if form.get("client_id") != CLIENT_ID:
        text = f"Application with identifier '{form.get('client_id')}' was not found in the directory '{tenant}'."
        return _refused(400, "unauthorized_client", 700016, text)
    assertion = form.get("client_assertion")
    if assertion is not None:
        if assertion == FEDERATED or assertion.count(".") == 2:
            return _given(world)
        text = "No matching federated identity record found for presented assertion."
        return _refused(401, "invalid_client", 70021, text)
    if form.get("client_secret") == SECRET:
        return _given(world)
    text = (
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not "
        "the client secret ID."
    )
    return _refused(401, "invalid_client", 7000215, text)


def _identity(request: Request, client: str) -> str:
    """What says who logged in; nobody looks at its signature."""
    claims = {
        "iss": f"{request.base}/{TENANT}/v2.0",
        "aud": client,
        "exp": int(time.time()) + 3600,
        "iat": int(time.time()),
        "oid": unique(),
        "sub": unique(),
        "tid": TENANT,
        "preferred_username": USERNAME,
    }
    return f"{_encoded({'alg': 'RS256', 'typ': 'JWT'})}.{_encoded(claims)}.signature"


def _encoded(claims: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


def _managed(world: World, request: Request) -> Answer:
    """What a VM's own metadata service and an app's identity endpoint give alike."""
    answer = _given(world, resource=request.query.get("resource", ""), client_id=CLIENT_ID)
    answer.body["expires_on"] = str(int(time.time() + world.control.token_seconds))
    return answer


def _openid(world: World, request: Request, tenant: str) -> Answer:
    base = f"{request.base}/{tenant}"
    body = {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        "issuer": f"{base}/v2.0",
    }
    return Answer(200, body)


def _adfs(world: World, request: Request) -> Answer:
    """An AD FS says at another address than Entra where its tokens are; here they are the same."""
    return _openid(world, request, TENANT)


def _realm(world: World, request: Request, user: str) -> Answer:
    return Answer(200, {"ver": "1.0", "account_type": "Managed", "domain_name": "example.com"})


def _cloud(world: World, request: Request) -> Answer:
    """The one cloud that is here, in the form that is told since the API of 2019-05-01."""
    base = request.base
    cloud: Json = {
        "name": "StandIn",
        "portal": base,
        "resourceManager": f"{base}/",
        "authentication": {
            "loginEndpoint": f"{base}/",
            "audiences": [f"{base}/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "graph": f"{base}/",
        "graphAudience": f"{base}/",
        "suffixes": {"storage": "core.windows.net", "keyVaultDns": "vault.azure.net"},
    }
    return Answer(200, [cloud])


def check(world: World, request: Request) -> None:
    """ArmError where a request has no token, or one that is over or unknown."""
    kind, dummy, token = request.headers.get("authorization", "").partition(" ")
    challenge = f'Bearer authorization_uri="{request.base}/{TENANT}", error="invalid_token"'
    if kind != "Bearer" or not token:
        raise ArmError(
            401,
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.",
            headers={"WWW-Authenticate": challenge},
        )
    if world.control.revoke:
        world.tokens.clear()
        world.control.revoke = False
    until = world.tokens.get(token)
    if until is None:
        raise ArmError(
            401,
            "InvalidAuthenticationToken",
            "The access token is invalid.",
            headers={"WWW-Authenticate": challenge},
        )
    if until <= time.monotonic():
        raise ArmError(
            401,
            "ExpiredAuthenticationToken",
            "The access token expiry UTC time is earlier than current UTC time.",
            headers={"WWW-Authenticate": f'{challenge}, error_description="The access token has expired."'},
        )


#: These want no token.
ROUTES = (
    (r"/metadata/endpoints", _cloud),
    (r"/metadata/identity/oauth2/token", _managed),
    (r"/([^/]+)/oauth2/v2\.0/token", _token),
    (r"/([^/]+)/v2\.0/\.well-known/openid-configuration", _openid),
    (r"/adfs/\.well-known/openid-configuration", _adfs),
    (r"/common/userrealm/([^/]+)", _realm),
)
