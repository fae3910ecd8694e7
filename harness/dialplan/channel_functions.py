"""Functions about the channel (funcs/func_channel.c, apps/app_stack.c, main/pbx.c)."""

from __future__ import annotations

from collections.abc import Callable

from harness.core.octets import fold
from harness.dialplan.channel import Channel
from harness.dialplan.function import Function, Invocation
from harness.dialplan.splitting import integer, strip


def _format(channel: Channel) -> str:
    return "slin" if channel.technology == "Local" else "ulaw"


_ITEMS: dict[str, Callable[[Channel], str]] = {
    "name": lambda channel: channel.name,
    "channame": lambda channel: channel.name,
    "state": lambda channel: channel.state.word,
    "channeltype": lambda channel: channel.technology,
    "context": lambda channel: channel.context,
    "exten": lambda channel: channel.exten,
    "uniqueid": lambda channel: channel.uniqueid,
    "linkedid": lambda channel: channel.linkedid or channel.uniqueid,
    "language": lambda channel: channel.language,
    "accountcode": lambda channel: channel.account_code,
    "userfield": lambda channel: channel.user_field,
    "musicclass": lambda channel: channel.music_class,
    "hangupsource": lambda channel: channel.hangup_source,
    "appname": lambda channel: channel.application,
    "appdata": lambda channel: channel.application_data,
    "amaflags": lambda channel: channel.ama_flags,
    "peeraccount": lambda channel: channel.peer_account,
    "transfercapability": lambda _channel: "SPEECH",
    "audioreadformat": _format,
    "audiowriteformat": _format,
    "audionativeformat": lambda channel: f"({_format(channel)})",
    "videonativeformat": lambda _channel: "(nothing)",
    "max_forwards": lambda channel: str(channel.forwards_left),
    "onhold": lambda _channel: "0",
    "checkhangup": lambda channel: str(int(channel.hung_up)),
    "peer": lambda _channel: "",
}
_WRITABLE = {
    "language": "language",
    "accountcode": "account_code",
    "userfield": "user_field",
    "musicclass": "music_class",
    "peeraccount": "peer_account",
}
MOST_GROUPS = 64
_KEPT = ("parkinglot", "namedcallgroup", "namedpickupgroup", "callgroup", "pickupgroup")
_AMA_FLAGS = {"omit": "1", "billing": "2", "documentation": "3"}


def channel_read(use: Invocation) -> str | None:
    """CHANNEL(item): None for what it does not know."""
    channel, name = use.scope.channel, fold(use.text)
    if channel is None:
        return None
    if name in _KEPT:
        return channel.labels.get(name, "")
    item = _ITEMS.get(name)
    return item(channel) if item is not None else None


def channel_write(use: Invocation, value: str) -> bool:
    """Set CHANNEL(item); False for what cannot be set."""
    channel, name = use.scope.channel, fold(use.text)
    attribute = _WRITABLE.get(name)
    if channel is None:
        return False
    if attribute is None:
        return _write_other(channel, name, value)
    before = getattr(channel, attribute)
    setattr(channel, attribute, value)
    if attribute == "account_code" and before != value:
        use.scope.changed("NewAccountCode", [("OldAccountCode", before)])
    return True


def _write_other(channel: Channel, name: str, value: str) -> bool:
    """What is kept in a form of its own; False where there is no such item."""
    if name in _KEPT:
        channel.labels[name] = _listed(name, value)
    elif name == "amaflags":
        channel.ama_flags = _AMA_FLAGS.get(fold(value), value if value in _AMA_FLAGS.values() else channel.ama_flags)
    elif name == "max_forwards":
        channel.forwards_left = integer(value) or 0
    elif name == "hangup_handler_push":
        channel.handlers.append(value)
    elif name == "hangup_handler_pop":
        del channel.handlers[-1:]
        channel.handlers += [value] if value else []
    elif name == "hangup_handler_wipe":
        channel.handlers[:] = [value] if value else []
    else:
        return False
    return True


def _listed(name: str, value: str) -> str:
    """Groups are read back one by one, those that are numbers sorted and with ranges taken apart."""
    if name == "parkinglot":
        return value
    pieces = [piece for piece in map(strip, value.split(",")) if piece]
    if name.startswith("named"):
        return ", ".join(pieces)
    numbers: set[int] = set()
    for piece in pieces:
        first, dash, last = piece.partition("-")
        start, end = integer(first), integer(last if dash else first)
        if start is not None and end is not None:
            numbers |= set(range(max(start, 0), min(end, MOST_GROUPS - 1) + 1))
    return ", ".join(map(str, sorted(numbers)))


# subroutines and exceptions


def _local_read(use: Invocation) -> str | None:
    channel = use.scope.channel
    if channel is None or not channel.frames:
        return None
    return (channel.variables.get(use.text) or "") if use.text in channel.frames[-1].own else ""


def _local_write(use: Invocation, value: str) -> bool:
    channel = use.scope.channel
    if channel is None or not channel.frames:
        return False
    set_local(channel, use.text, value)
    use.scope.variable_told(f"LOCAL({use.text})", value)
    return True


def set_local(channel: Channel, name: str, value: str) -> None:
    """Set a variable of the subroutine that runs; what it hides comes back when that returns."""
    own = channel.frames[-1].own
    if name in own:
        channel.variables.set(name, value)
    else:
        own.append(name)
        channel.variables.push(name, value)


def _local_peek(use: Invocation) -> str | None:
    depth, name = use.arguments(2, raw=True)
    channel = use.scope.channel
    if channel is None or not depth or not name:
        return None
    return channel.variables.hidden(name, integer(depth) or 0) or ""


def _exception(use: Invocation) -> str | None:
    channel = use.scope.channel
    return None if channel is None else channel.exception.get(use.text.upper())


CHANNEL_FUNCTIONS = {
    "CHANNEL": Function(channel_read, channel_write),
    "LOCAL": Function(_local_read, _local_write),
    "LOCAL_PEEK": Function(_local_peek),
    "EXCEPTION": Function(_exception),
}
