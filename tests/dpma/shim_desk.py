"""A shim on a small configuration, with a writer and an ear that remember."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.config.folder import Configuration, read_folder
from harness.dpma import DpmaShim, Reply, ShimOptions
from harness.dpma.bodies import CONTENT_TYPE
from phones.provisioning import write_configuration_request, write_status

DIGIUM_PHONE = """\
[general]

[away]
type=application
application=status
status=away
substatus=Lunch
substatus=Back soon

[dnd]
type=application
application=status
status=dnd
send486=yes

[strange]
type=application
application=status
status=sleeping

[voicemail]
type=application
application=voicemail
status=xa

[reception]
type=phone
full_name=Reception
line=1000
contact=contacts.xml
blf_contact_group=Office
contacts_max_subscriptions=12

[bob]
type=phone
line=2000
line=2050
application=away
application=dnd
application=strange
application=voicemail

[carol]
type=phone
line=2001
line=2050

[nobody]
type=phone
application=away

[1000]
type=line
exten=100
line_label=Front desk

[2000]
type=line

[2050]
type=line
exten=50

[2001]
type=line
exten=201
"""

CONTACTS = """\
<phonebooks>
  <contacts group_name="Office" id="0">
    <contact id="bob" first_name="Bob" account_id="2000" subscribe_to="auto_hint_2000"/>
  </contacts>
</phonebooks>
"""


def write_folder(folder: Path) -> Configuration:
    """The configuration, read from files as people have them."""
    (folder / "res_digium_phone.conf").write_text(DIGIUM_PHONE, "utf-8")
    (folder / "contacts.xml").write_text(CONTACTS, "utf-8")
    return read_folder(folder)


class Writer:
    """Remembers what was written; refuses the providers that it was told to."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.writes: list[tuple[str, str]] = []

    def set_presence(self, provider: str, value: str) -> bool:
        """True where it is taken."""
        if provider in self.refused:
            return False
        self.writes.append((provider, value))
        return True


class Shim:
    """A shim, what it wrote and what it told."""

    def __init__(self, configuration: Configuration, options: ShimOptions | None = None, refused: str = "") -> None:
        self.writer = Writer(refused)
        self.told: list[tuple[str, dict[str, Any]]] = []
        digium = configuration.digium_phone
        assert digium is not None
        self.shim = DpmaShim(digium, configuration.phonebooks, self.writer, self._observe, options)

    def _observe(self, verdict: str, **values: object) -> None:
        self.told.append((verdict, values))

    @property
    def writes(self) -> list[tuple[str, str]]:
        """Provider and value of every write."""
        return self.writer.writes

    def press(self, status: str, substatus: str = "", phone: str = "bob", account: str = "2000") -> Reply:
        """A phone's MESSAGE after a press."""
        return self.send(write_status(phone, status, substatus), account)

    def ask(self, phone: str, account: str) -> Reply:
        """A phone's request for its configuration."""
        return self.send(write_configuration_request(phone), account)

    def send(self, body: bytes, account: str = "2000", content_type: str = CONTENT_TYPE) -> Reply:
        """Any MESSAGE."""
        return self.shim.handle(account, content_type, body)
