"""Security events (main/security_events.c), which only readers of the class `security` see."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.pbx.manager.session import ManagerSession

REQUEST_BYTES = 63
"""So much of the action's name is told, `Action: ` included."""

Fields = list[tuple[str, object]]

_VERSIONS = {"InvalidPassword": 2}
_ACCOUNT_LAST = frozenset(("RequestBadFormat",))


def moment(seconds: float) -> str:
    """A point in time as these events write it."""
    shown = datetime.fromtimestamp(seconds, UTC)
    return f"{shown:%Y-%m-%dT%H:%M:%S}.{shown.microsecond // 1000:03d}+0000"


def security_fields(name: str, session: ManagerSession, account: str, extra: Fields, now_s: float) -> Fields:
    """The fields of one event in Asterisk's order."""
    shown: Fields = [("AccountID", account)]
    fields: Fields = [
        ("EventTV", moment(now_s)),
        ("Severity", "Informational" if name == "SuccessfulAuth" else "Error"),
        ("Service", "AMI"),
        ("EventVersion", _VERSIONS.get(name, 1)),
        *(shown if name not in _ACCOUNT_LAST else []),
        ("SessionID", f"0x{0x7F0000000000 + session.number * 0x1000:x}"),
        ("LocalAddress", _place(session.local)),
        ("RemoteAddress", _place(session.remote)),
        *extra,
    ]
    if name == "SuccessfulAuth":
        fields.append(("UsingPassword", 0))
    fields.append(("SessionTV", moment(session.admitted_at)))
    return fields + (shown if name in _ACCOUNT_LAST else [])


def _place(address: tuple[str, int]) -> str:
    host, port = address
    return f"{'IPV6' if ':' in host else 'IPV4'}/TCP/{host}/{port}"
