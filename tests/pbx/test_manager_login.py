"""Who gets into the manager interface, and what he and others are told."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.pbx.manager_lines import Room, lines_of

ACCEPTED = ["Response: Success", "Message: Authentication accepted"]
REFUSED = ["Response: Error", "Message: Authentication failed"]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """Three users."""
    return Room(tmp_path)


def events(packets: list[list[str]]) -> list[str]:
    """The names of the events."""
    return [packet[0].removeprefix("Event: ") for packet in packets if packet[0].startswith("Event: ")]


def test_the_first_thing_is_the_banner(room: Room) -> None:
    """The interface of Asterisk 22 is called 11.0.0."""
    line = room.line()
    assert line.transport.value() == b"Asterisk Call Manager/11.0.0\r\n"


def test_a_login_is_answered_before_anything_else(room: Room) -> None:
    """Then comes FullyBooted, then the security event of the login itself."""
    room.clock.advance(7.5)
    answer, booted, auth = room.line().login("boss")
    assert answer == ACCEPTED
    assert booted == [
        "Event: FullyBooted", "Privilege: system,all", "Uptime: 7", "LastReload: 7", "Status: Fully Booted"
    ]  # fmt: skip
    assert auth == [
        "Event: SuccessfulAuth",
        "Privilege: security,all",
        "EventTV: 2026-01-01T00:00:07.500+0000",
        "Severity: Informational",
        "Service: AMI",
        "EventVersion: 1",
        "AccountID: boss",
        "SessionID: 0x7f0000001000",
        "LocalAddress: IPV4/TCP/127.0.0.1/5038",
        "RemoteAddress: IPV4/TCP/127.0.0.1/40001",
        "UsingPassword: 0",
        "SessionTV: 2026-01-01T00:00:07.500+0000",
    ]


@pytest.mark.parametrize(
    ("mask", "heard"),
    [("off", []), ("on", ["FullyBooted", "SuccessfulAuth"]), ("system", ["FullyBooted"]), ("1", ["FullyBooted"]),
     ("security", ["SuccessfulAuth"]), ("bogus", []), ("", ["FullyBooted", "SuccessfulAuth"])],
)  # fmt: skip
def test_a_login_may_say_which_events_it_wants(room: Room, mask: str, heard: list[str]) -> None:
    """The mask counts for the events of the login already."""
    assert events(room.line().login("boss", None, f"Events: {mask}")) == heard


def test_names_have_no_case_and_secrets_do(room: Room) -> None:
    """BOSS is boss, but not with the secret BOSS."""
    assert room.line().login("BOSS", "boss")[0] == ACCEPTED
    line = room.line()
    assert line.login("boss", "BOSS") == []


def test_a_wrong_secret_is_answered_a_second_later(room: Room) -> None:
    """Then the connection is closed, and what was sent meanwhile is not looked at."""
    watcher = room.logged_in("boss", "Events: security")
    line = room.line()
    assert line.login("boss", "wrong", "ActionID: 7") == []
    assert line.send("Action: Ping") == []
    room.clock.advance(0.99)
    assert line.heard() == []
    room.clock.advance(0.01)
    assert line.heard() == [["Response: Error", "ActionID: 7", "Message: Authentication failed"]]
    assert line.closed
    (told,) = watcher.heard()
    assert told[0] == "Event: InvalidPassword"
    assert lines_of(told, "AccountID", "EventVersion") == ["2", "boss"]
    assert [kind for kind, _ in room.told] == ["login-failed"]


def test_failures_are_told_once_a_kind_and_then_counted(room: Room) -> None:
    """Forty wrong passwords are one line, and a minute later another with their number."""
    for _ in range(40):
        room.line().login("boss", "wrong")
        room.clock.advance(0.01)
    assert len(room.told) == 1
    room.clock.advance(60)
    room.line().login("boss", "wrong")
    assert "(and 39 more since then)" in room.told[-1][1]
    assert all("wrong" not in text and "secret" not in text for _, text in room.told)


def test_who_does_not_exist_is_told_apart_in_the_security_event_only(room: Room) -> None:
    """The answer is the same as that to a wrong secret."""
    watcher = room.logged_in("boss", "Events: security")
    line = room.line()
    line.login("nobody", "x")
    room.clock.advance(1)
    assert line.heard() == [REFUSED]
    assert events(watcher.heard()) == ["InvalidAccountID"]


def test_a_user_without_a_secret_cannot_log_in(tmp_path: Path) -> None:
    """But one with an empty line does with nothing, as in Asterisk, and not with something."""
    room = Room(tmp_path, "[open]\nread = all\n[empty]\nsecret =\nread = all\n")
    for name, secret in (("open", ""), ("open", "x"), ("empty", "x")):
        line = room.line()
        line.send(f"Action: Login\nUsername: {name}\nSecret: {secret}")
        room.clock.advance(1)
        assert line.heard() == [REFUSED]
    assert room.line().send("Action: Login\nUsername: empty\nSecret: ")[0] == ACCEPTED


@pytest.mark.parametrize(("acl", "heard"), [("near", ACCEPTED), ("near,far", REFUSED), ("nowhere", REFUSED)])
def test_lists_of_acl_conf_all_have_to_let_a_user_in(tmp_path: Path, acl: str, heard: list[str]) -> None:
    """One that is not there lets nobody in."""
    (tmp_path / "acl.conf").write_text("[near]\ndeny=0.0.0.0/0\npermit=127.0.0.0/8\n[far]\ndeny=127.0.0.1\n")
    room = Room(tmp_path, f"[u]\nsecret = s\nread = all\nacl = {acl}\n")
    line = room.line()
    said = line.send("Action: Login\nUsername: u\nSecret: s")
    room.clock.advance(1)
    assert [*said, *line.heard()][0] == heard


def test_a_challenge_stays_the_same_for_the_connection(room: Room) -> None:
    """Asked twice, it is one number; without AuthType there is none."""
    line = room.line()
    assert line.send("Action: Challenge") == [["Response: Error", "Message: Must specify AuthType"]]
    first = line.send("Action: Challenge\nAuthType: md5\nActionID: 1")
    assert first == [["Response: Success", "ActionID: 1", "Challenge: 123456789"]]
    assert line.send("Action: Challenge\nAuthType: MD5")[0][1:] == first[0][2:]


def key_for(secret: str) -> str:
    """What answers the challenge of these tests."""
    return hashlib.md5(b"123456789" + secret.encode()).hexdigest()


def md5(room: Room, key: str, challenge: bool = True) -> list[list[str]]:
    """A login by challenge."""
    line = room.line()
    if challenge:
        line.send("Action: Challenge\nAuthType: MD5")
    answer = line.send(f"Action: Login\nUsername: boss\nAuthType: MD5\nKey: {key}\nEvents: off")
    room.clock.advance(1)
    return answer + line.heard()


def test_a_key_is_the_digest_of_challenge_and_secret(room: Room) -> None:
    """In lower case, for this user, after a challenge; anything else is refused."""
    watcher = room.logged_in("boss", "Events: security")
    assert md5(room, key_for("boss")) == [ACCEPTED]
    assert md5(room, key_for("boss").upper()) == [REFUSED]
    assert md5(room, key_for("mute")) == [REFUSED]
    assert md5(room, "") == [REFUSED]
    assert md5(room, key_for("boss"), challenge=False) == [REFUSED]
    assert events(watcher.heard()) == ["SuccessfulAuth", "ChallengeResponseFailed", "ChallengeResponseFailed"]


def test_a_second_login_is_none(room: Room) -> None:
    """Who is logged in stays so, whatever he sends."""
    line = room.logged_in("mute")
    assert line.send("Action: Login\nUsername: boss\nSecret: wrong") == [
        ["Response: Success", "Message: Already authenticated"]
    ]


def test_before_the_login_there_are_three_actions(room: Room) -> None:
    """Everything else is denied without closing, and Logoff says goodbye."""
    watcher = room.logged_in("boss", "Events: security")
    line = room.line()
    for action in ("Ping", "ListCommands", "Frob"):
        assert line.send(f"Action: {action}") == [["Response: Error", "Message: Permission denied"]]
    assert line.send("ActionID: 4") == [["Response: Error", "ActionID: 4", "Message: Missing action in request"]]
    assert line.send("Action: Logoff\nActionID: 9") == [
        ["Response: Goodbye", "ActionID: 9", "Message: Thanks for all the fish."]
    ]
    assert line.closed
    told = watcher.heard()
    assert [lines_of(packet, "RequestType") for packet in told] == [
        ["Action: Ping"], ["Action: ListCommands"], ["Action: Frob"], ["Action: NONE"]
    ]  # fmt: skip
    assert lines_of(told[0], "AccountID", "SessionTV") == ["", "1970-01-01T00:00:00.000+0000"]
    assert told[3][-1] == "AccountID: "


def test_who_does_not_log_in_is_let_go(tmp_path: Path) -> None:
    """After authtimeout, whether he was busy or not; who is logged in stays."""
    room = Room(tmp_path, general="authtimeout = 5")
    silent, busy, boss = room.line(), room.line(), room.logged_in("boss")
    for _ in range(4):
        room.clock.advance(1.2)
        busy.send("Action: Ping")
    room.clock.advance(0.2)
    silent.heard()
    busy.heard()
    assert (silent.closed, busy.closed, boss.closed) == (True, True, False)


def test_only_so_many_may_be_without_login(tmp_path: Path) -> None:
    """authlimit: the next is closed without a word; a login or a goodbye makes room."""
    room = Room(tmp_path, general="authlimit = 3")
    lines = [room.line() for _ in range(4)]
    assert [line.closed for line in lines] == [False, False, False, True]
    assert room.told[0][0] == "too-many-sessions"
    lines[0].login("mute")
    assert not room.line().closed
    assert room.line().closed
    lines[1].hang_up()
    assert not room.line().closed


def test_a_user_may_be_allowed_in_once_only(tmp_path: Path) -> None:
    """Then a second login, even a challenge that names him, is refused slowly and told as SessionLimit."""
    room = Room(tmp_path, "[one]\nsecret = one\nread = all\nallowmultiplelogin = no\n")
    first = room.logged_in("one")
    for text in ("Action: Login\nUsername: ONE\nSecret: one", "Action: Challenge\nAuthType: MD5\nUsername: one"):
        second = room.line()
        assert second.send(text) == []
        room.clock.advance(1)
        assert second.heard() == [["Response: Error", "Message: Login Already In Use"]]
        assert second.closed
    assert events(first.heard()) == ["SessionLimit", "SessionLimit"]
    first.send("Action: Logoff")
    assert room.line().login("one")[0] == ACCEPTED


@pytest.mark.parametrize(
    ("rules", "host", "allowed"),
    [
        ("deny = 0.0.0.0/0.0.0.0", "127.0.0.1", False),
        ("deny = 0.0.0.0/0\npermit = 127.0.0.0/255.0.0.0", "127.0.0.1", True),
        ("deny = 0.0.0.0/0\npermit = 127.0.0.0/255.0.0.0", "10.0.0.1", False),
        ("deny = 0.0.0.0/0\npermit = 10.0.0.0/8,127.0.0.1", "127.0.0.1", True),
        ("permit = !127.0.0.0/8,127.0.0.2", "127.0.0.1", False),
        ("permit = !127.0.0.0/8,127.0.0.2", "127.0.0.2", True),
        ("permit = 10.0.0.0/8", "127.0.0.1", True),
        ("deny = ::/0", "127.0.0.1", True),
        ("deny = 10.0.0.0/8", "::ffff:10.1.2.3", False),
        ("acl = somewhere", "127.0.0.1", False),
    ],
)
def test_rules_say_from_where(tmp_path: Path, rules: str, host: str, allowed: bool) -> None:
    """The last rule that fits decides, and a rule fits only its own family of addresses."""
    room = Room(tmp_path, f"[one]\nsecret = one\n{rules}\n[boss]\nsecret = boss\nread = all\n")
    watcher = room.logged_in("boss", "Events: security")
    line = room.line(host)
    answer = line.login("one")
    room.clock.advance(1)
    assert (answer + line.heard())[0] == (ACCEPTED if allowed else REFUSED)
    assert events(watcher.heard()) == ["SuccessfulAuth" if allowed else "FailedACL"]


@pytest.mark.parametrize("rule", ["nonsense", "10.0.0.0/33", "10.0.0.0/::", "1.2.3.4/x"])
def test_a_user_with_a_rule_that_is_none_does_not_exist(tmp_path: Path, rule: str) -> None:
    """As in Asterisk; the reader is told why."""
    room = Room(tmp_path, f"[one]\nsecret = one\npermit = {rule}\n")
    assert "user one is left out" in room.told[0][1]
    line = room.line()
    line.login("one")
    room.clock.advance(1)
    assert line.heard() == [REFUSED]


def test_a_client_that_goes_while_it_waits_for_its_refusal_leaves_nothing(room: Room) -> None:
    """No answer is written to a connection that is gone."""
    line = room.line()
    line.login("boss", "wrong")
    line.hang_up()
    room.clock.advance(10)
    assert line.transport.value() == b""
    assert not room.manager.sessions
