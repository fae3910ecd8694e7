"""What differs from run to run in long answers becomes a token, in recordings and replays alike."""

from __future__ import annotations

import re
from typing import Any

_PATTERNS = [
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<uuid>"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<hex>"),
    (re.compile(r"(Expiry: +)\d+"), r"\1<seconds>"),
    (re.compile(r"^(Challenge|RegExpire|ExpirationTime|ViaPort|Uptime|LastReload|RoundtripUsec): \d+"), r"\1: <n>"),
    (re.compile(r"^(Timestamp|Core(Startup|Reload)(Time|Date)): .*"), r"\1: <time>"),
    (re.compile(r"^(\w*(?:Uniqueid|Linkedid)): \d+\.(\d+)"), r"\1: <time>.\2"),
    (re.compile(r"^ActionID: .*"), "ActionID: <id>"),
    (re.compile(r" [0-9a-f]{10} (NonQual|Unavail|Avail|Unknown)( +[0-9.]+)?"), r" <hash> \1"),
    (re.compile(r'"(via_port|expiration_time)":"\d+"'), r'"\1":"<number>"'),
    (re.compile(r"(/presence +|/dialog +)\d+ "), r"\1<seconds> "),
    (re.compile(r"^(Output:  )=+$"), r"\1<rule>"),
]
_LONG_NUMBER = re.compile(r"[+]?\d{3,}|[+]?-\d+")


def blurred(note: Any) -> Any:
    """A note with its tokens; what a list of the manager interface lists has no order."""
    if isinstance(note, str):
        for pattern, token in _PATTERNS:
            note = pattern.sub(token, note)
        return note
    if isinstance(note, list):
        rows = [blurred(each) for each in note]
        if all(isinstance(row, list) for row in rows) and any("EventList: start" in row for row in rows):
            rows[1:-1] = sorted(rows[1:-1])
        return rows
    if isinstance(note, dict):
        fresh = {name: blurred(value) for name, value in note.items()}
        if _LONG_NUMBER.fullmatch(str(fresh.get("cseq"))):
            fresh["cseq"] = "<number>"
        return fresh
    return note
