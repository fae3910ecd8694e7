"""Applications that need the telephone side (section 7.8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.dialplan.channel import Channel
from harness.dialplan.telephony import Cancel, Dialed, NoTelephony, option_letters

Make = Callable[..., Any]


def program(*lines: str, first: str = "s") -> str:
    return f"exten => {first},1," + "\nsame => n".join(
        line if at == 0 else (line if line.startswith("(") else "," + line) for at, line in enumerate(lines)
    )


def said(text: str) -> str:
    return f"UserEvent(E,v: {text})"


class Phones(NoTelephony):
    """Remembers what was asked and answers when told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.done: list[Callable[[Any], None]] = []
        self.broken_off = 0
        self.indicated: list[str] = []

    def _break_off(self) -> None:
        self.broken_off += 1

    def answered(self, channel: Channel) -> None:
        self.indicated.append("answered")

    def indicate(self, channel: Channel, what: str) -> None:
        self.indicated.append(what)

    def dial(self, channel: Channel, devices: Any, timeout: Any, options: Any, done: Any) -> Cancel:
        self.asked.append((devices, timeout, options))
        self.done.append(done)
        return self._break_off

    def play(self, channel: Channel, sound: str, done: Any) -> Cancel:
        self.asked.append((sound,))
        self.done.append(done)
        return self._break_off


DIAL = program("Dial(PJSIP/2000&PJSIP/2001,20,gtU(sub^1))", said("${DIALSTATUS} ${ANSWEREDTIME} ${HANGUPCAUSE}")) + (
    "\nexten => h,1,UserEvent(E,v: h ${DIALSTATUS})"
)


def test_dial_waits_for_its_end(desk: Make) -> None:
    """Devices, seconds and options are handed over; the status comes back."""
    phones = Phones()
    made = desk(DIAL, phones)
    made.begin()
    assert phones.asked == [(("PJSIP/2000", "PJSIP/2001"), 20.0, {"g": "", "t": "", "U": "sub^1"})]
    assert made.ended == []
    phones.done[0](Dialed("ANSWER", answered_time=3.5, cause=16))
    phones.done[0](Dialed("BUSY"))
    assert [fields["v"] for event, fields in made.events if event == "UserEvent"] == [
        "ANSWER 3 16",
        "h ANSWER",
    ]


def test_an_answered_call_ends_with_the_callee_unless_g(desk: Make) -> None:
    """Without the option g the dialplan does not go on."""
    phones = Phones()
    made = desk(DIAL.replace("gtU", "tU"), phones)
    made.begin()
    phones.done[0](Dialed("ANSWER"))
    assert [fields["v"] for event, fields in made.events if event == "UserEvent"] == ["h ANSWER"]


def test_a_caller_who_gives_up_breaks_the_dialling_off(desk: Make) -> None:
    """DIALSTATUS is CANCEL, then h runs; what comes later is ignored."""
    phones = Phones()
    made = desk(DIAL, phones)
    made.begin().hang_up(16)
    phones.done[0](Dialed("ANSWER"))
    assert phones.broken_off == 1
    assert [fields["v"] for event, fields in made.events if event == "UserEvent"] == ["h CANCEL"]
    assert made.events[-1][1]["Cause"] == "16"


@pytest.mark.parametrize(
    ("arguments", "status", "goes_on"),
    [
        ("", "CHANUNAVAIL", True),
        (",10", "CHANUNAVAIL", True),
        ("SIP/Bob", "CHANUNAVAIL", True),
        ("PJSIP/", "INVALIDARGS", False),
        ("PJSIP/,10,g", "INVALIDARGS", True),
        ("nothing", "INVALIDARGS", False),
        ("PJSIP/2000,5,U(x", "INVALIDARGS", False),
        ("PJSIP/2000&&PJSIP/1,x", "CHANUNAVAIL", True),
    ],
)
def test_dial_without_anyone_to_reach(desk: Make, arguments: str, status: str, goes_on: bool) -> None:
    """D11: the dialplan goes on where nobody could be reached, and ends where the arguments make no sense."""
    made = desk(
        f"exten => s,1,Dial({arguments})\nsame => n,UserEvent(E,v: on)\nexten => h,1,UserEvent(E,v: ${{DIALSTATUS}})"
    )
    assert made.said() == (["on", status] if goes_on else [status])


def test_playback_of_a_missing_file_goes_on(desk: Make) -> None:
    """D10: FAILED; skip does nothing where the channel is not up; without an argument the call ends."""
    text = program(
        "Playback(a,SKIP)",
        said("${PLAYBACKSTATUS} ${CHANNEL(state)}"),
        "Playback(a,noanswer)",
        said("${PLAYBACKSTATUS} ${CHANNEL(state)}"),
        "Playback(a)",
        said("${PLAYBACKSTATUS} ${CHANNEL(state)}"),
        "Playback()",
        said("no"),
    )
    assert desk(text).said() == ["SUCCESS Ring", "FAILED Ring", "FAILED Up"]


def test_sounds_are_played_one_after_the_other(desk: Make) -> None:
    """One that is missing makes it FAILED; hanging up breaks off the one that plays."""
    phones = Phones()
    made = desk(program("Playback( a & b &c)", said("${PLAYBACKSTATUS}")), phones)
    made.begin()
    phones.done[0](True)
    phones.done[1](False)
    assert phones.asked == [("a",), ("b",), ("c",)]
    phones.done[2](True)
    assert [fields["v"] for event, fields in made.events if event == "UserEvent"] == ["FAILED"]
    made.begin().hang_up()
    assert phones.broken_off == 1
    assert len(made.ended) == 2


def test_a_queue_that_is_not_there_goes_on(desk: Make) -> None:
    """QUEUESTATUS tells; an empty name ends the call."""
    assert desk(program("Queue(zz)", said("${QUEUESTATUS}"), "Queue()", said("no"))).said() == ["UNKNOWN"]


def test_indications_go_to_the_telephone_side(desk: Make) -> None:
    """And change nothing else."""
    phones = Phones()
    desk(program("Ringing", "Progress()", "Proceeding", "Answer", "Answer(1,i)", "Busy(1)"), phones).call()
    assert phones.indicated == ["ringing", "progress", "proceeding", "answered", "busy"]


def test_options_are_letters_with_arguments() -> None:
    """Nested parentheses, quotes, backslashes; one that is not closed spoils them all."""
    assert option_letters("gU(a(b)c)t") == {"g": "", "U": "a(b)c", "t": ""}
    assert option_letters('A("x)y\\"")b') == {"A": 'x)y"', "b": ""}
    assert option_letters("A(x\\)y)") == {"A": "x)y"}
    assert option_letters("A(x") is None
    assert option_letters("") == {}
