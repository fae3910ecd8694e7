"""manager.conf: options, users and what they may do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config.manager import CLASSES, DEFAULT_PORT, permissions, read_manager


def test_defaults_are_those_of_asterisk(write, tmp_path: Path) -> None:
    """Off, port 5038, 30 seconds to log in, 50 connections that have not."""
    write("manager.conf", "")
    config = read_manager(tmp_path)
    assert (config.enabled, config.port, config.authtimeout, config.authlimit) == (False, 5038, 30, 50)
    assert (config.bindaddr, config.httptimeout) == ("::", 60)
    assert config.allowmultiplelogin
    assert config.displayconnects
    off = (config.webenabled, config.timestampevents, config.brokeneventsaction, config.debug)
    assert not any(off)
    assert config.users == {}


def test_users_take_defaults_from_general(write, tmp_path: Path) -> None:
    """And may say otherwise; a write timeout is at least 100 ms."""
    write(
        "manager.conf",
        """\
        [general]
        displayconnects = no
        allowmultiplelogin = no
        [a]
        [b]
        displayconnects = yes
        allowmultiplelogin = yes
        writetimeout = 250
        setvar = A=1
        [c]
        writetimeout = 5
        """,
    )
    a, b, c = read_manager(tmp_path).users.values()
    assert (a.displayconnects, a.allowmultiplelogin, a.writetimeout) == (False, False, 100)
    assert (b.displayconnects, b.allowmultiplelogin, b.writetimeout) == (True, True, 250)
    assert [setting.value for setting in b.variables] == ["A=1"]
    assert c.writetimeout == 100


def test_general_options_are_read(write, tmp_path: Path) -> None:
    """The last value counts."""
    write(
        "manager.conf",
        """\
        [general]
        enabled = yes
        port = 6000
        port = 6001
        bindaddr = 127.0.0.1
        authtimeout = 5
        timestampevents = on
        allowmultiplelogin = no
        """,
    )
    config = read_manager(tmp_path)
    assert (config.enabled, config.port, config.bindaddr, config.authtimeout) == (True, 6001, "127.0.0.1", 5)
    assert config.timestampevents
    assert not config.allowmultiplelogin
    assert config.notes == []


@pytest.mark.parametrize("port", ["80", "1023", "abc", "65536", ""])
def test_a_port_out_of_range_is_told(write, tmp_path: Path, port: str) -> None:
    """Asterisk takes 1024 to 65535."""
    write("manager.conf", f"[general]\nport={port}\n")
    config = read_manager(tmp_path)
    assert config.port == DEFAULT_PORT
    assert [note.kind for note in config.notes] == ["value"]


@pytest.mark.parametrize("port", [1024, 65535])
def test_the_ends_of_the_range_of_ports_are_in_it(write, tmp_path: Path, port: int) -> None:
    """No note."""
    write("manager.conf", f"[general]\nport={port}\n")
    config = read_manager(tmp_path)
    assert (config.port, config.notes) == (port, [])


@pytest.mark.parametrize("name", ["authtimeout", "authlimit"])
def test_limits_below_one_are_told(write, tmp_path: Path, name: str) -> None:
    """The default stays."""
    write("manager.conf", f"[general]\n{name}=0\n")
    config = read_manager(tmp_path)
    assert (config.authtimeout, config.authlimit) == (30, 50)
    assert len(config.notes) == 1


def test_users_have_secret_permissions_filters_and_rules(write, tmp_path: Path) -> None:
    """Filters and address rules are kept as written, in order."""
    write(
        "manager.conf",
        """\
        [general]
        enabled = yes
        [admin]
        secret = s3cret
        deny = 0.0.0.0/0.0.0.0
        permit = 127.0.0.1/255.255.255.255
        read = call,reporting
        write = all
        eventfilter = Event: Newchannel
        eventfilter(action(exclude),name(Newexten)) =
        """,
    )
    config = read_manager(tmp_path)
    user = config.users["admin"]
    assert user.secret == "s3cret"
    assert user.read == {"call", "reporting"}
    assert user.write == {"all", *CLASSES}
    assert [s.name for s in user.acl] == ["deny", "permit"]
    assert [s.name for s in user.eventfilters] == ["eventfilter", "eventfilter(action(exclude),name(Newexten))"]
    assert user.where.line == 3
    assert config.notes == []


def test_users_are_found_without_case_and_joined(write, tmp_path: Path) -> None:
    """A second section of one user changes what it names and starts its lists anew."""
    write("manager.conf", "[Admin]\nsecret=1\nread=call\npermit=::\n[admin]\nread=log\n")
    config = read_manager(tmp_path)
    assert list(config.users) == ["Admin"]
    user = config.user("ADMIN")
    assert user is not None
    assert (user.secret, user.read, user.acl) == ("1", {"log"}, [])
    assert config.user("nobody") is None


def test_a_user_without_read_may_read_nothing(write, tmp_path: Path) -> None:
    """And neither write."""
    write("manager.conf", "[mute]\nsecret=x\nread=\n")
    user = read_manager(tmp_path).users["mute"]
    assert user.read == user.write == frozenset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("system", {"system"}),
        ("system, call", {"system"}),
        ("sys,x", {"system"}),
        ("c,log", {"call", "command", "config", "cdr", "cc", "log"}),
        ("none", set()),
        ("", set()),
        ("call,", {"call"}),
        ("system,,call", {"all", *CLASSES}),
    ],
)
def test_permissions_are_read_with_their_oddities(text: str, expected: set[str]) -> None:
    """Measured with `manager show user`."""
    assert permissions(text) == expected


@given(st.lists(st.sampled_from(CLASSES), unique=True))
def test_whole_words_give_exactly_themselves_unless_one_begins_another(words: list[str]) -> None:
    """No class is the beginning of another, so a clean list is taken literally."""
    assert permissions(",".join(words)) == set(words)


def test_words_that_mean_nothing_are_told(write, tmp_path: Path) -> None:
    """With what was probably meant."""
    write("manager.conf", "[a]\nread = call, log\nwrite = reportin\n")
    notes = [note.text for note in read_manager(tmp_path).notes]
    assert "blanks count" in notes[0]
    assert 'did you mean "reporting"' in notes[1]


def test_unknown_options_are_told_once(write, tmp_path: Path) -> None:
    """In [general] and in a user; only the first [general] is read."""
    write("manager.conf", "[general]\nenabeld=yes\n[u]\nsecrte=x\n[general]\nenabled=yes\n")
    config = read_manager(tmp_path)
    assert [note.where.line for note in config.notes if note.where] == [2, 4]
    assert not config.enabled


def test_secrets_are_not_in_the_representation(write, tmp_path: Path) -> None:
    """What is logged by accident does not give them away."""
    write("manager.conf", "[u]\nsecret=hidden-word\n")
    assert "hidden-word" not in repr(read_manager(tmp_path).users)
