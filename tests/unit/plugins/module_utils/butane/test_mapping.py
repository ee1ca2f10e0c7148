# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Butane that comes as a mapping."""

from __future__ import annotations

import datetime
import typing as t

import hypothesis
import hypothesis.strategies as st
import pytest
import yaml

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.mapping import MappingError, from_mapping
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.transpile import transpile


def document(**sections: t.Any) -> dict[str, t.Any]:
    return {"variant": "flatcar", "version": "1.1.0", **sections}


def file(**members: t.Any) -> dict[str, t.Any]:
    return document(storage={"files": [{"path": "/etc/x", **members}]})


@pytest.mark.parametrize(
    "data",
    [
        document(),
        file(mode=0o644, overwrite=True, contents={"inline": "a: b\n# c"}, user={"name": "core"}, group={"id": 0}),
        document(systemd={"units": [{"name": "a.service", "enabled": True, "mask": False}]}),
        document(passwd={"users": [{"name": "core", "ssh_authorized_keys": ["ssh-ed25519 AAAA"], "uid": 1000}]}),
        document(kernel_arguments={"should_exist": ["quiet"], "should_not_exist": ["flatcar.autologin"]}),
        document(storage=None),
    ],
)
def test_means_what_the_same_yaml_means(data: dict[str, t.Any]) -> None:
    expected = transpile(yaml.safe_dump(data)).text
    assert expected is not None
    assert transpile(from_mapping(data)).text == expected


@pytest.mark.parametrize(
    "data, path, wanted",
    [
        (
            file(contents={"inline": 1.1}),
            "$.storage.files.0.contents.inline",
            "a number with a fraction where Butane wants text",
        ),
        (
            file(contents={"inline": 1350}),
            "$.storage.files.0.contents.inline",
            "a whole number where Butane wants text",
        ),
        (file(contents={"inline": True}), "$.storage.files.0.contents.inline", "true or false where Butane wants text"),
        (
            file(contents={"inline": datetime.date(2026, 1, 2)}),
            "$.storage.files.0.contents.inline",
            "a date or time where Butane wants text",
        ),
        (file(contents={"inline": b"\0"}), "$.storage.files.0.contents.inline", "binary data where Butane wants text"),
        (file(contents="text"), "$.storage.files.0.contents", "text where Butane wants a mapping"),
        (file(mode="0o644"), "$.storage.files.0.mode", "text where Butane wants a whole number"),
        (file(mode=True), "$.storage.files.0.mode", "true or false where Butane wants a whole number"),
        (file(mode=420.0), "$.storage.files.0.mode", "a number with a fraction where Butane wants a whole number"),
        (file(overwrite="yes"), "$.storage.files.0.overwrite", "text where Butane wants true or false"),
        (file(overwrite=1), "$.storage.files.0.overwrite", "a whole number where Butane wants true or false"),
        (document(storage={"files": {"path": "/x"}}), "$.storage.files", "a mapping where Butane wants a list"),
        (document(storage=[]), "$.storage", "a list where Butane wants a mapping"),
        (document(storage={False: []}), "$.storage.False", "a key that is true or false"),
        ({"variant": "flatcar", "version": 1.1}, "$.version", "a number with a fraction where Butane wants text"),
        ({"variant": True, "version": "1.1.0"}, "$.variant", "true or false where Butane wants text"),
        (
            {"variant": "openshift", "version": "4.19.0", "metadata": {"name": "x", "labels": {"a": 1}}},
            "$.metadata.labels.a",
            "a whole number where Butane wants text",
        ),
    ],
)
def test_refuses_what_yaml_1_1_has_changed(data: dict[str, t.Any], path: str, wanted: str) -> None:
    with pytest.raises(MappingError) as caught:
        from_mapping(data)
    assert len(caught.value.report) == 1
    assert caught.value.report[0].startswith(f"error at {path}: {wanted}")


def test_says_all_of_it_but_no_value() -> None:
    data = document(passwd={"users": [{"name": "core", "password_hash": 31337, "shell": 5}]})
    with pytest.raises(MappingError) as caught:
        from_mapping(data)
    assert [line.split(":")[0] for line in caught.value.report] == [
        "error at $.passwd.users.0.password_hash",
        "error at $.passwd.users.0.shell",
    ]
    assert "31337" not in str(caught.value)


@pytest.mark.parametrize("data", [{}, {"variant": "flatcar"}, {"variant": "other", "version": "1.0.0", "x": 1.5}])
def test_leaves_unknown_variants_to_the_engine(data: dict[str, t.Any]) -> None:
    result = transpile(from_mapping(data))
    assert result.failed
    assert "Error translating config" in result.report[0]


def test_leaves_unknown_keys_to_the_engine() -> None:
    data = document(stroage={"files": [1.5, {1: datetime.date(2026, 1, 2)}, {datetime.date(2026, 1, 2): 1}]})
    assert any("unused key stroage" in line for line in transpile(from_mapping(data)).report)


@hypothesis.given(st.text())
def test_keeps_every_text(text: str) -> None:
    config = yaml.safe_load(from_mapping(document(storage={"files": [{"path": text}]})))
    assert config["storage"]["files"][0]["path"] == text
