"""The subscriber of RFC 6665, against a notifier that is played by hand.

    alice                         server
      | SUBSCRIBE ------------------> |        ('>600' in a script's outcome: Expires 600)
      | <------------------- 200, 481 |        ('<200' in a script)
      | <---------------------- NOTIFY|        ('n:active')
      | 200 ------------------------> |        (told only where it is another: '=489')
"""

from __future__ import annotations

import random
from math import inf
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.sip.client import Client
from harness.sip.dialog import Dialog
from harness.sip.digest import Account, Challenger, Credentials, Verdict, secret_hash
from harness.sip.flow import Flow
from harness.sip.headers import Headers
from harness.sip.identifiers import Identifiers
from harness.sip.message import Request, Response, parse_message, response_to
from harness.sip.notify import Notify, retry_after
from harness.sip.stack import Stack
from harness.sip.subscription import BACK_OFF_FIRST, BACK_OFF_LONGEST, REFRESH_MARGIN, Subscriber, Target
from harness.sip.subscription_table import (
    RULES,
    TERMINATED_REASONS,
    SubscriptionEvent,
    SubscriptionState,
    answer_event,
    terminated_event,
)
from harness.sip.timers import Timers

US, THEM = ("10.0.0.1", 5060), ("10.0.0.2", 5060)
FLOW = Flow("UDP", US, THEM)
TARGET = Target(
    "sip:2000@10.0.0.2", "<sip:alice@10.0.0.2>", "<sip:alice@10.0.0.1>", accept=("application/pidf+xml",), expires=600
)


class Watcher:
    """A subscriber whose server is the script; `events` tells what came of it."""

    def __init__(self, target: Target = TARGET) -> None:
        self.timers = Timers()
        self.events: list[str] = []
        self.notes: list[Notify] = []
        self.asked: list[Request] = []
        self.answers: list[Response] = []
        self._seen: set[bytes] = set()
        self._cseq = 0
        self.stack = Stack(self.timers, Identifiers(random.Random(1)), self._send)
        self.subscriber = Subscriber(Client(self.stack), target, FLOW, self.notes.append, self._state)

    def _note(self, what: str) -> None:
        self.events.append(f"{what}@{round(self.timers.now, 6):g}")

    def _state(self, _subscriber: Subscriber, state: SubscriptionState, reason: str) -> None:
        self._note(state.value)
        self.reason = reason

    def _send(self, _flow: Flow, data: bytes) -> None:
        message = parse_message(data)
        if isinstance(message, Response):
            self.answers.append(message)
            if message.status != 200:
                self._note(f"={message.status}")
        elif data not in self._seen:
            self._seen.add(data)
            self.asked.append(message)
            self._note(f">{message.expires}")

    def run(self, script: str) -> str:
        for step in script.split():
            if step.startswith("+"):
                self.elapse(float(step))
            elif step.startswith("<"):
                self.answer(step[1:])
            elif step.startswith("n:"):
                self.notify(step[2:])
            else:
                getattr(self.subscriber, step)()
        return " ".join(self.events)

    def elapse(self, seconds: float) -> None:
        end = self.timers.now + seconds
        while (due := self.timers.next_due()) is not None and due <= end + 1e-9:
            self.timers.advance(due)
        self.timers.advance(end)

    def answer(self, step: str, to: int = -1, tag: str = "server", contact: str = "<sip:10.0.0.2>") -> None:
        """`200`, `200:300` with Expires, `423:900` with Min-Expires, `503;30` with Retry-After."""
        text, _, later = step.partition(";")
        status, _, number = text.partition(":")
        request = self.asked[to]
        response = response_to(request, int(status), to_tag=tag)
        if status == "200":
            response.headers.add("Expires", number or request.headers.get("Expires") or "")
            if contact:
                response.headers.add("Contact", contact)
        elif number:
            response.headers.add("Min-Expires", number)
        if later:
            response.headers.add("Retry-After", later)
        self.stack.receive(FLOW, response.encode())

    def notify(
        self,
        state: str,
        *,
        tag: str = "server",
        event: str = "presence",
        method: str = "NOTIFY",
        contact: str = "<sip:10.0.0.2>",
        cseq: int | None = None,
        call: int = -1,
    ) -> None:
        self._cseq = self._cseq + 1 if cseq is None else cseq
        subscribe = self.asked[call]
        rows = [
            ("Via", f"SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bKn{self._cseq}{tag}"),
            ("From", f"<sip:2000@10.0.0.2>;tag={tag}"),
            ("To", subscribe.headers.get("From") or ""),
            ("Call-ID", subscribe.call_id),
            ("CSeq", f"{self._cseq} {method}"),
        ]
        named = {"Event": event, "Subscription-State": state, "Contact": contact}
        rows += [(name, value) for name, value in named.items() if value]
        self.stack.receive(FLOW, Request(method, "sip:alice@10.0.0.1", Headers(rows)).encode())


