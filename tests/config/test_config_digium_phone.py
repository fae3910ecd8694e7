"""res_digium_phone.conf: the ten types, what they refer to, and what is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.config.digium_phone import DigiumPhoneConfig, read_digium_phone
from harness.errors import Location

OFFICE = """\
[general]
config_auth=mac
file_directory=/var/lib/asterisk/digium_phones
[lan]
type=network
alias=Office
cidr=0.0.0.0/0
registration_port=5060
[staff](!)
type=phone
application=status-away
application=voicemail
network=lan
blf_contact_group=default
[bob](staff)
full_name=Bob B.
mac=000fd3000001
line=2000
line=2001
external_line=itsp
application=status-dnd
contact=contacts.xml
contacts_max_subscriptions=40
[2000]
type=line
exten=2000
line_label=Bob
[2001]
type=line
[bob]
type=line
exten=99
[itsp]
type=external_line
server_address=sip.example.org
[status-away]
type=application
application=status
status=away
substatus=Lunch
substatus=Meeting; not this
[status-dnd]
type=application
application=status
status=DND
send486=yes
[voicemail]
type=application
application=voicemail
translation=words
[words]
type=translation
Hello=Hallo
[d40]
type=firmware
model=D40
version=1_4_2
[bell]
type=ringtone
alias=Bell
filename=bell.raw
[door]
type=alert
alert_info=door
ring_type=normal
ringtone=bell
[all]
type=multicastpage
address=224.0.0.5
port=5061
priority=1
interrupt=yes
"""


@pytest.fixture
def read(write, tmp_path: Path):
    """Read one text as res_digium_phone.conf."""

    def reader(text: str) -> DigiumPhoneConfig:
        write("res_digium_phone.conf", text)
        return read_digium_phone(tmp_path)

    return reader


def test_all_ten_types_are_read_without_a_note(read) -> None:
    """One section of each, at least."""
    config = read(OFFICE)
    assert config.notes == []
    counts = {kind: len(getattr(config, kind)) for kind in (
        "phones", "lines", "external_lines", "applications", "networks", "firmwares", "ringtones", "alerts",
        "translations", "multicastpages",
    )}  # fmt: skip
    assert counts == {
        "phones": 1,
        "lines": 3,
        "external_lines": 1,
        "applications": 3,
        "networks": 1,
        "firmwares": 1,
        "ringtones": 1,
        "alerts": 1,
        "translations": 1,
        "multicastpages": 1,
    }


def test_a_phone_and_a_line_may_share_a_name(read) -> None:
    """Sections are kept by type and name."""
    config = read(OFFICE)
    assert config.phones["bob"].full_name == "Bob B."
    assert config.lines["bob"].exten == "99"


def test_a_phone_keeps_its_lists_in_order_with_their_lines(read) -> None:
    """The first line is the primary one; what a template gives comes first."""
    phone = read(OFFICE).phones["bob"]
    assert [(ref.name, ref.where.line) for ref in phone.lines] == [("2000", 18), ("2001", 19)]
    assert [ref.name for ref in phone.applications] == ["status-away", "voicemail", "status-dnd"]
    assert [ref.name for ref in phone.external_lines] == ["itsp"]
    assert [ref.name for ref in phone.contacts] == ["contacts.xml"]
    assert [(ref.name, ref.where.line) for ref in phone.networks] == [("lan", 13)]
    assert (phone.blf_contact_group, phone.contacts_max_subscriptions) == ("default", 40)


def test_status_applications_of_a_phone(read) -> None:
    """Each has a status, its substatuses in order and whether the phone answers 486."""
    config = read(OFFICE)
    away, dnd = config.statuses(config.phones["bob"])
    assert (away.status, [ref.name for ref in away.substatuses], away.send486) == (
        "away",
        ["Lunch", "Meeting"],
        False,
    )
    assert (dnd.status, dnd.substatuses, dnd.send486) == ("dnd", [], True)


def test_the_other_types_have_their_fields(read) -> None:
    """Numbers are numbers, yes is true, defaults stand where nothing is said."""
    config = read(OFFICE)
    assert config.option("config_auth") == "mac"
    assert config.option("globalpin", "none") == "none"
    assert (config.networks["lan"].registration_port, config.networks["lan"].transport) == (5060, "udp")
    itsp = config.external_lines["itsp"]
    assert (itsp.userid, itsp.authname, itsp.register) == ("itsp", "itsp", True)
    page = config.multicastpages["all"]
    assert (page.address, page.port, page.priority, page.interrupt) == ("224.0.0.5", 5061, 1, True)
    assert config.translations["words"].words == {"Hello": "Hallo"}
    assert config.firmwares["d40"].model == "D40"
    assert config.alerts["door"].ringtone == "bell"


def test_what_is_not_said_is_off_or_empty(read) -> None:
    """Except for the registration of an external line."""
    text = "".join(f"[{kind}]\ntype={kind}\n" for kind in ("phone", "firmware", "multicastpage", "external_line"))
    config = read(text + "[a]\ntype=application\napplication=status\nstatus=away\n")
    phone = config.phones["phone"]
    assert (phone.lines, phone.contacts_max_subscriptions, phone.flag("send_to_vm")) == ([], None, False)
    assert not config.firmwares["firmware"].public_firmware
    assert not config.multicastpages["multicastpage"].interrupt
    assert not config.applications["a"].send486
    assert config.external_lines["external_line"].register


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("line", "2999"),
        ("external_line", "nowhere"),
        ("application", "status-awya"),
        ("network", "wan"),
        ("firmware", "D40_9"),
        ("ringtone", "Bells"),
        ("alert", "window"),
        ("multicastpage", "some"),
    ],
)
def test_a_dangling_reference_is_told_at_its_line(read, option: str, name: str) -> None:
    """Each kind of reference of a phone."""
    config = read(OFFICE + f"[zoe]\ntype=phone\n{option}={name}\n")
    (note,) = config.notes
    assert note.kind == "dangling"
    assert f"{option}={name}" in note.text
    assert note.where == Location("res_digium_phone.conf", OFFICE.count("\n") + 3)


def test_a_near_name_is_suggested_for_a_dangling_reference(read) -> None:
    """status-awya was meant to be status-away."""
    note = read(OFFICE + "[zoe]\ntype=phone\napplication=status-awya\n").notes[0]
    assert 'did you mean "status-away"' in note.text


def test_alerts_and_applications_may_dangle_too(read) -> None:
    """Ringtones that the phones have built in are no mistake."""
    text = "[a]\ntype=alert\nringtone=Chimes\n[b]\ntype=alert\nringtone=Gong\n"
    text += "[c]\ntype=application\napplication=voicemail\ntranslation=none\n"
    config = read(text)
    assert [(note.kind, note.where.line) for note in config.notes if note.where] == [("dangling", 6), ("dangling", 10)]


def test_unknown_options_are_kept_and_told_once(read) -> None:
    """Two phones with one misspelling make one note, at the first."""
    config = read("[a]\ntype=phone\nfull_nmae=A\n[b]\ntype=phone\nfull_nmae=B\n[general]\nglobalpn=1\n")
    assert config.phones["b"].value("full_nmae") == "B"
    assert [(note.kind, note.where.line) for note in config.notes if note.where] == [("option", 3), ("option", 8)]
    assert 'did you mean "full_name"' in config.notes[0].text


def test_sections_without_a_known_type_are_told(read) -> None:
    """No type, and one that does not exist."""
    config = read("[a]\nfull_name=A\n[b]\ntype=fone\n")
    assert [(note.kind, note.where.line) for note in config.notes if note.where] == [("type", 1), ("type", 4)]
    assert config.phones == {}


def test_a_second_section_of_one_type_and_name_is_joined(read) -> None:
    """And told, with the place of the first."""
    config = read("[a]\ntype=phone\nline=1\n[a]\ntype=phone\nline=2\n[1]\ntype=line\n[2]\ntype=line\n")
    assert [ref.name for ref in config.phones["a"].lines] == ["1", "2"]
    assert [note.kind for note in config.notes] == ["duplicate"]


@pytest.mark.parametrize(
    "text",
    [
        "[a]\ntype=application\napplication=status\nstatus=lunch\n",
        "[a]\ntype=application\napplication=status\n",
        "[a]\ntype=application\napplication=statsu\n",
        "[a]\ntype=phone\ncontacts_max_subscriptions=many\n",
    ],
)
def test_values_that_mean_nothing_are_told(read, text: str) -> None:
    """One note each."""
    assert [note.kind for note in read(text).notes] == ["value"]


def test_pins_and_secrets_are_not_in_the_representation(read) -> None:
    """What is logged by accident does not give them away."""
    config = read("[a]\ntype=phone\npin=13579\n[b]\ntype=line\nsecret=13579\n")
    assert "13579" not in repr(config.phones) + repr(config.lines)
