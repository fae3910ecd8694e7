"""application/pidf+xml with the eyebeam and Digium supplements (Asterisk res_pjsip_pidf_*; RFC 3863).

A change of one extension goes to many watchers. What they share is made once with `presence_part`; what is
a watcher's own is made once for its subscription, as a `PidfTemplate`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from harness.bodies.device_words import READY, WORDS, DeviceWords
from harness.bodies.xml import (
    URI_BYTES,
    BodyError,
    Element,
    children,
    document,
    encode,
    escape,
    parse,
    printed,
    render,
    split_name,
    text_of,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element as ParsedElement

CONTENT_TYPE = "application/pidf+xml"
NAMESPACE = "urn:ietf:params:xml:ns:pidf"
DATA_MODEL = "urn:ietf:params:xml:ns:pidf:data-model"
RPID = "urn:ietf:params:xml:ns:pidf:rpid"
DIGIUM_TUPLE = "digium-presence"

TEXT_BYTES = 1023
"""Escaped bytes of a subtype or a message (the supplement's buffer of 1024)."""

MAX_FIRST_BODY = 2_047
"""Bytes of a document that a subscription whose buffer is new can print."""

NOT_SET = "not_set"

REMEMBERED = 1_024
"""Extensions whose document is kept in parts for all who watch them."""


class PidfError(BodyError):
    """A body that is not a PIDF document that a phone could read."""


# ---- written

_NAMESPACES = (("xmlns", NAMESPACE), ("xmlns:dm", DATA_MODEL), ("xmlns:rpid", RPID))
_SLOT = "\0"    # stands in a template for what changes; no text holds it, since C strings end there


def _person_part(words: DeviceWords) -> bytes:
    activity = Element("rpid:activities", children=[Element("rpid:on-the-phone")])
    person = Element("dm:person", children=[activity] if words.on_the_phone else ())
    return encode(render(person, 1) + "\n")


class _DeviceParts(NamedTuple):
    note: bytes
    basic: bytes
    person: bytes


def _device_parts(words: DeviceWords) -> _DeviceParts:
    return _DeviceParts(encode(words.note), encode(words.basic), _person_part(words))


_READY_PARTS = _device_parts(READY)
_PARTS = {state: _device_parts(words) for state, words in WORDS.items()}
_END = b"</presence>\n"


def presence_part(state_token: str, subtype: str = "", message: str = "") -> bytes:
    """The Digium tuple of one change, the same for all its watchers.

    The state is always named, `not_set` too; subtype and message only where there is one. An empty token (an
    invalid state) gives a document that is not well-formed, as it does in Asterisk.
    """
    return encode(render(_presence(state_token, subtype, message), 1) + "\n")


def _presence(state_token: str, subtype: str, message: str) -> Element:
    attributes = [("type", state_token)]
    if shown := escape(subtype, TEXT_BYTES):
        attributes.append(("subtype", shown))
    presence = Element("digium_presence", attributes, escape(message, TEXT_BYTES))
    return Element("tuple", [("id", DIGIUM_TUPLE)], children=[Element("status", children=[presence])])


class PidfTemplate:
    """The document of one subscription with room for what changes.

    `entity` is the Request-URI of the SUBSCRIBE and is not escaped; `exten` neither; `contact` is the From
    URI of the subscriber. `digium` says whether the User-Agent of the first SUBSCRIBE earned the tuple.
    """

    __slots__ = ("_before_basic", "_before_note", "_before_person", "_entity", "_exten", "digium")

    def __init__(self, entity: str, exten: str, contact: str, digium: bool) -> None:
        self._entity, self._exten, self.digium = entity, exten, digium
        self.move(contact)

    def move(self, contact: str) -> None:
        """The subscriber goes by another URI from now on."""
        shown = encode(escape(contact, URI_BYTES))
        self._before_note, self._before_basic, *around = _frame(self._entity, self._exten, bool(shown))
        self._before_person = shown.join(around)

    def render(self, extension_state: int, presence: bytes) -> bytes:
        """The body for an extension state and a `presence_part`, which goes in where `digium` is set."""
        note, basic, person = _PARTS.get(extension_state, _READY_PARTS)
        return b"".join((
            self._before_note, note, self._before_basic, basic, self._before_person, person,
            presence if self.digium else b"", _END,
        ))

    def render_first(self, extension_state: int, state_token: str, subtype: str, message: str) -> bytes:
        """The first body of a subscription: of what does not fit its buffer, the rest is not printed.

        The buffer begins small and is doubled a few times for one body (res_pjsip_pidf_body_generator.c); every first
        body is large enough to make it grow so far that all later ones fit.
        """
        body = self.render(extension_state, presence_part(state_token, subtype, message) if self.digium else b"")
        if len(body) <= MAX_FIRST_BODY or not self.digium:
            return body
        return printed(self.render(extension_state, b"").removesuffix(_END), _presence(state_token, subtype, message),
                       "presence", MAX_FIRST_BODY)  # fmt: skip


@lru_cache(REMEMBERED)
def _frame(entity: str, exten: str, contact: bool) -> list[bytes]:
    """A document in its parts, between which note, basic and, where there is one, contact go.

    All who watch an extension share them.
    """
    status = Element("status", children=[Element("basic", text=_SLOT)])
    where = Element("contact", [("priority", "1")], _SLOT if contact else "")
    attributes = [("entity", _plain(entity)), *_NAMESPACES]
    root = Element("presence", attributes, children=[
        Element("note", text=_SLOT),
        Element("tuple", [("id", _plain(exten))], children=[status, where]),
    ])
    return document(root).removesuffix(_END).split(encode(_SLOT))


def _plain(text: str) -> str:
    return text.partition("\0")[0]


def write(
    entity: str, exten: str, extension_state: int, contact: str,
    state_token: str = NOT_SET, subtype: str = "", message: str = "", *, digium: bool = True,
) -> bytes:
    """One whole body; `PidfTemplate` is the same for many."""
    part = presence_part(state_token, subtype, message) if digium else b""
    return PidfTemplate(entity, exten, contact, digium).render(extension_state, part)


def wants_digium_tuple(user_agent: str | None) -> bool:
    """Whether a User-Agent earns the tuple: `digium` or `sangoma` anywhere, in any case (§4.7)."""
    lowered = (user_agent or "").lower()
    return "digium" in lowered or "sangoma" in lowered


# ---- read


class DigiumPresence(NamedTuple):
    """The content of the Digium tuple; '' for what is not there."""

    type: str
    subtype: str
    message: str


class Pidf(NamedTuple):
    """What a phone finds in a PIDF document; '' for what is not there."""

    entity: str
    note: str
    basic: str
    activities: tuple[str, ...]         # local names, in order
    contact: str
    digium: DigiumPresence | None


def read(body: str | bytes) -> Pidf:
    """Read a PIDF document, passing over what is not known; raises PidfError."""
    try:
        root = parse(body)
    except BodyError as error:
        raise PidfError(error.reason) from error
    if split_name(root.tag) != (NAMESPACE, "presence"):
        raise PidfError(f"the root is {root.tag!r}, not a PIDF presence element")
    tuples = children(root, NAMESPACE, "tuple")
    devices = [each for each in tuples if each.get("id") != DIGIUM_TUPLE]
    statuses = [status for each in devices for status in children(each, NAMESPACE, "status")]
    return Pidf(
        entity=root.get("entity", ""),
        note=_first_text([root, *devices], "note"),
        basic=_first_text(statuses, "basic"),
        activities=_activities(root),
        contact=_first_text(devices, "contact"),
        digium=_digium([each for each in tuples if each.get("id") == DIGIUM_TUPLE]),
    )


def _first_text(parents: list[ParsedElement], name: str) -> str:
    found = (text_of(each) for parent in parents for each in children(parent, NAMESPACE, name))
    return next((text for text in found if text), "")


def _activities(root: ParsedElement) -> tuple[str, ...]:
    """Activities of a person, whatever draft their namespaces come from (chan_sip's is an early one)."""
    return tuple(
        split_name(activity.tag)[1]
        for person in root if split_name(person.tag)[1] == "person"
        for holder in person.iter() if split_name(holder.tag)[1] == "activities"
        for activity in holder if split_name(activity.tag)[1]
    )


def _digium(tuples: list[ParsedElement]) -> DigiumPresence | None:
    found = (
        presence for each in tuples
        for status in children(each, NAMESPACE, "status")
        for presence in children(status, NAMESPACE, "digium_presence")
    )
    first = next(found, None)
    if first is None:
        return None
    return DigiumPresence(first.get("type", ""), first.get("subtype", ""), first.text or "")
