"""CDR: what is kept of a call while it goes on (funcs/func_cdr.c, main/cdr.c).

No records are written here; this is what a dialplan reads of them.
"""

from __future__ import annotations

from collections.abc import Callable

from harness.core.octets import fold
from harness.dialplan.channel import Channel, ChannelState
from harness.dialplan.function import Function, Invocation

NOT_ANSWERED, ANSWERED = "NO ANSWER", "ANSWERED"
_RAW_DISPOSITIONS = {NOT_ANSWERED: "1", ANSWERED: "8"}
_AMA_FLAGS = {"1": "OMIT", "2": "BILLING", "3": "DOCUMENTATION"}
_NOT_WRITTEN = frozenset(
    (
        *("clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer", "end"),
        *("duration", "billsec", "disposition", "uniqueid", "linkedid", "sequence"),
    )
)


def _caller(channel: Channel) -> str:
    party = channel.caller
    if not party.name:
        return party.number
    return f'"{party.name}" <{party.number}>' if party.number else party.name


def _disposition(channel: Channel) -> str:
    """A half of a Local channel is not answered for its own part."""
    answered = channel.state is ChannelState.UP and channel.technology != "Local"
    return ANSWERED if answered else NOT_ANSWERED


_ITEMS: dict[str, Callable[[Channel], str]] = {
    "clid": _caller,
    "src": lambda channel: channel.caller.number,
    "dst": lambda channel: channel.exten,
    "dcontext": lambda channel: channel.context,
    "channel": lambda channel: channel.name,
    "dstchannel": lambda _channel: "",
    "lastapp": lambda channel: channel.ran[0],
    "lastdata": lambda channel: channel.ran[1],
    "answer": lambda _channel: "",
    "end": lambda _channel: "",
    "billsec": lambda _channel: "0",
    "disposition": _disposition,
    "amaflags": lambda channel: _AMA_FLAGS.get(channel.ama_flags, ""),
    "accountcode": lambda channel: channel.account_code,
    "peeraccount": lambda channel: channel.peer_account,
    "uniqueid": lambda channel: channel.uniqueid,
    "linkedid": lambda channel: channel.linkedid or channel.uniqueid,
    "userfield": lambda channel: channel.user_field,
}


def _read(use: Invocation) -> str | None:
    channel = use.scope.channel
    name, options = use.arguments(2)
    if channel is None or not name:
        return None
    item = fold(name)
    if item in ("start", "duration"):
        return _time(use, channel, item)
    if item in _ITEMS:
        value = _ITEMS[item](channel)
        return _RAW_DISPOSITIONS[value] if item == "disposition" and "u" in options else value
    return channel.record.get(item)


def _time(use: Invocation, channel: Channel, item: str) -> str:
    """Its channel came with the seconds in its unique id."""
    start = int(channel.uniqueid.partition(".")[0] or 0)
    if item == "duration":
        return str(max(int(use.facts.epoch()) - start, 0))
    return use.facts.local(start).strftime("%Y-%m-%d %H:%M:%S")


def _write(use: Invocation, value: str) -> bool:
    channel = use.scope.channel
    item = fold(use.arguments(2)[0])
    if channel is None or not item or item in _NOT_WRITTEN:
        return False
    if item in ("userfield", "accountcode", "peeraccount"):
        attribute = {"userfield": "user_field", "accountcode": "account_code", "peeraccount": "peer_account"}[item]
        setattr(channel, attribute, value)
    else:
        channel.record[item] = value
    return True


RECORD_FUNCTIONS = {"CDR": Function(_read, _write)}
