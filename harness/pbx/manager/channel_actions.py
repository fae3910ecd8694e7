"""Actions on channels: Redirect (action_redirect of main/manager.c)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.packets import Action

if TYPE_CHECKING:
    from harness.pbx.calls.exchange import Exchange
    from harness.pbx.calls.live import LiveChannel
    from harness.pbx.manager.session import ManagerSession

_NUMBER = re.compile(r"[ \t\r\n\v\f]*([+-]?[0-9]{1,30})")
Place = tuple[str, str, int]


class Refused(Exception):
    """The action is answered with an error of this text."""


class ChannelActions:
    """The actions bound to one server's channels."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        return (ActionEntry("Redirect", ("call",), "Redirect (transfer) a call.", self.redirect),)

    def redirect(self, session: ManagerSession, action: Action) -> bool:
        """Redirect one channel, or two that talk to each other."""
        try:
            said = self._redirect(action)
        except Refused as refused:
            session.error(action, str(refused))
        else:
            session.ack(action, said)
        return False

    def _redirect(self, action: Action) -> str:
        name, place = action.get("Channel"), self._place(action, "")
        if not name:
            raise Refused("Channel not specified")
        extra = action.get("ExtraChannel")
        other = self._place(action, "Extra") if extra and action.get("ExtraContext") else place
        live = self._live(name, "Channel")
        if not extra:
            self.exchange.redirect(live, *place)
            return "Redirect successful"
        second = self._live(extra, "ExtraChannel")
        if second.bridge is not None:
            second.bridge.withdraw(second)
        self.exchange.redirect(live, *place)
        self.exchange.redirect(second, *other)
        return "Dual Redirect successful"

    def _place(self, action: Action, prefix: str) -> Place:
        if not prefix and not action.get("Channel"):
            raise Refused("Channel not specified")
        context, exten, text = (action.get(prefix + name) for name in ("Context", "Exten", "Priority"))
        for what, value in (("Context", context), ("Exten", exten), ("Priority", text)):
            if not value:
                raise Refused(f"{prefix}{what} not specified")
        found = _NUMBER.match(text)
        line = None if found else self.exchange.plan.find(context, exten, text)
        number = int(found[1]) if found else line.number if line is not None else -1
        if number < 1:
            raise Refused(f"{prefix}Priority is invalid")
        return context, exten, number

    def _live(self, name: str, what: str) -> LiveChannel:
        live = self.exchange.live.get(name)
        if live is None:
            raise Refused(f"{what} does not exist: {name}")
        return live
