"""The hop at which the road of a change ended, and why, in one sentence read off the trace."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.scenario.conditions import TextMatch
from harness.scenario.invariants import read
from harness.scenario.matches import KeyMatch, SubscriptionMatch, ViewMatch
from harness.scenario.target import ACTIVE, RoadMap
from harness.sip.message import Request
from phones.keys import CONTACT

if TYPE_CHECKING:
    from harness.net.trace import Event
    from harness.scenario.matches import Match
    from harness.scenario.story import Story

HOPS = ("press", "message", "dpma", "core", "hint", "notify", "screen")
"""The road in order, as sentences name it."""

_TUPLE = b"<digium_presence"
_Hop = Callable[[], "RoadEnd | None"]
_USER = re.compile(r"(?:sips?:)?([^@;>]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RoadEnd:
    """`hop` is one of HOPS, or '' where there is no road to speak of."""

    hop: str
    why: str

    def __str__(self) -> str:
        return f"{self.hop}: {self.why}" if self.hop else self.why


def road_end(match: Match | None, story: Story, roadmap: RoadMap | None = None) -> RoadEnd | None:
    """Where the road to what a match asks for ended; None for a match that is about no contact."""
    if isinstance(match, KeyMatch):
        return _key_end(match, story, roadmap)
    if not isinstance(match, ViewMatch | SubscriptionMatch):
        return None
    return _Road(match, story, roadmap or RoadMap()).end()


def _key_end(match: KeyMatch, story: Story, roadmap: RoadMap | None) -> RoadEnd | None:
    """The road to a key's lamp is that of the contact's; without a key it ended at the phone."""
    key = match.found(story)
    if key is not None:
        view = ViewMatch(match.phone, key.name, {"lamp": TextMatch("")})
        return road_end(view, story, roadmap) if key.kind == CONTACT else None
    said = [event.payload for event in story.trace.events if event.hop == "note" and event.source == match.phone
            and isinstance(event.payload, Mapping)]  # fmt: skip
    for note in said:
        if note.get("what") == "no key" and note.get("contact") == match.key:
            return RoadEnd("screen", f"{match.phone} has no key for {match.key}: {note.get('why')}{_place(note)}")
    for note in said:
        if note.get("what") in ("blf items not loaded", "no keys for contacts"):
            return RoadEnd("screen", f"{match.phone}: {note.get('what')}: {note.get('why')}")
    return RoadEnd("screen", f"{match.phone} has no key for {match.key}") if story.target.phones else None


class _Road:
    """The events since the last acting step, looked at hop by hop."""

    def __init__(self, match: ViewMatch | SubscriptionMatch, story: Story, roadmap: RoadMap) -> None:
        self.story, self.trace, self.map = story, story.trace, roadmap
        self.events = story.since_mark()
        self.phone = match.phone
        self.contact = story.contact_id(match.phone, match.contact) if match.contact else ""
        self.acted = story.acted.partition(" ")[0]
        fields = match.fields if isinstance(match, ViewMatch) else {}
        self.subscription_asked = isinstance(match, SubscriptionMatch)
        self.of_presence = isinstance(match, ViewMatch) and fields.keys() != {"lamp"}
        """Whether it is presence that was asked for; the road of a lamp does not begin with a press."""

    def end(self) -> RoadEnd | None:
        upstream, hint = self._upstream()
        for step in upstream:
            if (found := step()) is not None:
                return found
        refusal = self._no_subscription()
        if refusal is not None or self.subscription_asked:
            return refusal  # where the subscription stands, and something else was asked for, no road has ended
        return hint() or self._notify() or self._screen()

    def _upstream(self) -> tuple[tuple[_Hop, ...], _Hop]:
        """The hops that what was done goes through before the hints, and how the hints are looked at."""
        if self.acted == "status" and self.of_presence:
            return (self._press, self._message, self._dpma, self._core), self._hint
        if (self.acted == "set_presence" and self.of_presence) or self.acted == "set_device":
            return (self._core,), self._hint
        if self.acted == "call" and self.of_presence and any(said.get("provider") for _, said in self._of("core")):
            return (self._core,), self._hint  # a dialplan set it
        return (), self._bare_hint

    def _of(self, hop: str) -> list[tuple[Event, Mapping[str, object]]]:
        return [(event, event.payload) for event in self.events
                if event.hop == hop and isinstance(event.payload, Mapping)]  # fmt: skip

    def _requests(self, method: bytes, hop: str, source: str = "", destination: str = "") -> list[Event]:
        found = []
        for event in self.events:
            if event.hop != hop or not isinstance(event.payload, bytes) or not event.payload.startswith(method + b" "):
                continue
            if source and self.trace.name_of(event.source) != source:
                continue
            if not destination or self.trace.name_of(event.destination) == destination:
                found.append(event)
        return found

    # press and MESSAGE

    @property
    def _presses(self) -> list[tuple[Event, Mapping[str, object]]]:
        return [(event, said) for event, said in self._of("press") if "status" in said]

    def _press(self) -> RoadEnd | None:
        """A press that nothing followed is no press; without a press the road begins at the core."""
        return None if self._presses else RoadEnd("press", "the phone did nothing when its status was picked")

    def _message(self) -> RoadEnd | None:
        for _event, said in self._presses:
            phone = str(said.get("phone"))
            sent = self._requests(b"MESSAGE", "sip", source=phone)
            if not sent:
                return RoadEnd("message", f"{phone} sent no MESSAGE after the press")
            if self._of("dpma"):
                continue
            answer = self._answer_to(sent)
            if answer >= 300:
                return RoadEnd("message", f"the MESSAGE of {phone} was answered {answer}, and the DPMA never saw it")
            if not any(event.cause in {each.seq for each in sent} for event in self._requests(b"MESSAGE", "arrived")):
                return RoadEnd("message", f"the MESSAGE of {phone} was sent and did not arrive")
            return RoadEnd("dpma", f"the MESSAGE of {phone} arrived, and the DPMA did nothing with it")
        return None

    def _answer_to(self, sent: Iterable[Event]) -> int:
        told = [message for event in sent if (message := read(event)) is not None]
        calls = {message.call_id for message in told}
        last = 0
        for event in self.events:
            message = read(event) if event.hop == "arrived" else None
            if message is not None and not message.request and message.call_id in calls and message.status >= 200:
                last = message.status
        return last

    # the DPMA and the core

    def _dpma(self) -> RoadEnd | None:
        refused = [said for _, said in self._of("dpma") if said.get("verdict") == "refused"]
        accepted = [said for _, said in self._of("dpma") if said.get("verdict") == "accepted"]
        if refused and not accepted:
            answer = refused[-1].get("answer")
            with_answer = f" with {answer}" if answer else ""
            return RoadEnd("dpma", f"the status was refused{with_answer}: {refused[-1].get('reason')}")
        for said in accepted:
            if not self._reached_core(str(said.get("provider"))):
                where = f" ({said['where']})" if said.get("where") else ""
                what = f"{said.get('provider')}={said.get('value')}"
                return RoadEnd("dpma", f"it accepted the status and {what} was not written{where}")
        return None

    def _reached_core(self, provider: str) -> bool:
        return any(_same(said.get("provider"), provider) for _, said in self._of("core"))

    def _core(self) -> RoadEnd | None:
        told = [said for _, said in self._of("core") if said.get("provider") or said.get("device")]
        if any(said.get("what") == "published" for said in told):
            return None
        for said in reversed(told):
            who = said.get("provider") or said.get("device")
            why = said.get("why") or said.get("what")
            return RoadEnd("core", f"{who} was {said.get('what')}: {why}")
        return RoadEnd("core", "nothing was published")

    # hints

    def _hint(self) -> RoadEnd | None:
        target = self._target()
        told = [said for _, said in self._of("hint")]
        mine = [said for said in told if str(said.get("exten") or "") == target]
        if any(said.get("what") == "told" for said in mine):
            return None
        for said in mine:
            if said.get("what") in ("same presence", "same device state"):
                return RoadEnd("hint", f"{self._named(said)} shows this already ({said['what']}): nobody was told")
        return self._bare_hint() or self._stray(target)

    def _stray(self, target: str) -> RoadEnd | None:
        """What was published belongs to no hint, or to others than the one that is watched."""
        published = [said for _, said in self._of("core") if said.get("what") == "published"]
        names = ", ".join(dict.fromkeys(str(said.get("provider") or said.get("device")) for said in published))
        orphan = [said for _, said in self._of("hint") if said.get("what") == "no hint"]
        watched = f"; {self._watched(target)}" if target else ""
        if orphan:
            return RoadEnd("hint", f"no hint names {names}{watched}")
        others = [self._named(said) for _, said in self._of("hint") if said.get("what") == "told"]
        told = f"{names} reached {', '.join(dict.fromkeys(others)) or 'no hint'}"
        return RoadEnd("hint", f"{told}{watched}") if target else None

    def _watched(self, target: str) -> str:
        hint = next((each for each in self.map.hints if each.exten == target), None)
        if hint is not None:
            return f"{self.phone} watches {hint.exten}@{hint.context}, whose hint is {hint.text} ({hint.where})"
        seen = next((said for said in self._hints_seen() if said.get("exten") == target and said.get("hint")), None)
        if seen is not None:
            return f"{self.phone} watches {target}, whose hint is {seen['hint']}" + _place(seen)
        return f"{self.phone} watches {target}"

    def _bare_hint(self) -> RoadEnd | None:
        """A device reaches a hint without a presence part, a presence does not."""
        target = self._target()
        if not self.of_presence or not target:
            return None
        for said in self._hints_seen():
            if said.get("what") == "no presence part" and said.get("exten") == target:
                return RoadEnd("hint", f"{self._named(said)} has no presence part")
        for hint in self.map.hints:
            if hint.exten == target and not hint.provider:
                return RoadEnd("hint", f"the hint {hint.exten}@{hint.context} ({hint.where}) has no presence part")
        return None

    def _hints_seen(self) -> list[Mapping[str, object]]:
        """What was ever told of hints in this story, the latest first."""
        return [event.payload for event in reversed(self.trace.events)
                if event.hop == "hint" and isinstance(event.payload, Mapping)]  # fmt: skip

    def _named(self, said: Mapping[str, object]) -> str:
        return f"the hint {said.get('exten')}@{said.get('context')}{_place(said)}"

    def _target(self) -> str:
        """The extension that the phone's contact is subscribed to."""
        phone = self.story.target.phones.get(self.phone)
        if phone is None or not self.contact:
            return ""
        view = phone.subscription_of(self.contact)
        contact = phone.screen.find(self.contact)
        text = (view.target if view is not None else "") or (contact.subscribe_to if contact else "") or self.contact
        found = _USER.match(text.strip("<> "))
        return found[1] if found else text

    # subscription, NOTIFY, screen

    def _no_subscription(self) -> RoadEnd | None:
        phone = self.story.target.phones.get(self.phone)
        if phone is None or not self.contact:
            return None
        contact = phone.screen.find(self.contact)
        if contact is None:
            there = ", ".join(phone.screen.contacts) or "none"
            return RoadEnd("notify", f"{self.phone} has no contact {self.contact!r} (it has {there})")
        view = phone.subscription_of(contact.id)
        if view is None:
            return RoadEnd("notify", f"{self.phone} does not subscribe to {self.contact!r}{self._contact_place()}")
        if view.state == ACTIVE:
            return None
        answer = f" with {view.status} {view.reason}".rstrip() if view.status else ""
        server = self._refusal(self._target())
        why = f": {server}" if server else ""
        what = "was refused" if view.status >= 300 else f"is {view.state}"
        whose = f"the subscription of {self.phone} to {view.target or self.contact}"
        return RoadEnd("notify", f"{whose} {what}{answer}{why}")

    def _contact_place(self) -> str:
        mine = (each for each in self.map.contacts if (each.phone, each.id) == (self.phone, self.contact))
        return next((f" ({each.where})" for each in mine), "")

    def _refusal(self, target: str) -> str:
        """The server's own words for this phone's last SUBSCRIBE to that extension that it refused."""
        for event in reversed(self.trace.events):
            said = event.payload
            if event.hop == "pbx" and isinstance(said, Mapping) and said.get("what") == "refused":
                if self.phone in self.map.lines and said.get("endpoint") not in self.map.lines[self.phone]:
                    continue  # somebody else's
                user = _USER.match(str(said.get("uri") or said.get("exten") or ""))
                if user is not None and user[1] == target:
                    return str(said.get("reason") or "")
        return ""

    def _notifies(self) -> list[Event]:
        """The NOTIFYs for that contact that reached the phone."""
        return [event for event in self._requests(b"NOTIFY", "arrived", destination=self.phone)
                if not self.contact or self.story.contact_of_notify(event) == self.contact]  # fmt: skip

    def _notify(self) -> RoadEnd | None:
        if self._notifies():
            return None
        target = self._target()
        sent = [event for event in self._requests(b"NOTIFY", "sip", destination=self.phone)
                if f"sip:{target}@".encode() in event.payload]  # type: ignore[operator]  # fmt: skip
        if sent:
            return RoadEnd("notify", f"{len(sent)} NOTIFY to {self.phone} sent, none arrived")
        quiet = f"the server sent {self.phone} no NOTIFY"
        told = next((self._named(said) for _, said in self._of("hint")
                     if said.get("what") == "told" and said.get("exten") == target), "")  # fmt: skip
        return RoadEnd("notify", f"{told} changed, and {quiet} for it" if told else f"{quiet} for {target or 'it'}")

    def _screen(self) -> RoadEnd | None:
        """A NOTIFY came: the phone made something else of it, or nothing."""
        notifies = self._notifies()
        if not notifies:
            return None
        arrived = notifies[-1]
        account = next((event.payload for event in self.trace.since(arrived.seq)
                        if event.hop == "screen" and event.cause == arrived.seq and isinstance(event.payload, Mapping)),
                       None)  # fmt: skip
        when = f"the NOTIFY at {arrived.time:.3f} s"
        if self.of_presence and _has_no_tuple(arrived):
            return RoadEnd("notify", f"{when} has no digium_presence{self._as_whom()}")
        if account is None:
            return RoadEnd("screen", f"{self.phone} did not take {when} onto its screen")
        notes = account.get("notes")
        said = "; ".join(map(str, notes)) if isinstance(notes, list | tuple) else str(notes or "")
        shown = ", ".join(f"{name} {account[name]!r}" for name in ("presence", "subtype", "message", "lamp")
                          if account.get(name)) or "nothing"  # fmt: skip
        body = self._body(arrived)
        carried = f"; the body says {body}" if body else ""
        return RoadEnd("screen", f"{self.phone} made of {when}: {shown}{f' ({said})' if said else ''}{carried}")

    def _as_whom(self) -> str:
        """The User-Agent with which the phone subscribed: it decides over the tuple."""
        for event in reversed(self.trace.events):
            request = self.story.message(event) if event.hop == "sip" else None
            if not isinstance(request, Request) or self.trace.name_of(event.source) != self.phone:
                continue
            if request.method == "SUBSCRIBE":
                agent = request.headers.get("User-Agent")
                return f": {self.phone} subscribed as {agent or 'no User-Agent at all'}"
        return ""

    @staticmethod
    def _body(event: Event) -> str:
        """The Digium tuple of a body."""
        return shown_tuple(event.payload) if isinstance(event.payload, bytes) else ""


def shown_tuple(data: bytes) -> str:
    """The start tag of a message's Digium tuple, for reading, be its document well-formed or not; '' for none."""
    start = data.find(_TUPLE)
    end = data.find(b">", start) + 1 if start >= 0 else 0
    return data[start:end].decode("utf-8", "replace") if end else ""


def _has_no_tuple(event: Event) -> bool:
    data = event.payload
    return isinstance(data, bytes) and b"application/pidf+xml" in data and _TUPLE not in data


def _place(said: Mapping[str, object]) -> str:
    return f" ({said['where']})" if said.get("where") else ""


def _same(one: object, other: str) -> bool:
    return str(one or "").lower() == other.lower()
