# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fragments to one Ignition config, and what is said of those that make none."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.errors import FetchError, FragmentError
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.fragments import (
    MAX_DEPTH,
    Fragment,
    is_ignition,
    render,
    resolve,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.transpile import transpile
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.validate import validate


def butane(path: str = "/etc/a", version: str = "1.1.0", extra: str = "", **places: t.Any) -> Fragment:
    text = f"variant: flatcar\nversion: {version}\nstorage:\n  files:\n    - path: {path}\n{extra}"
    return Fragment(text, **places)


def ignition(version: str = "3.3.0", **members: t.Any) -> dict[str, t.Any]:
    return {"ignition": {"version": version}, **members}


def paths(text: str) -> list[str]:
    return [file["path"] for file in json.loads(text)["storage"]["files"]]


def failure(*fragments: Fragment, **options: t.Any) -> FragmentError:
    with pytest.raises(FragmentError) as caught:
        render(fragments, **options)
    return caught.value


def paths_of(config: dict[str, t.Any]) -> list[str]:
    return [file["path"] for file in config["storage"]["files"]]


def files(*named: str, version: str = "3.3.0", **references: t.Any) -> dict[str, t.Any]:
    """An Ignition config with empty files; references are ignition.config."""
    return {
        "ignition": {"version": version, "config": references},
        "storage": {"files": [{"path": path} for path in named]},
    }


@pytest.mark.parametrize("pretty", [False, True])
@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "1.2.0-experimental"])
def test_one_butane_fragment_gives_what_butane_prints(version: str, pretty: bool) -> None:
    fragment = butane(version=version)
    assert isinstance(fragment.content, str)
    assert render([fragment], pretty=pretty) == (transpile(fragment.content, pretty=pretty).text, [])


def test_openshift_gives_ignition_and_no_machine_config() -> None:
    text = "variant: openshift\nversion: 4.19.0\nmetadata:\n  name: x\n  labels:\n"
    text += "    machineconfiguration.openshift.io/role: worker\n"
    assert json.loads(render([Fragment(text)]).text) == {"ignition": {"version": "3.5.0"}}


@pytest.mark.parametrize("content", [ignition(), json.dumps(ignition()), " \n" + json.dumps(ignition(), indent=4)])
def test_ignition_is_taken_as_text_and_as_mapping(content: t.Any) -> None:
    assert render([Fragment(content)]).text == '{"ignition":{"version":"3.3.0"}}\n'


def test_later_fragments_win_and_the_highest_version_stays() -> None:
    extra = "      contents: {inline: new}\n"
    merged = render([butane("/etc/b", "1.0.0"), butane(version="1.1.0"), butane("/etc/b", "1.0.0", extra)])
    config = json.loads(merged.text)
    assert config["ignition"]["version"] == "3.4.0"
    assert paths(merged.text) == ["/etc/b", "/etc/a"]
    assert config["storage"]["files"][0]["contents"]["source"] == "data:,new"
    assert not validate(merged.text).failed


def test_mappings_texts_and_ignition_together() -> None:
    mapping = {"variant": "flatcar", "version": "1.0.0", "storage": {"files": [{"path": "/etc/m"}]}}
    files = ignition("3.0.0", storage={"files": [{"path": "/etc/i"}]})
    assert paths(render([butane(), Fragment(mapping), Fragment(json.dumps(files))]).text) == [
        "/etc/a",
        "/etc/m",
        "/etc/i",
    ]


@pytest.mark.parametrize(
    "content, expected",
    [
        ("", False),
        ("{", False),
        ("{}", False),
        ("[1]", False),
        ('{"ignition": {}}', False),
        ('{"ignition": 3}', False),
        ('{"ignition": {"version": "3.0.0"}}', True),
        ('{"ignition": {"version": "2.3.0"}}', True),
        ('{"variant": "flatcar", "version": "1.0.0", "ignition": {"version": "1"}}', False),
        ("variant: flatcar", False),
        ("{" * 100_000, False),
    ],
)
def test_tells_ignition_from_butane(content: str, expected: bool) -> None:
    assert is_ignition(content) is expected


PLACES: list[tuple[dict[str, t.Any], str]] = [
    ({}, ""),
    ({"origin": "role x"}, "role x: "),
    ({"file": "/a/b.bu"}, "/a/b.bu: "),
    ({"origin": "v[0]", "file": "/a/h.yml", "line": 7}, "v[0] (/a/h.yml:7): "),
    ({"origin": "v[0]", "file": "/a/h.yml", "line": 7, "aligned": True}, "v[0] (/a/h.yml:11): "),
    ({"origin": "v[0]", "file": "/a/b.bu", "line": 1, "aligned": True}, "v[0] (/a/b.bu:5): "),
]


