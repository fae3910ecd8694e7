"""`dpma-harness explain`: one press on one phone, told hop by hop, to what another phone shows or to where it ended."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.config.folder import Configuration, read_folder
from harness.errors import InputError, Location, Note
from harness.net.world import World
from harness.scenario.conditions import TextMatch
from harness.scenario.matches import ViewMatch
from harness.scenario.model import Scenario, Step
from harness.scenario.result import PASSED
from harness.scenario.road import shown_tuple
from harness.scenario.runner import blank_result, tell_virtual
from harness.scenario.steps.expect import Expect
from harness.scenario.steps.status import Status
from harness.targets.embedded import EmbeddedTarget

if TYPE_CHECKING:
    from harness.config.contacts import Contact
    from harness.config.digium_phone import Phone
    from harness.dpma import ShimOptions
    from harness.net.trace import Event

PATIENCE_S = 5.0
"""Virtual seconds that the watching phone has to show the status."""
SEED = 1
MOST_PHONES = 40
"""Of more than so many, each of which may watch all others, only the two that are asked for take part."""
SUGGESTED = 3
TELLING_NOTES = frozenset(("contacts", "blf", "dangling", "refused", "value", "type", "sip"))
"""Kinds of notes that are told before the road; the others seldom keep a phone dark."""
FURTHER_NOTES = 10
"""How many of the others are told behind it."""

_START = re.compile(rb"[^\r\n]*")


@dataclass(frozen=True, slots=True)
class Question:
    """Who presses what, and who watches."""

    folder: Path
    presser: str
    watcher: str
    status: str = ""
    substatus: str = ""
    sip_as_pjsip: bool = False
    shim: ShimOptions | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The road in lines, and whether it reached its end."""

    lines: tuple[str, ...]
    arrived: bool


def explain(question: Question) -> Explanation:
    """Run the press on the embedded core; raises InputError where the question or the files make no sense."""
    configuration = read_folder(question.folder)
    presser = _phone(configuration, question.presser)
    watcher = _phone(configuration, question.watcher)
    status, substatus = _status(configuration, presser, question)
    contact = _contact(configuration, presser, watcher)
    teller = _Teller(configuration, presser, watcher, contact)
    if contact is None:
        return teller.without_contact()
    world = World.simulated(SEED)
    scenario = _scenario(question, presser.name, watcher.name, contact.id or contact.subscribe_to, status, substatus)
    result = blank_result(scenario, "explain", SEED, 0, False)
    only = _taking_part(configuration, presser, watcher)
    told = tell_virtual(
        scenario, result,
        lambda w: EmbeddedTarget(
            configuration, w, only=only, options=question.shim, sip_as_pjsip=question.sip_as_pjsip
        ),
        world,
    )  # fmt: skip
    broken = next((f for f in result.failures if f.kind in ("error", "input", "target")), None)
    if broken is not None:
        raise InputError(broken.message, None, "the configuration cannot be run")
    road = next((f.road for f in result.failures if f.road), "")
    target = told.target
    assert isinstance(target, EmbeddedTarget)
    return teller.tell(world, target, result.verdict == PASSED, road)


def _taking_part(configuration: Configuration, presser: Phone, watcher: Phone) -> list[str] | None:
    """The phones that are switched on: all, or of very many the two that count."""
    digium = configuration.digium_phone
    many = digium is not None and len(digium.phones) > MOST_PHONES
    return [presser.name, watcher.name] if many else None


# what was asked


def _phone(configuration: Configuration, name: str) -> Phone:
    """A phone by its section, a line of its or the name of its user."""
    digium = configuration.digium_phone
    if digium is None:
        where = Location(str(configuration.path))
        raise InputError("there is no res_digium_phone.conf", where, "phones are written there")
    if name in digium.phones:
        return digium.phones[name]
    for phone in digium.phones.values():
        if name in (ref.name for ref in phone.lines) or name.lower() == phone.full_name.lower():
            return phone
    near = difflib.get_close_matches(name, digium.phones, SUGGESTED)
    advice = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(digium.phones) or 'none'}"
    raise InputError(f"no type=phone is named {name!r}", Location(str(configuration.path)), advice)


def _status(configuration: Configuration, phone: Phone, question: Question) -> tuple[str, str]:
    """The status asked for, or the first that is not `available`, with its first substatus."""
    digium = configuration.digium_phone
    assert digium is not None
    offered = digium.statuses(phone)
    if question.status:
        return question.status, question.substatus
    if not offered:
        return "away", question.substatus
    chosen = next((each for each in offered if each.status != "available"), offered[0])
    substatus = question.substatus or (chosen.substatuses[0].name if chosen.substatuses else "")
    return chosen.status, substatus


