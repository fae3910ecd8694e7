"""Section 8 of the behaviour text: which test holds each of its 149 cases.

A line that is not indented is a story below `tests/golden/section8/cases`, and begins with the name of its case; what
Asterisk answered to it is beside it.  An indented line is a test of one part that holds the case without a network.
"""

from __future__ import annotations

import ast
import json
from functools import lru_cache
from pathlib import Path

import pytest
import yaml

from tests.golden.section8.test_section8 import NOT_YET

TESTS = Path(__file__).parent.parent
STORIES = TESTS / "golden" / "section8" / "cases"
RECORDED = TESTS / "golden" / "section8" / "asterisk-22.10.1"
COUNTS = {"P": 25, "Q": 6, "H": 28, "S": 35, "A": 25, "C": 11, "D": 19}
"""How many cases each part of section 8 has."""
MAX_LEFT_OUT = 10
LEFT_OUT: dict[str, str] = {}
"""Cases that no test holds, and why."""
TABLE = """
# 8.1 values and storage
values.yaml::P01 nothing stored reads as not_set
    core/test_presence.py::test_nothing_stored_is_not_set
values.yaml::P02 nothing stored has no texts
values.yaml::P03 the text is kept as it was typed
values.yaml::P04 the tokens in any case
    core/test_values.py::test_tokens_are_read_in_any_case
values.yaml::P05 an unknown state is refused
    core/test_presence.py::test_a_refused_value_leaves_everything_as_it_was
values.yaml::P06 an empty state or a blank is refused
values.yaml::P07 options need an e or a fifth field
    core/test_values.py::test_an_e_anywhere_in_the_options_means_base64
values.yaml::P08 a comma in the message makes options without e
    core/test_values.py::test_a_comma_needs_base64
values.yaml::P09 options with an e anywhere decode
values.yaml::P10 base64 out and in
    core/test_presence.py::test_encoded_text_is_published_decoded
values.yaml::P11 reading encoded
values.yaml::P12 an event holds 255 bytes and a read all
    core/test_presence.py::test_an_event_holds_less_than_the_row
values.yaml::P13 not_set is told and stored
values.yaml::P14 not_set may have texts
values.yaml::P15 the same write is told again
    core/test_presence.py::test_an_identical_write_is_published_again
values.yaml::P16 deleting tells nobody
    core/test_presence.py::test_deleting_tells_nobody
values.yaml::P17 putting tells nobody
    core/test_presence.py::test_a_row_put_behind_the_back_is_read_but_not_known
values.yaml::P18 garbage behind the cache
values.yaml::P19 garbage without the cache
    core/test_presence.py::test_a_row_that_cannot_be_parsed_is_invalid
values.yaml::P20 other providers and no name cannot be written
    core/test_presence.py::test_only_custom_presence_with_a_name_can_be_written
values.yaml::P21 the label in lower case
    core/test_presence.py::test_one_row_may_have_several_spellings
values.yaml::P22 fields in upper case and unknown ones
values.yaml::P23 a field is required
values.yaml::P24 after a restart
    core/test_presence.py::test_what_is_stored_is_published_at_the_start
values.yaml::P25 escapes in one event and not in the other
# 8.2 providers and lists
providers.yaml::Q01 what is no provider
providers.yaml::Q02 a list of two
providers.yaml::Q03 the higher of every pair wins in both orders
    core/test_states.py::test_the_higher_state_wins_in_either_order
providers.yaml::Q04 of equal ones the first
    core/test_states.py::test_the_winner_is_the_first_of_the_highest
providers.yaml::Q05 unknown members of a list
    core/test_states.py::test_an_invalid_member_changes_nothing
providers.yaml::Q06 the label in upper case
# 8.3 hints
hints.yaml::H01 a device that was never set
hints.yaml::H02 a hint without a device
hints.yaml::H03 an extension that is not there
hints.yaml::H04 every device state
    core/test_states.py::test_device_states_become_extension_states
pairs.yaml::H05 the states of two devices become one
    core/test_states.py::test_all_pairs_of_devices
hints.yaml::H06 the same device state twice
    core/test_devices.py::test_an_identical_state_is_not_published_again
hints.yaml::H07 ringing and hold
hints.yaml::H08 another device of a ringing hint
    core/test_events.py::test_ringing_is_repeated_to_extended_watchers
hints.yaml::H09 another device of a hint in use
hints.yaml::H10 presence of a hint
hints.yaml::H11 case counts in the subtype
    core/test_events.py::test_presence_is_compared_byte_for_byte
hints.yaml::H12 a missing text differs from an empty one once
    core/test_events.py::test_a_missing_text_differs_from_an_empty_one_once
hints.yaml::H13 a list in the presence part
hints.yaml::H14 a blank before the provider
    core/test_hint_text.py::test_a_blank_before_a_provider_makes_it_another
hints.yaml::H15 presence among the devices
hints.yaml::H16 an unknown provider
hints.yaml::H17 variables of a hint
hints.yaml::H18 a pattern before anyone asks
hints.yaml::H19 asking makes the instance
    core/test_patterns.py::test_asking_creates_the_instance_of_a_pattern
hints.yaml::H20 found through an include
    dialplan/test_dialplan_loading.py::test_a_hint_is_text_and_name
hints.yaml::H21 an instance lives where its pattern does
    core/test_patterns.py::test_an_instance_lives_where_its_pattern_does
hints.yaml::H22 a changed hint at a reload
    core/test_reload.py::test_a_reload_notifies_nobody_and_keeps_what_was_shown
hints.yaml::H23 a removed hint at a reload
    core/test_reload.py::test_watchers_of_a_hint_that_is_gone_are_told_so
hints.yaml::H24 a reload tells every hint
hints.yaml::H25 the list of hints
hints.yaml::H26 not_set on a fresh hint
hints.yaml::H27 n after a hint
    dialplan/test_dialplan_loading.py::test_what_follows_a_hint_with_n_is_never_added
hints.yaml::H28 the label in lower case
# 8.4 SIP
sip.yaml::S01 the first NOTIFY
sip.yaml::S02 other phones see no Digium tuple
sip.yaml::S03 a Sangoma phone in any case
sip.yaml::S04 presence not set
sip.yaml::S05 the same presence twice
sip.yaml::S06 new subtype, then new message
sip.yaml::S07 not in use after unknown
sip.yaml::S08 pidf of every state
sip.yaml::S09 xpidf and cpim-pidf
sip.yaml::S10 dialog-info
sip.yaml::S11 no Accept
sip.yaml::S12 Accept with parameters, and with another type
sip.yaml::S13 Accept of another package
sip.yaml::S14 no Event and unknown ones
sip.yaml::S15 an unknown extension
sip.yaml::S16 Expires 0 at the beginning
sip.yaml::S17 the minimum of an endpoint
sip.yaml::S18 an endpoint that may not subscribe
sip.yaml::S19 an unknown endpoint
sip.yaml::S20 Expires is clamped
sip.yaml::S21 a refresh
sip.yaml::S22 the end of a subscription
sip.yaml::S23 a subscription runs out
sip.yaml::S24 how NOTIFYs are answered
sip.yaml::S25 a tel URI
sip.yaml::S26 Event with an id
sip.yaml::S27 markup and line breaks in a message
sip.yaml::S28 text is cut after it is escaped
    bodies/test_body_xml.py::test_text_is_cut_after_escaping_within_an_entity
sip.yaml::S29 a command publishes what was typed
sip.yaml::S30 two watchers
sip.yaml::S31 a device change carries the presence
sip.yaml::S32 a subscription outlives a restart
sip.yaml::S33 a dialog that never was
sip.yaml::S34 a resource list
sip.yaml::S35 a list without eventlist
# 8.5 the manager interface
manager.yaml::A01 the banner
manager.yaml::A02 before the login, and a wrong secret
manager.yaml::A03 a login with MD5
manager.yaml::A04 challenges
manager.yaml::A05 ActionID
manager.yaml::A06 names in lower case and bare line ends
manager.yaml::A07 an unknown action
manager.yaml::A08 no action
manager.yaml::A09 a line too long
manager.yaml::A10 a user without rights
manager.yaml::A11 a user who may look
manager.yaml::A12 event masks
manager.yaml::A13 the message of PresenceState
manager.yaml::A14 lists
manager.yaml::A15 Setvar
manager.yaml::A16 Getvar of what is not there
manager.yaml::A17 Command
manager.yaml::A18 an unknown command
manager.yaml::A19 no command and a forbidden one
manager.yaml::A20 the database
manager.yaml::A21 UserEvent carries the ActionID
manager.yaml::A22 the response comes before its event
manager.yaml::A23 Originate that cannot be
manager.yaml::A24 backslashes
manager.yaml::A25 Logoff
# 8.6 the command line
commands.yaml::C01 no presence states
commands.yaml::C02 one presence state
commands.yaml::C03 a state in any case
commands.yaml::C04 three fields
commands.yaml::C05 what cannot be changed
commands.yaml::C06 NOT_SET
commands.yaml::C07 device states
commands.yaml::C08 the layout of hints
commands.yaml::C09 some hints
commands.yaml::C10 a reload that cannot be
commands.yaml::C11 the database
# 8.7 the dialplan
dialplan.yaml::D01 a comparison in quotes
    dialplan/test_dialplan_recordings.py::test_calls_do_what_the_recorded_ones_did
dialplan.yaml::D02 a comparison with nothing
dialplan.yaml::D03 GotoIf
dialplan.yaml::D04 expressions
    dialplan/test_dialplan_expression.py::test_an_expression_has_the_value_that_asterisk_gives
dialplan.yaml::D05 parts of a variable
    dialplan/test_dialplan_substitution.py::test_offsets_cut_bytes
dialplan.yaml::D06 presence from a call
dialplan.yaml::D07 an unknown application
    dialplan/test_dialplan_executor.py::test_an_unknown_application_hangs_up_and_h_runs
dialplan.yaml::D08 the end of the lines
    dialplan/test_dialplan_executor.py::test_running_off_the_end_hangs_up
dialplan.yaml::D09 an extension that is not there
    dialplan/test_dialplan_executor.py::test_an_invalid_extension_goes_to_i_then_e_then_ends
dialplan.yaml::D10 a sound that is not there
    dialplan/test_dialplan_calls.py::test_playback_of_a_missing_file_goes_on
dialplan.yaml::D11 a phone that is not there
    dialplan/test_dialplan_calls.py::test_dial_without_anyone_to_reach
dialplan.yaml::D12 a mailbox that is not there
    pbx/test_voicemail.py::test_a_box_that_is_not_there_lets_the_dialplan_go_on
dialplan.yaml::D13 If and While
    dialplan/test_dialplan_flow.py::test_if_with_true_elseif_runs_both
dialplan.yaml::D14 n goes on counting
    dialplan/test_dialplan_loading.py::test_n_counts_on_in_the_context_and_not_in_the_extension
dialplan.yaml::D15 the best pattern
    dialplan/test_dialplan_loading.py::test_the_most_specific_pattern_is_taken
dialplan.yaml::D16 the priorities of several patterns
    dialplan/test_dialplan_loading.py::test_a_better_match_without_the_priority_leaves_it_to_the_next
dialplan.yaml::D17 comments, templates, included files
dialplan.yaml::D18 UserEvent
    dialplan/test_dialplan_applications.py::test_a_user_event_carries_pairs
dialplan.yaml::D19 relative and full jumps
    dialplan/test_dialplan_flow.py::test_goto_jumps_relatively_to_labels_and_across_contexts
"""


