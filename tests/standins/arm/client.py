# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for a test: started, spoken to, ended."""

from __future__ import annotations

import collections.abc
import contextlib
import json
import os
import pathlib
import ssl
import subprocess
import sys
import typing as t
import urllib.request

from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Json

MODULE = "ansible_collections.flatops.flatcar.tests.standins.arm.server"
#: The collections root that this file is in.
ROOT = pathlib.Path(__file__).parents[6]


class Server(t.NamedTuple):
    """A stand-in that serves. ca_path is a PEM file."""

    url: str
    ca_path: str
    subscription_id: str
    tenant: str
    client_id: str
    secret: str
    pid: int

    def options(self) -> dict[str, str]:
        """The options of a module that lead here; the environment names the certificate."""
        return {
            "subscription_id": self.subscription_id,
            "tenant": self.tenant,
            "client_id": self.client_id,
            "secret": self.secret,
            "cloud_environment": self.url,
        }

    def environment(self) -> dict[str, str]:
        """The variables by which modules find it."""
        login = {f"AZURE_{name.upper()}": value for name, value in self.options().items()}
        return {**login, "REQUESTS_CA_BUNDLE": self.ca_path}

    def control(self, **settings: t.Any) -> Json:
        """Sets fields of control.Control; all of them, as they now are."""
        return t.cast(Json, self._ask("control", settings))

    def log(self) -> list[Json]:
        """Requests so far: method, path, query, status (0 where it was cut), body and answer."""
        return t.cast("list[Json]", self._ask("log"))

    def writes(self) -> list[str]:
        """Method and path of what was asked for that is no look."""
        return [f"{each['method']} {each['path']}" for each in self.log() if each["method"] in _WRITES and _ours(each)]

    def resources(self) -> dict[str, Json]:
        """What there is, by id."""
        return t.cast("dict[str, Json]", self._ask("resources"))

    def reset(self) -> None:
        """Forgets everything, but for the settings that it was started with."""
        self._ask("reset", {})

    def _ask(self, word: str, body: Json | None = None) -> t.Any:
        data = None if body is None else json.dumps(body).encode()
        context = ssl.create_default_context(cafile=self.ca_path)
        handler = urllib.request.HTTPSHandler(context=context)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), handler)
        with opener.open(urllib.request.Request(f"{self.url}/_standin/{word}", data), timeout=60) as answer:
            return json.load(answer)


_WRITES = ("PUT", "PATCH", "POST", "DELETE")


def _ours(entry: Json) -> bool:
    return str(entry["path"]).lower().startswith("/subscriptions/")


@contextlib.contextmanager
def arm(**settings: t.Any) -> collections.abc.Iterator[Server]:
    """A stand-in for as long as the context lasts, with fields of control.Control, which a reset does not forget."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))}
    command = [sys.executable, "-m", MODULE, "--control", json.dumps(settings)]
    # Ctrl-C is for the one who has started it, who then closes its input.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, text=True, start_new_session=True
    ) as process:
        assert process.stdin and process.stdout
        word, dummy, told = process.stdout.readline().partition(" ")
        if word != "READY":
            raise RuntimeError("the stand-in of Azure does not start")
        try:
            yield _server(json.loads(told))
        finally:
            process.stdin.close()


def _server(told: Json) -> Server:
    return Server(
        told["url"], told["ca"], told["subscription"], told["tenant"], told["client_id"], told["secret"], told["pid"]
    )
