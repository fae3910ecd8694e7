"""Dynamic members of queues in AstDB, where queues.conf says `persistentmembers=yes` (apps/app_queue.c)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from harness.dialplan.splitting import integer

if TYPE_CHECKING:
    from harness.core.store import MemoryStore
    from harness.pbx.calls.queue import Member, Queue
    from harness.pbx.calls.queue_members import QueueMembers

FAMILY = "Queue/PersistentMembers"


class Kept(NamedTuple):
    """A member as it is stored, its parts with `;` between them."""

    interface: str
    penalty: int
    paused: bool
    name: str
    state_interface: str
    reason: str
    wrapuptime: int


class KeptMembers:
    """One row a queue, gone where it has no dynamic member."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def keep(self, queue: Queue) -> None:
        """Store the members of a queue as they are now."""
        rows = [_row(member) for member in queue.members if member.dynamic]
        if rows:
            self._store.put(FAMILY, queue.name, "|".join(rows))
        else:
            self._store.delete(FAMILY, queue.name)

    def restore(self, members: QueueMembers) -> None:
        """Add what was stored; a row of a queue that is there no longer goes."""
        for key, text in list(self._store.tree(f"/{FAMILY}")):
            name = key.removeprefix(f"/{FAMILY}/")
            if not members.knows(name):
                self._store.delete(FAMILY, name)
                continue
            for kept in _read(text):
                members.add(
                    name, kept.interface, name=kept.name, penalty=kept.penalty, paused=kept.paused,
                    reason=kept.reason, state_interface=kept.state_interface, wrapuptime=kept.wrapuptime,
                )  # fmt: skip


def _row(member: Member) -> str:
    parts = (
        *(member.interface, member.penalty, int(member.paused), member.name),
        *(member.state_interface, member.reason, member.wrapuptime),
    )
    return ";".join(map(str, parts))


def _read(text: str) -> Iterator[Kept]:
    """The members of a row, up to the first that cannot be read."""
    for row in filter(None, re.split(r"[,|]", text)):
        parts = [*row.split(";", 6), *[""] * 6][:7]
        penalty, paused = integer(parts[1]), integer(parts[2])
        if penalty is None or paused not in (0, 1):
            return
        yield Kept(parts[0], penalty, bool(paused), parts[3], parts[4], parts[5], integer(parts[6]) or 0)
