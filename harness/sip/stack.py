"""One SIP element without I/O: bytes in, bytes out, and its transactions and dialogs between (RFC 3261 17, 12).

Time stands where `Timers` was last advanced to: advance it before `receive` and before sending.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from harness.sip.client_transaction import ClientTransaction
from harness.sip.dialog import MAX_FORWARDS, Dialog
from harness.sip.dialogs import Dialogs, OnRequest
from harness.sip.flow import Flow
from harness.sip.headers import Headers
from harness.sip.identifiers import Identifiers
from harness.sip.machine import Failure
from harness.sip.matching import (
    client_key,
    concerns,
    host_port,
    received_via,
    reply_flow,
    server_key,
    stateless_tag,
)
from harness.sip.message import Malformed, Request, Response, parse_message, response_to
from harness.sip.prepared import OnStatus, PreparedRequest, PreparedRequests
from harness.sip.server_transaction import Answering, ServerTransaction
from harness.sip.tables import Event, response_event
from harness.sip.timers import Timers

OnResponse: TypeAlias = Callable[[Response | Failure], None]

MAX_SERVER_TRANSACTIONS = 20_000
"""Beyond this many, the oldest that is finished is forgotten early, and a repeat of its request is taken for new."""
_LOOKED_AT = 8
"""How many of the oldest are looked at to find one."""


class OpenTransaction(NamedTuple):
    """A transaction that waits for something; `peer` is the far end's flow."""

    side: str
    method: str
    state: str
    peer: Flow


class Statistics(NamedTuple):
    """Counts since the start. Retransmissions are those that this end sent."""

    requests_sent: int
    requests_received: int
    responses_received: int
    retransmissions: int
    malformed: int


