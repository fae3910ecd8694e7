"""Old dialplans name `SIP/x`: unknown to an Asterisk 22, told once, and counted as `PJSIP/x` by choice."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli import main
from harness.config.extensions import read_extensions
from harness.config.files import FolderFiles
from harness.core.states import DeviceState
from harness.dialplan.plan import Dialplan
from harness.net.world import World
from harness.targets.assembly import Assembly
from harness.targets.sip_names import OPTION, offer
from tests.shipped.telling import FILES, copy_of, folder_of

STORY = "31-an-old-dialplan"


def plan(folder: Path, text: str) -> Dialplan:
    """A dialplan of this text."""
    (folder / "extensions.conf").write_text(text)
    return Dialplan(read_extensions(folder, FolderFiles(folder)))


def test_a_hint_on_sip_is_told_with_its_place_and_the_option(tmp_path: Path) -> None:
    """The first, and how many more there are."""
    text = "[a]\nexten => 1,hint,PJSIP/1&sip/2,CustomPresence:1\nexten => _2X,hint,SIP/${EXTEN}\n"
    note = offer(plan(tmp_path, text))
    assert note is not None
    assert str(note).startswith("extensions.conf:2: the hint 1@a names PJSIP/1&sip/2,CustomPresence:1, and 1 more")
    assert OPTION in note.text


@pytest.mark.parametrize("hint", ["PJSIP/1", "Custom:SIP/1", ",CustomPresence:SIP/1", "SIPP/1"])
def test_other_hints_are_not(tmp_path: Path, hint: str) -> None:
    """Nor is a presence that happens to be called so."""
    assert offer(plan(tmp_path, f"[a]\nexten => 1,hint,{hint}\n")) is None


def assembled(sip_as_pjsip: bool) -> Assembly:
    """A server on the old dialplan, started."""
    from harness.config.folder import read_folder
    from harness.pbx.astdb import VolatileDB
    from harness.pbx.server import Listen

    world = World.simulated(1)
    configuration = read_folder(folder_of(FILES[STORY]))
    made = Assembly(configuration, world, VolatileDB(), sip_as_pjsip=sip_as_pjsip)
    made.server.start(Listen("10.0.0.1", 5060))
    return made


def test_without_the_option_the_device_is_unknown() -> None:
    """As in Asterisk 22: nobody answers for it."""
    made = assembled(False)
    assert made.server.core.devices.query("SIP/2000") is DeviceState.INVALID
    assert [note.kind for note in made.notes] == ["sip"]


def test_with_the_option_it_is_what_the_pjsip_device_is() -> None:
    """Asked for, and told when it changes."""
    made = assembled(True)
    devices = made.server.core.devices
    assert devices.query("SIP/2000") is DeviceState.UNAVAILABLE
    told: list[tuple[str, DeviceState]] = []
    devices.subscribe(lambda device, state: told.append((device, state)))
    devices.set("PJSIP/2000", DeviceState.RINGING)
    assert told == [("PJSIP/2000", DeviceState.RINGING), ("SIP/2000", DeviceState.RINGING)]
    assert made.notes == []


def test_run_takes_the_option_for_all_scenarios(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A scenario that does not say so itself fails without it, with the note among the warnings."""
    copy = copy_of(FILES[STORY], tmp_path)
    copy.write_text(copy.read_text().replace("sip_as_pjsip: true\n", ""))
    report = ["--report", str(tmp_path / "report")]
    assert main(["run", str(copy), *report]) == 1
    assert "lights nothing" in capsys.readouterr().out
    assert main(["run", str(copy), OPTION, *report]) == 0
    assert "lights nothing" not in capsys.readouterr().out


def test_explain_offers_it_and_takes_it(capsys: pytest.CaptureFixture[str]) -> None:
    """The note comes first."""
    question = ["explain", str(folder_of(FILES[STORY])), "--from", "bob", "--to", "reception"]
    main(question)
    assert capsys.readouterr().out.startswith("note: extensions.conf:3: the hint 1000@default names SIP/1000")
    main([*question, OPTION])
    said = capsys.readouterr().out
    assert "lights nothing" not in said
    assert "lamp 'idle'" in said
