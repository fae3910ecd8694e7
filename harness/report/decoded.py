"""A SIP message for reading: taken apart, its body laid out and said in words.

What is read is what the trace shows: text, secrets blanked.  So lengths need not agree and nothing is refused.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from harness.bodies import dialog_info, pidf, rlmi, xpidf
from harness.bodies.xml import BodyError

REMEMBERED = 1_024
"""Bodies that are kept as they were decoded: a watcher's is often the next one's."""
MAX_DEPTH = 4
"""Multipart bodies within each other."""
MAX_WORDS = 200
"""Sentences about one body."""
MAX_LAID_OUT = 65_536
"""Characters of a body that are laid out anew; a longer one is shown as it came."""
MAX_INDENT = 32
"""Elements within each other that are indented, each more than the one around it."""

_FOLDED = re.compile(r"\r?\n[ \t]+")
_SHORT_NAMES = {"c": "content-type", "f": "from", "t": "to", "i": "call-id", "v": "via", "m": "contact", "o": "event",
                "l": "content-length", "s": "subject", "k": "supported", "e": "content-encoding"}  # fmt: skip
_RUN = re.compile(r"([^@;>\s]++)(@?)")
_USER = re.compile(r"(?i)\bsips?:([^:]++)")


class Message(NamedTuple):
    """A message: its first line, its headers by lower-case name (the first of each), its body."""

    start: str
    headers: Mapping[str, str]
    body: str

    @property
    def method(self) -> str:
        """Of a request, or of the request that a response answers."""
        if self.status:
            return self.headers.get("cseq", "").rpartition(" ")[2]
        return self.start.partition(" ")[0]

    @property
    def status(self) -> int:
        """Of a response; 0 for a request."""
        code = self.start[8:11]
        return int(code) if self.start.startswith("SIP/2.0 ") and code.isascii() and code.isdecimal() else 0


class Body(NamedTuple):
    """A body: `gist` is a few words, `words` sentences, `laid_out` the text indented, `problem` why it has none."""

    kind: str
    gist: str = ""
    words: tuple[str, ...] = ()
    laid_out: str = ""
    problem: str = ""


def read_message(text: str) -> Message:
    """Take a message apart, whatever it is."""
    head, _, body = text.lstrip("\r\n").partition("\r\n\r\n")
    start, *lines = _FOLDED.sub(" ", head).replace("\r\n", "\n").split("\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        name = name.strip().lower()
        headers.setdefault(_SHORT_NAMES.get(name, name), value.strip())
    return Message(start, headers, body)


def user_of(value: str) -> str:
    """The user of the first SIP URI in a header or a Request-URI; the text itself where there is none."""
    for run, at in _RUN.findall(value):
        found = _USER.search(run) if at else None
        if found is not None:  # what follows it is a password
            return str(found[1])
    return value.removeprefix("sip:").removeprefix("sips:").partition(";")[0]


def gist(message: Message) -> str:
    """A message in a few words: `NOTIFY of 2000: away "Lunch", Ready`, `200 OK to REGISTER`."""
    if message.status:
        return f"{message.start.removeprefix('SIP/2.0 ')} to {message.method}"
    method, _, rest = message.start.partition(" ")
    headers = message.headers
    if method == "NOTIFY" and "from" in headers:  # its Request-URI is the watcher itself
        about = f"of {user_of(headers['from'])}"
    else:  # that of a registrar or of a contact names nobody
        uri = rest.removesuffix(" SIP/2.0")
        about = user_of(uri if "@" in uri else headers.get("to", uri))
    if method in ("SUBSCRIBE", "REGISTER") and headers.get("expires") == "0":
        about += ", to end it"
    said = decoded(message).gist
    return f"{method} {about}: {said}" if said else f"{method} {about}"


def decoded(message: Message) -> Body:
    """The body of a message; one without a body has no kind."""
    return body_of(message.headers.get("content-type", ""), message.body) if message.body.strip() else Body("")


@lru_cache(REMEMBERED)
def body_of(content_type: str, text: str, depth: int = 0) -> Body:
    """A body of a content type."""
    kind = content_type.partition(";")[0].strip().lower()
    read = _READERS.get(kind)
    try:
        if kind.startswith("multipart/"):
            return _multipart(content_type, text, depth)
        if read is not None:
            return read(kind, text)
        if text.lstrip().startswith("{"):
            return _json(kind, text)
        if text.lstrip().startswith("<"):
            return Body(kind, _short(kind), laid_out=lay_out_xml(text))
    except BodyError as error:
        return Body(kind, problem=error.reason)
    except (ValueError, RecursionError) as error:
        return Body(kind, problem=str(error))
    return Body(kind, _short(text))


# the kinds


def _pidf(kind: str, text: str) -> Body:
    document = pidf.read(text)
    device = document.note or document.basic or "nothing"
    doing = "".join(f", {each}" for each in document.activities)
    words = [f"about {document.entity}", f"the device: {device}, {document.basic or 'no basic status'}{doing}"]
    digium = document.digium
    if digium is None:
        words.append("the person: nothing, for there is no Digium tuple")
    else:
        words.append(f"the person (Digium tuple): {_person(*digium) or 'nothing'}")
    known = digium is not None and digium.type != pidf.NOT_SET
    shown = _person(*digium) if digium is not None and known else ""
    return Body(kind, ", ".join(filter(None, (shown, device + doing))), tuple(words), lay_out_xml(text))


def _person(state: str, subtype: str, message: str) -> str:
    return " ".join(filter(None, (state, subtype and f'"{subtype}"', message and f'saying "{message}"')))


def _dialog_info(kind: str, text: str) -> Body:
    document = dialog_info.read(text)
    extent = "all dialogs" if document.full else "what changed of the dialogs"
    words = [f"{extent} of {document.entity}, version {document.version}"]
    said = []
    for dialog in document.dialogs:
        held = ", on hold" if dialog.local.rendering == "no" else ""
        role = f", {dialog.direction}" if dialog.direction else ""
        other = dialog.remote.display or dialog.remote.identity
        words.append(f"{dialog.id}: {dialog.state}{held}{role}" + (f", with {other}" if other else ""))
        said.append(dialog.state + held)
    if not document.dialogs:
        words.append("there is none")
    return Body(kind, "; ".join(said) or "no dialog", tuple(words), lay_out_xml(text))


def _xpidf(kind: str, text: str) -> Body:
    document = xpidf.read(text)
    words = (f"about {document.uri}", f"{document.exten}: {document.status}, {document.substatus or 'no substatus'}")
    return Body(kind, f"{document.status} {document.substatus}".strip(), words, lay_out_xml(text))


def _rlmi(kind: str, text: str) -> Body:
    document = rlmi.read_rlmi(text)
    extent = "in full" if document.full_state else "what changed"
    words = [f"the list {document.name or document.uri} {extent}, version {document.version}"]
    for resource in document.resources:
        states = ", ".join(f"{each.state}{f' ({each.reason})' if each.reason else ''}" for each in resource.instances)
        words.append(f"{resource.name or resource.uri}: {states or 'nothing is known yet'}")
    return Body(kind, f"a list of {len(document.resources)}", tuple(words), lay_out_xml(text))


def _multipart(content_type: str, text: str, depth: int) -> Body:
    kind = content_type.partition(";")[0].strip().lower()
    if depth >= MAX_DEPTH:
        return Body(kind, problem=f"more than {MAX_DEPTH} multipart bodies within each other")
    words: list[str] = []
    laid_out: list[str] = []
    parts = [body_of(part.content_type, part.body.decode("utf-8", "surrogateescape"), depth + 1)
             for part in rlmi.read_multipart(content_type, text.encode("utf-8", "surrogateescape"))]  # fmt: skip
    for number, part in enumerate(parts, 1):
        said = part.words or (part.problem or part.gist or "nothing",)
        words += [f"part {number}, {part.kind}: {said[0]}", *(f"  {each}" for each in said[1:])]
        laid_out.append(f"-- part {number}: {part.kind}\n{part.laid_out}")
    first = next((part.gist for part in parts if part.gist), "")
    return Body(kind, first or f"{len(parts)} parts", tuple(words[:MAX_WORDS]), "\n".join(laid_out))


def _json(kind: str, text: str) -> Body:
    said = json.loads(text)
    if not isinstance(said, dict):
        return Body(kind, problem="it is no JSON object")
    words = tuple(f"{name}: {_value(value)}" for name, value in said.items() if value not in ("", None, []))
    method = str(said.get("method") or "")
    status = " / ".join(str(said[name]) for name in ("status", "substatus") if said.get(name))
    return Body(kind, f"{method} {status}".strip(), words[:MAX_WORDS], json.dumps(said, indent=2, ensure_ascii=False))


def _value(value: object) -> str:
    if isinstance(value, list):
        names = [str(each.get("name") or each.get("status") or each.get("id") or "")
                 for each in value if isinstance(each, dict)]  # fmt: skip
        return f"{len(value)} ({', '.join(filter(None, names))})" if any(names) else str(len(value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _sdp(kind: str, text: str) -> Body:
    """RFC 8866, as far as a call on a phone needs it."""
    session, *media = re.split(r"(?m)^(?=m=)", text.replace("\r\n", "\n"))
    words, said = [], []
    where, otherwise = _line("c", session), _way(session) or "sendrecv"
    for part in media:
        what, port, profile, formats = (*_line("m", part).split(" ", 3), "", "", "", "")[:4]
        names = dict(re.findall(r"(?m)^a=rtpmap:(\d+) ([^/\s]+)", part))
        codecs = ", ".join(names.get(number, _STATIC.get(number, number)) for number in formats.split())
        host = (_line("c", part) or where).rpartition(" ")[2]
        way = _way(part) or otherwise
        held = ", held" if way in ("sendonly", "inactive") or host == "0.0.0.0" else ""
        gone = " refused" if port == "0" else ""
        words.append(f"{what}{gone} at {host}:{port} ({profile}): {codecs or 'no codec'}; {way}{held}")
        said.append(f"{what}{gone or ' ' + way}")
    return Body(kind, ", ".join(said) or "no media", tuple(words), text.replace("\r\n", "\n"))


_STATIC = {"0": "PCMU", "3": "GSM", "4": "G723", "8": "PCMA", "9": "G722", "18": "G729"}
"""RFC 3551 6: payload types that need no rtpmap."""


def _way(part: str) -> str:
    found = re.search(r"(?m)^a=(sendrecv|sendonly|recvonly|inactive)\s*$", part)
    return found[1] if found else ""


def _line(letter: str, part: str) -> str:
    found = re.search(rf"(?m)^{letter}=(.*)$", part)
    return found[1].strip() if found else ""


def _lines(kind: str, text: str) -> Body:
    """A text whose lines say it all: a fragment of a message, a message summary."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = lines[0].removeprefix("SIP/2.0 ") if lines else ""
    return Body(kind, _short(first), tuple(lines[:MAX_WORDS]))


