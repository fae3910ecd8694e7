"""The table of commands: which one a line means, and what is printed where there is none (main/cli.c)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from harness.pbx.commands.line import RESERVED, join, word_matches
from harness.pbx.commands.usage import HELP
from harness.pbx.commands.vocabulary import VOCABULARY


class Outcome(Enum):
    """How a command ended; after FAILURE and USAGE more is printed."""

    SUCCESS = 0
    FAILURE = 1
    USAGE = 2


class Answer(NamedTuple):
    """What a command printed, each line with its end."""

    text: str
    outcome: Outcome = Outcome.SUCCESS


USAGE = Answer("", Outcome.USAGE)

Run = Callable[[Sequence[str]], Answer]
"""Takes what follows the fixed words of the command."""


def failure(text: str) -> Answer:
    """The command could not do what it was asked."""
    return Answer(text, Outcome.FAILURE)


class Search(Enum):
    """What `Registry.find` takes: LONGEST the most words that match, EXACT all of them, LAST all but the last."""

    LONGEST = 0
    EXACT = 1
    LAST = -1


class Command(NamedTuple):
    """One command; `run` is None where Asterisk has it and we do not."""

    name: str
    words: tuple[str, ...]
    summary: str = ""
    usage: str = ""
    run: Run | None = None

    @property
    def fixed(self) -> int:
        """How many words come before those that vary."""
        return next((at for at, word in enumerate(self.words) if word[0] in RESERVED), len(self.words))


def command_of(name: str, run: Run | None = None, summary: str = "", usage: str = "") -> Command:
    """A command by the words that `core show help` shows."""
    return Command(name, tuple(name.split(" ")), summary, usage, run)


@lru_cache(maxsize=1)
def _unserved(names: tuple[str, ...]) -> dict[str, Command]:
    """The commands without anyone who runs them: the same for every server, of which a run of scenarios has many."""
    return {name: command_of(name) for name in names}


class Registry:
    """Commands in the order in which they are listed, which also decides between two that fit equally well."""

    __slots__ = ("_commands",)

    def __init__(self, names: tuple[str, ...]) -> None:
        self._commands = _unserved(names).copy()

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    def serve(self, name: str, run: Run) -> None:
        """Run this command when it is asked for; its summary and usage are those of Asterisk."""
        summary, usage = HELP[name]
        self._commands[name] = command_of(name, run, summary, usage)

    def leave_out(self, name: str) -> None:
        """Have no such command."""
        self._commands.pop(name, None)

    def add(self, commands: Sequence[Command]) -> None:
        """Take in commands that a plain Asterisk does not have, in the alphabet's place of the first.

        One that is there already is replaced.
        """
        names = {command.name for command in commands}
        kept = {name: command for name, command in self._commands.items() if name not in names}
        first = commands[0].words[0]
        before = {name: each for name, each in kept.items() if each.words[0] < first}
        after = {name: each for name, each in kept.items() if each.words[0] >= first}
        self._commands = {**before, **{each.name: each for each in commands}, **after}

    def find(self, words: Sequence[str], search: Search) -> Command | None:
        """The command that these words mean (main/cli.c, find_cli)."""
        best, length = None, -1
        for command in self:
            same = _same_words(words, command.words)
            typed_all = same >= len(words) or not words[same]
            if _complete(command.words, same):
                if typed_all:
                    return command
                fits = search is Search.LONGEST
            else:
                fits = search is Search.LAST and not typed_all and _last_of_both(words, command.words, same)
            if fits and same > length:
                best, length = command, same
        return best

    def closest(self, words: Sequence[str]) -> str:
        """The words up to and with the first at which no command is left."""
        for count in range(1, len(words) + 1):
            if self.find(words[:count], Search.LAST) is None:
                return join(words[:count])
        return join(words)


def registry_of_asterisk() -> Registry:
    """All commands of an Asterisk 22, none of them served yet."""
    return Registry(VOCABULARY)


def _same_words(words: Sequence[str], pattern: Sequence[str]) -> int:
    same = 0
    for word, wanted in zip(words, pattern, strict=False):
        if not word_matches(word, wanted):
            break
        same += 1
    return same


def _complete(pattern: Sequence[str], same: int) -> bool:
    """Whether only an optional last word is missing."""
    return same == len(pattern) or (same == len(pattern) - 1 and pattern[same].startswith("["))


def _last_of_both(words: Sequence[str], pattern: Sequence[str], same: int) -> bool:
    """Whether what does not fit is the last word on both sides."""
    return same == len(pattern) - 1 and (same + 1 == len(words) or not words[same + 1])
