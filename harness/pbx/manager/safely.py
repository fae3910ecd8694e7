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
    """Answer so that nothing leaves before everything is safe; false, as an action that is answered returns it.

    The connection's next actions go on meanwhile, so that what one client writes in a row becomes one commit.
    """
    session.outlet.wait(store.when_safe)
    answer()
    return False
