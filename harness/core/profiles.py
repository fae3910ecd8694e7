"""What differs between releases of Asterisk, as data (§9 of the behaviour text)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.core.hint import device_pieces, pieces, presence_pieces
from harness.core.states import PresenceState


@dataclass(frozen=True, slots=True)
class Profile:
    """One release series; profiles are never mixed."""

    name: str
    presence_lists: bool
    """`A&B` is a list of providers, and `tech/name` asks a channel technology."""
    missing_row: PresenceState
    """What the provider answers where nothing was ever stored."""
    published_limit: int | None
    """Bytes of each decoded text in an event; None: events carry the texts as they were written."""
    change_takes_not_set: bool
    """`presencestate change` accepts NOT_SET."""
    creation_told: bool
    """A new hint is told to the general callbacks."""
    device_pieces: Callable[[str], tuple[str, ...]]
    """The pieces of a hint's text that device events are compared with."""
    provider_pieces: Callable[[str], tuple[str, ...]]
    """The pieces of a hint's text that presence events are compared with."""


ASTERISK_22 = Profile(
    name="asterisk-22",
    presence_lists=True,
    missing_row=PresenceState.NOT_SET,
    published_limit=255,
    change_takes_not_set=True,
    creation_told=True,
    device_pieces=pieces,
    provider_pieces=pieces,
)

ASTERISK_11 = Profile(
    name="asterisk-11",
    presence_lists=False,
    missing_row=PresenceState.INVALID,  # up to 11.20; NOT_SET from 11.21 on
    published_limit=None,
    change_takes_not_set=False,
    creation_told=False,
    device_pieces=device_pieces,
    provider_pieces=presence_pieces,
)
