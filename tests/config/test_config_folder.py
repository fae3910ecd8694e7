"""A whole configuration folder."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import pytest

from harness.config.folder import KNOWN_FILES, read_folder
from harness.errors import InputError, Location

PHONES = "[general]\nfile_directory={directory}\n[bob]\ntype=phone\ncontact={contact}\nblf_contact_group=team\n"
CONTACTS = '<contacts group_name="team"><contact id="a" subscribe_to="2001"/></contacts>'


@pytest.fixture
def office(write):
    """A folder with one phone; its contacts lie where the test puts them."""

    def maker(directory: str = "", contact: str = "c.xml") -> None:
        write("res_digium_phone.conf", PHONES.format(directory=directory, contact=contact))

    return maker


def test_every_part_is_there_or_none(write, tmp_path: Path) -> None:
    """A folder needs but one of the known files."""
    write("extensions.conf", "[a]\n")
    config = read_folder(tmp_path)
    assert config.extensions is not None
    assert (config.digium_phone, config.pjsip, config.manager) == (None, None, None)
    assert config.path == tmp_path
    assert config.notes == []


def test_all_known_files_are_read(write, tmp_path: Path) -> None:
    """Also from a path in a string."""
    for name in KNOWN_FILES:
        write(name, "")
    config = read_folder(str(tmp_path))
    assert None not in (config.digium_phone, config.extensions, config.pjsip, config.manager)
    assert config.files == tuple(sorted(KNOWN_FILES))


def test_a_mistake_in_a_template_is_told_once(write, tmp_path: Path) -> None:
    """With the number of sections that have it from there; what is a section's own stays its own."""
    write("pjsip.conf", """\
        [handset](!)
        type=endpoint
        tranport=udp
        [login](!)
        type=auth
        auth_type=usrpass
        [1](handset)
        [2](handset)
        [3](handset)
        [4]
        type=endpoint
        auth=a
        [5]
        type=endpoint
        auth=b
        [a](login)
        [b](login)
        """)
    write("res_digium_phone.conf", """\
        [handset](!)
        type=phone
        application=awya
        contact=c.xml
        blf_contact_group=team
        blf_items=s.xml
        [bob](handset)
        [desk](handset)
        [alice]
        type=phone
        application=awya
        """)
    write("s.xml", '<config><smart_blf><blf_items><blf_item location="main" index="0" contact_id="x"/></blf_items>'
                   '</smart_blf></config>')  # fmt: skip
    assert [str(note) for note in read_folder(tmp_path).notes] == [
        "res_digium_phone.conf:3: phone bob (and 1 more that shares it) names application=awya, "
        "which no section defines",
        "res_digium_phone.conf:11: phone alice names application=awya, which no section defines",
        'pjsip.conf:3: unknown option tranport in type=endpoint; did you mean "transport"?',
        "pjsip.conf:7: Asterisk does not load [1] (and 2 more that share it) type=endpoint: "
        "unknown option tranport (pjsip.conf:3)",
        "pjsip.conf:16: Asterisk does not load [a] (and 1 more that shares it) type=auth: "
        "auth_type=usrpass is not known (pjsip.conf:6)",
        "pjsip.conf:12: endpoint 4 names auth=a (and 1 more that shares it), "
        "which Asterisk does not load (pjsip.conf:6)",
        "res_digium_phone.conf:4: phone bob (and 1 more that shares it) loads contact=c.xml, which is not there; "
        "looked for c.xml",
    ]


def test_a_wizard_alone_is_a_pjsip_configuration(write, tmp_path: Path) -> None:
    """pjsip.conf may be missing."""
    write("pjsip_wizard.conf", "[a]\ntype=wizard\naccepts_registrations=yes\n")
    config = read_folder(tmp_path)
    assert config.pjsip is not None
    assert list(config.pjsip.endpoints) == ["a"]


@pytest.mark.parametrize("name", ["none", "file", "none/none", "a\0b"])
def test_a_folder_that_is_not_there_is_one_clear_error(write, tmp_path: Path, name: str) -> None:
    """Neither is a file a folder."""
    write("file", "")
    with pytest.raises(InputError) as caught:
        read_folder(tmp_path / name)
    assert caught.value.exit_code == 2
    assert caught.value.where is not None
    assert name in caught.value.where.file


