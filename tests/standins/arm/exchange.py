# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked, and what is answered: the forms that every part of the stand-in shares."""

from __future__ import annotations

import types
import typing as t

Json = dict[str, t.Any]
NOTHING: t.Mapping[str, str] = types.MappingProxyType({})


class Request(t.NamedTuple):
    """One request. Names of query parameters and headers are in small letters; base is the server's own address."""

    method: str
    path: str
    query: t.Mapping[str, str]
    headers: t.Mapping[str, str]
    body: t.Any
    base: str

    def expands(self, word: str) -> bool:
        return word.lower() in self.query.get("$expand", "").lower()


class Answer(t.NamedTuple):
    """One answer. A body of bytes is sent as it is, any other as JSON."""

    status: int
    body: t.Any = None
    headers: t.Mapping[str, str] = NOTHING


class ArmError(Exception):
    """An error in ARM's form: status, stable code, message, and where they are known target and details."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        target: str | None = None,
        details: t.Sequence[Json] = (),
        headers: t.Mapping[str, str] = NOTHING,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.headers = headers
        self.error: Json = {"code": code, "message": message}
        if target:
            self.error["target"] = target
        if details:
            self.error["details"] = list(details)

    def answer(self) -> Answer:
        return Answer(self.status, {"error": self.error}, self.headers)


Route = tuple[str, t.Callable[..., Answer]]
