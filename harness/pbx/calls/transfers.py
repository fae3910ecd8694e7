"""REFER and Replaces: calls that are handed on (res_pjsip_refer.c, main/bridge.c; RFC 3515, 3891, 5589)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from harness.pbx.calls.bridge import Bridge
from harness.pbx.calls.dialing import Dialing
from harness.pbx.calls.pjsip_channel import PjsipChannel
from harness.sip.grammar import GrammarError, read_params
from harness.sip.uri import NameAddr, SipUri

if TYPE_CHECKING:
    from harness.dialplan.channel import Channel
    from harness.pbx.calls.exchange import Exchange
    from harness.pbx.calls.live import LiveChannel
    from harness.sip.dialog import Dialog
    from harness.sip.server_transaction import ServerTransaction

SIPFRAG = "message/sipfrag;version=2.0"
REASONS = {100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 486: "Busy Here"}
UNAVAILABLE = (503, "Service Unavailable")
SUBSCRIPTION_S = 600
"""Seconds that a REFER's subscription is said to last (pjsip's xfer default)."""
EXTERNAL = "external_replaces"
ANSWERED_ELSEWHERE = 26
"""The extension that is sent a call with a Replaces for a dialog that is not here."""


class Replaced(NamedTuple):
    """What a Replaces header names (RFC 3891 6.1)."""

    call_id: str
    to_tag: str
    from_tag: str
    early_only: bool = False

    @classmethod
    def parse(cls, text: str) -> Replaced:
        """Raises GrammarError."""
        call_id, semicolon, params = text.partition(";")
        named = read_params(semicolon + params)
        to_tag, from_tag = named.get("to-tag"), named.get("from-tag")
        if not call_id.strip() or to_tag is None or from_tag is None:
            raise GrammarError("Replaces without a tag")
        return cls(call_id.strip(), to_tag, from_tag, "early-only" in named)

    def names(self, dialog: Dialog) -> bool:
        """Whether it is this dialog, seen from this end."""
        return (self.call_id, self.to_tag, self.from_tag) == (dialog.call_id, dialog.local_tag, dialog.remote_tag)


class Progress:
    """Tells who sent a REFER what becomes of it, with NOTIFYs in the dialog of the call (RFC 3515 2.4.4)."""

    def __init__(self, live: PjsipChannel, transaction: ServerTransaction) -> None:
        self._leg, self._dialog = live.leg, live.leg.dialog
        self._cseq = transaction.request.cseq.number
        self._wanted = (transaction.request.headers.get("Refer-Sub") or "").strip().lower() != "false"
        self._over = False
        self.tell(100)

    def tell(self, status: int, reason: str = "") -> None:
        """One NOTIFY; a final status ends the subscription."""
        if self._over or not self._wanted:
            return
        self._over = status >= 200
        state = "terminated;reason=noresource" if self._over else f"active;expires={SUBSCRIPTION_S}"
        rows = [("Event", f"refer;id={self._cseq}"), ("Subscription-State", state), ("Content-Type", SIPFRAG)]
        body = f"SIP/2.0 {status} {reason or REASONS.get(status, '')}\r\n".encode()
        self._leg.request("NOTIFY", rows, body, dialog=self._dialog)


class Transfers:
    """Takes REFERs of calls, and INVITEs that replace a call."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange

    # REFER

    def refer(self, live: PjsipChannel, transaction: ServerTransaction) -> None:
        """A phone hands its call on."""
        status = self._refer(live, transaction)
        if status >= 300:
            transaction.reply(status)
            self.exchange.note("transfer refused", live, status=status)

    def _refer(self, live: PjsipChannel, transaction: ServerTransaction) -> int:
        if not live.endpoint.allow_transfer:
            return 603
        target = _target(transaction)
        if target is None:
            return 400
        if live.bridge is None or live.bridge.peer(live) is None:
            return 400  # there is nobody to hand on
        text = next((value for name, value in _headers(target) if name.lower() == "replaces"), None)
        if text is None:
            return self._blind(live, transaction, target)
        try:
            return self._attended(live, transaction, Replaced.parse(text))
        except GrammarError:
            return 400

    def _blind(self, live: PjsipChannel, transaction: ServerTransaction, target: SipUri) -> int:
        context = live.channel.variables.get("TRANSFER_CONTEXT") or live.endpoint.context
        exten = target.user_unescaped or "s"
        if not self.exchange.plan.exists(context, exten):
            return 404
        transaction.reply(202, headers=[("Contact", live.leg.contact)])
        assert live.bridge is not None
        transferee = live.bridge.peer(live)
        assert transferee is not None
        transferee.refer_progress = Progress(live, transaction).tell
        self.hand_on(live, context, exten)
        return 202

    def hand_on(self, live: LiveChannel, context: str, exten: str) -> bool:
        """Send whom a channel talks to elsewhere, and let the channel go; False where it talks to nobody."""
        transferee = live.bridge.peer(live) if live.bridge is not None else None
        to = [("IsExternal", "Yes"), ("Context", context), ("Extension", exten)]
        if transferee is None or live.bridge is None:
            self.exchange.publish("call", "BlindTransfer", [("Result", "Invalid"), *_named("Transferer", live), *to])
            return False
        self._event("BlindTransfer", live, transferee, [*live.bridge.snapshot(), *to])
        self.exchange.set_variable(transferee.channel, "BLINDTRANSFER", live.name)
        self.send_on(transferee, context, exten, 1)
        self.exchange.soon(live.far_hung_up)
        return True

    def send_on(self, live: LiveChannel, context: str, exten: str, priority: int) -> None:
        """Take a channel out of its bridge and let it execute the dialplan elsewhere; the other one is left alone."""
        bridge = live.bridge
        other = bridge.peer(live) if bridge is not None else None
        if live.execution is not None:
            if bridge is not None and other is not None:
                bridge.withdraw(other)
            live.redirect(context, exten, priority)
            return
        if bridge is not None:
            bridge.withdraw(live)
        live.run_soon(context, exten, priority)

    # with Replaces

    def find(self, replaced: Replaced) -> PjsipChannel | None:
        """The channel whose dialog a Replaces names."""
        for live in self.exchange.live.values():
            if isinstance(live, PjsipChannel) and live.leg.dialog is not None and replaced.names(live.leg.dialog):
                return live
        return None

    def _attended(self, live: PjsipChannel, transaction: ServerTransaction, replaced: Replaced) -> int:
        other = self.find(replaced)
        if other is None:
            context = live.channel.variables.get("TRANSFER_CONTEXT") or live.endpoint.context
            return 404 if not self.exchange.plan.exists(context, EXTERNAL) else 501
        if other is live:
            return 603
        transaction.reply(202, headers=[("Contact", live.leg.contact)])
        progress = Progress(live, transaction)
        joined = self._join(live, other)
        progress.tell(*((200, "OK") if joined else UNAVAILABLE))
        for each in (live, other) if joined else ():
            self.exchange.soon(each.far_hung_up)
        return 202

    def _join(self, live: PjsipChannel, other: PjsipChannel) -> bool:
        """Let those talk to each other whom the transferer talks to; False where one of them talks to nobody."""
        first, second = live.bridge, other.bridge
        near = first.peer(live) if first is not None else None
        far = second.peer(other) if second is not None else None
        if first is None or near is None:
            return False
        if far is None or second is None:
            return self._hand_to_ringing(near, other)
        rows = [("IsExternal", "Yes"), ("DestType", "Bridge"), ("DestBridgeUniqueid", second.identity)]
        self._event("AttendedTransfer", live, near, rows)
        if near.execution is not None:
            first.swap(live, far)
        elif far.execution is not None:
            second.swap(other, near)
        else:
            first.withdraw(near)
            second.withdraw(far)
            self._connect(near, far)
        return True

    def _hand_to_ringing(self, near: LiveChannel, other: PjsipChannel) -> bool:
        """The second call is not answered yet: whoever waits goes where it was going."""
        execution = other.execution
        if execution is None:
            return False
        channel: Channel = other.channel
        place = (channel.context, channel.exten, channel.priority)
        self.exchange.soon(other.far_hung_up)
        self.send_on(near, *place)
        return True

    def _connect(self, first: LiveChannel, second: LiveChannel) -> None:
        """Two whom nobody dialled: with one, the other ends."""

        def over(who: LiveChannel | None) -> None:
            for live in (who, *bridge.dissolve()):
                if live is not None:
                    live.hang_up()

        bridge = Bridge(self.exchange, first, second, over)

    def replace(self, live: PjsipChannel, text: str) -> int:
        """A new call, answered for that, takes the place of one; the status where it cannot (RFC 3891 3)."""
        try:
            replaced = Replaced.parse(text)
        except GrammarError:
            return 400
        target = self.find(replaced)
        if target is None:
            return 481
        if target.talking and replaced.early_only:
            return 486
        attempt = target.attempt
        if isinstance(attempt, Dialing):
            self.exchange.answer(live)
            target.attempt, live.dial_string = None, target.dial_string
            attempt.picked_up(target, live)
            target.hang_up(ANSWERED_ELSEWHERE)
            return 200
        if target.bridge is None:
            return 481
        self.exchange.answer(live)
        target.bridge.swap(target, live)
        self.exchange.soon(target.far_hung_up)
        return 200

    def _event(
        self, event: str, live: LiveChannel, transferee: LiveChannel, more: list[tuple[str, str]]
    ) -> None:
        who = [*_named("Transferer", live), *_named("Transferee", transferee)]
        self.exchange.publish("call", event, [("Result", "Success"), *who, *more])
        self.exchange.note("transfers", live, to=transferee.name)


def _named(prefix: str, live: LiveChannel) -> list[tuple[str, str]]:
    return [(prefix + name, value) for name, value in live.channel.snapshot()]


def _target(transaction: ServerTransaction) -> SipUri | None:
    """The URI of Refer-To; None where there is none, or none that can be called."""
    text = transaction.request.headers.get("Refer-To")
    if text is None:
        return None
    try:
        return SipUri.parse(NameAddr.parse(text).uri)
    except GrammarError:
        return None


def _headers(uri: SipUri) -> list[tuple[str, str]]:
    """The headers of a URI (RFC 3261 19.1.1), unescaped."""
    rows = [each.partition("=") for each in uri.headers.split("&") if each]
    return [(unquote(name), unquote(value, errors="surrogateescape")) for name, _, value in rows]
