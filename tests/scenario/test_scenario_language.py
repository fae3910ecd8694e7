"""What the verbs mean, told on the small target.

    bob --MESSAGE--> server --NOTIFY--> reception
"""

import pytest

from harness.scenario.fields import Count
from harness.scenario.steps.set_presence import presence_text

PRESS = "steps:\n  - status: {phone: bob, set: away, substatus: Lunch}\n"


def only_failure(result):
    assert result.verdict == "failed", result
    assert len(result.failures) == 1
    return result.failures[0]


def test_an_expectation_is_met_by_an_event(tell):
    """The page's example."""
    wanted = "{phone: reception, contact: 2000, presence: away, subtype: Lunch, within: 500 ms}"
    result = tell(PRESS + f"  - expect: {wanted}\n")
    assert result.verdict == "passed"
    assert [step.verdict for step in result.steps] == ["passed", "passed"]
    assert result.steps[1].took_s == pytest.approx(0.002)


@pytest.mark.parametrize("contact", ["2000", "Bob"])
def test_a_contact_is_named_as_people_do(tell, contact):
    """By its id or subscription, or by its display name."""
    assert tell(PRESS + f"  - expect: {{phone: reception, contact: {contact}, presence: away}}\n").verdict == "passed"


def test_a_failure_tells_wanted_and_seen_and_where(tell):
    """Everything that one needs to see why."""
    failure = only_failure(tell(PRESS + "  - expect: {phone: reception, contact: 2000, presence: dnd, within: 1 s}\n"))
    assert failure.where.endswith("story.scenario.yaml:5:5")
    assert failure.lines == ("  - expect: {phone: reception, contact: 2000, presence: dnd, within: 1 s}",)
    assert failure.first_line == 5
    assert failure.message == "it did not come within 1 s"
    assert failure.wanted == "reception sees 2000: presence 'dnd'"
    assert failure.seen == "reception shows 2000: presence 'away', subtype 'Lunch', lamp 'idle'"
    assert failure.hints == ("the nearest came at 0.012 s: presence is 'away', not 'dnd'",)


def test_steps_after_a_failure_are_not_reached(tell):
    """The story ends where it fails; teardown and invariants come all the same."""
    result = tell(PRESS + "  - state: {phone: reception, contact: 2000, presence: dnd}\n  - pause: 1 s\n")
    assert [step.verdict for step in result.steps] == ["passed", "failed", ""]


def test_expect_needs_an_event_after_the_last_acting_step(tell):
    """What was seen before does not count, and that is said."""
    failure = only_failure(tell("""
        steps:
          - status: {phone: bob, set: away}
          - expect: {phone: reception, contact: 2000, presence: away}
          - set_presence: {line: 2001, state: dnd}
          - expect: {phone: reception, contact: 2000, presence: away, within: 1 s}
        """))
    assert failure.hints[0] == "it was seen too early: at 0.012 s, before set_presence in line 6"


def test_a_notify_that_changes_nothing_is_an_event(tell):
    """After a restart of the server the same is shown, because it was told again."""
    assert tell(PRESS + """
  - expect: {phone: reception, contact: 2000, presence: away}
  - restart: server
  - expect: {phone: reception, contact: 2000, presence: away, changes: false, within: 1 s}
""").verdict == "passed"


def test_state_asks_what_stands(tell):
    """No event is needed, and several contacts can be asked at once."""
    assert tell(PRESS + """
  - expect: {phone: reception, contact: 2000, presence: away}
  - set_presence: {line: 2001, state: dnd}
  - state: {phone: reception, contact: 2000, presence: away, lamp: idle, message: ''}
  - state: {phone: reception, contacts: {2000: {presence: away}}}
""").verdict == "passed"
    assert "presence is 'available', not 'away'" in only_failure(tell(PRESS + """
  - state: {phone: reception, contact: 2000, presence: away}
""")).message


