"""The trace: events, causes, and how they are read."""

from __future__ import annotations

import io
import json
from enum import IntEnum

from hypothesis import given
from hypothesis import strategies as st

from harness.net.trace import HOPS, MAX_IN_FLIGHT, Event, Trace


def test_events_are_numbered_tuples_with_time_since_the_start() -> None:
    """seq counts from 1; time begins at 0 whatever the clock says."""
    times = iter([100.0, 100.5])
    trace = Trace()
    trace.start_at(lambda: next(times))
    assert trace.add("press", "bob", "server", "", "Away") == 1
    assert trace.events == [(1, 0, 0.5, "press", "bob", "server", "", "Away")]


def test_an_event_takes_the_current_cause_unless_one_is_given() -> None:
    """`caused_by` nests and restores; 0 is no cause."""
    trace = Trace()
    with trace.caused_by(trace.add("press", "bob", "server", "", None)):
        trace.add("sip", "bob", "server", "UDP", b"")
        with trace.caused_by(2):
            trace.add("arrived", "bob", "server", "UDP", b"")
        trace.add("note", "bob", "", "", "", cause=0)
    trace.add("note", "bob", "", "", "")
    assert [event.cause for event in trace.events] == [0, 1, 2, 0, 0]
    assert [event.seq for event in trace.chain(3)] == [1, 2, 3]
    assert trace.chain(99) == []


def test_a_trace_that_is_off_keeps_nothing() -> None:
    """add gives 0 and tells no one."""
    trace, heard = Trace(enabled=False), []
    trace.listeners.append(heard.append)
    assert trace.add("press", "bob", "server", "", "") == trace.note("bob", "x") == 0
    assert (trace.events, heard) == ([], [])


def test_listeners_hear_each_event() -> None:
    """As it is added."""
    trace, heard = Trace(), []
    trace.listeners.append(heard.append)
    trace.add("press", "bob", "server", "", "")
    assert heard == trace.events


def test_the_oldest_events_go_where_only_some_are_kept() -> None:
    """Numbers stay what they were; what is gone is not found."""
    trace = Trace(keep=8)
    for number in range(100):
        trace.add("note", "bob", "", "", str(number))
    assert 8 <= len(trace.events) <= 9
    assert trace.event(100) == trace.events[-1]
    assert trace.event(1) is None
    assert trace.event(101) is None
    assert [event.seq for event in trace.since(97)] == [98, 99, 100]
    assert trace.since(0) == trace.events


def test_a_line_is_json_with_keys_in_one_order() -> None:
    """Six decimals of a second, aliases for addresses, null where there is no cause."""
    trace = Trace()
    trace.names.update({("10.0.0.5", 5060): "bob", "server": "Asterisk"})
    line = trace.line(Event(3, 0, 0.0012344, "sip", ("10.0.0.5", 5060), ("server", 1), "UDP", b"a\r\n\xff\xc3\xa0"))
    assert line == (
        '{"seq":3,"cause":null,"time":0.001234,"hop":"sip","source":"bob","destination":"Asterisk",'
        '"transport":"UDP","payload":"a\\r\\n\\\\xffà"}'
    )
    assert trace.name_of(("10.0.0.5", 5061)) == "10.0.0.5:5061"
    assert trace.name_of(("::1", 5060)) == "[::1]:5060"


def test_values_are_written_alike_in_every_process() -> None:
    """Sets are sorted, addresses of objects left out, enumerations named, bytes read."""

    class Colour(IntEnum):
        RED = 1

    class Thing:
        pass

    trace = Trace()
    seq = trace.note("core", "x", names={"b", "a"}, thing=Thing(), colour=Colour.RED, data=b"\xff", n=(1, 2.5, None))
    event = trace.event(seq)
    assert event is not None
    payload = json.loads(trace.line(event))["payload"]
    assert payload.pop("thing").endswith("Thing object>")
    assert payload == {
        "what": "x", "names": ["a", "b"], "colour": "RED", "data": "\\xff", "n": [1, 2.5, None]}  # fmt: skip


def test_a_note_keeps_values_as_they_were() -> None:
    """What changes later does not change the trace."""
    trace, watchers = Trace(), ["alice"]
    trace.note("core", "x", watchers=watchers)
    watchers.clear()
    assert trace.events[0].payload == {"what": "x", "watchers": ["alice"]}


def test_secrets_are_blanked_when_an_event_is_read_and_not_before() -> None:
    """By form, by name of a value, and by value; the event itself stays whole for those who need the bytes."""
    trace = Trace()
    trace.secrets.add("hunter2")
    trace.add("sip", "bob", "server", "UDP", b'Authorization: Digest response="abcdef0123456789"')
    trace.add("ami", "x", "server", "TCP", {"Action": "Login", "Secret": "s", "Key": "k", "to": ["is hunter2"]})
    trace.add("ami", "x", "server", "TCP", {"Action": "DBGet", "Key": "k"})
    trace.add("ami", "hunter2", "server", "TCP", "hunter2")
    text = "\n".join(trace.lines())
    assert "abcdef" not in text
    assert '"Secret":"***","Key":"***","to":["is ***"]' in text
    assert '{"Action":"DBGet","Key":"k"}' in text
    assert text.endswith('"payload":"***"}')
    assert b"abcdef" in trace.events[0].payload  # type: ignore[operator]


def test_lines_are_written_one_each() -> None:
    """JSON lines."""
    trace, file = Trace(), io.StringIO()
    for hop in HOPS:
        trace.add(hop, "a", "b", "", "line\nbreak\u2028")
    trace.write(file)
    lines = file.getvalue().split("\n")
    assert [json.loads(line)["hop"] for line in lines[:-1]] == list(HOPS)
    assert lines[-1] == ""


payloads = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(payloads, st.text(), st.integers(0, 65535))
def test_any_payload_is_one_line_of_valid_json(payload: object, host: str, port: int) -> None:
    """Whatever a message held, the line can be written as UTF-8 and read as JSON."""
    trace = Trace()
    trace.add("sip", (host, port), host, "UDP", payload)  # type: ignore[arg-type]
    line = trace.line(trace.events[0])
    assert "\n" not in line
    json.loads(line.encode().decode())


def test_what_was_sent_is_found_by_its_bytes() -> None:
    """On real sockets the bytes lead to the event that sent them; only the last of them are remembered."""
    trace = Trace()
    trace.sent(5, b"x")
    assert (trace.sender_of(b"x"), trace.sender_of(b"y")) == (5, 0)
    for number in range(MAX_IN_FLIGHT):
        trace.sent(number, b"%d" % number)
    assert (trace.sender_of(b"x"), len(trace._in_flight)) == (0, MAX_IN_FLIGHT)
