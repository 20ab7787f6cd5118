"""Who takes part in the pilot of Baku: 54 schools, three classes in each, 15,000 pupils, parents and teachers."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.roles import Role

_SURNAMES = (
    "Əliyev Məmmədov Həsənov Hüseynov Quliyev İsmayılov Abbasov Cəfərov Rzayev Kərimov Mustafayev Nəbiyev Orucov"
    " Qasımov Rəhimov Süleymanov Tağıyev Vəliyev Yusifov Zeynalov"
).split()
_FIRST = (
    "Aysel Murad Leyla Rəşad Günel Elvin Nigar Orxan Sevinc Tural Ülviyyə Kamran Şəbnəm Fərid Zəhra İlqar Aygün Vüqar"
    " Könül Pərviz Çinarə Xəyal Ləman Emin Jalə"
).split()
# The first class of a school leaves it this year, the others move up.
_CLASSES = ("5A", "8B", "11A")
_TEACHERS = 3  # of a class
_ADDRESSES = 20_000_000


@dataclass(frozen=True, slots=True)
class Newcomer:
    address: str
    school: str
    of_class: str
    role: Role
    name: str


@dataclass(frozen=True, slots=True)
class Order:
    """How many schools of three classes, and how many people in all of them."""

    schools: int = 54
    persons: int = 15_000

    @property
    def classes(self) -> list[tuple[str, str]]:
        return [(f"Məktəb {1 + n}", of_class) for n in range(self.schools) for of_class in _CLASSES]

    def rounds(self) -> Iterator[list[Newcomer]]:
        """One newcomer of each class at a time, until everybody has come."""
        number = 0
        while number < self.persons:
            at_once = self.classes[: self.persons - number]
            yield [_newcomer(number + n, number // len(self.classes), *place) for n, place in enumerate(at_once)]
            number += len(at_once)


def _newcomer(number: int, place: int, school: str, of_class: str) -> Newcomer:
    """The first of a class are its teachers; then pupils and parents, one to two."""
    party = Role.PUPIL if place % 3 == 0 else Role.PARENT
    role = Role.TEACHER if place < _TEACHERS else party
    surname, first = _SURNAMES[place % len(_SURNAMES)], _FIRST[(place * 7 + place // len(_SURNAMES)) % len(_FIRST)]
    return Newcomer(str(_ADDRESSES + number), school, of_class, role, f"{surname} {first}")
