"""A configuration with many phones: everybody watches reception and a few colleagues."""

from __future__ import annotations

from pathlib import Path

COLLEAGUES = 5
MODELS = ("D40", "D50", "D60", "D65", "D70", "D80", "P310", "P320", "P325", "P330", "P370")
STATUSES = ("available", "chat", "away", "xa", "dnd")


def write_crowd(folder: Path, phones: int) -> Path:
    """Numbers from 1000 on; the first is reception, which all watch."""
    numbers = [str(1000 + place) for place in range(phones)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "extensions.conf").write_text(_extensions(numbers), "utf-8")
    (folder / "pjsip.conf").write_text(_pjsip(numbers), "utf-8")
    (folder / "res_digium_phone.conf").write_text(_phones(numbers), "utf-8")
    for place, number in enumerate(numbers):
        watched = [numbers[0]] + [numbers[(place + step) % phones] for step in range(1, COLLEAGUES + 1)]
        (folder / f"contacts-{number}.xml").write_text(_contacts(dict.fromkeys(watched)), "utf-8")
    return folder


def _extensions(numbers: list[str]) -> str:
    rows = (f"exten => {n},hint,PJSIP/{n},CustomPresence:{n}\nexten => {n},1,Dial(PJSIP/{n})" for n in numbers)
    return "[default]\n" + "\n".join(rows) + "\n"


def _pjsip(numbers: list[str]) -> str:
    head = "[phone](!)\ntype=endpoint\ncontext=default\ndisallow=all\nallow=ulaw\n"
    rows = (
        f"[{n}](phone)\nauth={n}\naors={n}\n[{n}]\ntype=auth\nauth_type=userpass\nusername={n}\npassword=word-{n}\n"
        f"[{n}]\ntype=aor\nmax_contacts=2\n"
        for n in numbers
    )
    return head + "\n".join(rows)


def _phones(numbers: list[str]) -> str:
    app = "type=application\napplication=status\n"
    statuses = "".join(f"[s-{s}]\n{app}status={s}\nsubstatus=Lunch\n" for s in STATUSES)
    firmwares = "".join(f"[f-{model}]\ntype=firmware\nmodel={model}\n" for model in MODELS)
    desk = "[desk](!)\ntype=phone\nblf_contact_group=Office\n" + "".join(f"application=s-{s}\n" for s in STATUSES)
    rows = (
        f"[p{n}](desk)\nfull_name=Person {n}\nfirmware=f-{MODELS[place % len(MODELS)]}\nline={n}\n"
        f"contact=contacts-{n}.xml\n[{n}]\ntype=line\nexten={n}\n"
        for place, n in enumerate(numbers)
    )
    return statuses + firmwares + desk + "".join(rows)


def _contacts(numbers: dict[str, None]) -> str:
    rows = "".join(
        f'<contact id="{n}" first_name="Person" last_name="{n}" account_id="{n}" subscribe_to="{n}"/>'
        for n in numbers
    )
    return f'<phonebooks><contacts group_name="Office" id="0">{rows}</contacts></phonebooks>'
