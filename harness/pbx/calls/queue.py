"""One queue: its members, its callers, what it counts (apps/app_queue.c)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.core.octets import fold, to_bytes
from harness.core.states import DeviceState

if TYPE_CHECKING:
    from harness.config.queues import MemberLine, QueueOptions
    from harness.core.hint import Watch
    from harness.pbx.calls.queue_caller import QueueCaller

IN_ORDER = ("linear", "rrordered")
"""Strategies whose members stand as they came; the others' lie in buckets."""
BUCKETS = 37
PENALTY_STEP = 1_000_000
LAST_PLACE = 1_000
BUSY_STATES = (
    *(DeviceState.INUSE, DeviceState.BUSY, DeviceState.RINGING, DeviceState.RINGINUSE, DeviceState.ONHOLD),
)
FREE_STATES = (DeviceState.NOT_INUSE, DeviceState.UNKNOWN)
CONDITION_OF = {
    DeviceState.INVALID: "invalid",
    DeviceState.UNAVAILABLE: "unavailable",
    DeviceState.INUSE: "inuse",
    DeviceState.RINGING: "ringing",
    DeviceState.UNKNOWN: "unknown",
}


@dataclass(slots=True, eq=False)
class Member:
    """One who takes calls; moments are whole seconds since 1970, 0 for never."""

    interface: str
    name: str
    state_interface: str
    penalty: int = 0
    paused: bool = False
    reason: str = ""
    ringinuse: bool = True
    wrapuptime: int = 0
    dynamic: bool = False
    status: DeviceState = DeviceState.UNKNOWN
    calls: int = 0
    position: int = 0
    lastcall: int = 0
    lastpause: int = 0
    logintime: int = 0
    starttime: int = 0
    in_level: bool = False
    """Whether its present caller was answered within the service level."""
    last_queue: Queue | None = None
    watch: Watch | None = None

    def unwatch(self) -> None:
        """Follow its hint no longer."""
        if self.watch is not None:
            self.watch.cancel()
            self.watch = None

    @property
    def hint(self) -> tuple[str, str] | None:
        """Context and extension of the hint that its state is taken from (`hint:exten@context`)."""
        if not self.state_interface.startswith("hint:"):
            return None
        exten, _, context = self.state_interface[5:].partition("@")
        return context or "default", exten

    @property
    def device(self) -> str:
        """The device whose state counts; options of a Local channel do not belong to it."""
        text = self.state_interface
        if fold(text[:6]) == "local/":
            head, _, tail = text.partition("/")
            return f"{head}/{tail.partition('/')[0]}"
        return text


