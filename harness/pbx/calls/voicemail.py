"""Voicemail boxes of one server: what is in them, and who is told (apps/app_voicemail.c)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harness.config.voicemail import DEFAULT_CONTEXT, Box, VoicemailConfig
from harness.core.octets import fold
from harness.errors import InputError
from harness.pbx.calls.spool import FOLDERS, INBOX, OLD, URGENT, Message
from harness.pbx.mailbox_states import Waiting

if TYPE_CHECKING:
    from harness.dialplan.channel import Channel
    from harness.pbx.calls.exchange import Exchange
    from harness.pbx.calls.spool import Spool
    from harness.pbx.mailbox_states import MailboxStates

MAX_COPIES = 100
"""Further boxes of one VoiceMail()."""


class VoicemailDesk:
    """The boxes; `trouble` is told where the disk does not take a message, which is then kept in memory."""

    def __init__(
        self, exchange: Exchange, spool: Spool, states: MailboxStates, trouble: Callable[[str], None]
    ) -> None:
        self.exchange, self.spool, self.states, self._trouble = exchange, spool, states, trouble
        self.config = VoicemailConfig()
        self.read: Callable[[], VoicemailConfig | None] = lambda: self.config
        self._made = 0
        self.recording: dict[str, int] = {}
        """How many messages are being left by the full name of a box."""

    def load(self, config: VoicemailConfig) -> None:
        """Take over a configuration, and tell of each of its boxes."""
        self.config = config
        for box in config.boxes:
            self.tell(box)

    def reload(self) -> bool:
        """Read the file again; False, all staying as it was, where Asterisk would refuse it."""
        fresh = self.read()
        if fresh is None:
            return False
        self.load(fresh)
        return True

    # what there is

    def find(self, text: str) -> Box | None:
        """The box of `name[@context]`."""
        name, _, context = text.partition("@")
        return self.config.box(name, context)

    def waiting(self, mailbox: str) -> tuple[int, int, int]:
        """Urgent, new and old messages of `box[@context]`, or of several with commas between, configured or not."""
        urgent = new = old = 0
        for each in mailbox.replace(" ", ",").split(","):
            name, _, context = each.partition("@")
            place = (context or DEFAULT_CONTEXT, name)
            urgent += len(self.spool.messages(*place, URGENT))
            new += len(self.spool.messages(*place, INBOX))
            old += len(self.spool.messages(*place, OLD))
        return urgent, new, old

    def count(self, box: Box, folder: str = "") -> int:
        """Messages of a folder; urgent ones count in the INBOX too, which is the default."""
        wanted = folder_named(folder) if folder else INBOX
        found = len(self.spool.messages(box.context, box.name, wanted)) if wanted else 0
        return found + (len(self.spool.messages(box.context, box.name, URGENT)) if wanted == INBOX else 0)

    # what changes

    def tell(self, box: Box, channel: Channel | None = None) -> None:
        """Tell how many messages there are; `channel` is who left or took some."""
        urgent, new, old = self.waiting(box.full_name)
        self.states.tell(
            box.full_name, Waiting(urgent + new, old), () if channel is None else channel.last_snapshot()
        )

    def new_message_id(self) -> str:
        """The time and a number."""
        self._made += 1
        return f"{int(self.exchange.epoch())}-{self._made - 1:08x}"

    def date(self) -> str:
        """The time as a message's file has it, in UTC."""
        now = datetime.fromtimestamp(self.exchange.epoch(), UTC)
        return f"{now:%a %b} {now.day:2d} {now:%I:%M:%S %p} UTC {now:%Y}"

    def keep(self, box: Box, folder: str, message: Message) -> int:
        """Put a message at the end of a folder; gives its number."""
        number = len(self.spool.messages(box.context, box.name, folder))
        self._try(lambda: self.spool.add(box.context, box.name, folder, message))
        return number

    def copy(self, box: Box, message: Message, flag: str, channel: Channel) -> None:
        """The same message for another box; one that is full gets none."""
        folder = URGENT if flag == "Urgent" else INBOX
        busy = self.recording.get(box.full_name, 0)
        if len(self.spool.messages(box.context, box.name, folder)) >= box.maxmsg - busy:
            return
        copied = Message(dict(message.fields))
        self.keep(box, folder, copied)
        self.arrived(box, folder, copied, channel)

    def arrived(self, box: Box, folder: str, message: Message, channel: Channel) -> None:
        """Tell of a message; a box with `delete=yes` does not keep it (notify_new_message)."""
        if box.delete:
            self._try(lambda: self.spool.remove(box.context, box.name, folder, message))
        self.tell(box, channel)

    def heard(self, box: Box, messages: list[tuple[str, Message]]) -> None:
        """Messages and their folders were heard: they are old now, where `moveheard` says so (close_mailbox)."""
        for folder, message in messages if box.moveheard else ():
            self._try(lambda folder=folder, message=message: self._move(box, folder, message, OLD))  # type: ignore[misc]

    def new_messages(self, box: Box) -> list[tuple[str, Message]]:
        """Urgent and new ones with their folders."""
        return [
            (folder, message)
            for folder in (URGENT, INBOX)
            for message in self.spool.messages(box.context, box.name, folder)
        ]

    # by the id of a message

    def move(self, place: tuple[str, str], folder: str, message_id: str, to: str) -> bool:
        """To another folder of the box `(name, context)`; False where box, folder or message are not there."""
        box, message = self._find_message(place, folder, message_id)
        target = folder_named(to)
        if box is None or message is None or not target:
            return False
        self._try(lambda: self._move(box, folder_named(folder), message, target))
        self.tell(box)
        return True

    def remove(self, place: tuple[str, str], folder: str, message_id: str) -> bool:
        """Take a message out; see `move`."""
        box, message = self._find_message(place, folder, message_id)
        if box is None or message is None:
            return False
        self._try(lambda: self.spool.remove(box.context, box.name, folder_named(folder), message))
        self.tell(box)
        return True

    def forward(
        self, place: tuple[str, str], folder: str, message_id: str, to: tuple[str, str], to_folder: str
    ) -> bool:
        """Copy a message to another box; see `move`."""
        _, message = self._find_message(place, folder, message_id)
        box, target = self.config.box(*to), folder_named(to_folder)
        if box is None or message is None or not target:
            return False
        if len(self.spool.messages(box.context, box.name, target)) >= box.maxmsg:
            return False
        self.keep(box, target, Message(dict(message.fields)))
        self.tell(box)
        return True

    def _find_message(
        self, place: tuple[str, str], folder: str, message_id: str
    ) -> tuple[Box | None, Message | None]:
        box, wanted = self.config.box(*place), folder_named(folder)
        if box is None or not wanted:
            return box, None
        found = self.spool.messages(box.context, box.name, wanted)
        return box, next((each for each in found if each.id == message_id), None)

    def _move(self, box: Box, folder: str, message: Message, to: str) -> None:
        self.spool.move(box.context, box.name, folder, message, to)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except InputError as error:
            self._trouble(str(error))


def folder_named(name: str) -> str:
    """A folder of Asterisk's, in its spelling; '' where there is none of that name."""
    return next((each for each in FOLDERS if fold(each) == fold(name)), "")
