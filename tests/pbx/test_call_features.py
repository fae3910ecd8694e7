"""What Dial() can do, and what is done to channels from outside: options, forwarding, Redirect, variables, lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.pbx.calls import exchange
from harness.sip.message import Response
from tests.pbx.call_desk import CallDesk
from tests.pbx.manager_lines import Packet, lines_of

DIALPLAN = """
[office]
exten => _[abcd],1,Dial(PJSIP/${EXTEN},20)
 same => n,UserEvent(After,Status: ${DIALSTATUS})
exten => _7.,1,Dial(PJSIP/b,20,${EXTEN:1})
exten => group,1,Dial(PJSIP/b&PJSIP/c,5,c)
 same => n,UserEvent(Group,Status: ${DIALSTATUS})
exten => pre,1,Dial(PJSIP/b,20,b(pre^s^1(first^second)))
exten => own,1,Gosub(outer,s,1)
 same => n,UserEvent(Outer,Back: ${GOSUB_RETVAL})
exten => slow,1,Dial(PJSIP/b,20,B(slow^s^1))
exten => on,1,Dial(PJSIP/b,20,F(office^went^1))
exten => went,1,UserEvent(Went,Who: ${CUT(CHANNEL,-,1)})
 same => n,Wait(2)
exten => part,1,Dial(PJSIP/b,20,G(split))
 same => n(split),UserEvent(Split,Who: ${CUT(CHANNEL,-,1)})
 same => n,UserEvent(Split,Who: ${CUT(CHANNEL,-,1)})
 same => n,Hangup()
exten => asks,1,Answer()
 same => n,BackGround(nosuch)
 same => n,WaitExten(2)
exten => t,1,UserEvent(NoDigits,Played: ${BACKGROUNDSTATUS})
exten => text,1,Answer()
 same => n,SendText(Hello there)
 same => n,Hangup()
exten => who,1,UserEvent(Who,Endpoint: ${CHANNEL(endpoint)},Aor: ${CHANNEL(aor)},State: ${CHANNEL(state)})
exten => busy,1,Busy(3)
exten => again,1,RetryDial(nosuch,1,2,PJSIP/b,1)
 same => n,UserEvent(After,Status: ${DIALSTATUS})
exten => waits,1,Wait(9)
exten => moved,1,Hangup(23)
exten => twice,1,Dial(PJSIP/b,1)
 same => n,Dial(PJSIP/b,1)
exten => local,1,Dial(Local/b@office,9)
exten => localn,1,Dial(Local/b@office/n,9)
exten => localm,1,Dial(Local/b@office/m,9)
[home]
exten => h,1,UserEvent(Ended,Who: ${CUT(CHANNEL,-,1)},Status: ${DIALSTATUS})
exten => peer,1,Dial(PJSIP/b,20,e)
exten => _9.,1,Dial(PJSIP/b,20,${EXTEN:1})
exten => part,1,Dial(PJSIP/b,20,G(split))
 same => n(split),Hangup()
[outer]
exten => s,1,Dial(PJSIP/b,20,gB(pre^s^1(a^b)))
 same => n,Return(done)
[pre]
exten => s,1,Set(PJSIP_HEADER(add,X-Who)=${ARG1} ${ARG2})
 same => n,UserEvent(Pre,Who: ${CUT(CHANNEL,-,1)},Arg: ${ARG1})
 same => n,Return()
[slow]
exten => s,1,Wait(5)
 same => n,Return()
