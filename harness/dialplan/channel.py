"""A channel as the dialplan sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from harness.dialplan.variables import Variables

if TYPE_CHECKING:
    from harness.dialplan.text_message import TextMessage

NOBODY = "<unknown>"


class ChannelState(IntEnum):
    """Numbers and words of include/asterisk/channelstate.h."""

    DOWN = 0
    RESERVED = 1
    OFF_HOOK = 2
    DIALING = 3
    RING = 4
    RINGING = 5
    UP = 6
    BUSY = 7

    @property
    def word(self) -> str:
        """As `ChannelStateDesc` has it."""
        return _WORDS[self]


_WORDS = {
    ChannelState.DOWN: "Down",
    ChannelState.RESERVED: "Rsrvd",
    ChannelState.OFF_HOOK: "OffHook",
    ChannelState.DIALING: "Dialing",
    ChannelState.RING: "Ring",
    ChannelState.RINGING: "Ringing",
    ChannelState.UP: "Up",
    ChannelState.BUSY: "Busy",
}


SHOWN = "allowed_not_screened"
"""How a name or number may be shown where nobody says otherwise."""


@dataclass(slots=True)
class Party:
    """Number and name of one side of a call."""

    number: str = ""
    name: str = ""
    number_presentation: str = SHOWN
    name_presentation: str = SHOWN


@dataclass(slots=True)
class Frame:
    """Where a subroutine returns to, and the variables that are its own."""

    context: str
    exten: str
    priority: int
    arguments: int = 0
    own: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Channel:
    """One channel; `hangup_cause` is a Q.850 number, 0 where none is known."""

    name: str
    uniqueid: str = ""
    linkedid: str = ""
    context: str = "default"
    exten: str = "s"
    priority: int = 1
    state: ChannelState = ChannelState.RING
    caller: Party = field(default_factory=Party)
    connected: Party = field(default_factory=Party)
    dialed: str = ""
    redirecting: str = ""
    """The number that sent the call on (RDNIS)."""
    redirecting_name: str = ""
    redirecting_to: Party = field(default_factory=Party)
    redirecting_reason: str = "unknown"
    redirecting_count: int = 0
    language: str = "en"
    account_code: str = ""
    user_field: str = ""
    music_class: str = ""
    hangup_cause: int = 0
    hangup_source: str = ""
    hung_up: bool = False
    application: str = ""
    application_data: str = ""
    variables: Variables = field(default_factory=Variables)
    frames: list[Frame] = field(default_factory=list)
    ani: Party = field(default_factory=Party)
    """Who is to be charged (automatic number identification)."""
    exception: dict[str, str] = field(default_factory=dict)
    message: TextMessage | None = None
    """The text message that it carries."""
    shown_variables: tuple[str, ...] = ()
    """What is told of its variables in every event (manager.conf, `channelvars`)."""
    last_place: tuple[str, str, int, ChannelState] | None = None
    """Where it was, and its state, when it was last told of in full."""

    @property
    def technology(self) -> str:
        """What stands before the slash of its name."""
        return self.name.partition("/")[0]

    def snapshot(self) -> list[tuple[str, str]]:
        """The headers that every event about a channel begins with (main/manager_channels.c)."""
        return [
            ("Channel", self.name),
            ("ChannelState", str(int(self.state))),
            ("ChannelStateDesc", self.state.word),
            ("CallerIDNum", self.caller.number or NOBODY),
            ("CallerIDName", self.caller.name or NOBODY),
            ("ConnectedLineNum", self.connected.number or NOBODY),
            ("ConnectedLineName", self.connected.name or NOBODY),
            ("Language", self.language),
            ("AccountCode", self.account_code),
            ("Context", self.context),
            ("Exten", self.exten),
            ("Priority", str(self.priority)),
            ("Uniqueid", self.uniqueid),
            ("Linkedid", self.linkedid or self.uniqueid),
            *(("ChanVariable", text) for text in self.shown()),
        ]

    def shown(self) -> list[str]:
        """`NAME=value` of the variables that are told of, empty where there is none of that name."""
        return [f"{name}={self.variables.get(name) or ''}" for name in self.shown_variables]

    def published(self) -> None:
        """It was told of in full."""
        self.last_place = (self.context, self.exten, self.priority, self.state)

    def last_snapshot(self) -> list[tuple[str, str]]:
        """`snapshot` with the place and state that were told last."""
        if self.last_place is None:
            return self.snapshot()
        now = (self.context, self.exten, self.priority, self.state)
        self.context, self.exten, self.priority, self.state = self.last_place
        told = self.snapshot()
        self.context, self.exten, self.priority, self.state = now
        return told

    def child(self, name: str, uniqueid: str = "") -> Channel:
        """A channel that this one makes: with the variables that are inherited, the language, the linked id."""
        return Channel(
            name,
            uniqueid,
            self.linkedid or self.uniqueid,
            context=self.context,
            language=self.language,
            account_code=self.account_code,
            variables=self.variables.inherited(),
        )
