"""The page of a run: everything is in it, nothing from elsewhere, and no text becomes markup."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import InputError, Location
from harness.report import html
from harness.scenario.problems import ScenarioErrors
from harness.scenario.result import VERDICTS, Failure, Result, RunResult, StepResult
from harness.scenario.run import RunOptions, run_files
from harness.targets.factory import make_embedded
from tests.report.stories import HOSTILE
from tests.scenario.fakes import fake_phones, make_target
from tests.shipped.telling import FILES, copy_of

EMPTY = frozenset(("meta", "input", "link", "br"))
TAGS = frozenset((
    "html", "head", "meta", "title", "style", "body", "header", "div", "h1", "h2", "h3", "span", "dl", "dt", "dd",
    "main", "section", "p", "b", "ul", "li", "a", "pre", "code", "form", "label", "input", "fieldset", "legend",
    "select", "option", "output", "button", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "figure",
    "figcaption", "strong", "time", "script", "svg", "g", "use", "path", "rect", "circle", "text",
    "mark",
))  # fmt: skip
"""All elements that a page is made of."""


class Page(HTMLParser):
    """A page taken apart: elements with attributes, and their text by class and tag."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = text
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[tuple[str, set[str], list[str]]] = []
        self.texts: list[tuple[str, set[str], str]] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        self.elements.append((tag, named))
        if tag not in EMPTY:
            self._open.append((tag, set((named.get("class") or "").split()), []))

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        last, classes, parts = self._open.pop()
        assert last == tag, f"</{tag}> ends <{last}>"
        self.texts.append((tag, classes, " ".join("".join(parts).split())))
        if self._open:
            self._open[-1][2].extend((" ", *parts, " "))

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1][2].append(data)

    def of(self, name: str) -> list[str]:
        """The text of each element of a class or a tag."""
        return [text for tag, classes, text in self.texts if name == tag or name in classes]

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        """The attributes of each such element."""
        return [named for found, named in self.elements if found == tag and wanted.items() <= named.items()]


def page(run: RunResult) -> Page:
    """The page of a run."""
    file = io.StringIO()
    html.write(run, file)
    file.getvalue().encode("utf-8")
    return Page(file.getvalue())


STORY = """\
scenario: Lunch reaches the receptionist
why: it should
config: office
tags: [{tags}]
steps:
  - status: {{phone: bob, set: away, substatus: Lunch}}
  - expect: {{phone: reception, contact: 2000, presence: {wanted}, within: 1 s}}
  - pause: 1 s
"""


@pytest.fixture
def told(tmp_path: Path) -> RunResult:
    """One that passes and one that fails, on the small target."""
    (tmp_path / "office").mkdir()
    (tmp_path / "a.scenario.yaml").write_text(STORY.format(tags="one, both", wanted="away"))
    (tmp_path / "b.scenario.yaml").write_text(STORY.format(tags="both", wanted="dnd").replace("Lunch r", "Dinner r"))
    options = RunOptions(make_target, phones_of=fake_phones, report_dir=tmp_path / "report", pcap=tmp_path / "all.pcap")
    return run_files([tmp_path], options)


def test_the_page_needs_nothing_from_elsewhere(told: RunResult) -> None:
    """No address but fragments and the run's own files; the policy allows the two inline texts and nothing else."""
    made = page(told)
    places = [value for _, named in made.elements for name, value in named.items()
              if name in ("href", "src", "action", "srcset", "data", "xlink:href")]  # fmt: skip
    assert places
    assert [place for place in places if not re.match(r"#|\./", place or "")] == []
    assert "@import" not in made.text
    assert "url(" not in made.text
    policy = made.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"] or ""
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert parts["default-src"] == "'none'"
    for name, tag in (("style-src", "style"), ("script-src", "script")):
        (inline,) = re.findall(rf"<{tag}>(.*?)</{tag}>", made.text, re.S)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert parts[name] == f"'sha256-{digest}'"
    assert not any(name.startswith("on") or name == "style" for _, named in made.elements for name in named)


