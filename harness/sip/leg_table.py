"""One end of a call as a table (RFC 3261 9, 13, 14, 15)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple


class LegState(Enum):
    """CALLING: the INVITE is out, PROCEEDING: and answered 1xx. CANCELLING: given up, its final answer is awaited.
    INCOMING: an INVITE that is not answered yet. ANSWERED: with 2xx, the ACK is awaited; LEAVING: and then it ends.
    TALKING: both sides have it. ENDING: the BYE is out."""

    IDLE = "idle"
    CALLING = "calling"
    PROCEEDING = "proceeding"
    CANCELLING = "cancelling"
    INCOMING = "incoming"
    ANSWERED = "answered"
    LEAVING = "leaving"
    TALKING = "talking"
    ENDING = "ending"
    ENDED = "ended"


class LegEvent(Enum):
    """PLACE, ACCEPT, REFUSE, HANG_UP: asked for here. FAILURE: a final answer but 2xx, or none. LOST: no ACK in time,
    or the stream with the request is gone."""

    PLACE = "place"
    ARRIVE = "INVITE"
    PROVISIONAL = "1xx"
    SUCCESS = "2xx"
    FAILURE = "300-699"
    CANCELLED = "CANCEL"
    ACCEPT = "accept"
    REFUSE = "refuse"
    HANG_UP = "hang up"
    ACK = "ACK"
    LOST = "lost"
    BYE = "BYE"
    BYE_ANSWERED = "BYE answered"


class Step(NamedTuple):
    """What becomes of a (state, event): the next state, what is done, and where that is written."""

    state: LegState
    actions: tuple[str, ...]
    clause: str


_S, _E = LegState, LegEvent
_NONE: tuple[str, ...] = ()
_OVER = ("close", "tell_ended")
_BYE_TAKEN = ("take_bye", "close", "tell_ended")

RULES: Mapping[tuple[LegState, LegEvent], Step] = {
    (_S.IDLE, _E.PLACE): Step(_S.CALLING, ("invite",), "3261 13.2.1"),
    (_S.IDLE, _E.ARRIVE): Step(_S.INCOMING, _NONE, "3261 13.3.1"),
    **{
        (state, event): step
        for state in (_S.CALLING, _S.PROCEEDING)
        for event, step in {
            _E.PROVISIONAL: Step(_S.PROCEEDING, ("tell_progress",), "3261 13.2.2.1"),
            _E.SUCCESS: Step(_S.TALKING, ("acknowledge", "tell_answered"), "3261 13.2.2.4"),
            _E.FAILURE: Step(_S.ENDED, ("close", "tell_refused"), "3261 13.2.2.3"),
            _E.HANG_UP: Step(_S.CANCELLING, ("cancel",), "3261 9.1, 15"),
            _E.BYE: Step(_S.CANCELLING, ("take_bye", "cancel"), "3261 15.1.2: from the callee, before its 2xx"),
        }.items()
    },
    (_S.CANCELLING, _E.PROVISIONAL): Step(_S.CANCELLING, _NONE, "3261 9.1: the final answer is awaited"),
    (_S.CANCELLING, _E.SUCCESS): Step(_S.ENDING, ("acknowledge", "say_bye"), "3261 9.1: it crossed, so BYE"),
    (_S.CANCELLING, _E.FAILURE): Step(_S.ENDED, _OVER, "3261 9.1"),
    (_S.CANCELLING, _E.BYE): Step(_S.CANCELLING, ("take_bye",), "3261 15.1.2"),
    (_S.INCOMING, _E.ACCEPT): Step(_S.ANSWERED, ("accept_invite",), "3261 13.3.1.4"),
    (_S.INCOMING, _E.REFUSE): Step(_S.ENDED, ("refuse_invite", "close"), "3261 13.3.1.3"),
    (_S.INCOMING, _E.CANCELLED): Step(_S.ENDED, ("terminate_invite", *_OVER), "3261 9.2"),
    (_S.INCOMING, _E.BYE): Step(_S.ENDED, ("take_bye", "terminate_invite", *_OVER), "3261 15.1.2"),
    (_S.INCOMING, _E.LOST): Step(_S.ENDED, _OVER, "3261 17.2.4"),
    (_S.ANSWERED, _E.ACK): Step(_S.TALKING, ("stop_repeating", "tell_confirmed"), "3261 13.3.1.4"),
    (_S.ANSWERED, _E.BYE): Step(_S.ENDED, _BYE_TAKEN, "3261 15.1.2"),
    (_S.ANSWERED, _E.HANG_UP): Step(_S.LEAVING, _NONE, "3261 15: no BYE before the ACK"),
    (_S.ANSWERED, _E.LOST): Step(_S.ENDING, ("say_bye", "tell_ended"), "3261 13.3.1.4: no ACK, so BYE"),
    (_S.LEAVING, _E.ACK): Step(_S.ENDING, ("stop_repeating", "say_bye"), "3261 15"),
    (_S.LEAVING, _E.LOST): Step(_S.ENDING, ("say_bye",), "3261 15"),
    (_S.LEAVING, _E.BYE): Step(_S.ENDED, _BYE_TAKEN, "3261 15.1.2"),
    (_S.TALKING, _E.HANG_UP): Step(_S.ENDING, ("say_bye",), "3261 15.1.1"),
    (_S.TALKING, _E.LOST): Step(_S.ENDING, ("say_bye", "tell_ended"), "3261 12.2.1.2; 4028 10"),
    (_S.TALKING, _E.BYE): Step(_S.ENDED, _BYE_TAKEN, "3261 15.1.2"),
    (_S.TALKING, _E.SUCCESS): Step(_S.TALKING, ("acknowledge",), "3261 13.2.2.4: a repeated 2xx, another ACK"),
    (_S.ENDING, _E.SUCCESS): Step(_S.ENDING, ("acknowledge",), "3261 13.2.2.4: a repeated 2xx, another ACK"),
    (_S.ENDING, _E.BYE): Step(_S.ENDING, ("take_bye",), "3261 15.1.2: both at once"),
    (_S.ENDING, _E.BYE_ANSWERED): Step(_S.ENDED, ("close",), "3261 15.1.1: whatever the answer"),
}
"""A pair without a rule is passed over: what comes when all is over, or is asked for twice."""
