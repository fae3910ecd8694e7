"""Variables and functions of a channel, as the manager interface reads and writes them."""

from __future__ import annotations

from harness.core.octets import cut
from harness.dialplan.call import Call
from harness.dialplan.substitute import split_call
from harness.pbx.calls.exchange import Exchange
from harness.pbx.variables import NOT_READ, NOT_WRITTEN, VALUE_BYTES


class ChannelVariables:
    """See `manager.variable_actions.ChannelVariables`."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def get(self, channel: str, name: str) -> str | None:
        """The value, '' for what is not there; None where there is no such channel."""
        live = self._exchange.live.get(channel)
        if live is None:
            return None
        call = Call(live.channel, self._exchange.surroundings)
        if not name.endswith(")"):
            return cut(call.variable(name) or "", VALUE_BYTES)
        function, arguments = split_call(name)
        if function in NOT_READ:
            return ""
        return cut(call.function(function, arguments) or "", VALUE_BYTES)

    def set(self, channel: str, name: str, value: str) -> bool | None:
        """False where a function refused; None where there is no such channel."""
        live = self._exchange.live.get(channel)
        if live is None:
            return None
        if not name.endswith(")"):
            self._exchange.set_variable(live.channel, name, value)
            return True
        function, arguments = split_call(name)
        if function in NOT_WRITTEN:
            return False
        call = Call(live.channel, self._exchange.surroundings)
        return call.plan.functions.write(function, arguments, value, call)
