"""Transactions (RFC 3261 17): the names that the rest of the project uses.

The rules are in `tables`, what runs them in `machine`, the two sides in `client_transaction` and `server_transaction`,
and non-INVITE requests from ready bytes in `prepared`.
"""

from __future__ import annotations

from harness.sip.client_transaction import ClientTransaction
from harness.sip.machine import TIMED_OUT, TRANSPORT_FAILED, Failure
from harness.sip.server_transaction import ServerTransaction
from harness.sip.tables import T1, T2, T4, TABLES, TIMEOUT, Event, State

__all__ = [
    "T1",
    "T2",
    "T4",
    "TABLES",
    "TIMED_OUT",
    "TIMEOUT",
    "TRANSPORT_FAILED",
    "ClientTransaction",
    "Event",
    "Failure",
    "ServerTransaction",
    "State",
]
