"""The DPMA shim: who may set what, what is written, and what is told of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.config.folder import Configuration
from harness.core import PresenceCore
from harness.core.store import MemoryStore
from harness.dialplan.plan import Dialplan
from harness.dpma import ShimOptions
from harness.dpma.bodies import MAX_REQUEST_BYTES, read_configuration
from phones.provisioning import write_status
from tests.dpma.shim_desk import Shim, write_folder

MakeShim = Callable[..., Shim]


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    """The phones of the small configuration."""
    return write_folder(tmp_path_factory.mktemp("dpma"))


@pytest.fixture
def make_shim(configuration: Configuration) -> MakeShim:
    """Makes a shim with options."""
    return lambda **options: Shim(configuration, **options)


@pytest.fixture
def shim(make_shim: MakeShim) -> Shim:
    """A shim as it is by default."""
    return make_shim()


def body(**fields: object) -> bytes:
    """A status of bob's with some fields changed; None takes one out."""
    told = {"dpma-harness": 1, "method": "status", "phone": "bob", "status": "away", "substatus": "", **fields}
    return json.dumps({name: value for name, value in told.items() if value is not ...}).encode()


def status(phone: str, name: str, substatus: str = "") -> bytes:
    """The MESSAGE of a press."""
    return write_status(phone, name, substatus)


# what is taken


def test_a_status_is_written_to_the_first_line_of_its_phone(shim: Shim) -> None:
    """CustomPresence has the name after the first line=, and the trace is told where that stands."""
    assert shim.press("away", "Lunch") == (200, "OK", None)
    assert shim.writes == [("CustomPresence:2000", "away,Lunch,")]
    where = "res_digium_phone.conf:36"
    said = {"phone": "bob", "line": "2000", "provider": "CustomPresence:2000", "value": "away,Lunch,", "where": where}
    assert shim.told == [("accepted", said)]


def test_lines_all_writes_every_line_of_the_phone_in_order(make_shim: MakeShim) -> None:
    """With lines=all each line= has its own provider, and each write is told."""
    shim = make_shim(options=ShimOptions(lines="all"))
    assert shim.press("dnd").status == 200
    assert shim.writes == [("CustomPresence:2000", "dnd"), ("CustomPresence:2050", "dnd")]
    assert [(verdict, said["line"]) for verdict, said in shim.told] == [("accepted", "2000"), ("accepted", "2050")]


def test_any_line_of_a_phone_may_speak_for_it(shim: Shim) -> None:
    """The second line's account sets the status too, of the first line."""
    assert shim.press("away", account="2050").status == 200
    assert shim.writes == [("CustomPresence:2000", "away")]


@pytest.mark.parametrize("spelled", ["AWAY", "Away", "aWaY"])
def test_a_status_is_known_in_any_case_and_written_in_lower_case(shim: Shim, spelled: str) -> None:
    """What is written is the application's own spelling, whatever the phone's."""
    assert shim.press(spelled).status == 200
    assert shim.writes == [("CustomPresence:2000", "away")]


@pytest.mark.parametrize("content_type", ["text/plain", "Text/Plain", "text/plain;charset=UTF-8", " text/plain ; a=b"])
def test_plain_text_is_taken_in_any_spelling(shim: Shim, content_type: str) -> None:
    """Case, blanks and parameters of the content type do not matter."""
    assert shim.send(status("bob", "away"), content_type=content_type).status == 200


# what is refused

DEEP = b"[" * 3000
STRANGE = "'sleep' is not one of the statuses of phone 'bob' (away, dnd, sleeping)"

