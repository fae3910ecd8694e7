"""A text message on its way through the dialplan, and the functions that read and change it (main/message.c)."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.core.octets import cut, fold
from harness.dialplan.function import Function, Invocation

MAX_HEADER_BYTES = 511
"""Bytes of a header that are kept."""


@dataclass(slots=True)
class TextMessage:
    """`to` and `sender` are URIs, `data` the headers and what the dialplan adds, by lower-case name.

    `outbound` names what goes along when it is sent on.
    """

    to: str = ""
    sender: str = ""
    body: str = ""
    data: dict[str, tuple[str, str]] = field(default_factory=dict)
    outbound: set[str] = field(default_factory=set)

    def keep(self, name: str, value: str) -> None:
        """Keep a header; of several with one name the last, none that is empty."""
        self._set(fold(name), name, cut(value, MAX_HEADER_BYTES))
        self.outbound.discard(fold(name))

    def add(self, name: str, value: str) -> None:
        """Add a header that goes along; an empty one is taken out."""
        self._set(fold(name), name, value)
        self.outbound.add(fold(name))

    def going_along(self) -> list[tuple[str, str]]:
        """The headers that go along when it is sent on."""
        return [row for name, row in self.data.items() if name in self.outbound]

    def _set(self, folded: str, name: str, value: str) -> None:
        if value:
            self.data[folded] = name, value
        else:
            self.data.pop(folded, None)


def _of(use: Invocation) -> TextMessage | None:
    channel = use.scope.channel
    return None if channel is None else channel.message


def _made(use: Invocation) -> TextMessage | None:
    channel = use.scope.channel
    if channel is not None and channel.message is None:
        channel.message = TextMessage()
    return _of(use)


def _read(use: Invocation) -> str | None:
    message = _of(use)
    if message is None:
        return None
    return {"to": message.to, "from": message.sender, "body": message.body}.get(fold(use.text), "")


def _write(use: Invocation, value: str) -> bool:
    message = _made(use)
    if message is None:
        return False
    part = fold(use.text)
    if part == "to":
        message.to = value
    elif part == "from":
        message.sender = value
    elif part == "body":
        message.body = value
    elif part == "custom_data" and fold(value) == "mark_all_outbound":
        message.outbound = set(message.data)
    elif part == "custom_data" and fold(value) == "clear_all_outbound":
        message.outbound = set()
    return True


def _read_data(use: Invocation) -> str | None:
    message = _of(use)
    return None if message is None else message.data.get(fold(use.text), ("", ""))[1]


def _write_data(use: Invocation, value: str) -> bool:
    message = _made(use)
    if message is None:
        return False
    message.add(use.text, value)
    return True


MESSAGE_FUNCTIONS = {"MESSAGE": Function(_read, _write), "MESSAGE_DATA": Function(_read_data, _write_data)}
