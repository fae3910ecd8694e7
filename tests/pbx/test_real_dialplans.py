"""What the dialplans of real offices use beside Dial(): by the time, indirectly, on other channels, and sounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pbx.call_desk import CallDesk
from tests.pbx.manager_lines import lines_of

DIALPLAN = """
[office]
exten => time,1,GotoIfTime(*,*,*,*?yes:no)
 same => n(no),UserEvent(Said,What: no)
 same => n(yes),UserEvent(Said,What: yes)
 same => n,Set(TESTTIME=1700000000)
 same => n,GotoIfTime(22:13-22:13,tue,14,nov?then)
 same => n,UserEvent(Said,What: not then)
 same => n(then),UserEvent(Said,What: then)
 same => n,GotoIfTime(nonsense?nonsense)
 same => n,ExecIfTime(*,*,*,*?UserEvent(Said,What: now))
 same => n,ExecIfTime(*,*,31,feb?UserEvent(Said,What: never))
exten => exec,1,Exec(UserEvent(Said,What: ${EXTEN}))
 same => n,TryExec(nosuch(x))
 same => n,UserEvent(Said,What: ${TRYSTATUS})
 same => n,TryExec(UserEvent())
 same => n,UserEvent(Said,What: ${TRYSTATUS})
 same => n,Exec(nosuch(x))
 same => n,UserEvent(Said,What: not here)
exten => redirect,1,ChannelRedirect(PJSIP/nosuch-1,office,said,1)
 same => n,UserEvent(Said,What: ${CHANNELREDIRECT_STATUS})
 same => n,ChannelRedirect(PJSIP/b-00000000,office,said,1)
 same => n,UserEvent(Said,What: ${CHANNELREDIRECT_STATUS})
exten => said,1,UserEvent(Said,What: ${CUT(CHANNEL,-,1)})
exten => end,1,SoftHangup(PJSIP/b,a)
 same => n,UserEvent(Said,What: still here)
 same => n,SoftHangup(PJSIP/a,a)
 same => n,UserEvent(Said,What: not here)
exten => tree,1,Set(DB(tree/a)=1)
 same => n,Set(DB(tree/b/c)=2)
 same => n,DBdeltree(tree/b)
 same => n,UserEvent(Said,What: ${DB(tree/a)}${DB(tree/b/c)})
