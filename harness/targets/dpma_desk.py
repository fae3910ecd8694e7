"""The phones that are connected to the DPMA: what `digium_phones show sessions` lists and `reconfigure` reaches."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.config.digium_phone import read_digium_phone
from harness.config.files import FolderFiles
from harness.config.phone_sheets import PhoneSheets
from harness.dpma import PROXY_USER, DpmaShim
from harness.errors import InputError, Note
from harness.pbx.commands.digium import Session
from harness.sip.grammar import GrammarError
from harness.sip.uri import SipUri

if TYPE_CHECKING:
    from pathlib import Path

    from harness.config.digium_phone import DigiumPhoneConfig
    from harness.pbx.contact import Contact
    from harness.pbx.server import Server

MODULE = "res_digium_phone"


class DpmaDesk:
    """See `commands.digium.DigiumPhones`: a phone is connected from its first configuration until it unregisters."""

    def __init__(
        self, shim: DpmaShim, server: Server, folder: Path, made: Callable[[], None], tell: Callable[[Note], None]
    ) -> None:
        """`made` brings about the auto hints of lines that are new; `tell` hears why a reload failed."""
        self._shim, self._server, self._folder, self._made, self._tell = shim, server, folder, made, tell

    @property
    def config(self) -> DigiumPhoneConfig:
        """What is in force."""
        return self._shim.config

    def sessions(self) -> list[Session]:
        """In the order in which they came."""
        found = []
        for name, account in self._shim.configured.items():
            contact = self._contact_of(account)
            phone = self.config.phones.get(name)
            if contact is not None and phone is not None:
                host, port = _address(contact)
                found.append(Session(name, host, port, phone.mac.replace(":", "").lower()))
        return found

    def reconfigure(self, phone: str | None) -> int:
        """Send them their configuration as it is now; how many were told."""
        told = 0
        for session in self.sessions():
            if phone in (None, session.phone):
                endpoint = self._server.pjsip.endpoints[self._shim.configured[session.phone]]
                body = self._shim.configuration_of(session.phone)
                told += self._server.messages.push(endpoint, PROXY_USER, body)
        return told

    def reload(self) -> bool:
        """`module reload res_digium_phone.so`: phones learn of it when they are told to (`reconfigure`)."""
        files = FolderFiles(self._folder)
        try:
            config = read_digium_phone(self._folder, files)
            sheets = PhoneSheets(config, self._folder, files)
        except InputError as error:
            self._tell(Note("reload", f"the phones stay as they were: {error}"))
            return False
        for note in (*config.notes, *sheets.notes):
            self._tell(note)
        self._shim.adopt(config, sheets.phonebooks, sheets.blf_sheets)
        self._made()
        return True

    def _contact_of(self, account: str) -> Contact | None:
        endpoint = self._server.pjsip.endpoints.get(account)
        return next(iter(self._server.registrar.contacts_of(endpoint)), None) if endpoint is not None else None


def _address(contact: Contact) -> tuple[str, int]:
    try:
        return SipUri.parse(contact.uri).address
    except GrammarError:
        return contact.via
