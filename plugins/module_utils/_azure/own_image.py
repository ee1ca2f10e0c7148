# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""An own image: a managed image, or a version in a gallery, of a release of Flatcar or of another VHD.

The digest of what it was made of is one of its tags, so that nothing is downloaded or uploaded when it is there. The
image appears only once its blob is whole: what an interrupted run leaves is a blob, and the next run goes on with it.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import own_image_blob as blob
from ansible_collections.flatops.flatcar.plugins.module_utils._azure import own_image_bodies as bodies
from ansible_collections.flatops.flatcar.plugins.module_utils._azure import own_image_place as places
from ansible_collections.flatops.flatcar.plugins.module_utils._azure import own_image_source as sources
from ansible_collections.flatops.flatcar.plugins.module_utils._azure import request, stamp
from ansible_collections.flatops.flatcar.plugins.module_utils._azure import storage_account as accounts
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.own_image_job import Json, Outcome, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.own_image_options import Wanted, plain
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.own_image_place import Place
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.own_image_source import Source
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session


def present(task: Task, source: Source) -> Outcome:
    """Makes the image, or puts right what differs. An error's left_behind is what this run has left."""
    wanted = task.wanted
    if wanted.gallery is not None and wanted.version is None:
        if source.version is None:
            raise AzureError("bad_option", "gallery_version is missing; only a release (channel) has its own.")
        wanted = wanted._replace(version=source.version)
        task = task._replace(wanted=wanted)
    place = places.look(task.session, wanted)
    if wanted.gallery is not None:
        places.check_definition(wanted, place)
    outcome = Outcome()
    try:
        if place.image is None or _is_replaced(wanted, place.image, source):
            _make(task, place, source, outcome)
        else:
            _update(task, place, source, outcome)
    except AzureError as error:
        if outcome.begun:
            error.about["left_behind"] = outcome.begun
        raise
    return outcome


def _is_replaced(wanted: Wanted, image: Json, source: Source) -> bool:
    """Whether the image has to be made anew; AzureError when it has to and may not."""
    label = wanted.label
    if not places.is_ours(image):
        raise AzureError(
            "not_ours",
            f"{_capital(label)} is there, and was not made by this collection: of what is not known. It is left alone; "
            "take another name.",
        )
    if image["properties"].get("provisioningState") == "Failed":
        return True
    differences = bodies.immutable(wanted, image, source.digest)
    if differences and not wanted.replace:
        raise AzureError(
            "immutable_changed",
            f"{_capital(label)} is there, made of {stamp.read(image).source or 'something unknown'}: "
            f"{'; '.join(map(str, differences))}. Only a new image can have that: take another name or version, or set "
            "on_immutable_change=replace.",
            candidates=[each._asdict() for each in differences],
        )
    return bool(differences)


def _make(task: Task, place: Place, source: Source, outcome: Outcome) -> None:
    if task.storage is None:
        raise AzureError("bad_option", "storage_account is missing: an image is made of a blob in one.")
    wanted, session = task.wanted, task.session
    all_tags = bodies.tags(wanted, source.label, source.digest)
    if place.image is not None:
        outcome.before = _shown(wanted, place.image, place.definition)
    account = accounts.find(session, task.storage, place.location)
    if task.check:
        _predict(task, place, account is None, outcome)
        outcome.after = {"source": source.label, "digest": source.digest}
        return
    ready = source.ready(task.report)
    _groundwork(task, place, outcome)
    uploaded = blob.upload(task, task.storage, account, place.location, ready, outcome)
    if place.image is not None:
        _delete(session, wanted)
        outcome.actions.append("deleted")
    what = f"Creating {wanted.label}"
    task.report("create", 0, None)
    if wanted.gallery is None:
        body = bodies.managed(wanted, place.location, uploaded, all_tags)
        request.begin(session, what, session.compute.images.begin_create_or_update, wanted.group, wanted.name, body)
    else:
        _publish(session, what, wanted, bodies.version(wanted, place.location, uploaded, all_tags))
    outcome.actions.append("created")
    _read(task, outcome)
    sources.tidy(ready)
    account = account or accounts.find(session, task.storage, place.location)
    if account is not None:
        blob.tidy(task, task.storage, account, outcome)


def _predict(task: Task, place: Place, makes_account: bool, outcome: Outcome) -> None:
    wanted = task.wanted
    missing = (
        ("resource_group_created", place.group is None),
        ("gallery_created", wanted.gallery is not None and place.gallery is None),
        ("definition_created", wanted.gallery is not None and place.definition is None),
        ("storage_account_created", makes_account),
        ("uploaded", True),
        ("deleted", place.image is not None),
        ("created", True),
    )
    outcome.actions += [action for action, is_missing in missing if is_missing]


