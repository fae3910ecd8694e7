"""Functions and applications that look at the other channels of a server.

funcs/func_channel.c, func_global.c (SHARED), func_groupcount.c, func_export.c, func_import.c, apps/app_chanisavail.c.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.core.octets import fold
from harness.core.states import DeviceState
from harness.dialplan.call import CONTINUE, Application, Call, Result
from harness.dialplan.channel import Channel
from harness.dialplan.ere import BadRegex, Regex, compile_regex
from harness.dialplan.function import Function, Invocation
from harness.dialplan.splitting import arguments, padded
from harness.dialplan.substitute import MAX_NAME_BYTES, substitute
from harness.pbx.calls.live import LiveChannel

if TYPE_CHECKING:
    from harness.pbx.calls.exchange import Exchange

FREE = (DeviceState.UNKNOWN, DeviceState.NOT_INUSE)
"""What a device may be and still be asked for a channel."""


class OtherChannels:
    """The functions and applications bound to one server's channels."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def functions(self) -> dict[str, Function]:
        """By name."""
        return {
            "CHANNELS": Function(self._names),
            "CHANNEL_EXISTS": Function(lambda use: str(int(self._named(use.text) is not None))),
            "IMPORT": Function(self._import),
            "EXPORT": Function(None, self._export),
            "MASTER_CHANNEL": Function(self._of_master, self._to_master),
            "SHARED": Function(self._shared, self._share),
            "GROUP": Function(self._group, _join),
            "GROUP_COUNT": Function(self._group_count),
            "GROUP_LIST": Function(_group_list),
            "GROUP_MATCH_COUNT": Function(self._group_match_count),
        }

    def applications(self) -> dict[str, Application]:
        """By name."""
        return {"Bridge": self._bridge, "ChanIsAvail": self._is_available}

    # names

    def _channels(self) -> Iterator[Channel]:
        return (live.channel for live in self._exchange.live.values())

    def _named(self, name: str) -> Channel | None:
        wanted = fold(name)
        return next((channel for channel in self._channels() if fold(channel.name) == wanted), None)

    def _names(self, use: Invocation) -> str | None:
        """CHANNELS([regular expression])"""
        try:
            wanted = compile_regex(use.text)
        except BadRegex:
            return None
        return " ".join(channel.name for channel in self._channels() if wanted.search(channel.name))

    # variables

    def _import(self, use: Invocation) -> str | None:
        name, variable = use.arguments(2)
        channel = self._named(name)
        return None if channel is None or not variable else self._value(channel, variable, use)

    def _value(self, channel: Channel, variable: str, use: Invocation) -> str:
        call = Call(channel, self._exchange.surroundings)
        return substitute(f"${{{variable}}}", call, MAX_NAME_BYTES, use.depth)

    def _export(self, use: Invocation, value: str) -> bool:
        name, variable = use.arguments(2)
        channel = self._named(name)
        if channel is None or not variable:
            return False
        Call(channel, self._exchange.surroundings).set_variable(variable, value)
        return True

    def _master(self, use: Invocation) -> Channel | None:
        """The channel that all channels of a call are linked to."""
        channel = use.scope.channel
        if channel is None:
            return None
        wanted = channel.linkedid or channel.uniqueid
        return next((each for each in self._channels() if each.uniqueid == wanted), None)

    def _of_master(self, use: Invocation) -> str | None:
        master = self._master(use)
        return None if master is None else self._value(master, use.text, use)

    def _to_master(self, use: Invocation, value: str) -> bool:
        master = self._master(use)
        if master is not None:
            Call(master, self._exchange.surroundings).set_variable(use.text, value)
        return master is not None

    def _sharing(self, use: Invocation) -> tuple[Channel | None, str]:
        variable, name = use.arguments(2)
        channel = use.scope.channel
        if name:
            start = fold(name)
            channel = next((each for each in self._channels() if fold(each.name).startswith(start)), None)
        return channel, variable

    def _shared(self, use: Invocation) -> str | None:
        channel, variable = self._sharing(use)
        return None if channel is None or not variable else channel.shared.get(variable)

    def _share(self, use: Invocation, value: str) -> bool:
        channel, variable = self._sharing(use)
        if channel is None or not variable:
            return False
        channel.shared.set(variable, value)
        self._exchange.variable_set(channel, f"SHARED({variable})", value)
        return True

    # groups

    def _group(self, use: Invocation) -> str | None:
        """GROUP([category]): the first group of the channel, in that category where one is given."""
        channel = use.scope.channel
        return None if channel is None else _group_of(channel, use.text)

    def _group_count(self, use: Invocation) -> str | None:
        """GROUP_COUNT([group][@category]): the channels in a group, which is the channel's own where none is named."""
        channel = use.scope.channel
        if channel is None:
            return None
        name, category = _split_group(use.text)
        name = name or _group_of(channel, category) or ""
        rows = (row for each in self._channels() for row in each.groups)
        return str(
            sum(bool(name) and fold(group) == fold(name) and _in(kind, category) for group, kind in rows)
        )

    def _group_match_count(self, use: Invocation) -> str | None:
        """GROUP_MATCH_COUNT(regular expression[@regular expression])"""
        name, category = _split_group(use.text)
        try:
            wanted, kinds = compile_regex(name), compile_regex(category) if category else None
        except BadRegex:
            return None
        rows = (row for each in self._channels() for row in each.groups)
        return str(sum(bool(name) and _matches(wanted, kinds, *row) for row in rows))

    # applications

    def _bridge(self, call: Call, text: str) -> Result:
        """Bridge(channel): only that there is no such channel is told; talks are made by Dial here."""
        known = self._named(arguments(text, 2)[0]) if text else None
        call.set_variable("BRIDGERESULT", "NONEXISTENT" if known is None else "INCOMPATIBLE")
        return CONTINUE

    def _is_available(self, call: Call, text: str) -> Result:
        """`technology/resource[&...][,options]`: which can be asked for a channel; `a` all, `s` by their state."""
        names, options = padded(arguments(text, 2), 2)
        made: list[LiveChannel] = []
        wanted: list[str] = []
        states: list[str] = []
        for each in names.split("&"):
            state, live = self._tried(call, each, "s" in options or "t" in options)
            states.append(str(int(state)))
            if live is not None:
                made.append(live)
                wanted.append(each)
                live.hang_up()
                if "a" not in options:
                    break
        call.set_variable("AVAILCHAN", "&".join(live.name for live in made))
        call.set_variable("AVAILORIGCHAN", "&".join(wanted))
        call.set_variable("AVAILSTATUS", "&".join(states))
        call.set_variable("AVAILCAUSECODE", "&".join("0" for _ in made))
        return CONTINUE

    def _tried(self, call: Call, name: str, by_state: bool) -> tuple[DeviceState, LiveChannel | None]:
        technology, slash, resource = name.partition("/")
        if not slash:
            return DeviceState.INVALID, None
        state = self._exchange.core.devices.query(name) if by_state else DeviceState.UNKNOWN
        made = self._exchange.request(technology, resource, call.channel) if state in FREE else 0
        return state, None if isinstance(made, int) else made


def _split_group(text: str) -> tuple[str, str]:
    name, _, category = text.partition("@")
    return name, category


def _in(category: str, wanted: str) -> bool:
    return not wanted or fold(category) == fold(wanted)


def _matches(wanted: Regex, kinds: Regex | None, group: str, category: str) -> bool:
    if kinds is not None and not kinds.search(category):
        return False
    return bool(wanted.search(group))


def _group_of(channel: Channel, category: str) -> str | None:
    return next((group for group, kind in channel.groups if _in(kind, category)), None)


def _group_list(use: Invocation) -> str | None:
    channel = use.scope.channel
    if channel is None:
        return None
    return " ".join(f"{group}@{kind}" if kind else group for group, kind in channel.groups)


def _join(use: Invocation, value: str) -> bool:
    """GROUP([category])=group: in one of each category at most; an empty one leaves it."""
    channel, category = use.scope.channel, use.text
    if channel is None:
        return False
    named, _, within = value.partition("@")
    category = within or category
    channel.groups[:] = [row for row in channel.groups if fold(row[1]) != fold(category)]
    if named:
        channel.groups.append((named, category))
    return True
