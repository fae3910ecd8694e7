"""MESSAGE outside of a dialog (res_pjsip_messaging.c), and the MESSAGEs that the server itself sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from harness.core.octets import fold
from harness.dialplan.party_functions import split_caller
from harness.dialplan.text_message import TextMessage
from harness.pbx import destinations, printed
from harness.pbx.contact import Contact
from harness.pbx.screening import user_of
from harness.sip.grammar import GrammarError, quote
from harness.sip.matching import host_port
from harness.sip.message import Headers, Request
from harness.sip.uri import NameAddr

if TYPE_CHECKING:
    from harness.config.pjsip import PjsipConfig
    from harness.config.pjsip_objects import Endpoint
    from harness.pbx.registrar import Registrar
    from harness.sip.flow import Flow
    from harness.sip.server_transaction import ServerTransaction
    from harness.sip.stack import Stack

TEXT_PLAIN = "text/plain"
MAX_BODY_BYTES = 1_022
"""A longer body comes to the dialplan as an empty one (MAX_BODY_SIZE)."""
_OWN_ROWS = frozenset(
    ("to", "from", "via", "route", "contact", "call-id", "cseq", "allow", "content-length", "content-type",
     "request-uri", "max-forwards", "user-agent", "pjsip_recvaddr", "pjsip_transport", "pjsip_endpoint")
)  # fmt: skip
"""What the dialplan cannot say of a message that goes out."""


class Answer(Protocol):
    """What a listener makes of a MESSAGE."""

    @property
    def status(self) -> int:
        """Of the response to the MESSAGE."""

    @property
    def reason(self) -> str:
        """Its words; '' for the usual ones."""

    @property
    def message(self) -> bytes | None:
        """The body of a MESSAGE that goes back; None for none."""


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
        registrar: Registrar,
        config: Callable[[], PjsipConfig],
        road_to: Callable[[Contact], Flow | None],
        notice: Callable[[str, str], None] = lambda _kind, _text: None,
    ) -> None:
        """`road_to` is the road to a contact; `notice` hears of refusals."""
        self._notice = notice
        self.stack, self._agent = stack, agent
        self._contact_uri, self._registrar, self._config, self._road_to = contact_uri, registrar, config, road_to
        self._listeners: dict[str, Listener] = {}
        self.to_dialplan: Callable[[str, str, TextMessage], bool] = lambda _context, _exten, _message: False
        """Takes a context, an extension and a message; False where there is no such extension."""

    def listen(self, user: str, listener: Listener) -> None:
        """Hand every MESSAGE for that user of the Request-URI to a listener."""
        self._listeners[user] = listener

    def receive(self, endpoint: Endpoint, transaction: ServerTransaction) -> None:
        """Answer a MESSAGE of an identified and authenticated endpoint."""
        request = transaction.request
        content_type = (request.headers.get("Content-Type") or "").strip()
        try:
            user = user_of(request.uri)
        except GrammarError:
            transaction.reply(416)
            return
        if self._config().globals.ignore_uri_user_options:
            user = user.partition(";")[0]
        listener = self._listeners.get(user)
        if listener is not None:
            answer = listener(endpoint.name, content_type, request.body)
            self._reply(endpoint, transaction, answer.status, answer.reason)
            if answer.message is not None:
                self._send_back(endpoint, transaction, user, answer.message)
        elif content_type.partition(";")[0].strip().lower() != TEXT_PLAIN:
            self._reply(endpoint, transaction, 415)
        else:
            message = text_message(endpoint, transaction)
            taken = self.to_dialplan(endpoint.message_context or endpoint.context, user, message)
            self._reply(endpoint, transaction, 202 if taken else 404)

    def send(self, message: TextMessage, destination: str, sender: str) -> bool:
        """Send a message on, to an endpoint (res_pjsip_messaging.c, msg_send); False where there is none to be had."""
        found = destinations.find(destination, self._config(), self._registrar)
        if found is None:
            return False
        contact = found.contact or Contact("", found.uri)
        flow = self._road_to(contact)
        if flow is None:
            return False
        self._send(flow, found.uri, sender or message.sender, message)
        return True

    def _send(self, flow: Flow, target: str, sender: str, message: TextMessage) -> None:
        identifiers, own = self.stack.identifiers, host_port(*flow.local)
        rows = [
            ("From", f"{_party(sender, own, self._config().globals.default_from_user)};tag={identifiers.tag()}"),
            ("To", f"<{target}>"),
            ("Call-ID", identifiers.call_id()),
            ("CSeq", f"{identifiers.cseq()} MESSAGE"),
            ("Max-Forwards", "70"),
            ("User-Agent", self._agent),
            *((name, value) for name, value in message.going_along() if fold(name) not in _OWN_ROWS),
            ("Content-Type", _type_of(message)),
        ]
        body = message.body.encode("utf-8", "surrogateescape")
        self.stack.request(Request("MESSAGE", target, Headers(rows), body), flow, lambda _response: None)

    def _reply(
        self, endpoint: Endpoint, transaction: ServerTransaction, status: int, reason: str | None = None
    ) -> None:
        answer = transaction.reply(status, reason)
        if status >= 300:
            self._notice("message", f"MESSAGE of {endpoint.name} was refused: {status} {answer.reason}")

    def push(self, endpoint: Endpoint, user: str, body: bytes) -> bool:
        """Send an endpoint a text that it did not ask for, in the name of a user; False where it is not registered."""
        contact = next(iter(self._registrar.contacts_of(endpoint)), None)
        flow = self._road_to(contact) if contact is not None else None
        if contact is None or flow is None:
            return False
        self._send_text(flow, contact.target, endpoint, user, body)
        return True

    def _send_back(self, endpoint: Endpoint, transaction: ServerTransaction, user: str, body: bytes) -> None:
        self._send_text(transaction.flow, self._contact_uri(endpoint, transaction), endpoint, user, body)

    def _send_text(self, flow: Flow, target: str, endpoint: Endpoint, user: str, body: bytes) -> None:
        identifiers = self.stack.identifiers
        own = host_port(*flow.local)
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
        request = Request("MESSAGE", target, headers, body)
        self.stack.request(request, flow, lambda _response: None)


def text_message(endpoint: Endpoint, transaction: ServerTransaction) -> TextMessage:
    """A MESSAGE as the dialplan has it (rx_data_to_ast_msg)."""
    request, flow = transaction.request, transaction.flow
    message = TextMessage(_to(request.to), _sender(request.from_))
    if len(request.body) <= MAX_BODY_BYTES:
        message.body = request.body.decode("utf-8", "surrogateescape").rstrip("\r\n")
    message.keep("PJSIP_RECVADDR", host_port(*flow.remote))
    message.keep("PJSIP_TRANSPORT", flow.transport.lower())
    message.keep("PJSIP_ENDPOINT", split_caller(endpoint.callerid).name)
    for name, value in request.headers:
        message.keep(name, _PRINTED[name](value) if name in _PRINTED else value)
    return message


def _media_type(value: str) -> str:
    """Without blanks between its parts."""
    return ";".join("=".join(part.strip() for part in row.split("=", 1)) for row in value.split(";"))


_PRINTED: dict[str, Callable[[str], str]] = {"From": printed.party, "To": printed.party, "Content-Type": _media_type}


def _to(address: NameAddr) -> str:
    """As pjsip prints it, without the brackets where they are all there is, and with `pjsip:` for `sip:`."""
    uri = printed.target(address.uri, printed.Where.PARTY)
    if address.display:
        return f"pjsip:{quote(address.display)} <{uri}>"
    return "pj" + uri if uri.startswith("sip") else f"pjsip:{uri}"


def _sender(address: NameAddr) -> str:
    """`"Name" <scheme:user@host>`, without a port; of the name each byte that is no printable ASCII is a blank."""
    display = quote(address.display)[1:-1].encode("utf-8", "surrogateescape")
    shown = f'"{"".join(chr(each) if 32 <= each < 128 else " " for each in display)}" ' if display else ""
    try:
        uri = address.sip_uri
    except GrammarError:
        return f"{shown}<{address.uri}@>"
    return f"{shown}<{uri.scheme}:{uri.user_unescaped}@{uri.host}>"


def _type_of(message: TextMessage) -> str:
    """The type that the dialplan gave the message, or that it came with; parameters are not told on."""
    given = message.data.get("content-type", ("", ""))[1].partition(";")[0].strip()
    kind, _, subtype = given.partition("/")
    return given if kind and subtype else TEXT_PLAIN


def _party(sender: str, own: str, otherwise: str) -> str:
    """The From of a message that goes out: an address, or a user of this server."""
    try:
        address = NameAddr.parse(sender)
        return str(NameAddr(address.display, str(address.sip_uri)))
    except GrammarError:
        return f"<sip:{sender or otherwise}@{own}>"
