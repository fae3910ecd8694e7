"""Applications that act on other channels or on the store: ChannelRedirect, SoftHangup, Originate, DBdeltree.

apps/app_channelredirect.c, app_softhangup.c, app_originate.c, app_db.c.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.core.octets import fold
from harness.dialplan.call import CONTINUE, HANG_UP, Application, Call, Result
from harness.dialplan.channel import Channel, Party
from harness.dialplan.splitting import arguments, integer, padded
from harness.dialplan.telephony import option_letters
from harness.pbx.calls.originating import (
    REASON_ANSWERED,
    REASON_BUSY,
    REASON_CONGESTED,
    REASON_NO_ANSWER,
    Originating,
    Wanted,
)

if TYPE_CHECKING:
    from harness.pbx.calls.exchange import Exchange

ORIGINATE_WAIT_S = 30
_STATUS = {
    REASON_ANSWERED: "SUCCESS",
    REASON_BUSY: "BUSY",
    REASON_CONGESTED: "CONGESTION",
    REASON_NO_ANSWER: "RINGING",
}


class ChannelApplications:
    """The applications bound to one server's channels."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def applications(self) -> dict[str, Application]:
        """By name."""
        return {
            "ChannelRedirect": self._redirect,
            "DBdeltree": self._delete_tree,
            "Originate": self._originate,
            "SoftHangup": self._hang_up,
        }

    def _redirect(self, call: Call, text: str) -> Result:
        """`channel,[[context,]exten,]priority`; CHANNELREDIRECT_STATUS is SUCCESS or NOCHANNEL."""
        name, label = padded(arguments(text, 2), 2)
        if not name or not label:
            call.tell("ChannelRedirect requires an argument (channel,[[context,]exten,]priority)")
            return HANG_UP
        live = self._exchange.live.get(name)
        if live is None:
            call.set_variable("CHANNELREDIRECT_STATUS", "NOCHANNEL")
            return CONTINUE
        channel = live.channel
        before = channel.context, channel.exten, channel.priority
        found = Call(channel, self._exchange.surroundings).go_to(label)
        context, exten, priority = channel.context, channel.exten, channel.priority + 1
        channel.context, channel.exten, channel.priority = before
        if found:
            self._exchange.redirect(live, context, exten, priority)
        call.set_variable("CHANNELREDIRECT_STATUS", "SUCCESS")
        return CONTINUE if found else HANG_UP

    def _hang_up(self, call: Call, text: str) -> Result:
        """`name`, or with option a `technology/resource`, of which all channels are meant."""
        name, options = padded(arguments(text, 2), 2)
        wanted, all_of = fold(name), "a" in options
        for live in list(self._exchange.live.values()):
            if fold(live.name.rpartition("-")[0] if all_of else live.name) == wanted:
                if live.channel is call.channel:
                    live.channel.hung_up = True
                else:
                    self._exchange.soon(live.far_hung_up)
                if not all_of:
                    break
        return HANG_UP if call.channel.hung_up else CONTINUE

    def _delete_tree(self, _call: Call, text: str) -> Result:
        family, _, tree = text.partition("/")
        self._exchange.core.store.delete_tree(f"/{family}/{tree}" if tree else f"/{family}")
        return CONTINUE

    def _originate(self, call: Call, text: str) -> Result:
        """`technology/resource,exten,context[,exten[,priority]]` or `...,app,name[,data]`; ORIGINATE_STATUS."""
        row = arguments(text, 7)
        destination, kind, *rest = padded(row, 7)
        technology, _, resource = destination.partition("/")
        options = option_letters(rest[4])
        if len(row) < 3 or not technology or not resource or options is None or fold(kind) not in ("exten", "app"):
            call.tell("Originate requires technology/resource,exten|app,...")
            call.set_variable("ORIGINATE_STATUS", "FAILED")
            return HANG_UP
        wanted = Wanted(
            resource, caller=_caller(options, call.channel), timeout=integer(rest[3]) or ORIGINATE_WAIT_S,
            variables=[_pair(each) for each in options.get("v", "").split("^") if each],
        )  # fmt: skip
        if fold(kind) == "app":
            wanted.application, wanted.data = rest[0], rest[1]
        else:
            wanted.context, wanted.exten, wanted.priority = rest[0], rest[1] or "s", integer(rest[2]) or 1
        if "a" in options:
            call.set_variable("ORIGINATE_STATUS", "SUCCESS")
            self._exchange.soon(Originating(self._exchange, technology, wanted, lambda _reason, _channel: None).start)
            return CONTINUE
        return self._wait_for(call, technology, wanted)

    def _wait_for(self, call: Call, technology: str, wanted: Wanted) -> Result:
        resume: Callable[[int], None] = call.suspend()

        def done(reason: int, _channel: Channel | None) -> None:
            call.set_variable("ORIGINATE_STATUS", _STATUS.get(reason, "FAILED"))
            resume(CONTINUE)

        Originating(self._exchange, technology, wanted, done).start()
        return None


def _caller(options: dict[str, str], channel: Channel) -> Party:
    number = (options["c"] or channel.caller.number) if "c" in options else ""
    name = (options["n"] or channel.caller.name) if "n" in options else ""
    return Party(number, name)


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value
