"""`dpma-harness explain`: for each shipped configuration, and for what people get wrong, the end of the road."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from harness.cli import main
from harness.errors import InputError
from harness.explain import MOST_PHONES, Explanation, Question, explain

SHIPPED = Path(__file__).parents[1] / "scenarios" / "presence"
_HOP = re.compile(r" *[0-9.]+ ms  (\w+) ")


class Asked(NamedTuple):
    """A question to a shipped configuration, the hops that are told, and words of the end."""

    presser: str
    watcher: str
    hops: str
    end: tuple[str, ...]
    arrived: bool = True


ARRIVES = "press message dpma core hint hint message screen"

ENDS = {
    "page": Asked("bob", "desk", ARRIVES, ("desk shows it.",)),
    "office": Asked("bob", "reception", ARRIVES, ("reception shows it.",)),
    "names": Asked("101-1", "reception", ARRIVES, ("reception shows it.",)),
    "two-lines": Asked("bob", "reception", ARRIVES, ("reception shows it.",)),
    "auto-hint": Asked("bob", "reception", ARRIVES.replace("hint hint", "hint"), ("reception shows it.",)),
    "presence-only": Asked("bob", "reception", ARRIVES, ("reception shows it.",)),
    "custom-device": Asked("bob", "reception", ARRIVES, ("reception shows it.",)),
    "no-presence": Asked("bob", "reception", "press message dpma core hint", (
        "The road ends at the hop `hint`: the hint 2000@default (extensions.conf:2) has no presence part.",
        "What to change: give the hint a presence part: a comma and CustomPresence:2000 at its end, then `dialplan",
    ), arrived=False),
    "wrong-context": Asked("bob", "reception", "press message dpma core hint hint", (
        "The road ends at the hop `notify`: the subscription of reception to sip:2000@10.0.0.1 was refused with 404",
        "What to change: 2000 has a hint in [default] (extensions.conf:2), and endpoint 1000 (pjsip.conf:30) looks in",
    ), arrived=False),
}  # fmt: skip


def hops(told: Explanation) -> list[str]:
    """The hops in the order in which they are told."""
    return [found[1] for line in told.lines if (found := _HOP.match(line))]


def ending(told: Explanation) -> list[str]:
    """The lines after the last hop."""
    return [line for line in told.lines if not _HOP.match(line) and not line.startswith("note: ")]


def test_every_shipped_configuration_is_explained() -> None:
    """A new folder without an entry here fails."""
    assert set(ENDS) == {path.name for path in SHIPPED.iterdir() if (path / "res_digium_phone.conf").exists()}


@pytest.mark.parametrize("name", ENDS)
def test_the_road_of_a_shipped_configuration_is_told_to_its_end(name: str) -> None:
    """Hop by hop, then what the phone shows, or where it ended and what to change."""
    asked = ENDS[name]
    told = explain(Question(SHIPPED / name, asked.presser, asked.watcher))
    assert told.arrived is asked.arrived
    assert hops(told) == asked.hops.split()
    end = ending(told)
    assert len(end) == len(asked.end), end
    assert [line for line, words in zip(end, asked.end, strict=True) if not line.startswith(words)] == []


def test_a_road_that_arrives_names_the_places_in_the_files() -> None:
    """The phone, its line and the hint, each with file:line; then what is seen."""
    told = explain(Question(SHIPPED / "office", "bob", "reception", "away", "Lunch, back at one"))
    press, message, dpma, core, hint, _, notify, screen = filter(_HOP.match, told.lines)
    assert press.endswith("bob picks away / Lunch, back at one  (res_digium_phone.conf:60)")
    assert message.endswith("bob -> server: MESSAGE sip:proxy@10.0.0.1")
    assert "bob has line=2000 (res_digium_phone.conf:64): CustomPresence:2000 is set to away," in dpma
    assert core.endswith("CustomPresence:2000 is away, subtype 'Lunch, back at one'")
    assert hint.endswith("2000@default = PJSIP/2000,CustomPresence:2000  (extensions.conf:5): 2 watching")
    assert '<digium_presence type="away" subtype="Lunch, back at one" />' in notify
    assert screen.endswith("reception shows 2000: presence 'away', subtype 'Lunch, back at one', lamp 'idle'")


def test_without_a_status_the_first_that_is_not_available_is_picked() -> None:
    """With its first substatus; a status that was asked for goes without one."""
    picked = [explain(Question(SHIPPED / "office", "bob", "reception", *rest)).lines[0] for rest in ((), ("xa",))]
    assert [line.partition("bob picks ")[2].partition("  ")[0] for line in picked] == ["chat / Write to me", "xa"]


@pytest.mark.parametrize("name", ["bob", "2000", "Bob", "BOB"])
def test_a_phone_goes_by_its_section_its_line_and_its_user(name: str) -> None:
    """What people call a phone."""
    assert explain(Question(SHIPPED / "office", name, "reception")).lines[0].partition("bob picks")[1]


# what people get wrong


class Wrong(NamedTuple):
    """One line of the office changed; words that stand in the two lines of the end."""

    file: str
    old: str
    new: str
    end: str
    advice: str


CONTACT = 'account_id="2000" subscribe_to="2000"'
WRONGS = {
    "the hint names the phone": Wrong(
        "extensions.conf", "PJSIP/2000,CustomPresence:2000", "PJSIP/2000,CustomPresence:bob",
        "`hint`: CustomPresence:2000 reached the hint auto_hint_2000@default; reception watches 2000@default, whose "
        "hint is PJSIP/2000,CustomPresence:bob (extensions.conf:5).",
        "let the hint of 2000 name CustomPresence:2000 (the name after line=, not the phone's name)."),
    "the hint has a misspelt provider": Wrong(
        "extensions.conf", "PJSIP/2000,CustomPresence:2000", "PJSIP/2000,CustomPresense:2000",
        "`hint`: CustomPresence:2000 reached the hint auto_hint_2000@default; reception watches 2000@default, whose",
        "let the hint of 2000 name CustomPresence:2000"),
    "the contact subscribes to nothing": Wrong(
        "contacts.xml", CONTACT, 'account_id="2000" subscribe_to=""',
        "`notify`: the subscription of reception to 2000 is none.",
        "give the contact (contacts.xml:4) a subscribe_to, such as auto_hint_2000."),
    "the group has another name": Wrong(
        "contacts.xml", 'group_name="Office"', 'group_name="Shop"',
        "`notify`: the subscription of reception to 2000 is none.", "name the contact's group with blf_contact_group"),
    "the status is not offered": Wrong(
        "res_digium_phone.conf", "status=chat\n", "status=unavailable\n",
        "`dpma`: the status was refused with 488: 'chat' is not one of the statuses of phone 'bob' (available,",
        "add an application=status section for it to phone bob, or pick one that it offers."),
    "subscriptions are not allowed": Wrong(
        "pjsip.conf", "auth=1000\n", "auth=1000\nallow_subscribe=no\n",
        "`notify`: the subscription of reception to sip:2000@10.0.0.1 was refused with 603 Decline: subscriptions are "
        "not permitted for endpoint 1000 (allow_subscribe).",
        "set allow_subscribe=yes for endpoint 1000 (pjsip.conf:30)."),
}  # fmt: skip


def changed(tmp_path: Path, file: str, old: str, new: str) -> Path:
    """The office with one thing changed."""
    folder = shutil.copytree(SHIPPED / "office", tmp_path / "office")
    text = (folder / file).read_text("utf-8")
    assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
    (folder / file).write_text(text.replace(old, new), "utf-8")
    return folder


@pytest.mark.parametrize("name", WRONGS)
def test_what_is_wrong_is_named_with_what_to_change(tmp_path: Path, name: str) -> None:
    """The hop, why, and advice with the places in the files."""
    wrong = WRONGS[name]
    folder = changed(tmp_path, wrong.file, wrong.old, wrong.new)
    told = explain(Question(folder, "bob", "reception", "chat"))
    assert not told.arrived
    end, advice = ending(told)
    assert end.startswith(f"The road ends at the hop {wrong.end}")
    assert advice.startswith("What to change: ")
    assert wrong.advice in advice


def test_a_watcher_without_that_contact_is_told_at_once() -> None:
    """There is no road to tell: nobody subscribes; it says where contacts come from and what to add."""
    told = explain(Question(SHIPPED / "office", "carol", "bob"))
    assert not told.arrived
    assert told.lines[0] == "The road ends before it begins: bob has no contact for Carol."
    assert "res_digium_phone.conf:60: its contacts come from no file" in told.lines[1]
    assert 'subscribe_to="auto_hint_2001"' in told.lines[2]


def test_a_refusal_is_that_of_the_watcher_s_own_endpoint(tmp_path: Path) -> None:
    """Where all are refused, the sentence about reception names reception's endpoint."""
    folder = changed(tmp_path, "pjsip.conf", "context=default\n", "context=default\nallow_subscribe=no\n")
    told = explain(Question(folder, "bob", "reception"))
    assert "subscriptions are not permitted for endpoint 1000 (allow_subscribe)." in ending(told)[0]


