"""What is wrong with a file is told at its place, all at once, with advice."""

import pytest

from harness.scenario.loader import load
from harness.scenario.problems import ScenarioErrors
from tests.scenario.fakes import fake_phones

STEP = "steps:\n  - pause: 1 s\n"


def test_an_error_has_place_line_caret_and_advice(errors):
    """The whole message of one error."""
    assert errors("steps:\n  - expct: {phone: bob, presence: away}\n") == [
        "story.scenario.yaml:4:5: there is no step 'expct'\n"
        "  4 |   - expct: {phone: bob, presence: away}\n"
        "    |     ^^^^^\n"
        "  did you mean 'expect'?"
    ]


def test_all_errors_come_at_once(errors):
    """Three errors in one file, in the order of the file."""
    told = errors("""
        scenario: A story
        confg: office
        steps:
          - status: {phone: bobb, set: away}
          - pause: 5
        """)
    assert [line.splitlines()[0] for line in told] == [
        "story.scenario.yaml:1:1: a scenario needs 'config'",
        "story.scenario.yaml:2:1: a scenario has no key 'confg'",
        "story.scenario.yaml:5:12: 5 of what?",
    ]


@pytest.mark.parametrize(
    ("text", "said", "advice"),
    [
        (
            "steps:\n  - status: {phone: bobb, set: away}",
            "no type=phone section is named 'bobb'",
            "did you mean 'bob'?",
        ),
        ("steps:\n  - status: {phone: bob}", "status needs 'set'", "one of the phone's"),
        ("steps:\n  - status: {phone: bob, set: away, set: dnd}", "the key 'set' is here a second time", "line 4"),
        ("steps:\n  - pause: 5", "5 of what?", "5 s, or 5 ms"),
        ("steps:\n  - pause: 5 sec", "is no duration", "known here: ms, s"),
        ("steps:\n  - pause: soon", "is no duration", "500 ms"),
        ("steps:\n  - pause: 900 h", "longer than 30 days", ""),
        (
            "steps:\n  - expect: {phone: bob, contact: 2001, presence: awya}",
            "'awya' is no presence",
            "did you mean 'away'?",
        ),
        ("steps:\n  - expect: {phone: bob, contact: 2001, lamp: green}", "'green' is no lamp", "idle"),
        ("steps:\n  - expect: {phone: bob, contact: 2001}", "asks for nothing", "presence, lamp"),
        ("steps:\n  - expect: {contact: 2001, presence: away}", "which phone?", ""),
        ("steps:\n  - expect: {phone: bob, presence: away, count: 0}", "expects nothing", "never"),
        ("steps:\n  - expect: {phone: bob, presence: away, count: 0..2}", "could not fail", "optional"),
        ("steps:\n  - expect: {phone: bob, presence: away, count: 3..2}", "holds no number", ""),
        ("steps:\n  - expect: {phone: bob, presence: away, count: '>1'}", "is no count", "2.. for two or more"),
        ("steps:\n  - expect: {phone: bob, answer: ok}", "is no SIP status", "4xx"),
        (
            "steps:\n  - expect: {phone: bob, answer: 200, presence: away}",
            "does not go with 'answer'",
            "a step of its own",
        ),
        ("steps:\n  - expect: {phone: bob, answer: 200, count: 2}", "cannot be counted", ""),
        ("steps:\n  - expect: {phone: bob, subscription: active}", "needs 'contact'", ""),
        ("steps:\n  - expect: {phone: bob, message: /(/}", "no regular expression", ""),
        ("steps:\n  - expect: {phone: bob, message: /.*/}", "matches everything", ""),
        (
            "steps:\n  - expect: {phone: bob, notify: {xpath: {'//foo:note': x}}}",
            "the prefix 'foo' is not known",
            "pidf",
        ),
        ("steps:\n  - expect: {phone: bob, notify: {xpath: {'//pidf:note[': x}}}", "not understood", ""),
        ("steps:\n  - expect: {trace: {hop: sipp}}", "'sipp' is no hop", "did you mean 'sip'?"),
        ("steps:\n  - never: {phone: bob, presence: away}", "never needs 'for'", ""),
        ("steps:\n  - state: {phone: bob, changes: true}", "asks what stands", "expect"),
        ("steps:\n  - restart: servr", "neither the server nor a phone", "did you mean 'server'?"),
        ("steps:\n  - set_presence: {value: away}", "either 'provider' or 'line'", ""),
        ("steps:\n  - set_presence: {line: 2000, state: away, value: away}", "either 'value' or 'state'", ""),
        ("steps:\n  - set_device: {device: Custom:x, state: BUSSY}", "is no device state", "did you mean 'BUSY'?"),
        ("steps:\n  - pause", "a step is a verb with a colon", "write `pause: ...`"),
        ("steps:\n  - pause: 1 s\n    status: {phone: bob, set: away}", "a step has one verb", "dash"),
        ("steps: []", "there are no steps", "could not fail"),
        ("steps: pause", "steps are a list", ""),
        ("steps:\n  - all_of: [{optional: {phone: bob, presence: away}}]", "could not fail", ""),
        ("steps:\n  - all_of: [{expect: {phone: bob, presence: away}}]", "not a step", "the bare mapping: `- {phone:"),
        (
            "steps:\n  - all_of: [{phone: bob, presence: away}]\n    within: 1 s",
            "'within' belongs into the mapping of its step",
            "all_of: {within: 2 s, expect: [...]}",
        ),
        (
            "steps:\n  - in_order: [{phone: bob, presence: away, within: 1 s}]",
            "no 'within' of its own",
            "in_order: {within: 2 s, expect: [...]}",
        ),
        ("steps:\n  - all_of: [{phone: bob, presence: away, count: 2}]", "is met once", "a step `expect` of its own"),
        ("steps:\n  - in_order: [{phone: bob, answer: 200}]", "no place in an order", ""),
        ("steps:\n  - optional: {phone: bob, answer: 200}", "cannot be optional", ""),
        (STEP + "real: no", "say why", "real: {no:"),
        (STEP + "skip: ''", "the reason is empty", ""),
        (STEP + "only: [bob, alice]", "no type=phone section is named 'alice'", "bob"),
        (STEP + "phones: {bob: {modle: D65}}", "has no key 'modle'", "did you mean 'model'?"),
        (STEP + "phones: {bob: {model: D66}}", "'D66' is no model", "did you mean"),
        (STEP + "vars: {x: 1}", "the variable 'x' is not used", "${x}"),
        ("steps:\n  - pause: ${x}", "there is no variable 'x'", "vars:"),
        (
            "vars: {long: 1 s}\nsteps:\n  - pause: ${log}\n  - pause: ${long}",
            "no variable 'log'",
            "did you mean 'long'?",
        ),
        (STEP + "matrix: {x: []}", "this list is empty", ""),
        ("matrix: {x: []}\nsteps:\n  - status: {phone: bob, set: '${x}'}", "this list is empty", ""),
        (
            "matrix: {x: [a], exclude: [{x: a}]}\nsteps:\n  - status: {phone: bob, set: '${x}'}",
            "every combination is excluded",
            "",
        ),
        ("steps:\n  - status: {phone:bob, set: away}", "a blank is missing after the colon", "`phone: bob`"),
        ("steps:\n  - status:{phone: bob, set: away}", "mapping values are not allowed", "a blank after its colon"),
        ("steps:\n  - expect: {phone: bob, message: /[ab]+/}", "this is not YAML", "with a bracket in it needs quotes"),
        ("steps:\n  - expect: {phone: bob, message: /a {2}/}", "this is not YAML", "with a brace in it needs quotes"),
        ("steps:\n  - expect: {phone: bob, message: /a, b/}", "has no key 'b/'", "with a comma in it needs quotes"),
        (STEP + "matrix: {x: [a, b]}", "the variable 'x' is not used", ""),
        ("steps:\n  - foreach: {var: x, in: [a], steps: [{pause: 1 s}]}", "'x' of foreach is not used", ""),
        ("steps:\n  - flow: lunch", "there is no flow 'lunch'", "flows:"),
        (STEP + "flows: {lunch: {steps: [{pause: 1 s}]}}", "the flow 'lunch' is not used", "flow: lunch"),
        ("flows: {a: {steps: [{flow: a}]}}\nsteps: [{flow: a}]", "calls itself", ""),
        ("flows: {a: {args: [b], steps: [{pause: 1 s}]}}\nsteps: [{flow: a}]", "needs 'b'", ""),
        (
            "flows: {a: {args: [b], steps: [{pause: 1 s}]}}\nsteps: [{flow: {name: a, b: 1}}]",
            "does not use its argument",
            "",
        ),
        (STEP + "include: more.yaml", "cannot be included: there is no such file", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_what_to_do(errors, text, said, advice):
    """One slip each; the file has nothing else wrong."""
    told = errors(text)
    assert len(told) == 1, told
    assert said in told[0]
    assert advice in told[0]
    assert "^" in told[0]


def test_a_phone_that_is_left_out_cannot_act(errors):
    """`only:` takes the others away."""
    told = errors("only: reception\nsteps:\n  - status: {phone: bob, set: away}")
    assert "phone 'bob' is left out by `only:`" in told[0]


def test_errors_elsewhere_do_not_hide_those_of_the_steps(errors):
    """A wrong key at the top and a wrong step come together."""
    assert len(errors("taggs: [a]\nsteps:\n  - pause: 5\n")) == 2


def test_a_matrix_does_not_repeat_its_errors(errors):
    """What is wrong in every row is said once."""
    assert len(errors("matrix: {x: [a, b, c]}\nsteps:\n  - status: {phone: bobb, set: '${x}'}\n")) == 1


def test_the_caret_stands_under_wide_characters(errors):
    """Columns are those of a terminal."""
    told = errors("steps:\n  - {status: {phone: bob, set: 昼休み, sett: x}}")[0]
    line, caret = told.splitlines()[1:3]
    assert caret.index("^") == len(line[: line.index("sett")]) + 3


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"# nothing\n", "the file is empty"),
        (b"scenario: caf\xe9\n", "a.scenario.yaml:1:14: the byte 0xe9 is not UTF-8"),
        (b"- a\n- b\n", "a scenario is a mapping"),
        (b"x" * 300_000, "larger than"),
    ],
)
def test_files_that_are_no_scenario(tmp_path, data, said):
    """Empty, not UTF-8, not a mapping, too large: one error each."""
    path = tmp_path / "a.scenario.yaml"
    path.write_bytes(data)
    with pytest.raises(ScenarioErrors, match=said):
        load(path, fake_phones, "a.scenario.yaml")


