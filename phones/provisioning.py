"""What a phone says to the DPMA and hears from it: small JSON objects in MESSAGEs, a format that this project invented.

Documented are the road (MESSAGE to `sip:proxy@server`, `text/plain`) and what the configuration means; the bodies
are not public. The phone's end of them is here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from phones.blf import Sheet, read_sheet
from phones.rows import MAX_TEXT_BYTES, Row, Unreadable, number, rows, text, texts

PROXY_USER = "proxy"
"""The user of the Request-URI that a phone asks (config_server_url)."""
CONTENT_TYPE = "text/plain"
VERSION_KEY = "dpma-harness"
VERSION = 1

CONFIGURATION = "configuration"
STATUS = "status"
PRIMARY = "primary"
"""The id of the action that a contact's key does where nothing else is said."""

MAX_BODY_BYTES = 262_144
MAX_LINES = 64
MAX_STATUSES = 64
MAX_CONTACTS = 1_000
MAX_ALERTS = 64
MAX_NUMBER = 1_000_000
MAX_ACTIONS = 32
"""Of one contact; so many headers may one of them have."""


class Line(NamedTuple):
    """A `line=` of the phone; `name` is the SIP user, `mailbox` its voicemail as `box@context`."""

    name: str
    label: str = ""
    exten: str = ""
    mailbox: str = ""


class StatusChoice(NamedTuple):
    """A status that the phone's Status app offers."""

    status: str
    substatuses: tuple[str, ...] = ()
    send486: bool = False


class Alert(NamedTuple):
    """How the phone rings for a call with that Alert-Info: normal, answer, ring-answer or visual."""

    alert_info: str
    ring_type: str = ""


class ContactAction(NamedTuple):
    """What can be done with a contact: `dial` is called, with these headers in the INVITE."""

    id: str
    dial: str
    label: str = ""
    headers: tuple[tuple[str, str], ...] = ()


class PhonebookEntry(NamedTuple):
    """A contact; `where` is the file and line that it stands in, for reports, `dial` its number.

    `pickup_action` is the id of the action that picks a call up that rings there.
    """

    id: str
    name: str
    group: str = ""
    account_id: str = ""
    subscribe_to: str = ""
    where: str = ""
    dial: str = ""
    pickup_action: str = ""
    actions: tuple[ContactAction, ...] = ()

    def action(self, action_id: str) -> ContactAction | None:
        """The action of that id; `primary` is the contact's number where the phonebook defines none."""
        found = next((each for each in self.actions if each.id == action_id), None)
        if found is None and action_id == PRIMARY and self.dial:
            return ContactAction(PRIMARY, self.dial)
        return found


class PhoneConfiguration(NamedTuple):
    """All that a phone learns. `contacts_max_subscriptions` None: the phone's own limit counts.

    `blf_items` is None where there is no Smart BLF sheet.
    """

    phone: str
    name: str = ""
    lines: tuple[Line, ...] = ()
    statuses: tuple[StatusChoice, ...] = ()
    blf_contact_group: str = ""
    contacts_max_subscriptions: int | None = None
    contacts: tuple[PhonebookEntry, ...] = ()
    blf_items: Sheet | None = None
    blf_unused_linekeys: bool = True
    alerts: tuple[Alert, ...] = ()


def write_configuration_request(phone: str) -> bytes:
    """Asks for the configuration of a phone, by the name of its section."""
    return _write({"method": CONFIGURATION, "phone": phone})


def write_status(phone: str, status: str, substatus: str = "") -> bytes:
    """Tells what the person picked."""
    return _write({"method": STATUS, "phone": phone, "status": status, "substatus": substatus})


def _write(fields: dict[str, str]) -> bytes:
    message = {VERSION_KEY: VERSION, **fields}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogateescape")


def is_ours(body: bytes) -> bool:
    """Whether a body claims to be of this format, readable or not."""
    return f'"{VERSION_KEY}"'.encode() in body[:MAX_TEXT_BYTES]


def read_configuration(body: bytes) -> PhoneConfiguration:
    """Read the answer; raises Unreadable. Keys that are not known are passed over."""
    message = _object(body)
    lines = [_line(each) for each in rows(message, "lines", MAX_LINES)]
    statuses = [_status(each) for each in rows(message, "statuses", MAX_STATUSES)]
    contacts = [_contact(each) for each in rows(message, "contacts", MAX_CONTACTS)]
    sheet = message.get("blf_items")
    if not isinstance(sheet, dict | None):
        raise Unreadable("blf_items is no object")
    return PhoneConfiguration(
        text(message, "phone"),
        text(message, "name"),
        tuple(lines),
        tuple(statuses),
        text(message, "blf_contact_group"),
        number(message, "contacts_max_subscriptions", MAX_NUMBER),
        tuple(contacts),
        None if sheet is None else read_sheet(sheet),
        message.get("blf_unused_linekeys") is not False,
        tuple(Alert(text(row, "alert_info"), text(row, "ring_type")) for row in rows(message, "alerts", MAX_ALERTS)),
    )


def _object(body: bytes) -> Mapping[str, Any]:
    if len(body) > MAX_BODY_BYTES:
        raise Unreadable(f"more than {MAX_BODY_BYTES} bytes")
    try:
        message = json.loads(body.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        raise Unreadable("not a JSON object") from None
    if not isinstance(message, dict):
        raise Unreadable("not a JSON object")
    if message.get(VERSION_KEY) != VERSION:
        raise Unreadable(f"version {message.get(VERSION_KEY)!r} is not known")
    if message.get("method") != CONFIGURATION:
        raise Unreadable(f"the method {message.get('method')!r} is no answer for a phone")
    return message


def _line(row: Row) -> Line:
    name = text(row, "name")
    if not name:
        raise Unreadable("a line has no name")
    return Line(name, text(row, "label"), text(row, "exten"), text(row, "mailbox"))


def _status(row: Row) -> StatusChoice:
    substatuses = row.get("substatuses") or []
    if not isinstance(substatuses, list) or not all(isinstance(each, str) for each in substatuses):
        raise Unreadable("substatuses is no list of texts")
    return StatusChoice(text(row, "status"), tuple(substatuses), row.get("send486") is True)


def _contact(row: Row) -> PhonebookEntry:
    actions = tuple(map(_action, rows(row, "actions", MAX_ACTIONS)))
    plain = {name: text(row, name) for name in PhonebookEntry._fields if name != "actions"}
    return PhonebookEntry(**plain, actions=actions)


def _action(row: Row) -> ContactAction:
    headers = tuple(texts(row, "headers", MAX_ACTIONS).items())
    return ContactAction(text(row, "id"), text(row, "dial"), text(row, "label"), headers)
