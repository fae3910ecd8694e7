"""Voicemail: greeting, recording, what is kept, and that it outlives the server."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import InputError
from harness.pbx.calls.spool import Message, Spool
from tests.pbx.call_desk import CallDesk
from tests.pbx.manager_lines import Line

DIALPLAN = """
[office]
exten => _m.,1,VoiceMail(${EXTEN:1}@default,s)
 same => n,UserEvent(Mail,Status: ${VMSTATUS},File: ${VM_MESSAGEFILE})
exten => greet,1,VoiceMail(2000@default,u)
 same => n,UserEvent(Mail,Status: ${VMSTATUS})
exten => early,1,VoiceMail(2000@default,es)
exten => two,1,VoiceMail(2000@default&2001&nosuch&2004,sU)
exten => bad,1,VoiceMail(2000@default,s(x)
exten => none,1,VoiceMail()
exten => read,1,VoiceMailMain(2000@default,s)
exten => oldread,1,VoiceMailMain(s2000)
exten => login,1,VoiceMailMain(2000@default)
 same => n,UserEvent(Main,On: yes)
exten => info,1,UserEvent(Info,A: ${VM_INFO(2000@default,fullname)} ${VM_INFO(2000,email)} ${VM_INFO(2000,tz)})
 same => n,UserEvent(Info,A: ${VM_INFO(2000,count)} ${VM_INFO(2000,count,Old)} ${VM_INFO(2000,count,nosuch)})
 same => n,UserEvent(Info,A: ${VM_INFO(nosuch,exists)}${VM_INFO(2000,exists)}[${VM_INFO(nosuch,count)}${VM_INFO()}])
exten => ring,1,Dial(Local/m2000@office/n)
exten => lamp,hint,MWI:2000@default
exten => h,1,UserEvent(Over,Status: ${VMSTATUS})
"""
BOXES = """
[general]
maxsecs=60
[default]
2000 => 1234,Bob,bob@example.com,,tz=eastern
2001 => 1,Slow,,,minsecs=3
2002 => 1,Full,,,maxmsg=1
2003 => 1,Short,,,maxsecs=2
2004 => 1,Keeps nothing,,,delete=yes
2005 => 1,Greets,,,maxmsg=0
2006 => 1,Stays new,,,moveheard=no
[other]
2000 => 1,Elsewhere
"""


@pytest.fixture
def desk(tmp_path: Path) -> CallDesk:
    return voicemail(tmp_path)


def voicemail(folder: Path, **more: str) -> CallDesk:
    made = CallDesk(folder, DIALPLAN, files={"voicemail.conf": BOXES}, **more)
    made.register("a b")
    made["a"].speaks = True
    return made


def said(desk: CallDesk) -> list[str]:
    """What the dialplan said of each message, in the end."""
    return [status for (status,) in desk.heard("UserEvent", "Status") if status]


def waiting(desk: CallDesk) -> list[tuple[str, ...]]:
    return desk.heard("MessageWaiting", "Mailbox", "Waiting", "New", "Old")


def ask(line: Line, action: str, **fields: str) -> str:
    """What the manager interface answers, one row a line."""
    rows = [f"{name}: {value}" for name, value in {"Action": action, **fields}.items()]
    return "".join(f"{row}\n" for packet in line.send("\n".join(rows)) for row in packet)


def leave(desk: CallDesk, number: str = "m2000", seconds: float = 5) -> None:
    desk["a"].dial(number)
    desk.wait(seconds)
    desk["a"].hang_up()


# leaving a message


def test_what_is_said_until_the_end_of_the_call_is_kept(desk: CallDesk) -> None:
    """The box has a message of that length, its lamp goes on, and the call ended well."""
    leave(desk)
    assert said(desk) == ["SUCCESS"]
    (message,) = desk.server.services.voicemail.spool.messages("default", "2000")
    fields = message.fields
    assert fields["duration"] == "4"  # 5.1 s, of which 0.5 passed before it was listened to
    assert (fields["origmailbox"], fields["exten"], fields["callerid"]) == ("2000", "m2000", "a")
    assert fields["msg_id"].endswith("-00000000")
    assert waiting(desk) == [("2000@default", "1", "1", "0")]
    assert (desk.device("MWI:2000@default"), desk.device("MWI:2001@default")) == ("INUSE", "NOT_INUSE")
    assert desk.device("MWI:nosuch@default") == "INVALID"
    assert desk.nothing_is_left()


def test_a_phone_that_sends_nothing_is_not_listened_to_for_long(desk: CallDesk) -> None:
    """After four seconds an empty message is kept and the caller is let go."""
    desk["b"].dial("m2000")
    desk.wait(4.3)
    assert said(desk) == []
    desk.wait(0.3)
    assert said(desk) == ["SUCCESS"]
    assert desk["b"].told[-1] == "bye"
    (message,) = desk.server.services.voicemail.spool.messages("default", "2000")
    assert message.fields["duration"] == "0"


def test_a_message_may_be_too_short(desk: CallDesk) -> None:
    """One below minsecs is not kept."""
    leave(desk, "m2001", 2)
    leave(desk, "m2001", 4)
    assert said(desk) == ["FAILED", "SUCCESS"]
    assert waiting(desk) == [("2001@default", "1", "1", "0")]


def test_a_message_is_cut_at_maxsecs(desk: CallDesk) -> None:
    """Then the dialplan goes on."""
    desk["a"].dial("m2003")
    desk.wait(3)
    assert desk.heard("UserEvent", "UserEvent", "Status")[0] == ("Mail", "SUCCESS")
    (message,) = desk.server.services.voicemail.spool.messages("default", "2003")
    assert message.fields["duration"] == "2"


def test_a_full_box_takes_nothing(desk: CallDesk) -> None:
    """The second message of a box for one is refused, also while the first is being left."""
    desk["b"].dial("m2002")
    desk.wait(1)
    leave(desk, "m2002")
    desk.wait(4)
    assert sorted(said(desk)) == ["FAILED", "FAILED", "SUCCESS"]  # the second is told once more by its h
    assert waiting(desk) == [("2002@default", "1", "1", "0")]


def test_a_box_without_room_for_any_only_greets(desk: CallDesk) -> None:
    """maxmsg=0 is a success without a message."""
    desk["b"].dial("m2005")
    desk.wait(1)
    assert said(desk)[0] == "SUCCESS"
    assert waiting(desk) == []


def test_a_box_that_is_not_there_lets_the_dialplan_go_on(desk: CallDesk) -> None:
    """The call is answered, VMSTATUS is FAILED."""
    desk["b"].dial("mnosuch")
    desk.wait(1)
    assert "answered" in desk["b"].told
    assert said(desk)[0] == "FAILED"


@pytest.mark.parametrize("number", ["bad", "none"])
def test_what_cannot_be_read_ends_the_call(desk: CallDesk, number: str) -> None:
    """Option letters that are not closed, or no box at all: the call is not even answered."""
    desk["a"].dial(number)
    desk.wait(1)
    assert desk["a"].told[-1] == "603"
    assert said(desk) == []


def test_without_prompts_only_a_person_gets_past_the_greeting(desk: CallDesk) -> None:
    """As in an Asterisk without sounds; the phones of this project do without."""
    desk["b"].dial("greet")
    desk.wait(1)
    assert (desk["b"].told[-1], said(desk)) == ("bye", ["FAILED"])
    leave(desk, "greet")
    assert said(desk) == ["FAILED", "SUCCESS"]


def test_prompts_take_their_time(tmp_path: Path) -> None:
    """A caller who hangs up before their end leaves nothing."""
    desk = voicemail(tmp_path)
    sounds = tmp_path / "etc" / "sounds"
    (sounds / "digits").mkdir(parents=True)
    for name in ("vm-theperson", "vm-isunavail", "vm-intro", "digits/2", "digits/0"):
        (sounds / f"{name}.ulaw").write_bytes(bytes(8000))
    leave(desk, "greet", 7)  # 0.5 s, the name, four digits, that he is away, and what to do: 7.5 s
    assert said(desk) == ["FAILED"]
    leave(desk, "greet", 9)
    assert said(desk) == ["FAILED", "SUCCESS"]
    assert len(waiting(desk)) == 1


def test_an_early_greeting_is_not_answered(desk: CallDesk) -> None:
    """Option e: 183 first, the answer with the recording."""
    desk["a"].dial("early")
    assert desk["a"].told[:2] == ["183", "answered"]


def test_several_boxes_get_copies(desk: CallDesk) -> None:
    """Urgent ones here; one is unknown, one keeps nothing, and the first is told last."""
    leave(desk, "two")
    assert waiting(desk) == [
        ("2001@default", "1", "1", "0"),
        ("2004@default", "0", "0", "0"),
        ("2000@default", "1", "1", "0"),
    ]
    spool = desk.server.services.voicemail.spool
    assert [len(spool.messages("default", box, "Urgent")) for box in ("2000", "2001", "2004")] == [1, 1, 0]


def test_what_is_played_at_the_far_end_of_a_local_channel_is_heard(desk: CallDesk) -> None:
    """As Milliwatt in an Originate."""
    line = desk.manager()
    ask(line, "Originate", Channel="Local/m2000@office", Application="Milliwatt", Async="true")
    desk.wait(6)
    assert said(desk) == []
    ask(line, "Hangup", Channel="/^Local/")
    desk.wait(1)
    assert said(desk) == ["SUCCESS"]
    assert desk.server.services.voicemail.spool.messages("default", "2000")[0].fields["duration"] == "5"


def test_a_person_behind_a_local_channel_is_heard(desk: CallDesk) -> None:
    """Who calls through Dial(Local/...) speaks into the box."""
    leave(desk, "ring", 8)
    assert "SUCCESS" in said(desk)


# listening


def test_who_listens_makes_messages_old(desk: CallDesk) -> None:
    """The lamp goes out when a person hangs up; a phone without anybody changes nothing."""
    leave(desk)
    desk["b"].dial("read")
    desk.wait(1)
    assert desk["b"].told[-1] == "bye"
    assert waiting(desk)[1:] == [("2000@default", "1", "1", "0")]
    leave(desk, "read")
    assert waiting(desk)[2:] == [("2000@default", "0", "0", "1")]
    assert desk.device("MWI:2000@default") == "NOT_INUSE"
    leave(desk, "oldread")
    assert waiting(desk)[3:] == [("2000@default", "0", "0", "1")]


def test_without_a_login_nobody_listens(desk: CallDesk) -> None:
    """A phone where nobody types the password goes on with the dialplan; a person knows it."""
    desk["b"].dial("login")
    desk.wait(1)
    assert desk.heard("UserEvent", "On")[0] == ("yes",)
    leave(desk, "login")
    assert waiting(desk) == [("2000@default", "0", "0", "0")]


# what is told of boxes


def test_functions_tell_of_boxes(desk: CallDesk) -> None:
    """VM_INFO(): nothing for a box that is not there."""
    leave(desk)
    desk["b"].dial("info")
    desk.wait(1)
    told = [text for (text,) in desk.heard("UserEvent", "A") if text]
    assert told == ["Bob bob@example.com eastern", "1 0 0", "01[]"]


def test_commands_tell_and_move(desk: CallDesk) -> None:
    """voicemail show ..., move and remove; what is wrong fails."""
    leave(desk)
    users = desk.command("voicemail show users for default").splitlines()
    assert users[0] == "Context    Mbox  User                      Zone       NewMsg"
    assert users[1] == "default    2000  Bob                       eastern         1"
    assert users[-1] == "7 voicemail users configured."
    assert desk.command("voicemail show users for nope") == (
        'No such voicemail context "nope"\nCommand \'voicemail show users for nope\' failed.\n'
    )
    message = desk.server.services.voicemail.spool.messages("default", "2000")[0].id
    assert "\nINBOX " in desk.command("voicemail show mailbox 2000 default")
    assert desk.command(f"voicemail move 2000 default INBOX {message} Old") == (
        f"Moved message {message} from mailbox 2000@default INBOX to Old\n"
    )
    assert waiting(desk)[-1] == ("2000@default", "0", "0", "1")
    assert desk.command(f"voicemail move 2000 default INBOX {message} Old").startswith("Error moving message")
    assert desk.command(f"voicemail forward 2000 default Old {message} 2000 other INBOX").startswith("Forwarded")
    assert waiting(desk)[-1] == ("2000@other", "1", "1", "0")
    assert desk.command(f"voicemail remove 2000 default old {message}").startswith("Removed message")
    assert waiting(desk)[-1] == ("2000@default", "0", "0", "0")
    assert desk.command("voicemail show zones").startswith("There are no voicemail zones")


def test_actions_tell_and_move(desk: CallDesk) -> None:
    """Mailbox..., Voicemail...: counts, boxes, messages."""
    leave(desk, "two")
    line = desk.manager()
    assert "UrgMessages: 1\nNewMessages: 0" in ask(line, "MailboxCount", Mailbox="2000@default")
    assert "Waiting: 1" in ask(line, "MailboxStatus", Mailbox="2000, 2003")
    assert "Mailbox not specified" in ask(line, "MailboxStatus")
    assert "ListItems: 8" in ask(line, "VoicemailUsersList")
    told = ask(line, "VoicemailUserStatus", Context="other", Mailbox="2000")
    assert "Email: (null)" in told
    assert "MaxMessageLength: 60" in told
    assert "Need 'Context'" in ask(line, "VoicemailUserStatus", Context="other")
    told = ask(line, "VoicemailBoxSummary", Context="default", Mailbox="2000")
    assert "Folder: Urgent" in told
    assert "Flag: Urgent" in told
    message = told.partition("\nID: ")[2].partition("\n")[0]
    place = {"Mailbox": "2000", "Context": "default", "Folder": "Urgent", "ID": message}
    assert "ToFolder not specified" in ask(line, "VoicemailMove", **place)
    assert "move successful" in ask(line, "VoicemailMove", **place, ToFolder="Old")
    assert "remove failed" in ask(line, "VoicemailRemove", **place)


def test_a_reload_brings_boxes(desk: CallDesk, tmp_path: Path) -> None:
    """Each box is told of again; a file that cannot be read changes nothing; without one there are no boxes."""
    conf = tmp_path / "etc" / "voicemail.conf"
    conf.write_text("[default]\n3000 => 1,New\n")
    assert desk.command("voicemail reload") == "Reloading voicemail configuration...\n"
    assert waiting(desk) == [("3000@default", "0", "0", "0")]
    conf.write_text("[default\n")
    assert "reloaded successfully" not in desk.command("module reload app_voicemail")
    assert "3000" in desk.command("voicemail show users")
    conf.unlink()
    assert "reloaded successfully" in desk.command("module reload app_voicemail")
    assert desk.command("voicemail show users").startswith("There are no voicemail users")


# files


def test_messages_outlive_the_server(tmp_path: Path) -> None:
    """They are files in the data folder, as in Asterisk's spool."""
    desk = voicemail(tmp_path, data=str(tmp_path / "data"))
    leave(desk)
    file = tmp_path / "data" / "voicemail" / "default" / "2000" / "INBOX" / "msg0000.txt"
    assert desk.heard("VarSet", "Variable", "Value").count(("VM_MESSAGEFILE", str(file.with_suffix("")))) == 1
    begins = ";\n; Message Information file\n;\n[message]\norigmailbox=2000\ncontext=office\n"
    assert file.read_text().startswith(begins)
    desk.serving.stop()
    (tmp_path / "again").mkdir()
    again = CallDesk(tmp_path / "again", DIALPLAN, files={"voicemail.conf": BOXES}, data=str(tmp_path / "data"))
    assert again.device("MWI:2000@default") == "INUSE"
    assert "\nINBOX " in again.command("voicemail show mailbox 2000 default")


def test_files_follow_what_is_taken_out(tmp_path: Path) -> None:
    """Those after it move up; what is no message of a box is let alone."""
    spool = Spool(tmp_path)
    one, two, three = (Message({"msg_id": number}) for number in "123")
    for each in (one, two, three):
        spool.add("default", "2000", "INBOX", each)
    spool.move("default", "2000", "INBOX", two, "Old")
    folder = tmp_path / "default" / "2000"
    (folder / "INBOX" / "msg0000.wav").write_bytes(b"RIFF")
    (folder / "INBOX" / "note.txt").write_text("msg_id=9")
    (folder / "Odd").mkdir()
    (folder / "Odd" / "msg0000.txt").write_text("msg_id=9")
    (folder / "Old" / "msg0001.txt").write_bytes(b"[message]\n;x\nno value\nmsg_id = 4 \ncallerid=\xff\n")
    again = Spool(tmp_path)
    assert [each.id for each in again.messages("default", "2000")] == ["1", "3"]
    assert [each.id for each in again.messages("default", "2000", "Old")] == ["2", "4"]
    assert again.messages("default", "2000", "Odd") == ()
    again.remove("default", "2000", "INBOX", again.messages("default", "2000")[0])
    assert sorted(path.name for path in (folder / "INBOX").iterdir()) == ["msg0000.txt", "msg0000.wav", "note.txt"]


def test_a_move_that_the_disk_refuses_moves_nothing(tmp_path: Path) -> None:
    """Nor is there a second copy."""
    spool = Spool(tmp_path)
    message = Message({"msg_id": "1"})
    spool.add("default", "2000", "INBOX", message)
    (tmp_path / "default" / "2000" / "Old").write_text("no folder")
    with pytest.raises(InputError, match="cannot be kept"):
        spool.move("default", "2000", "INBOX", message, "Old")
    assert spool.messages("default", "2000") == (message,)
    assert spool.messages("default", "2000", "Old") == ()


def test_a_caller_writes_no_field_of_his_own(tmp_path: Path) -> None:
    """What he says of himself stays on one line, whatever breaks lines elsewhere."""
    name = "zed\ncontext=evil\x0borig\u2028origmailbox=777"
    Spool(tmp_path).add("default", "2000", "INBOX", Message({"callerid": name, "context": "default"}))
    (again,) = Spool(tmp_path).messages("default", "2000")
    assert again.fields == {"callerid": "zed context=evil orig\u2028origmailbox=777", "context": "default"}


def test_a_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    """The message stays in memory, and no name of a box leads out of the folder."""
    (tmp_path / "file").write_text("")
    desk = voicemail(tmp_path)
    told: list[str] = []
    service = desk.server.services.voicemail
    service._trouble = told.append
    service.spool.place = tmp_path / "file"
    leave(desk)
    assert ["a message cannot be kept" in text for text in told] == [True]
    assert waiting(desk) == [("2000@default", "1", "1", "0")]
    spool = Spool(tmp_path / "spool")
    spool.add("..", "2000", "INBOX", Message())
    spool.add("a/b", "2000", "INBOX", Message())
    assert not (tmp_path / "spool").exists()