_READERS: dict[str, Callable[[str, str], Body]] = {
    pidf.CONTENT_TYPE: _pidf,
    dialog_info.CONTENT_TYPE: _dialog_info,
    xpidf.CONTENT_TYPE: _xpidf,
    rlmi.CONTENT_TYPE: _rlmi,
    "application/json": _json,
    "application/sdp": _sdp,
    "message/sipfrag": _lines,
    "application/simple-message-summary": _lines,
}


# laid out

_MARKUP = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<", ">"))
"""What begins with the one ends with the other."""


def lay_out_xml(text: str) -> str:
    """XML with one element a line, its spelling untouched; text alone in its element stays on its line."""
    if len(text) > MAX_LAID_OUT:
        return text
    lines: list[str] = []
    for depth, token in _nested(text):
        before = lines[-1] if lines else ""
        ends_leaf = token.startswith("</") and _is_leaf(before, token)
        if ends_leaf or (not token.startswith("<") and before.endswith(">")):
            lines[-1] += token
        else:
            lines.append("  " * min(depth, MAX_INDENT) + token)
    return "\n".join(lines)


def _nested(text: str) -> Iterator[tuple[int, str]]:
    depth = 0
    for token in _tokens(text):
        if token.isspace():
            continue
        if token.startswith("</"):
            depth = max(0, depth - 1)
        yield depth, token if token.startswith("<") else token.strip("\r\n")
        if token.startswith("<") and not token.startswith(("</", "<?", "<!")) and not token.endswith("/>"):
            depth += 1


def _tokens(text: str) -> Iterator[str]:
    """Markup, and what stands between; what begins and never ends is one with the rest."""
    at, gone = 0, set[str]()
    while at < len(text):
        end = _end_of_markup(text, at, gone) if text[at] == "<" else text.find("<", at)
        if end < 0:
            end = len(text)
        yield text[at:end]
        at = end


def _end_of_markup(text: str, at: int, gone: set[str]) -> int:
    """Where it ends, or -1; `gone` are ends that do not come any more, so that nobody looks for them twice."""
    for start, end in _MARKUP:
        if end not in gone and text.startswith(start, at):
            found = text.find(end, at + len(start))
            if found >= 0:
                return found + len(end)
            gone.add(end)
    return -1


def _is_leaf(line: str, end: str) -> bool:
    """Whether a line holds the start of the element that ends, and no other."""
    start = f"<{end[2:-1].strip()}"
    line = line.lstrip()
    rest = line[len(start) :]
    return line.startswith(start) and rest[:1] in (">", *string.whitespace) and "</" not in rest


def _short(text: str) -> str:
    first = " ".join(text.split())
    return first if len(first) <= 60 else first[:59] + "…"