STANDING = "start <200 n:active"
STOOD = ">600@0 notify-wait@0 active@0"

SCRIPTS = {
    "the usual course": (
        f"{STANDING} +590 <200 n:active +590 <200 n:active +5 stop <200 n:terminated",
        f"{STOOD} >600@590 >600@1180 >0@1185 ending@1185 ended@1185",
    ),
    "NOTIFY before the 200": ("start n:active <200 +590", ">600@0 notify-wait@0 active@0 >600@590"),
    "the 200 is lost, the NOTIFY is there": (
        "start n:active +34", ">600@0 notify-wait@0 active@0 waiting@32 >600@34 notify-wait@34"
    ),
    "pending first": ("start <200 n:pending n:active n:pending stop <200 n:terminated",
                      ">600@0 notify-wait@0 pending@0 active@0 pending@0 >0@0 ending@0 ended@0"),
    "no NOTIFY comes (timer N)": ("start <200 +33.1", ">600@0 notify-wait@0 waiting@32 >600@33 notify-wait@33"),
    "no NOTIFY after a refresh": (f"{STANDING} +590 <200 +33",
                                  f"{STOOD} >600@590 waiting@622 >600@623 notify-wait@623"),
    "the server chooses a shorter time": ("start <200:60 n:active +50", f"{STOOD} >600@50"),
    "a very short time is refreshed half-way": ("start <200:8 n:active +4", f"{STOOD} >600@4"),
    "next to no time at all": ("start <200:0 n:active +1", f"{STOOD} >600@1"),
    "a NOTIFY shortens the time": (f"{STANDING} n:active;expires=100 +90", f"{STOOD} >600@90"),
    "a NOTIFY that rounds the time changes nothing": (f"{STANDING} n:active;expires=599 +590", f"{STOOD} >600@590"),
    "too brief, with Min-Expires": ("start <423:900 <200 n:active +890",
                                    ">600@0 notify-wait@0 >900@0 active@0 >900@890"),
    "too brief, as Asterisk says it": ("start <423 <200 n:active", ">600@0 notify-wait@0 >3600@0 active@0"),
    "too brief for ever": ("start <423 <423", ">600@0 notify-wait@0 >3600@0 ended@0"),
    "too brief at a refresh": (f"{STANDING} +590 <423:700 <200 n:active +690",
                               f"{STOOD} >600@590 >700@590 >700@1280"),
    "pending, too brief at a refresh": ("start <200 n:pending +590 <423:700 <200 n:pending",
                                        ">600@0 notify-wait@0 pending@0 >600@590 >700@590"),
    "refused": ("start <404 +4000", ">600@0 notify-wait@0 ended@0"),
    "refused, and asked again": ("start <403 start <200 n:active",
                                 ">600@0 notify-wait@0 ended@0 >600@0 notify-wait@0 active@0"),
    "refused at a refresh": (f"{STANDING} +590 <404 +4000", f"{STOOD} >600@590 ended@590"),
    "a refresh fails, the subscription runs out": (f"{STANDING} +590 <400 +11",
                                                   f"{STOOD} >600@590 waiting@600 >600@600.01 notify-wait@600.01"),
    "pending, a refresh fails": ("start <200 n:pending +590 <400 +11", ">600@0 notify-wait@0 pending@0 >600@590"
                                 " waiting@600 >600@600.01 notify-wait@600.01"),
    "nobody answers the refresh": (f"{STANDING} +590 +11", f"{STOOD} >600@590 waiting@600 >600@600.01"
                                   " notify-wait@600.01"),
    "the dialog is gone: a new one at once": (f"{STANDING} +590 <481 +1 <200 n:active",
                                              f"{STOOD} >600@590 waiting@590 >600@590.01 notify-wait@590.01"
                                              " active@591"),
    "pending, the dialog is gone": ("start <200 n:pending +590 <481", ">600@0 notify-wait@0 pending@0 >600@590"
                                    " waiting@590"),
    "the server is in trouble: a new dialog later": (f"{STANDING} +590 <503 +3",
                                                     f"{STOOD} >600@590 waiting@590 >600@592 notify-wait@592"),
    "the server says when to come back": (f"{STANDING} +590 <503;120 +121",
                                          f"{STOOD} >600@590 waiting@590 >600@710 notify-wait@710"),
    "ever more seldom": ("start <500 +1 <500 +2 <500 +4 <500 +8",
                         ">600@0 notify-wait@0 waiting@0 >600@1 notify-wait@1 waiting@1 >600@3 notify-wait@3 waiting@3"
                         " >600@7 notify-wait@7 waiting@7 >600@15 notify-wait@15"),
    "a server that was down": ("start +33 <200 n:active", ">600@0 notify-wait@0 waiting@32 >600@33 notify-wait@33"
                               " active@33"),
    "a start cuts the wait short": ("start <500;100 +5 start <200 n:active",
                                    ">600@0 notify-wait@0 waiting@0 >600@5 notify-wait@5 active@5"),
    "a refresh that works forgives earlier failures": (
        "start <500 +1 <200 n:active +590 <200 n:active n:terminated;reason=timeout +0.02",
        ">600@0 notify-wait@0 waiting@0 >600@1 notify-wait@1 active@1 >600@591 waiting@591 >600@591.01"
        " notify-wait@591.01"),
    "pending, terminated: deactivated, giveup, rejected": (
        "start <200 n:pending n:terminated;reason=deactivated +0.02 <200 n:pending n:terminated;reason=giveup +2"
        " <200 n:pending n:terminated;reason=rejected",
        ">600@0 notify-wait@0 pending@0 waiting@0 >600@0.01 notify-wait@0.01 pending@0.02 waiting@0.02 >600@2.02"
        " notify-wait@2.02 pending@2.02 ended@2.02"),
    "terminated at once does not make a storm": (
        "start n:terminated;reason=timeout +0.02 n:terminated;reason=timeout +2 n:terminated;reason=timeout +4",
        ">600@0 notify-wait@0 waiting@0 >600@0.01 notify-wait@0.01 waiting@0.02 >600@2.02 notify-wait@2.02"
        " waiting@2.02 >600@6.02 notify-wait@6.02"),
    "terminated without a reason, as Asterisk": (f"{STANDING} n:terminated +1",
                                                 f"{STOOD} waiting@0 >600@1 notify-wait@1"),
    "terminated before anything else": ("start n:terminated;reason=noresource", ">600@0 notify-wait@0 ended@0"),
    "terminated first, with Retry-After": ("start n:terminated;reason=probation;retry-after=40 +41",
                                           ">600@0 notify-wait@0 waiting@0 >600@40 notify-wait@40"),
    "terminated for good": (f"{STANDING} n:terminated;reason=rejected +4000", f"{STOOD} ended@0"),
    "pending, no NOTIFY after a refresh": ("start <200 n:pending +590 <200 +33", ">600@0 notify-wait@0 pending@0"
                                           " >600@590 waiting@622 >600@623 notify-wait@623"),
    "pending, refused": ("start <200 n:pending +590 <404", ">600@0 notify-wait@0 pending@0 >600@590 ended@590"),
    "stop before anything": ("stop stop", "ended@0"),
    "stop while waiting": ("start <500 stop +100", ">600@0 notify-wait@0 waiting@0 ended@0"),
    "stop before the answer": ("start stop stop <200 n:active n:pending n:terminated",
                               ">600@0 notify-wait@0 leaving@0 >0@0 ending@0 ended@0"),
    "stop during a refresh": (f"{STANDING} +590 stop n:active n:pending <200 stop n:terminated",
                              f"{STOOD} >600@590 leaving@590 >0@590 ending@590 ended@590"),
    "pending, stop during a refresh that fails": ("start <200 n:pending +590 stop <400 <200 n:terminated",
                                                  ">600@0 notify-wait@0 pending@0 >600@590 leaving@590 >0@590"
                                                  " ending@590 ended@590"),
    "stop, and the first answer is a refusal": ("start stop <404", ">600@0 notify-wait@0 leaving@0 ended@0"),
    "stop, and the first answer is too brief": ("start stop <423", ">600@0 notify-wait@0 leaving@0 ended@0"),
    "stop, and nobody answers": ("start stop +33", ">600@0 notify-wait@0 leaving@0 ended@32"),
    "stop, and the server is in trouble": ("start stop <503", ">600@0 notify-wait@0 leaving@0 ended@0"),
    "stop, and it runs out first": (f"{STANDING} +590 stop +11", f"{STOOD} >600@590 leaving@590 ended@600"),
    "stop, and it is terminated meanwhile": (
        "start stop n:terminated;reason=timeout start stop n:terminated start stop n:terminated;reason=rejected",
        " ".join([">600@0 notify-wait@0 leaving@0 ended@0"] * 3)),
    "stop without a dialog": ("start <200 stop <200 n:terminated", ">600@0 notify-wait@0 >0@0 ending@0 ended@0"),
    "the last NOTIFY does not come": (f"{STANDING} stop <200 +33", f"{STOOD} >0@0 ending@0 ended@32"),
    "the last NOTIFY comes before the 200": (f"{STANDING} stop n:terminated;reason=timeout <200 +4000",
                                             f"{STOOD} >0@0 ending@0 ended@0"),
    "the last NOTIFY says more than it need": (f"{STANDING} stop <200 n:terminated;reason=rejected",
                                               f"{STOOD} >0@0 ending@0 ended@0"),
    "nobody knows what to end": (f"{STANDING} stop <481", f"{STOOD} >0@0 ending@0 ended@0"),
    "the end is refused": (f"{STANDING} stop stop <404", f"{STOOD} >0@0 ending@0 ended@0"),
    "the end is too brief": (f"{STANDING} stop <423", f"{STOOD} >0@0 ending@0 ended@0"),
    "the end is not understood": (f"{STANDING} stop <200 stop <200", f"{STOOD} >0@0 ending@0"),
    "the end meets a bad request": (f"{STANDING} stop <400", f"{STOOD} >0@0 ending@0 ended@0"),
    "a refresh before it is due": (f"{STANDING} +5 refresh_now refresh_now <200 n:active +590",
                                   f"{STOOD} >600@5 >600@595"),
    "a refresh before there is a dialog": ("start refresh_now", ">600@0 notify-wait@0"),
    "a refresh before the first NOTIFY": ("start <200:20 +10 <400 +11 <500",
                                          ">600@0 notify-wait@0 >600@10 waiting@20 >600@20.01 notify-wait@20.01"
                                          " waiting@21"),
    "start twice": ("start start <200 n:active start", STOOD),
    "pending, start does nothing": ("start n:pending <200 start stop", ">600@0 notify-wait@0 pending@0 >0@0 ending@0"),
    "power lost": (f"{STANDING} abandon +4000", STOOD),
}  # fmt: skip


