"""Who may ask what of the page: the Host and Origin that a browser names, and the token of the session.

A page of somebody else's, open in the same browser, can send requests to loopback. A name of theirs that leads to
loopback shows in Host, another origin in Origin and Sec-Fetch-Site, and the token stands only in our own page.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from typing import Any, NamedTuple

TOKEN_HEADER = "X-Session"
TOKEN_BYTES = 24
DEFAULT_PORT = 80

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Refusal(NamedTuple):
    """A status and what to say."""

    status: int
    why: str


class Guard:
    """For one place where a page is served.  `remote`: others than this machine may come, by an address."""

    def __init__(self, *, remote: bool = False) -> None:
        self.token = secrets.token_hex(TOKEN_BYTES)
        self._port, self._remote = -1, remote
        self._hosts = {"localhost", "127.0.0.1", "[::1]"}

    def serve_at(self, host: str, port: int) -> None:
        """The page is served there."""
        self._port = port
        self._hosts.add(_place(host))

    def refusal(self, request: Any, *, own_page: bool = False, act: bool = False) -> Refusal | None:
        """Why a request is refused, None where it is not.

        `own_page`: only our own page may ask that; `act`: and only with the token.
        """
        host = header(request, "host") or ""
        if not self._is_ours(host):
            return Refusal(421, "this page is not served under that name")
        origin = header(request, "origin")
        if origin is not None and origin != f"http://{host}":
            return Refusal(403, "only this page itself may ask that")
        site = header(request, "sec-fetch-site")
        if (own_page or act) and site not in (None, "same-origin", "none"):
            return Refusal(403, "only this page itself may ask that")
        if act and not hmac.compare_digest((header(request, TOKEN_HEADER) or "").encode(), self.token.encode()):
            return Refusal(403, "the session is another: load the page again")
        return None

    def _is_ours(self, host: str) -> bool:
        name, port = _split(host.lower())
        if port != self._port:
            return False
        return name in self._hosts or (self._remote and _is_address(name))


def header(request: Any, name: str) -> str | None:
    """The first value of a header, whatever bytes it has."""
    found = request.requestHeaders.getRawHeaders(name.encode())
    return found[0].decode("latin-1") if found else None


def _split(host: str) -> tuple[str, int]:
    name, colon, port = host.rpartition(":")
    if not colon or (name.count(":") and not name.endswith("]")):
        return host, DEFAULT_PORT
    return (name, int(port)) if port.isascii() and port.isdecimal() and len(port) < 6 else ("", 0)


def _place(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_address(name: str) -> bool:
    """A name can be made to lead here by others; an address leads where it says."""
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
