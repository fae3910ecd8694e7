"""What a scenario runs against, and the phones on it, as far as a scenario knows them."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from phones.screen import Screen

if TYPE_CHECKING:
    from harness.net.world import World

ACTIVE, REFUSED, WAITING = "active", "refused", "waiting"
"""States of a subscription that a scenario names; a phone may know more."""


class SubscriptionView(Protocol):
    """How the subscription to one contact stands."""

    @property
    def state(self) -> str:
        """`active`, `refused`, `waiting` or another word of the phone's."""

    @property
    def status(self) -> int:
        """The last answer to its SUBSCRIBE, 0 for none yet."""

    @property
    def reason(self) -> str:
        """The words of that answer."""

    @property
    def target(self) -> str:
        """The URI, or extension, that it is for."""


class PhoneActor(Protocol):
    """One phone."""

    @property
    def name(self) -> str:
        """The name of its type=phone section."""

    @property
    def screen(self) -> Screen:
        """What a person sees on it."""

    @property
    def uri(self) -> str:
        """The URI under which it is reached without a server; '' where it is off."""

    @property
    def status_answer(self) -> tuple[int, str] | None:
        """The answer to the last press; None until it is there."""

    def set_status(self, status: str, substatus: str = "") -> None:
        """Press a status: adds the `press` event, sends the MESSAGE, and does not wait."""

    def call(self, number: str, line: str = "") -> None:
        """Call a number; this and what follows does not wait, and raises HarnessError where it cannot be done."""

    def answer(self, which: str = "") -> None:
        """Take the call that rings; `which` is a call's id, number or name."""

    def reject(self, status: int = 486, which: str = "") -> None:
        """Turn the call away that rings."""

    def hold(self, which: str = "") -> None:
        """Put the connected call on hold."""

    def resume(self, which: str = "") -> None:
        """Take a call back from hold."""

    def hangup(self, which: str = "") -> None:
        """End a call."""

    def transfer(self, number: str = "", attended: bool = False) -> None:
        """Hand a call on; without a number, join the two of an attended transfer."""

    def press(self, key: str, long: bool = False) -> None:
        """Press a line's or a contact's key."""

    def kill(self) -> Awaitable[object]:
        """Pull the plug."""

    async def register(self) -> None:
        """Register all lines and subscribe again."""

    async def unregister(self) -> None:
        """Give the registrations back."""

    async def restart(self) -> None:
        """Switch off and on."""

    def subscription_of(self, contact: str) -> SubscriptionView | None:
        """The subscription to a contact; None where the phone has none to it."""


class Target(Protocol):
    """A server with its phones."""

    @property
    def name(self) -> str:
        """`embedded`, `asterisk`, ..."""

    @property
    def capabilities(self) -> frozenset[str]:
        """What `requires:` may name."""

    @property
    def world(self) -> World:
        """Time, network and trace."""

    @property
    def phones(self) -> Mapping[str, PhoneActor]:
        """By the name of the type=phone section."""

    async def start(self) -> None:
        """Server up, phones registered and subscribed or refused.  Raises TargetError, InputError."""

    async def stop(self) -> None:
        """Phones unsubscribe and unregister, then the server stops."""

    async def set_presence(self, provider: str, value: str) -> bool:
        """Write as the dialplan function PRESENCE_STATE does; false where that refuses."""

    async def set_device(self, device: str, state: str) -> bool:
        """Set a device's state; false where that is refused."""

    async def restart_server(self) -> None:
        """Stop the server and start it again on what it stored."""

    def open_items(self) -> Sequence[str]:
        """What is left, each in words: 'subscription bob->2000', 'transaction NOTIFY z9hG...'."""


@dataclass(frozen=True, slots=True)
class HintOnMap:
    """A hint as the configuration has it; `provider` is '' where it has no presence part."""

    exten: str
    context: str
    text: str
    where: str
    provider: str = ""


@dataclass(frozen=True, slots=True)
class ContactOnMap:
    """A contact of a phone: who it is subscribed to, and where that is written."""

    phone: str
    id: str
    subscribe_to: str
    where: str


@dataclass(frozen=True, slots=True)
class RoadMap:
    """What the configuration says of the road, so that `road` can name files and lines.

    `lines` gives the lines of each phone; a target that has `explain()` hands one over.
    """

    hints: tuple[HintOnMap, ...] = ()
    contacts: tuple[ContactOnMap, ...] = ()
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    contexts: Mapping[str, str] = field(default_factory=dict)
    """The context in which each phone subscribes."""
