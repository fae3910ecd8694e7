"""Actions on channels: Redirect, transfers, time limits, texts (main/manager.c)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.pbx.calls.local_channel import LocalHalf
from harness.pbx.manager.actions import ActionEntry, Run
from harness.pbx.manager.packets import Action
from harness.pbx.manager.refusals import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.config.features import FeaturesConfig
    from harness.pbx.calls.exchange import Exchange
    from harness.pbx.calls.live import LiveChannel
    from harness.pbx.calls.transfers import Transfers
    from harness.pbx.manager.session import ManagerSession

_NUMBER = re.compile(r"[ \t\r\n\v\f]*([+-]?[0-9]{1,30})")
_SECONDS = re.compile(r"[ \t\r\n\v\f]*([+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18}))")
MAX_LIMIT_S = 86_400.0
"""A longer time limit than a day is as good as none."""
Place = tuple[str, str, int]


class Refused(Exception):
    """The action is answered with an error of this text."""


class ChannelActions:
    """The actions bound to one server's channels."""

    def __init__(self, exchange: Exchange, transfers: Transfers, features: FeaturesConfig | None) -> None:
        self.exchange, self.transfers, self.features = exchange, transfers, features

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        call, far = ("call",), ("system", "call")
        text = (
            "Sends a text message to channel. A content type\tcan be optionally specified. If not set it is set to "
            "an empty string allowing a custom handler to default it as it sees fit."
        )
        on = self._on
        away = "Optimize away a local channel when possible."
        channels = "List all channels connected to the specified channel."
        return (
            ActionEntry("Redirect", call, "Redirect (transfer) a call.", self.redirect),
            ActionEntry("AbsoluteTimeout", far, "Set absolute timeout.", on(self._time_limit)),
            ActionEntry("Atxfer", call, "Attended transfer.", on(self._attended)),
            ActionEntry("BlindTransfer", call, "Blind transfer channel(s) to the given destination", on(self._blind)),
            ActionEntry("CancelAtxfer", call, "Cancel an attended transfer.", on(_cancel_attended)),
            ActionEntry("CoreShowChannelMap", ("system", "reporting"), channels, self.channel_map),
            ActionEntry("LocalOptimizeAway", far, away, on(_optimize)),
            ActionEntry("MuteAudio", ("system",), "Mute an audio stream.", on(_mute)),
            ActionEntry("PlayDTMF", call, "Play DTMF signal on a specific channel.", on(_digit)),
            ActionEntry("SendText", call, text, on(self._text)),
        )

    def _on(self, act: Callable[[LiveChannel, Action], str]) -> Run:
        """An action on the channel that it names: what is refused first, then what `act` says."""

        def run(session: ManagerSession, action: Action) -> None:
            refused = refusal(action, self.exchange.live.__contains__)
            try:
                said = act(self._live(action.get("Channel"), "Channel"), action) if refused is None else ""
            except Refused as error:
                refused = str(error)
            if refused is not None:
                session.error(action, refused)
            elif said:
                session.ack(action, said)
            else:
                session.respond(action, "Success")

        return run

    def _time_limit(self, live: LiveChannel, action: Action) -> str:
        """AbsoluteTimeout: the channel ends after so many seconds."""
        found = _SECONDS.match(action.get("Timeout"))
        seconds = float(found[1]) if found else 0.0
        if seconds <= 0:
            raise Refused("No timeout specified")
        self.exchange.later(min(seconds, MAX_LIMIT_S), live.far_hung_up)
        return "Timeout Set"

    def _attended(self, _live: LiveChannel, _action: Action) -> str:
        """Atxfer goes by the code that a phone would dial for it: no sound flows, so nobody is taken anywhere."""
        if self.features is None or not self.features.featuremap.get("atxfer"):
            raise Refused("No attended transfer feature code found")
        return "Atxfer successfully queued"

    def _blind(self, live: LiveChannel, action: Action) -> str:
        """BlindTransfer: whoever the channel talks to goes there."""
        if not self.transfers.hand_on(live, action.get("Context") or live.channel.context, action.get("Exten")):
            raise Refused("Transfer invalid")
        return "Transfer succeeded"

    def _text(self, live: LiveChannel, action: Action) -> str:
        """SendText."""
        live.send_text(action.get("Message"))
        return "Success"

    def channel_map(self, session: ManagerSession, action: Action) -> None:
        """CoreShowChannelMap: who is connected with a channel, by bridges and Local channels."""
        refused = refusal(action, self.exchange.live.__contains__)
        if refused is not None:
            session.error(action, refused)
            return
        live = self.exchange.live[action.get("Channel")]
        items = [
            ["Event: CoreShowChannelMap", f"Channel: {live.name}", f"ConnectedChannel: {name}"]
            for name in _connected(live)
        ]
        session.listing(action, "Channel map will follow", items, "CoreShowChannelMapComplete")

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


def _cancel_attended(_live: LiveChannel, _action: Action) -> str:
    """CancelAtxfer: there is a code for it, and nobody who hears it."""
    return "CancelAtxfer successfully queued"


def _optimize(live: LiveChannel, _action: Action) -> str:
    """LocalOptimizeAway: Local channels stay where they are here."""
    if not isinstance(live, LocalHalf):
        raise Refused("Unable to find channel")
    return "Queued channel to be optimized away"


def _mute(_live: LiveChannel, _action: Action) -> str:
    """MuteAudio: there is no sound to mute."""
    return ""


def _digit(_live: LiveChannel, _action: Action) -> str:
    """PlayDTMF: nobody hears it."""
    return "DTMF successfully queued"


def _connected(live: LiveChannel) -> list[str]:
    """The names of those that a channel hears, those behind Local channels included; none outside of a bridge."""
    seen, waiting = [live], [live] if live.bridge is not None else []
    while waiting:
        each = waiting.pop(0)
        near = list(each.bridge.members) if each.bridge is not None else []
        near += [*each.pair] if isinstance(each, LocalHalf) else []
        for other in near:
            if other not in seen:
                seen.append(other)
                waiting.append(other)
    return [each.name for each in seen[1:]]
