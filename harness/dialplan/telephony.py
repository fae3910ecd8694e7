"""What the dialplan needs of the telephone side: handed in by the server; without it nobody can be reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from harness.dialplan.channel import Channel

CHANNEL_NOT_IMPLEMENTED = 66

Cancel = Callable[[], None]


class Dialed(NamedTuple):
    """How Dial() ended: a DIALSTATUS, who answered, seconds since the caller's channel came and since it was answered.

    `cause` is the hangup cause that the caller's channel gets, None leaves it.
    """

    status: str
    peer: str = ""
    dialed_time: float = 0.0
    answered_time: float = 0.0
    cause: int | None = None


class QueueCall(NamedTuple):
    """What Queue() was asked for; `timeout` in seconds, `position` 0 for the end of the queue."""

    name: str
    options: dict[str, str] = {}  # noqa: RUF012  (never changed)
    timeout: int | None = None
    gosub: str = ""
    position: int = 0


class Telephony(Protocol):
    """Each call that takes time gives back how to break it off; `done` may be called before it returns.

    What is broken off is not told any more.
    """

    has_music: bool
    """Whether there is music on hold."""

    def answered(self, channel: Channel) -> None:
        """The dialplan answered the channel; its state is up already."""
        ...

    def indicate(self, channel: Channel, what: str) -> None:
        """`ringing`, `progress`, `proceeding`, `busy` or `congestion` to the caller."""
        ...

    def send_text(self, channel: Channel, text: str) -> None:
        """Send a text to the other side of a channel."""
        ...

    def play(self, channel: Channel, sound: str, done: Callable[[bool], None]) -> Cancel:
        """Play a sound; False where it does not exist."""
        ...

    def dial(
        self,
        channel: Channel,
        devices: tuple[str, ...],
        timeout: float | None,
        options: dict[str, str],
        done: Callable[[Dialed], None],
    ) -> Cancel:
        """Ring devices (`PJSIP/2000`, `Local/1@ctx`) for at most `timeout` seconds, and told when all is over."""
        ...

    def queue(self, channel: Channel, asked: QueueCall, done: Callable[[str, int], None]) -> Cancel:
        """Wait in a queue; `done` gets a QUEUESTATUS, empty for none, and what the application gives back."""
        ...


class NoTelephony:
    """Nobody can be dialled, no sound exists."""

    __slots__ = ()
    has_music = False

    def answered(self, channel: Channel) -> None:
        """See `Telephony`."""

    def indicate(self, channel: Channel, what: str) -> None:
        """See `Telephony`."""

    def send_text(self, channel: Channel, text: str) -> None:
        """See `Telephony`."""

    def play(self, channel: Channel, sound: str, done: Callable[[bool], None]) -> Cancel:
        """See `Telephony`."""
        done(False)
        return nothing

    def dial(
        self,
        channel: Channel,
        devices: tuple[str, ...],
        timeout: float | None,
        options: dict[str, str],
        done: Callable[[Dialed], None],
    ) -> Cancel:
        """See `Telephony`."""
        done(Dialed("CHANUNAVAIL", cause=CHANNEL_NOT_IMPLEMENTED))
        return nothing

    def queue(self, channel: Channel, asked: QueueCall, done: Callable[[str, int], None]) -> Cancel:
        """See `Telephony`."""
        done("UNKNOWN", 0)
        return nothing


def nothing() -> None:
    """Breaks nothing off."""


def option_letters(text: str) -> dict[str, str] | None:
    """`gtU(sub^1)` as letters with their arguments, empty where they have none; None where one is not closed.

    Parentheses nest; a backslash, and quotes around the whole argument, are taken out (main/app.c).
    """
    letters: dict[str, str] = {}
    at = 0
    while at < len(text):
        letter = text[at]
        at += 1
        letters[letter] = ""
        if text.startswith("(", at):
            inside, at = _argument(text, at + 1)
            if inside is None:
                return None
            letters[letter] = inside
    return letters


def _argument(text: str, at: int) -> tuple[str | None, int]:
    kept: list[str] = []
    depth, quoted = 1, False
    drops_quotes = text.startswith('"', at)
    while at < len(text):
        character = text[at]
        at += 1
        if character == '"' and drops_quotes:
            quoted = not quoted
            continue
        if character == "\\" and at < len(text):
            kept.append(text[at] if not quoted or text[at] == '"' else text[at - 1 : at + 1])
            at += 1
            continue
        if character in "()" and not quoted:
            depth += 1 if character == "(" else -1
            if not depth:
                return "".join(kept), at
        kept.append(character)
    return None, at
