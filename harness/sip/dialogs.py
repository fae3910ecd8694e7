"""The dialogs of a stack, found by Call-ID and tags alone (RFC 3261 12.2.2, as pjsip does)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from harness.sip.dialog import Dialog
from harness.sip.message import Request
from harness.sip.server_transaction import ServerTransaction

OnRequest: TypeAlias = Callable[[ServerTransaction], None]


class Dialogs:
    """Each dialog with the callback that its requests go to."""

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str, str], tuple[Dialog, OnRequest]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Dialog]:
        return iter([dialog for dialog, _ in self._entries.values()])

    def add(self, dialog: Dialog, on_request: OnRequest) -> None:
        """From now on its requests go to `on_request`."""
        self._entries[dialog.key] = (dialog, on_request)

    def remove(self, dialog: Dialog) -> bool:
        """False where it was not there (any more)."""
        entry = self._entries.get(dialog.key)
        if entry is None or entry[0] is not dialog:
            return False
        del self._entries[dialog.key]
        return True

    def find(self, request: Request) -> tuple[Dialog, OnRequest] | None:
        """The dialog of a request with a To tag; else one of our Call-ID and tag whose peer is not known yet."""
        call_id, local = request.call_id, request.to.tag or ""
        remote = request.from_.tag or ""
        return self._entries.get((call_id, local, remote)) or self._entries.get((call_id, local, ""))
