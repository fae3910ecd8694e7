"""`core show hints` and `core show hint` (main/pbx.c:5192-5352)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.core import Hint, PresenceCore, extension_text
from harness.core.octets import bucket, fold
from harness.pbx.commands.columns import column
from harness.pbx.commands.registry import USAGE, Answer, Registry

BUCKETS = 563
"""Of the table that Asterisk keeps hints in."""
NONE = "There are no registered dialplan hints\n"


def register(registry: Registry, core: PresenceCore) -> None:
    """Serve the family."""
    family = _Hints(core)
    registry.serve("core show hints", family.show_all)
    registry.serve("core show hint", family.show)


def hint_line(hint: Hint) -> str:
    """One hint with the state and the presence that it last showed."""
    place = column(f"{hint.exten}@{hint.context}", 30)
    state = column(extension_text(hint.state), 15)
    presence = column(hint.presence.state.token, 15)
    watchers = len(hint.watchers)
    return f"{place}: {column(hint.text, 60)}  State:{state} Presence:{presence} Watchers {watchers:2d}\n"


def in_order(hints: Iterable[Hint]) -> list[Hint]:
    """As Asterisk comes upon them in its table (main/pbx.c, hint_hash)."""
    return sorted(hints, key=lambda hint: bucket(fold(hint.exten), BUCKETS))


class _Hints:
    def __init__(self, core: PresenceCore) -> None:
        self._core = core

    def show_all(self, _words: Sequence[str]) -> Answer:
        hints = in_order(self._core.hints.listing())
        if not hints:
            return Answer(NONE)
        lines = "".join(map(hint_line, hints))
        title = "\n    -= Registered Asterisk Dial Plan Hints =-\n"
        return Answer(f"{title}{lines}----------------\n- {len(hints)} hints registered\n")

    def show(self, words: Sequence[str]) -> Answer:
        if not words:
            return USAGE
        hints = in_order(self._core.hints.listing())
        if not hints:
            return Answer(NONE)
        wanted = words[0]
        found = [hint for hint in hints if fold(hint.exten).startswith(fold(wanted))]
        if not found:
            return Answer(f"No hints matching extension {wanted}\n")
        count = f"{len(found)} hint{'s' if len(found) != 1 else ''} matching extension {wanted}\n"
        return Answer("".join(map(hint_line, found)) + count)
