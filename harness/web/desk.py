"""What a page may follow: phones and a trace, live or not, and what a person may do with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from harness.net.trace import Trace

Plain = dict[str, Any]


class Desk(Protocol):
    """An office, a scenario that runs, or a trace that is replayed."""

    mode: str
    """`office`, `run` or `replay`."""
    title: str
    on_renewed: Callable[[], None]
    """Called where everything is different: another world, another place in a trace."""
    on_news: Callable[[], None]
    """Called where `standing` has changed."""

    @property
    def trace(self) -> Trace:
        """The account of what happened."""

    @property
    def acts(self) -> frozenset[str]:
        """What may be asked of `perform`."""

    def pictures(self) -> Mapping[str, Callable[[], Plain]]:
        """What draws each phone, by name, in the order of the configuration."""

    def standing(self) -> Plain:
        """What stands beside the phones: the server, the steps of a scenario, the place in a trace."""

    def perform(self, act: str, said: Mapping[str, Any]) -> None:
        """Do something; raises HarnessError where it cannot be done."""


