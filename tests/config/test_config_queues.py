"""queues.conf: queues, options and members."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config.queues import EMPTY, LOOSE, STRICT, QueuesConfig, read_queues, split_member
from harness.errors import InputError


@pytest.fixture
def queues(write, tmp_path: Path):
    def read(text: str) -> QueuesConfig:
        write("queues.conf", text)
        return read_queues(tmp_path)

    return read


def test_defaults_are_those_of_asterisk(queues) -> None:
    """Everybody rings for 15 seconds, after 5 seconds again, whether in use or not."""
    queue = queues("[office]\n").queues["office"]
    assert (queue.strategy, queue.timeout, queue.retry, queue.ringinuse) == ("ringall", 15, 5, True)
    assert (queue.maxlen, queue.weight, queue.wrapuptime, queue.autofill) == (0, 0, 0, False)
    assert queue.joinempty == queue.leavewhenempty == frozenset()


def test_members_have_up_to_seven_arguments(queues) -> None:
    """Interface, penalty, name, state interface, ringinuse, wrap-up time, paused."""
    config = queues(
        """\
        [office]
        member => PJSIP/2000
        member => PJSIP/2001, 3 , Bob ,PJSIP/bob,no, 7 ,yes
        member => Local/1@x,-4,"Doe, Jane",hint:1@x,maybe
        """
    )
    plain, full, odd = config.queues["office"].members
    assert (plain.name, plain.state_interface, plain.penalty, plain.ringinuse) == ("PJSIP/2000", "PJSIP/2000", 0, None)
    assert (full.penalty, full.name, full.state_interface) == (3, "Bob", "PJSIP/bob")
    assert (full.ringinuse, full.wrapuptime, full.paused) == (False, 7, True)
    assert (odd.penalty, odd.name, odd.state_interface, odd.ringinuse) == (0, "Doe, Jane", "hint:1@x", None)
    assert [str(note) for note in config.notes] == [
        "queues.conf:4: ringinuse 'maybe' of a member is neither yes nor no"
    ]


def test_who_counts_as_a_member(queues) -> None:
    """`yes` and `no` mean the opposite for joining and for leaving; words that stand for several replace the rest."""
    config = queues(
        """\
        [a]
        joinempty = no
        leavewhenempty = yes
        [b]
        joinempty = yes
        leavewhenempty = paused,inuse
        [c]
        joinempty = paused,strict
        leavewhenempty = loose,wrapup
        """
    ).queues
    assert (config["a"].joinempty, config["a"].leavewhenempty) == (EMPTY, EMPTY)
    assert (config["b"].joinempty, config["b"].leavewhenempty) == (frozenset(), {"paused", "inuse"})
    assert (config["c"].joinempty, config["c"].leavewhenempty) == (STRICT, LOOSE | {"wrapup"})


def test_the_first_strategy_counts(queues) -> None:
    """An old name is known by its new one; what is none is told and rings all."""
    config = queues("[a]\nstrategy=roundrobin\nstrategy=linear\n[b]\nstrategy=ringsome\n")
    assert [queue.strategy for queue in config.queues.values()] == ["rrmemory", "ringall"]
    assert str(config.notes[0]) == "queues.conf:5: no strategy is called 'ringsome', so it is ringall"


def test_a_queue_that_comes_twice_is_the_first(queues) -> None:
    """The second is told with the place of the first."""
    config = queues("[a]\nmaxlen=1\n[A]\nmaxlen=2\n")
    assert config.queue("a").maxlen == 1
    assert str(config.notes[0]) == "queues.conf:3: queue A is already defined at queues.conf:1, which counts"


def test_what_is_unknown_is_told_once(queues) -> None:
    """With its place, and with what it may have been meant for; options of what is heard are no news."""
    text = "[general]\nautofil=yes\n[a]\nringinus=no\nringinus=no\nannounce-frequency=3\nmember=>\nmember=>x\n"
    config = queues(text)
    assert [str(note) for note in config.notes] == [
        'queues.conf:2: unknown option autofil in [general]; did you mean "autofill"?',
        'queues.conf:4: unknown option ringinus of queue a; did you mean "ringinuse"?',
        'queues.conf:5: unknown option ringinus of queue a; did you mean "ringinuse"?',
        "queues.conf:7: an empty member of queue a",
        "queues.conf:8: the member 'x' of queue a has no technology",
    ]


def test_numbers_that_make_no_sense(queues) -> None:
    """A timeout below 0 and a retry that is not above 0 are the defaults."""
    queue = queues("[a]\ntimeout=-1\nretry=0\nmaxlen=-3\nwrapuptime=nine\n").queues["a"]
    assert (queue.timeout, queue.retry, queue.maxlen, queue.wrapuptime) == (15, 5, 0, 0)


def test_a_file_that_asterisk_refuses(queues) -> None:
    """Is refused with its place."""
    with pytest.raises(InputError, match=r"queues\.conf:1"):
        queues("[office\n")


@given(st.text("ab,\"' /", max_size=30))
def test_any_member_line_is_taken_apart(text: str) -> None:
    """Into at most seven arguments, of which none lost more than its quotes."""
    row = split_member(text)
    assert 1 <= len(row) <= 7
    assert ",".join(row) == text.replace('"', "")
