"""A written trace is read again, and what is none is told with file and line."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.net.trace import Trace
from harness.report import tracefile
from harness.report.tracefile import read_trace
from harness.scenario.result import shown_events

GOOD = {"seq": 1, "cause": None, "time": 0.5, "hop": "note", "source": "bob", "destination": "", "transport": "",
        "payload": {"what": "x"}}  # fmt: skip


def line(**changes: object) -> str:
    """An event's line with something changed; what is `...` is left out."""
    return json.dumps({name: value for name, value in (GOOD | changes).items() if value is not ...})


def test_what_a_trace_writes_is_read_as_it_was(tmp_path: Path) -> None:
    """Every kind of payload, names of places, causes."""
    trace = Trace()
    trace.names[("10.0.0.1", 5060)] = "server"
    first = trace.add("sip", ("10.0.0.1", 5060), ("::1", 5060), "UDP", b"NOTIFY sip:x SIP/2.0\r\n\r\n\xff\x1b")
    trace.add("arrived", ("10.0.0.1", 5060), "bob", "UDP", "text \u202e", first)
    trace.note("bob", "many", values=[1, 2.5, None, {"a": True}])
    written = io.StringIO()
    trace.write(written)
    path = tmp_path / "a.jsonl"
    path.write_text(written.getvalue() + "\n", "utf-8")
    assert read_trace(path) == list(shown_events(trace))


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("nonsense", ":2:1", "this is not JSON"),
        ('{"seq":1', ":2:9", "this is not JSON"),
        ("[1, 2]", ":2", "the line holds no JSON object"),
        ("[" * 100_000, ":2", ""),
        (line(hop=...), ":2", "'hop' is missing"),
        (line(seq="1"), ":2", "'seq' is no whole number"),
        (line(seq=None), ":2", "'seq' is no number"),
        (line(seq=True), ":2", "'seq' is no whole number"),
        (line(cause=1.5), ":2", "'cause' is no whole number"),
        (line(time="now"), ":2", "'time' is no number of seconds"),
        (line(time=float("inf")), ":2", "'time' is no number of seconds"),
        (line(source=["a"]), ":2", "'source' is no text"),
        ('{"seq": ' + "9" * 5000 + "}", ":2", ""),
    ],
)
def test_a_line_that_is_no_event_is_named(tmp_path: Path, text: str, place: str, words: str) -> None:
    """File, line, and column where there is one."""
    path = tmp_path / "a.jsonl"
    path.write_text(f"{line()}\n{text}\n{line()}\n", "utf-8")
    with pytest.raises(InputError) as raised:
        read_trace(path)
    assert str(raised.value).startswith(f"{path}{place}: ")
    assert words in raised.value.message


def test_bytes_that_are_no_text_are_named_with_their_column(tmp_path: Path) -> None:
    """A pcap is no trace."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"s\xff')
    with pytest.raises(InputError, match=r"a\.jsonl:1:4: this is not UTF-8"):
        read_trace(path)


def test_no_file_no_event_and_a_folder_are_told(tmp_path: Path) -> None:
    """One sentence each."""
    (tmp_path / "empty.jsonl").write_text("\n\n")
    for path, words in ((tmp_path / "none", "cannot be read"), (tmp_path, "cannot be read"),
                        (tmp_path / "empty.jsonl", "there is no event in it")):  # fmt: skip
        with pytest.raises(InputError, match=words):
            read_trace(path)


def test_limits_end_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines and events without end are not gathered."""
    path = tmp_path / "a.jsonl"
    path.write_text(f"{line()}\n" * 3)
    monkeypatch.setattr(tracefile, "MAX_EVENTS", 2)
    with pytest.raises(InputError, match=":3: more than 2 events"):
        read_trace(path)
    monkeypatch.setattr(tracefile, "MAX_LINE_BYTES", 50)
    with pytest.raises(InputError, match=":1: the line is longer than 50 bytes"):
        read_trace(path)
