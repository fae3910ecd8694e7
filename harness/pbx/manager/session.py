"""One manager connection: log in, act, receive events (session_do and friends of main/manager.c)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from twisted.internet.protocol import Protocol
from twisted.internet.protocol import connectionDone as _connection_done
from twisted.logger import Logger
from twisted.python.failure import Failure

from harness.core.octets import cut, fold
from harness.pbx.manager.filters import Filters
from harness.pbx.manager.outlet import Outlet
from harness.pbx.manager.packets import LINE_BUFFER, Action, ActionReader, packet
from harness.pbx.manager.permissions import EVERYTHING
from harness.pbx.manager.security import REQUEST_BYTES

if TYPE_CHECKING:
    from harness.config.manager import ManagerUser
    from harness.pbx.manager.server import Manager

ACTIONS_PER_TURN = 50
"""Actions that one connection has done before the others have their turn."""
MAX_BACKLOG_BYTES = 65_536
"""What may wait of a connection before it is not read any more."""
UNKNOWN_BYTES = 511
"""So much of the message about an unknown action is sent."""

ANYBODY = frozenset(("login", "logoff", "challenge"))
"""Actions that need no login."""

_log = Logger()


class ManagerSession(Protocol):
    """The protocol of one connection; `number` counts connections from 1, `admitted_at` is seconds since 1970."""

    def __init__(self, manager: Manager, number: int) -> None:
        self.manager, self.number = manager, number
        self.user: ManagerUser | None = None
        self.account = ""
        self.admitted_at = 0.0
        self.read_permission = self.write_permission = 0
        self.mask = EVERYTHING
        self.filters = Filters()
        self.challenge = ""
        self.local = self.remote = ("", 0)
        self.closing = False
        self._reader = ActionReader()
        self._busy = self._paused = False
        self._again: Any = None
        self._timeout: Any = None
        self._waiting: tuple[Action, Any] | None = None

    # the connection

    def connectionMade(self) -> None:
        transport: Any = self.transport
        host, peer = transport.getHost(), transport.getPeer()
        self.local, self.remote = (host.host, host.port), (peer.host, peer.port)
        self.outlet = Outlet(transport, self.manager.clock, self._flooded, self._drained)
        self.outlet.answer(f"Asterisk Call Manager/{self.manager.version}\r\n".encode())
        self._timeout = self.manager.clock.callLater(self.manager.config.authtimeout, self._give_up)
        self.manager.opened(self)

    def connectionLost(self, reason: Failure = _connection_done) -> None:
        self.closing = True
        self.keep_open()
        self._stop_waiting()
        if self._again is not None and self._again.active():
            self._again.cancel()
        self.outlet.gone()
        self.manager.closed(self)

    def dataReceived(self, data: bytes) -> None:
        if self.closing:
            return
        self._reader.push(data)
        if self._waiting is not None:
            self._waited()
        self._work()

    @property
    def peer(self) -> str:
        """host:port of the other side."""
        return "{}:{}".format(*self.remote)

    def keep_open(self) -> None:
        """There is no hurry to log in any more."""
        if self._timeout is not None and self._timeout.active():
            self._timeout.cancel()

    def _give_up(self) -> None:
        limit = self.manager.config.authtimeout
        self.manager.notices("login-timeout", f"{self.peer} did not log in within {limit} s and was let go")
        self.close()

    def close(self) -> None:
        """Let go of the connection after what was written."""
        self.closing = True
        self.outlet.close()

    def _flooded(self) -> None:
        who = f"user {self.account} at {self.peer}" if self.user else self.peer
        self.manager.notices("slow-reader", f"{who} does not read what it is sent and was cut off")
        self.closing = True
        self.outlet.cut()

    def _drained(self) -> None:
        self._work()

    # actions

    def _work(self) -> None:
        """Do what has arrived, as much of it as one turn takes."""
        for _ in range(ACTIONS_PER_TURN):
            if self._busy or self.closing or self.outlet.full:
                break
            action = self._reader.next()
            if action is None:
                self._measure()
                break
            self._begin(action)
        else:
            self._soon()
        self._throttle()

    def _measure(self) -> None:
        if self._reader.overflowed:
            self.manager.notices("long-line", f"{self.peer} sends lines of {LINE_BUFFER} bytes and more")

    def _soon(self) -> None:
        if self._again is None or not self._again.active():
            self._again = self.manager.clock.callLater(0, self._work)

    def _throttle(self) -> None:
        transport: Any = self.transport
        crowded = self._reader.backlog > MAX_BACKLOG_BYTES
        if crowded != self._paused and not self.closing:
            self._paused = crowded
            (transport.pauseProducing if crowded else transport.resumeProducing)()

    def _begin(self, action: Action) -> None:
        self._busy = True
        self.outlet.hold()
        try:
            later = self._act(action)
        except Exception:
            # whatever went wrong, it must not take this connection or others with it
            _log.failure("action {name} failed", name=action.name)
            self.manager.notices("failed", f"action {action.name} failed: this is a defect, see the log")
            self.error(action, "An unknown error occurred")
            later = False
        if not later:
            self._end()

    def _end(self) -> None:
        self._busy = False
        self.outlet.release()

    def finish(self) -> None:
        """An action that is answered later has been: events that waited go out, the next action starts."""
        self._end()
        if not self.closing:
            self._work()

    def _act(self, action: Action) -> bool:
        """Do one action; true where it is answered later."""
        name = fold(action.name)
        if action.refused:
            self.manager.notices("unreadable", f"a packet of {self.peer} was refused: {action.refused}")
            self.error(action, action.refused)
        elif not name:
            self._complain("RequestBadFormat", "NONE")
            self.error(action, "Missing action in request")
        elif self.user is None and name not in ANYBODY:
            self._complain("RequestNotAllowed", action.name)
            wanted = cut(name, UNKNOWN_BYTES)
            self.manager.notices("stranger", f"{self.peer} asked for action {wanted!r} without a login")
            self.error(action, "Permission denied")
        else:
            return self._dispatch(action, name)
        return False

    def _dispatch(self, action: Action, name: str) -> bool:
        found = self.manager.actions.get(name)
        if found is None:
            self._complain("RequestBadFormat", action.name)
            text = f"Invalid/unknown command: {action.name}. Use Action: ListCommands to show available commands."
            self.error(action, cut(text, UNKNOWN_BYTES))
            return False
        if found.mask and not self.write_permission & found.mask:
            self._complain("RequestNotAllowed", action.name)
            self.manager.notices("denied", f"action {found.name} is not permitted to user {self.account}")
            self.error(action, "Permission denied")
            return False
        return bool(found.run(self, action))

    def _complain(self, event: str, action: str) -> None:
        request = cut(f"Action: {action}", REQUEST_BYTES)
        self.manager.security(event, self, self.account, [("RequestType", request)])

    # answers

    def respond(self, action: Action, kind: str, *lines: str) -> None:
        """A response packet with the request's ActionID."""
        self.outlet.answer(packet([f"Response: {kind}", *action.identity, *lines]))

    def ack(self, action: Action, message: str) -> None:
        """A success with a message."""
        self.respond(action, "Success", f"Message: {message}")

    def error(self, action: Action, message: str) -> None:
        """A failure with a message."""
        self.respond(action, "Error", f"Message: {message}")

    def send(self, lines: Iterable[str]) -> None:
        """One packet more that belongs to the answer."""
        self.outlet.answer(packet(lines))

    def listing(
        self, action: Action, message: str, items: Iterable[list[str]], complete: str, *more: str
    ) -> None:
        """A list: its start, one packet an item (the first line is its `Event:`), and its end with `more`."""
        self.complete(action, complete, self.begin_list(action, message, items), *more)

    def begin_list(self, action: Action, message: str, items: Iterable[list[str]]) -> int:
        """A list without its end; how many items there were."""
        self.respond(action, "Success", "EventList: start", f"Message: {message}")
        identity = action.identity
        count = 0
        for count, item in enumerate(items, 1):  # noqa: B007 the count is what is told at the end
            self.send([item[0], *identity, *item[1:]])
        return count

    def complete(self, action: Action, event: str, count: int, *more: str) -> None:
        """The end of a list of so many items."""
        end = [f"Event: {event}", *action.identity, "EventList: Complete", f"ListItems: {count}"]
        self.send([*end, *more])

    # events

    def wants(self, bit: int) -> bool:
        """Whether an event of that class goes to this connection, filters aside (process_events)."""
        return self.user is not None and bool(self.read_permission & self.mask & bit)

    def event(self, data: bytes) -> None:
        """One rendered event; it waits while an action is being answered."""
        self.outlet.event(data)

    # WaitEvent

    def wait_event(self, action: Action, seconds: int | None) -> None:
        """Answer at the next event of whatever kind, the next bytes, or after some seconds (None: never)."""
        clock = self.manager.clock
        self._waiting = (action, None if seconds is None else clock.callLater(seconds, self._waited_in_turn))

    def stir(self) -> None:
        """There was an event; what else happens in this turn is told in the same answer."""
        if self._waiting is not None:
            action, timer = self._waiting
            if timer is not None and timer.active():
                timer.reset(0)
            elif timer is None:
                self._waiting = (action, self.manager.clock.callLater(0, self._waited_in_turn))

    def _waited_in_turn(self) -> None:
        self._waited()
        self._work()

    def _waited(self) -> None:
        action = self._stop_waiting()
        if action is not None and not self.closing:
            self.ack(action, "Waiting for Event completed.")
            self.outlet.flush()
            self.send(["Event: WaitEventComplete", *action.identity])
            self._end()

    def _stop_waiting(self) -> Action | None:
        if self._waiting is None:
            return None
        (action, timer), self._waiting = self._waiting, None
        if timer is not None and timer.active():
            timer.cancel()
        return action
