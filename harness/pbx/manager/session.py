"""One manager connection: log in, act, receive events (session_do and friends of main/manager.c)."""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.protocol import Protocol
from twisted.internet.protocol import connectionDone as _connection_done
from twisted.python.failure import Failure

from harness.pbx.manager.packets import Action, ActionReader, packet
from harness.pbx.manager.permissions import BIT, EVERYTHING, event_mask, privilege

if TYPE_CHECKING:
    from harness.config.manager import ManagerUser
    from harness.pbx.manager.server import Manager

FAILED_LOGIN_DELAY_S = 1.0
MAX_QUEUED_ACTIONS = 1_000
"""Actions of one connection that may wait for an earlier one; then its socket is not read."""

UNAUTHENTICATED = frozenset(("login", "logoff", "challenge"))


class ManagerSession(Protocol):
    """The protocol of one connection."""

    def __init__(self, manager: Manager) -> None:
        self.manager = manager
        self.user: ManagerUser | None = None
        self.read_permission = self.write_permission = 0
        self.mask = EVERYTHING
        self.challenge = ""
        self._reader = ActionReader()
        self._queue: deque[Action] = deque()
        self._held: list[bytes] = []
        self._busy = False
        self._paused = False
        self._closing = False
        self._timeout: Any = None

    # the connection

    def connectionMade(self) -> None:
        self._write(f"Asterisk Call Manager/{self.manager.version}\r\n".encode())
        self._timeout = self.manager.clock.callLater(self.manager.auth_timeout_s, self._give_up)
        self.manager.opened(self)

    def connectionLost(self, reason: Failure = _connection_done) -> None:
        self._closing = True
        self._cancel_timeout()
        self.manager.closed(self)

    def dataReceived(self, data: bytes) -> None:
        if self._closing:
            return
        self._queue.extend(self._reader.feed(data))
        self._work()
        if len(self._queue) > MAX_QUEUED_ACTIONS and not self._paused:
            self._paused = True
            self._transport().pauseProducing()

    def _transport(self) -> Any:
        return self.transport

    def _give_up(self) -> None:
        self._timeout = None
        self.manager.tell("login_timeout", f"{self.peer}: no login within {self.manager.auth_timeout_s:g} s")
        self.close()

    def _cancel_timeout(self) -> None:
        if self._timeout is not None and self._timeout.active():
            self._timeout.cancel()
        self._timeout = None

    def close(self) -> None:
        """Let go of the connection after what was written."""
        self._closing = True
        self._transport().loseConnection()

    @property
    def peer(self) -> str:
        """host:port of the other side."""
        peer = self._transport().getPeer()
        return f"{peer.host}:{peer.port}"

    # actions

    def _work(self) -> None:
        while self._queue and not self._busy and not self._closing:
            action = self._queue.popleft()
            self._busy = True
            self._act(action)
        if self._paused and len(self._queue) < MAX_QUEUED_ACTIONS // 2 and not self._closing:
            self._paused = False
            self._transport().resumeProducing()

    def done(self) -> None:
        """The action under way has been answered: events held back go out, the next action starts."""
        self._busy = False
        held, self._held = self._held, []
        for data in held:
            self._write(data)

    def later(self) -> Callable[[], None]:
        """For an action that is answered later: what it must call after its answer."""

        def resume() -> None:
            self.done()
            self._work()

        return resume

    def _act(self, action: Action) -> None:
        if action.refused:
            self.error(action, action.refused)
        elif not action.name:
            self.error(action, "Missing action in request")
            self.manager.security("RequestBadFormat", self, "NONE")
        elif self.user is None and action.name.lower() not in UNAUTHENTICATED:
            self.error(action, "Permission denied")
        else:
            self._dispatch(action)
            return
        self.done()

    def _dispatch(self, action: Action) -> None:
        found = self.manager.actions.get(action.name.lower())
        if found is None:
            self.error(
                action,
                f"Invalid/unknown command: {action.name}. "
                "Use Action: ListCommands to show available commands.",
            )
        elif found.mask and not (self.write_permission & found.mask):
            self.manager.tell("denied", f"{self.peer}: {action.name} is not permitted to this user")
            self.error(action, "Permission denied")
        elif found.run(self, action):
            return
        self.done()

    # answers

    def respond(self, action: Action, kind: str, *lines: str) -> None:
        """A response packet with the request's ActionID."""
        head = [f"Response: {kind}"]
        if action_id := action.get("ActionID"):
            head.append(f"ActionID: {action_id}")
        self._write(packet([*head, *lines]))

    def ack(self, action: Action, message: str) -> None:
        """A success with a message."""
        self.respond(action, "Success", f"Message: {message}")

    def error(self, action: Action, message: str) -> None:
        """A failure with a message."""
        self.respond(action, "Error", f"Message: {message}")

    def listing(self, action: Action, message: str, items: list[list[str]], complete: str) -> None:
        """A list: its start, one packet an item (the first line is its `Event:`), and its end."""
        self.respond(action, "Success", "EventList: start", f"Message: {message}")
        identity = [f"ActionID: {action_id}"] if (action_id := action.get("ActionID")) else []
        for item in items:
            self._write(packet([item[0], *identity, *item[1:]]))
        end = [f"Event: {complete}", *identity, "EventList: Complete", f"ListItems: {len(items)}"]
        self._write(packet(end))

    def raw(self, data: bytes) -> None:
        """Bytes of an answer that has a form of its own."""
        self._write(data)

    def _write(self, data: bytes) -> None:
        if not self._transport() or self._closing:
            return
        self._transport().write(data)

    # events

    def wants(self, bit: int) -> bool:
        """Whether an event of that class goes to this connection (6435-6458)."""
        return self.user is not None and bool(self.read_permission & bit) and bool(self.mask & bit)

    def event(self, data: bytes) -> None:
        """One rendered event; it waits while an action is being answered (7156-7163)."""
        if self._busy:
            self._held.append(data)
        else:
            self._write(data)

    # logging in

    def login(self, action: Action) -> bool:
        """Action Login; true where the answer comes later."""
        if self.user is not None:
            self.ack(action, "Already authenticated")
            return False
        name = action.get("Username").lower()
        user = next((u for key, u in self.manager.users.items() if key.lower() == name), None)
        if user is None or not self._secret_fits(action, user):
            self.manager.tell("login_failed", f"{self.peer}: failed to authenticate as {action.get('Username')!r}")
            self._refuse_slowly(action, "Authentication failed")
            return True
        if not self.manager.allow_multiple_login(user) and self.manager.in_use(user):
            self._refuse_slowly(action, "Login Already In Use")
            return True
        self._admit(action, user)
        return False

    def _secret_fits(self, action: Action, user: ManagerUser) -> bool:
        if action.get("AuthType").lower() == "md5":
            key = action.get("Key")
            if not key or not self.challenge:
                return False
            text = (self.challenge + user.secret).encode("utf-8", "surrogateescape")
            expected = hashlib.md5(text, usedforsecurity=False).hexdigest()
            return hmac.compare_digest(expected.encode(), key.encode("utf-8", "surrogateescape"))
        given = action.get("Secret").encode("utf-8", "surrogateescape")
        return bool(user.secret) and hmac.compare_digest(user.secret.encode("utf-8", "surrogateescape"), given)

    def _refuse_slowly(self, action: Action, message: str) -> None:
        def refuse() -> None:
            if not self._closing:
                self.error(action, message)
                self.close()

        self.manager.clock.callLater(FAILED_LOGIN_DELAY_S, refuse)

    def _admit(self, action: Action, user: ManagerUser) -> None:
        self.user = user
        self._cancel_timeout()
        self.manager.admitted(self)
        self.read_permission, self.write_permission = self.manager.permissions(user)
        asked = event_mask(action.get("Events"))
        if asked is not None:
            self.mask = asked
        self.ack(action, "Authentication accepted")
        if self.wants(BIT["system"]) and self.manager.booted:
            up = self.manager.uptime_s()
            self._write(
                packet(
                    [
                        "Event: FullyBooted",
                        f"Privilege: {privilege('system')}",
                        f"Uptime: {up}",
                        f"LastReload: {self.manager.reload_age_s()}",
                        "Status: Fully Booted",
                    ]
                )
            )
        self.manager.security("SuccessfulAuth", self, user.name)
