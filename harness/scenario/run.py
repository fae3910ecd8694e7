"""Runs many files: in order, in one process or several, with the same results and the same bytes."""

from __future__ import annotations

import multiprocessing
import re
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from zlib import crc32

from harness.errors import InputError, Location
from harness.net.trace import Trace
from harness.net.world import World
from harness.scenario.collect import Collected, find
from harness.scenario.known import KnownPhones
from harness.scenario.loader import PhonesOf, load, phones_in
from harness.scenario.model import Scenario
from harness.scenario.problems import ScenarioErrors
from harness.scenario.result import SKIPPED, Failure, Result, RunResult, shown_events
from harness.scenario.runner import Onlooker, Telling, blank_result, skipped, tell_real, tell_virtual
from harness.scenario.target import Target

TargetFactory = Callable[[Scenario, World], Target]
"""Makes the target of one scenario; a function of a module where there are `jobs`, for it travels to them."""

TRACES = "traces"
"""Folder of the traces within the report's folder."""
MAX_FILE_NAME = 80
_UNSAFE = re.compile(r"[^A-Za-z0-9_.,=~\-]")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run.  `report_dir` None writes nothing; `events` keeps the trace of those that pass too."""

    make_target: TargetFactory
    time: str = "virtual"
    seed: int = 1
    repeat: int = 1
    only: str = ""
    tags: tuple[str, ...] = ()
    fail_fast: bool = False
    jobs: int = 1
    report_dir: Path | None = None
    pcap: Path | None = None
    """Where the capture goes; of several scenarios each has its own, in the folder of this name without its suffix."""
    events: bool = False
    phones_of: PhonesOf = phones_in
    onlooker: Onlooker | None = None
    """Follows the run; not with `jobs`."""
    pcap_folder: Path | None = None
    """Made of `pcap` where there are several."""

    @property
    def real(self) -> bool:
        """Whether time is real."""
        return self.time == "real"


class Listener(Protocol):
    """Is told of a run as it goes, always in the order of the files."""

    def collected(self, scenarios: int, files: int) -> None:
        """How much there is to do."""

    def unreadable(self, error: InputError) -> None:
        """A path or a file that cannot be read; ScenarioErrors has several errors of one file."""

    def finished(self, result: Result) -> None:
        """A scenario has been told."""

    def ended(self, run: RunResult) -> None:
        """That was all."""


class Silent:
    """A listener that does nothing; others may build on it."""

    def collected(self, scenarios: int, files: int) -> None:
        """Nothing."""

    def unreadable(self, error: InputError) -> None:
        """Nothing."""

    def finished(self, result: Result) -> None:
        """Nothing."""

    def ended(self, run: RunResult) -> None:
        """Nothing."""


class Task(NamedTuple):
    """One scenario to be told once."""

    scenario: Scenario
    id: str
    seed: int
    repeat: int


def run_files(paths: Iterable[Path | str], options: RunOptions, listener: Listener | None = None) -> RunResult:
    """Run every scenario that the paths name.  Raises nothing but what `listener` raises."""
    listener = listener or Silent()
    began = time.perf_counter()
    collected = find(paths)
    run = RunResult(seed=options.seed, real=options.real, files=len(collected.files))
    tasks = list(_tasks(collected, options, run))
    if options.pcap is not None and len(tasks) > 1:
        options = replace(options, pcap=None, pcap_folder=options.pcap.with_suffix(""))
    listener.collected(len(tasks), len(collected.files))
    for error in run.errors:
        listener.unreadable(error)
    for result in _results(tasks, options):
        run.results.append(result)
        run.target = run.target or result.target
        listener.finished(result)
    run.wall_s = time.perf_counter() - began
    listener.ended(run)
    return run


def _tasks(collected: Collected, options: RunOptions, run: RunResult) -> Iterator[Task]:
    run.errors += collected.errors
    phones_of = _remembered(options.phones_of)
    loaded = []
    for found in collected.files:
        try:
            loaded += [(found.id, scenario) for scenario in load(found.path, phones_of, found.shown)]
        except ScenarioErrors as errors:
            run.errors.append(errors)
    run.errors += _alike([scenario for _, scenario in loaded])
    chosen = [(place, scenario) for place, scenario in loaded if _wanted(place, scenario, options)]
    for repeat in range(options.repeat):
        for place, scenario in chosen:
            yield Task(scenario, place + scenario.variant, options.seed + repeat, repeat)


def _remembered(phones_of: PhonesOf) -> PhonesOf:
    """Scenarios share folders: each is read once, with its error where it has one."""
    known: dict[Path, KnownPhones | InputError] = {}

    def asked(folder: Path) -> KnownPhones:
        if folder not in known:
            try:
                known[folder] = phones_of(folder)
            except InputError as error:
                known[folder] = error
        found = known[folder]
        if isinstance(found, InputError):
            raise found
        return found

    return asked


def _alike(scenarios: Sequence[Scenario]) -> list[InputError]:
    """Two variants of one file that cannot be told apart."""
    seen: set[tuple[str, str, str]] = set()
    errors: list[InputError] = []
    for scenario in scenarios:
        name = (scenario.file, scenario.name, scenario.variant)
        if name in seen:
            where = Location(scenario.file)
            errors.append(InputError(f"the matrix has {scenario.variant} twice", where, "leave one of the values out"))
        seen.add(name)
    return errors


def _wanted(place: str, scenario: Scenario, options: RunOptions) -> bool:
    """By name or id; the folders above what was given say nothing of a scenario."""
    text = options.only.lower()
    named = text in scenario.title.lower() or text in place.lower()
    return named and all(tag in scenario.tags for tag in options.tags)


# telling


def _results(tasks: Sequence[Task], options: RunOptions) -> Iterator[Result]:
    """In the order of the tasks; after the first bad one, with `fail_fast`, the rest is skipped."""
    stopped = False
    done = _in_processes(tasks, options) if options.jobs > 1 and len(tasks) > 1 else map(partial(_told, options), tasks)
    for task in tasks:
        if stopped:
            result = _blank(task, options)
            result.verdict, result.reason = SKIPPED, "not told: one before it failed (--fail-fast)"
        else:
            result = next(done)
            stopped = options.fail_fast and result.bad
        yield result
    if hasattr(done, "close"):
        done.close()


def _in_processes(tasks: Sequence[Task], options: RunOptions) -> Iterator[Result]:
    there = replace(options, phones_of=phones_in)  # the workers read no files, and this one may not travel
    context = multiprocessing.get_context(_start_method(options))
    pool = ProcessPoolExecutor(min(options.jobs, len(tasks)), context, _uninterrupted)
    try:
        futures = [pool.submit(_told, there, task) for task in tasks]
        for task, future in zip(tasks, futures, strict=True):
            yield _outcome(task, options, future)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _uninterrupted() -> None:
    """Ctrl-C reaches a terminal's processes all at once: the first of them ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _start_method(options: RunOptions) -> str:
    """A copy of this process, which has its modules already, where that is safe: without a reactor and threads."""
    alone = not options.real and threading.active_count() == 1
    return "fork" if alone and "fork" in multiprocessing.get_all_start_methods() else "spawn"


