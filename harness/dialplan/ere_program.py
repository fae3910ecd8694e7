"""Programs of regular expressions, and how they are run over bytes in one pass."""

from __future__ import annotations

from typing import NamedTuple

DIGITS = frozenset(b"0123456789")
LOWER = frozenset(range(ord("a"), ord("z") + 1))
UPPER = frozenset(range(ord("A"), ord("Z") + 1))
WORD = DIGITS | LOWER | UPPER | frozenset(b"_")


class Step(NamedTuple):
    """One instruction: set of bytes, split, save, assertion or match; `to` and `other` are where it goes on."""

    kind: str
    members: frozenset[int] = frozenset()
    to: int = 0
    other: int = 0


Thread = tuple[int, int, int, int]


def run(program: tuple[Step, ...], data: bytes) -> tuple[int, int, int, int] | None:
    """The leftmost longest match: its start and end, and those of group 1 (end -1: it took no part).

    A thread is (instruction, start of the match, start and end of group 1); those that began earlier come first.
    """
    best: tuple[int, int, int, int] | None = None
    threads: list[Thread] = []
    for at in range(len(data) + 1):
        if best is None:
            threads.append((0, at, -1, -1))
        waiting, found = _closure(program, data, at, threads)
        if found is not None and (best is None or found[1] <= best[0]):
            best = (found[1], at, found[2], found[3])
        if best is not None and not waiting:
            break
        if at < len(data):
            byte = data[at]
            threads = [
                (thread[0] + 1, *thread[1:])
                for thread in waiting
                if byte in program[thread[0]].members and (best is None or thread[1] <= best[0])
            ]
    return best


def _closure(
    program: tuple[Step, ...], data: bytes, at: int, threads: list[Thread]
) -> tuple[list[Thread], Thread | None]:
    """Follow what consumes nothing; threads that wait for a byte, and the first that matched."""
    seen = bytearray(len(program))
    waiting: list[Thread] = []
    found: Thread | None = None
    stack = threads[::-1]
    while stack:
        thread = stack.pop()
        where, start, low, high = thread
        if seen[where]:
            continue
        seen[where] = 1
        step = program[where]
        if step.kind == "set":
            waiting.append(thread)
        elif step.kind == "split":
            stack += [(step.other, start, low, high), (step.to, start, low, high)]
        elif step.kind == "jump":
            stack.append((step.to, start, low, high))
        elif step.kind == "open":
            stack.append((where + 1, start, at, -1))
        elif step.kind == "close":
            stack.append((where + 1, start, low, at))
        elif step.kind == "match":
            found = found or thread
        elif _asserted(step.kind, data, at):
            stack.append((where + 1, start, low, high))
    return waiting, found


def _asserted(kind: str, data: bytes, at: int) -> bool:
    if kind in ("start", "end"):
        return at == (0 if kind == "start" else len(data))
    before = at > 0 and data[at - 1] in WORD
    after = at < len(data) and data[at] in WORD
    if kind == "word start":
        return after and not before
    if kind == "word end":
        return before and not after
    return (before != after) == (kind == "word edge")
