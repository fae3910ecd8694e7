"""NOTIFYs that a person sends to phones: PJSIPNotify and `pjsip send notify`."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.pbx.phone_notices import message_of
from tests.pbx.call_desk import CallDesk
from tests.pbx.manager_lines import Line

NOTIFY = """
[check-sync]
Event=>check-sync
[restart]
Event=check-sync\\;reboot=true
Content-type=text/plain
Content=one
Content=two
"""
PLAN = "[office]\nexten => 1,1,Dial(PJSIP/b)\n"


@pytest.fixture
def desk(tmp_path: Path) -> CallDesk:
    """Two phones, of which one is registered."""
    desk = CallDesk(tmp_path, PLAN, "a b", files={"pjsip_notify.conf": NOTIFY})
    desk.register("a")
    return desk


@pytest.fixture
def line(desk: CallDesk) -> Line:
    return desk.manager()


def sent(desk: CallDesk, name: str) -> list[tuple[str, str, str]]:
    """Event, state and body of what a phone was told since the last time."""
    desk.wait(0.1)
    requests = [each for each in desk[name].requests if each.method == "NOTIFY"]
    desk[name].requests.clear()
    headers = ("Event", "Subscription-State")
    return [(*(each.headers.get(row) or "" for row in headers), each.body.decode()) for each in requests]  # type: ignore[misc]


def said(line: Line, text: str) -> list[str]:
    """The answer without its first word."""
    heard = line.send(f"Action: PJSIPNotify\n{text}")
    (packet,) = (each for each in heard if each[0].startswith("Response"))
    return [row.partition(": ")[2] for row in packet]


def test_headers_of_ones_own(desk: CallDesk, line: Line) -> None:
    """`Variable` as often as wanted; the state is always there, and a second Event is passed over."""
    text = "Endpoint: a\nVariable: Event=check-sync\nVariable: Event=other,Content-Type=text/plain,Content=x,Content=y"
    assert said(line, text) == ["Success", "NOTIFY sent"]
    assert sent(desk, "a") == [("check-sync", "terminated", "x\r\ny")]


def test_headers_of_the_file(desk: CallDesk, line: Line) -> None:
    """By their name in it, also from the command line; a technology before the endpoint does not matter."""
    assert said(line, "Endpoint: PJSIP/a\nOption: restart") == ["Success", "NOTIFY sent"]
    assert sent(desk, "a") == [("check-sync;reboot=true", "terminated", "one\r\ntwo")]
    assert desk.command("pjsip send notify check-sync endpoint a none b") == (
        "Sending NOTIFY of type 'check-sync' to 'a'\nSending NOTIFY of type 'check-sync' to 'none'\n"
        "Unable to retrieve endpoint none\nSending NOTIFY of type 'check-sync' to 'b'\n"
    )
    assert sent(desk, "a") == [("check-sync", "terminated", "")]


def test_within_a_call(desk: CallDesk, line: Line) -> None:
    """To a channel, in the dialog of its call."""
    desk.register("b")
    desk["a"].dial("1")
    desk["b"].pick_up()
    sent(desk, "b")
    assert said(line, "Channel: PJSIP/b-00000001\nVariable: Event=x") == ["Success", "NOTIFY sent"]
    assert sent(desk, "b") == [("x", "terminated", "")]
    assert said(line, "Channel: none\nVariable: Event=x") == ["Error", "Channel not found"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Endpoint: a", "PJSIPNotify requires either an Option or Variable(s).You must use only one of them."),
        ("Endpoint: a\nOption: restart\nVariable: a=b",
         "PJSIPNotify requires either an Option or Variable(s).You must use only one of them."),
        ("Variable: a=b", "PJSIPNotify requires either an endpoint name, a SIP URI, or a channel."),
        ("Endpoint: a\nURI: b\nVariable: a=b", "PJSIPNotify requires either an endpoint name, a SIP URI, or a channel."
         "  You must use only one of them."),
        ("Endpoint: none\nVariable: a=b", "Unable to retrieve endpoint none"),
        ("Endpoint: a\nOption: none", "Unable to find notify type 'none'\n"),
    ],
)  # fmt: skip
def test_what_is_refused(line: Line, text: str, message: str) -> None:
    """Whom and what there must be, one of each."""
    assert line.send(f"Action: PJSIPNotify\n{text}") == [["Response: Error", f"Message: {message}"]]


def test_the_command_says_how_it_goes(desk: CallDesk) -> None:
    """Where the kind or the place is not understood."""
    assert desk.command("pjsip send notify check-sync").startswith("Usage: pjsip send notify")
    assert desk.command("pjsip send notify check-sync bogus a").startswith("Usage: pjsip send notify")
    assert desk.command("pjsip send notify none endpoint a").startswith("Unable to find notify type 'none'\n")


def test_the_file_is_read_again(desk: CallDesk) -> None:
    """A broken one leaves what there was."""
    folder = desk.server.configuration.path
    (folder / "pjsip_notify.conf").write_text("[never closed\n")
    assert "reload failure" in desk.command("module reload res_pjsip_notify")
    assert desk.command("pjsip send notify restart endpoint a").startswith("Sending")
    (folder / "pjsip_notify.conf").write_text("[fresh]\nEvent=x\n")
    desk.command("module reload res_pjsip_notify")
    assert desk.command("pjsip send notify restart endpoint a").startswith("Unable to find notify type")


def test_without_the_file_there_is_nothing(tmp_path: Path) -> None:
    """Neither the action nor the command."""
    desk = CallDesk(tmp_path, PLAN, "a")
    assert "Invalid/unknown command: PJSIPNotify" in desk.manager().send("Action: PJSIPNotify")[0][1]
    assert desk.command("pjsip send notify x endpoint a").startswith("No such command")


def test_headers_that_nobody_may_give() -> None:
    """What makes the request one is ours; a body needs a type."""
    rows = [("To", "x"), ("via", "y"), ("X-One", "1"), ("x-one", "2"), ("Content", "lost")]
    assert message_of(rows) == ([("X-One", "1"), ("x-one", "2")], ("", b""))
