"""GetConfig, GetConfigJSON and ListCategories: what the files of the folder say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pbx.manager_lines import Line
from tests.pbx.test_manager_actions import Desk, error

QUEUES = """
[general]
[base](!)
strategy = ringall
timeout = 15
[sales](base)
member => PJSIP/100,0,"Anna" \\ x
member => PJSIP/101
[empty]
"""


@pytest.fixture
def line(tmp_path: Path) -> Line:
    """A desk with another file in its folder."""
    desk = Desk(tmp_path)
    (tmp_path / "other.conf").write_text(QUEUES)
    (tmp_path / "broken.conf").write_text("[never closed\n")
    (tmp_path.parent / "outside.conf").write_text("[x]\n")
    return desk.line()


def test_sections_come_numbered_with_what_they_inherit(line: Line) -> None:
    """Templates stay out, but those that a section is made of are named."""
    assert line.send("Action: GetConfig\nFilename: other.conf") == [
        [
            "Response: Success",
            "Category-000000: general",
            "Category-000001: sales",
            "Templates-000001: base",
            "Line-000001-000000: strategy=ringall",
            "Line-000001-000001: timeout=15",
            'Line-000001-000002: member=PJSIP/100,0,"Anna" \\ x',
            "Line-000001-000003: member=PJSIP/101",
            "Category-000002: empty",
        ]
    ]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("Category: EMPTY", ["empty"]),
        ("Category: base", []),
        ("Category: base\nFilter: TEMPLATES=include", ["base"]),
        ("Filter: strategy=ring", ["sales"]),
        ("Filter: TEMPLATES=include,strategy=^ringall$", ["base", "sales"]),
        ("Filter: TEMPLATES=restrict", ["base"]),
        ("Filter: strategy=ring,member=101", ["sales"]),
        ("Filter: strategy=leastrecent", []),
        ("Filter: strategy", []),
        ("Filter: strategy=[", []),
    ],
)
def test_a_filter_looks_for_lines_by_expressions(line: Line, condition: str, names: list[str]) -> None:
    """All of its parts have to be met; templates come in where it says so."""
    (packet,) = line.send(f"Action: GetConfig\nFilename: other.conf\n{condition}")
    assert [row.partition(": ")[2] for row in packet if row.startswith("Category")] == names
    assert ("No categories found" in packet) == (condition == "Category: base")


def test_the_same_as_json_in_one_line(line: Line) -> None:
    """A name that comes twice stands there twice; quotes and backslashes are escaped."""
    assert line.send("Action: GetConfigJSON\nFilename: other.conf\nCategory: sales") == [
        [
            "Response: Success",
            'JSON: {"sales":{"templates":"base","strategy":"ringall","timeout":"15",'
            '"member":"PJSIP/100,0,\\"Anna\\" \\\\ x","member":"PJSIP/101"}}',
        ]
    ]
    nothing = [["Response: Success", "JSON: {}"]]
    assert line.send("Action: GetConfigJSON\nFilename: other.conf\nCategory: none") == nothing


def test_names_of_sections(line: Line) -> None:
    """ListCategories, which has another word for a file with none."""
    names = ["Category-000000: general", "Category-000001: sales", "Category-000002: empty"]
    assert line.send("Action: ListCategories\nFilename: other.conf") == [["Response: Success", *names]]
    asked = "Action: ListCategories\nFilename: other.conf\nMatch: no=thing"
    assert line.send(asked) == [["Response: Success", "Error: no categories found"]]


@pytest.mark.parametrize(
    ("name", "message", "json"),
    [
        ("", "Filename not specified", "Filename not specified"),
        ("none.conf", "Config file not found", "File requires escalated privileges"),
        ("../outside.conf", "File requires escalated privileges", "File requires escalated privileges"),
        ("/etc/passwd", "File requires escalated privileges", "File requires escalated privileges"),
        ("broken.conf", "Config file has invalid format", "Config file has invalid format"),
    ],
)
def test_what_is_not_in_the_folder_is_not_told(line: Line, name: str, message: str, json: str) -> None:
    """No way leads out of it; GetConfigJSON does not tell the one reason from the other."""
    assert line.send(f"Action: GetConfig\nFilename: {name}") == error(message)
    assert line.send(f"Action: ListCategories\nFilename: {name}") == error(message)
    assert line.send(f"Action: GetConfigJSON\nFilename: {name}") == error(json)
