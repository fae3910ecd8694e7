"""Who takes the calls of queues: members come, go, are paused, and change with their devices (apps/app_queue.c)."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from harness.core.octets import fold
from harness.core.states import DeviceState
from harness.pbx.calls.queue import FREE_STATES, Member, Queue, new_member

if TYPE_CHECKING:
    from harness.config.queues import QueueOptions
    from harness.core.hint import Notification
    from harness.pbx.calls.queue_caller import QueueCaller
    from harness.pbx.calls.queues import QueueDesk

MAX_MEMBERS = 1_000
"""Members of one queue."""
EXTENSION_DEVICES = {
    0: DeviceState.NOT_INUSE, 1: DeviceState.INUSE, 2: DeviceState.BUSY, 4: DeviceState.UNAVAILABLE,
    8: DeviceState.RINGING, 9: DeviceState.RINGINUSE, 16: DeviceState.ONHOLD, 17: DeviceState.INUSE,
}  # fmt: skip
"""What an extension's state makes of a member that is known by its hint; others are INVALID."""


class Outcome(Enum):
    """What became of a change."""

    DONE = 0
    EXISTS = 1
    """Adding: it is there already. Removing: it is not there."""
    NO_QUEUE = 2
    NOT_DYNAMIC = 3
    NO_CALLER = 4


