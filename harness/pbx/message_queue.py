"""MESSAGEs in the dialplan: one internal channel takes them one after the other (main/message.c)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.core.octets import fold
from harness.dialplan.call import CONTINUE, Call, Result
from harness.dialplan.channel import Channel, ChannelState
from harness.dialplan.executor import Execution, Phase
from harness.dialplan.splitting import arguments, padded
from harness.dialplan.variables import Variables

if TYPE_CHECKING:
    from harness.dialplan.text_message import TextMessage
    from harness.pbx.calls.exchange import Exchange

CHANNEL = "Message/ast_msg_queue"
TECHNOLOGY = "pjsip"
STATUS = "MESSAGE_SEND_STATUS"
MAX_WAITING = 1_000
"""Messages that wait for those before them; more are dropped."""

Send = Callable[["TextMessage", str, str], bool]
"""Takes a message, the destination without its technology, and the sender to name; whether it went out."""


class MessageExecution(Execution):
    """A message in the dialplan: its channel stays, so there is no hangup and `h` is not executed."""

    __slots__ = ()

    def announce(self) -> None:
        """Newexten; what is told of later is told of there."""
        super().announce()
        self.channel.published()

    def _finish_up(self) -> None:
        self._finish()

    def _finish(self) -> None:
        self.phase = Phase.DONE
        self._ended(self)


class MessageQueue:
    """The messages that the dialplan takes."""

    def __init__(self, exchange: Exchange, send: Send) -> None:
        self._exchange, self._send = exchange, send
        self._waiting: deque[tuple[str, str, TextMessage]] = deque()
        self._channel: Channel | None = None
        self._busy = False
        exchange.offer("MessageSend", self._message_send)

    def put(self, context: str, exten: str, message: TextMessage) -> bool:
        """Have it executed; False where there is no such extension."""
        exten = exten or "s"
        if not self._exchange.plan.exists(context, exten):
            return False
        if len(self._waiting) < MAX_WAITING:
            self._waiting.append((context, exten, message))
            self._exchange.soon(self._next)
        return True

    def _next(self) -> None:
        if self._busy or not self._waiting:
            return
        channel = self._channel = self._channel or self._made()
        channel.context, channel.exten, channel.message = self._waiting.popleft()
        channel.priority, channel.variables, channel.hung_up = 1, Variables(), False
        channel.frames.clear()
        self._busy = True
        MessageExecution(channel, self._exchange.surroundings, self._done).start()

    def _done(self, _execution: Execution) -> None:
        self._busy = False
        self._exchange.soon(self._next)

    def _made(self) -> Channel:
        exchange = self._exchange
        channel = Channel(CHANNEL, exchange.new_uniqueid(), state=ChannelState.UP)
        exchange.publish_channel("call", "Newchannel", channel)
        return channel

    def _message_send(self, call: Call, text: str) -> Result:
        """MessageSend(destination[,from[,to]])."""
        destination, sender, to = padded(arguments(text, 3), 3)
        call.set_variable(STATUS, self._outcome(call.channel.message, destination, sender, to))
        return CONTINUE

    def _outcome(self, message: TextMessage | None, destination: str, sender: str, to: str) -> str:
        if not destination:
            return "INVALID_URI"
        if message is None:
            return "FAILURE"
        technology, _, address = destination.partition(":")
        if fold(technology) != TECHNOLOGY:
            return "INVALID_PROTOCOL"
        message.to = to or message.to
        try:
            return "SUCCESS" if self._send(message, address, sender) else "FAILURE"
        except ValueError:  # what would not be one message: a line break in an address
            return "FAILURE"
