"""The shim itself: answers a phone's request for its configuration, takes its status, makes its hints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from harness.dpma import bodies
from harness.dpma.bodies import BodyError, PhoneRequest
from harness.dpma.phone_configuration import phone_configuration
from harness.dpma.value import MAX_SUBSTATUS_BYTES, presence_value

if TYPE_CHECKING:
    from harness.config.blf_items import BlfSheet
    from harness.config.contacts import Phonebook
    from harness.config.digium_phone import DigiumPhoneConfig, Phone

AUTO_HINT_PREFIX = "auto_hint_"


class StateWriter(Protocol):
    """Where presence is kept: the embedded core, or an Asterisk through its manager interface."""

    def set_presence(self, provider: str, value: str) -> bool:
        """Write as PRESENCE_STATE() does; false where it was refused."""


class HintMaker(Protocol):
    """Where hints live."""

    def add_hint(self, context: str, exten: str, text: str) -> None:
        """Add a hint to the running dialplan."""

    def context_of(self, peer: str) -> str | None:
        """The context that an endpoint subscribes in; None where there is no such endpoint."""


@dataclass(frozen=True, slots=True)
class ShimOptions:
    """What is not documented about the DPMA, each with the value that is most likely."""

    lines: Literal["first", "all"] = "first"
    """Which lines of a phone get its status."""
    auto_hint_context: str | None = None
    """Where auto hints live; None: in the context that the peer itself subscribes in."""


class Reply(NamedTuple):
    """The answer to a MESSAGE; `message` goes back in a MESSAGE of its own (RFC 3428: the 200 carries nothing)."""

    status: int
    reason: str
    message: bytes | None = None


class DpmaShim:
    """One shim for one configuration."""

    def __init__(
        self,
        config: DigiumPhoneConfig,
        phonebooks: Mapping[str, list[Phonebook]],
        writer: StateWriter,
        observe: Callable[..., object],
        options: ShimOptions | None = None,
        blf_sheets: Mapping[str, BlfSheet] | None = None,
    ) -> None:
        """`observe(verdict, **values)` is told of everything that was accepted or refused."""
        self.config, self._phonebooks, self._writer, self._observe = config, phonebooks, writer, observe
        self.options = options or ShimOptions()
        self._blf_sheets = blf_sheets or {}
        self.configured: dict[str, str] = {}
        """The phones that got their configuration, each with the account that asked last."""

    def adopt(
        self, config: DigiumPhoneConfig, phonebooks: Mapping[str, list[Phonebook]], blf_sheets: Mapping[str, BlfSheet]
    ) -> None:
        """Go by another configuration from now on."""
        self.config, self._phonebooks, self._blf_sheets = config, phonebooks, blf_sheets

    def configuration_of(self, phone: str) -> bytes:
        """The body with a phone's configuration.  KeyError where there is no such phone."""
        return self._configuration_of(self.config.phones[phone])

    # hints

    def make_hints(self, hints: HintMaker) -> list[str]:
        """Make `auto_hint_<peer>` for every line that a phone uses; gives their names."""
        made = []
        for peer in self._peers():
            context = self.options.auto_hint_context or hints.context_of(peer)
            if context is None:
                self._observe("refused", peer=peer, reason=f"no endpoint is named {peer}: no auto hint for it")
                continue
            hints.add_hint(context, AUTO_HINT_PREFIX + peer, f"PJSIP/{peer},CustomPresence:{peer}")
            made.append(AUTO_HINT_PREFIX + peer)
        return made

    def _peers(self) -> Iterable[str]:
        return dict.fromkeys(ref.name for phone in self.config.phones.values() for ref in phone.lines)

    # messages

    def handle(self, account: str, content_type: str, body: bytes) -> Reply:
        """Answer a MESSAGE of the endpoint `account`; nothing is changed where the answer is not 200."""
        if content_type.partition(";")[0].strip().lower() != bodies.CONTENT_TYPE:
            return self._refuse(415, "Unsupported Media Type", account, None, f"a body of type {content_type}")
        try:
            request = bodies.read_request(body)
        except BodyError as error:
            return self._refuse(400, "Bad Request", account, None, str(error))
        phone = self.config.phones.get(request.phone)
        if phone is None:
            return self._refuse(404, "No Such Phone", account, request, f"no type=phone is named {request.phone!r}")
        if account not in (ref.name for ref in phone.lines):
            reason = f"account {account!r} is not a line of phone {phone.name!r}"
            return self._refuse(403, "Not Your Phone", account, request, reason)
        if request.method == bodies.CONFIGURATION:
            self._observe("configuration", phone=phone.name, account=account)
            self.configured[phone.name] = account
            return Reply(200, "OK", self._configuration_of(phone))
        return self._set(account, phone, request)

    def _configuration_of(self, phone: Phone) -> bytes:
        books, sheet = self._phonebooks.get(phone.name, ()), self._blf_sheets.get(phone.name)
        fields, left_out = phone_configuration(self.config, phone, books, sheet)
        if left_out:
            self._observe("shortened", phone=phone.name, reason=f"too long for one message: {', '.join(left_out)}")
        return bodies.write_configuration(fields)

    def _set(self, account: str, phone: Phone, request: PhoneRequest) -> Reply:
        applications = {each.status.lower(): each for each in self.config.statuses(phone)}
        if request.status.lower() not in applications:
            offered = ", ".join(applications) or "none"
            reason = f"{request.status!r} is not one of the statuses of phone {phone.name!r} ({offered})"
            return self._refuse(488, "Not One Of Its Statuses", account, request, reason)
        if len(request.substatus.encode("utf-8", "surrogateescape")) > MAX_SUBSTATUS_BYTES:
            reason = f"the substatus has more than {MAX_SUBSTATUS_BYTES} bytes of UTF-8"
            return self._refuse(413, "Substatus Too Long", account, request, reason)
        value = presence_value(applications[request.status.lower()].status, request.substatus)
        chosen = phone.lines if self.options.lines == "all" else phone.lines[:1]
        for ref in chosen:
            provider = f"CustomPresence:{ref.name}"
            self._observe(
                "accepted", phone=phone.name, line=ref.name, provider=provider, value=value, where=str(ref.where)
            )
            if not self._writer.set_presence(provider, value):
                reason = f"{provider} could not be written"
                return self._refuse(500, "Presence Not Written", account, request, reason)
        return Reply(200, "OK")

    def _refuse(
        self, status: int, reason: str, account: str, request: PhoneRequest | None, why: str
    ) -> Reply:
        about: dict[str, Any] = {"phone": request.phone, "status": request.status} if request else {}
        self._observe("refused", account=account, answer=status, reason=why, **about)
        return Reply(status, reason)
