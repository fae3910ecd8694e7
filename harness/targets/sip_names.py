"""Hints on `SIP/x`: chan_sip's devices, which an Asterisk 22 does not have. By choice they count as `PJSIP/x`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.core.hint import devices_of
from harness.core.octets import fold
from harness.errors import Note

if TYPE_CHECKING:
    from harness.core.states import DeviceState
    from harness.dialplan.plan import Dialplan
    from harness.pbx.server import Server

OLD, NEW = "SIP", "PJSIP"
OPTION = "--sip-as-pjsip"
KIND = "sip"


def offer(plan: Dialplan) -> Note | None:
    """A note that offers the option; None where no hint names such a device."""
    found = [
        entry
        for entry in plan.hint_entries()
        if any(fold(device).startswith(fold(f"{OLD}/")) for device in devices_of(entry.text))
    ]
    if not found:
        return None
    first = found[0]
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    text = (
        f"the hint {first.exten}@{first.context} names {first.text}{more}: Asterisk 22 has no chan_sip, so the device "
        f"is unknown and lights nothing; {OPTION} counts {OLD}/x as {NEW}/x"
    )
    return Note(KIND, text, first.where)


def count_as_pjsip(server: Server) -> None:
    """From now on `SIP/x` is `PJSIP/x`: in hints, in DEVICE_STATE() and in Dial()."""
    devices = server.core.devices

    def follow(device: str, state: DeviceState) -> None:
        technology, _, name = device.partition("/")
        if technology == NEW:
            devices.set(f"{OLD}/{name}", state)

    devices.register_technology(OLD, lambda name: devices.ask(f"{NEW}/{name}"))
    devices.subscribe(follow)
    technologies = server.exchange.technologies
    technologies[OLD.lower()] = technologies[NEW.lower()]
