"""Which command a line means, and a desk of real parts on which the tests of commands run them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config.digium_phone import DigiumPhoneConfig
from harness.config.folder import read_folder
from harness.core import PresenceCore
from harness.dialplan.call import Surroundings
from harness.dialplan.function import Facts
from harness.dialplan.functions import Functions
from harness.dialplan.plan import Dialplan
from harness.net.world import World
from harness.pbx.astdb import VolatileDB
from harness.pbx.commands import Commands
from harness.pbx.commands.digium import Session
from harness.pbx.commands.line import MAX_WORDS, split_line, word_matches
from harness.pbx.commands.registry import Search, registry_of_asterisk
from harness.pbx.registrar import Registrar

EXTENSIONS = """
[general]
[globals]
ONE = 1
TWO = two words
[office]
exten => 100,hint,PJSIP/100,CustomPresence:100
exten => 100,1,NoOp(first)
 same => n(ring),Dial(PJSIP/100,20)
exten => 102,hint,Custom:102(One Hundred Two)
exten => _2XX,hint,Custom:${EXTEN},CustomPresence:${EXTEN}
include => shared
[shared]
exten => 300,hint,Custom:300,CustomPresence:300
exten => 300,1,NoOp(shared)
"""
PJSIP = """
[udp]
type=transport
protocol=udp
bind=127.0.0.1
[100]
type=endpoint
context=office
disallow=all
allow=ulaw,alaw
aors=100
auth=100
callerid="Alice" <100>
[100]
type=aor
max_contacts=2
[100]
type=auth
auth_type=userpass
username=alice
password=wonderland
[trunk]
type=endpoint
aors=trunk
transport=udp
identify_by=ip
[trunk]
type=aor
contact=sip:trunk@192.0.2.9
[trunk]
type=identify
endpoint=trunk
match=192.0.2.0/24
"""


class NobodyConnected:
    """The DPMA's place before the first phone has come."""

    def __init__(self, config: DigiumPhoneConfig) -> None:
        self.config = config

    def sessions(self) -> list[Session]:
        return []

    def reconfigure(self, phone: str | None) -> int:
        return 0


class Desk:
    """The parts of a server that commands need, without its network; `folder` holds the files they read."""

    def __init__(self, folder: Path, extensions: str = EXTENSIONS, digium: str | None = None) -> None:
        self.folder = folder
        self.write("extensions.conf", extensions)
        self.write("pjsip.conf", PJSIP)
        if digium is not None:
            self.write("res_digium_phone.conf", digium)
        self.configuration: Any = read_folder(folder)
        self.store, self.plan, self.world = VolatileDB(), Dialplan(), World.simulated()
        self.told: list[str] = []
        self.core = PresenceCore(self.store, self.plan)
        self.pjsip = self.configuration.pjsip
        self.registrar = Registrar(self.pjsip, self.store, self.world.epoch, lambda _endpoint: None)
        self.subscriptions: Any = SimpleNamespace(
            active=lambda: self.watching, stack=SimpleNamespace(timers=SimpleNamespace(now=0.0))
        )
        self.watching: list[Any] = []
        surroundings = Surroundings(self.plan, {}, lambda _seconds, _call: None, lambda _event, _fields: None)
        self.exchange: Any = SimpleNamespace(
            live={}, bridges={}, calls_processed=0, channels_of=lambda _device: (), surroundings=surroundings
        )
        self.address = ("127.0.0.1", 5060)
        self.managers: list[Any] = []
        self.plan.functions = Functions(Facts(self.core, self.plan))
        self.plan.load(self.configuration.extensions)
        self.commands = Commands(self)
        if digium is not None:
            self.commands.serve_phones(NobodyConnected(self.configuration.digium_phone))
        self.core.start(context.name for context in self.plan.contexts() if context.autohints)

    def tell(self, note: object) -> None:
        self.told.append(str(note))

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def run(self, command: str) -> str:
        """The output of a command that succeeds."""
        success, output = self.commands.run(command)
        assert success, output
        return output

    def fail(self, command: str) -> str:
        """The output of a command that does not."""
        success, output = self.commands.run(command)
        assert not success, output
        return output

    def watch(self, context: str, exten: str) -> list[tuple[str, int, str]]:
        """Reason, state and presence of every notification from now on."""
        seen: list[tuple[str, int, str]] = []

        def told(note: Any) -> None:
            seen.append((note.reason, int(note.state), note.presence.state.token))

        assert self.core.hints.watch(context, exten, told)
        return seen


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("core show hints", ["core", "show", "hints"]),
        ("  core \t show  ", ["core", "show"]),
        ('a "b c" d', ["a", "b c", "d"]),
        ('3"00" x"y z"', ["300", "xy z"]),
        ('""', [""]),
        ('a ""', ["a", ""]),
        (r"a\ b", ["a b"]),
        (r"\"x\"", ['"x"']),
        ('"say \\"hi\\""', ['say "hi"']),
        ("a\\", ["a"]),
        ("\\", []),
        ("", []),
        ("'a b'", ["'a", "b'"]),
    ],
)
def test_a_line_is_split_as_asterisk_splits_it(line: str, words: list[str]) -> None:
    """Blanks separate, quotes group, a backslash escapes; single quotes mean nothing."""
    assert split_line(line) == words


