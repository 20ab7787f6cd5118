"""The new school year: 5A becomes 6A, who was in the last year leaves school, and all of it can be taken back."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.requests import Community
from domain.rosters import class_key

UNDO_LASTS = timedelta(days=7)
# The last year of school in Azerbaijan, Kazakhstan, Russia and Ukraine (where a twelfth comes in 2029).
_LAST_YEAR = 11
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
class Plan:
    moves: tuple[Move, ...]
    staying: tuple[SchoolClass, ...]  # whose names begin with no year
    clashes: tuple[Clash, ...]

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


def moved(of_class: SchoolClass) -> Move | None:
    """None: its name tells no year."""
    found = _NAME.fullmatch(of_class.name)
    if found is None or int(found[1]) > _MOST:
        return None
    year, rest = int(found[1]), found[2]
    return Move(of_class, None if year >= _LAST_YEAR else f"{year + 1:0{len(found[1])}d}{rest}")


def plan(classes: Iterable[SchoolClass]) -> Plan:
    """What becomes of each class, school by school."""
    schools: dict[int, list[SchoolClass]] = {}
    for one in classes:
        schools.setdefault(one.school_id, []).append(one)
    moves: list[Move] = []
    staying: list[SchoolClass] = []
    clashes: list[Clash] = []
    for own in schools.values():
        outcomes = [(one, moved(one)) for one in own]
        clash = _clash(outcomes)
        if clash is not None:
            clashes.append(clash)
            continue
        moves += [move for _, move in outcomes if move is not None]
        staying += [one for one, move in outcomes if move is None]
    return Plan(tuple(moves), tuple(staying), tuple(clashes))


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
