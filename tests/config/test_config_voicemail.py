"""voicemail.conf: mailboxes and their options."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.config.voicemail import VoicemailConfig, read_voicemail


@pytest.fixture
def voicemail(write, tmp_path: Path):
    def read(text: str) -> VoicemailConfig:
        write("voicemail.conf", text)
        return read_voicemail(tmp_path)

    return read


def test_a_box_has_a_password_a_name_and_options(voicemail) -> None:
    """General options are what a box starts with."""
    config = voicemail(
        """\
        [general]
        minsecs = 3
        tz = central
        maxmsg = 20
        [zonemessages]
        central = America/Chicago|'vm-received' Q
        [default]
        2000 => 1234,Bob Smith,bob@example.com,pager@example.com,maxmsg=5|tz=eastern|delete=yes
        2001 => 4321
        [other]
        2000 => 1,Elsewhere
        """
    )
    bob, plain, other = config.boxes
    assert (bob.password, bob.fullname, bob.email, bob.pager) == (
        *("1234", "Bob Smith", "bob@example.com", "pager@example.com"),
    )
    assert (bob.minsecs, bob.maxmsg, bob.tz, bob.delete) == (3, 5, "eastern", True)
    assert (plain.maxmsg, plain.tz, plain.delete, plain.fullname) == (20, "central", False, "")
    assert other.full_name == "2000@other"
    assert config.zones == {"central": "America/Chicago|'vm-received' Q"}
    assert "1234" not in repr(bob)


def test_a_box_is_found_in_its_context(voicemail) -> None:
    """In `default` where none is given; in any where `searchcontexts` says so."""
    text = "[default]\n1 => a\n[other]\n2 => b\n"
    config = voicemail(text)
    assert config.box("1").context == "default"
    assert config.box("2") is None
    assert config.box("2", "OTHER").context == "other"
    assert voicemail(f"[general]\nsearchcontexts=yes\n{text}").box("2").context == "other"


def test_limits(voicemail) -> None:
    """Messages below 0 are the default and too many are the most; a length must be above 0."""
    one, two, three = voicemail(
        "[default]\n1 => x,,,,maxmsg=-1|minsecs=-2\n2 => x,,,,maxmsg=99999|maxsecs=0\n3 => x,,,,maxmsg=0|maxsecs=9\n"
    ).boxes
    assert (one.maxmsg, one.minsecs) == (100, 0)
    assert (two.maxmsg, two.maxsecs) == (9999, 0)
    assert (three.maxmsg, three.maxsecs) == (0, 9)


def test_what_is_odd_is_told(voicemail) -> None:
    """Boxes that come twice or begin with a star, and options that nobody knows, with their place."""
    config = voicemail(
        "[general]\nminsec=1\nmaxsilence=0\n[default]\n1 => a\n1 => b\n*2 => c\n3 => d,,,,deleet=yes|tz\n"
    )
    assert [str(note) for note in config.notes] == [
        'voicemail.conf:2: unknown option minsec in [general]; did you mean "minsecs"?',
        "voicemail.conf:6: mailbox 1 in [default] is already defined; the first counts",
        "voicemail.conf:7: mailbox *2 begins with *, which Asterisk ignores",
        'voicemail.conf:8: unknown option deleet of mailbox 3; did you mean "delete"?',
    ]
    assert [box.name for box in config.boxes] == ["1", "3"]
    assert config.boxes[0].password == "a"
