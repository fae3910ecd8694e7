"""What the shim tells a phone of its configuration: plain values for one JSON object, no longer than one datagram."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.config.blf_items import Behavior, BlfItem, BlfSheet, Indicator
    from harness.config.contacts import Action, Contact, Phonebook
    from harness.config.digium_phone import DigiumPhoneConfig, Phone

MAX_CONTACTS_SENT = 200
"""Contacts of one phone in its configuration; a phone subscribes to far fewer."""
MAX_ITEMS_SENT = 400
"""Keys of one phone; none has more."""
MAX_ACTIONS_SENT = 16
"""Of one contact; so many headers may one of them have."""
MAX_BYTES_SENT = 60_000
"""Of the whole; a datagram holds 65,507, with the headers of the MESSAGE."""

Fields = dict[str, Any]


def phone_configuration(
    config: DigiumPhoneConfig, phone: Phone, books: Iterable[Phonebook], sheet: BlfSheet | None
) -> tuple[Fields, list[str]]:
    """The fields of a phone's configuration, and in words what had to be left out."""
    fields: Fields = {
        "phone": phone.name,
        "name": phone.full_name or phone.name,
        "lines": [_line(config, ref.name) for ref in phone.lines],
        "statuses": [
            {
                "status": each.status,
                "substatuses": [ref.name for ref in each.substatuses],
                "send486": each.send486,
            }
            for each in config.statuses(phone)
        ],
        "alerts": [
            {"alert_info": alert.alert_info, "ring_type": alert.ring_type}
            for ref in phone.alerts
            if (alert := config.alerts.get(ref.name)) is not None
        ],
        "blf_contact_group": phone.blf_contact_group,
        "contacts_max_subscriptions": phone.contacts_max_subscriptions,
        "blf_unused_linekeys": phone.flag("blf_unused_linekeys", True),
    }
    room = _Room(MAX_BYTES_SENT - _size(fields))
    contacts = [contact for book in books for contact in book.contacts]
    fields["contacts"] = room.fill(map(_contact, contacts[:MAX_CONTACTS_SENT]))
    if sheet is not None:
        fields["blf_items"] = _sheet(sheet, room)
    left_out = _left_out("contacts", contacts, fields["contacts"])
    if sheet is not None:
        left_out += _left_out("Smart BLF items", sheet.items, fields["blf_items"].get("items", ()))
    return fields, left_out


def _left_out(what: str, had: Sequence[object], sent: Sequence[object]) -> list[str]:
    missing = len(had) - len(sent)
    return [f"{missing} of {len(had)} {what} are left out"] if missing else []


class _Room:
    """How many bytes are left."""

    def __init__(self, left: int) -> None:
        self.left = left

    def fill(self, rows: Iterable[Fields]) -> list[Fields]:
        """As many rows as there is room for, the first first."""
        kept: list[Fields] = []
        for row in rows:
            self.left -= _size(row) + 1
            if self.left < 0:
                break
            kept.append(row)
        return kept


def _size(row: Fields) -> int:
    return len(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))


def _line(config: DigiumPhoneConfig, name: str) -> dict[str, str]:
    line = config.lines.get(name)
    label = line.line_label if line else ""
    exten = line.exten if line else ""
    return {"name": name, "label": label or exten or name, "exten": exten, "mailbox": line.mailbox if line else ""}


def _contact(contact: Contact) -> Fields:
    numbers = sorted(contact.numbers, key=lambda number: not number.primary)
    actions = contact.actions[:MAX_ACTIONS_SENT]
    fields: Fields = {
        "id": contact.id,
        "name": contact.name,
        "group": contact.group,
        "account_id": contact.account_id,
        "subscribe_to": contact.subscribe_to,
        "where": str(contact.where),
        "dial": numbers[0].dial if numbers else contact.account_id,
    }
    if pickup := contact.attributes.get("pickup_action"):
        fields["pickup_action"] = pickup
    if actions:
        fields["actions"] = [_action(action) for action in actions]
    return fields


def _action(action: Action) -> Fields:
    fields: Fields = {"id": action.id, "dial": action.attributes.get("dial_prefix", "") + action.dial}
    if label := action.attributes.get("name") or action.attributes.get("label"):
        fields["label"] = label
    if action.headers:
        fields["headers"] = dict(list(action.headers.items())[:MAX_ACTIONS_SENT])
    return fields


# Smart BLF


def _sheet(sheet: BlfSheet, room: _Room) -> Fields:
    """The items; the rules that several of them share are written once."""
    if sheet.fault:
        return {"fault": sheet.fault}
    behaviors, indicators = _Rules(), _Rules()
    rows = (_item(item, behaviors, indicators) for item in sheet.items[:MAX_ITEMS_SENT])
    items = room.fill(_counted(rows, room, behaviors, indicators))
    return {"items": items, "behaviors": behaviors.rows, "indicators": indicators.rows}


def _counted(rows: Iterable[Fields], room: _Room, *rules: _Rules) -> Iterator[Fields]:
    """The rows, with the room that their new rules take."""
    taken = 0
    for row in rows:
        size = sum(each.size for each in rules)
        room.left -= size - taken
        taken = size
        yield row


class _Rules:
    """Lists of rules, each once."""

    def __init__(self) -> None:
        self.rows: list[Fields] = []
        self.size = 0
        self._numbers: dict[tuple[Behavior | Indicator, ...], int] = {}

    def number(self, rules: Sequence[Behavior | Indicator]) -> int:
        """The number of a list."""
        key = tuple(rules)
        if key not in self._numbers:
            self._numbers[key] = len(self.rows)
            row = {"rules": [{name: value for name, value in asdict(rule).items() if value} for rule in rules]}
            self.rows.append(row)
            self.size += _size(row) + 1
        return self._numbers[key]


def _item(item: BlfItem, behaviors: _Rules, indicators: _Rules) -> Fields:
    said = {"contact_id": item.contact_id, "app_id": item.app_id, "node": item.node, "paging": item.paging}
    fields: Fields = {"where": str(item.where), "location": item.location, "index": item.index}
    fields |= {name: value for name, value in said.items() if value}
    if item.behaviors:
        fields["behaviors"] = behaviors.number(item.behaviors)
    if item.indicators:
        fields["indicators"] = indicators.number(item.indicators)
    return fields
