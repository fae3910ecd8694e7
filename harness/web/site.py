"""The page over HTTP: static files, what is shown as server-sent events, and what is asked for as small POSTs."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

from twisted.internet.error import CannotListenError
from twisted.internet.protocol import connectionDone
from twisted.web.http import HTTPChannel
from twisted.web.http import Request as HttpRequest
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from harness.errors import HarnessError, InputError
from harness.net.blanking import blank
from harness.web import acts
from harness.web.events import EventStream
from harness.web.feed import Feed, encoded
from harness.web.guard import SECURITY_HEADERS, Guard, header

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from harness.web.desk import Desk

MAX_CONNECTIONS = 64
MAX_VIEWERS = 16
IDLE_S = 30.0
"""Seconds that a connection may stay without a request, or a request without its end."""
STAY_S = 15.0
"""Seconds between two signs of life to a viewer."""
MAX_EVENT_CHARS = 65_536
"""Of one message's text that is shown."""

TOO_LONG = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

TYPES = {
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml",
    "js": "text/javascript; charset=utf-8", "json": "application/json", "text": "text/plain; charset=utf-8",
}  # fmt: skip
START_PAGE = "index.html"


class Answer(Exception):
    """Ends a request with a status and a sentence."""

    def __init__(self, status: int, why: str) -> None:
        self.status, self.why = status, why
        super().__init__(why)


class BoundedRequest(Request):
    """A request whose body is cut off where it is longer than anything that is asked for here."""

    def gotLength(self, length: int | None) -> None:
        if length is None or length > acts.MAX_BODY_BYTES:
            # neither a length nor a short one: nothing of it is read
            channel: Any = self.channel
            channel.transport.write(TOO_LONG)
            channel.loseConnection()
            length = 0
        super().gotLength(length)  # type: ignore[no-untyped-call]


