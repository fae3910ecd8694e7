"""One binding of an address-of-record, as Asterisk stores it (res_pjsip/location.c)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.pbx.persistence import finite
from harness.pbx.reach import without_original_host
from harness.sip.grammar import GrammarError
from harness.sip.uri import SipUri

if TYPE_CHECKING:
    from harness.config.pjsip_objects import Aor
    from harness.sip.flow import Flow

CREATED, REACHABLE, UNREACHABLE, REMOVED = "NonQualified", "Reachable", "Unreachable", "Removed"
"""What may be known of a contact."""


@dataclass(slots=True)
class Contact:
    """One binding; `expires_at` is in seconds of the wall clock, 0 for a static one."""

    aor: str
    uri: str
    expires_at: float = 0.0
    user_agent: str = ""
    endpoint: str = ""
    call_id: str = ""
    via: tuple[str, int] = ("", 0)
    flow: Flow | None = None
    temporary: bool = False
    """It goes with the connection that it came over, whose address it is (prune_on_boot)."""
    status: str = CREATED
    roundtrip_s: float = 0.0
    """How long the last OPTIONS took to be answered."""

    @property
    def target(self) -> str:
        """Where it is asked, without what is only noted."""
        return without_original_host(self.uri)

    @property
    def digest(self) -> str:
        """The hash that is in its name."""
        return hashlib.md5(self.uri.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()

    @property
    def key(self) -> str:
        """The name that Asterisk stores it under (res_pjsip/location.c)."""
        return f"contact/{self.aor};@{self.digest}"

    def stored(self, aor: Aor) -> str:
        """The row of the database."""
        return json.dumps(
            {
                "via_addr": self.via[0],
                "qualify_timeout": f"{aor.qualify_timeout:f}",
                "qualify_2xx_only": "true" if aor.flag("qualify_2xx_only") else "false",
                "call_id": self.call_id,
                "reg_server": "",
                "prune_on_boot": "yes" if self.temporary else "no",
                "path": "",
                "endpoint": self.endpoint,
                "via_port": str(self.via[1]),
                "authenticate_qualify": "yes" if aor.authenticate_qualify else "no",
                "uri": self.uri,
                "qualify_frequency": str(aor.qualify_frequency),
                "user_agent": self.user_agent,
                "expiration_time": str(int(self.expires_at)),
                "outbound_proxy": aor.outbound_proxy,
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_row(cls, text: str) -> Contact | None:
        """A stored one, without its AOR; None for what is none."""
        try:
            row: dict[str, Any] = json.loads(text)
            return cls(
                "",
                str(SipUri.parse(str(row["uri"]))),
                finite(float(row["expiration_time"])),
                str(row.get("user_agent", "")),
                str(row.get("endpoint", "")),
                str(row.get("call_id", "")),
                (str(row.get("via_addr", "")), int(row.get("via_port", 0) or 0)),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, GrammarError):
            return None