def test_every_scenario_is_there_and_those_that_failed_are_open(told: RunResult) -> None:
    """With verdict and tags for the filters, and a link at the top to each that failed."""
    made = page(told)
    passed, failed = made.all("details", **{"class": "scenario"})
    assert (passed["data-verdict"], failed["data-verdict"]) == ("passed", "failed")
    assert (passed["data-tags"], "open" in passed, "open" in failed) == ("one\nboth", False, True)
    assert "lunch reaches the receptionist" in (passed["data-text"] or "")
    assert made.of("bad-ones") == ["✗ Dinner reaches the receptionist it did not come within 1 s"]
    assert next(named["href"] for named in made.all("a") if re.match(r"#s\d", named["href"] or "")) == "#s2"
    assert made.of("total") == ["1 passed", "1 failed"]


def test_a_failure_is_told_and_its_line_marked(told: RunResult) -> None:
    """Expectation, what was seen, the road; the steps of the file with what became of them."""
    made = page(told)
    (failure,) = made.of("failure")
    for part in ("it did not come within 1 s", "expected reception sees 2000: presence 'dnd'", "road ended at"):
        assert part in failure
    rows = [text for text in made.of("tr") if "phone:" in text or "pause" in text]
    marks = [row.partition(" ")[0] for row in rows]
    assert marks == ["✓", "✓", "✓", "✓", "✗", "8"]
    broken = [text for text in made.of("act") if "✗" in text]
    assert len(broken) == 1
    assert "2. expect: {phone: reception" in broken[0]
    assert "s: it did not come within 1 s" in broken[0]


def test_messages_open_to_their_text_and_their_body_in_words(told: RunResult) -> None:
    """With the time to the microsecond, when it arrived, and what led to it."""
    made = page(told)
    opened = next(text for text in made.of("row") if "NOTIFY of 2000: away" in text)
    for part in ("server to reception: NOTIFY of 2000", "0.011000 s", "because of",
                 "arrived at 0.012000 s (1.000 ms later)",
                 'the person (Digium tuple): away "Lunch"', "Content-Type: application/pidf+xml",
                 '<digium_presence type="away" subtype="Lunch">'):  # fmt: skip
        assert part in opened
    links = [named["href"] for named in made.all("a") if re.match(r"#s\d+e", named["href"] or "")]
    there = {named.get("id") for _, named in made.elements}
    assert links
    assert [link for link in links if (link or "")[1:] not in there] == []


def test_each_scenario_says_how_to_have_it_again(told: RunResult) -> None:
    """Command, seed, configuration, trace and capture as files beside the page."""
    first = page(told).of("facts-of")[0]
    result = told.results[0]
    for part in (f"dpma-harness run {result.file}", "seed 1", "fake, virtual time", result.config, result.trace_file,
                 result.pcap_file):  # fmt: skip
        assert part in first


def test_screens_stand_before_and_after_each_step(tmp_path: Path) -> None:
    """What changed is marked; in a run of the real phones, with names, lamps and keys."""
    run = run_files([copy_of(FILES["01-the-page"], tmp_path)], RunOptions(make_embedded, report_dir=tmp_path / "r"))
    made = page(run)
    looks = made.of("look")
    assert any(look.startswith("desk") and "Bob (2000) idle" in look for look in looks)
    (after,) = [look for look in looks if look.startswith("desk before")]
    assert "before Me – line 2001 registered Bob (2000) idle" in after
    assert "after Me – line 2001 registered Bob (2000) Away / Lunch, idle" in after
    assert "Bob (2000) Away / Lunch, idle" in made.of("touched")
    assert run.results[0].checksum[:16] in made.of("facts-of")[0]
    assert re.fullmatch("[0-9a-f]{64}", run.results[0].checksum)


def test_passages_are_told_and_named_simulated(told: RunResult, tmp_path: Path) -> None:
    """For the whole run at the top and for each scenario; in real time they are measurements."""
    made = page(told)
    assert made.of("passages")[0].startswith("From the press to the screen Simulated latency: virtual time")
    assert "press presence 2 2.000 ms 2.000 ms 2.000 ms" in made.of("passages")[0]
    assert any("From the press to the screen, simulated" in text for text in made.of("told"))
    told.real = True
    assert "Measured in real time" in page(told).of("passages")[0]