@pytest.mark.parametrize(("script", "outcome"), SCRIPTS.values(), ids=SCRIPTS.keys())
def test_a_subscription_follows_its_table(script: str, outcome: str) -> None:
    """Each step brings about what RFC 6665 says, at the time it says."""
    assert Watcher().run(script) == outcome


CANNOT = {
    # START is told only where something can be started; the others of a state have no timer, request or dialog then.
    SubscriptionState.IDLE: set(SubscriptionEvent) - {SubscriptionEvent.START, SubscriptionEvent.STOP},
    SubscriptionState.ENDED: set(SubscriptionEvent) - {SubscriptionEvent.START, SubscriptionEvent.STOP},
    SubscriptionState.WAITING: set(SubscriptionEvent)
    - {SubscriptionEvent.START, SubscriptionEvent.STOP, SubscriptionEvent.RETRY},
    SubscriptionState.NOTIFY_WAIT: {SubscriptionEvent.START, SubscriptionEvent.RETRY},
    SubscriptionState.PENDING: {SubscriptionEvent.START, SubscriptionEvent.RETRY},
    SubscriptionState.ACTIVE: {SubscriptionEvent.START, SubscriptionEvent.RETRY},
    # A request is under way, so it is STOP_LATER that comes; a start takes nothing back; refreshes wait.
    SubscriptionState.LEAVING: {
        SubscriptionEvent.START, SubscriptionEvent.RETRY, SubscriptionEvent.STOP, SubscriptionEvent.REFRESH
    },
    SubscriptionState.ENDING: {
        SubscriptionEvent.START, SubscriptionEvent.RETRY, SubscriptionEvent.REFRESH, SubscriptionEvent.EXPIRED
    },
}  # fmt: skip