PRESENT = """steps:
  - status: {phone: bob, set: away}
  - expect: {phone: reception, contact: 2000, presence: away}
"""


@pytest.mark.parametrize("field", ["subtype", "message", "presence", "lamp"])
def test_nothing_is_written_in_one_way(tell, field):
    """Whatever is not shown is `nothing`, and a failure says it with that word."""
    press = PRESENT
    dark = press + "  - state: {phone: reception, contact: 2000, FIELD: nothing}\n".replace("FIELD", field)
    shown = field in ("presence", "lamp")
    assert tell(dark).verdict == ("failed" if shown else "passed")
    assert tell(dark.replace("nothing", "{not: nothing}")).verdict == ("passed" if shown else "failed")


def test_what_is_nothing_is_told_as_it_would_be_written(tell):
    """Of a contact and of the phone itself; the word itself is `{text: nothing}`."""
    press = PRESENT
    state = press + "  - state: {phone: reception, contact: 2000, subtype: %s}\n"
    assert only_failure(tell(state % "{not: nothing}")).message == (
        "it does not stand now: subtype is nothing, not something")
    assert "subtype is nothing, not 'nothing'" in only_failure(tell(state % "{text: nothing}")).message
    assert tell(press + "  - state: {phone: bob, own_status: {substatus: nothing}}\n").verdict == "passed"
    assert "substatus is nothing, not 'x'" in only_failure(
        tell(press + "  - state: {phone: bob, own_status: {substatus: x}}\n")).message


def test_state_may_be_given_time(tell):
    """With `within` it comes to stand."""
    wanted = "{phone: reception, contact: 2000, presence: away, within: 1 s}"
    assert tell(PRESS + f"  - state: {wanted}\n").verdict == "passed"


def test_never_watches_a_span(tell):
    """Nothing changes for 4 s of virtual time."""
    result = tell("steps:\n  - never: {phone: reception, contact: 2000, presence: away, for: 4 s}\n")
    assert result.verdict == "passed"
    assert result.story_s > 4
    assert not result.warnings


def test_never_fails_when_it_happens(tell):
    """Also when it happened between the last act and the step."""
    for pause in ("", "  - pause: 1 s\n"):
        result = tell(PRESS + pause + "  - never: {phone: reception, contact: 2000, changes: true, for: 4 s}\n")
        assert only_failure(result).message == "it happened, at 0.012 s"


def test_never_does_not_see_what_was_expected(tell):
    """The change that an expectation has met is not a further one."""
    assert tell(PRESS + """
  - expect: {phone: reception, contact: 2000, presence: away}
  - never: {phone: reception, contact: 2000, changes: true, for: 4 s}
""").verdict == "passed"


def test_never_without_a_candidate_could_not_fail(tell):
    """A contact that is not there, and a hop that never was: it is reported."""
    result = tell("""
        steps:
          - never: {phone: reception, contact: 2999, presence: away, for: 1 s}
          - never: {trace: {hop: ami}, for: 1 s}
        """)
    assert result.verdict == "passed"
    assert len(result.warnings) == 2
    assert "could not fail" in result.warnings[0]
    assert "has no contact '2999'" in result.warnings[0]


def test_a_refused_subscription_shows_why_there_is_none(tell):
    """So `never` had its reason, and nothing is reported."""
    result = tell("""
        tags: [without-subscription]
        steps:
          - status: {phone: bob, set: away}
          - expect: {phone: reception, contact: 2000, subscription: refused, status: 404}
          - never: {phone: reception, contact: 2000, changes: true, for: 1 s}
        """)
    assert result.verdict == "failed"  # nothing touched the subscription after the press
    result = tell("""
        tags: [without-subscription]
        steps:
          - status: {phone: bob, set: away}
          - state: {phone: reception, contact: 2000, subscription: refused, status: 4xx}
          - never: {phone: reception, contact: 2000, changes: true, for: 1 s}
        """)
    assert (result.verdict, result.warnings) == ("passed", [])