def test_a_contact_that_subscribes_to_no_extension_is_told_so(tmp_path: Path) -> None:
    """The subscription was refused with 404: the hint is missing, not wrong."""
    told = explain(Question(changed(tmp_path, "contacts.xml", CONTACT, CONTACT[:-5] + '2009"'), "bob", "reception"))
    end, advice = ending(told)
    assert end.startswith("The road ends at the hop `notify`: ")
    assert "404" in end
    assert "add `exten => 2009,hint,PJSIP/2000,CustomPresence:2000` to [default]" in advice


def test_a_line_that_the_server_does_not_know_gets_advice(tmp_path: Path) -> None:
    """line=2009 has no endpoint in pjsip.conf, so the phone cannot even log in."""
    told = explain(Question(changed(tmp_path, "res_digium_phone.conf", "line=2000", "line=2009"), "bob", "reception"))
    assert any(line.startswith("What to change: ") for line in told.lines)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("contacts.xml", "</phonebooks>", "", "the contacts are not loaded"),
        ("res_digium_phone.conf", "contact=contacts.xml", "contact=contact.xml", "which is not there"),
    ],
)
def test_contacts_that_cannot_be_read_are_named(tmp_path: Path, file: str, old: str, new: str, words: str) -> None:
    """A broken or missing file is why there is no contact; to add one to it would not help."""
    told = explain(Question(changed(tmp_path, file, old, new), "bob", "reception"))
    assert words in "\n".join(told.lines)
    assert told.lines[-1].startswith("What to change: none of its files of contacts could be read")