exten => quotes,1,Set(v=a"b\\c?)
 same => n,UserEvent(Said,What: it's?)
exten => groups,1,Set(GROUP()=one)
 same => n,Set(GROUP(kind)=two)
 same => n,UserEvent(Said,What: ${GROUP()} ${GROUP(kind)} ${GROUP_LIST()})
 same => n,UserEvent(Said,What: ${GROUP_COUNT()} ${GROUP_COUNT(two@kind)} ${GROUP_COUNT(no)} ${GROUP_MATCH_COUNT(o)})
 same => n,Set(GROUP()=)
 same => n,UserEvent(Said,What: ${GROUP()} ${GROUP_LIST()} [${GROUP(no)}])
exten => others,1,Set(SHARED(s)=1)
 same => n,UserEvent(Said,What: ${SHARED(s)}${SHARED(s,${CHANNEL})}${CHANNEL_EXISTS(${CHANNEL})}${CHANNEL_EXISTS(no)})
 same => n,Set(v=2)
 same => n,Set(EXPORT(${CHANNEL},w)=3)
 same => n,Set(MASTER_CHANNEL(m)=4)
 same => n,UserEvent(Said,What: ${IMPORT(${CHANNEL},v)}${w}${MASTER_CHANNEL(m)}${IMPORT(no,v)})
 same => n,UserEvent(Said,What: ${CHANNELS()}${CHANNELS(no)})
 same => n,UserEvent(Said,What: ${PJSIP_ENDPOINT(a,context)} ${PJSIP_AOR(a,max_contacts)} [${PJSIP_AOR(no,contact)}])
exten => avail,1,ChanIsAvail(Local/said@office&Local/call@office,a)
 same => n,UserEvent(Said,What: ${AVAILORIGCHAN} ${AVAILSTATUS} ${AVAILCAUSECODE})
 same => n,ChanIsAvail(PJSIP/nosuch&PJSIP/b,s)
 same => n,UserEvent(Said,What: ${AVAILORIGCHAN} ${AVAILSTATUS})
 same => n,ChanIsAvail()
 same => n,UserEvent(Said,What: [${AVAILCHAN}] ${AVAILSTATUS})
 same => n,Bridge(nosuch)
 same => n,UserEvent(Said,What: ${BRIDGERESULT})
exten => call,1,Originate(Local/answers@office,app,Wait,1)
 same => n,UserEvent(Said,What: ${ORIGINATE_STATUS})
 same => n,Originate(Local/busy@office,exten,office,said,1)
 same => n,UserEvent(Said,What: ${ORIGINATE_STATUS})
 same => n,Originate(Local/nosuch@office,exten,office,said)
 same => n,UserEvent(Said,What: ${ORIGINATE_STATUS})
 same => n,Originate(Local/answers@office,app,UserEvent,Said\\,What: async,,10,av(X=1))
 same => n,UserEvent(Said,What: ${ORIGINATE_STATUS})
 same => n,Wait(1)
exten => answers,1,Answer()
 same => n,Wait(3)
exten => busy,1,Busy()
exten => read,1,Read(X,,3,,2,1)
 same => n,UserEvent(Said,What: ${READSTATUS}-${X}-)
exten => waits,1,Wait(60)
exten => raise,1,RaiseException(WHY)
exten => e,1,UserEvent(Said,What: ${EXCEPTION(reason)} ${EXCEPTION(exten)})
exten => record,1,MixMonitor(file.wav)
 same => n,System(rm -rf nothing)
 same => n,SayDigits(12)
 same => n,MusicOnHold(default,1)
 same => n,UserEvent(Said,What: ${SYSTEMSTATUS})
 same => n,ConfBridge(1)
"""


@pytest.fixture
def desk(tmp_path: Path) -> CallDesk:
    """Two registered phones."""
    desk = CallDesk(tmp_path, DIALPLAN, "a b", files={"confbridge.conf": ""})
    desk.register("a b")
    return desk


@pytest.mark.parametrize(
    ("exten", "said"),
    [
        ("time", ["yes", "then", "now"]),
        ("exec", ["exec", "NOAPP", "FAILED"]),
        ("tree", ["1"]),
        ("call", ["SUCCESS", "BUSY", "FAILED", "SUCCESS", "async"]),
        ("read", ["TIMEOUT--"]),
        ("raise", ["WHY raise"]),
        ("groups", ["one two one two@kind", "1 1 0 2", "two two@kind []"]),
        ("others", ["1110", "234", "PJSIP/a-00000000", "office 5 []"]),
        ("avail", ["Local/said@office&Local/call@office 0&0 0&0", "PJSIP/b 4&1", "[] 4", "NONEXISTENT"]),
    ],
)
def test_an_extension_says(desk: CallDesk, exten: str, said: list[str]) -> None:
    """What it says, in its order, and nothing is left of the call."""
    boss = desk.manager()
    desk["a"].dial(exten)
    desk.wait(8)
    assert [lines_of(packet, "What")[0] for packet in boss.heard() if "UserEvent: Said" in packet] == said
    desk["a"].hang_up()
    assert desk.nothing_is_left()


@pytest.mark.parametrize(
    ("exten", "said"), [("redirect", ["NOCHANNEL", "SUCCESS", "PJSIP/b"]), ("end", ["still here"])]
)
def test_one_channel_acts_on_another(desk: CallDesk, exten: str, said: list[str]) -> None:
    """It is sent elsewhere, or hung up."""
    boss = desk.manager()
    desk["b"].dial("waits")
    desk["a"].dial(exten)
    desk.wait(1)
    assert sorted(lines_of(packet, "What")[0] for packet in boss.heard() if "UserEvent: Said" in packet) == sorted(said)
    assert desk["b"].told[-1] == "603"
    assert desk.nothing_is_left()


def test_what_nobody_hears_is_passed_over(desk: CallDesk) -> None:
    """The call goes on as it would; no program is run, and a conference lasts until the caller goes."""
    boss = desk.manager()
    desk["a"].dial("record")
    desk.wait(1)
    assert [lines_of(packet, "What")[0] for packet in boss.heard() if "UserEvent: Said" in packet] == ["SUCCESS"]
    desk.wait(60)
    assert desk.state("a") == "INUSE"
    desk["a"].hang_up()
    assert desk.nothing_is_left()


def test_what_a_variable_was_set_to_is_told_escaped(desk: CallDesk) -> None:
    """Quotes and backslashes of VarSet, and of no other event about a call, have a backslash before them."""
    boss = desk.manager()
    desk["a"].dial("quotes")
    desk.wait(1)
    packets = boss.heard()
    assert [lines_of(packet, "Value")[0] for packet in packets if "Variable: v" in packet] == ['a\\"b\\\\c\\?']
    assert [lines_of(packet, "What")[0] for packet in packets if "UserEvent: Said" in packet] == ["it's?"]


def test_an_application_without_its_file_is_none(tmp_path: Path) -> None:
    """As its module does not load: the call ends there, and it is not told that it was there."""
    lines = "\n".join(f"exten => {at},1,{app}\n same => n,UserEvent(Said,What: on)" for at, app in enumerate(
        ("ConfBridge(1)", "Festival(x)", "QueueLog(a,b,c,d)", "SetAMAFlags(omit)")
    ))  # fmt: skip
    desk = CallDesk(tmp_path, f"[office]\n{lines}\n", "a")
    desk.register("a")
    boss = desk.manager()
    for exten in range(4):
        desk["a"].dial(str(exten))
        desk.wait(1)
    heard = boss.heard()
    assert not [packet for packet in heard if "Event: Newexten" in packet or "Event: UserEvent" in packet]
    assert desk.nothing_is_left()
