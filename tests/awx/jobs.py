# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX starts them: by ansible-runner, in a folder of its own, with what the job template says."""

from __future__ import annotations

import json
import pathlib
import shutil
import tempfile
import threading
import typing as t
from concurrent.futures import ThreadPoolExecutor

import ansible_runner
import yaml

from ansible_collections.flatops.flatcar.tests.awx.data import PROJECT, QUESTIONS, Item
from ansible_collections.flatops.flatcar.tests.awx.inventory import Exported, Variables, sliced

#: Seconds after which a job hangs.
LONGEST = 600


class _Unsafe(yaml.SafeDumper):
    """What a user has answered is never a template: AWX tags all texts so."""

    def represent_data(self, data: t.Any) -> yaml.Node:
        return self.represent_scalar("!unsafe", data) if isinstance(data, str) else super().represent_data(data)


class Job(t.NamedTuple):
    """A job that has ended: its folder, whether it succeeded, what it told workflows, the hosts that it was about, what
    it printed, and all that it told of its tasks."""

    folder: pathlib.Path
    successful: bool
    artifacts: Variables
    hosts: list[str]
    output: str
    events: str


class Site(t.NamedTuple):
    """Where jobs run. env is what credentials and AWX's settings give; ssh_key that of the credential for nodes."""

    folder: pathlib.Path
    inventory: Exported
    env: dict[str, str]
    ssh_key: str | None = None


def defaults(template: Item) -> Variables:
    """The answers of a survey to which nobody has given others."""
    questions = [QUESTIONS[name] for name in template["survey"]]
    return {each["variable"]: each["default"] for each in questions if "default" in each}


def written(variables: Variables) -> str:
    """Variables as AWX writes them for a job."""
    return yaml.dump(variables, Dumper=_Unsafe)


def launch(site: Site, template: Item, variables: Variables) -> list[Job]:
    """A job for each slice, at the same time. variables go above the answers of the survey.

    What ends this meanwhile, such as a job that breaks, cancels the jobs that run.
    """
    count = template.get("slices", 1)
    slices = [sliced(site.inventory, number, count) for number in range(1, count + 1)]
    answers = {**defaults(template), **variables}
    leaving = threading.Event()
    with ThreadPoolExecutor(count) as pool:
        try:
            return list(pool.map(lambda inventory: _job(site, template, answers, inventory, leaving), slices))
        finally:
            leaving.set()


def _job(site: Site, template: Item, variables: Variables, inventory: Exported, leaving: threading.Event) -> Job:
    folder = pathlib.Path(tempfile.mkdtemp(prefix="job-", dir=site.folder))
    shutil.copytree(PROJECT, folder / "project")
    (folder / "inventory").mkdir()
    hosts = folder / "inventory" / "hosts"
    hosts.write_text(f"#!/usr/bin/env python3\nprint({json.dumps(inventory)!r})\n")
    hosts.chmod(0o700)
    (folder / "env").mkdir()
    (folder / "env" / "extravars").write_text(written({**variables, "awx_job_id": 1}))
    options = ["--check"] if template.get("job_type") == "check" else []
    options += ["--limit", template["limit"]] if "limit" in template else []
    run = ansible_runner.run(
        private_data_dir=str(folder),
        playbook=template["playbook"],
        cmdline=" ".join(options),
        envvars={**site.env, "ANSIBLE_HOST_KEY_CHECKING": "False", "HOME": str(folder)},
        ssh_key=site.ssh_key,
        quiet=True,
        timeout=LONGEST,
        cancel_callback=leaving.is_set,
    )
    events = list(run.events)
    output = "".join(f"{each['stdout']}\n" for each in events if each["stdout"])
    ends = [each["event_data"] for each in events if each["event"] == "playbook_on_stats"]
    assert ends, f"{run.status} before its end:\n{output}"
    return Job(
        folder,
        run.status == "successful",
        ends[0]["artifact_data"],
        sorted(ends[0]["processed"]),
        output,
        json.dumps(events),
    )