def test_a_contact_that_is_one_too_many_is_told_so(tmp_path: Path) -> None:
    """The phone has no subscription left for it."""
    folder = changed(tmp_path, "res_digium_phone.conf", "full_name=Reception\n",
                     "full_name=Reception\ncontacts_max_subscriptions=1\n")  # fmt: skip
    told = explain(Question(folder, "carol", "reception"))
    assert "reception may have 1 subscriptions (contacts_max_subscriptions" in ending(told)[-1]


def test_of_very_many_phones_two_take_part(tmp_path: Path) -> None:
    """Else each would subscribe to all others first; that it is so, is said."""
    folder = shutil.copytree(SHIPPED / "office", tmp_path / "office")
    more = "".join(f"[extra{number}]\ntype=phone\nmac=000fd3{number:06x}\nline=2001\n" for number in range(MOST_PHONES))
    with (folder / "res_digium_phone.conf").open("a") as file:
        file.write(more)
    told = explain(Question(folder, "bob", "reception"))
    assert told.arrived
    assert f"note: of the {MOST_PHONES + 3} phones only reception and bob take part here" in told.lines


def test_a_substatus_that_is_not_offered_is_named(tmp_path: Path) -> None:
    """The road is the same; that the phone's menu does not have it, is said."""
    told = explain(Question(SHIPPED / "office", "bob", "reception", "away", "Beer"))
    assert told.arrived
    assert any("bob offers no substatus 'Beer' there (" in line for line in told.lines)
    assert not any("offers no" in line for line in explain(Question(SHIPPED / "office", "bob", "reception")).lines)


