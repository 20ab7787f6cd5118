"""Rosters: who is expected in which class, before anybody joins. Lines of a file become names; names fit each other
however they are spelt; what a file brings that is new is counted before anything is kept.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from anyascii import anyascii

from domain.communities import CommunityKind, called, community_name
from domain.messages import Refused, Text, text
from domain.names import apart
from domain.requests import Community
from domain.roles import Role
from domain.roster_files import Line

HAVE_CLASSES = frozenset({CommunityKind.NETWORK, CommunityKind.REGION, CommunityKind.DISTRICT, CommunityKind.SCHOOL})
USES = 150  # of a class's code: a class of 35, two parents each, its teachers, and some who begin anew
NAMES_LAST = timedelta(days=400)  # a school year, and the weeks around it
_CLASS_MOST = 20  # letters
_FAULTS_MOST = 1_000


class Column(StrEnum):
    SCHOOL = "school"
    CLASS = "class"
    SURNAME = "surname"
    NAME = "name"
    ROLE = "role"


_BY_ORDER = (Column.CLASS, Column.NAME, Column.ROLE, Column.SCHOOL)
# The first word of a heading, in five languages.
_HEADINGS = {
    Column.SCHOOL: "school məktəb məktəbin mektep мектеп школа",
    Column.CLASS: "class grade sinif sinfi сынып класс клас",
    Column.SURNAME: "surname last family soyad soyadı тегі фамилия прізвище",
    Column.NAME: "name names first full ad adı s.a.a. saa аты аты-жөні есімі т.а.ә. таә имя фио ф.и.о. ім'я піб п.і.б.",
    Column.ROLE: "role rol vəzifə рөлі рөл роль статус кто кім хто",
}
_WORDS = {
    Role.PUPIL: "pupil pupils student students child şagird şagirdlər ученик ученица ученики оқушы оқушылар учень"
    " учениця учні",
    Role.PARENT: "parent parents guardian mother father mum dad valideyn valideynlər ana ata родитель родители опекун"
    " мать отец мама папа ата-ана ата-анасы анасы әкесі әке мати мама батько тато батьки опікун",
    # Whoever leads the class is expected as a teacher: no file gives a right.
    Role.TEACHER: "teacher teachers class_teacher head_of_class müəllim müəllimə sinif_rəhbəri учитель учительница"
    " классный_руководитель мұғалім сынып_жетекшісі вчитель вчителька учителька класний_керівник",
}
_SAME_SHAPE = str.maketrans("АВЕКМНОРСТУХІ", "ABEKMHOPCTYXI")  # Cyrillic letters that look Latin


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody whom a class waits for. `school` is empty when the file is of one school."""

    school: str
    of_class: str
    role: Role
    called: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that can't be used, and why."""

    number: int
    why: Text


