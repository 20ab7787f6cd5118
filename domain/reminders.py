"""When somebody is reminded: wall time, quiet hours, and what is too late."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

# So that even a long line of messages is through when the quiet hours begin.
MARGIN = timedelta(minutes=10)
# No quiet hours are longer: a look this far ahead finds everybody who must be reminded earlier.
FORESIGHT = timedelta(hours=24)
DIGEST_AT = 18  # the hour, wherever somebody lives


class Before(StrEnum):
    """How long before; the farthest first."""

    WEEK = "week"
    DAY = "day"
    HOUR = "hour"


def due_at(before: Before, starts_at: datetime, zone: str) -> datetime:
    """A week and a day before mean the same wall time, also across a change of the clocks; an hour is an hour."""
    if before is Before.HOUR:
        return starts_at - timedelta(hours=1)
    days = {Before.WEEK: 7, Before.DAY: 1}[before]
    local = starts_at.astimezone(ZoneInfo(zone))
    return (local - timedelta(days=days)).astimezone(UTC)


def ahead(starts_at: datetime, zone: str, now: datetime) -> frozenset[Before]:
    """Those whose time is still to come."""
    return frozenset(before for before in Before if due_at(before, starts_at, zone) > now)


def closer(before: Before) -> tuple[Before, ...]:
    """This reminder and those that come after it."""
    order = list(Before)
    return tuple(order[order.index(before) :])


def overtaken(due: Iterable[tuple[Before, datetime]], now: datetime) -> list[Before]:
    """Of what should have gone by now only the latest is worth sending: the others."""
    missed = sorted((at, before) for before, at in due if at <= now)
    return [before for _, before in missed[:-1]]


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A stretch of every day, in minutes after midnight of a zone; it may reach over midnight."""

    zone: str
    start: int
    end: int

    def holds(self, at: datetime) -> bool:
        return self._around(at) is not None

    def began(self, at: datetime) -> datetime:
        """When the quiet hours that hold this moment began."""
        return self._stretch(at)[0]

    def ends(self, at: datetime) -> datetime:
        """When the quiet hours that hold this moment end."""
        return self._stretch(at)[1]

    def earlier(self, due: datetime) -> datetime | None:
        """When a reminder must go so as to be there before the quiet hours; None when they don't hold it."""
        return self.began(due) - MARGIN if self.holds(due) else None

    def _stretch(self, at: datetime) -> tuple[datetime, datetime]:
        found = self._around(at)
        if found is None:
            raise ValueError("a moment outside the quiet hours")
        return found

    def _around(self, at: datetime) -> tuple[datetime, datetime] | None:
        today = at.astimezone(ZoneInfo(self.zone)).date()
        for day in (today - timedelta(days=1), today):
            start, end = self._on(day, self.start), self._on(day, self.end)
            if self.end < self.start:
                end = self._on(day + timedelta(days=1), self.end)
            if start <= at < end:
                return start, end
        return None

    def _on(self, day: date, minutes: int) -> datetime:
        local = datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=ZoneInfo(self.zone))
        return local.astimezone(UTC)


@lru_cache(maxsize=64)  # thousands are asked for at one moment, in a handful of zones
def next_digest(at: datetime, zone: str) -> datetime:
    """When the next evening's digest goes to somebody who lives by this zone."""
    local = at.astimezone(ZoneInfo(zone))
    evening = local.replace(hour=DIGEST_AT, minute=0, second=0, microsecond=0, fold=0)
    if evening <= local:
        day = local.date() + timedelta(days=1)
        evening = datetime(day.year, day.month, day.day, DIGEST_AT, tzinfo=ZoneInfo(zone))
    return evening.astimezone(UTC)


def quiet_hours(zone: str, start: int | None, end: int | None) -> QuietHours | None:
    return None if start is None or end is None or start == end else QuietHours(zone, start, end)


def is_quiet(hours: QuietHours | None, at: datetime) -> bool:
    return hours is not None and hours.holds(at)
