"""What the shim tells a phone: contacts with their actions, the Smart BLF sheet, never more than a datagram holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.config.folder import read_folder
from harness.dpma.bodies import write_configuration
from harness.dpma.phone_configuration import MAX_ACTIONS_SENT, MAX_BYTES_SENT, phone_configuration
from phones.provisioning import Alert, ContactAction, PhoneConfiguration, read_configuration

PHONE = "[bob]\ntype=phone\nline=2000\ncontact=c.xml\nblf_contact_group=team\nblf_items=b.xml\nblf_unused_linekeys=no\n"
ALERT = "alert=page\nalert=nothing\n[page]\ntype=alert\nalert_info=intercom\nring_type=answer\n"
LINE = "[2000]\ntype=line\nmailbox=2000@default\n"
ACTION = """<action id="vm" dial="2001" dial_prefix="*86" name="Mail"><headers>
<header key="Diversion" value="&lt;sip:x@y>;reason=&quot;send_to_vm&quot;"/></headers></action>"""


def told(folder: Path, contacts: str, items: str = "") -> tuple[PhoneConfiguration, list[str]]:
    """What bob's phone reads, and what was left out."""
    (folder / "res_digium_phone.conf").write_text(PHONE + ALERT + LINE)
    (folder / "c.xml").write_text(f'<contacts group_name="team">{contacts}</contacts>')
    (folder / "b.xml").write_text(f"<config><smart_blf><blf_items>{items}</blf_items></smart_blf></config>")
    config = read_folder(folder)
    assert config.digium_phone is not None
    phone = config.digium_phone.phones["bob"]
    fields: dict[str, Any]
    fields, left_out = phone_configuration(
        config.digium_phone, phone, config.phonebooks["bob"], config.blf_sheets.get("bob")
    )
    body = write_configuration(fields)
    assert len(body) <= MAX_BYTES_SENT + 100
    return read_configuration(body), left_out


def test_actions_numbers_and_mailbox_arrive(tmp_path: Path) -> None:
    """A prefix stands before the number, headers arrive as they are, the primary number comes first."""
    numbers = '<numbers><number dial="1"/><number dial="2001" primary="1"/></numbers>'
    contact = f'<contact id="carol" pickup_action="vm">{numbers}<actions>{ACTION}</actions></contact>'
    configuration, left_out = told(tmp_path, contact)
    (carol,) = configuration.contacts
    assert carol.action("vm") == ContactAction(
        "vm", "*862001", "Mail", (("Diversion", '<sip:x@y>;reason="send_to_vm"'),))  # fmt: skip
    assert (carol.dial, carol.pickup_action) == ("2001", "vm")
    assert carol.action("primary") == ContactAction("primary", "2001")
    assert carol.action("nothing") is None
    assert configuration.lines[0].mailbox == "2000@default"
    assert not configuration.blf_unused_linekeys
    assert configuration.alerts == (Alert("intercom", "answer"),)
    assert left_out == []


def test_the_sheet_arrives_with_shared_rules(tmp_path: Path) -> None:
    """What it says is what the phone has; rules that items share are sent once."""
    rules = '<indicators><indicator target_status="idle" led_color="red" led_state="on"/></indicators>'
    items = "".join(f'<blf_item index="{number}" contact_id="carol">{rules}</blf_item>' for number in (1, 2))
    configuration, _ = told(tmp_path, '<contact id="carol"/>', items)
    assert configuration.blf_items is not None
    first, second = configuration.blf_items.items
    assert first.indicators is second.indicators
    assert (first.where, first.location, second.index) == ("b.xml:1", "main", 2)


def test_a_fault_arrives_in_the_place_of_the_items(tmp_path: Path) -> None:
    """With file and line."""
    configuration, _ = told(tmp_path, "", '<blf_item index="x"/>')
    assert configuration.blf_items is not None
    assert configuration.blf_items.fault == "b.xml:1: 'x' is no index"


def test_what_a_datagram_cannot_hold_is_left_out_and_said(tmp_path: Path) -> None:
    """A person with a thousand long contacts gets those that fit."""
    contacts = "".join(f'<contact id="c{number}" first_name="{"x" * 900}"/>' for number in range(150))
    items = "".join(f'<blf_item index="{number}" contact_id="c0"/>' for number in range(900))
    configuration, left_out = told(tmp_path, contacts, items)
    assert 0 < len(configuration.contacts) < 100
    assert [text.partition(" of ")[2] for text in left_out] == [
        "150 contacts are left out", "900 Smart BLF items are left out"]  # fmt: skip


def test_many_actions_are_cut(tmp_path: Path) -> None:
    """No contact has more than a phone shows."""
    configuration, _ = told(tmp_path, f'<contact id="carol"><actions>{ACTION * 40}</actions></contact>')
    assert len(configuration.contacts[0].actions) == MAX_ACTIONS_SENT
