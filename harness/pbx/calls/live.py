"""A channel that is alive: what every technology has in common, and who is told of what its far end does.

Somebody has each channel: the dialplan that it executes, the attempt that called it, or the bridge it talks in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from harness.core.octets import fold
from harness.dialplan.call import CONTINUE, Call, Surroundings
from harness.dialplan.channel import Channel, ChannelState, Party
from harness.dialplan.executor import Execution, Phase
from harness.dialplan.telephony import nothing

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.pbx.calls.bridge import Bridge
    from harness.pbx.calls.exchange import Exchange

NORMAL_CAUSE = 16


class Attempt(Protocol):
    """Who called a channel; each is told once the far end did something."""

    def rang(self, live: LiveChannel) -> None:
        """It rings."""

    def progressed(self, live: LiveChannel) -> None:
        """There is something to be heard before the answer."""

    def answered(self, live: LiveChannel) -> None:
        """It was answered; its state is up."""

    def picked_up(self, target: LiveChannel, by: LiveChannel) -> None:
        """Another channel, which is up, has taken the place of one that rings."""

    def failed(self, live: LiveChannel, word: str = "") -> None:
        """It is gone; the cause is the channel's. `word`: it says `busy` or `congestion`. The attempt ends it."""


class LiveChannel:
    """One channel of one technology."""

    technology = ""
    dial_string = ""
    """What was dialled, without the technology."""
    forward_to: str | None = None
    """The extension that the far end sends the call to instead; '' where it does not say so."""
    codec = "slin"
    """What it speaks, by Asterisk's name."""
    tech_cause = 0
    """The technology's own reason for its end, 0 for none."""

    def __init__(self, exchange: Exchange, channel: Channel) -> None:
        self.exchange, self.channel = exchange, channel
        self.execution: Execution | OneApplication | None = None
        self.attempt: Attempt | None = None
        self.bridge: Bridge | None = None
        self.held = False
        """Whether the far end of its bridge holds it: its own device shows that."""
        self.gone = False
        self.refer_progress: Callable[[int], None] | None = None
        """Told what becomes of a call that was handed on: a SIP status."""
        self.began_at = exchange.now()
        self.up_at = 0.0
        """When it was answered."""

    @property
    def name(self) -> str:
        """`PJSIP/2000-00000001`."""
        return self.channel.name

    @property
    def formats(self) -> str:
        """What it could speak, by Asterisk's names."""
        return self.codec

    @property
    def executes(self) -> bool:
        """Whether it executes the dialplan, or stands in it."""
        return isinstance(self.execution, Execution)

    @property
    def device(self) -> str:
        """The device that the channel is of."""
        return self.channel.name.rpartition("-")[0]

    @property
    def call_id(self) -> str:
        """What the technology calls the call; '' where it has no name for it."""
        return ""

    # what the technology does

    def call_out(self) -> bool:
        """Call the far end; what comes of it is told to the attempt, later. False where that cannot be begun."""
        return True

    def tell(self, what: str) -> None:
        """Tell it: `ringing`, `progress`, `proceeding`, `forwarded`, `busy`, `congestion`, `hold`, `unhold`"""

    def send_text(self, text: str) -> None:
        """Send the far end a text; nothing where it takes none."""

    def pick_up(self) -> None:
        """Tell the far end that it is answered."""

    def let_go(self, cause: int) -> None:
        """End the call with the far end."""

    # what the far end did

    def far_rang(self) -> None:
        """It rings."""
        if self.channel.state is not ChannelState.UP:
            self.become(ChannelState.RINGING)
        if self.attempt is not None:
            self.attempt.rang(self)

    def far_progressed(self) -> None:
        """It may be heard."""
        if self.attempt is not None:
            self.attempt.progressed(self)

    def far_answered(self) -> None:
        """It answered."""
        self.become(ChannelState.UP)
        attempt, self.attempt = self.attempt, None
        if attempt is not None:
            attempt.answered(self)

    def far_held(self, held: bool) -> None:
        """It holds its call, or goes on with it."""
        if self.bridge is not None:
            self.bridge.held(self, held)
        else:
            self.exchange.publish_hold(self, held)

    def far_refused(self, word: str) -> None:
        """It says that it is `busy` or has `congestion`: so far nothing is ended."""
        attempt, self.attempt = self.attempt, None
        if attempt is not None:
            attempt.failed(self, word)

    def far_hung_up(self, cause: int = 0) -> None:
        """It is gone: whoever has the channel is told, and ends it."""
        if self.gone:
            return
        channel = self.channel
        if cause and not channel.hangup_cause:
            channel.hangup_cause = cause
        attempt, self.attempt = self.attempt, None
        if attempt is not None:
            attempt.failed(self)
        elif self.execution is not None:
            self.execution.hang_up()
        elif self.bridge is not None:
            self.bridge.left(self)
        else:
            self.hang_up()

    # what the exchange does with it

    def become(self, state: ChannelState) -> None:
        """Change the channel's state and tell so."""
        if self.channel.state is not state:
            self.channel.state = state
            self.exchange.state_changed(self)

    def connected_to(self, who: Party) -> None:
        """Whom its far end talks to, or is about to."""
        if (who.number or who.name) and self.channel.connected != who:
            self.channel.connected = Party(who.number, who.name)
            self.exchange.publish_channel("call", "NewConnectedLine", self.channel)

    def run(self, context: str, exten: str, priority: int, announced: bool = False) -> None:
        """Execute the dialplan from there on; `announced`: it is known to be there."""
        channel = self.channel
        channel.context, channel.exten, channel.priority = context, exten, priority
        self.exchange.calls_processed += 1
        self.execution = Execution(channel, self.exchange.surroundings, lambda _execution: self.hang_up())
        self.execution.start(announced)

    def redirect(self, context: str, exten: str, priority: int) -> None:
        """Go on elsewhere in the dialplan; what the execution had under way is broken off."""
        if isinstance(self.execution, Execution):
            told = self.bridge is not None or fold(self.channel.application) == "queue"
            self.execution.redirect(context, exten, priority, told)
        else:
            self.detach()
            self.run_soon(context, exten, priority)

    def progressed_to(self, status: int) -> None:
        """Tell who handed this call on; nothing where nobody did, or was told the end."""
        progress = self.refer_progress
        if progress is not None:
            if status >= 200:
                self.refer_progress = None
            progress(status)

    def run_soon(self, context: str, exten: str, priority: int, announced: bool = False) -> None:
        """The same, a moment later, where the channel is still there then."""

        def run() -> None:
            if not self.gone:
                self.run(context, exten, priority, announced)

        self.exchange.soon(run)

    def run_application(self, name: str, data: str) -> None:
        """Run one application, then end."""
        self.execution = OneApplication(self.channel, self.exchange.surroundings, name, data, self.hang_up)
        self.exchange.soon(self.execution.start)

    def run_subroutine(self, routine: str, returned: Callable[[], None]) -> None:
        """Run a Gosub routine on this channel, which nobody executes; `returned` is told where it comes back."""

        def after(_execution: Execution) -> None:
            self.execution = None
            if self.channel.hung_up:
                self.far_hung_up()
            else:
                returned()

        self.execution = Subroutine(self.channel, self.exchange.surroundings, routine, after)
        self.execution.start()

    def run_afterwards(self) -> None:
        """Execute the `h` extension, where its context has one, then end."""
        channel = self.channel
        execution = Execution(channel, self.exchange.surroundings, lambda _execution: self.hang_up())
        if execution.find("h", 1) is None:
            self.hang_up()
            return
        channel.exten, channel.priority = "h", 1
        execution.phase = Phase.AFTERWARDS
        self.execution = execution
        execution.start()

    def detach(self) -> None:
        """Take the channel away from the dialplan that it executes; that ends without a word."""
        execution, self.execution = self.execution, None
        if execution is not None:
            execution.abandon()

    def hang_up(self, cause: int | None = None) -> None:
        """End the channel: the far end, and the channel itself."""
        if self.gone:
            return
        self.gone = True
        channel = self.channel
        if cause is not None:
            channel.hangup_cause = cause
        channel.hung_up = True
        self.detach()
        bridge, self.bridge = self.bridge, None
        if bridge is not None:
            bridge.left(self)
        self.progressed_to(503)
        self.let_go(channel.hangup_cause)
        self.exchange.ended(self)


