# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine's promise to its callers; what it translates is held by the golden cases in tests/conformance."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.schema import (
    BASE,
    FCOS,
    butane_name,
    ignition_name,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.transpile import Transpiled, transpile

HEADER = "variant: flatcar\nversion: 1.1.0\n"


def test_text() -> None:
    assert transpile(HEADER) == Transpiled('{"ignition":{"version":"3.4.0"}}\n', [], False)


def test_bytes_and_text_are_alike() -> None:
    source = HEADER + "storage: {files: [{path: /ä, contents: {inline: ü}}]}"
    assert transpile(source) == transpile(source.encode())


def test_report_has_line_and_column() -> None:
    result = transpile(HEADER + "storage:\n  files:\n    - path: etc/hosts\n      mod: 0644\n")
    assert result == Transpiled(
        None,
        [
            "warning at $.storage.files.0.mod, line 6 col 7: unused key mod",
            "error at $.storage.files.0.path, line 5 col 13: path not absolute",
            "Error translating config: config generated was invalid",
        ],
        True,
    )


def test_strict_makes_a_warning_a_failure() -> None:
    source = HEADER + "foo: 1\n"
    assert not transpile(source).failed
    result = transpile(source, strict=True)
    assert result.failed and result.text is None
    assert result.report[-1] == "Config produced warnings and --strict was specified"


def test_pretty() -> None:
    text = transpile(HEADER + "passwd: {users: [{name: core}]}", pretty=True).text
    assert text == json.dumps(json.loads(text or ""), indent=2) + "\n"


def test_syntax_error_has_line_and_column() -> None:
    report = transpile("variant: flatcar\nversion: [\n").report
    assert report[-1].startswith("Error translating config: Error unmarshaling yaml: yaml: line 3, column 1: ")


def test_source_over_max_bytes() -> None:
    result = transpile(HEADER + "#" * 100, max_bytes=100)
    assert result.report == ["Error translating config: the document has 132 bytes, more than max_bytes (100)"]
    assert not transpile(HEADER, max_bytes=len(HEADER)).failed


def test_local_file_over_max_bytes(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 300)
    source = HEADER + "storage: {files: [{path: /a, contents: {local: large}}]}"
    assert not transpile(source, files_dir=str(tmp_path)).failed
    result = transpile(source, files_dir=str(tmp_path), max_bytes=200)
    assert "larger than max_bytes (200)" in result.report[0]


def test_links_in_files_dir_can_be_refused(tmp_path: Path) -> None:
    files = tmp_path / "files"
    (files / "tree").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    (files / "link").symlink_to("../secret")
    (files / "tree" / "inside").symlink_to("../../secret")
    source = HEADER + "storage: {files: [{path: /a, contents: {local: link}}]}"
    assert not transpile(source, files_dir=str(files)).failed
    result = transpile(source, files_dir=str(files), follow_symlinks=False)
    assert "symbolic links in the files directory are refused" in result.report[0]
    # A link in a tree becomes a link on the machine; what it points at is not read.
    tree = transpile(HEADER + "storage: {trees: [{local: tree}]}", files_dir=str(files), follow_symlinks=False)
    assert json.loads(tree.text or "")["storage"] == {"links": [{"path": "/inside", "target": "../../secret"}]}


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: HEADER + text)))
def test_never_raises(source: bytes | str) -> None:
    result = transpile(source)
    assert result.failed == (result.text is None)
    assert result.failed <= bool(result.report)


def test_names_of_plain_fields_lead_back() -> None:
    """Reports turn Ignition's names into Butane's by rule; that must hold for every field."""
    names = {field.name for table in (BASE, FCOS) for fields in table.values() for field in fields}
    assert {butane_name(ignition_name(name)) for name in names} == names


def test_items_that_a_null_has_moved() -> None:
    """Positions after a null item are those of the item before, which may have less in it."""
    source = "storage:\n disks:\n  -\n  - partitions: [{number: 1}]\n  - partitions: [{number: 1}, {number: 2}]\n"
    report = transpile(HEADER + source).report
    assert report[0].startswith("warning at $.storage.disks.0, line 5 col 4: context tree does not match")
    assert report[-1] == "Error translating config: config generated was invalid"


def test_a_label_without_a_name_is_passed_over() -> None:
    source = "variant: openshift\nversion: 4.14.0\nmetadata: {name: a, labels: {~: {m: }}}\n"
    assert "label is required" in transpile(source).report[0]
