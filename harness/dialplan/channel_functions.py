"""Functions about the channel (funcs/func_channel.c, func_callerid.c, apps/app_stack.c, main/pbx.c)."""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.core.octets import fold
from harness.dialplan.channel import Channel, Party
from harness.dialplan.function import Function, Invocation
from harness.dialplan.loading import shrink_caller
from harness.dialplan.splitting import arguments, integer, strip

_SCREENINGS = ("", "_not_screened", "_passed_screen", "_failed_screen")
UNAVAILABLE = "unavailable"
_PRESENTATIONS = frozenset(
    f"{kind}{screening}" for kind in ("allowed", "prohib") for screening in _SCREENINGS
) | {UNAVAILABLE}
_PHONE = re.compile(r"[0-9*#+]+\Z")


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
    "amaflags": lambda _channel: "3",
    "transfercapability": lambda _channel: "SPEECH",
    "audioreadformat": _format,
    "audiowriteformat": _format,
    "audionativeformat": lambda channel: f"({_format(channel)})",
    "videonativeformat": lambda _channel: "(nothing)",
    "max_forwards": lambda _channel: MAX_FORWARDS,
    "onhold": lambda _channel: "0",
    "checkhangup": lambda channel: str(int(channel.hung_up)),
    "peer": lambda _channel: "",
}
MAX_FORWARDS = "20"
_WRITABLE = {
    "language": "language",
    "accountcode": "account_code",
    "userfield": "user_field",
    "musicclass": "music_class",
}


def channel_read(use: Invocation) -> str | None:
    """CHANNEL(item): None for what it does not know."""
    channel, item = use.scope.channel, _ITEMS.get(fold(use.text))
    return item(channel) if channel is not None and item is not None else None


def channel_write(use: Invocation, value: str) -> bool:
    """Set CHANNEL(item); False for what cannot be set."""
    channel, attribute = use.scope.channel, _WRITABLE.get(fold(use.text))
    if channel is None or attribute is None:
        return False
    before = getattr(channel, attribute)
    setattr(channel, attribute, value)
    if attribute == "account_code" and before != value:
        use.scope.changed("NewAccountCode", [("OldAccountCode", before)])
    return True


# caller ID


def split_caller(text: str) -> Party:
    """`"Name" <number>` taken apart, in any of the forms that Asterisk takes (main/callerid.c)."""
    text = strip(text)
    bare = _unquoted(text)
    name, opened, rest = bare.rpartition("<")
    if opened:
        return Party(shrink_caller(rest.rpartition(">")[0] or rest), _unescaped(_unquoted(strip(name))))
    number = shrink_caller(bare)
    if bare == text and _PHONE.match(number):
        return Party(number, "")
    return Party("", _unescaped(bare))


def _unquoted(text: str) -> str:
    text = strip(text)
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _caller_read(use: Invocation) -> str | None:
    channel = use.scope.channel or Channel("")
    row = arguments(use.text, 2)
    if not row:
        return None
    member = fold(row[0])
    if len(row) == 2:
        return _party_item(split_caller(row[1]), member)
    whole, _, part = member.partition("-")
    if whole == "rdnis":
        return channel.redirecting
    if whole == "dnid":
        return channel.dialed
    if whole == "ani":
        return _party_item(channel.ani, part or "num")
    return _party_item(channel.caller, member)


def _party_item(party: Party, member: str) -> str:
    """One item of a caller ID; what is not known is empty, and no failure."""
    if member == "all":
        return f'"{party.name}" <{party.number}>'
    if member == "name":
        return party.name
    if member.startswith("num") and "-" not in member:
        return party.number
    if member.endswith("valid"):
        return str(int(bool(party.name if member.startswith("name") else party.number)))
    item, _, part = member.rpartition("-")
    if part.startswith("pres"):
        return {"name": party.name_presentation, "": _presentation(party)}.get(item, party.number_presentation)
    return "0" if member in ("ton", "num-plan") else ""


def _presentation(party: Party) -> str:
    """That of both: what is hidden counts more than what is shown, and nothing is not available."""
    known = [
        shown
        for shown, text in ((party.number_presentation, party.number), (party.name_presentation, party.name))
        if text
    ]
    hidden = [shown for shown in known if shown.startswith("prohib")]
    return hidden[0] if hidden else known[0] if known else UNAVAILABLE


def _caller_write(use: Invocation, value: str) -> bool:
    channel = use.scope.channel
    if channel is None:
        return False
    member, value = fold(use.arguments(2)[0]), value.lstrip()
    before = channel.caller.number, channel.caller.name
    _write_caller(channel, member, value)
    if (channel.caller.number, channel.caller.name) != before:
        use.scope.changed("NewCallerid")
    return True


def _write_caller(channel: Channel, member: str, value: str) -> None:
    if member == "all":
        channel.caller = split_caller(value)
    elif member == "name":
        channel.caller.name = strip(value)
    elif member.startswith("num") and "-" not in member:
        channel.caller.number = strip(value)
    elif member.rpartition("-")[2].startswith("pres"):
        if strip(value) in _PRESENTATIONS:
            _present(channel.caller, member.rpartition("-")[0], strip(value))
    elif member in ("dnid", "rdnis"):
        setattr(channel, "dialed" if member == "dnid" else "redirecting", strip(value))


def _present(party: Party, item: str, how: str) -> None:
    if item != "name":
        party.number_presentation = how
    if item in ("name", ""):
        party.name_presentation = how


def _redirecting_read(use: Invocation) -> str | None:
    channel = use.scope.channel
    return None if channel is None else _redirecting_items(channel).get(fold(use.text))


def _redirecting_items(channel: Channel) -> dict[str, str]:
    items = {"reason": channel.redirecting_reason, "count": str(channel.redirecting_count), "orig-reason": "unknown"}
    sender = Party(channel.redirecting, channel.redirecting_name)
    for side, party in (("from", sender), ("to", channel.redirecting_to), ("orig", Party())):
        items |= {f"{side}-{item}": _party_item(party, item) for item in ("all", "name", "num")}
    return items


def _redirecting_write(use: Invocation, value: str) -> bool:
    """The options after the item (`i` does not tell the other side) make no difference here."""
    channel, item, value = use.scope.channel, fold(use.arguments(2)[0]), strip(value)
    if channel is None:
        return False
    if item == "reason":
        channel.redirecting_reason = value
    elif item == "count":
        channel.redirecting_count = integer(value) or 0
    elif item in ("from-num", "from-name"):
        setattr(channel, "redirecting" if item == "from-num" else "redirecting_name", value)
    elif item in ("to-num", "to-name"):
        setattr(channel.redirecting_to, "number" if item == "to-num" else "name", value)
    else:
        return False
    return True


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
    "CALLERID": Function(_caller_read, _caller_write),
    "REDIRECTING": Function(_redirecting_read, _redirecting_write),
    "LOCAL": Function(_local_read, _local_write),
    "LOCAL_PEEK": Function(_local_peek),
    "EXCEPTION": Function(_exception),
}
