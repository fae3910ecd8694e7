"""`register` and `unregister`: a phone's lines come and go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.scenario.fields import PhoneName
from harness.scenario.records import Field, Record, Short
from harness.scenario.steps.base import Verb

if TYPE_CHECKING:
    from harness.scenario.story import Story


@dataclass(frozen=True, slots=True)
class Register:
    """A phone registers its lines (`away` false) or gives them back."""

    phone: str
    away: bool = False

    async def perform(self, story: Story) -> None:
        """Wait until the phone is done."""
        phone = story.phone(self.phone)
        await (phone.unregister() if self.away else phone.register())


def _verb(name: str, away: bool, doc: str) -> Verb:
    fields = {"phone": Field(PhoneName(), "the phone", required=True)}
    record = Record(name, fields, lambda values, _node, _reading: Register(values["phone"], away))
    return Verb(Short("phone", record), acts=True, doc=doc)


REGISTER = _verb("register", False, "a phone registers its lines")
UNREGISTER = _verb("unregister", True, "a phone gives the registrations of its lines back")
