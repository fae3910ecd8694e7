"""A NOTIFY: its headers, and its body by expression or by XPath."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.scenario.conditions import TextMatch
from harness.scenario.fields import Count
from harness.scenario.xpath import Expression, Unreadable, parse_body

if TYPE_CHECKING:
    from harness.sip.message import Request


@dataclass(frozen=True, slots=True)
class NotifyMatch:
    """Conditions on a NOTIFY; all of them hold.  `absent` are expressions that select nothing."""

    headers: Mapping[str, TextMatch] = field(default_factory=dict)
    xpath: Mapping[Expression, TextMatch | Count] = field(default_factory=dict)
    absent: tuple[Expression, ...] = ()
    body: TextMatch | None = None

    def differences(self, request: Request) -> list[str]:
        """What the NOTIFY says otherwise."""
        found = [said for name, match in self.headers.items() if (said := _header(request, name, match))]
        if self.body is not None and not self.body.matches(request.body.decode("utf-8", "surrogateescape")):
            found.append(f"the body does not hold {self.body}")
        return found + (self._in_xml(request) if self.xpath or self.absent else [])

    def _in_xml(self, request: Request) -> list[str]:
        try:
            root = parse_body(request.body)
        except Unreadable as error:
            return [f"the body cannot be searched: {error}"]
        found = []
        for expression, match in self.xpath.items():
            values = expression.values(root)
            if isinstance(match, Count):
                if int(values[0]) not in match:
                    found.append(f"{expression} is {values[0]}, not {match}")
            elif not any(match.matches(value) for value in values):
                found.append(f"{expression} is {_listed(values)}, not {match}")
        there = ((each, each.values(root)) for each in self.absent)
        return found + [f"{expression} is there: {_listed(values)}" for expression, values in there if values]

    def wanted(self) -> str:
        """The conditions in words."""
        parts = [f"{name} {match}" for name, match in self.headers.items()]
        for expression, match in self.xpath.items():
            parts.append(f"{expression} {match}")
        parts += [f"no {expression}" for expression in self.absent]
        if self.body is not None:
            parts.append(f"a body with {self.body}")
        return f"a NOTIFY with {', '.join(parts)}" if parts else "a NOTIFY"


def _header(request: Request, name: str, match: TextMatch) -> str:
    values = request.headers.all(name)
    if not values:
        return "" if match.negated else f"there is no {name} header"
    # a negated condition holds for every row, a plain one for one of them
    met = all if match.negated else any
    return "" if met(match.matches(value) for value in values) else f"{name} is {_listed(values)}, not {match}"


def _listed(values: list[str]) -> str:
    return ", ".join(repr(value) for value in values[:5]) or "nothing"
