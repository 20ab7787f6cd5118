"""A6: what a file of classes and names says, however it was saved."""

import io
import time
import zipfile

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from domain.messages import Refused, Text
from domain.requests import Community
from domain.roles import Role
from domain.roster_files import LARGEST, MOST_LINES, read
from domain.rosters import Expected, Known, class_key, described, fitting, fold, preview
from domain.rosters import read as read_names

SCHOOL = Community(5, 1, "school", "Məktəb 12", "/1/5/", "az", "Asia/Baku", "az")
DISTRICT = Community(4, 1, "district", "Nəsimi", "/1/4/", "az", "Asia/Baku", "az")


def sheet(*rows: tuple[object, ...]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return made.getvalue()


def cells(content: bytes) -> list[tuple[str, ...]]:
    return [line.cells for line in read(content)]


def refusal(content: bytes) -> str:
    with pytest.raises(Refused) as no:
        read(content)
    assert isinstance(no.value.body, Text)
    return no.value.body.msgid


def names(*lines: str, of: Community = SCHOOL) -> list[Expected]:
    return list(read_names(read("\n".join(lines).encode()), of).names)


def faults(*lines: str, of: Community = SCHOOL) -> list[tuple[int, str]]:
    found = read_names(read("\n".join(lines).encode()), of).faults
    return [(one.number, one.why.msgid) for one in found]


# --- bytes → rows -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_each_delimiter_in_each_unicode(delimiter: str, encoding: str) -> None:
    words = "\r\n".join(delimiter.join(row) for row in [("5A", "Əliyeva Aysel"), ("5Б", "Қасым Әлия")])
    assert cells(words.encode(encoding)) == [("5A", "Əliyeva Aysel"), ("5Б", "Қасым Әлия")]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1251", "Пётр Сидоренко"),
        ("cp1251", "Ірина Ґалаґан"),
        ("cp1254", "Gülnar Ağayeva"),
        ("cp1254", "Işıl Şöhret Çınar"),
    ],
)
def test_cyrillic_and_turkish_code_pages_are_told_apart(encoding: str, name: str) -> None:
    rows = "\n".join(f"{number}А;{name};" if encoding == "cp1251" else f"{number}A;{name};" for number in range(1, 9))
    assert cells(rows.encode(encoding))[0][1] == name


def test_what_may_be_either_alphabet_is_not_guessed() -> None:
    mixed = "5;Иванова;\n5;Сидоров;\n".encode("cp1251") + "5;Çelik;\n5;Gülnar;\n".encode("cp1254")
    assert "which alphabet" in refusal(mixed)


def test_a_sheet_keeps_its_line_numbers_and_whole_numbers() -> None:
    found = read(sheet((), ("class", "name"), (5, "Aysel"), (), ("6A", "Murad")))
    assert [(line.number, line.cells) for line in found] == [
        (2, ("class", "name")),
        (3, ("5", "Aysel")),
        (5, ("6A", "Murad")),
    ]


def bomb(*, lies: bool) -> bytes:
    """2 KB for each 2 MB that it unpacks to; `lies`: by its own account it is small."""
    size, made = 64 * 1024 * 1024, io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(size))
    packed = made.getvalue()
    return packed.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little")) if lies else packed


def corner() -> bytes:
    """Two cells, the second in the last corner of a sheet: 17 billion places for whoever makes a table of it."""
    made, source = io.BytesIO(), zipfile.ZipFile(io.BytesIO(sheet(("5A", "Aysel"), ("5A", "Murad"))))
    with source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in source.infolist():
            content = source.read(part)
            if part.filename.endswith("sheet1.xml"):
                content = content.replace(b'r="B2"', b'r="XFD1048576"')
            archive.writestr(part.filename, content)
    return made.getvalue()


@pytest.mark.row("A6_bad_large")
@pytest.mark.parametrize(
    "content",
    [
        bomb(lies=False),
        bomb(lies=True),
        corner(),
        b"x;" * LARGEST,
        b"5A;Aysel\n" * (MOST_LINES + 2),
        sheet(*(("5A",) for _ in range(MOST_LINES + 2))),
    ],
    ids=["bomb", "bomb that lies", "far corner", "bytes", "lines", "rows"],
)
def test_what_is_too_large_is_refused_before_it_is_unpacked(content: bytes) -> None:
    began = time.process_time()
    assert "at most 2 MB and 20,000 lines" in refusal(content)
    assert time.process_time() - began < 2


