"""All hints of one dialplan, found by key and by the pieces of their text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.core.hint import Hint
from harness.core.profiles import Profile


class HintTable:
    """Hints in the order of their creation; an event costs one look-up."""

    __slots__ = ("_by_key", "_profile", "by_device", "by_provider")

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._by_key: dict[tuple[str, str], Hint] = {}
        self.by_device: dict[str, list[Hint]] = {}
        self.by_provider: dict[str, list[Hint]] = {}

    def __iter__(self) -> Iterator[Hint]:
        return iter(tuple(self._by_key.values()))

    def __contains__(self, key: tuple[str, str]) -> bool:
        return key in self._by_key

    def get(self, context: str, exten: str) -> Hint | None:
        """The hint that exactly this context holds for exactly this name."""
        return self._by_key.get((context, exten))

    def add(self, hint: Hint) -> None:
        """Add as the youngest; a piece that its text names twice reaches it twice."""
        self._by_key[hint.key] = hint
        for piece in self._profile.device_pieces(hint.text):
            self.by_device.setdefault(piece, []).append(hint)
        for piece in self._profile.provider_pieces(hint.text):
            self.by_provider.setdefault(piece, []).append(hint)

    def remove(self, hint: Hint) -> None:
        """Take a hint out; its text must be the one with which it was added."""
        del self._by_key[hint.key]
        self._forget(self.by_device, self._profile.device_pieces(hint.text), hint)
        self._forget(self.by_provider, self._profile.provider_pieces(hint.text), hint)

    @staticmethod
    def _forget(table: dict[str, list[Hint]], pieces: Iterable[str], hint: Hint) -> None:
        for piece in set(pieces):
            left = [other for other in table[piece] if other is not hint]
            if left:
                table[piece] = left
            else:
                del table[piece]