"""


@pytest.fixture
def desk(tmp_path: Path) -> CallDesk:
    """Three registered phones."""
    desk = CallDesk(tmp_path, DIALPLAN, pjsip="[b](+)\ninband_progress=no\n")
    desk.register("a b c")
    return desk


@pytest.fixture
def home(tmp_path: Path) -> CallDesk:
    """Two registered phones of another context; one has a caller ID."""
    pjsip = "[a](+)\ncontext=home\ncallerid=A <200>\n[b](+)\ncontext=home\n"
    desk = CallDesk(tmp_path, DIALPLAN, pjsip=pjsip)
    desk.register("a b")
    return desk


def said(packets: list[Packet], event: str, *names: str) -> list[list[str]]:
    """These headers of each event of that name."""
    return [
        lines_of(packet, *names)
        for packet in packets
        if packet[0] == f"Event: {event}" or (packet[0] == "Event: UserEvent" and f"UserEvent: {event}" in packet)
    ]


def answer(packets: list[Packet]) -> Packet:
    """The response among what came."""
    return next(packet for packet in packets if packet[0].startswith("Response: "))


# options of Dial()


def test_each_called_channel_runs_a_subroutine_before_it_is_called(desk: CallDesk) -> None:
    """Option b: a header that it adds is in the INVITE."""
    boss = desk.manager()
    desk["a"].dial("pre")
    assert said(boss.heard(), "Pre", "Who", "Arg") == [["PJSIP/b", "first"]]
    invite = desk["b"].call.invite_request
    assert invite is not None
    assert invite.headers.get("X-Who") == "first second"


def test_the_caller_runs_a_subroutine_before_anybody_is_called(desk: CallDesk) -> None:
    """Option B, within a subroutine, which is still there afterwards."""
    boss = desk.manager()
    desk["a"].dial("own")
    desk["b"].pick_up()
    desk["b"].hang_up()
    heard = boss.heard()
    assert said(heard, "Pre", "Who", "Arg") == [["PJSIP/a", "a"]]
    assert said(heard, "Outer", "Back") == [["done"]]
    assert desk.nothing_is_left()


def test_a_caller_may_hang_up_while_its_subroutine_waits(desk: CallDesk) -> None:
    """Nobody is called then."""
    desk["a"].dial("slow")
    desk["a"].hang_up()
    assert desk["b"].calls == []
    assert desk.nothing_is_left()


def test_the_called_one_goes_on_where_the_caller_hangs_up(desk: CallDesk) -> None:
    """Option F."""
    boss = desk.manager()
    desk["a"].dial("on")
    desk["b"].pick_up()
    desk["a"].hang_up()
    assert said(boss.heard(), "Went", "Who") == [["PJSIP/b"]]
    assert desk.states("a b") == ["NOT_INUSE", "INUSE"]
    desk.wait(3)
    assert desk["b"].told[-1] == "bye"
    assert desk.nothing_is_left()


def test_both_go_their_own_ways_after_the_answer(desk: CallDesk) -> None:
    """Option G: the caller at the label, the called one at the line after it; they are never joined."""
    boss = desk.manager()
    desk["a"].dial("part")
    desk["b"].pick_up()
    desk.wait(0.1)
    assert said(boss.heard(), "Split", "Who") == [["PJSIP/a"], ["PJSIP/a"], ["PJSIP/b"]]
    assert desk["a"].told[-1] == "603"
    assert desk.nothing_is_left()


def test_the_called_one_executes_h_as_well(home: CallDesk) -> None:
    """Option e; a called channel is told of as AppDial where its `h` is over."""
    desk, boss = home, home.manager()
    desk["a"].dial("peer")
    desk["b"].pick_up()
    desk["a"].hang_up()
    heard = boss.heard()
    assert sorted(said(heard, "Ended", "Who", "Status")) == [["PJSIP/a", "ANSWER"], ["PJSIP/b", ""]]
    ran = [row[1:] for row in desk.heard("Newexten", "Channel", "Exten", "Application") if row[0].startswith("PJSIP/b")]
    assert ran[-2:] == [("h", "UserEvent"), ("h", "AppDial")]
    assert desk.nothing_is_left()


def test_a_call_that_parted_counts_as_answered(home: CallDesk) -> None:
    """Option G: DIALSTATUS of the caller."""
    desk, boss = home, home.manager()
    desk["a"].dial("part")
    desk["b"].pick_up()
    desk.wait(0.1)
    assert ["PJSIP/a", "ANSWER"] in said(boss.heard(), "Ended", "Who", "Status")


def test_nobody_answers_and_is_called_again(desk: CallDesk) -> None:
    """RetryDial: two attempts of a second with a second after each."""
    boss = desk.manager()
    desk["a"].dial("again")
    desk.wait(3.5)
    assert desk["b"].told == ["cancel", "cancel"]
    assert said(boss.heard(), "After", "Status") == []
    desk.wait(1)
    assert said(boss.heard(), "After", "Status") == [["NOANSWER"]]


def test_an_answer_ends_the_attempts(desk: CallDesk) -> None:
    """RetryDial: the call is over with the one that was answered; and it ends where the caller gives up between two."""
    desk["a"].dial("again")
    desk["b"].pick_up()
    desk["b"].hang_up()
    assert desk["a"].told[-1] == "bye"
    desk["a"].dial("again")
    desk.wait(1.5)
    desk["a"].hang_up()
    desk.wait(3)
    assert len(desk["b"].calls) == 2
    assert desk.nothing_is_left()


@pytest.mark.parametrize(
    ("options", "called", "calling"),
    [("o", "200", "200"), ("o(77)", "77", "200"), ("f(555)", "9f(555)", "555"), ("f", "9f", "200"), ("j", "9j", "200")],
)
def test_who_is_seen_by_whom(home: CallDesk, options: str, called: str, calling: str) -> None:
    """Options o (the number of the called channel) and f (the number that it sees); without them its extension."""
    home["a"].dial(f"9{options}")
    heard = home.heard("NewConnectedLine", "CallerIDNum", "ConnectedLineNum")
    assert heard[0] == (called, calling)


@pytest.mark.parametrize(("talking", "told"), [(False, False), (True, True)])
def test_who_leaves_a_bridge_is_told_of_where_it_goes(desk: CallDesk, talking: bool, told: bool) -> None:
    """A redirected caller is told of at the new place with the application that it left, if it talked."""
    boss = desk.manager()
    desk["a"].dial("b" if talking else "waits")
    if talking:
        desk["b"].pick_up()
    boss.send("Action: Redirect\nChannel: PJSIP/a-00000000\nContext: office\nExten: nosuch\nPriority: 1")
    desk.wait(0.1)
    places = desk.heard("Newexten", "Exten", "Application")
    assert (("nosuch", "Dial") in places) is told
    assert (("nosuch", "Wait") in places) is False


@pytest.mark.parametrize(("option", "held"), [("", "INUSE"), ("/n", "INUSE"), ("/m", "ONHOLD")])
def test_a_hold_goes_through_a_local_channel_only_where_it_says_so(desk: CallDesk, option: str, held: str) -> None:
    """Option m of a Local channel."""
    desk["a"].dial(f"local{option.strip('/')}")
    desk["b"].pick_up()
    desk["b"].hold()
    assert desk.states("a b") == [held, "INUSE"]


def test_a_phone_is_seen_idle_between_two_attempts(desk: CallDesk) -> None:
    """Dial() twice in a row: its device does not stay ringing."""
    boss = desk.manager()
    desk["a"].dial("twice")
    desk.wait(3)
    told = [packet for packet in boss.heard() if "Device: PJSIP/b" in packet]
    assert [lines_of(packet, "State") for packet in told] == [["RINGING"], ["NOT_INUSE"]] * 2


def test_a_channel_knows_whom_it_talks_to(desk: CallDesk) -> None:
    """CHANNEL(peer) is empty without a bridge."""
    boss = desk.manager()
    ask = "Action: Getvar\nChannel: PJSIP/a-00000000\nVariable: CHANNEL(peer)"
    desk["a"].dial("b")
    assert "Value: " in answer(boss.send(ask))
    desk["b"].pick_up()
    assert "Value: PJSIP/b-00000001" in answer(boss.send(ask))


def test_a_channel_has_all_formats_until_it_is_answered(tmp_path: Path) -> None:
    """Nativeformats of Status."""
    desk = CallDesk(tmp_path, DIALPLAN, pjsip="[b](+)\nallow=alaw\n")
    desk.register("a b")
    boss = desk.manager()
    desk["a"].dial("b")
    asked = "Action: Status\nChannel: PJSIP/b-00000001"
    assert any("Nativeformats: (ulaw|alaw)" in packet for packet in boss.send(asked))
    desk["b"].pick_up()
    assert any("Nativeformats: (ulaw)" in packet for packet in boss.send(asked))


def test_a_302_of_the_server_names_itself(desk: CallDesk) -> None:
    """Hangup() with the cause of a redirection."""
    refused: list[str | None] = []
    desk["a"].refused = lambda _leg, outcome: refused.append(  # type: ignore[method-assign]
        outcome.headers.get("Contact") if isinstance(outcome, Response) and outcome.status == 302 else None
    )
    desk["a"].dial("moved")
    assert refused == ["<sip:127.0.0.1:5060>"]


def test_who_was_not_reached_in_time_may_be_told_that_another_answered(desk: CallDesk) -> None:
    """Option c."""
    boss = desk.manager()
    desk["a"].dial("group")
    desk.wait(6)
    heard = boss.heard()
    assert said(heard, "Group", "Status") == [["NOANSWER"]]
    assert [row for row in said(heard, "Hangup", "Channel", "Cause") if "PJSIP/a" not in row[0]] == [
        ["PJSIP/b-00000001", "26"],
        ["PJSIP/c-00000002", "26"],
    ]


# forwarding


def test_a_phone_sends_a_call_elsewhere(desk: CallDesk) -> None:
    """302 with a Contact: the caller is told 181, and that extension is called."""
    desk["b"].incoming = lambda leg: leg.refuse(302, headers=[("Contact", "<sip:c@127.0.0.1>")])
    desk["a"].dial("b")
    desk["c"].pick_up()
    assert desk["a"].told == ["181", "180", "answered"]
    desk["a"].hang_up()
    assert desk.nothing_is_left()


@pytest.mark.parametrize("contact", ["", "<sip:nosuch@127.0.0.1>"])
def test_a_call_cannot_be_sent_to_nobody(desk: CallDesk, contact: str) -> None:
    """The call has failed."""
    boss = desk.manager()
    desk["b"].incoming = lambda leg: leg.refuse(302, headers=[("Contact", contact)] if contact else [])
    desk["a"].dial("b")
    assert said(boss.heard(), "After", "Status") == [["CHANUNAVAIL"]]
    assert desk.nothing_is_left()


def test_phones_that_send_calls_in_a_circle(desk: CallDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends: so many channels are not made."""
    monkeypatch.setattr(exchange, "MAX_CHANNELS", 50)
    desk["b"].incoming = lambda leg: leg.refuse(302, headers=[("Contact", "<sip:b@127.0.0.1>")])
    desk["a"].dial("b")
    desk.wait(30)
    desk["a"].hang_up()
    assert desk.nothing_is_left()