@pytest.mark.row("A6_bad_formula")
@pytest.mark.parametrize("cell", ["=1+1", "+994501234567", "@SUM(A1)", "-2+3", "=cmd|' /C calc'!A0"])
def test_a_formula_is_refused(cell: str) -> None:
    assert "formula" in refusal(f"5A;Aysel;pupil\n5A;{cell};pupil".encode())
    assert "formula" in refusal(sheet(("5A", "Aysel"), ("5A", cell)))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "nothing in this file"),
        (b"\xef\xbb\xbf\r\n \r\n", "nothing in this file"),
        (sheet(), "nothing in this file"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "I can't read this file"),
        (b"PK\x03\x04 and no archive", "I can't read this file"),
        (b"\xd0\xcf\x11\xe0 an old table", "I can't read this file"),
        (sheet(("5A", "Aysel"))[:-400], "I can't read this file"),
        (b"5A|Aysel|pupil", "only one column"),
        (b"5A Aysel\n5A Murad", "only one column"),
    ],
)
def test_what_is_no_list_is_refused_in_one_sentence(content: bytes, why: str) -> None:
    assert why in refusal(content)


def test_a_panic_of_the_reader_is_no_end_of_the_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        """As pyo3 raises it."""

    def panics(_file: object) -> None:
        raise PanicException

    monkeypatch.setattr(CalamineWorkbook, "from_filelike", panics, raising=False)
    assert "I can't read this file" in refusal(sheet(("5A", "Aysel")))


def test_a_quote_that_nobody_closed_spoils_its_own_line_alone() -> None:
    assert cells(b'5A;"Aysel;pupil\n5A;Murad;pupil')[1] == ("5A", "Murad", "pupil")


def test_20_000_lines_are_read_in_a_moment() -> None:
    began = time.process_time()
    rows = (
        f"5A;Aysel {chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}va;şagird" for n in range(MOST_LINES)
    )
    found = read_names(read("\n".join(rows).encode()), SCHOOL)
    assert len(found.names) == MOST_LINES
    preview(found.names, Known({"": 5}, {}, set()))
    assert time.process_time() - began < 3


# --- rows → names -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading",
    [
        "sinif;soyad;ad;rol",
        "Class:;Surname;Name;Role",
        "КЛАСС;Фамилия;Имя;Роль",
        "сынып;тегі;аты;рөлі",
        "клас;прізвище;ім’я;роль",
    ],
)
def test_headings_in_five_languages(heading: str) -> None:
    assert names(heading, "5A;Əliyeva;Aysel;") == [Expected("", "5A", Role.PUPIL, "Əliyeva Aysel")]


@pytest.mark.parametrize(
    "heading",
    ["Grade;Full name;Status", "Sinif;Soyadı, adı;Rol", "Sinif/qrup;S.A.A.;Kim?", "Класс/группа;Ф.И.О. ученика;Роль",
     "Класс;Фамилия, имя, отчество;Статус", "Сынып;Аты-жөні;Рөлі", "Сынып:;Т.А.Ә.;Кім", "Клас;Прізвище, ім’я;Хто"],
)  # fmt: skip
def test_headings_as_schools_write_them(heading: str) -> None:
    assert names(heading, "5A;Əliyeva Aysel;") == [Expected("", "5A", Role.PUPIL, "Əliyeva Aysel")]


def test_a_line_of_headings_becomes_nobody() -> None:
    with pytest.raises(Refused) as no:
        names("Sinif;Kimdir", "5A;Əliyeva Aysel")
    assert isinstance(no.value.body, Text)
    assert no.value.body.msgid.startswith("I need these headings in the first line")


def test_columns_may_stand_in_any_order_and_without_headings_in_ours() -> None:
    assert names("Ad soyad;Sinif", "Aysel Əliyeva;5A") == [Expected("", "5A", Role.PUPIL, "Aysel Əliyeva")]
    assert names("5A;Murad;teacher") == [Expected("", "5A", Role.TEACHER, "Murad")]


@pytest.mark.parametrize(
    ("said", "role"),
    [
        ("Şagird", Role.PUPIL),
        ("ATA", Role.PARENT),
        ("мама", Role.PARENT),
        ("ата-ана", Role.PARENT),
        ("Sinif rəhbəri", Role.TEACHER),
        ("класний керівник", Role.TEACHER),
        ("MÜƏLLİM", Role.TEACHER),
        ("", Role.PUPIL),
    ],
)
def test_roles_as_people_write_them(said: str, role: Role) -> None:
    assert names(f"5A;Aysel;{said}")[0].role is role


