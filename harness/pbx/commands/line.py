"""A command line taken apart, and how its words are compared with those of a command (main/cli.c)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.octets import cut, fold

MAX_WORDS = 63
"""So many words are taken; of the last one only the first character, where more follows (AST_MAX_ARGS)."""
JOINED_BYTES = 79
"""Words that are put together again go through a buffer of this size."""

RESERVED = "[]{}|*%"
_SPACE = " \t\n\v\f\r"


class _Words:
    """Gathers words; each is a list of characters until the end."""

    __slots__ = ("between", "words")

    def __init__(self) -> None:
        self.words: list[list[str]] = []
        self.between = True

    def start(self) -> None:
        """Begin a word unless one is open."""
        if self.between:
            self.words.append([])
            self.between = False


def split_line(line: str) -> list[str]:
    """The words: blanks and tabs separate, `"..."` groups, a backslash takes away the next character's meaning."""
    taken = _Words()
    quoted = escaped = False
    for character in line.lstrip(_SPACE):
        if len(taken.words) >= MAX_WORDS:
            break
        if character == '"' and not escaped:
            quoted = not quoted
            if quoted:
                taken.start()
        elif character in " \t" and not (quoted or escaped):
            taken.between = True
        elif character == "\\" and not escaped:
            escaped = True
        else:
            taken.start()
            taken.words[-1].append(character)
            escaped = False
    return ["".join(word) for word in taken.words]


def join(words: Sequence[str]) -> str:
    """Words as one text, cut at `JOINED_BYTES`."""
    return cut(" ".join(words), JOINED_BYTES)


def word_matches(word: str, pattern: str) -> bool:
    """Whether a typed word is this word of a command, `{a|b}` and `[a]` included; there are no abbreviations."""
    if not word or not pattern:
        return False
    if pattern[0] not in RESERVED:
        return fold(word) == fold(pattern)
    if pattern[0] == "%":
        return True
    return _among(fold(word), fold(pattern))


def _among(word: str, pattern: str) -> bool:
    """Whether the word stands in the pattern with a reserved character on both sides."""
    at = pattern.find(word)
    while at >= 0:
        after = at + len(word)
        if at > 0 and pattern[at - 1] in RESERVED and (after == len(pattern) or pattern[after] in RESERVED):
            return True
        at = pattern.find(word, at + 1)
    return False