def test_strict_fails_what_could_not_fail_and_what_was_not_expected(tell):
    """Without `strict` both are only noted."""
    loose = tell(PRESS + "  - pause: 1 s\n")
    assert loose.verdict == "passed"
    assert loose.unexpected == ["at 0.012 s reception saw 2000: presence 'away', subtype 'Lunch', lamp 'idle'"]
    strict = tell("strict: true\n" + PRESS + "  - pause: 1 s\n")
    assert only_failure(strict).kind == "strict"
    allowed = "  - optional: {phone: reception, contact: 2000, presence: away}\n  - pause: 1 s\n"
    assert tell("strict: true\n" + PRESS + allowed).verdict == "passed"


@pytest.mark.parametrize(
    ("count", "verdict", "said"),
    [
        ("1", "passed", ""),
        ("1..3", "passed", ""),
        ("2", "failed", "once within 1 s, not 2"),
        ("2..", "failed", "not 2.."),
    ],
)
def test_a_count_watches_the_whole_span(tell, count, verdict, said):
    """The same status twice is one NOTIFY."""
    twice = PRESS + PRESS.removeprefix("steps:\n")
    wanted = f"{{phone: reception, contact: 2000, notify: {{}}, count: {count}, within: 1 s}}"
    result = tell(f"{twice}  - expect: {wanted}\n")
    assert result.verdict == verdict
    assert said in (result.failures[0].message if result.failures else "")


def test_more_than_the_count_fails_at_once(tell):
    """Two NOTIFYs are not one."""
    result = tell("""
        steps:
          - restart: server
          - pause: 1 s
          - expect: {phone: reception, notify: {}, count: 2, within: 3 s}
        """)
    assert "came once" in only_failure(result).message
    assert 1 in Count(1, 1)
    assert 5 in Count(2, None)
    assert 4 not in Count(1, 3)


def test_notify_headers_body_and_xpath(tell):
    """All conditions on the NOTIFY behind what the phone shows."""
    assert tell(PRESS + """
  - expect:
      phone: reception
      contact: 2000
      presence: away
      notify:
        headers: {Event: presence, Content-Type: /pidf/, CSeq: {not: /SUBSCRIBE/}}
        xpath:
          //pidf:note: Ready
          //pidf:digium_presence/@subtype: Lunch
          count(//pidf:tuple): 2
          count(//pidf:status): 1..3
        absent: [//dm:person]
        body: digium_presence
""").verdict == "passed"


@pytest.mark.parametrize(
    ("notify", "said"),
    [
        ("headers: {Event: dialog}", "Event is 'presence', not 'dialog'"),
        ("headers: {Subject: x}", "there is no Subject header"),
        ("xpath: {//pidf:note: Busy}", "//pidf:note is 'Ready', not 'Busy'"),
        ("xpath: {count(//pidf:tuple): 3}", "count(//pidf:tuple) is '2', not '3'"),
        ("xpath: {count(//pidf:tuple): 3..4}", "count(//pidf:tuple) is 2, not 3..4"),
        ("absent: [//pidf:note]", "//pidf:note is there: 'Ready'"),
        ("body: banana", "the body does not hold /banana/"),
    ],
)
def test_a_notify_that_differs_is_told(tell, notify, said):
    """The nearest one, with what it says otherwise."""
    result = tell(PRESS + f"  - expect: {{phone: reception, contact: 2000, notify: {{{notify}}}, within: 1 s}}\n")
    assert said in "; ".join(only_failure(result).hints)


def test_own_status_and_answer(tell):
    """What a phone shows of itself, and what its press was answered."""
    assert tell(PRESS + """
  - expect: {phone: bob, answer: 200}
  - state: {phone: bob, own_status: {status: away, substatus: Lunch}}
  - status: {phone: bob, set: gone}
  - expect: {phone: bob, answer: 4xx, within: 1 s}
  - state: {phone: bob, own_status: away}
""").verdict == "passed"
    failure = only_failure(tell(PRESS + "  - expect: {phone: bob, answer: 403, within: 1 s}\n"))
    assert failure.seen == "the answer 200 OK"


