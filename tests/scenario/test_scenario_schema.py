"""The JSON Schema for editors says what the loader says."""

import json
from collections import Counter

import jsonschema
import pytest
import yaml

from harness.scenario.schema import DIALECT, json_schema
from harness.scenario.shared_schema import share
from harness.scenario.steps import VERBS

PAGE = """
# yaml-language-server: $schema=...
scenario: Lunch reaches the receptionist
why: CustomPresence:<line> is the line's name, not the phone's
config: office                       # a folder beside this file
phones:
  reception: {user_agent: Digium D65 2_9_19}       # the type=phone sections; all of them by default
steps:
  - status: {phone: bob, set: away, substatus: Lunch}
  - expect: {phone: reception, contact: 2000, presence: away, subtype: Lunch, within: 500 ms}
  - never:  {phone: reception, contact: 2001, changes: true, for: 4 s}
  - restart: server
  - expect: {phone: reception, contact: 2000, presence: away, within: 10 s}
"""
WIDE = """
scenario: Everything
config: office
only: [bob, reception]
tags: one
requires: [presence]
real: {no: it waits}
xfail: issue 1
strict: yes
vars: {a: 1}
matrix: {b: [1, no], exclude: [{b: 1}]}
flows: {f: {args: [c], steps: [{pause: "${c}"}]}}
steps:
  - set_presence: {line: 2000, state: away, subtype: "${a}", message: "${b}"}
  - set_device: {device: PJSIP/2000, state: INUSE, refused: false}
  - register: bob
  - unregister: {phone: bob}
  - restart: {phone: bob}
  - pause: 1 s
  - flow: {name: f, c: 1 s}
  - foreach: {var: d, in: [1, 2], steps: [{pause: "${d} s"}]}
  - state: {phone: bob, contacts: {2001: {presence: nothing, lamp: dark, message: {not: x}}}}
  - state: {phone: bob, own_status: away}
  - state: {phone: bob, own_status: {status: away, substatus: /Lun/}}
  - expect: {phone: bob, answer: 200}
  - expect: {phone: bob, answer: 4xx}
  - expect: {phone: bob, contact: 2001, subscription: refused, status: 404}
  - expect: {phone: bob, notify: {headers: {Event: presence}, xpath: {"//pidf:note": Ready}, absent: ["//x:y"],
             body: /x/, namespaces: {x: "urn:x"}}, count: 1..3}
  - expect: {phone: bob, presence: away, count: 2}
  - never: {trace: {hop: ami, Event: /Presence/}, for: 1 min}
  - all_of: [{phone: bob, presence: away}, {optional: {phone: bob, lamp: idle}}]
  - in_order: {within: 1 s, expect: [{phone: bob, presence: away}]}
  - optional: {phone: bob, presence: away}
"""


@pytest.fixture(scope="module")
def validator():
    schema = json_schema()
    assert schema["$schema"] == DIALECT
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def as_an_editor(text):
    """As YAML 1.2 reads it: keys are text, and only true and false are flags."""

    def keyed(value):
        if isinstance(value, dict):
            return {"no" if key is False else str(key): keyed(inner) for key, inner in value.items()}
        return [keyed(inner) for inner in value] if isinstance(value, list) else value

    return keyed(yaml.safe_load(text))


@pytest.mark.parametrize("text", [PAGE, WIDE])
def test_what_the_loader_reads_the_schema_allows(validator, read, text):
    """The example of the design, and a file that uses everything."""
    validator.validate(as_an_editor(text))
    assert read(text)


@pytest.mark.parametrize(
    "slip",
    [
        ("scenario:", "scenaro:"),
        ("config: office", "konfig: office"),
        ("- status:", "- statuss:"),
        ("set: away", "sett: away"),
        ("presence: away", "presence: awya"),
        ("500 ms", "500"),
        ("4 s", "4 sec"),
        ("phones:", "phones: 1\nx:"),
        ("changes: true", "changes: maybe"),
    ],
)
def test_what_the_loader_refuses_the_schema_refuses(validator, errors, slip):
    """So that an editor marks it before it is run."""
    text = PAGE.replace(*slip)
    assert text != PAGE
    assert errors(text)
    assert not validator.is_valid(as_an_editor(text))


def references(part):
    """The names of all definitions that a schema refers to."""
    if isinstance(part, dict):
        own = [part["$ref"].removeprefix("#/$defs/")] if "$ref" in part else []
        return own + [name for value in part.values() for name in references(value)]
    return [name for value in part for name in references(value)] if isinstance(part, list) else []


def test_the_schema_says_everything_once():
    """Editors load it with each file: every definition is there and needed, and the whole is small."""
    schema = json_schema()
    used = Counter(references(schema))
    assert set(used) == set(schema["$defs"])
    assert [name for name, times in used.items() if times < 2] == ["step"]
    assert len(json.dumps(schema)) < 30_000


def expanded(part, definitions):
    """A schema with its references put in."""
    if isinstance(part, list):
        return [expanded(each, definitions) for each in part]
    if not isinstance(part, dict):
        return part
    inner = {key: expanded(value, definitions) for key, value in part.items() if key not in ("$ref", "$defs")}
    name = part.get("$ref", "").removeprefix("#/$defs/")
    return {**inner, **expanded(definitions[name], definitions)} if name else inner


@pytest.mark.parametrize("verb", ["expect", "call", "all_of", "status"])
def test_what_is_shared_says_the_same(verb):
    """References put in again give the schema as it was."""
    schema = {"properties": {"a": VERBS[verb].kind.schema(), "b": {"description": "x", **VERBS[verb].kind.schema()}}}
    shared = share(schema, {})
    assert expanded(shared, shared["$defs"]) == schema
    assert len(json.dumps(shared)) < len(json.dumps(schema))


def test_every_verb_and_key_is_described():
    """An editor shows these lines."""
    schema = json_schema()
    steps = schema["$defs"]["step"]["properties"]
    assert set(VERBS) < set(steps)
    assert all(each.get("description") for each in (*steps.values(), *schema["properties"].values()))
