"""What a phone is given: its accounts, its server, its model, and what is chosen where nothing is documented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal, NamedTuple

from harness.errors import InputError
from harness.sip.flow import Address
from phones import interpret, keys
from phones.models import MODELS, Model, parse_user_agent

DEFAULT_MODEL = "D65"
MAX_SUBSCRIPTIONS = 40
"""Contacts that a phone subscribes to where nothing else is said (DPMA Users Guide 1.0, page 10)."""
TRANSPORTS = ("UDP", "TCP")


class Account(NamedTuple):
    """The credentials of a line. `line` is its SIP user, `user` the name for the digest."""

    line: str
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class PhoneSettings:
    """`accounts[0]` is the primary line. Times are seconds; `server` is an address, not a name to look up.

    `user_agent`: '' for the one of `model`, with `version` (of the firmware) where it is given.
    """

    accounts: Sequence[Account]
    server: Address
    host: str
    port: int = 0
    transport: str = "UDP"
    model: str = DEFAULT_MODEL
    version: str = ""
    mac: str = ""
    user_agent: str = ""
    expires: int = 3600
    subscription_expires: int = 3600
    contacts_max_subscriptions: int | None = None
    """Counts where the configuration says nothing; None: MAX_SUBSCRIPTIONS."""

    # not documented, so named and chosen

    send_mac_with_useragent: bool = False
    """P-series phones may append their MAC to the User-Agent."""
    keep_status: bool = False
    """Whether the phone still shows its own status after a restart."""
    notify_within: float = inf
    """Seconds from a SUBSCRIBE to its NOTIFY, after which the phone asks again; inf: never, for Asterisk sends none
    while a presence is invalid. RFC 6665 4.1.2.4 has 32 (timer N)."""
    interpretation: interpret.Options = interpret.DEFAULT
    calls_per_line: int = 2
    """Calls that one line may have; one more is answered 486."""
    session_expires: int = 1800
    """Seconds that a call lasts without a sign of life (RFC 4028); 0: session timers are not spoken of."""
    subscribe_mailboxes: bool = True
    """Whether the phone subscribes to the messages of a line that has a mailbox; it takes what comes unasked, too."""
    key_options: keys.KeyOptions = keys.DEFAULT
    expansion: bool = False
    """Whether an expansion module is attached (D65)."""

    def __post_init__(self) -> None:
        """Raises InputError for a model or transport that is not known, and for an expiry that is none."""
        if self.model not in MODELS:
            raise InputError(f"no phone model is named {self.model!r}", advice=f"there are {', '.join(MODELS)}")
        if self.transport.upper() not in TRANSPORTS:
            advice = f"it can use {' or '.join(TRANSPORTS)}"
            raise InputError(f"a phone does not speak {self.transport!r}", advice=advice)
        if self.expires < 1 or self.subscription_expires < 1:
            raise InputError("expires and subscription_expires are at least 1 second")

    @property
    def flow_transport(self) -> Literal["UDP", "TCP"]:
        """The transport, as flows name it."""
        return "TCP" if self.transport.upper() == "TCP" else "UDP"

    @property
    def agent(self) -> str:
        """The User-Agent that the phone sends."""
        mac = self.mac if self.send_mac_with_useragent else ""
        return self.user_agent or self._model.user_agent(self.version, mac)

    @property
    def family(self) -> str:
        """The firmware family: that of the User-Agent, of the model where the User-Agent tells none."""
        told = parse_user_agent(self.agent)
        return told.family if told is not None else self._model.family

    @property
    def firmware(self) -> str:
        """The version of the firmware: that of the User-Agent, where it tells one."""
        told = parse_user_agent(self.agent)
        return told.version if told is not None else self.version or self._model.version

    @property
    def panels(self) -> keys.Panels:
        """The keys of the model."""
        return keys.Panels(self._model, self.expansion)

    @property
    def _model(self) -> Model:
        return MODELS[self.model]
