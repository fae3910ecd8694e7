"""The bodies of a subscription: which type a SUBSCRIBE gets, and what a hint's state looks like in it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol

from harness.bodies import dialog_info, pidf, xpidf
from harness.pbx import printed
from harness.sip.grammar import GrammarError
from harness.sip.sharing import shared
from harness.sip.uri import SipUri

if TYPE_CHECKING:
    from harness.core.hint import Notification
    from harness.sip.message import Request

MESSAGE_SUMMARY = "application/simple-message-summary"
EVENTS = {
    "presence": pidf.CONTENT_TYPE,
    "dialog": dialog_info.CONTENT_TYPE,
    "message-summary": MESSAGE_SUMMARY,
}
"""The event packages and their default types; names are compared exactly (res_pjsip_pubsub.c:3042)."""

HINT_EVENTS = frozenset(("presence", "dialog"))
TYPES = (pidf.CONTENT_TYPE, xpidf.CONTENT_TYPE, xpidf.CPIM_CONTENT_TYPE, dialog_info.CONTENT_TYPE)
LIST_TYPES = frozenset(("multipart/related", "application/rlmi+xml"))
MAX_ACCEPTED = 32
ACCEPT_BYTES = 63


def negotiate(event: str, accepts: list[str]) -> str | None:
    """The type of the bodies: the first acceptable one byte for byte, parameters included; None where none is."""
    wanted = [text[:ACCEPT_BYTES] for text in accepts if text and text not in LIST_TYPES][:MAX_ACCEPTED]
    if not wanted:
        return EVENTS[event]
    served = TYPES if event in HINT_EVENTS else (MESSAGE_SUMMARY,)
    return next((text for text in wanted if text in served), None)


LARGE = 1_024
"""Bytes of a Digium tuple below which no document is too large for a new subscription."""


class Place(NamedTuple):
    """What a subscription's bodies say of its two ends."""

    entity: str
    exten: str
    contact: str
    digium: bool


RingingCalls = Callable[["Notification", str], "dialog_info.RingingCall | None"]
"""Takes a change and the host of the subscription's local URI, without port."""


class Document(Protocol):
    """Makes the body for each change."""

    repeatable: ClassVar[bool]
    """Whether the same change gives the same body again, so that nobody needs to keep it."""

    def render(self, change: Notification) -> bytes:
        """The body as it goes on the wire."""

    def move(self, contact: str) -> None:
        """The watcher goes by another URI from now on."""

    def first(self, change: Notification) -> bytes:
        """The first body of the subscription; empty where `render` gives it again and nobody needs to keep it."""


class SharedParts:
    """The part of a change that all PIDF watchers share, made once for each change."""

    __slots__ = ("_change", "_part")

    def __init__(self) -> None:
        self._change: Notification | None = None
        self._part = b""

    def of(self, change: Notification) -> bytes:
        """The Digium tuple of a change."""
        if change is not self._change:
            presence = change.presence
            self._part = pidf.presence_part(presence.state.token, presence.subtype, presence.message)
            self._change = change
        return self._part


class PidfDocument:
    """application/pidf+xml."""

    repeatable: ClassVar[bool] = True

    __slots__ = ("_shared", "_template")

    def __init__(self, place: Place, shared: SharedParts) -> None:
        self._shared = shared
        self._template = pidf.PidfTemplate(*place)

    def move(self, contact: str) -> None:
        """See `Document`."""
        self._template.move(contact)

    def render(self, change: Notification) -> bytes:
        """The document."""
        return self._template.render(change.state, self._shared.of(change))

    def first(self, change: Notification) -> bytes:
        """See `Document`: a large one is cut."""
        if len(self._shared.of(change)) < LARGE:
            return b""
        presence = change.presence
        return self._template.render_first(change.state, presence.state.token, presence.subtype, presence.message)


