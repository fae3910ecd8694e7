"""The command line; each command imports what it needs when it runs."""

from __future__ import annotations

import argparse
import ipaddress
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from harness.errors import HarnessError, InputError

if TYPE_CHECKING:
    from harness.dpma import ShimOptions

PROGRAM = "dpma-harness"
LIVE = ("127.0.0.1", 8088)
"""Where a page is served by default."""
ALL_COMMANDS = f"`{PROGRAM} cli core show help` lists the commands of a running serve"
MAX_COUNT = 100_000
"""What --repeat and --jobs may be at most."""
MAX_PROCESSES = 8
"""How many a run takes by itself."""


def address(text: str) -> tuple[str, int]:
    """HOST:PORT as an option gives it; an IPv6 address stands in brackets."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    host = host.strip("[]")
    if host in ("", "localhost"):
        host = "127.0.0.1"
    try:
        ipaddress.ip_address(host)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{host!r} is no address: names are not looked up") from None
    return host, int(port)


class Options(argparse.ArgumentParser):
    """Says what is wrong with an option as everything else that is wrong is said."""

    def error(self, message: str) -> NoReturn:
        raise InputError(message, None, f"{self.prog} --help tells what there is")


class _Version(argparse.Action):
    """Prints the version that the package was installed with; looked up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import PackageNotFoundError, version

        try:
            found = version(PROGRAM)
        except PackageNotFoundError:
            found = "(not installed: run from its source)"
        print(f"{PROGRAM} {found}")  # noqa: T201
        parser.exit()


def parser() -> argparse.ArgumentParser:
    """The options of every command."""
    root = Options(
        prog=PROGRAM, description="Digium phones, the DPMA and Asterisk's presence core, driven by YAML scenarios."
    )
    root.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    root.add_argument("-v", "--verbose", action="store_true", help="log more")
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_run(commands)
    _add_bench(commands)
    serve = commands.add_parser("serve", help="answer SIP and the manager interface as an Asterisk 22 does")
    serve.add_argument("--config", required=True, type=Path, metavar="DIR", help="folder of Asterisk configuration")
    serve.add_argument("--sip", type=address, metavar="HOST:PORT", help="where to take SIP, UDP and TCP; port 0: any")
    serve.add_argument("--tls", type=address, metavar="HOST:PORT", help="where to take SIP over TLS")
    serve.add_argument("--ami", type=address, metavar="HOST:PORT", help="where to take the manager interface")
    serve.add_argument("--http", type=address, metavar="HOST:PORT", help="where to serve figures, at /metrics")
    serve.add_argument("--data", metavar="DIR", help="where to keep state; :memory: keeps none")
    serve.add_argument("--listen-as-configured", action="store_true", help="take the hosts of the files, not loopback")
    serve.add_argument("--allow-remote", action="store_true", help="serve --http elsewhere than on loopback")
    serve.add_argument("--test-events", action="store_true", help="tell managers of subscriptions: TestEvent")
    _add_sip_as_pjsip(serve)
    _add_shim(serve)
    serve.set_defaults(run=_serve)
    _add_demo(commands)
    explain = commands.add_parser("explain", help="one press, told hop by hop: why does that phone not light?")
    explain.add_argument("folder", type=Path, metavar="DIR", help="folder of Asterisk configuration")
    explain.add_argument("--from", dest="presser", required=True, metavar="PHONE", help="who picks a status")
    explain.add_argument("--to", dest="watcher", required=True, metavar="PHONE", help="who should see it")
    explain.add_argument("--status", default="", help="the status; by default the first that is not available")
    explain.add_argument("--substatus", default="", help="its substatus")
    _add_sip_as_pjsip(explain)
    _add_shim(explain)
    explain.set_defaults(run=_explain)
    cli = commands.add_parser("cli", help="a command to a running serve: presencestate list, core show hints, ...")
    cli.add_argument("words", nargs="*", metavar="COMMAND", help="one command: core show hints; all: core show help")
    cli.add_argument("--config", type=Path, default=Path(), metavar="DIR", help="the configuration that it serves")
    cli.add_argument("--data", metavar="DIR", help="where it keeps state, if it was told")
    cli.set_defaults(run=_cli)
    ladder = commands.add_parser("ladder", help="draw a trace: who sent what to whom")
    ladder.add_argument("trace", type=Path, metavar="TRACE", help="a file of traces/ in the report of a run")
    ladder.add_argument("--format", choices=("text", "mermaid", "svg"), default="text", help="by default text")
    ladder.set_defaults(run=_ladder)
    schema = commands.add_parser("schema", help="the JSON Schema of a scenario, for editors")
    schema.set_defaults(run=_schema)
    return root