@dataclass(frozen=True, slots=True)
class Roster:
    """What a file says."""

    names: tuple[Expected, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What keeping a roster would change."""

    schools: tuple[str, ...]  # that are new
    classes: tuple[str, ...]
    names: Mapping[Role, int]
    doubles: int


# --- lines → names ----------------------------------------------------------------------------------------------------


def read(lines: Sequence[Line], of: Community) -> Roster:
    """The names of a file for a community of one school or of several. Raises Refused when no line can be used."""
    places, rest = _places(lines, of)
    names: list[Expected] = []
    faults: list[Fault] = []
    for line in rest:
        found = _expected({name: _cell(line, at) for name, at in places.items()}, of)
        if isinstance(found, Expected):
            names.append(found)
        else:
            faults.append(Fault(line.number, found))
    if not names:
        raise Refused(_unusable(faults))
    return Roster(tuple(names), tuple(faults[:_FAULTS_MOST]))


def _unusable(faults: Sequence[Fault]) -> Text:
    if not faults:
        return text("The file has headings, but no line below them. Please add a line for each person.")
    return text("I can't use any line of this file. %(fault)s", fault=described(faults[0]))


def described(fault: Fault) -> Text:
    return text("Line %(line)s: %(why)s", line=str(fault.number), why=fault.why)


def _places(lines: Sequence[Line], of: Community) -> tuple[dict[Column, int], Sequence[Line]]:
    """Which column is which, by its heading, else by order; and the lines that are names."""
    places: dict[Column, int] = {}
    for at, cell in enumerate(lines[0].cells):
        heading = _heading(cell)
        if heading is not None:
            places.setdefault(heading, at)
    # A class called "Name" is no heading, and “Sinif rəhbəri” says what somebody is; no class is called "Class".
    if len(places) < 2 and not any(_small(cell) in _HEADING_WORDS[Column.CLASS] for cell in lines[0].cells):
        return dict(zip(_BY_ORDER, range(len(_BY_ORDER)), strict=True)), lines
    if Column.NAME not in places and Column.SURNAME in places:  # "Surname and name"
        places[Column.NAME] = places.pop(Column.SURNAME)
    wanted = {Column.CLASS, Column.NAME} | (set() if of.kind == CommunityKind.SCHOOL else {Column.SCHOOL})
    if not wanted <= places.keys():
        raise Refused(
            text("I need these headings in the first line: class; name; role. For several schools also: school.")
        )
    return places, lines[1:]


def _heading(cell: str) -> Column | None:
    first = _FIRST_WORD.search(_small(cell))  # of “Soyadı, adı”, “Класс/группа”, “Ф.И.О. ученика”
    said = first[0].strip(".") if first else ""
    return next((name for name, words in _HEADING_WORDS.items() if said in words), None)


def _small(words: str) -> str:
    return unicodedata.normalize("NFC", words.replace("İ", "i")).casefold().replace("’", "'").strip(" .:*")


_FIRST_WORD = re.compile(r"[\w.'-]+")
_HEADING_WORDS = {name: {_small(word) for word in words.split()} for name, words in _HEADINGS.items()}
_ROLE_WORDS = {_small(word.replace("_", " ")): role for role, words in _WORDS.items() for word in words.split()}


def _cell(line: Line, at: int) -> str:
    return line.cells[at] if at < len(line.cells) else ""


def _expected(cells: Mapping[Column, str], of: Community) -> Expected | Text:
    """The line's person, or why there is none."""
    school = community_name(cells.get(Column.SCHOOL, "")) or ""
    of_class = community_name(cells[Column.CLASS]) or ""
    who = " ".join(one for one in (cells.get(Column.SURNAME, ""), cells[Column.NAME]) if one)
    if of.kind == CommunityKind.SCHOOL:
        if school and name_key(school) != name_key(of.name):
            return text("another school: %(name)s", name=school)
        school = ""
    elif not school:
        return text("the school is missing")
    if not class_key(of_class):
        return text("the class is missing")
    if len(of_class) > _CLASS_MOST:
        return text("the class has too long a name")
    return _named(school, of_class, who, cells.get(Column.ROLE, ""))


def _named(school: str, of_class: str, who: str, said: str) -> Expected | Text:
    if not who:
        return text("the name is missing")
    name, role = called(who), _role(said)
    if name is None or not any(letter.isalpha() for letter in name):
        return text("a name has 2 to 60 letters")
    if role is None:
        return text("pupil, parent or teacher? It says: %(word)s", word=said[:40])
    return Expected(school, of_class, role, name)


def _role(said: str) -> Role | None:
    """Who says nothing expects pupils."""
    return _ROLE_WORDS.get(_small(said)) if said else Role.PUPIL


# --- spellings --------------------------------------------------------------------------------------------------------


def class_key(name: str) -> str:
    """The same for every spelling of a class: 5A, 5 a, 5«А» with a Cyrillic А."""
    letters = [letter for letter in unicodedata.normalize("NFKC", name).upper() if letter.isalnum()]
    return "".join(letters).translate(_SAME_SHAPE)


def name_key(name: str) -> str:
    """The same for every spelling of a school's name."""
    return "".join(letter for letter in _small(unicodedata.normalize("NFKC", name)) if letter.isalnum())


def fold(name: str) -> str:
    """A person's name in plain small letters, its words in the order of the alphabet: Əliyeva Aysel, Aysel Aliyeva."""
    plain = re.sub(r"[^a-z0-9 ]+", "", anyascii(name.replace("-", " ")).lower())
    return " ".join(sorted(plain.split()))


def fitting(name: str, expected: Mapping[int, str]) -> int | None:
    """Whose name it is of those that are expected, by their numbers; None: nobody's, or two fit as well."""
    found = {number: letters for number, called in expected.items() if (letters := apart(name, called)) is not None}
    nearest = [number for number, letters in found.items() if letters == min(found.values())]
    return nearest[0] if len(nearest) == 1 else None


# --- what is new ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """What there is below a community: its schools (by name_key), their classes (by school and class_key), who is
    expected in each, and names that more than one school has."""

    schools: Mapping[str, int]
    classes: Mapping[tuple[int, str], int]
    names: Collection[tuple[int, str, str]]  # class, role, folded
    twins: Collection[str] = frozenset()


def preview(names: Iterable[Expected], known: Known) -> Preview:
    """Raises Refused when it can't be told which school is meant."""
    schools: dict[str, str] = {}
    classes: dict[tuple[str, str], str] = {}
    counted: Counter[Role] = Counter()
    seen: set[tuple[str, str, str, str]] = set()
    doubles = 0
    for one in names:
        key = (name_key(one.school), class_key(one.of_class), one.role.value, fold(one.called))
        if key[0] in known.twins:
            raise Refused(_two_schools(one.school))
        school_id = known.schools.get(key[0])
        class_id = known.classes.get((school_id, key[1])) if school_id is not None else None
        if key in seen or (class_id, key[2], key[3]) in known.names:
            doubles += 1
            continue
        seen.add(key)
        counted[one.role] += 1
        if school_id is None:
            schools.setdefault(key[0], one.school)
        if class_id is None:
            classes.setdefault(key[:2], one.of_class)
    return Preview(tuple(schools.values()), tuple(classes.values()), counted, doubles)


def _two_schools(name: str) -> Text:
    return text(
        "There is more than one school of this name here: %(name)s. Please send the list of each district alone.",
        name=name,
    )
