"""A caller in a queue: waits for the turn, has members called, talks to one, leaves (apps/app_queue.c, queue_exec).

    joins -> waits for the turn -> has members called -> talks -> leaves
             ^                     |  nobody answered
             '--- waits `retry` ---'
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from harness.dialplan.call import CONTINUE, HANG_UP
from harness.dialplan.splitting import integer
from harness.dialplan.telephony import QueueCall
from harness.pbx.calls.queue import Penalties
from harness.pbx.calls.queue_round import Round
from harness.pbx.calls.queue_talk import Talk

if TYPE_CHECKING:
    from harness.pbx.calls.exchange import Exchange
    from harness.pbx.calls.live import LiveChannel
    from harness.pbx.calls.queue import Member, Queue
    from harness.pbx.calls.queues import QueueDesk

LOOK_AGAIN_S = 1.0
Done = Callable[[str, int], None]
"""Takes a QUEUESTATUS, empty for none, and what the application gives back."""


class QueueCaller:
    """One caller; `start` and `expire` in whole seconds since 1970, `expire` 0 for never."""

    def __init__(self, desk: QueueDesk, live: LiveChannel, queue: Queue, asked: QueueCall, done: Done) -> None:
        self.desk, self.live, self.queue, self.asked, self._done = desk, live, queue, asked, done
        self.start = queue.now()
        self.expire = 0 if asked.timeout is None else self.start + asked.timeout
        self.priority = self._number("QUEUE_PRIO") or 0
        raised = live.channel.variables.get("QUEUE_RAISE_PENALTY") or ""
        self.penalties = Penalties(
            self._number("QUEUE_MAX_PENALTY"),
            self._number("QUEUE_MIN_PENALTY"),
            integer(raised.removeprefix("r")),
            raised.startswith("r"),
        )
        self.position = self.original = 0
        self.pending = False
        """Whether members are being called for this one."""
        self.position_in_line, self.wrapped = 0, False
        self.tries = 0
        self.answered_elsewhere = "C" in asked.options
        self._withdrawn: str | None = None
        self._timer: Any = None
        self._round: Round | None = None
        self.talk: Talk | None = None
        self._handled = False

    def _number(self, variable: str) -> int | None:
        return integer(self.live.channel.variables.get(variable) or "")

    @property
    def exchange(self) -> Exchange:
        """Where all channels are."""
        return self.desk.exchange

    @property
    def expired(self) -> bool:
        """Whether its time in the queue is over."""
        return bool(self.expire) and self.queue.now() >= self.expire

    # waiting

    def begin(self) -> None:
        """It has joined."""
        self._entertain()
        self._wait_for_turn()

    def _entertain(self) -> None:
        if "r" in self.asked.options:
            self.live.tell("ringing")

    def _wait_for_turn(self) -> None:
        """wait_our_turn; those who are not the first look again every second."""
        if self._withdrawn is not None or self.expired or self.desk.is_turn(self):
            self._call_members()
        elif self._deserted():
            self._abandon()
            self._finish("LEAVEEMPTY", CONTINUE)
        else:
            self._later(LOOK_AGAIN_S, self._wait_for_turn)

    def _deserted(self) -> bool:
        conditions = self.queue.options.leavewhenempty
        return bool(conditions) and self.queue.deserted(conditions, self, self.desk.members.state_of)

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self._timer = self.exchange.later(seconds, call)

    def withdraw(self, info: str) -> bool:
        """Leave at the next look (QueueWithdrawCaller); False where that was asked for before."""
        if self._withdrawn is not None:
            return False
        self._withdrawn = info
        return True

    # calling

    def _call_members(self) -> None:
        self._timer = None
        if self._withdrawn is not None:
            self._leave_withdrawn(self._withdrawn)
        elif self.expired:
            self._abandon()
            self._finish("TIMEOUT", CONTINUE)
        else:
            if "n" in self.asked.options:
                one_by_one = self.queue.options.strategy in ("rrmemory", "linear", "rrordered")
                self.tries = self.tries + 1 if one_by_one else len(self.queue.members)
            self._round = Round(self)
            self._round.start()

    def _leave_withdrawn(self, info: str) -> None:
        self._note_times()
        self._abandon()
        if info:
            self.set_variable("QUEUE_WITHDRAW_INFO", info)
        self._leave("WITHDRAW", CONTINUE)

    def nobody_answered(self) -> None:
        """A round is over."""
        self._round = None
        tried = "n" in self.asked.options and self.tries >= len(self.queue.members)
        if self._deserted():
            self._abandon()
            self._finish("LEAVEEMPTY", CONTINUE)
        elif tried or self.expired:
            self._abandon()
            self._finish("TIMEOUT", CONTINUE)
        else:
            self._later(self.queue.options.retry, self._again)

    def _again(self) -> None:
        self._timer = None
        if self.desk.is_turn(self):
            self._call_members()
        else:
            self._entertain()
            self._wait_for_turn()

    # talking

    def answered(self, agent: LiveChannel, member: Member, ring_seconds: int) -> None:
        """A member answered."""
        self._round = None
        self.talk = Talk(self, agent, member, ring_seconds)
        self.talk.start()

    def handled(self) -> None:
        """It has been connected, and counts for the queue no longer."""
        self._handled = True

    def dumped(self) -> None:
        """The member hung up before the two were connected: the next one may try."""
        self.talk = None
        self.pending = False
        self.nobody_answered()

    def talked(self) -> None:
        """The member hung up; the caller's call ends too, unless the option `c` lets it go on."""
        goes_on = "c" in self.asked.options
        self._finish("CONTINUE" if goes_on else "", CONTINUE if goes_on else HANG_UP)

    # leaving

    def break_off(self) -> None:
        """The caller hung up."""
        self._stop()
        round_, self._round = self._round, None
        if round_ is not None:
            round_.break_off()
        if self.talk is not None:
            self.talk.break_off()
        self._note_times()
        if not self._handled:
            self._abandon()
        elif "c" in self.asked.options:
            self.set_variable("QUEUESTATUS", "CONTINUE")
        self.desk.leave(self)

    def _finish(self, status: str, result: int) -> None:
        self._note_times()
        self._leave(status, result)

    def _leave(self, status: str, result: int) -> None:
        self._stop()
        self.desk.set_queue_variables(self.queue, self.live)
        self.desk.leave(self)
        self._done(status, result)

    def _stop(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None

    def _abandon(self) -> None:
        """Without having been answered (record_abandoned)."""
        self._handled = True
        queue, waited = self.queue, self.queue.now() - self.start
        self.set_variable("ABANDONED", "TRUE")
        self.desk.set_queue_variables(queue, self.live)
        queue.gave_up(waited)
        rows = [
            *(("Queue", queue.name), ("Position", self.position)),
            *(("OriginalPosition", self.original), ("HoldTime", waited)),
        ]
        self.exchange.publish_channel("agent", "QueueCallerAbandon", self.live.channel, rows)

    # what the dialplan can read afterwards

    def set_variable(self, name: str, value: str) -> None:
        """Set a variable of the caller."""
        self.exchange.set_variable(self.live.channel, name, value)

    def set_duration(self, name: str, milliseconds: int) -> None:
        """Seconds, and milliseconds with `_MS`."""
        self.set_variable(name, str(milliseconds // 1000))
        self.set_variable(f"{name}_MS", str(milliseconds))

    @property
    def since_beginning(self) -> int:
        """Milliseconds since the caller's channel began."""
        return int((self.exchange.now() - self.live.began_at) * 1000)

    def _note_times(self) -> None:
        variables = self.live.channel.variables
        if not variables.get("QUEUEWAIT"):
            self.set_duration("QUEUEWAIT", (self.queue.now() - self.start) * 1000)
        if not variables.get("DIALEDTIME"):
            self.set_duration("DIALEDTIME", self.since_beginning)
        if not variables.get("ANSWEREDTIME"):
            self.set_duration("ANSWEREDTIME", 0)
