"""From a substatus to the subtype in the core: any text arrives as it was typed, up to 255 bytes of UTF-8."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.config.folder import Configuration
from harness.core import PresenceCore
from harness.core.states import PresenceState
from harness.core.store import MemoryStore
from harness.core.value import Presence, parse_value
from harness.dialplan.plan import Dialplan
from harness.dpma.value import MAX_SUBSTATUS_BYTES, presence_value
from tests.dpma.shim_desk import Shim, write_folder

PROVIDER = "CustomPresence:2000"
STATUSES = ("not_set", "unavailable", "available", "away", "xa", "chat", "dnd")

awkward = st.sampled_from([*",\"'\\\n\t =;&<%", "\r\n", "${X}", "\x7f", "\u2028"])
languages = st.sampled_from(["снова", "昼休み", "à la plage", "הפסקה", "☀", "👩‍👩‍👧", "e\u0301", "\u202e", "\ufeff"])
letters = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
texts = st.lists(awkward | languages | letters).map("".join)
fitting = texts.filter(lambda text: len(text.encode()) <= MAX_SUBSTATUS_BYTES)
"""Up to 255 bytes; NUL is refused before, and a lone surrogate is no text."""
too_long = texts.map(lambda text: text + "é" * 128)


def core() -> PresenceCore:
    """A core that has started with nothing stored."""
    made = PresenceCore(MemoryStore(), Dialplan())
    made.start()
    return made


def published_by(desk: PresenceCore, value: str) -> list[tuple[str, Presence]]:
    """What a write publishes."""
    told: list[tuple[str, Presence]] = []
    cancel = desk.presence.subscribe(lambda provider, presence: told.append((provider, presence)))
    assert desk.presence.write(PROVIDER, value)
    cancel()
    return told


@settings(deadline=None)
@given(st.sampled_from(STATUSES), fitting)
def test_any_text_arrives_in_the_core_as_the_subtype(status: str, text: str) -> None:
    """Commas, quotes, line breaks and any language: published, and read back later, exactly."""
    desk = core()
    said = Presence(PresenceState[status.upper()], text, "")
    assert published_by(desk, presence_value(status, text)) == [(PROVIDER, said)]
    assert desk.presence.read(PROVIDER) == said


@settings(deadline=None)
@given(st.sampled_from(STATUSES), fitting)
def test_a_value_fits_one_line_of_the_manager_interface(status: str, text: str) -> None:
    """What is written holds no line break, and no blank at its end that a line would lose."""
    value = presence_value(status, text)
    assert value.splitlines() == [value]
    assert value == value.strip()


@settings(deadline=None)
@given(fitting)
def test_what_reads_the_same_in_plain_stays_plain(text: str) -> None:
    """Option e is there only where it is needed, so that a person can read a database."""
    plain = parse_value(f"away,{text},")
    value = presence_value("away", text)
    needed = "," in text or text != text.strip() or not text.isprintable()
    assert value.endswith(",,e") == (needed and bool(text))
    if not needed:
        assert plain is not None
        assert plain.subtype == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", "away"),
        ("Lunch", "away,Lunch,"),
        ("Lunch, back", "away,THVuY2gsIGJhY2s=,,e"),
        ('say "hi"', 'away,say "hi",'),
        ("昼休み", "away,昼休み,"),
        (" Lunch", "away,IEx1bmNo,,e"),
        ("a\nb", "away,YQpi,,e"),
        ("e", "away,e,"),
    ],
)
def test_values_as_they_are_written(text: str, value: str) -> None:
    """Each kind once, byte for byte."""
    assert presence_value("away", text) == value


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    """The phones of the small configuration."""
    return write_folder(tmp_path_factory.mktemp("dpma"))


@settings(deadline=None)
@given(text=fitting)
def test_a_press_with_any_text_reaches_the_core(configuration: Configuration, text: str) -> None:
    """The same through the phone's MESSAGE: JSON, the shim's checks, the write."""
    shim, desk = Shim(configuration), core()
    assert shim.press("away", text).status == 200
    ((provider, value),) = shim.writes
    assert published_by(desk, value) == [(provider, Presence(PresenceState.AWAY, text, ""))]


@settings(deadline=None)
@given(text=too_long)
def test_more_than_255_bytes_are_refused_and_change_nothing(configuration: Configuration, text: str) -> None:
    """Rather a clear answer than a text that is cut on its way."""
    shim = Shim(configuration)
    assert shim.press("away", text)[:2] == (413, "Substatus Too Long")
    assert shim.writes == []


@pytest.mark.parametrize(("letter", "fits"), [("x", 255), ("é", 127), ("昼", 85), ("☀", 85), ("👍", 63)])
def test_the_limit_is_of_bytes(configuration: Configuration, letter: str, fits: int) -> None:
    """So many letters fit, and one more does not."""
    desk = core()
    shim = Shim(configuration)
    assert shim.press("away", letter * fits).status == 200
    assert published_by(desk, shim.writes[0][1])[0][1].subtype == letter * fits
    assert shim.press("away", letter * (fits + 1)).status == 413
    assert len(shim.writes) == 1
