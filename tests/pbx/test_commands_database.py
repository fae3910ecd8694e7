"""`database`: rows, trees and SQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pbx.test_commands_desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    for family, key, value in (("fam", "key", "value"), ("fam", "key2", "two words"), ("Fam", "key", "x")):
        assert desk.run(f'database put {family} {key} "{value}"') == "Updated database successfully\n"
    return desk


def row(key: str, value: str) -> str:
    return f"{key:50}: {value:25}\n"


def test_one_row_is_read_and_removed_by_its_exact_name(desk: Desk) -> None:
    """Case counts."""
    assert desk.run("database get fam key") == "Value: value\n"
    assert desk.run("database get FAM key") == "Database entry not found.\n"
    assert desk.run("database del fam key") == "Database entry removed.\n"
    assert desk.run("database del fam key") == "Database entry could not be removed.\n"
    assert desk.run("database get Fam key") == "Value: x\n"


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("", ["/Fam/key", "/fam/key", "/fam/key2"]),
        ("fam key", ["/Fam/key", "/fam/key"]),
        ("fam/key2", ["/fam/key2"]),
        ("f%", ["/Fam/key", "/fam/key", "/fam/key2"]),
        ("f_m", ["/Fam/key", "/fam/key", "/fam/key2"]),
        ("nosuch", []),
    ],
)
def test_trees_are_shown_as_sql_like_finds_them(desk: Desk, words: str, keys: list[str]) -> None:
    """Letters in either case, `%` and `_` as wildcards."""
    values = {"/Fam/key": "x", "/fam/key": "value", "/fam/key2": "two words"}
    expected = "".join(row(key, values[key]) for key in keys) + f"{len(keys)} results found.\n"
    assert desk.run(f"database show {words}".strip()) == expected


def test_a_key_is_shown_wherever_it_ends(desk: Desk) -> None:
    """In whatever family."""
    assert desk.run("database showkey KEY2") == row("/fam/key2", "two words") + "1 results found.\n"
    assert desk.run('database showkey ""') == "0 results found.\n"


def test_a_tree_is_removed_with_its_size_told(desk: Desk) -> None:
    """The family's other spelling goes too."""
    assert desk.run("database deltree fam") == "3 database entries removed.\n"
    assert desk.run("database deltree fam") == "Database entries do not exist.\n"


@pytest.mark.parametrize(
    "command",
    ["get a", "put a b", "put a b c d", "del a", "deltree", "deltree a b c", "show a b c", "showkey", "query"],
)
def test_the_wrong_number_of_words_prints_the_usage(desk: Desk, command: str) -> None:
    """Too few as well as too many."""
    assert desk.fail(f"database {command}").startswith(f"Usage: database {command.split()[0]}")


def test_sql_reads_and_writes_the_same_rows(desk: Desk) -> None:
    """What it changes is there for everybody else."""
    selected = desk.run("database query \"SELECT key, value FROM astdb WHERE value='x'\"")
    assert selected == f"key  : {'/Fam/key':50}\nvalue: {'x':50}\n\n"
    desk.run("database query \"INSERT INTO astdb VALUES('/new/row','1'); DELETE FROM astdb WHERE value='x'\"")
    assert desk.store.get("new", "row") == "1"
    assert desk.store.get("Fam", "key") is None
    assert desk.run('database query "SELECT NULL AS n"') == f"n    : {'(null)':50}\n\n"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM nosuch",
        "ATTACH DATABASE '{folder}/other.db' AS other",
        "SELECT load_extension('x')",
        "VACUUM INTO '{folder}/copy.db'",
        "SELECT zeroblob(2000000000)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    ],
)
def test_sql_that_fails_reaches_out_or_never_ends_does_nothing(desk: Desk, sql: str) -> None:
    """It prints nothing, writes no file, and the rows stay."""
    before, files = desk.store.tree(""), sorted(desk.folder.iterdir())
    assert desk.run(f'database query "{sql.format(folder=desk.folder)}"') == ""
    assert desk.store.tree("") == before
    assert sorted(desk.folder.iterdir()) == files
