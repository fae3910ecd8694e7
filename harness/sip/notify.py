"""NOTIFY as its receiver reads it (RFC 6665 4.1.3, 8.2.3)."""

from __future__ import annotations

from typing import NamedTuple

from harness.sip.grammar import read_params
from harness.sip.message import Request, Response
from harness.sip.parts import read_seconds
from harness.sip.server_transaction import ServerTransaction


class Notify(NamedTuple):
    """A NOTIFY of the subscription. Whoever is told may answer `transaction`; otherwise it is answered 200.

    `state` is 'active', 'pending' or 'terminated' (or what else was written), in lower case; `expires` and
    `retry_after` in seconds.
    """

    transaction: ServerTransaction
    state: str
    expires: int | None
    reason: str
    retry_after: int | None

    @property
    def request(self) -> Request:
        """The NOTIFY itself."""
        return self.transaction.request


def read_notify(transaction: ServerTransaction) -> Notify | None:
    """What a NOTIFY says of its subscription (RFC 6665 8.2.3); None where it says nothing."""
    value = transaction.request.headers.get("Subscription-State")
    if value is None:
        return None
    state, semicolon, rest = value.partition(";")
    params = read_params(semicolon + rest)
    if not state.strip(" \t"):
        return None
    return Notify(
        transaction,
        state.strip(" \t").lower(),
        read_seconds(params.get("expires")),
        params.get("reason") or "",
        read_seconds(params.get("retry-after")),
    )


def retry_after(response: Response) -> int | None:
    """Seconds of a Retry-After, which may have a comment and parameters behind them (RFC 3261 20.33)."""
    value = response.headers.get("Retry-After")
    return None if value is None else read_seconds(value.partition(";")[0].partition("(")[0].strip(" \t"))