def test_an_empty_folder_names_what_was_looked_for(tmp_path: Path) -> None:
    """All five names."""
    with pytest.raises(InputError) as caught:
        read_folder(tmp_path)
    assert all(name in str(caught.value) for name in KNOWN_FILES)


def test_a_broken_file_is_an_error_with_its_path_and_line(write, tmp_path: Path) -> None:
    """The path is the one that was given."""
    path = write("manager.conf", "[general\n")
    with pytest.raises(InputError, match=r"manager\.conf:1: "):
        read_folder(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match="is a directory"):
        read_folder(tmp_path)


def test_a_file_that_may_not_be_read_is_an_error(write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the system's reason."""

    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    write("manager.conf", "")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match=r"manager\.conf cannot be read: Permission denied"):
        read_folder(tmp_path)


def test_notes_of_all_readers_are_gathered_once(write, tmp_path: Path) -> None:
    """Locations do not depend on where the folder lies."""
    write("extensions.conf", "[general]\nx=1\n#include more.conf\n")
    write("more.conf", "[general]\ny=1\n")
    write("manager.conf", "[general]\nz=1\n")
    where = [note.where for note in read_folder(tmp_path).notes]
    assert where == [Location("extensions.conf", 2), Location("more.conf", 2), Location("manager.conf", 2)]


def test_other_files_are_no_matter(write, tmp_path: Path) -> None:
    """Music and parking are configured elsewhere."""
    write("extensions.conf", "[a]\n")
    for name in ("musiconhold.conf", "res_parking.conf", "asterisk.conf"):
        write(name, "[[[ broken\n")
    assert read_folder(tmp_path).notes == []


def test_files_without_which_asterisk_goes_on(write, tmp_path: Path) -> None:
    """Are told where they cannot be read, and are as if they were not there."""
    write("extensions.conf", "[a]\n")
    for name in ("queues.conf", "voicemail.conf", "features.conf"):
        write(name, "[[[ broken\n")
    folder = read_folder(tmp_path)
    assert (folder.queues, folder.voicemail, folder.features) == (None, None, None)
    assert [str(note) for note in folder.notes] == [
        f"{tmp_path / name}.conf:1: Asterisk goes on without {name}.conf: [[[ broken has no closing ]"
        for name in ("queues", "voicemail", "features")
    ]


def test_files_that_could_define_phones_or_hints_are_told(write, tmp_path: Path) -> None:
    """One note each."""
    write("extensions.conf", "[a]\n")
    for name in ("extensions.ael", "extensions.lua", "sip.conf", "users.conf"):
        write(name, "anything")
    notes = read_folder(tmp_path).notes
    assert [(note.kind, note.where) for note in notes] == [
        ("not-read", Location(name)) for name in ("extensions.ael", "extensions.lua", "sip.conf", "users.conf")
    ]


def test_what_lies_in_a_database_is_told_by_file_and_section(write, tmp_path: Path) -> None:
    """extconfig.conf and sorcery.conf, one note for each mapping."""
    write("pjsip.conf", "")
    write("extconfig.conf", "[settings]\nps_endpoints => odbc,asterisk\n[other]\nx => y\n")
    write(
        "sorcery.conf",
        """\
        [res_pjsip]
        endpoint=config,pjsip.conf,criteria=type=endpoint
        endpoint/cache=memory_cache,maximum_objects=5
        auth=realtime,ps_auths
        aor=config,aors.conf,criteria=type=aor
        contact=astdb,registrar
        """,
    )
    notes = read_folder(tmp_path).notes
    assert [(note.kind, note.where) for note in notes] == [
        ("realtime", Location("extconfig.conf", 2)),
        ("realtime", Location("sorcery.conf", 4)),
        ("realtime", Location("sorcery.conf", 5)),
    ]
    assert "[res_pjsip] auth" in notes[1].text
    assert "aors.conf" in notes[2].text


# contacts


