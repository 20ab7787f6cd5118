"""The new school year: 5A becomes 6A, who was in the last year leaves school, and all of it can be taken back."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.requests import Community
from domain.rosters import class_key

UNDO_LASTS = timedelta(days=7)
# The last year of school in Azerbaijan, Kazakhstan, Russia and Ukraine (where a twelfth comes in 2029).
LAST_GRADE = 11
# After these some schools end, while others go on, or have no older classes here yet: whoever begins the year says.
_MAY_END = frozenset({4, 9})
_MOST = 12
_FIRST_MONTH = 5  # from May on people mean the year that lies ahead
_NAME = re.compile(r"(\d{1,2})(?!\d)(.*)")


@dataclass(frozen=True, slots=True)
class SchoolClass:
    id: int
    school_id: int
    school: str
    name: str


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of a class; `after` None: it leaves school."""

    of_class: SchoolClass
    after: str | None


@dataclass(frozen=True, slots=True)
class Clash:
    """Two classes of a school would be called alike: nothing of that school is moved."""

    school: str
    names: tuple[str, ...]  # as they are called now


@dataclass(frozen=True, slots=True)
class Unclear:
    """A school whose highest classes may leave it, or go on."""

    school_id: int
    school: str
    grade: int


@dataclass(frozen=True, slots=True)
class Plan:
    moves: tuple[Move, ...]
    staying: tuple[SchoolClass, ...]  # whose names begin with no year
    clashes: tuple[Clash, ...]
    unclear: tuple[Unclear, ...] = ()  # to be asked before anything moves
    said: tuple[int, ...] = ()  # schools of which it was said

    @property
    def leaving(self) -> int:
        return sum(move.after is None for move in self.moves)


@dataclass(frozen=True, slots=True)
class SchoolYear:
    """A move that was made. `year`: in which it begins."""

    id: int
    community: Community
    year: int
    done_at: datetime
    undone: bool

    def may_be_undone(self, now: datetime) -> bool:
        return not self.undone and now - self.done_at < UNDO_LASTS


@dataclass(frozen=True, slots=True)
class Standing:
    """A class before a move is taken back. `back`: the name it would have again; None: it keeps what it has."""

    school_id: int
    name: str
    back: str | None

    @property
    def key(self) -> tuple[int, str]:
        return self.school_id, class_key(self.back or self.name)


def year_of(now: datetime, zone: str) -> int:
    """The year in which the school year begins that people mean now."""
    local = now.astimezone(ZoneInfo(zone))
    return local.year if local.month >= _FIRST_MONTH else local.year - 1


def ends_at(year: int, zone: str) -> datetime:
    """Until when the codes of this school year work: the end of its August."""
    return datetime(year + 1, 9, 1, tzinfo=ZoneInfo(zone)) - timedelta(seconds=1)


def grade_of(of_class: SchoolClass) -> int | None:
    """None: its name tells no year."""
    found = _NAME.fullmatch(of_class.name)
    return int(found[1]) if found is not None and int(found[1]) <= _MOST else None


def moved(of_class: SchoolClass, last: int = LAST_GRADE) -> Move | None:
    """None: its name tells no year. `last`: after which year it leaves school."""
    grade, found = grade_of(of_class), _NAME.fullmatch(of_class.name)
    if grade is None or found is None:
        return None
    return Move(of_class, None if grade >= last else f"{grade + 1:0{len(found[1])}d}{found[2]}")


def plan(classes: Iterable[SchoolClass], last_grades: Mapping[int, int]) -> Plan:
    """What becomes of each class, school by school. `last_grades`: after which year its classes leave a school, where
    somebody said so."""
    schools: dict[int, list[SchoolClass]] = {}
    for one in classes:
        schools.setdefault(one.school_id, []).append(one)
    moves: list[Move] = []
    staying: list[SchoolClass] = []
    clashes: list[Clash] = []
    highest = {school: max((grade_of(one) or 0 for one in own), default=0) for school, own in schools.items()}
    for school, own in schools.items():
        outcomes = [(one, moved(one, _last(highest[school], last_grades.get(school)))) for one in own]
        clash = _clash(outcomes)
        if clash is not None:
            clashes.append(clash)
            continue
        moves += [move for _, move in outcomes if move is not None]
        staying += [one for one, move in outcomes if move is None]
    may_end = [own[0] for school, own in schools.items() if highest[school] in _MAY_END]
    return Plan(
        tuple(moves),
        tuple(staying),
        tuple(clashes),
        tuple(
            Unclear(one.school_id, one.school, highest[one.school_id])
            for one in may_end
            if one.school_id not in last_grades
        ),
        tuple(one.school_id for one in may_end if one.school_id in last_grades),
    )


def _last(highest: int, said: int | None) -> int:
    """After which year a school's classes leave it; what was said before it had older classes is over."""
    return said if said is not None and said >= highest else LAST_GRADE


def _clash(outcomes: Sequence[tuple[SchoolClass, Move | None]]) -> Clash | None:
    keys = {one.id: class_key(one.name if move is None else move.after or "") for one, move in outcomes}
    counted = Counter(key for key in keys.values() if key)
    alike = [one for one, _ in outcomes if counted[keys[one.id]] > 1]
    return Clash(alike[0].school, tuple(one.name for one in alike)) if alike else None


def in_the_way(classes: Iterable[Standing]) -> list[str]:
    """The names, as they are now, of those because of whom a school would have two classes called alike again."""
    by_key: dict[tuple[int, str], list[Standing]] = {}
    for one in classes:
        by_key.setdefault(one.key, []).append(one)
    alike = [found for (_, key), found in by_key.items() if key and len(found) > 1 and any(one.back for one in found)]
    return [one.name for found in alike for one in [other for other in found if other.back is None] or found]
