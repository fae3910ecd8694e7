"""What the dialplan has for queues besides Queue(): members come and go, and what can be read (apps/app_queue.c)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.core.octets import fold
from harness.core.states import DeviceState
from harness.dialplan.call import CONTINUE, HANG_UP, Application, Call, Result
from harness.dialplan.function import Function, Invocation
from harness.dialplan.splitting import arguments, integer, padded
from harness.dialplan.telephony import option_letters
from harness.pbx.calls.queue import Member, Queue
from harness.pbx.calls.queue_members import Outcome
from harness.pbx.calls.queues import queue_variables

if TYPE_CHECKING:
    from harness.pbx.calls.queues import QueueDesk

LOGGED_OUT = (DeviceState.UNAVAILABLE, DeviceState.INVALID)
ADDED = {Outcome.DONE: "ADDED", Outcome.EXISTS: "MEMBERALREADY", Outcome.NO_QUEUE: "NOSUCHQUEUE"}
REMOVED = {
    Outcome.DONE: "REMOVED",
    Outcome.EXISTS: "NOTINQUEUE",
    Outcome.NO_QUEUE: "NOSUCHQUEUE",
    Outcome.NOT_DYNAMIC: "NOTDYNAMIC",
}


class QueueApplications:
    """The applications and functions bound to one server's queues."""

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk

    def applications(self) -> dict[str, Application]:
        """By name."""
        return {
            "AddQueueMember": self._add,
            "RemoveQueueMember": self._remove,
            "PauseQueueMember": lambda call, text: self._pause(call, text, True),
            "UnpauseQueueMember": lambda call, text: self._pause(call, text, False),
            "QueueLog": lambda _call, _text: CONTINUE,
        }

    def functions(self) -> dict[str, Function]:
        """By name."""
        return {
            "QUEUE_EXISTS": Function(self._exists),
            "QUEUE_VARIABLES": Function(self._variables),
            "QUEUE_MEMBER": Function(self._member, self._set_member),
            "QUEUE_MEMBER_COUNT": Function(self._logged_in),
            "QUEUE_MEMBER_LIST": Function(self._list),
            "QUEUE_MEMBER_PENALTY": Function(self._penalty, self._set_penalty),
            "QUEUE_GET_CHANNEL": Function(self._channel),
            "QUEUE_WAITING_COUNT": Function(self._waiting),
        }

    # applications

    def _add(self, call: Call, text: str) -> Result:
        if not text:
            call.tell("AddQueueMember requires an argument (queuename[,interface[,penalty[,options[,membername")
            return HANG_UP
        queue, interface, penalty, letters, name, state, wrapuptime = padded(arguments(text, 7), 7)
        options = option_letters(letters) or {}
        outcome = self._desk.members.add(
            queue,
            interface or _own_device(call),
            name=name,
            penalty=max(integer(penalty) or 0, 0),
            paused="p" in options,
            reason=options.get("r", "") if "p" in options else "",
            state_interface=state,
            wrapuptime=max(integer(wrapuptime) or 0, 0),
        )
        call.set_variable("AQMSTATUS", ADDED[outcome])
        return CONTINUE

    def _remove(self, call: Call, text: str) -> Result:
        if not text:
            call.tell("RemoveQueueMember requires an argument (queuename[,interface])")
            return HANG_UP
        queue, interface = padded(arguments(text, 2), 2)
        call.set_variable("RQMSTATUS", REMOVED[self._desk.members.remove(queue, interface or _own_device(call))])
        return CONTINUE

    def _pause(self, call: Call, text: str, paused: bool) -> Result:
        queue, interface, _options, reason = padded(arguments(text, 4), 4)
        name = "PauseQueueMember" if paused else "UnpauseQueueMember"
        if not interface:
            call.tell(f"Missing interface argument to {name} ([queuename],interface[,options[,reason]])")
            return HANG_UP
        done = "PAUSED" if paused else "UNPAUSED"
        found = self._desk.members.pause(queue, interface, paused, reason)
        call.set_variable("PQMSTATUS" if paused else "UPQMSTATUS", done if found else "NOTFOUND")
        return CONTINUE

    # functions

    def _exists(self, use: Invocation) -> str | None:
        return str(int(self._desk.find(use.text) is not None)) if use.text else None

    def _variables(self, use: Invocation) -> str | None:
        queue = self._desk.find(use.text)
        if queue is None or not queue.options.setqueuevar:
            return "-1" if use.text else None
        for name, value in queue_variables(queue):
            use.set_variable(name, value)
        return "0"

    def _member(self, use: Invocation) -> str | None:
        name, option, interface = use.arguments(3)
        if not (name and option):
            return None
        queue = self._desk.find(name)
        count = _COUNTS.get(fold(option))
        if queue is None:
            return "0"
        if count is not None:
            return str(sum(count(queue, member) for member in queue.members))
        member, item = queue.member(interface), _ITEMS.get(fold(option))
        return str(item(member)) if member is not None and item is not None else "0"

    def _set_member(self, use: Invocation, value: str) -> bool:
        name, option, interface = use.arguments(3)
        number = integer(value) or 0
        if not (option and interface):
            return False
        members = self._desk.members
        if fold(option) == "penalty":
            return members.set_penalty(name, interface, number)
        if fold(option) == "paused":
            return members.pause(name, interface, number > 0)
        if fold(option) in ("ringinuse", "ignorebusy"):
            return members.set_ringinuse(name, interface, number > 0)
        return False

    def _logged_in(self, use: Invocation) -> str | None:
        queue = self._desk.find(use.text)
        if queue is None:
            return "0" if use.text else None
        return str(sum(member.status not in LOGGED_OUT for member in queue.members))

    def _list(self, use: Invocation) -> str | None:
        queue = self._desk.find(use.text)
        if queue is None:
            return "" if use.text else None
        return ",".join(member.interface for member in queue.members)

    def _penalty(self, use: Invocation) -> str | None:
        name, interface = use.arguments(2)
        queue = self._desk.find(name)
        member = queue.member(interface) if queue is not None else None
        return "" if member is None else str(member.penalty)

    def _set_penalty(self, use: Invocation, value: str) -> bool:
        name, interface = use.arguments(2)
        return bool(interface) and self._desk.members.set_penalty(name, interface, integer(value) or 0)

    def _channel(self, use: Invocation) -> str | None:
        name, position = use.arguments(2)
        number = integer(position or "1")
        if not name or number is None or number < 1:
            return None
        queue = self._desk.find(name)
        if queue is None or number > len(queue.callers):
            return ""
        return queue.callers[number - 1].live.name

    def _waiting(self, use: Invocation) -> str | None:
        queue = self._desk.find(use.text)
        return str(len(queue.callers) if queue is not None else 0) if use.text else None


def _own_device(call: Call) -> str:
    return call.channel.name.rpartition("-")[0]


def _ready(queue: Queue, member: Member) -> bool:
    return _free(queue, member) and not queue.wraps_up(member)


def _free(_queue: Queue, member: Member) -> bool:
    return member.status is DeviceState.NOT_INUSE and not member.paused


_COUNTS: dict[str, Callable[[Queue, Member], bool]] = {
    "count": lambda _queue, _member: True,
    "logged": lambda _queue, member: member.status not in LOGGED_OUT,
    "free": _free,
    "ready": _ready,
}
_ITEMS: dict[str, Callable[[Member], int]] = {
    "penalty": lambda member: member.penalty,
    "paused": lambda member: int(member.paused),
    "ringinuse": lambda member: int(member.ringinuse),
    "ignorebusy": lambda member: int(member.ringinuse),
}