@pytest.mark.parametrize("place, label", PLACES)
def test_an_error_names_fragment_file_and_line(place: dict[str, t.Any], label: str) -> None:
    error = failure(butane("etc/a", **place))
    assert error.code == "butane_invalid"
    assert str(error) == f"{label}error at $.storage.files.0.path, line 5 col 13: path not absolute"


def test_all_errors_are_said_and_nothing_besides() -> None:
    text = "variant: flatcar\nversion: 1.1.0\nstorge: {}\nstorage: {files: [{path: a}, {path: b}]}\n"
    assert str(failure(Fragment(text))).splitlines() == [
        "error at $.storage.files.0.path, line 4 col 26: path not absolute",
        "error at $.storage.files.1.path, line 4 col 37: path not absolute",
    ]


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "error parsing variant; must be specified; Butane begins with variant: flatcar and version: 1.1.0"),
        ("variant: x\nversion: 1.0.0", "No translator exists for variant x with version 1.0.0"),
        ("variant: flatcar\nversion: 1.1.0\nstorage: []", "line 3: cannot unmarshal !!seq into v0_5.Storage"),
        (
            "variant: flatcar\nversion: 1.1.0\nstorage: {files: [{path: /a, mode: '644'}]}",
            "line 3: cannot unmarshal !!str `644` into int",
        ),
    ],
)
def test_says_why_butane_failed(text: str, message: str) -> None:
    assert str(failure(Fragment(text, origin="x"))) == f"x: {message}"


def test_a_misplaced_secret_is_not_quoted() -> None:
    text = "variant: flatcar\nversion: 1.1.0\nstorage: {files: [{path: /a, contents: hunter2}]}"
    assert str(failure(Fragment(text))) == "line 3: cannot unmarshal !!str into v0_5.Resource"


def test_positions_in_a_mapping_are_not_told() -> None:
    mapping = {"variant": "flatcar", "version": "1.0.0", "storage": {"files": [{"path": "etc"}], "fils": []}}
    assert (
        str(failure(Fragment(mapping, origin="v", file="/h.yml", line=3)))
        == "v (/h.yml:3): error at $.storage.files.0.path: path not absolute"
    )


class TestStrict:
    BAD = butane(extra="storge: {}\n", origin="x")

    def test_an_unused_key_is_an_error(self) -> None:
        error = failure(self.BAD)
        assert error.code == "unused_key"
        assert str(error) == "x: error at $.storge, line 6 col 1: unused key storge; strict: false lets it pass"

    def test_in_ignition_too(self) -> None:
        assert failure(Fragment(ignition(storge={}), origin="x")).code == "unused_key"

    def test_or_a_warning(self) -> None:
        rendered = render([self.BAD], strict=False)
        assert rendered.warnings == ["x: warning at $.storge, line 6 col 1: unused key storge"]
        assert rendered.text == render([butane()]).text

    @pytest.mark.parametrize(
        "extra, warning",
        [
            ("      mode: 400\n", "unreasonable mode"),
            ("      user: &u {name: core}\n      group: *u\n", "context tree does not match"),
            ("      <<: {mode: 0644}\n", "unused key <<"),
        ],
    )
    def test_other_warnings_stay_warnings(self, extra: str, warning: str) -> None:
        warnings = render([butane(extra=extra)]).warnings
        assert len(warnings) == 1
        assert warning in warnings[0]


class TestIgnition:
    def test_a_bad_config_is_refused(self) -> None:
        error = failure(Fragment(ignition(storage={"files": [{"path": "a"}]}), origin="x"))
        assert (error.code, str(error)) == ("ignition_invalid", "x: error at $.storage.files.0.path: path not absolute")

    def test_positions_in_a_text_are_told(self) -> None:
        text = '{"ignition": {"version": "3.3.0"},\n "storage": {"files": [{"path": "a"}]}}'
        assert "line 2 col 33: path not absolute" in str(failure(Fragment(text)))

    def test_specification_2_is_refused(self) -> None:
        assert "unsupported config version" in str(failure(Fragment(ignition("2.3.0"))))

    def test_a_wrong_type_is_refused(self) -> None:
        assert "cannot unmarshal string" in str(failure(Fragment(ignition(storage="x"))))

    def test_the_limit_holds(self) -> None:
        assert "more than max_bytes (40)" in str(failure(Fragment(ignition(systemd={"units": []})), max_bytes=40))