def test_the_last_word_that_is_taken_keeps_one_character_of_a_long_line() -> None:
    """Asterisk stops reading as soon as the last word has begun."""
    assert split_line(" ".join(["word"] * 70)) == ["word"] * (MAX_WORDS - 1) + ["w"]


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n")), max_size=20))
def test_quoted_words_come_back(words: list[str]) -> None:
    """Any words can be typed by quoting them and escaping quotes and backslashes."""
    quoted = ('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)
    assert split_line(" ".join(quoted)) == words


@pytest.mark.parametrize(
    ("word", "pattern", "same"),
    [
        ("SHOW", "show", True),
        ("sho", "show", False),
        ("inbound", "{inbound|outbound}", True),
        ("OUTBOUND", "{inbound|outbound}", True),
        ("bound", "{inbound|outbound}", False),
        ("inbound|outbound", "{inbound|outbound}", True),
        ("like", "[like]", True),
        ("", "[like]", False),
    ],
)
def test_words_are_whole_and_of_any_case(word: str, pattern: str, same: bool) -> None:
    """There are no abbreviations; a choice takes each of its words."""
    assert word_matches(word, pattern) is same


@pytest.mark.parametrize(
    ("line", "topic"),
    [
        ("frob", "frob"),
        ("frob a b c", "frob a"),
        ("core frobnicate the widget", "core frobnicate the"),
        ("presencestate", "presencestate"),
        ("presencestate foo bar", "presencestate foo bar"),
        ("pres list", "pres list"),
        ("core show", "core show"),
        ('"" x', ""),
        ("x" * 90, "x" * 79),
    ],
)
def test_what_does_not_exist_is_named_up_to_where_it_went_wrong(desk: Desk, line: str, topic: str) -> None:
    """The topic ends with the first word at which no command is left; all of the line is quoted."""
    said = f"No such command '{line}' (type 'core show help {topic}' for other possible commands)\n"
    assert desk.fail(line) == said


def test_an_empty_line_prints_nothing_and_fails(desk: Desk) -> None:
    """There is no command in it."""
    assert desk.fail("  ") == ""


def test_what_asterisk_has_and_we_do_not_says_so(desk: Desk) -> None:
    """A command that is known is not called unknown."""
    assert desk.fail("sorcery memory cache show x") == (
        "'sorcery memory cache show' is a command of Asterisk that is not served here\n"
    )


def test_a_failure_names_the_line_as_it_was_typed(desk: Desk) -> None:
    """Quotes and blanks included."""
    assert desk.fail('presencestate  change "Foo:x" away').endswith(
        "Command 'presencestate  change \"Foo:x\" away' failed.\n"
    )


def test_a_longer_command_wins_over_its_beginning() -> None:
    """`dialplan show globals` is not `dialplan show` of a context with that name."""
    registry = registry_of_asterisk()
    for line, name in (("dialplan show globals", "dialplan show globals"), ("dialplan show office", "dialplan show")):
        found = registry.find(line.split(), Search.LONGEST)
        assert found is not None
        assert found.name == name


def test_help_lists_what_is_served(desk: Desk) -> None:
    """One line a command with its summary, and nothing of what is only known."""
    listed = desk.run("core show help")
    assert "core show hints                -- Show dialplan hints\n" in listed
    assert "sorcery" not in listed
    assert "digium_phones" not in listed


def test_help_on_one_command_is_its_usage(desk: Desk) -> None:
    """Its words may be typed in any case."""
    assert desk.run("core SHOW help Database Get") == (
        "Usage: database get <family> <key>\n"
        "       Retrieves an entry in the Asterisk database for a given\n"
        "       family and key.\n"
    )


def test_help_on_the_beginning_of_commands_lists_them(desk: Desk) -> None:
    """As far as the text goes, be it within a word."""
    assert desk.run("core show help devsta") == (
        "devstate change                -- Change a custom device state\n"
        "devstate list                  -- List currently known custom device states\n"
    )
    assert desk.run("core show help nosuch") == "No such command 'nosuch'.\n"
    assert "not served here" in desk.run("core show help core stop now")


def test_every_line_gets_an_answer(desk: Desk) -> None:
    """No beginning of a command, with or without more words, makes the server stumble."""
    for command in registry_of_asterisk():
        for more in ("", " x", " x y", " x y z", ' "" ""', " like ("):
            line = command.name.translate(str.maketrans("{}[]|", "    x")) + more
            success, output = desk.commands.run(line)
            assert isinstance(success, bool)
            assert output == "" or output.endswith("\n")
