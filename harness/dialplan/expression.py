"""`$[...]`: tokens, precedence, and what comes out of an expression that makes no sense.

Asterisk's parser is made by bison (main/ast_expr2.y).  Where a token does not fit, bison first completes all that
could be complete; hence a whole expression before rubbish gives its value, nothing before it gives an empty text, and
an error inside an operand, a bracket or a condition gives 0.  This parser shifts and reduces on the same tables of
precedence, without recursion.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

from harness.core.octets import cut
from harness.dialplan.elementary import NUMERIC
from harness.dialplan.longdouble import parse, text_of
from harness.dialplan.operands import (
    BINARY,
    Kind,
    Operand,
    chosen,
    complement,
    negated,
    numeric,
    textual,
)

MAX_FUNCTION_BYTES = 511
SYNTAX_ERROR = "0"

Call = Callable[[str, str], str | None]

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\n])
    |(?P<quoted>"[^"]*")
    |(?P<operator>\|\||&&|==|=~|~~|>=|<=|!=|::|[|&=><+,*/%?!:()-])
    |(?P<number>[0-9]+(?:\.[0-9]+)?)
    |(?P<word>(?:[a-zA-Z0-9.';\\_^\#@]|[^\x00-\x7f]|\$[^{])+)
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(r"(?:[a-zA-Z0-9.';\\_^#@]|[^\x00-\x7f]|\$[^{])+", re.DOTALL)
_AFTER_BRACES = re.compile(r"[^-\t\r \n$():?%/+=*<>!|&]*")
_BRACE = re.compile(r"[{}]")
_SAME = {"||": "|", "&&": "&", "==": "="}
_FUNCTION_NAME = re.compile(r"[A-Z_0-9]*")
_LOOKS_NUMERIC = re.compile(r"[-0-9. \t]*")


class Level(IntEnum):
    """Precedence, loosest first; all associate to the left but the unary ones."""

    CONDITION = 2
    OR = 3
    AND = 4
    COMPARISON = 5
    SUM = 6
    PRODUCT = 7
    UNARY = 8
    MATCH = 9


_LEVELS = {
    **dict.fromkeys(("?",), Level.CONDITION),
    **dict.fromkeys(("|",), Level.OR),
    **dict.fromkeys(("&",), Level.AND),
    **dict.fromkeys(("=", "!=", ">", "<", ">=", "<="), Level.COMPARISON),
    **dict.fromkeys(("+", "-"), Level.SUM),
    **dict.fromkeys(("*", "/", "%"), Level.PRODUCT),
    **dict.fromkeys((":", "=~", "~~"), Level.MATCH),
}


class Token(NamedTuple):
    """An operator, or an operand where `value` is given."""

    text: str
    value: Kind | None = None


def evaluate(text: str, call: Call) -> str:
    """The value of what stands between `$[` and `]`; `call` reads a dialplan function, None where it cannot."""
    return _Parser(call).result(tokens(text))


def tokens(text: str) -> list[Token]:
    """The tokens of an expression; characters that belong to none are passed over."""
    found = []
    at = 0
    while at < len(text):
        if text.startswith("${", at):
            token, at = _unevaluated(text, at, at)
            found += [token] if token else []
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            at += 1
            continue
        kind, piece = match.lastgroup, match[0]
        if kind in ("number", "word"):
            token, at = _word(text, at, piece, kind)
            found += [token] if token else []
            continue
        at = match.end()
        if kind == "quoted":
            found.append(Token(piece, Kind.TEXT))
        elif kind == "operator":
            found.append(Token(_SAME.get(piece, piece)))
    return found


def _word(text: str, at: int, piece: str, kind: str) -> tuple[Token | None, int]:
    """The longer of number and word counts; of two of one length it is a number."""
    word = _WORD.match(text, at)
    longest = word[0] if word else piece
    if kind == "number" and len(piece) >= len(longest):
        return Token(piece, Kind.NUMERIC_TEXT), at + len(piece)
    end = at + len(longest)
    if text.startswith("${", end):
        return _unevaluated(text, at, end)
    return Token(longest, Kind.TEXT), end


def _unevaluated(text: str, start: int, braces: int) -> tuple[Token | None, int]:
    """`${...}` that came out of a variable, with what stands around it, is one text."""
    at = braces + 2
    depth = 0
    while depth >= 0:
        found = _BRACE.search(text, at)
        if found is None:
            return None, len(text)
        depth += 1 if found[0] == "{" else -1
        at = found.end()
    rest = _AFTER_BRACES.match(text, at)
    end = rest.end() if rest else at
    if text.startswith("${", end):
        return _unevaluated(text, start, end)
    if end == at and end < len(text):
        return Token(text[start:], Kind.TEXT), end
    return Token(text[start:end], Kind.TEXT), end


class _Open(NamedTuple):
    """Something that waits: an operator for its right side, a bracket or a condition for its next part."""

    what: str
    level: int = 0


class _Parser:
    """Two stacks: operands, and what waits.

    A row of the grammar beside each rule: `expr: expr OP expr`, `- expr`, `! expr`, `( expr )`,
    `expr ? expr :: expr`, `TOKEN ( arglist )`; level 0 is what only its own next token completes.
    """

    __slots__ = (
        "_after_comma",
        "_call",
        "_calls",
        "_expects_operand",
        "_may_be_name",
        "_operands",
        "_waiting",
    )

    def __init__(self, call: Call) -> None:
        self._call = call
        self._operands: list[Operand] = []
        self._waiting: list[_Open] = []
        self._calls: list[tuple[str, list[Operand]]] = []
        self._expects_operand = True
        self._may_be_name = self._after_comma = False

    def result(self, row: list[Token]) -> str:
        """The text that the expression stands for."""
        for token in row:
            fits = self._operand(token) if self._expects_operand else self._operator(token)
            if not fits:
                break
            self._after_comma = token.value is None and token.text == ","
        if not self._operands and not self._waiting:
            return ""
        self._reduce(Level.CONDITION)
        if self._expects_operand or self._waiting:
            return SYNTAX_ERROR
        last = self._operands[-1]
        return text_of(last.number) if last.kind is Kind.NUMBER else last.text

    def _operand(self, token: Token) -> bool:
        """Take a token where an operand has to begin; whether it fits."""
        if token.value is not None:
            self._operands.append(Operand(token.value, token.text))
            self._may_be_name = True
            self._expects_operand = False
            return True
        if token.text in ("-", "!"):
            self._waiting.append(_Open(token.text + " unary", Level.UNARY))
            return True
        if token.text == "(":
            self._waiting.append(_Open("("))
            return True
        if self._after_comma and token.text in (",", ")"):
            self._operands.append(textual(""))
            self._expects_operand = False
            return self._operator(token)
        return False

    def _operator(self, token: Token) -> bool:
        """Take a token after a complete operand; whether it fits."""
        named, self._may_be_name = self._may_be_name, False
        if token.value is not None:
            return False
        if token.text == "(" and named:
            self._calls.append((self._operands.pop().text, []))
            self._waiting.append(_Open("call"))
        elif token.text in _LEVELS:
            self._reduce(_LEVELS[token.text])
            self._waiting.append(_Open(token.text, 0 if token.text == "?" else _LEVELS[token.text]))
        elif not self._completes(token.text):
            return False
        self._expects_operand = token.text != ")"
        return True

    def _completes(self, text: str) -> bool:
        """Whether a token ends what waits: `::` a condition, `)` a bracket, `)` or `,` an argument."""
        self._reduce(Level.CONDITION)
        waits = self._waiting[-1].what if self._waiting else ""
        if text == "::" and waits == "?":
            self._waiting[-1] = _Open("? ::", Level.CONDITION)
        elif text == ")" and waits == "(":
            self._waiting.pop()
        elif text in (")", ",") and waits == "call":
            self._calls[-1][1].append(self._operands.pop())
            if text == ")":
                self._waiting.pop()
                self._operands.append(self._called(*self._calls.pop()))
        else:
            return False
        return True

    def _reduce(self, level: int) -> None:
        """Apply what waits and binds at least as tightly; nothing where an operand is missing."""
        while not self._expects_operand and self._waiting and self._waiting[-1].level >= level:
            self._apply(self._waiting.pop().what)

    def _apply(self, what: str) -> None:
        right = self._operands.pop()
        if what == "- unary":
            result = negated(right)
        elif what == "! unary":
            result = complement(right)
        elif what == "? ::":
            yes = self._operands.pop()
            result = chosen(self._operands.pop(), yes, right)
        else:
            result = BINARY[what](self._operands.pop(), right)
        self._operands.append(result)

    def _called(self, name: str, arguments: list[Operand]) -> Operand:
        """A numeric function of expressions, else a dialplan function; 0 where it fails."""
        if not _FUNCTION_NAME.fullmatch(name):
            return numeric(0)
        known = NUMERIC.get(name)
        if known is not None:
            if len(arguments) != known.arity:
                return numeric(0)
            for argument in arguments:
                argument.to_number()
            return numeric(known.of(*(argument.number for argument in arguments)))
        value = cut(self._call(name, ",".join(argument.to_text() for argument in arguments)) or "", MAX_FUNCTION_BYTES)
        return numeric(parse(value)) if _LOOKS_NUMERIC.fullmatch(value) else textual(value)
