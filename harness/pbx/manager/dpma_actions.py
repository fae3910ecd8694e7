"""The DPMA's actions.  Their names are documented; what they answer is this project's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.packets import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from harness.pbx.manager.session import ManagerSession

CLASSES = ("system", "agent")


class DpmaActions:
    """The actions of an Asterisk that has the DPMA loaded; `phones` gives the names of its phones."""

    def __init__(self, phones: Callable[[], Collection[str]]) -> None:
        self._phones = phones

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        return (
            ActionEntry("DPMALicenseStatus", CLASSES, "Show the license status of the DPMA.", self.license_status),
            ActionEntry("DPMAMessageRegister", CLASSES, "Receive messages of phones by method.", self.register),
            ActionEntry("DPMAMessageSend", CLASSES, "Send a message to a phone.", self.send),
            ActionEntry("DPMAMessageResponse", CLASSES, "Answer a message of a phone.", self.answer),
        )

    def license_status(self, session: ManagerSession, action: Action) -> None:
        """DPMALicenseStatus: there is nothing to license here, and configuration tools want to hear so."""
        session.respond(action, "Success", "Message: OK, Valid")

    def register(self, session: ManagerSession, action: Action) -> None:
        """DPMAMessageRegister: phones send nothing that is handed on, so nothing will come."""
        if action.get("Method"):
            session.ack(action, "Method registered")
        else:
            session.error(action, "No method specified")

    def send(self, session: ManagerSession, action: Action) -> None:
        """DPMAMessageSend: no phone takes messages of applications."""
        name = action.get("PhoneName")
        for header, words in (("Method", "method"), ("PhoneName", "phone name")):
            if not action.get(header):
                session.error(action, f"No {words} specified")
                return
        known = name in self._phones()
        session.error(action, f"Phone {name} is not connected" if known else f"No such phone {name}")

    def answer(self, session: ManagerSession, action: Action) -> None:
        """DPMAMessageResponse: no phone has asked."""
        request = action.get("RequestID")
        session.error(action, f"No such request {request}" if request else "No request specified")
