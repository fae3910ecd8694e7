"""One call on its way through the dialplan (main/pbx.c:4342-4648).

A plain state machine that is driven by what is handed in and never waits: an application that takes time says so and is
resumed later.

    phase       next line found           none found                        application hangs up
    RUNNING     execute it                priority 1 exists: fall through    AFTERWARDS
                                          else `i`, `e` or AFTERWARDS
    WAITING     -                         `t`, `e` or AFTERWARDS after 10 s  -
    AFTERWARDS  execute it (`h` only)     DONE                               DONE
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from harness.core.octets import cut, fold
from harness.dialplan.call import (
    BUSY_CAUSE,
    CONGESTION_CAUSE,
    CONTINUE,
    HANG_UP,
    Call,
    Surroundings,
    cancel,
)
from harness.dialplan.causes import NORMAL_CLEARING, cause_text
from harness.dialplan.channel import Channel
from harness.dialplan.contexts import Priority
from harness.dialplan.substitute import MAX_TEXT_BYTES, needs_substitution, substitute
from harness.dialplan.telephony import nothing

PRIORITIES_PER_TURN = 500
MAX_PRIORITIES_WITHOUT_PAUSE = 100_000
"""A call that runs so many without waiting for anything goes in circles and is hung up."""
DIGIT_WAIT = 10.0
"""Seconds that a call without autofallthrough waits for digits."""
TONE_SECONDS = 10.0
"""Seconds of busy or congestion tone after the last priority."""


class Phase(Enum):
    """Where a call is."""

    RUNNING = "running"
    WAITING = "waiting for digits"
    AFTERWARDS = "hangup extension"
    DONE = "done"


class Execution(Call):
    """A channel that executes the dialplan from its context, extension and priority on; `ended` is told at the end."""

    __slots__ = ("_ended", "_ran", "phase")

    def __init__(
        self,
        channel: Channel,
        surroundings: Surroundings,
        ended: Callable[[Execution], None] = lambda _: None,
    ) -> None:
        super().__init__(channel, surroundings)
        self._ended = ended
        self.phase = Phase.RUNNING
        self._ran = 0

    # from outside

    def start(self, announced: bool = False) -> None:
        """Execute from where the channel stands; an empty extension stands for `s`, priority 1."""
        channel = self.channel
        if not channel.exten:
            channel.exten, channel.priority = "s", 1
        if announced:
            self._announced = (channel.context, channel.exten, channel.priority)
        self._turn()

    def hang_up(self, cause: int | None = None) -> None:
        """The other side hung up: what is under way is broken off, then `h` runs."""
        self.channel.hung_up = True
        if cause is not None:
            self.channel.hangup_cause = cause
        if self._ticket is None or self.phase in (Phase.AFTERWARDS, Phase.DONE):
            return
        self._ticket = None
        self._called_off()
        if self._executing:
            self._early = HANG_UP
            return
        self._after(HANG_UP)
        self._turn()

    def move(self, channel: Channel, ended: Callable[[Execution], None]) -> None:
        """Go on as what another channel executes."""
        self.channel, self._ended = channel, ended

    def abandon(self) -> None:
        """Let go of the channel without a word: what is under way is forgotten, nobody is told of the end."""
        self._ticket, self._break_off = None, nothing
        self.phase = Phase.DONE
        self._ended = lambda _: None

    def redirect(self, context: str, exten: str, priority: int, told: bool) -> None:
        """Somebody from outside sends the call elsewhere: what is under way is broken off, the call goes on there.

        `told`: the channel leaves a bridge, and is told of at the new place with the application that it leaves.
        """
        if self.phase in (Phase.AFTERWARDS, Phase.DONE):
            return
        channel = self.channel
        channel.context, channel.exten, channel.priority = context, exten, priority
        self.phase = Phase.RUNNING
        if self._ticket is None:
            channel.priority -= 1  # the loop counts one up after what runs now
            return
        if told:
            self.announce()
        self._ticket = None
        self._called_off()
        self.application_done()
        self._turn()

    def _called_off(self) -> None:
        break_off, self._break_off = self._break_off, nothing
        break_off()

    def _resumed(self, result: int) -> None:
        self._ran = 0
        self._after(result)
        self._turn()

    # the loop

    def _turn(self) -> None:
        """Execute until the call waits or ends, or has had its turn; then others have theirs."""
        for _ in range(PRIORITIES_PER_TURN):
            if self._ticket is not None or self.phase is Phase.DONE:
                return
            self._step()
        self._ran += PRIORITIES_PER_TURN
        if self._ran >= MAX_PRIORITIES_WITHOUT_PAUSE:
            self.tell(f"{self._ran} priorities without a pause: the dialplan goes in circles, the call is hung up")
            self._ran = 0
            self._after(HANG_UP)
        if self._ticket is None and self.phase is not Phase.DONE:
            self._pause(0.0, self._turn)

    def _pause(self, seconds: float, then: Callable[[], None]) -> None:
        """Go on with `then` after some seconds, unless the caller hangs up."""
        ticket = self._ticket = object()

        def go_on() -> None:
            if self._ticket is ticket:
                self._ticket, self._break_off = None, nothing
                then()

        timer = self.surroundings.call_later(seconds, go_on)
        self._break_off = lambda: cancel(timer)

    def _step(self) -> None:
        channel = self.channel
        if self.phase is Phase.RUNNING and channel.hung_up:
            self._finish_up()
            return
        line = self.find(channel.exten, channel.priority)
        if line is not None:
            self._execute(line)
        elif self.phase is Phase.RUNNING:
            self._ran_off()
        else:
            self._finish()

    def _execute(self, line: Priority) -> None:
        if fold(line.app) not in self.surroundings.applications:
            self.tell(f"No application '{line.app}' ({line.where})")
            self._after(HANG_UP)
            return
        self._executing = True
        try:
            arguments = substitute(line.args, self) if needs_substitution(line.args) else cut(line.args, MAX_TEXT_BYTES)
            result = self.run(line.app, arguments)
        except Exception:  # a fault of ours, which is heard of; the call must not stay for ever
            self._executing, self._ticket, self._break_off = False, None, nothing
            self._after(HANG_UP)
            if self.phase is not Phase.DONE:
                self._pause(0.0, self._turn)
            raise
        self._executing = False
        if result is None:
            if self._ticket is not None:
                return
            result = self._early
        self._after(result)

    def _after(self, result: int) -> None:
        """An application is done: the next line, or the end."""
        self.application_done()
        if result == CONTINUE and (self.phase is Phase.AFTERWARDS or not self.channel.hung_up):
            self.channel.priority += 1
        elif self.phase is Phase.AFTERWARDS:
            self._finish()
        else:
            self._finish_up()

    def _ran_off(self) -> None:
        """No such line: an extension that exists is over, one that does not is invalid."""
        if self.find(self.channel.exten, 1) is None:
            exten = self.channel.exten
            if not self.go_to_special("i", "INVALID"):
                self.tell(f"invalid extension '{exten}' and no i extension")
                self._finish_up()
            elif self.channel.exten == "i":
                self.set_variable("INVALID_EXTEN", exten)
        elif self.plan.autofallthrough:
            self._fall_through()
        else:
            self.phase = Phase.WAITING
            self._pause(DIGIT_WAIT, self._no_digits)

    def _no_digits(self) -> None:
        self.phase = Phase.RUNNING
        if not self.go_to_special("t", "RESPONSETIMEOUT"):
            self.tell("timeout, but no t or e extension")
            self._finish_up()
        self._turn()

    def _fall_through(self) -> None:
        """The last line has run: a tone that says how dialling went, then the end."""
        status = fold(self.channel.variables.get("DIALSTATUS") or "")
        if status in ("congestion", "chanunavail"):
            result = self.tone("congestion", CONGESTION_CAUSE, TONE_SECONDS)
        elif status == "busy":
            result = self.tone("busy", BUSY_CAUSE, TONE_SECONDS)
        else:
            result = HANG_UP
        if result is not None:
            self._after(result)

    def _finish_up(self) -> None:
        """The call is over: the `h` extension, where there is one."""
        self.emit("SoftHangupRequest", [("Cause", str(NORMAL_CLEARING))])
        self.channel.hung_up = True
        if self.find("h", 1) is None:
            self._finish()
            return
        self.phase = Phase.AFTERWARDS
        self.channel.exten, self.channel.priority = "h", 1

    def _finish(self) -> None:
        self.phase = Phase.DONE
        if self.channel.application:
            self.announce()  # what has an application of its own, as a called channel, is told of where it ends
        cause = self.channel.hangup_cause
        self.emit("Hangup", [("Cause", str(cause)), ("Cause-txt", cause_text(cause))])
        self._ended(self)
