"""What the phone looks up in its configuration while it calls: names of numbers, contacts, what a status does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.sip.grammar import read_params
from phones.provisioning import PRIMARY

if TYPE_CHECKING:
    from phones.provisioning import PhonebookEntry, PhoneConfiguration


class Directory:
    """The phonebook and the statuses; empty until the configuration has come."""

    def __init__(self) -> None:
        self.configuration: PhoneConfiguration | None = None

    @property
    def own_name(self) -> str:
        """The name of the phone's user."""
        return self.configuration.name if self.configuration is not None else ""

    def name_of(self, number: str) -> str:
        """The name of the contact with that number; '' for none."""
        entries = self.configuration.contacts if self.configuration is not None else ()
        return next((entry.name for entry in entries if number and number in _numbers(entry)), "")

    def entry(self, contact_id: str) -> PhonebookEntry | None:
        """A contact by its id."""
        entries = self.configuration.contacts if self.configuration is not None else ()
        return next((entry for entry in entries if entry.id == contact_id), None)

    def turns_away(self, status: str) -> bool:
        """Whether that status of the phone's own answers calls with 486 (`send486`)."""
        choices = self.configuration.statuses if self.configuration is not None else ()
        return any(choice.send486 and choice.status.lower() == status.lower() for choice in choices)

    def ring_type(self, alert_info: str) -> str:
        """How a call with that Alert-Info rings: by the first alert that names it, or its URI, or its `info`."""
        alerts = self.configuration.alerts if self.configuration is not None else ()
        value, _, rest = alert_info.strip().partition(";")
        names = {alert_info.strip(), value.strip().strip("<>"), read_params(f";{rest}").get("info")}
        return next((alert.ring_type for alert in alerts if alert.alert_info and alert.alert_info in names), "")


def _numbers(entry: PhonebookEntry) -> set[str]:
    return {entry.dial, *(action.dial for action in entry.actions if action.id == PRIMARY)}