class Stack:
    """Transactions and dialogs over whatever `send` reaches.

    `on_request` gets each request that belongs to no dialog once. Exceptions of callbacks go to the caller of
    `receive` or `Timers.advance`; a request whose callback failed is answered 500 first. `observe(what, **values)` is
    told what was dropped or refused, and why. `force_rport` answers every datagram to where it came from, as
    Asterisk's option of that name. `answer_malformed` off drops what cannot be read, as pjsip does.
    """

    def __init__(
        self,
        timers: Timers,
        identifiers: Identifiers,
        send: Callable[[Flow, bytes], None],
        observe: Callable[..., None] | None = None,
        *,
        force_rport: bool = False,
        answer_malformed: bool = True,
    ) -> None:
        self.timers = timers
        self.identifiers = identifiers
        self.on_request: OnRequest = _refuse
        self.force_rport = force_rport
        self.answer_malformed = answer_malformed
        self.read: Callable[[bytes], Request | Response] = parse_message
        """Reads a message; raises Malformed."""
        self.own_headers: tuple[tuple[str, str], ...] = ()
        """Rows that every response carries, such as Server."""
        self.party: Callable[[str], str] | None = None
        """How responses write the From and To of their request; None: as they came."""
        self.dialogs = Dialogs()
        self._send = send
        self._observe = observe
        self._clients: dict[str, ClientTransaction] = {}
        self._servers: dict[str, Answering] = {}
        self._on_streams: dict[str, Answering] = {}  # those of them that the loss of a connection may concern
        self._prepared = PreparedRequests(timers, send, self.repeat)
        self._requests_sent = self._requests_received = self._responses_received = 0
        self._retransmissions = self._malformed = self._prepared_sent = 0

    # What comes in.

    def receive(self, flow: Flow, data: bytes) -> None:
        """Take one message as a transport delivers it: a datagram, or what a `StreamFramer` cut out.

        Raises what a callback raises, and nothing of its own.
        """
        if self._prepared and data.startswith(b"SIP/2.0 ") and self._prepared.answered(data):
            self._responses_received += 1
            return
        if not data.strip(b"\r\n\0 "):
            return  # A keep-alive (RFC 5626 3.5.1).
        try:
            message = self.read(data)
        except Malformed as fault:
            self._refuse_malformed(flow, fault)
            return
        if isinstance(message, Request):
            self._receive_request(flow, message, data)
        else:
            self._receive_response(message, data)

    def connection_lost(self, flow: Flow) -> None:
        """The transport failed on this flow (RFC 3261 17.1.4, 17.2.4): a stream was lost or could not be opened, a
        datagram could not be sent. Whoever waits on it is told; what the callbacks raise comes afterwards."""
        faults: list[Exception] = []
        waiting: list[PreparedRequest | ClientTransaction | Answering] = [
            *self._prepared, *self._clients.values(),
            *(self._on_streams if flow.reliable else self._servers).values(),
        ]  # fmt: skip
        for one in waiting:
            if concerns(flow, one.flow):
                try:
                    one.transport_failed()
                except Exception as fault:
                    faults.append(fault)
        if len(faults) > 1:
            raise ExceptionGroup("callbacks failed", faults)
        if faults:
            raise faults[0]

    # What goes out.

    def request(self, request: Request, flow: Flow, on_response: OnResponse) -> ClientTransaction:
        """Send a request in a client transaction; a Via with a new branch is put on a copy of it.

        `on_response` gets each provisional response, and the final one or a Failure; for an INVITE each 2xx, repeated
        and forked ones included, which the caller acknowledges (`acknowledge`). Not for ACK, nor for CANCEL
        (`ClientTransaction.cancel`).
        """
        return self.begin_client(self._stamped(request, flow), flow, on_response)

    def acknowledge(self, request: Request, flow: Flow) -> None:
        """Send the ACK of a 2xx, which is outside of any transaction (RFC 3261 13.2.2.4, 17.1.1.3)."""
        self.transmit(flow, self._stamped(request, flow).encode())

    def send_prepared(self, branch: bytes, data: bytes, flow: Flow, on_status: OnStatus) -> None:
        """Send ready bytes in a non-INVITE client transaction, at little cost.

        The bytes carry `branch` in their first Via, with a `CSeq: n METHOD` row under its long name. The final
        response calls `on_status(status, bytes)`, where the bytes are the response as it came; no answer within
        64*T1 calls `on_status(408, b"")`, a failed transport `on_status(503, b"")`.
        """
        self._prepared_sent += 1
        self._prepared.send(branch, data, flow, on_status)

    def via(self, flow: Flow, branch: str) -> str:
        """The value of the Via header with which a request leaves on this flow."""
        return f"SIP/2.0/{flow.transport} {host_port(*flow.local)};rport;branch={branch}"

    def add_dialog(self, dialog: Dialog, on_request: OnRequest) -> None:
        """Hand the requests of this dialog, and its ACKs, to `on_request`; one with a stale CSeq is answered here."""
        self.dialogs.add(dialog, on_request)

    def remove_dialog(self, dialog: Dialog) -> bool:
        """From now on its requests are answered 481. False: it was not there."""
        return self.dialogs.remove(dialog)

    # What stands.

    def open_transactions(self) -> list[OpenTransaction]:
        """Those that still await something; not those that only absorb retransmissions."""
        found = [OpenTransaction("client", one.method, "Trying", one.flow) for one in self._prepared]
        found += [
            OpenTransaction("client", one.request.method, one.state.value, one.flow)
            for one in self._clients.values()
            if not one.finished
        ]
        found += [
            OpenTransaction("server", one.method, one.state.value, one.flow)
            for one in self._servers.values()
            if not one.finished
        ]
        return found

    def statistics(self) -> Statistics:
        """What was counted since the start."""
        return Statistics(
            self._requests_sent + self._prepared_sent,
            self._requests_received,
            self._responses_received,
            self._retransmissions,
            self._malformed,
        )

    # The layer that transactions stand on (`machine.Layer`).

    def transmit(self, flow: Flow, data: bytes) -> None:
        """Send bytes for the first time."""
        self._send(flow, data)

    def repeat(self, flow: Flow, data: bytes) -> None:
        """Send bytes again."""
        self._retransmissions += 1
        self._send(flow, data)

    def begin_client(self, request: Request, flow: Flow, on_response: OnResponse) -> ClientTransaction:
        """Start a client transaction for a request that has its Via."""
        key = client_key(request.via.branch or "", request.method)
        transaction = ClientTransaction(self, request, flow, key, on_response)
        self._clients[key] = transaction
        self._requests_sent += 1
        transaction.send()
        return transaction

    def deliver_ack(self, request: Request, flow: Flow) -> None:
        """Hand the ACK of a 2xx to its dialog; one that matches nothing is dropped (RFC 3261 17.2.3)."""
        found = self.dialogs.find(request)
        if found is None:
            self.tell("ACK without a dialog", call_id=request.call_id)
            return
        _, on_request = found
        on_request(ServerTransaction(self, request, flow, flow, ""))

    def forget_client(self, key: str) -> None:
        """See `machine.Layer`."""
        del self._clients[key]

    def forget_server(self, key: str) -> None:
        """See `machine.Layer`."""
        self._servers.pop(key, None)
        self._on_streams.pop(key, None)

    def tell(self, what: str, **values: object) -> None:
        """See `machine.Layer`."""
        if self._observe is not None:
            self._observe(what, **values)

    # Requests.

    def _receive_request(self, flow: Flow, request: Request, data: bytes) -> None:
        via = request.via
        method = request.method
        key = server_key(request, via, "INVITE" if method == "ACK" else method)
        known = self._servers.get(key)
        if known is not None:
            known.happen(Event.ACK if method == "ACK" else Event.REQUEST, request)
            return
        self._requests_received += 1
        request.headers.replace_first("Via", str(received_via(flow, via, self.force_rport)))
        if method == "ACK":
            self.deliver_ack(request, flow)
            return
        transaction = ServerTransaction(self, request, flow, reply_flow(flow, via, self.force_rport), key, data)
        self._make_room()
        self._servers[key] = transaction.machine
        if flow.reliable:
            self._on_streams[key] = transaction.machine
        if method == "CANCEL":
            self._cancel(transaction, self._servers.get(server_key(request, via, "INVITE")))
        else:
            self._dispatch(transaction)

    def _dispatch(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        on_request = self.on_request
        if request.to.tag is not None and request.method != "REGISTER":  # which is in no dialog (RFC 3261 10.2)
            found = self.dialogs.find(request)
            if found is None:
                transaction.reply(481)  # RFC 3261 12.2.2
                return
            dialog, on_request = found
            if not dialog.receive(request):
                transaction.reply(500, "Invalid CSeq")  # RFC 3261 12.2.2; pjsip's reason
                return
        try:
            on_request(transaction)
        except Exception:
            if not transaction.answered:
                transaction.reply(500)
            raise
        transaction.machine.await_trying()

    def _cancel(self, cancel: ServerTransaction, invite: Answering | None) -> None:
        """RFC 3261 9.2; but what has been refused is not there any more, as with pjsip."""
        if invite is None or invite.user is None or invite.refused:
            cancel.reply(481)
            return
        cancel.reply(200, to_tag=invite.user.to_tag)
        if not invite.finished:
            invite.user.cancelled()

    def _make_room(self) -> None:
        """Forget an old transaction that only absorbs repeats; open ones that are met go behind the others."""
        if len(self._servers) < MAX_SERVER_TRANSACTIONS:
            return
        for _ in range(_LOOKED_AT):
            key = next(iter(self._servers))
            machine = self._servers.pop(key)
            if machine.finished:
                self._on_streams.pop(key, None)
                machine.abandon()
                return
            self._servers[key] = machine

    def _refuse_malformed(self, flow: Flow, fault: Malformed) -> None:
        self._malformed += 1
        self.tell("malformed", reason=fault.reason, flow=flow, answered=fault.status)
        request = fault.request
        if not self.answer_malformed or fault.status is None or request is None or request.method == "ACK":
            return
        try:
            via = request.via
            request.headers.replace_first("Via", str(received_via(flow, via, self.force_rport)))
            response = response_to(request, fault.status, to_tag=stateless_tag(via))
            for name, value in self.own_headers:
                response.headers.add(name, value)
            answer = response.encode()
        except ValueError:
            return  # What cannot be written without breaking a header is not worth an answer.
        self._send(reply_flow(flow, via, self.force_rport), answer)

    # Responses.

    def _receive_response(self, response: Response, data: bytes) -> None:
        self._responses_received += 1
        branch, method = response.via.branch or "", response.cseq.method
        transaction = self._clients.get(client_key(branch, method))
        if transaction is not None:
            transaction.happen(response_event(response.status), response)
            return
        prepared = self._prepared.find(branch, method)
        if prepared is not None:
            self._prepared.arrived(prepared, response.status, data)
            return
        # RFC 3261 18.1.2 would pass it on to the core; RFC 6026 8.2: what matches nothing is dropped.
        self.tell("response without a request", status=response.status, method=method)

    def _stamped(self, request: Request, flow: Flow) -> Request:
        headers: Headers = request.headers.copy()
        headers.prepend("Via", self.via(flow, self.identifiers.branch()))
        if "Max-Forwards" not in headers:
            headers.add("Max-Forwards", MAX_FORWARDS)
        return Request(request.method, request.uri, headers, request.body)


def _refuse(transaction: ServerTransaction) -> None:
    """Stands where nobody has set `on_request`."""
    transaction.reply(501)
