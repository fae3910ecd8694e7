"""Reads a scenario file, and tells everything that is wrong with it at once."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.errors import InputError, Location
from harness.scenario.expansion import Flow, read_steps
from harness.scenario.fields import Text
from harness.scenario.known import KnownPhones, known_phones
from harness.scenario.model import Scenario, Step
from harness.scenario.nodes import MAX_BYTES, MapNode, Node, TextNode, read_nodes
from harness.scenario.problems import Problems, ScenarioErrors, Source, SourceError
from harness.scenario.reading import Reading, Told, Wrong
from harness.scenario.records import ListOf
from harness.scenario.schema import FLOWS_FILE, SCENARIO
from harness.scenario.variables import Variables

PhonesOf = Callable[[Path], KnownPhones]
"""The phones of a configuration folder; raises InputError."""

MAX_ROWS = 1000
"""Combinations of a matrix."""
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


def phones_in(folder: Path) -> KnownPhones:
    """The phones of a folder.  Raises InputError where it cannot be read."""
    from harness.config.folder import read_folder  # only who has no reading of its own pays for it

    return known_phones(read_folder(folder))


def load(path: Path, phones_of: PhonesOf = phones_in, shown: str = "") -> list[Scenario]:
    """The scenario of a file, or one for each row of its matrix; `shown` is how messages call the file.

    Raises ScenarioErrors with all that is wrong, and nothing else.
    """
    shown = shown or str(path)
    try:
        return _File(path, shown, phones_of).scenarios()
    except ScenarioErrors:
        raise
    except InputError as error:
        raise ScenarioErrors([error]) from None


def read_source(path: Path, shown: str) -> Source:
    """The lines of a file.  Raises InputError where it is not there, too large, or not UTF-8."""
    where = Location(shown)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError("there is no such file", where) from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {getattr(error, 'strerror', None) or error}", where) from None
    if len(data) > MAX_BYTES:
        raise InputError(f"larger than {MAX_BYTES} bytes", where)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8", "replace")) + 1
        message = f"the byte 0x{data[error.start]:02x} is not UTF-8"
        raise InputError(message, Location(shown, line, column), "save the file as UTF-8") from None
    return Source(shown, _BREAK.split(text))


class _File:
    """One file on its way to scenarios."""

    def __init__(self, path: Path, shown: str, phones_of: PhonesOf) -> None:
        self.path, self.shown, self.phones_of = path, shown, phones_of
        self.problems = Problems()
        self.source = read_source(path, shown)
        self.flows: dict[str, Flow] = {}
        self.flow_keys: dict[str, Node] = {}
        self.used: set[str] = set()
        self.unreadable: frozenset[str] = frozenset()
        """The names of a matrix that is wrong."""
        self.flows_used: set[str] = set()

    def scenarios(self) -> list[Scenario]:
        root = read_nodes(self.source)
        if root is None or (isinstance(root, TextNode) and not root.text.strip()):
            raise InputError("the file is empty", Location(self.shown), "a scenario begins with `scenario: its name`")
        if not isinstance(root, MapNode):
            raise self._plain().error(Wrong(root, "a scenario is a mapping", "begin with `scenario: its name`"))
        phones = self._phones(root)
        self._gather_flows(root)
        variables = self._variables(root)
        rows = self._rows(root)
        made = [self._scenario(root, phones, variables, row) for row in rows]
        self._check_used(root)
        self.problems.raise_any()
        return [scenario for scenario in made if scenario is not None]

    def _plain(self, variables: Variables | None = None) -> Reading:
        return Reading(self.source, self.problems, variables or Variables({}))

    # the configuration

    def _phones(self, root: MapNode) -> KnownPhones | None:
        """Who there is to take part; None where that cannot be told."""
        node = root.get("config")
        if not isinstance(node, TextNode) or not node.text:
            return None
        folder = self.path.parent / node.text
        try:
            if not folder.is_dir():
                what = "a file" if folder.exists() else "not there"
                advice = "it is looked for beside this file"
                raise Wrong(node, f"the configuration folder {str(folder)!r} is {what}", advice)
            return self.phones_of(folder)
        except Wrong as wrong:
            self._plain().tell(wrong)
        except InputError as error:
            said = f"{error.where}: {error.message}" if error.where else error.message
            self._plain().tell(Wrong(node, f"the configuration cannot be read: {said}", error.advice))
        return None

    # variables and rows

    def _variables(self, root: MapNode) -> dict[str, str]:
        node, given = root.get("vars"), self._read(root, "vars")
        if given is None and isinstance(node, MapNode):
            # wrong, and told; its names are known all the same
            return {key.text: value.text for key, value in node.pairs if isinstance(value, TextNode)}
        return given or {}

    def _rows(self, root: MapNode) -> list[dict[str, str]]:
        node, matrix = root.get("matrix"), self._read(root, "matrix")
        if node is None or not matrix:
            return self._without_rows(node)
        axes: dict[str, tuple[str, ...]] = matrix.get("", {})
        excluded: tuple[dict[str, str], ...] = matrix.get("exclude", ())
        number = 1
        for values in axes.values():
            number *= len(values)
        if not axes or number > MAX_ROWS:
            given = number if axes else 0
            self._plain().tell(Wrong(node, f"a matrix has 1 to {MAX_ROWS} combinations, this one {given}"))
            return self._without_rows(node)
        rows = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
        kept = [row for row in rows if not any(each.items() <= row.items() for each in excluded)]
        if not kept:
            self._plain().tell(Wrong(node, "every combination is excluded"))
        return kept or self._without_rows(node)

    def _without_rows(self, matrix: Node | None) -> list[dict[str, str]]:
        """One row without values: of a matrix that is wrong, the names count as known and as used."""
        names = [key.text for key, _ in matrix.pairs] if isinstance(matrix, MapNode) else []
        self.unreadable = frozenset(names)
        return [{}]

    def _check_used(self, root: MapNode) -> None:
        for section in ("vars", "matrix"):
            node = root.get(section)
            if not isinstance(node, MapNode) or (section == "matrix" and self.unreadable):
                continue
            for key, _ in node.pairs:
                if key.text not in self.used and (section, key.text) != ("matrix", "exclude"):
                    advice = f"use it as ${{{key.text}}}"
                    self._plain().tell(Wrong(key, f"the variable {key.text!r} is not used", advice))
        for name, node in self.flow_keys.items():
            if name not in self.flows_used:
                self._plain().tell(Wrong(node, f"the flow {name!r} is not used", f"call it with `flow: {name}`"))

    def _read(self, root: MapNode, key: str) -> Any:
        """The value of one key ahead of the rest, without variables in it; None where it cannot be read."""
        node = root.get(key)
        if node is None:
            return None
        reading = self._plain()
        try:
            return SCENARIO.fields[key].kind.read(node, reading)
        except Wrong as wrong:
            reading.tell(wrong)
        except Told:
            pass
        return None

    # flows

    def _gather_flows(self, root: MapNode) -> None:
        node = root.get("flows")
        self._add_flows(self._read(root, "flows") or {}, self.source)
        if isinstance(node, MapNode):
            self.flow_keys = {key.text: key for key, _ in node.pairs}
        include = root.get("include")
        if include is None:
            return
        try:
            names = ListOf(Text("a file"), single=True).read(include, self._plain())
        except (Wrong, Told):
            return
        for name in names:
            self._include(name, include)

    def _include(self, name: str, at: Node) -> None:
        shown = str(Path(self.shown).parent / name)
        try:
            source = read_source(self.path.parent / name, shown)
            root = read_nodes(source)
            if root is None:
                raise InputError("the file is empty", Location(shown), "it holds `flows:`")
            given = FLOWS_FILE.read(root, Reading(source, self.problems, Variables({})))
        except Wrong as wrong:
            Reading(source, self.problems, Variables({})).tell(wrong)
        except Told:
            pass
        except SourceError as error:
            self.problems.add(error)
        except InputError as error:
            self._plain().tell(Wrong(at, f"the file {name!r} cannot be included: {error.message}", error.advice))
        else:
            self._add_flows(given["flows"], source)

    def _add_flows(self, flows: dict[str, Any], source: Source) -> None:
        for name, given in flows.items():
            self.flows.setdefault(name, Flow(given.get("args", ()), given["steps"], source))

    # one scenario

    def _scenario(
        self, root: MapNode, phones: KnownPhones | None, variables: dict[str, str], row: dict[str, str]
    ) -> Scenario | None:
        reading = self._plain(Variables({**variables, **row}, self.used, self.unreadable))
        reading.phones, reading.flows, reading.flows_used = phones, self.flows, self.flows_used
        try:
            given = SCENARIO.read(root, reading)
            only: tuple[str, ...] | None = given.get("only")
            if only is not None and phones is not None:
                reading.phones = {name: known for name, known in phones.items() if name in only}
                reading.left_out = frozenset(phones.keys() - reading.phones.keys())
                for name in given.get("phones", {}):
                    if name not in only:
                        raise Wrong(root, f"phone {name!r} has options and is left out by `only:`")
            steps = read_steps(given["steps"], reading)
        except Wrong as wrong:
            reading.tell(wrong)
            return None
        except Told:
            self._read_steps_too(root, reading)
            return None
        return self._made(given, root, row, steps)

    def _read_steps_too(self, root: MapNode, reading: Reading) -> None:
        """Errors elsewhere do not hide those of the steps."""
        node = root.get("steps")
        if node is not None:
            try:
                read_steps(node, reading)
            except Told:
                return

    def _made(self, given: dict[str, Any], root: MapNode, row: dict[str, str], steps: list[Step]) -> Scenario:
        return Scenario(
            name=given["scenario"],
            file=self.shown,
            config=self.path.parent / given["config"],
            steps=tuple(steps),
            where=self.source.location(root.span),
            why=given.get("why", ""),
            row=row,
            phones=given.get("phones", {}),
            only=given.get("only"),
            tags=given.get("tags", ()),
            requires=given.get("requires", ()),
            not_real=given.get("real", ""),
            skip=given.get("skip", ""),
            xfail=given.get("xfail", ""),
            strict=given.get("strict", False),
            sip_as_pjsip=given.get("sip_as_pjsip", False),
            dpma=given.get("dpma", {}),
        )
