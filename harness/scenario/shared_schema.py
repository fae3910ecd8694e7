"""Makes a JSON Schema small: what stands in several places is written once, under `$defs`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from harness.scenario.reading import Schema

MIN_CHARACTERS = 45
"""A schema shorter than that (as JSON) is written wherever it is needed: a reference would be no shorter."""
_ONE = ("items", "additionalProperties")
_SEVERAL = ("anyOf",)
_NAMED = ("properties", "$defs")


def share(schema: Schema, names: Mapping[str, Schema]) -> Schema:
    """The same schema with references; parts that `names` does not name are called after the key that they are for."""
    sharing = _Sharing({_text(part): name for name, part in names.items()})
    sharing.count(schema)
    shared = sharing.whole(schema)
    return {**shared, "$defs": {**shared.get("$defs", {}), **sharing.definitions}}


class _Sharing:
    """One schema: how often each part is used, and the definitions that are made of those used twice."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = dict(names)
        self._uses: Counter[str] = Counter()
        self._seen: set[str] = set()
        self.definitions: dict[str, Schema] = {}

    def count(self, schema: Schema) -> None:
        """Count the uses of each part, those within a repeated part once."""
        for _, part in _parts(schema):
            text = _text(part)
            self._uses[text] += 1
            if text not in self._seen:
                self._seen.add(text)
                self.count(part)

    def whole(self, schema: Schema) -> Schema:
        """The schema itself, with its parts shared."""
        return self._inner(schema, "")

    def _inner(self, schema: Schema, place: str) -> Schema:
        """The same of a part; `place` is the key that it is for, '' for the whole."""
        if place and _described(schema):
            return {"description": schema["description"], **self._reference(_without_description(schema), place)}
        made = dict(schema)
        for key in _ONE:
            if isinstance(schema.get(key), dict):
                made[key] = self._reference(schema[key], place)
        for key in _SEVERAL:
            if key in schema:
                made[key] = [self._reference(each, place) for each in schema[key]]
        for key in _NAMED:
            if key in schema:
                made[key] = {name: self._reference(each, name) for name, each in schema[key].items()}
        return made

    def _reference(self, schema: Schema, place: str) -> Schema:
        text = _text(schema)
        if self._uses[text] < 2 or len(text) < MIN_CHARACTERS:
            return self._inner(schema, place)
        if text not in self._names:
            self._names[text] = self._free(place)
        name = self._names[text]
        if name not in self.definitions:
            self.definitions[name] = {}  # its place in the order
            self.definitions[name] = self._inner(schema, place)
        return {"$ref": f"#/$defs/{name}"}

    def _free(self, place: str) -> str:
        taken = {*self._names.values(), "step"}
        numbers = iter(range(2, len(taken) + 3))
        name = place
        while name in taken:
            name = f"{place}-{next(numbers)}"
        return name


def _parts(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The schemas directly within one; of a part with a description, what is described."""
    if _described(schema) and "$schema" not in schema:
        yield "", _without_description(schema)
        return
    for key in _ONE:
        if isinstance(schema.get(key), dict):
            yield key, schema[key]
    for key in _SEVERAL:
        yield from ((key, each) for each in schema.get(key, ()))
    for key in _NAMED:
        yield from schema.get(key, {}).items()


def _described(schema: Schema) -> bool:
    return "description" in schema and len(schema) > 1


def _without_description(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "description"}


def _text(schema: Any) -> str:
    return json.dumps(schema, sort_keys=True)
