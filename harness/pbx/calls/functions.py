"""Dialplan functions about PJSIP channels and endpoints (channels/pjsip/dialplan_functions.c)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.dialplan.function import Function, Invocation
from harness.pbx.calls.pjsip_channel import TECHNOLOGY, PjsipChannel

if TYPE_CHECKING:
    from harness.config.pjsip import PjsipConfig
    from harness.pbx.calls.exchange import Exchange
    from harness.pbx.registrar import Registrar
    from harness.sip.message import Request


class PjsipFunctions:
    """The functions bound to one server."""

    def __init__(self, exchange: Exchange, pjsip: Callable[[], PjsipConfig], registrar: Registrar) -> None:
        self._exchange, self._pjsip, self._registrar = exchange, pjsip, registrar

    def table(self) -> dict[str, Function]:
        """By name."""
        return {
            "PJSIP_DIAL_CONTACTS": Function(self._dial_contacts),
            "PJSIP_HEADER": Function(self._header),
            "PJSIP_HEADERS": Function(self._headers),
        }

    def _dial_contacts(self, use: Invocation) -> str | None:
        """`endpoint[,aor]`: what Dial() needs to ring every contact; nothing where there is none."""
        name, aor = use.arguments(2)
        endpoint = self._pjsip().endpoints.get(name)
        if endpoint is None:
            return None
        contacts = [each for each in self._registrar.contacts_of(endpoint) if not aor or each.aor == aor]
        return "&".join(f"{TECHNOLOGY}/{name}/{each.uri}" for each in contacts)

    def _header(self, use: Invocation) -> str | None:
        """`read,name[,number]`: a header of the INVITE that made the channel; the first, or the number-th."""
        action, name, number = use.arguments(3)
        request = self._invite(use)
        if action.lower() != "read" or request is None:
            return None
        values = request.headers.all(name)
        at = int(number) if number.isascii() and number.isdigit() else 1
        return values[at - 1] if 0 < at <= len(values) else None

    def _headers(self, use: Invocation) -> str | None:
        """The names of the headers that begin so, once for each."""
        request = self._invite(use)
        if request is None:
            return None
        start = use.text.lower()
        return ",".join(name for name, _ in request.headers if name.lower().startswith(start))

    def _invite(self, use: Invocation) -> Request | None:
        channel = use.scope.channel
        live = self._exchange.of(channel) if channel is not None else None
        return live.leg.invite_request if isinstance(live, PjsipChannel) else None
