"""The Via header (RFC 3261 18.2, 20.42; RFC 3581)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from harness.sip.flow import Address
from harness.sip.grammar import NO_PARAMS, VIA_START, GrammarError, Params, read_params, write_params
from harness.sip.identifiers import BRANCH_COOKIE

REMEMBERED = 256
"""Texts whose parsed form is kept: the Via of a request is read by several layers, and comes back in its answers."""


class Via(NamedTuple):
    """One Via value. `transport` is in upper case; an IPv6 host keeps its brackets."""

    transport: str
    host: str
    port: int | None = None
    params: Params = NO_PARAMS
    protocol: str = "SIP/2.0"

    @classmethod
    @lru_cache(REMEMBERED)
    def parse(cls, text: str) -> Via:
        """Reads whatever can still be answered: parameters that do not fit are skipped. Raises GrammarError."""
        found = VIA_START.fullmatch(text.strip(" \t"))
        if found is None:
            raise GrammarError(f"not a Via: {text!r}")
        name, version, transport, host, port, params = found.groups()
        number = int(port) if port else None
        named = read_params(f";{params}") if params else NO_PARAMS
        return cls(transport.upper(), host, number, named, f"{name}/{version}")

    def __str__(self) -> str:
        return f"{self.protocol}/{self.transport} {self.sent_by}{write_params(self.params)}"

    @property
    def sent_by(self) -> str:
        """Host, and the port where one is written (RFC 3261 18.1.1)."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @property
    def branch(self) -> str | None:
        """What names the transaction; None in a message of RFC 2543."""
        return self.params.get("branch")

    @property
    def unique_branch(self) -> bool:
        """True where the branch alone names the transaction (RFC 3261 17.2.3); the bare cookie does not
        (RFC 4475 3.2.1)."""
        branch = self.branch
        return branch is not None and branch.startswith(BRANCH_COOKIE) and len(branch) > len(BRANCH_COOKIE)

    def stamped(self, remote: Address) -> Via:
        """As received from `remote`: `received` always, as pjsip does, and `rport` where the sender asked for it, in
        pjsip's order of parameters (sip_msg.c `pjsip_via_hdr_print`)."""
        host, port = remote
        params = dict(self.params)
        stamped: dict[str, str | None] = {}
        if "ttl" in params:
            stamped["ttl"] = params.pop("ttl")
        if "rport" in params:
            stamped["rport"] = str(port) if not params["rport"] else params["rport"]
            del params["rport"]
        if "maddr" in params:
            stamped["maddr"] = params.pop("maddr")
        stamped["received"] = host
        params.pop("received", None)
        if "branch" in params:
            stamped["branch"] = params.pop("branch")
        return self._replace(params={**stamped, **params})
