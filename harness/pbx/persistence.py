"""Subscriptions in the database, in the rows that Asterisk writes, so that they outlive a restart.

res_pjsip_pubsub.c, subscription_persistence: the SUBSCRIBE as it came, who sent it over what, the local tag, the
CSeq of the last NOTIFY and when it ends.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.sip.message import Malformed, Request, parse_message

if TYPE_CHECKING:
    from harness.core.store import Store
    from harness.pbx.notifier import Subscription

FAMILY = "subscription_persistence"
MAX_PACKET_BYTES = 6_000
"""A longer SUBSCRIBE is not stored (PJSIP_MAX_PKT_LEN of that module)."""


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
    remote: tuple[str, int]
    version: int


class SubscriptionRows:
    """Writes and reads the rows; `wall_s` is the calendar's time in seconds."""

    def __init__(self, store: Store, wall_s: Callable[[], float], random_bits: Callable[[int], int]) -> None:
        self._store, self._wall_s, self._random_bits = store, wall_s, random_bits

    def write(self, subscription: Subscription, left_s: float, version: int = 0, packet: str = "") -> None:
        """Store a subscription or what changed of it; one over a stream ends with its connection and is not stored.

        `packet` is the SUBSCRIBE that made it; later the row has it, which is the only place where it is kept.
        """
        packet = packet or self._packet(subscription.row)
        if subscription.flow.transport != "UDP" or not packet:
            return
        if not subscription.row:
            subscription.row = f"{FAMILY}/{uuid.UUID(int=self._random_bits(128), version=4)}"
        host, port = subscription.flow.remote
        local_host, local_port = subscription.flow.local
        row: dict[str, Any] = {
            "src_port": str(port),
            "expires": str(int(self._wall_s() + left_s)),
            "transport_key": "UDP",
            "cseq": str(subscription.dialog.local_cseq),
            "prune_on_boot": "no",
            "endpoint": subscription.endpoint,
            "packet": packet,
            "src_name": host,
            "local_name": local_host,
            "tag": subscription.dialog.local_tag,
            "contact_uri": f"<{subscription.dialog.remote_target}>",
            "local_port": str(local_port),
        }
        if version:
            row["generator_data"] = json.dumps({"version": version})
        self._store.put(FAMILY, subscription.row, json.dumps(row, separators=(",", ":")))

    def _packet(self, row: str) -> str:
        stored = self._read(row, self._store.get(FAMILY, row) or "") if row else None
        return stored.packet if stored is not None else ""

    def remove(self, subscription: Subscription) -> None:
        """Forget a subscription that ended."""
        if subscription.row:
            self._store.delete(FAMILY, subscription.row)
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
            version = json.loads(row.get("generator_data") or "{}").get("version", 0)
            if not isinstance(request, Request):
                return None
            return Stored(
                key,
                request,
                packet,
                str(row["endpoint"]),
                str(row["tag"]),
                int(row["cseq"]),
                float(row["expires"]),
                (str(row["src_name"]), int(row["src_port"])),
                int(version),
            )
        except (ValueError, KeyError, TypeError, AttributeError, Malformed):
            return None
