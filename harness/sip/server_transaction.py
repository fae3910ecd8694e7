"""The answering side of a transaction (RFC 3261 17.2, RFC 4320, RFC 6026 7.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from harness.sip.flow import Flow
from harness.sip.machine import TIMED_OUT, TRANSPORT_FAILED, Failure, Layer, Machine
from harness.sip.matching import stateless_tag
from harness.sip.message import Request, Response, response_to
from harness.sip.sharing import shared
from harness.sip.tables import (
    INVITE_SERVER,
    OTHER_SERVER,
    T2,
    TRYING_INVITE,
    TRYING_OTHER,
    Event,
    State,
    response_event,
)


class ServerTransaction:
    """A request that came in, as its user sees it: answer with `reply` or `respond`.

    `flow` is where it came from. An ACK has one of these too, in which an answer is told to the observer and dropped.
    """

    __slots__ = ("_layer", "_machine", "_to_tag", "data", "flow", "on_cancel", "on_failure", "request")

    def __init__(
        self, layer: Layer, request: Request, flow: Flow, reply_flow: Flow, key: str, data: bytes = b""
    ) -> None:
        self._layer = layer
        self._to_tag: str | None = None
        self.request = request
        self.data = data
        """The request as it came, before its Via was stamped."""
        self.flow = flow
        self.on_cancel: Callable[[], None] | None = None
        """Called when an INVITE that has no final response is cancelled; answers 487 (None: that is done here)."""
        self.on_failure: Callable[[Failure], None] | None = None
        """Called when an INVITE's response was never acknowledged, or the stream was lost with the request open."""
        self._machine = Answering(layer, self, reply_flow, key)

    @property
    def machine(self) -> Answering:
        """What runs it, and stays when the request is let go."""
        return self._machine

    @property
    def state(self) -> State:
        """Where it stands (RFC 3261 17.2)."""
        return self._machine.state

    @property
    def answered(self) -> bool:
        """Whether a final response was given, or can no more be given."""
        return self._machine.finished

    @property
    def to_tag(self) -> str:
        """The tag that responses carry in To: the request's, or one made at first use (RFC 3261 8.2.6.2)."""
        if self._to_tag is None:
            self._to_tag = self.request.to.tag or self._layer.identifiers.tag()
        return self._to_tag

    def reply(
        self,
        status: int,
        reason: str | None = None,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        to_tag: str | None = None,
    ) -> Response:
        """Build a response, send it, return it. `to_tag` becomes the tag of this and later responses.

        Raises ValueError as `respond` does.
        """
        if to_tag is not None:
            self._to_tag = to_tag
        response = response_to(self.request, status, reason, self.to_tag if status > 100 else None, self._layer.party)
        for name, value in (*headers, *self._layer.own_headers):
            response.headers.add(name, value)
        response.body = body
        self.respond(response)
        return response

    def respond(self, response: Response) -> None:
        """Send a response; one that comes after the final one is told to the observer and dropped (17.2.2).

        Raises ValueError for a response to a non-INVITE that RFC 4320 forbids: 408, and any 1xx (the transaction
        sends 100 by itself when it is due).
        """
        _check(self.request.method, response.status)
        self._machine.happen(response_event(response.status), response)

    def refuse(self, status: int, reason: str | None = None, headers: Iterable[tuple[str, str]] = ()) -> Response:
        """Answer without state (RFC 3261 8.2.7), as Asterisk refuses: a repeat of the request comes as a new one.

        Raises ValueError as `respond` does.
        """
        _check(self.request.method, status)
        tag = self._to_tag or stateless_tag(self.request.via)
        response = response_to(self.request, status, reason, tag, self._layer.party)
        for name, value in (*headers, *self._layer.own_headers):
            response.headers.add(name, value)
        self._layer.transmit(self._machine.flow, response.encode())
        self._machine.abandon()
        return response

    def cancelled(self) -> None:
        """The peer gave the INVITE up (RFC 3261 9.2)."""
        if self.on_cancel is not None:
            self.on_cancel()
        else:
            self.reply(487)


class Answering(Machine):
    """The machine behind a server transaction: outlives its request, which is let go with the final response."""

    __slots__ = ("_last", "_layer", "flow", "key", "method", "user")

    def __init__(self, layer: Layer, user: ServerTransaction, flow: Flow, key: str) -> None:
        self.method = shared(user.request.method)
        super().__init__(INVITE_SERVER if self.method == "INVITE" else OTHER_SERVER, layer.timers, flow.reliable)
        self._layer = layer
        self._last = b""
        self.user: ServerTransaction | None = user
        self.flow = flow
        self.key = key
        if self.method == "ACK":
            self.state = State.TERMINATED

    @property
    def refused(self) -> bool:
        """Whether its final answer was none of 2xx."""
        return self.state in (State.COMPLETED, State.CONFIRMED)

    def await_trying(self) -> None:
        """The user has seen the request: if it goes on without an answer, 100 will be due."""
        if not self._last and not self.finished:
            self.start(Event.TRYING, TRYING_INVITE if self.table is INVITE_SERVER else TRYING_OTHER)

    # Actions of the tables.

    def send_response(self, message: object) -> None:
        """Send a response of the user's and keep it for repeats of the request."""
        assert isinstance(message, Response)
        self.stop(Event.TRYING)
        self._last = message.encode()
        self._layer.transmit(self.flow, self._last)

    def send_trying(self, _message: object) -> None:
        """100 where the user has not answered in time (RFC 3261 17.2.1, RFC 4320 4.1)."""
        if self.user is not None and not self._last:
            self.send_response(response_to(self.user.request, 100, party=self._layer.party))

    def repeat_response(self, _message: object) -> None:
        """The request came again: so does the last response (RFC 3261 17.2.1, 17.2.2)."""
        if self._last:
            self._layer.repeat(self.flow, self._last)

    def resend_slower(self, _message: object) -> None:
        """Timer G: send the final response again, and wait twice as long, at most T2 (RFC 3261 17.2.1)."""
        self._interval = min(2 * self._interval, T2)
        self.start(Event.G, self._interval)
        self._layer.repeat(self.flow, self._last)

    def let_request_go(self, _message: object) -> None:
        """The final response is sent: only its bytes are needed from now on."""
        self.user = None

    def refuse_response(self, message: object) -> None:
        """A response after the final one is not sent (RFC 3261 17.2.2)."""
        assert isinstance(message, Response)
        self._layer.tell("response after the final one", status=message.status, method=self.method)

    def pass_ack(self, message: object) -> None:
        """The ACK of a 2xx belongs to the dialog (RFC 3261 13.3.1.4, RFC 6026 7.1)."""
        assert isinstance(message, Request)
        self._layer.deliver_ack(message, self.flow)

    def tell_timeout(self, _message: object) -> None:
        """Timer H: the final response was never acknowledged (RFC 3261 17.2.1)."""
        self._fail(TIMED_OUT)

    def tell_transport_error(self, _message: object) -> None:
        """The flow was lost (RFC 3261 17.2.4)."""
        self._fail(TRANSPORT_FAILED)

    def _fail(self, failure: Failure) -> None:
        if self.user is not None and self.user.on_failure is not None:
            self.user.on_failure(failure)

    def terminated(self) -> None:
        """Over: a repeat of the request comes as a new one."""
        self._layer.forget_server(self.key)


def _check(method: str, status: int) -> None:
    if method != "INVITE" and (status < 200 or status == 408):
        raise ValueError(f"{status} to {method} is forbidden (RFC 4320 4.1, 4.2)")
