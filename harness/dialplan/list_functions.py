"""Functions that take texts and lists apart and put them together (funcs/func_strings.c, func_math.c, func_cut.c)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from harness.core.octets import fold, to_bytes, to_text
from harness.dialplan.function import Function, Invocation
from harness.dialplan.splitting import BLANKS, arguments, encoded_byte, integer
from harness.dialplan.substitute import MAX_NAME_BYTES, substitute

_INT_BITS = 32
_WHOLE = re.compile(r"[ \t\r\n\v\f]*([+-]?[0-9]{1,30})[ \t\r\n\v\f]*")
_FLOAT = re.compile(r"[ \t\r\n\v\f]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_FORMAT = re.compile(rb"%([-+ 0#]*)([0-9]{1,4})?(?:\.([0-9]{1,4}))?([diouxXcsfFeEgG%])")
_KEYS = {
    letter: digit
    for digit, letters in zip("23456789", ("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"), strict=True)
    for letter in (*letters, *letters.upper(), digit)
} | {"0": "0", "1": "1"}
_UNRESERVED = frozenset(b"-_.!~*'()abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_HEX_DIGITS = b"0123456789abcdefABCDEF"
_MARKS_OF_INHERITANCE = re.compile(r"_{0,2}")


def value_of(use: Invocation, name: str) -> bytes:
    """The value of a variable or function that is named in an argument."""
    return to_bytes(substitute(f"${{{name}}}", use.scope, MAX_NAME_BYTES, use.depth))


def _decoded(text: str) -> bytes:
    """A text with its `\\n`, `\\x2c` and the like (ast_get_encoded_str)."""
    raw, at, found = to_bytes(text), 0, bytearray()
    while at < len(raw):
        byte, at = encoded_byte(raw, at)
        if not byte:
            break
        found.append(byte)
    return bytes(found)


def _delimiter(row: list[str]) -> bytes:
    return _decoded(row[1])[:1] or b"," if len(row) > 1 and row[1] else b","


# one text


def _quote(use: Invocation) -> str:
    return '"' + use.text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _csv_quote(use: Invocation) -> str:
    return '"' + use.text.replace('"', '""') + '"'


def _keypad(use: Invocation) -> str:
    return "".join(_KEYS.get(letter, "") for letter in use.text)


def _trim(trimmed: Callable[[str], str]) -> Function:
    return Function(lambda use: trimmed(use.text) if use.text else None)


def _digest(name: str) -> Function:
    def read(use: Invocation) -> str | None:
        if not use.text:
            return None
        return hashlib.new(name, to_bytes(use.text), usedforsecurity=False).hexdigest()

    return Function(read)


def _uri_encode(use: Invocation) -> str:
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in to_bytes(use.text))


def _uri_decode(use: Invocation) -> str:
    """Two characters after a percent sign are taken, though only the first may be a digit; a NUL ends the text."""
    raw = re.sub(rb"(?s)%([0-9a-fA-F])(.)", _byte_of, to_bytes(use.text))
    return to_text(raw.partition(b"\0")[0])


def _byte_of(found: re.Match[bytes]) -> bytes:
    second = found[2] if found[2] in _HEX_DIGITS else b""
    return bytes((int(found[1] + second, 16),))


def _sprintf(use: Invocation) -> str | None:
    """SPRINTF; None where what is no number is to be written as one."""
    row = arguments(use.text, 100)
    if not row:
        return None
    values, pieces, at = iter(row[1:]), [], 0
    written = to_bytes(row[0])
    for found in _FORMAT.finditer(written):
        pieces.append(written[at : found.start()])
        at = found.end()
        if found[4] == b"%":
            pieces.append(b"%")
            continue
        value = next(values, None)
        if value is None:
            return None
        written_value = _formatted(found, value)
        if written_value is None:
            return None
        pieces.append(written_value)
    return to_text(b"".join([*pieces, written[at:]]))


def _formatted(found: re.Match[bytes], text: str) -> bytes | None:
    flags, width, precision, kind = (part or b"" for part in found.groups())
    head = b"%" + flags + width + (b"." + precision if precision else b"")
    if kind in b"sc":
        raw = to_bytes(text)
        return (head + b"s") % (raw[:1] if kind == b"c" else raw,)
    if kind in b"diouxX":
        whole = integer(text)
        return None if whole is None else (head + (b"d" if kind in b"iu" else kind)) % whole
    number = _FLOAT.match(text)
    return (head + kind) % float(number[0]) if number else None


# a variable's text


def _replace(use: Invocation) -> str | None:
    """REPLACE(name,characters[,character])."""
    row = arguments(use.text, 3)
    if len(row) < 2:
        return None
    searched, by = _decoded(row[1])[:255], _decoded(row[2])[:1] if len(row) > 2 else b""
    value = value_of(use, row[0]) if row[0] else b""
    if not searched or not value:
        return None
    return to_text(b"".join(by if byte in searched else bytes((byte,)) for byte in value))


def _string_replace(use: Invocation) -> str | None:
    """STRREPLACE(name,text[,text[,most]])."""
    row = arguments(use.text, 5)
    if len(row) < 2 or not row[0] or not row[1]:
        return None
    by = to_bytes(row[2]) if len(row) > 2 else b""
    most = (integer(row[3]) or 0) if len(row) > 3 else 0
    return to_text(value_of(use, row[0]).replace(to_bytes(row[1]), by, most if most > 0 else -1))


def _between(use: Invocation) -> str | None:
    """STRBETWEEN(name,text)."""
    row = arguments(use.text, 3)
    if len(row) != 2 or not row[0]:
        return None
    return to_text(to_bytes(row[1]).join(bytes((byte,)) for byte in value_of(use, row[0])))


def _step(by: int) -> Function:
    def read(use: Invocation) -> str | None:
        """INC and DEC of a variable that holds a whole number."""
        found = _WHOLE.fullmatch(use.scope.variable(use.text) or "") if use.scope.channel is not None else None
        if found is None:
            return None
        number = (int(found[1]) + by) & 0xFFFFFFFF
        text = str(number - (1 << _INT_BITS) if number >> (_INT_BITS - 1) else number)
        use.set_variable(use.text, text)
        return text

    return Function(read)


# lists


def _list_filter(use: Invocation) -> str | None:
    """LISTFILTER(name,delimiter,value): the list without a value."""
    row = arguments(use.text, 3)
    value = value_of(use, row[0]) if len(row) == 3 else b""
    if not value:
        return None
    delimiter = _decoded(row[1]) or b","
    unwanted = to_bytes(row[2])
    return to_text(delimiter.join(field for field in value.split(delimiter) if field != unwanted))


def _take(first: bool) -> Function:
    def read(use: Invocation) -> str | None:
        """SHIFT and POP: the first or last value of a list, which is taken out of it."""
        row = arguments(use.text, 2)
        value = value_of(use, row[0]) if row and row[0] else b""
        if not value:
            return None
        delimiter = _delimiter(row)
        before, found, after = value.partition(delimiter) if first else value.rpartition(delimiter)
        taken, left = (before, after) if first else (after, before)
        use.set_variable(row[0], to_text(left) if found else "")
        return to_text(taken if found else value)

    return Function(read)


def _put(first: bool) -> Function:
    def write(use: Invocation, value: str) -> bool:
        """UNSHIFT and PUSH: one value more at the beginning or the end of a list."""
        row = arguments(use.text, 2)
        if not row or not row[0]:
            return False
        before = to_text(value_of(use, _MARKS_OF_INHERITANCE.sub("", row[0], count=1)))
        delimiter = to_text(_delimiter(row))
        parts = (value, before) if first else (before, value)
        use.set_variable(row[0], delimiter.join(parts) if before else value)
        return True

    return Function(None, write)


def _array(use: Invocation, value: str) -> bool:
    """ARRAY(name,name...)=value,value..."""
    values = arguments(value, 100)
    for at, name in enumerate(arguments(use.text, 100)):
        use.set_variable(name, values[at] if at < len(values) else "")
    return True


def _sort(use: Invocation) -> str:
    """SORT(key:number,...): the keys by their numbers."""
    pairs = (pair.partition(":") for pair in use.text.split(","))
    keys = []
    for key, colon, text in pairs:
        number = _FLOAT.match(text)
        if colon:
            keys.append((float(number[0]) if number else 0.0, key))
    return ",".join(key for _, key in sorted(keys, key=lambda pair: pair[0]))


# the database


def _components(use: Invocation) -> list[str]:
    """What comes next below a family, each once in a row."""
    prefix = use.text.strip("/")
    found: list[str] = []
    for path, _ in use.facts.core.store.tree(f"/{prefix}" if prefix else ""):
        component = path[len(prefix) + 1 :].lstrip("/").partition("/")[0]
        if not found or fold(found[-1]) != fold(component):
            found.append(component)
    return found


def _db_keys(use: Invocation) -> str:
    return ",".join(each.replace("\\", "\\\\").replace(",", "\\,") for each in _components(use))


LIST_FUNCTIONS = {
    "QUOTE": Function(_quote),
    "CSV_QUOTE": Function(_csv_quote),
    "KEYPADHASH": Function(_keypad),
    "PASSTHRU": Function(lambda use: use.text),
    "TRIM": _trim(lambda text: text.strip(BLANKS)),
    "LTRIM": _trim(lambda text: text.lstrip(BLANKS)),
    "RTRIM": _trim(lambda text: text.rstrip(BLANKS)),
    "MD5": _digest("md5"),
    "SHA1": _digest("sha1"),
    "URIENCODE": Function(_uri_encode),
    "URIDECODE": Function(_uri_decode),
    "SPRINTF": Function(_sprintf),
    "REPLACE": Function(_replace),
    "STRREPLACE": Function(_string_replace),
    "STRBETWEEN": Function(_between),
    "INC": _step(1),
    "DEC": _step(-1),
    "LISTFILTER": Function(_list_filter),
    "SHIFT": _take(first=True),
    "POP": _take(first=False),
    "UNSHIFT": _put(first=True),
    "PUSH": _put(first=False),
    "ARRAY": Function(None, _array),
    "SORT": Function(_sort),
    "DB_KEYS": Function(_db_keys),
    "DB_KEYCOUNT": Function(lambda use: str(len(_components(use)))),
}
