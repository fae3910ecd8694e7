"""What a person sees on a phone: their own status, the lines, and each contact with presence and lamp."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import NamedTuple

from harness.columns import clean, columns, fit, pad
from phones.interpret import Shown
from phones.keys import Key

MIN_WIDTH = 24
"""Columns below which a screen cannot be drawn."""

Registration = str
UNREGISTERED, REGISTERED, REFUSED = "unregistered", "registered", "refused"


class Change(NamedTuple):
    """One thing that became different: `what` is status, line or contact, `who` its name ('' for status)."""

    what: str
    who: str
    field: str
    before: str
    after: str


@dataclass(slots=True)
class Contact:
    """A contact; '' is nothing shown, or a dark lamp. `subscribe_to` is as the phonebook says it."""

    id: str
    name: str
    subscribe_to: str = ""
    presence: str = ""
    subtype: str = ""
    message: str = ""
    lamp: str = ""


class CallView(NamedTuple):
    """A call as it is shown. `direction` is in or out; `state` dialing, ringing, connected, held (by this phone),
    on hold (by the far end) or ended, and then `why`."""

    id: str
    line: str
    direction: str
    state: str
    number: str
    name: str = ""
    why: str = ""


class Mailbox(NamedTuple):
    """The messages of a line's mailbox; its lamp is lit while there are new ones."""

    new: int = 0
    old: int = 0


@dataclass(slots=True)
class Status:
    """The phone's own status as its Status app shows it."""

    status: str = ""
    substatus: str = ""
    message: str = ""


SEEN = ("presence", "subtype", "message", "lamp")
"""The fields of a contact that a NOTIFY can change."""


@dataclass(slots=True)
class Screen:
    """The screen of one phone. What changes it returns the changes in order, () where nothing changed."""

    title: str
    status: Status = field(default_factory=Status)
    lines: dict[str, Registration] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=list)
    calls: dict[str, CallView] = field(default_factory=dict)
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)

    def add_contact(self, contact_id: str, name: str, subscribe_to: str = "") -> Contact:
        """A contact of the phonebook, dark as yet; one with that id already is replaced."""
        contact = Contact(contact_id, name, subscribe_to)
        self.contacts[contact_id] = contact
        return contact

    def find(self, text: str) -> Contact | None:
        """The contact with that id; else the only one with that subscription, or that name; else None."""
        if text in self.contacts:
            return self.contacts[text]
        for name in ("subscribe_to", "name"):
            found = [contact for contact in self.contacts.values() if getattr(contact, name) == text]
            if len(found) == 1:
                return found[0]
        return None

    def find_key(self, text: str) -> Key | None:
        """The key of that contact, line or app; else at that place (`main:1`); else the only one with that label."""
        for found in (
            [key for key in self.keys if key.name == text],
            [key for key in self.keys if key.place == text],
        ):
            if found:
                return found[0]
        named = [key for key in self.keys if key.label == text]
        return named[0] if len(named) == 1 else None

    def apply(self, contact_id: str, shown: Shown) -> tuple[Change, ...]:
        """Show what a body said of a contact; one that was not understood leaves what was there.

        A body is the full state, so what it does not say goes dark. Raises KeyError for an unknown contact.
        """
        contact = self.contacts[contact_id]
        if not shown.understood:
            return ()
        return _update(contact, "contact", contact_id, ((name, getattr(shown, name)) for name in SEEN))

    def darken(self, contact_id: str) -> tuple[Change, ...]:
        """Show nothing of a contact any more, because its subscription is gone. Raises KeyError."""
        return _update(self.contacts[contact_id], "contact", contact_id, ((name, "") for name in SEEN))

    def set_status(self, status: str, substatus: str = "", message: str = "") -> tuple[Change, ...]:
        """Show the phone's own status."""
        values = (("status", status), ("substatus", substatus), ("message", message))
        return _update(self.status, "status", "", values)

    def set_registration(self, line: str, registration: Registration) -> tuple[Change, ...]:
        """Show how a line stands; a line that was not there begins as unregistered."""
        before = self.lines.get(line, UNREGISTERED)
        self.lines[line] = registration
        if before == registration:
            return ()
        return (Change("line", line, "registration", before, registration),)

    def snapshot(self) -> dict[str, object]:
        """The whole screen as plain values, for reports and for comparing."""
        return {
            "title": self.title,
            "status": _plain(self.status),
            "lines": dict(self.lines),
            "contacts": {key: _plain(contact) for key, contact in self.contacts.items()},
            "keys": [_plain_key(key) for key in self.keys],
            "calls": [call._asdict() for call in self.calls.values()],
            "mailboxes": {line: box._asdict() for line, box in self.mailboxes.items()},
        }

    def render(self, width: int = 60) -> str:
        """The screen as text, each line `width` columns (at least MIN_WIDTH) on a terminal, no colours."""
        inner = max(width, MIN_WIDTH) - 4
        title = fit(f" {self.title} ", inner)
        rows = _status_rows(self)
        for more in (_contact_rows(self), _key_rows(self)):
            rows += [None, *more] if more else []
        drawn = (
            f"| {pad(row, inner)} |" if row is not None else f"|{'-' * (inner + 2)}|" for row in rows)
        top = "+-" + title + "-" * (inner - columns(title)) + "-+"
        return "\n".join((top, *drawn, f"+{'-' * (inner + 2)}+"))


