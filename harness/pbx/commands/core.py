"""`core show version`, `uptime`, `help` and `core waitfullybooted` (main/cli.c, main/asterisk.c)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.pbx.commands.columns import left
from harness.pbx.commands.line import join
from harness.pbx.commands.registry import USAGE, Answer, Registry, Search
from harness.pbx.commands.served import Served

VERSION = "22.10.1"
BUILT = "built by dpma-harness @ localhost on a x86_64 running Linux on 2026-01-01 00:00:00 UTC"

_UNITS = (("year", 31_536_000), ("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60))


def register(registry: Registry, uptime: Uptime) -> None:
    """Serve the family."""
    family = _Core(registry, uptime)
    registry.serve("core show version", family.show_version)
    registry.serve("core show uptime [seconds]", family.show_uptime)
    registry.serve("core show help", family.show_help)
    registry.serve("core waitfullybooted", family.wait_fully_booted)


class Uptime:
    """Since when the server runs and when it was last reloaded, in seconds of its clock."""

    __slots__ = ("_served", "reloaded_at", "started_at")

    def __init__(self, served: Served) -> None:
        self._served = served
        self.started_at = self.reloaded_at = served.world.seconds()

    def reloaded(self) -> None:
        """The configuration was read again."""
        self.reloaded_at = self._served.world.seconds()

    def since(self, moment: float) -> int:
        """Whole seconds since a moment."""
        return int(self._served.world.seconds() - moment)


def in_words(seconds: int) -> str:
    """A span as `1 day, 2 hours, 3 seconds`; what is not more than a unit is told in the next smaller one."""
    parts, left_over = [], seconds
    for name, size in _UNITS:
        if left_over > size:
            count, left_over = divmod(left_over, size)
            parts.append(_counted(count, name) + (", " if left_over else ""))
    if left_over > 0 or not parts:
        parts.append(_counted(left_over, "second"))
    return "".join(parts)


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'}"


class _Core:
    def __init__(self, registry: Registry, uptime: Uptime) -> None:
        self._registry, self._uptime = registry, uptime

    def show_version(self, words: Sequence[str]) -> Answer:
        return USAGE if words else Answer(f"Asterisk {VERSION} {BUILT}\n")

    def show_uptime(self, words: Sequence[str]) -> Answer:
        if len(words) > 1 or (words and words[0].lower() != "seconds"):
            return USAGE
        spans = (self._uptime.since(self._uptime.started_at), self._uptime.since(self._uptime.reloaded_at))
        running, reloaded = map(str, spans) if words else map(in_words, spans)
        return Answer(f"System uptime: {running}\nLast reload: {reloaded}\n")

    def wait_fully_booted(self, _words: Sequence[str]) -> Answer:
        return Answer("Asterisk has fully booted.\n")

    def show_help(self, words: Sequence[str]) -> Answer:
        command = self._registry.find(words, Search.EXACT) if words else None
        if command is not None:
            return Answer(command.usage if command.run else not_served(command.name))
        topic = join(words).lower()
        found = [each for each in self._registry if each.name.lower().startswith(topic)]
        served = [f"{left(each.name, 30)} -- {each.summary}\n" for each in found if each.run]
        if served or not topic:
            return Answer("".join(served))
        return Answer("".join(not_served(each.name) for each in found) or f"No such command '{join(words)}'.\n")


def not_served(name: str) -> str:
    """What is said of a command that Asterisk has and we do not."""
    return f"'{name}' is a command of Asterisk that is not served here\n"