class TestExperimental:
    PAIR = (butane(origin="a"), butane("/etc/b", "1.2.0-experimental", origin="b"))

    def test_beside_a_stable_fragment_is_refused(self) -> None:
        error = failure(*self.PAIR)
        assert error.code == "experimental_spec"
        assert str(error).startswith("b: this fragment is of the experimental specification 3.7.0-experimental")

    def test_unless_it_is_allowed(self) -> None:
        config = json.loads(render(self.PAIR, allow_experimental=True).text)
        assert config["ignition"]["version"] == "3.7.0-experimental"

    def test_alone_it_is_what_was_asked_for(self) -> None:
        assert paths(render([self.PAIR[1], butane("/etc/c", "1.2.0-experimental")]).text) == ["/etc/b", "/etc/c"]


class TestTogether:
    def test_an_invalid_result_names_the_fragments(self) -> None:
        error = failure(
            butane(extra="      user: {id: 0}\n", origin="base"),
            butane("/etc/other", origin="other"),
            butane(extra="      user: {name: root}\n", origin="host"),
        )
        assert error.code == "merge_invalid"
        assert str(error) == (
            "the fragments together: error at $.storage.files.0.user: cannot set both id and name"
            " (/etc/a, from base and host)"
        )

    def test_none_make_nothing(self) -> None:
        assert failure().code == "no_fragments"

    def test_warnings_of_all_are_told(self) -> None:
        pair = [
            butane("/a", extra="      mode: 400\n", origin="a"),
            butane("/b", extra="      mode: 440\n", origin="b"),
        ]
        assert [warning.split(":")[0] for warning in render(pair).warnings] == ["a", "b"]


class TestParts:
    def test_each_fragment_has_its_owner(self) -> None:
        resolved = resolve([butane(name="base"), Fragment(files("/etc/b"), "web"), butane("/etc/c", name="base")])
        assert [(owner, paths_of(part)) for owner, part in resolved.parts] == [
            ("base", ["/etc/a"]),
            ("web", ["/etc/b"]),
            ("base", ["/etc/c"]),
        ]
        assert paths_of(resolved.config) == ["/etc/a", "/etc/b", "/etc/c"]
        assert resolved.printed is None

    def test_one_butane_fragment_keeps_its_text(self) -> None:
        resolved = resolve([butane(name="base")])
        assert resolved.printed == render([butane()]).text
        assert resolved.parts == [("base", json.loads(resolved.printed))]
        assert resolved.config == json.loads(resolved.printed)

    def test_parts_are_as_they_were_before_the_merge(self) -> None:
        links = {target: {"links": [{"path": "/a", "target": target}]} for target in ("/b", "/c")}
        pair = [Fragment(ignition("3.2.0", storage=links["/b"])), Fragment(ignition("3.3.0", storage=links["/c"]))]
        assert [part["storage"] for dummy, part in resolve(pair).parts] == [links["/b"], links["/c"]]


class Shelf:
    """Configs by the URLs from which they are fetched."""

    def __init__(self, **configs: t.Any) -> None:
        self.configs = {name: json.dumps(config) for name, config in configs.items()}
        self.asked: list[str] = []

    def __call__(self, resource: dict[str, t.Any]) -> bytes:
        name = resource["source"].removeprefix("https://shelf/")
        self.asked.append(name)
        if name not in self.configs:
            raise FetchError("there is nothing")
        return self.configs[name].encode()


def at(*names: str) -> list[dict[str, t.Any]]:
    return [{"source": f"https://shelf/{name}"} for name in names]


