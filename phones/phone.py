"""The phone: what a person does with it, and what they see on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, succeed

from harness.errors import HarnessError
from phones.screen import Screen
from phones.session import Press, Session
from phones.settings import Account, PhoneSettings
from phones.watching import SubscriptionView

if TYPE_CHECKING:
    from harness.net.world import World
    from phones.lines import RegistrationView
    from phones.provisioning import PhoneConfiguration

__all__ = ["Account", "Phone", "PhoneSettings"]

LEAVE_S = 10.0
"""Seconds that a server has to answer when the phone unsubscribes, and again when it unregisters."""
ANSWER_S = 40.0
"""Seconds that `register` and `unregister` wait; longer than a request may take without an answer (32 s)."""


class Phone:
    """One phone, named as its type=phone section. Nothing happens before `start`."""

    def __init__(self, name: str, world: World, settings: PhoneSettings) -> None:
        self.name, self.world, self.settings = name, world, settings
        self.screen = Screen(name)
        self._session: Session | None = None
        self._port = settings.port
        self._left: list[str] = []
        self.unplugged = False
        """Whether its plug is pulled; `was_unplugged`: whether it ever was."""
        self.was_unplugged = False

    # switching on and off

    def start(self) -> None:
        """Switch on: register, fetch the configuration, subscribe; `settled` says when that is done.

        Raises InputError where its address is taken, HarnessError where it is on already.
        """
        if self._session is not None:
            raise HarnessError(f"phone {self.name} is switched on already")
        kept = self.screen.status
        self.screen = Screen(self.name)
        if self.settings.keep_status:
            self.screen.status = kept
        self._left = []
        self.unplugged = False
        self._session = Session(self.name, self.world, self.settings, self.screen, self._port)
        self._port = self._session.signalling.address[1]  # it comes back under the same address
        trace = self.world.trace
        if trace.enabled:
            trace.note(self.name, "switched on", screen=self.screen.snapshot())
        self._session.begin()

    async def stop(self) -> None:
        """Switch off in good order: hang up, unsubscribe, wait for the last NOTIFYs, unregister, close the sockets."""
        session = self._session
        if session is None:
            return
        session.unsubscribe()
        await self.world.wait(lambda: session.unsubscribed, LEAVE_S)
        session.unregister()
        await self.world.wait(lambda: session.ended, LEAVE_S)
        if self._session is session:
            self._left = list(session.open_items())
            self._session = None
            await session.signalling.carrier.close()
            self.world.trace.note(self.name, "switched off")

    def kill(self) -> Deferred[object]:
        """Pull the plug: the sockets are closed without a word; fires when they are."""
        session, self._session = self._session, None
        self._left = []
        if session is None:
            return succeed(None)
        self.unplugged = self.was_unplugged = True
        self.world.trace.note(self.name, "plug pulled")
        return session.signalling.carrier.close()

    async def restart(self, *, cleanly: bool = True) -> None:
        """Switch off (or pull the plug) and on again; does not wait until it is settled.

        Whether a phone takes its leave before it restarts is not documented.
        """
        if cleanly:
            await self.stop()
        else:
            await self.kill()
        self.start()

    async def register(self) -> None:
        """Register all lines, and subscribe where no subscription stands; waits for the answers to REGISTER."""
        session = self._session
        if session is None:
            self.start()
            return
        session.register()
        await self.world.wait(lambda: all(each.settled for each in session.registrations.values()), ANSWER_S)

    async def unregister(self) -> None:
        """Give the registrations back and keep the subscriptions; waits for the answers."""
        session = self._session
        if session is not None:
            session.unregister()
            await self.world.wait(lambda: all(each.settled for each in session.registrations.values()), ANSWER_S)

    # what a person does

    def set_status(self, status: str, substatus: str = "") -> None:
        """Pick a status; what becomes of it is `status_answer`. Raises HarnessError where the phone is off.

        The screen shows it when the server has taken it.
        """
        session = self._session
        if session is None:
            raise HarnessError(f"phone {self.name} is switched off")
        line = self.settings.accounts[0].line if self.settings.accounts else ""
        payload = {"phone": self.name, "line": line, "status": status, "substatus": substatus}
        session.press(Press(status, substatus, self.world.trace.add("press", self.name, "", "", payload, cause=0)))

    def call(self, number: str, line: str = "") -> None:
        """Call a number, or a `sip:` URI, from a line; by default the primary one. What comes of it is on the screen.

        This and what follows raises HarnessError where the phone is off or cannot do it. `which` is a call's id, number
        or name, where there are several.
        """
        self._do("call", lambda session: session.calls.place(number, line), number=number, line=line)

    def answer(self, which: str = "") -> None:
        """Take the call that rings; what is connected is put on hold."""
        self._do("answer", lambda session: session.calls.answer(which), number=which)

    def reject(self, status: int = 486, which: str = "") -> None:
        """Turn the call away that rings."""
        self._do("reject", lambda session: session.calls.reject(status, which), number=which, status_code=status)

    def hold(self, which: str = "") -> None:
        """Put the connected call on hold."""
        self._do("hold", lambda session: session.calls.hold(which), number=which)

    def resume(self, which: str = "") -> None:
        """Take a call back from hold."""
        self._do("resume", lambda session: session.calls.resume(which), number=which)

    def hangup(self, which: str = "") -> None:
        """End a call: the connected one first, one on hold last."""
        self._do("hang up", lambda session: session.calls.hang_up(which), number=which)

    def transfer(self, number: str = "", attended: bool = False) -> None:
        """Hand the connected call on to a number, at once or (`attended`) after a word with it; without a number, join
        the two calls of an attended transfer."""
        how = "consult" if attended else "transfer" if number else "join"
        self._do(how, lambda session: session.calls.transfer(number, attended), number=number)

    def press(self, key: str, long: bool = False) -> None:
        """Press a line's or a contact's key, named as `Screen.find_key` does."""
        self._do("key", lambda session: session.pressing.press(key, long), key=key, long=long)

    def _do(self, act: str, what: Callable[[Session], object], **values: object) -> None:
        session = self._session
        if session is None:
            raise HarnessError(f"phone {self.name} is switched off")
        payload = {"phone": self.name, "act": act, **{name: value for name, value in values.items() if value}}
        with self.world.trace.caused_by(self.world.trace.add("press", self.name, "", "", payload, cause=0)):
            what(session)

    # what stands

    @property
    def switched_on(self) -> bool:
        """Whether it has power."""
        return self._session is not None

    @property
    def settled(self) -> bool:
        """Whether all that `start` began has ended: lines, configuration and subscriptions had or refused."""
        return self._session is None or self._session.settled

    @property
    def uri(self) -> str:
        """The URI under which the primary line is reached without a server; '' where the phone is off."""
        if self._session is None or not self.settings.accounts:
            return ""
        return self._session.signalling.contact(self.settings.accounts[0].line)

    @property
    def status_answer(self) -> tuple[int, str] | None:
        """Status and reason of the answer to the last press; None until it is there. 408 'no answer' is silence."""
        return self._session.status_answer if self._session is not None else None

    @property
    def configuration(self) -> PhoneConfiguration | None:
        """What the phone was configured with, None where it was not."""
        return self._session.configuration if self._session is not None else None

    @property
    def registrations(self) -> dict[str, RegistrationView]:
        """How each line stands, the primary first; only those that the phone knows of."""
        lines = self._session.registrations if self._session is not None else {}
        return {name: registration.view for name, registration in lines.items()}

    def subscription_of(self, contact: str) -> SubscriptionView | None:
        """The subscription to a contact, named by its id, its subscribe_to or its display name; None for no contact."""
        found = self.screen.find(contact)
        if found is None or self._session is None:
            return None
        return self._session.contacts.view(found.id)

    def open_items(self) -> list[str]:
        """What is not at its end, each in words; after `stop` what the server did not let go."""
        return list(self._session.open_items()) if self._session is not None else self._left
