"""One message that is left: greeting, recording, what is kept of it (apps/app_voicemail.c, leave_voicemail).

Nothing is recorded here: the time counts.  From a caller who is not heard (`listening`) Asterisk gets nothing for two
times two seconds and gives up; what is heard ends with the call, or with `maxsecs`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.dialplan.call import CONTINUE, HANG_UP, Call, Result
from harness.dialplan.channel import ChannelState, Party
from harness.dialplan.telephony import Cancel, nothing
from harness.pbx.calls.listening import is_person, speaks
from harness.pbx.calls.spool import INBOX, URGENT, Message
from harness.pbx.calls.voicemail import MAX_COPIES

if TYPE_CHECKING:
    from harness.config.voicemail import Box
    from harness.pbx.calls.live import LiveChannel
    from harness.pbx.calls.voicemail import VoicemailDesk

SILENCE_S = 4.0
"""Seconds after which a recording ends that nothing is heard of."""
BUSY_SOUND, UNAVAILABLE_SOUND = "vm-isonphone", "vm-isunavail"
NAME_SOUND, INTRO_SOUND, FULL_SOUND, GOODBYE_SOUND = "vm-theperson", "vm-intro", "vm-mailboxfull", "vm-goodbye"
DEFAULT_BEEP = "beep"


class Leaving:
    """A caller who leaves a message in a box, with copies in others."""

    def __init__(self, desk: VoicemailDesk, call: Call, live: LiveChannel, boxes: str, options: dict[str, str]) -> None:
        self._desk, self._call, self._live, self._options = desk, call, live, options
        self._name, *self._others = boxes.split("&")[:MAX_COPIES]
        self._person = is_person(live)
        self._sounds: deque[str] = deque()
        self._break_off: Cancel = nothing
        self._began: float | None = None
        self._over = self._heard = False

    def start(self) -> Result:
        """Greet, record, keep; the dialplan goes on at once where there is no such box."""
        box = self._desk.find(self._name)
        if box is None:
            self._call.tell(f"No entry in voicemail config file for '{self._name}'")
            self._call.set_variable("VMSTATUS", "FAILED")
            return CONTINUE
        self._box: Box = box
        self._sounds.extend(self._greeting())
        self._resume = self._call.suspend()
        self._call.breaks_off(self._hung_up)
        self._greet()
        return None

    # before the recording

    def _greeting(self) -> list[str]:
        sounds: list[str] = []
        for letter, sound in (("b", BUSY_SOUND), ("u", UNAVAILABLE_SOUND)):
            if letter in self._options and not sounds:
                sounds = [NAME_SOUND, *(f"digits/{digit}" for digit in self._box.name), sound]
        silent = "s" in self._options or not self._box.maxmsg
        return sounds if silent else [*sounds, INTRO_SOUND]

    def _greet(self) -> None:
        """Play what is left; a person hears also what is not there, to others that is the end of the call."""
        if self._over:
            return
        if not self._sounds:
            self._answer()
            return
        sound = self._sounds.popleft()

        def played(found: bool) -> None:
            if found or self._person:
                self._greet()
            else:
                self._done("FAILED", HANG_UP)

        self._play(sound, played)

    def _play(self, sound: str, then: Callable[[bool], None]) -> None:
        over: list[bool] = []

        def played(found: bool) -> None:
            over.append(found)
            then(found)

        self._break_off = nothing
        break_off = self._call.telephony.play(self._live.channel, sound, played)
        if not over:
            self._break_off = break_off

    def _answer(self) -> None:
        if not self._box.maxmsg:
            self._done("SUCCESS", CONTINUE)
        elif self._live.channel.state is ChannelState.UP:
            self._begin()
        else:
            self._call.answer()
            self._wait(self._call.surroundings.media_wait, self._begin)

    def _begin(self) -> None:
        desk, box = self._desk, self._box
        busy = desk.recording.get(box.full_name, 0)
        if len(desk.spool.messages(box.context, box.name)) >= box.maxmsg - busy:
            self._play(FULL_SOUND, lambda found: self._done("FAILED", CONTINUE if found or self._person else HANG_UP))
            return
        desk.recording[box.full_name] = busy + 1
        beep = self._options.get("t", DEFAULT_BEEP)
        if beep:
            self._play(beep, lambda _found: self._record())
        else:
            self._record()

    # the recording

    def _record(self) -> None:
        if self._over:
            return
        channel, desk = self._live.channel, self._desk
        self._began = desk.exchange.now()
        flag = "Urgent" if "U" in self._options else "PRIORITY" if "P" in self._options else ""
        self._message = Message({
            "origmailbox": self._name.partition("@")[0],
            "context": channel.context,
            "exten": channel.exten,
            "rdnis": channel.redirecting or "unknown",
            "priority": str(channel.priority),
            "callerchan": channel.name,
            "callerid": _merged(channel.caller),
            "origdate": desk.date(),
            "origtime": str(int(desk.exchange.epoch())),
            "category": channel.variables.get("VM_CATEGORY") or "",
            "msg_id": desk.new_message_id(),
            "flag": flag,
        })  # fmt: skip
        self._listen()

    def _listen(self) -> None:
        """Go on while something is heard."""
        self._heard = speaks(self._live)
        if not self._heard:
            self._wait(SILENCE_S, self._silent)
        elif self._box.maxsecs:
            self._wait(self._box.maxsecs, self._full_length)
        else:
            self._break_off = nothing

    def _silent(self) -> None:
        if speaks(self._live):
            self._listen()
        else:
            self._keep(0)
            self._done(self._status(0), HANG_UP)

    def _full_length(self) -> None:
        length = self._box.maxsecs
        self._keep(length)
        self._call.set_variable("VMSTATUS", self._status(length))
        self._play(GOODBYE_SOUND, lambda _found: self._end(CONTINUE))

    def _status(self, length: int) -> str:
        return "SUCCESS" if length >= self._box.minsecs else "FAILED"

    def _keep(self, length: int) -> None:
        desk, box, message, channel = self._desk, self._box, self._message, self._live.channel
        self._over = True
        desk.recording[box.full_name] -= 1
        if length < box.minsecs:
            return
        message.fields["duration"] = str(length)
        flag = message.fields["flag"]
        folder = URGENT if flag == "Urgent" else INBOX
        number = len(desk.spool.messages(box.context, box.name, folder))
        self._call.set_variable("VM_MESSAGEFILE", desk.spool.path(box.context, box.name, folder, number))
        desk.keep(box, folder, message)
        for other in self._others:
            found = desk.find(other)
            if found is not None:
                desk.copy(found, message, flag, channel)
        desk.arrived(box, folder, message, channel)

    # the end

    def _hung_up(self) -> None:
        """What was said so far is kept; who hung up before has left nothing."""
        self._break_off()
        if self._over:
            return
        self._over = True
        if self._began is None:
            self._call.set_variable("VMSTATUS", "FAILED" if self._box.maxmsg else "SUCCESS")
            return
        length = int(self._desk.exchange.now() - self._began) if self._heard else 0
        self._keep(length)
        self._call.set_variable("VMSTATUS", self._status(length))

    def _done(self, status: str, result: int) -> None:
        self._call.set_variable("VMSTATUS", status)
        self._end(result)

    def _end(self, result: int) -> None:
        self._over = True
        self._resume(result)

    def _wait(self, seconds: float, then: Cancel) -> None:
        timer = self._desk.exchange.later(seconds, then)
        self._break_off = lambda: timer.cancel() if timer.active() else None


def _merged(who: Party) -> str:
    """As ast_callerid_merge writes it."""
    if who.name and who.number:
        return f'"{who.name}" <{who.number}>'
    return who.name or who.number or "Unknown"
