"""What the dialplan says and cannot do is told with its line; what may be right is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.check.applications import KNOWN
from harness.check.dialplan import dialplan_notes, without_variables
from harness.cli import shipped
from harness.config.folder import read_folder
from harness.dialplan.plan import Dialplan
from harness.net.world import World
from harness.pbx.astdb import VolatileDB
from harness.targets.assembly import Assembly
from harness.targets.serving import ServeOptions, Serving

PLAN = """
[office]
include => more
exten => _2XXX,1,{line}
 same => n(two),Hangup()
exten => 100,1,Answer()
 same => n(here),Hangup()
exten => 100,hint,PJSIP/100
exten => 101,hint,PJSIP/101
[more]
exten => s,1,Return()
[around]
include => office
exten => 900,1(top),Hangup()
[elsewhere]
switch => Realtime/x@y
"""
QUEUES = "[general]\n[sales]\n"
BOXES = "[general]\n[default]\n100 => 1,One\n[acme]\n200 => 1,Two\n"
Told = Callable[..., list[str]]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """The notes on a dialplan with one line of its own, each as `line: text`."""

    def notes(line: str, **files: str) -> list[str]:
        written = {"queues.conf": QUEUES, "voicemail.conf": BOXES} | files
        for name, text in {"extensions.conf": PLAN.format(line=line), **written}.items():
            (tmp_path / name).write_text(text, "utf-8")
        configuration = read_folder(tmp_path)
        assert configuration.extensions is not None
        found = dialplan_notes(configuration, Dialplan(configuration.extensions))
        assert {str(note.where) for note in found} <= {"extensions.conf:4"}
        return [note.text for note in found]

    return notes


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Dail(PJSIP/${EXTEN})", "there is no application 'Dail'; did you mean \"Dial\"?"),
        ("Macro(stdexten,${EXTEN})", "there is no application 'Macro' in Asterisk 22; Gosub took its place"),
        ("ExecIf($[1]?Dail(x):Hangup())", "ExecIf: there is no application 'Dail'; did you mean \"Dial\"?"),
        ("ExecIf($[1]?Hangup():Goto(nowhere,1))", "ExecIf: Goto: [office] has no extension 'nowhere'"),
        ("ExecIfTime(*,*,*,*?Hangpu())", "ExecIfTime: there is no application 'Hangpu'; did you mean \"Hangup\"?"),
        ("Goto(ofice,100,1)", "Goto: there is no context 'ofice'; did you mean \"office\"?"),
        ("Goto(office,300,1)", "Goto: [office] has no extension '300'"),
        ("Goto(300,1)", "Goto: [office] has no extension '300'"),
        ("Goto(101,1)", "Goto: [office] has no extension '101'"),
        ("Goto(100,7)", "Goto: extension 100 of [office] has no priority 7"),
        ("Goto(100,hree)", "Goto: extension 100 of [office] has no label 'hree'; did you mean \"here\"?"),
        ("Goto(tow)", "Goto: extension _2XXX of [office] has no label 'tow'"),
        ("GotoIf($[${X} > 1]?three)", "GotoIf: extension _2XXX of [office] has no label 'three'"),
        ("GotoIf($[\"${X?}\" = \"a:b\"]?two:three)", "GotoIf: extension _2XXX of [office] has no label 'three'"),
        ("GotoIfTime(8:00-9:00,*,*,*?two:three)", "GotoIfTime: extension _2XXX of [office] has no label 'three'"),
        ("Gosub(sub,s,1(${EXTEN},2))", "Gosub: there is no context 'sub'"),
        ("GosubIf($[1]?more,s,1(a:b):more,t,1)", "GosubIf: [more] has no extension 't'"),
        ("Queue(sails,t)", "Queue: queues.conf has no queue 'sails'; did you mean \"sales\"?"),
        ("VoiceMail(300,u)", "VoiceMail: voicemail.conf has no mailbox '300'"),
        ("VoiceMail(100&200,u)", "VoiceMail: voicemail.conf has no mailbox '200'"),
        ("VoiceMail(100@acme)", "VoiceMail: voicemail.conf has no mailbox '100@acme'; did you mean \"200@acme\"?"),
    ],
)  # fmt: skip
def test_what_ends_a_call_is_told(told: Told, line: str, said: str) -> None:
    """With the line, and what was meant where something is near."""
    assert told(line) == [said]


@pytest.mark.parametrize(
    "line",
    [
        "Goto(two)", "Goto(100,1)", "Goto(100,here)", "Goto(office,2999,two)", "Goto(+1)", "Goto(-1)", "Goto(2)",
        "Goto(s,1)", "Goto(900,top)", "Goto(top)", "Goto()", "Goto(elsewhere,anything,1)", "Goto(parkedcalls,701,1)",
        "Goto(${X},s,1)", "Goto(office,${X},1)", "Goto(office,s-${X},1)", "Goto(office,100,${X})", "Goto(${X})",
        "GotoIf($[${X}?1:2]?two:two)", "GotoIf(${X}?:two)", "GotoIf(1?two)", "GotoIfTime(8:00-9:00,*,*,*?two)",
        "Gosub(more,s,1(a,b))", "GosubIf($[1]?more,s,1(a:b))", "GosubIf(1?more,s,1)", "ExecIf(${X}?${APP}(1))",
        "${APP}(x)", "TryExec(nosuch(x))", "Park()", "voicemailMAIN()", "NoOp(Goto(nowhere))",
        "Queue(SALES)", "Queue(${X})", "VoiceMail(100&200@acme,u)", "VoiceMail(${EXTEN}@acme)", "VoiceMail()",
    ],
)  # fmt: skip
def test_what_may_be_right_is_not_told(told: Told, line: str) -> None:
    """Variables, jumps within a context that is included, what modules make, what is only not served here."""
    assert told(line) == []


def test_the_same_slip_is_told_once(tmp_path: Path) -> None:
    """With its first line and how many more there are."""
    lines = "".join(f"exten => {number},1,Macro(x)\n" for number in range(3))
    lines += "exten => 9,1,Queue(x)\nexten => 9,2,VoiceMail(1)\n"
    (tmp_path / "extensions.conf").write_text(f"[a]\n{lines}", "utf-8")
    configuration = read_folder(tmp_path)
    assert configuration.extensions is not None
    assert list(map(str, dialplan_notes(configuration, Dialplan(configuration.extensions)))) == [
        "extensions.conf:2: there is no application 'Macro' in Asterisk 22; Gosub took its place (and in 2 more lines)",
        "extensions.conf:5: Queue: there is no queues.conf",
        "extensions.conf:6: VoiceMail: there is no voicemail.conf",
    ]


@pytest.mark.parametrize("name", ["extensions.ael", "extensions.lua", "users.conf"])
def test_what_another_file_may_define_is_not_missed(told: Told, name: str) -> None:
    """It is not read, so that nobody knows."""
    assert told("Goto(nowhere,s,1)", **{name: ""}) == []
    assert told("Dail()") != []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a${B}c", "a\0c"), ("${A${B}}", "\0"), ("$[${A}?1:2]?x", "\0?x"), ("${A", "\0"), ("a}b]c", "a}b]c"),
        ("${A:${LEN(x)}}-${B}", "\0-\0"), ("", ""), ("$A", "$A"),
    ],
)  # fmt: skip
def test_variables_are_taken_out_whole(text: str, plain: str) -> None:
    """With all that stands in them."""
    assert without_variables(text) == plain


def test_every_application_of_the_server_is_known() -> None:
    """Those of queues, mailboxes and texts, too."""
    assembly = Assembly(read_folder(shipped() / "calls" / "voicemail"), World.simulated("1"), VolatileDB())
    assert set(assembly.server.exchange.applications) <= KNOWN


def test_what_is_shipped_has_nothing_to_tell() -> None:
    """But the mailbox that a scenario misses on purpose."""
    told = []
    for path in sorted(shipped().rglob("extensions.conf")):
        configuration = read_folder(path.parent)
        assert configuration.extensions is not None
        told += map(str, dialplan_notes(configuration, Dialplan(configuration.extensions)))
    assert told == [
        "extensions.conf:11: VoiceMail: voicemail.conf has no mailbox '20001@default'; did you mean \"2001@default\"?"
    ]


def test_serve_tells_it_once(tmp_path: Path) -> None:
    """Among its other notes, and goes on."""
    for path in (shipped() / "presence" / "page").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "extensions.conf").open("a", encoding="utf-8") as file:
        file.write("exten => 7,1,Dail(PJSIP/2000)\n")
    said: list[str] = []
    Serving(ServeOptions(tmp_path, data=":memory:"), World.simulated("1"), lambda note: said.append(note.text))
    assert said.count("there is no application 'Dail'; did you mean \"Dial\"?") == 1
