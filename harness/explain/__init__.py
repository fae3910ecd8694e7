"""`dpma-harness explain`: one press on one phone, told hop by hop, to what another phone shows or to where it ended."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.config.folder import Configuration, read_folder
from harness.errors import InputError, Location
from harness.explain.telling import PATIENCE_S, Explanation, Teller, target_of
from harness.net.world import World
from harness.scenario.conditions import TextMatch
from harness.scenario.matches import ViewMatch
from harness.scenario.model import Scenario, Step
from harness.scenario.result import PASSED
from harness.scenario.runner import blank_result, tell_virtual
from harness.scenario.steps.expect import Expect
from harness.scenario.steps.status import Status
from harness.targets.embedded import EmbeddedTarget

if TYPE_CHECKING:
    from harness.config.contacts import Contact
    from harness.config.digium_phone import Phone
    from harness.dpma import ShimOptions

SEED = 1
MOST_PHONES = 40
"""Of more than so many, each of which may watch all others, only the two that are asked for take part."""
SUGGESTED = 3


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


def explain(question: Question) -> Explanation:
    """Run the press on the embedded core; raises InputError where the question or the files make no sense."""
    configuration = read_folder(question.folder)
    presser = _phone(configuration, question.presser)
    watcher = _phone(configuration, question.watcher)
    status, substatus = _status(configuration, presser, question)
    contact = _contact(configuration, presser, watcher)
    teller = Teller(configuration, presser, watcher, contact)
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
        lambda c: target_of(c) == f"auto_hint_{line}" or target_of(c) in names,
        lambda c: c.account_id in names,
        lambda c: any(number.dial in names for number in c.numbers) or any(a.dial in names for a in c.actions),
    )
    return next((c for ask in asks for c in contacts if ask(c)), None)


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