class TestReferences:
    def test_stay_unless_they_are_fetched(self) -> None:
        config = resolve([Fragment(files("/own", merge=at("one")))]).config
        assert config["ignition"]["config"]["merge"] == at("one")

    def test_what_is_merged_goes_over_its_config_in_order(self) -> None:
        shelf = Shelf(one=files("/one", merge=at("three")), two=files("/own", "/two"), three=files("/three"))
        own = files("/own", merge=at("one", "two"))
        own["storage"]["files"][0]["mode"] = 0o600
        shelf.configs["two"] = shelf.configs["two"].replace('"/own"', '"/own", "mode": 420')
        resolved = resolve([Fragment(own, "web"), butane(name="base")], fetch=shelf)
        assert shelf.asked == ["one", "three", "two"]
        assert [(owner, paths_of(part)) for owner, part in resolved.parts] == [
            ("web", ["/own", "/one", "/three", "/two"]),
            ("base", ["/etc/a"]),
        ]
        assert resolved.parts[0][1]["storage"]["files"][0]["mode"] == 0o644
        assert not resolved.config["ignition"].get("config")

    def test_children_are_whole_before_they_are_merged(self) -> None:
        # A file that becomes a directory and a file again is the old file only where the two are merged first.
        one = {**files(merge=at("two")), "storage": {"directories": [{"path": "/own"}]}}
        shelf = Shelf(one=one, two=files("/own"))
        own = files("/own", merge=at("one"))
        own["storage"]["files"][0]["mode"] = 0o600
        config = resolve([Fragment(own)], fetch=shelf).config
        assert config["storage"]["files"] == [{"path": "/own", "mode": 0o600}]

    def test_what_replaces_discards_the_rest(self) -> None:
        shelf = Shelf(one=files("/one", merge=at("two")), two=files("/two"), three=files("/three"))
        own = files("/own", merge=at("three"), replace=at("one")[0])
        resolved = resolve([Fragment(own, "web")], fetch=shelf)
        assert paths_of(resolved.config) == ["/one", "/two"]
        assert shelf.asked == ["one", "two"]

    def test_the_highest_version_wins(self) -> None:
        shelf = Shelf(one=files("/one", version="3.5.0"))
        assert resolve([Fragment(files("/own", merge=at("one")))], fetch=shelf).config["ignition"]["version"] == "3.5.0"

    def test_a_butane_fragment_refers_too(self) -> None:
        extra = "ignition: {config: {merge: [{source: https://shelf/one}]}}\n"
        resolved = resolve([butane(extra=extra)], fetch=Shelf(one=files("/one")))
        assert paths_of(resolved.config) == ["/etc/a", "/one"]
        assert resolved.printed is None

    def test_a_circle_ends(self) -> None:
        shelf = Shelf(one=files("/one", merge=at("one")))
        with pytest.raises(FragmentError, match=f"more than {MAX_DEPTH} deep") as caught:
            resolve([Fragment(files("/own", merge=at("one")), origin="x")], fetch=shelf)
        assert caught.value.code == "fetch_failed"
        assert len(shelf.asked) == MAX_DEPTH

    @pytest.mark.parametrize(
        "config, code, message",
        [
            (None, "fetch_failed", "x ignition.config.merge.0: there is nothing"),
            (
                ignition(storage={"files": [{"path": "a"}]}),
                "ignition_invalid",
                "x ignition.config.merge.0: error at $.storage.files.0.path, line 1 col 67: path not absolute",
            ),
            (ignition(storge={}), "unused_key", None),
            (ignition("3.7.0-experimental"), "experimental_spec", None),
            (ignition("2.3.0"), "ignition_invalid", "x ignition.config.merge.0: unsupported config version"),
        ],
    )
    def test_a_bad_one_is_named(self, config: t.Any, code: str, message: str | None) -> None:
        shelf = Shelf(**({} if config is None else {"one": config}))
        with pytest.raises(FragmentError) as caught:
            resolve([Fragment(files("/own", merge=at("one")), origin="x", file="/a", line=3)], fetch=shelf)
        assert caught.value.code == code
        assert str(caught.value).startswith(message or "x ignition.config.merge.0: ")

    def test_together_they_may_be_wrong(self) -> None:
        own, other = files("/own", merge=at("one")), files("/own")
        own["storage"]["files"][0]["user"] = {"id": 0}
        other["storage"]["files"][0]["user"] = {"name": "root"}
        with pytest.raises(FragmentError, match=r"\(/own, from x and x ignition.config.merge.0\)"):
            resolve([Fragment(own, origin="x")], fetch=Shelf(one=other))


def test_local_files_and_links(tmp_path: pathlib.Path) -> None:
    (tmp_path / "real").write_text("hello")
    (tmp_path / "link").symlink_to("real")
    fragments = [butane(extra=f"      contents: {{local: {name}}}\n") for name in ("real", "link")]
    folder = str(tmp_path)
    assert "data:,hello" in render(fragments[:1], files_dir=folder).text
    assert "symbolic links" in str(failure(fragments[1], files_dir=folder))
    assert "data:,hello" in render(fragments[1:], files_dir=folder, follow_symlinks=True).text
