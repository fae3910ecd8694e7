"""An office to play with: server, shim and phones on loopback, and what a person may do to them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, ensureDeferred

from harness.errors import HarnessError, InputError
from harness.net.blanking import blank
from harness.targets.embedded import EmbeddedTarget
from harness.web.losses import Losses
from harness.web.picture import Plain, picture_of
from phones.models import MODELS

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from harness.config.digium_sections import Phone as PhoneSection
    from harness.config.folder import Configuration
    from harness.net.trace import Trace
    from harness.net.world import World
    from harness.pbx.server import Listen
    from phones.phone import Phone

DESK = "desk"
"""Who does what a person does outside of the phones, on the trace."""
KEPT_EVENTS = 20_000
"""Events of the trace that are held."""


class Office:
    """One office; `perform` is what a page, or a terminal, asks of it."""

    mode = "office"
    acts = frozenset((
        "status", "presence", "unplug", "plug", "loss", "restart",
        "call", "answer", "reject", "hold", "resume", "hangup", "transfer", "key",
    ))  # fmt: skip

    def __init__(
        self, configuration: Configuration, world: World, models: Mapping[str, str], listen: Listen | None = None
    ) -> None:
        """`models` names the model of some phones.  Raises InputError for a phone or a model that is not there."""
        self.world = world
        self.title = str(configuration.path.resolve().name)
        chosen = models_of(configuration, models)
        changes = {name: {"model": model} for name, model in chosen.items()}
        self.target = EmbeddedTarget(configuration, world, changes, listen=listen)
        self.losses = Losses(world)
        self.server_up = False
        self.on_renewed: Callable[[], None] = _nothing
        self.on_news: Callable[[], None] = _nothing
        self._acted = 0
        self._trouble: tuple[int, str] = (0, "")

    async def start(self) -> None:
        """Server up, phones registered and subscribed.  Raises InputError where a port cannot be had."""
        await self.target.start()
        self._came_up()

    async def stop(self) -> None:
        """Phones take their leave, then the server goes."""
        self.world.network.condition = None
        await self.target.stop()

    # what is seen

    @property
    def trace(self) -> Trace:
        """The account of what happened."""
        return self.world.trace

    @property
    def address(self) -> tuple[str, int]:
        """Where the server takes SIP."""
        return self.target.assembly.server.address

    def pictures(self) -> Mapping[str, Callable[[], Plain]]:
        """See `Desk`."""
        return {name: partial(self._picture, phone) for name, phone in self.target.phones.items()}

    def _picture(self, phone: Phone) -> Plain:
        return picture_of(phone, self.losses.of(phone.name))

    def standing(self) -> Plain:
        """See `Desk`."""
        host, port = self.address
        number, trouble = self._trouble
        providers = {name: phone.settings.accounts[0].line for name, phone in self.target.phones.items()
                     if phone.settings.accounts}  # fmt: skip
        return {
            "server": {"up": self.server_up, "address": f"{host}:{port}"},
            "lines": providers,
            "trouble": {"number": number, "text": trouble},
        }

    # what is done

    def perform(self, act: str, said: Mapping[str, Any]) -> None:
        """See `Desk`; `said` has been read by `acts.read`."""
        if act == "restart":
            self._restart()
        elif act == "presence":
            self._set_presence(said)
        elif act == "loss":
            phone = self._phone(said["phone"])
            self._act(f"lose {said['percent']} % of the datagrams of {phone.name}", act)
            self.losses.set(phone.name, said["percent"] / 100)
            self.world.changed()
        else:
            self._on_phone(self._phone(said["phone"]), act, said)

    def _phone(self, name: str) -> Phone:
        found = self.target.phones.get(name)
        if found is None:
            raise HarnessError(f"there is no phone {name!r}")
        return found

    def _on_phone(self, phone: Phone, act: str, said: Mapping[str, Any]) -> None:
        if act == "status":
            phone.set_status(said["status"], said["substatus"])
        elif act == "plug":
            with self.trace.caused_by(self._act(f"plug {phone.name} in", act)):
                phone.start()
        elif act == "unplug":
            with self.trace.caused_by(self._act(f"pull the plug of {phone.name}", act)):
                self._watch(phone.kill())
        else:
            self._on_call(phone, act, said)

    @staticmethod
    def _on_call(phone: Phone, act: str, said: Mapping[str, Any]) -> None:
        if act == "call":
            phone.call(said["number"])
        elif act == "transfer":
            phone.transfer(said["number"], said["attended"])
        elif act == "key":
            phone.press(said["key"])
        else:
            do = {"answer": phone.answer, "hold": phone.hold, "resume": phone.resume, "hangup": phone.hangup}
            which = said["call"]
            if act == "reject":
                phone.reject(which=which)
            else:
                do[act](which)

    def _set_presence(self, said: Mapping[str, Any]) -> None:
        """As a dialplan, a web panel or a manager client does it: not from a phone."""
        value = presence_value(said["state"], said["subtype"], said["message"])
        with self.trace.caused_by(self._act(f"PRESENCE_STATE({said['provider']})={value}", "presence")):
            taken = self.target.assembly.server.core.presence.write(said["provider"], value)
        if not taken:
            raise HarnessError(f"the server refuses {value!r} for {said['provider']}")

    def _restart(self) -> None:
        if not self.server_up:
            raise HarnessError("the server is restarting already")
        self.server_up = False
        seq = self._act("restart the server", "restart")
        self.on_news()

        async def restart() -> None:
            with self.trace.caused_by(seq):
                await self.target.restart_server()
            self._came_up()

        self._watch(ensureDeferred(restart()))

    def _came_up(self) -> None:
        self.server_up = True
        self.on_news()

    def _act(self, text: str, verb: str) -> int:
        """Begin something on the trace; gives its event."""
        self._acted += 1
        return self.trace.add("step", DESK, DESK, "", {"index": self._acted, "verb": verb, "text": text}, cause=0)

    # what goes wrong later

    def _watch(self, done: Deferred[Any]) -> None:
        done.addErrback(self._failed)

    def _failed(self, failure: Failure) -> None:
        error = failure.value
        text = str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
        self._trouble = self._trouble[0] + 1, blank(text)
        self.on_news()


def presence_value(state: str, subtype: str, message: str) -> str:
    """What PRESENCE_STATE takes: plain, or with option `e` (base64) where plain text would not arrive as it is."""
    if all("," not in text and text.isprintable() and text == text.strip() for text in (subtype, message)):
        return f"{state},{subtype},{message}" if subtype or message else state
    encoded = (base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii") for text in (subtype, message))
    return f"{state},{','.join(encoded)},e"


def models_of(configuration: Configuration, chosen: Mapping[str, str]) -> dict[str, str]:
    """The model of each phone: the one that is chosen, else that of its only `firmware=`; the others have none.

    No file says which model a phone is; a firmware is for one.
    """
    digium = configuration.digium_phone
    sections = digium.phones if digium is not None else {}
    for name, model in chosen.items():
        if name not in sections:
            raise InputError(f"no type=phone is named {name!r}", None, f"there are {', '.join(sections) or 'none'}")
        if model not in MODELS:
            raise InputError(f"no phone model is named {model!r}", None, f"there are {', '.join(MODELS)}")
    found = {name: model for name, section in sections.items() if (model := _of_firmware(configuration, section))}
    return found | dict(chosen)


def _of_firmware(configuration: Configuration, section: PhoneSection) -> str:
    digium = configuration.digium_phone
    assert digium is not None
    models = {digium.firmwares[ref.name].model for ref in section.firmwares if ref.name in digium.firmwares}
    return next(iter(models)) if len(models) == 1 and models <= MODELS.keys() else ""


def _nothing() -> None:
    """Stands where nobody wants to know."""