# from outside


def test_a_channel_in_the_dialplan_is_sent_elsewhere(desk: CallDesk) -> None:
    """Redirect of a caller: whom it rang is let go, and it goes on there."""
    boss = desk.manager()
    desk["a"].dial("b")
    heard = boss.send("Action: Redirect\nChannel: PJSIP/a-00000000\nContext: office\nExten: who\nPriority: 1")
    assert answer(heard)[:2] == ["Response: Success", "Message: Redirect successful"]
    desk.wait(0.1)
    assert said(heard + boss.heard(), "Who", "Endpoint", "Aor", "State") == [["a", "a", "Ring"]]
    assert desk["b"].told == ["cancel"]
    assert desk.nothing_is_left()


def test_both_sides_of_a_call_are_sent_elsewhere(desk: CallDesk) -> None:
    """Redirect with ExtraChannel."""
    boss = desk.manager()
    desk["a"].dial("b")
    desk["b"].pick_up()
    boss.heard()
    heard = boss.send(
        "Action: Redirect\nChannel: PJSIP/a-00000000\nExtraChannel: PJSIP/b-00000001\n"
        "Context: office\nExten: who\nPriority: 1"
    )
    assert answer(heard)[:2] == ["Response: Success", "Message: Dual Redirect successful"]
    desk.wait(0.1)
    assert sorted(said(heard + boss.heard(), "Who", "Endpoint")) == [["a"], ["b"]]
    assert desk.nothing_is_left()


