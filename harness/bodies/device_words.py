"""Extension state -> the words of every document (Asterisk res_pjsip/presence_xml.c:84-138)."""

from __future__ import annotations

from typing import NamedTuple

INUSE, BUSY, UNAVAILABLE, RINGING, INUSE_RINGING, ONHOLD = 1, 2, 4, 8, 9, 16


class DeviceWords(NamedTuple):
    """What the documents say of one extension state; presence never has a part in it."""

    dialog: str         # dialog-info <state>
    basic: str          # pidf <basic>
    status: str         # xpidf <status>
    substatus: str      # xpidf <msnsubstatus>
    on_the_phone: bool  # rpid activity of the eyebeam supplement
    note: str           # pidf <note>


READY = DeviceWords("terminated", "open", "open", "online", False, "Ready")


def _busy(dialog: str, note: str) -> DeviceWords:
    return DeviceWords(dialog, "open", "inuse", "onthephone", True, note)


WORDS = {
    INUSE: _busy("confirmed", "On the phone"),
    BUSY: _busy("confirmed", "On the phone"),
    UNAVAILABLE: DeviceWords("terminated", "closed", "closed", "offline", False, "Unavailable"),
    RINGING: _busy("early", "Ringing"),
    INUSE_RINGING: _busy("confirmed", "Ringing"),
    ONHOLD: _busy("confirmed", "On hold"),
}


def words_for(extension_state: int) -> DeviceWords:
    """The words of a state; NOT_INUSE, removed (-2, -1) and anything else are `READY`."""
    return WORDS.get(extension_state, READY)
