"""A phone's side of one call: enough to ring, talk, hold and hang up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.golden.noting import SipText

if TYPE_CHECKING:
    from tests.golden.peers import Watcher

CALL_METHODS = ("INVITE", "CANCEL", "ACK")
SDP = (
    "v=0\r\no=- 1 {version} IN IP4 127.0.0.1\r\ns=digphn\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na={way}\r\n"
)


class PhoneCall:
    """One INVITE dialog, placed or received."""

    def __init__(self, phone: Watcher) -> None:
        self.phone = phone
        self.tag, self.call_id, self.branch = phone.fresh(8), phone.fresh(32), ""
        self.local = self.remote = self.uri = ""
        self.cseq = self._version = 1
        self.invite: SipText | None = None
        self.answered: int | None = None
        """The status of the final answer."""

    def place(self, user: str, to: str) -> None:
        """Call someone."""
        self.local, self.remote = f"<sip:{user}@{self.phone.host}>;tag={self.tag}", f"<sip:{to}@{self.phone.host}>"
        self.uri = f"sip:{to}@{self.phone.host}"
        self.send("INVITE", self.offer())

    def ring(self, invite: SipText) -> None:
        """Be called."""
        self.invite, self.call_id = invite, invite.get("call-id")
        self.local, self.remote = f"{invite.get('to')};tag={self.tag}", invite.get("from")
        self.uri = invite.target or ""
        self.reply(invite, "180 Ringing")

    def offer(self, way: str = "sendrecv") -> str:
        """The next session description."""
        self._version += 1
        return SDP.format(version=self._version, port=self.phone.media_port, way=way)

    def answer(self) -> None:
        """Pick up."""
        assert self.invite is not None
        self.answered = 200
        self.reply(self.invite, "200 OK", self.offer())

    def refuse(self, status: str) -> None:
        """Do not pick up."""
        assert self.invite is not None
        self.reply(self.invite, status)

    def cancel(self) -> None:
        """The caller gives up."""
        self.send("CANCEL", cseq=self.cseq, branch=self.branch)

    def reply(self, request: SipText, status: str, body: str = "") -> None:
        """Answer a request of this dialog."""
        to = request.get("to")
        lines = [f"SIP/2.0 {status}", *(f"Via: {via}" for via in request.headers["via"])]
        lines += [f"Record-Route: {route}" for route in request.headers.get("record-route", ())]
        lines += [
            f"From: {request.get('from')}",
            f"To: {to if ';tag=' in to else f'{to};tag={self.tag}'}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {request.get('cseq')}",
            f"Contact: <sip:{self.phone.local}>",
            "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY",
        ]
        self._send(lines, body)

    def send(self, method: str, body: str = "", cseq: int | None = None, branch: str | None = None) -> None:
        """A request of this dialog; with the CSeq and branch of an earlier one where given."""
        if cseq is None:
            self.cseq += 1
        self.branch = branch or f"z9hG4bK{self.phone.fresh(32)}"
        lines = [
            f"{method} {self.uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.phone.local};rport;branch={self.branch}",
            f"From: {self.local}",
            f"To: {self.remote}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq or self.cseq} {method}",
            "Max-Forwards: 70",
            f"Contact: <sip:{self.phone.local}>",
        ]
        self._send(lines, body)

    def _send(self, lines: list[str], body: str) -> None:
        kind = ["Content-Type: application/sdp"] if body else []
        self.phone.send("\r\n".join([*lines, *kind, f"Content-Length: {len(body)}", "", body]))

    def responded(self, response: SipText) -> None:
        """A response to our INVITE: a final one is acknowledged."""
        status = int(response.start.split()[1])
        if status < 200:
            return
        self.remote, self.uri = response.get("to"), response.target or self.uri
        self.answered = status
        self.send("ACK", cseq=response.cseq, branch=None if status < 300 else self.branch)


def take(phone: Watcher, request: SipText) -> None:
    """A request of a call came to a phone: a new call rings, a later INVITE is answered at once."""
    call = phone.call
    if request.method == "INVITE":
        if call is None or call.call_id != request.get("call-id"):
            phone.call = PhoneCall(phone)
            phone.call.ring(request)
        elif call.answered:
            call.reply(request, "200 OK", call.offer())
    elif request.method == "CANCEL" and call is not None and call.invite is not None:
        call.reply(request, "200 OK")
        call.refuse("487 Request Terminated")
