"""`queue ...` (apps/app_queue.c), which an Asterisk has where it has a queues.conf."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.config.values import is_false, is_true
from harness.core.octets import to_bytes
from harness.dialplan.splitting import integer
from harness.pbx.calls.queue import Member, Queue
from harness.pbx.calls.queue_members import Outcome
from harness.pbx.commands.registry import USAGE, Answer, Registry, command_of, failure
from harness.pbx.commands.usage import QUEUE_HELP

if TYPE_CHECKING:
    from harness.pbx.calls.queues import QueueDesk

NO_NAME = "(null)"
"""How a queue that was not named is printed."""
ADD_WORDS = {6: "to", 8: "penalty", 10: "as", 12: "state_interface", 14: "paused"}
"""The word before the last by the number of words of `queue add member`."""


def register(registry: Registry, desk: QueueDesk) -> None:
    """Serve the family."""
    family = _Queues(desk)
    runs = {
        "queue add member": family.add,
        "queue priority caller": family.priority,
        "queue reload {parameters|members|rules|all}": family.reload,
        "queue remove member": family.remove,
        "queue reset stats": family.reset,
        "queue set penalty": family.set_penalty,
        "queue set ringinuse": family.set_ringinuse,
        "queue show": family.show,
        "queue show rules": lambda _words: Answer(""),
        "queue {pause|unpause} member": family.pause,
    }
    registry.add([command_of(name, run, *QUEUE_HELP[name]) for name, run in runs.items()])


class _Queues:
    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk

    # show

    def show(self, words: Sequence[str]) -> Answer:
        if len(words) > 1:
            return USAGE
        if words:
            queue = self._desk.find(words[0])
            return Answer(f"No such queue: {words[0]}.\n" if queue is None else f"{_queue_text(queue)}\n")
        queues = sorted(self._desk.queues.values(), key=lambda each: to_bytes(each.name))
        return Answer("".join([*map(_queue_text, queues), "\n"]) if queues else "No queues.\n")

    # members

    def add(self, words: Sequence[str]) -> Answer:
        count = len(words) + 3
        rest = ["queue", "add", "member", *words]
        wanted = {at: word for at, word in ADD_WORDS.items() if at <= count}
        if count not in ADD_WORDS or any(rest[at - 2] != word for at, word in wanted.items() if at < 12 or at == count):
            return USAGE
        interface, queue = rest[3], rest[5]
        told, penalty = "", integer(rest[7]) if count >= 8 else 0
        if penalty is None or penalty < 0:
            told = "Penalty must be >= 0\n" if penalty is not None else "Penalty must be an integer >= 0\n"
            penalty = 0
        outcome = self._desk.members.add(
            queue,
            interface,
            name=rest[9] if count >= 10 else "",
            penalty=penalty,
            state_interface=rest[11] if count >= 12 else "",
            paused=count >= 14,
            reason=rest[13] if count >= 14 else "",
        )
        if outcome is Outcome.DONE:
            return Answer(f"{told}Added interface '{interface}' to queue '{queue}'\n")
        if outcome is Outcome.EXISTS:
            return failure(f"{told}Unable to add interface '{interface}' to queue '{queue}': Already there\n")
        return failure(f"{told}Unable to add interface to queue '{queue}': No such queue\n")

    def remove(self, words: Sequence[str]) -> Answer:
        if len(words) != 3 or words[1] != "from":
            return USAGE
        interface, queue = words[0], words[2]
        outcome = self._desk.members.remove(queue, interface)
        if outcome is Outcome.DONE:
            return Answer(f"Removed interface {interface} from queue '{queue}'\n")
        if outcome is Outcome.NO_QUEUE:
            return failure(f"Unable to remove interface from queue '{queue}': No such queue\n")
        why = "Not there" if outcome is Outcome.EXISTS else "Member is not dynamic"
        return failure(f"Unable to remove interface '{interface}' from queue '{queue}': {why}\n")

    def pause(self, words: Sequence[str]) -> Answer:
        """Takes what follows `queue`, of which the first word says which of the two it is."""
        words = ["queue", *words]
        if len(words) < 4 or len(words) in (5, 7) or len(words) > 8:
            return USAGE
        interface, rest = words[3], words[4:]
        if (rest and rest[0] != "queue") or (len(rest) == 4 and rest[2] != "reason"):
            return USAGE
        queue, reason = rest[1] if rest else "", rest[3] if len(rest) == 4 else ""
        pauses = words[1].lower() == "pause"
        where = (f" in queue '{queue}'" if queue else "") + (f" for reason '{reason}'" if reason else "")
        prefix = "" if pauses else "un"
        if self._desk.members.pause(queue, interface, pauses, reason):
            return Answer(f"{prefix}paused interface '{interface}'{where}\n")
        return failure(f"Unable to {prefix}pause interface '{interface}'{where}\n")

    def set_penalty(self, words: Sequence[str]) -> Answer:
        if not _on_and_in(words):
            return USAGE
        queue = words[4] if len(words) > 4 else ""
        done = self._desk.members.set_penalty(queue, words[2], integer(words[0]) or 0)
        return _was_set(done, "penalty", words[2], queue)

    def set_ringinuse(self, words: Sequence[str]) -> Answer:
        if not _on_and_in(words) or not (is_true(words[0]) or is_false(words[0])):
            return USAGE
        queue = words[4] if len(words) > 4 else ""
        done = self._desk.members.set_ringinuse(queue, words[2], is_true(words[0]))
        return _was_set(done, "ringinuse", words[2], queue)

    # queues and callers

    def reload(self, words: Sequence[str]) -> Answer:
        """Takes what follows `queue reload`."""
        kind = words[0].lower()
        for name in words[1:] or [""]:
            if kind != "rules":
                every = kind == "all"
                self._desk.reload(name, parameters=every or kind == "parameters", members=every or kind == "members")
        return Answer("")

    def reset(self, words: Sequence[str]) -> Answer:
        for queue in self._desk.queues.values():
            if not words or queue.name.lower() in (word.lower() for word in words):
                queue.reset()
        return Answer("")

    def priority(self, words: Sequence[str]) -> Answer:
        if len(words) < 5 or words[1] != "on" or words[3] != "to" or integer(words[4]) is None:
            return USAGE
        if len(words) == 6 and words[5] != "immediate":
            return USAGE
        caller, queue = words[0], words[2]
        outcome = self._desk.change_priority(queue, caller, integer(words[4]) or 0, len(words) == 6)
        if outcome is Outcome.NO_QUEUE:
            return failure(f"Unable change priority caller {caller} on queue '{queue}': No such queue\n")
        if outcome is Outcome.NO_CALLER:
            return failure(f"Unable to change priority caller '{caller}' on queue '{queue}': Not there\n")
        return Answer("")


def _on_and_in(words: Sequence[str]) -> bool:
    """Whether it is `<value> on <interface> [in <queue>]`."""
    return len(words) in (3, 5) and words[1] == "on" and (len(words) == 3 or words[3] == "in")


def _was_set(done: bool, what: str, interface: str, queue: str) -> Answer:
    text = f"{what} on interface '{interface}' from queue '{queue or NO_NAME}'\n"
    return Answer(f"Set {text}") if done else failure(f"Failed to set {text}")


def _queue_text(queue: Queue) -> str:
    options = queue.options
    lines = [
        f"{queue.name} has {len(queue.callers)} calls (max {options.maxlen or 'unlimited'}) in '{options.strategy}' "
        f"strategy ({queue.holdtime}s holdtime, {queue.talktime}s talktime), W:{options.weight}, C:{queue.completed}, "
        f"A:{queue.abandoned}, SL:{queue.service_level:.1f}%, SL2:{queue.service_level_of_all:.1f}% "
        f"within {options.servicelevel}s"
    ]
    lines += ["   Members: ", *(_member_text(queue, member) for member in queue.members)]
    if not queue.members:
        lines[-1] = "   No Members"
    lines += ["   Callers: "] if queue.callers else ["   No Callers"]
    for place, caller in enumerate(queue.callers, 1):
        minutes, seconds = divmod(queue.now() - caller.start, 60)
        lines.append(
            f"      {place}. {caller.live.name} (wait: {minutes}:{seconds:02}, prio: {caller.priority})"
        )  # fmt: skip
    return "\n".join([*lines, "", ""])


def _member_text(queue: Queue, member: Member) -> str:
    text = f"      {member.name}"
    if member.name.lower() != member.interface.lower():
        other = member.state_interface not in ("", member.interface)
        text += f" ({member.interface}{f' from {member.state_interface}' if other else ''})"
    if member.penalty:
        text += f" with penalty {member.penalty}"
    text += f" (ringinuse {'enabled' if member.ringinuse else 'disabled'})"
    text += " (dynamic)" * member.dynamic + " (in call)" * bool(member.starttime)
    if member.paused:
        why = f":{member.reason}" if member.reason else ""
        text += f" (paused{why} was {queue.now() - member.lastpause} secs ago)"
    text += f" ({member.status.words})"
    if member.calls:
        text += f" has taken {member.calls} calls (last was {queue.now() - member.lastcall} secs ago)"
    else:
        text += " has taken no calls yet"
    return f"{text} (login was {queue.now() - member.logintime} secs ago)"