@pytest.mark.parametrize("state", SubscriptionState)
def test_every_state_and_event_has_a_rule_or_means_nothing(state: SubscriptionState) -> None:
    """The table is whole: what has no rule is named here."""
    assert {event for event in SubscriptionEvent if (state, event) not in RULES} == CANNOT[state]
    assert all(step.clause for step in RULES.values())


def test_every_rule_is_exercised_by_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    """No rule of the table stands there untried."""
    seen = set()
    happen = Subscriber._happen

    def noted(subscriber: Subscriber, event: SubscriptionEvent, reason: str) -> None:
        seen.add((subscriber.state, event))
        happen(subscriber, event, reason)

    monkeypatch.setattr(Subscriber, "_happen", noted)
    for script, _ in SCRIPTS.values():
        Watcher().run(script)
    assert set(RULES) - seen == set()


def test_the_first_subscribe_says_all_that_is_asked_for() -> None:
    """Event, Expires, Accept, Contact and the headers of the target."""
    watcher = Watcher(TARGET._replace(headers=(("User-Agent", "Digium D65 2_9_19"),)))
    watcher.run("start")
    [subscribe] = watcher.asked
    assert (subscribe.method, subscribe.uri) == ("SUBSCRIBE", "sip:2000@10.0.0.2")
    expected = {
        "Event": "presence",
        "Expires": "600",
        "Accept": "application/pidf+xml",
        "Contact": "<sip:alice@10.0.0.1>",
        "To": "<sip:2000@10.0.0.2>",
        "User-Agent": "Digium D65 2_9_19",
        "Max-Forwards": "70",
    }
    assert {name: subscribe.headers.rows(name) for name in expected} == {name: [row] for name, row in expected.items()}
    assert subscribe.from_.tag


