"""MESSAGE outside of a dialog (res_pjsip_messaging.c), and the MESSAGEs that the server itself sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from harness.sip.grammar import GrammarError
from harness.sip.message import Headers, Request
from harness.sip.uri import SipUri

if TYPE_CHECKING:
    from harness.config.pjsip_objects import Endpoint
    from harness.sip.server_transaction import ServerTransaction
    from harness.sip.stack import Stack

TEXT_PLAIN = "text/plain"


class Answer(Protocol):
    """What a listener makes of a MESSAGE."""

    @property
    def status(self) -> int: ...

    @property
    def reason(self) -> str: ...

    @property
    def message(self) -> bytes | None: ...


Listener = Callable[[str, str, bytes], Answer]
"""Takes the endpoint, the content type and the body."""


class MessageDesk:
    """Hands MESSAGEs to whoever listens for their user, the rest to the dialplan."""

    def __init__(
        self,
        stack: Stack,
        *,
        agent: str,
        contact_uri: Callable[[Endpoint, ServerTransaction], str],
        in_dialplan: Callable[[str, str], bool],
        notice: Callable[[str, str], None] = lambda _kind, _text: None,
    ) -> None:
        """`in_dialplan(context, exten)` says whether an extension would take it; `notice` hears of refusals."""
        self._notice = notice
        self.stack, self._agent = stack, agent
        self._contact_uri, self._in_dialplan = contact_uri, in_dialplan
        self._listeners: dict[str, Listener] = {}

    def listen(self, user: str, listener: Listener) -> None:
        """Hand every MESSAGE for that user of the Request-URI to a listener."""
        self._listeners[user] = listener

    def receive(self, endpoint: Endpoint, transaction: ServerTransaction) -> None:
        """Answer a MESSAGE of an identified and authenticated endpoint."""
        request = transaction.request
        content_type = (request.headers.get("Content-Type") or "").strip()
        try:
            user = SipUri.parse(request.uri).user_unescaped
        except GrammarError:
            transaction.reply(416)
            return
        listener = self._listeners.get(user)
        if listener is not None:
            answer = listener(endpoint.name, content_type, request.body)
            self._reply(endpoint, transaction, answer.status, answer.reason)
            if answer.message is not None:
                self._send_back(endpoint, transaction, user, answer.message)
        elif content_type.partition(";")[0].strip().lower() != TEXT_PLAIN:
            self._reply(endpoint, transaction, 415)
        elif not self._in_dialplan(endpoint.message_context or endpoint.context, user):
            self._reply(endpoint, transaction, 404)
        else:
            transaction.reply(202)

    def _reply(
        self, endpoint: Endpoint, transaction: ServerTransaction, status: int, reason: str | None = None
    ) -> None:
        answer = transaction.reply(status, reason)
        if status >= 300:
            self._notice("message", f"MESSAGE of {endpoint.name} was refused: {status} {answer.reason}")

    def _send_back(self, endpoint: Endpoint, transaction: ServerTransaction, user: str, body: bytes) -> None:
        flow = transaction.flow
        identifiers = self.stack.identifiers
        host, port = flow.local
        own = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        headers = Headers(
            [
                ("From", f"<sip:{user}@{own}>;tag={identifiers.tag()}"),
                ("To", f"<sip:{endpoint.name}@{own}>"),
                ("Call-ID", identifiers.call_id()),
                ("CSeq", f"{identifiers.cseq()} MESSAGE"),
                ("Max-Forwards", "70"),
                ("User-Agent", self._agent),
                ("Content-Type", TEXT_PLAIN),
            ]
        )
        request = Request("MESSAGE", self._contact_uri(endpoint, transaction), headers, body)
        self.stack.request(request, flow, lambda _response: None)
