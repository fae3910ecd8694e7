"""The lines of `pjsip show` and `pjsip list`: titles right-aligned by depth (include/asterisk/res_pjsip_cli.h)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.octets import to_bytes
from harness.dialplan.channel import Party
from harness.pbx.commands.columns import column, left
from harness.pbx.commands.pjsip_parameters import SETS

RULE = "=" * 90 + "\n\n"
_MAX_WIDTH = 90
_LAST_TAB_STOP = 62
_TITLE = 9
"""Columns for a title at depth 0; each depth has two more."""


def title(name: str, depth: int) -> str:
    """`    Name:` with the colon in the place of the depth."""
    return name.rjust(_TITLE + 2 * depth) + ":"


def _filled(before: str, name: str, depth: int, stop: int) -> str:
    """A heading whose dots reach to a place that is the same at every depth."""
    dots = stop - (_TITLE + 2 * depth)
    return f"{title(name, depth)}  <{before}{'.' * dots}>"


# headings


def endpoint_heading() -> str:
    """Of a list of endpoints."""
    return _filled("Endpoint/CID", "Endpoint", 0, _LAST_TAB_STOP - 16) + "  <State.....>  <Channels.>\n"


def auth_heading(depth: int) -> str:
    """Of a list of credentials."""
    return _filled("AuthId/UserName", "I/OAuth", depth, _MAX_WIDTH - 20) + "\n"


def aor_heading(depth: int) -> str:
    """Of a list of AORs."""
    return _filled("Aor", "Aor", depth, _LAST_TAB_STOP - 7) + "  <MaxContact>\n"


def contact_heading(depth: int) -> str:
    """Of a list of contacts."""
    return _filled("Aor/ContactUri", "Contact", depth, _LAST_TAB_STOP - 23) + " <Hash....> <Status> <RTT(ms)..>\n"


def transport_heading(depth: int) -> str:
    """Of a list of transports."""
    fields = "TransportId........>  <Type>  <cos>  <tos>  <BindAddress"
    return _filled(fields, "Transport", depth, _MAX_WIDTH - 61) + "\n"


def identify_heading(depth: int) -> str:
    """Of a list of identifies."""
    return _filled("Identify/Endpoint", "Identify", depth, _MAX_WIDTH - 22) + "\n"


def match_heading(depth: int) -> str:
    """Of what an identify matches."""
    return _filled("criteria", "Match", depth, _LAST_TAB_STOP - 24) + "\n"


def channel_heading(depth: int) -> str:
    """Of a list of channels."""
    return _filled("ChannelId", "Channel", depth, _LAST_TAB_STOP - 13) + "  <State.....>  <Time.....>\n"


def dialed_heading(depth: int) -> str:
    """Of what a channel dialled."""
    dots = "." * (_LAST_TAB_STOP - (_TITLE + 2 * depth) - 38)
    return f"{title('Exten', depth)} <DialedExten{dots}>  CLCID: <ConnectedLineCID.......>\n"


# lines


def endpoint_line(name: str, state: str, channels: int, most: int) -> str:
    """An endpoint; `most` calls make it busy, 0: never."""
    return f"{title('Endpoint', 0)}  {column(name, 51)}  {column(state, 12)}  {channels} of {most or 'inf'}\n"


def auth_line(direction: str, name: str, user: str, depth: int) -> str:
    """Credentials; `direction` is In, Out or nothing."""
    return f"{title(f'{direction}Auth', depth)}  {name}/{user}\n"


def aor_line(name: str, most: int, depth: int) -> str:
    """An AOR and how many contacts it may have."""
    width = _LAST_TAB_STOP - (_TITLE + 2 * depth) - 12
    return f"{title('Aor', depth)}  {column(name, width)} {most:12d}\n"


_STATUS = {"NonQualified": "NonQual", "Reachable": "Avail", "Unreachable": "Unavail"}


def contact_line(aor: str, uri: str, digest: str, depth: int, status: str, roundtrip_s: float) -> str:
    """A contact, and whether it answers where somebody asks it."""
    took = f"{roundtrip_s * 1000:.3f}" if status == "Reachable" else "nan"
    width = _LAST_TAB_STOP - (_TITLE + 2 * depth) - 9 - len(to_bytes(aor)) + 1
    known = f"{_STATUS[status]:<7} {took:>11}"
    return f"{title('Contact', depth)}  {aor}/{column(uri, width)} {column(digest, 10)} {known}\n"


def transport_line(name: str, protocol: str, cos: int, tos: int, address: str, depth: int) -> str:
    """A transport with the address at which it listens."""
    return f"{title('Transport', depth)}  {left(name, 21)}  {protocol:>6}  {cos:5d}  {tos:5d}  {address}\n"


def identify_line(name: str, endpoint: str, depth: int) -> str:
    """An identify."""
    return f"{title('Identify', depth)}  {name}/{endpoint}\n"


def criterion_line(name: str, value: str, depth: int) -> str:
    """One thing that an identify matches."""
    return f"{title(name, depth)} {value}\n"


def channel_line(name: str, application: str, state: str, duration: str, depth: int) -> str:
    """A channel; `duration` as `00:00:59`."""
    width = _LAST_TAB_STOP - (_TITLE + 2 * depth)
    return f"{title('Channel', depth)} {column(f'{name}/{application}', width)} {column(state, 12)}  {duration:<11}\n"


def dialed_line(exten: str, connected: Party, depth: int) -> str:
    """What a channel dialled and whom it is connected with."""
    width = _LAST_TAB_STOP - (_TITLE + 2 * depth) - 25
    return f'{title("Exten", depth)} {column(exten, width)}  CLCID: "{connected.name}" <{connected.number}>\n'


def _assignment(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name or SETS, value


def parameters(values: Sequence[tuple[str, str]]) -> str:
    """All options of an object, sorted by name; one name may have several values."""
    values = [row for name, value in values for row in ([_assignment(value)] if name == SETS else [(name, value)])]
    names = max(13, *(len(name) for name, _ in values))
    widest = max(14, *(len(to_bytes(value)) for _, value in values))
    lines = "".join(f" {left(name, names)} : {value}\n" for name, value in sorted(values, key=lambda each: each[0]))
    return f" {left('ParameterName', names)} : ParameterValue\n {'=' * (names + widest + 3)}\n{lines}"
