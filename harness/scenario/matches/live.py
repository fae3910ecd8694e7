"""What is looked at as it stands: a phone's own status, the answer to its press, a subscription."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.scenario.conditions import StatusMatch, TextMatch, in_words
from harness.scenario.matches.base import no_such_phone

if TYPE_CHECKING:
    from harness.net.trace import Event
    from harness.scenario.story import Story
    from harness.scenario.target import PhoneActor, SubscriptionView


def _of_phone(event: Event, phone: str, hops: tuple[str, ...]) -> bool:
    return event.hop in hops and isinstance(event.payload, Mapping) and event.payload.get("phone") == phone


def _pressed(event: Event, phone: str) -> bool:
    """Whether a status was picked; calls are pressed, too."""
    return _of_phone(event, phone, ("press",)) and isinstance(event.payload, Mapping) and "status" in event.payload


@dataclass(frozen=True, slots=True)
class OwnStatusMatch:
    """The status that a phone shows of itself."""

    phone: str
    fields: Mapping[str, TextMatch]
    contact: str = ""

    @property
    def live(self) -> bool:
        """It looks at what stands."""
        return True

    def candidate(self, event: Event, story: Story) -> bool:
        """A press, or a change of the screen that is about no contact."""
        said = event.payload if isinstance(event.payload, Mapping) else {}
        return _of_phone(event, self.phone, ("press", "screen")) and "status" in said

    def differences(self, event: Event, story: Story) -> list[str]:
        """The screen as it is now."""
        return self.standing(story)

    def standing(self, story: Story) -> list[str]:
        """Compare with the screen."""
        phone = story.target.phones.get(self.phone)
        if phone is None:
            return [no_such_phone(story, self.phone)]
        found = []
        for name, match in self.fields.items():
            value = str(getattr(phone.screen.status, name))
            if not match.matches(value):
                found.append(f"its own {name} is {in_words(value)}, not {match}")
        return found

    def vacuous(self, story: Story) -> str:
        """Every phone has a status."""
        return "" if self.phone in story.target.phones else no_such_phone(story, self.phone)

    def wanted(self) -> str:
        """Phone and status."""
        return f"{self.phone} shows its own " + ", ".join(f"{name} {match}" for name, match in self.fields.items())

    def seen(self, story: Story) -> str:
        """The status as it is."""
        phone = story.target.phones.get(self.phone)
        if phone is None:
            return no_such_phone(story, self.phone)
        own = phone.screen.status
        told = ", ".join(filter(None, (own.status, own.substatus, own.message)))
        return f"{self.phone} shows its own status {told!r}" if told else f"{self.phone} shows no status of its own"


@dataclass(frozen=True, slots=True)
class AnswerMatch:
    """The answer to the last press on a phone."""

    phone: str
    answer: StatusMatch
    contact: str = ""

    @property
    def live(self) -> bool:
        """It looks at what stands."""
        return True

    def candidate(self, event: Event, story: Story) -> bool:
        """Anything that the phone hears or does: the answer is looked at as it stands."""
        if event.hop == "arrived":
            return story.trace.name_of(event.destination) == self.phone
        return _pressed(event, self.phone)

    def differences(self, event: Event, story: Story) -> list[str]:
        """The answer as it is now."""
        return self.standing(story)

    def standing(self, story: Story) -> list[str]:
        """Compare with the last answer."""
        phone = story.target.phones.get(self.phone)
        if phone is None:
            return [no_such_phone(story, self.phone)]
        answer = phone.status_answer
        if answer is None:
            return ["its last press has no answer"]
        return [] if self.answer.matches(answer[0]) else [f"the answer was {answer[0]} {answer[1]}, not {self.answer}"]

    def vacuous(self, story: Story) -> str:
        """There must have been a press."""
        if self.phone not in story.target.phones:
            return no_such_phone(story, self.phone)
        pressed = any(_pressed(event, self.phone) for event in story.trace.events)
        return "" if pressed else f"nobody pressed a status on {self.phone}"

    def wanted(self) -> str:
        """Phone and answer."""
        return f"the press on {self.phone} is answered {self.answer}"

    def seen(self, story: Story) -> str:
        """The last answer."""
        phone = story.target.phones.get(self.phone)
        if phone is None:
            return no_such_phone(story, self.phone)
        answer = phone.status_answer
        return "no answer" if answer is None else f"the answer {answer[0]} {answer[1]}"


@dataclass(frozen=True, slots=True)
class SubscriptionMatch:
    """How a phone's subscription to a contact stands."""

    phone: str
    contact: str
    state: str = ""
    status: StatusMatch | None = None

    @property
    def live(self) -> bool:
        """It looks at what stands."""
        return True

    def candidate(self, event: Event, story: Story) -> bool:
        """Anything that reaches the phone: the subscription is looked at as it stands."""
        return event.hop == "arrived" and story.trace.name_of(event.destination) == self.phone

    def differences(self, event: Event, story: Story) -> list[str]:
        """The subscription as it is now."""
        return self.standing(story)

    def standing(self, story: Story) -> list[str]:
        """Compare with the subscription."""
        phone = story.target.phones.get(self.phone)
        if phone is None:
            return [no_such_phone(story, self.phone)]
        view = self._view(phone)
        if view is None:
            return [f"{self.phone} has no subscription to {self.contact!r}"]
        found = []
        if self.state and view.state != self.state:
            found.append(f"the subscription is {view.state}, not {self.state}")
        if self.status is not None and not self.status.matches(view.status):
            found.append(f"the SUBSCRIBE was answered {view.status or 'with nothing yet'}, not {self.status}")
        return found

    def _view(self, phone: PhoneActor) -> SubscriptionView | None:
        found = phone.screen.find(self.contact)
        return phone.subscription_of(found.id if found else self.contact)

    def vacuous(self, story: Story) -> str:
        """The phone must have that contact."""
        phone = story.target.phones.get(self.phone)
        if phone is None:
            return no_such_phone(story, self.phone)
        return "" if self._view(phone) else f"{self.phone} has no subscription to {self.contact!r}"

    def wanted(self) -> str:
        """Phone, contact and how their subscription should stand."""
        status = f", answered {self.status}" if self.status else ""
        return f"the subscription of {self.phone} to {self.contact} is {self.state or 'there'}{status}"

    def seen(self, story: Story) -> str:
        """How it stands."""
        phone = story.target.phones.get(self.phone)
        if phone is None:
            return no_such_phone(story, self.phone)
        view = self._view(phone)
        if view is None:
            return f"{self.phone} has no subscription to {self.contact}"
        answer = f", answered {view.status} {view.reason}".rstrip() if view.status else ""
        return f"the subscription of {self.phone} to {self.contact} is {view.state}{answer}"
