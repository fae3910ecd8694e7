"""A registrar, notifier and provisioning desk in one file, for phones to talk to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from harness.net.carrier import SipCarrier
from harness.net.world import World
from harness.sip.dialog import Dialog
from harness.sip.digest import Challenger, Credentials, Verdict, secret_hash
from harness.sip.flow import Flow
from harness.sip.message import Headers, Request
from harness.sip.server_transaction import ServerTransaction
from harness.sip.uri import SipUri

HOST, PORT = "10.0.0.1", 5060

BODY = """<?xml version="1.0" encoding="UTF-8"?>
<presence entity="sip:{user}@10.0.0.1" xmlns="urn:ietf:params:xml:ns:pidf">
 <note>Ready</note>
 <tuple id="{user}"><status><basic>open</basic></status><contact priority="1">sip:{user}@10.0.0.1</contact></tuple>
 <tuple id="digium-presence"><status><digium_presence type="{presence}" subtype="{subtype}"/></status></tuple>
</presence>
"""


def presence(user: str, state: str, subtype: str = "") -> bytes:
    """A PIDF document with the Digium tuple."""
    return BODY.format(user=user, presence=state, subtype=subtype).encode()


@dataclass
class Subscribed:
    """One subscription as this server has it."""

    user: str
    dialog: Dialog
    flow: Flow
    expires: int
    event: str = "presence"


@dataclass
class Given:
    """An answer that is given instead of the usual one."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()


