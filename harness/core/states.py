"""The states of presence, devices and extensions, and how several become one.

Numbers, tokens and ranks are those of Asterisk: main/presencestate.c, main/devicestate.c, main/pbx.c.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Protocol, TypeVar

from harness.core.octets import fold


class PresenceState(IntEnum):
    """What a provider says of a person; INVALID is no state but the lack of an answer."""

    NOT_SET = 0
    UNAVAILABLE = 1
    AVAILABLE = 2
    AWAY = 3
    XA = 4
    CHAT = 5
    DND = 6
    INVALID = 7

    @property
    def token(self) -> str:
        """As printed everywhere, in lower case; INVALID prints as nothing."""
        return "" if self is PresenceState.INVALID else self.name.lower()


class DeviceState(IntEnum):
    """What a device does."""

    UNKNOWN = 0
    NOT_INUSE = 1
    INUSE = 2
    BUSY = 3
    INVALID = 4
    UNAVAILABLE = 5
    RINGING = 6
    RINGINUSE = 7
    ONHOLD = 8

    @property
    def token(self) -> str:
        """As printed everywhere, in upper case."""
        return self.name

    @property
    def words(self) -> str:
        """As people read it in lists of endpoints (ast_devstate2str)."""
        return _DEVICE_WORDS[self]


_DEVICE_WORDS = {
    DeviceState.UNKNOWN: "Unknown",
    DeviceState.NOT_INUSE: "Not in use",
    DeviceState.INUSE: "In use",
    DeviceState.BUSY: "Busy",
    DeviceState.INVALID: "Invalid",
    DeviceState.UNAVAILABLE: "Unavailable",
    DeviceState.RINGING: "Ringing",
    DeviceState.RINGINUSE: "Ring+Inuse",
    DeviceState.ONHOLD: "On Hold",
}


class ExtensionState(IntEnum):
    """What a hint shows; a set of bits, of which only these sets are named (include/asterisk/pbx.h)."""

    REMOVED = -2
    DEACTIVATED = -1
    NOT_INUSE = 0
    INUSE = 1
    BUSY = 2
    UNAVAILABLE = 4
    RINGING = 8
    INUSE_RINGING = 9
    ONHOLD = 16
    INUSE_ONHOLD = 17


NO_HINT = -1
"""The answer for an extension without a hint; the same number as DEACTIVATED."""

_PRESENCE = {state.token: state for state in PresenceState if state is not PresenceState.INVALID}
_DEVICE = {fold(state.name): state for state in DeviceState}

_PRESENCE_RANK = {
    PresenceState.INVALID: 0,
    PresenceState.NOT_SET: 1,
    PresenceState.AVAILABLE: 2,
    PresenceState.UNAVAILABLE: 3,
    PresenceState.CHAT: 4,
    PresenceState.AWAY: 5,
    PresenceState.XA: 6,
    PresenceState.DND: 7,
}

_DEVICE_RANK = {
    DeviceState.INVALID: 0,
    DeviceState.UNKNOWN: 1,
    DeviceState.UNAVAILABLE: 2,
    DeviceState.NOT_INUSE: 3,
    DeviceState.ONHOLD: 4,
    DeviceState.RINGING: 5,
    DeviceState.INUSE: 6,
    DeviceState.BUSY: 7,
    DeviceState.RINGINUSE: 8,
}

_ENGAGED = frozenset((DeviceState.INUSE, DeviceState.ONHOLD, DeviceState.BUSY))

_EXTENSION = {
    DeviceState.UNKNOWN: ExtensionState.NOT_INUSE,
    DeviceState.NOT_INUSE: ExtensionState.NOT_INUSE,
    DeviceState.INUSE: ExtensionState.INUSE,
    DeviceState.BUSY: ExtensionState.BUSY,
    DeviceState.INVALID: ExtensionState.UNAVAILABLE,
    DeviceState.UNAVAILABLE: ExtensionState.UNAVAILABLE,
    DeviceState.RINGING: ExtensionState.RINGING,
    DeviceState.RINGINUSE: ExtensionState.INUSE_RINGING,
    DeviceState.ONHOLD: ExtensionState.ONHOLD,
}

_EXTENSION_TEXT: dict[int, str] = {
    ExtensionState.NOT_INUSE: "Idle",
    ExtensionState.INUSE: "InUse",
    ExtensionState.BUSY: "Busy",
    ExtensionState.UNAVAILABLE: "Unavailable",
    ExtensionState.RINGING: "Ringing",
    ExtensionState.INUSE_RINGING: "InUse&Ringing",
    ExtensionState.ONHOLD: "Hold",
    ExtensionState.INUSE_ONHOLD: "InUse&Hold",
}

_EXTENSION_TOKEN: dict[int, str] = {
    ExtensionState.NOT_INUSE: "NOT_INUSE",
    ExtensionState.INUSE: "INUSE",
    ExtensionState.BUSY: "BUSY",
    ExtensionState.UNAVAILABLE: "UNAVAILABLE",
    ExtensionState.RINGING: "RINGING",
    ExtensionState.INUSE_RINGING: "RINGINUSE",
    ExtensionState.ONHOLD: "ONHOLD",
}


class HasPresence(Protocol):
    """Anything that carries a presence state."""

    @property
    def state(self) -> PresenceState:
        """The state itself; texts may come with it."""


_P = TypeVar("_P", bound=HasPresence)


def parse_presence(text: str) -> PresenceState:
    """The state of a token in any case; whatever is not exactly a token is INVALID."""
    return _PRESENCE.get(fold(text), PresenceState.INVALID)


def parse_device(text: str) -> DeviceState:
    """The state of a token in any case; whatever is not exactly a token is UNKNOWN."""
    return _DEVICE.get(fold(text), DeviceState.UNKNOWN)


def aggregate_presence(members: Iterable[_P]) -> _P | None:
    """The member that speaks for a list: the highest rank, of equals the first; None if all are INVALID."""
    best, rank = None, _PRESENCE_RANK[PresenceState.INVALID]
    for member in members:
        if _PRESENCE_RANK[member.state] > rank:
            best, rank = member, _PRESENCE_RANK[member.state]
    return best


def aggregate_devices(states: Iterable[DeviceState]) -> DeviceState:
    """One state for a list of devices; somebody ringing and somebody engaged is RINGINUSE.

    main/devicestate.c, ast_devstate_aggregate_add; no device at all is INVALID.
    """
    result, ringing, engaged = DeviceState.INVALID, False, False
    for state in states:
        ringing = ringing or state is DeviceState.RINGING
        engaged = engaged or state in _ENGAGED
        if ringing and engaged:
            result = DeviceState.RINGINUSE
        elif _DEVICE_RANK[state] > _DEVICE_RANK[result]:
            result = state
    return result


def extension_state(device: DeviceState) -> ExtensionState:
    """What a hint shows of the aggregate of its devices (main/pbx.c, ast_devstate_to_extenstate)."""
    return _EXTENSION[device]


def extension_text(state: int) -> str:
    """The StatusText of the manager interface; `Unknown` for what has none."""
    return _EXTENSION_TEXT.get(state, "Unknown")


def extension_token(state: int) -> str:
    """What the function EXTENSION_STATE() gives; `UNKNOWN` where there is no hint."""
    return _EXTENSION_TOKEN.get(state, "UNKNOWN")
