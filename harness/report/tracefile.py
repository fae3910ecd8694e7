"""A trace that was written as JSON lines, read again: one event a line."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from harness.errors import InputError, Location
from harness.scenario.result import ShownEvent

MAX_LINE_BYTES = 4 * 1024 * 1024
MAX_EVENTS = 1_000_000
ADVICE = "a trace is what `run` writes into the folder traces/ of its report: one JSON object a line"

_TEXTS = ("hop", "source", "destination", "transport")


def read_trace(path: Path) -> list[ShownEvent]:
    """The events of a file, in its order; InputError with file and line where it is no trace."""
    try:
        with path.open("rb") as file:
            events = list(_events(file, str(path)))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", Location(str(path))) from None
    if not events:
        raise InputError("there is no event in it", Location(str(path)), ADVICE)
    return events


def _events(file: BinaryIO, name: str) -> Iterator[ShownEvent]:
    number = 0
    while data := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        where = Location(name, number)
        if number > MAX_EVENTS:
            raise InputError(f"more than {MAX_EVENTS} events", where)
        if len(data) > MAX_LINE_BYTES:
            raise InputError(f"the line is longer than {MAX_LINE_BYTES} bytes", where, ADVICE)
        if data.strip():
            yield _event(data, where)


def _event(data: bytes, where: Location) -> ShownEvent:
    try:
        said = json.loads(data.decode("utf-8").rstrip())
    except UnicodeDecodeError as error:
        raise InputError("this is not UTF-8", where._replace(column=error.start + 1), ADVICE) from None
    except json.JSONDecodeError as error:
        raise InputError(f"this is not JSON: {error.msg}", where._replace(column=error.colno), ADVICE) from None
    except (RecursionError, ValueError) as error:  # too deep, or a number of too many digits
        raise InputError(f"this cannot be read: {error}", where, ADVICE) from None
    if not isinstance(said, dict):
        raise InputError("the line holds no JSON object", where, ADVICE)
    wrong = next((f"{name!r} {why}" for name, why in _faults(said)), "")
    if wrong:
        raise InputError(f"this is no event: {wrong}", where, ADVICE)
    return ShownEvent(
        said["seq"], said["cause"] or 0, float(said["time"]), said["hop"], said["source"], said["destination"],
        said["transport"], said["payload"],
    )  # fmt: skip


def _faults(said: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What keeps an object from being an event."""
    missing = [name for name in ShownEvent._fields if name not in said]
    if missing:
        yield missing[0], "is missing"
        return
    for name in ("seq", "cause"):
        if said[name] is not None and type(said[name]) is not int:
            yield name, "is no whole number"
    if said["seq"] is None:
        yield "seq", "is no number"
    if type(said["time"]) not in (int, float) or not math.isfinite(said["time"]):
        yield "time", "is no number of seconds"
    yield from ((name, "is no text") for name in _TEXTS if not isinstance(said[name], str))