class Subroutine(Execution):
    """A channel that runs one Gosub routine and then is as it was (ast_app_exec_sub)."""

    __slots__ = ("_depth", "_place", "_wanted")

    def __init__(
        self, channel: Channel, surroundings: Surroundings, wanted: str, ended: Callable[[Execution], None]
    ) -> None:
        super().__init__(channel, surroundings, ended)
        self._wanted, self._depth = wanted, len(channel.frames)
        self._place = (channel.context, channel.exten, channel.priority, channel.application, channel.application_data)

    def start(self, announced: bool = False) -> None:
        """Go there; where there is no such routine it is over at once."""
        gosub = self.surroundings.applications["gosub"]
        if gosub(self, self._wanted) != CONTINUE:
            self._finish()
            return
        self.channel.priority += 1
        self._turn()

    def _after(self, result: int) -> None:
        if len(self.channel.frames) <= self._depth and not self.channel.hung_up:
            self._finish()
        else:
            super()._after(result)

    def _finish(self) -> None:
        channel = self.channel
        del channel.frames[self._depth :]
        channel.context, channel.exten, channel.priority, channel.application, channel.application_data = self._place
        self.phase = Phase.DONE
        self._ended(self)


class OneApplication(Call):
    """A channel that runs one application and ends; unlike a line of the dialplan it is not announced."""

    __slots__ = ("_application", "_data", "_ended")

    def __init__(
        self, channel: Channel, surroundings: Surroundings, application: str, data: str, ended: Callable[[], None]
    ) -> None:
        super().__init__(channel, surroundings)
        self._application, self._data, self._ended = application, data, ended
        self._announced = (channel.context, channel.exten, channel.priority)

    def start(self) -> None:
        """Run it, unless the other side is gone already."""
        if self.channel.hung_up:
            self._ended()
            return
        if fold(self._application) not in self.surroundings.applications:
            self.tell(f"No such application '{self._application}'")
            self._ended()
            return
        self._executing = True
        try:
            result = self.run(self._application, self._data)
        except Exception:  # as `Execution` does: heard of, and the channel ends
            self._ticket, self._break_off = None, nothing
            self._ended()
            raise
        finally:
            self._executing = False
        if result is not None or self._ticket is None:
            self._ended()

    def _resumed(self, result: int) -> None:
        self._ended()

    def abandon(self) -> None:
        """Let go of the channel without a word."""
        self._ticket, self._break_off, self._ended = None, nothing, nothing

    def hang_up(self, cause: int | None = None) -> None:
        """The other side hung up: what is under way is broken off."""
        self.channel.hung_up = True
        if cause:
            self.channel.hangup_cause = cause
        if self._ticket is not None:
            self._ticket, break_off, self._break_off = None, self._break_off, nothing
            break_off()
            if not self._executing:
                self._ended()
