"""`dpma-harness demo`: an office on loopback with a page, or a view in the terminal, to play with."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, ensureDeferred

from harness.config.folder import read_folder
from harness.errors import InputError
from harness.net.trace import Trace
from harness.net.world import World
from harness.pbx.server import Listen, Server
from harness.scenario.realtime import fresh_reactor
from harness.scenario.result import RunResult
from harness.scenario.run import Listener, RunOptions, run_files
from harness.web.live import LiveRun, Stopped
from harness.web.office import KEPT_EVENTS, Office
from harness.web.replay import Replay
from harness.web.site import Served

if TYPE_CHECKING:
    from rich.console import Console

    from harness.web.terminal import TerminalView

SEED_BYTES = 16
WIDTH = 132
"""Columns of a frame that goes into a file or a pipe."""
FRAME_PATIENCE_S = 5.0
"""Seconds that a press has to reach everybody before the frame is drawn."""


@dataclass(slots=True)
class DemoOptions:
    """What the command line says."""

    config: Path
    http: tuple[str, int]
    sip: tuple[str, int] | None = None
    models: Mapping[str, str] = field(default_factory=dict)
    allow_remote: bool = False
    replay: Path | None = None
    terminal: bool = False
    page: bool = True
    """Whether there is a page; with a view in the terminal only where an address was given."""


def checked_place(place: tuple[str, int], allow_remote: bool, warn: Callable[[str], None]) -> tuple[str, int]:
    """Where a page may be served: on loopback, elsewhere only where that was asked for, with a warning."""
    if ipaddress.ip_address(place[0]).is_loopback:
        return place
    if not allow_remote:
        raise InputError(
            f"{place[0]} is not loopback: everybody who reaches it could use the page", None,
            "say --allow-remote if that is meant; nothing on the page asks for a password",
        )  # fmt: skip
    warn(f"warning: the page on {place[0]}:{place[1]} is open to everybody who can reach it, without a password")
    return place


def needed(module: str, what: str) -> None:
    """Raises InputError, of one line, where a package of the extra `web` is not installed."""
    if importlib.util.find_spec(module) is None:
        raise InputError(f"{what} needs {module.replace('_', '-')}: pip install 'dpma-harness[web]'")


def metrics_beside(place: tuple[str, int], allow_remote: bool) -> Callable[[Any, Server], str]:
    """Serves the figures of a server; see `serving.run`."""
    needed("prometheus_client", "--http")
    checked = checked_place(place, allow_remote, _warn)

    def beside(reactor: Any, server: Server) -> str:
        from harness.web.metrics import Metrics

        metrics = Metrics(lambda: server, reactor.seconds)
        metrics.follow(server)
        served = Served(reactor, checked, metrics=metrics.page, remote=allow_remote)
        reactor.addSystemEventTrigger("before", "shutdown", served.stop)
        return f"http={_text(served.address)}"

    return beside


def demo(options: DemoOptions, out: Callable[[str], None]) -> int:
    """Serve until SIGTERM or SIGINT; gives the exit code."""
    import secrets

    needed("prometheus_client", "demo")
    needed("rich", "demo")
    place = checked_place(options.http, options.allow_remote, _warn)
    if options.replay is not None and options.terminal:
        raise InputError("--replay goes through a trace on a page", None, "leave --terminal out")
    if options.replay is not None:
        return _replay(options.replay, place, options.allow_remote, out)
    configuration = read_folder(options.config)
    for note in configuration.notes:
        _warn(f"note: {note}")
    reactor = fresh_reactor()
    world = World.real(reactor, secrets.token_hex(SEED_BYTES), Trace(keep=KEPT_EVENTS))
    listen = Listen(*options.sip) if options.sip is not None else None
    office = Office(configuration, world, options.models, listen)
    for note in office.target.assembly.dialplan_notes():
        _warn(f"note: {note}")
    running = Running(reactor, world, office)
    if options.page:
        running.served = Served(reactor, place, office, _metrics(office, reactor), remote=options.allow_remote)
    if options.terminal:
        return in_terminal(running, out)
    return running.run(lambda: out(running.ready))


def run_live(
    paths: Sequence[Path | str],
    options: RunOptions,
    listener: Listener,
    place: tuple[str, int],
    paused: bool,
    out: Callable[[str], None],
) -> RunResult:
    """Tell scenarios on a page, then serve it until SIGTERM or SIGINT; what came of them as `run_files` gives it."""
    if options.jobs > 1:
        raise InputError("--live tells one scenario after the other", None, "leave --jobs out")
    live = LiveRun(paused)
    live.listener = listener
    served = Served(live.reactor, checked_place(place, False, _warn), live)
    assert served.feed is not None
    viewers = served.feed.viewers
    live.anybody = lambda: bool(viewers) or live.over
    out(f"ready http={_text(served.address)}")
    out("the first scenario begins when that page is opened; Ctrl-C ends it")
    try:
        told = run_files(paths, replace(options, onlooker=live), live)
        live.stay()
    except KeyboardInterrupt:
        raise Stopped("stopped before all was told") from None
    finally:
        live.leave(served.stop)
    return told


def _replay(path: Path, place: tuple[str, int], allow_remote: bool, out: Callable[[str], None]) -> int:
    """Serve the page of a trace until SIGTERM or SIGINT."""
    reactor = fresh_reactor()
    served = Served(reactor, place, Replay(path, reactor), remote=allow_remote)
    reactor.callWhenRunning(out, f"ready http={_text(served.address)}")
    reactor.addSystemEventTrigger("before", "shutdown", served.stop)
    reactor.run()
    return 0


def _metrics(office: Office, reactor: Any) -> Callable[[], bytes]:
    from harness.web.metrics import Metrics

    metrics = Metrics(lambda: office.target.assembly.server, reactor.seconds)
    office.target.on_server = lambda: metrics.follow(office.target.assembly.server)
    return metrics.page


class Running:
    """A demo from its start to its end."""

    def __init__(self, reactor: Any, world: World, office: Office) -> None:
        self.reactor, self.world, self.office = reactor, world, office
        self.served: Served | None = None
        self._failed: list[Any] = []

    @property
    def ready(self) -> str:
        """The line that says where everything is."""
        page = f" http={_text(self.served.address)}" if self.served is not None else ""
        return f"ready sip={_text(self.office.address)}{page} data=:memory:"

    def run(self, begun: Callable[[], object]) -> int:
        """Run until SIGTERM or SIGINT; `begun` is called when all phones are there.  Gives the exit code."""
        reactor = self.reactor
        reactor.callWhenRunning(self._begin, begun)
        reactor.addSystemEventTrigger("before", "shutdown", self._end)
        reactor.run()
        self.world.close()
        if self._failed:
            self._failed[0].raiseException()
        return 0

    def _begin(self, begun: Callable[[], object]) -> None:
        started = ensureDeferred(self.office.start())
        started.addCallback(lambda _: begun()).addErrback(self._not_begun)

    def _not_begun(self, failure: Any) -> None:
        self._failed.append(failure)
        self.reactor.stop()

    def _end(self) -> Deferred[Any]:
        async def leave() -> None:
            if self.served is not None:
                await self.served.stop()
            if not self._failed:
                await self.office.stop()

        return ensureDeferred(leave()).addErrback(self._failed.append)


def in_terminal(running: Running, out: Callable[[str], None]) -> int:
    """Draw the office in the terminal; where there is none, one frame after one press."""
    from rich.console import Console

    from harness.web.feed import Feed
    from harness.web.keyboard import Keyboard
    from harness.web.terminal import TerminalView, follow

    told = sys.stdout.isatty() or "COLUMNS" in os.environ
    console = Console(width=None if told else WIDTH, highlight=False)
    office, reactor = running.office, running.reactor
    feed = running.served.feed if running.served is not None and running.served.feed else Feed(office, reactor)
    view = TerminalView(feed, console, "")
    ends: list[Callable[[], None]] = []

    def begun() -> None:
        view.where = running.ready.removeprefix("ready ").removesuffix(" data=:memory:")
        feed.join(view)
        if not console.is_terminal:
            ensureDeferred(one_frame(running, view, console)).addBoth(lambda _: reactor.stop())
            return
        if sys.stdin.isatty():  # before the first frame says which keys there are
            keyboard = Keyboard(view, office, reactor.stop)
            reactor.addReader(keyboard)
            ends.append(keyboard.restore)
        ends.append(follow(view, console, reactor))

    def leave() -> None:
        for end in ends:
            end()

    reactor.addSystemEventTrigger("before", "shutdown", leave)
    return running.run(begun)


async def one_frame(running: Running, view: TerminalView, console: Console) -> None:
    """The first phone with a Status app picks its first status that is not available, and all is drawn once."""
    office, world = running.office, running.world
    for phone in office.target.phones.values():
        offered = phone.configuration.statuses if phone.configuration is not None else ()
        chosen = next((each for each in offered if each.status != "available"), None)
        if chosen is not None:
            phone.set_status(chosen.status, chosen.substatuses[0] if chosen.substatuses else "")
            await world.wait(lambda: phone.status_answer is not None, FRAME_PATIENCE_S)  # noqa: B023
            break
    await world.wait(lambda: not office.target.assembly.server.stack.open_transactions(), FRAME_PATIENCE_S)
    view.catch_up()
    console.print(view.frame(keys=False))


def _warn(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201


def _text(place: tuple[str, int]) -> str:
    host, port = place
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
