"""How much is told: `core set verbose`, `core set debug`, `pjsip set logger`, `pjsip set history`.

The levels are kept and told of; what is logged here does not depend on them.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.octets import fold
from harness.dialplan.splitting import integer
from harness.pbx.commands.registry import USAGE, Answer, Registry

LEAST, OFF = "atleast", "off"
_SWITCHED = {"on": "enabled", "off": "disabled"}
_NO_HISTORY = (
    f"{'No.':<5} {'Timestamp':<10} {'(Dir) Address':<30} {'SIP Message':<35}\n"
    f"{'=' * 5} {'=' * 10} {'=' * 30} {'=' * 35}\n"
)


def register(registry: Registry) -> None:
    """Serve the family."""
    family = _Levels()
    registry.serve("core set verbose", family.set_verbose)
    registry.serve("core set debug", family.set_debug)
    registry.serve("pjsip set logger {on|off|host|add|method|methodadd|verbose|pcap}", _set_logger)
    registry.serve("pjsip set history {on|off|clear}", _set_history)
    registry.serve("pjsip show history", lambda words: USAGE if words else Answer(_NO_HISTORY))


class _Levels:
    """`debug` is by module; the empty name stands for all of them."""

    def __init__(self) -> None:
        self.verbose = 0
        self.debug: dict[str, int] = {"": 0}

    def set_verbose(self, words: Sequence[str]) -> Answer:
        least, level, rest = _level(words)
        if level is None or [fold(word) for word in rest] not in ([], ["silent"]):
            return USAGE
        old, self.verbose = self.verbose, max(level, self.verbose) if least else level
        return Answer("" if rest else _told("Console verbose", old, self.verbose))

    def set_debug(self, words: Sequence[str]) -> Answer:
        least, level, rest = _level(words)
        if level is None or len(rest) > 1:
            return USAGE
        name = rest[0].removesuffix(".so") if rest else ""
        old = self.debug.get(name, 0)
        self.debug[name] = new = max(level, old) if least else level
        if not name:
            if not level:
                self.debug = {"": new}
            return Answer(_told("Core debug", old, new))
        if new == old:
            return Answer(f"Core debug is still {old} for '{name}'.\n")
        return Answer(f"Core debug was {old} and has been set to {new} for '{name}'.\n")


def _level(words: Sequence[str]) -> tuple[bool, int | None, Sequence[str]]:
    """Whether `atleast` was said, the level, and the words after it."""
    least = bool(words) and fold(words[0]) == LEAST
    rest = words[1:] if least else words
    if not rest:
        return least, None, ()
    if not least and len(rest) == 1 and fold(rest[0]) == OFF:
        return least, 0, ()
    return least, integer(rest[0]), rest[1:]


def _told(what: str, old: int, new: int) -> str:
    was, now = (str(level) if level else "OFF" for level in (old, new))
    return f"{what} is still {was}.\n" if old == new else f"{what} was {was} and is now {now}.\n"


def _set_logger(words: Sequence[str]) -> Answer:
    kind, rest = fold(words[0]), words[1:]
    if kind in _SWITCHED and not rest:
        return Answer(f"PJSIP Logging {_SWITCHED[kind]}\n")
    if kind in ("host", "add") and len(rest) == 1:
        return Answer(f"PJSIP Logging Enabled for host: {rest[0]}\n")
    if kind in ("method", "methodadd") and len(rest) == 1:
        return Answer(f"PJSIP Logging Enabled for SIP Methods: {rest[0]}\n")
    if kind == "verbose" and len(rest) == 1 and fold(rest[0]) in _SWITCHED:
        return Answer(f"PJSIP Logging to verbose has been {_SWITCHED[fold(rest[0])]}\n")
    return USAGE


def _set_history(words: Sequence[str]) -> Answer:
    kind = fold(words[0])
    if len(words) != 1:
        return USAGE
    return Answer(f"PJSIP History {_SWITCHED.get(kind, 'cleared')}\n")
