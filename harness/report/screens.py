"""The phones' screens as a trace tells of them: what each person saw at any point of it.

A phone writes its whole screen down when it is switched on and when it is configured; what comes later changes it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from phones.screen import REFUSED, REGISTERED, SEEN, UNREGISTERED

if TYPE_CHECKING:
    from harness.scenario.result import ShownEvent

Plain = dict[str, Any]

ON, WHOLE = "switched on", ("switched on", "phonebook")
OFF = ("switched off", "plug pulled")
_NO_SUBSCRIPTIONS, _NO_SUBSCRIPTION, _SUBSCRIPTION = "no subscriptions", "no subscription", "subscription "
_LINE = "line "
_CALL = ("line", "direction", "state", "number", "name", "why")
_KEY = ("colour", "state", "ring", "fgcolor", "bgcolor")


class Screens:
    """All screens, in the form of `Screen.snapshot`, and which phones have power."""

    def __init__(self) -> None:
        self.phones: dict[str, Plain] = {}
        self.on: set[str] = set()
        self.dark: dict[str, dict[str, tuple[str, str]]] = {}
        """By phone and contact ('' for all others): the state of a subscription that does not stand, and why."""

    def take(self, event: ShownEvent) -> str:
        """Change the screens as the event says; gives the phone that looks different, '' for none."""
        said = event.payload
        if not isinstance(said, Mapping):
            return ""
        if event.hop == "note":
            return self._noted(event.source, said)
        return self._changed(event.source, said) if event.hop == "screen" else ""

    def _noted(self, phone: str, said: Mapping[str, Any]) -> str:
        what = str(said.get("what") or "")
        if what in (*OFF, ON):
            self.dark.pop(phone, None)
        if what in WHOLE and isinstance(said.get("screen"), Mapping):
            self.phones[phone] = _whole(phone, said["screen"])
            self.on.add(phone)
        elif what in OFF:
            self.on.discard(phone)
            self.phones[phone] = _empty(phone)
        elif what.startswith(_LINE) and said.get("line"):
            state = what.removeprefix(_LINE)
            shown = state if state in (REGISTERED, REFUSED) else UNREGISTERED
            self._of(phone)["lines"][str(said["line"])] = shown
        else:
            self._darkened(phone, what, said)
            return ""
        return phone

    def _darkened(self, phone: str, what: str, said: Mapping[str, Any]) -> None:
        if what in (_NO_SUBSCRIPTIONS, _NO_SUBSCRIPTION):
            state = "none"
        elif what.startswith(_SUBSCRIPTION):
            state = what.removeprefix(_SUBSCRIPTION).replace("ended", REFUSED)
        else:
            return
        self.dark.setdefault(phone, {})[str(said.get("contact") or "")] = state, str(said.get("why") or "")

    def _changed(self, phone: str, said: Mapping[str, Any]) -> str:
        screen = self._of(phone)
        contact = str(said.get("contact") or "")
        if contact:
            self.dark.get(phone, {}).pop(contact, None)
            known = screen["contacts"].setdefault(contact, {"id": contact, "name": contact, "subscribe_to": ""})
            known |= {name: str(said.get(name) or "") for name in SEEN}
        elif said.get("call"):
            view = {"id": str(said["call"]), **{name: str(said.get(name) or "") for name in _CALL}}
            screen["calls"] = [call for call in screen["calls"] if call.get("id") != view["id"]] + [view]
        elif said.get("mailbox"):
            screen["mailboxes"][str(said["mailbox"])] = {name: said.get(name) or 0 for name in ("new", "old")}
        elif "status" in said:
            screen["status"] = {name: str(said.get(name) or "") for name in ("status", "substatus", "message")}
        keys = said.get("keys")
        for lit in keys if isinstance(keys, list) else ():
            if isinstance(lit, Mapping):
                self._light(screen, lit)
        return phone

    @staticmethod
    def _light(screen: Plain, lit: Mapping[str, Any]) -> None:
        for key in screen["keys"]:
            if key.get("place") == lit.get("place"):
                key |= {name: lit[name] for name in _KEY if name in lit}

    def _of(self, phone: str) -> Plain:
        """A phone's screen; one that is not known before it changes was on already."""
        if phone not in self.phones:
            self.phones[phone] = _empty(phone)
            self.on.add(phone)
        return self.phones[phone]


def _whole(phone: str, screen: Mapping[str, Any]) -> Plain:
    """A screen as it was written down, with parts of the right kind: a trace may come from anywhere."""
    whole = _empty(phone)
    for name, part in copy.deepcopy(dict(screen)).items():
        if isinstance(part, type(whole.get(name, part))):
            whole[name] = part
    whole["contacts"] = {name: contact for name, contact in whole["contacts"].items() if isinstance(contact, dict)}
    for name in ("keys", "calls"):
        whole[name] = [each for each in whole[name] if isinstance(each, dict)]
    return whole


def _empty(phone: str) -> Plain:
    return {"title": phone, "status": {}, "lines": {}, "contacts": {}, "keys": [], "calls": [], "mailboxes": {}}