class Pages(Resource):
    """Everything under one root."""

    isLeaf = True

    def __init__(self, guard: Guard, feed: Feed | None = None, metrics: Callable[[], bytes] | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._guard, self._feed, self._metrics = guard, feed, metrics
        self._streams: list[EventStream] = []
        self._files = static_files(guard.token, feed.run) if feed is not None else {}
        self._routes: dict[tuple[bytes, bytes], Callable[[Any], object]] = {}
        if feed is not None:
            self._routes |= {
                (b"GET", b"/events"): self._events, (b"GET", b"/event"): self._event, (b"POST", b"/act"): self._act,
            }  # fmt: skip
        if metrics is not None:
            self._routes[b"GET", b"/metrics"] = self._figures

    def render(self, request: Any) -> Any:
        """Answer, with the headers that keep a browser from doing what nobody asked for."""
        for name, value in SECURITY_HEADERS.items():
            request.setHeader(name, value)
        try:
            return self._answer(request)
        except Answer as answer:
            return self._send(request, "json", encoded({"error": answer.why}).encode(), answer.status)

    def _answer(self, request: Any) -> Any:
        method = b"GET" if request.method == b"HEAD" else request.method
        path = request.path
        route = self._routes.get((method, path))
        refusal = self._guard.refusal(request, own_page=path != b"/", act=method != b"GET")
        if path == b"/metrics":
            refusal = self._guard.refusal(request)
        if refusal is not None:
            raise Answer(*refusal)
        if route is not None:
            return route(request)
        kind, content = self._files.get(path.decode("ascii", "replace"), ("", b""))
        if not kind:
            raise Answer(404, "there is nothing here")
        if method != b"GET":
            raise Answer(405, "this can only be read")
        return self._send(request, kind, content)

    @staticmethod
    def _send(request: Any, kind: str, content: bytes, status: int = 200) -> bytes:
        request.setResponseCode(status, HTTPStatus(status).phrase.encode())
        request.setHeader("Content-Type", TYPES[kind])
        request.setHeader("Content-Length", str(len(content)))
        return b"" if request.method == b"HEAD" else content

    # what is shown

    def _events(self, request: Any) -> Any:
        assert self._feed is not None
        if len(self._streams) >= MAX_VIEWERS:
            raise Answer(503, f"{MAX_VIEWERS} pages are open already")
        stream = EventStream(self._feed, request)
        self._streams.append(stream)
        request.notifyFinish().addBoth(lambda _: self._streams.remove(stream))
        stream.open()
        return NOT_DONE_YET

    def stay(self) -> None:
        """Show all viewers that the connection is alive."""
        for stream in self._streams:
            stream.stay()

    def close(self) -> None:
        """End what is open."""
        for stream in list(self._streams):
            stream.close()

    def _event(self, request: Any) -> bytes:
        """One event of the trace in full, without its secrets."""
        assert self._feed is not None
        text = (request.args.get(b"seq") or [b""])[0]
        trace = self._feed.desk.trace
        event = trace.event(int(text)) if text.isdigit() and len(text) < 16 else None
        if event is None:
            raise Answer(404, "that event is not held any more")
        shown = trace.shown(event.payload)
        body = shown if isinstance(shown, str) else json.dumps(shown, indent=2, ensure_ascii=False)
        told = {
            "seq": event.seq, "cause": event.cause, "hop": event.hop, "time": event.time,
            "source": trace.name_of(event.source), "destination": trace.name_of(event.destination),
            "transport": event.transport, "text": body[:MAX_EVENT_CHARS],
        }  # fmt: skip
        return self._send(request, "json", encoded(told).encode())

    def _figures(self, request: Any) -> bytes:
        assert self._metrics is not None
        content = self._metrics()
        request.setResponseCode(200)
        request.setHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        return b"" if request.method == b"HEAD" else content

    # what is asked for

    def _act(self, request: Any) -> bytes:
        assert self._feed is not None
        kind = (header(request, "content-type") or "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Answer(415, "an act is a JSON object")
        body = request.content.read(acts.MAX_BODY_BYTES + 1)
        desk = self._feed.desk
        try:
            act, said = acts.read(body, desk.acts)
        except InputError as error:
            raise Answer(400, error.message) from None
        try:
            desk.perform(act, said)
        except HarnessError as error:
            raise Answer(409, blank(str(error))) from None
        finally:
            self._feed.touch(*filter(None, [said.get("phone")]))
        return self._send(request, "json", b'{"done":true}')


class CountedChannel(HTTPChannel):
    """One connection, counted."""

    def connectionMade(self) -> None:
        self.factory.connections += 1
        super().connectionMade()  # type: ignore[no-untyped-call]

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.factory.connections -= 1
        super().connectionLost(reason)  # type: ignore[no-untyped-call]


class PageSite(Site):
    """A bounded number of connections, none of which may be idle for long."""

    noisy = False
    protocol = CountedChannel  # type: ignore[assignment]  # HTTP/1.1 alone

    def __init__(self, pages: Pages, reactor: Any) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            pages, requestFactory=BoundedRequest, reactor=reactor, timeout=IDLE_S
        )
        self.connections = 0

    def buildProtocol(self, addr: Any) -> Any:
        if self.connections >= MAX_CONNECTIONS:
            return None
        return super().buildProtocol(addr)  # type: ignore[no-untyped-call]

    def log(self, request: HttpRequest) -> None:
        """Keep no log of requests."""


class Served:
    """A page that is served; `address` says where, `stop` ends it."""

    def __init__(
        self, reactor: Any, place: tuple[str, int], desk: Desk | None = None,
        metrics: Callable[[], bytes] | None = None, *, remote: bool = False,
    ) -> None:  # fmt: skip
        """Listen.  Raises InputError where the port cannot be had."""
        self._reactor = reactor
        self.guard = Guard(remote=remote)
        self.feed = Feed(desk, reactor) if desk is not None else None
        self.pages = Pages(self.guard, self.feed, metrics)
        host, port = place
        try:
            self._port = reactor.listenTCP(port, PageSite(self.pages, reactor), interface=host)
        except CannotListenError as error:
            raise InputError(
                f"the page cannot be served on {host}:{port}: {error.socketError}", None,
                "end what uses that port, or give another with --http HOST:PORT",
            ) from None  # fmt: skip
        taken = self._port.getHost()
        self.address: tuple[str, int] = taken.host, taken.port
        self.guard.serve_at(*self.address)
        self._staying = reactor.callLater(STAY_S, self._stay)

    def _stay(self) -> None:
        self.pages.stay()
        self._staying = self._reactor.callLater(STAY_S, self._stay)

    def stop(self) -> Any:
        """Close everything; fires when nothing listens any more."""
        self._staying.cancel()
        self.pages.close()
        return self._port.stopListening()


def static_files(token: str, run: str) -> dict[str, tuple[str, bytes]]:
    """By path, what a browser loads: kind and content; the start page carries the token and the run."""
    found: dict[str, tuple[str, bytes]] = {}
    for file in files("harness.web").joinpath("static").iterdir():
        kind = file.name.rpartition(".")[2]
        if file.is_file() and kind in TYPES:
            found[f"/{file.name}"] = kind, file.read_bytes()
    kind, start = found.pop(f"/{START_PAGE}")
    found["/"] = kind, Template(start.decode("utf-8")).substitute(session=token, run=run).encode("utf-8")
    return found
