"""Under abuse others are served as before, memory is bounded, nothing stored is lost, and one line a kind tells of it.

Figures of each are printed where it fails. `DPMA_HARNESS_ABUSE=full` floods for ten seconds instead of one.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peers import abusers
from tests.peers.abusers import MEGABYTE, Crowd
from tests.peers.bystander import Asked, Bystander
from tests.peers.lines import Address, ManagerLine, packet, request
from tests.serving import Served, served

pytestmark = pytest.mark.long
CONFIG = Path(__file__).parent.parent / "peers" / "abuse" / "etc"
OWNER, OWNERS_SECRET = "owner", "the-owners-own"
MANAGER_LIMIT = 100
"""Those that are not logged in, as manager.conf has it (authlimit)."""

LIMIT_S = 0.2
"""Seconds for an answer to another client."""
LIMIT_MB = 50.0
FEWEST_ROUNDS = 10
"""Fewer questions by the other client would show nothing."""
FULL = os.environ.get("DPMA_HARNESS_ABUSE") == "full"
FLOOD_S = 10.0 if FULL else 1.0
RATE = 5_000

NOWHERE = ("127.0.0.1", 9)
"""What requests over TCP say of their sender."""
PROVIDER = "CustomPresence:2000"
VALUE = "away,lunch,still here"
STORED_AT = "/CustomPresence/2000"


@dataclass
class Scene:
    """A server that is being abused; `asked` is what the bystander tells in the end."""

    server: Served
    asked: Asked | None = None

    @property
    def sip(self) -> Address:
        """Where it takes SIP."""
        return self.server.place("sip")

    @property
    def ami(self) -> Address:
        """Where it takes managers."""
        return self.server.place("ami")

    def told_once(self, *expressions: str) -> None:
        """What the server said in the end: each is found in one line, and no line is none of them."""
        notes = [line for line in self.server.errors.splitlines() if line.startswith("note: ")]
        counts = {each: sum(re.search(each, note) is not None for note in notes) for each in expressions}
        assert (counts, len(notes)) == (dict.fromkeys(expressions, 1), len(expressions)), (notes, str(self.asked))

    def check_others(self) -> None:
        """The other client was served as ever, and memory stayed bounded."""
        asked = self.asked
        assert asked is not None
        figures = str(asked)
        assert asked.faults == [], figures
        assert len(asked.ping_s) >= FEWEST_ROUNDS, figures
        assert max(asked.options_s) <= LIMIT_S, figures
        assert max(asked.ping_s) <= LIMIT_S, figures
        assert asked.growth < LIMIT_MB, figures


@contextlib.contextmanager
def abused(data: Path) -> Iterator[Scene]:
    """Abuse within the block; what must hold meanwhile and afterwards is checked at its end."""
    with served(CONFIG, "--data", str(data)) as server:
        scene = Scene(server)
        with contextlib.closing(ManagerLine(scene.ami, OWNER, OWNERS_SECRET)) as owner:
            answer = owner.act("Setvar", f"Variable: PRESENCE_STATE({PROVIDER})", f"Value: {VALUE}")
            assert "Variable Set" in answer
        bystander = Bystander(scene.sip, scene.ami, server.process.pid, OWNER, OWNERS_SECRET)
        try:
            yield scene
        except BaseException as error:
            error.add_note(str(bystander.ask_no_more()))
            raise
        scene.asked = bystander.ask_no_more()
        print(scene.asked)  # noqa: T201 shown where a test fails, and with -s or -rP
        scene.check_others()
        with contextlib.closing(ManagerLine(scene.ami, OWNER, OWNERS_SECRET)) as owner:
            answer = owner.act("Getvar", f"Variable: PRESENCE_STATE({PROVIDER},value)")
            assert f"Value: {VALUE.partition(',')[0]}" in answer, answer
    assert stored(data) == VALUE


def stored(data: Path) -> str:
    """The presence in the database of a server that has ended."""
    with contextlib.closing(sqlite3.connect(data / "astdb.sqlite3")) as database:
        row = database.execute("SELECT value FROM astdb WHERE key = ?", (STORED_AT,)).fetchone()
    return str(row[0]) if row else ""


def test_half_lines(tmp_path: Path) -> None:
    """Fifty each begin a line and leave it so: managers are let go when their time is up, phones have more of it."""
    with abused(tmp_path) as scene, Crowd(scene.ami, 50) as managers, Crowd(scene.sip, 50) as phones:
        for letter in (b"Act", b"ion: Lo", b"gin\r\nUser"):
            managers.say(letter)
            phones.say(b"OPTIONS s" + letter)
        assert managers.until_ended(50)
        assert phones.ended == 0
    scene.told_once("did not log in within 1 s")


def test_ten_megabytes_without_a_line_end(tmp_path: Path) -> None:
    """The manager interface throws them away as they come; SIP over TCP ends the connection."""
    heap = [b"x" * MEGABYTE] * 10
    with abused(tmp_path) as scene:
        for _ in range(3):
            assert abusers.pour(scene.ami, heap) > 0
            assert abusers.pour(scene.sip, heap) < 10 * MEGABYTE
        assert abusers.pour(scene.ami, [b"Action: Login\r\n", *heap, b"\r\n\r\n"]) > 0
        with contextlib.closing(ManagerLine(scene.ami, OWNER, OWNERS_SECRET)) as line:
            assert "line too long" in line.act("Ping", "X: " + "y" * (10 * MEGABYTE))
    scene.told_once("no end of the headers", "sends lines of 1024 bytes and more", "refused: .* line too long")


def test_a_thousand_connections_of_each_kind(tmp_path: Path) -> None:
    """A thousand managers, of whom 900 are logged in, then a thousand phones that each leave half a message lying."""
    with abused(tmp_path) as scene:
        with contextlib.ExitStack() as managers:
            for _ in range(900 // 50):
                group = managers.enter_context(Crowd(scene.ami, 50))
                group.say(packet("Action: Login", f"Username: {OWNER}", f"Secret: {OWNERS_SECRET}", "Events: off"))
                assert group.until_heard(b"Authentication accepted")
            idle = managers.enter_context(Crowd(scene.ami, 1_000))
            assert idle.until_ended(1_000 - MANAGER_LIMIT)
            assert idle.until_ended(1_000)
        with Crowd(scene.sip, 1_000) as phones:
            phones.say_all(b"MESSAGE sip:2000@127.0.0.1 SIP/2.0\r\nX: " + b"y" * 60_000)
            assert phones.until_ended(1)
    scene.told_once("there are too many", "did not log in within 1 s", "half a message")


def test_wrong_passwords(tmp_path: Path) -> None:
    """They are refused, the managers' after a delay, and nobody learns from the log what they tried."""
    with abused(tmp_path) as scene:
        given = abusers.wrong_registrations(scene.sip, "vault", 300)
        assert abusers.wrong_logins(scene.ami, OWNER, MANAGER_LIMIT - 10) == MANAGER_LIMIT - 10
    scene.told_once("failed to log in as 'owner'", "REGISTER .* 'sip:vault@.*password")
    assert [each for each in (*given, "not-the-owners") if each in scene.server.errors] == []