def everything(text: str) -> RunResult:
    """A run in which every text is the same one."""
    failure = Failure("step", text, f"{text}:1:1", text, (text,), 1, text, text, (text,), text, text, text)
    results = [
        Result(f"a{text}", text, text, text, verdict, text, text, (text,), (StepResult(1, "x", text, f"{text}:1:1"),),
               [failure], [text], [text], target=text, config=text, checksum=text)
        for verdict in VERDICTS
    ]  # fmt: skip
    errors: list[InputError] = [InputError(text, Location(text, 1, 1)), ScenarioErrors([InputError(text)])]
    return RunResult(results, errors, target=text)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_becomes_markup(text: str, tmp_path: Path) -> None:
    """Names, reasons, warnings, and what is on the wire."""
    (tmp_path / "office").mkdir()
    said = text.encode("utf-8", "replace").decode().replace("\x00", "").replace("\x1b", "")
    quoted = '"' + said.replace("\\", "\\\\").replace('"', '\\"') + '"'
    story = STORY.format(tags="x", wanted="dnd").replace("substatus: Lunch", f"substatus: {quoted}")
    (tmp_path / "a.scenario.yaml").write_text(story, "utf-8")
    run = run_files([tmp_path], RunOptions(make_target, phones_of=fake_phones, report_dir=tmp_path / "report"))
    assert run.results, run.errors
    for made in (page(run), page(everything(text))):
        assert {tag for tag, _ in made.elements} <= TAGS
        assert len(made.all("script")) == 1
        assert not any(name.startswith("on") for _, named in made.elements for name in named)
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", made.text)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=25)
@given(st.text(st.characters(), max_size=30))
def test_any_text_can_be_told(text: str) -> None:
    """The page is whole, whatever it tells."""
    assert {tag for tag, _ in page(everything(text)).elements} <= TAGS


def test_an_empty_run_and_a_trace_that_is_gone_are_told(told: RunResult) -> None:
    """Nothing breaks for what is not there."""
    assert "nothing was collected" in page(RunResult()).text
    Path(told.results[0].trace_file).write_text("nonsense\n")
    told.results[1].trace_file = ""
    made = page(told)
    assert any("this is not JSON" in text for text in made.of("hint"))
    assert "there is no trace" in made.of("hint")
    assert made.of("row") == []


def test_a_file_that_cannot_be_read_counts_once(tmp_path: Path) -> None:
    """With all that is wrong in it; what carets point at is marked, so that a line may be broken."""
    (tmp_path / "a.scenario.yaml").write_text(
        "scenario: 昼 and <b>\nwhy: x\nconfig: nowhere\nsteps:\n  - pause: 1 s\n  - 昼昼: 昼\n  - paus: 2 s\n", "utf-8"
    )
    run = run_files([tmp_path], RunOptions(make_target, phones_of=fake_phones))
    made = page(run)
    assert made.of("total") == ["1 unreadable"]
    assert len(made.of("unreadable")) == 3
    assert made.of("mark") == ["nowhere", "昼昼", "paus"]
    assert "^" not in " ".join(made.of("unreadable"))
    assert any("did you mean 'pause'?" in text for text in made.of("unreadable"))


def test_a_page_does_not_grow_without_end(told: RunResult, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ladders of those that passed are left out first, rows of a long ladder at its end."""
    whole = len(page(told).of("row"))
    monkeypatch.setattr(html, "MAX_ROWS", 10)
    made = page(told)
    assert len(made.of("row")) == 20 < whole
    assert any("the trace has them" in text for text in made.of("hint"))
    monkeypatch.setattr(html, "MAX_WHOLE", -1)
    made = page(told)
    before = next(text for text in made.of("quiet") if "events" in text)
    assert "10 events more: the trace has them." in before
    assert 10 < len(made.of("row")) < 20
    monkeypatch.setattr(html, "MAX_PASSED", -1)
    made = page(told)
    assert len(made.of("row")) == 10
    assert any("the ladder is left out" in text for text in made.of("hint"))
    monkeypatch.setattr(html, "MAX_PAGE", -1)
    assert page(told).of("row") == []


def test_controls_have_names_and_headings_an_order(told: RunResult) -> None:
    """What a screen reader says."""
    made = page(told)
    assert made.all("html")[0]["lang"] == "en"
    assert made.of("title")[0].startswith("1 failed of 2")
    labelled = sum(1 for tag, _ in made.elements if tag == "label")
    assert labelled == len(made.all("input")) + len(made.all("select"))
    assert all(named.get("aria-hidden") == "true" or named.get("aria-label") for named in made.all("svg"))
    levels = [int(tag[1]) for tag, _ in made.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
