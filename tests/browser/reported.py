"""A run with something of everything, for tests and pictures of its page."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from harness.report import html
from harness.scenario.result import RunResult
from harness.scenario.run import RunOptions, run_files
from harness.targets.factory import make_embedded, phones_of
from tests.shipped.telling import FILES, copy_of

HOSTILE = "<img src=x onerror=alert(1)>"

FAILING = """\
scenario: Reception sees who is at lunch and who is in a meeting
why: the receptionist tells callers when to try again
config: office
tags: [presence, meeting]
steps:
  - status: {phone: bob, set: away, substatus: Lunch}
  - expect: {phone: reception, contact: 2000, presence: away, subtype: Lunch, within: 500 ms}
  - status: {phone: carol, set: dnd, substatus: In a meeting}
  - expect: {phone: reception, contact: 2001, presence: dnd, subtype: In a meeting, within: 500 ms}
  - expect: {phone: reception, contact: 2001, lamp: idle, within: 500 ms}
"""
BROKEN_LINE = ("exten => 2001,hint,PJSIP/2001,CustomPresence:2001", "exten => 2001,hint,PJSIP/2001")
"""What is changed in the office: the hint of carol loses its presence part, so her status reaches nobody."""

WITH_TEXT = f"""\
scenario: A text is a text, {HOSTILE}
why: whatever people write into a substatus arrives as it was written
config: office
tags: [text]
steps:
  - set_presence: {{line: 2000, state: away, subtype: "{HOSTILE}", message: "</script><script>alert(2)</script>"}}
  - expect: {{phone: reception, contact: 2000, presence: away, subtype: "{HOSTILE}", within: 500 ms}}
"""
SKIPPED = "scenario: Not today\nwhy: it waits\nconfig: office\nskip: the part is not there\nsteps:\n  - pause: 1 s\n"
PASSING = ("01-the-page", "08-two-watchers", "19-lamp-and-presence")


def told(folder: Path) -> RunResult:
    """Shipped scenarios, one that fails, one with hostile text, one that is skipped; told in virtual time."""
    for name in PASSING:
        copy_of(FILES[name], folder / name)
    office = FILES["08-two-watchers"].parent / "office"
    mine = folder / "desk"
    shutil.copytree(office, mine / "office")
    for name, text in (("a-meeting", FAILING), ("any-text", WITH_TEXT), ("later", SKIPPED)):
        (mine / f"{name}.scenario.yaml").write_text(text, "utf-8")
    break_office(mine / "office")
    options = RunOptions(make_embedded, report_dir=folder / "report", phones_of=phones_of)
    return run_files([mine, *(folder / name for name in PASSING)], options)


def break_office(office: Path) -> None:
    """Take the presence part away that the failing scenario needs."""
    file = office / "extensions.conf"
    text = file.read_text("utf-8")
    assert BROKEN_LINE[0] in text
    file.write_text(text.replace(*BROKEN_LINE), "utf-8")


def written(folder: Path) -> Path:
    """The page of that run, which was told within the folder."""
    folder.mkdir(exist_ok=True)
    with contextlib.chdir(folder):
        run = told(Path())
        with Path("report", "report.html").open("w", encoding="utf-8") as file:
            html.write(run, file)
    return folder / "report" / "report.html"
