"""`module show`: the modules of Asterisk whose work is done here, as an idle server lists them (main/loader.c)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from harness.core.octets import fold
from harness.pbx.commands.columns import column, left
from harness.pbx.commands.registry import USAGE, Answer

_TABLE = """\
acl | 2 | core | Named ACL system
app_db | 0 | core | Database Access Functions
app_dial | 0 | core | Dialing Application
app_exec | 0 | core | Executes dialplan applications
app_if | 0 | extended | If Branch and Conditional Execution
app_originate | 0 | core | Originate call
app_page | 0 | core | Page Multiple Phones
app_playback | 0 | core | Sound File Playback Application
app_queue | 0 | core | True Call Queueing
app_stack | 0 | core | Dialplan subroutines (Gosub, Return, etc
app_userevent | 0 | core | Custom User Event Application
app_verbose | 0 | core | Send verbose output
app_voicemail | 0 | core | Comedian Mail (Voicemail System)
app_while | 0 | core | While Loops and Conditional Execution
cdr | 9 | core | CDR Engine
chan_pjsip | 1 | core | PJSIP Channel Driver
dnsmgr | 2 | core | DNS Manager
extconfig | 17 | core | Configuration
features | 1 | core | Call Features
func_base64 | 0 | core | base64 encode/decode dialplan functions
func_callerid | 0 | core | Party ID related dialplan functions (Cal
func_channel | 0 | core | Channel information dialplan functions
func_cut | 1 | core | Cut out information from a string
func_db | 0 | core | Database (astdb) related dialplan functi
func_devstate | 0 | core | Gets or sets a device state in the dialp
func_extstate | 0 | core | Gets an extension's state in the dialpla
func_global | 0 | core | Variable dialplan functions
func_hangupcause | 0 | core | HANGUPCAUSE related functions and applic
func_logic | 0 | core | Logical dialplan functions
func_presencestate | 0 | core | Gets or sets a presence state in the dia
func_strings | 0 | core | String handling dialplan functions
http | 5 | core | Built-in HTTP Server
logger | 1 | core | Logger
manager | 1 | core | Asterisk Manager Interface
pbx_config | 0 | core | Text Extension Configuration
res_manager_devicestate | 0 | core | Manager Device State Topic Forwarder
res_manager_presencestate | 0 | core | Manager Presence State Topic Forwarder
res_musiconhold | 0 | core | Music On Hold Resource
res_pjsip | 50 | core | Basic SIP resource
res_pjsip_acl | 0 | core | PJSIP ACL Resource
res_pjsip_authenticator_digest | 0 | core | PJSIP authentication resource
res_pjsip_config_wizard | 1 | core | PJSIP Config Wizard
res_pjsip_dialog_info_body_generator | 0 | core | PJSIP Extension State Dialog Info+XML Pr
res_pjsip_endpoint_identifier_ip | 0 | core | PJSIP IP endpoint identifier
res_pjsip_endpoint_identifier_user | 0 | core | PJSIP username endpoint identifier
res_pjsip_exten_state | 0 | core | PJSIP Extension State Notifications
res_pjsip_messaging | 0 | core | PJSIP Messaging Support
res_pjsip_nat | 0 | core | PJSIP NAT Support
res_pjsip_pidf_body_generator | 0 | core | PJSIP Extension State PIDF Provider
res_pjsip_pidf_digium_body_supplement | 0 | core | PJSIP PIDF Sangoma presence supplement
res_pjsip_pidf_eyebeam_body_supplement | 0 | core | PJSIP PIDF Eyebeam supplement
res_pjsip_pubsub | 12 | core | PJSIP event resource
res_pjsip_registrar | 0 | core | PJSIP Registrar Support
res_pjsip_session | 21 | core | PJSIP Session resource
res_pjsip_xpidf_body_generator | 0 | core | PJSIP Extension State PIDF Provider
res_sorcery_astdb | 3 | core | Sorcery Astdb Object Wizard
res_sorcery_config | 23 | core | Sorcery Configuration File Object Wizard
"""
"""Name, by how many others it is used, who supports it, and what it says of itself, as far as it is shown."""

SUBSYSTEMS = {
    "acl": "",
    "cdr": "cdr.conf",
    "dnsmgr": "",
    "extconfig": "",
    "features": "features.conf",
    "http": "",
    "logger": "",
    "res_musiconhold": "",
}
"""Parts of Asterisk that can be read again, and the file without which that fails."""
IN_CORE = (*(name for name in SUBSYSTEMS if not name.startswith("res_")), "manager")
"""What is part of the program itself and no file of its own."""


class Module(NamedTuple):
    """One line of the list."""

    name: str
    uses: str
    support: str
    description: str

    @property
    def file(self) -> str:
        """What it is listed as."""
        return self.name if self.name in IN_CORE else f"{self.name}.so"


def _modules() -> Iterator[Module]:
    return (Module(*(part.strip(" ") for part in line.split(" | "))) for line in _TABLE.splitlines())


PRESENT = frozenset(module.name for module in _modules())
"""The modules of Asterisk whose work is done here."""


def show(words: Sequence[str]) -> Answer:
    """`module show [like TEXT]`."""
    if words and (len(words) != 2 or fold(words[0]) != "like"):
        return USAGE
    wanted = fold(words[1]) if words else ""
    found = [module for module in _modules() if wanted in fold(module.file)]
    rows = [_row("Module", "Description", "Use Count", "Status", "Support Level")]
    rows += [_row(each.file, each.description, each.uses, "Running", each.support) for each in found]
    return Answer("".join(f"{row}\n" for row in [*rows, f"{len(found)} modules loaded"]))


def _row(name: str, description: str, uses: str, status: str, support: str) -> str:
    return f"{left(name, 30)} {column(description, 40)} {left(uses, 10)} {left(status, 11)} {support:>13}"
