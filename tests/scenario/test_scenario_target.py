"""What the embedded target makes of a configuration, and what it counts as left over."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.config.folder import read_folder
from harness.net.world import World
from harness.scenario.result import FAILED, PASSED
from harness.scenario.run import RunOptions, run_files
from harness.targets.embedded import EmbeddedTarget
from harness.targets.factory import factory_for

OFFICE = Path(__file__).parents[2] / "scenarios" / "presence" / "office"
HEAD = "scenario: It\nwhy: because\nconfig: office\n"


def told(folder: Path, steps: str, head: str = HEAD, change: dict[str, tuple[str, str]] | None = None) -> list[str]:
    """Tell a scenario in the shipped office; its verdict, then what was wrong."""
    shutil.copytree(OFFICE, folder / "office", dirs_exist_ok=True)
    for name, (old, new) in (change or {}).items():
        path = folder / "office" / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
    (folder / "it.scenario.yaml").write_text(f"{head}steps:\n{steps}")
    (result,) = run_files([folder], RunOptions(factory_for("embedded"))).results
    return [result.verdict, *(each.message for each in result.failures)]


@pytest.mark.parametrize("end", ["", "  - register: reception\n  - pause: 1 s\n"])
def test_what_an_unplugged_phone_leaves_is_no_fault(tmp_path: Path, end: str) -> None:
    """Whether it stays out or comes back later: that is the story's own doing."""
    steps = "  - unplug: reception\n  - set_presence: {line: 2001, state: dnd}\n  - pause: 10 s\n"
    assert told(tmp_path, steps + end) == [PASSED]


def test_a_channel_or_a_bridge_that_stays_is_left_over(tmp_path: Path) -> None:
    """It is named, as subscriptions and transactions are."""

    async def story(world: World) -> None:
        target = EmbeddedTarget(read_folder(OFFICE), world)
        await target.start()
        assert target.open_items() != []  # the subscriptions of the phones
        await target.stop()
        assert target.open_items() == []
        exchange = target.assembly.server.exchange
        exchange.live["PJSIP/2000-1"] = None  # type: ignore[assignment]
        assert target.open_items() == ["channel PJSIP/2000-1"]

    World.simulated(1).run(story)


def test_all_lines_of_a_phone_may_get_its_status(tmp_path: Path) -> None:
    """What the DPMA does is not documented: the scenario says which."""
    steps = (
        "  - status: {phone: bob, set: away}\n"
        "  - expect: {phone: reception, contact: 2001, presence: away, within: 1 s}\n"
    )
    second = {"res_digium_phone.conf": ("line=2000\n", "line=2000\nline=2001\n")}
    assert told(tmp_path, steps, f"{HEAD}dpma: {{lines: all}}\n", second) == [PASSED]
    assert told(tmp_path, steps, HEAD)[0] == FAILED


@pytest.mark.parametrize(("where", "transport"), [("", "UDP"), ("tcp", "TCP"), ("tls", "TCP"), ("udp", "UDP")])
def test_a_phone_speaks_what_its_line_says(tmp_path: Path, where: str, transport: str) -> None:
    """TLS is not what it speaks; that is said."""
    shutil.copytree(OFFICE, tmp_path / "office")
    path = tmp_path / "office" / "res_digium_phone.conf"
    option = f"transport={where}\n" if where else ""
    path.write_text(path.read_text().replace("type=line\n", f"type=line\n{option}"))

    async def story(world: World) -> None:
        target = EmbeddedTarget(read_folder(path.parent), world)
        await target.start()
        sent = {event.transport for event in world.trace.events if event.hop == "sip"}
        assert sent == {transport}
        assert any("TCP here in the place of TLS" in str(note) for note in target.notes) == (where == "tls")
        await target.stop()
        assert target.open_items() == []

    World.simulated(1).run(story)


def test_phones_are_told_of_another_configuration(tmp_path: Path) -> None:
    """`module reload` reads it, `digium_phones reconfigure` sends it to those that are connected."""
    shutil.copytree(OFFICE, tmp_path / "office")
    path = tmp_path / "office" / "res_digium_phone.conf"

    async def story(world: World) -> None:
        target = EmbeddedTarget(read_folder(path.parent), world)
        await target.start()
        run = target.assembly.server.commands.run
        count = len(target.phones)
        _, sessions = run("digium_phones show sessions")
        assert "bob sip:10.0.1." in sessions
        assert f"---- {count} Sessions found ----" in sessions
        path.write_text(path.read_text().replace("full_name=Bob", "full_name=Robert"))
        assert run("module reload res_digium_phone.so")[0]
        await world.sleep(1.0)
        assert target.phones["bob"].screen.title == "Bob"
        assert run("digium_phones reconfigure phone bob") == (True, "Reconfiguration sent to 1 phone\n")
        await world.sleep(1.0)
        assert target.phones["bob"].screen.title == "Robert"
        assert run("digium_phones reconfigure all") == (True, f"Reconfiguration sent to {count} phones\n")
        await target.phones["bob"].stop()
        assert f"---- {count - 1} Sessions found ----" in run("digium_phones show sessions")[1]
        path.write_text("[bob\n")
        assert not run("module reload res_digium_phone.so")[1].count("successfully")
        await target.stop()
        assert target.open_items() == []

    World.simulated(1).run(story)


def test_a_line_that_comes_with_a_reload_has_its_auto_hint(tmp_path: Path) -> None:
    """At once, and subscribers of it are served."""
    shutil.copytree(OFFICE, tmp_path / "office")
    path = tmp_path / "office" / "res_digium_phone.conf"

    async def story(world: World) -> None:
        target = EmbeddedTarget(read_folder(path.parent), world)
        await target.start()
        server = target.assembly.server
        before = {hint.exten for hint in server.core.hints.listing()}
        phone = "\n[watcher]\ntype=line\n[spare]\ntype=phone\nmac=000fd30000ff\nline=watcher\n"
        path.write_text(path.read_text() + phone)
        server.pjsip.endpoints["watcher"] = next(iter(server.pjsip.endpoints.values()))
        assert server.commands.run("module reload res_digium_phone.so")[0]
        assert {hint.exten for hint in server.core.hints.listing()} - before == {"auto_hint_watcher"}
        await target.stop()

    World.simulated(1).run(story)
