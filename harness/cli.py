"""The command line; each command imports what it needs when it runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.errors import HarnessError

PROGRAM = "dpma-harness"


def address(text: str) -> tuple[str, int]:
    """HOST:PORT as an option gives it; an IPv6 address stands in brackets."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


def parser() -> argparse.ArgumentParser:
    """The options of every command."""
    root = argparse.ArgumentParser(
        prog=PROGRAM, description="Digium phones, the DPMA and Asterisk's presence core, driven by YAML scenarios."
    )
    root.add_argument("-v", "--verbose", action="store_true", help="log more")
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True)
    serve = commands.add_parser("serve", help="answer SIP and the manager interface as an Asterisk 22 does")
    serve.add_argument("--config", required=True, type=Path, metavar="DIR", help="folder of Asterisk configuration")
    serve.add_argument("--sip", type=address, metavar="HOST:PORT", help="where to take SIP, UDP and TCP; port 0: any")
    serve.add_argument("--ami", type=address, metavar="HOST:PORT", help="where to take the manager interface")
    serve.add_argument("--data", metavar="DIR", help="where to keep state; :memory: keeps none")
    serve.add_argument("--listen-as-configured", action="store_true", help="take the hosts of the files, not loopback")
    serve.set_defaults(run=_serve)
    explain = commands.add_parser("explain", help="one press, told hop by hop: why does that phone not light?")
    explain.add_argument("folder", type=Path, metavar="DIR", help="folder of Asterisk configuration")
    explain.add_argument("--from", dest="presser", required=True, metavar="PHONE", help="who picks a status")
    explain.add_argument("--to", dest="watcher", required=True, metavar="PHONE", help="who should see it")
    explain.add_argument("--status", default="", help="the status; by default the first that is not available")
    explain.add_argument("--substatus", default="", help="its substatus")
    explain.set_defaults(run=_explain)
    return root


def _serve(options: argparse.Namespace) -> int:
    from harness.targets.serving import ServeOptions, run

    chosen = ServeOptions(options.config, options.sip, options.ami, options.data, options.listen_as_configured)
    return run(chosen, options.verbose, lambda line: print(line, flush=True))  # noqa: T201


def _explain(options: argparse.Namespace) -> int:
    from harness.explain import Question, explain

    told = explain(Question(options.folder, options.presser, options.watcher, options.status, options.substatus))
    for line in told.lines:
        print(line)  # noqa: T201
    return 0 if told.arrived else 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives its exit code."""
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except HarnessError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)  # noqa: T201
        return error.exit_code
    return code


if __name__ == "__main__":
    sys.exit(main())
