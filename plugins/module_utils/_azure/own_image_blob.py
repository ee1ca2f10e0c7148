# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The page blob that an own image is made of, and those that are left in its container."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import blobs, page_upload, patience, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._azure import storage_account as accounts
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.own_image_bodies import Blob
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.own_image_job import Json, Outcome, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.own_image_options import Storage
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.own_image_source import Ready
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.storage_account import Account


def upload(
    task: Task, storage: Storage, account: Account | None, location: str, ready: Ready, outcome: Outcome
) -> Blob:
    """Uploads a VHD, to an account that is made when there is none. A blob that is half there is taken up."""
    session = task.session
    if account is None:
        account = accounts.create(session, storage, location)
        outcome.made("storage_account_created", account.id)
    container = accounts.container(session, storage, account)
    if accounts.ensure_container(container, account, task.settling):
        outcome.made("container_created", account.endpoint + storage.container)
    # The contents are part of the name, so that a blob is never another image's.
    name = f"{task.wanted.name}-{ready.plan.digest[:16]}.vhd"
    blob = Blob(f"{account.endpoint}{storage.container}/{name}", account.id)
    outcome.begun.append(blob.url)
    to = page_upload.Uploader(
        container.get_blob_client(name), ready.path, storage.threads, session.timeout, task.report
    )
    outcome.sent = page_upload.upload(to, ready.plan, storage.read_back)
    outcome.actions.append("uploaded")
    return blob


def tidy(task: Task, storage: Storage, account: Account, outcome: Outcome) -> None:
    """Removes the blobs of this image, of earlier runs as well, or with keep_blob tells of them."""
    container = accounts.container(task.session, storage, account)
    what = f"Looking for blobs in {account.endpoint}{storage.container}"
    with blobs.translated(what), patience.lasting(what, task.session.timeout):
        found = _ours(container, task.wanted.name)
    for blob in found:
        url = f"{account.endpoint}{storage.container}/{blob.name}"
        if storage.keep:
            outcome.leftovers.append({"kind": "blob", "id": url, "bytes": blob.size})
        else:
            _delete(task, container, blob.name)
    if found and not storage.keep:
        outcome.actions.append("blob_deleted")
    outcome.leftovers.append({"kind": "storage_account", "id": account.id, "bytes": None})


def _ours(container: sdk.Sdk, name: str) -> list[t.Any]:
    """The blobs that runs for an image of this name have made."""
    pattern = re.compile(re.escape(name) + r"-[0-9a-f]{16}\.vhd")
    listed = container.list_blobs(name_starts_with=f"{name}-", include=["metadata"])
    return [blob for blob in listed if pattern.fullmatch(blob.name) and page_upload.DIGEST in (blob.metadata or {})]


def _delete(task: Task, container: sdk.Sdk, name: str) -> None:
    missing = sdk.load("azure.core.exceptions").ResourceNotFoundError
    what = f"Removing the blob {name}"
    with blobs.translated(what), patience.lasting(what, task.session.timeout):
        try:
            container.delete_blob(name)
        except missing:
            # Another run for the same image was faster.
            return


def sweep(task: Task, location: str, outcome: Outcome) -> None:
    """Removes the blobs of an image that is gone, where its storage account is named and keep_blob is false."""
    if task.storage is None or task.storage.keep:
        return
    account = accounts.find(task.session, task.storage._replace(create=True), location)
    if account is not None:
        tidy(task, task.storage, account, outcome)


def described(outcome: Outcome) -> Json | None:
    """The upload as a result tells it; None where there was none."""
    return None if outcome.sent is None else {**outcome.sent._asdict(), "seconds": round(outcome.sent.seconds, 1)}
