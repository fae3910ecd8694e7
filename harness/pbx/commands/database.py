"""`database` (main/db.c:728-1000)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.store import MemoryStore, like
from harness.pbx.commands import sql
from harness.pbx.commands.columns import left
from harness.pbx.commands.registry import USAGE, Answer, Registry


def register(registry: Registry, store: MemoryStore) -> None:
    """Serve the family."""
    family = _Database(store)
    registry.serve("database show", family.show)
    registry.serve("database showkey", family.show_key)
    registry.serve("database get", family.get)
    registry.serve("database put", family.put)
    registry.serve("database del", family.delete)
    registry.serve("database deltree", family.delete_tree)
    registry.serve("database query", family.query)


class _Database:
    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def show(self, words: Sequence[str]) -> Answer:
        if len(words) > 2:
            return USAGE
        return _rows(self._store.tree(_prefix(words)))

    def show_key(self, words: Sequence[str]) -> Answer:
        if len(words) != 1:
            return USAGE
        # an empty word is not bound in Asterisk, and nothing equals it
        pattern = f"%/{words[0]}"
        return _rows([row for row in self._store.tree("") if words[0] and like(pattern, row[0])])

    def get(self, words: Sequence[str]) -> Answer:
        if len(words) != 2:
            return USAGE
        value = self._store.get(*words)
        return Answer("Database entry not found.\n" if value is None else f"Value: {value}\n")

    def put(self, words: Sequence[str]) -> Answer:
        if len(words) != 3:
            return USAGE
        self._store.put(*words)
        return Answer("Updated database successfully\n")

    def delete(self, words: Sequence[str]) -> Answer:
        if len(words) != 2:
            return USAGE
        removed = self._store.delete(*words)
        return Answer("Database entry removed.\n" if removed else "Database entry could not be removed.\n")

    def delete_tree(self, words: Sequence[str]) -> Answer:
        if not 1 <= len(words) <= 2:
            return USAGE
        count = self._store.delete_tree(_prefix(words))
        if not count:
            return Answer("Database entries do not exist.\n")
        return Answer(f"{count} database entries removed.\n")

    def query(self, words: Sequence[str]) -> Answer:
        if len(words) != 1:
            return USAGE
        return Answer(sql.run(self._store, words[0]))


def _prefix(words: Sequence[str]) -> str:
    """The full key above a tree; a key counts only with a family."""
    if not words or not words[0]:
        return ""
    return "/" + "/".join(word for word in words if word)


def _rows(rows: Sequence[tuple[str, str]]) -> Answer:
    lines = "".join(f"{left(key, 50)}: {left(value, 25)}\n" for key, value in rows)
    return Answer(f"{lines}{len(rows)} results found.\n")
