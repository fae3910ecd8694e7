"""A phone while it is switched on: lines, configuration, subscriptions, and the presses that are on their way."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from phones import provisioning
from phones.asking import Asking, AskingState
from phones.calls import Calls
from phones.contacts import Contacts
from phones.keypad import Keypad
from phones.lines import LineState, Registration
from phones.mailboxes import Mailboxes
from phones.pressing import Pressing
from phones.rows import Unreadable
from phones.signalling import CAPABILITIES, FIRST_WAIT_S, Signalling
from phones.watching import ACCEPT, Watch

if TYPE_CHECKING:
    from harness.net.world import World
    from harness.sip.client import Client
    from harness.sip.flow import Flow
    from harness.sip.machine import Failure
    from harness.sip.message import Response
    from harness.sip.server_transaction import ServerTransaction
    from harness.sip.stack import OnResponse
    from harness.sip.timers import TimerHandle
    from phones.provisioning import PhonebookEntry, PhoneConfiguration
    from phones.screen import Screen
    from phones.settings import Account, PhoneSettings

MAX_PRESSES = 100
"""Presses that wait for the answer to the one before; more are not taken."""


class Press(NamedTuple):
    """A status that was picked; `event` is its number on the trace."""

    status: str
    substatus: str
    event: int


class Session:
    """One time between switching on and off. All of it is new with the next one: Call-IDs, tags, dialogs."""

    def __init__(self, name: str, world: World, settings: PhoneSettings, screen: Screen, port: int) -> None:
        self.name, self.world, self.settings, self.screen = name, world, settings, screen
        self.signalling = Signalling(name, world, settings, port)
        self.stack = self.signalling.stack
        self.stack.on_request = self._request
        self.signalling.carrier.on_connection_lost = self._connection_lost
        self.configuration: PhoneConfiguration | None = None
        self.registrations: dict[str, Registration] = {}
        self.keypad = Keypad(name, settings, screen, world.trace)
        self.contacts = Contacts(settings, self.signalling, screen, self._watch, self._note)
        self.calls = Calls(name, world, settings, self.signalling, screen, self.keypad)
        self.pressing = Pressing(screen, self.calls, settings.key_options)
        self.mailboxes = Mailboxes(name, world, settings, self.signalling, screen)
        self.status_answer: tuple[int, str] | None = None
        self._told: dict[str, tuple[str, int, str]] = {}
        self._presses: deque[Press] = deque()
        self._talk: Client | None = None
        self._asking: Asking | None = None
        self._recovery: TimerHandle | None = None
        self._ending = False

    # beginning

    def begin(self) -> None:
        """Register the primary line; all else follows from the answer."""
        if not self.settings.accounts:
            self._note("no account", why="the phone has no line to register")
            return
        primary = self.settings.accounts[0]
        self._asking = Asking(self.stack.timers, self._ask_configuration, self._asking_changed)
        self._line(primary).start()

    def _line(self, account: Account) -> Registration:
        registration = self.registrations.get(account.line)
        if registration is None:
            client = self.signalling.client(account)
            registration = Registration(
                self.signalling, client, account.line, self.settings.expires, self._line_changed
            )
            self.registrations[account.line] = registration
            self._talk = self._talk or client  # the primary line's
            self.screen.set_registration(account.line, registration.shown)
        return registration

    def _line_changed(self, registration: Registration) -> None:
        self.screen.set_registration(registration.line, registration.shown)
        state, status, reason, _ = registration.view
        if self._told.get(registration.line) != (state, status, reason):
            self._told[registration.line] = state, status, reason
            if registration.settled or registration.state is LineState.WAITING:
                self._note(f"line {state}", line=registration.line, status=status, reason=reason)
            if registration.line == self.settings.accounts[0].line:
                self._primary_changed(registration)
        self.world.changed()

    def _primary_changed(self, registration: Registration) -> None:
        if self._asking is None:
            return
        if registration.state is LineState.REGISTERED:
            self._asking.start()
        elif registration.state is LineState.REFUSED:
            self._asking.give_up(f"line {registration.line} is refused: {registration.status} {registration.reason}")

    # the configuration

    def _ask_configuration(self) -> None:
        self._send_message(provisioning.write_configuration_request(self.name), self._configuration_answered)

    def _configuration_answered(self, outcome: Response | Failure) -> None:
        if self._asking is not None and outcome.status >= 200:
            self._asking.answered(outcome)
            self.world.changed()

    def _asking_changed(self, state: AskingState, status: int, reason: str) -> None:
        if state in (AskingState.CONFIGURED, AskingState.REFUSED, AskingState.WAITING):
            self._note(f"configuration {state.value}", status=status, reason=reason)
        self.world.changed()

    def _configured(self, body: bytes) -> None:
        if self._ending:
            return
        try:
            configuration = provisioning.read_configuration(body)
        except Unreadable as error:
            if self._asking is not None:
                self._asking.unreadable(f"the configuration cannot be read: {error}")
            return
        if configuration.phone not in ("", self.name):
            self._note("configuration ignored", why=f"it is for phone {configuration.phone}")
            return
        self.configuration = self.calls.directory.configuration = configuration
        self.screen.title = configuration.name or self.name
        self._register_lines(configuration)
        self.contacts.take(configuration)
        self.keypad.take(configuration)
        self.mailboxes.take(configuration)
        if self.world.trace.enabled:  # what comes later on the trace changes this screen
            self._note("phonebook", screen=self.screen.snapshot())
        if self._asking is not None:
            self._asking.arrived()

    def _register_lines(self, configuration: PhoneConfiguration) -> None:
        accounts = {account.line for account in self.settings.accounts}
        wanted = {line.name for line in configuration.lines} | {self.settings.accounts[0].line}
        for line in configuration.lines:
            if line.name not in accounts:
                self._note("line without an account", line=line.name)
        for account in self.settings.accounts:
            if account.line in wanted:
                registration = self._line(account)
                if registration.state is LineState.UNREGISTERED:
                    registration.start()
        for name, registration in self.registrations.items():
            if name not in wanted:
                registration.stop()

    def _watch(self, entry: PhonebookEntry, uri: str) -> Watch:
        return Watch(
            self.name, entry, uri, self.signalling, self.settings, self.screen, self.world.trace, self.world.changed,
            self.keypad.light,
        )

    # presses

    def press(self, press: Press) -> None:
        """Send a status, after those before it have been answered."""
        self.status_answer = None
        if self._talk is None or len(self._presses) >= MAX_PRESSES:
            why = "the phone has no line" if self._talk is None else f"{MAX_PRESSES} presses wait already"
            self._note("press not sent", status=press.status, why=why)
            return
        self._presses.append(press)
        if len(self._presses) == 1:
            self._send_press()

    def _send_press(self) -> None:
        press = self._presses[0]
        with self.world.trace.caused_by(press.event):
            self._send_message(provisioning.write_status(self.name, press.status, press.substatus), self._pressed)

    def _pressed(self, outcome: Response | Failure) -> None:
        if outcome.status < 200:
            return
        press = self._presses.popleft()
        if not self._presses:
            self.status_answer = outcome.status, outcome.reason
        if outcome.status == 200:
            self._show_status(press)
        else:
            self._note("status not taken", chosen=press.status, status=outcome.status, reason=outcome.reason)
        if self._presses:
            self._send_press()
        self.world.changed()

    def _show_status(self, press: Press) -> None:
        changes = self.screen.set_status(press.status, press.substatus)
        payload = {
            "phone": self.name,
            "contact": "",
            "status": press.status,
            "substatus": press.substatus,
            "changed": [{"field": each.field, "before": each.before, "after": each.after} for each in changes],
            "notes": [],
        }
        self.world.trace.add("screen", self.name, "", "", payload)

    # messages

    def _send_message(self, body: bytes, on_response: OnResponse) -> None:
        assert self._talk is not None
        rows = [*self.signalling.headers, ("Content-Type", provisioning.CONTENT_TYPE)]
        uri = self.signalling.uri(provisioning.PROXY_USER)
        own = f"<{self.signalling.uri(self.settings.accounts[0].line)}>"
        request = self._talk.build("MESSAGE", uri, own, headers=rows, body=body)
        self._talk.request(request, self.signalling.flow, on_response)

    def _request(self, transaction: ServerTransaction) -> None:
        """A request that belongs to no dialog."""
        method = transaction.request.method
        if method == "MESSAGE":
            transaction.reply(200, headers=CAPABILITIES)
            from_server = transaction.flow.remote[0] == self.settings.server[0]
            if from_server and provisioning.is_ours(transaction.request.body):
                self._configured(transaction.request.body)
        elif method == "OPTIONS":
            transaction.reply(200, headers=[("Accept", ", ".join(ACCEPT)), *CAPABILITIES])
        elif method == "INVITE":
            self.calls.receive(transaction)
        elif method in ("NOTIFY", "BYE"):
            if method == "BYE" or not self.mailboxes.unasked(transaction):
                transaction.reply(481)  # RFC 6665 4.1.3
        else:
            transaction.reply(501)

    def _note(self, what: str, **values: object) -> None:
        self.world.trace.note(self.name, what, **values)

    # connections

    def _connection_lost(self, _flow: Flow) -> None:
        """The server may have forgotten all that came over it (RFC 5626 4.4.1): ask, a moment later."""
        if self._recovery is None and not self._ending:
            self._recovery = self.stack.timers.schedule(FIRST_WAIT_S, self._recover)

    def _recover(self) -> None:
        self._recovery = None
        for registration in self.registrations.values():
            registration.refresh()
        self.contacts.refresh()
        self.mailboxes.refresh()

    # what stands

    @property
    def settled(self) -> bool:
        """Whether all that `begin` began has come to an end, good or bad."""
        asked = self._asking is None or self._asking.settled
        subscribed = self.contacts.settled and self.mailboxes.settled
        return asked and subscribed and all(each.settled for each in self.registrations.values())

    def open_items(self) -> Iterator[str]:
        """Registrations, subscriptions, dialogs and transactions that are not at their end, in words."""
        for registration in self.registrations.values():
            if registration.state not in (LineState.UNREGISTERED, LineState.REFUSED):
                yield f"registration of {registration.line} ({registration.state.value})"
        owned = set()
        for watch in self.contacts.live():
            owned.add(id(watch.subscriber.dialog))
            yield f"subscription to {watch.entry.id} {watch.uri} ({watch.subscriber.state.value})"
        for line, subscriber in self.mailboxes.live():
            owned.add(id(subscriber.dialog))
            yield f"subscription to the mailbox of {line} ({subscriber.state.value})"
        for call in self.calls.open():
            owned.add(id(call.leg.dialog))
            yield f"call {call.id} {call.direction} {call.number} ({call.leg.state.value})"
        yield from (f"dialog {dialog.call_id}" for dialog in self.stack.dialogs if id(dialog) not in owned)
        yield from (f"{one.side} transaction {one.method} ({one.state})" for one in self.stack.open_transactions())

    # ending, and coming back

    @property
    def ended(self) -> bool:
        """Whether no line is registered or about to be, and no answer is awaited any more."""
        unregistered = all(each.state is LineState.UNREGISTERED for each in self.registrations.values())
        return unregistered and not self.stack.open_transactions()

    def unsubscribe(self) -> None:
        """End all calls and subscriptions, and begin nothing any more."""
        self._ending = True
        self.calls.end_all()
        if self._recovery is not None:
            self._recovery.cancel()
        if self._asking is not None:
            self._asking.stop()
        self.contacts.unsubscribe()
        self.mailboxes.unsubscribe()

    @property
    def unsubscribed(self) -> bool:
        """Whether no subscription and no call is left."""
        return self.contacts.unsubscribed and self.mailboxes.unsubscribed and not self.calls.open()

    def unregister(self) -> None:
        """Give all registrations back."""
        for registration in self.registrations.values():
            registration.stop()

    def register(self) -> None:
        """Register all lines, and subscribe where no subscription stands."""
        for registration in self.registrations.values():
            registration.start()
        self.contacts.subscribe()
