"""From the body of a NOTIFY to what a person may see: how a phone's firmware reads it.

The two halves of a hint stay apart. The lamp comes from the device half and speaks Smart BLF's words, none of
which is for presence. Presence comes from the Digium tuple alone. What is not understood lights nothing and
says why, for the trace.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from harness.bodies import dialog_info, pidf
from harness.bodies.xml import BodyError
from phones.models import DIGIUM_1X, DIGIUM_2X, SANGOMA_P

Lamp = Literal["unknown", "idle", "on_hold", "ringing", "on_the_phone"]

PRESENCES = ("available", "away", "dnd", "xa", "chat")
"""The presence states that these phones show."""

UNSUPPORTED = ("unavailable", "not_set")
"""States of Asterisk that Digium phones do not support; what they show for them is not documented."""


class Family(NamedTuple):
    """What one firmware family makes of bodies. All here is ours but what its comment names a source for."""

    name: str
    content_types: frozenset[str]           # PIDF: the Accept of their SUBSCRIBEs
    presences: tuple[str, ...] = PRESENCES


FAMILIES: dict[str, Family] = {
    name: Family(name, frozenset({pidf.CONTENT_TYPE})) for name in (DIGIUM_1X, DIGIUM_2X, SANGOMA_P)
}


class Options(NamedTuple):
    """What is not known of the phones, chosen by name.

    `unsupported`: what `unavailable` and `not_set` show: `nothing`, or the `token` itself.
    `dialog_info`: whether a dialog-info body lights a lamp too; the phones do not ask for one.
    """

    unsupported: Literal["nothing", "token"] = "nothing"
    dialog_info: bool = False


DEFAULT = Options()


class Shown(NamedTuple):
    """What one body shows. '' is nothing: no lamp, no presence, no text.

    A body that was not `understood` changes nothing on the screen. `notes` say what was left dark and why.
    """

    understood: bool
    lamp: Lamp | Literal[""] = ""
    presence: str = ""
    subtype: str = ""
    message: str = ""
    entity: str = ""
    notes: tuple[str, ...] = ()


# Asterisk tells the device state in the note (presence_xml.c:84-138, chan_sip.c for "Not online"); basic and
# activities alone cannot tell a ringing phone from a busy one. Which the firmware reads is not documented.
NOTES: dict[str, Lamp] = {
    "ready": "idle",
    "ringing": "ringing",
    "on the phone": "on_the_phone",
    "on hold": "on_hold",
    "unavailable": "unknown",
    "not online": "unknown",
}

BUSY_ACTIVITIES = frozenset({"on-the-phone", "busy"})   # RPID's (RFC 4480 clause 3.2) and chan_sip's

DIALOG_LAMPS: dict[str, Lamp] = {    # RFC 4235 clause 3.7.1
    "trying": "on_the_phone",
    "proceeding": "ringing",
    "early": "ringing",
    "confirmed": "on_the_phone",
    "terminated": "idle",
}

# of several dialogs the one that wants attention lights the lamp
_URGENCY: tuple[Lamp, ...] = ("ringing", "on_the_phone", "on_hold", "idle", "unknown")


def interpret(content_type: str, body: bytes, family: str, options: Options = DEFAULT) -> Shown:
    """Read one body as a phone of that family does; never raises for what a server sends."""
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind in FAMILIES[family].content_types:
            return _from_pidf(pidf.read(body), FAMILIES[family], options)
        if kind == dialog_info.CONTENT_TYPE and options.dialog_info:
            return _from_dialog_info(dialog_info.read(body))
    except BodyError as error:
        return Shown(False, notes=(f"the {kind} body shows nothing: {error.reason}",))
    if not body.strip():
        return Shown(False, notes=("the NOTIFY has no body",))
    return Shown(False, notes=(f"{family} phones do not read {kind or 'a body without a type'}",))


def _from_pidf(document: pidf.Pidf, family: Family, options: Options) -> Shown:
    lamp, lamp_note = _lamp(document)
    presence, presence_note = _presence(document.digium, family, options)
    notes = tuple(filter(None, (lamp_note, presence_note)))
    subtype = message = ""
    if presence and document.digium is not None:
        _, subtype, message = document.digium
    return Shown(True, lamp, presence, subtype, message, document.entity, notes)


def _lamp(document: pidf.Pidf) -> tuple[Lamp | Literal[""], str]:
    """The lamp: closed is unknown whatever else is said, then the note, then the activities, then open."""
    if document.basic == "closed":
        return "unknown", ""
    if lamp := NOTES.get(document.note.lower()):
        return lamp, ""
    if not BUSY_ACTIVITIES.isdisjoint(document.activities):
        return "on_the_phone", ""
    if document.basic == "open":
        return "idle", ""
    return "", "the body tells nothing of the device"


def _presence(
    digium: pidf.DigiumPresence | None, family: Family, options: Options,
) -> tuple[str, str]:
    """The presence to show and, where it is none, why."""
    if digium is None:
        return "", "the body has no digium_presence element"
    if digium.type in family.presences:
        return digium.type, ""
    if digium.type not in UNSUPPORTED:
        return "", f"digium_presence type {digium.type!r} is no state that {family.name} phones know"
    shown = digium.type if options.unsupported == "token" else ""
    return shown, f"digium_presence type {digium.type!r} is not supported by Digium phones"


def _from_dialog_info(document: dialog_info.DialogInfo) -> Shown:
    lamps: set[Lamp] = set()
    notes = []
    for dialog in document.dialogs:
        if lamp := DIALOG_LAMPS.get(dialog.state):
            held = lamp == "on_the_phone" and dialog.local.rendering == "no"
            lamps.add("on_hold" if held else lamp)
        else:
            notes.append(f"dialog state {dialog.state!r} is not known")
    none: Lamp | Literal[""] = "" if notes else "idle"     # a full document without a dialog is idle
    shown = next((lamp for lamp in _URGENCY if lamp in lamps), none)
    return Shown(True, shown, entity=document.entity, notes=tuple(notes))
