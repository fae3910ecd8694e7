"""Times the road of a NOTIFY, where somebody asks for it: until then it is another road, which nothing is added to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from harness.core.hint import Notification
    from harness.sip.flow import Flow
    from harness.sip.prepared import OnStatus

Target = TypeVar("Target")


class Figures(Protocol):
    """Who wants to know."""

    def notified(self, waited_s: float) -> None:
        """A NOTIFY is about to be made, `waited_s` seconds after the change that it tells."""

    def sent(self) -> None:
        """A NOTIFY leaves, whatever the reason for it."""

    def answered(self, status: int, took_s: float) -> None:
        """A NOTIFY was answered so, `took_s` seconds after it left; 408: not at all, 503: it could not be sent."""


def timed_put(
    put: Callable[[tuple[Target, float], Notification], None], seconds: Callable[[], float]
) -> Callable[[Target, Notification], None]:
    """Puts a change into a fan-out with the time."""

    def timed(target: Target, change: Notification) -> None:
        put((target, seconds()), change)

    return timed


def timed_change(
    tell: Callable[[Target, Notification], None], figures: Figures, seconds: Callable[[], float]
) -> Callable[[tuple[Target, float], Notification], None]:
    """Takes a change out of a fan-out again."""

    def timed(put: tuple[Target, float], change: Notification) -> None:
        target, since = put
        figures.notified(seconds() - since)
        tell(target, change)

    return timed


def timed_send(
    send: Callable[[bytes, bytes, Flow, OnStatus], None], figures: Figures, seconds: Callable[[], float]
) -> Callable[[bytes, bytes, Flow, OnStatus], None]:
    """Sends a NOTIFY, and tells what became of it."""

    def timed(branch: bytes, data: bytes, flow: Flow, on_status: OnStatus) -> None:
        sent = seconds()
        figures.sent()

        def answered(status: int, raw: bytes) -> None:
            if status >= 200:
                figures.answered(status, seconds() - sent)
            on_status(status, raw)

        send(branch, data, flow, answered)

    return timed
