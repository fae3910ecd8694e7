"""`dpma-harness demo`: an office on loopback with a page, or a view in the terminal, to play with."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, ensureDeferred

from harness.config.folder import read_folder
from harness.errors import InputError
from harness.net.trace import Trace
from harness.net.world import World
from harness.pbx.server import Listen
from harness.scenario.realtime import fresh_reactor
from harness.scenario.result import RunResult
from harness.scenario.run import Listener, RunOptions, run_files
from harness.web.live import LiveRun, Stopped
from harness.web.office import KEPT_EVENTS, Office
from harness.web.replay import Replay
from harness.web.site import Served

SEED_BYTES = 16


@dataclass(slots=True)
class DemoOptions:
    """What the command line says."""

    config: Path
    http: tuple[str, int]
    sip: tuple[str, int] | None = None
    models: Mapping[str, str] = field(default_factory=dict)
    allow_remote: bool = False
    replay: Path | None = None


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


def demo(options: DemoOptions, out: Callable[[str], None]) -> int:
    """Serve until SIGTERM or SIGINT; gives the exit code."""
    import secrets

    place = checked_place(options.http, options.allow_remote, _warn)
    if options.replay is not None:
        return _replay(options.replay, place, options.allow_remote, out)
    configuration = read_folder(options.config)
    for note in configuration.notes:
        _warn(f"note: {note}")
    reactor = fresh_reactor()
    world = World.real(reactor, secrets.token_hex(SEED_BYTES), Trace(keep=KEPT_EVENTS))
    listen = Listen(*options.sip) if options.sip is not None else None
    office = Office(configuration, world, options.models, listen)
    served = Served(reactor, place, office, remote=options.allow_remote)
    return _until_stopped(reactor, world, office, served, out)


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


def _until_stopped(reactor: Any, world: World, office: Office, served: Served, out: Callable[[str], None]) -> int:
    failed: list[Any] = []

    def ready(_: object) -> None:
        out(f"ready sip={_text(office.address)} http={_text(served.address)} data=:memory:")

    def not_ready(failure: Any) -> None:
        failed.append(failure)
        reactor.stop()

    async def leave() -> None:
        await served.stop()
        if not failed:
            await office.stop()

    def begin() -> None:
        ensureDeferred(office.start()).addCallbacks(ready, not_ready)

    def end() -> Deferred[Any]:
        return ensureDeferred(leave()).addErrback(lambda failure: failed.append(failure))

    reactor.callWhenRunning(begin)
    reactor.addSystemEventTrigger("before", "shutdown", end)
    reactor.run()
    world.close()
    if failed:
        failed[0].raiseException()
    return 0


def _warn(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201


def _text(place: tuple[str, int]) -> str:
    host, port = place
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
