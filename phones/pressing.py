"""What a press on a key does: a line answers, holds, resumes; a contact does what the sheet says, or is dialled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import HarnessError
from phones.call import CONNECTED, HELD, IN, ON_HOLD, RINGING
from phones.keys import CONTACT, LINE, Key, behavior_of
from phones.provisioning import PRIMARY, ContactAction, PhonebookEntry

if TYPE_CHECKING:
    from phones.calls import Calls
    from phones.keys import KeyOptions
    from phones.screen import Screen

DIAL, TRANSFER = "dial", "transfer"


class Pressing:
    """The keys of one phone, under a finger."""

    def __init__(self, screen: Screen, calls: Calls, options: KeyOptions) -> None:
        self._screen, self._calls, self._options = screen, calls, options

    def press(self, name: str, long: bool = False) -> None:
        """Press a key, found as `Screen.find_key` does.  Raises HarnessError where that can do nothing."""
        key = self._screen.find_key(name)
        if key is None:
            there = ", ".join(f"{each.name or 'blank'} ({each.place})" for each in self._screen.keys) or "none"
            raise HarnessError(f"phone {self._calls.name} has no key for {name!r}; it has {there}")
        if key.kind == LINE:
            self._line(key)
        elif key.kind == CONTACT:
            self._contact(key, long)
        else:
            raise HarnessError(f"the key {key.place} of phone {self._calls.name} makes no call")

    def _line(self, key: Key) -> None:
        """What a person expects: take the call that rings, else hold the one that talks, else take one back."""
        call = self._calls.foremost(key.name)
        if call is None:
            raise HarnessError(f"line {key.name} of phone {self._calls.name} has no call, and no number was given")
        if call.state == RINGING and call.direction == IN:
            self._calls.answer(call.id)
        elif call.state in (CONNECTED, ON_HOLD):
            self._calls.hold(call.id)
        elif call.state == HELD:
            self._calls.resume(call.id)

    def _contact(self, key: Key, long: bool) -> None:
        entry = self._calls.directory.entry(key.name)
        if entry is None:
            raise HarnessError(f"phone {self._calls.name} has no contact {key.name!r} any more")
        contact = self._screen.contacts.get(key.name)
        status = contact.lamp if contact is not None else ""
        action_id, function = self._wanted(key, entry, status, long)
        action = entry.action(action_id)
        if action is None or not action.dial:
            raise HarnessError(f"contact {entry.id} ({entry.where}) has no action {action_id!r} with a number to dial")
        self._do(action, function)

    def _wanted(self, key: Key, entry: PhonebookEntry, status: str, long: bool) -> tuple[str, str]:
        """Action and function: of the behavior that fits; without one the key dials, or picks up what rings there."""
        behavior = behavior_of(key, self._calls.phone_state, status, self._options, long)
        if behavior is not None and long:
            return behavior.long_press_action or PRIMARY, behavior.long_press_function or DIAL
        if behavior is not None:
            return behavior.press_action or PRIMARY, behavior.press_function or DIAL
        if status == "ringing" and entry.action(entry.pickup_action) is not None:
            return entry.pickup_action, DIAL
        return PRIMARY, DIAL

    def _do(self, action: ContactAction, function: str) -> None:
        if function != TRANSFER:
            self._calls.place(action.dial, headers=action.headers)
        elif self._calls.find((RINGING,), direction=IN) is not None:
            self._calls.deflect(action.dial, action.headers)
        else:
            self._calls.transfer(action.dial, headers=action.headers)
