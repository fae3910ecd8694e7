"""extensions.conf as it is handed to the dialplan."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.config.extensions import read_extensions
from harness.errors import InputError, Location


def test_general_and_globals_are_found_in_any_case(write, tmp_path: Path) -> None:
    """Everything else is a context, with its case."""
    write("extensions.conf", "[General]\nstatic=yes\n[GLOBALS]\nA=1\nA=2\n[Office]\nexten => 1,1,Hangup()\n")
    plan = read_extensions(tmp_path)
    assert plan.general == {"static": "yes"}
    assert [(s.name, s.value) for s in plan.globals] == [("A", "1"), ("A", "2")]
    assert [context.name for context in plan.contexts] == ["Office"]


def test_the_first_value_of_a_general_option_counts(write, tmp_path: Path) -> None:
    """Also across two [general] sections."""
    text = "[general]\nautofallthrough=no\nautofallthrough=yes\n[general]\nautofallthrough=yes\nstatic=no\n"
    write("extensions.conf", text)
    assert read_extensions(tmp_path).general == {"autofallthrough": "no", "static": "no"}


def test_globals_of_all_sections_are_gathered(write, tmp_path: Path) -> None:
    """In file order."""
    write("extensions.conf", "[globals]\nA=1\n[globals]\nB=2\n")
    assert [s.name for s in read_extensions(tmp_path).globals] == ["A", "B"]


def test_each_header_of_a_context_stands_alone(write, tmp_path: Path) -> None:
    """`same` and `n` start anew at each of them, so they are not joined here."""
    write("extensions.conf", "[a]\nexten => 1,1,NoOp()\n[b]\n[a]\nsame => n,Hangup()\n")
    contexts = read_extensions(tmp_path).contexts
    assert [(c.name, c.where.line, len(c.lines)) for c in contexts] == [("a", 1, 1), ("b", 3, 0), ("a", 4, 1)]


def test_keywords_come_in_order_with_their_lines(write, tmp_path: Path) -> None:
    """Templates give theirs first and are no contexts themselves."""
    write(
        "extensions.conf",
        """\
        [phones](!)
        exten => _20XX,hint,PJSIP/${EXTEN}
        [office](phones)
        include => other
        exten => 1,1,NoOp(a\\;b)
         same => n,Hangup()
        """,
    )
    (office,) = read_extensions(tmp_path).contexts
    assert [(s.name, s.value, s.where) for s in office.lines] == [
        ("exten", "_20XX,hint,PJSIP/${EXTEN}", Location("extensions.conf", 2)),
        ("include", "other", Location("extensions.conf", 4)),
        ("exten", "1,1,NoOp(a;b)", Location("extensions.conf", 5)),
        ("same", "n,Hangup()", Location("extensions.conf", 6)),
    ]


def test_an_unknown_general_option_is_kept_and_told(write, tmp_path: Path) -> None:
    """One note, with its line."""
    write("extensions.conf", "[general]\nstatik=yes\nstatik=no\n")
    plan = read_extensions(tmp_path)
    assert plan.general["statik"] == "yes"
    assert [(note.kind, note.where) for note in plan.notes] == [("option", Location("extensions.conf", 2))]


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(InputError, match=r"extensions\.conf"):
        read_extensions(tmp_path)
