"""What the configuration says of a phone before any story is told: its contacts, lines and statuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from harness.config.digium_options import STATUSES
from harness.scenario.nodes import MapNode, Node
from harness.scenario.problems import did_you_mean
from harness.scenario.reading import Reading, Wrong

if TYPE_CHECKING:
    from harness.config.digium_phone import DigiumPhoneConfig, Phone
    from harness.config.folder import Configuration


MAX_NAMED = 12
"""Names of contacts in one message."""
_REPEATED = re.compile("#[0-9]+$")
"""What a phone adds to the id of a contact that is there a second time."""


class KnownPhone(NamedTuple):
    """One phone; `contacts` are all names of all its contacts: ids, subscriptions, display names."""

    contacts: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()


KnownPhones = Mapping[str, KnownPhone | None]
"""By the names of type=phone sections; None for one of which only the name is known."""


def known_phones(configuration: Configuration) -> dict[str, KnownPhone | None]:
    """The phones of a configuration."""
    digium = configuration.digium_phone
    if digium is None:
        return {}
    return {name: _known(phone, digium, configuration) for name, phone in digium.phones.items()}


def _known(phone: Phone, digium: DigiumPhoneConfig, configuration: Configuration) -> KnownPhone:
    contacts = [contact for book in configuration.phonebooks.get(phone.name, ()) for contact in book.contacts]
    names = [name for contact in contacts for name in (contact.id, contact.subscribe_to, contact.name)]
    return KnownPhone(
        tuple(dict.fromkeys(filter(None, names))),
        tuple(ref.name for ref in phone.lines),
        tuple(dict.fromkeys(application.status for application in digium.statuses(phone))),
    )


def check_contact(phone: str, contact: str, node: Node, reading: Reading) -> None:
    """Raise Wrong for a contact that the phone does not have; one without any may have lost its file, which is told."""
    known = _of(phone, reading)
    if known is not None and known.contacts and _REPEATED.sub("", contact) not in known.contacts:
        more = "" if len(known.contacts) <= MAX_NAMED else ", ..."
        there = f"it has {', '.join(known.contacts[:MAX_NAMED])}{more}"
        raise Wrong(node, f"phone {phone} has no contact {contact!r}", did_you_mean(contact, known.contacts, there))


def check_line(phone: str, line: str, node: Node, reading: Reading) -> None:
    """Raise Wrong for a line that the phone does not have."""
    known = _of(phone, reading)
    if known is not None and line not in known.lines:
        there = f"it has {', '.join(known.lines) or 'none'}"
        raise Wrong(node, f"phone {phone} has no line {line!r}", did_you_mean(line, known.lines, there))


def check_status(phone: str, status: str, node: Node, reading: Reading) -> None:
    """Raise Wrong for what looks like a slip for a status of the phone.

    Only for that: to pick one that the phone does not offer, and to be refused, is a story, too.
    """
    known = _of(phone, reading)
    if known is None or status.lower() in STATUSES or status.lower() in map(str.lower, known.statuses):
        return
    if near := did_you_mean(status, known.statuses, " ").strip():
        raise Wrong(node, f"no status of phone {phone} is called {status!r}", near)


def value_node(node: MapNode, key: str) -> Node:
    """The value of a key, for a message; the whole mapping where it is not written out."""
    return node.get(key) or node


def _of(phone: str, reading: Reading) -> KnownPhone | None:
    return reading.phones.get(phone) if reading.phones is not None else None