def test_a_byte_order_mark_is_passed_over(folder):
    """Some editors write one."""
    path = folder / "a.scenario.yaml"
    path.write_bytes(b"\xef\xbb\xbfscenario: A\r\nconfig: office\r\nsteps:\r\n  - pause: 1 s\r\n")
    assert load(path, fake_phones)[0].name == "A"


def test_a_file_that_is_not_there(tmp_path):
    """The path is named."""
    with pytest.raises(ScenarioErrors, match="no such file"):
        load(tmp_path / "none.scenario.yaml", fake_phones)


def test_a_missing_configuration_folder_is_told_where_it_is_named(errors):
    """The error stands at the scenario's `config:`."""
    told = errors("scenario: A\nconfig: ofice\nsteps:\n  - status: {phone: whoever, set: away}\n")
    assert len(told) == 1
    assert told[0].startswith("story.scenario.yaml:2:9: the configuration folder")
    assert "is not there" in told[0]


def test_a_configuration_that_cannot_be_read_is_told_with_its_own_place(folder):
    """An error of the configuration names its file and line too."""
    (folder / "office" / "res_digium_phone.conf").write_text("[a]\ntype=phone\n#include res_digium_phone.conf\n")
    path = folder / "a.scenario.yaml"
    path.write_text("scenario: A\nconfig: office\nsteps:\n  - pause: 1 s\n")
    with pytest.raises(ScenarioErrors) as raised:
        load(path)
    told = str(raised.value)
    assert "a.scenario.yaml:2:9: the configuration cannot be read: " in told
    assert "res_digium_phone.conf:3: the include never ends" in told


def test_errors_of_an_included_file_name_that_file(folder, errors):
    """Place and line are those of the file in which the step stands."""
    (folder / "more.yaml").write_text("flows:\n  nap:\n    steps:\n      - pause: 5\n")
    told = errors("include: more.yaml\nsteps:\n  - flow: nap\n")
    assert told[0].startswith("more.yaml:4:16: 5 of what?")
