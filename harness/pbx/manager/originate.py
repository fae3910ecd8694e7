"""Action Originate (action_originate of main/manager.c): what it refuses, and what it calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.config.values import BLANKS, is_true
from harness.core.octets import cut, fold
from harness.dialplan.channel import Channel, Party
from harness.dialplan.channel_functions import split_caller
from harness.dialplan.splitting import arguments
from harness.pbx.calls.exchange import Exchange
from harness.pbx.calls.originating import REASON_ANSWERED, Done, Originating, Wanted
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.packets import Action
from harness.pbx.manager.permissions import bits

if TYPE_CHECKING:
    from harness.pbx.manager.session import ManagerSession

DEFAULT_TIMEOUT_S = 30.0
CHANNEL_BYTES = 255
MAX_UNIQUEID_BYTES = 149
MAX_VARIABLES = 64
NOBODY = "<unknown>"

_NUMBER = re.compile(r"[ \t\r\n\v\f]*([+-]?[0-9]{1,30})")
_SYSTEM_APPLICATIONS = ("agi", "dbdeltree", "exec", "externalivr", "mixmonitor", "originate", "reload", "system")
_SYSTEM_TEXTS = ("CURL", "DB", "EVAL", "FILE", "ODBC", "REALTIME", "SHELL")


class Refused(Exception):
    """The action is answered with an error of this text."""


class OriginateAction:
    """The action bound to one server's calls."""

    def __init__(self, calls: Exchange) -> None:
        self.calls = calls

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        return (ActionEntry("Originate", ("originate",), "Originate a call.", self.originate),)

    def originate(self, session: ManagerSession, action: Action) -> bool:
        """Originate; without `Async` it is answered when the call is, or has failed."""
        try:
            technology, wanted = self._wanted(session, action)
        except Refused as refused:
            session.error(action, str(refused))
            return False
        if is_true(action.get("Async")):
            session.ack(action, "Originate successfully queued")

            def respond(reason: int, channel: Channel | None) -> None:
                self._respond(session, action, wanted, reason, channel)

            self.calls.clock.callLater(0, self._call, technology, wanted, respond)
            return False
        return self._in_turn(session, action, technology, wanted)

    def _in_turn(self, session: ManagerSession, action: Action, technology: str, wanted: Wanted) -> bool:
        at_once, answered = True, False

        def answer(reason: int, _channel: Channel | None) -> None:
            nonlocal answered
            answered = True
            if not session.closing:
                if reason == REASON_ANSWERED:
                    session.ack(action, "Originate successfully queued")
                else:
                    session.error(action, "Originate failed")
            if not at_once:
                session.finish()

        if not wanted.application and not (wanted.context and wanted.exten and wanted.priority):
            session.error(action, "Originate with 'Exten' requires 'Context' and 'Priority'")
            return False
        self._call(technology, wanted, answer)
        at_once = False
        return not answered

    def _call(self, technology: str, wanted: Wanted, done: Done) -> None:
        Originating(self.calls, technology, wanted, done).start()

    # what is asked

    def _wanted(self, session: ManagerSession, action: Action) -> tuple[str, Wanted]:
        """The technology in lower case and what to call, checked in Asterisk's order."""
        uniqueids = (action.get("ChannelId"), action.get("OtherChannelId"))
        if any(len(each) > MAX_UNIQUEID_BYTES for each in uniqueids):
            raise Refused(f"Uniqueid length exceeds maximum of {MAX_UNIQUEID_BYTES}\n")
        channel = action.get("Channel")
        if not channel:
            raise Refused("Channel not specified")
        context, exten = action.get("Context"), action.get("Exten")
        priority = self._priority(action.get("Priority"), context, exten)
        timeout = self._timeout(action.get("Timeout"))
        technology, slash, destination = cut(channel, CHANNEL_BYTES).partition("/")
        if not slash:
            raise Refused("Invalid channel")
        caller = _caller(action.get("CallerID"))
        application, data = action.get("Application"), action.get("Data")
        if application and not _permitted(application, data, session.write_permission):
            raise Refused("Originate Access Forbidden: app or data blacklisted")
        if exten and context and priority and not self.calls.plan.exists(context, exten, priority, caller.number):
            raise Refused("Extension does not exist.")
        return fold(technology), Wanted(
            destination, application, data, context, exten, priority, timeout, caller,
            action.get("Account"), [*_of_user(session), *variables(action)], uniqueids,
        )  # fmt: skip

    def _priority(self, text: str, context: str, exten: str) -> int:
        found = _NUMBER.match(text)
        if not text or found:
            return int(found[1]) if found else 0
        line = self.calls.plan.find(context, exten, text)
        if line is None or line.number < 1:
            raise Refused("Invalid priority")
        return line.number

    @staticmethod
    def _timeout(text: str) -> float:
        found = _NUMBER.match(text)
        if text and not found:
            raise Refused("Invalid timeout")
        return max(min(int(found[1]) / 1000, 86_400.0), 0.0) if found else DEFAULT_TIMEOUT_S

    # what came of it

    def _respond(
        self, session: ManagerSession, action: Action, wanted: Wanted, reason: int, channel: Channel | None
    ) -> None:
        """Event OriginateResponse."""
        if wanted.application:
            what = [f"Application: {wanted.application}", f"Data: {wanted.data}"]
        else:
            what = [f"Context: {wanted.context}", f"Exten: {wanted.exten}"]
        lines = [
            *action.identity,
            f"Response: {'Success' if reason == REASON_ANSWERED else 'Failure'}",
            f"Channel: {channel.name if channel else action.get('Channel')}",
            *what,
            f"Reason: {reason}",
            f"Uniqueid: {channel.uniqueid if channel else wanted.uniqueids[0] or NOBODY}",
            f"CallerIDNum: {wanted.caller.number or NOBODY}",
            f"CallerIDName: {wanted.caller.name or NOBODY}",
            *([f"ChanVariable({channel.name}): {shown}" for shown in channel.shown()] if channel else ()),
        ]
        session.manager.publish_lines("call", "OriginateResponse", lines)


def _caller(text: str) -> Party:
    return split_caller(text) if text else Party()


def _permitted(application: str, data: str, permission: int) -> bool:
    """Whether a user may run that; applications and functions that reach far need `system`."""
    name = fold(application)
    needed = ("system",)
    if any(word in name for word in _SYSTEM_APPLICATIONS):
        return bool(permission & bits(needed))
    if "queue" in name and data:
        parts = arguments(data, 9)
        if len(parts) > 5 and parts[5]:
            return bool(permission & bits(("agi", *needed)))
    if any(word in data for word in _SYSTEM_TEXTS):
        return bool(permission & bits(needed))
    return True


def _of_user(session: ManagerSession) -> list[tuple[str, str]]:
    """What `setvar=` of the user says, the last line first."""
    settings = session.user.variables if session.user else []
    pairs = [setting.value.partition("=") for setting in reversed(settings)]
    return [(name, value) for name, equals, value in pairs if equals]


def variables(action: Action) -> list[tuple[str, str]]:
    """Name and value of every `Variable:`, comma lists taken apart; the last one first."""
    found = []
    for header in action.all("Variable"):
        for item in arguments(header.lstrip(BLANKS), MAX_VARIABLES):
            name, equals, value = item.partition("=")
            if name and equals:
                found.append((name, value))
    return found[::-1]
