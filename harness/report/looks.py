"""The phones' screens around the steps of a story: what stood there, in lines, and what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from harness.report.screens import Screens
from harness.scenario.result import ShownEvent
from phones.screen import PRESENCE_WORDS

Screen = Mapping[str, Any]
"""As `phones.screen.Screen.snapshot` gives it; not changed once it is there."""
Standing = dict[str, Screen]
"""By the names of phones; one that is off is not in it."""


class Change(NamedTuple):
    """What became different on a screen: whose line it stands on, and how that read before and after."""

    who: str
    before: str
    after: str


def after(events: Iterable[ShownEvent], screens: Screens, before: Standing) -> Standing:
    """What stands after events, which `screens` takes; what they do not change is the same object as before."""
    touched = dict.fromkeys(filter(None, map(screens.take, events)))
    now = dict(before)
    for phone in touched:
        if phone in screens.on:
            now[phone] = {name: _copied(part) for name, part in screens.phones[phone].items()}
        else:
            now.pop(phone, None)
    return now


def _copied(part: Any) -> Any:
    """A part of a screen that stays as it is: what is changed in place is two levels deep."""
    if isinstance(part, dict):
        return {name: dict(each) if isinstance(each, dict) else each for name, each in part.items()}
    return [dict(each) if isinstance(each, dict) else each for each in part] if isinstance(part, list) else part


def _part(screen: Screen, name: str) -> Mapping[str, Any]:
    part = screen.get(name)
    return part if isinstance(part, Mapping) else {}


def _entries(screen: Screen, name: str) -> list[Mapping[str, Any]]:
    part = screen.get(name)
    return [each for each in part if isinstance(each, Mapping)] if isinstance(part, list) else []


# for reading

class Line(NamedTuple):
    """One line of a screen: a sign by the name of what it stands for ('' for none), who, and what is shown."""

    who: str
    shown: str
    sign: str = ""


def lines(screen: Screen) -> Iterator[Line]:
    """A screen as lines: the person's own status, lines, contacts, calls, keys that are lit."""
    own = _part(screen, "status")
    yield Line("Me", _person(own.get("status"), own.get("substatus"), own.get("message")) or "–")
    for name, state in _part(screen, "lines").items():
        yield Line(f"line {name}", str(state))
    for contact_id, contact in _part(screen, "contacts").items():
        if not isinstance(contact, Mapping):
            continue
        name = str(contact.get("name") or contact_id)
        shown = _person(contact.get("presence"), contact.get("subtype"), contact.get("message"))
        lamp = str(contact.get("lamp") or "")
        who = name if name == contact_id else f"{name} ({contact_id})"
        yield Line(who, ", ".join(filter(None, (shown, lamp.replace("_", " ")))) or "–", lamp or "dark")
    for call in _entries(screen, "calls"):
        if call.get("state") != "ended":
            who = " ".join(str(call[name]) for name in ("name", "number") if call.get(name))
            yield Line(f"call {call.get('direction') or ''}".rstrip(), f"{who or '–'}, {call.get('state')}")
    for name, waiting in _part(screen, "mailboxes").items():
        if isinstance(waiting, Mapping):
            yield Line(f"mailbox {name}", f"{waiting.get('new')} new, {waiting.get('old')} old")
    for key in _entries(screen, "keys"):
        if key.get("colour") or key.get("ring"):
            rings = ", rings" if key.get("ring") else ""
            look = f"{key.get('colour')} {key.get('state')}{rings}"
            yield Line(f"key {key.get('place')}", f"{key.get('label') or '–'}: {look}")


def _person(state: object, subtype: object, message: object) -> str:
    word = PRESENCE_WORDS.get(str(state or ""), str(state or ""))
    text = f"{word} / {subtype}" if subtype else word
    return f"{text} “{message}”" if message else text


def changes(before: Screen | None, now: Screen | None) -> list[Change]:
    """What reads differently; a phone that went off or came on has one change."""
    if before is None or now is None:
        return [Change("the phone", "off" if before is None else "on", "off" if now is None else "on")]
    old = {line.who: line.shown for line in lines(before)}
    new = {line.who: line.shown for line in lines(now)}
    return [Change(who, old.get(who, "–"), new.get(who, "–"))
            for who in dict.fromkeys((*old, *new)) if old.get(who) != new.get(who)]  # fmt: skip
