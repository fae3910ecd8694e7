"""Requests outside of dialogs, with an answer to the digest challenges that they meet (RFC 3261 8.1, 22.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from harness.sip.client_transaction import ClientTransaction
from harness.sip.dialog import MAX_FORWARDS
from harness.sip.digest import Account
from harness.sip.flow import Flow
from harness.sip.headers import Headers
from harness.sip.machine import Failure
from harness.sip.message import Request, Response
from harness.sip.stack import OnResponse, Stack

MAX_TRIES = 6
"""How often one request is sent in all; `digest.Account` ends it sooner where the password is wrong."""

_CREDENTIALS = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


class Exchange:
    """One request with its repeats under a digest; `transaction` is the one in hand."""

    __slots__ = ("_cancelled", "_client", "_flow", "_next_cseq", "_on_response", "_plain", "_tries", "transaction")

    transaction: ClientTransaction

    def __init__(
        self,
        client: Client,
        request: Request,
        flow: Flow,
        on_response: OnResponse,
        next_cseq: Callable[[], int] | None,
    ) -> None:
        self._client = client
        self._plain = request
        self._flow = flow
        self._on_response: OnResponse | None = on_response
        self._next_cseq = next_cseq
        self._tries = 0
        self._cancelled = False

    def cancel(self) -> None:
        """See `ClientTransaction.cancel`; a challenge that comes after it is not answered."""
        self._cancelled = True
        self.transaction.cancel()

    def drop(self) -> None:
        """Whatever comes is not told any more, and a challenge not answered."""
        self._on_response = None

    def send(self) -> None:
        """Send it, with credentials where a challenge is known already."""
        self._tries += 1
        request = Request(self._plain.method, self._plain.uri, self._plain.headers.copy(), self._plain.body)
        authorized = self._client.authorize(request)
        self.transaction = self._client.stack.request(
            request, self._flow, lambda outcome: self._arrived(outcome, authorized)
        )

    def _arrived(self, outcome: Response | Failure, authorized: bool) -> None:
        tell = self._on_response
        if tell is None:
            return
        if isinstance(outcome, Response) and outcome.status in _CREDENTIALS and self._again(outcome, authorized):
            return
        tell(outcome)

    def _again(self, response: Response, authorized: bool) -> bool:
        """RFC 3261 8.1.3.5: a new request with the same Call-ID, To and From, and CSeq one higher."""
        if self._cancelled or self._tries >= MAX_TRIES or not self._client.challenged(response, authorized):
            return False
        cseq = self._plain.cseq
        number = cseq.number + 1 if self._next_cseq is None else self._next_cseq()
        self._plain.headers.set("CSeq", f"{number} {cseq.method}")
        self.send()
        return True


class Client:
    """A user agent's sending side on one stack, with the account that it answers challenges with.

    The last challenge is remembered, so that requests after the first one go out with credentials at once.
    """

    __slots__ = ("_header", "account", "stack")

    def __init__(self, stack: Stack, account: Account | None = None) -> None:
        self.stack = stack
        self.account = account
        self._header = "Authorization"

    def build(
        self,
        method: str,
        uri: str,
        from_: str,
        to: str | None = None,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        *,
        call_id: str | None = None,
        cseq: int | None = None,
    ) -> Request:
        """A request outside of any dialog (RFC 3261 8.1.1): `from_` and `to` are values without tags, `to` by default
        the Request-URI; a From tag is made, as are a Call-ID and a CSeq number where none is given."""
        identifiers = self.stack.identifiers
        number = identifiers.cseq() if cseq is None else cseq
        rows = [
            ("Max-Forwards", MAX_FORWARDS),
            ("From", f"{from_};tag={identifiers.tag()}"),
            ("To", to or f"<{uri}>"),
            ("Call-ID", call_id or identifiers.call_id()),
            ("CSeq", f"{number} {method}"),
            *headers,
        ]
        return Request(method, uri, Headers(rows), body)

    def request(
        self,
        request: Request,
        flow: Flow,
        on_response: OnResponse,
        next_cseq: Callable[[], int] | None = None,
    ) -> Exchange:
        """Send a request (without Via) and answer 401 and 407 for it. `on_response` gets what is left: provisional
        responses, and the final one or a Failure; the CSeq that was used last is in there.

        `next_cseq` numbers a repeat, by default one above the last; a dialog hands in its own. `request` belongs to
        the exchange from now on.
        """
        exchange = self.prepare(request, flow, on_response, next_cseq)
        exchange.send()
        return exchange

    def prepare(
        self,
        request: Request,
        flow: Flow,
        on_response: OnResponse,
        next_cseq: Callable[[], int] | None = None,
    ) -> Exchange:
        """As `request`, for a caller that keeps the exchange before it calls `send` on it."""
        return Exchange(self, request, flow, on_response, next_cseq)

    def authorize(self, request: Request) -> bool:
        """Put credentials into a request; False where there is no account or no challenge yet."""
        made = self.account.credentials(request.method, request.uri, request.body) if self.account else None
        if made is None:
            return False
        request.headers.add(self._header, made)
        return True

    def challenged(self, response: Response, authorized: bool) -> bool:
        """Take the challenges of a 401 or 407; whether the request is worth sending again."""
        challenge, self._header = _CREDENTIALS[response.status]
        return self.account is not None and self.account.challenged(response.headers.rows(challenge), authorized)