def _groundwork(task: Task, place: Place, outcome: Outcome) -> None:
    """Group, gallery and definition. They stay when something fails later: a rerun takes what is there."""
    wanted, session = task.wanted, task.session
    if place.group is None:
        body = {"location": place.location, "tags": {**wanted.tags, **stamp.tags(state=stamp.COMPLETE)}}
        made = request.get(
            session,
            f"Creating the resource group {wanted.group}",
            session.resources.resource_groups.create_or_update,
            wanted.group,
            body,
        )
        outcome.made("resource_group_created", made["id"])
    if wanted.gallery is None:
        return
    if place.gallery is None:
        made = request.begin(
            session,
            f"Creating the gallery {wanted.gallery}",
            session.compute.galleries.begin_create_or_update,
            wanted.group,
            wanted.gallery,
            bodies.gallery(wanted, place.location),
        )
        outcome.made("gallery_created", made["id"])
    if place.definition is None:
        made = request.begin(
            session,
            f"Creating the image definition {wanted.name}",
            session.compute.gallery_images.begin_create_or_update,
            wanted.group,
            wanted.gallery,
            wanted.name,
            bodies.definition(wanted, place.location),
        )
        outcome.made("definition_created", made["id"])


def _update(task: Task, place: Place, source: Source, outcome: Outcome) -> None:
    wanted, session = task.wanted, task.session
    image = t.cast(Json, place.image)
    all_tags = bodies.tags(wanted, source.label, source.digest, image)
    changes = bodies.changes(wanted, image, all_tags)
    outcome.image, outcome.definition = image, place.definition
    if not changes:
        return
    outcome.actions.append("updated")
    outcome.before = {each.setting: each.there for each in changes}
    outcome.after = {each.setting: each.wanted for each in changes}
    if task.check:
        return
    what = f"Changing {wanted.label}"
    if wanted.gallery is None:
        body = {"tags": all_tags}
        request.begin(session, what, session.compute.images.begin_update, wanted.group, wanted.name, body)
    else:
        _publish(session, what, wanted, bodies.republished(wanted, image, all_tags))
    outcome.image = places.again(session, wanted)


def _publish(session: Session, what: str, wanted: Wanted, body: Json) -> None:
    request.begin(
        session,
        what,
        session.compute.gallery_image_versions.begin_create_or_update,
        wanted.group,
        wanted.gallery,
        wanted.name,
        wanted.version,
        body,
    )


def _read(task: Task, outcome: Outcome) -> None:
    wanted, session = task.wanted, task.session
    outcome.image = places.again(session, wanted)
    if wanted.gallery is not None:
        outcome.definition = request.get(
            session,
            f"Looking at the image definition {wanted.name}",
            session.compute.gallery_images.get,
            wanted.group,
            wanted.gallery,
            wanted.name,
        )
    outcome.after = _shown(wanted, outcome.image, outcome.definition)


def _shown(wanted: Wanted, image: Json, definition: Json | None) -> Json:
    """What a diff shows of an image."""
    told = bodies.described(wanted, image, definition)
    return {name: told[name] for name in ("source", "digest", "generation", "location", "regions") if name in told}


def absent(task: Task) -> Outcome:
    """Removes the image, and with keep_blob=false its blobs. What it lies in stays."""
    wanted, outcome = task.wanted, Outcome()
    if wanted.gallery is not None and wanted.version is None:
        raise AzureError("bad_option", "gallery_version is missing: the version that is to be removed.")
    image = places.there(task.session, wanted)
    if image is None:
        return outcome
    if not places.is_ours(image):
        raise AzureError(
            "not_ours",
            f"{_capital(wanted.label)} was not made by this collection, and is left alone. Remove it yourself.",
        )
    outcome.before = {"id": image["id"], "digest": stamp.read(image).digest}
    outcome.actions.append("deleted")
    if not task.check:
        _delete(task.session, wanted)
        blob.sweep(task, plain(image["location"]), outcome)
    return outcome


def _delete(session: Session, wanted: Wanted) -> None:
    what = f"Removing {wanted.label}"
    if wanted.gallery is None:
        request.begin(session, what, session.compute.images.begin_delete, wanted.group, wanted.name)
        return
    function = session.compute.gallery_image_versions.begin_delete
    request.begin(session, what, function, wanted.group, wanted.gallery, wanted.name, wanted.version)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
