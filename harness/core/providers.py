"""Who answers for a name: `label:<name>` is a provider's, `technology/<address>` a channel technology's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Literal, TypeVar

from harness.core.octets import cut, fold

LABEL_BYTES = 39
"""A registered label is cut to this size."""

Change = Literal["changed", "prefix", "usage"]
"""What became of a command: done, not a custom name, or refused."""

_T = TypeVar("_T")


class Providers(Generic[_T]):
    """Labels and technologies, both compared without case."""

    __slots__ = ("_labels", "_technologies")

    def __init__(self) -> None:
        self._labels: dict[str, Callable[[str], _T]] = {}
        self._technologies: dict[str, Callable[[str], _T]] = {}

    def add_label(self, label: str, ask: Callable[[str], _T]) -> None:
        """Answer for `label:<name>`."""
        self._labels[fold(cut(label, LABEL_BYTES))] = ask

    def add_technology(self, name: str, ask: Callable[[str], _T]) -> None:
        """Answer for `name/<address>`."""
        self._technologies[fold(name)] = ask

    def ask(self, label: str, slashes: bool = True) -> _T | None:
        """What is answered; None where nobody answers.  A `/` is looked for before a `:`, if at all."""
        technology, slash, address = label.partition("/")
        if slash and slashes:
            answer = self._technologies.get(fold(technology))
        else:
            provider, colon, address = label.partition(":")
            answer = self._labels.get(fold(provider)) if colon else None
        return None if answer is None else answer(address)


def custom_name(entity: str, prefix: str) -> str | None:
    """What follows the prefix, which is compared without case; None where it is another."""
    return entity[len(prefix) :] if fold(entity).startswith(fold(prefix)) else None
