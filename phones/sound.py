"""The audio of one call as far as it is spoken of: offers and answers, who holds whom. No media are sent."""

from __future__ import annotations

from harness.sip import sdp
from harness.sip.sdp import ANSWERS, TELEPHONE_EVENT, TOOL, Description, Direction, Format, SdpError, common

USER, NAME = "-", "digphn"
"""Of the `o=` and `s=` lines, as a trace in Asterisk's documentation shows a D40."""
FORMATS = (Format(0, "PCMU/8000"), Format(8, "PCMA/8000"), Format(9, "G722/8000"), Format(101, TELEPHONE_EVENT))
FIRST_PORT = 4_000
"""Of the audio; each call has the next even one. Nobody listens there."""


class Sound:
    """One call's side of RFC 3264: `holding` is whether we hold, `held` whether the far end does."""

    def __init__(self, host: str, number: int) -> None:
        """`number` counts the calls of the phone."""
        self.holding = False
        self.theirs: Description | None = None
        self._host, self._port = host, FIRST_PORT + 2 * number
        self._session, self._version = number, 0
        self._formats: tuple[Format, ...] = FORMATS
        self._last: Description | None = None

    @property
    def held(self) -> bool:
        """Whether the far end does not listen to us."""
        return self.theirs is not None and self.theirs.held

    def offer(self, holding: bool) -> bytes:
        """An offer that holds the far end, or does not; what is offered stands once it is answered.

        Whether the far end holds is its answer's business: the offer may have to wait, and that may change meanwhile.
        """
        return self._said(_direction(True, not holding), self._formats)

    def answer(self, offer: bytes) -> bytes:
        """Take an offer and answer it; raises SdpError where that cannot be."""
        theirs = sdp.read(offer)
        formats = common(theirs.formats, tuple(each.encoding for each in FORMATS))
        if not any(each.encoding != TELEPHONE_EVENT for each in formats):
            raise SdpError("it has no codec that the phone knows")
        self.theirs, self._formats = theirs, formats
        allowed = ANSWERS[theirs.direction]
        speaks, listens = allowed in ("sendrecv", "sendonly"), allowed in ("sendrecv", "recvonly")
        return self._said(_direction(speaks, listens and not self.holding), formats, theirs.others)

    def learn(self, answer: bytes) -> None:
        """Take the answer to an offer of ours; raises SdpError."""
        theirs = sdp.read(answer)
        if not theirs.port:
            raise SdpError("the stream is refused")
        self.theirs = theirs

    def _said(
        self, direction: Direction, formats: tuple[Format, ...], others: tuple[tuple[int, str], ...] = ()
    ) -> bytes:
        """A description; its version rises where it differs from the one before (RFC 3264 8)."""
        said = Description(
            self._host, self._port, formats, direction, self._session, self._version, USER, NAME, others, TOOL
        )
        if said != self._last:
            self._version += 1
            said = self._last = said._replace(version=self._version)
        return said.encode()


def _direction(speaks: bool, listens: bool) -> Direction:
    if speaks:
        return "sendrecv" if listens else "sendonly"
    return "recvonly" if listens else "inactive"
