"""What came of a scenario, as plain values that travel between processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from harness.errors import InputError
from harness.net.trace import Trace

Verdict = Literal["passed", "failed", "error", "skipped", "xfailed", "inconclusive"]
PASSED: Verdict = "passed"
FAILED: Verdict = "failed"
ERROR: Verdict = "error"
SKIPPED: Verdict = "skipped"
XFAILED: Verdict = "xfailed"
INCONCLUSIVE: Verdict = "inconclusive"

VERDICTS: tuple[Verdict, ...] = (PASSED, FAILED, ERROR, SKIPPED, XFAILED, INCONCLUSIVE)

EXIT_PASSED, EXIT_FAILED, EXIT_UNREADABLE, EXIT_INCONCLUSIVE, EXIT_NOTHING = range(5)


class ShownEvent(NamedTuple):
    """An event of the trace for reading: places by their names, secrets blanked, time in seconds."""

    seq: int
    cause: int
    time: float
    hop: str
    source: str
    destination: str
    transport: str
    payload: object


def shown_events(trace: Trace, after: int = 0) -> tuple[ShownEvent, ...]:
    """The events after number `after`."""
    return tuple(
        ShownEvent(event.seq, event.cause, event.time, event.hop, trace.name_of(event.source),
                   trace.name_of(event.destination), event.transport, trace.shown(event.payload))
        for event in trace.since(after)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step: `verdict` is passed, failed, error or '' (not reached); times in seconds of the scenario's clock."""

    index: int
    verb: str
    text: str
    where: str
    verdict: str = ""
    began_s: float = 0.0
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a scenario did not pass.

    `kind` is step, strict, invariant, xpass, teardown, target, input or error; `road` names the hop at which the road
    ended; `details` is a traceback where something of ours broke.
    """

    kind: str
    message: str
    where: str = ""
    step: str = ""
    lines: tuple[str, ...] = ()
    first_line: int = 0
    wanted: str = ""
    seen: str = ""
    hints: tuple[str, ...] = ()
    road: str = ""
    details: str = ""
    phone: str = ""
    """The phone that was looked at, '' for none."""

    @property
    def headline(self) -> str:
        """The failure in one line."""
        return f"{self.where}: {self.message}" if self.where else self.message


@dataclass(slots=True)
class Result:
    """One scenario that was told, or not, and what came of it.

    `wall_s` is real time, `story_s` that of the scenario's clock. `seed` is what the run was given (with
    `repeat` added), the world's own is made of it and the scenario's key.
    """

    id: str
    name: str
    file: str
    where: str = ""
    verdict: Verdict = PASSED
    reason: str = ""
    why: str = ""
    tags: tuple[str, ...] = ()
    steps: tuple[StepResult, ...] = ()
    failures: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    wall_s: float = 0.0
    story_s: float = 0.0
    seed: int = 0
    repeat: int = 0
    target: str = ""
    config: str = ""
    """The folder of its configuration."""
    checksum: str = ""
    """SHA-256 (hexadecimal) over the configuration files that were read, '' where the target tells none."""
    real: bool = False
    trace_file: str = ""
    pcap_file: str = ""
    events: tuple[ShownEvent, ...] = ()
    """The trace since the last acting step of one that did not pass, or all of it where that was asked for."""
    marked: int = 0
    """The event of the step that failed, 0 for none."""
    unreadable: bool = False
    """Whether what it was given could not be read: that is exit code 2."""

    @property
    def bad(self) -> bool:
        """Whether it counts as failed."""
        return self.verdict in (FAILED, ERROR)


@dataclass(slots=True)
class RunResult:
    """All results in the order of the files, and what could not be read."""

    results: list[Result] = field(default_factory=list)
    errors: list[InputError] = field(default_factory=list)
    seed: int = 0
    wall_s: float = 0.0
    target: str = ""
    real: bool = False
    files: int = 0

    def count(self, verdict: str) -> int:
        """How many came out so."""
        return sum(result.verdict == verdict for result in self.results)

    @property
    def exit_code(self) -> int:
        """0 all passed; 2 something unreadable, before 1 failed or error, before 3 inconclusive; 4 nothing there."""
        if self.errors or any(result.unreadable for result in self.results):
            return EXIT_UNREADABLE
        if any(result.bad for result in self.results):
            return EXIT_FAILED
        if any(result.verdict == INCONCLUSIVE for result in self.results):
            return EXIT_INCONCLUSIVE
        return EXIT_PASSED if self.results else EXIT_NOTHING