def _outcome(task: Task, options: RunOptions, future: Future[Result]) -> Result:
    """What a process gave; one that died, or could not be given the task, is an error of that scenario."""
    try:
        return future.result()
    except Exception as error:
        result = _blank(task, options)
        telling = Telling(task.scenario, result, lambda _world: _none())
        telling.broken(error)
        telling.judge()
        return result


def _none() -> Target:
    raise AssertionError("a scenario that was told elsewhere has no target here")


def _blank(task: Task, options: RunOptions) -> Result:
    return blank_result(task.scenario, task.id, task.seed, task.repeat, options.real)


def _told(options: RunOptions, task: Task) -> Result:
    """Tell one scenario in a world of its own, and write its trace."""
    scenario, result = task.scenario, _blank(task, options)
    if skipped(scenario, result):
        return result
    seed = f"{task.seed}/{scenario.key}"
    make = partial(options.make_target, scenario)
    if options.real:
        _, world = tell_real(scenario, result, make, lambda reactor: World.real(reactor, seed), options.onlooker)
    else:
        world = World.simulated(seed)
        tell_virtual(scenario, result, make, world, options.onlooker)
    _keep(world, result, task, options)
    return result


def _keep(world: World, result: Result, task: Task, options: RunOptions) -> None:
    """Write down what the trace holds, as far as it is wanted."""
    trace = world.trace
    if options.events:
        result.events = shown_events(trace)
    if options.report_dir is not None:
        path = options.report_dir / TRACES / f"{trace_name(task)}.jsonl"
        result.trace_file = _written(result, "trace", path, partial(_write_trace, trace))
    if options.pcap is not None or options.pcap_folder is not None:
        path = options.pcap or Path(options.pcap_folder or "", f"{trace_name(task)}.pcap")
        result.pcap_file = _written(result, "capture", path, partial(_write_pcap, world))


def _written(result: Result, what: str, path: Path, write: Callable[[Path], None]) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path)
    except OSError as error:
        result.unreadable = True
        result.failures.append(Failure("input", f"the {what} cannot be written to {path}: {error.strerror}"))
        return ""
    return str(path)


def _write_trace(trace: Trace, path: Path) -> None:
    path.write_bytes("".join([line + "\n" for line in trace.lines()]).encode())


def _write_pcap(world: World, path: Path) -> None:
    from harness.net import pcap

    with path.open("wb") as file:
        pcap.write(world.trace, file, world.epoch() - world.trace.now)


def trace_name(task: Task) -> str:
    """The file of a trace within its folder, without suffix, the same for any number of jobs."""
    place = task.id.removesuffix(task.scenario.variant)
    name = "/".join(map(_file_name, place.split("/")))
    variant = f"[{_file_name(task.scenario.variant[1:-1])}]" if task.scenario.variant else ""
    repeat = f"~seed{task.seed}" if task.repeat else ""
    return f"{name}{variant}{repeat}"


def _file_name(text: str) -> str:
    """A text as part of a file's name; where something is lost, its checksum keeps it unlike others."""
    kept = _UNSAFE.sub("_", text)[:MAX_FILE_NAME]
    data = text.encode("utf-8", "surrogatepass")
    return kept if kept == text else f"{kept}-{crc32(data):08x}"


def write_reports(run: RunResult, writers: Iterable[tuple[Path, Callable[[RunResult, Any], None]]]) -> list[InputError]:
    """Write each report to its file as UTF-8; gives what could not be written."""
    errors = []
    for path, write in writers:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8", newline="\n") as file:
                write(run, file)
        except OSError as error:
            errors.append(InputError(f"cannot be written: {error.strerror}", Location(str(path))))
    return errors