def test_a_refresh_goes_to_the_notifier_in_the_dialog() -> None:
    """Same Call-ID and tags, CSeq one higher, to the Contact of the notifier (RFC 6665 4.1.2.2)."""
    watcher = Watcher()
    watcher.run(f"{STANDING} +590")
    first, refresh = watcher.asked
    assert refresh.call_id == first.call_id
    assert (refresh.from_.tag, refresh.to.tag) == (first.from_.tag, "server")
    assert refresh.cseq.number == first.cseq.number + 1
    assert refresh.uri == "sip:10.0.0.2"


def test_a_new_try_is_a_new_dialog() -> None:
    """Another Call-ID and From tag; a NOTIFY in the old dialog gets 481."""
    watcher = Watcher()
    watcher.run(f"{STANDING} +590 <481 +1 <200 n:active")
    first, _, again = watcher.asked
    assert again.call_id != first.call_id
    assert again.from_.tag != first.from_.tag
    watcher.notify("active", call=0)
    assert watcher.events[-1].startswith("=481")


def test_a_notify_is_told_with_what_it_says() -> None:
    """State, remaining seconds, reason and Retry-After (RFC 6665 8.2.3)."""
    watcher = Watcher()
    watcher.run("start n:Active;expires=300 n:terminated;reason=probation;retry-after=9")
    assert [note[1:] for note in watcher.notes] == [
        ("active", 300, "", None),
        ("terminated", None, "probation", 9),
    ]
    assert watcher.notes[0].request.method == "NOTIFY"