@pytest.mark.parametrize(
    ("action", "why"),
    [
        ("Context: office\nExten: who\nPriority: 1", "Channel not specified"),
        ("Channel: PJSIP/a-00000000", "Context not specified"),
        ("Channel: PJSIP/a-00000000\nContext: office\nExten: who\nPriority: nosuch", "Priority is invalid"),
        ("Channel: PJSIP/x-1\nContext: office\nExten: who\nPriority: 1", "Channel does not exist: PJSIP/x-1"),
    ],
)
def test_a_redirect_that_cannot_be(desk: CallDesk, action: str, why: str) -> None:
    """The error says why."""
    desk["a"].dial("b")
    heard = desk.manager().send(f"Action: Redirect\n{action}")
    assert answer(heard)[:2] == ["Response: Error", f"Message: {why}"]


def test_a_channels_variables_are_read_and_written(desk: CallDesk) -> None:
    """Getvar and Setvar with Channel, functions too."""
    boss = desk.manager()
    desk["a"].dial("b")
    boss.heard()
    channel = "Channel: PJSIP/a-00000000"
    assert answer(boss.send(f"Action: Setvar\n{channel}\nVariable: COLOUR\nValue: red"))[0] == "Response: Success"
    assert lines_of(answer(boss.send(f"Action: Getvar\n{channel}\nVariable: COLOUR")), "Value") == ["red"]
    assert lines_of(answer(boss.send(f"Action: Getvar\n{channel}\nVariable: CHANNEL(endpoint)")), "Value") == ["a"]
    refused = answer(boss.send("Action: Getvar\nChannel: PJSIP/x-1\nVariable: COLOUR"))
    assert refused[:2] == ["Response: Error", "Message: No such channel"]


