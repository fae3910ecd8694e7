"""How long a session lasts without a sign of life (RFC 4028)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.sip.grammar import read_params
from harness.sip.parts import read_seconds

if TYPE_CHECKING:
    from harness.sip.leg import Leg
    from harness.sip.message import Message, Request, Response
    from harness.sip.timers import TimerHandle

OPTION = "timer"
DEFAULT_EXPIRES_S = 1800
"""RFC 4028 4.2 recommends it; `timers_sess_expires` of Asterisk."""
MIN_SE_S = 90
"""RFC 4028 5: less is never accepted."""
LONGEST_MARGIN_S = 32.0
"""The side that does not refresh ends the session this much before it runs out, or a third (RFC 4028 10)."""


class SessionTimer:
    """The session timer of one leg; `supported` off leaves the far end's wishes unanswered, as an old phone does."""

    def __init__(
        self, expires: int = DEFAULT_EXPIRES_S, minimum: int = MIN_SE_S, *, asks: bool = True, supported: bool = True
    ) -> None:
        """Seconds. `asks`: whether our own requests ask for a session timer."""
        self.leg: Leg
        self.expires, self.minimum = expires, minimum
        self.refreshes = False
        """Whether it is us who refresh."""
        self.active = False
        self._asks, self._supported = asks, supported
        self._timer: TimerHandle | None = None

    # what we say

    def request_rows(self) -> list[tuple[str, str]]:
        """Headers of an INVITE that begins a call."""
        if not (self._asks and self._supported):
            return []
        return [("Session-Expires", str(self.expires)), ("Min-SE", str(self.minimum))]

    def refresh_rows(self) -> list[tuple[str, str]]:
        """Headers of a later one: the refresher stays who it is (7.4)."""
        if not self.active:
            return self.request_rows()
        refresher = "uac" if self.refreshes else "uas"
        return [("Session-Expires", f"{self.expires};refresher={refresher}"), ("Min-SE", str(self.minimum))]

    def answer_rows(self, request: Request) -> list[tuple[str, str]]:
        """Headers of our 2xx, and what is agreed with them (9)."""
        asked, refresher = _read(request)
        if not self._supported or OPTION not in request.headers.all("Supported"):
            self.active = False
            return []
        if asked is not None:
            self.expires = max(asked, self.minimum)
        self.refreshes = refresher == "uas"
        self.active = True
        row = ("Session-Expires", f"{self.expires};refresher={'uas' if self.refreshes else 'uac'}")
        return [("Require", OPTION), row]

    def refusal(self, request: Request) -> list[tuple[str, str]]:
        """Headers of a 422 where a session of that length is not to be had (8.1, 9); else nothing."""
        asked, _ = _read(request)
        if not self._supported or asked is None or asked >= self.minimum:
            return []
        return [("Min-SE", str(self.minimum))]

    # what they said

    def too_brief(self, response: Response) -> bool:
        """Take a 422; whether it is worth asking again (7.4)."""
        minimum = read_seconds(response.headers.get("Min-SE"))
        if response.status != 422 or minimum is None or minimum <= self.minimum:
            return False
        self.minimum = minimum
        self.expires = max(self.expires, minimum)
        return True

    def agreed(self, response: Response) -> None:
        """The 2xx of a request of ours says how long, and who refreshes (7.2)."""
        seconds, refresher = _read(response)
        self.active = seconds is not None and self._supported
        if seconds is not None and self._supported:
            self.expires, self.refreshes = max(seconds, 1), refresher != "uas"
        self.start()

    # time

    def start(self) -> None:
        """Begin anew to count."""
        self.stop()
        if not self.active:
            return
        if self.refreshes:
            self._timer = self._in(self.expires / 2, self._refresh)
        else:
            self._timer = self._in(self.expires - min(LONGEST_MARGIN_S, self.expires / 3), self._expired)

    def stop(self) -> None:
        """Count no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _in(self, delay: float, call: Callable[[], None]) -> TimerHandle:
        return self.leg.client.stack.timers.schedule(delay, call)

    def _refresh(self) -> None:
        self.start()
        self.leg.reoffer(b"", "UPDATE")

    def _expired(self) -> None:
        self.leg.give_up("session expired")


def _read(message: Message) -> tuple[int | None, str]:
    value, semicolon, params = (message.headers.get("Session-Expires") or "").partition(";")
    return read_seconds(value.strip()), (read_params(semicolon + params).get("refresher") or "").lower()