def test_whoever_is_told_may_answer_the_notify() -> None:
    """A phone that cannot read a body says so; the subscription stays."""
    watcher = Watcher()
    watcher.subscriber._on_notify = lambda note: note.transaction.reply(415)
    watcher.run("start <200 n:active")
    assert [answer.status for answer in watcher.answers] == [415]
    assert watcher.subscriber.state is SubscriptionState.ACTIVE


def test_a_repeated_notify_is_answered_and_told_once() -> None:
    """The server transaction absorbs it."""
    watcher = Watcher()
    watcher.run("start <200 n:active")
    watcher.notify("active", cseq=1)
    assert len(watcher.notes) == 1
    assert [answer.status for answer in watcher.answers] == [200, 200]


def test_a_notify_out_of_order_is_refused() -> None:
    """RFC 3261 12.2.2: an older CSeq gets 500 and is not told."""
    watcher = Watcher()
    watcher.run("start <200")
    watcher.notify("active", cseq=5)
    watcher.notify("active", cseq=4)
    assert [answer.status for answer in watcher.answers] == [200, 500]
    assert len(watcher.notes) == 1


@pytest.mark.parametrize(
    ("wanted", "event", "status"),
    [
        ("presence", "dialog", 489),
        ("presence", "", 489),
        ("presence", "Presence", 489),
        ("presence", "presence;id=1", 489),
        ("presence;id=1", "presence", 489),
        ("presence;id=1", "presence;id=1", 200),
        ("presence", "presence;x=y", 200),
    ],
)
def test_a_notify_of_another_event_is_refused(wanted: str, event: str, status: int) -> None:
    """RFC 6665 8.2.1: package and id have to be those of the SUBSCRIBE, byte for byte."""
    watcher = Watcher(TARGET._replace(event=wanted))
    watcher.run("start <200")
    watcher.notify("active", event=event)
    assert [answer.status for answer in watcher.answers] == [status]
    assert len(watcher.notes) == (status == 200)


@pytest.mark.parametrize(
    ("broken", "status"),
    [({"state": ""}, 400), ({"state": ";expires=3"}, 400), ({"contact": ""}, 400), ({"method": "MESSAGE"}, 405)],
)
def test_what_is_no_notify_of_ours_is_refused(broken: dict[str, str], status: int) -> None:
    """Without a state, without a Contact to make the dialog with, or another method."""
    watcher = Watcher()
    watcher.run("start")
    watcher.notify(**{"state": "active", **broken})
    assert [answer.status for answer in watcher.answers] == [status]
    assert watcher.notes == []
    assert watcher.subscriber.dialog is None


def test_the_notifys_of_a_second_fork_are_refused() -> None:
    """The first NOTIFY makes the dialog; others get 481 (RFC 6665 4.1.4), and their 200 changes nothing."""
    watcher = Watcher()
    watcher.run("start")
    watcher.notify("active", tag="one", contact="<sip:one@10.0.0.2>")
    watcher.notify("active", tag="two", contact="<sip:two@10.0.0.2>")
    watcher.answer("200", tag="two", contact="<sip:two@10.0.0.2>")
    assert [answer.status for answer in watcher.answers] == [200, 481]
    assert watcher.subscriber.dialog is not None
    assert watcher.subscriber.dialog.remote_target == "sip:one@10.0.0.2"
    watcher.run("+590")
    assert watcher.asked[-1].to.tag == "one"


@pytest.mark.parametrize(("tag", "contact"), [("server", ""), ("server", "nonsense"), (None, "<sip:10.0.0.2>")])
def test_an_answer_that_makes_no_dialog_leaves_it_to_the_notify(tag: Any, contact: str) -> None:
    """A 200 without a usable Contact, or without a tag."""
    watcher = Watcher()
    watcher.run("start")
    watcher.answer("200", tag=tag, contact=contact)
    assert watcher.subscriber.dialog is None
    watcher.run("n:active")
    assert watcher.subscriber.dialog is not None
    assert watcher.subscriber.state is SubscriptionState.ACTIVE