@pytest.mark.parametrize(
    ("directory", "contact", "lies"),
    [
        ("", "c.xml", "c.xml"),
        ("files", "c.xml", "files/c.xml"),
        ("/nowhere/on/this/machine/digium_phones", "c.xml", "digium_phones/c.xml"),
        ("/nowhere/on/this/machine/digium_phones", "c.xml", "c.xml"),
        ("/nowhere", "c.xml?user=bob", "c.xml"),
        ("", "/srv/nowhere/c.xml", "c.xml"),
    ],
)
def test_contacts_are_found(office, write, tmp_path: Path, directory: str, contact: str, lies: str) -> None:
    """Under file_directory, else beside the configuration: the server's own paths are seldom here."""
    office(directory, contact)
    write(lies, CONTACTS)
    config = read_folder(tmp_path)
    (book,) = config.phonebooks["bob"]
    assert [c.subscribe_to for c in book.contacts] == ["2001"]
    assert book.where == Location(lies)
    assert config.notes == []


def test_an_absolute_file_directory_is_used_where_it_is_there(office, write, tmp_path: Path) -> None:
    """It comes before the folder itself."""
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere"
    elsewhere.mkdir()
    (elsewhere / "c.xml").write_text(CONTACTS)
    office(str(elsewhere))
    write("c.xml", "<contacts/>")
    (book,) = read_folder(tmp_path).phonebooks["bob"]
    assert len(book.contacts) == 1


def test_missing_contacts_are_told_with_the_places(office, tmp_path: Path) -> None:
    """At the line that names the file."""
    office("/nowhere/digium")
    config = read_folder(tmp_path)
    assert config.phonebooks == {"bob": []}
    (note,) = config.notes
    assert (note.kind, note.where) == ("contacts", Location("res_digium_phone.conf", 5))
    assert "/nowhere/digium/c.xml, digium/c.xml, c.xml" in note.text


@pytest.mark.parametrize("text", ["<contacts>", "<other/>", '<!DOCTYPE a [<!ENTITY b "c">]><contacts>&b;</contacts>'])
def test_broken_contacts_are_told_and_not_loaded(office, write, tmp_path: Path, text: str) -> None:
    """As the phone would: no contacts, no error."""
    office()
    write("c.xml", text)
    config = read_folder(tmp_path)
    assert config.phonebooks == {"bob": []}
    (note,) = config.notes
    assert note.kind == "contacts"
    assert note.where is not None
    assert (note.where.file, note.where.line) == ("c.xml", 1)


def test_contacts_that_several_phones_load_are_read_once(write, tmp_path: Path) -> None:
    """One book, one note."""
    phone = "[{0}]\ntype=phone\ncontact=c.xml\ncontact=broken.xml\n"
    write("res_digium_phone.conf", phone.format("a") + phone.format("b"))
    write("c.xml", CONTACTS)
    write("broken.xml", "<")
    config = read_folder(tmp_path)
    assert config.phonebooks["a"][0] is config.phonebooks["b"][0]
    assert len(config.notes) == 1


def test_a_group_that_the_contacts_do_not_have_is_told(office, write, tmp_path: Path) -> None:
    """At the line of blf_contact_group."""
    office()
    write("c.xml", CONTACTS.replace("team", "crew"))
    (note,) = read_folder(tmp_path).notes
    assert (note.kind, note.where) == ("dangling", Location("res_digium_phone.conf", 6))


# checksum


def test_the_checksum_is_of_names_and_contents(office, write, tmp_path: Path) -> None:
    """Contacts count, the folder's own place does not, and neither do other files."""
    office()
    write("c.xml", CONTACTS)
    first = read_folder(tmp_path)
    assert first.files == ("c.xml", "res_digium_phone.conf")
    write("notes.txt", "x")
    assert read_folder(tmp_path).checksum == first.checksum
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in first.files:
        (copy / name).write_bytes((tmp_path / name).read_bytes())
    assert read_folder(copy).checksum == first.checksum
    write("c.xml", CONTACTS + " ")
    assert read_folder(tmp_path).checksum != first.checksum
    assert len(bytes.fromhex(first.checksum)) == hashlib.sha256().digest_size
