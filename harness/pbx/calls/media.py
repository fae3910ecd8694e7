"""The session of one leg as the server describes it: an audio stream that nobody sends on."""

from __future__ import annotations

from harness.sip import sdp
from harness.sip.sdp import ANSWERS, Description, Direction, Format, SdpError

CODECS = {
    "ulaw": Format(0, "PCMU/8000"),
    "alaw": Format(8, "PCMA/8000"),
    "gsm": Format(3, "GSM/8000"),
    "g722": Format(9, "G722/8000"),
    "g729": Format(18, "G729/8000"),
    "opus": Format(107, "opus/48000"),
}
"""What `allow=` of an endpoint may name here."""
EVENTS = Format(101, sdp.TELEPHONE_EVENT)
NO_CODEC = "there is no codec in common"
FIRST_PORT, LAST_PORT = 10_000, 20_000
"""Asterisk's own range of ports (rtp.conf)."""


def allowed_codecs(lines: list[tuple[str, str]]) -> tuple[Format, ...]:
    """The formats of `allow=` and `disallow=` in the order of the lines; `all` is all of them."""
    chosen: dict[str, Format] = {}
    for option, value in lines:
        for name in value.replace("!", ",!").split(","):
            word = name.strip().lower()
            forbid = option == "disallow" or word.startswith("!")
            word = word.removeprefix("!")
            for each in CODECS if word == "all" else [word]:
                if forbid:
                    chosen.pop(each, None)
                elif each in CODECS:
                    chosen.setdefault(each, CODECS[each])
    return tuple(chosen.values())


class Media:
    """Offers and answers of one leg (RFC 3264)."""

    def __init__(self, host: str, port: int, session: int, formats: tuple[Format, ...], name: str = "Asterisk") -> None:
        self.formats = (*formats, EVENTS)
        self._own = Description(host, port, self.formats, "sendrecv", session, session + 2, "-", name)
        self.remote: Description | None = None
        self._chosen = self.formats
        self._direction: Direction = "sendrecv"
        self._others: tuple[tuple[int, str], ...] = ()
        self._said = False
        self._direct: tuple[str, int] | None = None
        """Where the far end's media go instead of here."""

    def direct(self, remote: Description | None) -> bool:
        """From now on the far end's media go elsewhere, None: here; whether that is news."""
        before, self._direct = self._direct, (remote.address, remote.port) if remote is not None else None
        return before != self._direct

    @property
    def codec(self) -> str:
        """The first codec that both have, by Asterisk's name."""
        encodings = [each.encoding.lower() for each in self._chosen]
        return next((name for name, each in CODECS.items() if each.encoding.lower() in encodings), "none")

    @property
    def offers(self) -> str:
        """All that may be agreed on, by Asterisk's names."""
        names = {each.encoding: name for name, each in CODECS.items()}
        return "|".join(names[each.encoding] for each in self.formats if each.encoding in names)

    def offer(self) -> bytes:
        """The first description."""
        self._said = True
        return self._own.encode()

    def answer(self) -> bytes:
        """What is said to the offer that came last; an offer of our own where none came."""
        if self._said:
            self._own = self._own._replace(version=self._own.version + 1)
        self._said = True
        address, port = self._direct or (self._own.address, self._own.port)
        return self._own._replace(
            address=address, port=port, formats=self._chosen, direction=self._direction, others=self._others
        ).encode()  # fmt: skip

    def reoffer(self) -> bytes:
        """What is said of a session that goes on, the direction that it has included."""
        return self.answer()

    def offered(self, body: bytes) -> bool | None:
        """Take an offer; whether it holds the call, None where it says nothing (it asks for one).

        Raises SdpError where it cannot be read or has no format in common.
        """
        if not body:
            self._direction, self._chosen, self._others = "sendrecv", self.formats, ()
            return None
        remote = sdp.read(body)
        common = sdp.common(remote.formats, tuple(each.encoding for each in self.formats))
        if not [each for each in common if each.encoding != sdp.TELEPHONE_EVENT]:
            raise SdpError(NO_CODEC)
        self.remote, self._chosen, self._others = remote, common, remote.others
        self._direction = "sendonly" if remote.address == sdp.UNSPECIFIED else ANSWERS[remote.direction]
        return remote.held

    def answered(self, body: bytes) -> bool:
        """Take the answer to an offer of ours; whether it holds the call. Raises SdpError."""
        if not body:
            raise SdpError("the answer has no description")
        remote = sdp.read(body)
        common = sdp.common(remote.formats, tuple(each.encoding for each in self.formats))
        if not common:
            raise SdpError(NO_CODEC)
        self.remote, self._chosen = remote, common
        self._direction = "sendonly" if remote.address == sdp.UNSPECIFIED else ANSWERS[remote.direction]
        return remote.held