def test_trace_matches_any_event(tell):
    """Hop and fields, start lines and places."""
    assert tell(PRESS + """
  - expect: {trace: {hop: core, what: published, provider: 'CustomPresence:2000'}}
  - expect: {trace: {hop: sip, start: /^NOTIFY/, destination: reception}}
  - never: {trace: {hop: dpma, verdict: refused}, for: 1 s}
""").verdict == "passed"
    failure = only_failure(tell(PRESS + "  - expect: {trace: {hop: core, what: refused}, within: 1 s}\n"))
    assert failure.hints == ("the nearest came at 0.011 s: what is 'published', not 'refused'",)


def test_all_of_takes_any_order(tell):
    """An optional one may stay away."""
    assert tell(PRESS + """
  - all_of:
      within: 1 s
      expect:
        - {phone: reception, contact: 2000, presence: away}
        - {phone: bob, answer: 200}
        - optional: {phone: reception, contact: 2000, presence: dnd}
""").verdict == "passed"


def test_in_order_wants_one_after_the_other(tell):
    """What came too early is told as such."""
    road = "{trace: {hop: press}}, {trace: {hop: core}}, {phone: reception, contact: 2000, presence: away}"
    assert tell(PRESS + f"  - in_order: [{road}]\n").verdict == "passed"
    failure = only_failure(tell(PRESS + "  - in_order: [{trace: {hop: core}}, {trace: {hop: press}}]\n"))
    assert failure.message == "number 2 of the order came too early: at 0.010 s, before number 1"


@pytest.mark.parametrize(
    "step",
    [
        "register: bob",
        "unregister: bob",
        "restart: bob",
        "set_device: {device: 'Custom:x', state: INUSE}",
        "set_presence: {provider: 'CustomPresence:2000', value: nonsense, refused: true}",
    ],
)
def test_the_other_acts(tell, step):
    """Each can be done."""
    assert tell(f"steps:\n  - {step}\n").verdict == "passed"


def test_a_write_that_is_refused_fails_the_step(tell):
    """Where it was to be taken."""
    assert "was refused" in only_failure(tell("steps:\n  - set_presence: {line: 2000, value: nonsense}\n")).message


def test_what_a_phone_refuses_to_do_fails_the_step(tell):
    """It is no error of ours."""
    result = tell("steps:\n  - unregister: bob\n  - status: {phone: bob, set: away}\n")
    assert only_failure(result).message == "phone bob is switched off"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (("away",), "away,,"),
        (("away", "Lunch", "back at one"), "away,Lunch,back at one"),
        (("away", "a,b", ""), "away,YSxi,,e"),
        (("away", " a", "b\n"), "away,IGE=,Ygo=,e"),
    ],
)
def test_texts_that_plain_cannot_carry_are_encoded(given, text):
    """Option e where a comma, an outer blank or a line break would be lost."""
    assert presence_text(*given) == text


# the words around the steps


def test_requires_skips_what_the_target_lacks(tell):
    """With the reason."""
    result = tell("requires: [presence, calls]\nsteps:\n  - pause: 1 s\n")
    assert (result.verdict, result.reason) == ("skipped", "the target fake lacks calls")


def test_skip_and_xfail(tell):
    """Skipped is not told; an xfail that fails is no failure, one that passes is."""
    assert tell("skip: not today\nsteps:\n  - pause: 1 s\n").verdict == "skipped"
    failing = "  - state: {phone: reception, contact: 2000, presence: dnd}\n"
    assert tell("xfail: issue 7\nsteps:\n" + failing).verdict == "xfailed"
    passing = tell("xfail: issue 7\nsteps:\n  - pause: 1 s\n")
    assert only_failure(passing).message == "it passed, and was to fail: issue 7"


