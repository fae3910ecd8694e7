"""Subscriptions in the database, in the rows that Asterisk writes, so that they outlive a restart.

res_pjsip_pubsub.c, subscription_persistence: the SUBSCRIBE as it came, who sent it over what, the local tag, the
CSeq of the last NOTIFY, when it ends, and the versions of documents that count them.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.sip.message import Malformed, Request, parse_message

if TYPE_CHECKING:
    from harness.core.store import Store
    from harness.pbx.subscription import Subscription
    from harness.sip.flow import Transport

FAMILY = "subscription_persistence"
RESERVE = 10_000
"""NOTIFYs that may be sent before a row is written again: it says so much more than was used, so that a server that was
killed goes on above what its watchers have seen.  Asterisk writes each."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One row, read."""

    row: str
    request: Request
    packet: str
    endpoint: str
    tag: str
    cseq: int
    expires_at: float
    transport: Transport
    remote: tuple[str, int]
    versions: dict[str, int]


class SubscriptionRows:
    """Writes and reads the rows; `wall_s` is the calendar's time in seconds."""

    def __init__(self, store: Store, wall_s: Callable[[], float], random_bits: Callable[[int], int]) -> None:
        self._store, self._wall_s, self._random_bits = store, wall_s, random_bits

    def write(self, subscription: Subscription, packet: str = "", reserve: int = RESERVE) -> None:
        """Store a subscription, or what changed of it, with so many numbers of CSeq to spare.

        `packet` is the SUBSCRIBE that made it; later the row has it, which is the only place where it is kept.
        """
        packet = packet or self._packet(subscription.row)
        if not packet:
            return
        if not subscription.row:
            subscription.row = str(uuid.UUID(int=self._random_bits(128), version=4))
        source = subscription.source
        row: dict[str, Any] = {
            "src_port": str(source.remote[1]),
            "expires": str(int(subscription.stored_until)),
            "transport_key": source.transport,
            "cseq": str(subscription.dialog.local_cseq + reserve),
            "prune_on_boot": "no" if subscription.connection is None else "yes",
            "endpoint": subscription.endpoint,
            "packet": packet,
            "src_name": source.remote[0],
            "local_name": source.local[0],
            "tag": subscription.dialog.local_tag,
            "contact_uri": f"<{subscription.dialog.remote_target}>",
            "local_port": str(source.local[1]),
        }
        versions = subscription.versions()
        if versions:
            row["generator_data"] = json.dumps(versions, separators=(",", ":"))
        self._store.put(FAMILY, _key(subscription.row), json.dumps(row, separators=(",", ":")))

    def _packet(self, row: str) -> str:
        try:
            return str(json.loads(self._store.get(FAMILY, _key(row)) or "{}").get("packet", "")) if row else ""
        except (ValueError, AttributeError):
            return ""

    def remove(self, subscription: Subscription) -> None:
        """Forget a subscription that ended."""
        if subscription.row:
            self._store.delete(FAMILY, _key(subscription.row))
            subscription.row = ""

    def take_all(self) -> Iterator[Stored]:
        """What an earlier run left, oldest row name first; each is removed from the database."""
        for key, text in list(self._store.rows(FAMILY)):
            self._store.delete(FAMILY, key)
            found = self._read(key, text)
            if found is not None:
                yield found

    def _read(self, key: str, text: str) -> Stored | None:
        try:
            row = json.loads(text)
            packet = str(row["packet"])
            request = parse_message(packet.encode("utf-8", "surrogateescape"))
            versions = json.loads(row.get("generator_data") or "{}")
            transport = row["transport_key"]
            if not isinstance(request, Request) or transport not in ("UDP", "TCP") or row["prune_on_boot"] == "yes":
                return None
            _retarget(request, str(row["contact_uri"]))
            return Stored(
                key.removeprefix(FAMILY + "/"),
                request,
                packet,
                str(row["endpoint"]),
                str(row["tag"]),
                int(row["cseq"]),
                finite(float(row["expires"])),
                transport,
                (str(row["src_name"]), int(row["src_port"])),
                {str(name): int(version) for name, version in versions.items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, Malformed):
            return None


def finite(number: float) -> float:
    """A number that time can be; ValueError for others, which JSON may hold as well."""
    if not math.isfinite(number):
        raise ValueError(f"{number} is no time")
    return number


def _key(row: str) -> str:
    """The name of a row within its family, whose name it repeats."""
    return f"{FAMILY}/{row}"


def _retarget(request: Request, contact: str) -> None:
    """The Contact of the last refresh stands for that of the SUBSCRIBE (ast_sip_create_rdata_with_contact)."""
    if contact:
        request.headers.remove("Contact")
        request.headers.add("Contact", contact)