@dataclass(slots=True, eq=False)
class Queue:
    """`now` gives whole seconds since 1970."""

    options: QueueOptions
    now: Callable[[], int]
    members: list[Member] = field(default_factory=list)
    callers: list[QueueCaller] = field(default_factory=list)
    holdtime: int = 0
    talktime: int = 0
    completed: int = 0
    abandoned: int = 0
    completed_in_level: int = 0
    abandoned_in_level: int = 0
    rr_position: int = 0
    wrapped: bool = False

    @property
    def name(self) -> str:
        """As queues.conf writes it."""
        return self.options.name

    # members

    def member(self, interface: str) -> Member | None:
        """The member of that interface, compared without case."""
        wanted = fold(interface)
        return next((member for member in self.members if fold(member.interface) == wanted), None)

    def insert(self, member: Member) -> None:
        """A new member, at the place where Asterisk would go over it."""
        member.position = len(self.members)
        self.place(member)

    def place(self, member: Member) -> None:
        """Put it behind those of its own bucket, or at the end."""
        if self.options.strategy in IN_ORDER:
            self.members.append(member)
            return
        bucket = _bucket(member.interface)
        at = next((i for i, other in enumerate(self.members) if _bucket(other.interface) > bucket), len(self.members))
        self.members.insert(at, member)

    def remove(self, member: Member) -> None:
        """Those behind it move up; nobody is left out whose turn is next."""
        if member.position < self.rr_position:
            self.rr_position -= 1
        for other in self.members:
            if other.position > member.position:
                other.position -= 1
        self.members.remove(member)

    def wrapuptime(self, member: Member) -> int:
        """Seconds after a call: the member's own, else the queue's."""
        return member.wrapuptime or self.options.wrapuptime

    def wraps_up(self, member: Member) -> bool:
        """Whether it is still busy with what its last call left behind."""
        seconds = self.wrapuptime(member)
        return bool(member.lastcall and seconds and self.now() - seconds < member.lastcall)

    def available(self, member: Member) -> bool:
        """Whether it could take a call now (is_member_available)."""
        if member.status in (DeviceState.INVALID, DeviceState.UNAVAILABLE):
            return False
        if member.status in BUSY_STATES and not member.ringinuse:
            return False
        return not member.paused and not self.wraps_up(member)

    def count_available(self) -> int:
        """How many callers could be served at once: at most one where only the first is."""
        found = sum(self.available(member) for member in self.members)
        if not self.options.autofill or self.options.strategy == "ringall":
            return min(found, 1)
        return found

    def deserted(self, conditions: frozenset[str], caller: QueueCaller, ask: Callable[[Member], DeviceState]) -> bool:
        """Whether nobody is left who counts under these conditions (get_member_status)."""
        if any(self._counts(member, conditions, caller, member.status) for member in self.members):
            return False
        again = "ringing" in conditions
        return not (again and any(self._counts(m, conditions, caller, ask(m)) for m in self.members))

    def _counts(self, member: Member, conditions: frozenset[str], caller: QueueCaller, state: DeviceState) -> bool:
        if "penalty" in conditions and not caller.penalties.allow(member.penalty):
            return False
        if CONDITION_OF.get(state) in conditions or (member.paused and "paused" in conditions):
            return False
        return not ("wrapup" in conditions and self.wraps_up(member))

    # whose turn

    def metric(self, member: Member, place: int, caller: QueueCaller, random: Callable[[int], int]) -> int | None:
        """The lower the sooner (calc_metric); None where its penalty keeps it out."""
        counts = len(self.members) > self.options.penaltymemberslimit
        penalty = member.penalty
        if counts:
            penalty = caller.penalties.raised(penalty)
            if not caller.penalties.within(penalty):
                return None
        strategy = self.options.strategy
        if strategy == "wrandom":
            return random((1 + penalty) * 1000)
        return self._own_metric(strategy, member, place, caller, random) + (penalty * PENALTY_STEP if counts else 0)

    def _own_metric(
        self, strategy: str, member: Member, place: int, caller: QueueCaller, random: Callable[[int], int]
    ) -> int:
        if strategy == "linear":
            caller.wrapped = caller.wrapped or place > caller.position_in_line
            return place if place >= caller.position_in_line else LAST_PLACE + place
        if strategy in ("rrmemory", "rrordered"):
            self.wrapped = self.wrapped or member.position > self.rr_position
            return member.position if member.position >= self.rr_position else LAST_PLACE + member.position
        if strategy == "random":
            return random(1000)
        if strategy == "fewestcalls":
            return member.calls
        if strategy == "leastrecent" and member.lastcall:
            return PENALTY_STEP - (self.now() - member.lastcall)
        return 0

    # what is counted

    def held(self, seconds: int) -> None:
        """Somebody was answered after so many seconds (recalc_holdtime)."""
        first = self.completed + self.abandoned == 0
        self.holdtime = seconds if first else (self.holdtime * 3 + seconds) >> 2

    def talked(self, seconds: int, in_level: bool) -> None:
        """A call is over that lasted so long."""
        self.completed += 1
        self.completed_in_level += in_level
        self.talktime = seconds if self.completed == 1 else (self.talktime * 3 + seconds) >> 2

    def gave_up(self, seconds: int) -> None:
        """Somebody left after so many seconds without having been answered."""
        self.abandoned_in_level += seconds <= self.options.servicelevel
        self.abandoned += 1

    @property
    def service_level(self) -> float:
        """Per cent of the answered calls that were answered in time."""
        return 100 * self.completed_in_level / self.completed if self.completed else 0.0

    @property
    def service_level_of_all(self) -> float:
        """The same of all calls, those that were given up in time among them."""
        calls = self.completed + self.abandoned
        return 100 * (self.completed_in_level + self.abandoned_in_level) / calls if calls else 0.0

    def reset(self) -> None:
        """Count anew."""
        self.holdtime = self.talktime = self.completed = self.abandoned = 0
        self.completed_in_level = self.abandoned_in_level = 0
        for member in self.members:
            member.calls = member.lastcall = member.starttime = 0
            member.in_level = False


@dataclass(slots=True)
class Penalties:
    """Which members a caller may reach (QUEUE_MAX_PENALTY, QUEUE_MIN_PENALTY, QUEUE_RAISE_PENALTY)."""

    most: int | None = None
    least: int | None = None
    raise_to: int | None = None
    respects_least: bool = False

    def raised(self, penalty: int) -> int:
        """A penalty below `raise_to` counts as that."""
        if self.raise_to is None or penalty >= self.raise_to:
            return penalty
        kept = self.respects_least and self.least is not None and penalty < self.least
        return penalty if kept else self.raise_to

    def within(self, penalty: int) -> bool:
        """Whether a penalty is neither too high nor too low."""
        too_high = self.most is not None and penalty > self.most
        return not (too_high or (self.least is not None and penalty < self.least))

    def allow(self, penalty: int) -> bool:
        """Both."""
        return self.within(self.raised(penalty))


def new_member(line: MemberLine, queue_ringinuse: bool, now: int) -> Member:
    """A static member."""
    ringinuse = queue_ringinuse if line.ringinuse is None else line.ringinuse
    return Member(
        *(line.interface, line.name, line.state_interface, line.penalty, line.paused, "", ringinuse, line.wrapuptime),
        lastpause=now if line.paused else 0,
        logintime=now,
    )


def _bucket(interface: str) -> int:
    """Where Asterisk keeps it: five characters from the slash on (member_hash_fn), in 37 buckets."""
    at = interface.find("/")
    text = to_bytes(interface[at:] if at >= 0 else interface)[:5]
    total = 0
    for place, byte in enumerate(text):
        signed = byte if byte < 128 else byte - 256
        code = 0 if signed < 32 else signed - 64 if signed > 96 else signed - 32
        total += code << (place * 6)
    return abs(total) % BUCKETS
