"""The calls of a phone that is on: placed, received, and what the person does with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from harness.errors import HarnessError
from harness.sip.grammar import GrammarError, escape_user
from harness.sip.leg import Leg
from harness.sip.session_timer import SessionTimer
from harness.sip.uri import NameAddr, SipUri
from phones.call import CONNECTED, DIALING, ENDED, HELD, IN, ON_HOLD, OUT, RINGING, Call
from phones.contacts import target_uri
from phones.directory import Directory
from phones.incoming import refusal, replaced, shown_caller
from phones.referring import CONSULTING, Referral, Transfer, refer_to, replacing
from phones.screen import CallView
from phones.sound import Sound

if TYPE_CHECKING:
    from harness.net.world import World
    from harness.sip.flow import Flow
    from harness.sip.server_transaction import ServerTransaction
    from phones.keypad import Keypad
    from phones.screen import Screen
    from phones.settings import Account, PhoneSettings
    from phones.signalling import Signalling

MAX_KEPT = 16
"""Calls that are over and still on the screen."""
BUSY = 486
RING_BEFORE_ANSWER_S = 2.0
"""Seconds that an alert with ring_type=ring-answer rings; how long real phones do is not documented."""

FOREMOST = (RINGING, CONNECTED, ON_HOLD, DIALING, HELD)
"""Of several calls, the one that a person deals with first."""


class Referred(NamedTuple):
    """Who asked for a call, and whom it replaces (RFC 3892, RFC 3891); values of headers."""

    by: str
    replaces: str = ""


class Calls:
    """All calls of one phone. What cannot be done raises HarnessError, in words for a person."""

    def __init__(
        self, name: str, world: World, settings: PhoneSettings, signalling: Signalling, screen: Screen, keypad: Keypad
    ) -> None:
        """`name` is the phone's."""
        self.name, self._world, self._settings = name, world, settings
        self._signalling, self._screen, self._keypad = signalling, screen, keypad
        self._calls: list[Call] = []
        self._serial = 0
        self.directory = Directory()

    # what stands

    @property
    def live(self) -> list[Call]:
        """Those that are not over, the first first."""
        return [call for call in self._calls if call.live]

    def open(self) -> list[Call]:
        """Those whose dialog is not over: the last goodbyes are still to come."""
        return [call for call in self._calls if not call.leg.over]

    def find(self, states: Iterable[str], which: str = "", direction: str = "") -> Call | None:
        """The first call in one of these states, those of the first state first; `which` is an id, number or name."""
        for state in states:
            for call in self._calls:
                wanted = not which or which in (call.id, call.number, call.name)
                if call.state == state and wanted and direction in ("", call.direction):
                    return call
        return None

    def _want(self, what: str, states: Iterable[str], which: str = "", direction: str = "") -> Call:
        found = self.find(states, which, direction)
        if found is None:
            of = f" of {which}" if which else ""
            there = ", ".join(f"{call.number} ({call.state})" for call in self.live) or "none"
            raise HarnessError(f"phone {self.name} has no call{of} to {what}; it has {there}")
        return found

    def foremost(self, line: str = "") -> Call | None:
        """The call that a person deals with first."""
        calls = [call for call in self.live if line in ("", call.line)]
        return min(calls, key=lambda call: FOREMOST.index(call.state), default=None)

    @property
    def phone_state(self) -> str:
        """The state of the phone in the words of Smart BLF's `phone_state`."""
        first = self.foremost()
        if first is None:
            return "idle"
        state = {RINGING: "incoming", CONNECTED: "connected", ON_HOLD: "connected", HELD: "hold"}.get(first.state, "")
        if first.direction == OUT and first.state in (DIALING, RINGING):
            state = "calling"
        handing_on = any(call.transfer is not None and call.transfer.state == CONSULTING for call in self.live)
        return f"{state}/transfer" if handing_on else state

    # calling

    def place(
        self,
        number: str,
        line: str = "",
        headers: Iterable[tuple[str, str]] = (),
        referred: Referred | None = None,
        referral: Referral | None = None,
    ) -> Call:
        """Call a number, or a `sip:` URI; what is connected is put on hold first."""
        account = self._account(line)
        try:
            uri = target_uri(number, self._signalling)
        except GrammarError:
            raise HarnessError(f"{number!r} is no number and no SIP URI") from None
        if not number:
            raise HarnessError("a call needs a number")
        if self._full(account.line):
            raise HarnessError(f"line {account.line} of phone {self.name} has {self._limit} calls already")
        self._hold_others()
        call = self._made(account.line, OUT, _number_of(number), self._signalling.flow_to(uri))
        call.referral = referral
        rows = [(name, self._filled(value, account)) for name, value in headers]
        if referred is not None:
            rows.append(("Referred-By", referred.by))
            rows += [("Replaces", referred.replaces)] if referred.replaces else []
        call.leg.place(uri, self._own(account), body=call.sound.offer(False), headers=rows)
        self.changed(call)
        return call

    def _made(self, line: str, direction: str, number: str, flow: Flow) -> Call:
        self._serial += 1
        account = self._account(line)
        sound = Sound(self._signalling.address[0], self._serial)
        call = Call(self, str(self._serial), line, direction, number, sound)
        call.name = self.directory.name_of(number)
        seconds = self._settings.session_expires
        call.leg = Leg(
            self._signalling.client(account),
            call,
            lambda _uri: flow,
            contact=f"<{self._signalling.contact(line)}>",
            capabilities=self._signalling.headers,
            session_timer=SessionTimer(seconds) if seconds else None,
        )
        self._calls.append(call)
        return call

    def _own(self, account: Account) -> str:
        return str(NameAddr(self.directory.own_name, self._signalling.uri(account.line)))

    def _filled(self, value: str, account: Account) -> str:
        """A header of a contact's action, with the account put in where it says so (as FreePBX writes them)."""
        host, port = self._settings.server
        places = (("USERNAME", escape_user(account.line)), ("SERVER", host), ("PORT", str(port)))
        for name, text in places:
            value = value.replace(f"%_ACCOUNT_{name}_%", text)
        return value

    def _account(self, line: str) -> Account:
        accounts = self._settings.accounts
        found = next((each for each in accounts if line in ("", each.line)), None)
        if found is None:
            there = ", ".join(each.line for each in accounts) or "none"
            raise HarnessError(f"phone {self.name} has no line {line or 'at all'}; it has {there}")
        return found

    @property
    def _limit(self) -> int:
        return self._settings.calls_per_line

    def _full(self, line: str) -> bool:
        return sum(call.line == line for call in self.live) >= self._limit

    # being called

    def receive(self, transaction: ServerTransaction) -> None:
        """An INVITE that begins a call."""
        request = transaction.request
        try:
            line = SipUri.parse(request.uri).user_unescaped
        except GrammarError:
            line = ""
        account = next((each for each in self._settings.accounts if each.line == line), None)
        instead = replaced(request, self.live)
        refused = refusal(request)
        if account is None:
            refused = 404, ()
        elif refused is None and "Replaces" in request.headers and instead is None:
            refused = 481, ()  # RFC 3891 3
        elif refused is None and instead is None:
            refused = self._busy(line)
        if refused is not None:
            transaction.reply(refused[0], headers=refused[1])
            return
        self._ring(transaction, line, instead)

    def _busy(self, line: str) -> tuple[int, tuple[tuple[str, str], ...]] | None:
        """Whether a status or the calls that there are turn away what comes."""
        why, own = "", self._screen.status.status
        if self.directory.turns_away(own):
            why = f"the status {own} has send486=yes"
        elif self._full(line):
            why = f"line {line} has {self._limit} calls already"
        if not why:
            return None
        self.note("call refused", line=line, status=BUSY, why=why)
        return BUSY, ()

    def _ring(self, transaction: ServerTransaction, line: str, instead: Call | None) -> None:
        number, name = shown_caller(transaction.request)
        call = self._made(line, IN, number, transaction.flow)
        call.name = name or call.name
        call.replaces = instead
        if not call.leg.receive(transaction):
            self._calls.remove(call)
            return
        if instead is not None:
            self.changed(call)
            call.answer()
            return
        call.leg.ring(180)
        self.changed(call)
        self._answer_by_itself(call, transaction.request.headers.get("Alert-Info") or "")

    def _answer_by_itself(self, call: Call, alert_info: str) -> None:
        """An alert with ring_type=answer or ring-answer; where the person has another call it only rings."""
        ring_type = self.directory.ring_type(alert_info) if alert_info else ""
        if ring_type not in ("answer", "ring-answer") or len(self.live) > 1:
            return
        delay = 0.0 if ring_type == "answer" else RING_BEFORE_ANSWER_S
        self._signalling.stack.timers.schedule(delay, lambda: call.answer() if call.state == RINGING else None)

    # what the person does

    def answer(self, which: str = "") -> None:
        """Take the call that rings; what is connected is put on hold first."""
        call = self._want("answer", (RINGING,), which, IN)
        self._hold_others()
        call.answer()

    def reject(self, status: int = BUSY, which: str = "") -> None:
        """Turn the call away that rings."""
        self._want("reject", (RINGING,), which, IN).refuse(status)

    def deflect(self, target: str, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Send the call that rings elsewhere (302, RFC 3261 21.3.3)."""
        call = self._want("deflect", (RINGING,), direction=IN)
        account = self._account(call.line)
        rows = [("Contact", f"<{target_uri(target, self._signalling)}>")]
        rows += [(name, self._filled(value, account)) for name, value in headers]
        call.refuse(302, f"sent to {target}", tuple(rows))

    def hold(self, which: str = "") -> None:
        """Put the connected call on hold."""
        self._want("hold", (CONNECTED, ON_HOLD), which).hold()

    def resume(self, which: str = "") -> None:
        """Take a call back from hold; another that is connected goes there."""
        call = self._want("resume", (HELD,), which)
        self._hold_others()
        call.resume()

    def hang_up(self, which: str = "") -> None:
        """End a call: the connected one first, one on hold last."""
        self._want("hang up", (CONNECTED, ON_HOLD, DIALING, RINGING, HELD), which).hang_up()

    def transfer(self, number: str = "", attended: bool = False, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Hand the connected call on: to a number, after a word with it where `attended`; without one, to the call that
        was made for that."""
        if not number:
            self._join()
            return
        call = self._want("transfer", (CONNECTED, ON_HOLD, HELD))
        account = self._account(call.line)
        rows = tuple((name, self._filled(value, account)) for name, value in headers)
        target = target_uri(number, self._signalling)
        transfer = Transfer(call, target, f"<{self._signalling.uri(call.line)}>", rows)
        if attended:
            transfer.consult(self.place(number, call.line))
        call.transfer = transfer
        if attended:
            return
        if call.state == HELD:
            transfer.held()
        else:
            call.hold()

    def _join(self) -> None:
        """RFC 5589 7.3: the far end is sent to replace us in the other call."""
        transfer = next((each.transfer for each in self.live if each.transfer and each.transfer.consulted), None)
        if transfer is None or transfer.consulted is None:
            raise HarnessError(f"phone {self.name} has no call to transfer to another: begin with a number")
        other = transfer.consulted
        dialog, placed = other.leg.dialog, other.leg.invite_request
        if not other.talking or dialog is None or placed is None:
            raise HarnessError(f"the call to {other.number} is {other.state}, so no call can be joined with it")
        transfer.join(replacing(placed.uri, dialog))

    def _hold_others(self) -> None:
        for call in self.live:
            if call.state in (CONNECTED, ON_HOLD):
                call.hold()

    def end_all(self) -> None:
        """The phone is switched off."""
        for call in self.live:
            call.hang_up("switched off")

    # what calls tell (`phones.call.Owner`)

    def changed(self, call: Call) -> None:
        """Show it, and write that down where it is news."""
        view = CallView(call.id, call.line, call.direction, call.state, call.number, call.name, call.why)
        before = self._screen.calls.get(call.id)
        if before == view:
            return
        self._screen.calls[call.id] = view
        changed = [{"field": "state", "before": before.state if before else "", "after": call.state}]
        seen = {name: value for name, value in view._asdict().items() if name != "id"}
        payload: dict[str, object] = {"phone": self.name, "contact": "", "call": call.id, **seen}
        payload |= {"changed": changed, "notes": []}
        first = self.foremost(call.line)
        if keys := self._keypad.light_line(call.line, first.state if first is not None else ""):
            payload["keys"] = keys
        self._world.trace.add("screen", self.name, "", "", payload)
        self._world.changed()

    def ended(self, call: Call) -> None:
        """Keep the last ones on the screen, and forget those whose dialog is over."""
        for other in self.live:
            if other.transfer is not None and other.transfer.consulted is call:
                other.transfer.deserted()
        over = [each for each in self._calls if each.state == ENDED and each.leg.over]
        for each in over[:-MAX_KEPT]:
            self._calls.remove(each)
            self._screen.calls.pop(each.id, None)
        self._world.changed()

    def refer(self, call: Call, transaction: ServerTransaction) -> None:
        """The far end wants us to call somebody (RFC 3515), with Replaces to take a place in another call."""
        request = transaction.request
        asked = refer_to(request)
        if asked is None:
            transaction.reply(400, "No Usable Refer-To")
            return
        uri, replaces = asked
        transaction.reply(202)
        referral = Referral(call, request.cseq.number)
        referral.begin()
        by = request.headers.get("Referred-By") or f"<{self._signalling.uri(call.number)}>"
        try:
            self.place(uri, call.line, (), Referred(by, replaces), referral)
        except HarnessError as error:
            self.note("referral not followed", call=call.id, why=str(error))
            referral.finished()

    def note(self, what: str, **values: object) -> None:
        """Write to the trace."""
        self._world.trace.note(self.name, what, **values)


def _number_of(text: str) -> str:
    """What a person sees of a number or a URI."""
    if not text.lower().startswith(("sip:", "sips:")):
        return text
    return SipUri.parse(text).user_unescaped or text