def test_actions_without_permission(tmp_path: Path) -> None:
    """Nothing that is refused changes anything, before the login and after it."""
    writes = [
        ("DBDel", "Family: CustomPresence", "Key: 2000"),
        ("DBDelTree", "Family: CustomPresence"),
        ("Setvar", f"Variable: PRESENCE_STATE({PROVIDER})", "Value: available"),
        ("Command", "Command: database deltree CustomPresence"),
        ("Originate", "Channel: Local/2000@default", "Application: NoOp"),
        ("Reload", "Module: manager"),
    ]
    with abused(tmp_path) as scene:
        with contextlib.closing(ManagerLine(scene.ami, "onlooker", "looks-only")) as line:
            for number in range(100 * len(writes)):
                answer = line.act(*writes[number % len(writes)])
                assert "Permission denied" in answer, answer
        with Crowd(scene.ami, MANAGER_LIMIT // 2) as strangers:
            for write in writes:
                strangers.say(packet(f"Action: {write[0]}", *write[1:]))
            assert strangers.until_heard(b"Message: Permission denied")
    scene.told_once("DBDel is not permitted to user onlooker", "'dbdel' without a login")


def test_garbage(tmp_path: Path) -> None:
    """Five thousand datagrams a second that are nearly SIP, or not at all."""
    with abused(tmp_path) as scene:
        sent, seconds = abusers.flood(scene.sip, 1, RATE, FLOOD_S)
    assert sent / seconds > 0.9 * RATE, f"{sent} datagrams in {seconds:.1f} s; {scene.asked}"
    scene.told_once("cannot be read", "no endpoint")


def test_bodies_that_grow_and_bodies_of_a_megabyte(tmp_path: Path) -> None:
    """What could grow is not read; what is too large ends the connection, and the next one is served."""
    xml = ["Event: presence", "Content-Type: application/pidf+xml"]
    text = ["Event: presence", "Content-Type: text/plain"]
    places = [("PUBLISH", "2000", xml), ("MESSAGE", "2000", xml), ("MESSAGE", "proxy", text)]
    with abused(tmp_path) as scene:
        for number in range(20):
            for method, user, headers in places:
                for name, body in [*abusers.bombs().items(), ("large", abusers.large())]:
                    uri = f"sip:{user}@127.0.0.1"
                    sent = request(method, uri, NOWHERE, f"n{number}", transport="TCP", headers=headers, body=body)
                    answer = abusers.ask(scene.sip, sent)
                    wanted = rb"" if name == "large" else rb"SIP/2.0 4(89|15|00) .*"
                    assert re.fullmatch(wanted, answer, re.DOTALL), (method, user, name, answer)
    scene.told_once("Content-Length too large", "PUBLISH of desk .*'presence'", "MESSAGE of desk was refused: 415")


def test_headers_that_are_hard_to_read(tmp_path: Path) -> None:
    """One datagram of what could be taken for a display name holds up nobody."""
    good = request("OPTIONS", "sip:127.0.0.1", NOWHERE, "hard", transport="TCP")
    names = b"@" * 30_000, b"@" * 8_000 + b" " * 8_000 + b"x"
    hard = [re.sub(rb"From: [^\r]*", b"From: " + name, good) for name in names]
    with abused(tmp_path) as scene, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.connect(scene.sip)
        for _ in range(20):
            for data in hard:
                stranger.send(data)
            assert abusers.ask(scene.sip, good)
    scene.told_once("cannot be read")


def test_keep_alives_whose_answers_nobody_reads(tmp_path: Path) -> None:
    """They wait as everything does that is sent, and too many end the connection."""
    with abused(tmp_path) as scene:
        assert abusers.pour(scene.sip, [b"\r\n" * (MEGABYTE // 2)] * 64) < 64 * MEGABYTE
    scene.told_once("it takes nothing")


def test_floods_of_headers(tmp_path: Path) -> None:
    """Thousands of headers are refused wherever they come: as an action, as a message, and without an end."""
    many = [f"X-{number}: y" for number in range(3_000)]
    with abused(tmp_path) as scene:
        with contextlib.closing(ManagerLine(scene.ami, OWNER, OWNERS_SECRET)) as line:
            for _ in range(60):
                assert "Too many lines" in line.act("Ping", *many)
        for number in range(60):
            sent = request("OPTIONS", "sip:127.0.0.1", NOWHERE, f"n{number}", transport="TCP", headers=many)
            abusers.pour(scene.sip, [sent])
            abusers.pour(scene.sip, [b"OPTIONS sip:127.0.0.1 SIP/2.0\r\n" + b"X: y\r\n" * 20_000])
    scene.told_once("Too many lines in message", "message too large", "no end of the headers")


def test_slow_readers(tmp_path: Path) -> None:
    """Managers who never read are cut off once much waits for them."""
    with (
        abused(tmp_path) as scene,
        contextlib.closing(ManagerLine(scene.ami, OWNER, OWNERS_SECRET)) as owner,
        abusers.silent_readers(scene.ami, OWNER, OWNERS_SECRET, 10) as readers,
    ):
        abusers.stream(owner, 12)
        assert [abusers.is_cut(reader) for reader in readers] == [True] * 10
    scene.told_once("does not read what it is sent")
