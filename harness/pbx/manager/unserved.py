"""The actions of Asterisk that are not served: who may ask for them, and what ListCommands says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.core.octets import fold
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.refusals import refusal

if TYPE_CHECKING:
    from harness.pbx.manager.packets import Action
    from harness.pbx.manager.session import ManagerSession

_TABLE = """\
AGI | agi | Add an AGI command to execute by Async AGI.
AOCMessage | aoc | Generate an Advice of Charge message on a channel.
Bridge | call | Bridge two channels already in the PBX.
BridgeTechnologySuspend |  | Suspend a bridging technology.
BridgeTechnologyUnsuspend |  | Unsuspend a bridging technology.
ControlPlayback | call | Control the playback of a file being played to a channel.
CreateConfig | config | Creates an empty file in the configuration directory.
FAXSession | call | Responds with a detailed description of a single FAX session
FAXSessions | call | Lists active FAX sessions
FAXStats | reporting | Responds with fax statistics
MixMonitor | system | Record a call and mix the audio during the recording.  Use of StopMixMonitor is \
required to guarantee the audio file is available for processing during dialplan execution.
MixMonitorMute | system,call | Mute / unMute a Mixmonitor recording.
PJSIPHangup | system,call | Hangup an incoming PJSIP channel with a SIP response code
PJSIPRegister | system,reporting | Register an outbound registration.
PJSIPSetMaintenance | system | Enable or disable maintenance mode for a PJSIP endpoint.
PJSIPUnregister | system,reporting | Unregister an outbound registration.
PlayMF | call | Play MF digit on a specific channel.
SendFlash | call | Send a hook flash on a specific channel.
SorceryMemoryCacheExpire | system | Expire (remove) ALL objects from a sorcery memory cache.
SorceryMemoryCacheExpireObject | system | Expire (remove) an object from a sorcery memory cache.
SorceryMemoryCachePopulate | system | Expire all objects from a memory cache and populate it with all \
objects from the backend.
SorceryMemoryCacheStale | system | Marks ALL objects in a sorcery memory cache as stale.
SorceryMemoryCacheStaleObject | system | Mark an object in a sorcery memory cache as stale.
StopMixMonitor | system,call | Stop recording a call through MixMonitor, and free the recording's file handle.
UpdateConfig | config | Update basic configuration.
VoicemailBoxSummary | call,reporting | Show the mailbox contents of given voicemail user.
VoicemailForward | user | Forward Voicemail from one mailbox folder to another between given users.
VoicemailMove | user | Move Voicemail between mailbox folders of given user.
VoicemailRefresh | user | Tell Asterisk to poll mailboxes for a change
VoicemailRemove | user | Remove Voicemail from mailbox folder.
VoicemailUsersList | call,reporting | List All Voicemail User Information.
VoicemailUserStatus | call,reporting | Show the status of given voicemail user's info.
"""
"""Name, classes, synopsis; those of Asterisk 22 with all modules that run without a configuration of their own."""


def unserved(served: Iterable[ActionEntry], is_channel: Callable[[str], bool]) -> Iterator[ActionEntry]:
    """All that are not among those that are served; what they refuse is said first."""
    names = {fold(entry.name) for entry in served}

    def run(session: ManagerSession, action: Action) -> None:
        text = f"{action.name} is an action of Asterisk that is not served here"
        session.error(action, refusal(action, is_channel) or text)

    return (ActionEntry(*row, run) for row in _rows() if fold(row[0]) not in names)


@lru_cache(maxsize=1)
def _rows() -> tuple[tuple[str, tuple[str, ...], str], ...]:
    rows = ([column.strip() for column in line.split("|", 2)] for line in _TABLE.splitlines())
    return tuple((name, tuple(filter(None, classes.split(","))), synopsis) for name, classes, synopsis in rows)
