"""Events and small traces for tests of what is drawn."""

from __future__ import annotations

from harness.scenario.result import ShownEvent

HOSTILE = (
    "<img src=x onerror=alert(1)>", "</script><b>", "\x00\x1b[31m\u202e", "]]>&amp;'\"", "end; #35; %%", "\ud800",
)  # fmt: skip


def event(hop: str, source: str, destination: str, payload: object, seq: int = 1, time: float = 0.0,
          cause: int = 0) -> ShownEvent:  # fmt: skip
    """An event as it is shown."""
    return ShownEvent(seq, cause, time, hop, source, destination, "UDP", payload)


def step(seq: int, index: int, text: str, time: float = 0.0) -> ShownEvent:
    """A step begins."""
    said = {"index": index, "verb": text.partition(":")[0], "text": text}
    return event("step", "scenario", "scenario", said, seq, time)


def over(seq: int, index: int, verdict: str, time: float, why: str = "", cause: int = 0) -> ShownEvent:
    """A step is over."""
    said = {"index": index, "verdict": verdict, "why": why}
    return event("step", "scenario", "scenario", said, seq, time, cause)


ROAD = [
    event("sip", "bob", "server", "REGISTER sip:server SIP/2.0\r\nTo: <sip:2000@server>\r\n\r\n", 1, 0.0),
    event("arrived", "bob", "server", "REGISTER sip:server SIP/2.0\r\nTo: <sip:2000@server>\r\n\r\n", 2, 0.001, 1),
    event("sip", "server", "bob", "SIP/2.0 401 Unauthorized\r\nCSeq: 1 REGISTER\r\n\r\n", 3, 0.001, 2),
    step(4, 1, "status: {phone: bob, set: away}", 0.01),
    event("press", "bob", "", {"phone": "bob", "status": "away", "substatus": "Lunch"}, 5, 0.01),
    event("sip", "bob", "server", "MESSAGE sip:proxy@server SIP/2.0\r\n\r\n{}", 6, 0.01, 5),
    over(7, 1, "passed", 0.01, cause=4),
    step(8, 2, "expect: {phone: reception}", 0.01),
    event("arrived", "bob", "server", "MESSAGE sip:proxy@server SIP/2.0\r\n\r\n{}", 9, 0.011, 6),
    event("dpma", "dpma", "server", {"verdict": "accepted", "provider": "CustomPresence:2000", "value": "away,,"},
          10, 0.011, 9),
    event("core", "server", "server", {"what": "published", "provider": "CustomPresence:2000", "state": "away"},
          11, 0.011, 10),
    event("hint", "server", "server", {"what": "told", "exten": "2000", "context": "d"}, 12, 0.011, 11),
    event("sip", "server", "reception", "NOTIFY sip:reception@r SIP/2.0\r\nFrom: <sip:2000@s>\r\n\r\n", 13, 0.011, 12),
    event("lost", "server", "reception", {"why": "taken by the network", "data": "NOTIFY"}, 14, 0.0115, 13),
    event("screen", "reception", "", {"contact": "2000", "presence": "away", "changed": [{"field": "presence"}]},
          15, 0.012, 13),
    over(16, 2, "failed", 0.511, "it did not come within 500 ms", cause=8),
    event("note", "bob", "", {"what": "switched off"}, 17, 0.6),
]  # fmt: skip
"""Bob presses, the NOTIFY is lost, the step fails."""