def _update(
    target: Contact | Status, what: str, who: str, values: Iterable[tuple[str, str]],
) -> tuple[Change, ...]:
    changes = []
    for name, after in values:
        before: str = getattr(target, name)
        if before != after:
            setattr(target, name, after)
            changes.append(Change(what, who, name, before, after))
    return tuple(changes)


def _plain(target: Contact | Status) -> dict[str, str]:
    return {each.name: getattr(target, each.name) for each in fields(target)}


def _plain_key(key: Key) -> dict[str, object]:
    return {
        "place": key.place,
        "kind": key.kind,
        "name": key.name,
        "label": key.label,
        "colour": key.led.colour,
        "state": key.led.state,
        "ring": key.ring,
        "fgcolor": key.fgcolor,
        "bgcolor": key.bgcolor,
    }


# ---- drawn

PRESENCE_WORDS = {
    "available": "Available", "away": "Away", "dnd": "Do not disturb", "xa": "Extended away", "chat": "Chat",
}

LAMP_WORDS = {
    "": "( )", "unknown": "(?)", "idle": "(o)", "ringing": "(!)", "on_the_phone": "(#)", "on_hold": "(=)",
}
"""One sign a lamp, so that a screen without colours tells them apart."""

_LAMP_TEXT = {
    "unknown": "unknown", "idle": "idle", "ringing": "ringing", "on_the_phone": "on the phone",
    "on_hold": "on hold",
}


def _status_rows(screen: Screen) -> list[str | None]:
    own = screen.status
    rows: list[str | None] = ["Me: " + (_presence_text(own.status, own.substatus, own.message) or "-")]
    for name, registration in screen.lines.items():
        box = screen.mailboxes.get(name)
        mail = f", messages: {box.new} new, {box.old} old" if box is not None else ""
        rows.append(f"Line {name}: {registration}{mail}")
    live = [call for call in screen.calls.values() if call.state != "ended"]
    rows.extend(f"Call {call.direction} {_caller(call)}: {call.state}" for call in live)
    return rows


def _caller(call: CallView) -> str:
    return f"{call.name} ({call.number})" if call.name else call.number


def _key_rows(screen: Screen) -> list[str]:
    places = max((len(key.place) for key in screen.keys), default=0)
    return [
        f"[{key.place:<{places}}] {pad(str(key.led), 10)} {key.label or '-'}{' (rings)' if key.ring else ''}"
        for key in screen.keys
    ]


def _contact_rows(screen: Screen) -> list[str]:
    if not screen.contacts:
        return []
    names = max(columns(clean(contact.name)) for contact in screen.contacts.values())
    return [
        " ".join(filter(None, (
            LAMP_WORDS.get(contact.lamp, "( )"), pad(contact.name, min(names, 20)),
            pad(_LAMP_TEXT.get(contact.lamp, ""), 12),
            _presence_text(contact.presence, contact.subtype, contact.message),
        )))
        for contact in screen.contacts.values()
    ]


def _presence_text(presence: str, subtype: str, message: str) -> str:
    word = PRESENCE_WORDS.get(presence, presence)
    text = f"{word} / {subtype}" if subtype else word
    return f'{text} "{message}"' if message else text
