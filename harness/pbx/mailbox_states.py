"""How many messages wait in each mailbox: told to managers, to phones, and as devices (main/mwi.c, res_mwi_devstate.c).

Nobody answers for a device `MWI:box@context`: it is what was published last, and INVALID before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from harness.core.states import DeviceState

if TYPE_CHECKING:
    from harness.core.devices import DeviceStates

LABEL = "MWI"

Fields = Sequence[tuple[str, object]]
Publish = Callable[[str, str, Fields], None]


class Waiting(NamedTuple):
    """Messages of one mailbox; urgent ones count among the new."""

    new: int = 0
    old: int = 0


class MailboxStates:
    """What was told last of each mailbox, by its full name `box@context`."""

    def __init__(self, devices: DeviceStates, publish: Publish) -> None:
        self._devices, self._publish = devices, publish
        self._known: dict[str, Waiting] = {}
        self.follow: Callable[[str], None] = lambda _mailbox: None
        """Told the name of a mailbox each time that something is told of it, also where nothing changed."""

    def of(self, mailbox: str) -> Waiting:
        """What was told last; nothing waits where nothing was told."""
        return self._known.get(mailbox, Waiting())

    def names(self) -> list[str]:
        """The mailboxes that something was told of."""
        return list(self._known)

    def tell(self, mailbox: str, waiting: Waiting, channel: Fields = ()) -> None:
        """Tell of a mailbox; `channel` is the snapshot of the one that left or took messages."""
        self._known[mailbox] = waiting
        rows = [
            *channel,
            ("Mailbox", mailbox),
            ("Waiting", int(waiting.new > 0)),
            ("New", waiting.new),
            ("Old", waiting.old),
        ]
        self._publish("call", "MessageWaiting", rows)
        self._devices.set(f"{LABEL}:{mailbox}", DeviceState.INUSE if waiting.new else DeviceState.NOT_INUSE)
        self.follow(mailbox)
