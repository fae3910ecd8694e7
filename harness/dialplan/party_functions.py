"""Functions about who calls, who is talked to and who sent a call on (funcs/func_callerid.c, main/callerid.c)."""

from __future__ import annotations

import re
from dataclasses import replace

from harness.core.octets import fold
from harness.dialplan.channel import Channel, Party
from harness.dialplan.function import Function, Invocation
from harness.dialplan.loading import shrink_caller
from harness.dialplan.splitting import arguments, integer, strip

_SCREENINGS = ("", "_not_screened", "_passed_screen", "_failed_screen")
UNAVAILABLE = "unavailable"
CHARACTER_SET = "iso8859-1"
_PRESENTATIONS = frozenset(
    f"{kind}{screening}" for kind in ("allowed", "prohib") for screening in _SCREENINGS
) | {UNAVAILABLE}
_PHONE = re.compile(r"[0-9*#+]+\Z")
_SUBADDRESS = {"valid": "0", "type": "0", "odd": "0"}


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


# one party


def party_item(party: Party, member: str) -> str:
    """One item of a party; what is not known is empty, and no failure."""
    if member == "all":
        return f'"{party.name}" <{party.number}>'
    if member in ("name", "tag"):
        return party.name if member == "name" else party.tag
    if member.startswith("subaddr"):
        return _SUBADDRESS.get(member.rpartition("-")[2], "")
    if member == "name-charset":
        return CHARACTER_SET
    if member.startswith("num") and "-" not in member:
        return party.number
    if member.endswith("valid"):
        return str(int(bool(party.name if member.startswith("name") else party.number)))
    item, _, part = member.rpartition("-")
    if part.startswith("pres"):
        return {"name": party.name_presentation, "": _presentation(party)}.get(item, party.number_presentation)
    return str(party.number_plan) if member in ("ton", "num-plan") else ""


def _presentation(party: Party) -> str:
    """That of both: what is hidden counts more than what is shown, and nothing is not available."""
    known = [
        shown
        for shown, text in ((party.number_presentation, party.number), (party.name_presentation, party.name))
        if text
    ]
    hidden = [shown for shown in known if shown.startswith("prohib")]
    return hidden[0] if hidden else known[0] if known else UNAVAILABLE


def _write_party(party: Party, member: str, value: str) -> bool:
    """Set one item of a party; False where there is no such item."""
    text = strip(value)
    if member == "all":
        new = split_caller(value)
        party.number, party.name = new.number, new.name
    elif member in ("name", "tag"):
        setattr(party, member, text)
    elif member.startswith("num") and "-" not in member:
        party.number = text
    elif member in ("ton", "num-plan"):
        party.number_plan = integer(text) or 0
    elif member.rpartition("-")[2].startswith("pres"):
        if text in _PRESENTATIONS:
            _present(party, member.rpartition("-")[0], text)
    else:
        return False
    return True


def _present(party: Party, item: str, how: str) -> None:
    if item != "name":
        party.number_presentation = how
    if item in ("name", ""):
        party.name_presentation = how


# the caller


def _caller_read(use: Invocation) -> str | None:
    channel = use.scope.channel or Channel("")
    row = arguments(use.text, 2)
    if not row:
        return None
    member = fold(row[0])
    if len(row) == 2:
        known = member in ("all", "name") or member.startswith("num")
        return party_item(split_caller(row[1]), member) if known else None
    whole, _, part = member.partition("-")
    if whole == "priv":
        return party_item(Party(), part)
    if whole in ("rdnis", "dnid") and not part:
        return channel.redirecting if whole == "rdnis" else channel.dialed
    if whole == "dnid":
        return party_item(Party(channel.dialed), part)
    if whole == "ani":
        return party_item(channel.ani, part or "num")
    return "0" if member == "ani2" else party_item(channel.caller, member)


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
    whole, _, part = member.partition("-")
    if whole in ("dnid", "rdnis"):
        setattr(channel, "dialed" if whole == "dnid" else "redirecting", strip(value))
    elif whole == "ani":
        _write_party(channel.ani, part or "num", value)
    else:
        channel.caller = replace(channel.caller)
        _write_party(channel.caller, member, value)


# who is talked to


def _connected_read(use: Invocation) -> str | None:
    channel = use.scope.channel
    if channel is None:
        return None
    member = fold(use.arguments(2)[0])
    if member.startswith("priv-"):
        return party_item(Party(), member.removeprefix("priv-"))
    return channel.connected_source if member == "source" else party_item(channel.connected, member)


def _connected_write(use: Invocation, value: str) -> bool:
    """The option `i`, not to tell the other side, makes no difference here."""
    channel, member = use.scope.channel, fold(use.arguments(2)[0])
    if channel is None:
        return False
    if member == "source":
        channel.connected_source = strip(value)
        return True
    channel.connected = replace(channel.connected)
    return _write_party(channel.connected, member, value)


# who sent the call on


def _redirecting_read(use: Invocation) -> str | None:
    channel = use.scope.channel
    if channel is None:
        return None
    member = fold(use.text)
    known = {"reason": channel.redirecting_reason, "count": str(channel.redirecting_count), "orig-reason": "unknown"}
    if member in known:
        return known[member]
    side, _, part = member.removeprefix("priv-").partition("-")
    sender = Party(channel.redirecting, channel.redirecting_name)
    parties = {"from": sender, "to": channel.redirecting_to, "orig": Party()}
    if side not in parties or not part:
        return None
    return party_item(Party() if member.startswith("priv-") else parties[side], part)


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


PARTY_FUNCTIONS = {
    "CALLERID": Function(_caller_read, _caller_write),
    "CONNECTEDLINE": Function(_connected_read, _connected_write),
    "REDIRECTING": Function(_redirecting_read, _redirecting_write),
}