def test_a_refresh_moves_the_target() -> None:
    """The Contact of a 2xx and that of a NOTIFY both do."""
    watcher = Watcher()
    watcher.run(f"{STANDING} +590")
    watcher.answer("200", contact="<sip:second@10.0.0.2>")
    watcher.run("n:active +590")
    assert watcher.asked[-1].uri == "sip:10.0.0.2"
    watcher.answer("200", contact="<sip:second@10.0.0.2>")
    watcher.run("stop")
    assert watcher.asked[-1].uri == "sip:second@10.0.0.2"


def test_a_subscriber_can_wait_for_ever_for_its_first_notify() -> None:
    """Asterisk sends none while a presence is invalid, and keeps the subscription."""
    watcher = Watcher(TARGET._replace(notify_within=inf))
    assert watcher.run("start <200 +500 n:active") == ">600@0 notify-wait@0 active@500"


def test_the_reason_of_a_change_is_told() -> None:
    """A status with its phrase, the word of a NOTIFY, or the timer."""
    watcher = Watcher()
    reasons = []
    for script in ("start", "<200 n:active", "n:terminated;reason=giveup", "+1", "<404"):
        watcher.run(script)
        reasons.append(watcher.reason)
    assert reasons == ["start", "active", "terminated giveup", "retry due", "404 Not Found"]


def test_a_callback_that_fails_answers_500_and_keeps_the_subscription() -> None:
    """The exception reaches whoever feeds the stack."""
    watcher = Watcher()

    def fail(_note: Notify) -> None:
        raise RuntimeError("ours")

    watcher.subscriber._on_notify = fail
    watcher.run("start <200")
    with pytest.raises(RuntimeError, match="ours"):
        watcher.notify("active")
    assert [answer.status for answer in watcher.answers] == [500]
    assert watcher.subscriber.dialog is not None


@pytest.mark.parametrize("reason", [*TERMINATED_REASONS, "", "unheard-of", "TIMEOUT"])
def test_a_terminated_subscription_is_asked_for_again_as_its_reason_says(reason: str) -> None:
    """RFC 6665 4.1.3: at once, later, or never; a reason that is not known counts as none."""
    watcher = Watcher()
    watcher.run(f"{STANDING} n:terminated" + (f";reason={reason}" if reason else ""))
    now = {"deactivated", "timeout"}
    never = {"rejected", "noresource", "invariant"}
    word = reason.lower()
    delay = None if word in never else 0.01 if word in now else BACK_OFF_FIRST
    assert watcher.timers.next_due() == delay or delay is None
    assert (watcher.subscriber.state is SubscriptionState.ENDED) == (delay is None)


@given(st.integers(200, 699), st.booleans())
def test_every_answer_means_something(status: int, in_dialog: bool) -> None:
    """A success is a success, and nothing else is; only a subscription that stands can be kept."""
    event = answer_event(status, in_dialog=in_dialog)
    assert (event is SubscriptionEvent.ACCEPTED) == (status < 300)
    assert in_dialog or event is not SubscriptionEvent.KEPT
    assert event is SubscriptionEvent.LOST or not 502 <= status < 600


@given(st.text(max_size=20))
def test_every_reason_means_something(reason: str) -> None:
    """Whatever a notifier writes, there is an answer to it."""
    assert terminated_event(reason) in set(TERMINATED_REASONS.values())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30", 30), ("18000;duration=3600", 18000), ("120 (I'm in a meeting)", 120), ("soon", None), (None, None)],
)
def test_retry_after_is_read_with_what_stands_behind_it(text: Any, seconds: int | None) -> None:
    """RFC 3261 20.33."""
    rows = [] if text is None else [("Retry-After", text)]
    assert retry_after(Response(503, "", Headers(rows))) == seconds


