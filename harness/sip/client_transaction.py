"""The sending side of a transaction (RFC 3261 17.1, RFC 6026 8.4)."""

from __future__ import annotations

from collections.abc import Callable

from harness.sip.flow import Flow
from harness.sip.headers import Headers
from harness.sip.machine import TIMED_OUT, TRANSPORT_FAILED, Failure, Layer, Machine
from harness.sip.message import Request, Response
from harness.sip.tables import INVITE_CLIENT, OTHER_CLIENT, T2, TIMEOUT, Event


class ClientTransaction(Machine):
    """A request that was sent, with what is awaited for it."""

    __slots__ = ("_ack", "_cancel", "_data", "_layer", "_on_response", "flow", "key", "request")

    def __init__(
        self,
        layer: Layer,
        request: Request,
        flow: Flow,
        key: str,
        on_response: Callable[[Response | Failure], None],
    ) -> None:
        table = INVITE_CLIENT if request.method == "INVITE" else OTHER_CLIENT
        super().__init__(table, layer.timers, flow.reliable)
        self._layer = layer
        self._on_response: Callable[[Response | Failure], None] | None = on_response
        self._data = request.encode()
        self._ack = b""
        self._cancel: bool | None = None
        self.request = request
        self.flow = flow
        self.key = key

    def send(self) -> None:
        """Send the request and start the timers; the stack calls this once."""
        self.begin()
        self._layer.transmit(self.flow, self._data)

    def cancel(self) -> None:
        """Ask for an INVITE to be given up: CANCEL goes out with or after the first 1xx (RFC 3261 9.1).

        The user still gets the INVITE's final response, which may be a 2xx that crossed; none within 64*T1 of
        the CANCEL counts as a timeout. Raises ValueError for other methods.
        """
        if self.table is not INVITE_CLIENT:
            raise ValueError(f"a {self.request.method} cannot be cancelled (RFC 3261 9.1)")
        if self._cancel is None:
            self._cancel = False
            self.happen(Event.CANCELLED)

    # Actions of the tables.

    def resend_slower(self, _message: object) -> None:
        """Timers A and E: send again, and wait twice as long (RFC 3261 17.1.1.2), E at most T2 (17.1.2.2)."""
        self._interval *= 2
        if self.table is INVITE_CLIENT:
            self._resend(Event.A, self._interval)
        else:
            self._resend(Event.E, min(self._interval, T2))

    def resend_at_t2(self, _message: object) -> None:
        """Timer E once a provisional response is there (RFC 3261 17.1.2.2)."""
        self._interval = T2
        self._resend(Event.E, T2)

    def _resend(self, timer: Event, delay: float) -> None:
        self.start(timer, delay)
        self._layer.repeat(self.flow, self._data)

    def acknowledge(self, message: object) -> None:
        """The ACK of a final response that is no 2xx, the same again for a repeated one (RFC 3261 17.1.1.3)."""
        assert isinstance(message, Response)
        if self._ack:
            self._layer.repeat(self.flow, self._ack)
            return
        # 17.1.1.3: the To of the response, with its tag.
        ack = derived(self.request, "ACK", message.headers.get("To"))
        self._ack = ack.encode()
        self._layer.transmit(self.flow, self._ack)

    def send_cancel_if_asked(self, _message: object) -> None:
        """A CANCEL goes out once a provisional response is there (RFC 3261 9.1)."""
        if self._cancel is False:
            self._cancel = True
            self.start(Event.CANCEL_TIMEOUT, TIMEOUT)
            self._layer.begin_client(derived(self.request, "CANCEL"), self.flow, _ignore)

    def pass_response(self, message: object) -> None:
        """Hand a response to the user; the final one of a non-INVITE is the last."""
        assert isinstance(message, Response)
        tell = self._on_response
        if self.finished and self.table is OTHER_CLIENT:
            self._on_response, self._data = None, b""
        if tell is not None:
            tell(message)

    def tell_timeout(self, _message: object) -> None:
        """Timer B or F: no final response (RFC 3261 17.1.4, 8.1.3.1: as 408)."""
        self._fail(TIMED_OUT)

    def tell_transport_error(self, _message: object) -> None:
        """The flow was lost (RFC 3261 17.1.4, 8.1.3.1: as 503)."""
        self._fail(TRANSPORT_FAILED)

    def _fail(self, failure: Failure) -> None:
        tell, self._on_response = self._on_response, None
        if tell is not None:
            tell(failure)

    def terminated(self) -> None:
        """Over: responses that still come find nothing."""
        self._layer.forget_client(self.key)


def derived(request: Request, method: str, to: str | None = None) -> Request:
    """A CANCEL (RFC 3261 9.1) or the ACK of a non-2xx (17.1.1.3): one Via, the same, and the same Route."""
    rows = [("Via", request.headers.first("Via") or "")]
    rows += [("Route", value) for value in request.headers.rows("Route")]
    rows.append(("Max-Forwards", "70"))
    rows.append(("From", request.headers.get("From") or ""))
    rows.append(("To", to or request.headers.get("To") or ""))
    rows.append(("Call-ID", request.call_id))
    rows.append(("CSeq", f"{request.cseq.number} {method}"))
    return Request(method, request.uri, Headers(rows))


def _ignore(_outcome: Response | Failure) -> None:
    """A CANCEL's own answer says nothing of the INVITE (RFC 3261 9.1)."""
