"""Hangup causes: number, name and text (main/channel.c, ITU-T Q.850)."""

from __future__ import annotations

import re
from typing import NamedTuple


class Cause(NamedTuple):
    """One cause; `name` is what Hangup() takes instead of the number."""

    number: int
    name: str
    text: str


CAUSES = (
    Cause(1, "UNALLOCATED", "Unallocated (unassigned) number"),
    Cause(2, "NO_ROUTE_TRANSIT_NET", "No route to specified transmit network"),
    Cause(3, "NO_ROUTE_DESTINATION", "No route to destination"),
    Cause(5, "MISDIALLED_TRUNK_PREFIX", "Misdialed trunk prefix"),
    Cause(6, "CHANNEL_UNACCEPTABLE", "Channel unacceptable"),
    Cause(7, "CALL_AWARDED_DELIVERED", "Call awarded and being delivered in an established channel"),
    Cause(8, "PRE_EMPTED", "Pre-empted"),
    Cause(14, "NUMBER_PORTED_NOT_HERE", "Number ported elsewhere"),
    Cause(16, "NORMAL_CLEARING", "Normal Clearing"),
    Cause(17, "USER_BUSY", "User busy"),
    Cause(18, "NO_USER_RESPONSE", "No user responding"),
    Cause(19, "NO_ANSWER", "User alerting, no answer"),
    Cause(20, "SUBSCRIBER_ABSENT", "Subscriber absent"),
    Cause(21, "CALL_REJECTED", "Call Rejected"),
    Cause(22, "NUMBER_CHANGED", "Number changed"),
    Cause(23, "REDIRECTED_TO_NEW_DESTINATION", "Redirected to new destination"),
    Cause(26, "ANSWERED_ELSEWHERE", "Answered elsewhere"),
    Cause(27, "DESTINATION_OUT_OF_ORDER", "Destination out of order"),
    Cause(28, "INVALID_NUMBER_FORMAT", "Invalid number format"),
    Cause(29, "FACILITY_REJECTED", "Facility rejected"),
    Cause(30, "RESPONSE_TO_STATUS_ENQUIRY", "Response to STATus ENQuiry"),
    Cause(31, "NORMAL_UNSPECIFIED", "Normal, unspecified"),
    Cause(34, "NORMAL_CIRCUIT_CONGESTION", "Circuit/channel congestion"),
    Cause(38, "NETWORK_OUT_OF_ORDER", "Network out of order"),
    Cause(41, "NORMAL_TEMPORARY_FAILURE", "Temporary failure"),
    Cause(42, "SWITCH_CONGESTION", "Switching equipment congestion"),
    Cause(43, "ACCESS_INFO_DISCARDED", "Access information discarded"),
    Cause(44, "REQUESTED_CHAN_UNAVAIL", "Requested channel not available"),
    Cause(50, "FACILITY_NOT_SUBSCRIBED", "Facility not subscribed"),
    Cause(52, "OUTGOING_CALL_BARRED", "Outgoing call barred"),
    Cause(54, "INCOMING_CALL_BARRED", "Incoming call barred"),
    Cause(57, "BEARERCAPABILITY_NOTAUTH", "Bearer capability not authorized"),
    Cause(58, "BEARERCAPABILITY_NOTAVAIL", "Bearer capability not available"),
    Cause(65, "BEARERCAPABILITY_NOTIMPL", "Bearer capability not implemented"),
    Cause(66, "CHAN_NOT_IMPLEMENTED", "Channel not implemented"),
    Cause(69, "FACILITY_NOT_IMPLEMENTED", "Facility not implemented"),
    Cause(81, "INVALID_CALL_REFERENCE", "Invalid call reference value"),
    Cause(88, "INCOMPATIBLE_DESTINATION", "Incompatible destination"),
    Cause(95, "INVALID_MSG_UNSPECIFIED", "Invalid message unspecified"),
    Cause(96, "MANDATORY_IE_MISSING", "Mandatory information element is missing"),
    Cause(97, "MESSAGE_TYPE_NONEXIST", "Message type nonexist."),
    Cause(98, "WRONG_MESSAGE", "Wrong message"),
    Cause(99, "IE_NONEXIST", "Info. element nonexist or not implemented"),
    Cause(100, "INVALID_IE_CONTENTS", "Invalid information element contents"),
    Cause(101, "WRONG_CALL_STATE", "Message not compatible with call state"),
    Cause(102, "RECOVERY_ON_TIMER_EXPIRE", "Recover on timer expiry"),
    Cause(103, "MANDATORY_IE_LENGTH_ERROR", "Mandatory IE length error"),
    Cause(111, "PROTOCOL_ERROR", "Protocol error, unspecified"),
    Cause(127, "INTERWORKING", "Interworking, unspecified"),
)

NORMAL_CLEARING = 16

_TEXTS = {cause.number: cause.text for cause in CAUSES}
_NUMBER = re.compile(r"\s*([+-]?[0-9]{1,9})")


def cause_text(number: int) -> str:
    """The text of a cause; `Unknown` for one that is not known, and for 0."""
    return _TEXTS.get(number, "Unknown")


def parse_cause(text: str) -> int | None:
    """A cause by what its name begins with, or by number; None for what is neither."""
    upper = text.upper()
    for cause in CAUSES:
        if upper.startswith(cause.name):
            return cause.number
    found = _NUMBER.match(text)
    number = int(found[1]) if found else 0
    return number if number > 0 else None


def dial_status(cause: int) -> str:
    """What DialEnd says of a called channel that ended with this cause (main/dial.c)."""
    return {17: "BUSY", 34: "CONGESTION", 3: "CHANUNAVAIL", 20: "CHANUNAVAIL"}.get(cause, "NOANSWER")