# what cannot be asked


@pytest.mark.parametrize(
    ("presser", "watcher", "advice"),
    [
        ("bobb", "reception", "did you mean bob?"),
        ("bob", "recepton", "did you mean reception?"),
        ("zzz", "reception", "there are reception, bob, carol"),
        ("", "reception", "there are reception, bob, carol"),
    ],
)
def test_an_unknown_phone_is_an_error_with_a_suggestion(presser: str, watcher: str, advice: str) -> None:
    """InputError names the word, the folder and what was meant."""
    with pytest.raises(InputError) as caught:
        explain(Question(SHIPPED / "office", presser, watcher))
    unknown = watcher if presser == "bob" else presser
    assert caught.value.message == f"no type=phone is named {unknown!r}"
    assert caught.value.advice == advice
    assert str(SHIPPED / "office") in str(caught.value)


def command(folder: Path, presser: str = "bob", watcher: str = "reception", *rest: str) -> int:
    """The command line."""
    return main(["explain", str(folder), "--from", presser, "--to", watcher, *rest])


def test_the_command_ends_0_where_it_arrives_and_1_where_not(capsys: pytest.CaptureFixture[str]) -> None:
    """The road goes to stdout, nothing to stderr."""
    assert command(SHIPPED / "office", "bob", "reception", "--status", "away", "--substatus", "Lunch") == 0
    out, err = capsys.readouterr()
    assert out.endswith("reception shows it.\n")
    assert err == ""
    assert command(SHIPPED / "no-presence") == 1
    assert "The road ends at the hop `hint`" in capsys.readouterr().out


def test_a_phone_that_is_not_there_ends_the_command_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    """One message on stderr, nothing on stdout."""
    assert command(SHIPPED / "office", "bobb") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"dpma-harness: {SHIPPED / 'office'}: no type=phone is named 'bobb'\n  did you mean bob?\n"


def _missing(folder: Path) -> str:
    return f"{folder}: there is no such folder"


def _file(folder: Path) -> str:
    folder.write_text("", "utf-8")
    return f"{folder}: this is a file, not a configuration folder"


def _empty(folder: Path) -> str:
    folder.mkdir()
    return f"{folder}: no configuration here; looked for res_digium_phone.conf,"


def _no_phones(folder: Path) -> str:
    folder.mkdir()
    (folder / "extensions.conf").write_text("[default]\n", "utf-8")
    return f"{folder}: there is no res_digium_phone.conf"


def _no_server(folder: Path) -> str:
    folder.mkdir()
    shutil.copy(SHIPPED / "office" / "res_digium_phone.conf", folder)
    shutil.copy(SHIPPED / "office" / "contacts.xml", folder)
    return "pjsip.conf"


def _broken(folder: Path) -> str:
    shutil.copytree(SHIPPED / "office", folder)
    with (folder / "res_digium_phone.conf").open("a", encoding="utf-8") as file:
        file.write("[broken\n")
    return "res_digium_phone.conf:98: [broken has no closing ]"


@pytest.mark.parametrize("spoil", [_missing, _file, _empty, _no_phones, _no_server, _broken])
def test_a_folder_that_is_no_configuration_ends_the_command_with_2(
    tmp_path: Path, spoil: Callable[[Path], str], capsys: pytest.CaptureFixture[str]
) -> None:
    """One message that names the folder or the file, and no traceback."""
    folder = tmp_path / "mine"
    words = spoil(folder)
    assert command(folder) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("dpma-harness: ")
    assert words in err
    assert "Traceback" not in err