class SmallServer:
    """Answers as it is told; what it hears is in `heard`, as (seconds, request)."""

    def __init__(self, world: World, passwords: dict[str, str], phone: dict[str, Any] | None = None) -> None:
        self.world, self.passwords = world, passwords
        self.phone = phone
        self.raw_configuration: bytes | None = None
        self.carrier = SipCarrier(world, "server")
        self.stack = self.carrier.stack
        self.stack.on_request = self._request
        random = world.random_for("server/nonce")
        self._challenger = Challenger("small", world.epoch, random.randbytes)
        self.heard: list[tuple[float, Request]] = []
        self.instead: dict[str, list[Given]] = {}
        self._asker: ServerTransaction
        self.answers: list[tuple[str, int, Headers]] = []
        self.bound: dict[str, str] = {}
        self.subscribed: list[Subscribed] = []
        self.bodies: dict[str, bytes] = {}
        self.known: Callable[[str], bool] = lambda user: True
        self.expires = 3600
        self.notify_first = False
        self.notifies_at_all = True
        self.invited: Callable[[ServerTransaction], None] = lambda transaction: transaction.reply(404)

    def start(self) -> SmallServer:
        """Listen on UDP and TCP."""
        self.carrier.listen_udp(HOST, PORT)
        self.carrier.listen_tcp(HOST, PORT)
        return self

    # what was heard

    def requests(self, method: str) -> list[Request]:
        """What came of a method, without those that were challenged."""
        return [request for _, request in self.heard if request.method == method]

    def times(self, method: str) -> list[float]:
        """When requests of a method came, in seconds."""
        return [time for time, request in self.heard if request.method == method]

    # acting

    def change(self, user: str, body: bytes, content_type: str = "application/pidf+xml") -> None:
        """NOTIFY all who watch a user."""
        self.bodies[user] = body
        for each in self.subscribed:
            if each.user == user:
                self._notify(each, content_type=content_type)

    def forget_dialogs(self) -> None:
        """As a server that was restarted without its subscriptions."""
        for each in self.subscribed:
            self.stack.remove_dialog(each.dialog)
        self.subscribed.clear()

    def end(self, user: str, reason: str = "") -> None:
        """Terminate the subscriptions to a user."""
        for each in [each for each in self.subscribed if each.user == user]:
            self._end(each, reason)

    # requests

    def _request(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        waiting = self.instead.get(request.method)
        if waiting:
            given = waiting.pop(0)
            self.heard.append((self.world.seconds(), request))
            transaction.reply(given.status, headers=given.headers)
        elif self._admits(transaction):
            self.heard.append((self.world.seconds(), request))
            {
                "REGISTER": self._register, "SUBSCRIBE": self._subscribe, "MESSAGE": self._message,
                "INVITE": self.invited,
            }[request.method](transaction)  # fmt: skip

    def _admits(self, transaction: ServerTransaction) -> bool:
        request = transaction.request
        value = request.headers.get("Authorization")
        if value is not None:
            verdict = self._challenger.verify(Credentials.parse(value), request.method, request.uri, request.body,
                                              self._secret)  # fmt: skip
            if verdict is Verdict.GOOD:
                return True
        else:
            verdict = Verdict.WRONG
        challenges = self._challenger.challenges(stale=verdict is Verdict.STALE)
        transaction.reply(401, headers=[("WWW-Authenticate", text) for text in challenges])
        return False

    def _secret(self, user: str, realm: str, algorithm: str) -> str | None:
        password = self.passwords.get(user)
        return None if password is None else secret_hash(user, realm, password, algorithm)

    def _register(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        contact = request.contact
        assert contact is not None
        user = request.to.sip_uri.user_unescaped
        if request.expires == 0:
            self.bound.pop(user, None)
            transaction.reply(200)
            return
        self.bound[user] = contact.uri
        granted = min(request.expires or 0, self.expires)
        transaction.reply(200, headers=[("Contact", f"<{contact.uri}>;expires={granted}")])

    def _message(self, transaction: ServerTransaction) -> None:
        body = json.loads(transaction.request.body)
        if body["method"] == "status":
            transaction.reply(200)
        elif self.phone is None:
            transaction.reply(404, "No Such Phone")
        else:
            transaction.reply(200)
            self._asker = transaction
            self.push()

    def push(self) -> None:
        """Send the configuration to where it was asked for last."""
        transaction = self._asker
        fields = {"dpma-harness": 1, "method": "configuration", **(self.phone or {})}
        body = self.raw_configuration if self.raw_configuration is not None else json.dumps(fields).encode()
        identifiers = self.stack.identifiers
        rows = [
            ("From", f"<sip:proxy@{HOST}>;tag={identifiers.tag()}"),
            ("To", (transaction.request.headers.get("From") or "").partition(";tag")[0]),
            ("Call-ID", identifiers.call_id()),
            ("CSeq", "1 MESSAGE"),
            ("Content-Type", "text/plain"),
        ]
        host, port = transaction.flow.remote
        request = Request("MESSAGE", f"sip:phone@{host}:{port}", Headers(rows), body)
        self.stack.request(request, transaction.flow, lambda _outcome: None)

    # subscriptions

    def _subscribe(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        user = SipUri.parse(request.uri).user_unescaped
        if not self.known(user):
            transaction.reply(404)
            return
        local = transaction.flow.local
        contact = f"<sip:{local[0]}:{local[1]}>"
        dialog = Dialog.uas(request, transaction.to_tag, contact=contact)
        granted = min(request.expires or 0, self.expires)
        each = Subscribed(user, dialog, transaction.flow, granted, request.headers.get("Event") or "")
        self.subscribed.append(each)
        self.stack.add_dialog(dialog, lambda again: self._refresh(each, again))
        if self.notify_first:
            self._notify(each)
            self.world.call_later(0.2, self._accept, transaction, each)
        else:
            self._accept(transaction, each)
            if self.notifies_at_all:
                self._notify(each)

    def _accept(self, transaction: ServerTransaction, each: Subscribed) -> None:
        headers = [("Expires", str(each.expires)), ("Contact", each.dialog.contact)]
        transaction.reply(200, headers=headers, to_tag=each.dialog.local_tag)

    def _refresh(self, each: Subscribed, transaction: ServerTransaction) -> None:
        request = transaction.request
        if not self._admits(transaction):
            return
        self.heard.append((self.world.seconds(), request))
        each.expires = min(request.expires or 0, self.expires)
        self._accept(transaction, each)
        if each.expires:
            self._notify(each)
        else:
            self._end(each, "timeout")

    def _end(self, each: Subscribed, reason: str) -> None:
        self.subscribed.remove(each)
        self._notify(each, f"terminated;reason={reason}" if reason else "terminated")
        self.world.call_later(1.0, self.stack.remove_dialog, each.dialog)

    def _notify(self, each: Subscribed, state: str = "", content_type: str = "application/pidf+xml") -> None:
        body = self.bodies.get(each.user) or presence(each.user, "available")
        rows: Iterable[tuple[str, str]] = [
            ("Event", each.event),
            ("Subscription-State", state or f"active;expires={each.expires}"),
            ("Content-Type", content_type),
        ]
        request = each.dialog.request("NOTIFY", rows, body)
        self.stack.request(
            request, each.flow, lambda outcome: self.answers.append(("NOTIFY", outcome.status, _headers(outcome)))
        )


def _headers(outcome: object) -> Headers:
    headers = getattr(outcome, "headers", None)
    return headers if isinstance(headers, Headers) else Headers()
