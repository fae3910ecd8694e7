"""`core show channels`, `core show calls`, `bridge show all` (main/cli.c, main/bridge.c)."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import partial

from harness.core.octets import fold
from harness.dialplan.ere import BadRegex, compile_regex
from harness.pbx.calls.listing import duration
from harness.pbx.calls.live import LiveChannel
from harness.pbx.calls.local_channel import LocalHalf
from harness.pbx.commands.columns import column, left
from harness.pbx.commands.core import Uptime, in_words
from harness.pbx.commands.registry import USAGE, Answer, Registry
from harness.pbx.commands.served import Served

NONE = "(None)"
AMA_FLAGS = 3
"""Documentation, as every channel has it."""
EXPLICIT = 32
"""What an event names as the cause where a person asked for the end (AST_SOFTHANGUP_EXPLICIT)."""
CALL_UNIT = {True: "active call", False: "active calls"}

_BRIEF = (("Channel", 64), ("Location", 32), ("State", 7), ("Application(Data)", 30))
_VERBOSE = (
    *(("Channel", 80), ("Context", 24), ("Extension", 24), ("Prio", 4), ("State", 7), ("Application", 12)),
    *(("Data", 25), ("CallerID", 15), ("Duration", 8), ("Accountcode", 11), ("PeerAccount", 11), ("BridgeID", 20)),
)
_RIGHT = ("Prio", "Duration")
"""Columns whose values stand on the right."""
_BRIDGES = (("Bridge-ID", 36), ("Name", 36), ("Chans", 5), ("Type", 15), ("Technology", 15))


def register(registry: Registry, served: Served, uptime: Uptime) -> None:
    """Serve the family."""
    family = _Channels(served, uptime)
    registry.serve("core show channels [concise|verbose|count]", family.show_channels)
    registry.serve("core show channel", family.show_channel)
    registry.serve("core show calls [uptime]", family.show_calls)
    registry.serve("channel request hangup", family.hang_up)
    registry.serve("bridge show all", family.show_bridges)
    registry.serve("local show channels", family.show_locals)


class _Channels:
    def __init__(self, served: Served, uptime: Uptime) -> None:
        self._served, self._uptime = served, uptime

    @property
    def _live(self) -> list[LiveChannel]:
        return list(self._served.exchange.live.values())

    def show_channels(self, words: Sequence[str]) -> Answer:
        kind = fold(words[0]) if words else ""
        if len(words) > 1 or kind not in ("", "concise", "verbose", "count"):
            return USAGE
        if kind == "concise":
            return Answer("".join(f"{self._concise(live)}\n" for live in self._live))
        titles = {"": _BRIEF, "verbose": _VERBOSE}.get(kind, ())
        rows = [" ".join(column(title, width) for title, width in titles)] if titles else []
        rows += [self._row(live, kind, titles) for live in self._live if titles]
        return Answer("".join(f"{row}\n" for row in [*rows, self._channels(), *self._calls()]))

    def _channels(self) -> str:
        count = len(self._live)
        return f"{count} active channel{'' if count == 1 else 's'}"

    def _calls(self) -> list[str]:
        exchange = self._served.exchange
        active = sum(live.executes for live in self._live)
        processed = exchange.calls_processed
        return [
            f"{active} {CALL_UNIT[active == 1]}",
            f"{processed} call{'' if processed == 1 else 's'} processed",
        ]

    def _row(self, live: LiveChannel, kind: str, titles: tuple[tuple[str, int], ...]) -> str:
        channel = live.channel
        if not kind:
            place = f"{channel.exten}@{channel.context}:{channel.priority}" if channel.exten else NONE
            does = f"{channel.application}({channel.application_data})" if channel.application else NONE
            values = [live.name, place, channel.state.word, does]
        else:
            values = [
                live.name, channel.context, channel.exten, str(channel.priority), channel.state.word,
                channel.application or NONE, channel.application_data or "", channel.caller.number,
                duration(self._age(live)), channel.account_code, "", live.bridge.identity if live.bridge else "",
            ]  # fmt: skip
        cells = zip(values, titles, strict=True)
        return " ".join(
            column(value, width).strip().rjust(width) if title in _RIGHT else column(value, width)
            for value, (title, width) in cells
        )

    def _concise(self, live: LiveChannel) -> str:
        channel = live.channel
        bridge = live.bridge.identity if live.bridge else ""
        return "!".join([
            live.name, channel.context, channel.exten, str(channel.priority), channel.state.word,
            channel.application or NONE, channel.application_data, channel.caller.number, channel.account_code, "",
            str(AMA_FLAGS), str(int(self._age(live))), bridge, channel.uniqueid,
        ])  # fmt: skip

    def _age(self, live: LiveChannel) -> float:
        return self._served.exchange.now() - live.began_at

    def show_channel(self, words: Sequence[str]) -> Answer:
        if len(words) != 1:
            return USAGE
        live = self._served.exchange.live.get(words[0])
        if live is None:
            return Answer(f"{words[0]} is not a known channel\n")
        return Answer("".join(f"{title:>21}: {value}\n" for title, value in live.channel.snapshot()))

    def hang_up(self, words: Sequence[str]) -> Answer:
        """By name, `all`, `/regular expression/` or a pattern with `*`, none of which crosses a slash."""
        if not words:
            return USAGE
        if fold(words[0]) == "all":
            said = [self._let_go(live, at_once=False) for live in self._live]
            for live in reversed(self._live):
                self._served.exchange.soon(live.far_hung_up)
            return Answer("".join(said))
        return Answer("".join(map(self._hang_up, words)))

    def _hang_up(self, word: str) -> str:
        named = self._served.exchange.live.get(word)
        if named is not None:
            return self._let_go(named)
        is_regex = word.startswith("/") and word.endswith("/")
        if not is_regex and not any(character in word for character in "?*["):
            return f"{word} is not a known channel\n"
        try:
            fits = compile_regex(fold(word[1:-1])).search if is_regex else partial(_fits, word=fold(word))
        except BadRegex as bad:
            return f"{word} is not a valid POSIX Extended Regular Expression: {bad}\n"
        found = [live for live in self._live if fits(fold(live.name))]
        return "".join(map(self._let_go, found)) or f"{word} did not match a known channel\n"

    def _let_go(self, live: LiveChannel, at_once: bool = True) -> str:
        exchange = self._served.exchange
        exchange.publish_channel("call", "SoftHangupRequest", live.channel, [("Cause", EXPLICIT)])
        if at_once:
            exchange.soon(live.far_hung_up)
        return f"Requested Hangup on channel '{live.name}'\n"

    def show_calls(self, words: Sequence[str]) -> Answer:
        asked = [fold(word) for word in words]
        if asked not in ([], ["uptime"], ["uptime", "seconds"]):
            return USAGE
        rows = self._calls()
        if asked:
            seconds = self._uptime.since(self._uptime.started_at)
            rows.append(f"System uptime: {seconds if len(asked) > 1 else in_words(seconds)}")
        return Answer("".join(f"{row}\n" for row in rows))

    def show_locals(self, words: Sequence[str]) -> Answer:
        """The pairs by the half that was called, and where they lead."""
        if words:
            return USAGE
        pairs = [live for live in self._live if isinstance(live, LocalHalf) and (live.first or live.other.gone)]
        rows = [f"{live.name if live.first else '<unowned>'} -- {live.address}\n" for live in pairs]
        return Answer("".join(rows) or "No local channels in use\n")

    def show_bridges(self, words: Sequence[str]) -> Answer:
        if words:
            return USAGE
        rows = [f"{' '.join(left(title, width) for title, width in _BRIDGES)} Duration\n"]
        for bridge in self._served.exchange.bridges.values():
            age = duration(self._served.exchange.now() - bridge.began_at)
            named = f"{left(bridge.identity, 36)} {left('<unknown>', 36)} {len(bridge.members):>5}"
            rows.append(f"{named} {left('basic', 15)} {left(bridge.technology, 15)} {age}\n")
        return Answer("".join(rows))


def _fits(name: str, word: str) -> bool:
    """Whether a pattern fits, none of whose characters stands for a slash."""
    parts, wanted = name.split("/"), word.split("/")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))
