"""Queue...: queues, their members and callers (apps/app_queue.c)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.config.values import is_false, is_true
from harness.core.octets import fold
from harness.core.states import DeviceState
from harness.dialplan.splitting import integer
from harness.pbx.calls.queue import FREE_STATES, Queue
from harness.pbx.calls.queue_members import Outcome, member_rows
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.packets import Action

if TYPE_CHECKING:
    from harness.pbx.calls.queues import QueueDesk
    from harness.pbx.manager.session import ManagerSession

NOT_LOGGED_IN = (DeviceState.UNAVAILABLE, DeviceState.INVALID)
ADDED = {
    Outcome.EXISTS: "Unable to add interface: Already there",
    Outcome.NO_QUEUE: "Unable to add interface to queue: No such queue",
}
REMOVED = {
    Outcome.EXISTS: "Unable to remove interface: Not there",
    Outcome.NO_QUEUE: "Unable to remove interface from queue: No such queue",
    Outcome.NOT_DYNAMIC: "Member not dynamic",
}
WITHDRAWN = {
    Outcome.NO_QUEUE: "Unable to request withdraw from queue: No such queue",
    Outcome.NO_CALLER: "Unable to request withdraw from queue: No such caller",
    Outcome.EXISTS: "Unable to request withdraw from queue: Already requested",
}
PRIORITY = {
    Outcome.NO_QUEUE: "Unable to change priority caller on queue: No such queue",
    Outcome.NO_CALLER: "Unable to change priority caller on queue: No such caller",
}


class QueueActions:
    """The actions bound to one server's queues."""

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        agent = ("agent",)
        return (
            ActionEntry("QueueStatus", (), "Show queue status.", self.status),
            ActionEntry("QueueSummary", (), "Show queue summary.", self.summary),
            ActionEntry("QueueAdd", agent, "Add interface to queue.", self.add),
            ActionEntry("QueueRemove", agent, "Remove interface from queue.", self.remove),
            ActionEntry("QueuePause", agent, "Makes a queue member temporarily unavailable.", self.pause),
            ActionEntry("QueueLog", agent, "Adds custom entry in queue_log.", _log),
            ActionEntry("QueuePenalty", agent, "Set the penalty for a queue member.", self.penalty),
            ActionEntry("QueueMemberRingInUse", agent, "Set the ringinuse value for a queue member.", self.ringinuse),
            ActionEntry("QueueRule", (), "Queue Rules.", _rules),
            ActionEntry("QueueReload", (), "Reload a queue, queues, or any sub-section of a queue or queues.",
                        self.reload),
            ActionEntry("QueueReset", (), "Reset queue statistics.", self.reset),
            ActionEntry("QueueChangePriorityCaller", (), "Change priority of a caller on queue.", self.priority),
            ActionEntry("QueueWithdrawCaller", (), "Request to withdraw a caller from the queue back to the dialplan.",
                        self.withdraw),
        )  # fmt: skip

    # lists

    def _wanted(self, action: Action) -> list[Queue]:
        name = fold(action.get("Queue"))
        return [queue for queue in self._desk.queues.values() if not name or fold(queue.name) == name]

    def status(self, session: ManagerSession, action: Action) -> None:
        """QueueStatus: each queue, its members, its callers."""
        member = action.get("Member")
        items = (item for queue in self._wanted(action) for item in self._queue(queue, member))
        session.listing(action, "Queue status will follow", items, "QueueStatusComplete")

    def _queue(self, queue: Queue, wanted: str) -> Iterator[list[str]]:
        options = queue.options
        yield [
            "Event: QueueParams", f"Queue: {queue.name}", f"Max: {options.maxlen}", f"Strategy: {options.strategy}",
            f"Calls: {len(queue.callers)}", f"Holdtime: {queue.holdtime}", f"TalkTime: {queue.talktime}",
            f"Completed: {queue.completed}", f"Abandoned: {queue.abandoned}", f"ServiceLevel: {options.servicelevel}",
            f"ServicelevelPerf: {queue.service_level:.1f}", f"ServicelevelPerf2: {queue.service_level_of_all:.1f}",
            f"Weight: {options.weight}",
        ]  # fmt: skip
        for member in queue.members:
            if wanted in ("", member.interface, member.name):
                rows = [row for row in member_rows(member, "Location") if row[0] != "Ringinuse"]
                head = ["Event: QueueMember", f"Queue: {queue.name}", f"Name: {member.name}"]
                yield [*head, *(f"{name}: {value}" for name, value in rows)]
        for place, caller in enumerate(queue.callers, 1):
            channel = caller.live.channel
            yield [
                "Event: QueueEntry", f"Queue: {queue.name}", f"Position: {place}", f"Channel: {channel.name}",
                f"Uniqueid: {channel.uniqueid}", f"CallerIDNum: {channel.caller.number or 'unknown'}",
                f"CallerIDName: {channel.caller.name or 'unknown'}",
                f"ConnectedLineNum: {channel.connected.number or 'unknown'}",
                f"ConnectedLineName: {channel.connected.name or 'unknown'}",
                f"Wait: {queue.now() - caller.start}", f"Priority: {caller.priority}",
            ]  # fmt: skip

    def summary(self, session: ManagerSession, action: Action) -> None:
        """QueueSummary."""
        items = (self._summary(queue) for queue in self._wanted(action))
        session.listing(action, "Queue summary will follow", items, "QueueSummaryComplete")

    @staticmethod
    def _summary(queue: Queue) -> list[str]:
        there = [member for member in queue.members if member.status not in NOT_LOGGED_IN]
        free = [member for member in there if member.status in FREE_STATES and not member.paused]
        longest = max((queue.now() - caller.start for caller in queue.callers), default=0)
        return [
            "Event: QueueSummary", f"Queue: {queue.name}", f"LoggedIn: {len(there)}", f"Available: {len(free)}",
            f"Callers: {len(queue.callers)}", f"HoldTime: {queue.holdtime}", f"TalkTime: {queue.talktime}",
            f"LongestHoldTime: {longest}",
        ]  # fmt: skip

    # members

    def add(self, session: ManagerSession, action: Action) -> None:
        """QueueAdd."""
        queue, interface = action.get("Queue"), action.get("Interface")
        for name, value in (("Queue", queue), ("Interface", interface)):
            if not value:
                session.error(action, f"'{name}' not specified.")
                return
        outcome = self._desk.members.add(
            queue,
            interface,
            name=action.get("MemberName"),
            penalty=max(integer(action.get("Penalty")) or 0, 0),
            paused=is_true(action.get("Paused")),
            reason=action.get("Reason"),
            state_interface=action.get("StateInterface"),
            wrapuptime=max(integer(action.get("Wrapuptime")) or 0, 0),
        )
        _answer(session, action, "Added interface to queue", ADDED.get(outcome))

    def remove(self, session: ManagerSession, action: Action) -> None:
        """QueueRemove."""
        queue, interface = action.get("Queue"), action.get("Interface")
        if not (queue and interface):
            session.error(action, "Need 'Queue' and 'Interface' parameters.")
            return
        outcome = self._desk.members.remove(queue, interface)
        _answer(session, action, "Removed interface from queue", REMOVED.get(outcome))

    def pause(self, session: ManagerSession, action: Action) -> None:
        """QueuePause, in one queue or in all."""
        interface, paused = action.get("Interface"), action.get("Paused")
        if not (interface and paused):
            session.error(action, "Need 'Interface' and 'Paused' parameters.")
            return
        pauses = is_true(paused)
        found = self._desk.members.pause(action.get("Queue"), interface, pauses, action.get("Reason"))
        done = f"Interface {'' if pauses else 'un'}paused successfully"
        _answer(session, action, done, None if found else "Interface not found")

    def penalty(self, session: ManagerSession, action: Action) -> None:
        """QueuePenalty."""
        interface, penalty = action.get("Interface"), action.get("Penalty")
        if not (interface and penalty):
            session.error(action, "Need 'Interface' and 'Penalty' parameters.")
            return
        done = self._desk.members.set_penalty(action.get("Queue"), interface, integer(penalty) or 0)
        refused = None if done else "Invalid interface, queuename or penalty"
        _answer(session, action, "Interface penalty set successfully", refused)

    def ringinuse(self, session: ManagerSession, action: Action) -> None:
        """QueueMemberRingInUse; the refusal ends in a line end of its own."""
        interface, text = action.get("Interface"), action.get("RingInUse")
        if not (interface and text):
            session.error(action, "Need 'Interface' and 'RingInUse' parameters.")
        elif not (is_true(text) or is_false(text)):
            session.error(action, "'RingInUse' parameter must be a truth value (yes/no, on/off, 0/1, etc)")
        else:
            done = self._desk.members.set_ringinuse(action.get("Queue"), interface, is_true(text))
            refused = None if done else "Invalid interface, queuename, or ringinuse value\n"
            _answer(session, action, "Interface ringinuse set successfully", refused)

    # queues and callers

    def reload(self, session: ManagerSession, action: Action) -> None:
        """QueueReload of parameters, members or both."""
        asked = {name: fold(action.get(name)) == "yes" for name in ("Members", "Rules", "Parameters")}
        everything = not any(asked.values())
        done = self._desk.reload(
            action.get("Queue"), parameters=everything or asked["Parameters"], members=everything or asked["Members"]
        )
        refused = None if done else "Error encountered while reloading queue"
        _answer(session, action, "Queue reloaded successfully", refused)

    def reset(self, session: ManagerSession, action: Action) -> None:
        """QueueReset."""
        for queue in self._wanted(action):
            queue.reset()
        session.ack(action, "Queue stats reset successfully")

    def priority(self, session: ManagerSession, action: Action) -> None:
        """QueueChangePriorityCaller."""
        queue, caller, priority = action.get("Queue"), action.get("Caller"), action.get("Priority")
        for name, value in (("Queue", queue), ("Caller", caller), ("Priority", priority)):
            if not value:
                session.error(action, f"'{name}' not specified.")
                return
        number = integer(priority)
        if number is None:
            session.error(action, "'Priority' need integer.")
            return
        outcome = self._desk.change_priority(queue, caller, number, is_true(action.get("Immediate")))
        _answer(session, action, "Priority change for caller on queue", PRIORITY.get(outcome))

    def withdraw(self, session: ManagerSession, action: Action) -> None:
        """QueueWithdrawCaller."""
        queue, caller = action.get("Queue"), action.get("Caller")
        for name, value in (("Queue", queue), ("Caller", caller)):
            if not value:
                session.error(action, f"'{name}' not specified.")
                return
        outcome = self._desk.withdraw(queue, caller, action.get("WithdrawInfo"))
        _answer(session, action, "Withdraw requested successfully", WITHDRAWN.get(outcome))


def _rules(session: ManagerSession, action: Action) -> None:
    """QueueRule: there are no rules; a second empty line follows, as it does after Asterisk's."""
    session.respond(action, "Success")
    session.send(())


def _log(session: ManagerSession, action: Action) -> None:
    """QueueLog: nobody keeps a queue log here."""
    if action.get("Queue") and action.get("Event"):
        session.ack(action, "Event added successfully")
    else:
        session.error(action, "Need 'Queue' and 'Event' parameters.")


def _answer(session: ManagerSession, action: Action, done: str, refused: str | None) -> None:
    if refused is None:
        session.ack(action, done)
    else:
        session.error(action, refused)