def read_table() -> dict[str, list[str]]:
    """The tests of each case, as file::name."""
    held: dict[str, list[str]] = {}
    case = ""
    for line in TABLE.splitlines():
        if line.startswith(" "):
            held[case].append(line.strip())
        elif "::" in line:
            case = line.partition("::")[2].split()[0]
            held.setdefault(case, []).append(line)
    return held


HELD = read_table()


@lru_cache
def names_in(file: str) -> frozenset[str]:
    """The tests of a module, or the stories of a file that are recorded."""
    if file.endswith(".yaml"):
        recorded = set(json.loads((RECORDED / file).with_suffix(".json").read_text()))
        return frozenset(case["name"] for case in yaml.safe_load((STORIES / file).read_text())) & recorded
    tree = ast.parse((TESTS / file).read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_case_has_its_line() -> None:
    """The table names all 149 cases, and nothing else."""
    cases = {f"{part}{number:02}" for part, count in COUNTS.items() for number in range(1, count + 1)}
    assert len(cases) == 149
    assert HELD.keys() | LEFT_OUT.keys() == cases


@pytest.mark.parametrize("test", [test for tests in HELD.values() for test in tests])
def test_a_named_test_exists(test: str) -> None:
    """What the table names is there."""
    file, _, name = test.partition("::")
    assert name in names_in(file)


def test_few_cases_are_left_out() -> None:
    """A case whose only story is not met yet counts as left out; every reason is told."""
    unheld = {case: NOT_YET[case] for case, tests in HELD.items() if case in NOT_YET and len(tests) == 1}
    left_out = {**unheld, **LEFT_OUT}
    assert len(left_out) <= MAX_LEFT_OUT, left_out
    assert all(left_out.values())


def test_no_story_is_outside_of_the_table() -> None:
    """Every story below section8 is named."""
    stories = {f"{path.name}::{name}" for path in STORIES.glob("*.yaml") for name in names_in(path.name)}
    assert stories <= {test for tests in HELD.values() for test in tests}
