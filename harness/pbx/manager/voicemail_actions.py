"""Mailbox... and Voicemail...: who has messages, and which (apps/app_voicemail.c, main/manager.c)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from harness.core.octets import fold
from harness.pbx.calls.spool import FOLDERS
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.packets import Action
from harness.pbx.manager.state_actions import QUERY

if TYPE_CHECKING:
    from harness.config.voicemail import Box
    from harness.pbx.calls.voicemail import VoicemailDesk
    from harness.pbx.manager.session import ManagerSession

REPORTING, USER = ("call", "reporting"), ("user",)
DEFAULT_MAIL_COMMAND, DEFAULT_SENDER = "/usr/sbin/sendmail -t", "asterisk"
SAY_DURATION_MINIMUM = "2"
NEEDS_BOX = "Need 'Context' and 'Mailbox' parameters."


class VoicemailActions:
    """The actions bound to one server's boxes."""

    def __init__(self, desk: VoicemailDesk) -> None:
        self._desk = desk

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        return (
            ActionEntry("MailboxStatus", QUERY, "Check mailbox.", self.status),
            ActionEntry("MailboxCount", QUERY, "Check Mailbox Message Count.", self.count),
            ActionEntry("VoicemailUsersList", REPORTING, "List All Voicemail User Information.", self.users),
            ActionEntry("VoicemailUserStatus", REPORTING, "Show the status of given voicemail user's info.", self.user),
            ActionEntry("VoicemailRefresh", USER, "Tell Asterisk to poll mailboxes for a change", self.refresh),
            ActionEntry("VoicemailBoxSummary", REPORTING, "Show the mailbox contents of given voicemail user.",
                        self.summary),
            ActionEntry("VoicemailMove", USER, "Move Voicemail between mailbox folders of given user.", self.move),
            ActionEntry("VoicemailRemove", USER, "Remove Voicemail from mailbox folder.", self.remove),
            ActionEntry("VoicemailForward", USER,
                        "Forward Voicemail from one mailbox folder to another between given users.", self.forward),
        )  # fmt: skip

    # what there is

    def status(self, session: ManagerSession, action: Action) -> None:
        """MailboxStatus."""
        name = action.get("Mailbox")
        if not name:
            session.error(action, "Mailbox not specified")
            return
        urgent, new, _ = self._desk.waiting(name)
        rows = "Message: Mailbox Status", f"Mailbox: {name}", f"Waiting: {int(urgent + new > 0)}"
        session.respond(action, "Success", *rows)

    def count(self, session: ManagerSession, action: Action) -> None:
        """MailboxCount."""
        name = action.get("Mailbox")
        if not name:
            session.error(action, "Mailbox not specified")
            return
        urgent, new, old = self._desk.waiting(name)
        session.respond(
            action, "Success", "Message: Mailbox Message Count", f"Mailbox: {name}", f"UrgMessages: {urgent}",
            f"NewMessages: {new}", f"OldMessages: {old}",
        )  # fmt: skip

    def users(self, session: ManagerSession, action: Action) -> None:
        """VoicemailUsersList."""
        boxes = self._desk.config.boxes
        if not boxes:
            session.respond(action, "Success", "Message: There are no voicemail users currently defined.")
            return
        rows = (self._user("VoicemailUserEntry", box) for box in boxes)
        session.listing(action, "Voicemail user list will follow", rows, "VoicemailUserEntryComplete")

    def user(self, session: ManagerSession, action: Action) -> None:
        """VoicemailUserStatus."""
        box = self._wanted(session, action, "There is no voicemail user of the given info.")
        if box is not None:
            rows = [self._user("VoicemailUserDetail", box)]
            session.listing(action, "Voicemail user detail will follow", rows, "VoicemailUserDetailComplete")

    def summary(self, session: ManagerSession, action: Action) -> None:
        """VoicemailBoxSummary."""
        box = self._wanted(session, action, "There is no voicemail user matching the given user.")
        if box is not None:
            rows = self._messages(box)
            session.listing(action, "Voicemail box detail will follow", rows, "VoicemailBoxDetailComplete")

    def _wanted(self, session: ManagerSession, action: Action, otherwise: str) -> Box | None:
        context, name = action.get("Context"), action.get("Mailbox")
        if not context or not name:
            session.error(action, NEEDS_BOX)
            return None
        box = self._desk.config.box(name, context)
        if box is None:
            session.respond(action, "Success", f"Message: {otherwise}")
        return box

    def _messages(self, box: Box) -> Iterator[list[str]]:
        for folder in FOLDERS:
            for message in self._desk.spool.messages(box.context, box.name, folder):
                fields = message.fields
                yield [
                    "Event: VoicemailBoxDetail", f"Folder: {folder}", f"CallerID: {fields.get('callerid', '')}",
                    f"Date: {fields.get('origdate', '')}", f"Duration: {fields.get('duration', '')}",
                    f"Flag: {fields.get('flag', '')}", f"ID: {message.id}",
                ]  # fmt: skip

    def _user(self, event: str, box: Box) -> list[str]:
        urgent, new, old = self._desk.waiting(box.full_name)
        options, general = box.options, self._desk.config.options
        return [
            f"Event: {event}",
            f"VMContext: {box.context}",
            f"VoiceMailbox: {box.name}",
            f"Fullname: {box.fullname}",
            f"Email: {box.email if box.has_email else '(null)'}",
            f"Pager: {box.pager}",
            f"ServerEmail: {options.get('serveremail') or DEFAULT_SENDER}",
            f"FromString: {options.get('fromstring', '')}",
            f"MailCommand: {general.get('mailcmd') or DEFAULT_MAIL_COMMAND}",
            f"Language: {box.language}",
            f"TimeZone: {box.tz}",
            f"Callback: {options.get('callback', '')}",
            f"Dialout: {options.get('dialout', '')}",
            "UniqueID: ",
            f"ExitContext: {box.exitcontext}",
            f"SayDurationMinimum: {options.get('saydurationm', SAY_DURATION_MINIMUM)}",
            f"SayEnvelope: {_yes(box.envelope)}",
            f"SayCID: {_yes(box.saycid)}",
            f"AttachMessage: {_yes(box.attach)}",
            f"AttachmentFormat: {options.get('attachfmt', '')}",
            f"DeleteMessage: {_yes(box.delete)}",
            f"VolumeGain: {_decimal(options.get('volgain', '')):.2f}",
            f"CanReview: {_yes(box.review)}",
            f"CanMarkUrgent: {_yes(box.leaveurgent)}",
            f"CallOperator: {_yes(box.operator)}",
            f"MaxMessageCount: {box.maxmsg}",
            f"MaxMessageLength: {box.maxsecs}",
            f"NewMessageCount: {urgent + new}",
            f"OldMessageCount: {old}",
        ]

    # what changes

    def refresh(self, session: ManagerSession, action: Action) -> None:
        """VoicemailRefresh: tell of mailboxes that are told of already; here all of them changed by us."""
        context, name = fold(action.get("Context")), fold(action.get("Mailbox"))
        for box in self._desk.config.boxes:
            known = self._desk.states.of(box.full_name)
            urgent, new, old = self._desk.waiting(box.full_name)
            if context in ("", fold(box.context)) and name in ("", fold(box.name)) and known != (urgent + new, old):
                self._desk.tell(box)
        session.respond(action, "Success", "Message: Refresh sent")

    def move(self, session: ManagerSession, action: Action) -> None:
        """VoicemailMove."""
        self._change(
            session, action, ("Mailbox", "Context", "Folder", "ID", "ToFolder"), "move",
            lambda box, context, folder, message_id, to: self._desk.move((box, context), folder, message_id, to),
        )  # fmt: skip

    def remove(self, session: ManagerSession, action: Action) -> None:
        """VoicemailRemove."""
        self._change(
            session, action, ("Mailbox", "Context", "Folder", "ID"), "remove",
            lambda box, context, folder, message_id: self._desk.remove((box, context), folder, message_id),
        )  # fmt: skip

    def forward(self, session: ManagerSession, action: Action) -> None:
        """VoicemailForward."""
        names = ("Mailbox", "Context", "Folder", "ID", "ToMailbox", "ToContext", "ToFolder")
        self._change(
            session, action, names, "forward",
            lambda box, context, folder, message_id, to, to_context, to_folder: self._desk.forward(
                (box, context), folder, message_id, (to, to_context), to_folder
            ),
        )  # fmt: skip

    @staticmethod
    def _change(
        session: ManagerSession, action: Action, names: tuple[str, ...], what: str, act: Callable[..., bool]
    ) -> None:
        missing = next((name for name in names if not action.get(name)), None)
        if missing is not None:
            session.error(action, f"{missing} not specified, required")
            return
        done = "successful" if act(*(action.get(name) for name in names)) else "failed"
        session.respond(action, "Success", f"Message: Message {what} {done}\n")


def _yes(value: bool) -> str:
    return "Yes" if value else "No"


def _decimal(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