@pytest.mark.row("A6_bad_line")
def test_each_bad_line_is_told_with_its_number_and_the_others_stand() -> None:
    assert faults(
        "5A;Aysel;pupil", ";Murad;pupil", "5A;;pupil", f"5A;{'x' * 200};pupil", "5A;Aysel;king", "5A;123;pupil",
        f"{'5' * 30};Aysel;pupil",
    ) == [
        (2, "the class is missing"),
        (3, "the name is missing"),
        (4, "a name has 2 to 60 letters"),
        (5, "pupil, parent or teacher? It says: %(word)s"),
        (6, "a name has 2 to 60 letters"),
        (7, "the class has too long a name"),
    ]  # fmt: skip


def test_a_districts_list_names_the_school_and_a_schools_list_no_other() -> None:
    assert names("5A;Aysel;pupil;Məktəb 12", of=DISTRICT)[0].school == "Məktəb 12"
    assert faults("5A;Aysel;pupil;Məktəb 12", "5A;Murad;pupil", of=DISTRICT) == [(2, "the school is missing")]
    heading = "class;name;school"
    assert faults(heading, "5A;Aysel;MƏKTƏB-12", "5A;Murad;Məktəb 7") == [(3, "another school: %(name)s")]


@pytest.mark.parametrize("lines", [("class;role", "5A;pupil"), ("class;name;role",), (";;;x",)])
def test_a_file_without_a_usable_line_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(Refused):
        names(*lines)


def test_a_fault_tells_its_line() -> None:
    found = read_names(read(b"5A;Aysel;\n5A;Bob;king"), SCHOOL).faults[0]
    assert described(found).params["line"] == "2"


# --- spellings --------------------------------------------------------------------------------------------------------


def test_one_class_in_all_its_spellings() -> None:
    assert {class_key(name) for name in ("5A", "5 A", "5а", "5«А»", "5-“A”", "５A")} == {"5A"}
    assert len({class_key(name) for name in ("5A", "5B", "5Б", "5Ə", "15A", "5")}) == 6


@pytest.mark.parametrize(
    ("typed", "listed"),
    [
        ("Aysel Əliyeva", "Əliyeva Aysel"),
        ("Айсель Алиева", "Əliyeva Aysel"),
        ("Aliyeva Aysel", "Алиева Айсель Руслановна"),
        ("Қасым Әлия", "Kasym Aliya"),
        ("Мурад Гасанов", "Həsənov Murad"),
        ("Hasanov Murad", "Həsənov Murad"),
        ("Гюльнар Джафарова", "Cəfərova Gülnar"),
        ("Şəbnəm Çələbi", "Шабнам Челеби"),
        ("Ірина Коваленко", "Ирина Коваленко"),
        ("Пётр Сидоров", "Петр Сидоров"),
    ],
)
def test_a_name_fits_across_alphabets(typed: str, listed: str) -> None:
    others = {1: "Murad Əliyev", 2: listed, 3: "Günel Quliyeva", 4: "Əliyeva Rəna"}
    assert fitting(typed, others) == 2


@pytest.mark.parametrize(
    ("typed", "listed"),
    [
        ("Əliyeva Rəna", ["Əliyeva Aysel"]),  # a sister, or her mother
        ("Aysel", ["Əliyeva Aysel"]),
        ("Aysel Əliyeva", ["Əliyeva Aysel", "Aysel Aliyeva"]),  # either
        ("Aysel Əliyeva", []),
    ],
)
def test_a_name_that_may_be_anothers_fits_nobody(typed: str, listed: list[str]) -> None:
    found = fitting(typed, dict(enumerate(listed)))
    assert found is None


def test_what_is_new_is_counted_once() -> None:
    said = names("5A;Aysel Əliyeva;", "5 а;Алиева Айсель;", "5A;Əliyeva Aysel;", "6A;Aysel Əliyeva;", "5A;Rəna;ana")
    known = Known({"": 5}, {(5, "5A"): 17}, {(17, "parent", fold("Rəna"))})
    found = preview(said, known)
    assert (found.schools, found.classes) == ((), ("6A",))
    assert found.doubles == 2
    assert found.names == {Role.PUPIL: 3}


def test_a_school_whose_name_two_have_is_not_guessed() -> None:
    said = names("5A;Aysel;;MƏKTƏB 12", of=DISTRICT)
    assert preview(said, Known({"məktəb12": 5}, {}, set())).schools == ()
    with pytest.raises(Refused):
        preview(said, Known({"məktəb12": 5}, {}, set(), {"məktəb12"}))
