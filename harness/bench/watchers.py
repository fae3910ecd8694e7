"""Many watchers of one extension on one UDP socket, as fast as plain Python can: they subscribe, count and answer 200.

```
 watchers                     serve                 manager
    | SUBSCRIBE sip:2000        |                      |
    |<------------ 200, NOTIFY  |                      |
    | 200                       |                      |
    |                           |<-- Setvar PRESENCE_STATE(CustomPresence:2000)=away,17
    |<--- NOTIFY subtype="17"   |                      |   to each of them
    | 200                       |                      |
```
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from harness.bench.account import Account
from harness.bench.served import EXTENSION, WATCHER
from harness.errors import HarnessError
from harness.net.real import SOCKET_BUFFER

AT_ONCE = 32
"""SUBSCRIBEs under way at once."""
PATIENCE_S = 35.0
"""Seconds of silence after which what is missing counts as lost: longer than a NOTIFY is repeated (64 * T1)."""
SETTLE_S = 0.7
"""Seconds of silence at the end, in which what is sent twice would come: longer than T1."""
EXPIRES_S = 3600
AGENT = "Digium D65 2_9_19"
_SUBTYPE = b'subtype="'


class Watchers:
    """So many watchers of the served extension."""

    def __init__(self, count: int, server: tuple[str, int], account: Account) -> None:
        self.count, self.account = count, account
        self.silent = False
        """Whether NOTIFYs go unanswered."""
        self._server = server
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.connect(server)
        self._subscribed = self._asked = 0
        self._change: Callable[[int, int, bytes], None] = self._first

    def __enter__(self) -> Watchers:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def subscribe(self, count: int | None = None) -> None:
        """Subscribe so many of them, or all, each until its first NOTIFY.  HarnessError where one does not get it."""
        wanted = self.count if count is None else count
        self._change = self._first
        while self._subscribed < wanted:
            while self._asked < min(wanted, self._subscribed + AT_ONCE):
                self._socket.send(self._request(self._asked))
                self._asked += 1
            if not self._take(PATIENCE_S):
                raise HarnessError(f"{wanted - self._subscribed} watchers got no first NOTIFY")
        self._change = self._told

    def collect(self) -> None:
        """Answer until every watcher was told of the change, or nothing comes any more."""
        while self.account.missing and self._take(PATIENCE_S):
            continue

    def settle(self) -> None:
        """Answer until it is quiet."""
        while self._take(SETTLE_S):
            continue

    def _request(self, number: int) -> bytes:
        host, port = self._socket.getsockname()
        server = "{}:{}".format(*self._server)
        return (
            f"SUBSCRIBE sip:{EXTENSION}@{server} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bKbench{number}\r\n"
            f"From: <sip:{WATCHER}@{server}>;tag=bench{number}\r\n"
            f"To: <sip:{EXTENSION}@{server}>\r\n"
            f"Call-ID: {number}@bench\r\nCSeq: 1 SUBSCRIBE\r\n"
            f"Contact: <sip:{WATCHER}@{host}:{port}>\r\nMax-Forwards: 70\r\n"
            f"Event: presence\r\nAccept: application/pidf+xml\r\nExpires: {EXPIRES_S}\r\n"
            f"User-Agent: {AGENT}\r\nContent-Length: 0\r\n\r\n"
        ).encode()

    def _take(self, patience_s: float) -> bool:
        """One datagram; False where none comes."""
        self._socket.settimeout(patience_s)
        try:
            data = self._socket.recv(1 << 16)
        except TimeoutError:
            return False
        if data.startswith(b"NOTIFY "):
            self._notified(data)
        elif not data.startswith(b"SIP/2.0 200 "):
            raise HarnessError(f"the server answered {data.partition(bytes((13, 10)))[0]!r}")
        return True

    def _notified(self, data: bytes) -> None:
        if not self.silent:
            self._socket.send(answer(data))
        self._change(int(_between(data, b"\r\nCall-ID: ", b"@")), int(_between(data, b"\r\nCSeq: ", b" ")), data)

    def _first(self, watcher: int, cseq: int, _data: bytes) -> None:
        if self.account.first(watcher, cseq):
            self._subscribed += 1

    def _told(self, watcher: int, cseq: int, data: bytes) -> None:
        self.account.notified(watcher, cseq, int(_between(data, _SUBTYPE, b'"')))


def answer(notify: bytes) -> bytes:
    """The 200 of a NOTIFY, whose rows have the names that `serve` gives them."""
    end = notify.index(b"\r\n\r\n")
    via = notify.index(b"Via: ")
    contact = notify.index(b"\r\nContact: ", via, end)  # Via, From and To stand before it
    rows = [notify[via:contact]]
    for name in (b"\r\nCall-ID: ", b"\r\nCSeq: "):
        start = notify.index(name, 0, end)
        rows.append(notify[start : notify.index(b"\r\n", start + 2)])
    return b"SIP/2.0 200 OK\r\n" + b"".join(rows) + b"\r\nContent-Length: 0\r\n\r\n"


def _between(data: bytes, before: bytes, after: bytes) -> bytes:
    start = data.find(before) + len(before)
    return data[start : data.find(after, start)]