class XpidfDocument:
    """application/xpidf+xml and application/cpim-pidf+xml; every body has an atom id of its own."""

    repeatable: ClassVar[bool] = False

    __slots__ = ("_place", "_random_bits")

    def __init__(self, place: Place, random_bits: Callable[[int], int]) -> None:
        self._place, self._random_bits = place, random_bits

    def move(self, contact: str) -> None:
        """See `Document`."""
        self._place = self._place._replace(contact=contact)

    def render(self, change: Notification) -> bytes:
        """The document."""
        atom = str(uuid.UUID(int=self._random_bits(128), version=4))
        return xpidf.write(self._place.entity, self._place.exten, change.state, self._place.contact, atom)

    first = render


class DialogInfoDocument:
    """application/dialog-info+xml; the version counts the bodies that were made, not those that were sent."""

    repeatable: ClassVar[bool] = False

    __slots__ = ("_calls", "_early", "_host", "_place", "version")

    def __init__(
        self, place: Place, calls: RingingCalls, host: str, early_inuse_ringing: bool, version: int = 0
    ) -> None:
        self._place, self._calls, self._host, self._early = place, calls, host, early_inuse_ringing
        self.version = version

    def move(self, contact: str) -> None:
        """See `Document`; the document does not name its watcher."""

    def render(self, change: Notification) -> bytes:
        """The document."""
        version, self.version = self.version, self.version + 1
        return dialog_info.write(
            self._place.entity,
            self._place.exten,
            change.state,
            version,
            devices=change.devices is not None,
            call=self._calls(change, self._host) if change.devices is not None else None,
            notify_early_inuse_ringing=self._early,
        )

    first = render


class Author:
    """Makes the documents of one subscription.

    `versions` are those of the last documents by extension: what is made anew counts on from there.
    """

    __slots__ = (
        "_calls",
        "_contact",
        "_digium",
        "_early",
        "_host",
        "_random_bits",
        "_shared",
        "_uri",
        "content_type",
        "versions",
    )

    def __init__(
        self,
        uri: SipUri,
        content_type: str,
        request: Request,
        *,
        shared: SharedParts,
        calls: RingingCalls,
        random_bits: Callable[[int], int],
        early_inuse_ringing: bool,
    ) -> None:
        """`request` is the SUBSCRIBE, whose sender and User-Agent go into the documents."""
        self._uri, self.content_type = uri._replace(scheme="sip"), content_type
        self._contact, self._host = sender_of(request), _host_of(request)
        self._digium = pidf.wants_digium_tuple(request.headers.get("User-Agent"))
        self._shared, self._calls, self._random_bits = shared, calls, random_bits
        self._early = early_inuse_ringing
        self.versions: dict[str, int] = {}

    @property
    def host(self) -> str:
        """The host of the Request-URI."""
        return self._uri.host

    def entity(self, exten: str) -> str:
        """The Request-URI with another user."""
        return printed.short_uri(self._uri, printed.Where.CONTACT, exten)[0]

    def move(self, contact: str) -> None:
        """The watcher goes by another URI from now on."""
        self._contact = contact

    def document(self, exten: str) -> Document:
        """A new document about an extension."""
        place = Place(shared(self.entity(exten)), shared(exten), self._contact, self._digium)
        if self.content_type == pidf.CONTENT_TYPE:
            return PidfDocument(place, self._shared)
        if self.content_type == dialog_info.CONTENT_TYPE:
            version = self.versions.get(exten, -1) + 1
            return DialogInfoDocument(place, self._calls, self._host, self._early, version)
        return XpidfDocument(place, self._random_bits)


def _host_of(request: Request) -> str:
    """The host of the To, which the notifier's own URI has."""
    try:
        return request.to.sip_uri.host
    except GrammarError:
        return ""


def sender_of(request: Request) -> str:
    """The From URI as a body names the watcher; '' where it is too long to be printed."""
    try:
        text, whole = printed.short_uri(SipUri.parse(request.from_.uri), printed.Where.PARTY)
    except GrammarError:
        return request.from_.uri
    return text if whole else ""
