"""What the dialplan has for voicemail: VoiceMail(), VoiceMailMain(), VM_INFO() (apps/app_voicemail.c)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.config.voicemail import Box
from harness.dialplan.call import CONTINUE, HANG_UP, Application, Call, Result
from harness.dialplan.channel import ChannelState
from harness.dialplan.function import Function, Invocation
from harness.dialplan.splitting import arguments, padded
from harness.dialplan.telephony import option_letters
from harness.pbx.calls.listening import is_person
from harness.pbx.calls.voicemail_message import Leaving

if TYPE_CHECKING:
    from harness.pbx.calls.live import LiveChannel
    from harness.pbx.calls.voicemail import VoicemailDesk

LOGIN_SOUND, COUNT_SOUND, WHICH_SOUND = "vm-login", "vm-youhave", "vm-whichbox"
DIGITS_WAIT_S = 10.0
"""How long the number of a box is waited for, which nobody dials here."""
_GAIN = re.compile(r"[ \t]*[+-]?[0-9]")
_ATTRIBUTES: dict[str, Callable[[Box, str], str]] = {
    "password": lambda box, _language: box.password,
    "fullname": lambda box, _language: box.fullname,
    "email": lambda box, _language: box.email,
    "pager": lambda box, _language: box.pager,
    "language": lambda box, language: box.language or language,
    "locale": lambda box, _language: box.locale,
    "tz": lambda box, _language: box.tz,
}
"""What VM_INFO() says, by the beginning of the attribute's name."""


class VoicemailApplications:
    """The applications and functions bound to one server's boxes."""

    def __init__(self, desk: VoicemailDesk) -> None:
        self._desk = desk

    def applications(self) -> dict[str, Application]:
        """By name."""
        return {"VoiceMail": self._leave, "VoiceMailMain": self._main}

    def functions(self) -> dict[str, Function]:
        """By name."""
        return {"VM_INFO": Function(self._info)}

    # VoiceMail

    def _leave(self, call: Call, text: str) -> Result:
        boxes, letters = padded(arguments(text, 2), 2)
        options = option_letters(letters)
        live = self._desk.exchange.of(call.channel)
        if not text and live is not None and self._has(live, WHICH_SOUND):
            return call.sleep(DIGITS_WAIT_S)
        if live is None or options is None or not boxes or not _GAIN.match(options.get("g", "0")):
            return HANG_UP
        leaving = Leaving(self._desk, call, live, boxes, options)
        if call.channel.state is ChannelState.UP:
            return leaving.start()
        if "e" not in options:
            return call.answer_first(leaving.start)
        call.telephony.indicate(call.channel, "progress")
        return leaving.start()

    # VoiceMailMain

    def _main(self, call: Call, text: str) -> Result:
        if call.channel.state is ChannelState.UP:
            return self._listen(call, text)
        return call.answer_first(lambda: self._listen(call, text))

    def _listen(self, call: Call, text: str) -> Result:
        """A person hears what is new and hangs up; nobody else presses keys, so that nothing changes.

        Without sounds Asterisk's menu is over at once, and so is a login.
        """
        live = self._desk.exchange.of(call.channel)
        boxes, letters = padded(arguments(text, 2), 2)
        options = option_letters(letters)
        if live is None or options is None:
            return HANG_UP
        if not letters:
            boxes = _old_options(boxes, options)
        box = self._desk.find(boxes) if boxes and "p" not in options else None
        person = is_person(live)
        if box is None or not (person or "s" in options):
            return self._hold_on(call, None) if self._has(live, LOGIN_SOUND) else CONTINUE
        if person or self._has(live, COUNT_SOUND):
            return self._hold_on(call, box, hears=person)
        self._desk.tell(box, call.channel)
        return HANG_UP

    def _has(self, live: LiveChannel, sound: str) -> bool:
        sounds = self._desk.exchange.sounds
        return sounds is not None and sounds.length_of(sound, live.channel.language) is not None

    def _hold_on(self, call: Call, box: Box | None, hears: bool = False) -> Result:
        """Until the caller hangs up."""
        new = self._desk.new_messages(box) if box is not None and hears else []

        def hung_up() -> None:
            if box is not None:
                self._desk.heard(box, new)
                self._desk.tell(box, call.channel)

        call.suspend(hung_up)
        return None

    # VM_INFO

    def _info(self, use: Invocation) -> str | None:
        mailbox, attribute, folder = use.arguments(3)
        if not mailbox or not attribute:
            return None
        box, wanted = self._desk.find(mailbox), attribute.lower()
        if wanted.startswith("exists"):
            return "0" if box is None else "1"
        if box is None:
            return ""
        if wanted.startswith("count"):
            return str(self._desk.count(box, folder))
        channel = use.scope.channel
        language = channel.language if channel is not None else "en"
        return next((read(box, language) for name, read in _ATTRIBUTES.items() if wanted.startswith(name)), None)


def _old_options(boxes: str, options: dict[str, str]) -> str:
    """`s2000`: the options before the box, as they were once written."""
    while boxes[:1] in ("s", "p"):
        options[boxes[0]] = ""
        boxes = boxes[1:]
    return boxes
