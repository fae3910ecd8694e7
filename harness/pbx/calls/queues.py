"""All queues of a server: who joins, whose turn it is, who leaves (apps/app_queue.c)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.config.queues import QueuesConfig
from harness.core.octets import fold
from harness.core.states import DeviceState
from harness.dialplan.call import CONTINUE
from harness.dialplan.telephony import Cancel, QueueCall, nothing
from harness.pbx.calls.queue import IN_ORDER, Member, Queue
from harness.pbx.calls.queue_caller import Done, QueueCaller
from harness.pbx.calls.queue_members import Outcome, QueueMembers

if TYPE_CHECKING:
    from harness.config.queues import QueueOptions
    from harness.pbx.calls.exchange import Exchange, Fields
    from harness.pbx.calls.live import LiveChannel

MAX_CALLERS = 1_000
"""Callers that wait in one queue."""

Read = Callable[[], "QueuesConfig | None"]
"""Reads the configuration again; None where that cannot be done."""


class QueueDesk:
    """The queues; see `exchange.Queues`."""

    def __init__(self, exchange: Exchange, random: Callable[[int], int]) -> None:
        """`random(n)` is a number below n."""
        self.exchange, self.random = exchange, random
        self.config = QueuesConfig()
        self.queues: dict[str, Queue] = {}
        """By name in lower case."""
        self.members = QueueMembers(self)
        self.read: Read = lambda: self.config
        self._read_last = self.config
        exchange.queues = self

    def now(self) -> int:
        """Whole seconds since 1970."""
        return int(self.exchange.epoch())

    def find(self, name: str) -> Queue | None:
        """The queue of that name, compared without case."""
        return self.queues.get(fold(name))

    # configuration

    def load(self, config: QueuesConfig) -> None:
        """Take the queues of a configuration in force."""
        self._load(config, "", True, True)

    def reload(self, only: str = "", *, parameters: bool = True, members: bool = True) -> bool:
        """Read the queues again, or one of them; what has not changed stays as it is. False where it cannot be read.

        Callers and dynamic members stay.
        """
        fresh = self.read()
        if fresh is None:
            return False
        if fresh != self._read_last:
            self._load(fresh, fold(only), parameters, members)
        return True

    def _load(self, config: QueuesConfig, only: str, parameters: bool, members: bool) -> None:
        self._read_last = config
        if parameters:
            self.config = config
        for options in config.queues.values():
            if only not in ("", fold(options.name)):
                continue
            queue = self._shaped(options) if parameters else self.find(options.name)
            if queue is not None and members:
                self.members.load(queue, options)
        known = {fold(name) for name in config.queues}
        gone = [name for name in self.queues if name not in known and only in ("", name)] if parameters else []
        for name in gone:
            del self.queues[name]

    def _shaped(self, options: QueueOptions) -> Queue:
        """The queue of these options; one that is there keeps its members, callers and counts."""
        queue = self.find(options.name)
        if queue is None:
            queue = self.queues[fold(options.name)] = Queue(options, self.now)
        elif (options.strategy in IN_ORDER) != (queue.options.strategy in IN_ORDER):
            queue.options = options
            members, queue.members = queue.members, []
            for member in sorted(members, key=lambda each: each.position):
                queue.place(member)
        queue.options = options
        self.exchange.core.devices.set(f"Queue:{queue.name}_avail", DeviceState.INUSE)
        return queue

    # callers

    def is_turn(self, caller: QueueCaller) -> bool:
        """Whether there is a free member for this caller (is_our_turn)."""
        queue = caller.queue
        available, waiting = queue.count_available(), 0
        for other in queue.callers:
            if other is caller:
                return waiting < available and (queue.options.autofill or caller.position == 1)
            waiting += not other.pending
            if waiting >= available:
                return False
        return False

    def join(self, exchange: Exchange, live: LiveChannel, asked: QueueCall, done: Done) -> Cancel:
        """See `exchange.Queues`."""
        queue = self.find(asked.name)
        if queue is None:
            done("UNKNOWN", CONTINUE)
            return nothing
        caller = QueueCaller(self, live, queue, asked, done)
        options = queue.options
        if options.joinempty and queue.deserted(options.joinempty, caller, self.members.state_of):
            done("JOINEMPTY", CONTINUE)
            return nothing
        if len(queue.callers) >= (options.maxlen or MAX_CALLERS):
            done("FULL", CONTINUE)
            return nothing
        self._insert(queue, caller)
        rows = [("Queue", queue.name), ("Position", caller.position), ("Count", len(queue.callers))]
        exchange.publish_channel("agent", "QueueCallerJoin", live.channel, rows)
        caller.begin()
        return caller.break_off

    def _insert(self, queue: Queue, caller: QueueCaller) -> None:
        """Behind those of the same or a higher priority, or at the place that was asked for (join_queue)."""
        wanted, callers = caller.asked.position, queue.callers
        at = len(callers)
        for place, other in enumerate(callers):
            if caller.priority > other.priority or (
                wanted and caller.priority >= other.priority and wanted <= place + 1
            ):
                at = place
                break
        callers.insert(at, caller)
        self.renumber(queue)
        caller.original = caller.position
        if len(callers) == 1:
            self.exchange.core.devices.set(f"Queue:{queue.name}", DeviceState.RINGING)

    @staticmethod
    def renumber(queue: Queue) -> None:
        """Everybody's place, from 1."""
        for place, other in enumerate(queue.callers):
            other.position = place + 1

    def leave(self, caller: QueueCaller) -> None:
        """A caller leaves, once (leave_queue)."""
        queue = caller.queue
        if caller not in queue.callers:
            return
        queue.callers.remove(caller)
        if not queue.callers:
            self.exchange.core.devices.set(f"Queue:{queue.name}", DeviceState.NOT_INUSE)
        rows = [("Queue", queue.name), ("Position", caller.position), ("Count", len(queue.callers))]
        self.exchange.publish_channel("agent", "QueueCallerLeave", caller.live.channel, rows)
        caller.set_variable("QUEUEPOSITION", str(caller.position))
        self.renumber(queue)

    def change_priority(self, queue_name: str, channel: str, priority: int, at_once: bool = False) -> Outcome:
        """Give a caller another priority; it counts for those who come, or for its own place as well."""
        queue = self.find(queue_name)
        if queue is None:
            return Outcome.NO_QUEUE
        caller = _caller(queue, channel)
        if caller is None:
            return Outcome.NO_CALLER
        caller.priority = priority
        if at_once:
            callers = queue.callers
            callers.remove(caller)
            at = next((i for i, other in enumerate(callers) if priority > other.priority), len(callers))
            callers.insert(at, caller)
            self.renumber(queue)
        return Outcome.DONE

    def withdraw(self, queue_name: str, channel: str, info: str = "") -> Outcome:
        """Have a caller leave the queue and go on in the dialplan."""
        queue = self.find(queue_name)
        if queue is None:
            return Outcome.NO_QUEUE
        caller = _caller(queue, channel)
        if caller is None:
            return Outcome.NO_CALLER
        return Outcome.DONE if caller.withdraw(info) else Outcome.EXISTS

    # variables

    def set_queue_variables(self, queue: Queue, live: LiveChannel) -> None:
        """QUEUENAME and the like, where the queue sets them (option setqueuevar)."""
        if queue.options.setqueuevar:
            for name, value in [("QUEUENAME", queue.name), *queue_variables(queue)]:
                self.exchange.set_variable(live.channel, name, value)

    def set_member_variables(self, queue: Queue, member: Member, caller: QueueCaller, agent: LiveChannel) -> None:
        """MEMBERINTERFACE and QEHOLDTIME and the like (options setinterfacevar, setqueueentryvar)."""
        rows: list[tuple[str, object]] = []
        if queue.options.setinterfacevar:
            rows += [
                ("MEMBERINTERFACE", member.interface), ("MEMBERNAME", member.name), ("MEMBERCALLS", member.calls),
                ("MEMBERLASTCALL", member.lastcall), ("MEMBERPENALTY", member.penalty),
                ("MEMBERDYNAMIC", int(member.dynamic)), ("MEMBERREALTIME", 0),
            ]  # fmt: skip
        if queue.options.setqueueentryvar:
            rows += [("QEHOLDTIME", self.now() - caller.start), ("QEORIGINALPOS", caller.original)]
        for live in (caller.live, agent):
            for name, value in rows:
                self.exchange.set_variable(live.channel, name, str(value))

    # telling

    def publish_agent(
        self, event: str, caller: LiveChannel, agent: LiveChannel, queue: Queue, member: Member, more: Fields = ()
    ) -> None:
        """An event about a caller and a member's channel."""
        fields: list[tuple[str, object]] = list(caller.channel.snapshot())
        fields += [("Dest" + name, value) for name, value in agent.channel.snapshot()]
        fields += [("Queue", queue.name), ("Interface", member.interface), ("MemberName", member.name), *more]
        self.exchange.publish("agent", event, fields)


def queue_variables(queue: Queue) -> list[tuple[str, str]]:
    """QUEUEMAX to QUEUESRVLEVELPERF."""
    options = queue.options
    return [
        ("QUEUEMAX", str(options.maxlen)), ("QUEUESTRATEGY", options.strategy), ("QUEUECALLS", str(len(queue.callers))),
        ("QUEUEHOLDTIME", str(queue.holdtime)), ("QUEUETALKTIME", str(queue.talktime)),
        ("QUEUECOMPLETED", str(queue.completed)), ("QUEUEABANDONED", str(queue.abandoned)),
        ("QUEUESRVLEVEL", str(options.servicelevel)), ("QUEUESRVLEVELPERF", f"{queue.service_level:.1f}"),
    ]  # fmt: skip


def _caller(queue: Queue, channel: str) -> QueueCaller | None:
    return next((caller for caller in queue.callers if caller.live.name == channel), None)
