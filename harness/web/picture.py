"""What is drawn of a phone, as plain values, and the difference of two of them.

All of it is what the phone itself shows and knows; nothing is remembered here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from phones.models import MODELS, parse_user_agent

if TYPE_CHECKING:
    from phones.phone import Phone
    from phones.provisioning import PhoneConfiguration
    from phones.screen import Contact, Screen

Plain = dict[str, Any]

NESTED = ("contacts", "lines", "calls")
"""Parts of a picture that are told entry by entry."""
FEW_KEYS = 6
"""Keys beside the screen that a phone is drawn with where its model tells of none."""


def picture_of(phone: Phone, loss: float = 0.0) -> Plain:
    """A phone as it stands; `loss` is the part of its datagrams that is lost, 0 to 1."""
    return {
        **model_of(phone.settings.agent),
        **configured(phone.configuration),
        **shown(phone.screen),
        "on": phone.switched_on,
        "settled": phone.settled,
        "loss": loss,
        "dark": _dark(phone),
        "can_call": hasattr(phone, "call"),
    }


def model_of(agent: str) -> Plain:
    """Model and firmware family, from the User-Agent that the phone sends."""
    told = parse_user_agent(agent)
    if told is None:
        return {"model": "", "brand": "", "family": "", "agent": agent, "keys": FEW_KEYS}
    model = told.model or MODELS.get(told.model_name)
    keys = (model.side_keys or 0) if model is not None else 0
    return {"model": told.model_name, "brand": told.brand, "family": told.family, "agent": agent, "keys": keys}


def configured(configuration: PhoneConfiguration | None) -> Plain:
    """What the phone was told: its line's number, and what its Status app offers."""
    if configuration is None:
        return {"number": "", "statuses": []}
    first = configuration.lines[0] if configuration.lines else None
    return {
        "number": (first.exten or first.name) if first else "",
        "statuses": [
            {"status": each.status, "substatuses": list(each.substatuses), "send486": each.send486}
            for each in configuration.statuses
        ],
    }


def shown(screen: Screen) -> Plain:
    """What a person sees on the screen."""
    return {
        "title": screen.title,
        "own": {"status": screen.status.status, "substatus": screen.status.substatus,
                "message": screen.status.message},
        "lines": dict(screen.lines),
        "contacts": {name: _contact(contact) for name, contact in screen.contacts.items()},
        "order": list(screen.contacts),
        "calls": {str(name): _call(view) for name, view in getattr(screen, "calls", {}).items()},
    }  # fmt: skip


def _contact(contact: Contact) -> Plain:
    return {
        "name": contact.name, "number": _number(contact.subscribe_to), "presence": contact.presence,
        "subtype": contact.subtype, "message": contact.message, "lamp": contact.lamp,
    }  # fmt: skip


def _number(subscribe_to: str) -> str:
    """What to dial for a contact."""
    user = subscribe_to.removeprefix("sip:").partition("@")[0]
    return user.removeprefix("auto_hint_")


def _call(view: Any) -> Plain:
    return {name: getattr(view, name, "") for name in ("id", "line", "direction", "state", "number", "name")}


def _dark(phone: Phone) -> Plain:
    """Why the contacts that have no subscription have none, by their id."""
    found: Plain = {}
    for name in phone.screen.contacts:
        view = phone.subscription_of(name)
        if view is not None and view.state != "active":
            found[name] = f"{view.state}: {view.status or ''} {view.reason}".replace(":  ", ": ").strip(": ")
    return found


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