class QueueMembers:
    """The members of all queues of a desk."""

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self.exchange, self.devices = desk.exchange, desk.exchange.core.devices
        self.keep: Callable[[Queue], None] = lambda _queue: None
        """Stores the dynamic members of a queue that has others now, where that is wanted."""
        self._pending: set[str] = set()
        self.devices.subscribe(self._device_changed)

    def _named(self, name: str) -> list[Queue]:
        """The queue of that name; all of them for an empty one."""
        if not name:
            return list(self._desk.queues.values())
        queue = self._desk.find(name)
        return [] if queue is None else [queue]

    def knows(self, name: str) -> bool:
        """Whether there is such a queue."""
        return self._desk.find(name) is not None

    def _keep(self, queue: Queue) -> None:
        if self._desk.config.persistentmembers:
            self.keep(queue)

    # coming and going

    def load(self, queue: Queue, options: QueueOptions) -> None:
        """The static members of the configuration in the place of those before; dynamic ones stay."""
        old = [member for member in queue.members if not member.dynamic]
        for line in options.members[:MAX_MEMBERS]:
            fresh, before = new_member(line, queue.options.ringinuse, queue.now()), queue.member(line.interface)
            fresh.status = self.state_of(fresh)
            if before is None:
                self._insert(queue, fresh)
                continue
            fresh.paused, fresh.lastpause = before.paused, queue.now() if before.paused else 0
            fresh.position, fresh.calls, fresh.lastcall = before.position, before.calls, before.lastcall
            before.unwatch()
            queue.members.remove(before)
            queue.place(fresh)
            self._watch(queue, fresh)
        named = {fold(line.interface) for line in options.members}
        for member in old:
            if fold(member.interface) not in named and member in queue.members:
                member.unwatch()
                queue.remove(member)
        for member in queue.members:
            member.status = self.state_of(member)
            if member.dynamic:
                member.ringinuse = queue.options.ringinuse

    def _insert(self, queue: Queue, member: Member) -> None:
        queue.insert(member)
        self._watch(queue, member)
        self._publish_pause_device(queue, member)

    def add(
        self,
        queue_name: str,
        interface: str,
        *,
        name: str = "",
        penalty: int = 0,
        paused: bool = False,
        reason: str = "",
        state_interface: str = "",
        wrapuptime: int = 0,
    ) -> Outcome:
        """A dynamic member (add_to_queue)."""
        queue = self._desk.find(queue_name)
        if queue is None:
            return Outcome.NO_QUEUE
        if queue.member(interface) is not None or len(queue.members) >= MAX_MEMBERS:
            return Outcome.EXISTS
        now = queue.now()
        member = Member(
            *(interface, name or interface, state_interface or interface, penalty, paused, reason),
            *(queue.options.ringinuse, wrapuptime, True),
            lastpause=now if paused else 0,
            logintime=now,
        )
        member.status = self.state_of(member)
        self._insert(queue, member)
        self.publish("QueueMemberAdded", queue, member)
        self._keep(queue)
        if queue.available(member):
            self._publish_available(queue, True)
        return Outcome.DONE

    def remove(self, queue_name: str, interface: str) -> Outcome:
        """A dynamic member goes (remove_from_queue)."""
        queue = self._desk.find(queue_name)
        if queue is None:
            return Outcome.NO_QUEUE
        member = queue.member(interface)
        if member is None:
            return Outcome.EXISTS
        if not member.dynamic:
            return Outcome.NOT_DYNAMIC
        self.publish("QueueMemberRemoved", queue, member)
        self.not_pending(member)
        self.devices.set(f"Queue:{queue.name}_pause_{member.interface}", DeviceState.NOT_INUSE)
        member.unwatch()
        queue.remove(member)
        self._keep(queue)
        if not queue.count_available():
            self._publish_available(queue, False)
        return Outcome.DONE

    # changing

    def pause(self, queue_name: str, interface: str, paused: bool, reason: str = "") -> bool:
        """Pause a member in one queue, or in all; False where it is in none (set_member_paused)."""
        found = False
        for queue in self._named(queue_name):
            member = queue.member(interface)
            if member is not None:
                found = True
                self._pause(queue, member, paused, reason)
        return found

    def _pause(self, queue: Queue, member: Member, paused: bool, reason: str) -> None:
        member.paused = paused
        if paused:
            member.lastpause = queue.now()
        self._publish_pause_device(queue, member)
        if queue.available(member):
            self._publish_available(queue, True)
        elif not queue.count_available():
            self._publish_available(queue, False)
        member.reason = reason
        self._keep(queue)
        self.publish("QueueMemberPause", queue, member)
        if not paused:
            member.reason = ""

    def autopause(self, queue: Queue, member: Member) -> None:
        """A member did not answer: pause it where the queue does so (rna)."""
        options = queue.options
        if options.autopause == "no":
            return
        if options.autopausedelay and member.lastcall and options.autopausedelay > queue.now() - member.lastcall:
            return
        self.pause("" if options.autopause == "all" else queue.name, member.interface, True, "Auto-Pause")

    def set_penalty(self, queue_name: str, interface: str, penalty: int) -> bool:
        """In one queue, or in all; False where it is in none, and for less than 0."""
        if penalty < 0 and not self._desk.config.negative_penalty_invalid:
            return False
        found = False
        for queue in self._named(queue_name):
            member = queue.member(interface)
            if member is not None:
                found, member.penalty = True, penalty
                self._keep(queue)
                self.publish("QueueMemberPenalty", queue, member)
        return found

    def set_ringinuse(self, queue_name: str, interface: str, rings: bool) -> bool:
        """In one queue, or in all; False where it is in none."""
        found = False
        for queue in self._named(queue_name):
            member = queue.member(interface)
            if member is not None:
                found, member.ringinuse = True, rings
                self.publish("QueueMemberRinginuse", queue, member)
        return found

    # their devices

    def state_of(self, member: Member) -> DeviceState:
        """What its device, or its hint, is now."""
        if member.hint is None:
            return self.devices.query(member.state_interface)
        return EXTENSION_DEVICES.get(self.exchange.core.hints.state(*member.hint), DeviceState.INVALID)

    def _device_changed(self, device: str, state: DeviceState) -> None:
        if device.startswith("Queue:"):
            return
        wanted = fold(device)
        for queue in list(self._desk.queues.values()):
            found = next((each for each in queue.members if fold(each.device) == wanted), None)
            if found is not None:
                self._update(queue, found, state)
                self._publish_available(queue, any(map(queue.available, queue.members)))

    def _watch(self, queue: Queue, member: Member) -> None:
        """Follow the hint of a member that is known by one."""
        if member.hint is None:
            return

        def changed(note: Notification) -> None:
            if note.reason == "device":
                self._update(queue, member, EXTENSION_DEVICES.get(note.state, DeviceState.INVALID))

        member.watch = self.exchange.core.hints.watch(*member.hint, changed, extended=False)

    def _update(self, queue: Queue, member: Member, state: DeviceState) -> None:
        if member.status is state:
            return
        if state is DeviceState.NOT_INUSE:
            self.call_over(queue, member, member.in_level, member.starttime)
        member.status = state
        self.not_pending(member)
        self.publish("QueueMemberStatus", queue, member)

    def call_over(self, queue: Queue, member: Member, in_level: bool, starttime: int) -> None:
        """A member's call is over, if it is still the one that began then (update_queue)."""
        if not starttime or member.starttime != starttime:
            return
        member.starttime = 0
        queues = self._desk.queues.values() if self._desk.config.shared_lastcall else (queue,)
        for other in queues:
            same = member if other is queue else other.member(member.interface)
            if same is not None:
                same.lastcall, same.last_queue = queue.now(), queue
                same.calls += 1
                same.in_level = False
        self.not_pending(member)
        queue.talked(queue.now() - starttime, in_level)

    # whether one may be called

    def may_ring(self, caller: QueueCaller, member: Member) -> bool:
        """Whether a member can be called now (can_ring_entry); from then on no other caller rings it."""
        queue = caller.queue
        if member.paused or not (member.ringinuse or member.status in FREE_STATES):
            return False
        seconds = (member.last_queue or queue).wrapuptime(member)
        if seconds and queue.now() - member.lastcall < seconds:
            return False
        if self._outweighed(queue, member) or self._waits_longer_elsewhere(caller, member):
            return False
        if member.ringinuse:
            return True
        if fold(member.interface) in self._pending or self.state_of(member) not in FREE_STATES:
            return False
        self._pending.add(fold(member.interface))
        return True

    def not_pending(self, member: Member) -> None:
        """Other callers may ring it again."""
        self._pending.discard(fold(member.interface))

    def _outweighed(self, queue: Queue, member: Member) -> bool:
        """Whether a queue of more weight has callers for the same member."""
        return any(
            other.options.weight > queue.options.weight
            and len(other.callers) >= other.count_available()
            and other.member(member.interface) is not None
            for other in self._desk.queues.values()
            if other is not queue and other.callers
        )

    def _waits_longer_elsewhere(self, caller: QueueCaller, member: Member) -> bool:
        rule, queue = self._desk.config.force_longest_waiting_caller, caller.queue
        if rule == "no":
            return False
        for other in self._desk.queues.values():
            if other is queue or other.options.weight != queue.options.weight:
                continue
            first = next((each for each in other.callers if not each.pending), None)
            if first is None or other.member(member.interface) is None:
                continue
            if rule == "prio" and first.priority != caller.priority:
                if first.priority > caller.priority:
                    return True
            elif first.start < caller.start:
                return True
        return False

    # telling

    def _publish_pause_device(self, queue: Queue, member: Member) -> None:
        """`Queue:<queue>_pause_<interface>` is in use while the member is paused."""
        state = DeviceState.INUSE if member.paused else DeviceState.NOT_INUSE
        self.devices.set(f"Queue:{queue.name}_pause_{member.interface}", state)

    def _publish_available(self, queue: Queue, available: bool) -> None:
        """`Queue:<queue>_avail` is not in use while somebody could take a call."""
        state = DeviceState.NOT_INUSE if available else DeviceState.INUSE
        self.devices.set(f"Queue:{queue.name}_avail", state)

    def publish(self, event: str, queue: Queue, member: Member) -> None:
        """An event about a member."""
        rows = [("Queue", queue.name), ("MemberName", member.name), *member_rows(member, "Interface")]
        self.exchange.publish("agent", event, rows)


def member_rows(member: Member, interface: str) -> list[tuple[str, object]]:
    """What events and lists say of a member."""
    return [
        (interface, member.interface), ("StateInterface", member.state_interface),
        ("Membership", "dynamic" if member.dynamic else "static"), ("Penalty", member.penalty),
        ("CallsTaken", member.calls), ("LastCall", member.lastcall), ("LastPause", member.lastpause),
        ("LoginTime", member.logintime), ("InCall", int(bool(member.starttime))), ("Status", int(member.status)),
        ("Paused", int(member.paused)), ("PausedReason", member.reason), ("Ringinuse", int(member.ringinuse)),
        ("Wrapuptime", member.wrapuptime),
    ]  # fmt: skip