def test_a_channel_is_hung_up_by_command(desk: CallDesk) -> None:
    """Or all of them."""
    desk["a"].dial("b")
    desk["b"].pick_up()
    assert desk.command("channel request hangup PJSIP/x-1") == "PJSIP/x-1 is not a known channel\n"
    assert desk.command("channel request hangup /x/ *z* /(/") == (
        "/x/ did not match a known channel\n*z* did not match a known channel\n"
        "/(/ is not a valid POSIX Extended Regular Expression: unmatched (\n"
    )
    assert desk.command("channel request hangup PJSIP/a-00000000") == "Requested Hangup on channel 'PJSIP/a-00000000'\n"
    desk.wait(0.1)
    assert (desk["a"].told[-1], desk["b"].told[-1]) == ("bye", "bye")
    assert desk.nothing_is_left()


def test_channels_are_listed(desk: CallDesk) -> None:
    """By the commands of Asterisk and of PJSIP."""
    desk["a"].dial("b")
    desk["b"].pick_up()
    assert desk.command("core show channels count") == "2 active channels\n1 active call\n1 call processed\n"
    lines = desk.command("pjsip show channels").splitlines()
    assert lines[5:7] == [
        "  Channel: PJSIP/a-00000000/Dial                                 Up            00:00:00   ",
        '      Exten: b                           CLCID: "" <b>',
    ]
    assert "  Endpoint:  a                                                    In use        1 of inf" in (
        " " + line for line in desk.command("pjsip show endpoints").splitlines()
    )


# applications


def test_nobody_presses_a_digit(desk: CallDesk) -> None:
    """BackGround() plays nothing that is not there; WaitExten() goes to t."""
    boss = desk.manager()
    desk["a"].dial("asks")
    desk.wait(4)
    assert said(boss.heard(), "NoDigits", "Played") == [["FAILED"]]


def test_a_text_is_sent_within_the_call(desk: CallDesk) -> None:
    """SendText(): MESSAGE in the dialog."""
    desk["a"].dial("text")
    desk.wait(1)
    assert desk["a"].messages == ["text/plain: Hello there"]


def test_busy_after_the_answer_changes_no_state(desk: CallDesk) -> None:
    """A channel that is up stays up."""
    boss = desk.manager()
    desk["a"].dial("b")
    desk["b"].pick_up()
    boss.heard()
    boss.send("Action: Redirect\nChannel: PJSIP/a-00000000\nContext: office\nExten: busy\nPriority: 1")
    desk.wait(0.5)
    assert said(boss.heard(), "Newstate", "ChannelStateDesc") == []


# what is told of variables


def test_variables_are_told(tmp_path: Path) -> None:
    """Of a call: the arguments of a subroutine and that they are gone, the peer, a name, an account; and globals."""
    desk = CallDesk(
        tmp_path,
        "[office]\nexten => 1,1,Gosub(sub,s,1(x))\n same => n,Set(GLOBAL(G)=1)\n"
        " same => n,Set(CALLERID(name)=Ann)\n same => n,Set(CHANNEL(accountcode)=acc)\n"
        " same => n,Dial(PJSIP/b)\n[sub]\nexten => s,1,Return(back)\n",
        "a b",
    )
    desk.register("a b")
    boss = desk.manager()
    desk["a"].dial("1")
    desk["b"].pick_up()
    heard = boss.heard()
    told = [tuple(row[-2:]) for row in said(heard, "VarSet", "Channel", "Variable", "Value")]
    for pair in (
        ("LOCAL(ARG1)", "x"), ("LOCAL(ARGC)", "1"), ("ARG1", ""), ("GOSUB_RETVAL", "back"), ("G", "1"),
        ("BRIDGEPEER", "PJSIP/b-00000001"), ("BRIDGEPEER", "PJSIP/a-00000000"),
    ):  # fmt: skip
        assert pair in told, pair
    assert said(heard, "NewCallerid", "Channel", "CallerIDName")[0] == ["PJSIP/a-00000000", "Ann"]
    assert said(heard, "NewAccountCode", "AccountCode", "OldAccountCode") == [["acc", ""]]
    desk["a"].hang_up()
    assert ["PJSIP/b-00000001", "BRIDGEPEER", ""] in said(boss.heard(), "VarSet", "Channel", "Variable", "Value")
    assert desk.nothing_is_left()
