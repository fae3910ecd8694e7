"""What is drawn of a phone, as plain values, and the difference of two of them.

All of it is what the phone itself shows and knows; nothing is remembered here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from phones.models import parse_user_agent
from phones.provisioning import PRIMARY
from phones.watching import NONE

if TYPE_CHECKING:
    from phones.phone import Phone
    from phones.provisioning import PhoneConfiguration

Plain = dict[str, Any]

NESTED = ("contacts", "lines", "calls")
"""Parts of a picture that are told entry by entry."""


def picture_of(phone: Phone, loss: float = 0.0) -> Plain:
    """A phone as it stands; `loss` is the part of its datagrams that is lost, 0 to 1."""
    seen = shown(phone.screen.snapshot())
    for name, number in _dials(phone.configuration).items():
        if name in seen["contacts"]:
            seen["contacts"][name]["number"] = number
    return {
        **model_of(phone.settings.agent),
        **seen,
        "statuses": _statuses(phone.configuration),
        "on": phone.switched_on,
        "loss": loss,
        "dark": _dark(phone),
    }


def model_of(agent: str) -> Plain:
    """Model and firmware family, from the User-Agent that the phone sends."""
    told = parse_user_agent(agent)
    if told is None:
        return {"model": "", "brand": "", "family": "", "agent": agent}
    return {"model": told.model_name, "brand": told.brand, "family": told.family, "agent": agent}


def _statuses(configuration: PhoneConfiguration | None) -> list[Plain]:
    """What the Status app offers."""
    return [
        {"status": each.status, "substatuses": list(each.substatuses), "send486": each.send486}
        for each in (configuration.statuses if configuration is not None else ())
    ]


def shown(screen: Mapping[str, Any]) -> Plain:
    """What a person sees, from `Screen.snapshot`, which may come from a file of anybody's."""
    keys = {(str(key.get("kind")), str(key.get("name"))): key for key in reversed(screen.get("keys") or ())}
    lines = {name: _line(state, keys.get(("line", name))) for name, state in screen["lines"].items()}
    contacts = screen["contacts"]
    return {
        "title": screen["title"],
        "own": {name: screen["status"].get(name, "") for name in ("status", "substatus", "message")},
        "lines": lines,
        "line_order": list(lines),
        "contacts": {name: _contact(each, keys.get(("contact", name))) for name, each in contacts.items()},
        "order": list(contacts),
        "calls": {str(call.get("id")): _call(call) for call in screen.get("calls") or ()},
        "messages": sum(map(_new, (screen.get("mailboxes") or {}).values())),
    }


def _line(state: object, key: Mapping[str, Any] | None) -> Plain:
    """How a line stands, with its key's label and lamp."""
    return {"state": str(state), "label": str(key.get("label") or "") if key is not None else "", "led": _led(key)}


def _contact(contact: Mapping[str, Any], key: Mapping[str, Any] | None) -> Plain:
    seen = {name: contact.get(name, "") for name in ("name", "presence", "subtype", "message", "lamp")}
    return {**seen, "number": _number(str(contact.get("subscribe_to") or "")), "led": _led(key)}


def _new(box: object) -> int:
    """New messages of a mailbox."""
    count = box.get("new") if isinstance(box, Mapping) else 0
    return count if isinstance(count, int) else 0


def _led(key: Mapping[str, Any] | None) -> list[str] | None:
    """Colour and state of a key's lamp, None where there is no key."""
    return None if key is None else [key.get("colour", ""), key.get("state", "off")]


def _dials(configuration: PhoneConfiguration | None) -> dict[str, str]:
    """What the phonebook says to dial, by the contact's id."""
    entries = reversed(configuration.contacts) if configuration is not None else ()
    found = {entry.id or entry.name or entry.subscribe_to: entry.action(PRIMARY) for entry in entries}
    return {name: action.dial for name, action in found.items() if action is not None and action.dial}


def _number(subscribe_to: str) -> str:
    """What to dial for a contact whose phonebook does not say."""
    user = subscribe_to.removeprefix("sip:").partition("@")[0]
    return user.removeprefix("auto_hint_")


def _call(view: Mapping[str, Any]) -> Plain:
    return {name: view.get(name, "") for name in ("id", "line", "direction", "state", "number", "name", "why")}


def _dark(phone: Phone) -> Plain:
    """Why the contacts that have no subscription have none, by their id."""
    found: Plain = {}
    for name in phone.screen.contacts:
        view = phone.subscription_of(name)
        if view is not None and view.state != "active":
            found[name] = why_dark(view.state, f"{view.status or ''} {view.reason}")
    return found


def why_dark(state: str, reason: str) -> str:
    """How a subscription that does not stand is told of."""
    return f"{'no subscription' if state == NONE else state}: {reason.strip()}".strip(": ")


def difference(before: Plain, after: Plain) -> Plain:
    """What to tell somebody who knows `before`; an entry of a nested part that is gone is None."""
    changed: Plain = {}
    for name, value in after.items():
        known = before.get(name)
        if value == known:
            continue
        if name in NESTED and isinstance(known, Mapping):
            entries = {key: entry for key, entry in value.items() if known.get(key) != entry}
            changed[name] = entries | {key: None for key in known if key not in value}
        else:
            changed[name] = value
    return changed
