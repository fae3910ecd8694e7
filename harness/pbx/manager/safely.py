"""Answering only once what was written is on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from harness.pbx.manager.session import ManagerSession


class Database(Protocol):
    """The store, and the moment when what was written is safe."""

    def get(self, family: str, key: str) -> str | None:
        """A value."""

    def put(self, family: str, key: str, value: str) -> None:
        """Store a value."""

    def delete(self, family: str, key: str) -> bool:
        """Remove a row; false where there was none."""

    def tree(self, prefix: str) -> list[tuple[str, str]]:
        """Rows below a prefix."""

    def delete_tree(self, prefix: str) -> int:
        """Remove rows below a prefix; how many there were."""

    def when_safe(self, call: Callable[[], None]) -> None:
        """Call back once everything that was written is safe, which may be at once."""


def safely(store: Database, session: ManagerSession, answer: Callable[[], None]) -> bool:
    """Answer once everything is safe; true where that is later, as an action returns it."""
    at_once, answered = True, False

    def safe() -> None:
        nonlocal answered
        answered = True
        answer()
        if not at_once:
            session.finish()

    store.when_safe(safe)
    at_once = False
    return not answered
