"""What a phone says to the DPMA and hears from it: small JSON objects in MESSAGEs, a format that this project invented.

Documented are the road (MESSAGE to `sip:proxy@server`, `text/plain`) and what the configuration means; the bodies
are not public. The phone's end of them is here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

PROXY_USER = "proxy"
"""The user of the Request-URI that a phone asks (config_server_url)."""
CONTENT_TYPE = "text/plain"
VERSION_KEY = "dpma-harness"
VERSION = 1

CONFIGURATION = "configuration"
STATUS = "status"

MAX_BODY_BYTES = 262_144
MAX_LINES = 64
MAX_STATUSES = 64
MAX_CONTACTS = 1_000
MAX_TEXT_BYTES = 1_024
"""Of one text of a configuration: a name, a URI, a label."""


class Unreadable(ValueError):
    """A body that is ours and yet cannot be read; the text says why."""


class Line(NamedTuple):
    """A `line=` of the phone; `name` is the SIP user."""

    name: str
    label: str = ""
    exten: str = ""


class StatusChoice(NamedTuple):
    """A status that the phone's Status app offers."""

    status: str
    substatuses: tuple[str, ...] = ()
    send486: bool = False


class PhonebookEntry(NamedTuple):
    """A contact; `where` is the file and line that it stands in, for reports."""

    id: str
    name: str
    group: str = ""
    account_id: str = ""
    subscribe_to: str = ""
    where: str = ""


class PhoneConfiguration(NamedTuple):
    """All that a phone learns. `contacts_max_subscriptions` None: the phone's own limit counts."""

    phone: str
    name: str = ""
    lines: tuple[Line, ...] = ()
    statuses: tuple[StatusChoice, ...] = ()
    blf_contact_group: str = ""
    contacts_max_subscriptions: int | None = None
    contacts: tuple[PhonebookEntry, ...] = ()


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
    lines = [_line(each) for each in _rows(message, "lines", MAX_LINES)]
    statuses = [_status(each) for each in _rows(message, "statuses", MAX_STATUSES)]
    contacts = [_contact(each) for each in _rows(message, "contacts", MAX_CONTACTS)]
    return PhoneConfiguration(
        _text(message, "phone"),
        _text(message, "name"),
        tuple(lines),
        tuple(statuses),
        _text(message, "blf_contact_group"),
        _limit(message.get("contacts_max_subscriptions")),
        tuple(contacts),
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


def _rows(message: Mapping[str, Any], name: str, limit: int) -> list[Mapping[str, Any]]:
    rows = message.get(name) or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unreadable(f"{name} is no list of objects")
    if len(rows) > limit:
        raise Unreadable(f"more than {limit} {name}")
    return rows


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(f"{name} is no text")
    if len(value.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES:
        raise Unreadable(f"{name} has more than {MAX_TEXT_BYTES} bytes")
    return value


def _limit(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Unreadable("contacts_max_subscriptions is no number")
    return value


def _line(row: Mapping[str, Any]) -> Line:
    name = _text(row, "name")
    if not name:
        raise Unreadable("a line has no name")
    return Line(name, _text(row, "label"), _text(row, "exten"))


def _status(row: Mapping[str, Any]) -> StatusChoice:
    substatuses = row.get("substatuses") or []
    if not isinstance(substatuses, list) or not all(isinstance(text, str) for text in substatuses):
        raise Unreadable("substatuses is no list of texts")
    return StatusChoice(_text(row, "status"), tuple(substatuses), row.get("send486") is True)


def _contact(row: Mapping[str, Any]) -> PhonebookEntry:
    return PhonebookEntry(*(_text(row, name) for name in PhonebookEntry._fields))
