"""Header names and the ordered rows of a message (RFC 3261 7.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from harness.sip.grammar import METHOD, GrammarError, split_list

Row: TypeAlias = tuple[str, str]

COMPACT: Final = {
    "a": "Accept-Contact", "b": "Referred-By", "c": "Content-Type", "d": "Request-Disposition",
    "e": "Content-Encoding", "f": "From", "i": "Call-ID", "j": "Reject-Contact", "k": "Supported",
    "l": "Content-Length", "m": "Contact", "n": "Identity-Info", "o": "Event", "r": "Refer-To", "s": "Subject",
    "t": "To", "u": "Allow-Events", "v": "Via", "x": "Session-Expires", "y": "Identity",
}  # fmt: skip
"""Compact names as IANA registers them."""

LISTS: Final = frozenset({
    "Accept", "Accept-Contact", "Accept-Encoding", "Accept-Language", "Alert-Info", "Allow", "Allow-Events",
    "Call-Info", "Contact", "Content-Encoding", "Content-Language", "Diversion", "Error-Info", "Geolocation",
    "History-Info", "In-Reply-To", "P-Asserted-Identity", "P-Associated-URI", "P-Preferred-Identity", "Path",
    "Proxy-Require", "Reason", "Record-Route", "Reject-Contact", "Request-Disposition", "Require", "Route",
    "Security-Client", "Security-Server", "Security-Verify", "Service-Route", "Supported", "Unsupported", "Via",
    "Warning",
})  # fmt: skip
"""Headers whose grammar is a comma-separated list; only these are ever split."""

SINGLE: Final = frozenset({
    "Call-ID", "Content-Length", "Content-Type", "CSeq", "Event", "Expires", "From", "Max-Forwards",
    "Min-Expires", "Subscription-State", "To",
})  # fmt: skip
"""Headers that may stand once only (RFC 3261 7.3.1)."""

_OTHERS = (
    "Authentication-Info", "Authorization", "Content-Disposition", "Date", "MIME-Version", "Organization", "Priority",
    "Min-SE", "Proxy-Authenticate", "Proxy-Authorization", "RAck", "Refer-Sub", "Remote-Party-ID", "Replaces",
    "Reply-To", "Retry-After", "RSeq", "Server", "SIP-ETag", "SIP-If-Match", "Timestamp", "User-Agent",
    "WWW-Authenticate", "X-Digium-Call-Feature",
)  # fmt: skip

_NAMES: Final[dict[str, str]] = {}
for _long in (*COMPACT.values(), *LISTS, *SINGLE, *_OTHERS):
    _NAMES[_long] = _NAMES[_long.lower()] = _long
for _short, _long in COMPACT.items():
    _NAMES[_short] = _NAMES[_short.upper()] = _long


def canonical(name: str) -> str:
    """The long name as RFC 3261 writes it; a name that is not known here keeps its spelling."""
    return _NAMES.get(name) or _NAMES.get(name.lower()) or name


def read_rows(lines: list[str]) -> list[Row]:
    """Rows out of header lines; a line that starts with a blank goes on the one before, one blank between them
    (RFC 3261 7.3.1). Raises GrammarError where a line has no name."""
    names = _NAMES
    try:
        return [(names[name], value.strip(" \t")) for name, value in [line.split(":", 1) for line in lines]]
    except (KeyError, ValueError):
        return [_read_row(line) for line in unfolded(lines)]


def unfolded(lines: list[str]) -> list[str]:
    """Raises GrammarError where the first line goes on nothing."""
    parts: list[list[str]] = []
    for line in lines:
        if line[:1] not in (" ", "\t"):
            parts.append([line])
        elif parts:
            parts[-1].append(line)
        else:
            raise GrammarError("a folded start line")
    return [" ".join([part.strip(" \t") for part in line]) for line in parts]


def _read_row(line: str) -> Row:
    spelled, colon, value = line.partition(":")
    name = spelled.rstrip(" \t")
    if not colon or METHOD.fullmatch(name) is None:
        raise GrammarError(f"not a header: {spelled[:40]!r}")
    return canonical(name), value.strip(" \t")


class Headers:
    """Ordered (name, value) rows under canonical long names; values keep their exact text.

    Names are looked up without regard to case, in their long or compact form.
    """

    __slots__ = ("_first", "_rows")

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._rows: list[Row] = [(canonical(name), value) for name, value in rows]
        self._first: dict[str, str] | None = None

    @classmethod
    def of_rows(cls, rows: list[Row]) -> Headers:
        """Takes over a list whose names are canonical already."""
        headers = cls.__new__(cls)
        headers._rows = rows
        headers._first = None
        return headers

    @property
    def index(self) -> dict[str, str]:
        """The first value of each name, not to be changed."""
        first = self._first
        if first is None:
            first = self._first = dict(reversed(self._rows))
        return first

    def get(self, name: str) -> str | None:
        """The value of the first row of this name, whole."""
        first = self._first
        if first is None:
            first = self.index
        value = first.get(name)
        if value is not None:
            return value
        known = _NAMES.get(name) or _NAMES.get(name.lower())
        if known is not None:
            return first.get(known)
        lower = name.lower()
        return next((value for spelled, value in self._rows if spelled.lower() == lower), None)

    def rows(self, name: str) -> list[str]:
        """The values of all rows of this name, not split."""
        known = _NAMES.get(name) or _NAMES.get(name.lower())
        if known is not None:  # then all rows spell it so
            return [value for spelled, value in self._rows if spelled == known] if known in self.index else []
        lower = name.lower()
        return [value for spelled, value in self._rows if spelled.lower() == lower]

    def all(self, name: str) -> list[str]:
        """All values of this name; rows of a list header are split at their commas."""
        rows = self.rows(name)
        if not rows or canonical(name) not in LISTS:
            return rows
        return [member for row in rows for member in split_list(row)]

    def first(self, name: str) -> str | None:
        """The first member of a list header (for instance the top Via); otherwise as `get`."""
        value = (self._first or self.index).get(name) or self.get(name)
        if value is None or "," not in value or canonical(name) not in LISTS:
            return value
        return next(iter(split_list(value)), "")

    def add(self, name: str, value: str) -> None:
        """Appends a row."""
        name = canonical(name)
        self._rows.append((name, value))
        if self._first is not None:
            self._first.setdefault(name, value)

    def prepend(self, name: str, value: str) -> None:
        """Puts a row above all others of its name (Via, Record-Route); at the very top where there is none."""
        name = canonical(name)
        place = 0
        if self.get(name) is not None:
            lower = name.lower()
            place = next(at for at, row in enumerate(self._rows) if row[0].lower() == lower)
        self._rows.insert(place, (name, value))
        self._first = None

    def set(self, name: str, value: str) -> None:
        """One row of this name, at the place of the first one that was there, or at the end."""
        name = canonical(name)
        lower = name.lower()
        place = next((at for at, row in enumerate(self._rows) if row[0].lower() == lower), len(self._rows))
        self._rows = [row for row in self._rows if row[0].lower() != lower]
        self._rows.insert(place, (name, value))
        self._first = None

    def replace_first(self, name: str, value: str | None) -> None:
        """Replaces (None: removes) the first member of a list header, and leaves the others as they are."""
        name = canonical(name)
        if value is not None and "," not in (self.index.get(name) or ","):  # nearly all: it is alone in its row
            place = next(at for at, row in enumerate(self._rows) if row[0] == name)
            self._rows[place] = (name, value)
            self.index[name] = value
            return
        members = self.all(name)
        rows = self.rows(name)
        rest = split_list(rows[0])[1:] if rows and name in LISTS else []
        head = [value, *rest] if value is not None else rest
        if not members:
            if value is not None:
                self.prepend(name, value)
            return
        place = next(at for at, row in enumerate(self._rows) if row[0].lower() == name.lower())
        self._rows[place : place + 1] = [(name, ", ".join(head))] if head else []
        self._first = None

    def remove(self, name: str) -> bool:
        """Removes all rows of this name; False where there was none."""
        lower = canonical(name).lower()
        kept = [row for row in self._rows if row[0].lower() != lower]
        removed = len(kept) < len(self._rows)
        self._rows = kept
        self._first = None
        return removed

    def copy(self) -> Headers:
        """The same rows; a change of one of the two leaves the other as it is."""
        return Headers.of_rows(self._rows.copy())

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._rows == other._rows

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Headers({self._rows!r})"
