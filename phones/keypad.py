"""The keys of one phone that is on: taken from its configuration, and lit as its contacts change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phones.keys import CONTACT, DARK, LINE, Key, Look, lay_out, loads_sheets, look_of

if TYPE_CHECKING:
    from harness.net.trace import Trace
    from phones.blf import Sheet
    from phones.provisioning import PhoneConfiguration
    from phones.screen import Screen
    from phones.settings import PhoneSettings


Lit = dict[str, object]
"""A key that looks different, for the trace: key, place, colour, state, ring, and what changed."""


class Keypad:
    """What is lit is on the screen; who changes it gets what to tell the trace."""

    def __init__(self, name: str, settings: PhoneSettings, screen: Screen, trace: Trace) -> None:
        """`name` is the phone's."""
        self._name, self._settings, self._screen, self._trace = name, settings, screen, trace

    def take(self, configuration: PhoneConfiguration) -> None:
        """Put the keys where the configuration says; why a sheet or an item is not shown goes to the trace."""
        group = configuration.blf_contact_group
        sheet = self._loaded(configuration.blf_items, group)
        entries = [entry for entry in configuration.contacts if entry.id]
        mine = [entry for entry in entries if group and (sheet is not None or entry.group == group)]
        panels, unused = self._settings.panels, configuration.blf_unused_linekeys
        layout = lay_out(panels, configuration.lines, mine, sheet, unused_linekeys=unused)
        for where, who, why in layout.missing:
            self._trace.note(self._name, "no key", contact=who, where=where, why=why)
        self._screen.keys = list(layout.keys)
        for key in layout.keys:
            if key.kind == CONTACT:
                self._show(key, self._look(key))

    def _loaded(self, sheet: Sheet | None, group: str) -> Sheet | None:
        """The sheet, where the phone can load it: a phone that cannot shows no difference."""
        if sheet is None:
            return None
        if sheet.fault:
            self._trace.note(self._name, "blf items not loaded", why=sheet.fault)
        elif not loads_sheets(self._settings.firmware):
            why = f"firmware {self._settings.firmware} is older than 1.4"
            self._trace.note(self._name, "blf items not loaded", why=why)
        else:
            if not group:
                self._trace.note(self._name, "no keys for contacts", why="the phone has no blf_contact_group")
            return sheet
        return None

    def light(self, contact_id: str) -> list[Lit]:
        """A contact shows something else; the keys of it that then look different, for the trace."""
        return [lit for key in self._screen.keys if key.kind == CONTACT and key.name == contact_id
                if (lit := self._changed(key, self._look(key)))]  # fmt: skip

    def light_line(self, line: str, state: str) -> list[Lit]:
        """The foremost call of a line is in another state ('': there is none); as `light`."""
        led = self._settings.key_options.line_leds.get(state, DARK)
        return [lit for key in self._screen.keys if key.kind == LINE and key.name == line
                if (lit := self._changed(key, Look(led)))]  # fmt: skip

    def _look(self, key: Key) -> Look:
        contact = self._screen.contacts.get(key.name)
        return look_of(key, contact.lamp if contact is not None else "", self._settings.key_options)

    def _changed(self, key: Key, after: Look) -> Lit:
        """Show it; {} where it looked like that already."""
        before = Look(key.led, key.ring, key.fgcolor, key.bgcolor)
        if before == after:
            return {}
        self._show(key, after)
        fields = (("led", str(before.led), str(after.led)), ("ring", before.ring, after.ring),
                  ("fgcolor", before.fgcolor, after.fgcolor), ("bgcolor", before.bgcolor, after.bgcolor))  # fmt: skip
        return {
            "key": key.name,
            "place": key.place,
            "colour": key.led.colour,
            "state": key.led.state,
            "ring": key.ring,
            "fgcolor": key.fgcolor,
            "bgcolor": key.bgcolor,
            "changed": [{"field": name, "before": old, "after": new} for name, old, new in fields if old != new],
        }

    @staticmethod
    def _show(key: Key, look: Look) -> None:
        key.led, key.ring, key.fgcolor, key.bgcolor = look
