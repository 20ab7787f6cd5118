"""Who is on duty when: a weekly pattern in the wall time of the hotline, single days of it swapped."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DAYS = 7
SWAPS_AHEAD = timedelta(days=14)  # a shift so far away can be offered

# The shifts of a day, from hour to hour, by the hours in which the hotline has somebody.
HOURS: Mapping[str, tuple[tuple[int, int], ...]] = {
    "0-24": ((0, 8), (8, 16), (16, 24)),
    "8-22": ((8, 15), (15, 22)),
    "8-20": ((8, 14), (14, 20)),
    "8-16": ((8, 16),),
}


class Post(StrEnum):
    WORKER = "worker"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A shift of the weekly pattern; day 0 is Monday."""

    day: int
    shift: int


@dataclass(frozen=True, slots=True)
class Pair:
    """The two who are on duty in a shift, where somebody is."""

    worker: int | None = None
    backup: int | None = None

    def at(self, post: Post) -> int | None:
        return self.worker if post is Post.WORKER else self.backup

    def with_one(self, post: Post, person_id: int | None) -> "Pair":
        return replace(self, worker=person_id) if post is Post.WORKER else replace(self, backup=person_id)


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift on one day."""

    on: date
    slot: Slot
    begins: datetime
    ends: datetime
    pair: Pair


@dataclass(frozen=True, slots=True)
class Swap:
    """A shift of one day that somebody offers, or that somebody else has taken."""

    id: int
    on: date
    shift: int
    post: Post
    giver: int
    taker: int | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """A weekly pattern. `swaps` are those that were taken."""

    hours: str
    zone: str
    pairs: Mapping[Slot, Pair]
    swaps: tuple[Swap, ...] = ()

    @property
    def slots(self) -> list[Slot]:
        return [Slot(day, shift) for day in range(DAYS) for shift in range(len(HOURS[self.hours]))]

    def pair(self, slot: Slot) -> Pair:
        return self.pairs.get(slot, Pair())

    def with_pair(self, slot: Slot, pair: Pair) -> "Roster":
        return replace(self, pairs={**self.pairs, slot: pair})

    def on(self, day: date) -> list[Shift]:
        """The shifts of one day, as they were swapped."""
        return [self._shift(day, Slot(day.weekday(), number)) for number in range(len(HOURS[self.hours]))]

    def at(self, now: datetime) -> Shift | None:
        """The shift that is on now; None outside the hours."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        return next((shift for shift in self.on(today) if shift.begins <= now < shift.ends), None)

    def next(self, now: datetime) -> Shift | None:
        """The first shift that begins after now."""
        return next((shift for shift in self.ahead(now) if shift.begins > now), None)

    def ahead(self, now: datetime, days: int = DAYS + 1) -> Iterator[Shift]:
        """The shifts that end after now, from today on, as many days as these."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        for number in range(days):
            yield from (shift for shift in self.on(today + timedelta(days=number)) if shift.ends > now)

    def _shift(self, day: date, slot: Slot) -> Shift:
        begins, ends = HOURS[self.hours][slot.shift]
        pair = self.pair(slot)
        for swap in self.swaps:
            if (swap.on, swap.shift) == (day, slot.shift) and pair.at(swap.post) == swap.giver:
                pair = pair.with_one(swap.post, swap.taker)
        return Shift(day, slot, _at(day, begins, self.zone), _at(day, ends, self.zone), pair)


def _at(day: date, hour: int, zone: str) -> datetime:
    """The moment when clocks on the wall show this hour; hour 24 is the next midnight."""
    midnight = datetime.combine(day + timedelta(days=hour // 24), time(hour % 24), ZoneInfo(zone))
    return midnight.astimezone(UTC)


# --- planning ---------------------------------------------------------------------------------------------------------


def empty(hours: str, zone: str) -> Roster:
    return Roster(hours, zone, {})


def monday_for_all(roster: Roster) -> Roster:
    """Every day as Monday is."""
    return replace(roster, pairs={slot: roster.pair(Slot(0, slot.shift)) for slot in roster.slots})


def by_turns(roster: Roster, people: Iterable[int]) -> Roster:
    """Everybody in turn, the next one as backup. Two people at least."""
    turn = list(people)
    if len(turn) < 2:
        return roster
    pairs = {
        slot: Pair(turn[number % len(turn)], turn[(number + 1) % len(turn)]) for number, slot in enumerate(roster.slots)
    }
    return replace(roster, pairs=pairs)


class Lack(StrEnum):
    """What is wrong with a shift."""

    NOBODY = "nobody"  # no worker
    BACKUP = "backup"  # no backup
    TWICE = "twice"  # one person is both
    UNABLE = "unable"  # somebody holds the role no more, or can't be reached


@dataclass(frozen=True, slots=True)
class Gap:
    slot: Slot
    lack: Lack
    person_id: int | None = None


def gaps(roster: Roster, able: Iterable[int]) -> list[Gap]:
    """Whatever keeps a plan from being published; `able`: who has the role and can be reached."""
    can = frozenset(able)
    return [gap for slot in roster.slots for gap in _gaps_of(slot, roster.pair(slot), can)]


def _gaps_of(slot: Slot, pair: Pair, able: frozenset[int]) -> Iterator[Gap]:
    if pair.worker is None:
        yield Gap(slot, Lack.NOBODY)
    if pair.backup is None:
        yield Gap(slot, Lack.BACKUP)
    elif pair.worker == pair.backup:
        yield Gap(slot, Lack.TWICE, pair.worker)
    for one in dict.fromkeys((pair.worker, pair.backup)):
        if one is not None and one not in able:
            yield Gap(slot, Lack.UNABLE, one)


def unmanned(roster: Roster, able: Iterable[int]) -> list[Slot]:
    """The shifts to which neither of the two can come."""
    can = frozenset(able)
    return [slot for slot in roster.slots if not can & {roster.pair(slot).worker, roster.pair(slot).backup}]
