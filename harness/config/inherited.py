"""One mistake in a template makes the same note for each section that has it from there; here it is told once."""

from __future__ import annotations

from collections.abc import Iterable

from harness.errors import Location, Note


def told_once(notes: Iterable[Note]) -> list[Note]:
    """Each note once, in order; of those that differ only in what they are of, the first, with how many more."""
    groups: dict[tuple[str, str, Location | None], list[Note]] = {}
    for note in dict.fromkeys(notes):
        general = note.text.replace(note.of, "", 1) if note.of else note.text
        groups.setdefault((note.kind, general, note.cause or note.where), []).append(note)
    return [_one(group) for group in groups.values()]


def _one(group: list[Note]) -> Note:
    first, more = group[0], len(group) - 1
    if not more or not first.of:
        return first
    others = f"(and {more} more that {'shares' if more == 1 else 'share'} it)"
    return first._replace(text=first.text.replace(first.of, f"{first.of} {others}", 1))
