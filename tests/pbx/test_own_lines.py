"""Lines of the dialplan that no extensions.conf holds: hints of wizards, extensions of phones that are there."""

from __future__ import annotations

from pathlib import Path

from harness.dialplan.contexts import HINT
from tests.pbx.subscriber import Desk, statuses, tell

WIZARDS = """
[phone](!)
type=wizard
accepts_registrations=yes
has_hint=yes
endpoint/context=office
aor/max_contacts=1
[bob](phone)
hint_exten=201
hint_application=Gosub(call,${EXTEN},1(bob))
[eve](phone)
hint_exten=202
hint_application=Dial(PJSIP/eve)
[joe](phone)
hint_exten=203
hint_context=elsewhere
"""
HINTS = "exten => 202,hint,Custom:mine\nexten => 202,1,NoOp\n"


def wizards(tmp_path: Path) -> Path:
    """The folder of a desk with wizards."""
    etc = tmp_path / "etc"
    etc.mkdir()
    (etc / "pjsip_wizard.conf").write_text(WIZARDS)
    return etc


def test_a_wizard_gives_its_extension_a_hint(tmp_path: Path) -> None:
    """It can be subscribed to, and knows its endpoint's device."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        assert statuses(await watcher.ask("201")) == [200, "active"]
        assert b"closed" in watcher.heard[-1].body
        line = desk.server.plan.find("office", "201", 1)
        assert line is not None
        assert (line.app, line.args) == ("Gosub", "call,${EXTEN},1(bob)")

    tell(wizards(tmp_path), story, hints=HINTS)


def test_what_the_file_says_of_the_extension_stands(tmp_path: Path) -> None:
    """Its hint and its first priority."""

    async def story(desk: Desk) -> None:
        found = [desk.server.plan.find("office", "202", number) for number in (HINT, 1)]
        assert [line.app for line in found if line] == ["Custom:mine", "NoOp"]

    tell(wizards(tmp_path), story, hints=HINTS)


def test_the_context_of_a_hint_is_made_where_there_is_none(tmp_path: Path) -> None:
    """And is said to be the wizard's."""

    async def story(desk: Desk) -> None:
        context = desk.server.plan.context("elsewhere")
        assert context is not None
        assert context.registrar == "res_pjsip_config_wizard"

    tell(wizards(tmp_path), story, hints=HINTS)


def test_the_hints_of_wizards_survive_a_reload_of_the_dialplan(tmp_path: Path) -> None:
    """With their watchers."""

    async def story(desk: Desk) -> None:
        await desk.watcher().ask("201")
        desk.server.commands.dialplan.run()
        assert desk.server.plan.exists("office", "201", HINT)
        assert desk.watched("201") == 1

    tell(wizards(tmp_path), story, hints=HINTS)


def test_a_reload_takes_over_other_wizards(tmp_path: Path) -> None:
    """A hint that none has any more ends its subscriptions; a new one can be subscribed to."""
    etc = wizards(tmp_path)

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        await watcher.ask("201")
        (etc / "pjsip_wizard.conf").write_text(WIZARDS.replace("hint_exten=201", "hint_exten=301"))
        heard = await watcher.hear(lambda: desk.server.commands.modules.run("res_pjsip"))
        assert statuses(heard) == ["terminated"]
        assert statuses(await desk.watcher().ask("301")) == [200, "active"]

    tell(etc, story, hints=HINTS)


REGISTERED = """
[global]
type=global
regcontext=there
[fixed]
type=endpoint
aors=fixed
[fixed]
type=aor
contact=sip:fixed@10.0.9.9
[phone]
type=endpoint
aors=phone
[phone]
type=aor
max_contacts=1
"""


def test_an_endpoint_that_is_reachable_has_an_extension_in_the_regcontext(tmp_path: Path) -> None:
    """As long as it is."""

    async def story(desk: Desk) -> None:
        def there() -> list[str]:
            context = desk.server.plan.context("there")
            return [] if context is None else [extension.name for extension in context.extensions]

        assert there() == ["fixed"]
        watcher = desk.watcher()
        await watcher.ask("phone", method="REGISTER", sender="phone", event=None)
        assert there() == ["fixed", "phone"]
        desk.server.commands.dialplan.run()
        assert there() == ["fixed", "phone"]
        await watcher.ask("phone", method="REGISTER", sender="phone", event=None, expires="0")
        assert there() == ["fixed"]

    tell(tmp_path / "etc", story, lists=REGISTERED)