def _contact(configuration: Configuration, presser: Phone, watcher: Phone) -> Contact | None:
    """The watcher's contact that stands for the presser, for its first line before others."""
    digium = configuration.digium_phone
    assert digium is not None
    contacts = [c for book in configuration.phonebooks.get(watcher.name, ()) for c in book.contacts]
    for ref in presser.lines:
        line = digium.lines.get(ref.name)
        found = _contact_of(ref.name, {ref.name, line.exten if line else ""} - {""}, contacts)
        if found is not None:
            return found
    return next((c for c in contacts if c.name.lower() == presser.full_name.lower()), None)


def _contact_of(line: str, names: set[str], contacts: Sequence[Contact]) -> Contact | None:
    """The contact that stands for a line: by what it subscribes to, else by its account or number."""
    asks: tuple[Callable[[Contact], bool], ...] = (
        lambda c: _target(c) == f"auto_hint_{line}" or _target(c) in names,
        lambda c: c.account_id in names,
        lambda c: any(number.dial in names for number in c.numbers) or any(a.dial in names for a in c.actions),
    )
    return next((c for ask in asks for c in contacts if ask(c)), None)


def _target(contact: Contact) -> str:
    return contact.subscribe_to.removeprefix("sip:").partition("@")[0]


def _scenario(
    question: Question, presser: str, watcher: str, contact: str, status: str, substatus: str
) -> Scenario:
    where = Location(str(question.folder))
    wanted = {"presence": TextMatch(status)}
    expected = Expect((ViewMatch(watcher, contact, wanted),), PATIENCE_S)
    steps = (
        Step("status", True, Status(presser, status, substatus), f"status: {presser} {status}", where),
        Step("expect", False, expected, f"expect: {watcher} shows it", where),
    )
    return Scenario("explain", "explain", question.folder, steps, where)


# the road in lines


class _Teller:
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
            advice = "What to change: none of its files of contacts could be read; the notes above say why."
            return Explanation((*head, advice), False)
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
        wanted = _target(contact)
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


@dataclass(frozen=True, slots=True)
class Facts:
    """What advice may name."""

    presser: str
    watcher: str
    line: str
    target: str
    contact_at: str
    group_at: str
    endpoint: str
    context: str
    endpoint_at: str
    elsewhere: str
    agent: str
    most: int | None


def advice(hop: str, why: str, facts: Facts) -> list[str]:
    """What to do about a road that ended there; the first rule that fits."""
    provider = f"CustomPresence:{facts.line}"
    silent = hop == "notify" and (" is none" in why or "does not subscribe" in why)
    rules: tuple[tuple[bool, str], ...] = (
        (
            hop == "hint" and "no presence part" in why,
            f"give the hint a presence part: a comma and {provider} at its end, then `dialplan reload`.",
        ),
        (
            hop == "hint" and ("no hint names" in why or "reached" in why),
            f"let the hint of {facts.target} name {provider} (the name after line=, not the phone's name).",
        ),
        (
            hop == "notify" and "404" in why and bool(facts.elsewhere),
            f"{facts.target} has a hint in {facts.elsewhere}, and endpoint {facts.endpoint} ({facts.endpoint_at}) "
            f"looks in [{facts.context}]: set subscribe_context there, or include that context.",
        ),
        (
            hop == "notify" and "404" in why,
            f"add `exten => {facts.target},hint,PJSIP/{facts.line},{provider}` to [{facts.context}], "
            f"or let the contact ({facts.contact_at}) subscribe to auto_hint_{facts.line}.",
        ),
        (
            hop == "notify" and "603" in why,
            f"set allow_subscribe=yes for endpoint {facts.endpoint} ({facts.endpoint_at}).",
        ),
        (
            silent and facts.most == 0,
            f"{facts.watcher} may not subscribe at all: contacts_max_subscriptions=0 ({facts.group_at}).",
        ),
        (
            silent and bool(facts.most and facts.target),
            f"{facts.watcher} may have {facts.most} subscriptions (contacts_max_subscriptions, {facts.group_at}): "
            f"let it have more, or put the contact ({facts.contact_at}) before others.",
        ),
        (
            silent and not facts.target,
            f"give the contact ({facts.contact_at}) a subscribe_to, such as auto_hint_{facts.line}.",
        ),
        (
            silent,
            f"let {facts.watcher} ({facts.group_at}) name the contact's group with blf_contact_group, and give the "
            f"contact ({facts.contact_at}) a subscribe_to.",
        ),
        (
            hop == "message" and "401" in why,
            f"the server does not know line {facts.line}, or not with this password: give it an endpoint with an auth "
            "in pjsip.conf, under the name after line=.",
        ),
        (
            hop == "message" and "sent no MESSAGE" in why,
            f"phone {facts.presser} has no line that can speak: give its type=phone section a line= with an endpoint.",
        ),
        (
            hop == "dpma" and "not one of the statuses" in why,
            f"add an application=status section for it to phone {facts.presser}, or pick one that it offers.",
        ),
        (
            hop == "screen" and "no digium_presence" in why,
            f"presence goes only to a User-Agent with Digium or Sangoma in it; this one is {facts.agent!r}.",
        ),
    )
    return [text for fits, text in rules if fits][:1]