REFUSALS = {
    "a phone that is not there": ("2000", status("bo", "away"), 404, "no type=phone is named 'bo'"),
    "a phone in another case": ("2000", status("Bob", "away"), 404, "no type=phone is named 'Bob'"),
    "another's phone": ("1000", status("bob", "away"), 403, "account '1000' is not a line of phone 'bob'"),
    "another's configuration": (
        "1000", body(method="configuration"), 403, "account '1000' is not a line of phone 'bob'"),
    "a phone without lines": ("2000", status("nobody", "away"), 403, "account '2000' is not a line of phone 'nobody'"),
    "no account": ("", status("nobody", "away"), 403, "account '' is not a line of phone 'nobody'"),
    "a status that no section offers": ("2000", status("bob", "sleep"), 488, STRANGE),
    "a status with a blank": ("2000", status("bob", "away "), 488, STRANGE.replace("sleep'", "away '")),
    "no status": ("2000", body(status=...), 488, STRANGE.replace("sleep'", "'")),
    "a status of an application of another kind": ("2000", status("bob", "xa"), 488, STRANGE.replace("sleep'", "xa'")),
    "a status of a phone that offers none": (
        "2001", status("carol", "away"), 488, "'away' is not one of the statuses of phone 'carol' (none)"),
    "a value in the place of a status": (
        "2000", status("bob", "away,Lunch"), 488, STRANGE.replace("sleep'", "away,Lunch'")),
    "256 bytes": ("2000", status("bob", "away", "x" * 256), 413, "the substatus has more than 255 bytes of UTF-8"),
    "256 bytes of another language": (
        "2000", status("bob", "away", "é" * 128), 413, "the substatus has more than 255 bytes of UTF-8"),
    "nothing": ("2000", b"", 400, "the body is not a JSON object in UTF-8"),
    "plain words": ("2000", b"away", 400, "the body is not a JSON object in UTF-8"),
    "bytes that are not UTF-8": ("2000", b"\xff" + body(), 400, "the body is not a JSON object in UTF-8"),
    "half an object": ("2000", body()[:-1], 400, "the body is not a JSON object in UTF-8"),
    "a list": ("2000", b"[]", 400, "the body is not a JSON object in UTF-8"),
    "a number": ("2000", b"9" * 4000, 400, "the body is not a JSON object in UTF-8"),
    "brackets without end": ("2000", DEEP, 400, "the body is not a JSON object in UTF-8"),
    "no version": ("2000", b"{}", 400, "the body does not say dpma-harness: 1"),
    "another version": ("2000", body(**{"dpma-harness": 2}), 400, "the body does not say dpma-harness: 1"),
    "no method": ("2000", body(method=...), 400, "the method None is not known"),
    "another method": ("2000", body(method="Status"), 400, "the method 'Status' is not known"),
    "no phone": ("2000", body(phone=...), 400, "phone, status and substatus are texts"),
    "a phone that is no text": ("2000", body(phone=2000), 400, "phone, status and substatus are texts"),
    "a status that is no text": ("2000", body(status=None), 400, "phone, status and substatus are texts"),
    "a substatus that is no text": ("2000", body(substatus=["Lunch"]), 400, "phone, status and substatus are texts"),
    "a NUL": ("2000", body(substatus="Lun\0ch"), 400, "a text holds a NUL character"),
    "a body that is too long": (
        "2000", body(more="x" * MAX_REQUEST_BYTES), 400, f"the body has more than {MAX_REQUEST_BYTES} bytes"),
}  # fmt: skip
UNREADABLE = {name for name, (_, _, answer, _) in REFUSALS.items() if answer == 400}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_writes_nothing_says_why_and_is_told(make_shim: MakeShim, name: str) -> None:
    """A 4xx with a reason, one line on the trace with the same, and no line of the phone changes."""
    account, sent, answer, why = REFUSALS[name]
    shim = make_shim(options=ShimOptions(lines="all"))
    reply = shim.send(sent, account)
    assert (reply.status, reply.message) == (answer, None)
    assert reply.reason
    assert reply.reason.isascii()
    assert shim.writes == []
    (verdict, said), *more = shim.told
    assert (verdict, more) == ("refused", [])
    assert (said["account"], said["answer"], said["reason"]) == (account, answer, why)
    asked = {} if name in UNREADABLE else {key: json.loads(sent).get(key, "") for key in ("phone", "status")}
    assert {key: said[key] for key in ("phone", "status") if key in said} == asked


