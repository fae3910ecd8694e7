"""One attempt to have a queue's members answer a caller (apps/app_queue.c: try_calling, ring_one, wait_for_answer)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.core.states import DeviceState
from harness.dialplan.channel import Party
from harness.pbx.calls.live import LiveChannel

if TYPE_CHECKING:
    from harness.pbx.calls.queue import Member
    from harness.pbx.calls.queue_caller import QueueCaller

ANSWERED_ELSEWHERE = 26
WORTH_RINGING_S = 0.5
"""So many seconds must be left of a round for the next member to be called."""
AUTOPAUSE_OPTION = {"busy": "autopausebusy", "congestion": "autopauseunavail"}
TELLS_WHO_IT_IS = "PJSIP"
"""Channels of this technology say whom one has called as soon as they are called."""


@dataclass(slots=True, eq=False)
class Try:
    """One member in a round."""

    member: Member
    metric: int
    live: LiveChannel | None = None
    going: bool = True


class Round:
    """Calls members until one answers, all have failed, or the time is over."""

    def __init__(self, caller: QueueCaller) -> None:
        self.caller, self.desk, self.queue = caller, caller.desk, caller.queue
        self.exchange = caller.exchange
        self._tries: list[Try] = []
        self._timer: Any = None
        self._timeout: int | None = None
        self._began = self._rang_at = 0.0
        self._over = False
        self._ringing_up = False

    @property
    def _ringall(self) -> bool:
        return self.queue.options.strategy == "ringall"

    def start(self) -> None:
        """Call those whose turn it is."""
        caller, queue = self.caller, self.queue
        for place, member in enumerate(queue.members):
            metric = queue.metric(member, place, caller, self.desk.random)
            if metric is not None:
                self._tries.insert(0, Try(member, metric))
        self._timeout = self._allowed()
        caller.pending = True
        self._began = self.exchange.now()
        self._ring()
        self._rang_at = self.exchange.now()
        self._set_timer()
        self._look()

    def _allowed(self) -> int | None:
        """Seconds for this round; None without end."""
        options, caller, now = self.queue.options, self.caller, self.queue.now()
        if options.timeoutpriority == "app" and caller.expire:
            left = caller.expire - now
            if not options.timeout or left <= options.timeout:
                return left
        return options.timeout or None

    def _set_timer(self) -> None:
        self._stop_timer()
        if self._timeout is not None and not self._over:
            self._timer = self.exchange.later(self._left or 0.0, self._timed_out)

    @property
    def _left(self) -> float | None:
        """Seconds that are left; None without end."""
        return None if self._timeout is None else max(self._began + self._timeout - self.exchange.now(), 0.0)

    # ringing

    def _ring(self) -> bool:
        """The best that are left, until one can be called (ring_one)."""
        rung = False
        while not rung:
            waiting = [each for each in self._tries if each.going and each.live is None]
            if not waiting:
                break
            best = min(waiting, key=lambda each: each.metric)
            if self._ringall:
                for each in waiting:
                    rung = (each.metric <= best.metric and self._ring_one(each)) or rung
            else:
                rung = self._ring_one(best)
            if self.caller.expired:
                return False
        return rung

    def _ring_one(self, attempt: Try) -> bool:
        member, caller = attempt.member, self.caller
        if not self.desk.members.may_ring(caller, member):
            attempt.going = False
            return False
        technology, _, address = member.interface.partition("/")
        made = self.exchange.request(technology, address, caller.live.channel)
        if isinstance(made, int):
            self.queue.rr_position += 1
            caller.position_in_line += 1
            self.desk.members.not_pending(member)
            attempt.going = False
            return False
        attempt.live = made
        before = self._furnish(made, address or member.interface)
        made.attempt = self
        self._ringing_up = True
        called = made.call_out()
        self._ringing_up = False
        if not called:
            made.attempt = None
            self._hang(attempt)
            return False
        self._place(made)
        self.desk.publish_agent("AgentCalled", caller.live, made, self.queue, member)
        self._publish_begin(before, member.interface)
        if made.technology == TELLS_WHO_IT_IS and not self._ringall:
            caller.live.connected_to(made.channel.caller)
        return True

    def _furnish(self, live: LiveChannel, address: str) -> list[tuple[str, str]]:
        """Who calls and whom; gives the channel as DialBegin tells of it, without what is told only later."""
        exchange, caller, channel = self.exchange, self.caller.live.channel, live.channel
        if self.caller.answered_elsewhere:
            channel.hangup_cause = ANSWERED_ELSEWHERE
        channel.application, channel.application_data = "AppQueue", "(Outgoing Line)"
        if not channel.caller.number:
            exchange.publish_newexten(channel)
            known = caller.connected
            channel.caller = Party(known.number, known.name) if known.number else Party(caller.dialed or caller.exten)
            exchange.publish_caller(channel)
        exchange.set_variable(channel, "DIALEDPEERNUMBER", address)
        before = channel.snapshot()
        channel.connected = Party(caller.caller.number, caller.caller.name)
        return before

    def _place(self, live: LiveChannel) -> None:
        """The extension that was called, and who calls, are told once it has been called."""
        live.channel.exten = self.caller.live.channel.exten
        self.exchange.publish_newexten(live.channel)
        if live.channel.connected.number or live.channel.connected.name:
            self.exchange.publish_channel("call", "NewConnectedLine", live.channel)

    def _publish_begin(self, before: list[tuple[str, str]], interface: str) -> None:
        fields: list[tuple[str, object]] = list(self.caller.live.channel.snapshot())
        fields += [("Dest" + name, value) for name, value in before]
        self.exchange.publish("call", "DialBegin", [*fields, ("DialString", interface)])

    # what the members do

    def rang(self, live: LiveChannel) -> None:
        """See `live.Attempt`."""
        self._publish("DialState", live, "RINGING")
        if "R" in self.caller.asked.options and "r" not in self.caller.asked.options:
            self.caller.live.tell("ringing")

    def progressed(self, live: LiveChannel) -> None:
        """See `live.Attempt`: nobody hears it."""

    def failed(self, live: LiveChannel, word: str = "") -> None:
        """See `live.Attempt`."""
        attempt = self._of(live)
        if attempt is None or self._over:
            return
        self._publish("DialEnd", live, word.upper() or "NOANSWER")
        seconds = int(self.exchange.now() - self._rang_at)
        option = AUTOPAUSE_OPTION.get(word)
        self._not_answered(attempt, seconds * 1000, option is None or bool(getattr(self.queue.options, option)))
        self._hang(attempt)
        if self._ringing_up:
            return
        if not self._ringall:
            if self.queue.options.timeoutrestart:
                self._began = self.exchange.now()
                self._set_timer()
            if self._left is None or self._left > WORTH_RINGING_S:
                self._ring()
                self._rang_at = self.exchange.now()
        self._look()

    def _look(self) -> None:
        """Whether somebody still rings; where all do at once, those of the next penalty are called only now."""
        if self._over or any(each.live is not None for each in self._tries):
            return
        if self._ringall and self._tries and self._ring() and any(each.live is not None for each in self._tries):
            return
        self._end()
        self.caller.nobody_answered()

    def _timed_out(self) -> None:
        self._timer = None
        ringing = [each for each in self._tries if each.live is not None]
        for each in ringing:
            self._not_answered(each, (self._timeout or 0) * 1000, True)
        for each in ringing:
            if each.live is not None:
                self._publish("DialEnd", each.live, "NOANSWER")
        self._end()
        self.caller.nobody_answered()

    def _not_answered(self, attempt: Try, milliseconds: int, pauses: bool) -> None:
        """rna: told, and the member is paused where the queue does so."""
        assert attempt.live is not None
        row = ("RingTime", milliseconds)
        self.desk.publish_agent("AgentRingNoAnswer", self.caller.live, attempt.live, self.queue, attempt.member, [row])
        if pauses:
            self.desk.members.autopause(self.queue, attempt.member)

    def answered(self, live: LiveChannel) -> None:
        """See `live.Attempt`."""
        attempt = self._of(live)
        if attempt is None or self._over:
            live.hang_up(ANSWERED_ELSEWHERE)
            return
        self._publish("DialEnd", live, "ANSWER")
        for other in self._tries:
            if other.live is not None and other is not attempt:
                self._publish("DialEnd", other.live, "CANCEL")
        self._answered_by(attempt, live)

    def picked_up(self, target: LiveChannel, by: LiveChannel) -> None:
        """See `live.Attempt`; that it was dialled and answered is not told."""
        attempt = self._of(target)
        if attempt is not None:
            self._answered_by(attempt, by)

    def _answered_by(self, attempt: Try, live: LiveChannel) -> None:
        caller, queue, now = self.caller, self.queue, self.queue.now()
        caller.live.connected_to(live.channel.caller)
        self._over = True
        self._stop_timer()
        self._store_next()
        queue.held(now - caller.start)
        attempt.member.in_level = now - caller.start <= queue.options.servicelevel
        attempt.live = None
        self._let_go(ANSWERED_ELSEWHERE)
        caller.answered(live, attempt.member, int(self.exchange.now() - self._began))

    def _of(self, live: LiveChannel) -> Try | None:
        return next((each for each in self._tries if each.live is live), None)

    # the end

    def break_off(self) -> None:
        """The caller hung up."""
        for each in self._tries:
            if each.live is not None:
                self._publish("DialEnd", each.live, "CANCEL")
        self._end()

    def _end(self) -> None:
        self._over = True
        self._stop_timer()
        self.caller.pending = False
        self._store_next()
        self._let_go(ANSWERED_ELSEWHERE if self.caller.answered_elsewhere else None)

    def _let_go(self, cause: int | None) -> None:
        """Those that still ring (hangupcalls)."""
        for each in self._tries:
            live, each.live = each.live, None
            if live is None:
                continue
            self._publish("DialEnd", live, "CANCEL")
            if each.member.status is DeviceState.NOT_INUSE:
                self.desk.members.not_pending(each.member)
            live.attempt = None
            live.hang_up(cause)

    def _hang(self, attempt: Try) -> None:
        live, attempt.live, attempt.going = attempt.live, None, False
        if live is not None:
            live.hang_up()
        self.desk.members.not_pending(attempt.member)

    def _store_next(self) -> None:
        """Whose turn is next (store_next_rr, store_next_lin)."""
        left = [each for each in self._tries if each.going and each.live is None]
        best = min(left, key=lambda each: each.metric) if left else None
        queue, caller = self.queue, self.caller
        if queue.options.strategy in ("rrmemory", "rrordered"):
            queue.rr_position = best.metric % 1000 if best else 0 if queue.wrapped else queue.rr_position + 1
            queue.wrapped = False
        elif queue.options.strategy == "linear":
            after = 0 if caller.wrapped else caller.position_in_line + 1
            caller.position_in_line = best.metric % 1000 if best else after
            caller.wrapped = False

    def _stop_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None

    def _publish(self, event: str, live: LiveChannel, status: str) -> None:
        self.exchange.publish_dial(event, self.caller.live.channel, live.channel, ("DialStatus", status))
