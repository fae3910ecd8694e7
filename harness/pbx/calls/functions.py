"""Dialplan functions about PJSIP channels and endpoints (channels/pjsip/dialplan_functions.c)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.core.octets import fold
from harness.dialplan.channel_functions import channel_read, channel_write
from harness.dialplan.function import Function, Invocation
from harness.pbx.calls.pjsip_channel import TECHNOLOGY, PjsipChannel
from harness.sip.grammar import TOKEN

if TYPE_CHECKING:
    from harness.config.pjsip import PjsipConfig
    from harness.pbx.calls.exchange import Exchange
    from harness.pbx.calls.live import LiveChannel
    from harness.pbx.registrar import Registrar
    from harness.sip.message import Request

MAX_HEADERS = 50
"""How many headers a dialplan may add to one INVITE."""
_NAME = re.compile(TOKEN)
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]{0,4000}")
_ITEMS: dict[str, Callable[[PjsipChannel], str]] = {
    "endpoint": lambda live: live.endpoint.name,
    "contact": lambda live: live.target,
    "aor": lambda live: next(iter(live.endpoint.aors), ""),
    "peer": lambda live: _name_of(live.bridge.peer(live)) if live.bridge is not None else "",
}


def _name_of(live: LiveChannel | None) -> str:
    return live.name if live is not None else ""


class PjsipFunctions:
    """The functions bound to one server."""

    def __init__(self, exchange: Exchange, pjsip: Callable[[], PjsipConfig], registrar: Registrar) -> None:
        self._exchange, self._pjsip, self._registrar = exchange, pjsip, registrar

    def table(self) -> dict[str, Function]:
        """By name."""
        return {
            "CHANNEL": Function(self._channel, channel_write),
            "PJSIP_DIAL_CONTACTS": Function(self._dial_contacts),
            "PJSIP_HEADER": Function(self._header, self._add_header),
            "PJSIP_HEADERS": Function(self._headers),
        }

    def _channel(self, use: Invocation) -> str | None:
        """CHANNEL() with what only PJSIP channels know: `endpoint`, `contact`, `aor`, ..."""
        live = self._live(use)
        item = _ITEMS.get(fold(use.text)) if live is not None else None
        return item(live) if item is not None and live is not None else channel_read(use)

    def _live(self, use: Invocation) -> PjsipChannel | None:
        channel = use.scope.channel
        live = self._exchange.of(channel) if channel is not None else None
        return live if isinstance(live, PjsipChannel) else None

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
        if fold(action) != "read" or request is None:
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
        live = self._live(use)
        return live.leg.invite_request if live is not None else None

    def _add_header(self, use: Invocation, value: str) -> bool:
        """`add,name`, `update,name[,number]`, `remove,name` on a channel that is about to be called."""
        action, name, number = use.arguments(3)
        live = self._live(use)
        if live is None or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            return False
        action, found = fold(action), [at for at, row in enumerate(live.headers) if fold(row[0]) == fold(name)]
        at = int(number) if number.isascii() and number.isdigit() else 1
        if action == "add" and len(live.headers) < MAX_HEADERS:
            live.headers.append((name, value))
        elif action == "update" and 0 < at <= len(found):
            live.headers[found[at - 1]] = (name, value)
        elif action == "remove":
            live.headers = [row for row in live.headers if fold(row[0]) != fold(name)]
        else:
            return False
        return True
