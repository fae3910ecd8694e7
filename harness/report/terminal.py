"""The report on a terminal: progress while it runs, then a table, then what failed and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from harness.columns import clean, columns, fit, pad
from harness.errors import InputError
from harness.report.ladder import WIDTH, ladder
from harness.report.text import Paint, again, duration
from harness.scenario.problems import ScenarioErrors
from harness.scenario.result import VERDICTS, Failure, Result, RunResult

COLOURS = {"passed": "green", "failed": "red", "error": "red", "skipped": "yellow", "xfailed": "yellow",
           "inconclusive": "yellow"}  # fmt: skip
MAX_NAME = 60
MAX_ID = 44
MAX_WARNINGS = 20


class Terminal:
    """A listener that writes to a stream.  `ladders` draws those that passed too; `verbose` tells every step."""

    def __init__(self, stream: TextIO, *, colours: bool = False, ladders: bool = False, verbose: bool = False,
                 width: int = WIDTH, program: str = "dpma-harness") -> None:  # fmt: skip
        self.stream, self.paint, self.ladders, self.verbose = stream, Paint(colours), ladders, verbose
        self.width, self.program = width, program
        self._number = self._of = 0

    def _say(self, text: str = "") -> None:
        try:
            self.stream.write(text + "\n")
        except UnicodeEncodeError:  # a terminal that cannot show it
            encoding = self.stream.encoding or "ascii"
            self.stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")

    # while it runs

    def collected(self, scenarios: int, files: int) -> None:
        """How much there is."""
        self._of = scenarios
        self._say(f"{_many(scenarios, 'scenario')} in {_many(files, 'file')}")

    def unreadable(self, error: InputError) -> None:
        """What cannot be read, in full."""
        several = error.errors if isinstance(error, ScenarioErrors) else (error,)
        for each in several:
            self._say(f"{self.paint('unreadable', 'red', 'bold')}  {clean(str(each), keep_lines=True)}")

    def finished(self, result: Result) -> None:
        """One line."""
        self._number += 1
        number = f"[{self._number:{len(str(self._of))}}/{self._of}]"
        took = f"{duration(result.wall_s):>9}"
        reason = f"  ({fit(result.reason, MAX_NAME)})" if result.reason else ""
        self._say(f"{number} {self._verdict(result.verdict)} {took}  {fit(result.name, MAX_NAME)}{reason}")
        if self.verbose:
            for step in result.steps:
                took = duration(step.took_s) if step.verdict else "not reached"
                self._say(f"      {pad(step.verdict or '-', 7)} {took:>11}  {fit(step.text, self.width - 30)}")
        self.stream.flush()

    def _verdict(self, verdict: str) -> str:
        return self.paint(f"{verdict:<12}", COLOURS.get(verdict, "yellow"))

    # at the end

    def ended(self, run: RunResult) -> None:
        """Table, failures, totals."""
        if run.results:
            self._say()
            for line in self._table(run):
                self._say(line)
        for result in run.results:
            if result.failures and result.verdict != "xfailed":
                self._tell_failures(result)
            elif self.ladders and result.events:
                self._say(f"\n{self.paint(fit(result.name, self.width), 'bold')}")
                self._say(ladder(result.events, self.width))
        self._tell_warnings(run)
        self._say()
        self._say(self._totals(run))
        self.stream.flush()

    def _table(self, run: RunResult) -> Iterator[str]:
        ids = min(MAX_ID, max(len("scenario"), *(columns(result.id) for result in run.results)))
        names = min(MAX_NAME, max(len("what"), *(columns(result.name) for result in run.results)))
        head = f"{'verdict':<12} {pad('scenario', ids)} {pad('what', names)} {'steps':>5} {'story':>9} {'took':>9}"
        yield self.paint(head, "bold")
        for result in run.results:
            told = sum(step.verdict == "passed" for step in result.steps)
            steps = f"{told}/{len(result.steps)}" if told < len(result.steps) else str(told)
            yield (f"{self._verdict(result.verdict)} {pad(result.id, ids)} {pad(result.name, names)} {steps:>5} "
                   f"{duration(result.story_s):>9} {duration(result.wall_s):>9}")  # fmt: skip

    def _tell_failures(self, result: Result) -> None:
        title = f"{result.verdict.upper()}  {clean(result.name)}"
        self._say(f"\n{self.paint(title, 'red', 'bold')}")
        if result.why:
            self._say(f"  {self.paint(clean(result.why), 'dim')}")
        for failure in result.failures:
            for line in self._failure(failure):
                self._say(f"  {line}")
        self._say(f"  again      {again(result.file, result.seed, result.real, self.program)}")
        if result.trace_file:
            self._say(f"  trace      {clean(result.trace_file)}")
        if result.events:
            self._say(f"  {'all events' if self.ladders else 'since the last acting step'}:")
            watched = dict.fromkeys(failure.phone for failure in result.failures)
            for line in ladder(result.events, self.width - 2, result.marked, watched).splitlines():
                self._say(f"  {self.paint(line, 'yellow') if '>>>' in line else line}")

    def _failure(self, failure: Failure) -> Iterator[str]:
        yield clean(failure.headline)
        for number, line in enumerate(failure.lines):
            yield f"{self.paint(f'{failure.first_line + number:5} |', 'dim')} {clean(line)}"
        for name, said in (("expected", failure.wanted), ("seen", failure.seen)):
            if said:
                yield f"{name:<10} {clean(said)}"
        for hint in failure.hints:
            yield f"{'note':<10} {clean(hint)}"
        if failure.road:
            yield self.paint(f"{'road':<10} ended at {clean(failure.road)}", "cyan")
        for line in failure.details.splitlines():
            yield f"  {clean(line)}"

    def _tell_warnings(self, run: RunResult) -> None:
        where: dict[str, list[str]] = {}
        for result in run.results:
            unexpected = [f"not expected: {each}" for each in result.unexpected] if self.verbose else []
            for warning in (*result.warnings, *unexpected):
                where.setdefault(warning, []).append(result.id)
        said = list(where.items())
        if said:
            self._say(f"\n{self.paint('warnings', 'yellow', 'bold')}")
        for warning, ids in said[:MAX_WARNINGS]:
            more = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
            self._say(f"  {clean(ids[0])}{more}: {clean(warning)}")
        if len(said) > MAX_WARNINGS:
            self._say(f"  and {len(said) - MAX_WARNINGS} more")

    def _totals(self, run: RunResult) -> str:
        counts = [f"{run.count(verdict)} {verdict}" for verdict in VERDICTS if run.count(verdict)]
        if run.errors:
            counts.append(f"{len(run.errors)} unreadable")
        colour = "green" if run.exit_code == 0 else "red"
        total = self.paint(", ".join(counts) or "nothing was collected", colour, "bold")
        kind = "real" if run.real else "virtual"
        return f"{total} in {duration(run.wall_s)} ({kind} time, seed {run.seed})"


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
