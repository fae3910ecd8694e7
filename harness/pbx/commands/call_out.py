"""`channel originate` and `channel redirect` (res/res_clioriginate.c)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.octets import fold
from harness.dialplan.splitting import integer
from harness.pbx.calls.live import LiveChannel
from harness.pbx.calls.originating import Originating, Wanted
from harness.pbx.commands.registry import USAGE, Answer, Outcome, Registry, failure
from harness.pbx.commands.served import Served

DEFAULT_CONTEXT, DEFAULT_EXTEN = "default", "s"


def register(registry: Registry, served: Served) -> None:
    """Serve the family."""
    family = _CallOut(served)
    registry.serve("channel originate", family.originate)
    registry.serve("channel redirect", family.redirect)


class _CallOut:
    def __init__(self, served: Served) -> None:
        self._served = served

    def originate(self, words: Sequence[str]) -> Answer:
        """Call a channel, and give it an application or an extension once it answers; nobody waits for that."""
        kind = fold(words[1]) if len(words) > 1 else ""
        if kind not in ("application", "extension") or not words[0]:
            return USAGE
        wanted = _application(words[2:]) if kind == "application" else _extension(words[2:])
        if wanted is None:
            return USAGE
        technology, slash, wanted.destination = words[0].partition("/")
        if not slash:
            return Answer("*** No data provided after channel type! ***\n", Outcome.USAGE)
        exchange = self._served.exchange
        call = Originating(exchange, fold(technology), wanted, lambda _reason, _channel: None)
        exchange.clock.callLater(0, call.start)
        return Answer("")

    def redirect(self, words: Sequence[str]) -> Answer:
        """Send a channel elsewhere: `[[context,]exten,]priority`."""
        if len(words) != 2:
            return USAGE
        name, text = words
        live = self._served.exchange.live.get(name)
        if live is None:
            return failure(f"Channel '{name}' not found\n")
        place = self._place(live, text)
        if place is None:
            return failure(f"Channel '{name}' failed to be redirected to {text}\n")
        self._served.exchange.redirect(live, *place)
        return Answer(f"Channel '{name}' successfully redirected to {text}\n")

    def _place(self, live: LiveChannel, text: str) -> tuple[str, str, int] | None:
        *before, priority = text.split(",", 2)
        context, exten = ["", "", *before][-2:]
        context, exten = context or live.channel.context, exten or live.channel.exten
        number = integer(priority)
        if number is None:
            line = self._served.plan.find(context, exten, priority)
            number = line.number if line is not None else -1
        return (context, exten, number) if number > 0 else None


def _application(words: Sequence[str]) -> Wanted | None:
    if not words or not words[0]:
        return None
    return Wanted("", application=words[0], data=words[1] if len(words) > 1 else "")


def _extension(words: Sequence[str]) -> Wanted:
    exten, _, context = (words[0] if words else "").partition("@")
    return Wanted("", context=context or DEFAULT_CONTEXT, exten=exten or DEFAULT_EXTEN, priority=1)
