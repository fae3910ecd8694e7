"""MessageSend: a text to a phone, outside of calls (main/message.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.core.octets import fold
from harness.core.value import decode_base64
from harness.dialplan.text_message import TextMessage
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.originate import variables
from harness.pbx.manager.packets import Action

if TYPE_CHECKING:
    from harness.pbx.manager.session import ManagerSession
    from harness.pbx.message_queue import Send

TECHNOLOGY = "pjsip"
DECODED_BYTES = 1300
"""So much of a body that came as base64 is sent."""


class MessageActions:
    """The action; `send` takes a message, where it goes without the technology, and the sender."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        return (
            ActionEntry("MessageSend", ("message",), "Send an out of call message to an endpoint.", self.message_send),
        )

    def message_send(self, session: ManagerSession, action: Action) -> None:
        """MessageSend: `Destination` says where it goes and `To` what it says, or `To` both."""
        to = action.get("To")
        destination = action.get("Destination") or to
        technology, _, address = destination.partition(":")
        if not destination:
            session.error(action, "No 'To' address specified.")
        elif fold(technology) != TECHNOLOGY:
            session.error(action, "Message technology not found.")
        elif self._send(_message(action, to), address, action.get("From")):
            session.ack(action, "Message successfully sent")
        else:
            session.error(action, "Message failed to send.")


def _message(action: Action, to: str) -> TextMessage:
    encoded = action.get("Base64Body")
    body = decode_base64(encoded, DECODED_BYTES) if encoded else action.get("Body")
    message = TextMessage(to, action.get("From"), body)
    for name, value in variables(action)[::-1]:
        message.add(name, value)
    return message
