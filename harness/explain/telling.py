"""The road of a press in lines, read off the trace: every hop that was reached, then the end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.explain.advice import Facts, advice
from harness.scenario.road import shown_tuple

if TYPE_CHECKING:
    from harness.config.contacts import Contact
    from harness.config.digium_phone import Phone
    from harness.config.folder import Configuration
    from harness.errors import Note
    from harness.net.trace import Event
    from harness.net.world import World
    from harness.targets.embedded import EmbeddedTarget

PATIENCE_S = 5.0
"""Virtual seconds that the watching phone has to show the status."""
TELLING_NOTES = frozenset(("contacts", "blf", "dangling", "refused", "value", "type", "sip"))
"""Kinds of notes that are told before the road; the others seldom keep a phone dark."""
FURTHER_NOTES = 10
"""How many of the others are told behind it."""

_START = re.compile(rb"[^\r\n]*")


@dataclass(frozen=True, slots=True)
class Explanation:
    """The road in lines, and whether it reached its end."""

    lines: tuple[str, ...]
    arrived: bool


def target_of(contact: Contact) -> str:
    """The extension that a contact subscribes to."""
    return contact.subscribe_to.removeprefix("sip:").partition("@")[0]


class Teller:
    """Makes lines of the trace."""

    def __init__(self, configuration: Configuration, presser: Phone, watcher: Phone, contact: Contact | None) -> None:
        self.configuration, self.presser, self.watcher, self.contact = configuration, presser, watcher, contact

    def without_contact(self) -> Explanation:
        """The watcher has nobody to show."""
        who = self.presser.full_name or self.presser.name
        names = ", ".join(ref.name for ref in self.watcher.contacts) or "no file"
        head = (
            *self._notes(),
            f"The road ends before it begins: {self.watcher.name} has no contact for {who}.",
            f"  {self.watcher.where}: its contacts come from {names}",
        )
        if self.watcher.contacts and not self.configuration.phonebooks.get(self.watcher.name):
            text = "What to change: none of its files of contacts could be read; the notes above say why."
            return Explanation((*head, text), False)
        lines = (
            *head,
            f"What to change: add a contact with subscribe_to=\"auto_hint_{self._line}\" to a group that",
            f"  {self.watcher.name} names with blf_contact_group, and reconfigure the phone.",
        )
        return Explanation(lines, False)

    def _notes(self, notes: Sequence[Note] | None = None) -> Iterator[str]:
        """What was found wrong in the files and may well be the answer already."""
        notes = self.configuration.notes if notes is None else notes
        return (f"note: {note}" for note in notes if note.kind in TELLING_NOTES)

    def _further_notes(self, notes: Sequence[Note]) -> Iterator[str]:
        """The others, which seldom keep a phone dark, behind the answer."""
        further = [note for note in notes if note.kind not in TELLING_NOTES]
        yield from (f"note: {note}" for note in further[:FURTHER_NOTES])
        if len(further) > FURTHER_NOTES:
            yield f"and {len(further) - FURTHER_NOTES} more notes, which `dpma-harness serve --config` tells"

    @property
    def _line(self) -> str:
        return self.presser.lines[0].name if self.presser.lines else self.presser.name

    def tell(self, world: World, target: EmbeddedTarget, arrived: bool, road: str) -> Explanation:
        """Every hop that was reached, then the end."""
        press = next((event for event in world.trace.events if event.hop == "press"), None)
        notes = target.notes
        lines = list(self._notes(notes))
        digium = self.configuration.digium_phone
        if digium is not None and len(target.phones) < len(digium.phones):
            lines.append(f"note: of the {len(digium.phones)} phones only {' and '.join(target.phones)} take part here")
        lines += [] if press is None else self._unoffered(press)
        lines += [] if press is None else list(self._hops(world, target, press))
        if arrived:
            lines.append(f"{self.watcher.name} shows it.")
        else:
            hop, _, why = road.partition(": ")
            lines.append(f"The road ends at the hop `{hop}`: {why}.")
            lines += [f"What to change: {text}" for text in advice(hop, why, self._facts(target))]
        lines += self._further_notes(notes)
        return Explanation(tuple(lines), arrived)

    def _hops(self, world: World, target: EmbeddedTarget, press: Event) -> Iterator[str]:
        trace = world.trace
        began = press.time
        caused = {press.seq}
        for event in trace.since(press.seq - 1):
            if event.time - began >= PATIENCE_S:
                return  # from here on the phones take their leave
            if event.seq != press.seq and event.cause not in caused:
                continue  # something else that happens meanwhile
            caused.add(event.seq)
            text = self._hop(world, target, event)
            if text:
                hop = "message" if event.hop == "arrived" else event.hop
                yield f"{(event.time - began) * 1000:7.1f} ms  {hop:<7}  {text}"
            if event.hop == "screen" and self._mine(event):
                return

    def _unoffered(self, press: Event) -> list[str]:
        """A substatus that the phone has none of may be asked for all the same: the road is the same."""
        said = press.payload
        digium = self.configuration.digium_phone
        assert isinstance(said, Mapping)
        assert digium is not None
        offered = {each.status.lower(): each.substatuses for each in digium.statuses(self.presser)}
        names = [ref.name for ref in offered.get(str(said["status"]).lower(), ())]
        if not said.get("substatus") or said["substatus"] in names:
            return []
        listed = ", ".join(names) or "none"
        return [f"note: {self.presser.name} offers no substatus {said['substatus']!r} there ({listed})"]

    def _mine(self, event: Event) -> bool:
        said = event.payload
        return isinstance(said, Mapping) and said.get("phone") == self.watcher.name

    def _hop(self, world: World, target: EmbeddedTarget, event: Event) -> str:
        said = event.payload
        if event.hop == "arrived" and isinstance(said, bytes):
            return self._message(world, event, said)
        if not isinstance(said, Mapping):
            return ""
        tell = {
            "press": self._press,
            "dpma": self._dpma,
            "core": self._core,
            "hint": self._hint,
            "screen": self._screen,
        }.get(event.hop)
        return tell(said) if tell else ""

    def _press(self, said: Mapping[str, Any]) -> str:
        text = f" / {said['substatus']}" if said.get("substatus") else ""
        return f"{said['phone']} picks {said['status']}{text}  ({self.presser.where})"

    def _message(self, world: World, event: Event, data: bytes) -> str:
        start = (_START.match(data) or [b""])[0].decode("utf-8", "replace")
        source, destination = (world.trace.name_of(place) for place in (event.source, event.destination))
        if start.startswith("MESSAGE"):
            return f"{source} -> {destination}: {start.removesuffix(' SIP/2.0')}"
        if start.startswith("NOTIFY") and destination == self.watcher.name:
            return f"{source} -> {destination}: NOTIFY with {shown_tuple(data) or 'no digium_presence'}"
        return ""

    def _dpma(self, said: Mapping[str, Any]) -> str:
        if said.get("verdict") == "accepted":
            line = f"{said['phone']} has line={said['line']} ({said['where']})"
            return f"{line}: {said['provider']} is set to {said['value']}"
        return f"refused with {said.get('answer')}: {said.get('reason')}" if said.get("verdict") == "refused" else ""

    def _core(self, said: Mapping[str, Any]) -> str:
        if said.get("what") == "published" and said.get("provider"):
            text = f", subtype {said['subtype']!r}" if said.get("subtype") else ""
            return f"{said['provider']} is {said['state']}{text}"
        return f"{said.get('provider')}: {said['what']} ({said.get('why')})" if said.get("what") == "refused" else ""

    def _hint(self, said: Mapping[str, Any]) -> str:
        place = f"  ({said['where']})" if said.get("where") else ""
        if said.get("what") == "told":
            return f"{said['exten']}@{said['context']} = {said['hint']}{place}: {said['watchers']} watching"
        if said.get("what") == "same presence":
            return f"{said['exten']}@{said['context']} shows that already{place}"
        if said.get("what") == "no hint":
            return f"no hint names {said.get('provider') or said.get('device')}"
        return ""

    def _screen(self, said: Mapping[str, Any]) -> str:
        if said.get("phone") != self.watcher.name:
            return ""
        parts = [f"{name} {said[name]!r}" for name in ("presence", "subtype", "message", "lamp") if said.get(name)]
        return f"{said['phone']} shows {said.get('contact')}: {', '.join(parts) or 'nothing'}"

    def _facts(self, target: EmbeddedTarget) -> Facts:
        contact = self.contact
        assert contact is not None
        wanted = target_of(contact)
        server = target.assembly.server
        own = [server.pjsip.endpoints[ref.name] for ref in self.watcher.lines if ref.name in server.pjsip.endpoints]
        elsewhere = [
            f"[{hint.context}] ({hint.where})"
            for hint in server.core.hints.listing()
            if hint.exten == wanted and hint.where
        ]
        return Facts(
            presser=self.presser.name,
            watcher=self.watcher.name,
            line=self._line,
            target=wanted,
            contact_at=str(contact.where),
            group_at=str(self.watcher.where),
            endpoint=own[0].name if own else "",
            context=(own[0].subscribe_context or own[0].context) if own else "",
            endpoint_at=str(own[0].where) if own else "",
            elsewhere=", ".join(elsewhere),
            most=self.watcher.contacts_max_subscriptions,
            agent=target.phones[self.watcher.name].settings.agent if self.watcher.name in target.phones else "",
        )
