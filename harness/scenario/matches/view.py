"""What a phone shows of a contact, and the NOTIFY that made it show that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.scenario.conditions import TextMatch, in_words
from harness.scenario.matches.base import no_such_phone
from harness.scenario.matches.notify import NotifyMatch
from harness.scenario.target import ACTIVE, REFUSED
from phones.screen import SEEN

if TYPE_CHECKING:
    from harness.net.trace import Event
    from harness.scenario.story import Story
    from phones.screen import Contact


@dataclass(frozen=True, slots=True)
class ViewMatch:
    """A contact (or any, '') on a phone's screen.

    `changes`: whether the NOTIFY made something look different; None: either.
    """

    phone: str
    contact: str = ""
    fields: Mapping[str, TextMatch] = field(default_factory=dict)
    changes: bool | None = None
    notify: NotifyMatch | None = None

    @property
    def _by_notify(self) -> bool:
        """Whether only the NOTIFY counts, be it understood by the phone or not."""
        return self.notify is not None and not self.fields and self.changes is None

    @property
    def live(self) -> bool:
        """It looks at events."""
        return False

    def candidate(self, event: Event, story: Story) -> bool:
        """A line of the account of this phone's screen, or a NOTIFY that reached it."""
        if self._by_notify:
            return story.notified(event) == self.phone and self._is_contact(story.contact_of_notify(event), story)
        if event.hop != "screen" or not isinstance(event.payload, Mapping):
            return False
        said = event.payload
        return said.get("phone") == self.phone and self._is_contact(str(said.get("contact") or ""), story)

    def _is_contact(self, contact_id: str, story: Story) -> bool:
        return bool(contact_id) and (not self.contact or contact_id == story.contact_id(self.phone, self.contact))

    def differences(self, event: Event, story: Story) -> list[str]:
        """Compare the fields that the screen got, and the NOTIFY."""
        found = []
        if isinstance(event.payload, Mapping):
            found = _compared(self.fields, event.payload)
            changed = bool(event.payload.get("changed"))
            if self.changes is not None and changed != self.changes:
                found.append("it changed something" if changed else "it changed nothing on the screen")
        if self.notify is not None:
            request = story.notify_behind(event)
            found += ["it did not come by a NOTIFY"] if request is None else self.notify.differences(request)
        return found

    def standing(self, story: Story) -> list[str]:
        """Compare with the screen as it is."""
        phone = story.target.phones.get(self.phone)
        if phone is None:
            return [no_such_phone(story, self.phone)]
        contacts = self._contacts(story)
        if not contacts:
            return [self._no_contact(story)]
        # of several contacts one will do
        return min((self._contact_differs(each, story) for each in contacts), key=len)

    def _contact_differs(self, contact: Contact, story: Story) -> list[str]:
        found = _compared(self.fields, {name: getattr(contact, name) for name in SEEN})
        if self.notify is not None:
            last = story.last_notify(self.phone, contact.id)
            found += ["no NOTIFY came yet"] if last is None else self.notify.differences(last)
        return found

    def _contacts(self, story: Story) -> list[Contact]:
        phone = story.target.phones.get(self.phone)
        if phone is None:
            return []
        if not self.contact:
            return list(phone.screen.contacts.values())
        found = phone.screen.find(self.contact)
        return [] if found is None else [found]

    def _no_contact(self, story: Story) -> str:
        phone = story.target.phones[self.phone]
        there = ", ".join(phone.screen.contacts) or "none"
        return f"phone {self.phone} has no contact {self.contact!r}; it has {there}"

    def vacuous(self, story: Story) -> str:
        """A live subscription could carry it; one that was refused shows why there is none."""
        phone = story.target.phones.get(self.phone)
        if phone is None:
            return no_such_phone(story, self.phone)
        contacts = self._contacts(story)
        if not contacts:
            return self._no_contact(story) if self.contact else f"phone {self.phone} has no contacts"
        states = {each.id: phone.subscription_of(each.id) for each in contacts}
        if any(each is not None and each.state in (ACTIVE, REFUSED) for each in states.values()):
            return ""
        held = ", ".join(f"{name}: {'none' if each is None else each.state}" for name, each in states.items())
        return f"phone {self.phone} has no live subscription that could have carried it ({held})"

    def wanted(self) -> str:
        """Phone, contact and what is asked of them."""
        parts = [f"{name} {match}" for name, match in self.fields.items()]
        if self.changes is not None:
            parts.append("a change" if self.changes else "a NOTIFY that changes nothing")
        if self.notify is not None:
            parts.append(self.notify.wanted())
        what = ", ".join(parts) or "a NOTIFY"
        return f"{self.phone} sees {self.contact or 'any contact'}: {what}"

    def seen(self, story: Story) -> str:
        """The screen's account of the contact, and its subscription where that is not active."""
        phone = story.target.phones.get(self.phone)
        if phone is None:
            return no_such_phone(story, self.phone)
        contacts = self._contacts(story)
        if not contacts:
            return self._no_contact(story)
        return "; ".join(_told(each, story, self.phone) for each in contacts)


def _compared(fields: Mapping[str, TextMatch], shown: Mapping[str, object]) -> list[str]:
    found = []
    for name, match in fields.items():
        value = str(shown.get(name) or "")
        if not match.matches(value):
            found.append(f"{name} is {in_words(value)}, not {match}")
    return found


def _told(contact: Contact, story: Story, phone: str) -> str:
    shown = ", ".join(f"{name} {getattr(contact, name)!r}" for name in SEEN if getattr(contact, name))
    subscription = story.target.phones[phone].subscription_of(contact.id)
    if subscription is None:
        note = " (no subscription)"
    elif subscription.state == ACTIVE:
        note = ""
    else:
        answer = f" {subscription.status} {subscription.reason}".rstrip() if subscription.status else ""
        note = f" (subscription {subscription.state}{answer})"
    return f"{phone} shows {contact.id}: {shown or 'nothing'}{note}"