class Notifier:
    """A server with a password, that answers and notifies by itself over a wire."""

    def __init__(self, stack: Stack, password: bool = False) -> None:
        self.stack = stack
        self.live: dict[tuple[str, str, str], Dialog] = {}
        noise = random.Random(3).randbytes
        self.challenger = Challenger("asterisk", lambda: stack.timers.now, noise) if password else None
        stack.on_request = self._asked

    def _asked(self, transaction: Any) -> None:
        request = transaction.request
        if not self._trusted(request):
            assert self.challenger is not None
            rows = [("WWW-Authenticate", value) for value in self.challenger.challenges()]
            transaction.refuse(401, headers=rows)
            return
        dialog = Dialog.uas(request, transaction.to_tag, contact="<sip:10.0.0.2>")
        self.live[dialog.key] = dialog
        self.stack.add_dialog(dialog, lambda inside: self._renewed(dialog, inside))
        self._accept(dialog, transaction)

    def _trusted(self, request: Request) -> bool:
        row = request.headers.get("Authorization")
        if self.challenger is None:
            return True
        if row is None:
            return False
        verdict = self.challenger.verify(
            Credentials.parse(row), request.method, None, request.body,
            lambda user, realm, algorithm: secret_hash(user, realm, "secret", algorithm),
        )  # fmt: skip
        return verdict is Verdict.GOOD

    def _renewed(self, dialog: Dialog, transaction: Any) -> None:
        if not self._trusted(transaction.request):
            assert self.challenger is not None
            transaction.reply(401, headers=[("WWW-Authenticate", self.challenger.challenges(stale=True)[0])])
            return
        self._accept(dialog, transaction)

    def _accept(self, dialog: Dialog, transaction: Any) -> None:
        expires = transaction.request.expires
        transaction.reply(200, headers=[("Expires", str(expires)), ("Contact", dialog.contact)])
        self.notify(dialog, "active" if expires else "terminated")
        if not expires:
            del self.live[dialog.key]
            self.stack.timers.schedule(32, self.stack.remove_dialog, dialog)

    def notify(self, dialog: Dialog, state: str) -> None:
        headers = [("Event", "presence"), ("Subscription-State", state)]
        self.stack.request(dialog.request("NOTIFY", headers), Flow("UDP", THEM, US), lambda outcome: None)


def watch(wire: Any, password: bool = False) -> tuple[Subscriber, Notifier, list[str]]:
    stack = wire.stack(US)
    account = Account("alice", "secret", lambda: "c0ffee") if password else None
    states: list[str] = []
    subscriber = Subscriber(
        Client(stack, account), TARGET, FLOW, lambda note: None, lambda one, state, reason: states.append(state.value)
    )
    return subscriber, Notifier(wire.stack(THEM), password), states


def test_a_subscription_lives_behind_a_password(wire: Any) -> None:
    """The challenge is answered at first, and again where a refresh meets a nonce that grew old."""
    subscriber, server, states = watch(wire, password=True)
    subscriber.start()
    wire.elapse(2000)
    assert states == ["notify-wait", "active"]
    [dialog] = server.live.values()
    requests = [one for one in wire.messages() if isinstance(one, Request) and one.method == "SUBSCRIBE"]
    assert len({one.call_id for one in requests}) == 1
    numbers = [one.cseq.number for one in requests]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert dialog.remote_cseq == numbers[-1]
    subscriber.stop()
    wire.elapse(100)
    assert states[-1] == "ended"
    assert server.live == {}
    assert wire.timers.next_due() is None


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32), loss=st.sampled_from([0.1, 0.3, 0.5, 0.7]))
def test_a_subscription_survives_a_bad_link(new_wire: Any, seed: int, loss: float) -> None:
    """However much is lost for an hour, it stands again when the link is good, and ends with nothing left."""
    wire = new_wire()
    subscriber, server, states = watch(wire)
    fate = random.Random(seed)
    wire.fate = lambda data: [fate.uniform(0, 0.3)] if fate.random() >= loss else []
    subscriber.start()
    wire.elapse(3600)
    wire.fate = lambda data: [0.001]
    wire.elapse(600 + BACK_OFF_LONGEST + REFRESH_MARGIN + 64)
    assert states[-1] == "active"
    assert subscriber.dialog is not None
    call_id, local, remote = subscriber.dialog.key
    assert (call_id, remote, local) in server.live
    subscriber.stop()
    wire.elapse(100)
    assert states[-1] == "ended"
    assert wire.timers.next_due() is None
    assert subscriber._client.stack.open_transactions() == []
    assert len(subscriber._client.stack.dialogs) == 0
