"""NOTIFYs that nobody subscribed to, such as one that makes a phone restart (res/res_pjsip_notify.c)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from harness.core.octets import fold
from harness.pbx.calls.pjsip_channel import PjsipChannel

if TYPE_CHECKING:
    from harness.config.pjsip import PjsipConfig
    from harness.config.pjsip_notify import Headers
    from harness.pbx.calls.exchange import Exchange
    from harness.pbx.outside import Outside
    from harness.pbx.registrar import Registrar

METHOD, STATE = "NOTIFY", ("Subscription-State", "terminated")
_OURS = (
    *("call-id", "contact", "content-length", "cseq", "to", "from"),
    *("record-route", "route", "request-uri", "via"),
)
"""Headers that nobody may give."""
Content = tuple[str, bytes]


class PhoneNotices:
    """Sends to endpoints, and within calls; `read` gives what the file says, None where it cannot be read."""

    def __init__(
        self,
        pjsip: Callable[[], PjsipConfig],
        registrar: Registrar,
        outside: Outside,
        exchange: Exchange,
        read: Callable[[], dict[str, Headers] | None],
    ) -> None:
        self._pjsip, self._registrar, self._outside = pjsip, registrar, outside
        self._exchange, self._read = exchange, read
        self.kinds: dict[str, Headers] = {}
        self.reload()

    def reload(self) -> bool:
        """Read the file again; False, all staying as it was, where that cannot be."""
        kinds = self._read()
        self.kinds = self.kinds if kinds is None else kinds
        return kinds is not None

    def to_endpoint(self, name: str, given: Headers) -> bool:
        """Send to every contact of an endpoint; False where there is no such endpoint."""
        endpoint = self._pjsip().endpoints.get(name)
        if endpoint is None:
            return False
        rows, content = message_of(given)
        for contact in self._registrar.contacts_of(endpoint):
            self._outside.send(endpoint, contact, METHOD, [STATE, *rows], content)
        return True

    def to_channel(self, name: str, given: Headers) -> bool:
        """Send within a call; False where there is no such call of a phone."""
        live = self._exchange.live.get(name)
        if not isinstance(live, PjsipChannel) or live.leg.dialog is None:
            return False
        rows, (content_type, body) = message_of(given)
        typed = [("Content-Type", content_type)] if content_type else []
        live.leg.request(METHOD, [STATE, *rows, *typed], body)
        return True


def message_of(given: Iterable[tuple[str, str]]) -> tuple[Headers, Content]:
    """The headers that are sent, and the content: `Content` line by line, where there is a `Content-Type`.

    A second `Event` is passed over.
    """
    rows: Headers = []
    content_type, lines = "", []
    for name, value in given:
        folded = fold(name)
        if folded == "content-type":
            content_type = value
        elif folded == "content":
            lines.append(value)
        elif folded not in _OURS and not (folded == "event" and any(fold(row[0]) == "event" for row in rows)):
            rows.append((name, value))
    body = "\r\n".join(lines).encode("utf-8", "surrogateescape") if content_type else b""
    return rows, (content_type, body)
