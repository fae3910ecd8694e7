"""The JSON Schema for editors says what the loader says."""

import jsonschema
import pytest
import yaml

from harness.scenario.schema import DIALECT, json_schema
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


def test_every_verb_and_key_is_described():
    """An editor shows these lines."""
    schema = json_schema()
    steps = schema["$defs"]["step"]["properties"]
    assert set(VERBS) < set(steps)
    assert all(each.get("description") for each in (*steps.values(), *schema["properties"].values()))