def _add_sip_as_pjsip(command: argparse.ArgumentParser) -> None:
    command.add_argument("--sip-as-pjsip", action="store_true", help="devices named SIP/x count as PJSIP/x")


def _add_shim(command: argparse.ArgumentParser) -> None:
    """What is not documented about the DPMA; a scenario says it under `dpma`."""
    command.add_argument("--dpma-lines", choices=("first", "all"), default="first",
                         help="which lines of a phone its status is set for (first)")  # fmt: skip
    command.add_argument("--auto-hint-context", metavar="CONTEXT",
                         help="where auto_hint_ hints live; by default where the peer itself subscribes")  # fmt: skip


def _shim(options: argparse.Namespace) -> ShimOptions:
    from harness.dpma import ShimOptions

    return ShimOptions(options.dpma_lines, options.auto_hint_context)


def _add_run(commands: Any) -> None:
    run = commands.add_parser("run", help="tell scenarios: files or folders; by default those that are shipped")
    run.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    run.add_argument("--target", default="embedded", help="embedded; asterisk[:COMMAND] and remote come later")
    run.add_argument("--time", choices=("virtual", "real"), default="virtual")
    run.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed gives the same bytes")
    run.add_argument("--repeat", type=_positive, default=1, metavar="N", help="tell all N times: seed, seed+1, ...")
    run.add_argument("--report", type=Path, default=Path("reports"), metavar="DIR", help="where to write (reports/)")
    run.add_argument("--junit", type=Path, metavar="FILE", help="JUnit XML there, and not in DIR/junit.xml")
    run.add_argument("--tap", type=Path, metavar="FILE", help="write TAP there, too")
    run.add_argument("--pcap", type=Path, metavar="FILE", help="a packet capture; of several: FILE's stem as a folder")
    run.add_argument("--only", default="", metavar="TEXT", help="those with this text in their name or path")
    run.add_argument("--tag", action="append", default=[], metavar="T", help="those with this tag; may be repeated")
    run.add_argument("--fail-fast", action="store_true", help="stop at the first that fails")
    run.add_argument("--jobs", type=_positive, metavar="N", help="processes; in virtual time one for each processor")
    run.add_argument("--live", type=address, nargs="?", const=LIVE, metavar="HOST:PORT",
                     help="tell them on a page, where one can stop and go on (127.0.0.1:8088)")  # fmt: skip
    run.add_argument("--step", action="store_true", help="with --live: stop before each step")
    run.add_argument("--ladder", action="store_true", help="show the ladder of those that pass, too")
    _add_sip_as_pjsip(run)
    run.set_defaults(run=_run)


def _add_demo(commands: Any) -> None:
    demo = commands.add_parser("demo", help="an office of phones on a page of this machine, to play with")
    demo.add_argument("--config", type=Path, metavar="DIR", help="folder of configuration; by default an office")
    demo.add_argument("--http", type=address, metavar="HOST:PORT", help="where to serve the page (127.0.0.1:8088)")
    demo.add_argument("--sip", type=address, metavar="HOST:PORT", help="where to take SIP; by default any free port")
    demo.add_argument("--model", type=_named, action="append", default=[], metavar="PHONE=MODEL",
                      help="which model a phone is; may be repeated")  # fmt: skip
    demo.add_argument("--replay", type=Path, metavar="TRACE", help="show a trace of a run instead of an office")
    demo.add_argument("--terminal", action="store_true", help="draw it here; a page only with --http")
    demo.add_argument("--allow-remote", action="store_true", help="serve the page elsewhere than on loopback")
    demo.set_defaults(run=_demo)