def test_what_takes_too_long_in_real_time_is_skipped_there(tell):
    """`real: {no: why}`."""
    text = "real: {no: it waits an hour}\nsteps:\n  - pause: 1 h\n"
    assert tell(text).verdict == "passed"
    result = tell(text, time="real")
    assert (result.verdict, result.reason) == ("skipped", "it waits an hour")


def test_real_time_is_told_on_a_reactor_of_its_own(tell):
    """Twice in one process, and time passes."""
    for _ in range(2):
        wanted = "{phone: reception, contact: 2000, presence: away, within: 2 s}"
        result = tell(PRESS + f"  - expect: {wanted}\n", time="real")
        assert (result.verdict, result.failures) == ("passed", [])
        assert result.wall_s >= 0.02


def test_an_exception_of_ours_is_an_error_of_that_scenario(tell):
    """With its traceback; so is one in the teardown."""
    result = tell("tags: [without-stop]\nsteps:\n  - pause: 1 s\n")
    assert result.verdict == "error"
    assert "RuntimeError: the fake server does not stop" in result.failures[0].details


def test_a_target_that_cannot_be_used_is_inconclusive(tell):
    """No step was told."""
    result = tell("tags: [without-start]\nsteps:\n  - pause: 1 s\n")
    assert (result.verdict, result.reason) == ("inconclusive", "the fake server does not start")


def test_what_is_left_over_fails(tell):
    """The invariants come after the teardown."""
    result = tell("tags: [without-leave]\nsteps:\n  - pause: 1 s\n")
    assert only_failure(result).message == "left over: subscription bob->2001"


# variables, matrices, flows


def test_variables_matrix_and_exclude(read):
    """One file, several stories, each with its values."""
    scenarios = read("""
        scenario: ${state} of ${line}
        config: office
        vars: {line: "2000"}
        matrix:
          state: [away, dnd]
          text: [a, b]
          exclude: [{state: dnd, text: b}]
        steps:
          - set_presence: {line: '${line}', state: '${state}', subtype: '${text}'}
          - set_presence: {line: '1', value: '$${kept}'}
        """)
    assert [scenario.title for scenario in scenarios] == [
        "away of 2000 [state=away, text=a]", "away of 2000 [state=away, text=b]", "dnd of 2000 [state=dnd, text=a]",
    ]  # fmt: skip
    assert scenarios[1].steps[0].action.value == "away,b,"
    assert scenarios[1].steps[0].text == "set_presence: {line: 2000, state: away, subtype: b}"
    assert scenarios[0].steps[1].action.value == "${kept}"


def test_foreach_and_flows(read, folder):
    """Steps that stand for several, from this file and from an included one."""
    (folder / "more.yaml").write_text("flows:\n  nap:\n    args: [long]\n    steps:\n      - pause: ${long}\n")
    [scenario] = read("""
        include: more.yaml
        flows:
          press:
            args: [what]
            steps:
              - status: {phone: bob, set: '${what}'}
              - flow: {name: nap, long: 2 s}
        steps:
          - foreach: {var: each, in: [away, dnd], steps: [{flow: {name: press, what: '${each}'}}]}
        """)
    assert [step.text for step in scenario.steps] == [
        "status: {phone: bob, set: away}", "pause: 2 s",
        "status: {phone: bob, set: dnd}", "pause: 2 s",
    ]  # fmt: skip
    assert scenario.steps[1].where.file == "more.yaml"


def test_phones_and_only_reach_the_target(read):
    """As the configuration names them."""
    options = "phones: {reception: {user_agent: Digium D65 2_9_19}}\n"
    [scenario] = read(f"only: [reception]\n{options}steps:\n  - pause: 1 s\n")
    assert scenario.only == ("reception",)
    assert scenario.phones == {"reception": {"user_agent": "Digium D65 2_9_19"}}
