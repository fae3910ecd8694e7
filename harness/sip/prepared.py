"""Non-INVITE client transactions from ready bytes: the road of a NOTIFY that goes to thousands of watchers.

The same rules as `tables.OTHER_CLIENT`, without a message object: one small object a request, found by its branch in
the bytes of the answer. What differs: Completed is left out. A late repeated answer matches nothing and is dropped,
which is what timer K would have it absorbed for, so that a finished transaction keeps no memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from harness.sip.flow import Flow
from harness.sip.tables import T1, T2, TIMEOUT
from harness.sip.timers import TimerHandle, Timers

OnStatus: TypeAlias = Callable[[int, bytes], None]

_SLACK = 1e-6
"""Seconds: a timer that fires this much before timer F is due counts as timer F."""


class PreparedRequest(TimerHandle):
    """One request that is open; being its own timer handle, it is timer E and timer F in one."""

    __slots__ = ("branch", "data", "flow", "interval", "on_status", "owner", "started")

    started: float

    def __init__(self, owner: PreparedRequests, branch: bytes, data: bytes, flow: Flow, on_status: OnStatus) -> None:
        # TimerHandle's own fields stay unset: `fire` is overridden, and `Timers.arm` sets the rest.
        self.owner = owner
        self.branch = branch
        self.data = data
        self.flow = flow
        self.on_status = on_status
        self.interval = T1

    @property
    def method(self) -> str:
        """The first word of its bytes."""
        return self.data[: self.data.find(b" ")].decode("ascii", "replace")

    def transport_failed(self) -> None:
        """The flow was lost: nothing to a request that was answered meanwhile."""
        if self.data:
            self.owner.finish(self, 503, b"")

    def fire(self) -> None:
        """Timer E (RFC 3261 17.1.2.2), or timer F where 64*T1 have passed."""
        timers = self.owner.timers
        left = self.started + TIMEOUT - timers.now
        if left <= _SLACK:
            self.owner.finish(self, 408, b"")
            return
        self.interval = min(2 * self.interval, T2)
        timers.arm(self, min(self.interval, left))
        self.owner.repeat(self.flow, self.data)


class PreparedRequests:
    """Those that are open, by branch."""

    __slots__ = ("_open", "repeat", "timers", "transmit")

    def __init__(
        self, timers: Timers, transmit: Callable[[Flow, bytes], None], repeat: Callable[[Flow, bytes], None]
    ) -> None:
        self.timers = timers
        self.transmit = transmit
        self.repeat = repeat
        self._open: dict[bytes, PreparedRequest] = {}

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[PreparedRequest]:
        return iter(list(self._open.values()))

    def send(self, branch: bytes, data: bytes, flow: Flow, on_status: OnStatus) -> None:
        """See `Stack.send_prepared`."""
        request = PreparedRequest(self, branch, data, flow, on_status)
        self._open[branch] = request
        delay = T1 if flow.transport == "UDP" else TIMEOUT
        self.timers.arm(request, delay)
        request.started = request.due - delay  # the clock was asked once already
        self.transmit(flow, data)

    def answered(self, data: bytes) -> bool:
        """Whether these bytes, which begin with `SIP/2.0 `, answer one of the open requests; then that is done.

        Sure of itself or False: the first header has to be a Via on one line with the branch in its first value, and
        the CSeq has to be the one that was sent. Whatever is written otherwise takes the road through the parser.
        """
        via = data.find(b"\r\n") + 2
        if not data.startswith(b"Via: ", via):
            return False
        end = data.find(b"\r\n", via)
        start = data.find(b";branch=", via, end) + 8
        if start < 8:
            return False
        stop = data.find(b";", start, end)
        request = self._open.get(data[start : stop if stop > 0 else end])
        # A comma or quote before the branch: it may belong to a second value, or be quoted text.
        if request is None or data.find(b",", via, start) > 0 or data.find(b'"', via, start) > 0:
            return False
        sent = request.data
        cseq = sent.find(b"\r\nCSeq: ")
        found = data.find(sent[cseq : sent.find(b"\r\n", cseq + 8) + 2], end)
        if cseq < 0 or found < 0 or data.find(b"\r\n\r\n", end, found + 2) >= 0:
            return False
        if not data[8:11].isdigit() or data[11:12] != b" ":
            return False
        self.arrived(request, int(data[8:11]), data)
        return True

    def find(self, branch: str, method: str) -> PreparedRequest | None:
        """The open request of this branch and method."""
        request = self._open.get(branch.encode("utf-8", "surrogateescape"))
        return request if request is not None and request.method == method else None

    def arrived(self, request: PreparedRequest, status: int, data: bytes) -> None:
        """A response of this status came; who sent the request is told of one that is not final, too."""
        if status >= 200:
            self.finish(request, status, data)
        else:
            # 17.1.2.2: from now on timer E is T2; the one that runs is left to fire.
            request.interval = T2
            request.on_status(status, data)

    def finish(self, request: PreparedRequest, status: int, data: bytes) -> None:
        """Forget the request, and tell who sent it."""
        del self._open[request.branch]
        bucket = request.bucket
        if bucket is not None:
            request.bucket = None
            bucket.drop_one()
        tell = request.on_status
        request.data, request.on_status = b"", _told
        tell(status, data)


def _told(_status: int, _data: bytes) -> None:
    """Stands in for a callback that was called, so that what it held is let go."""