def _named(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not PHONE=MODEL")
    return name, value


def _add_bench(commands: Any) -> None:
    bench = commands.add_parser("bench", help="speed as ratios, in one run; without a name: all of them")
    bench.add_argument("what", nargs="?", choices=("fanout", "memory", "writes", "scenarios"))
    bench.add_argument("--watchers", type=_positive, nargs="+", metavar="N",
                       help="how many: fanout (200 5000), memory (5000)")  # fmt: skip
    bench.add_argument("--changes", type=_positive, metavar="N", help="fanout: presence changes of each measurement")
    bench.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    bench.add_argument("--strict", action="store_true", help="exit 1 where an aim is missed, not only for a loss")
    bench.set_defaults(run=_bench)


def _positive(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= MAX_COUNT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {MAX_COUNT}")
    return int(text)


def _run(options: argparse.Namespace) -> int:
    import gc
    import os

    from harness.report import github
    from harness.report.files import PAGE, drop_stale, page_can_be_written, wanted_files
    from harness.report.terminal import Terminal
    from harness.report.text import wants_colours
    from harness.scenario.run import RunOptions, run_files, write_reports
    from harness.targets.factory import factory_for, phones_of

    chosen = RunOptions(
        factory_for(options.target, options.sip_as_pjsip),
        time=options.time,
        seed=options.seed,
        repeat=options.repeat,
        only=options.only,
        tags=tuple(options.tag),
        fail_fast=options.fail_fast,
        jobs=options.jobs or (1 if options.time == "real" or options.live is not None else _processors()),
        report_dir=options.report,
        pcap=options.pcap,
        events=options.ladder,
        phones_of=phones_of,
    )
    gc.freeze()  # what was imported is not garbage: the collector need not look at it again and again
    colours = wants_colours(sys.stdout, os.environ)
    terminal = Terminal(sys.stdout, colours=colours, ladders=options.ladder, verbose=options.verbose)
    paths = options.paths or [shipped()]
    told = run_files(paths, chosen, terminal) if options.live is None else _live(options, paths, chosen, terminal)
    folder: Path = options.report
    files = wanted_files(folder, options.junit, options.tap)
    drop_stale(folder, files)
    unwritten = write_reports(told, files)
    if github.wanted(os.environ):
        print(*github.commands(told, os.environ), sep="\n")  # noqa: T201
    for error in unwritten:
        print(f"{PROGRAM}: {error}", file=sys.stderr)  # noqa: T201
    if not unwritten and page_can_be_written():
        print(f"page: {folder / PAGE}")  # noqa: T201
    elif not unwritten:
        print("page: not written, for Jinja2 is not installed: pip install 'dpma-harness[report]'")  # noqa: T201
    print(f"report: {folder}")  # noqa: T201
    return 2 if unwritten else told.exit_code


def _processors() -> int:
    import os

    return min(os.cpu_count() or 1, MAX_PROCESSES)


def _live(options: argparse.Namespace, paths: Any, chosen: Any, terminal: Any) -> Any:
    from harness.web.command import run_live

    return run_live(paths, chosen, terminal, options.live, options.step, lambda line: print(line, flush=True))  # noqa: T201


def _cli(options: argparse.Namespace) -> int:
    from harness.targets.control_client import UNKNOWN, ask, data_folder, joined

    if not options.words:
        raise InputError("cli needs a command", None, ALL_COMMANDS)
    succeeded, output = ask(data_folder(options.config, options.data), joined(options.words))
    print(output, end="")  # noqa: T201
    if not succeeded and output.startswith(UNKNOWN):
        print(f"{PROGRAM}: {ALL_COMMANDS}", file=sys.stderr)  # noqa: T201
    return 0 if succeeded else 1


def shipped() -> Path:
    """The folder of the scenarios that come with the package."""
    import scenarios

    return Path(scenarios.__path__[0])


def _bench(options: argparse.Namespace) -> int:
    from harness.bench.command import run

    return run(options, lambda line: print(line, flush=True), shipped)  # noqa: T201


def _schema(_options: argparse.Namespace) -> int:
    import json

    from harness.scenario.schema import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))  # noqa: T201
    return 0


def _serve(options: argparse.Namespace) -> int:
    from harness.targets.serving import ServeOptions, run

    chosen = ServeOptions(
        options.config, options.sip, options.ami, options.data, options.listen_as_configured, options.tls,
        options.sip_as_pjsip, options.test_events, _shim(options),
    )  # fmt: skip
    beside = None
    if options.http is not None:
        from harness.web.command import metrics_beside

        beside = metrics_beside(options.http, options.allow_remote)
    return run(chosen, options.verbose, lambda line: print(line, flush=True), beside)  # noqa: T201


def _ladder(options: argparse.Namespace) -> int:
    from harness.report.drawing import draw

    print(draw(options.trace, options.format, sys.stdout), end="")  # noqa: T201
    return 0


def _demo(options: argparse.Namespace) -> int:
    from harness.web.command import DemoOptions, demo

    chosen = DemoOptions(
        options.config or shipped() / "demo" / "office", options.http or LIVE, options.sip,
        dict(options.model), options.allow_remote, options.replay,
        options.terminal, options.http is not None or not options.terminal,
    )  # fmt: skip
    return demo(chosen, lambda line: print(line, flush=True))  # noqa: T201


def _explain(options: argparse.Namespace) -> int:
    from harness.explain import Question, explain

    told = explain(Question(
        options.folder, options.presser, options.watcher, options.status, options.substatus, options.sip_as_pjsip,
        _shim(options),
    ))  # fmt: skip
    for line in told.lines:
        print(line)  # noqa: T201
    return 0 if told.arrived else 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives its exit code."""
    try:
        options = parser().parse_args(arguments)
        code: int = options.run(options)
    except HarnessError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)  # noqa: T201
        return error.exit_code
    return code


if __name__ == "__main__":
    sys.exit(main())
