# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What Azure, and the way to it, answers when something does not work, as AzureError with what to do about it."""

from __future__ import annotations

import contextlib
import json
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import pipeline, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.advice import advice
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError


class Fault(t.NamedTuple):
    """An error as Azure gives it. inner are its details, to any depth."""

    code: str
    message: str
    target: str | None = None
    inner: tuple[Fault, ...] = ()

    def all(self) -> t.Iterator[Fault]:
        yield self
        for each in self.inner:
            yield from each.all()


@contextlib.contextmanager
def translated(what: str) -> t.Iterator[None]:
    """Failures of the SDK within are raised as AzureError; what says in the message what was tried."""
    errors = sdk.load("azure.core.exceptions")
    try:
        yield
    except errors.HttpResponseError as error:
        raise _answered(error, what) from error
    except errors.AzureError as error:
        raise _broken(error, what) from error
    except ValueError as error:
        raise AzureError(
            "connect", f"{what}: the answer is none that Azure gives ({error}). Check cloud_environment and the proxy."
        ) from error


def failure(what: str, fault: Fault, status: int = 0, request_id: str | None = None) -> AzureError:
    """The error that a fault means. The first of it and its details that says more than "failed" gives the code."""
    code, hint, known = advice(fault.all(), status)
    said = f"{what}: {_told(fault)}"
    about: dict[str, t.Any] = {
        **known,
        "azure_code": fault.code,
        "target": fault.target,
        "details": [{"code": each.code, "message": each.message, "target": each.target} for each in fault.all()][1:],
        "request_id": request_id,
    }
    return AzureError(code, f"{said} {hint}".strip(), **{name: value for name, value in about.items() if value})


def parsed(body: object) -> Fault | None:
    """The error in the body of an answer, or in what an operation has ended with."""
    if not isinstance(body, dict):
        return None
    error = body.get("error", body)
    if isinstance(error, str):
        return Fault(error, str(body.get("error_description") or body.get("message") or ""))
    if not isinstance(error, dict) or not (error.get("code") or error.get("message")):
        status = body.get("status")
        return Fault(str(status), f"The operation has ended as {status}.") if status else None
    details = error.get("details")
    inner = [parsed(each) for each in (*(details if isinstance(details, list) else ()), error.get("innererror"))]
    # Some providers put a whole JSON error into the text of another.
    inner.append(parsed(_json(error.get("message"))))
    return Fault(
        str(error.get("code") or ""),
        _clean(str(error.get("message") or "")),
        str(error.get("target") or "") or None,
        tuple(each for each in inner if each is not None and (each.code or each.message)),
    )


def _answered(error: sdk.Sdk, what: str) -> AzureError:
    response = getattr(error, "response", None)
    if response is None:
        return _broken(error, what)
    fault = parsed(_json(_text(response)))
    status = response.status_code
    if fault is None:
        fault = Fault(f"HTTP {status}", _clean(str(getattr(error, "message", "") or response.reason or "")))
    return failure(what, fault, status, response.headers.get("x-ms-request-id"))


def _broken(error: sdk.Sdk, what: str) -> AzureError:
    if pipeline.is_untrusted(error):
        return AzureError(
            "tls_untrusted",
            f"{what}: the certificate of the server is not trusted. Name a file with the CA that signed it in the "
            "environment variable REQUESTS_CA_BUNDLE, or, where the network is trusted, set "
            "cert_validation_mode=ignore.",
        )
    name = type(error).__name__
    if name in ("ClientAuthenticationError", "CredentialUnavailableError"):
        # What asks for tokens says so also where there was no connection.
        if type(error.__cause__).__name__ in ("ServiceRequestError", "ServiceResponseError"):
            return _broken(error.__cause__, what)
        return failure(what, Fault("", _clean(str(error.message))), 401)
    if "Timeout" in name:
        return AzureError("timeout", f"{what}: the server did not answer in time.")
    return AzureError(
        "connect", f"{what}: no connection, or a broken one ({_clean(str(error))}). Check the network and the proxy."
    )


def _told(fault: Fault) -> str:
    """A fault with its code, and those of its details that add something."""
    said: list[str] = []
    for each in fault.all():
        text = f"{each.message.rstrip('. ')} ({each.code})." if each.code else f"{each.message.rstrip('. ')}."
        if each.message and not any(each.message.rstrip(". ") in before for before in said):
            said.append(text if each.target is None else f"{text[:-1]}, target {each.target}.")
    return " ".join(said) or f"{fault.code}."


def _clean(text: str) -> str:
    """One line, without the queries of URLs, which hold signatures."""
    return re.sub(r"(https?://[^\s?\"']+)\?[^\s\"']*", r"\1", " ".join(text.split()))


def _text(response: sdk.Sdk) -> str:
    try:
        return str(response.text())
    except (ValueError, LookupError):
        return ""


def _json(text: object) -> object:
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return None
    try:
        return t.cast(object, json.loads(text))
    except ValueError:
        return None
