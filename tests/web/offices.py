"""The office that is shipped, with a little more in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.cli import shipped

SECOND_LINE = """
[2010](phone)
auth=2010
aors=2010
[2010](login)
username=2010
password=support-at-the-office
[2010](place)
"""
LABEL = "[2010]\ntype=line\nexten=2010\nline_label=Support\n\n"
SUPPLIER = (
    '<contact id="supplier" first_name="Paper" last_name="Supplier" contact_type="sip" account_id="555">'
    '<actions><action id="primary" dial="9555" label="Work" name="Call"/></actions></contact>\n'
)


def larger_office(folder: Path) -> Path:
    """Bob has a second line, 2010 "Support"; everybody has a contact who can be called and not be watched."""
    shutil.copytree(shipped() / "demo" / "office", folder)
    _change(folder / "res_digium_phone.conf", "line=2000\n", "line=2000\nline=2010\n")
    _change(folder / "res_digium_phone.conf", "[2000]\n", f"{LABEL}[2000]\n")
    _change(folder / "pjsip.conf", "[2000](phone)\n", f"{SECOND_LINE}\n[2000](phone)\n")
    _change(folder / "contacts.xml", "  </contacts>", f"{SUPPLIER}  </contacts>")
    return folder


def _change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
