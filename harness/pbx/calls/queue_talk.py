"""A caller of a queue and the member who answered: from the answer to the end of their call (app_queue.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.dialplan.causes import dial_status
from harness.dialplan.channel import ChannelState
from harness.pbx.calls.bridge import Bridge
from harness.pbx.calls.direct_media import hears_digits
from harness.pbx.calls.live import NORMAL_CAUSE, LiveChannel

if TYPE_CHECKING:
    from harness.pbx.calls.queue import Member
    from harness.pbx.calls.queue_caller import QueueCaller


class Talk:
    """One call; it tells the caller when it is over."""

    def __init__(self, caller: QueueCaller, agent: LiveChannel, member: Member, ring_seconds: int) -> None:
        self.caller, self.agent, self.member, self._ring_seconds = caller, agent, member, ring_seconds
        self.exchange, self.desk, self.queue = caller.exchange, caller.desk, caller.queue
        self._in_level = member.in_level
        self._timer: Any = None
        self._bridge: Bridge | None = None
        self._connected_at = 0
        self._joined_at = 0.0

    # before they are connected

    def start(self) -> None:
        """The member may have to wait; meanwhile each of the two can hang up."""
        delay = self.queue.options.memberdelay
        if delay > 0:
            self.agent.attempt = self
            self._timer = self.exchange.later(delay, self._delayed)
        else:
            self._connect()

    def rang(self, live: LiveChannel) -> None:
        """See `live.Attempt`: it has answered already."""

    def progressed(self, live: LiveChannel) -> None:
        """See `live.Attempt`."""

    def answered(self, live: LiveChannel) -> None:
        """See `live.Attempt`."""

    def picked_up(self, target: LiveChannel, by: LiveChannel) -> None:
        """See `live.Attempt`: it rings no longer."""

    def failed(self, live: LiveChannel, word: str = "") -> None:
        """The member hung up on the caller."""
        self._stop_timer()
        self.desk.publish_agent("AgentDump", self.caller.live, live, self.queue, self.member)
        self._end_dial(live)
        live.hang_up()
        self.desk.members.not_pending(self.member)
        self.caller.dumped()

    def _end_dial(self, live: LiveChannel) -> None:
        row = ("DialStatus", dial_status(live.channel.hangup_cause))
        self.exchange.publish_dial("DialEnd", self.caller.live.channel, live.channel, row)

    def _delayed(self) -> None:
        self._timer = None
        self.agent.attempt = None
        self._connect()

    # connected

    def _connect(self) -> None:
        caller, queue = self.caller, self.queue
        self.desk.set_member_variables(queue, self.member, caller, self.agent)
        self.desk.set_queue_variables(queue, caller.live)
        self.desk.set_queue_variables(queue, self.agent)
        self.desk.leave(caller)
        wanted = caller.asked.gosub or queue.options.membergosub
        context, _, arguments = wanted.partition(",")
        if context:
            self.agent.run_subroutine(f"{context},s,1({arguments})", self._join)
        else:
            self._join()

    def _join(self) -> None:
        caller, queue, now = self.caller, self.queue, self.queue.now()
        if self.agent.gone or caller.live.gone:
            return
        caller.handled()
        caller.set_duration("QUEUEWAIT", (now - caller.start) * 1000)
        rows = [("HoldTime", now - caller.start), ("RingTime", self._ring_seconds)]
        self.desk.publish_agent("AgentConnect", caller.live, self.agent, queue, self.member, rows)
        self.member.starttime = self._connected_at = now
        self._joined_at = self.exchange.now()
        if caller.live.channel.state is not ChannelState.UP:
            self.exchange.answer(caller.live)
        self._bridge = Bridge(self.exchange, caller.live, self.agent, self._over, hears_digits(caller.asked.options))

    def _over(self, first: LiveChannel | None) -> None:
        """One of the two left, or was sent away; where the caller hung up, its dialplan breaks this off."""
        bridge, caller = self._bridge, self.caller.live
        if bridge is None or first is caller:
            return
        if first is None:
            self._complete("transfer")
        if caller not in bridge.members:
            return
        if first is not None:
            self._complete("agent")
        for live in {first, *bridge.dissolve()} - {caller, None}:
            if live is not None:
                live.hang_up(live.channel.hangup_cause or NORMAL_CAUSE)
        self._end()
        self.caller.talked()

    def break_off(self) -> None:
        """The caller hung up."""
        self._stop_timer()
        bridge, self._bridge = self._bridge, None
        if bridge is None:
            self.agent.attempt = None
            if not self.agent.gone and not self._connected_at:
                self._end_dial(self.agent)
                self.agent.hang_up()
                self.desk.members.not_pending(self.member)
            return
        self._complete("caller")
        with self.exchange.core.together():
            for live in bridge.dissolve():
                if live is not self.caller.live:
                    live.hang_up(live.channel.hangup_cause or NORMAL_CAUSE)
                    self.exchange.device_now(live)
        self._end()

    def _complete(self, reason: str) -> None:
        rows = [
            ("HoldTime", self._connected_at - self.caller.start),
            ("TalkTime", self.queue.now() - self._connected_at),
            ("Reason", reason),
        ]
        caller, queue = self.caller, self.queue
        self.desk.publish_agent("AgentComplete", caller.live, self.agent, queue, self.member, rows)
        self.desk.members.call_over(queue, self.member, self._in_level, self._connected_at)

    def _end(self) -> None:
        channel = self.caller.live.channel
        channel.hangup_cause = channel.hangup_cause or NORMAL_CAUSE
        self.desk.set_queue_variables(self.queue, self.caller.live)
        self.caller.set_duration("ANSWEREDTIME", int((self.exchange.now() - self._joined_at) * 1000))
        self.caller.set_duration("DIALEDTIME", self.caller.since_beginning)

    def _stop_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None
