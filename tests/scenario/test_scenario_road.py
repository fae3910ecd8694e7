"""Each hop is taken out in turn, and the report names that hop.

    press -> message -> dpma -> core -> hint -> notify -> screen
"""

import pytest

STORY = """
tags: [without-{}]
steps:
  - status: {{phone: bob, set: away, substatus: Lunch}}
  - expect: {{phone: reception, contact: 2000, presence: away, within: 1 s}}
"""


def road(result):
    assert result.verdict == "failed"
    return result.failures[0].road


@pytest.mark.parametrize(
    ("without", "end"),
    [
        ("message", "message: bob sent no MESSAGE after the press"),
        ("write", "dpma: it accepted the status and CustomPresence:2000=away,Lunch, was not written"),
        ("hint", "hint: the hint 2000@default (extensions.conf:12) has no presence part"),
        ("subscription", "notify: the subscription of reception to sip:2000@server was refused with 404 Not Found"),
        (
            "notify",
            "notify: the hint 2000@default (extensions.conf:12) changed, "
            "and the server sent reception no NOTIFY for it",
        ),
        (
            "tuple",
            "screen: reception made of the NOTIFY at 0.012 s: lamp 'idle'; "
            'the body says <digium_presence type="away" subtype="Lunch">',
        ),
    ],
)
def test_the_hop_that_is_taken_out_is_named(tell, without, end):
    """In one sentence, with file and line where there is one."""
    assert road(tell(STORY.format(without))) == end


def test_nothing_taken_out_passes(tell):
    """The same story, whole."""
    assert tell(STORY.format("nothing")).verdict == "passed"


def test_a_refused_status_ends_at_the_dpma(tell):
    """With the reason of the refusal."""
    text = STORY.format("nothing").replace("set: away", "set: gone")
    assert road(tell(text)) == "dpma: the status was refused: 'gone' is no status"


def test_the_same_again_ends_at_the_hint(tell):
    """Nobody is told twice."""
    result = tell("""
        steps:
          - status: {phone: bob, set: away}
          - expect: {phone: reception, contact: 2000, presence: away}
          - status: {phone: bob, set: away}
          - expect: {phone: reception, contact: 2000, presence: away, within: 1 s}
        """)
    said = "hint: the hint 2000@default (extensions.conf:12) shows this already (same presence)"
    assert road(result).startswith(said)


def test_a_provider_that_no_hint_names_ends_at_the_hint(tell):
    """And what the phone watches instead is said."""
    result = tell("""
        steps:
          - set_presence: {line: 7777, state: away}
          - expect: {phone: reception, contact: 2000, presence: away, within: 1 s}
        """)
    assert road(result) == "hint: no hint names CustomPresence:7777; reception watches 2000"


def test_a_contact_that_is_not_there_is_told(tell):
    """With those that are."""
    result = tell("steps:\n  - expect: {phone: reception, contact: 2999, presence: away, within: 1 s}\n")
    assert road(result) == "notify: reception has no contact '2999' (it has 2000)"


def test_a_match_without_a_contact_has_no_road(tell):
    """An event of the trace is asked for as it is."""
    assert road(tell("steps:\n  - expect: {trace: {hop: ami}, within: 1 s}\n")) == ""
