"""What actions refuse, each in Asterisk's order, before they would touch a channel or whatever they are for."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from harness.core.octets import fold
from harness.pbx.manager.packets import Action

_GONE, _LACKS, _NEVER = "@", "-", "!"
_TABLE = """\
AbsoluteTimeout | -Channel: No channel specified | -Timeout: No timeout specified | @Channel: No such channel
AGI | -Channel: Both, Channel and Command are *required* | -Command: Both, Channel and Command are *required* \
| @Channel: Channel {} does not exist.
AOCMessage | -Channel: Channel and PartialChannel are not specified. Specify at least one of these.
Atxfer | -Channel: No channel specified | -Exten: No extension specified | @Channel: Channel specified does not exist
BlindTransfer | -Channel: No channel specified | -Exten: No extension specified \
| @Channel: Channel specified does not exist
Bridge | -Channel1: Missing channel parameter in request | -Channel2: Missing channel parameter in request \
| @Channel1: Channel1 does not exist: {} | @Channel2: Channel2 does not exist: {}
BridgeKick | -Channel: Channel must be provided | @Channel: Channel does not exist
BridgeTechnologySuspend | -BridgeTechnology: BridgeTechnology must be provided
BridgeTechnologyUnsuspend | -BridgeTechnology: BridgeTechnology must be provided
CancelAtxfer | -Channel: No channel specified | @Channel: Channel specified does not exist
ControlPlayback | -Channel: Channel not specified | -Control: Control not specified | @Channel: No such channel
CoreShowChannelMap | -Channel: CoreShowChannelMap requires a channel.\\n \
| @Channel: Could not get channel snapshot\\n
CreateConfig | -Filename: Filename not specified
FAXSession | -SessionNumber: Invalid session ID | !SessionNumber: Session not found
LocalOptimizeAway | -Channel: 'Channel' not specified. | @Channel: Channel does not exist.
MixMonitor | -Channel: No channel specified | @Channel: No such channel
MixMonitorMute | -Direction: No direction specified. Must be read, write or both | -Channel: No channel specified \
| -State: No state specified | @Channel: No such channel
MuteAudio | -Channel: Channel not specified | -State: State not specified | -Direction: Direction not specified \
| @Channel: No such channel
PJSIPHangup | -Channel: No channel specified | @Channel: No such channel
PJSIPRegister | -Registration: Registration parameter missing. \
| !Registration: Unable to retrieve registration entry\\n
PJSIPSetMaintenance | -Endpoint: Endpoint parameter missing | -State: State parameter missing
PJSIPUnregister | -Registration: Registration parameter missing. \
| !Registration: Unable to retrieve registration entry\\n
PlayDTMF | @Channel: Channel not found | -Digit: No digit specified
PlayMF | @Channel: Channel not found | -Digit: No digit specified
SendFlash | @Channel: Channel not found
SendText | -Channel: No channel specified | -Message: No Message specified | @Channel: No such channel
SorceryMemoryCacheExpire | -Cache: SorceryMemoryCacheExpire requires that a cache name be provided.\\n \
| !Cache: The provided cache does not exist\\n
SorceryMemoryCacheExpireObject | -Cache: SorceryMemoryCacheExpireObject requires that a cache name be provided.\\n \
| -Object: SorceryMemoryCacheExpireObject requires that an object name be provided\\n \
| !Cache: The provided cache does not exist\\n
SorceryMemoryCachePopulate | -Cache: SorceryMemoryCachePopulate requires that a cache name be provided.\\n \
| !Cache: The provided cache does not exist\\n
SorceryMemoryCacheStale | -Cache: SorceryMemoryCacheStale requires that a cache name be provided.\\n \
| !Cache: The provided cache does not exist\\n
SorceryMemoryCacheStaleObject | -Cache: SorceryMemoryCacheStaleObject requires that a cache name be provided.\\n \
| -Object: SorceryMemoryCacheStaleObject requires that an object name be provided\\n \
| !Cache: The provided cache does not exist\\n
StopMixMonitor | -Channel: No channel specified | @Channel: No such channel
UpdateConfig | -SrcFilename: Filename not specified | -DstFilename: Filename not specified
"""
"""Of an action: `-Header: message` where the header is not given, `@Header: message` where it names no channel,
`!Header: message` in any case."""


class Check(NamedTuple):
    """One thing that may be wrong; `{}` in the message stands for the header's value."""

    kind: str
    header: str
    message: str


@lru_cache(maxsize=1)
def _checks() -> dict[str, tuple[Check, ...]]:
    table = {}
    for line in _TABLE.splitlines():
        name, *checks = (column.strip(" ") for column in line.split(" | "))
        table[fold(name)] = tuple(map(_check, checks))
    return table


def _check(text: str) -> Check:
    header, _, message = text[1:].partition(": ")
    return Check(text[0], header, message.replace("\\n", "\n"))


def refusal(action: Action, is_channel: Callable[[str], bool]) -> str | None:
    """What an action is refused with; None where nothing is wrong with it."""
    for check in _checks().get(fold(action.name), ()):
        value = action.get(check.header)
        gone = check.kind == _GONE and not is_channel(value)
        if gone or check.kind == _NEVER or (check.kind == _LACKS and not value):
            return check.message.format(value)
    return None
