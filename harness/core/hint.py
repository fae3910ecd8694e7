"""One hint: what its text names, what it last showed, who watches it (main/pbx.c)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple, Protocol

from harness.core.octets import fold
from harness.core.states import DeviceState, ExtensionState
from harness.core.value import INVALID, NOTHING_SET, Found, Presence
from harness.errors import Location

Reason = Literal["device", "presence", "removed", "deactivated"]
DeviceStatesOf = tuple[tuple[str, DeviceState], ...]
"""The devices of a hint in the order of its text, each with its state."""

_VARIABLE = "${"
_UNEVALUATED = re.compile(r"\$[{[]")
_BLANKS = "".join(map(chr, range(1, 33)))
_SPLIT = re.compile("[&,]")


class HintEntry(NamedTuple):
    """A hint priority of the dialplan; `context` holds it, `exten` starts with `_` for a pattern."""

    context: str
    exten: str
    text: str
    name: str = ""
    where: Location | None = None


class Extensions(Protocol):
    """What hints need of the dialplan."""

    def hint_for(self, context: str, exten: str) -> HintEntry | None:
        """The best matching extension that has a hint priority: contexts, then includes in order."""
        ...

    def hint_entries(self) -> Iterable[HintEntry]:
        """All, patterns included, in the order of the file; added ones last."""
        ...

    def substitute(self, text: str, context: str, exten: str) -> str:
        """The text with `${EXTEN}`, `${CONTEXT}`, globals and functions replaced, and nothing of a channel."""
        ...

    def add_hint(self, context: str, exten: str, text: str, name: str) -> None:
        """Add a hint priority: an instance of a pattern, or one that a device brought about (autohints)."""
        ...


def split_name(application: str) -> tuple[str, str]:
    """What follows `hint,` in the file, taken apart into the hint's text and its name (pbx/pbx_config.c)."""
    text, parenthesis, rest = application.partition("(")
    if not parenthesis or _UNEVALUATED.search(text):
        return application.lstrip(_BLANKS), ""
    name, closing, _ = rest.rpartition(")")
    return text.lstrip(_BLANKS), name if closing else rest


def is_pattern(exten: str) -> bool:
    """Whether an extension stands for many."""
    return exten.startswith("_")


def needs_evaluation(text: str) -> bool:
    """Whether a hint's text holds a variable."""
    return _VARIABLE in text


def devices_of(text: str) -> tuple[str, ...]:
    """The devices: what stands before the last comma, split on `&`; at least one, which may be empty."""
    before, comma, after = text.rpartition(",")
    return tuple((before if comma else after).split("&"))


def provider_of(text: str) -> str | None:
    """The presence part: what stands after the last comma; None without a comma."""
    _, comma, after = text.rpartition(",")
    return after if comma else None


def pieces(text: str) -> tuple[str, ...]:
    """What events are compared with: split on `&` and `,` alike, devices and providers not told apart."""
    return tuple(fold(piece) for piece in _SPLIT.split(text) if piece)


def device_pieces(text: str) -> tuple[str, ...]:
    """Asterisk 11: the devices."""
    return tuple(fold(device) for device in devices_of(text) if device)


def presence_pieces(text: str) -> tuple[str, ...]:
    """Asterisk 11: the presence part as a whole."""
    provider = provider_of(text)
    return (fold(provider),) if provider else ()


class Hint:
    """A hint with what it last showed; `presence` tells a missing text from an empty one."""

    __slots__ = (
        "context",
        "devices",
        "exten",
        "live",
        "name",
        "presence",
        "provider",
        "state",
        "text",
        "watchers",
        "where",
    )

    def __init__(self, context: str, exten: str, text: str, name: str, where: Location | None) -> None:
        self.context, self.exten = context, exten
        self.rewrite(text, name, where)
        self.state: int = ExtensionState.UNAVAILABLE
        self.presence: Found = INVALID if self.dynamic else NOTHING_SET
        self.watchers: dict[Watch, None] = {}
        self.live = True

    def rewrite(self, text: str, name: str, where: Location | None) -> None:
        """Name other devices and providers; what was last shown stays."""
        self.text, self.name, self.where = text, name, where
        self.devices = devices_of(text)
        self.provider = provider_of(text)

    @property
    def key(self) -> tuple[str, str]:
        """Context and extension, under which it is found."""
        return (self.context, self.exten)

    @property
    def pattern(self) -> bool:
        """Whether it stands for many extensions; such a hint has no watchers."""
        return is_pattern(self.exten)

    @property
    def dynamic(self) -> bool:
        """A pattern whose text is evaluated only for its instances; it shows nothing itself."""
        return self.pattern and needs_evaluation(self.text)

    def __repr__(self) -> str:
        return f"<Hint {self.exten}@{self.context} {self.text}>"


class Notification(NamedTuple):
    """What a watcher is told; always both the state and the presence, whatever the reason.

    `devices` is there for device changes only, and only for extended watchers.
    """

    hint: Hint
    reason: Reason
    state: int
    presence: Presence
    devices: DeviceStatesOf | None = None


WatchCallback = Callable[[Notification], None]


class Watch:
    """One watcher of one hint, after a reload of the new one; when not active it is never called again."""

    __slots__ = ("active", "callback", "extended", "hint")

    def __init__(self, hint: Hint, callback: WatchCallback, extended: bool) -> None:
        self.hint, self.callback, self.extended = hint, callback, extended
        self.active = True
        hint.watchers[self] = None

    def move(self, hint: Hint) -> None:
        """Watch another hint from now on."""
        self.hint = hint
        hint.watchers[self] = None

    def cancel(self) -> None:
        """Stop watching; any number of times, also while watchers are being called."""
        self.active = False
        self.hint.watchers.pop(self, None)
