"""The store in memory, and LIKE as SQLite has it."""

from __future__ import annotations

import sqlite3

from hypothesis import example, given
from hypothesis import strategies as st

from harness.core import MemoryStore
from harness.core.store import full_key, in_tree, like

SMALL = st.text(alphabet="aAbBäÄ/%_. \n", max_size=8)
ANY = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


def _sqlite(pattern: str, text: str) -> bool:
    connection = sqlite3.connect(":memory:")
    try:
        return bool(connection.execute("SELECT ? LIKE ?", (text, pattern)).fetchone()[0])
    finally:
        connection.close()


@given(SMALL, SMALL)
@example("%", "")
@example("_", "ä")
@example("ä", "Ä")
def test_like_is_sqlites(pattern: str, text: str) -> None:
    """Wildcards and case come out as SQLite says."""
    assert like(pattern, text) == _sqlite(pattern, text)


@given(ANY, ANY)
def test_like_is_sqlites_for_any_text(pattern: str, text: str) -> None:
    """No character has a meaning that SQLite does not give it."""
    assert like(pattern, text) == _sqlite(pattern, text)
    assert like(f"%{pattern}%", text) == _sqlite(f"%{pattern}%", text)


def test_many_wildcards_take_no_time() -> None:
    """A pattern made to be slow is not."""
    assert not like("%a" * 200 + "b", "a" * 2000)


def test_a_row_is_found_by_its_exact_key() -> None:
    """Families and keys are told apart by case."""
    store = MemoryStore()
    store.put("F", "k", "1")
    assert store.get("F", "k") == "1"
    assert store.get("f", "k") is None
    assert store.get("F", "K") is None
    assert not store.delete("f", "k")
    assert store.delete("F", "k")
    assert store.get("F", "k") is None


def test_trees_are_matched_with_like() -> None:
    """The key itself and all below it, families in either case, wildcards and all."""
    store = MemoryStore()
    for family, key in [("f", "k"), ("F", "k/sub"), ("f", "kk"), ("g", "k"), ("fx", "k")]:
        store.put(family, key, f"{family}/{key}")
    assert [key for key, _ in store.tree("/f")] == ["/F/k/sub", "/f/k", "/f/kk"]
    assert [key for key, _ in store.tree("/f/k")] == ["/F/k/sub", "/f/k"]
    assert [key for key, _ in store.tree("/_/k")] == ["/F/k/sub", "/f/k", "/g/k"]
    assert [key for key, _ in store.tree("/f%")] == ["/F/k/sub", "/f/k", "/f/kk", "/fx/k"]
    assert len(store.tree("")) == 5
    assert store.rows("f") == [("k", "f/k"), ("kk", "f/kk")]
    assert store.delete_tree("/F") == 3
    assert [key for key, _ in store.tree("")] == ["/fx/k", "/g/k"]
    assert store.delete_tree("/F") == 0


@given(st.lists(st.tuples(SMALL, SMALL), max_size=6), SMALL)
def test_a_tree_is_what_asterisks_statement_selects(rows: list[tuple[str, str]], prefix: str) -> None:
    """The rows and their order are those of the statement that Asterisk uses."""
    store = MemoryStore()
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE astdb(key TEXT, value TEXT, PRIMARY KEY(key))")
    for family, key in rows:
        store.put(family, key, "x")
        connection.execute("INSERT OR REPLACE INTO astdb VALUES(?, 'x')", (full_key(family, key),))
    wanted = "SELECT key, value FROM astdb WHERE key || '/' LIKE ? || '/' || '%' ORDER BY key"
    assert store.tree(f"/{prefix}") == connection.execute(wanted, (f"/{prefix}",)).fetchall()
    connection.close()


def test_changes_are_followed() -> None:
    """A subclass hears of every row that is written or removed, and of none that is loaded."""
    heard: list[tuple[str, str | None]] = []

    class Followed(MemoryStore):
        def changed(self, key: str, value: str | None) -> None:
            heard.append((key, value))

    store = Followed()
    store.load("/f/old", "0")
    store.put("f", "new", "1")
    store.delete("f", "none")
    store.delete("f", "new")
    store.delete_tree("/f")
    assert heard == [("/f/new", "1"), ("/f/new", None), ("/f/old", None)]


def test_the_empty_prefix_is_everything() -> None:
    """Without a prefix every row is in the tree, whatever its key."""
    assert in_tree("", "anything")
