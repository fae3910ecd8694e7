"""For each shipped scenario, changes of one line that make it fail, and the hop at which the road then ends.

A scenario that no small change could break would say nothing. What is changed is a line of its configuration, or
one name of the product.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.core.states import PresenceState
from harness.core.value import NOTHING_SET, Found, Presence
from harness.dpma import ShimOptions
from harness.dpma.value import presence_value
from phones.call import Call
from phones.interpret import FAMILIES, PRESENCES, Family
from tests.shipped.telling import change_line


class Unlike(Found):
    """What is never the same as what was told before."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = Found.__hash__


class WithoutMessage(Found):
    """What is compared without its message."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple) and self[:2] == other[:2]

    __hash__ = Found.__hash__


@dataclass(frozen=True)
class Line:
    """`old` becomes `new` in a file of the scenario's configuration.

    `hop` is where the road then ends, '' where it does not: something comes that should stay away. `step` is text of
    the step that fails.
    """

    hop: str
    step: str
    file: str
    old: str
    new: str

    def make(self, folder: Path, _patch: pytest.MonkeyPatch) -> None:
        """Change the copy."""
        change_line(folder / self.file, self.old, self.new)


@dataclass(frozen=True)
class Name:
    """A name of the product stands for something else; `hop` and `step` as in `Line`."""

    hop: str
    step: str
    name: str
    value: object

    def make(self, _folder: Path, patch: pytest.MonkeyPatch) -> None:
        """Change the running program."""
        patch.setattr(self.name, self.value)


def plain(status: str, substatus: str) -> str:
    """A value whose commas are not encoded."""
    return f"{status},{substatus},"


def ascii_where_plain(status: str, substatus: str) -> str:
    """A value that knows ASCII alone where it is not encoded."""
    return presence_value(status, substatus).encode("ascii", "replace").decode()


def families_without(presence: str) -> dict[str, Family]:
    """Phones that do not know one of the states."""
    known = tuple(each for each in PRESENCES if each != presence)
    return {name: family._replace(presences=known) for name, family in FAMILIES.items()}


def end_in_silence(call: Call, why: str = "") -> None:
    """A phone that shows the end of a call and tells nobody."""
    call.end(why)


EXTENSIONS, PHONES = "extensions.conf", "res_digium_phone.conf"
HINT_2000 = "exten => 2000,hint,PJSIP/2000,CustomPresence:2000"
HINT_2001 = "exten => 2001,hint,PJSIP/2001,CustomPresence:2001"
HINT_TEAM = "exten => 2500,hint,PJSIP/2000&PJSIP/2001"
DIAL_2000 = "exten => 2000,1,Dial(PJSIP/2000,10)"
DIAL_TEAM = "exten => 2500,1,Dial(PJSIP/2000&PJSIP/2001,10)"
TOGGLE = "same => n,GotoIf($[${CURRENT_PRESENCE}=available]?set_unavailable:set_available)"
SET_AVAILABLE = "same => n(set_available),Set(PRESENCE_STATE(CustomPresence:Bob)=available)"
ASK_BOB = "exten => 2001,1,GotoIf($[${PRESENCE_STATE(CustomPresence:Bob,value)}!=available]?voicemail)"
VOICEMAIL_OF_BOB = "same => n(voicemail),VoiceMail(Bob@default)"
KEY_TO_MAIL = (
    '          <behavior phone_state="idle" target_status="on_the_phone" '
    'press_action="sendtovm" press_function="dial"/>'
)
KEY_TO_TRANSFER = '          <behavior phone_state="connected" press_action="primary" press_function="transfer"/>'
PICKUP_CONTACT = (
    '    <contact id="bob" first_name="Bob" contact_type="sip" account_id="2000" subscribe_to="2000" '
    'pickup_action="pickupcall">'
)
PRIMARY = '        <action id="primary" dial="2000" label="Office" name="Call"/>'
HINT_101 = "exten => 101,hint,PJSIP/bob.smith,CustomPresence:bob.smith"
HINT_102 = "exten => 102,hint,PJSIP/bob.smith,CustomPresence:101-1"
HINT_BOB = "exten => bob,hint,,CustomPresence:2000"
HINT_DESK = "exten => bob,hint,Custom:desk,CustomPresence:2000"
HINT_CUSTOM_BOB = "exten => 2000,hint,Custom:bob,CustomPresence:2000"
BLF = "blf.xml"
BLF_RINGING = (
    '          <indicator target_status="ringing" ring="1" ringtone_id="Techno" led_color="amber" led_state="fast" '
    'line_label_fgcolor="#FFFFFF" line_label_bgcolor="#308030"/>'
)
PAGES_SECOND = '      <blf_item location="main" index="1" contact_id="2001"/>'
PAGES_SIDE = '      <blf_item location="side" index="9" contact_id="2002"/>'
WRONG_WORD = '          <indicator target_status="hold" led_color="red" led_state="slow"/>'
CONTACT = '    <contact id="2000" first_name="Bob" contact_type="sip" account_id="2000" subscribe_to="%s">'

CHANGES: dict[str, tuple[Line | Name, ...]] = {
    "01-the-page": (
        Line("hint", "expect", EXTENSIONS, HINT_2000, "exten => 2000,hint,PJSIP/2000"),
        Line("hint", "expect", EXTENSIONS, HINT_2000, "exten => 2000,hint,PJSIP/2000,CustomPresence:bob"),
        Line("dpma", "expect", PHONES, "status=away", "status=unavailable"),
    ),
    "02-five-statuses": (
        Line("dpma", "xa", PHONES, "status=xa", "status=unavailable"),
        Name("screen", "xa", "phones.interpret.FAMILIES", families_without("xa")),
    ),
    "03-names": (
        Line("hint", "expect", EXTENSIONS, HINT_101, HINT_101.replace("Presence:bob.smith", "Presence:101-1")),
        Line("", "never", EXTENSIONS, HINT_102, HINT_102.replace("Presence:101-1", "Presence:bob.smith")),
    ),
    "04-two-lines": (
        Line("hint", "2000", PHONES, "line=2000", ";line=2000"),
        Name("", "2050", "harness.dpma.shim.ShimOptions", lambda **_given: ShimOptions(lines="all")),
    ),
    "05-auto-hint": (
        Line("notify", "expect", "contacts.xml", CONTACT % "auto_hint_2000", CONTACT % "auto_hint_bob"),
        Name("notify", "expect", "harness.dpma.shim.AUTO_HINT_PREFIX", "autohint_"),
    ),
    "06-no-presence-part": (
        Line("", "presence: nothing", EXTENSIONS, "exten => 2000,hint,PJSIP/2000", HINT_2000),
    ),
    "07-presence-only": (
        Line("screen", "lamp", EXTENSIONS, HINT_BOB, "exten => bob,hint,PJSIP/2000,CustomPresence:2000"),
        Line("hint", "lamp", EXTENSIONS, HINT_BOB, "exten => bob,hint,,CustomPresence:bob"),
    ),
    "08-two-watchers": (
        Line("notify", "carol", PHONES, "contact=contacts-carol.xml", ";contact=contacts-carol.xml"),
    ),
    "09-twice-the-same": (
        Name("", "never", "harness.core.hints.Found", Unlike),
    ),
    "10-substatus-then-message": (
        Name("hint", "king's men", "harness.core.hints.Found", WithoutMessage),
        Line("hint", "poached", EXTENSIONS, HINT_2000, "exten => 2000,hint,PJSIP/2000,CustomPresence:bob"),
    ),
    "11-any-text": (
        Name("screen", "Lunch, back", "harness.dpma.shim.presence_value", plain),
        Name("screen", "<b>", "harness.bodies.pidf.escape", lambda text, _limit: text),
        Name("screen", "снова", "harness.core.value.to_text", lambda data: data.decode("latin-1")),
        Name("screen", "昼休み", "harness.dpma.shim.presence_value", ascii_where_plain),
    ),
    "12-unplugged": (
        Line("notify", "unknown", EXTENSIONS, HINT_2000, "exten => 2000,hint,Custom:desk,CustomPresence:2000"),
    ),
    "13-another-make": (
        Name("", "absent", "harness.bodies.pidf.wants_digium_tuple", lambda _agent: True),
    ),
    "14-wrong-context": (
        Line("", "refused", "pjsip.conf", "context=lobby", "context=default"),
    ),
    "15-server-restart": (
        Name("notify", "10 s", "harness.pbx.persistence.SubscriptionRows.take_all", lambda _self: iter(())),
        Name("screen", "10 s", "harness.core.presence.PresenceStates._custom", lambda _self, _name: NOTHING_SET),
    ),
    "16-before-the-watcher": (
        Name("screen", "expect", "harness.core.hints.Hints.presence",
             lambda _self, _context, _exten: Presence(PresenceState.NOT_SET)),
    ),
    "17-not-offered": (
        Line("", "answer: 488", PHONES, "status=xa", "status=unavailable"),
    ),
    "18-too-long": (
        Name("dpma", "presence: away", "harness.dpma.shim.MAX_SUBSTATUS_BYTES", 254),
        Name("", "answer: 413", "harness.dpma.shim.MAX_SUBSTATUS_BYTES", 256),
    ),
    "19-lamp-and-presence": (
        Line("hint", "ringing", EXTENSIONS, HINT_DESK, "exten => bob,hint,Custom:disk,CustomPresence:2000"),
        Line("hint", "dnd", EXTENSIONS, HINT_DESK, "exten => bob,hint,Custom:desk"),
    ),
    "20-keys-without-a-sheet": (
        Line("hint", "red, state: fast", EXTENSIONS, HINT_CUSTOM_BOB, HINT_CUSTOM_BOB.replace("bob", "nobody")),
        Line("", "label: Back", PHONES, "line_label=Back", "line_label=Front"),
    ),
    "21-smart-blf": (
        Line("", "amber, state: fast", BLF, BLF_RINGING, BLF_RINGING.replace("amber", "green")),
        Line("", "2001, shown: false", BLF, '      <blf_item location="main" index="4" blank="1"/>',
             '      <blf_item location="main" index="4" contact_id="2001"/>'),
        Line("screen", "place: main:3", PHONES, "blf_items=blf.xml", "blf_items=bfl.xml"),
    ),
    "22-pages-of-keys": (
        Line("screen", "main:1/2", "pages.xml", PAGES_SECOND, PAGES_SECOND.replace("main", "side")),
    ),
    "23-another-model": (
        Line("screen", "side:9", "pages.xml", PAGES_SIDE, PAGES_SIDE.replace("9", "10")),
    ),
    "24-one-wrong-word": (
        Line("", "main:1", BLF, WRONG_WORD, WRONG_WORD.replace("hold", "on_hold")),
    ),
    "25-old-firmware": (
        Name("", "main:1", "phones.keypad.loads_sheets", lambda _version: True),
    ),
    "26-no-group": (
        Line("", "shown: false", PHONES, "blf_items=good.xml", "blf_contact_group=Office"),
    ),
    "30-it-rings": (
        Line("notify", "lamp: ringing", EXTENSIONS, HINT_2000, HINT_2000.replace("PJSIP/2000", "PJSIP/1000")),
        Name("", "call: connected", "phones.call.Call.answer", lambda _self: None),
    ),
    "31-an-old-dialplan": (
        Line("", "ringing", EXTENSIONS, "exten => 2000,1,Dial(SIP/2000,10)", "exten => 2000,1,Dial(SIPP/2000,10)"),
        Name("screen", "lamp: idle", "harness.targets.sip_names.count_as_pjsip", lambda _server: None),
    ),
    "32-hold-and-resume": (
        Line("notify", "on_hold", EXTENSIONS, HINT_2001, HINT_2001.replace("PJSIP/2001", "PJSIP/2000")),
    ),
    "33-away-and-ringing": (
        Line("hint", "idle", EXTENSIONS, HINT_2000, "exten => 2000,hint,PJSIP/2000"),
        Line("notify", "Ringing", EXTENSIONS, HINT_2000, HINT_2000.replace("PJSIP/2000", "Custom:2000")),
    ),
    "34-away-is-no-excuse": (
        Line("", "ringing", PHONES, "status=away", "status=away\nsend486=yes"),
    ),
    "35-dnd-that-turns-calls-away": (
        Line("", "Busy", PHONES, "send486=yes", "send486=no"),
        Name("", "Busy", "phones.directory.Directory.turns_away", lambda _self, _status: False),
    ),
    "36-dnd-that-rings": (
        Line("", "call: ringing", PHONES, "substatus=In a meeting", "send486=yes"),
    ),
    "37-ringing-while-in-use": (
        Line("notify", "lamp: ringing", EXTENSIONS, HINT_2000, HINT_2000.replace("PJSIP/2000", "PJSIP/2001")),
    ),
    "38-a-third-call-is-busy": (
        Name("", "label: busy", "phones.calls.Calls._limit", 5),
    ),
    "39-two-devices-in-one-hint": (
        Line("notify", "lamp: ringing", EXTENSIONS, HINT_TEAM, "exten => 2500,hint,PJSIP/2000"),
    ),
    "40-two-phones-answer-at-once": (
        Line("", "all_of", EXTENSIONS, DIAL_TEAM, DIAL_TEAM.replace("&PJSIP/2001", "")),
    ),
    "41-the-caller-gives-up": (
        Line("notify", "lamp: ringing", EXTENSIONS, HINT_2000, HINT_2000.replace("PJSIP/2000", "PJSIP/1000")),
        Name("", "call: {state: ended", "phones.call.Call.hang_up", end_in_silence),
    ),
    "42-cancel-crosses-the-answer": (
        Name("", "call: ended", "phones.call.Call.hang_up", end_in_silence),
    ),
    "43-glare-on-hold": (
        Name("", "491", "harness.sip.reoffers.Reoffers.ask", lambda _self, _body, _method="INVITE": None),
    ),
    "44-not-registered": (
        Line("notify", "lamp: unknown", "pjsip.conf", "[2000](place)", "[2000](place)\ncontact=sip:2000@10.0.1.9"),
    ),
    "45-refused": (
        Line("", "dialplan", EXTENSIONS, 'same => n,GotoIf($["${DIALSTATUS}"="BUSY"]?busy)', "same => n,NoOp()"),
    ),
    "46-nobody-answers": (
        Line("", "within: 2 s", EXTENSIONS, DIAL_2000, DIAL_2000.replace("10", "20")),
    ),
    "47-no-such-extension": (
        Line("", "404", EXTENSIONS, "exten => 2001,1,Dial(PJSIP/2001,10)", "exten => _X.,1,Dial(PJSIP/1000,10)"),
    ),
    "48-a-press-on-a-contact": (
        Line("", "ringing", "contacts.xml", PRIMARY, PRIMARY.replace("2000", "2001")),
    ),
    "49-blind-transfer": (
        Line("", "ringing", EXTENSIONS, "exten => 1000,1,Dial(PJSIP/1000,10)", "exten => 1000,1,Hangup()"),
    ),
    "50-attended-transfer": (
        Line("", "call: none", "pjsip.conf", "[2000](phone)", "[2000](phone)\nallow_transfer=no"),
    ),
    "51-unplugged-in-a-call": (
        Line("notify", "on_the_phone", EXTENSIONS, HINT_2000, HINT_2000.replace("PJSIP/2000", "PJSIP/1000")),
    ),
    "52-busy-at-one": (
        Line("", "state: BUSY", "pjsip.conf", "device_state_busy_at=1", "device_state_busy_at=2"),
    ),
    "53-the-toggle": (
        Line("", "set_available", EXTENSIONS, TOGGLE, TOGGLE.replace("=available]", "=not_set]")),
        Line("hint", "presence: available", EXTENSIONS, SET_AVAILABLE, SET_AVAILABLE.replace("Bob", "Rob")),
    ),
    "54-reach-bob": (
        Line("", "Dial", EXTENSIONS, ASK_BOB, ASK_BOB.replace("!=", "=")),
    ),
    "55-as-printed": (
        Line("", "never", EXTENSIONS, "same => n(voicemail)VoiceMail(Bob@default)", VOICEMAIL_OF_BOB),
    ),
    "56-what-a-key-does": (
        Line("", "label: mail", BLF, KEY_TO_MAIL, KEY_TO_MAIL.replace("sendtovm", "primary")),
        Line("", "call: none, within: 1 s", BLF, KEY_TO_TRANSFER, ""),
    ),
    "57-a-queue-skips-who-is-busy": (
        Line("", "never", "queues.conf", "ringinuse=no", "ringinuse=yes"),
    ),
    "58-a-queue-rings-who-is-away": (
        Line("", "all_of", "queues.conf", "member => PJSIP/2000", ";member => PJSIP/2000"),
    ),
    "59-pickup": (
        Line("", "Pickup", "contacts.xml", PICKUP_CONTACT, PICKUP_CONTACT.replace("pickupcall", "primary")),
        Line("", "Pickup", EXTENSIONS, "exten => _**X.,1,Pickup(${EXTEN:2}@default)",
             "exten => _**X.,1,Pickup(${EXTEN}@default)"),
    ),
    "60-group-pickup": (
        Line("", "connected", "pjsip.conf", "call_group=1", "call_group=2"),
    ),
    "61-intercom": (
        Line("", "connected", PHONES, "ring_type=answer", "ring_type=normal"),
        Line("", "connected", EXTENSIONS, "exten => _*80X.,1,Dial(PJSIP/${EXTEN:3},10,b(page^s^1))",
             "exten => _*80X.,1,Dial(PJSIP/${EXTEN:3},10)"),
    ),
    "62-reach-voicemail": (
        Line("", "dialplan", EXTENSIONS, ASK_BOB, ASK_BOB.replace("!=", "=")),
        Line("", "new: 1", "pjsip.conf", "mailboxes=Bob@default", "mailboxes=Rob@default"),
    ),
    "63-nobody-answers-voicemail": (
        Line("", "new: 1", "pjsip.conf", "mailboxes=2000@default", "mailboxes=2009@default"),
    ),
    "64-busy-voicemail": (
        Line("", "label: busy", PHONES, "send486=yes", "send486=no"),
    ),
    "65-no-such-mailbox": (
        Line("", "FAILED", EXTENSIONS, "exten => 2001,1,VoiceMail(20001@default,us)",
             "exten => 2001,1,VoiceMail(2001@default,us)"),
    ),
}  # fmt: skip