REASONS = {
    400: "Bad Request", 403: "Not Your Phone", 404: "No Such Phone", 413: "Substatus Too Long",
    488: "Not One Of Its Statuses",
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_the_reason_phrase_tells_what_was_wrong(shim: Shim, name: str) -> None:
    """The phone's display has nothing but the answer's words."""
    account, sent, answer, _ = REFUSALS[name]
    assert shim.send(sent, account).reason == REASONS[answer]


@pytest.mark.parametrize("content_type", ["", "application/json", "text/html", "text", "text/plainer", "x;text/plain"])
def test_another_content_type_is_refused_whatever_the_body(shim: Shim, content_type: str) -> None:
    """The body is not even looked at, and the trace is told of the type."""
    assert shim.send(status("bob", "away"), content_type=content_type) == (415, "Unsupported Media Type", None)
    assert shim.writes == []
    said = {"account": "2000", "answer": 415, "reason": f"a body of type {content_type}"}
    assert shim.told == [("refused", said)]


def test_255_bytes_are_taken(shim: Shim) -> None:
    """The limit is of bytes of UTF-8: 127 letters of two bytes and one of one fit."""
    text = "é" * 127 + "x"
    assert shim.press("away", text).status == 200
    assert shim.writes == [("CustomPresence:2000", f"away,{text},")]


def test_what_the_core_does_not_take_is_an_error_of_the_server(make_shim: MakeShim) -> None:
    """An application's status may be none of Asterisk's: the phone is told 500, and the trace both times."""
    shim = make_shim(refused="CustomPresence:2000")
    reply = shim.press("sleeping")
    assert reply == (500, "Presence Not Written", None)
    assert shim.writes == []
    assert [verdict for verdict, _ in shim.told] == ["accepted", "refused"]
    assert shim.told[1][1]["reason"] == "CustomPresence:2000 could not be written"


# the configuration of a phone


def test_a_phone_gets_its_own_configuration(shim: Shim) -> None:
    """Lines with their labels, the offered statuses with substatuses and send486, nothing of other phones."""
    reply = shim.ask("bob", "2050")
    assert (reply.status, reply.reason) == (200, "OK")
    assert reply.message is not None
    told = read_configuration(reply.message)
    assert told["phone"] == told["name"] == "bob"
    assert told["lines"] == [
        {"name": "2000", "label": "2000", "exten": "", "mailbox": ""},
        {"name": "2050", "label": "50", "exten": "50", "mailbox": ""},
    ]
    assert told["statuses"] == [
        {"status": "away", "substatuses": ["Lunch", "Back soon"], "send486": False},
        {"status": "dnd", "substatuses": [], "send486": True},
        {"status": "sleeping", "substatuses": [], "send486": False},
    ]
    assert (told["contacts"], told["blf_contact_group"], told["contacts_max_subscriptions"]) == ([], "", None)
    assert shim.told == [("configuration", {"phone": "bob", "account": "2050"})]


def test_a_phone_gets_its_contacts_with_their_places(shim: Shim) -> None:
    """What it may subscribe to, and where that is written, for sentences about a road."""
    reply = shim.ask("reception", "1000")
    assert reply.message is not None
    told = read_configuration(reply.message)
    assert (told["name"], told["lines"][0]["label"]) == ("Reception", "Front desk")
    assert (told["blf_contact_group"], told["contacts_max_subscriptions"]) == ("Office", 12)
    contact = {"id": "bob", "name": "Bob", "group": "Office", "account_id": "2000", "dial": "2000"}
    assert told["contacts"] == [{**contact, "subscribe_to": "auto_hint_2000", "where": "contacts.xml:3"}]


def test_asking_for_a_configuration_writes_nothing(shim: Shim) -> None:
    """A question changes nothing."""
    shim.ask("bob", "2000")
    assert shim.writes == []


# hints


class Hints:
    """Remembers the hints; knows the contexts of some endpoints."""

    def __init__(self, **contexts: str) -> None:
        self.contexts = contexts
        self.added: list[tuple[str, str, str]] = []

    def add_hint(self, context: str, exten: str, text: str) -> None:
        """Remember it."""
        self.added.append((context, exten, text))

    def context_of(self, peer: str) -> str | None:
        """Where an endpoint subscribes."""
        return self.contexts.get("_" + peer)


def auto_hint(context: str, peer: str) -> tuple[str, str, str]:
    """What is made for a peer."""
    return (context, f"auto_hint_{peer}", f"PJSIP/{peer},CustomPresence:{peer}")


def test_every_line_of_a_phone_gets_one_hint_in_the_context_of_its_endpoint(shim: Shim) -> None:
    """A line that two phones share gets one, a line that has no phone none."""
    hints = Hints(_1000="front", _2000="office", _2050="office", _2001="lab")
    made = shim.shim.make_hints(hints)
    assert hints.added == [
        auto_hint("front", "1000"), auto_hint("office", "2000"), auto_hint("office", "2050"), auto_hint("lab", "2001"),
    ]  # fmt: skip
    assert made == [exten for _, exten, _ in hints.added]
    assert shim.told == []


def test_a_line_without_an_endpoint_gets_no_hint_and_it_is_told(shim: Shim) -> None:
    """There is no context to put it in."""
    hints = Hints(_1000="front", _2001="lab")
    assert shim.shim.make_hints(hints) == ["auto_hint_1000", "auto_hint_2001"]
    reason = "no endpoint is named %s: no auto hint for it"
    assert shim.told == [("refused", {"peer": peer, "reason": reason % peer}) for peer in ("2000", "2050")]


def test_auto_hint_context_puts_all_hints_there_with_and_without_an_endpoint(make_shim: MakeShim) -> None:
    """The option rules over the endpoints' own contexts."""
    shim = make_shim(options=ShimOptions(auto_hint_context="hints"))
    hints = Hints(_1000="front")
    shim.shim.make_hints(hints)
    assert hints.added == [auto_hint("hints", peer) for peer in ("1000", "2000", "2050", "2001")]
    assert shim.told == []


def test_a_hint_that_was_made_shows_what_is_written(configuration: Configuration) -> None:
    """In a dialplan with nothing in it the hint is found, with its device and its presence."""
    plan = Dialplan()
    core = PresenceCore(MemoryStore(), plan)
    core.start()
    shim = Shim(configuration)

    class PlanHints(Hints):
        def add_hint(self, context: str, exten: str, text: str) -> None:
            plan.add_hint(context, exten, text)

    shim.shim.make_hints(PlanHints(_2000="office"))
    core.hints.load()
    told: list[Any] = []
    assert core.hints.watch("office", "auto_hint_2000", lambda note: told.append(note.presence)) is not None
    shim.press("away", "Lunch")
    core.presence.write(*shim.writes[0])
    assert [(presence.state.token, presence.subtype) for presence in told] == [("away", "Lunch")]


def test_options_have_the_likeliest_defaults() -> None:
    """The first line, and each peer's own context."""
    assert (ShimOptions().lines, ShimOptions().auto_hint_context) == ("first", None)


def test_places_are_named_from_the_folder(shim: Shim, configuration: Configuration) -> None:
    """No path of the machine gets onto the trace."""
    shim.press("away")
    assert Path(shim.told[0][1]["where"]).parent == Path()
    assert str(configuration.path) not in str(shim.told)
